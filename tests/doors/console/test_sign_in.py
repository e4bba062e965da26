"""Two factors or nothing: every way into the console, tried from outside."""

import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client

from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.audit.operations import Actor
from senim.events.models import Event
from senim.identity import factors, operations, sessions
from senim.identity.models import Account, Session
from senim.identity.permissions import Role
from senim.identity.queries import sessions_of
from senim.identity.session_limits import HALF_WAY, IDLE, LONGEST
from senim.kit.clock import iso, now
from tests.staff import CODE, PASSWORD, SIGN_IN, Staff, new_client, new_staff

pytestmark = pytest.mark.django_db
SESSION = "__Host-senim-session"
STRANGERS_BOUND, ADDRESS_BOUND = 5, 30
"""Failures by name in five minutes; what one address may send in one."""
A_DAY = 30
"""Failures by name in a day."""
AGAIN = "/en/security/code/"


@pytest.fixture
def staff() -> Staff:
    return new_staff(Role.HEAD_OF_IS)


@pytest.fixture
def client() -> Client:
    return new_client()


def acts(account: Account) -> list[str]:
    return list(AuditRow.objects.filter(subject=account.subject).values_list("action", flat=True))


def news(account: Account) -> list[str]:
    return list(Event.objects.filter(subject=account.subject).values_list("tag", flat=True))


class TestSigningIn:
    """Password, then code."""

    def test_both_factors_open_the_console(self, staff: Staff, client: Client) -> None:
        assert staff.signs_in(client).get("/en/").status_code == 200

    def test_it_leaves_its_row_and_its_event(self, staff: Staff, client: Client) -> None:
        staff.signs_in(client)
        assert acts(staff.account) == [AuditAction.IDENTITY_SESSION_STARTED]
        assert news(staff.account) == ["identity:session:started"]
        assert AuditRow.objects.get(subject=staff.account.subject).detail == {"factors": ["password", "code"]}

    def test_the_password_alone_opens_nothing(self, staff: Staff, client: Client) -> None:
        assert staff.gives_password(client).headers["Location"] == CODE
        assert client.get("/en/").headers["Location"].startswith(SIGN_IN)
        assert acts(staff.account) == []

    def test_the_code_alone_opens_nothing(self, staff: Staff, client: Client) -> None:
        assert staff.gives_code(client).headers["Location"] == SIGN_IN

    def test_the_session_is_another_after_signing_in(self, staff: Staff, client: Client) -> None:
        staff.gives_password(client)
        before = client.cookies[SESSION].value
        staff.gives_code(client)
        assert client.cookies[SESSION].value != before

    def test_the_account_is_read_in_its_own_language(self, staff: Staff, client: Client) -> None:
        staff.gives_password(client)
        assert staff.gives_code(client).headers["Location"] == "/kk/"

    def test_a_wished_page_is_opened_and_a_foreign_one_is_not(self, staff: Staff, client: Client) -> None:
        for wished, opened in (("/ru/incidents/", "/ru/incidents/"), ("https://evil.example/", "/kk/")):
            client = new_client()
            client.post(SIGN_IN, {"login": staff.account.username, "password": PASSWORD, "next": wished})
            assert staff.gives_code(client).headers["Location"] == opened
            staff.forget_spent_codes()


