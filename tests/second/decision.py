"""Decisions: leaves, commitments, salts, and verification of a note or a bundle."""

import dataclasses
import hashlib
import hmac
import json
import re

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

import cbor
import tree
from forms import (
    MAX_GENERATION, Bad, fields, has_control, hexed, label, need, number, optional, parse_time,
    row_id, sha256, unbase64, utf8,
)
from head import BOXES
from hpke import hkdf_expand
from note import body_lines, open_note
from sealing import RULINGS, open_part

HEADER = "stillgood/decision-header/v1"
RULING = "stillgood/ruling/v1"
MAX_BUNDLE = 64 * 1024 * 1024
VERDICTS = ("live", "background", "re-earn")
_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,48}")
_PLAIN_NEEDS = {"confirmation", "observation", "settle", "nothing", "repair"}
_BOX_NEEDS = {"recheck." + box[0] for box in BOXES}
_REQUEST_NEED = re.compile(r"request\.[a-z0-9_.]{1,48}")


@dataclasses.dataclass(frozen=True)
class Header:
    """Leaf 0."""

    at: int
    request: bytes
    set_name: str
    set_version: int
    set_digest: bytes
    program: str
    rhai: str
    vault: bytes
    sequence: int | None
    vault_head: bytes | None
    durability: str
    occasion: str
    passed: tuple
    rulings: int
    salt: bytes


@dataclasses.dataclass(frozen=True)
class Ruling:
    """One leaf after the header."""

    row: str
    generation: int | None
    head: bytes | None
    verdict: str
    until: int | None
    reasons: tuple
    opened: bool
    facts: bytes | None
    salt: bytes


@dataclasses.dataclass(frozen=True)
class Decision:
    """What a verified decision says."""

    vault: bytes
    id: bytes
    header: Header
    rulings: tuple


def _program(name, text):
    need(text.startswith(name + "/"), f"program is not {name}")
    need(_VERSION.fullmatch(text[len(name) + 1 :]), "not a version")
    return text


def _among(words, text):
    need(text in words, "unknown word")
    return text


def parse_header(leaf):
    need(not has_control(leaf), "control character in a leaf")
    parts = fields(leaf, 16)
    need(parts[0] == HEADER, "leaf 0 is not a decision header of this version")
    (at, request, name, version, digest, program, rhai, vault, sequence, head,
     durability, occasion, passed, count, salt) = parts[1:]
    need((sequence == "unpinned") == (head == "-"), "vault state half pinned")
    names = () if passed == "-" else tuple(label(name) for name in passed.split(","))
    need(all(a < b for a, b in zip(names, names[1:])), "passed fields not ascending or twice")
    need("-" not in names, "a passed field without a name")
    return Header(
        parse_time(at), hexed(request, 32), label(name), number(version), hexed(digest, 32),
        _program("stillgood", program), _program("rhai", rhai), hexed(vault, 16),
        None if sequence == "unpinned" else number(sequence, 1), optional(lambda t: hexed(t, 32), head),
        _among(("full", "none"), durability), _among(("retrieval", "what-if"), occasion),
        names, number(count), hexed(salt, 16),
    )


def _reason(text, verdict):
    """A reason as (policy, code, need or None)."""
    said, equals, wanted = text.partition("=")
    policy, colon, code = said.partition(":")
    need(colon, "reason without a code")
    need(bool(equals) == (verdict == "re-earn"), "a need where none belongs, or none where one does")
    if equals:
        need(
            wanted in _PLAIN_NEEDS or wanted in _BOX_NEEDS or _REQUEST_NEED.fullmatch(wanted),
            "unknown need",
        )
    return label(policy), label(code), wanted if equals else None


def parse_ruling(leaf):
    need(not has_control(leaf), "control character in a leaf")
    parts = fields(leaf, 10)
    need(parts[0] == RULING, "not a ruling of this version")
    row, generation, head, verdict, until, reasons, body, facts, salt = parts[1:]
    need((generation == "-") == (head == "-"), "generation or head digest alone")
    _among(VERDICTS, verdict)
    need((facts == "-") == (head == "-"), "facts commitment without a head, or a head without one")
    need(verdict == "re-earn" or head != "-", "no head opened, and the verdict is not re-earn")
    need(verdict != "re-earn" or body == "sealed", "body opened where the verdict is re-earn")
    return Ruling(
        row_id(row), optional(lambda t: number(t, 1, MAX_GENERATION), generation),
        optional(lambda t: hexed(t, 32), head), verdict, optional(parse_time, until),
        tuple(_reason(part, verdict) for part in reasons.split(",")),
        _among(("opened", "sealed"), body) == "opened",
        optional(lambda t: hexed(t, 32), facts), hexed(salt, 16),
    )


