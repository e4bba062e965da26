"""An ordinary user of this machine: whoever runs the suite or, where that is root, `nobody`."""

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from senim.site.layout import CHECKOUT

_VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class Ordinary:
    """How programs are started as this user."""

    uid: int
    python: str = sys.executable
    popen: dict[str, Any] = field(default_factory=dict)

    def own(self, folder: Path) -> Path:
        """`folder` and everything in it, given to this user."""
        if self.popen:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, self.uid, self.popen["group"], follow_symlinks=False)
        return folder


def ordinary(folder: Path) -> Ordinary:
    """The user. Where it cannot reach root's own Python, an environment of the same packages is made in `folder`.

    Skips the test, saying so, where there is no way for anybody but root to run the checkout.
    """
    if os.geteuid() != 0:
        return Ordinary(os.geteuid())
    nobody = pwd.getpwnam("nobody")
    user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    for python in _pythons(folder):
        if python and _runs(python, user):
            return Ordinary(nobody.pw_uid, python, user)
    pytest.skip(f"NOT RUN: nobody but root can run {CHECKOUT} on this machine")


def _pythons(folder: Path) -> Iterator[str]:
    yield sys.executable
    yield _environment(folder)


def _runs(python: str, user: dict[str, Any]) -> bool:
    command = [python, "-c", "import senim.site.cli.main"]
    try:
        return subprocess.run(command, cwd="/", env={}, capture_output=True, check=False, **user).returncode == 0
    except PermissionError:
        return False


def _environment(folder: Path) -> str:
    """The packages of this environment under the system's own Python of the same version; "" where it has none."""
    system = shutil.which(_VERSION, path="/usr/local/bin:/usr/bin")
    if system is None:
        return ""
    place = folder / "environment"
    subprocess.run([system, "-m", "venv", "--without-pip", str(place)], check=True)
    packages = place / "lib" / _VERSION / "site-packages"
    shutil.copytree(sysconfig.get_path("purelib"), packages, copy_function=_link, dirs_exist_ok=True)
    shutil.copy2(Path(sysconfig.get_path("scripts")) / "nats-server", place / "bin")
    return str(place / "bin" / "python")


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)
