"""Merkle trees of RFC 6962 2.1."""

import functools

from forms import sha256

EMPTY = sha256(b"")


@functools.lru_cache(maxsize=1 << 15)
def leaf_hash(data):
    return sha256(b"\x00" + data)


@functools.lru_cache(maxsize=1 << 15)
def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def root_of_hashes(hashes):
    """The tree hash over leaf hashes."""
    if not hashes:
        return EMPTY
    level = list(hashes)
    while len(level) > 1:
        # Pairing neighbours and carrying an odd last one upward gives RFC 6962's split at
        # the largest power of two.
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def root(leaves):
    """The tree hash over leaves given as bytes."""
    return root_of_hashes([leaf_hash(leaf) for leaf in leaves])


def complete_nodes(leaves):
    """The hash of every complete subtree, as {(level, index): hash}."""
    level, nodes, row = 0, {}, [leaf_hash(leaf) for leaf in leaves]
    while row:
        nodes.update({(level, i): value for i, value in enumerate(row)})
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        level += 1
    return nodes
