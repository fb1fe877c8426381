"""The deterministic subset of CBOR (RFC 8949 4.2.1) that the formats use.

Integers, byte strings, text strings, arrays, false, true and null.
"""

from forms import Bad, need, utf8

MAX_DEPTH = 16
LOWEST = -(2**63)


def _first(major, value):
    """The first byte and the argument, as short as possible."""
    if value < 24:
        return bytes([major << 5 | value])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << (8 * size):
            return bytes([major << 5 | code]) + value.to_bytes(size, "big")
    raise Bad("CBOR argument too large")


def encode(item):
    """The one encoding of an item. Lists and tuples are arrays."""
    if item is False:
        return b"\xf4"
    if item is True:
        return b"\xf5"
    if item is None:
        return b"\xf6"
    if type(item) is int:
        need(item >= LOWEST, "CBOR integer too low")
        return _first(0, item) if item >= 0 else _first(1, -1 - item)
    if isinstance(item, bytes):
        return _first(2, len(item)) + item
    if isinstance(item, str):
        data = utf8(item)
        return _first(3, len(data)) + data
    if isinstance(item, (list, tuple)):
        return _first(4, len(item)) + b"".join(encode(part) for part in item)
    raise TypeError(f"no CBOR form for {type(item).__name__}")


class _Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, size):
        need(len(self.data) - self.at >= size, "CBOR ends too early")
        piece = self.data[self.at : self.at + size]
        self.at += size
        return piece

    def argument(self, code):
        if code < 24:
            return code
        need(code <= 27, "CBOR indefinite or reserved length")
        size = 1 << (code - 24)
        value = int.from_bytes(self.take(size), "big")
        need(value >= (24, 1 << 8, 1 << 16, 1 << 32)[code - 24], "CBOR integer not in its shortest form")
        return value

    def item(self, depth=0):
        need(depth < MAX_DEPTH, "CBOR nested too deeply")
        first = self.take(1)[0]
        major, code = first >> 5, first & 31
        if major == 7:
            need(code in (20, 21, 22), "CBOR simple value or float that is not allowed")
            return {20: False, 21: True, 22: None}[code]
        need(major <= 4, "CBOR map or tag is not allowed")
        value = self.argument(code)
        if major == 0:
            return value
        if major == 1:
            need(-1 - value >= LOWEST, "CBOR integer too low")
            return -1 - value
        if major == 4:
            need(value <= len(self.data) - self.at, "CBOR ends too early")
            return [self.item(depth + 1) for _ in range(value)]
        piece = self.take(value)
        if major == 2:
            return piece
        try:
            return piece.decode("utf-8")
        except UnicodeDecodeError:
            raise Bad("CBOR text is not UTF-8") from None


def decode(data):
    """Read one item, write it again, compare."""
    reader = _Reader(bytes(data))
    item = reader.item()
    need(reader.at == len(data), "bytes after the CBOR item")
    need(encode(item) == data, "CBOR is not in its one encoding")
    return item


def array(data, size):
    """Decode an array of exactly `size` items."""
    item = decode(data)
    need(isinstance(item, list) and len(item) == size, f"not a CBOR array of {size}")
    return item


def is_int(item, low=0, high=2**64 - 1):
    """An integer in a range, and not a boolean."""
    return type(item) is int and low <= item <= high


def is_bytes(item, size):
    return isinstance(item, bytes) and len(item) == size
