"""`senim proof` beside a real house, and checking what it gave where there is none."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.house import House, wait_until

pytestmark = [pytest.mark.real, pytest.mark.clause("R228/81"), pytest.mark.clause("R228/81-1")]


def first_incident(house: House) -> str:
    wait_until(lambda: house.senim("incidents", "list"), what="an incident")
    return str(house.senim("incidents", "list")[-1]["number"])


def elsewhere(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`senim ARGUMENTS` where there is no instance."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SENIM_", "DJANGO_"))}
    command = [sys.executable, "-m", "senim.site.cli", *arguments, "--json"]
    return subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False)


def test_an_incident_is_proven_to_somebody_who_has_only_certificates_and_a_key(house: House, tmp_path: Path) -> None:
    number, file = first_incident(house), tmp_path / "incident.zip"
    told = house.senim("proof", "incident", number, "--out", str(file))
    assert (told["incident"], told["bytes"]) == (number, file.stat().st_size)
    assert house.senim("proof", "verify", str(file))["ok"]

    certificates = [
        house.home / "keys" / "asoi" / "message-signing.crt",
        *(house.home / "trust" / "regulator").iterdir(),
    ]
    known = tmp_path / "known"
    known.mkdir()
    for path in [*certificates, house.home / "trust" / "checkpoint.pub", house.home / "trust" / "tsa.crt"]:
        shutil.copy(path, known)
    signing = next(path for path in known.iterdir() if path.name.startswith("signing"))
    trust = (
        "--bureau",
        str(known / "message-signing.crt"),
        "--regulator",
        str(signing),
        "--tsa",
        str(known / "tsa.crt"),
    )
    done = elsewhere(tmp_path, "proof", "verify", str(file), *trust, "--log-key", str(known / "checkpoint.pub"))
    assert done.returncode == 0, done.stderr
    steps = json.loads(done.stdout)["steps"]
    assert {
        "files",
        "record",
        "chain",
        "delivered",
        "audit-rows",
        "audit-told",
        "audit-witnessed",
        "message-1/time-stamp",
    } <= {step["name"] for step in steps}

    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    changed = house.command("proof", "verify", str(file), "--json")
    assert (changed.returncode, json.loads(changed.stdout)["ok"]) == (1, False)
