"""What start-up asks of identity."""

from django.utils.translation import gettext_lazy as _

from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit.checks import Finding
from senim.kit.instance import Instance, Profile


def findings(instance: Instance) -> list[Finding]:
    """What is not as production needs it: accounts born in a demonstration; nobody who could administer."""
    if instance.profile is not Profile.PRODUCTION:
        return []
    found = []
    strangers = Account.objects.filter(born_in=Profile.DEMONSTRATION.value).values_list("username", flat=True)
    if strangers:
        reason = _("Accounts of a demonstration are in this database: %(names)s. Use a database that production made.")
        found.append(Finding("identity:demonstration-accounts", reason % {"names": ", ".join(strangers)}))
    if not Account.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists():
        reason = _("No administrator can sign in. Make one: senim accounts add NAME --role administrator")
        found.append(Finding("identity:no-administrator", reason))
    return found
