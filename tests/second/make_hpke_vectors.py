"""Writes tests/vectors/hpke.json with an independent HPKE, that of the `cryptography` package.

Suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, base mode. Ephemeral keys are fresh on each run.
"""

import hashlib
import json
import os
import sys

from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

import hpke
from sealing import stanza_info

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def fixed(name, size=32):
    return hashlib.shake_256(b"stillgood hpke vector " + name.encode()).digest(size)


def seal(public, info, aad, plaintext):
    """The public interface has no aad; its test interface has."""
    if not aad:
        return SUITE.encrypt(plaintext, public, info)
    return openssl.hpke._encrypt_with_aad(SUITE, plaintext, public, info, aad)


def vector(comment, info, aad, plaintext):
    secret = X25519PrivateKey.from_private_bytes(fixed(comment))
    public = secret.public_key()
    info = info(public.public_bytes_raw()) if callable(info) else info
    sealed = seal(public, info, aad, plaintext)
    enc, text = sealed[:32], sealed[32:]
    if hpke.open_base(secret, enc, text, info, aad) != plaintext:
        raise SystemExit(f"{comment}: the HPKE written out by hand does not open it")
    made = hpke.seal_base(public.public_bytes_raw(), plaintext, info)
    if SUITE.decrypt(b"".join(made), secret, info) != plaintext:
        raise SystemExit(f"{comment}: the other HPKE does not open what the one by hand sealed")
    fields = {
        "recipient_secret": secret.private_bytes_raw(), "recipient_public": public.public_bytes_raw(),
        "info": info, "aad": aad, "plaintext": plaintext, "enc": enc, "ciphertext": text,
    }
    return {"comment": comment, **{name: value.hex() for name, value in fields.items()}}


def stanza_vector(epoch):
    vault = fixed(f"vault {epoch}", 16)
    return vector(
        f"stanza of epoch {epoch}", lambda public: stanza_info(vault, epoch, public), b"", fixed(f"epoch key {epoch}")
    )


def main():
    vectors = [
        vector("all empty", b"", b"", b""),
        vector("info only", b"info", b"", b""),
        vector("plaintext only", b"", b"", b"one byte more than two blocks...!"),
        vector("info and aad", b"application info", b"additional data", b"plaintext"),
        vector("long info and aad", fixed("info", 300), fixed("aad", 257), fixed("plaintext", 1000)),
        *(stanza_vector(epoch) for epoch in (1, 2, 24, 256, 2**32 - 1)),
    ]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "hpke.json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        json.dump({"kem": 0x0020, "kdf": 0x0001, "aead": 0x0002, "mode": "base", "vectors": vectors}, file, indent=1)
        file.write("\n")
    print(f"{len(vectors)} vectors")


if __name__ == "__main__":
    sys.exit(main())
