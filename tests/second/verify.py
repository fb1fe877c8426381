"""Command line of the second implementation.

  verify.py decision BUNDLE --verifier VKEYFILE
  verify.py tamper BUNDLE --verifier VKEYFILE
  verify.py table NOTE --owner VKEYFILE [--vault VAULTID]
  verify.py set DIR [--base DIR]
  verify.py vault VAULT --owner VKEYFILE --identity PEM [--pin PIN] [--json]

Exit status: 0 verified, 1 not verified, 2 could not answer, 3 skipped: a Python package is missing.
"""

import argparse
import collections
import json
import os
import sqlite3
import sys

import needs

if needs.cryptography_missing():
    print(needs.MISSING)
    sys.exit(3)

import decision
import entries
import pem
import policyset
import records
import stored
import survival
import tamper
from forms import Bad, hexed, need, time_text, tobase64
from note import MAX_NOTE, parse_vkey_file
from vault import Vault


class NoAnswer(Exception):
    """A file is missing or a key is unreadable."""


def read(path, limit=None):
    try:
        with open(path, "rb") as file:
            return file.read() if limit is None else file.read(limit)
    except OSError as error:
        raise NoAnswer(f"{path}: {error.strerror}") from None


def read_vkey(path):
    try:
        return parse_vkey_file(read(path).decode())
    except (Bad, UnicodeDecodeError) as error:
        raise NoAnswer(f"{path}: {error}") from None


def run_decision(options):
    vkey = read_vkey(options.verifier)
    result = decision.verify_bundle(read(options.bundle, decision.MAX_BUNDLE + 1), vkey)
    count = collections.Counter(ruling.verdict for ruling in result.rulings)
    counts = ", ".join(f"{count[verdict]} {verdict}" for verdict in decision.VERDICTS)
    print(
        f"verified: decision {result.id.hex()} by {vkey.name} at {time_text(result.header.at)}, "
        f"{result.header.occasion}: {len(result.rulings)} rulings: {counts}"
    )


def run_tamper(options):
    vkey = read_vkey(options.verifier)
    tally = tamper.run(read(options.bundle, decision.MAX_BUNDLE + 1), vkey)
    for group, number in tally.refused.items():
        print(f"{group}: {number} refused")
    print(f"{tally.passed} changes that must still verify do")
    for line in tally.wrong:
        print(line)
    print(f"{sum(tally.refused.values())} tamperings refused, {len(tally.wrong)} wrong answers")
    return 1 if tally.wrong else 0


def materials_of(vault, place):
    """What is kept with a row under one of its heads."""
    return [
        {"kind": one.kind, "attached_at": time_text(one.attached_at), "body_generation": one.body_generation,
         "bytes": one.data.hex()}
        for one in vault.evidence.get(place, [])
    ]


def rows_of(vault):
    """Every current row under readable names."""
    rows = []
    for row in sorted(vault.current, key=lambda row: row.encode()):
        place = (row, vault.current[row])
        text, details = vault.bodies[place]
        rows.append({
            **vault.heads[place][1], "head_digest": vault.digests[place].hex(), "epoch": vault.head_epochs[place],
            "text": text, "details": details, "evidence": materials_of(vault, place),
        })
    return rows


def entries_of(vault):
    """Every entry of the current log under readable names. A row that was forgotten since is null."""
    found = []
    signers = {(entry.log, entry.idx): entry.signer.name for entry in vault.logs.said}
    row = lambda head: vault.places.get(head[1], (None,))[0]
    for idx, said in enumerate(vault.logs.order.get(vault.vault_head.log, [])):
        if isinstance(said, str):
            found.append({"kind": "decision", "decision": said, "rulings": len(vault.decisions[said][0].rulings)})
            continue
        name, version, digest = said.policies or (None, None, None)
        shown = {
            "kind": said.kind, "signer": signers[vault.vault_head.log, idx], "at": time_text(said.at), "decision": said.decision,
            "mark": said.mark and [said.mark[0], said.mark[1].hex()], "placed": list(said.placed) if said.kind == "use" else None,
            "word": said.word, "who": said.who, "challenge": said.challenge and said.challenge.hex(), "source": said.source,
            "rows": [row(move.new) for move in said.moves] or (said.head and [row(said.head)]), "generation": said.generation,
            "name": name, "version": version, "digest": digest and digest.hex(), "before": said.before and said.before.hex(),
        }
        found.append({key: value for key, value in shown.items() if value is not None})
    return found


