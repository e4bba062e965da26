"""Editing the on-call list and how people are reached. Each act leaves its audit row, which holds no address.

Whoever edits the list decides who sleeps and where pages go: it asks for leave and for a second factor shown just now.
"""

import re
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.kit.clock import now as read_clock
from senim.oncall.errors import MayNotEdit
from senim.oncall.models import Contact, Duty
from senim.oncall.ports import is_allowed
from senim.oncall.settings import oncall_settings

_PHONE = re.compile(r"\+[1-9][0-9]{9,14}")


def require_editor(account: Account, *, fresh_second_factor: bool) -> None:
    """Raise `MayNotEdit` unless `account` has leave and has shown a second factor just now."""
    if not (fresh_second_factor and account.may(Permission.ONCALL_LIST_EDIT)):
        raise MayNotEdit


@transaction.atomic
def add_duty(account: Account, *, place: int, since: date, until: date | None, every_weeks: int, actor: Actor) -> Duty:
    """Put `account` on the list. Raises `ValidationError` where the line makes no sense."""
    duty = Duty(account=account, place=place, since=since, until=until, every_weeks=every_weeks)
    duty.full_clean()
    duty.save()
    detail = {"account": str(account.pk), "place": place, "since": since.isoformat(), "every_weeks": every_weeks}
    detail["until"] = until.isoformat() if until else None
    audit.record(actor, AuditAction.ONCALL_DUTY_ADDED, f"duty:{duty.pk}", detail=detail)
    return duty


@transaction.atomic
def end_duty(duty: Duty, *, actor: Actor, now: datetime | None = None) -> None:
    """Take a line off the list; it is kept, so that one can tell later who was on call. Twice is as good as once."""
    if Duty.objects.filter(pk=duty.pk, ended_at=None).update(ended_at=now or read_clock()):
        audit.record(actor, AuditAction.ONCALL_DUTY_ENDED, f"duty:{duty.pk}", detail={"account": str(duty.account_id)})


@transaction.atomic
def set_contact(account: Account, *, phone: str, email: str, webhook: str, actor: Actor) -> Contact:
    """How `account` is reached from now on. Raises `ValidationError` by field."""
    _raise_if_unusable(phone, email, webhook)
    found, _made = Contact.objects.update_or_create(
        account=account, defaults={"phone": phone, "email": email, "webhook": webhook, "changed_at": read_clock()}
    )
    known = [name for name, value in (("phone", phone), ("email", email), ("webhook", webhook)) if value]
    audit.record(actor, AuditAction.ONCALL_CONTACT_CHANGED, account.subject, detail={"ways": known})
    return found


def _raise_if_unusable(phone: str, email: str, webhook: str) -> None:
    wrong = {}
    if phone and not _PHONE.fullmatch(phone):
        wrong["phone"] = _("A number with its country: +7 and ten digits, without spaces")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            wrong["email"] = _("This is no e-mail address")
    known = oncall_settings(settings.SENIM_INSTANCE).webhook
    if webhook and not is_allowed(webhook, known.hosts if known else ()):
        wrong["webhook"] = _(
            "An address that begins with https://, at a host that senim.toml allows ([oncall.webhook])"
        )
    if wrong:
        raise ValidationError(wrong)
