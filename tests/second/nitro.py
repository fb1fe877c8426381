"""Attestation documents as the Nitro system writes them, under roots of their own that are new at every run."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

from enclave import enclave, sha256, spki

# --- CBOR -------------------------------------------------------------------------------------------------------------


def head(kind, number):
    if number < 24:
        return bytes([kind << 5 | number])
    size = next(size for size in (1, 2, 4, 8) if number < 1 << 8 * size)
    return bytes([kind << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[size]]) + number.to_bytes(size, "big")


def cbor(value):
    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())


def streamed(members):
    """A map of indefinite length, as the Nitro system writes it."""
    return b"\xbf" + b"".join(cbor(key) + cbor(item) for key, item in members) + b"\xff"


# --- Certificates -----------------------------------------------------------------------------------------------------

UTC = datetime.timezone.utc
MADE = datetime.datetime(2026, 2, 12, 18, 0, 0, 500_000, tzinfo=UTC)
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)


def millis(time):
    return round(time.timestamp() * 1000)


def a_key():
    return ec.generate_private_key(ec.SECP384R1())


def named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def certificate(subject, key, issuer, issuer_key, begin, end, authority, length=None, more=(), algorithm=None):
    begin, end = begin.replace(microsecond=0), end.replace(microsecond=0)
    made = (
        x509.CertificateBuilder()
        .subject_name(named(subject))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(authority, length if authority else None), critical=True)
    )
    for extension, critical in more:
        made = made.add_extension(extension, critical)
    signed = made.sign(issuer_key, algorithm or hashes.SHA384())
    return signed.public_bytes(serialization.Encoding.DER)


ROOT_VALID = (MADE - 1000 * DAY).replace(microsecond=0), (MADE + 1000 * DAY).replace(microsecond=0)
NEW_VALID = (MADE + DAY).replace(microsecond=0), (MADE + 1000 * DAY).replace(microsecond=0)
OLD_VALID = (MADE - 1000 * DAY).replace(microsecond=0), (MADE - DAY).replace(microsecond=0)

root_key, second_key, middle_key, lower_key, leaf_key = (a_key() for _ in range(5))
root = certificate("root", root_key, "root", root_key, *ROOT_VALID, True)
second_root = certificate("second", second_key, "second", second_key, *ROOT_VALID, True)
old_root = certificate("root", root_key, "root", root_key, *OLD_VALID, True)
new_root = certificate("root", root_key, "root", root_key, *NEW_VALID, True)
middle = certificate("middle", middle_key, "root", root_key, MADE - 5 * DAY, MADE + 5 * DAY, True, 1)
lower = certificate("lower", lower_key, "middle", middle_key, MADE - DAY, MADE + DAY, True, 0)


def a_lower(begin=MADE - DAY, end=MADE + DAY, authority=True, length=0, issuer_key=middle_key):
    return certificate("lower", lower_key, "middle", issuer_key, begin, end, authority, length)


def a_leaf(begin=MADE - HOUR, end=MADE + 2 * HOUR, authority=False, key=leaf_key, more=(), algorithm=None):
    return certificate("leaf", key, "lower", lower_key, begin, end, authority, None, more, algorithm)


leaf = a_leaf()

# --- Documents --------------------------------------------------------------------------------------------------------

PCR = [bytes([n]) * 48 for n in (0xA0, 0xA1, 0xA2)]
ES384 = {1: -35}


tls = b"a TLS certificate"
USER_DATA = b"\x12\x20" + sha256(tls) + b"\x12\x20" + sha256(spki(enclave))
REGISTERS = {n: PCR[n] if n < 3 else bytes(48) for n in range(16)}
BUNDLE = [root, middle, lower]


def fields(**changed):
    made = {
        "module_id": "i-0-enc0",
        "digest": "SHA384",
        "timestamp": millis(MADE),
        "pcrs": REGISTERS,
        "certificate": leaf,
        "cabundle": BUNDLE,
        "public_key": b"dummy",
        "user_data": USER_DATA,
        "nonce": b"nonce",
    }
    return {**made, **changed}


def enveloped(payload, key=leaf_key, protected=None, open_header=None, der=False, algorithm=None):
    protected = cbor(ES384) if protected is None else protected
    message = cbor(["Signature1", protected, b"", payload])
    signature = key.sign(message, ec.ECDSA(algorithm or hashes.SHA384()))
    if not der:
        size = (key.curve.key_size + 7) // 8
        signature = b"".join(part.to_bytes(size, "big") for part in utils.decode_dss_signature(signature))
    return cbor([protected, open_header or {}, payload, signature])


def document(members=None, **envelope):
    return enveloped(streamed((members or fields()).items()), **envelope)
