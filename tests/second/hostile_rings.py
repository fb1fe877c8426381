"""Hostile key rings: their notes, their lines, and the stanzas that must open."""

import forge
import hpke
import pem
import points
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from forms import tobase64
from hostile import DAMAGED, MALFORMED, NOT_OUR_KEY, RING, UNVERIFIED, vector
from note import Vkey, split
from ring import FIELD_PRIME, LOW_ORDER_U
from sealing import Epoch, stanza_info
from selftest_defects import build

VAULT = build()
STREAM = forge.Stream("hostile rings, throwaway keys")
GOOD = VAULT.rings[-1]
TEXT = split(GOOD)[0]
LINES = TEXT[:-1].split("\n")
PUBLIC = VAULT.recipients[0]
ADDED = forge.public(forge.identity(STREAM.take(32)))
STANZA = len(LINES) - 1
ORDER_EIGHT = max(LOW_ORDER_U - {FIELD_PRIME - 1}).to_bytes(32, "little")


def identity_line(secret):
    """The one line of base64 in a PEM file."""
    return pem.write(secret).decode().split("\n")[1]


KEYS = {"owner": VAULT.owner.vkey.line, "identity": identity_line(VAULT.identity)}


def unsigned(name, defect, note, because="no signature line of this key", says="the note is not signed by `{}`"):
    said = "the key ring: " + says.format(VAULT.owner.name)
    return vector(f"ring_{name}", RING, defect, note, UNVERIFIED, because, said, **KEYS)


def malformed(name, defect, lines, because):
    """A ring that the owner signed, its text of another form."""
    note = lines if isinstance(lines, str) else VAULT.owner.sign(forge.text_of(lines))
    says = "the key ring has another form than version 1"
    return vector(f"ring_{name}", RING, defect, note, MALFORMED, because, says, **KEYS)


def replaced(old, new):
    """The good text with one piece of it replaced everywhere."""
    assert old in TEXT, old
    return VAULT.owner.sign(TEXT.replace(old, new))


def last_stanza(value):
    return [*LINES[:STANZA], f"stanza 2 {PUBLIC.hex()} {value if isinstance(value, str) else tobase64(value)}"]


def locked(name, defect, stanza, because, lines=None):
    """A ring that is of its form and signed, and whose second epoch does not unlock."""
    note = VAULT.owner.sign(forge.text_of(lines or last_stanza(stanza)))
    return vector(f"ring_{name}", RING, defect, note, DAMAGED, because, "the key ring is damaged at epoch 2", **KEYS)


def sealed_under_zero(enc):
    """The right epoch key under the shared secret that a low-order enc gives: all zero."""
    epoch = VAULT.epochs[1]
    key, nonce = hpke._schedule(
        hpke._kem_secret(bytes(32), enc, PUBLIC), stanza_info(epoch.vault, epoch.number, PUBLIC))
    return enc + AESGCM(key).encrypt(nonce, epoch.key, b"")


def notes():
    writer, text = VAULT.device, TEXT.replace("recipient", f"recipient {ADDED.hex()} 2026-02-11T18:00:00.000Z\nrecipient", 1)
    both = forge.ring_lines(
        VAULT.vault, 2, bytes.fromhex(LINES[2].split(" ")[2]), [PUBLIC, ADDED], VAULT.verifiers, VAULT.epochs, STREAM)
    imitator = forge.Signer(VAULT.owner.name, STREAM.take(32))
    earning = next(entry for entry in VAULT.log if entry.startswith("stillgood/earning"))
    return [
        vector("ring_good", RING, "none: the untouched key ring", GOOD, **KEYS),
        vector("ring_two_recipients_good", RING, "none: the owner added a recipient",
               VAULT.owner.sign(forge.text_of(both)), **KEYS),
        unsigned("foreign_signature", "signed by another key with the owner's name", imitator.sign(TEXT)),
        unsigned("signed_by_writer", "signed by a writer", writer.sign(TEXT)),
        unsigned("recipient_added", "a recipient line added to the signed text", GOOD.replace(TEXT, text),
                 "signature does not verify", "the signature of `{}` is wrong"),
        unsigned("recipient_added_by_writer", "complete with a recipient more, and signed by a writer",
                 writer.sign(forge.text_of(both))),
        malformed("earning_in_its_place", "an earning, which the owner signed too", earning, "another kind or version of note"),
        vector("ring_other_identity", RING, "opened with an identity that is no recipient", GOOD, NOT_OUR_KEY,
               "this identity is not a recipient of the key ring", "the vault is not sealed to this identity",
               **{**KEYS, "identity": identity_line(forge.identity(bytes([7]) * 32))}),
    ]


