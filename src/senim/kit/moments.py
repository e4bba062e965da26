"""How people here write moments: in the local time, as the console and findings say them."""

from datetime import datetime

from django.utils import timezone


def written(at: datetime) -> str:
    """`22.11.2026 20:15:13`, local time."""
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M:%S}"


def to_the_minute(at: datetime) -> str:
    """`22.11.2026 20:15`, local time: where seconds say nothing."""
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M}"
