"""Writes tests/vectors/locked-keys.json: keys under a passphrase (PBES2 in PKCS#8), and locks that must be refused.

The DER is written by hand; the package `cryptography` opens every lock that is not refused. The keys are those of
tests/fixtures/vault, so that its vault can be used with locked keys too.
"""

import base64
import hashlib
import json
import os
import sys

from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
KEYS = os.path.join(TESTS, "fixtures", "vault", "keys")
PASSPHRASE = "pass phrase – für Schlüssel"
SALT, IV = bytes(range(16)), bytes(range(16, 32))

PBES2, PBKDF2, SCRYPT = "1.2.840.113549.1.5.13", "1.2.840.113549.1.5.12", "1.3.6.1.4.1.11591.4.11"
SHA1, SHA256 = "1.2.840.113549.2.7", "1.2.840.113549.2.9"
AES_256_CBC, AES_256_GCM = "2.16.840.1.101.3.4.1.42", "2.16.840.1.101.3.4.1.46"
AES_128_CBC, DES3_CBC = "2.16.840.1.101.3.4.1.2", "1.2.840.113549.3.7"
PBE_SHA1_DES = "1.2.840.113549.1.5.10"


def tlv(tag, content):
    size = len(content)
    length = bytes([size]) if size < 128 else (b"\x81" + bytes([size]) if size < 256 else b"\x82" + size.to_bytes(2, "big"))
    return bytes([tag]) + length + content


def sequence(*parts):
    return tlv(0x30, b"".join(parts))


def integer(value):
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value):
    return tlv(4, value)


def oid(text):
    first, second, *rest = map(int, text.split("."))
    out = bytes([40 * first + second])
    for arc in rest:
        groups = [arc & 127]
        while arc := arc >> 7:
            groups.insert(0, 128 | arc & 127)
        out += bytes(groups)
    return tlv(6, out)


def scrypt(n, r, p, *length, salt=SALT):
    return sequence(oid(SCRYPT), sequence(octets(salt), integer(n), integer(r), integer(p), *map(integer, length)))


def pbkdf2(rounds, prf=SHA256):
    return sequence(oid(PBKDF2), sequence(octets(SALT), integer(rounds), sequence(oid(prf), tlv(5, b""))))


def pem(algorithm, sealed):
    text = base64.b64encode(sequence(algorithm, octets(sealed))).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN ENCRYPTED PRIVATE KEY-----", *lines, "-----END ENCRYPTED PRIVATE KEY-----", ""])


def pbes2(kdf, cipher=AES_256_CBC, iv=IV):
    return sequence(oid(PBES2), sequence(kdf, sequence(oid(cipher), octets(iv))))


def read(name):
    with open(os.path.join(KEYS, name), encoding="utf-8") as file:
        return file.read()


def sealed(plain, key):
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(IV)).encryptor()
    return encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()


def opens(comment, file, kdf, key):
    """A key of the fixture, locked, and opened again by the other implementation."""
    secret = serialization.load_pem_private_key(read(file).encode(), None)
    form = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    locked = pem(pbes2(kdf), sealed(secret.private_bytes(*form), key))
    again = serialization.load_pem_private_key(locked.encode(), PASSPHRASE.encode())
    if again.private_bytes_raw() != secret.private_bytes_raw():
        raise SystemExit(f"{comment}: the other implementation opens it to another key")
    return {"comment": comment, "key": file, "locked": locked}


def with_scrypt(comment, file, n, r, p):
    key = hashlib.scrypt(PASSPHRASE.encode(), salt=SALT, n=n, r=r, p=p, dklen=32, maxmem=1 << 26)
    return opens(comment, file, scrypt(n, r, p), key)


def with_pbkdf2(comment, file, rounds):
    return opens(comment, file, pbkdf2(rounds), hashlib.pbkdf2_hmac("sha256", PASSPHRASE.encode(), SALT, rounds, 32))


def locked_keys():
    refused = {
        "OtherLock": {
            "pbkdf2_sha1": pbes2(pbkdf2(2048, SHA1)),
            "pbkdf2_no_round": pbes2(pbkdf2(0)),
            "scrypt_n_zero": pbes2(scrypt(0, 8, 1)),
            "scrypt_n_one": pbes2(scrypt(1, 8, 1)),
            "scrypt_n_no_power_of_two": pbes2(scrypt(3, 8, 1)),
            "scrypt_r_zero": pbes2(scrypt(2, 0, 1)),
            "scrypt_p_zero": pbes2(scrypt(2, 8, 0)),
            "scrypt_n_over_64_bits": pbes2(scrypt(1 << 64, 8, 1)),
            "scrypt_r_over_16_bits": pbes2(scrypt(2, 1 << 16, 1)),
            "scrypt_salt_of_33_bytes": pbes2(scrypt(2, 8, 1, salt=bytes(33))),
            "scrypt_key_of_16_bytes": pbes2(scrypt(2, 8, 1, 16)),
            "cipher_3des": pbes2(scrypt(2, 8, 1), DES3_CBC, bytes(8)),
            "cipher_aes_128": pbes2(scrypt(2, 8, 1), AES_128_CBC),
            "cipher_gcm": pbes2(scrypt(2, 8, 1), AES_256_GCM, bytes(12)),
            "iv_of_8_bytes": pbes2(scrypt(2, 8, 1), iv=bytes(8)),
            "pbes1_des": sequence(oid(PBE_SHA1_DES), sequence(octets(bytes(8)), integer(2048))),
        },
        "TooMuchWork": {
            "scrypt_n_above": pbes2(scrypt(1 << 19, 8, 1)),
            "scrypt_p_above": pbes2(scrypt(1 << 14, 8, 17)),
            "scrypt_memory_of_a_petabyte": pbes2(scrypt(1 << 40, 8, 1)),
            "scrypt_product_overflows": pbes2(scrypt(1 << 63, 65535, 65535)),
            "pbkdf2_rounds_above": pbes2(pbkdf2(10_000_001)),
            "pbkdf2_rounds_most": pbes2(pbkdf2((1 << 32) - 1)),
        },
        "WrongPassphrase": {
            "ciphertext_empty": (pbes2(scrypt(2, 1, 1)), b""),
            "ciphertext_not_whole_blocks": (pbes2(scrypt(2, 1, 1)), bytes(47)),
            "ciphertext_of_nothing": (pbes2(scrypt(2, 1, 1)), bytes(48)),
        },
    }
    ciphertext = bytes(64)
    return {
        "passphrase": PASSPHRASE,
        "salt": SALT.hex(),
        "iv": IV.hex(),
        "opens": [
            with_scrypt("as we write it", "device.pem", 1 << 14, 8, 5),
            with_scrypt("least work, owner", "owner.pem", 2, 1, 1),
            with_scrypt("least work, device", "device.pem", 2, 1, 1),
            with_scrypt("least work, identity", "identity.pem", 2, 1, 1),
            with_pbkdf2("as openssl and others write it", "identity.pem", 2048),
        ],
        "refused": [
            {"defect": defect, "error": error, "locked": pem(*(lock if isinstance(lock, tuple) else (lock, ciphertext)))}
            for error, locks in refused.items()
            for defect, lock in locks.items()
        ],
    }


def main():
    with open(os.path.join(TESTS, "vectors", "locked-keys.json"), "w", encoding="utf-8") as file:
        json.dump(locked_keys(), file, indent=1, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    sys.exit(main())
