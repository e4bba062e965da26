"""What people do on the console's pages, done with the rights that the console's process has in the database."""

import json
import subprocess
import sys

import pytest

from senim.site.layout import CHECKOUT
from senim.site.supervisor.house import environment
from tests.functional.house import House, wait_until

pytestmark = pytest.mark.real
_ACTS = """
import json, sys, time, django
django.setup()
from datetime import timedelta
from senim.identity.models import Account
from senim.incidents import acts, personal_data, work
from senim.incidents.assessment import Assessment, Breach, Data, Severity
from senim.incidents.deeds import Assess
from senim.incidents.models import Incident
from senim.kit.clock import now

account = Account.objects.get(username="analyst")
incident = Incident.objects.get(pk=sys.argv[1])
task = work.add_task(account, incident.pk, "call the provider", to=account, due_at=now() + timedelta(hours=1))
work.end_task(account, incident.pk, task.pk, is_done=True)
known = incident.first_event_at
deed = Assess(Assessment(Severity.HIGH, Breach.YES, data=(Data.PERSONAL,)), breach_known_at=known)
acts.decide(account, incident.pk, deed, seen=incident.revision, reason="seen", fresh_second_factor=True)
deadline = time.monotonic() + 60
while not Incident.objects.filter(pk=incident.pk, breach_known_at=known).exists():
    assert time.monotonic() < deadline, "the worker has not come round"
    time.sleep(0.1)
personal_data.note_told(account, incident.pk, told_at=now(), reference="letter 17")
print(json.dumps({"number": incident.number}))
"""


def test_an_incident_is_worked_on_assessed_and_its_breach_told_of(house: House) -> None:
    wait_until(lambda: house.senim("incidents", "list"), what="an incident")
    (incident, *_others) = house.senim("incidents", "list")
    command = [sys.executable, "-c", _ACTS, incident["id"]]
    where = environment(house.instance, "console")
    done = subprocess.run(command, env=where, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["number"] == incident["number"]
    shown = house.senim("incidents", "show", incident["number"])
    assert shown["assessment"]["severity"] == "high"
    assert "assessed" in [each["type"] for each in shown["messages"]]
