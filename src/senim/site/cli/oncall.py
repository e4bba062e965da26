"""`senim oncall`: who is woken now, the list, and what waits for an answer."""

from typing import TYPE_CHECKING

import click
from django.utils.translation import gettext as _

from senim.kit.clock import iso, now
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.operator import as_operator

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.identity.models import Account
    from senim.oncall.models import Cause, Duty


@click.command()
@json_wish
def oncall(as_json: bool) -> None:
    """Who is on call now, in the order in which they are woken; the list; pages that nobody has answered.

    No telephone number and no address is shown: they are the console's, for who edits the list.
    """
    as_operator()
    from senim.oncall import queries

    moment = now()
    people = [(account, queries.ways(account)) for account in queries.on_call(moment)]
    duties, waiting = list(queries.duties()), list(queries.unanswered())
    told = {
        "at": iso(moment),
        "now": [{"username": each.username, "name": str(each), "ways": ways} for each, ways in people],
        "list": [_duty(duty) for duty in duties],
        "unanswered": [_cause(cause) for cause in waiting],
    }
    answer(told, "\n".join(_lines(people, waiting)), as_json=as_json)


def _duty(duty: "Duty") -> dict[str, object]:
    return {
        "username": duty.account.username,
        "place": duty.place,
        "since": duty.since.isoformat(),
        "until": duty.until.isoformat() if duty.until else None,
        "every_weeks": duty.every_weeks,
    }


def _cause(cause: "Cause") -> dict[str, object]:
    woken = [page.account.username for page in cause.pages.select_related("account").order_by("step")]
    return {"kind": cause.kind, "subject": cause.subject, "began_at": iso(cause.began_at), "woken": woken}


def _lines(people: "list[tuple[Account, list[str]]]", waiting: "list[Cause]") -> list[str]:
    nothing = _("cannot be reached")
    lines = [
        f"{number}. {account} ({account.username}): {' → '.join(ways) or nothing}"
        for number, (account, ways) in enumerate(people, start=1)
    ]
    unanswered = [_("not answered: %(subject)s") % {"subject": cause.subject} for cause in waiting]
    return [*(lines or [_("Nobody is on call")]), *unanswered]
