"""Vault heads and pins."""

import dataclasses

from forms import fields, hexed, need, number, optional, parse_time, unbase64
from note import body_lines

VAULT_HEAD = "stillgood/vault-head/v1"
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
