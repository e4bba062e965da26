"""How people here write moments: in the local time, as the console and findings say them."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def written(at: datetime) -> str:
    """`22.11.2026 20:15:13`, local time."""
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M:%S}"


def with_offset(at: datetime) -> str:
    """`22.11.2026 20:15:13 (UTC+05:00)`, local time, for readers who may be elsewhere."""
    offset = f"{timezone.localtime(at):%z}"
    return f"{written(at)} (UTC{offset[:3]}:{offset[3:]})"


def to_the_minute(at: datetime) -> str:
    """`22.11.2026 20:15`, local time: where seconds say nothing."""
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M}"


def local_day(at: datetime) -> date:
    """The day of `at` by the bureau's calendar."""
    return timezone.localtime(at, timezone.get_default_timezone()).date()


def end_of(day: date) -> datetime:
    """The last moment of `day` by the bureau's calendar."""
    after = datetime.combine(day + timedelta(days=1), time.min, tzinfo=timezone.get_default_timezone())
    return after - timedelta(microseconds=1)
