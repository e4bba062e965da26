"""Alerts of services that are down for too long: like any other, they explain themselves and list the very lines.

Clauses: R228/81-1(6) (other incidents that led to downtime of more than one hour).
"""

from datetime import datetime

from senim.availability.limits import Passing
from senim.availability.models import Sample
from senim.detection.measures import FILE, MEASURES, Measure
from senim.detection.models import Alert
from senim.kit.marker import is_marker
from senim.telemetry.parsers.heartbeat import DOWN


def alert_of(passing: Passing) -> Alert:
    """The alert of an outage that has passed a limit; not written yet."""
    measure, outage = MEASURES[passing.limit], passing.outage
    return Alert(
        rule_id=measure.about.id,
        rule_title=measure.about.title,
        kind=measure.kind,
        level=measure.about.level,
        target=outage.service,
        actor="",
        marker=outage.service if is_marker(outage.service) else "",
        source=passing.service.source,
        first_at=outage.began_at,
        last_at=passing.evidence[-1].at,
        count=outage.downs,
        explanation=_explanation(passing, measure),
        evidence=[_line(sample) for sample in passing.evidence],
    )


def _explanation(passing: Passing, measure: Measure) -> dict[str, object]:
    outage = passing.outage
    return {
        "version": 1,
        "group": {"service": outage.service},
        "because": {
            "rule": {"id": measure.about.id, "title": measure.about.title, "file": FILE},
            "asks": {"type": measure.asks, "least": 1, "timespan_s": int(measure.least.total_seconds()), "fields": []},
            "found": outage.downs,
            "window": {"from": _iso(passing.counted_from), "until": _iso(passing.evidence[-1].at)},
            "events": [{"title": outage.service, "condition": f"action: {DOWN}"}],
            "built_on": [],
        },
        "spell": {"times": 1, "since": _iso(outage.began_at)},
        "events": {"all": outage.downs, "listed": len(passing.evidence), "let_go": 0},
        "outage": str(outage.pk),
        # By which names other rules know what runs the service: an attack on one of them may be why.
        "targets": [outage.service, *passing.service.targets],
    }


def _line(sample: Sample) -> dict[str, object]:
    place = {"source": sample.source, "epoch": sample.epoch, "seq": sample.seq}
    return {**place, "at": _iso(sample.at), "sha256": sample.sha256, "text": sample.text}


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
