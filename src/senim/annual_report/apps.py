"""Django's view of this room."""

from django.apps import AppConfig


class AnnualReport(AppConfig):
    """The annual report room."""

    name = "senim.annual_report"
    label = "annual_report"
