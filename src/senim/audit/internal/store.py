"""The log's tables as the tree sees them: places and hashes."""

from collections.abc import Callable, Iterable

from django.db.models import Q

from senim.audit.internal.merkle import Frontier, Place, Range, cover, range_hash
from senim.audit.models import Leaf, Node


def size() -> int:
    """How many rows are sealed."""
    last = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    return 0 if last is None else last + 1


def hashes(places: Iterable[Place]) -> dict[Place, bytes]:
    """The stored hashes at `places`, in two queries. Raises `LookupError` naming one that is missing."""
    wanted = list(places)
    leaves = [place.number for place in wanted if place.level == 0]
    nodes = Q(pk__in=[(place.level, place.number) for place in wanted if place.level])
    found = {Place(0, leaf.index): bytes(leaf.hash) for leaf in Leaf.objects.filter(index__in=leaves)}
    found |= {Place(node.level, node.index): bytes(node.hash) for node in Node.objects.filter(nodes)}
    for place in wanted:
        if place not in found:
            raise LookupError(f"the log has no hash at level {place.level}, index {place.number}")
    return found


def frontier(leaves: int) -> Frontier:
    """The right edge of the log at `leaves` rows. Raises `LookupError`."""
    places = cover(Range(0, leaves))
    found = hashes(places)
    return Frontier(leaves, [found[place] for place in places])


def range_hashes(ranges: Iterable[Range]) -> list[bytes]:
    """The roots over `ranges`. Raises `LookupError`."""
    wanted = list(ranges)
    found = hashes(place for leaves in wanted for place in cover(leaves))
    read: Callable[[Place], bytes] = found.__getitem__
    return [range_hash(leaves, read) for leaves in wanted]
