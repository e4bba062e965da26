"""Every command of the tree, in every situation that stops it: the same codes, one line, JSON where it is wished."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from json import loads
from pathlib import Path
from uuid import UUID

import click
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from senim.kit.crypto import cms, keys
from senim.kit.files import write_private
from senim.kit.instance import Instance, Profile
from senim.site.cli.ending import Exit
from senim.site.cli.main import senim as root
from senim.site.embedded import place
from senim.site.founding import found
from tests.kit.certificates import Identity
from tests.site.terminal import Ended, senim

Ending = tuple[Exit, str]
"""Exit code and the code of the error; "" where there is none."""
DONE: Ending = (Exit.DONE, "")
NO_INSTANCE: Ending = (Exit.USAGE, "settings:no-instance")
OPEN_SECRETS: Ending = (Exit.USAGE, "files:exposed")
DATABASE_AWAY: Ending = (Exit.COULD_NOT, "database:away")
NOBODY_YET: Ending = (Exit.COULD_NOT, "identity:nobody-yet")
SITUATIONS = ("no instance", "stopped house", "open secrets")


@dataclass(frozen=True)
class Case:
    """One command and how it ends: without an instance, in a stopped house, where its secrets lie open."""

    arguments: str = ""
    stopped: Ending = DATABASE_AWAY
    nowhere: Ending = NO_INSTANCE
    exposed: Ending = OPEN_SECRETS
    environment: dict[str, str] = field(default_factory=dict)

    def ends(self, situation: str) -> Ending:
        return dict(zip(SITUATIONS, (self.nowhere, self.stopped, self.exposed), strict=True))[situation]


def _everywhere(ending: Ending, arguments: str) -> Case:
    """A command that asks nothing of an instance."""
    return Case(arguments, ending, ending, ending)


ONE = UUID(int=1)
CASES: dict[str, Case] = {
    "accounts add": Case("dana --name Dana --role analyst"),
    "accounts reset": Case("dana --reason lost"),
    "accounts list": Case(),
    "accounts disable": Case("dana --reason left"),
    "accounts enable": Case("dana --reason back"),
    "accounts role": Case("dana auditor --reason moved"),
    # Certificates are read where they lie; no database is asked.
    "asoi key": Case(stopped=DONE, exposed=DONE),
    "asoi messages": Case(),
    "asoi request": Case(
        "--out {folder}/token.csr", stopped=(Exit.WRONG, "asoi:no-token"), exposed=(Exit.WRONG, "asoi:no-token")
    ),
    "asoi carried": Case(f"{ONE} --way courier"),
    "asoi files": Case(),
    "asoi export": Case(f"{ONE} --out {{folder}}/exported.p7m"),
    "asoi import": Case("{envelope} --wait 0.1"),
    "asoi open": Case("{envelope}"),
    "asoi verify": Case("{envelope} {envelope}"),
    "asoi proof": Case(f"{ONE} --out {{folder}}/proof.zip"),
    "audit verify": Case(),
    "audit checkpoint": Case("--out {folder}/checkpoint"),
    "audit rows": Case(),
    "audit prove": Case(str(ONE)),
    "audit prove-growth": Case("{proof}"),
    # Asks the log's public key and nothing else.
    "audit check-proof": Case(
        "{proof}", stopped=(Exit.WRONG, "audit:proof:refused"), exposed=(Exit.WRONG, "audit:proof:refused")
    ),
    "bench start": _everywhere((Exit.COULD_NOT, "exercises:not-measured"), "--checkout {folder}"),
    "bench pipeline": _everywhere((Exit.USAGE, "command:bad-value"), "--checkout {folder}/nowhere"),
    "bench annual-report": _everywhere((Exit.USAGE, "command:bad-value"), "--checkout {folder}/nowhere"),
    "bench asoi": _everywhere((Exit.USAGE, "command:bad-value"), "--checkout {folder}/nowhere"),
    "bench chaos": _everywhere((Exit.USAGE, "command:bad-value"), "--checkout {folder}/nowhere"),
    "bench history": _everywhere((Exit.DONE, ""), "--lines 1000"),
    "clauses": _everywhere((Exit.USAGE, "clauses:no-source-tree"), "--tree {folder}"),
    "coverage": Case(),
    "demo accounts": Case(stopped=NOBODY_YET),
    "demo code": Case("head", stopped=NOBODY_YET),
    # Its answer says what is wrong; without a house that is much.
    "doctor": Case(stopped=(Exit.WRONG, "")),
    "drill": Case("--kind 2", stopped=NOBODY_YET),
    "events gaps": Case(),
    "events search": Case(stopped=(Exit.COULD_NOT, "history:absent")),
    "feed policy": Case(stopped=DONE, exposed=DONE),
    "incidents list": Case(),
    "incidents promptness": Case(),
    "incidents show": Case("2026-000001"),
    "oncall": Case(),
    "proof incident": Case("2026-000001 --out {folder}/incident.zip"),
    "proof verify": Case("{envelope}", stopped=(Exit.WRONG, ""), exposed=(Exit.WRONG, "")),
    "annual-report": Case("2025"),
    "registers export": Case("documents"),
    "registers import": Case("documents {proof} --reason adopted"),
    "registers show": Case(),
    "rules": Case(stopped=DONE, exposed=DONE),
    "run": Case("sealer"),
    "services": Case(),
    "sources": Case(),
    "up": Case(
        stopped=(Exit.COULD_NOT, "site:will-not-start"),
        exposed=(Exit.USAGE, "site:unfit"),
        environment={"SENIM_DATABASE_URL": "postgresql://boss:s3cret@127.0.0.1:{closed_port}/senim"},
    ),
    # These change what the others find: last.
    "demo enrol": Case(),
    "forget": Case(stopped=DONE, exposed=DONE),
    "init": Case("--profile demonstration --any-ports", stopped=DONE, nowhere=DONE),
}


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Name and command of every leaf of the tree, the hidden ones among them."""

    def walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
        if isinstance(command, click.Group):
            for name, below in command.commands.items():
                yield from walk(below, (*path, name))
        else:
            yield " ".join(path), command

    yield from walk(root, ())


