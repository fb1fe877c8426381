"""The decisions stored in a vault file: their notes, their sealed rulings and what they name."""

import decision
from forms import Bad, hexed, need
from note import has_line_of
from ring import listed_keys


def check_one(vault, keys, name, note, sealed):
    """Open, verify and compare one stored decision. Returns it with its leaves."""
    own = hexed(name, 16)
    origin = f"/{vault.vault.hex()}/decision/v1/{name}\n"
    signers = [key for key in keys if note.startswith(key.name + origin) and has_line_of(note, key)]
    need(len(signers) == 1, "not signed by exactly one key that a key ring lists")
    line = keys[signers[0]]
    _, leaves = decision.open_rulings(vault.epochs, own, sealed)
    result = decision.verify(note, leaves, line.vkey)
    need(result.vault == vault.vault and result.id == own, "note of another vault or decision")
    header = result.header
    # The time of a what-if was chosen by hand, so it says nothing about when the key was used.
    at = header.at if header.occasion == "retrieval" else None
    need(line.holds("decider", at), "key was no decider at that time")
    need(vault.logs.decisions.get(name) == note, "decision is not in the log")
    if header.sequence is not None:
        need(vault.vault_heads.get(header.sequence) == header.vault_head, "no such vault head in this vault")
    for ruling in result.rulings:
        if ruling.head is None:
            continue
        there = vault.digests.get((ruling.row, ruling.generation))
        gone = there is None and vault.forgotten(ruling.row) >= ruling.generation
        need(gone or there == ruling.head, f"ruling on {ruling.row!r} names a head that this vault does not have")
    return result, leaves


def check_decisions(vault):
    """Every stored decision, and no decision in the log but these."""
    keys = listed_keys(vault.rings.values())
    vault.decisions = {}
    for name, note, sealed in vault.select("SELECT id, note, rulings FROM decisions ORDER BY id"):
        try:
            vault.decisions[name] = check_one(vault, keys, name, note, sealed)
        except Bad as error:
            raise Bad(f"decision {name}: {error}") from None
    need(set(vault.decisions) == set(vault.logs.decisions), "a decision in the log that is not stored")
    return f"{len(vault.decisions)} decisions"
