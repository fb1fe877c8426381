"""Vault heads, pins and earnings."""

import dataclasses

from forms import MAX_GENERATION, fields, hexed, need, number, optional, parse_time, row_id, unbase64
from note import body_lines, digest, open_note

VAULT_HEAD = "stillgood/vault-head/v1"
EARNING = "stillgood/earning/v1"
PIN = "stillgood/pin/v1"


@dataclasses.dataclass(frozen=True)
class VaultHead:
    """A vault head; its signer must be a writer at its time in the ring that it names."""

    vault: bytes
    sequence: int
    at: int
    previous: bytes | None
    ring: bytes
    log: int
    log_size: int
    log_root: bytes
    rows: int
    row_sum: bytes


def _digest(text):
    return hexed(text, 32)


def _log(line):
    """Number, size and root of a log."""
    log, size, root = fields(line, 3)
    value = unbase64(root)
    need(len(value) == 32, "root is not 32 bytes")
    return number(log, 1), number(size), value


def parse_vault_head(text):
    """Parse the text of a vault head. The caller verifies the note."""
    lines = body_lines(text, VAULT_HEAD)
    need(len(lines) == 7, "a vault head has 7 lines")
    sequence, at = fields(lines[2], 2)
    rows, row_sum = fields(lines[6], 2)
    head = VaultHead(
        hexed(lines[1], 16), number(sequence, 1), parse_time(at), optional(_digest, lines[3]), _digest(lines[4]),
        *_log(lines[5]), number(rows), _digest(row_sum),
    )
    need((head.sequence == 1) == (head.previous is None), "only the first vault head has none before it")
    return head


@dataclasses.dataclass(frozen=True)
class Earning:
    """The owner's word on one row."""

    vault: bytes
    confirm: bool
    at: int
    row: str
    generation: int
    head: bytes
    decision: bytes | None
    digest: bytes

    def apply(self, items):
        """The raw items that must follow the head this earning was made for."""
        after = list(items)
        after[1] += 1
        after[27], after[28] = self.digest, self.head
        if self.confirm:
            after[12], after[13], after[14] = self.at, after[13] + 1, False
        else:
            after[14] = True
        return after


def open_earning(note, owner):
    """Verify against the owner's vkey, then parse."""
    lines = body_lines(open_note(note, owner), EARNING)
    need(len(lines) == 5, "an earning has 5 lines")
    word, at = fields(lines[2], 2)
    need(word in ("confirm", "deny"), "neither confirm nor deny")
    row, generation, head = fields(lines[3], 3)
    return Earning(
        hexed(lines[1], 16), word == "confirm", parse_time(at), row_id(row),
        number(generation, 1, MAX_GENERATION), _digest(head),
        optional(lambda text: hexed(text, 16), lines[4]), digest(note),
    )


def check_step(before, sealed_digest, after, earning):
    """Check a head against the head before it (or None), the digest of its seal, and the earning it names."""
    if before is None:
        need(after[28] is None, "first head names a head before it")
        need((after[12], after[13], after[14]) == (None, 0, False), "first head is already confirmed or denied")
        need(after[27] is None, "first head names an earning")
        return
    need(after[28] == sealed_digest, "head names another head before it")
    if after[27] is None:
        # What was confirmed was the old text; a denial stays until the owner lifts it.
        edited = before[25:27] != after[25:27]
        expected = [None, 0, before[14]] if edited else before[12:15]
        need(list(after[12:15]) == list(expected), "confirmation or denial without an earning")
        return
    need(earning is not None, "head names an earning that is not in the log")
    need((earning.row, earning.generation) == (before[0], before[1]), "earning was made for another head")
    need(earning.head == sealed_digest, "earning was made for another sealed head")
    need(earning.apply(before) == after, "head is not what its earning makes of the head before")


@dataclasses.dataclass(frozen=True)
class Pin:
    """What a reader remembers of a vault."""

    vault: bytes
    sequence: int
    vault_head: bytes
    log: int
    log_size: int
    log_root: bytes


def parse_pin(text):
    need(text.endswith("\n"), "pin does not end with a line feed")
    lines = body_lines(text, PIN)
    need(len(lines) == 4, "a pin has 4 lines")
    sequence, head = fields(lines[2], 2)
    return Pin(hexed(lines[1], 16), number(sequence, 1), _digest(head), *_log(lines[3]))


def check_pin(pin, vault, vault_heads, log, log_size, root_at):
    """Refuse an older or another vault.

    `vault_heads` maps sequences to digests; `root_at` gives the log's root at a size.
    """
    need(vault == pin.vault, "another vault than pinned")
    need(max(vault_heads) >= pin.sequence, "vault is older than pinned")
    need(vault_heads[pin.sequence] == pin.vault_head, "another vault head under the pinned sequence")
    need(log == pin.log, "another log than pinned")
    need(log_size >= pin.log_size, "log is shorter than pinned")
    need(root_at(pin.log_size) == pin.log_root, "log has another past than pinned")