def lines():
    recipient = LINES[3]
    verifier = next(line for line in LINES if line.startswith("verifier"))
    device = VAULT.device.vkey
    weak = Vkey(device.name, points.encoded(points.order_eight()))
    sealed = LINES[STANZA].split(" ")[3]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stray = sealed[:-2] + alphabet[alphabet.index(sealed[-2]) ^ 1] + "="
    point = lambda value: replaced(PUBLIC.hex(), value.to_bytes(32, "little").hex())
    return [
        malformed("unknown_version", "the first line names version 2", replaced("key-ring/v1", "key-ring/v2"),
                  "another kind or version of note"),
        malformed("version_zero", "version 0", replaced(LINES[2], "version 0 -"), "number out of range"),
        malformed("second_without_previous", "version 2 names no key ring before it", replaced(LINES[2], "version 2 -"),
                  "version 1 alone has no key ring before it"),
        malformed("low_order_recipient", "the recipient is all zero", point(0), "recipient is an X25519 point of small order"),
        malformed("order_eight_recipient", "the recipient is a point of order eight",
                  replaced(PUBLIC.hex(), ORDER_EIGHT.hex()), "recipient is an X25519 point of small order"),
        malformed("second_encoding_recipient", "the recipient is p + 9 for 9", point(FIELD_PRIME + 9),
                  "recipient is not a canonical X25519 key"),
        malformed("recipient_without_stanza", "a recipient without stanzas",
                  [*LINES[:3], *sorted([recipient, f"recipient {ADDED.hex()} 2026-02-11T18:00:00.000Z"]), *LINES[4:]],
                  "not one stanza for every epoch and recipient"),
        malformed("unknown_role", "an unknown role", replaced("writer,decider", "owner"), "unknown roles"),
        malformed("small_order_verifier", "the key of a verifier is of small order", replaced(device.line, weak.line),
                  "public key of small order"),
        malformed("verifier_ends_before_it_begins", "a verifier's end is its beginning",
                  replaced(verifier, " ".join([*verifier.split(" ")[:3], verifier.split(" ")[2], verifier.split(" ")[4]])),
                  "verifier ends before it begins"),
        malformed("time_without_milliseconds", "a time without milliseconds", replaced(":00.000Z -", ":00Z -"), "not a time"),
        malformed("epoch_gap", "the epochs are 1 and 3", replaced("epoch 2", "epoch 3"), "epochs do not count up from 1"),
        malformed("unknown_line", "a line of an unknown kind at the end", [*LINES, "extra 1"], "unknown line in the key ring"),
        malformed("kinds_swapped", "verifier lines before recipient lines", [*LINES[:3], LINES[4], LINES[3], *LINES[5:]],
                  "key ring lines out of order"),
        malformed("stray_base64_bits", "the unused bits of a stanza's last character are not zero", last_stanza(stray),
                  "base64 is not in its one form"),
        malformed("truncated_stanza", "the last byte of a stanza's tag is missing",
                  last_stanza(forge.stanza(VAULT.epochs[1], PUBLIC, STREAM)[:-1]), "stanza is not 80 bytes"),
    ]


def stanzas():
    first, second = VAULT.epochs
    good = forge.stanza(second, PUBLIC, STREAM)
    commitments = [line for line in LINES if line.startswith("epoch ")]
    swapped = TEXT.replace(commitments[1].split(" ")[2], commitments[0].split(" ")[2])[:-1].split("\n")
    closed = "HPKE message does not open"
    return [
        locked("wrong_commitment", "the stanza holds another key than its epoch commits to",
               forge.stanza(second, PUBLIC, STREAM, bytes(32)), "stanza holds a key with another commitment"),
        locked("commitment_of_another_epoch", "epoch 2 has the commitment of epoch 1", None,
               "stanza holds a key with another commitment", swapped),
        locked("zero_enc", "enc is all zero, and so is the shared secret", sealed_under_zero(bytes(32)),
               "all-zero shared secret"),
        locked("order_eight_enc", "enc is a point of order eight: the shared secret is all zero",
               sealed_under_zero(ORDER_EIGHT), "all-zero shared secret"),
        locked("stanza_of_another_epoch", "the stanza of epoch 1 where that of epoch 2 belongs",
               forge.stanza(first, PUBLIC, STREAM), closed),
        locked("stanza_of_another_vault", "sealed for another vault",
               forge.stanza(Epoch(bytes(16), 2, second.key), PUBLIC, STREAM), closed),
        locked("stanza_tag_changed", "one bit of the tag differs", good[:-1] + bytes([good[-1] ^ 1]), closed),
    ]


def vectors():
    return notes() + lines() + stanzas()
