"""`senim accounts`: who of the staff may sign in. How production gets its first administrator."""

from typing import TYPE_CHECKING

import click
from django.utils.translation import gettext as _

from senim.kit.clock import iso
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.operator import as_operator, at_this_machine

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.identity.models import Account

ROLES = ("administrator", "analyst", "auditor", "head-of-is")
_role = click.Choice(ROLES)
_why = click.option("--reason", required=True, help="Why; stands in the audit log.")


@click.group()
def accounts() -> None:
    """Accounts of the staff. Every change leaves an audit row with your name on this machine."""


@accounts.command()
@click.argument("username")
@click.option("--name", "full_name", required=True, help="First and last name.")
@click.option("--role", type=_role, required=True)
@json_wish
def add(username: str, full_name: str, role: str, as_json: bool) -> None:
    """Make an account and show, once, the password with which USERNAME signs in to enrol.

    At the first sign-in USERNAME chooses a password and sets up an authenticator; until both are done nothing else
    opens.
    """
    as_operator()
    from senim.identity.operations import add_account
    from senim.identity.permissions import Role

    _show_password(*add_account(username, full_name, Role(role), actor=at_this_machine()), as_json)


@accounts.command()
@click.argument("username")
@_why
@json_wish
def reset(username: str, reason: str, as_json: bool) -> None:
    """Take password and second factors from USERNAME and show, once, a new password to enrol with."""
    as_operator()
    from senim.identity.operations import reset_access

    account = _account(username)
    _show_password(account, reset_access(account, actor=at_this_machine(), reason=reason), as_json)


@accounts.command(name="list")
@json_wish
def show(as_json: bool) -> None:
    """Who may sign in."""
    as_operator()
    from senim.identity import queries

    found = list(queries.accounts())
    answer([_as_json(account) for account in found], "\n".join(map(_as_line, found)), as_json=as_json)


@accounts.command()
@click.argument("username")
@_why
@json_wish
def disable(username: str, reason: str, as_json: bool) -> None:
    """Let USERNAME sign in no more, and end the sessions that run."""
    as_operator()
    from senim.identity.operations import disable_account

    account = _account(username)
    disable_account(account, actor=at_this_machine(), reason=reason)
    answer(_as_json(account), _as_line(account), as_json=as_json)


@accounts.command()
@click.argument("username")
@_why
@json_wish
def enable(username: str, reason: str, as_json: bool) -> None:
    """Let a disabled USERNAME sign in again."""
    as_operator()
    from senim.identity.operations import enable_account

    account = _account(username)
    enable_account(account, actor=at_this_machine(), reason=reason)
    answer(_as_json(account), _as_line(account), as_json=as_json)


@accounts.command()
@click.argument("username")
@click.argument("role", type=_role)
@_why
@json_wish
def role(username: str, role: str, reason: str, as_json: bool) -> None:
    """Give USERNAME another ROLE, from the next request on."""
    as_operator()
    from senim.identity.operations import change_role
    from senim.identity.permissions import Role

    account = _account(username)
    change_role(account, Role(role), actor=at_this_machine(), reason=reason)
    answer(_as_json(account), _as_line(account), as_json=as_json)


def _account(username: str) -> "Account":
    from senim.identity import queries

    return queries.account(username)


def _show_password(account: "Account", password: str, as_json: bool) -> None:
    until = iso(account.enrol_until) if account.enrol_until else ""
    lines = (
        _("One-time password of %(name)s, shown this once:") % {"name": account.username},
        f"\n    {password}\n",
        _("It opens the way to enrolment until %(until)s, and nothing else.") % {"until": until},
    )
    told = {"username": account.username, "password": password, "until": until}
    answer(told, "\n".join(lines), as_json=as_json)


def _as_line(account: "Account") -> str:
    standing = _("active") if account.is_active else _("disabled")
    return f"{account.username:<20} {standing:<12} {account.full_name}, {account.get_role_display()}"


def _as_json(account: "Account") -> dict[str, object]:
    return {
        "username": account.username,
        "name": account.full_name,
        "role": account.role,
        "active": account.is_active,
        "born_in": account.born_in,
        "enrolled": account.enrol_until is None,
    }
