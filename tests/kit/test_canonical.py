"""One value, one spelling."""

import pytest
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
