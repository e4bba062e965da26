"""Django's view of this room."""

from django.apps import AppConfig


class Identity(AppConfig):
    """The identity room."""

    name = "senim.identity"
    label = "identity"
