"""Says to the house until when the channel's certificates are good."""

from datetime import timedelta

from django.db import transaction

from senim.asoi.checks import endings
from senim.asoi.models import Ending
from senim.kit.clock import now
from senim.kit.instance import Instance

_EVERY = timedelta(minutes=10)
"""Our choice: certificates are replaced by people, who look afterwards."""


class Endings:
    """What was said last, and when it is time to look again."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._looked_at = now() - _EVERY

    def work(self) -> None:
        """Look, where it is time to."""
        if now() - self._looked_at >= _EVERY:
            self._looked_at = now()
            note(self._instance)


@transaction.atomic
def note(instance: Instance) -> None:
    """Write down until when each certificate is good; what is not read any more is left out."""
    moment = now()
    found = dict(endings(instance, now=moment))
    Ending.objects.exclude(name__in=found).delete()
    for name, ends_at in found.items():
        Ending.objects.update_or_create(name=name, defaults={"ends_at": ends_at, "seen_at": moment})
