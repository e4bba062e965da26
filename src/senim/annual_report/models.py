"""What was filed: whose decision it was, and what was told to the regulator."""

from typing import Any

from django.db import models
from django.db.models import Q

from senim.kit import canonical
from senim.kit.clock import now
from senim.kit.ids import new_id


class Filing(models.Model):
    """That somebody filed the information of a year as it was shown to them. Written once.

    The door writes no more than that. The worker composes it anew (`Report`).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    """1: the first of its year; a later one corrects the one before."""
    as_of = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    """Of the composed content that was shown."""
    reason = models.TextField(blank=True)
    """Why it is filed again; empty for the first."""
    by = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["year", "number"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="annual_report_filed_in_turn"),
            models.CheckConstraint(condition=Q(number__gte=1), name="annual_report_counts_from_one"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="annual_report_corrected_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.year}, {self.number}"

    @property
    def subject(self) -> str:
        """How audit rows and events name it."""
        return f"filing:{self.pk}"


class Report(models.Model):
    """What became of a filing: the report as it was told to the regulator, or why it was not. Written once."""

    filing = models.OneToOneField(Filing, primary_key=True, on_delete=models.PROTECT, related_name="report")
    refusal = models.CharField(max_length=64, blank=True)
    """The code of the problem for which it was not told. Empty: it was, and the rest is filled in."""
    content = models.TextField(blank=True)
    """Canonical JSON, to the byte."""
    pdf_kk = models.BinaryField(default=b"")
    pdf_ru = models.BinaryField(default=b"")
    set_by = models.CharField(max_length=40, blank=True)
    """What set the PDFs, with its version."""
    message = models.OneToOneField("asoi.Message", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(refusal="", message__isnull=False) & ~Q(content="")
                | ~Q(refusal="") & Q(message=None, content=""),
                name="annual_report_told_or_refused",
            )
        ]

    @property
    def composed(self) -> dict[str, Any]:
        """The content as JSON values."""
        found: dict[str, Any] = canonical.loads(self.content.encode())
        return found

    def pdf(self, language: str) -> bytes:
        """The PDF in `language`: `kk` or `ru`."""
        return bytes({"kk": self.pdf_kk, "ru": self.pdf_ru}[language])
