"""Epoch keys, the keys derived from them, and sealed parts."""

import dataclasses

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import cbor
import hpke
from forms import MAX_EPOCH, MAX_GENERATION, Bad, hexed, need, row_id, sha256

HEAD, BODY, EVIDENCE, RULINGS = range(4)
PURPOSES = ("head", "body", "evidence", "rulings")
MAX_SEALED = {HEAD: 65_536, BODY: 8_388_608, EVIDENCE: 8_388_608, RULINGS: 67_108_864}

NOT_OUR_KEY = "not our key"
NOT_THIS_ROW = "not this row"
OLDER = "older than seen"
DAMAGED = "damaged"


class PartError(Bad):
    """A sealed part that does not open, with one of the four reasons."""

    def __init__(self, reason, detail):
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


@dataclasses.dataclass(frozen=True)
class Epoch:
    """One epoch key of one vault."""

    vault: bytes
    number: int
    key: bytes

    def derive(self, purpose):
        info = cbor.encode(["stillgood/derive/v1", purpose, self.vault, self.number])
        return hpke.hkdf_expand(self.key, info, 32)

    @property
    def commitment(self):
        return self.derive("commitment")

    @property
    def hint(self):
        return self.commitment[:4]


def stanza_info(vault, epoch, recipient):
    return cbor.encode(["stillgood/stanza/v1", vault, epoch, recipient])


def unlock(ring, secret):
    """Open this recipient's stanza of every epoch: {number: Epoch}."""
    public = secret.public_key().public_bytes_raw()
    need(public in ring.recipients, "this identity is not a recipient of the key ring")
    epochs = {}
    for number, commitment in ring.commitments.items():
        stanza = ring.stanzas[number, public]
        key = hpke.open_base(secret, stanza[:32], stanza[32:], stanza_info(ring.vault, number, public))
        epoch = Epoch(ring.vault, number, key)
        need(epoch.commitment == commitment, "stanza holds a key with another commitment")
        epochs[number] = epoch
    return epochs


def aad(vault, part, epoch, name, generation):
    return cbor.encode(["stillgood/part/v1", part, vault, epoch, name, generation])


def seal_part(epoch, part, name, generation, plaintext, nonce):
    """The sealed encoding of a part."""
    cipher = AESGCM(epoch.derive(PURPOSES[part]))
    text = cipher.encrypt(nonce, plaintext, aad(epoch.vault, part, epoch.number, name, generation))
    return cbor.encode([1, part, epoch.number, epoch.hint, name, generation, nonce, text])


def parse_part(sealed):
    """The eight items of a sealed part, each of its form."""
    items = cbor.array(sealed, 8)
    version, part, epoch, hint, name, generation, nonce, text = items
    need(version == 1 and type(version) is int, "unknown version of sealed part")
    need(cbor.is_int(part, 0, 3), "unknown kind of part")
    need(len(sealed) <= MAX_SEALED[part], "sealed part too large")
    need(cbor.is_int(epoch, 1, MAX_EPOCH), "epoch out of range")
    need(cbor.is_bytes(hint, 4) and cbor.is_bytes(nonce, 12), "hint or nonce of another size")
    need(isinstance(name, str), "name is not text")
    if part == RULINGS:
        hexed(name, 16)
        need(cbor.is_int(generation, 0, 0), "rulings with a generation")
    else:
        row_id(name)
        need(cbor.is_int(generation, 1, MAX_GENERATION), "generation out of range")
    need(isinstance(text, bytes) and len(text) >= 16, "ciphertext shorter than its tag")
    return items


def open_part(epochs, part, name, generation, sealed):
    """Open a part that must be this part of this name and generation."""
    try:
        need(len(sealed) <= MAX_SEALED[part], "sealed part too large")
        _, found, number, hint, clear, count, nonce, text = parse_part(sealed)
    except Bad as error:
        raise PartError(DAMAGED, str(error)) from None
    if found != part or clear != name:
        raise PartError(NOT_THIS_ROW, f"part {found} of {clear!r}")
    epoch = epochs.get(number)
    if epoch is None or epoch.hint != hint:
        raise PartError(NOT_OUR_KEY, f"epoch {number}")
    if count < generation:
        raise PartError(OLDER, f"generation {count} where {generation} belongs")
    if count > generation:
        raise PartError(DAMAGED, f"generation {count} where {generation} belongs")
    try:
        cipher = AESGCM(epoch.derive(PURPOSES[part]))
        return cipher.decrypt(nonce, text, aad(epoch.vault, part, number, name, generation))
    except InvalidTag:
        raise PartError(DAMAGED, "the seal does not open") from None


def digest(sealed):
    """The digest of a sealed part."""
    return sha256(sealed)
