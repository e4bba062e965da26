"""The ledger of one source, row by row: its epochs, the numbers that did not arrive, what the collector said.

Losses carry who has looked at them (`seen_by`), when (`seen_at`) and what they found (`seen_note`).
"""

from django.db.models import F, OuterRef, QuerySet, Subquery

from senim.telemetry.models import Gap, Ledger, Notice, SeenLoss


def epochs(source: str) -> QuerySet[Ledger]:
    """Every epoch of `source`, the newest first."""
    return Ledger.objects.filter(source=source).order_by("-opened_at", "-id")


def gaps(source: str) -> QuerySet[Gap]:
    """Numbers of `source` that did not arrive in their turn, newest first; those that arrived after all are closed."""
    seen = seen_of_gap().order_by("at")
    found = Gap.objects.filter(ledger__source=source).select_related("ledger").order_by("-found_at", "-id")
    return found.annotate(
        missing=F("last") - F("first") + 1,
        seen_at=Subquery(seen.values("at")[:1]),
        seen_by=Subquery(seen.values("by__full_name")[:1]),
        seen_note=Subquery(seen.values("note")[:1]),
    )


def notices(source: str) -> QuerySet[Notice]:
    """What the collector said of `source`, newest first."""
    found = Notice.objects.filter(source=source).order_by("-at", "-id")
    return found.annotate(seen_at=F("seen__at"), seen_by=F("seen__by__full_name"), seen_note=F("seen__note"))


def seen_of_gap() -> QuerySet[SeenLoss]:
    """For a gap as the outer query: who has looked at its numbers, or at more than are missing of it still."""
    return SeenLoss.objects.filter(ledger=OuterRef("ledger"), first__lte=OuterRef("first"), last__gte=OuterRef("last"))
