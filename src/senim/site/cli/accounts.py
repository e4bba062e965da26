"""`senim accounts`: who of the staff may sign in. How production gets its first administrator."""

import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from django.db import DatabaseError
from django.utils.translation import gettext as _

from senim.kit.clock import iso
from senim.kit.problems import Problem
from senim.site.cli.operator import as_operator

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.audit.operations import Actor
    from senim.identity.models import Account

REFUSED = 3
ROLES = ("administrator", "analyst", "auditor", "head-of-is")
_role = click.Choice(ROLES)
_why = click.option("--reason", required=True, help="Why; stands in the audit log.")


@click.group()
def accounts() -> None:
    """Accounts of the staff. Every change leaves an audit row with your name on this machine."""


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        as_operator()
        yield
    except (Problem, DatabaseError) as refusal:
        click.echo(f"senim: {str(refusal).strip()}", err=True)
        sys.exit(REFUSED)


@accounts.command()
@click.argument("username")
@click.option("--name", "full_name", required=True, help="First and last name.")
@click.option("--role", type=_role, required=True)
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def add(username: str, full_name: str, role: str, as_json: bool) -> None:
    """Make an account and show, once, the password with which USERNAME signs in to enrol.

    At the first sign-in USERNAME chooses a password and sets up an authenticator; until both are done nothing else
    opens.
    """
    with _refusals():
        from senim.identity.operations import add_account
        from senim.identity.permissions import Role

        account, password = add_account(username, full_name, Role(role), actor=_actor())
    _show_password(account, password, as_json)


@accounts.command()
@click.argument("username")
@_why
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def reset(username: str, reason: str, as_json: bool) -> None:
    """Take password and second factors from USERNAME and show, once, a new password to enrol with."""
    with _refusals():
        from senim.identity.operations import reset_access

        account = _account(username)
        password = reset_access(account, actor=_actor(), reason=reason)
    _show_password(account, password, as_json)


@accounts.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def show(as_json: bool) -> None:
    """Who may sign in."""
    with _refusals():
        from senim.identity import queries

        found = list(queries.accounts())
    if as_json:
        click.echo(json.dumps([_as_json(account) for account in found], ensure_ascii=False))
        return
    for account in found:
        standing = _("active") if account.is_active else _("disabled")
        click.echo(f"{account.username:<20} {standing:<12} {account.full_name}, {account.get_role_display()}")


@accounts.command()
@click.argument("username")
@_why
def disable(username: str, reason: str) -> None:
    """Let USERNAME sign in no more, and end the sessions that run."""
    with _refusals():
        from senim.identity.operations import disable_account

        disable_account(_account(username), actor=_actor(), reason=reason)


@accounts.command()
@click.argument("username")
@_why
def enable(username: str, reason: str) -> None:
    """Let a disabled USERNAME sign in again."""
    with _refusals():
        from senim.identity.operations import enable_account

        enable_account(_account(username), actor=_actor(), reason=reason)


@accounts.command()
@click.argument("username")
@click.argument("role", type=_role)
@_why
def role(username: str, role: str, reason: str) -> None:
    """Give USERNAME another ROLE, from the next request on."""
    with _refusals():
        from senim.identity.operations import change_role
        from senim.identity.permissions import Role

        change_role(_account(username), Role(role), actor=_actor(), reason=reason)


def _account(username: str) -> "Account":
    from senim.identity import queries

    return queries.account(username)


def _actor() -> "Actor":
    """The person at this machine, by the name that the system knows."""
    from senim.audit.operations import Actor

    return Actor("process", "operator", f"operator ({getpass.getuser()})")


def _show_password(account: "Account", password: str, as_json: bool) -> None:
    until = iso(account.enrol_until) if account.enrol_until else ""
    if as_json:
        click.echo(json.dumps({"username": account.username, "password": password, "until": until}))
        return
    click.echo(_("One-time password of %(name)s, shown this once:") % {"name": account.username})
    click.echo(f"\n    {password}\n")
    click.echo(_("It opens the way to enrolment until %(until)s, and nothing else.") % {"until": until})


def _as_json(account: "Account") -> dict[str, object]:
    return {
        "username": account.username,
        "name": account.full_name,
        "role": account.role,
        "active": account.is_active,
        "born_in": account.born_in,
        "enrolled": account.enrol_until is None,
    }
