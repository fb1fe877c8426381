"""The key ring: who may open, write and decide, and which epochs there are."""

import dataclasses

from forms import MAX_EPOCH, fields, hexed, need, number, optional, parse_time, unbase64
from note import Vkey, body_lines, digest, open_note, parse_vkey

FIRST_LINE = "stillgood/key-ring/v1"
ROLES = {"writer": ("writer",), "decider": ("decider",), "writer,decider": ("writer", "decider")}
FIELD_PRIME = 2**255 - 19
# The u coordinates of X25519 points of small order, RFC 7748 and its security considerations.
LOW_ORDER_U = {
    0,
    1,
    FIELD_PRIME - 1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
}


@dataclasses.dataclass(frozen=True)
class Verifier:
    """One verifier line."""

    roles: tuple
    since: int
    until: int | None
    vkey: Vkey

    def holds(self, role, at):
        """Whether the key holds a role at a time; without a time, whether it ever does."""
        if role not in self.roles:
            return False
        return at is None or (self.since <= at and (self.until is None or at < self.until))


@dataclasses.dataclass(frozen=True)
class Ring:
    """A parsed and verified key ring."""

    vault: bytes
    version: int
    previous: bytes | None
    recipients: dict
    verifiers: tuple
    commitments: dict
    epoch_lines: tuple
    stanzas: dict
    digest: bytes

    def with_role(self, role, at=None):
        return [line.vkey for line in self.verifiers if line.holds(role, at)]


def _recipient(text):
    """An X25519 public key, canonical and not of small order."""
    key = hexed(text, 32)
    value = int.from_bytes(key, "little")
    need(value < FIELD_PRIME, "recipient is not a canonical X25519 key")
    need(value not in LOW_ORDER_U, "recipient is an X25519 point of small order")
    return key


def _ascending(items, what):
    need(all(a < b for a, b in zip(items, items[1:])), f"{what} lines out of order or twice")


def open_ring(note, owner):
    """Verify against the owner's vkey, then parse."""
    lines = body_lines(open_note(note, owner), FIRST_LINE)
    groups = _groups(lines[1:])
    vault = hexed(_single(groups, "vault"), 16)
    count, before = fields(_single(groups, "version"), 2)
    version, previous = number(count, 1), optional(lambda text: hexed(text, 32), before)
    need((version == 1) == (previous is None), "version 1 alone has no key ring before it")

    recipients = {}
    rows = [fields(line, 2) for line in groups["recipient"]]
    _ascending([row[0] for row in rows], "recipient")
    for key, since in rows:
        recipients[_recipient(key)] = parse_time(since)

    verifiers = []
    rows = [fields(line, 4) for line in groups["verifier"]]
    _ascending([row[3].encode() for row in rows], "verifier")
    for roles, since, until, vkey in rows:
        need(roles in ROLES, "unknown roles")
        line = Verifier(ROLES[roles], parse_time(since), optional(parse_time, until), parse_vkey(vkey))
        need(line.until is None or line.since < line.until, "verifier ends before it begins")
        verifiers.append(line)

    commitments = {}
    for place, line in enumerate(groups["epoch"], 1):
        epoch, commitment, since = fields(line, 3)
        need(number(epoch, 1, MAX_EPOCH) == place, "epochs do not count up from 1")
        parse_time(since)
        commitments[place] = hexed(commitment, 32)
    need(recipients and verifiers and commitments, "no recipient, verifier or epoch line")

    stanzas = {}
    for line in groups["stanza"]:
        epoch, key, blob = fields(line, 3)
        sealed = unbase64(blob)
        need(len(sealed) == 80, "stanza is not 80 bytes")
        stanzas[number(epoch, 1, MAX_EPOCH), hexed(key, 32)] = sealed
    wanted = [(epoch, key) for epoch in commitments for key in recipients]
    need(len(groups["stanza"]) == len(wanted), "not one stanza for every epoch and recipient")
    need(list(stanzas) == wanted, "stanzas missing, foreign or out of order")
    return Ring(
        vault, version, previous, recipients, tuple(verifiers), commitments, tuple(groups["epoch"]), stanzas, digest(note)
    )


def listed_keys(rings):
    """The line of each key that was ever listed, as the newest key ring that lists it has it."""
    found = {}
    for ring in sorted(rings, key=lambda ring: ring.version):
        found.update((line.vkey, line) for line in ring.verifiers)
    return found


def _groups(lines):
    """Lines by kind, in the one order of kinds."""
    order = ("vault", "version", "recipient", "verifier", "epoch", "stanza")
    groups, last = {kind: [] for kind in order}, 0
    for line in lines:
        kind, space, rest = line.partition(" ")
        need(kind in groups and space, "unknown line in the key ring")
        place = order.index(kind)
        need(place >= last, "key ring lines out of order")
        last = place
        groups[kind].append(rest)
    return groups


def _single(groups, kind):
    need(len(groups[kind]) == 1, f"{kind} does not stand once")
    return groups[kind][0]
