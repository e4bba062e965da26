"""Alerts, what correlation remembers between frames, how the rules stand, and frames that nobody could read."""

from django.db import models

from senim.kit.clock import now
from senim.kit.ids import new_id


class Alert(models.Model):
    """A rule's claim that something happened, with everything that explains it. Written once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rule_id = models.CharField(max_length=36)
    rule_title = models.CharField(max_length=255)
    kind = models.PositiveSmallIntegerField(null=True)
    """The item of R228/81-1 that the rule grades this as; None where a person must decide."""
    level = models.CharField(max_length=16)
    """Sigma's: informational, low, medium, high, critical."""
    target = models.CharField(max_length=255)
    actor = models.CharField(max_length=255)
    account = models.CharField(max_length=255, blank=True)
    marker = models.CharField(max_length=64, blank=True)
    """The marker of an exercise that its events wear (`kit.marker`)."""
    source = models.CharField(max_length=64)
    """The source of the line at which the rule came true."""
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    """When the first and the last of its events happened."""
    raised_at = models.DateTimeField(default=now)
    count = models.PositiveBigIntegerField()
    """Events that no earlier alert of the same rule had counted: counts of one attack's alerts can be added."""
    explanation = models.JSONField()
    """Why: `group` (field → value), `because` (rule, what it asks, what was found, window, what it is built on, again
    so), `spell` (how many times it has come true, since when), `events` (all, listed, let go uncounted)."""
    evidence = models.JSONField()
    """The very lines, in the order in which they happened: source, epoch, seq, at, sha256 of the line, its text."""

    class Meta:
        ordering = ["-raised_at", "-id"]
        indexes = [models.Index(fields=["rule_id", "raised_at"]), models.Index(fields=["kind", "target", "actor"])]

    def __str__(self) -> str:
        return f"{self.rule_title}: {self.target} by {self.actor}"


class Remembered(models.Model):
    """What correlation remembers of one rule for one set of values of its group-by fields."""

    id = models.UUIDField(primary_key=True, editable=False)
    """Made from rule, revision and values."""
    rule = models.CharField(max_length=36)
    revision = models.CharField(max_length=16)
    """Of the rule's text: what another text remembered is not used."""
    state = models.BinaryField()
    """The group without its marks, as MessagePack."""
    read_at = models.DateTimeField()
    """When the newest of its events was read."""
    due_at = models.DateTimeField(null=True)
    """After which moment of reading the first of those that wait for what may be missing is to be judged."""

    class Meta:
        indexes = [
            models.Index(fields=["rule", "read_at"]),
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="detection_remembered_due"),
        ]


class RememberedMark(models.Model):
    """One event, or one coming true of another rule, in a remembered group; it ends with its group."""

    id = models.UUIDField(primary_key=True, editable=False)
    """Made from its group and its line."""
    group = models.ForeignKey(Remembered, on_delete=models.DO_NOTHING, db_constraint=False)
    """The database itself removes marks with their group (`migrations/0003_marks_end_with_their_group.py`)."""
    state = models.BinaryField()
    """The mark as MessagePack."""


class Turn(models.Model):
    """Which detector correlated last: one row."""

    ONLY = 1
    holder = models.UUIDField()


class RuleStatus(models.Model):
    """How one rule stands since detection last started: in use, or refused and why."""

    class State(models.TextChoices):
        """Whether it is used."""

        LOADED = "loaded"
        REFUSED = "refused"

    key = models.CharField(primary_key=True, max_length=600)
    """The rule's identifier; for a refused one its place, `FILE:LINE`, because its identifier may be what is wrong."""
    rule_id = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=255, blank=True)
    file = models.CharField(max_length=580)
    line = models.PositiveIntegerField()
    level = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=8, choices=State.choices)
    reason = models.TextField(blank=True)
    telemetry = models.JSONField(default=list)
    """The kinds of telemetry it looks at, where it looks at events itself."""
    needs = models.JSONField(default=dict)
    """Without which telemetry it cannot come true (`internal.needs`)."""
    kind = models.PositiveSmallIntegerField(null=True)
    """The item of R228/81-1 that its alerts are graded as; of a refused one, would be."""
    alerts = models.BooleanField(default=False)
    """Whether it raises alerts itself; if not, others are built on it."""
    groups_let_go = models.PositiveBigIntegerField(default=0)
    """Groups forgotten before their time because there were too many of them."""
    since = models.DateTimeField(default=now)
    """Since when it stands so."""

    class Meta:
        ordering = ["file", "line"]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.state}"


class RuleFile(models.Model):
    """A rule file: what rules in use were read from it, and what lies there now, as detection sees it."""

    file = models.CharField(primary_key=True, max_length=580)
    loaded = models.CharField(max_length=64, blank=True)
    """SHA-256 of what detection read when it started; empty: there was none."""
    found = models.CharField(max_length=64, blank=True)
    """SHA-256 of what lies there now; empty: nothing does."""
    since = models.DateTimeField(default=now)
    """Since when what lies there is so."""

    class Meta:
        ordering = ["file"]

    def __str__(self) -> str:
        return self.file


class SetAside(models.Model):
    """A message of the stream that detection could not take, kept whole. Written once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=now)
    stream_seq = models.PositiveBigIntegerField()
    """Its number in the stream."""
    subject = models.CharField(max_length=255)
    reason = models.TextField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["stream_seq", "sha256"], name="detection_set_aside_once")]

    def __str__(self) -> str:
        return f"{self.subject} {self.stream_seq}: {self.reason}"


class TakenUp(models.Model):
    """What was set aside has had its effect after all. Written once."""

    set_aside = models.OneToOneField(SetAside, primary_key=True, on_delete=models.PROTECT, related_name="taken_up")
    at = models.DateTimeField(default=now)
