"""The row sum: an LtHash over each row's current head."""

import struct

import cbor
from forms import sha256

LABEL = "stillgood/row-sum/v1"
SIZE = 2048
_NUMBERS = struct.Struct("<1024H")
EMPTY = bytes(SIZE)


def element(row, generation, sealed_digest):
    """The 2,048 bytes that one row adds."""
    seed = sha256(cbor.encode([LABEL, row, generation, sealed_digest]))
    return b"".join(sha256(LABEL.encode() + b"\n" + seed + bytes([i])) for i in range(64))


def add(state, part, sign=1):
    """The state with an element added, or with sign -1 subtracted."""
    pairs = zip(_NUMBERS.unpack(state), _NUMBERS.unpack(part))
    return _NUMBERS.pack(*((a + sign * b) & 0xFFFF for a, b in pairs))


def total(members):
    """The state over (row, generation, digest of the sealed head), in any order."""
    state = EMPTY
    for member in members:
        state = add(state, element(*member))
    return state
