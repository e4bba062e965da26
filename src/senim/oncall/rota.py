"""Who is on call at a moment."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from senim.identity.models import Account
from senim.oncall.models import Duty

ALMATY = ZoneInfo("Asia/Almaty")
"""The list is the bureau's: its days begin at midnight there, wherever the machine stands."""
_WEEK = 7


def on_call(duties: Iterable[Duty], moment: datetime) -> list[Account]:
    """Who is on call at `moment`, in the order in which they are woken; each once, and only who can sign in."""
    today = moment.astimezone(ALMATY).date()
    found: dict[Account, None] = {}
    for duty in sorted(duties, key=lambda each: (each.place, each.since, each.id)):
        if covers(duty, today) and duty.account.is_active:
            found.setdefault(duty.account)
    return list(found)


def covers(duty: Duty, today: date) -> bool:
    """Whether `duty` is a duty of `today`: first and last day included, in its weeks."""
    is_within = duty.since <= today and (duty.until is None or today <= duty.until)
    weeks = (_monday(today) - _monday(duty.since)).days // _WEEK
    return duty.ended_at is None and is_within and weeks % duty.every_weeks == 0


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