class TestRefusals:
    """What does not open it."""

    def test_a_wrong_password_is_refused_and_recorded(self, staff: Staff, client: Client) -> None:
        answer = staff.gives_password(client, "wrong")
        assert answer.status_code == 200
        assert "The user name or the password is wrong." in answer.content.decode()
        assert acts(staff.account) == [AuditAction.IDENTITY_SESSION_REFUSED]
        event = Event.objects.get(subject=staff.account.subject)
        assert event.payload == {"user": "head-of-is", "src_ip": "127.0.0.1", "factor": "password"}

    def test_an_unknown_name_gets_the_same_answer_and_is_not_written_down(self, client: Client) -> None:
        answer = client.post(SIGN_IN, {"login": "my-secret-typed-here", "password": "x"})
        assert "The user name or the password is wrong." in answer.content.decode()
        row = AuditRow.objects.get()
        assert row.subject == "account:unknown"
        assert "my-secret-typed-here" not in repr([vars(row), vars(Event.objects.get())])

    def test_a_wrong_code_is_refused_and_recorded(self, staff: Staff, client: Client) -> None:
        staff.gives_password(client)
        wrong = "000000" if staff.code != "000000" else "111111"
        assert "wrong or was used already" in staff.gives_code(client, wrong).content.decode()
        assert acts(staff.account) == [AuditAction.IDENTITY_SESSION_REFUSED]
        assert client.get("/en/").status_code == 302

    def test_a_code_opens_the_console_once(self, staff: Staff) -> None:
        code = staff.code
        first, second = new_client(), new_client()
        for client in (first, second):
            staff.gives_password(client)
        assert staff.gives_code(first, code).status_code == 302
        assert "wrong or was used already" in staff.gives_code(second, code).content.decode()

    def test_a_disabled_account_is_refused_like_a_wrong_password(self, staff: Staff, client: Client) -> None:
        Account.objects.update(is_active=False)
        assert "The user name or the password is wrong." in staff.gives_password(client).content.decode()

    def test_a_running_session_ends_when_the_account_is_disabled(self, staff: Staff, client: Client) -> None:
        staff.signs_in(client)
        Account.objects.update(is_active=False)
        assert client.get("/en/").headers["Location"].startswith(SIGN_IN)

    def test_a_session_that_ended_with_its_account_does_not_come_back(self, staff: Staff, client: Client) -> None:
        staff.signs_in(client)
        operator = Actor.process("operator")
        operations.disable_account(staff.account, actor=operator, reason="left")
        operations.enable_account(staff.account, actor=operator, reason="back")
        assert client.get("/en/").headers["Location"].startswith(SIGN_IN)
        ended = AuditRow.objects.get(action=AuditAction.IDENTITY_SESSION_ENDED)
        assert (ended.subject, ended.actor_name, ended.detail) == (
            staff.account.subject,
            "operator",
            {"why": "disabled"},
        )
        assert "identity:session:ended" in news(staff.account)

    def test_a_reset_ends_sessions_with_their_rows(self, staff: Staff, client: Client) -> None:
        staff.signs_in(client)
        operations.reset_access(staff.account, actor=Actor.process("operator"), reason="phone lost")
        assert not Session.objects.filter(account=staff.account).exists()
        assert AuditRow.objects.get(action=AuditAction.IDENTITY_SESSION_ENDED).detail == {"why": "reset"}

    @pytest.mark.parametrize(
        "address", ["/en/signup/", "/en/sign-up/", "/accounts/signup/", "/en/password/reset/", "/en/mfa/trust/"]
    )
    def test_there_is_no_sign_up_no_reset_and_no_trusted_browser(self, staff: Staff, address: str) -> None:
        assert staff.signs_in().get(address).status_code == 404


