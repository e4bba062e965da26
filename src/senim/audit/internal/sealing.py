"""Sealing one batch: rows that wait become leaves under a signed checkpoint, in one transaction.

Killed at any line, the transaction is gone and the rows wait on; nothing is sealed twice (a row has one leaf, a place
one hash) and nothing is signed that did not commit and was seen by somebody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from senim.audit.errors import LogContradicted
from senim.audit.internal import leaf, store, tree_head
from senim.audit.internal.memory import Memory
from senim.audit.internal.merkle import Frontier, Place, consistency_ranges
from senim.audit.internal.note import BadNote, Signer
from senim.audit.internal.proofs import proves_consistency
from senim.audit.internal.tree_head import TreeHead
from senim.audit.models import Checkpoint, Leaf, Node

BATCH = 1000
"""Rows sealed under one checkpoint at most."""

_WAITING = f"""
SELECT u.row_id, l.index IS NOT NULL, {leaf.COLUMNS}
FROM audit_unsealed u JOIN audit_auditrow r ON r.id = u.row_id LEFT JOIN audit_leaf l ON l.row_id = u.row_id
ORDER BY u.row_id LIMIT %s
"""  # noqa: S608 - only our own column names are joined in
_DONE = "DELETE FROM audit_unsealed WHERE row_id = ANY(%s)"


@dataclass(frozen=True)
class Sealing:
    """The one sealer at work: its key, and what it remembers of the log outside the database."""

    signer: Signer
    memory: Memory

    def seal(self, limit: int = BATCH) -> int:
        """Seal up to `limit` waiting rows, oldest first; how many left the queue.

        Raises `LogContradicted` where the stored log is not the one that was signed last.
        """
        with transaction.atomic():
            taken, checkpoint = self._seal_batch(limit)
        if checkpoint:
            self.memory.keep(checkpoint)
        return taken

    def _seal_batch(self, limit: int) -> tuple[int, str]:
        with connection.cursor() as cursor:
            cursor.execute(_WAITING, [limit])
            waiting = cursor.fetchall()
            # A door may only queue a row again (it cannot unseal one): such an entry is dropped, the row has its leaf.
            fresh = [(row, values) for row, is_sealed, *values in waiting if not is_sealed]
            checkpoint = self._append(fresh) if fresh else ""
            cursor.execute(_DONE, [[row for row, *_ in waiting]])
        return len(waiting), checkpoint

    def _append(self, fresh: Sequence[tuple[UUID, Sequence[str]]]) -> str:
        frontier = self._signed_frontier()
        leaves, nodes = [], []
        for row, values in fresh:
            index, found = frontier.size, leaf.hash_of(leaf.fields(values))
            leaves.append(Leaf(index=index, row_id=row, hash=found))
            nodes += [_node(place, root) for place, root in frontier.append(found)]
        Leaf.objects.bulk_create(leaves)
        Node.objects.bulk_create(nodes)
        head = TreeHead(self.signer.name, frontier.size, frontier.root())
        note = head.sign(self.signer)
        Checkpoint.objects.create(size=head.size, root=head.root, note=note)
        return note

    def _signed_frontier(self) -> Frontier:
        """The right edge of the log, which the last checkpoint and the sealer's own memory both confirm.

        Without this the sealer would put its name under whatever somebody wrote into the database meanwhile.
        """
        try:
            frontier = store.frontier(store.size())
            # R228/81: Non-modification. Nothing is signed on top of a log that was changed.
            self._require_last_checkpoint(frontier)
            self._require_memory(frontier)
        except (LookupError, BadNote) as error:
            raise LogContradicted(str(error)) from error
        return frontier

    def _require_last_checkpoint(self, frontier: Frontier) -> None:
        last = Checkpoint.objects.last()
        if last is None:
            if frontier.size:
                raise BadNote(_("%(present)s rows are sealed and no checkpoint says so") % {"present": frontier.size})
            return
        head = tree_head.read(last.note, self.signer.verifier)
        if (head.size, head.root) != (frontier.size, frontier.root()):
            raise BadNote(_("the last checkpoint states %(size)s rows with another root") % {"size": head.size})

    def _require_memory(self, frontier: Frontier) -> None:
        note = self.memory.recall()
        if note is None:
            return
        known = tree_head.read(note, self.signer.verifier)
        if known.size > frontier.size:
            raise BadNote(
                _("%(size)s rows were sealed, %(present)s are left") % {"size": known.size, "present": frontier.size}
            )
        path = store.range_hashes(consistency_ranges(known.size, frontier.size))
        if not proves_consistency(known.size, known.root, frontier.size, frontier.root(), path):
            raise BadNote(_("the %(size)s rows that were sealed are not those in the log") % {"size": known.size})


def _node(place: Place, root: bytes) -> Node:
    return Node(level=place.level, index=place.number, hash=root)