COMMANDS = dict(every_command())
REPORTING = {name for name, command in COMMANDS.items() if not command.hidden}


def test_the_table_names_every_command_and_no_other() -> None:
    assert CASES.keys() == COMMANDS.keys()


def test_every_command_that_reports_does_so_as_json_too() -> None:
    spoken = {name for name, command in COMMANDS.items() if any("--json" in each.opts for each in command.params)}
    assert spoken == REPORTING


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """A folder for each situation."""
    folder = tmp_path_factory.mktemp("homes")
    made = {situation: folder / situation.replace(" ", "-") for situation in SITUATIONS}
    for situation in ("stopped house", "open secrets"):
        found(made[situation], Profile.DEMONSTRATION, usual_ports=False)
    for path in (made["open secrets"] / "secrets").glob("*.toml"):
        path.chmod(0o644)
    yield made
    for home in made.values():
        place.forget(Instance.load(home))


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """What stands in braces in the table: files that read as what they are, a folder, a port where nobody listens."""
    folder = tmp_path_factory.mktemp("words")
    key = keys.new_rsa()
    assert isinstance(key, rsa.RSAPrivateKey)
    (folder / "envelope.p7m").write_bytes(cms.encrypt(b"told", Identity(key, "encryption").certificate))
    (folder / "proof.json").write_text('{"kind":"inclusion","row":{},"index":0,"hashes":[],"checkpoint":"x"}')
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield {
            "folder": folder,
            "envelope": folder / "envelope.p7m",
            "proof": folder / "proof.json",
            "closed_port": taken.getsockname()[1],
        }


