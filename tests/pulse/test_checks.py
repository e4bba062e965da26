"""A process that does not run and one that does nothing are told apart."""

from datetime import timedelta

import pytest
from django.utils import translation

from senim.kit.checks import Asked
from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.pulse.checks import CHECKS
from senim.pulse.models import Beat
from senim.pulse.queries import NAMES, SILENT_AFTER
from tests.processes import Processes, beat_at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("processes")]
MOMENT = timedelta(microseconds=1)


@pytest.fixture
def asked(instance: Instance) -> Asked:
    return Asked(instance, now())


def told(asked: Asked) -> set[str]:
    with translation.override("en"):
        return {str(fault.what) for check in CHECKS for fault in check.find(asked)}


def test_a_house_at_work_is_well(asked: Asked) -> None:
    beat_at(asked.now)
    assert told(asked) == set()


def test_who_holds_no_connection_does_not_run(asked: Asked, processes: Processes) -> None:
    beat_at(asked.now)
    processes.end("sealer")
    assert told(asked) == {"The process sealer does not run"}


@pytest.mark.parametrize(("after", "number"), [(timedelta(0), 0), (MOMENT, len(NAMES))])
def test_who_is_silent_for_too_long_does_nothing(asked: Asked, after: timedelta, number: int) -> None:
    beat_at(asked.now - SILENT_AFTER - after)
    assert len([each for each in told(asked) if "runs and does nothing since" in each]) == number


def test_who_has_never_spoken_does_nothing(asked: Asked) -> None:
    beat_at(asked.now)
    Beat.objects.filter(process="asoi").delete()
    assert told(asked) == {"The process asoi runs and does nothing"}
