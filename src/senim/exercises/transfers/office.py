"""The payment stand-in as its people use it, and as somebody uses it who knows its old paths."""

import json
import random
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from cryptography import x509
from django.utils.translation import gettext as _

from senim.detection.figures import Figures, figures
from senim.exercises.errors import NotPlayed
from senim.exercises.scenario import Stage
from senim.exercises.transfers.settings import payments_settings
from senim.kit.crypto.keys import is_of_demonstration

CLIENT, LENDER = "client", "lender"
TREASURER = "timur"
_TIMEOUT = 20.0
_LIMIT = 30


@dataclass(frozen=True)
class Office:
    """A session with the program; every call says whose it is."""

    client: httpx.Client
    tokens: dict[str, str]
    limits: Figures

    def open_ledger(self, name: str) -> str:
        """A new ledger to pay from. Raises `NotPlayed`."""
        return str(self._done(TREASURER, "ledgers", name=name)["ledger"])

    def ask(self, who: str, ledger: str, amount: int, account: str, recipient: str = CLIENT) -> str:
        """Ask for a refund of `amount` tiyn; what it is called. Raises `NotPlayed`."""
        wish = {"ledger": ledger, "amount": amount, "recipient": recipient, "account": account}
        return str(self._done(who, "refunds", **wish)["refund"])

    def approve(self, who: str, refund: str) -> str:
        """Approve; the approval. Raises `NotPlayed`."""
        return str(self._done(who, f"refunds/{refund}/approval")["approval"])

    def execute(self, who: str, refund: str) -> str:
        """Execute; the execution. Raises `NotPlayed`."""
        return str(self._done(who, f"refunds/{refund}/execution")["execution"])

    def pay(self, ledger: str, amount: int, account: str, *, by: str = "aliya", checked: str = "bolat") -> str:
        """The whole way of one refund, as it should go; what it is called. Raises `NotPlayed`."""
        refund = self.ask(by, ledger, amount, account)
        self.approve(checked, refund)
        self.execute(checked, refund)
        return refund

    def is_refused(self, who: str, refund: str, step: str, why: str) -> None:
        """See that a control holds. Raises `NotPlayed` where it does not: then the near miss is none."""
        answer = self._post(who, f"refunds/{refund}/{step}", {})
        if answer.json() != {"refused": why}:
            broken = _("the payment stand-in did not refuse with {why}: {answer}")
            raise NotPlayed(broken.format(why=why, answer=answer.text[:200]))

    def approve_as_ever(self, who: str, refund: str) -> str:
        """Approve by the path that asks nothing. Raises `NotPlayed`."""
        return str(self._done(who, "old-approvals", refund=refund)["approval"])

    def batch(self, who: str, *items: dict[str, object]) -> None:
        """Have money moved by the path that asks nothing, and see that it arrived. Raises `NotPlayed`."""
        before = [self.balance(str(item["account"])) for item in items if "account" in item]
        self._done(who, "old-batches", items=list(items))
        after = [self.balance(str(item["account"])) for item in items if "account" in item]
        if any(now <= then for now, then in zip(after, before, strict=True)):
            raise NotPlayed(_("no money arrived: this exercise is broken"))

    def balance(self, account: str) -> int:
        """What has arrived on `account`, in tiyn. Raises `NotPlayed`."""
        answer = self.client.get(f"/accounts/{account}", headers=self._as(TREASURER))
        return int(self._told(answer)["balance"])

    def _done(self, who: str, place: str, **wish: object) -> dict[str, Any]:
        return self._told(self._post(who, place, wish))

    def _post(self, who: str, place: str, wish: dict[str, Any]) -> httpx.Response:
        return self.client.post(f"/{place}", json=wish, headers=self._as(who))

    def _as(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[who]}"}

    def _told(self, answer: httpx.Response) -> dict[str, Any]:
        if not answer.is_success:
            refused = _("the payment stand-in answered {status}: {answer}")
            raise NotPlayed(refused.format(status=answer.status_code, answer=answer.text[:200]))
        told: dict[str, Any] = answer.json()
        return told


def new_accounts(number: int) -> Sequence[str]:
    """Made-up account numbers that nothing was ever paid to."""
    return [f"KZ00TEST{random.randrange(10**12):012}" for _number in range(number)]  # noqa: S311 - names, no secrets


@contextmanager
def office(stage: Stage) -> Iterator[Office]:
    """A session with the stand-in.

    Raises `NotPlayed` where senim.toml names none, where what listens there is no stand-in by its certificate, and
    where the connection breaks.
    """
    place = payments_settings(stage.instance)
    if not place.url:
        raise NotPlayed(_("senim.toml names no payment stand-in: the exercise has no money to move"))
    trust = ssl.create_default_context(cafile=str(stage.instance.trust("ca")))
    try:
        with httpx.Client(base_url=place.url, verify=trust, timeout=_TIMEOUT, trust_env=False) as client:
            _raise_unless_stand_in(client)
            yield Office(client, _tokens(stage), figures(stage.instance))
    except httpx.HTTPError as error:
        raise NotPlayed(_("the payment stand-in does not answer: {why}").format(why=error)) from error


def _raise_unless_stand_in(client: httpx.Client) -> None:
    """Whoever moves money past controls makes sure first that it is nobody's. Raises `NotPlayed`."""
    with client.stream("GET", "/") as answer:
        secured = answer.extensions["network_stream"].get_extra_info("ssl_object")
        shown = x509.load_der_x509_certificate(secured.getpeercert(True))
    if not is_of_demonstration(shown):
        raise NotPlayed(_("what listens there is no stand-in by its certificate: no money is moved"))


def _tokens(stage: Stage) -> dict[str, str]:
    home = stage.instance.home / "stand_ins" / "payments"
    command = [sys.executable, "-m", "stand_ins.payments", "people", "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT, check=False)
    if done.returncode:
        raise NotPlayed(_("nobody works at the payment stand-in: {why}").format(why=done.stderr.strip()))
    return {name: each["token"] for name, each in json.loads(done.stdout).items()}
