"""Django's view of this room."""

from django.apps import AppConfig


class Telemetry(AppConfig):
    """The telemetry room."""

    name = "senim.telemetry"
    label = "telemetry"
