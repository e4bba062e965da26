"""Django's view of the composition: when all rooms are loaded, the subscription table is installed."""

from django.apps import AppConfig


class Site(AppConfig):
    """The composition."""

    name = "senim.site"
    label = "site"

    def ready(self) -> None:
        """Say who hears which news, before anybody can report any."""
        from senim.events import delivery
        from senim.site.subscriptions import SUBSCRIPTIONS

        delivery.install(SUBSCRIPTIONS)
