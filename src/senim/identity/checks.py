"""What start-up asks of identity, and what the accounts can say of their own good order."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit.checks import Asked, Check, Fault, Finding
from senim.kit.instance import Instance, Profile


def findings(instance: Instance) -> list[Finding]:
    """Accounts born in a demonstration, which production must not know."""
    if instance.profile is not Profile.PRODUCTION:
        return []
    strangers = Account.objects.filter(born_in=Profile.DEMONSTRATION.value).values_list("username", flat=True)
    if not strangers:
        return []
    reason = _("Accounts of a demonstration are in this database: %(names)s. Use a database that production made.")
    return [Finding("identity:demonstration-accounts", reason % {"names": ", ".join(strangers)})]


def wanting() -> list[Finding]:
    """What is still to be done by hand on a fresh instance: nobody can administer it yet."""
    if not Account.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists():
        reason = _("No administrator can sign in. Make one: senim accounts add NAME --role administrator")
        return [Finding("identity:no-administrator", reason)]
    return []


def _accounts(asked: Asked) -> Iterator[Fault]:
    for finding in (*findings(asked.instance), *wanting()):
        yield Fault(finding.reason)


CHECKS = (
    Check(
        "identity:accounts",
        _("Accounts of staff"),
        _("An administrator can sign in, and no account of a demonstration is where it must not be."),
        _accounts,
    ),
)
