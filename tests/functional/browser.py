"""A headless Chromium that visits a running house."""

import json
import shutil
import time
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize

from senim.identity import factors
from senim.site.web import console_settings
from tests.functional.house import House

_TRIES = 3
CHROMIUM = shutil.which("chromium") or ""
WIDE, PHONE = ViewportSize(width=1360, height=900), ViewportSize(width=360, height=780)


@dataclass
class Visitor:
    """Somebody with a browser."""

    house: House
    browser: Browser

    @property
    def origin(self) -> str:
        """Where the console is."""
        return f"https://localhost:{console_settings(self.house.instance).port}"

    def context(self, **wishes: object) -> BrowserContext:
        """A fresh browser profile. The demonstration's certificate is nobody's this browser knows."""
        return self.browser.new_context(**{"ignore_https_errors": True, "viewport": WIDE, **wishes})

    def person(self, username: str) -> dict[str, str]:
        """One of the demonstration's people."""
        told = json.loads((self.house.home / "demo-accounts.json").read_text())
        return next(each for each in told if each["username"] == username)

    def code(self, username: str) -> str:
        """Their code of this moment, as the command line shows it."""
        shown = self.house.command("demo", "code", username, "--json")
        return str(json.loads(shown.stdout)["code"])

    def signs_in(self, page: Page, username: str) -> Page:
        """Sign in as somebody of the demonstration, as a person would."""
        page.goto(f"{self.origin}/en/sign-in/")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password", exact=True).fill(self.person(username)["password"])
        page.get_by_role("button", name="Continue").click()
        for _ in range(_TRIES):
            page.get_by_label("One-time code").fill(self.code(username))
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_load_state()
            if page.url == f"{self.origin}/kk/":
                return page
            # Each code is good for one use, and this person has signed in within the same half minute.
            time.sleep(factors.STEP_SECONDS - time.time() % factors.STEP_SECONDS)
        raise AssertionError(f"{username} could not sign in: {page.url}")


def complaints(page: Page) -> list[str]:
    """What the browser will complain of on this page: refused scripts and styles, failed loads, errors."""
    heard: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            heard.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard
