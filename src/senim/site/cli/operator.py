"""Commands that ask or change the running house do so as the process `operator`, with its rights and no others."""

import os
import pwd
from typing import TYPE_CHECKING

import django

from senim.kit import secrets
from senim.kit.instance import Instance
from senim.site.cli.language import speak

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.audit.operations import Actor

PROCESS = "operator"


def as_operator() -> Instance:
    """Get Django ready for a command at the machine, speaking the terminal's language.

    Raises `NoInstance` where there is none, `BadSettings` and `ExposedFile` by what its settings and secrets are like.
    """
    instance = Instance.load()
    secrets.load(instance, PROCESS)
    os.environ["SENIM_PROCESS"] = PROCESS
    os.environ["DJANGO_SETTINGS_MODULE"] = "senim.site.settings"
    django.setup()
    speak()
    return instance


def at_this_machine() -> "Actor":
    """The person at this machine as the audit log names them: by the system's word, never by the environment's."""
    from senim.audit.operations import Actor

    return Actor("process", PROCESS, f"operator ({_name_of(os.geteuid())})")


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
