"""Whom to wake, why somebody was woken, and what went out to whom.

    Contact, Duty              who is on call, and how they are reached
    Cause → Page → Letter      why → who was asked, at which step → what was sent, by which tries

A page is written once for a cause, a person and a step, in the transaction that learns of the cause. A letter is what
leaves the house: usually for one page, in a storm for many.
"""

from django.db import models
from django.db.models import F, Q

from senim.kit.clock import now
from senim.kit.ids import new_id


class Contact(models.Model):
    """How somebody of the staff is reached. Personal data: shown to its owner and to who edits the list, never sent."""

    account = models.OneToOneField(
        "identity.Account", primary_key=True, on_delete=models.PROTECT, related_name="contact"
    )
    phone = models.CharField(max_length=16, blank=True)
    """E.164: `+77…`."""
    email = models.CharField(max_length=254, blank=True)
    webhook = models.CharField(max_length=300, blank=True)
    """`https://…`, at a host that senim.toml allows."""
    changed_at = models.DateTimeField(default=now)


class Duty(models.Model):
    """A line of the on-call list: who, in which place, from when until when, in which weeks."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="duties")
    place = models.PositiveSmallIntegerField(default=1)
    """1 is woken first."""
    since = models.DateField()
    """The first day, as the calendar of Almaty has it."""
    until = models.DateField(null=True, blank=True)
    """The last day; None: until further notice."""
    every_weeks = models.PositiveSmallIntegerField(default=1)
    """1: every week; 3: in the week of `since` and every third one after it. Weeks begin on Monday."""
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When somebody took the line off the list: it is kept, so that one can tell later who was on call."""

    class Meta:
        ordering = ["place", "since", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="oncall_duty_ends_later"),
            models.CheckConstraint(condition=Q(place__range=(1, 20)), name="oncall_duty_place"),
            models.CheckConstraint(condition=Q(every_weeks__range=(1, 52)), name="oncall_duty_weeks"),
        ]


class Cause(models.Model):
    """Something that needs a person."""

    class Kind(models.TextChoices):
        """What it is."""

        INCIDENT = "incident"
        ALERT = "alert"
        TROUBLE = "trouble"
        TEST = "test"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    subject = models.CharField(max_length=120)
    """`incident:UUID`, `alert:UUID`, `check:NAME`, `account:UUID`."""
    said = models.JSONField(default=dict)
    """Language → what a page says of it. No personal data, no secret, nothing that an attacker wrote unfiltered."""
    number = models.CharField(max_length=32, blank=True)
    """Of an incident."""
    exercise = models.BooleanField(default=False)
    only = models.ForeignKey("identity.Account", null=True, on_delete=models.PROTECT, related_name="+")
    """The one person whom it concerns; nobody else is woken for it. None: whoever is on call."""
    began_at = models.DateTimeField(default=now)
    over_at = models.DateTimeField(null=True)
    """When it was seen to be over without anybody having answered."""
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("identity.Account", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-began_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(over_at=None) & ~Q(kind="test"), name="oncall_once"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="oncall_answered_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["began_at"], condition=Q(answered_at=None, over_at=None), name="oncall_open"),
        ]

    @property
    def is_open(self) -> bool:
        """Whether it still waits for somebody."""
        return self.answered_at is None and self.over_at is None


class Letter(models.Model):
    """What leaves for one person: the same words at every try, and an identifier by which it is known again."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting"
        SENT = "sent"
        NEEDLESS = "needless"
        """Somebody answered, or it was over, before it could be sent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="letters")
    is_digest = models.BooleanField(default=False)
    """Whether it gathers what came too fast to be told one by one."""
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    text = models.TextField(blank=True)
    """Written at the first try and kept; empty until then."""
    created_at = models.DateTimeField(default=now)
    due_at = models.DateTimeField(default=now)
    """When it was to be sent first: from then on its reader has time to answer."""
    next_try_at = models.DateTimeField(default=now)
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    sent_by = models.CharField(max_length=16, blank=True)
    """The port."""

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["next_try_at"], condition=Q(state="waiting"), name="oncall_letters_waiting")]


class Page(models.Model):
    """That a person was asked, at one step, because of one cause. Written once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    cause = models.ForeignKey(Cause, on_delete=models.PROTECT, related_name="pages")
    account = models.ForeignKey("identity.Account", on_delete=models.PROTECT, related_name="pages")
    step = models.PositiveSmallIntegerField()
    """1 for the first who was asked."""
    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="pages")
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["cause", "step"], name="oncall_one_person_a_step")]


class Attempt(models.Model):
    """One try to send a letter, written before anything leaves."""

    class Outcome(models.TextChoices):
        """How it ended; empty while it is under way."""

        SENT = "sent"
        FAILED = "failed"
        INTERRUPTED = "interrupted"
        """The process was ended in the middle: it is not known whether the letter left."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="attempts")
    port = models.CharField(max_length=16)
    started_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    """What the other side said, short and printable; neither address nor text."""

    class Meta:
        ordering = ["started_at", "pk"]
        indexes = [models.Index(fields=["port", "-ended_at"], name="oncall_last_of_port")]
