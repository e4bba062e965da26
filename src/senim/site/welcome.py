"""What a demonstration does when it is up: lets its people be there, plays its first exercise, says where to go."""

import subprocess
import sys
from pathlib import Path

from django.utils.translation import gettext as _

from senim.kit.instance import Instance
from senim.site.supervisor.house import asoi_page, environment
from senim.site.supervisor.up import Say
from senim.site.web import console_settings


def let_people_be_there(instance: Instance) -> None:
    """Make the accounts of the demonstration, as the console. Raises `RuntimeError` with what the command said."""
    made = _senim(instance, "console", "demo", "enrol")
    if made.returncode:
        raise RuntimeError(made.stderr.strip())


def welcome(instance: Instance, say: Say) -> None:
    """Say where to go and who can sign in; play the exercise of the first start and say what it showed."""
    # By name, the stand-in by number: browsers keep cookies by host and not by port, and the two must not share any.
    say(_("Console:    https://localhost:{port}/").format(port=console_settings(instance).port))
    say(_("Regulator:  {page}  (a stand-in, not the regulator)").format(page=asoi_page(instance)))
    say(_("Trust:      {path}  (the CA of this demonstration)").format(path=instance.trust("ca")))
    say("")
    say(_senim(instance, "operator", "demo", "accounts").stdout.rstrip())
    say("")
    _play_once(instance, say)


def _play_once(instance: Instance, say: Say) -> None:
    played = _first_exercise(instance)
    if not played.exists():
        say(_("Playing the first exercise: passwords are tried against a server until one works …"))
        report = _senim(instance, "operator", "drill", "--kind", "2")
        played.write_text(report.stdout or report.stderr)
    say(_("The first exercise showed:"))
    say(played.read_text().rstrip())


def _first_exercise(instance: Instance) -> Path:
    """Where the report of the first exercise is kept: it is played once, not at every start."""
    return instance.state("exercise") / "first.txt"


def _senim(instance: Instance, process: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "senim.site.cli", *arguments]
    return subprocess.run(command, env=environment(instance, process), capture_output=True, text=True, check=False)
