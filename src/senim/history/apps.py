"""Django's view of this room."""

from django.apps import AppConfig


class History(AppConfig):
    """The history room."""

    name = "senim.history"
    label = "history"
