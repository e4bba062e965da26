"""Django's view of this room."""

from django.apps import AppConfig


class Registers(AppConfig):
    """The room of registers."""

    name = "senim.registers"
    label = "registers"