@pytest.fixture(scope="module")
def ended(homes: dict[str, Path], words: dict[str, object]) -> dict[tuple[str, str], Ended]:
    """How every command ended in every situation, asked in Kazakh and for JSON where it has it."""
    asked, commands = [], []
    for situation, home in homes.items():
        for name, case in CASES.items():
            arguments = [*name.split(), *case.arguments.format(**words).split()]
            more = {word: value.format(**words) for word, value in case.environment.items()}
            wish = ["--json"] if name in REPORTING else []
            asked.append((name, situation))
            commands.append(([*arguments, *wish], {"SENIM_HOME": str(home), "LANGUAGE": "kk", **more}))
    return dict(zip(asked, senim(*commands), strict=True))


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("name", CASES)
def test_it_ends_as_the_table_says(ended: dict[tuple[str, str], Ended], name: str, situation: str) -> None:
    command = ended[name, situation]
    code, error = CASES[name].ends(situation)
    assert command.code == code, command
    assert "Traceback" not in command.err
    if name in REPORTING:
        assert command.error.get("code", "") == error


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("name", CASES)
def test_a_failure_is_one_line_in_the_terminals_language(
    ended: dict[tuple[str, str], Ended], name: str, situation: str
) -> None:
    command = ended[name, situation]
    if CASES[name].ends(situation)[1] == "":
        return  # an answer, and no failure
    told = [line for line in command.err.splitlines() if line.startswith("senim: ")]
    assert len(told) == 1
    assert re.search("[а-яәғқңөұүһі]", told[0]), told
    assert "s3cret" not in command.err + command.out
    if name in REPORTING:
        error = command.error
        assert list(error)[:4] == ["code", "title", "detail", "remedy"]
        assert error["title"] in told[0]
        assert bool(error["remedy"]) or error["detail"]


def test_a_failure_without_json_leaves_standard_output_empty(homes: dict[str, Path]) -> None:
    home = str(homes["no instance"] / "nowhere")
    told, plain = senim((["audit", "rows", "--json"], {"SENIM_HOME": home}), (["audit", "rows"], {"SENIM_HOME": home}))
    assert (told.code, plain.code) == (Exit.USAGE, Exit.USAGE)
    assert told.err == plain.err
    assert told.error["code"] == "settings:no-instance"
    assert plain.out == ""


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("nothing-like-it --json", "command:unknown"),
        ("audit rows --nothing-like-it --json", "command:unknown"),
        ("asoi proof --json", "command:missing"),
        ("audit rows --limit ten --json", "command:bad-value"),
        ("asoi open /nowhere/at/all --json", "command:bad-value"),
        ("accounts list superfluous --json", "command:usage"),
        ("accounts disable \udcff --reason left --json", "command:no-text"),
    ],
)
def test_a_command_line_that_nobody_understands_is_usage(line: str, code: str) -> None:
    (ended,) = senim((line.split(), {}))
    assert ended.code == Exit.USAGE
    assert ended.error["code"] == code
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("drill --json", "command:usage"),
        ("drill --all --benign --json", "command:usage"),
        ("drill --all --only nothing-like-it --json", "command:usage"),
        ("asoi verify {large} --json", "command:bad-value"),
    ],
)
def test_what_a_command_itself_refuses_is_usage(homes: dict[str, Path], tmp_path: Path, line: str, code: str) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(16 * 1024 * 1024 + 1)
    environment = {"SENIM_HOME": str(homes["stopped house"]), "LANGUAGE": "kk"}
    (ended,) = senim((line.format(large=large).split(), environment))
    assert (ended.code, ended.error["code"]) == (Exit.USAGE, code), ended.err
    (told,) = ended.err.splitlines()
    assert re.search("[әғқңөұүһі]", told)


def test_a_console_that_does_not_answer_is_no_exercise(homes: dict[str, Path], tmp_path: Path) -> None:
    password = tmp_path / "password"
    write_private(password, b"a password")
    assert _played(homes["stopped house"], password) == (Exit.COULD_NOT, "console:away")


def test_a_password_that_others_may_read_is_not_used(homes: dict[str, Path], tmp_path: Path) -> None:
    password = tmp_path / "password"
    write_private(password, b"a password")
    password.chmod(0o604)
    assert _played(homes["stopped house"], password) == OPEN_SECRETS


