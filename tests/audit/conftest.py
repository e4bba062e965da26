"""A log of ten rows under three checkpoints."""

from pathlib import Path

import pytest

from senim.kit.instance import Instance
from tests.audit.log import Log


@pytest.fixture
def log(db: None, instance: Instance, tmp_path: Path) -> Log:
    """An empty log."""
    return Log(instance, tmp_path)


@pytest.fixture
def sealed(log: Log) -> Log:
    """Ten rows, sealed as 4, 3 and 3."""
    return log.sealed(4, 3, 3)


@pytest.fixture
def open_log(sealed: Log) -> Log:
    """The same, every protection taken away."""
    sealed.lift_protection()
    return sealed