def parse_note_text(text, key_name):
    """Vault id, decision id, size and root of a verified decision note."""
    lines = body_lines(text)
    need(len(lines) == 3, "a decision note has 3 lines")
    origin = key_name + "/"
    need(lines[0].startswith(origin), "first line does not begin with the name of the key")
    parts = lines[0][len(origin) :].split("/")
    need(len(parts) == 4 and parts[1:3] == ["decision", "v1"], "not a decision of this version")
    root = unbase64(lines[2])
    need(len(root) == 32, "root is not 32 bytes")
    return hexed(parts[0], 16), hexed(parts[3], 16), number(lines[1], 1), root


def signed_leaves(note, leaves, vkey):
    """Vault id and decision id of a note, if these are the leaves that it signs."""
    text = open_note(note, vkey)
    vault, decision_id, size, root = parse_note_text(text, vkey.name)
    need(len(leaves) == size, f"{len(leaves)} leaves where the note says {size}")
    need(tree.root([utf8(leaf) for leaf in leaves]) == root, "the leaves have another root")
    return vault, decision_id


def parse_leaves(leaves):
    return parse_header(leaves[0]), tuple(parse_ruling(leaf) for leaf in leaves[1:])


def verify(note, leaves, vkey):
    """Verify a decision given as its note and the list of its leaves."""
    vault, decision_id = signed_leaves(note, leaves, vkey)
    header, rulings = parse_leaves(leaves)
    need(header.vault == vault, "header is of another vault")
    need(header.rulings == len(rulings), "header says another number of rulings")
    return Decision(vault, decision_id, header, rulings)


def _members(pairs):
    need(len({key for key, _ in pairs}) == len(pairs), "bundle with a member twice")
    return dict(pairs)


def parse_bundle(data):
    """Note and leaves of a bundle file."""
    need(len(data) <= MAX_BUNDLE, "bundle too large")
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_members)
    except (ValueError, RecursionError):
        raise Bad("bundle is not JSON") from None
    need(isinstance(value, dict) and set(value) == {"note", "leaves"}, "bundle does not have exactly note and leaves")
    note, leaves = value["note"], value["leaves"]
    need(isinstance(note, str), "note of the bundle is not text")
    need(isinstance(leaves, list) and all(isinstance(leaf, str) for leaf in leaves), "leaves are not texts")
    for text in (note, *leaves):
        utf8(text)
    return note, leaves


def verify_bundle(data, vkey):
    return verify(*parse_bundle(data), vkey)


def commitment(salt, content):
    return sha256(cbor.encode(["stillgood/commitment/v1", salt, sha256(content)]))


def core(leaf, content):
    """The core of a leaf: no salt, and the commitment replaced by the hash of its content (or None)."""
    parts = fields(leaf)[:-1]
    place = 2 if parts[0] == HEADER else 8
    parts[place] = "-" if content is None else sha256(content).hex()
    return " ".join(parts)


def seed_of(disclosure, vkey, cores):
    message = b"".join(utf8(text) + b"\n" for text in ("stillgood/decision-seed/v1", vkey.line, *cores))
    return hmac.new(disclosure, message, hashlib.sha256).digest()


def salts(disclosure, seed, count):
    """For each leaf the salt in it and the salt of its commitment."""
    key = hkdf_expand(disclosure, cbor.encode(["stillgood/salts/v1", seed]), 32)
    stream = Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor().update(bytes(32 * count))
    return [(stream[32 * i : 32 * i + 16], stream[32 * i + 16 : 32 * i + 32]) for i in range(count)]


def open_rulings(epochs, decision_id, sealed):
    """Open stored rulings. Returns seed and leaves, their id and salts recomputed and compared."""
    name = decision_id.hex()
    plaintext = open_part(epochs, RULINGS, name, 0, sealed)
    kind, seed, leaves = cbor.array(plaintext, 3)
    need(kind == "stillgood/rulings/v1", "another kind or version of stored rulings")
    need(cbor.is_bytes(seed, 32), "seed is not 32 bytes")
    need(isinstance(leaves, list) and leaves and all(isinstance(leaf, str) for leaf in leaves), "leaves are not texts")
    need(seed[:16] == decision_id, "decision id is not that of the seed")
    disclosure = epochs[cbor.decode(sealed)[2]].derive("disclosure")
    for leaf, (salt, _) in zip(leaves, salts(disclosure, seed, len(leaves))):
        need(fields(leaf)[-1] == salt.hex(), "salt of a leaf is not that of the keystream")
    return seed, leaves
