"""Self test of the vault file: a good one opens, and each broken one is refused for its defect."""

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import cbor
import forge
import needs
import pem
import selftest_defects as defects
import tree
import verify
from forge import DAY, T0
from forms import Bad, sha256, time_text, tobase64
from forge_vault import Forge
from records import parse_pin
from selftest_forms import refused
from selftest_defects import build


@contextlib.contextmanager
def written(vault, sql=None):
    """The vault as a file, optionally changed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        path = vault.write(os.path.join(folder, "vault.sgv"))
        if sql:
            base = sqlite3.connect(path)
            for statement in [sql] if isinstance(sql, str) else sql:
                base.execute(*([statement] if isinstance(statement, str) else statement))
            base.commit()
            base.close()
        yield path


def check(vault, sql=None, owner=None, secret=None, pin=None):
    with written(vault, sql) as path:
        return verify.check_vault(path, owner or vault.owner.vkey, secret or vault.identity, pin=pin)


class Forged:
    """A good vault, then `change` on it, then SQL on its file; called, it is checked."""

    def __init__(self, change, sql=()):
        self.change, self.sql = change, sql

    def vault(self):
        vault = build()
        if self.change:
            self.change(vault)
        return vault

    def __call__(self):
        check(self.vault(), self.sql)


def by_sql(*sql):
    return Forged(None, sql)


DEFECTS = {
    "file_application_id": (by_sql("PRAGMA application_id = 1"), "application id"),
    "file_unknown_version": (by_sql("PRAGMA user_version = 2"), "version of vault file"),
    "file_journal_mode": (by_sql("PRAGMA journal_mode = DELETE"), "WAL"),
    "file_more_tables": (by_sql("CREATE TABLE more (a TEXT) STRICT"), "other tables"),
    "file_trigger": (by_sql("CREATE TRIGGER quiet AFTER INSERT ON log_entries BEGIN DELETE FROM log_entries; END"), "trigger"),
    "file_column_added": (by_sql("ALTER TABLE seals ADD COLUMN more TEXT"), "columns"),
    "ring_foreign_signature": (Forged(defects.ring_foreign), "no signature line"),
    "ring_recipient_added_by_writer": (Forged(defects.ring_with_recipient), "no signature line"),
    "ring_older_dropped": (by_sql("DELETE FROM rings WHERE version = 1"), "count up"),
    "ring_version_negative": (by_sql("UPDATE rings SET version = -1 WHERE version = 1"), "count up"),
    "ring_newest_dropped": (by_sql("DELETE FROM rings WHERE version = 2"), "names no key ring"),
    "ring_earlier_epoch_replaced": (Forged(defects.epoch_replaced), "earlier epoch"),
    "ring_earlier_epoch_time_changed": (Forged(defects.ring_epoch_line_changed), "earlier epoch"),
    "ring_previous_wrong": (Forged(lambda v: v.ring(previous=bytes(32))), "another key ring before it"),
    "ring_previous_is_first": (
        Forged(lambda v: v.turn_epoch().ring(previous=sha256(v.rings[0].encode()))), "another key ring before it"),
    "vault_head_newest_dropped": (by_sql("DELETE FROM vault_heads WHERE sequence = (SELECT max(sequence) FROM vault_heads)"), "row sum"),
    "vault_head_gap": (by_sql("DELETE FROM vault_heads WHERE sequence = 2"), "count up"),
    "vault_head_by_owner": (Forged(lambda v: v.commit(v.owner)), "not signed by a writer"),
    "vault_head_other_ring": (Forged(defects.other_ring_than_newest), "older key ring"),
    "vault_head_log_size_ahead": (Forged(lambda v: v.commit(size=9)), "shorter"),
    "vault_head_other_log_root": (Forged(lambda v: v.commit(root="A" * 43 + "=")), "log root"),
    "vault_head_other_row_sum": (Forged(lambda v: v.commit(row_sum="0" * 64)), "row sum is not that of the vault head"),
    "vault_head_previous_wrong": (Forged(lambda v: v.commit(previous="0" * 64)), "another vault head before it"),
    "vault_head_previous_missing": (Forged(lambda v: v.commit(previous="-")), "only the first"),
    "vault_head_first_with_previous": (Forged(lambda v: v.vault_heads.__setitem__(
        0, v.device.sign(v.vault_heads[0].split("\n\n")[0].replace("\n-\n", f"\n{'0' * 64}\n") + "\n"))), "only the first"),
    "vault_head_earlier_signed_again": (Forged(defects.vault_head_resigned), "another vault head before it"),
    "vault_head_before_since": (Forged(lambda v: v.commit(at=time_text(T0 - 2 * DAY))), "writer of that time"),
    "vault_head_goes_back_in_time": (Forged(lambda v: v.commit(at=time_text(T0))), "back in time"),
    "vault_head_at_until": (Forged(defects.writer_after_until), "writer of that time"),
    "vault_head_by_decider": (Forged(defects.decider_only), "writer of that time"),
    "vault_head_time_without_millis": (Forged(lambda v: v.commit(at="2026-02-12T18:00:00Z")), "not a time"),
    "vault_head_sequence_twice": (Forged(lambda v: v.commit(sequence=len(v.vault_heads))), "count up"),
    "vault_head_other_vault": (Forged(lambda v: defects.text_then_commit(v.vault.hex(), "0" * 32)(v)), "another vault"),
    "vault_head_unknown_version": (Forged(defects.text_then_commit("vault-head/v1", "vault-head/v2")), "kind or version"),
    "vault_head_eight_lines": (Forged(defects.text_then_commit("\n1 ", "\n-\n1 ")), "7 lines"),
    "vault_head_log_two": (Forged(lambda v: v.commit(log=2)), "log is shorter"),
    "vault_head_log_three": (Forged(lambda v: v.commit(log=3)), "log numbers"),
    "vault_head_log_zero": (Forged(lambda v: v.commit(log=0)), "range"),
    "vault_head_log_size_goes_back": (
        Forged(lambda v: v.commit(size=1, root=tobase64(tree.root([v.log[0].encode()])))), "log is shorter"),
    "row_sum_altered": (by_sql("UPDATE row_sum SET state = zeroblob(2048)"), "row sum is not that of the vault head"),
    "row_sum_short": (by_sql("UPDATE row_sum SET state = substr(state, 1, 2047)"), "2,048 bytes"),
    "row_sum_missing": (by_sql("DELETE FROM row_sum"), "2,048 bytes"),
    "older_head_under_newest_vault_head": (Forged(defects.older_head), "row sum is not that of the heads"),
    "older_head_and_row_sum_under_newest_vault_head": (
        Forged(defects.older_head_and_row_sum), "row sum is not that of the vault head"),
    "row_added_under_newest_vault_head": (Forged(defects.row_added), "row sum is not that of the vault head"),
    "vault_head_rows_off_by_one": (Forged(lambda v: v.commit(rows=10)), "number of rows"),
    "head_previous_null": (Forged(defects.change_then_commit(i28=None)), "names another head before it"),
    "head_previous_wrong": (Forged(defects.change_then_commit(i28=bytes(32))), "names another head before it"),
    "epoch_goes_down": (Forged(defects.epoch_goes_down), "older epoch"),
    "vault_head_leading_zero": (Forged(lambda v: v.commit(sequence="07")), "whole number"),
    "head_older_under_newer_generation": (
        by_sql("UPDATE heads SET sealed = (SELECT sealed FROM old_heads WHERE row = 'mem-1') WHERE row = 'mem-1'"), "row sum"),
    "head_row_dropped": (by_sql("DELETE FROM heads WHERE row = 'mem-1'"), "number of rows"),
    "head_under_another_row": (Forged(defects.head_swap), "not this row"),
    "head_generation_negative": (by_sql("UPDATE heads SET generation = -2 WHERE row = 'mem-1'"), "row sum"),
    "head_generation_column": (by_sql("UPDATE heads SET generation = 4 WHERE row = 'mem-1'"), "row sum"),
    "head_changed_without_vault_head": (Forged(lambda v: v.change("mem-1", i10=1)), "row sum"),
    "old_head_dropped": (by_sql("DELETE FROM old_heads WHERE row = 'mem-1'"), "missing"),
    "old_head_of_no_row": (
        by_sql("INSERT INTO old_heads SELECT 'mem-9', generation, sealed FROM old_heads LIMIT 1"), "not this row"),
    "old_head_generation_column": (by_sql("UPDATE old_heads SET generation = 7 WHERE row = 'mem-1'"), "where 7 belongs"),
    "body_of_another_row": (Forged(defects.body_swap), "not this row"),
    "body_rewritten": (Forged(defects.body_rewritten), "does not name"),
    "body_missing": (by_sql("DELETE FROM bodies WHERE row = 'mem-1' AND generation = 2"), "missing"),
    "body_of_no_head": (by_sql("INSERT INTO bodies SELECT 'mem-9', generation, sealed FROM bodies LIMIT 1"), "no head names"),
    "body_truncated": (by_sql("UPDATE bodies SET sealed = substr(sealed, 1, length(sealed) - 1) WHERE row = 'mem-2'"), "damaged"),
    "evidence_missing": (by_sql("DELETE FROM evidence WHERE row = 'mem-6'"), "evidence of mem-6 is missing"),
    "evidence_newest_missing": (by_sql("DELETE FROM evidence WHERE row = 'mem-5' AND generation = 3"), "does not name"),
    "evidence_older_missing": (
        by_sql("DELETE FROM evidence WHERE row = 'mem-5' AND generation = 1"), "evidence of mem-5 is missing"),
    "evidence_of_another_row": (Forged(defects.evidence_of_another_row), "not this row"),
    "evidence_older_in_place_of_newer": (
        Forged(defects.evidence_older_in_place_of_newer), "older than seen: generation 1 where 3 belongs"),
    "evidence_altered": (Forged(defects.evidence_altered), "damaged: the seal does not open"),
    "evidence_rewritten": (Forged(defects.evidence_rewritten), "does not name"),
    "evidence_of_no_head": (Forged(defects.evidence_of_no_head), "an evidence part that no head names"),
    "evidence_added": (Forged(defects.evidence_added), "an evidence part that no head names"),
    "evidence_slipped_between": (Forged(defects.evidence_slipped_between), "does not name"),
    "evidence_generation_column": (
        by_sql("UPDATE evidence SET generation = 2 WHERE row = 'mem-5' AND generation = 3"), "generation 3 where 2 belongs"),
    "evidence_under_later_generation": (Forged(defects.evidence_under_later_generation), "evidence of mem-6 is missing"),
    "evidence_without_materials": (Forged(defects.evidence_without_materials), "not 1 to 64 materials"),
    "head_names_older_evidence": (Forged(defects.head_names_older_evidence), "does not name"),
    "head_named_older_evidence": (Forged(defects.head_named_older_evidence), "does not name"),
    "head_names_evidence_to_come": (Forged(defects.head_names_evidence_to_come), "evidence of mem-2 is missing"),
    "log_entry_dropped": (by_sql("DELETE FROM log_entries WHERE log = 1 AND idx = 0"), "gap"),
    "log_entry_renumbered": (by_sql("UPDATE log_entries SET idx = 16 WHERE idx = 14"), "gap"),
    "log_node_planted": (by_sql("INSERT INTO log_nodes VALUES (1, 0, 15, zeroblob(32))"), "log nodes"),
    "log_of_number_two": (by_sql(
        "INSERT INTO log_entries SELECT 2, 0, entry FROM log_entries WHERE idx = 14",
        "INSERT INTO log_nodes SELECT 2, 0, 0, hash FROM log_nodes WHERE level = 0 AND idx = 14",
        "INSERT INTO log_keys SELECT key, 2, 0 FROM log_keys WHERE idx = 14"), "no vault head names"),
    "log_node_dropped": (by_sql("DELETE FROM log_nodes WHERE log = 1 AND level = 1"), "log nodes"),
    "log_node_changed": (by_sql("UPDATE log_nodes SET hash = zeroblob(32) WHERE level = 1"), "log nodes"),
    "log_inner_node_dropped": (by_sql("DELETE FROM log_nodes WHERE level = 0 AND idx = 0"), "log nodes"),
    "log_last_entry_dropped": (Forged(lambda v: v.log.pop()), "log is shorter"),
    "log_first_entry_dropped": (Forged(defects.log_restarted), "log root"),
    "log_entry_no_note": (Forged(defects.log_with(lambda v: "x")), "line feed"),
    "log_entry_key_ring": (Forged(defects.log_with(lambda v: v.rings[0])), "no known kind"),
    "log_entry_too_large": (
        Forged(defects.log_with(lambda v: v.device.sign("x" * 65_536 + "\n"))), "too large"),
    "decision_rulings_of_another": (Forged(defects.decision_edit(lambda v, n, note, sealed, a, b: (note, b))), "not this row"),
    "decision_note_of_another": (Forged(defects.decision_edit(lambda v, n, note, sealed, a, b: (a, sealed))), "exactly one key"),
    "decision_rulings_softened": (Forged(defects.decision_edit(defects.decision_resealed)), "another root"),
    "decision_rulings_unknown_version": (Forged(defects.decision_edit(defects.decision_rulings_v2)), "kind or version"),
    "decision_of_unlisted_key": (Forged(defects.decision_of_unlisted_key), "exactly one key"),
    "decision_after_until": (Forged(defects.decision_after_until), "at that time"),
    "decision_on_unknown_vault_head": (Forged(defects.decision_on_unknown_vault_head), "no such vault head"),
    "decision_not_in_log": (Forged(defects.decision_not_in_log), "not in the log"),
    "decision_not_stored": (Forged(defects.decision_not_stored), "not stored"),
    "decision_twice_in_log": (Forged(defects.decision_twice_in_log), "twice in the log"),
    "decision_with_other_seed": (Forged(defects.decision_with_seed_of), "keystream"),
    "decision_on_head_to_come": (Forged(defects.decision_on_head_to_come), "does not have"),
    "decision_of_key_without_role": (Forged(defects.decision_of_key_without_role), "not signed by a key that may say it"),
    "seals_below_use": (by_sql("UPDATE seals SET reserved = 1"), "more seals"),
    "seals_above_limit": (by_sql("UPDATE seals SET reserved = 268435457"), "out of range"),
    "owner_another": (lambda: check(build(), owner=forge.Signer("example.org/owner", bytes(32)).vkey), "no signature line"),
    "identity_another": (lambda: check(build(), secret=forge.identity(bytes([7]) * 32)), "not a recipient"),
}


@refused(DEFECTS)
class Vaults(unittest.TestCase):
    def test_vault_opens(self):
        vault = check(build())
        rows = {row["id"]: row for row in verify.rows_of(vault)}
        self.assertEqual(set(rows), {"mem-1", "mem-2", "mem-5", "mem-6", "Zeile-ü", "tie-1", "tie-2", "tie-3", "gone-1"})
        self.assertEqual(rows["mem-1"]["text"], "The user likes green tea.")
        self.assertEqual((rows["mem-2"]["generation"], rows["mem-2"]["confirmations"]), (2, 1))
        self.assertEqual(rows["mem-2"]["confirmed_at"], "2026-02-12T18:00:02.500Z")
        self.assertTrue(rows["Zeile-ü"]["denied"])
        self.assertEqual(len(vault.decisions), 4)
        ties = [[link["kind"], link["row"], link["made_by"]] for link in rows["tie-1"]["links"] + rows["tie-2"]["links"]]
        self.assertEqual(ties, [
            ["supersedes", "tie-2", "owner"], ["superseded-by", "tie-1", "owner"], ["has-dependant", "tie-3", "rule"],
        ])
        self.assertEqual((rows["tie-2"]["asked_at"], rows["tie-3"]["parents"]), ("2026-02-12T18:00:06.400Z", "changed"))
        self.assertEqual(rows["mem-6"]["observed_at"], "2026-02-12T18:00:07.600Z")
        self.assertEqual((rows["gone-1"]["generation"], rows["gone-1"]["previous"], vault.forgotten("gone-1")), (3, None, 2))
        kept = {place: [one.kind for one in materials] for place, materials in vault.evidence.items()}
        self.assertEqual(kept, {
            ("mem-5", 1): ["output"], ("mem-5", 2): ["output"], ("mem-5", 3): ["output", "key"],
            ("mem-5", 4): ["output", "key"], ("mem-5", 5): ["output", "key"], ("mem-6", 1): ["statement"],
            ("mem-6", 2): ["statement"], ("mem-6", 3): ["statement"],
        })
        self.assertEqual(rows["mem-6"]["evidence"], [
            {"kind": "statement", "attached_at": "2026-02-12T18:00:00.000Z", "body_generation": 1,
             "bytes": b'{"by":"me"}'.hex()},
        ])

    def test_vault_of_no_rows(self):
        self.assertEqual(check(Forge("empty").ring()).current, {})

    def test_vault_is_not_older_than_pinned(self):
        pins, vault = [], build()
        pins.append(vault.pin())
        vault.change("mem-2", i10=5)
        vault.commit()
        vault.decide(T0, defects.ROWS, about="else")
        pins.append(vault.pin())
        for pin in pins:
            check(vault, pin=parse_pin(pin))
        with self.assertRaisesRegex(Bad, "older than pinned"):
            check(build(), pin=parse_pin(pins[1]))

    def test_vault_seals_each_part_with_its_own_nonce(self):
        vault = build()
        parts = [sealed for heads in vault.heads.values() for _, sealed in heads]
        parts += [*vault.bodies.values(), *vault.evidence.values()]
        self.assertEqual(len({cbor.decode(part)[6] for part in parts}), len(parts))

    def test_vault_with_open_writer(self):
        vault = build()
        for statement, good in (("UPDATE seals SET reserved = 2000", True), ("DELETE FROM heads", False)):
            with written(vault) as path:
                base = sqlite3.connect(path)
                base.execute(statement)
                base.commit()
                self.assertTrue(os.path.getsize(path + "-wal"))
                if good:
                    verify.check_vault(path, vault.owner.vkey, vault.identity)
                else:
                    with self.assertRaises(Bad):
                        verify.check_vault(path, vault.owner.vkey, vault.identity)
                base.close()

    def test_command_line(self):
        vault = build()
        name, (note, _) = list(vault.decisions.items())[0]
        with written(vault) as path:
            folder = os.path.dirname(path)
            leaves = check(vault).decisions[name][1]
            files = {
                "o": (vault.owner.vkey.line + "\n").encode(), "d": (vault.device.vkey.line + "\n").encode(),
                "i": pem.write(vault.identity), "b": json.dumps({"note": note, "leaves": leaves}).encode(),
                "bad": json.dumps({"note": note, "leaves": leaves[:-1]}).encode(), "p": vault.pin().encode(),
                "q": vault.pin().replace("\n1 ", "\n2 ").encode(),
            }
            for key, data in files.items():
                with open(os.path.join(folder, key), "wb") as file:
                    file.write(data)
            at = lambda key: os.path.join(folder, key)

            def run(*arguments):
                with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()):
                    return verify.main(arguments), out.getvalue()

            code, text = run("decision", at("b"), "--verifier", at("d"))
            self.assertEqual(code, 0)
            self.assertIn("1 live, 1 background, 2 re-earn", text)
            self.assertEqual(run("decision", at("bad"), "--verifier", at("d"))[0], 1)
            self.assertEqual(run("decision", at("b"), "--verifier", at("o"))[0], 1)
            self.assertEqual(run("decision", at("none"), "--verifier", at("d"))[0], 2)
            self.assertEqual(run("decision", at("b"), "--verifier", at("i"))[0], 2)
            self.assertEqual(run("tamper", at("b"), "--verifier", at("d"))[0], 0)
            code, text = run("vault", path, "--owner", at("o"), "--identity", at("i"), "--json")
            self.assertEqual((code, json.loads(text)["decisions"]), (0, sorted(vault.decisions)))
            for pin, status in (("p", 0), ("q", 1), ("b", 2)):
                code, _ = run("vault", path, "--owner", at("o"), "--identity", at("i"), "--pin", at(pin))
                self.assertEqual(code, status)
            self.assertEqual(run("vault", at("b"), "--owner", at("o"), "--identity", at("i"))[0], 1)
            self.assertEqual(run("vault", at("none"), "--owner", at("o"), "--identity", at("i"))[0], 2)
            self.assertEqual(run("vault", path, "--owner", at("d"), "--identity", at("i"))[0], 1)
            self.assertEqual(sorted(os.listdir(folder)), sorted([*files, "vault.sgv"]))

    def test_without_the_package(self):
        here = os.path.dirname(os.path.abspath(verify.__file__))
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "cryptography.py"), "w") as file:
                file.write("raise ImportError\n")
            for name, status in (("selftest.py", 0), ("verify.py", 3)):
                done = subprocess.run(
                    [sys.executable, os.path.join(here, name)], capture_output=True, text=True,
                    env={**os.environ, "PYTHONPATH": folder},
                )
                self.assertEqual((done.returncode, done.stdout), (status, needs.MISSING + "\n"))