class TestCounting:
    """Guessing ends soon; failing on purpose keeps nobody out who has been here before."""

    def test_guessing_ends(self, staff: Staff) -> None:
        for _ in range(STRANGERS_BOUND):
            staff.gives_password(new_client(), "wrong")
        told = staff.gives_password(new_client()).content.decode()
        assert "Too many failed attempts" in told
        assert news(staff.account) == ["identity:session:refused"] * (STRANGERS_BOUND + 1)

    def test_another_spelling_of_a_name_gives_no_more_guesses(self) -> None:
        staff = new_staff(username="administrator")
        for n, name in enumerate(
            ("administrator", "Administrator", "ADMINISTRATOR", "adminiſtrator", " administrator")
        ):
            new_client(REMOTE_ADDR=f"203.0.113.{n}").post(SIGN_IN, {"login": name, "password": "wrong"})
        assert "Too many failed attempts" in staff.gives_password(new_client()).content.decode()
        told = AuditRow.objects.filter(action=AuditAction.IDENTITY_SESSION_REFUSED)
        assert {row.subject for row in told} == {staff.account.subject}

    def test_a_name_that_only_looks_like_one_finds_nobody(self, client: Client) -> None:
        new_staff(username="administrator")
        client.post(SIGN_IN, {"login": "admınistrator", "password": PASSWORD})
        assert AuditRow.objects.get().subject == "account:unknown"

    def test_a_name_is_typed_in_any_case(self, staff: Staff, client: Client) -> None:
        answer = client.post(SIGN_IN, {"login": staff.account.username.upper(), "password": PASSWORD})
        assert answer.headers["Location"] == CODE

    def test_strangers_do_not_lock_out_a_browser_that_was_here_before(self, staff: Staff) -> None:
        known = staff.signs_in()
        known.post("/en/sign-out/")
        for _ in range(STRANGERS_BOUND):
            staff.gives_password(new_client(REMOTE_ADDR="203.0.113.9"), "wrong")
        assert "Too many" in staff.gives_password(new_client(REMOTE_ADDR="203.0.113.8")).content.decode()
        staff.signs_in(known)

    def test_a_known_browser_may_not_guess_for_ever_either(self, staff: Staff) -> None:
        known = staff.signs_in()
        known.post("/en/sign-out/")
        for _ in range(STRANGERS_BOUND):
            staff.gives_password(known, "wrong")
        assert "Too many failed attempts" in staff.gives_password(known).content.decode()

    def test_a_forged_mark_of_a_known_browser_counts_as_a_stranger(self, staff: Staff) -> None:
        for _ in range(STRANGERS_BOUND):
            staff.gives_password(new_client(), "wrong")
        forger = new_client()
        forger.cookies["__Host-senim-device"] = f"{staff.account.username}:0000:forged:signature"
        assert "Too many failed attempts" in staff.gives_password(forger).content.decode()

    def test_guessing_codes_ends(self, staff: Staff, client: Client) -> None:
        staff.gives_password(client)
        for _ in range(STRANGERS_BOUND):
            staff.gives_code(client, "000000")
        assert "Too many failed attempts" in staff.gives_code(client).content.decode()
        assert acts(staff.account) == [AuditAction.IDENTITY_SESSION_REFUSED] * (STRANGERS_BOUND + 1)
        assert news(staff.account) == ["identity:session:refused"] * (STRANGERS_BOUND + 1)

    def test_a_right_code_does_not_wipe_out_the_wrong_ones_before_it(self, staff: Staff, client: Client) -> None:
        for _ in range(STRANGERS_BOUND - 1):
            staff.gives_password(client)
            staff.gives_code(client, "000000")
        staff.signs_in()
        staff.gives_code(client, "000000")
        assert "Too many failed attempts" in staff.gives_code(client).content.decode()

    def test_whoever_has_only_the_password_stops_nobody_who_was_here_before(self, staff: Staff) -> None:
        inside, known = staff.signs_in(), staff.signs_in()
        known.post("/en/sign-out/")
        stranger = new_client(REMOTE_ADDR="203.0.113.9")
        staff.gives_password(stranger)
        for _ in range(STRANGERS_BOUND):
            staff.gives_code(stranger, "000000")
        assert "Too many failed attempts" in staff.gives_code(stranger).content.decode()
        assert inside.post(AGAIN, {"code": staff.code}).status_code == 302
        staff.forget_spent_codes()
        staff.signs_in(known)

    @pytest.mark.parametrize(("wrong", "told"), [(STRANGERS_BOUND - 1, ""), (STRANGERS_BOUND, "Too many failed")])
    def test_codes_are_not_guessed_in_a_stolen_session_either(self, staff: Staff, wrong: int, told: str) -> None:
        stolen, other = staff.signs_in(), staff.signs_in()
        for _ in range(wrong):
            stolen.post(AGAIN, {"code": "000000"})
        assert told in stolen.post(AGAIN, {"code": staff.code}).content.decode()
        staff.forget_spent_codes()
        assert other.post(AGAIN, {"code": staff.code}).status_code == 302

    def test_a_fresh_code_does_not_begin_the_count_anew(self, staff: Staff) -> None:
        stolen = staff.signs_in()
        for _ in range(STRANGERS_BOUND - 1):
            stolen.post(AGAIN, {"code": "000000"})
        assert stolen.post(AGAIN, {"code": staff.code}).status_code == 302
        stolen.post(AGAIN, {"code": "000000"})
        staff.forget_spent_codes()
        assert "Too many failed" in stolen.post(AGAIN, {"code": staff.code}).content.decode()

    def test_nobody_guesses_codes_all_day(self, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
        moment = time.time()
        clock = SimpleNamespace(time=lambda: moment, monotonic=time.monotonic, sleep=time.sleep)
        monkeypatch.setattr("allauth.core.internal.ratelimit.time", clock)
        client, told = new_client(), []
        for n in range(A_DAY + 1):
            moment += 61  # slowly: neither five in five minutes nor ten in one
            if not n % 4:
                moment += 300
                staff.gives_password(client)
            told.append("Too many failed" in staff.gives_code(client, "000000").content.decode())
        assert told == [False] * A_DAY + [True]

    def test_somebody_who_was_here_before_is_not_counted_with_the_address(self, staff: Staff) -> None:
        known = staff.signs_in()
        known.post("/en/sign-out/")
        flooder = new_client()
        answers = [flooder.post(SIGN_IN, {"login": f"x{n}", "password": "x"}) for n in range(ADDRESS_BOUND + 1)]
        assert answers[-1].status_code == 429
        assert staff.gives_password(new_client()).status_code == 429
        staff.signs_in(known)

    def test_and_may_not_send_without_end_either(self, staff: Staff) -> None:
        known = staff.signs_in()
        known.post("/en/sign-out/")
        forms = [{"login": f"x{n}", "password": "x"} for n in range(ADDRESS_BOUND + 1)]
        answers = [known.post(SIGN_IN, form).status_code for form in forms]
        assert answers[-1] == 429
        assert answers[0] == 200

    @pytest.mark.usefixtures("staff")
    @pytest.mark.parametrize("name", ["head-of-is", "nobody"])
    def test_attempts_beyond_the_bound_do_not_fill_the_log(self, name: str) -> None:
        for n in range(3 * STRANGERS_BOUND):
            new_client(REMOTE_ADDR=f"203.0.113.{n}").post(SIGN_IN, {"login": name, "password": "wrong"})
        assert AuditRow.objects.count() == STRANGERS_BOUND + 1
        assert Event.objects.count() == STRANGERS_BOUND + 1

    def test_nobody_fills_the_log_with_wrong_codes(self, staff: Staff, client: Client) -> None:
        staff.gives_password(client)
        answers = [staff.gives_code(client, "000000").status_code for _ in range(ADDRESS_BOUND)]
        assert answers[-1] == 429
        assert len(acts(staff.account)) < ADDRESS_BOUND

    def test_right_codes_are_not_counted(self, staff: Staff) -> None:
        for _ in range(STRANGERS_BOUND + 1):
            staff.signs_in()


def opens(key: str, address: str = "/en/security/") -> bool:
    """Whether whoever holds this session key, and nothing else, opens a page with it."""
    holder = new_client()
    holder.cookies[SESSION] = key
    return bool(holder.get(address).status_code == 200)


class TestNobodyElseHoldsTheKey:
    """Whoever planted, chose or saw a session's key before shares nothing of what is shown afterwards."""

    @pytest.fixture
    def planted(self, client: Client) -> str:
        """The key of a session that is there, which this browser was made to use."""
        store = sessions.SessionStore()
        store["planted"] = "by somebody who knows its key"
        store.save()
        client.cookies[SESSION] = store.session_key
        return str(store.session_key)

    def test_a_planted_key_is_another_after_the_password(self, staff: Staff, client: Client, planted: str) -> None:
        staff.gives_password(client)
        assert client.cookies[SESSION].value != planted
        assert staff.gives_code(client).status_code == 302
        maker = new_client()
        maker.cookies[SESSION] = planted
        assert staff.gives_code(maker).headers["Location"] == SIGN_IN

    def test_a_session_that_somebody_left_half_way_is_not_gone_on_with(self, staff: Staff, client: Client) -> None:
        stranger = new_staff(Role.ANALYST)
        stranger.gives_password(client)
        assert staff.gives_password(client).headers["Location"] == CODE
        assert "wrong or was used already" in staff.gives_code(client).content.decode()
        client.post("/en/sign-out/")
        assert staff.signs_in(client).get("/en/").status_code == 200

    def test_and_opens_nothing_once_its_victim_is_in(self, staff: Staff, client: Client, planted: str) -> None:
        staff.signs_in(client)
        assert not opens(planted)
        assert opens(client.cookies[SESSION].value)

    def test_nor_after_a_change_of_language(self, staff: Staff, client: Client, planted: str) -> None:
        client.post("/language/", {"language": "ru", "next": SIGN_IN})
        staff.signs_in(client)
        client.post("/language/", {"language": "kk", "next": "/en/security/"})
        assert not opens(planted)
        assert opens(client.cookies[SESSION].value)

    @pytest.mark.parametrize("chosen", ["a" * 32, "0" * 40, "x", ""])
    def test_a_key_that_we_never_gave_is_never_used(self, staff: Staff, client: Client, chosen: str) -> None:
        client.cookies[SESSION] = chosen
        staff.signs_in(client)
        assert client.cookies[SESSION].value != chosen
        assert not opens(chosen)

    def test_each_factor_shown_makes_another_key_and_the_old_one_is_over(self, staff: Staff, client: Client) -> None:
        keys = []

        def note() -> None:
            keys.append(client.cookies[SESSION].value)

        staff.gives_password(client)
        note()
        staff.gives_code(client)
        note()
        staff.forget_spent_codes()
        client.post("/en/security/code/", {"code": staff.code})
        note()
        changed = {"oldpassword": PASSWORD, "password1": "a-password-of-my-own", "password2": "a-password-of-my-own"}
        assert client.post("/en/security/password/", changed).status_code == 302
        note()
        assert len(set(keys)) == len(keys)
        assert [opens(key) for key in keys] == [False, False, False, True]

    def test_enrolling_makes_another_key(self, client: Client) -> None:
        newcomer = new_staff(Role.ANALYST, enrolled=False, username="newcomer")
        newcomer.gives_password(client)
        before = client.cookies[SESSION].value
        client.get("/en/security/authenticator/")
        secret = sessions.SessionStore(client.cookies[SESSION].value)["mfa.totp.secret"]
        client.post("/en/security/authenticator/", {"code": factors.code_at(secret, now())})
        assert client.cookies[SESSION].value != before
        assert opens(client.cookies[SESSION].value)
        assert not opens(before)


class TestSessions:
    """A session ends by its owner, by silence and by age."""

    def test_cookies_are_bound_to_this_host_and_out_of_scripts_reach(self, staff: Staff, client: Client) -> None:
        staff.signs_in(client)
        cookies = {name: cookie for name, cookie in client.cookies.items() if cookie.value}
        assert {"__Host-senim-session", "__Host-senim-csrf", "__Host-senim-device"} >= set(cookies)
        for cookie in cookies.values():
            assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
            assert cookie["samesite"] in {"Lax", "Strict"}
        assert client.cookies[SESSION]["max-age"] == ""

    def test_signing_out_empties_the_browser_and_leaves_its_rows(self, staff: Staff, client: Client) -> None:
        staff.signs_in(client)
        answer = client.post("/en/sign-out/")
        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert acts(staff.account)[-1] == AuditAction.IDENTITY_SESSION_ENDED
        assert news(staff.account)[-1] == "identity:session:ended"
        assert client.get("/en/").headers["Location"].startswith(SIGN_IN)
        assert not Session.objects.filter(account=staff.account).exists()

    def test_a_link_does_not_sign_out(self, staff: Staff, client: Client) -> None:
        staff.signs_in(client)
        assert client.get("/en/sign-out/").status_code == 405
        assert client.get("/en/").status_code == 200

    def test_silence_ends_it_with_a_row(self, staff: Staff, client: Client) -> None:
        staff.signs_in(client)
        Session.objects.update(expire_date=now())
        assert client.get("/en/").headers["Location"].startswith(SIGN_IN)
        staff.signs_in(new_client())
        ended = AuditRow.objects.get(subject=staff.account.subject, action=AuditAction.IDENTITY_SESSION_ENDED)
        assert ended.detail == {"why": "idle"}

    def test_an_act_keeps_it_alive_and_a_page_that_renews_itself_does_not(self, staff: Staff, client: Client) -> None:
        staff.signs_in(client)
        soon = now() + timedelta(minutes=1)
        Session.objects.update(expire_date=soon)
        client.get("/en/live/")
        assert Session.objects.get(account=staff.account).expire_date == soon
        client.get("/en/")
        assert Session.objects.get(account=staff.account).expire_date > soon

    def test_silence_is_counted_from_the_last_act(self, staff: Staff, client: Client) -> None:
        staff.signs_in(client)
        before = now()
        client.get("/en/")
        assert before + IDLE <= Session.objects.get(account=staff.account).expire_date <= now() + IDLE

    @pytest.mark.parametrize(("late", "where"), [(-1, "/kk/"), (1, SIGN_IN)])
    def test_half_way_in_it_waits_for_the_code_so_long_and_no_longer(
        self, staff: Staff, client: Client, monkeypatch: pytest.MonkeyPatch, late: int, where: str
    ) -> None:
        staff.gives_password(client)
        moment = time.time() + HALF_WAY.total_seconds() + late
        monkeypatch.setattr("allauth.account.internal.stagekit.time", SimpleNamespace(time=lambda: moment))
        assert staff.gives_code(client).headers["Location"] == where

    @pytest.mark.parametrize(("left", "status"), [(timedelta(seconds=60), 200), (timedelta(0), 302)])
    def test_age_ends_it_whatever_is_done_in_it(
        self, staff: Staff, client: Client, left: timedelta, status: int
    ) -> None:
        staff.signs_in(client)
        store = sessions.SessionStore(client.cookies[SESSION].value)
        store[sessions.STARTED_AT] = iso(now() - LONGEST + left)
        store.save()
        assert client.get("/en/").status_code == status

    def test_another_session_is_ended_from_the_security_page(self, staff: Staff) -> None:
        here, there = staff.signs_in(), staff.signs_in()
        row = sessions.row_key(there.cookies[SESSION].value)
        here.post(f"/en/security/sessions/{row}/end/")
        assert there.get("/en/").status_code == 302
        assert here.get("/en/").status_code == 200

    def test_a_second_browser_is_listed_with_where_it_is(self, staff: Staff) -> None:
        here = staff.signs_in()
        staff.signs_in(new_client(HTTP_USER_AGENT="Firefox of the office", REMOTE_ADDR="203.0.113.5"))
        page = here.get("/en/security/").content.decode()
        assert "Firefox of the office" in page
        assert "203.0.113.5" in page
        assert page.count("this one") == 1

    def test_what_has_reached_its_age_is_listed_no_more(self, staff: Staff) -> None:
        staff.signs_in()
        started = Session.objects.get(account=staff.account).started_at
        assert started is not None
        assert sessions_of(staff.account, now=started + IDLE - timedelta(seconds=1)).exists()
        Session.objects.update(expire_date=started + 2 * LONGEST)
        assert sessions_of(staff.account, now=started + LONGEST - timedelta(microseconds=1)).exists()
        assert not sessions_of(staff.account, now=started + LONGEST).exists()

    def test_signing_out_everywhere_ends_every_session_of_ones_own(self, staff: Staff) -> None:
        here, there, other = staff.signs_in(), staff.signs_in(), new_staff(Role.ANALYST).signs_in()
        answer = here.post("/en/security/sessions/end/")
        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert [each.get("/en/").status_code for each in (here, there, other)] == [302, 302, 200]
        ended = AuditRow.objects.filter(subject=staff.account.subject, action=AuditAction.IDENTITY_SESSION_ENDED)
        assert sorted(row.detail["why"] for row in ended) == ["ended-elsewhere", "signed-out"]

    def test_a_link_does_not_sign_out_everywhere(self, staff: Staff) -> None:
        here, there = staff.signs_in(), staff.signs_in()
        assert here.get("/en/security/sessions/end/").status_code == 405
        assert [each.get("/en/").status_code for each in (here, there)] == [200, 200]

    def test_somebody_elses_session_is_not(self, staff: Staff) -> None:
        here, there = staff.signs_in(), new_staff(Role.ANALYST).signs_in()
        here.post(f"/en/security/sessions/{sessions.row_key(there.cookies[SESSION].value)}/end/")
        assert there.get("/en/").status_code == 200
