"""The page for people: what it shows, what it never does, and that everybody can read it."""

import http.client
import json
import shutil
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from stand_ins.asoi.behaviour import Behaviour, Mode
from stand_ins.asoi.page.html import join, tag
from stand_ins.asoi.page.words import LANGUAGES
from stand_ins.asoi.store import Store
from tests.stand_ins.bureau import Bureau, digest, identifier, message
from tests.stand_ins.conftest import StandIn
from tests.stand_ins.test_completeness import BATCHES

_ROOT = "A" * 43 + "="
NOTE = f"ulgi.example/audit\n7\n{_ROOT}\n\n— ulgi.example/audit {'Az3grlgt' * 11}\n"
NOT_THE_REGULATOR = {
    "kk": "Бұл – орынбасар бағдарлама, уәкілетті органның жүйесі емес",
    "ru": "Это программа-заменитель, а не система уполномоченного органа",
    "en": "This is a stand-in, not the system of the authorised body",
}


@dataclass(frozen=True)
class Shown:
    """An answer of the page's listener."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser and no client certificate."""

    stand_in: StandIn

    def get(self, path: str, method: str = "GET", host: str = "localhost") -> Shown:
        """What `path` shows."""
        context = ssl.create_default_context(cafile=str(self.stand_in.bureau.folder / "ca.crt"))
        connection = http.client.HTTPSConnection("127.0.0.1", self.stand_in.page_port, context=context, timeout=30)
        try:
            connection.request(method, path, headers={"Host": host})
            answer = connection.getresponse()
            return Shown(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


@pytest.fixture
def visitor(stand_in: StandIn) -> Visitor:
    return Visitor(stand_in)


@pytest.fixture
def delivered(bureau: Bureau) -> bytes:
    """A message that came twice, and once with other content, with markup where a name should be."""
    content = message(
        checkpoint=NOTE,
        sender={"bin": "000140000002", "name": "<b>Бюро</b>"},
        body={"target": "<script>alert(1)</script>"},
    )
    assert [bureau.deliver(content).status for _ in range(2)] == [200, 200]
    assert bureau.deliver(message(id=identifier(content))).status == 409
    return content


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_in_every_language_that_it_is_not_the_regulator(
    visitor: Visitor, delivered: bytes, language: str
) -> None:
    for path in ("/", "/feed", f"/messages/{identifier(delivered)}", "/nowhere"):
        page = visitor.get(f"{path}?lang={language}").text
        assert f'<html lang="{language}">' in page
        assert NOT_THE_REGULATOR[language] in page


def test_kazakh_comes_first(visitor: Visitor) -> None:
    assert '<html lang="kk">' in visitor.get("/").text
    assert '<html lang="kk">' in visitor.get("/?lang=xx").text


def test_the_list_shows_what_came_and_how_often(visitor: Visitor, delivered: bytes) -> None:
    page = visitor.get("/?lang=en").text
    said = json.loads(delivered)
    for text in (identifier(delivered), said["about"], digest(delivered)[:16], "000140000002", "Exercise"):
        assert text in page
    assert "Refused with other content: 1" in page


def test_a_message_is_shown_whole_with_receipt_and_checkpoint(visitor: Visitor, delivered: bytes) -> None:
    page = visitor.get(f"/messages/{identifier(delivered)}?lang=en").text
    for text in (digest(delivered), "R228/81-1", "accepted", _ROOT, "ulgi.example/audit"):
        assert text in page


def test_what_a_bureau_wrote_is_text_and_never_markup(visitor: Visitor, delivered: bytes) -> None:
    for path in ("/", f"/messages/{identifier(delivered)}"):
        page = visitor.get(path).text
        assert "&lt;b&gt;Бюро&lt;/b&gt;" in page
        assert "<b>" not in page
        assert "<script" not in page


def test_markup_is_escaped_unless_a_tag_made_it() -> None:
    assert join("<", tag("p", '"', tag("b", "&"), title='"')) == '&lt;<p title="&quot;">&quot;<b>&amp;</b></p>'


def test_the_files_are_the_very_bytes(visitor: Visitor, bureau: Bureau) -> None:
    content = message()
    sealed = bureau.seal(content)
    receipt = bureau.post(sealed).body
    files = [visitor.get(f"/messages/{identifier(content)}/{name}").body for name in _FILES]
    assert files == [sealed, content, receipt]


_FILES = ("sealed.p7m", "content.json", "receipt.p7m")


@pytest.mark.clause("R228/81-2")
def test_whether_the_event_feed_is_whole_is_shown(own_stand_in: StandIn) -> None:
    own_stand_in.start()
    visitor = Visitor(own_stand_in)
    assert "No batch of events has come yet" in visitor.get("/feed?lang=en").text
    for content in (BATCHES[0], BATCHES[2]):
        assert own_stand_in.bureau.deliver(content).status == 200
    page = visitor.get("/feed?lang=en").text
    assert "Something is missing" in page
    assert "<dd>3</dd>" in page  # complete up to
    assert "<dd>4</dd>" in page  # missing event
    assert own_stand_in.bureau.deliver(BATCHES[1]).status == 200
    assert "Nothing is missing" in visitor.get("/feed?lang=en").text


def test_its_behaviour_is_shown(visitor: Visitor, bureau: Bureau, store: Store) -> None:
    assert bureau.port
    assert ">well<" in visitor.get("/?lang=en").text
    store.behave(Behaviour(Mode.LATE, times_left=3, delay=2.5))
    page = visitor.get("/?lang=en").text
    assert ">late<" in page
    assert "answers rightly, but late" in page
    assert "2.5" in page


@pytest.mark.parametrize("path", ["/", "/style.css", "/nowhere"])
def test_nothing_may_run_or_be_kept(visitor: Visitor, path: str) -> None:
    shown = visitor.get(path)
    policy = shown.headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not any("unsafe" in word or "script-src" in word for word in policy)
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert " style=" not in shown.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/messages/00000000-0000-7000-8000-000000000000", 404),
        ("/messages/nonsense", 404),
        ("/messages/../../signing.key", 404),
        ("/?before=nonsense", 200),
        ("/?before=" + "9" * 400, 200),
        ("//[", 404),
        ("http://[", 400),
    ],
)
def test_odd_addresses(visitor: Visitor, path: str, status: int) -> None:
    assert visitor.get(path).status == status


