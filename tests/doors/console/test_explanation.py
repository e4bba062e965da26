"""Whatever a rule asks is told in words."""

import pytest
from django.utils import translation

from senim.detection.internal.correlate import Kind
from senim.detection.models import Alert
from senim.doors.console.explanation import reasons


def told(kind: str, language: str, **more: object) -> str:
    """What a rule of `kind` asks for, as a reader of `language` sees it."""
    asks = {"type": kind, "least": 200_000_001, "timespan_s": 86400, "fields": ["amount"], **more}
    because = {
        "rule": {"title": "Any", "file": "rules/any.yml:1"},
        "asks": asks,
        "found": 0,
        "window": {"from": "2026-11-22T12:00:00.000000Z", "until": "2026-11-22T12:00:00.000000Z"},
        "events": [],
        "built_on": [],
    }
    with translation.override(language):
        (reason,) = reasons(Alert(explanation={"because": because}))
        return reason.asks.replace("\u00a0", " ")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("kind", [kind.value for kind in Kind])
def test_every_kind_of_correlation_has_words(kind: str, language: str) -> None:
    assert told(kind, language)


def test_what_was_missing_is_told_with_how_long_it_was_waited_for() -> None:
    words = told("without", "en", wait_s=20)
    assert words.startswith("the first of these events, and none of the others in the 1 day")
    assert words.endswith("the others were waited for 20.0 s")


def test_a_sum_is_told_with_its_field_and_figure() -> None:
    assert told("value_sum", "en").startswith("values of amount that add up to at least 200000001 within 1 day")
