"""Strict Ed25519: canonical S, canonical A, neither A nor R of small order, no cofactor."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from forms import need

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def point(data):
    """The affine point of an encoding, or None if it is not canonical or not on the curve."""
    raw = int.from_bytes(data, "little")
    sign, y = raw >> 255, raw & (2**255 - 1)
    if y >= P:
        return None
    top, bottom = (y * y - 1) % P, (D * y * y + 1) % P
    square = top * pow(bottom, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    if x * x % P != square or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x), y


def small_order(x, y):
    """Whether eight times the point is the neutral point."""
    for _ in range(3):
        cross = D * x * x % P * y % P * y % P
        x, y = (
            2 * x * y * pow(1 + cross, P - 2, P) % P,
            (y * y + x * x) * pow(1 - cross, P - 2, P) % P,
        )
    return (x, y) == (0, 1)


def check_public(key):
    """A public key must be a canonical point that is not of small order."""
    place = point(key)
    need(place is not None, "public key is not a canonical point")
    need(not small_order(*place), "public key of small order")


def verify(key, message, signature):
    """Raise Bad unless the signature is good under the strict rules."""
    check_public(key)
    need(len(signature) == 64, "signature is not 64 bytes")
    need(int.from_bytes(signature[32:], "little") < L, "S of the signature is not canonical")
    place = point(signature[:32])
    need(place is not None, "R of the signature is not a canonical point")
    need(not small_order(*place), "R of the signature is of small order")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except InvalidSignature:
        good = False
    else:
        good = True
    need(good, "signature does not verify")
