"""Django's view of this room."""

from django.apps import AppConfig


class Oncall(AppConfig):
    """The on-call room."""

    name = "senim.oncall"
    label = "oncall"
