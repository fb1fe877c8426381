"""The keys of two enclaves, new at every run, and what they sign: RSA-PSS over a message."""

import hashlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def rsa_key():
    return rsa.generate_private_key(65537, 2048)


def spki(key):
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, info)


enclave, other = rsa_key(), rsa_key()


def signed(message, key=None, salt=32):
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt)
    return (key or enclave).sign(message, pss, hashes.SHA256())


def sha256(data):
    return hashlib.sha256(data).digest()


def word(number):
    """As the chain has it: 32 bytes."""
    return number.to_bytes(32, "big")


def x(data):
    return "0x" + data.hex()


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
