"""Django's view of this room: it has no tables, only texts."""

from django.apps import AppConfig


class Exercises(AppConfig):
    """The exercises room."""

    name = "senim.exercises"
    label = "exercises"
