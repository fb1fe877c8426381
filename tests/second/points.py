"""Test only: Ed25519 signatures and keys that a lax verifier accepts and a strict one must refuse."""

import hashlib

import ed

NEUTRAL = bytes([1]) + bytes(31)
BASE = ed.point((4 * pow(5, ed.P - 2, ed.P) % ed.P).to_bytes(32, "little"))


def _hashed(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def _scalar(secret):
    digest = hashlib.sha512(secret.private_bytes_raw()).digest()
    return int.from_bytes(digest[:32], "little") & ~7 & (2**254 - 1) | 2**254


def _public(secret):
    return secret.public_key().public_bytes_raw()


def add(a, b):
    """The sum of two points."""
    (x1, y1), (x2, y2) = a, b
    cross = ed.D * x1 * x2 % ed.P * y1 % ed.P * y2 % ed.P
    return (
        (x1 * y2 + y1 * x2) * pow(1 + cross, ed.P - 2, ed.P) % ed.P,
        (y1 * y2 + x1 * x2) * pow(1 - cross, ed.P - 2, ed.P) % ed.P,
    )


def times(number, place):
    """A multiple of a point."""
    total = (0, 1)
    for bit in bin(number)[2:]:
        total = add(total, total)
        if bit == "1":
            total = add(total, place)
    return total


def encoded(place):
    x, y = place
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _on_curve(start):
    """The first point at or above a y coordinate."""
    return next(place for place in (ed.point(y.to_bytes(32, "little")) for y in range(start, start + 99)) if place)


def order_eight():
    """A point of order eight: any point times the order of the base, where that is not of a smaller order."""
    for start in range(2, 99):
        found = times(ed.L, _on_curve(start))
        if times(4, found) != (0, 1):
            return found
    raise AssertionError("no point of order eight")


def second_encoding():
    """A point that is not of small order, its y coordinate written as y + p."""
    _, y = next(place for place in map(_on_curve, range(2, 19)) if place[1] < 19 and not ed.small_order(*place))
    return (y + ed.P).to_bytes(32, "little")


def _with_r(secret, message, r, shown):
    """The signature for a chosen nonce, its R shown in any way."""
    s = (r + _hashed(shown, _public(secret), message) * _scalar(secret)) % ed.L
    return shown + s.to_bytes(32, "little")


def neutral_r(secret, message):
    """R is the neutral point, which the equation alone accepts."""
    return _with_r(secret, message, 0, NEUTRAL)


def neutral_r_encoded_twice(secret, message):
    """The same in the second encoding of the neutral point."""
    return _with_r(secret, message, 0, (ed.P + 1).to_bytes(32, "little"))


def cofactored(secret, message):
    """R with a part of order eight: only eight times the equation holds."""
    return _with_r(secret, message, 5, encoded(add(times(5, BASE), order_eight())))


def large_s(secret, message):
    """S + L instead of S."""
    good = secret.sign(message)
    return good[:32] + (int.from_bytes(good[32:], "little") + ed.L).to_bytes(32, "little")
