"""The scenario: wrong passwords, then the right one; and its harmless twin, one failure short."""

import secrets
from pathlib import Path

from django.utils.translation import gettext as _

from senim.exercises.errors import NotPlayed
from senim.exercises.scenario import Played
from senim.exercises.ssh.client import try_password
from senim.exercises.ssh.server import CannotServe, Server, serving

_RECORDED = "{what} password for {account} from {source} port {port} ssh2\n"


def play(log: Path, account: str, *, failures: int) -> Played:
    """Fail `failures` times at `account`, then get in; `log` receives what the server writes.

    Where no real server can be had its log is written as recorded. Raises `NotPlayed` where a real one misbehaves.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    source = _own_address()
    try:
        with serving(log, account) as server:
            _attack(server, log, failures, source)
    except CannotServe as refusal:
        _write_recorded(log, account, failures, source)
        return Played(real=False, note=str(refusal))
    return Played()


def _attack(server: Server, log: Path, failures: int, source: str) -> None:
    for _number in range(failures):
        if try_password(server.port, server.account, secrets.token_hex(8), source=source):
            raise NotPlayed(_("a wrong password opened a session: this exercise is broken"))
    if not try_password(server.port, server.account, server.password, source=source):
        raise NotPlayed(_("the right password was refused: see {log}").format(log=log))


def _own_address() -> str:
    """An address of loopback that this attack alone comes from: two exercises are two attackers, not one who sprays."""
    return f"127.{1 + secrets.randbelow(254)}.{secrets.randbelow(256)}.{1 + secrets.randbelow(254)}"


def _write_recorded(log: Path, account: str, failures: int, source: str) -> None:
    """The lines that OpenSSH writes with `-E`, as recorded from it."""
    with log.open("a", encoding="utf-8") as file:
        for attempt in range(failures):
            file.write(_RECORDED.format(what="Failed", account=account, source=source, port=40000 + attempt))
            file.flush()
        file.write(_RECORDED.format(what="Accepted", account=account, source=source, port=40000 + failures))
