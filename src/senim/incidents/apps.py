"""Django's view of this room."""

from django.apps import AppConfig


class Incidents(AppConfig):
    """The incidents room."""

    name = "senim.incidents"
    label = "incidents"
