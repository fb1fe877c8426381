"""HPKE base mode written out from RFC 9180, for one suite only.

DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, AES-256-GCM 0x0002.
"""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from forms import Bad, need

KEM_SUITE = b"KEM" + (0x0020).to_bytes(2, "big")
SUITE = b"HPKE" + b"".join(n.to_bytes(2, "big") for n in (0x0020, 0x0001, 0x0002))


def hkdf_extract(salt, ikm):
    return hmac.new(salt or bytes(32), ikm, hashlib.sha256).digest()


def hkdf_expand(key, info, size):
    """HKDF-Expand of RFC 5869 with SHA-256."""
    output, block = b"", b""
    for counter in range(1, -(-size // 32) + 1):
        block = hmac.new(key, block + info + bytes([counter]), hashlib.sha256).digest()
        output += block
    return output[:size]


def _labeled_extract(suite, salt, label, ikm):
    return hkdf_extract(salt, b"HPKE-v1" + suite + label + ikm)


def _labeled_expand(suite, key, label, info, size):
    return hkdf_expand(key, size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, size)


def _public(secret):
    return secret.public_key().public_bytes_raw()


def _shared(secret, public):
    """Diffie-Hellman; an all-zero result is refused."""
    try:
        value = secret.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise Bad("all-zero shared secret") from None
    need(any(value), "all-zero shared secret")
    return value


def _kem_secret(dh, enc, recipient):
    prk = _labeled_extract(KEM_SUITE, b"", b"eae_prk", dh)
    return _labeled_expand(KEM_SUITE, prk, b"shared_secret", enc + recipient, 32)


def _schedule(shared, info):
    """Key and base nonce. Only the first message of a context is ever used here."""
    context = (
        b"\x00"
        + _labeled_extract(SUITE, b"", b"psk_id_hash", b"")
        + _labeled_extract(SUITE, b"", b"info_hash", info)
    )
    secret = _labeled_extract(SUITE, shared, b"secret", b"")
    key = _labeled_expand(SUITE, secret, b"key", context, 32)
    return key, _labeled_expand(SUITE, secret, b"base_nonce", context, 12)


def open_base(secret, enc, ciphertext, info, aad=b""):
    """Open a message sealed to the recipient whose X25519 secret object is given."""
    need(len(enc) == 32, "enc is not 32 bytes")
    shared = _kem_secret(_shared(secret, enc), enc, _public(secret))
    key, nonce = _schedule(shared, info)
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, aad)
    except InvalidTag:
        raise Bad("HPKE message does not open") from None


def seal_base(recipient, plaintext, info, aad=b"", ephemeral=None):
    """Seal to a raw X25519 public key. Returns enc and ciphertext."""
    ephemeral = ephemeral or X25519PrivateKey.generate()
    enc = _public(ephemeral)
    shared = _kem_secret(_shared(ephemeral, recipient), enc, recipient)
    key, nonce = _schedule(shared, info)
    return enc, AESGCM(key).encrypt(nonce, plaintext, aad)
