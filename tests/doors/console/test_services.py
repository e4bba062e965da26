"""Services are seen, and what a person says of them is asked for with a fresh code."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from senim.availability.models import CauseDecision, Maintenance, Outage
from senim.doors.console.standing import standing
from senim.identity import guard
from senim.identity.permissions import Role
from senim.kit.clock import now
from senim.kit.instance import Instance
from tests.availability.conftest import services as services  # noqa: PLC0414 - a fixture
from tests.availability.samples import BEGAN, see
from tests.staff import Staff, new_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
WHY = "The provider says that its cable was cut"


def down_for(minutes: int) -> None:
    """The website has been down for so many minutes, and is."""
    began = (now() - timedelta(minutes=minutes) - BEGAN).total_seconds()
    see([(began - 60, True), *((began + 60 * n, False) for n in range(minutes + 1))], read=now())


@pytest.fixture
def staff() -> Staff:
    return new_staff(Role.HEAD_OF_IS)


@pytest.fixture
def client(staff: Staff) -> Client:
    return staff.signs_in()


@pytest.fixture
def stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one-time code was given too long ago."""
    monkeypatch.setattr(guard, "FRESH_SECONDS", 0)


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.content.decode())


class TestPages:
    """What is known of each service, and what is not."""

    def test_a_service_that_is_down_says_since_when(self, client: Client) -> None:
        down_for(20)
        page = read(client, "/en/services/")
        assert page.count("Not known") >= 2  # of the others nothing is known: nobody has measured them
        assert '<span class="badge badge-bad">Down</span>' in page
        assert 'class="strip-down"' in page

    def test_its_page_has_the_table_behind_the_strip(self, client: Client) -> None:
        down_for(20)
        page = read(client, "/en/services/web/")
        assert "Failed samples" in page
        assert "goes on" in page

    @pytest.mark.parametrize("language", ["kk", "ru", "en"])
    @pytest.mark.parametrize("service", ["web", "portal", "core"])
    def test_every_service_has_a_page_in_every_language(self, client: Client, language: str, service: str) -> None:
        down_for(70)
        read(client, f"/{language}/services/{service}/")

    def test_a_service_that_nobody_names_has_none(self, client: Client) -> None:
        assert client.get("/en/services/unknown/").status_code == 404


class TestClock:
    """*Now* counts the minutes until the hour."""

    @pytest.mark.parametrize(("minutes", "left", "waits"), [(20, 40, False), (44, 16, False), (46, 14, True)])
    def test_it_says_how_many_are_left_and_whether_somebody_must_act(
        self, client: Client, minutes: int, left: int, waits: bool
    ) -> None:
        down_for(minutes)
        page = read(client, "/en/")
        assert f"“Website” does not answer: {minutes} min" in page
        assert f"<b>{left} min</b>" in page
        assert ("Waits for a person" in page) is waits

    def test_behind_the_hour_the_regulator_is_told(self, client: Client) -> None:
        down_for(61)
        assert "told to the regulator" in read(client, "/en/")

    def test_a_service_of_which_nothing_is_known_is_not_well(self, staff: Staff) -> None:
        found = standing(staff.account)
        assert "Nothing is known of the service “Website”" in [each.what for each in found.unknown]


class TestCause:
    """Whoever decides why a service was down gives a reason and a fresh code."""

    def decide(self, client: Client, **fields: object) -> int:
        outage = Outage.objects.get()
        said = {"cause": "provider", "reason": WHY, **fields}
        return int(client.post(f"/en/services/outages/{outage.pk}/cause/", said).status_code)

    def test_the_decision_stands_on_the_page(self, client: Client) -> None:
        down_for(50)
        assert self.decide(client) == 302
        page = read(client, "/en/services/web/")
        assert "Communications provider" in page
        assert WHY in page
        assert "the regulator is not told" in read(client, "/en/")

    @pytest.mark.parametrize("missing", ["cause", "reason"])
    def test_what_is_missing_is_asked_for_again(self, client: Client, missing: str) -> None:
        down_for(50)
        assert self.decide(client, **{missing: ""}) == 200
        assert not CauseDecision.objects.exists()

    @pytest.mark.usefixtures("stale")
    def test_without_a_fresh_code_it_is_asked_for(self, client: Client) -> None:
        down_for(50)
        outage = Outage.objects.get()
        answer = client.get(f"/en/services/outages/{outage.pk}/cause/")
        assert answer.status_code == 302
        assert "/security/code/" in answer.headers["Location"]
        self.decide(client)
        assert not CauseDecision.objects.exists()

    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
    def test_others_may_not(self, role: Role) -> None:
        down_for(50)
        assert self.decide(new_staff(role).signs_in()) == 403
        assert not CauseDecision.objects.exists()


class TestWork:
    """Work is announced before it begins."""

    def announce(self, client: Client, minutes: int) -> int:
        begins = timezone.localtime(now() + timedelta(minutes=minutes))
        said = {"starts_at": f"{begins:%Y-%m-%dT%H:%M}", "ends_at": f"{begins + timedelta(hours=2):%Y-%m-%dT%H:%M}"}
        return int(client.post("/en/services/web/maintenance/", {**said, "reason": "New disks"}).status_code)

    def test_announced_it_stands_on_the_page_and_can_be_cancelled(self, client: Client) -> None:
        assert self.announce(client, 5) == 302
        assert "New disks" in read(client, "/en/services/web/")
        work = Maintenance.objects.get()
        read(client, f"/en/services/maintenance/{work.pk}/cancel/")
        assert client.post(f"/en/services/maintenance/{work.pk}/cancel/", {"reason": "Not today"}).status_code == 302
        assert "Not today" in read(client, "/en/services/web/")

    def test_afterwards_it_is_refused(self, client: Client) -> None:
        assert self.announce(client, -5) == 422
        assert not Maintenance.objects.exists()

    @pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR])
    def test_others_may_not(self, role: Role) -> None:
        assert self.announce(new_staff(role).signs_in(), 5) == 403


def test_an_exercise_has_a_page_of_its_own(client: Client, services: Instance) -> None:
    assert services.is_demonstration
    read(client, "/en/services/exercise-0123456789abcdef/")
