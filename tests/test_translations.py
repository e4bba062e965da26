"""Every text that a person sees is there in Kazakh and Russian: extracted from the code, held against catalogues."""

import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

import senim
from senim.site.cli import usage
from senim.site.cli.main import senim as root

SOURCE = Path(senim.__file__).parent
LANGUAGES = ("kk", "ru")
KEYWORDS = {**DEFAULT_KEYWORDS, "gettext_lazy": None, "ngettext_lazy": (1, 2), "pgettext_lazy": ((1, "c"), 2)}


def room_of(path: Path) -> Path:
    """The folder whose catalogue answers for a file: its room, or its door."""
    parts = path.relative_to(SOURCE).parts
    return SOURCE / Path(*parts[: 2 if parts[0] == "doors" and len(parts) > 2 else 1])


ROOMS = sorted({room_of(path) for path in SOURCE.glob("*/**/*.py")} - {SOURCE / "doors"})


def texts(room: Path) -> Iterator[tuple[Path, int, str | tuple[str, ...]]]:
    """Every text in the room's Python and templates: file, line, text (with its plural)."""
    for path in sorted(room.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from _found(path, path.read_bytes())
    for path in sorted(room.rglob("*.html")):
        # The builtins that our templates may use without loading them; templatize only looks at tags.
        yield from _found(path, templatize(path.read_text(encoding="utf-8"), origin=str(path)).encode())


def _found(path: Path, source: bytes) -> Iterator[tuple[Path, int, str | tuple[str, ...]]]:
    for line, text, _comments, _context in extract("python", io.BytesIO(source), keywords=KEYWORDS):
        yield path, line, text


@cache
def catalogue(room: Path, language: str) -> Catalog:
    path = room / "locale" / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def is_translated(message: Message | None) -> bool:
    if message is None or message.fuzzy:
        return False
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(SOURCE)))
def test_every_text_is_translated(room: Path, language: str) -> None:
    known = catalogue(room, language)
    missing = {}
    for path, line, text in texts(room):
        first = text[0] if isinstance(text, tuple) else text
        if first and not is_translated(known.get(first)):
            missing.setdefault(first, f"{path.relative_to(SOURCE)}:{line}")
    assert not missing, "\n".join(f"{place}: {text!r}" for text, place in missing.items())


_FOR_PROGRAMMERS = {
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}",
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}",
    "Value must be an iterable.",
    "Name '{name}' defined twice",
    "Boolean option {decl!r} cannot use the same flag for true/false.",
    "Could not determine name for option with declarations {decls!r}",
    (
        "No options defined but a name was passed ({name}). Did you mean to declare an argument instead?"
        " Did you mean to pass '--{name}'?"
    ),
    "Arguments take exactly one parameter declaration, got {length}: {decls}.",
    "Invalid start character for option ({option})",
}
_ENDED_BY_US = {"Error: {message}", "Aborted!"}
"""What click says where it ends a program itself; `site.cli.ending` ends ours."""
_NOT_USED = {
    "deprecated",
    "(dynamic)",
    "Do you want to continue?",
    "Confirm the action without prompting.",
    "{len_type} values are required, but {len_value} was given.",
}


def texts_of_click() -> Iterator[str]:
    """What click can say of our commands: an update of it that says something new fails here."""
    for name in ("core", "decorators", "exceptions", "formatting", "parser", "types"):
        source = (Path(click.__file__).parent / f"{name}.py").read_bytes()
        for _line, text, _comments, _context in extract("python", io.BytesIO(source), keywords=KEYWORDS):
            first = text[0] if isinstance(text, tuple) else text
            if first not in _FOR_PROGRAMMERS | _ENDED_BY_US | _NOT_USED:
                yield first


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_a_command_is_used_is_translated(language: str) -> None:
    known = catalogue(SOURCE / "site", language)
    asked = {*usage.texts(root), *texts_of_click()}
    assert len(asked) > 100
    assert [text for text in sorted(asked) if not is_translated(known.get(text))] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(SOURCE)))
def test_translations_keep_their_placeholders(room: Path, language: str) -> None:
    wrong = [error for message in catalogue(room, language) for error in message.check(catalogue(room, language))]
    assert not wrong, wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_text_has_one_translation(language: str) -> None:
    """Catalogues are laid over each other: where two rooms translate one text, one of them is never seen."""
    known: dict[object, dict[object, list[str]]] = {}
    for room in ROOMS:
        for message in catalogue(room, language):
            if message.id:
                spelled = known.setdefault(message.id, {})
                spelled.setdefault(message.string, []).append(str(room.relative_to(SOURCE)))
    assert {text: spelled for text, spelled in known.items() if len(spelled) > 1} == {}


def test_the_words_of_the_law_are_spelled_as_the_law_spells_them() -> None:
    """«Құпиясөз» is one word in Resolution 59."""
    split = [path for path in SOURCE.rglob("*") if path.suffix in {".po", ".toml"} and "ұпия сөз" in path.read_text()]
    assert split == []


@pytest.mark.parametrize(("language", "colloquial"), [("kk", "реттеуші"), ("ru", "регулятор")])
def test_the_authorised_body_is_called_as_the_law_calls_it(language: str, colloquial: str) -> None:
    called = [message.string for room in ROOMS for message in catalogue(room, language) if message.id]
    texts = [text for each in called for text in (each if isinstance(each, tuple) else (each,))]
    assert [text for text in texts if colloquial in text.lower()] == []


def test_the_extraction_sees_python_and_templates() -> None:
    """A control: an extraction that finds nothing would find nothing missing."""
    console = SOURCE / "doors" / "console"
    found = {path.suffix for path, _line, _text in texts(console)}
    assert found == {".py", ".html"}
