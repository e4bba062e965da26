"""Django's view of this room."""

from django.apps import AppConfig


class EventFeed(AppConfig):
    """The event feed room."""

    name = "senim.event_feed"
    label = "event_feed"
