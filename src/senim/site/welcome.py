"""What a demonstration does when it is up: lets its people be there, plays its first exercise, says where to go."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.utils.translation import gettext as _

from senim.kit.files import write_durably
from senim.kit.instance import Instance
from senim.site.supervisor.child import WillNotStart
from senim.site.supervisor.house import asoi_page, environment
from senim.site.supervisor.up import BETWEEN_ROUNDS, Say
from senim.site.web import console_settings

Meanwhile = Callable[[], None]
"""What the supervisor does again and again while a command runs: it looks after its children."""


def let_people_be_there(instance: Instance, meanwhile: Meanwhile) -> None:
    """Make the accounts of the demonstration, as the console. Raises `WillNotStart` with what the command said."""
    made = _senim(instance, "console", "demo", "enrol", meanwhile=meanwhile)
    if made.returncode:
        raise WillNotStart(made.stderr.strip())


def welcome(instance: Instance, who: str, say: Say, meanwhile: Meanwhile) -> None:
    """Say where to go and `who` can sign in; play the exercise of the first start and say what it showed."""
    # By name, the stand-in by number: browsers keep cookies by host and not by port, and the two must not share any.
    say(_("Console:    https://localhost:{port}/").format(port=console_settings(instance).port))
    say(_("Regulator:  {page}  (a stand-in, not the regulator)").format(page=asoi_page(instance)))
    say(_("Trust:      {path}  (the CA of this demonstration)").format(path=instance.trust("ca")))
    say("")
    say(who)
    say("")
    play_once(instance, say, meanwhile)


def play_once(instance: Instance, say: Say, meanwhile: Meanwhile) -> None:
    """Play the first exercise where none has gone well yet, and say what it showed; one that failed is not kept."""
    played = first_exercise(instance)
    if not played.exists():
        say(_("Playing the first exercise: passwords are tried against a server until one works …"))
        report = _senim(instance, "operator", "drill", "--kind", "2", "--only", "sshd", meanwhile=meanwhile)
        if report.returncode:
            say(_("The first exercise did NOT go as it should:"))
            say((report.stdout or report.stderr).strip())
            say(_("It is played again at the next start, or now: senim drill --kind 2"))
            return
        write_durably(played, report.stdout.encode())
    say(_("The first exercise showed:"))
    say(played.read_text().rstrip())


def first_exercise(instance: Instance) -> Path:
    """Where the report of the first exercise is kept: it is played once, not at every start."""
    return instance.state("exercise") / "first.txt"


def _senim(
    instance: Instance, process: str, *arguments: str, meanwhile: Meanwhile
) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "senim.site.cli", *arguments]
    where = environment(instance, process)
    with subprocess.Popen(
        command, env=where, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    said, complained = running.communicate(timeout=BETWEEN_ROUNDS)
                    return subprocess.CompletedProcess(command, running.returncode, said, complained)
                meanwhile()
        except BaseException:  # Ctrl-C or a failure of ours: what we started does not outlive it
            running.kill()
            raise
