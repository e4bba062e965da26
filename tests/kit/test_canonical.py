"""One value, one spelling."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from senim.kit import canonical

_SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text()
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(_VALUES)
def test_what_is_written_is_read_back(value: object) -> None:
    assert canonical.loads(canonical.dumps(value)) == value


@pytest.mark.parametrize("text", [b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1.0}', b"[1,2,]", b"nonsense"])
def test_another_spelling_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"canonical form|Expecting|Illegal"):
        canonical.loads(text)


@pytest.mark.parametrize("value", [{1, 2}, 2**60, float("nan"), object()])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="canonical"):
        canonical.dumps(value)


_ODD = st.text("\x00\x1f\x7f'\\/\u2028\ud7ff\ue000\uffff😀\x22")
_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
_ANY = st.recursive(
    _SCALARS | _NUMBERS | _ODD,
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text() | _ODD, inner),
    max_leaves=20,
)


@given(_ANY)
def test_the_fast_writer_writes_what_the_reference_writes(value: object) -> None:
    assert canonical.dumps(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [{1: 2}, {"a": b"x"}, [2**53], {"a": {"b": {1}}}, ["\ud800"], {"\ud800": 1}])
def test_what_the_reference_refuses_deep_inside_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="canonical"):
        canonical.dumps({"within": [value]})


def test_what_holds_itself_ends() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(RecursionError):
        canonical.dumps(endless)
