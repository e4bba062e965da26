"""Django's view of this room."""

from django.apps import AppConfig


class Pulse(AppConfig):
    """The pulse room."""

    name = "senim.pulse"
    label = "pulse"
