"""Commands that ask or change the running house do so as the process `operator`, with its rights and no others."""

import os

import django

from senim.kit import secrets
from senim.kit.instance import Instance
from senim.site.cli.language import speak

PROCESS = "operator"


def as_operator() -> Instance:
    """Get Django ready for a command at the machine, speaking the terminal's language.

    Raises `BadSettings` where there is no instance, `ExposedFile` where its secrets lie open.
    """
    instance = Instance.load()
    secrets.load(instance, PROCESS)
    os.environ["SENIM_PROCESS"] = PROCESS
    os.environ["DJANGO_SETTINGS_MODULE"] = "senim.site.settings"
    django.setup()
    speak()
    return instance
