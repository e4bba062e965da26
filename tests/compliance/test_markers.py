"""Claims are read from the source as pytest would see them."""

from collections.abc import Callable

import pytest

from senim.compliance.markers import UnreadableMarker, marked_tests
from senim.compliance.tree import Tree

CLASS = """
import pytest
pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81")]

@pytest.mark.clause("R228/79", "R228/80(1)")
class TestFiling:
    def test_in_time(self): ...

    @pytest.mark.refusal
    async def test_too_late(self): ...

@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.clause("R228/80(2)"))])
def test_table(x): ...

def helper(): ...
"""


def test_module_class_function_and_parameter_marks_add_up(make_tree: Callable[..., Tree]) -> None:
    tests = {t.id: t for t in marked_tests(make_tree(**{"tests/test_x.py": CLASS}))}
    in_time = tests["tests/test_x.py::TestFiling::test_in_time"]
    too_late = tests["tests/test_x.py::TestFiling::test_too_late"]
    table = tests["tests/test_x.py::test_table"]
    assert in_time.clauses == too_late.clauses == {"R228/79", "R228/80(1)", "R228/81"}
    assert (in_time.refusal, too_late.refusal) == (False, True)
    assert table.clauses == {"R228/81", "R228/80(2)"}
    assert "tests/test_x.py::helper" not in tests


def test_the_shelf_says_whether_a_test_goes_through_a_door(make_tree: Callable[..., Tree]) -> None:
    text = 'import pytest\n@pytest.mark.clause("R228/79")\ndef test_x(): ...\n'
    shelves = ("tests/functional/test_a.py", "tests/conformance/test_b.py", "tests/room/test_c.py")
    tests = {t.id.split("::")[0]: t.through_a_door for t in marked_tests(make_tree(**dict.fromkeys(shelves, text)))}
    assert [tests[shelf] for shelf in shelves] == [True, True, False]


@pytest.mark.parametrize("argument", ["NUMBER", 'f"R228/{79}"', "79", 'id="R228/79", *more'])
def test_a_claim_that_cannot_be_read_is_refused(make_tree: Callable[..., Tree], argument: str) -> None:
    text = f"import pytest\n@pytest.mark.clause({argument})\ndef test_x(): ...\n"
    with pytest.raises(UnreadableMarker, match=r"tests/test_x\.py:2"):
        marked_tests(make_tree(**{"tests/test_x.py": text}))
