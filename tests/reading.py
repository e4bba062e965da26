"""Sources that are read and analysed, for tests that start no collector and no detection."""

from datetime import datetime

from senim.kit.instance import Instance
from senim.telemetry.models import Ledger, Notice
from senim.telemetry.notices import NoticeKind
from senim.telemetry.settings import PLATFORM, telemetry_settings
from tests.processes import beat_at


def read_until(instance: Instance, moment: datetime, *, begun_at: datetime) -> None:
    """Let everything that `instance` names be read and analysed until `moment`; the processes must be connected."""
    names = (PLATFORM, *(source.name for source in telemetry_settings(instance).sources))
    beat_at(moment, sources=names)
    for name in names:
        Ledger.objects.create(
            source=name, epoch="e", kind=name, host="h", lines=1, last_line_at=moment, read_until=moment
        )
        Notice.objects.create(source=name, epoch="e", seq=1, kind=NoticeKind.COLLECTING, at=begun_at)