def test_it_only_shows(visitor: Visitor) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert visitor.get("/", method).status == 501
    head = visitor.get("/", "HEAD")
    assert (head.status, head.body) == (200, b"")


def test_another_name_that_points_here_is_told_nothing(visitor: Visitor) -> None:
    """Against DNS rebinding: a page elsewhere cannot read this one through a visitor's browser."""
    shown = visitor.get("/", host=f"evil.example:{visitor.stand_in.page_port}")
    assert (shown.status, shown.body) == (421, b"this is 127.0.0.1\n")


def test_a_long_list_goes_on_overleaf(own_stand_in: StandIn) -> None:
    own_stand_in.start()
    contents = [message() for _ in range(51)]
    for content in contents:
        assert own_stand_in.bureau.deliver(content).status == 200
    first = Visitor(own_stand_in).get("/").text
    assert identifier(contents[1]) in first
    assert identifier(contents[0]) not in first
    second = Visitor(own_stand_in).get("/?before=2").text
    assert identifier(contents[0]) in second
    assert 'rel="next"' in first
    assert 'rel="next"' not in second


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium from the system."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280, 2560])
def test_everybody_can_read_it(browser: Browser, visitor: Visitor, delivered: bytes, scheme: str, width: int) -> None:
    """WCAG 2.2 AA as far as axe can judge, no sideways scrolling, nothing for the console to complain about."""
    context = browser.new_context(
        ignore_https_errors=True,
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": 900},
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    for path in ("/", "/feed", f"/messages/{identifier(delivered)}"):
        for language in LANGUAGES:
            page.goto(f"https://127.0.0.1:{visitor.stand_in.page_port}{path}?lang={language}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
    # axe is put into the page by the browser's own means, which the page's policy would refuse.
    checked = browser.new_context(
        ignore_https_errors=True,
        bypass_csp=True,
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": 900},
    ).new_page()
    for path in ("/", "/feed", f"/messages/{identifier(delivered)}"):
        checked.goto(f"https://127.0.0.1:{visitor.stand_in.page_port}{path}?lang=kk")
        found = Axe().run(checked)
        assert found.violations_count == 0, found.generate_report()
    context.close()
    checked.context.close()
    assert complaints == []
