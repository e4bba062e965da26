"""Somebody of the staff at a running house's door, without a browser."""

import json
import re
import time
from typing import Self

import httpx

from senim.exercises.console import CodeRefused, ConsoleClient, Who
from senim.identity import factors
from senim.site.web import console_settings
from tests.functional.house import House

_TRIES = 3


class Person(ConsoleClient):
    """Signs in with what the demonstration says of its people, and reads pages in English."""

    def __init__(self, house: House) -> None:
        console = console_settings(house.instance)
        super().__init__(f"https://{console.host}:{console.port}", house.instance.trust("ca"))
        self._house = house

    def called(self, username: str) -> Self:
        """The same person, signed in as `username`."""
        told = json.loads(self._house.command("demo", "accounts", "--json").stdout)
        password = next(each for each in told if each["username"] == username)["password"]
        for _ in range(_TRIES):
            try:
                self.sign_in(Who(username, password, self._code(username)))
            except CodeRefused:  # each code is good for one use
                time.sleep(factors.STEP_SECONDS - time.time() % factors.STEP_SECONDS)
            else:
                return self
        raise AssertionError(f"{username} could not sign in")

    def _code(self, username: str) -> str:
        return str(json.loads(self._house.command("demo", "code", username, "--json").stdout)["code"])

    def reads(self, page: str = "") -> str:
        """What the page says."""
        answer = self._client.get(f"/en/{page}")
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.text

    def sends(self, page: str, fields: dict[str, object]) -> None:
        """Fill in the form of the page and send it; it must be taken."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.reads(page))
        assert token
        headers = {"Origin": self._origin, "Referer": f"{self._origin}/en/{page}"}
        answer = self._client.post(f"/en/{page}", data={"csrfmiddlewaretoken": token[1], **fields}, headers=headers)
        assert answer.status_code == httpx.codes.FOUND, answer.text