def summary(vault):
    head = vault.vault_head
    decisions = [
        {
            "id": name, "at": time_text(result.header.at), "occasion": result.header.occasion,
            "rulings": [[ruling.row, ruling.verdict] for ruling in result.rulings],
        }
        for name, (result, _) in vault.decisions.items()
    ]
    return {
        "vault": vault.vault.hex(),
        "ring_version": vault.ring.version,
        "epochs": len(vault.epochs),
        "sequence": head.sequence,
        "at": time_text(head.at),
        "row_sum": head.row_sum.hex(),
        "rows": rows_of(vault),
        "decisions": [entry["id"] for entry in decisions],
        "decision_details": decisions,
        "entries": entries_of(vault),
        "old_heads": [
            {"row": row, "generation": generation, "head_digest": vault.digests[row, generation].hex(),
             "epoch": vault.head_epochs[row, generation], "text": vault.bodies[row, generation][0],
             "evidence": materials_of(vault, (row, generation))}
            for row, generation in sorted(vault.heads, key=lambda place: (place[0].encode(), place[1]))
            if vault.current[row] != generation
        ],
        "log": {
            "number": head.log, "size": vault.logs.size(head.log),
            "root": tobase64(vault.logs.root(head.log, vault.logs.size(head.log))),
        },
    }


def run_table(options):
    note = read(options.note, MAX_NOTE + 1)
    vault = hexed(options.vault, 16) if options.vault else None
    try:
        text = note.decode()
    except UnicodeDecodeError:
        raise Bad("the note is not text in UTF-8") from None
    found = survival.open_table(text, read_vkey(options.owner), vault)
    print(
        f"verified: table of vault {found.vault.hex()} at {time_text(found.at)}: {found.confirmed} confirmed, "
        f"{found.changed} changed, {len(found.table.get('attribute', []))} attributes"
    )


def set_files(folder):
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise NoAnswer(f"{folder}: {error.strerror}") from None
    return {name: read(os.path.join(folder, name)) for name in names if policyset.belongs(name)}


def run_set(options):
    def base(name):
        need(options.base, f"the set stands on {name}: --base says where that is")
        found = policyset.of_files(set_files(options.base))
        need(found[0] == name, "the base is another set")
        return found[2]

    name, version, digest = policyset.of_files(set_files(options.folder), base)
    print(f"{name} {version} {digest.hex()}")


def check_vault(path, owner, secret, say=lambda name, result: None, pin=None):
    """Run every check in turn. Returns the vault, read completely."""
    vault = Vault(path, owner, secret)
    try:
        for name, step in (
            ("file", vault.check_file), ("key rings", vault.check_rings), ("unlock", vault.check_unlock),
            ("log", vault.check_log), ("vault heads", vault.check_vault_heads), ("row sum", vault.check_row_sum),
            ("heads", vault.check_heads), ("bodies", vault.check_bodies), ("evidence", vault.check_evidence),
            ("decisions", lambda: stored.check_decisions(vault)), ("entries", lambda: entries.check_entries(vault)),
            ("seals", vault.check_seals),
        ):
            say(name, step())
        if pin:
            say("pin", vault.check_pin(pin))
    finally:
        vault.close()
    return vault


def read_pin(path):
    try:
        return records.parse_pin(read(path).decode())
    except (Bad, UnicodeDecodeError) as error:
        raise NoAnswer(f"{path}: {error}") from None


def run_vault(options):
    read(options.vault, 16)
    owner = read_vkey(options.owner)
    pin = read_pin(options.pin) if options.pin else None
    try:
        secret = pem.read_x25519(read(options.identity))
    except Bad as error:
        raise NoAnswer(f"{options.identity}: {error}") from None
    out = sys.stderr if options.json else sys.stdout
    vault = check_vault(
        os.path.abspath(options.vault), owner, secret, lambda name, result: print(f"good: {name}: {result}", file=out), pin
    )
    if options.json:
        print(json.dumps(summary(vault), ensure_ascii=False, indent=1))
    else:
        print("verified: every check passed")


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Second implementation of the formats, read only.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run in (("decision", run_decision), ("tamper", run_tamper)):
        command = commands.add_parser(name)
        command.add_argument("bundle")
        command.add_argument("--verifier", required=True)
        command.set_defaults(run=run)
    command = commands.add_parser("table")
    command.add_argument("note")
    command.add_argument("--owner", required=True)
    command.add_argument("--vault")
    command.set_defaults(run=run_table)
    command = commands.add_parser("set")
    command.add_argument("folder")
    command.add_argument("--base")
    command.set_defaults(run=run_set)
    command = commands.add_parser("vault")
    command.add_argument("vault")
    command.add_argument("--owner", required=True)
    command.add_argument("--identity", required=True)
    command.add_argument("--pin")
    command.add_argument("--json", action="store_true")
    command.set_defaults(run=run_vault)
    options = parser.parse_args(arguments)
    try:
        return options.run(options) or 0
    except Bad as error:
        print(f"not verified: {error}")
        return 1
    except (NoAnswer, sqlite3.Error) as error:
        print(f"could not answer: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
