"""A database restored from an older copy: the collector sees it, names it, and goes on."""

import shutil

import pytest

from senim.site.embedded.postgres import Postgres
from tests.functional.house import House
from tests.functional.test_collector import Ledger, until

pytestmark = [pytest.mark.real, pytest.mark.timeout(600), pytest.mark.clause("R228/81-2"), pytest.mark.refusal]


def accepted(ledger: Ledger) -> int:
    """How many of the platform's events were accepted."""
    return ledger.lines("platform")


def test_a_restored_database_begins_a_new_epoch_and_loses_nothing_in_silence(fresh_house: House) -> None:
    house = fresh_house.start()
    ledger = Ledger(house)
    until(lambda: accepted(ledger), lambda lines: lines > 0)  # the first exercise is reported by the platform
    house.stop()
    data = Postgres(house.instance).data
    copy = data.with_name("postgres.copy")
    shutil.copytree(data, copy, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        original = (data / path.relative_to(copy)).lstat()
        shutil.chown(path, original.st_uid, original.st_gid)

    house.start()
    before = accepted(ledger)
    drill = house.command("drill", "--kind", "2", "--only", "sshd", "--json")
    assert drill.returncode == 0, drill.stderr
    until(lambda: accepted(ledger), lambda lines: lines > before)
    house.stop()

    shutil.rmtree(data)
    copy.rename(data)
    house.start()
    until(lambda: ledger.said("platform"), lambda said: "epoch-began" in said)
    before = accepted(ledger)
    drill = house.command("drill", "--kind", "2", "--only", "sshd", "--json")
    assert drill.returncode == 0, drill.stderr
    until(lambda: accepted(ledger), lambda lines: lines > before)
    assert ledger.said("platform").count("epoch-began") == 1
    assert ledger.epochs("platform") == 2
