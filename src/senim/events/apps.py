"""Django's view of this room."""

from django.apps import AppConfig


class Events(AppConfig):
    """The events room."""

    name = "senim.events"
    label = "events"
