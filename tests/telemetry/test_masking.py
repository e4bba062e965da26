"""Numbers that name a person or an account never get past the collector."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senim.kit.identification_number import is_valid
from senim.telemetry.flaws import in_words
from senim.telemetry.frames import Line, flaws
from senim.telemetry.internal.files import LogSource
from senim.telemetry.internal.masking import without_numbers
from senim.telemetry.parsers import numbers
from senim.telemetry.settings import FileSource
from tests.telemetry.payments import record

IBAN, SPACED = "KZ86125KZT5004100100", "KZ86 125K ZT50 0410 0100"
IIN, CARD = "000140000002", "4111111111111111"


@pytest.mark.parametrize("number", [IBAN, IBAN.lower(), SPACED, IIN, CARD])
@pytest.mark.parametrize("form", ['{{"to":"{}"}}', '{{"to":{}}}', "paid to {}.", "{}"])
def test_each_such_number_is_masked_but_for_its_end(number: str, form: str) -> None:
    ((masked, flaw),) = without_numbers([(form.format(number).encode(), "")])
    assert masked.decode() == form.format("*" * (len(number) - 2) + number[-2:])
    assert flaws(Line(1, 0.0, masked, flaw)) == {"masked": 1}


@pytest.mark.parametrize(
    "text",
    [
        '"amount":000140000002',
        '"amount" : 4111111111111111',
        "000140000003",
        "4111111111111112",
        "rf-000140000002x",
        f"x{IBAN}",
        "00014000000",
        "KZ86125KZT500410010",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert without_numbers([(text.encode(), "truncated:5")]) == [(text.encode(), "truncated:5")]


def test_what_was_wrong_before_is_named_beside_it() -> None:
    assert without_numbers([(f"{IIN} {IBAN}".encode(), "binary")])[0][1] == "binary,masked:2"


def test_the_flaw_has_words_for_people() -> None:
    assert in_words("masked") != "masked"


@pytest.mark.parametrize(("kind", "is_masked"), [("payments", True), ("sshd", False)])
def test_the_collector_masks_before_anything_is_sent(tmp_path: Path, kind: str, is_masked: bool) -> None:
    log = tmp_path / "journal.jsonl"
    log.write_text(record("executed", recipient=IBAN) + "\n")
    source = LogSource(FileSource(name="pay", kind="file", path=str(log), reads=kind, host="h", zone="UTC"))
    source.begin(None, first=True)
    ((data, flaw),) = asyncio.run(source.read()).lines
    assert (IBAN.encode() in data, flaw) == (not is_masked, "masked:1" if is_masked else "")


@given(st.text(alphabet='0123456789 kzKZ",:a', max_size=60))
def test_no_such_number_is_left(text: str) -> None:
    masked, _ = numbers.masked(text.encode())
    assert numbers.masked(masked) == (masked, 0)
    words = "".join(c if c.isalnum() else " " for c in masked.decode().replace('"amount":', "")).split()
    assert '"amount"' in text or not any(is_valid(word) for word in words)
