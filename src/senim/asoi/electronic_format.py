"""Where files of the electronic format lie: what is to be carried to the regulator, and what came back.

    state/asoi/outgoing/ID.p7m      written by the channel, taken away again once there is a receipt
    state/asoi/incoming/*.p7m       receipts, put there by people or by a transfer of the bureau's own (SFTP, a gateway)
    state/asoi/incoming/accepted/   those that held
    state/asoi/incoming/refused/    those that did not; the audit log says why

A transfer writes under another name and renames to `.p7m` at the end, so that no half file is read.

Clauses: R228/81, R228/81-1 (or in electronic format).
"""

from pathlib import Path
from uuid import UUID

from senim.kit.instance import Instance

SUFFIX = ".p7m"


def outgoing(instance: Instance) -> Path:
    """The folder of files that are to be carried."""
    return instance.state("asoi") / "outgoing"


def incoming(instance: Instance) -> Path:
    """The folder in which receipts are looked for."""
    return instance.state("asoi") / "incoming"


def file_of(instance: Instance, message: UUID) -> Path:
    """Where the file of `message` lies while it is to be carried."""
    return outgoing(instance) / f"{message}{SUFFIX}"
