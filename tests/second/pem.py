"""Secret keys in PKCS#8 PEM (RFC 8410, version 1), strictly: read, write again, compare."""

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from forms import Bad, need


def write(secret):
    return secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def write_public(public):
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _read(data, kind):
    try:
        secret = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError):
        raise Bad("not a PEM secret key") from None
    need(isinstance(secret, kind), "a secret key of another kind")
    need(write(secret) == data, "PEM is not in its one form")
    return secret


def read_ed25519(data):
    return _read(data, Ed25519PrivateKey)


def read_x25519(data):
    return _read(data, X25519PrivateKey)
