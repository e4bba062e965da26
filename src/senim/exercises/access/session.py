"""Kind 2 by a copied session; and a telephone that changes networks.

Clauses: R228/81-1(2) (unauthorised access).

Somebody of the demonstration signs in at the real console; somebody else, elsewhere and with another browser, shows the
same cookie. The marker stands in the names that the browsers give themselves.
"""

import json
import secrets
import subprocess
import sys
import time
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from senim.exercises.access.browser import Browser
from senim.exercises.errors import NotPlayed
from senim.exercises.scenario import Played, Stage

_COPIED, _CHANGING = "auditor", "head-of-is"
"""Roles of those whose sessions are used: not the administrator's, who plays this very exercise."""
_STEP = 30
"""Seconds for which a one-time code is shown (RFC 6238)."""
_LIMIT = 60
_OWNER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0 {marker}"
_THIEF = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 {marker}"
_TURNS = 2
_CHANGES = 3


class Door(msgspec.Struct, frozen=True):
    """The words of table `[console]` that lead to the door."""

    host: str = "127.0.0.1"
    port: int = 8443


class CopiedSession:
    """One session is used in turns by its owner and by somebody who copied its cookie."""

    kind = 2
    name = "copied session"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("attack: the cookie of a session is copied and used from elsewhere")

    def play(self, stage: Stage, marker: str) -> Played:
        """Sign in, copy, use in turns. Raises `NotPlayed`, also where this is no demonstration."""
        with _browser(stage, _OWNER.format(marker=marker)) as owner:
            _sign_in(stage, owner, _COPIED)
            with _browser(stage, _THIEF.format(marker=marker), of=owner) as thief:
                for _turn in range(_TURNS):
                    owner.look()
                    thief.look()
        return Played()


class ChangingNetworks:
    """Somebody's telephone goes from Wi-Fi to mobile and back, several times."""

    kind = 2
    name = "changing networks"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("near miss: a telephone changes between two networks, its browser does not")

    def play(self, stage: Stage, marker: str) -> Played:
        """Sign in, change. Raises `NotPlayed`, also where this is no demonstration."""
        agent = _OWNER.format(marker=marker)
        with _browser(stage, agent) as at_home:
            _sign_in(stage, at_home, _CHANGING)
            with _browser(stage, agent, of=at_home) as on_the_way:
                for _change in range(_CHANGES):
                    if not (at_home.look() and on_the_way.look()):
                        raise NotPlayed(_("the session ended by itself: this exercise is broken"))
        return Played()


def _browser(stage: Stage, agent: str, *, of: Browser | None = None) -> Browser:
    door = stage.instance.section("console", Door)
    address = f"127.{1 + secrets.randbelow(254)}.{secrets.randbelow(256)}.{1 + secrets.randbelow(254)}"
    return Browser(
        f"https://{door.host}:{door.port}",
        str(stage.instance.trust("ca")),
        agent=agent,
        address=address,
        cookies=None if of is None else of.cookies,
    )


def _sign_in(stage: Stage, browser: Browser, role: str) -> None:
    """Let the made-up person of `role` sign in; a code that was spent just now is followed by the next.

    Raises `NotPlayed`, also where this is no demonstration.
    """
    person = next(each for each in _senim(stage, "accounts") if each["role"] == role)
    browser.give_password(person["username"], person["password"])
    if browser.give_code(_senim(stage, "code", person["username"])["code"]):
        return
    time.sleep(_STEP - time.time() % _STEP + 0.2)
    if not browser.give_code(_senim(stage, "code", person["username"])["code"]):
        raise NotPlayed(_("the console refuses the one-time codes of {name}").format(name=person["username"]))


def _senim(stage: Stage, *arguments: str) -> Any:
    """What `senim demo` answers. Raises `NotPlayed` where this is no demonstration."""
    command = [sys.executable, "-m", "senim.site.cli", "demo", *arguments, "--json"]
    environment = {"SENIM_HOME": str(stage.instance.home), "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_LIMIT, check=False)
    if done.returncode:
        raise NotPlayed(_("only a demonstration has people whose session can be copied"))
    return json.loads(done.stdout)
