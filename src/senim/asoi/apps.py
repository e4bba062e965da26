"""Django's view of this room."""

from django.apps import AppConfig


class Asoi(AppConfig):
    """The regulator channel room."""

    name = "senim.asoi"
    label = "asoi"
