"""Alerts are seen, explain themselves, and are decided about by a person who may."""

import json

import pytest
from django.test import Client

from senim.detection.models import Alert, SetAside
from senim.identity import guard
from senim.identity.permissions import Role
from senim.incidents.models import Decision
from tests.doors.console.conftest import LINE, new_alert, new_incident
from tests.staff import Staff, new_staff

pytestmark = pytest.mark.django_db
WHY = "Nobody of us was at work then"
EXPLANATION = {
    "version": 1,
    "group": {"src_ip": "203.0.113.24", "items": "<b>"},
    "because": {
        "rule": {"id": "r", "title": "Many, then one", "file": "rules/r.yml:7"},
        "asks": {"type": "temporal_ordered", "least": 2, "timespan_s": 1800, "fields": []},
        "found": 2,
        "window": {"from": "2026-11-22T12:00:00.000000Z", "until": "2026-11-22T12:05:00.000000Z"},
        "events": [{"title": "Accepted", "condition": "action = password-accepted"}],
        "built_on": [
            {
                "rule": {"id": "s", "title": "Many", "file": "rules/r.yml:1"},
                "asks": {"type": "event_count", "least": 5, "timespan_s": 600, "fields": []},
                "found": 6,
                "window": {"from": "2026-11-22T12:00:00.000000Z", "until": "2026-11-22T12:04:00.000000Z"},
                "events": [],
                "built_on": [],
            }
        ],
    },
    "spell": {"times": 1, "since": "2026-11-22T12:05:00.000000Z"},
    "events": {"all": 9, "listed": 1, "let_go": 3},
}


@pytest.fixture
def staff() -> Staff:
    return new_staff(Role.ANALYST)


@pytest.fixture
def client(staff: Staff) -> Client:
    return staff.signs_in()


@pytest.fixture
def alert() -> Alert:
    """One that waits for a person."""
    return new_alert(kind=None, rule_title="Root by password", explanation=EXPLANATION)


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"waits", "opens"}),
        ("state=waiting", {"waits"}),
        ("state=opening", {"opens"}),
        ("state=incident", set()),
        ("level=medium", {"waits"}),
        ("target=HOST-2", {"opens"}),
        ("rule=aaaa", {"waits"}),
    ],
)
def test_the_list_keeps_what_matches(client: Client, query: str, found: set[str]) -> None:
    new_alert(kind=None, rule_title="waits", rule_id="aaaa", level="medium", target="host-1")
    new_alert(kind=2, rule_title="opens", rule_id="bbbb", level="high", target="host-2")
    answer = json.loads(client.get(f"/en/alerts/?{query}&format=json").getvalue())
    assert {row["rule"] for row in answer} == found
    assert all(f">{title}</a>" in read(client, f"/en/alerts/?{query}") for title in found)


@pytest.mark.parametrize("query", ["state=lost", "level=dire", "sort=evidence", "format=xml"])
def test_what_makes_no_sense_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/en/alerts/?{query}").status_code == 400


def test_a_list_costs_the_same_however_long_it_is(client: Client, django_assert_max_num_queries: object) -> None:
    for n in range(5):
        new_incident(target=f"host-{n}")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        read(client, "/en/alerts/")


def test_an_alert_explains_itself(client: Client, alert: Alert) -> None:
    page = read(client, f"/en/alerts/{alert.pk}/")
    assert LINE in page
    assert alert.evidence[0]["sha256"] in page
    for text in ("Many, then one", "at least 5 events within 10", "rules/r.yml:1", "action = password-accepted",
                 "1 of 9 lines are listed; 3 more were counted", "&lt;b&gt;"):  # fmt: skip
        assert text in page


def test_one_that_opened_an_incident_leads_there(client: Client) -> None:
    incident = new_incident()
    assert f"/en/incidents/{incident.pk}/" in read(client, f"/en/alerts/{incident.alerts.get().alert_id}/")


def test_an_unknown_one_is_not_found(client: Client, staff: Staff) -> None:
    for page in ("", "grade/", "dismiss/"):
        assert client.get(f"/en/alerts/{staff.account.pk}/{page}").status_code == 404


class TestDeciding:
    """Grading tells the regulator, dismissing keeps it from him: both ask for a fresh code and a reason."""

    def test_grading_shows_what_will_happen_and_leads_back(self, client: Client, alert: Alert) -> None:
        address = f"/en/alerts/{alert.pk}/grade/"
        assert "Its message goes to the regulator at once" in read(client, address)
        answer = client.post(address, {"kind": "2", "reason": WHY})
        assert answer.headers["Location"] == f"/en/alerts/{alert.pk}/"
        page = read(client, f"/en/alerts/{alert.pk}/")
        assert "Its incident is being opened" in page
        assert WHY in page

    def test_dismissing_leads_back(self, client: Client, alert: Alert) -> None:
        assert client.post(f"/en/alerts/{alert.pk}/dismiss/", {"reason": WHY}).status_code == 302
        assert "Dismissed" in read(client, f"/en/alerts/{alert.pk}/")

    @pytest.mark.refusal
    @pytest.mark.parametrize("page", ["grade", "dismiss"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_without_a_fresh_code_it_is_asked_for(
        self, client: Client, alert: Alert, monkeypatch: pytest.MonkeyPatch, method: str, page: str
    ) -> None:
        monkeypatch.setattr(guard, "is_fresh", lambda _request: False)
        answer = getattr(client, method)(f"/en/alerts/{alert.pk}/{page}/", {"kind": "2", "reason": WHY})
        assert answer.headers["Location"].startswith("/en/security/code/")
        assert not Decision.objects.exists()

    @pytest.mark.parametrize(
        ("page", "said"),
        [
            ("grade", {"kind": "2", "reason": " "}),
            ("grade", {"reason": WHY}),
            ("grade", {"kind": "7", "reason": WHY}),
            ("grade", {"kind": "2", "reason": "a\0b"}),
            ("dismiss", {"reason": ""}),
        ],
    )
    def test_what_is_missing_is_asked_for_again(
        self, client: Client, alert: Alert, page: str, said: dict[str, str]
    ) -> None:
        answer = client.post(f"/en/alerts/{alert.pk}/{page}/", said)
        assert answer.status_code == 200
        assert 'class="error"' in answer.content.decode()
        assert not Decision.objects.exists()

    def test_a_second_decision_is_refused(self, client: Client, alert: Alert) -> None:
        client.post(f"/en/alerts/{alert.pk}/dismiss/", {"reason": WHY})
        answer = client.post(f"/en/alerts/{alert.pk}/dismiss/", {"reason": "again"})
        assert answer.status_code == 409
        assert "incidents:already-decided" in answer.content.decode()

    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
    def test_who_may_not_decide_is_told_who_may(self, alert: Alert, role: Role) -> None:
        client = new_staff(role).signs_in()
        assert "/grade/" not in read(client, f"/en/alerts/{alert.pk}/")
        for page in ("grade", "dismiss"):
            assert client.post(f"/en/alerts/{alert.pk}/{page}/", {"kind": "2", "reason": WHY}).status_code == 403
        assert not Decision.objects.exists()


def test_frames_that_could_not_be_analysed_are_listed_with_the_reason(client: Client) -> None:
    assert "Every line was analysed" in read(client, "/en/aside/")
    SetAside.objects.create(
        stream_seq=7, subject="ev.sshd", reason="no frame", size=6, sha256="00" * 32, data=b"secret"
    )
    page = read(client, "/en/aside/")
    assert "no frame" in page
    assert "secret" not in page
    assert json.loads(client.get("/en/aside/?format=json").getvalue())[0]["sha256"] == "00" * 32
