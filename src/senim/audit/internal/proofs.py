"""Checking proofs without the log: RFC 9162 §2.1.3.2 and §2.1.4.2, step by step as printed there."""

from collections.abc import Sequence

from senim.audit.internal.merkle import HASH_BYTES, node_hash


def proves_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` proves that the leaf with hash `leaf` stands at `index` of the tree (`size`, `root`)."""
    # 1: the leaf must lie in the tree.
    if not 0 <= index < size or not _are_hashes([leaf, root, *path]):
        return False
    # 2, 3
    node, last, found = index, size - 1, leaf
    # 4
    for step in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(step, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, step)
        node, last = node >> 1, last >> 1
    # 5
    return last == 0 and found == root


def proves_consistency(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the tree (`new`, `new_root`) begins with all leaves of (`old`, `old_root`)."""
    if not 0 < old <= new or not _are_hashes([old_root, new_root, *path]):
        return False
    if old == new:
        return not path and old_root == new_root
    # 1: an empty path proves nothing here.
    if not path:
        return False
    # 2: a complete old tree is its own first entry.
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    # 3, 4
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    # 5
    found_old = found_new = steps[0]
    # 6
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            found_old, found_new = node_hash(step, found_old), node_hash(step, found_new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found_new = node_hash(found_new, step)
        node, last = node >> 1, last >> 1
    # 7
    return last == 0 and found_old == old_root and found_new == new_root


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
