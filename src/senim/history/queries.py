"""Who may look into the history."""

from senim.history.errors import HistoryNotPermitted
from senim.history.history import History
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.kit.instance import Instance


def access_history(account: Account, instance: Instance) -> History:
    """The history, for `account`: all of it or none. Raises `HistoryNotPermitted`."""
    if not account.may(Permission.HISTORY_EVENT_READ):
        raise HistoryNotPermitted
    return History(instance)