def _played(home: Path, password: Path) -> Ending:
    """How an exercise ends for somebody who types a code."""
    command = [sys.executable, "-m", "senim.site.cli", "drill", "--kind", "2", "--user", "administrator", "--json"]
    environment = {**os.environ, "SENIM_HOME": str(home)}
    environment.pop("SENIM_PROCESS", None)
    done = subprocess.run(
        [*command, "--password-file", str(password)],
        input="000000\n",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return Exit(done.returncode), loads(done.stdout)["error"]["code"]


@pytest.mark.parametrize("line", ["", "accounts"])
def test_a_group_alone_shows_what_there_is(line: str) -> None:
    (ended,) = senim((line.split(), {}))
    assert (ended.code, ended.out) == (Exit.USAGE, "")
    assert "Commands:" in ended.err


def test_help_is_no_failure() -> None:
    for ended in senim((["--help"], {}), (["audit", "rows", "--help"], {}), (["--version"], {})):
        assert (ended.code, ended.err) == (Exit.DONE, "")


def numbers() -> Iterator[tuple[str, click.Parameter]]:
    """Every parameter of every command that takes a number."""
    for name, command in COMMANDS.items():
        for parameter in command.params:
            if isinstance(parameter.type, (click.types.IntParamType, click.types.FloatParamType)):
                yield f"{name} {parameter.opts[0]}", parameter


NUMBERS = dict(numbers())


def test_there_are_numbers_to_look_at() -> None:
    """A control: the walk sees both kinds."""
    assert {"audit rows --limit", "asoi import --wait", "bench pipeline --seconds"} <= NUMBERS.keys()


@pytest.mark.parametrize("name", NUMBERS)
class TestNumbers:
    """Everybody mistypes: a number that nothing can be done with is refused by name, never by a stack trace."""

    def test_both_ends_are_named_and_taken(self, name: str) -> None:
        kind = NUMBERS[name].type
        assert isinstance(kind, (click.IntRange, click.FloatRange))
        assert kind.min is not None
        assert kind.max is not None
        for end in (kind.min, kind.max):
            assert kind.convert(str(end), NUMBERS[name], None) == end

    @pytest.mark.parametrize("beyond", [-1, 1])
    def test_nothing_beyond_them_is(self, name: str, beyond: int) -> None:
        kind = NUMBERS[name].type
        assert isinstance(kind, (click.IntRange, click.FloatRange))
        end = kind.min if beyond < 0 else kind.max
        assert end is not None
        for value in (str(end + beyond), f"{beyond * 10**20}"):
            with pytest.raises(click.BadParameter):
                kind.convert(value, NUMBERS[name], None)

    @pytest.mark.parametrize("word", ["nan", "NaN", "inf", "-inf", "1e400", "ten", ""])
    def test_what_is_no_number_is_not(self, name: str, word: str) -> None:
        with pytest.raises(click.BadParameter):
            NUMBERS[name].type.convert(word, NUMBERS[name], None)


_LATIN = re.compile(r"[A-Za-z]{2,}")
_WORDS = {
    *("Senim", "senim", "init", "SENIM", "HOME", "help", "OPTIONS", "COMMAND", "ARGS", "JSON", "json", "Ctrl"),
    *("version", "toml", "YEAR"),
    *("USERNAME", "ROLE", "bogus", "king", "role", "name", "administrator", "analyst", "auditor", "head", "of", "is"),
    *(word for name in COMMANDS for word in _LATIN.findall(name)),
}  # fmt: skip
"""Names that are the same in every language."""


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize(
    "line",
    ["--help", "accounts --help", "accounts add", "bogus", "accounts add x --name X --role king", "init --bogus"],
)
def test_how_a_command_is_used_is_said_in_the_terminal_s_language(language: str, line: str) -> None:
    (ended,) = senim((line.split(), {"LANGUAGE": language}))
    assert set(_LATIN.findall(ended.out + ended.err)) <= _WORDS


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_what_a_command_does_is_said_whole(language: str) -> None:
    (ended,) = senim((["--help"], {"LANGUAGE": language}))
    listed = ended.out.partition("init")[2]
    assert listed
    assert "..." not in listed


@pytest.mark.parametrize("json", [True, False])
@pytest.mark.parametrize("encoding", ["cp1251", "ascii", "utf-8"])
def test_what_the_terminal_has_no_letters_for_is_told_all_the_same(
    tmp_path: Path, encoding: str, *, json: bool
) -> None:
    home = tmp_path / "үй"
    home.mkdir()
    command = [sys.executable, "-m", "senim.site.cli", "accounts", "list", *(["--json"] if json else [])]
    environment = {**os.environ, "SENIM_HOME": str(home), "LANGUAGE": "kk", "PYTHONIOENCODING": encoding}
    environment.pop("SENIM_PROCESS", None)
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == Exit.USAGE
    assert b"Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    if json:
        assert loads(done.stdout.decode(encoding))["error"]["detail"] == str(home / "senim.toml")
