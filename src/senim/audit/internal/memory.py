"""What the sealer knows of the log without asking the database: the last checkpoint it signed.

Whoever owns the database can cut its tail together with the checkpoints over it. The sealer's own folder is not his:
there the cut shows at the next row, and `senim audit verify` holds the log against it.
"""

from dataclasses import dataclass
from pathlib import Path

from senim.kit.files import write_private
from senim.kit.instance import Instance


@dataclass(frozen=True)
class Memory:
    """One file."""

    path: Path

    @classmethod
    def of(cls, instance: Instance) -> "Memory":
        """The sealer's memory in `instance`."""
        return cls(instance.state("sealer") / "checkpoint")

    def recall(self) -> str | None:
        """The checkpoint it holds; None before the first."""
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def keep(self, checkpoint: str) -> None:
        """Hold `checkpoint` instead, on disk when this returns."""
        write_private(self.path, checkpoint.encode())
