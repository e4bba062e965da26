"""The attacker: the real `ssh` program, one password a connection."""

import os
import subprocess
import tempfile
from pathlib import Path

from django.utils.translation import gettext as _

from senim.exercises.errors import NotPlayed

_OPTIONS = (
    "StrictHostKeyChecking=no",
    "UserKnownHostsFile=/dev/null",
    "GlobalKnownHostsFile=/dev/null",
    "PreferredAuthentications=password",
    "PubkeyAuthentication=no",
    "NumberOfPasswordPrompts=1",
    "ConnectTimeout=10",
    "LogLevel=ERROR",
)
_LIMIT = 30
_SSH_ITSELF_FAILED = 255


def try_password(port: int, account: str, password: str, *, source: str) -> bool:
    """Whether `password` opened a session for `account` on 127.0.0.1:`port`, coming from loopback `source`.

    Raises `NotPlayed` where the server never answers.
    """
    with tempfile.TemporaryDirectory(prefix="senim-ssh-") as folder:
        ask = Path(folder) / "ask"
        ask.write_text('#!/bin/sh\nprintf "%s\\n" "$SENIM_TRY"\n')
        ask.chmod(0o700)
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "SSH_ASKPASS": str(ask),
            "SSH_ASKPASS_REQUIRE": "force",
            "SENIM_TRY": password,
        }
        command = ["ssh", "-F", "/dev/null", "-T", "-p", str(port), "-b", source]
        for option in _OPTIONS:
            command += ["-o", option]
        try:
            done = subprocess.run(
                [*command, f"{account}@127.0.0.1"],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_LIMIT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            silent = _("the SSH server did not answer in {seconds} s")
            raise NotPlayed(silent.format(seconds=_LIMIT)) from None
    # The account's shell is `nologin`: whoever is let in is sent away with another code than ssh's own 255 (ssh(1)).
    return done.returncode != _SSH_ITSELF_FAILED
