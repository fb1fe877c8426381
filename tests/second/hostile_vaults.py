"""Hostile vault files, as the SQL that makes them from the good one, and pins."""

import itertools
import os
import re
import sqlite3
import tempfile

import records
import schema
import tree
from forge import DAY, T0, Signer
from forms import sha256, tobase64, utf8
from hostile import FORKED, MALFORMED, OLDER, OTHER_VAULT, PIN, UNVERIFIED, VAULT, vector
from hostile_entry_table import ENTRIES
from hostile_rings import KEYS
from hostile_rings import VAULT as GOOD
from selftest_defects import ROWS, build
from hostile_vault_table import VAULTS
from selftest_entries import ENTRY_DEFECTS, JUST
from selftest_vault import DEFECTS, Forged


def _literal(value):
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def _tables(vault):
    """What stands in the file of a vault: its rows by table, then by primary key."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        base = sqlite3.connect(vault.write(os.path.join(folder, "vault.sgv")))
        for table in schema.TABLES:
            keys = {row[1]: row[5] for row in base.execute(f"PRAGMA table_info({table})")}
            names = [name for name in keys if keys[name]] or ["row", "generation"]
            rows = base.execute(f"SELECT * FROM {table} ORDER BY {', '.join(names)}").fetchall()
            places = [list(keys).index(name) for name in names]
            found[table] = {tuple((name, row[at]) for name, at in zip(names, places)): row for row in rows}
        base.close()
    return found


def sql_between(before, after):
    """The statements that lead from one vault's rows to another's."""
    lines = []
    for table, rows in after.items():
        for key in [key for key in before[table] if key not in rows]:
            lines.append(f"DELETE FROM {table} WHERE " + " AND ".join(f"{name} = {_literal(value)}" for name, value in key))
        for key, row in rows.items():
            if before[table].get(key) != row:
                lines.append(f"INSERT OR REPLACE INTO {table} VALUES (" + ", ".join(map(_literal, row)) + ")")
    return "".join(line + ";\n" for line in lines)


NOTHING = {table: {} for table in schema.TABLES}
TABLES = _tables(GOOD)

def _file_name(name):
    """The name of a defect, begun with the subject. Heads of rows are called rows beside vault heads."""
    return name if name.startswith("vault_") else "vault_row_" + name[5:] if name.startswith("head_") else f"vault_{name}"


def _named(says, vault):
    """The lines of the program, each decision under its id; lines that differ in it alone ascend by it."""
    found = [match[1] for match in (re.match("[^\n]*/decision/v1/([0-9a-f]{32})\n", note) for note in vault.log) if match]
    ids = list(dict.fromkeys([*found, *vault.decisions]))
    blank = lambda line: re.sub(r"\{\d\}", "{}", line)
    runs = (list(run) for _, run in itertools.groupby(says, blank))
    return [line for run in runs for line in sorted(line.format("", *ids) for line in run)]


def vaults():
    found = [vector("vault_good", VAULT, "none: the untouched vault, row by row", sql_between(NOTHING, TABLES), **KEYS)]
    second = build()
    writer = Signer("example.org/another", bytes(32))
    second.verifiers.append(("writer", T0 - DAY, None, writer.vkey))
    second.ring()
    second.vault_heads[-1] += writer.line("something else\n")
    found.append(vector(
        "vault_head_line_of_another_writer_good", VAULT, "none: a wrong line of another writer is passed over",
        sql_between(TABLES, _tables(second)), base="vault_good", **KEYS))
    for name, change in JUST.items():
        sql = sql_between(TABLES, _tables(Forged(change).vault()))
        found.append(vector(
            f"vault_{name}_good", VAULT, f"none: {name.replace('_', ' ')}", sql, base="vault_good", **KEYS))
    judged = [(DEFECTS[name], name, said) for name, said in VAULTS.items()]
    judged += [(ENTRY_DEFECTS[name], name, said) for name, said in ENTRIES.items()]
    for (made, because), name, (defect, *says) in judged:
        sql = "".join(line + ";\n" for line in made.sql) or sql_between(TABLES, _tables(made.vault()))
        expected = MALFORMED if name.startswith("file_") else UNVERIFIED
        found.append(vector(
            _file_name(name), VAULT, defect, sql, expected, because, _named(says, made.vault()),
            base="vault_good", **KEYS))
    return found


def pins():
    good = GOOD.pin()
    lines = good.split("\n")
    later, decided = build(), build()
    later.change("mem-2", i10=5)
    later.commit()
    decided.decide(T0, ROWS, about="else")
    log = [utf8(entry) for entry in GOOD.log]
    older = f"3 {sha256(utf8(GOOD.vault_heads[2])).hex()}"

    def pin(name, defect, text, expected=None, because="", says=None):
        keys = {"base": "vault_good", **KEYS}
        if expected is None:
            return vector(f"pin_{name}", PIN, defect, text, **keys)
        return vector(f"pin_{name}", PIN, defect, text, expected, because, says, **keys)

    def bad(name, defect, text, because):
        return pin(name, defect, text, MALFORMED, because, "not a pin of version 1")

    def replaced(place, line):
        return "\n".join([*lines[:place], line, *lines[place + 1 :]])

    forked = "the vault has another history than the one that was seen"
    sequence, size = len(GOOD.vault_heads), len(log)
    root = tobase64(tree.root(log[:-1] + [b"another"]))
    return [
        pin("good", "none: the pin on what stands there", good),
        pin("earlier_good", "none: the pin on an earlier state", f"{records.PIN}\n{lines[1]}\n{older}\n1 1 {tobase64(tree.root(log[:1]))}\n"),
        pin("newer_state", "the vault is one state behind the pin", later.pin(), OLDER, "vault is older than pinned",
            f"the vault is older than seen: its state is at {sequence}, where {sequence + 1} was seen"),
        pin("longer_log", "the log is one entry behind the pin", decided.pin(), OLDER, "log is shorter than pinned",
            f"the vault is older than seen: its log is at {size}, where {size + 1} was seen"),
        pin("other_vault", "a pin of another vault", replaced(1, "0" * 32), OTHER_VAULT, "another vault than pinned",
            "the pin is of another vault"),
        pin("other_vault_head", "another vault head under the same sequence", replaced(2, f"{sequence} {'0' * 64}"), FORKED,
            "another vault head under the pinned sequence", forked),
        pin("other_log", "another number of the log", replaced(3, "2" + lines[3][1:]), FORKED, "another log than pinned", forked),
        pin("other_log_root", "another root of the log at the same size", replaced(3, f"1 {size} {root}"), FORKED,
            "log has another past than pinned", forked),
        bad("unknown_version", "the first line names version 2", replaced(0, "stillgood/pin/v2"), "another kind or version of note"),
        bad("trailing_line", "a line behind it", good + "\n", "a pin has 4 lines"),
        bad("sequence_zero", "vault head 0", replaced(2, lines[2].replace(f"{sequence} ", "0 ")), "number out of range"),
        bad("log_zero", "log 0", replaced(3, "0" + lines[3][1:]), "number out of range"),
        bad("stray_base64_bits", "the unused bits of the root's last character are not zero",
            replaced(3, lines[3][:-2] + chr(ord(lines[3][-2]) + 1) + "="), "base64 is not in its one form"),
    ]


def vectors():
    return vaults() + pins()
