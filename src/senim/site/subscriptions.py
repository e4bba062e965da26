"""Who hears which news: the whole table, on one page.

A handler runs once per event, in a worker, in one transaction of its own (see `events.delivery`).
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from senim.events.delivery import Handler
from senim.events.vocabulary.asoi import AsoiEvent
from senim.events.vocabulary.detection import DetectionEvent
from senim.events.vocabulary.incidents import IncidentEvent
from senim.events.vocabulary.oncall import OncallEvent
from senim.incidents import handlers as incidents
from senim.oncall import handlers as oncall

SUBSCRIPTIONS: Mapping[StrEnum, Sequence[Handler]] = {
    AsoiEvent.MESSAGE_DELIVERED: (incidents.tell_what_waits,),
    AsoiEvent.MESSAGE_EXPORTED: (incidents.tell_what_waits,),
    DetectionEvent.ALERT_RAISED: (incidents.open_from_alert,),
    IncidentEvent.ACT_DECIDED: (incidents.carry_out,),
    IncidentEvent.ACT_DONE: (oncall.let_rest,),
    IncidentEvent.ALERT_GRADED: (incidents.open_from_decision,),
    IncidentEvent.INCIDENT_OPENED: (oncall.wake_for_incident,),
    OncallEvent.TEST_ASKED: (oncall.send_test,),
}
