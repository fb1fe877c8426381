"""Signed notes and verifier keys (vkeys)."""

import dataclasses
import functools

import ed
from forms import fields, has_control, hexed, key_name, need, sha256, tobase64, unbase64, utf8

MAX_NOTE = 1_048_576
MAX_SIGNATURES = 16
DASH = "\u2014"


@dataclasses.dataclass(frozen=True)
class Vkey:
    """A key name and an Ed25519 public key."""

    name: str
    key: bytes

    @property
    def hash(self):
        return sha256(utf8(self.name) + b"\n\x01" + self.key)[:4]

    @property
    def line(self):
        return f"{self.name}+{self.hash.hex()}+{tobase64(bytes([1]) + self.key)}"


def parse_vkey(line):
    """Read a vkey line (without line feed)."""
    parts = line.split("+", 2)
    need(len(parts) == 3, "not a vkey")
    name, key_hash, rest = key_name(parts[0]), hexed(parts[1], 4), unbase64(parts[2])
    need(len(rest) == 33 and rest[0] == 1, "not an Ed25519 vkey")
    vkey = Vkey(name, rest[1:])
    need(vkey.hash == key_hash, "key hash of the vkey is wrong")
    ed.check_public(vkey.key)
    need(vkey.line == line, "vkey is not in its one form")
    return vkey


def parse_vkey_file(text):
    """A vkey file is a vkey line and a line feed."""
    need(text.endswith("\n"), "vkey file does not end with a line feed")
    return parse_vkey(text[:-1])


def split(note):
    """Parse a note without verifying: its text, and (name, key hash, signature) of each line."""
    need(isinstance(note, str), "note is not text")
    need(len(utf8(note)) <= MAX_NOTE, "note too large")
    need(note.endswith("\n"), "note does not end with a line feed")
    place = note.rfind("\n\n")
    need(place > 0, "note has no empty line after its text")
    text, tail = note[: place + 1], note[place + 2 : -1]
    need(not text.endswith("\n\n"), "text ends in an empty line")
    need(not has_control(text.replace("\n", "")), "control character in the text")
    lines = []
    for line in tail.split("\n"):
        dash, name, blob = fields(line, 3)
        need(dash == DASH, "signature line does not begin with a dash")
        value = unbase64(blob)
        need(len(value) > 4, "signature too short")
        lines.append((key_name(name), value[:4], value[4:]))
    need(len(lines) <= MAX_SIGNATURES, "too many signature lines")
    return text, lines


def has_line_of(note, vkey):
    """Whether the note carries a signature line with this name and key hash."""
    return any((name, key_hash) == (vkey.name, vkey.hash) for name, key_hash, _ in split(note)[1])


@functools.lru_cache(maxsize=64)
def open_note(note, vkey):
    """The text of a note that this key signed. Only good results are kept for later."""
    text, lines = split(note)
    own = [value for name, key_hash, value in lines if (name, key_hash) == (vkey.name, vkey.hash)]
    need(own, "no signature line of this key")
    need(len(own) == 1, "more than one signature line of this key")
    ed.verify(vkey.key, utf8(text), own[0])
    return text


def body_lines(note_text, first=None):
    """The lines of a verified text; its whole first line must be `first` where one is given."""
    lines = note_text[:-1].split("\n")
    need(first is None or lines[0] == first, "another kind or version of note")
    return lines


def digest(note):
    """SHA-256 of the whole note, signature lines included."""
    return sha256(utf8(note))
