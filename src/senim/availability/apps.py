"""Django's view of this room."""

from django.apps import AppConfig


class Availability(AppConfig):
    """The availability room."""

    name = "senim.availability"
    label = "availability"
