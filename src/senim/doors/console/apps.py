"""Django's view of this door."""

from django.apps import AppConfig


class Console(AppConfig):
    """The console door."""

    name = "senim.doors.console"
    label = "console"
