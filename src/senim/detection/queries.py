"""Reading alerts and how the rules stand."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from senim.detection.models import Alert, RuleStatus, SetAside


def alert(pk: UUID | str) -> Alert:
    """The alert `pk`. Raises `Alert.DoesNotExist`."""
    return Alert.objects.get(pk=pk)


def alerts(
    *,
    kind: int | None = None,
    rule: str = "",
    target: str = "",
    actor: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Alert]:
    """Alerts, newest first; each filter that is given must fit. `since` and `until` are of `raised_at`, included."""
    asked: dict[str, object] = {"kind": kind, "rule_id": rule, "target": target, "actor": actor}
    asked |= {"raised_at__gte": since, "raised_at__lte": until}
    return Alert.objects.filter(**{name: value for name, value in asked.items() if value})


def rules() -> QuerySet[RuleStatus]:
    """How every rule stands since detection last started, in the order of files."""
    return RuleStatus.objects.all()


def set_aside() -> QuerySet[SetAside]:
    """Messages that detection could not take and has not taken since, newest first."""
    return SetAside.objects.filter(taken_up=None)
