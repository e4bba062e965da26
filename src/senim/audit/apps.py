"""Django's view of this room."""

from django.apps import AppConfig


class Audit(AppConfig):
    """The audit room."""

    name = "senim.audit"
    label = "audit"
