"""Django's view of this room."""

from django.apps import AppConfig


class Detection(AppConfig):
    """The detection room."""

    name = "senim.detection"
    label = "detection"
