"""Whether the one package beyond the standard library is there."""

MISSING = "skipped: the Python package cryptography is not installed"


def cryptography_missing():
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519, x25519  # noqa: F401
        from cryptography.hazmat.primitives.ciphers import aead  # noqa: F401
    except ImportError:
        return True
    return False
