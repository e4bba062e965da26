"""What msgspec finds wrong is told in three languages, each kind of it."""

from enum import StrEnum
from typing import Annotated

import msgspec
import pytest
from django.utils import translation

from senim.kit.misfit import in_words


class Colour(StrEnum):
    """Two of them."""

    RED = "red"
    BLUE = "blue"


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """A part."""

    port: Annotated[int, msgspec.Meta(ge=1)] = 1
    colour: Colour = Colour.RED


class Whole(msgspec.Struct):
    """What has a part."""

    part: Part


KINDS = [
    ({"part": {"prot": 1}}, "the word prot is unknown (at $.part)", "белгісіз"),
    ({}, "the word part is missing", "жоқ"),
    ({"part": {"port": "1"}}, "int is expected, str is given (at $.part.port)", "күтілетіні"),
    ({"part": {"port": 0}}, "int >= 1 is expected (at $.part.port)", "күтілетіні"),
    ({"part": {"colour": "green"}}, "the value 'green' is unknown (at $.part.colour)", "белгісіз"),
]


@pytest.mark.parametrize(("document", "english", "kazakh"), KINDS)
def test_each_kind_of_misfit_has_its_words(document: object, english: str, kazakh: str) -> None:
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.convert(document, Whole)
    told = in_words(error.value)
    with translation.override("en"):
        assert str(told) == english
    with translation.override("kk"):
        assert kazakh in str(told)


def test_a_kind_that_we_never_met_is_told_as_it_came() -> None:
    assert str(in_words(msgspec.ValidationError("Out of tune"))) == "Out of tune"
