"""Accounts of staff, and the sessions in which they work."""

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _

from senim.audit.operations import Actor
from senim.identity.names import PATTERN
from senim.identity.permissions import GRANTED, ROLE_NAMES, Permission, Role
from senim.identity.session_limits import IDLE
from senim.kit.clock import now
from senim.kit.ids import new_id
from senim.kit.instance import Profile


class AccountManager(BaseUserManager["Account"]):
    """Finds accounts by the name they sign in with."""


class Account(AbstractBaseUser):
    """Somebody of the staff who signs in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(_("user name"), max_length=150, unique=True)
    full_name = models.CharField(_("full name"), max_length=150)
    role = models.CharField(_("role"), max_length=32, choices=[(role.value, ROLE_NAMES[role]) for role in Role])
    language = models.CharField(_("language"), max_length=2, default="kk")
    is_active = models.BooleanField(default=True)
    born_in = models.CharField(max_length=16, choices=[(profile.value, profile.value) for profile in Profile])
    """The profile it was made under: production refuses accounts of the demonstration by this fact."""
    created_at = models.DateTimeField(default=now)
    password_chosen_at = models.DateTimeField(null=True, blank=True)
    """When its owner chose the password; None: somebody else made it, for one use."""
    enrol_until = models.DateTimeField(null=True, blank=True)
    """Until when password and authenticator must be set up; None: they are."""

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]

    objects = AccountManager()

    class Meta:
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(condition=models.Q(username__regex=PATTERN), name="identity_account_name"),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    @property
    def email(self) -> str:
        """No mail goes to staff accounts; allauth asks for the attribute."""
        return ""

    def may(self, permission: Permission) -> bool:
        """Whether this account has leave for `permission` through its role."""
        return self.is_active and permission in GRANTED[Role(self.role)]

    def as_actor(self) -> Actor:
        """This account as the audit log names it."""
        return Actor("account", str(self.id), self.username)

    @property
    def subject(self) -> str:
        """How audit rows and events name it."""
        return f"account:{self.pk}"


class Session(AbstractBaseSession):
    """Where somebody is signed in, or half signed in. `identity.sessions` keeps key and content unreadable here."""

    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="sessions")
    """None until both factors were shown."""
    started_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-started_at"]

    @property
    def seen_at(self) -> datetime:
        """When its owner last did something."""
        return self.expire_date - IDLE
