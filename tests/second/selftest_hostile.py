"""Self test of the hostile vectors: each is refused for its defect, and each good one accepted."""

import os
import sqlite3
import tempfile
import unittest

import cbor
import decision
import forge_vault
import hostile
import make_hostile
import pem
import verify
from evidence import open_evidence
from forms import Bad, row_id
from head import open_body, open_head
from note import open_note, parse_vkey, split
from records import parse_pin
from ring import open_ring
from sealing import PartError, unlock

PINS = {
    "another vault than pinned": hostile.OTHER_VAULT, "vault is older than pinned": hostile.OLDER,
    "log is shorter than pinned": hostile.OLDER, "another vault head under the pinned sequence": hostile.FORKED,
    "another log than pinned": hostile.FORKED, "log has another past than pinned": hostile.FORKED,
}


class Refused(Exception):
    """A class of refusal, and the words that this implementation has for it."""


def stage(outcome, run, *arguments):
    """Run a step. If it refuses, that is of this class, unless the refusal has one of its own."""
    try:
        return run(*arguments)
    except PartError as error:
        raise Refused(error.reason, str(error)) from None
    except Bad as error:
        raise Refused(outcome, str(error)) from None


def text_of(one):
    try:
        return one.data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(hostile.MALFORMED, "not UTF-8") from None


def note_of(text, vkey):
    stage(hostile.MALFORMED, split, text)
    return stage(hostile.UNVERIFIED, open_note, text, vkey)


def identity(one):
    lines = ("-----BEGIN PRIVATE KEY-----", one.keys["identity"], "-----END PRIVATE KEY-----", "")
    return pem.read_x25519("\n".join(lines).encode())


def unlocked(text, one):
    owner, secret = parse_vkey(one.keys["owner"]), identity(one)
    note_of(text, owner)
    ring = stage(hostile.MALFORMED, open_ring, text, owner)
    ours = secret.public_key().public_bytes_raw() in ring.recipients
    return stage(hostile.DAMAGED if ours else hostile.NOT_OUR_KEY, unlock, ring, secret)


def head_of(epochs, one, sealed):
    """The generation of a head is not known before it is opened: it is the one in clear."""
    try:
        generation = cbor.decode(sealed)[5]
    except (Bad, TypeError, IndexError):
        generation = 1
    return stage(hostile.DAMAGED, open_head, epochs, one.keys["row"], generation, sealed)[0]


def part(one):
    epochs = unlocked(VECTORS[one.keys["ring"]].data.decode(), one)
    if one.do == hostile.HEAD:
        return head_of(epochs, one, one.data)
    items = head_of(epochs, one, bytes.fromhex(one.keys["head"]))
    opening = open_evidence if one.do == hostile.EVIDENCE else open_body
    return stage(hostile.DAMAGED, opening, epochs, items, one.data)


def bundle(one):
    decider = parse_vkey(one.keys["decider"])
    note, leaves = stage(hostile.MALFORMED, decision.parse_bundle, one.data)
    text = note_of(note, decider)
    stage(hostile.MALFORMED, decision.parse_note_text, text, decider.name)
    stage(hostile.UNVERIFIED, decision.signed_leaves, note, leaves, decider)
    stage(hostile.MALFORMED, decision.parse_leaves, leaves)
    stage(hostile.UNVERIFIED, decision.verify, note, leaves, decider)


def vault(one):
    good, pin = VECTORS[one.keys.get("base", one.name)], None
    if one.do == hostile.PIN:
        pin = stage(hostile.MALFORMED, parse_pin, text_of(one))
    done = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "vault.sgv")
        base = sqlite3.connect(path)
        base.executescript(forge_vault.NEW + good.data.decode())
        if one.do == hostile.VAULT and one is not good:
            base.executescript(one.data.decode())
        base.close()
        try:
            verify.check_vault(path, parse_vkey(one.keys["owner"]), identity(one), lambda name, _: done.append(name), pin)
        except Bad as error:
            if "seals" in done:
                raise Refused(PINS[str(error)], str(error)) from None
            raise Refused(hostile.UNVERIFIED if done else hostile.MALFORMED, str(error)) from None


JUDGES = {
    hostile.VKEY: lambda one: stage(hostile.MALFORMED, parse_vkey, text_of(one)),
    hostile.ROW_ID: lambda one: stage(hostile.MALFORMED, row_id, text_of(one)),
    hostile.NOTE: lambda one: note_of(text_of(one), parse_vkey(one.keys["vkey"])),
    hostile.RING: lambda one: unlocked(text_of(one), one),
    hostile.HEAD: part, hostile.BODY: part, hostile.EVIDENCE: part, hostile.BUNDLE: bundle, hostile.VAULT: vault, hostile.PIN: vault,
}
VECTORS = {one.name: one for one in hostile.read_all()}


class Hostile(unittest.TestCase):
    def test_every_vector_is_judged_as_its_file_says(self):
        for one in VECTORS.values():
            with self.subTest(one.name):
                try:
                    JUDGES[one.do](one)
                    outcome = (hostile.ACCEPTED, "")
                except Refused as refused:
                    outcome = refused.args
                self.assertEqual(outcome[0], one.expected, outcome[1])
                self.assertIn(one.because, outcome[1])
                self.assertEqual(bool(one.because), one.expected != hostile.ACCEPTED)

    def test_there_are_as_many_as_there_should_be(self):
        self.assertEqual(len(VECTORS), hostile.COUNT)
        good = {one.do for one in VECTORS.values() if one.expected == hostile.ACCEPTED}
        self.assertEqual(good, set(hostile.DO))
        for one in VECTORS.values():
            self.assertEqual(one.name.endswith("_good"), one.expected == hostile.ACCEPTED, one.name)

    def test_they_are_made_again(self):
        files = make_hostile.made()
        self.assertEqual(sorted(files), sorted(VECTORS))
        for name, data in files.items():
            with open(os.path.join(hostile.FOLDER, name), "rb") as file:
                self.assertEqual(file.read(), data, name)
