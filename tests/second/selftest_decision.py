"""Self test of decisions and bundles."""

import base64
import json
import unittest
from unittest import mock

import decision
import forge
import tamper
import tree
from forms import sha256, utf8
from forge import T0
from forge_vault import Forge
from head import BOXES
from note import open_note
from selftest_forms import refused

VAULT = Forge("self test of decisions")
VAULT.ring()
VAULT.add("mem-1", "The user likes tea.")
VAULT.add("mem-2", "The user lives in Lisbon.")
VAULT.add("Zeile-ü", "Another.")
VAULT.commit()
UNTIL = "2026-03-12T18:00:00.000Z"
ROWS = [
    ["mem-1", "live", UNTIL, "age:fresh", "opened"],
    ["mem-2", "re-earn", "-", "age:stale=confirmation,proof:gone=recheck.settlement,ask:field=request.purpose", "sealed"],
    ["Zeile-ü", "background", UNTIL, "age:fresh,other:off-topic", "sealed"],
    ["mem-4", "re-earn", "-", "stillgood:no-head=repair", "sealed"],
]
SEED, NOTE, LEAVES = VAULT.decide(T0, ROWS, store=False)
KEY = VAULT.device.vkey
ID = SEED[:16]


def verifying(leaves=None, note=None, key=KEY):
    return lambda: decision.verify(NOTE if note is None else note, LEAVES if leaves is None else leaves, key)


def signed(leaves, vault=None, decision_id=ID, signer=VAULT.device, size=None):
    """The leaves under a fresh root and signature, so that only their own form is at fault."""
    note = forge.decision_note(signer, vault or VAULT.vault, decision_id, leaves, size)
    return lambda: decision.verify(note, leaves, KEY)


def leaf(place, field, value):
    """One field of one leaf replaced, everything signed again."""
    leaves = list(LEAVES)
    parts = leaves[place].split(" ")
    parts[field] = value
    leaves[place] = " ".join(parts)
    return signed(leaves)


def retext(old, new):
    """The text of the note changed and signed again."""
    text = NOTE[: NOTE.rfind("\n\n") + 1]
    assert old in text
    return verifying(note=VAULT.device.sign(text.replace(old, new, 1)))


OTHER = Forge("another vault")
OTHER.ring()
OTHER_NOTE = OTHER.decide(T0, [["mem-1", "live", "-", "age:fresh", "sealed"]] * 4, store=False, signer=VAULT.device)
LATER = VAULT.decide(T0 + 1, ROWS, store=False)
HEX = "0" * 64


def bundle(text):
    return lambda: decision.verify_bundle(text.encode(), KEY)


def reopening(leaves, name=ID, seed=SEED, kind="stillgood/rulings/v1"):
    """Open stored rulings of the decision that were sealed with one thing different."""
    sealed = forge.sealing_rulings(VAULT.epoch, name, seed, leaves, kind)
    return lambda: decision.open_rulings({1: VAULT.epoch}, ID, sealed)


@refused({
    "leaf_changed": (verifying([*LEAVES[:-1], LEAVES[-1].replace("repair", "nothing")]), "another root"),
    "leaf_dropped": (verifying(LEAVES[:-1]), "leaves where"),
    "leaf_appended": (verifying([*LEAVES, LEAVES[-1]]), "leaves where"),
    "leaves_swapped": (verifying([LEAVES[0], LEAVES[2], LEAVES[1], *LEAVES[3:]]), "another root"),
    "leaf_count_off_by_one": (signed(LEAVES, size=len(LEAVES) + 1), "leaves where"),
    "leaf_count_leading_zero": (retext("\n5\n", "\n05\n"), "whole number"),
    "header_number_of_rulings_off_by_one": (leaf(0, 14, "5"), "another number"),
    "header_of_another_decision": (verifying([LATER[2][0], *LEAVES[1:]]), "another root"),
    "header_of_another_decision_signed": (signed([OTHER_NOTE[2][0], *LEAVES[1:]]), "another vault"),
    "root_of_another_tree": (verifying(note=LATER[1]), "another root"),
    "note_of_another_vault": (signed(LEAVES, vault=OTHER.vault), "another vault"),
    "note_of_another_key": (signed(LEAVES, signer=VAULT.owner), "no signature line"),
    "note_name_of_another_key": (retext(KEY.name + "/", "example.org/devise/"), "name of the key"),
    "note_name_is_a_prefix": (retext(KEY.name + "/", KEY.name + "x/"), "name of the key"),
    "note_unknown_version": (retext("/decision/v1/", "/decision/v2/"), "version"),
    "note_longer_origin": (retext("/decision/v1/", "/decision/v1/x/"), "version"),
    "note_extension_line": (retext("\n5\n", "\n5\nx\n"), "3 lines"),
    "note_upper_case_id": (retext(ID.hex(), ID.hex().upper()), "hexadecimal"),
    "note_root_stray_bits": (retext("=\n", "A=\n"), "base64"),
    "header_missing": (signed(LEAVES[1:]), "16 belong"),
    "header_twice": (signed([LEAVES[0], *LEAVES]), "10 belong"),
    "header_unknown_version": (leaf(0, 0, "stillgood/decision-header/v2"), "leaf 0"),
    "header_time_without_millis": (leaf(0, 1, "2026-02-12T18:00:00Z"), "time"),
    "header_commitment_short": (leaf(0, 2, HEX[1:]), "hexadecimal"),
    "header_set_name_upper_case": (leaf(0, 3, "Everyday"), "not 1 to 48"),
    "header_set_version_empty": (leaf(0, 4, ""), "empty field"),
    "header_set_version_with_dots": (leaf(0, 4, "1.0"), "whole number"),
    "header_program_underscore": (leaf(0, 6, "stillgood/0.1_0"), "version"),
    "header_set_digest_upper_case": (leaf(0, 5, "A" * 64), "hexadecimal"),
    "header_program_of_another_name": (leaf(0, 6, "stilgood/0.1.0"), "program"),
    "header_rhai_without_version": (leaf(0, 7, "rhai/"), "version"),
    "header_sequence_zero": (leaf(0, 9, "0"), "range"),
    "header_half_pinned": (leaf(0, 9, "unpinned"), "half pinned"),
    "header_half_pinned_other_half": (leaf(0, 10, "-"), "half pinned"),
    "header_unknown_durability": (leaf(0, 11, "some"), "unknown word"),
    "header_unknown_occasion": (leaf(0, 12, "whatif"), "unknown word"),
    "header_passed_out_of_order": (leaf(0, 13, "b,a"), "ascending"),
    "header_passed_twice": (leaf(0, 13, "a,a"), "ascending"),
    "header_passed_trailing_comma": (leaf(0, 13, "a,"), "not 1 to 48"),
    "header_salt_short": (leaf(0, 15, "00"), "hexadecimal"),
    "ruling_unknown_version": (leaf(1, 0, "stillgood/ruling/v2"), "version"),
    "ruling_extra_field": (leaf(1, 9, "0 " + "0" * 32), "10 belong"),
    "ruling_trailing_space": (leaf(1, 9, "0" * 32 + " "), "empty"),
    "ruling_tab": (leaf(1, 1, "a\tb"), "control"),
    "ruling_carriage_return": (leaf(1, 9, "0" * 32 + "\r"), "control"),
    "ruling_line_feed": (leaf(1, 9, "0" * 32 + "\n"), "control"),
    "ruling_row_with_no_break_space": (leaf(1, 1, "a\u00a0b"), "hiding"),
    "ruling_generation_zero": (leaf(1, 2, "0"), "range"),
    "ruling_generation_without_head": (leaf(1, 3, "-"), "alone"),
    "ruling_head_without_generation": (leaf(1, 2, "-"), "alone"),
    "ruling_unknown_verdict": (leaf(1, 4, "dead"), "unknown word"),
    "ruling_until_with_offset": (leaf(1, 5, "2026-03-12T18:00:00.000+00:00"), "time"),
    "ruling_no_reason": (leaf(1, 6, "-"), "without a code"),
    "ruling_reason_empty": (leaf(1, 6, "a:b,"), "without a code"),
    "ruling_row_with_soft_hyphen": (leaf(1, 1, "a\u00adb"), "hiding"),
    "ruling_need_where_live": (leaf(1, 6, "a:b=nothing"), "a need where none"),
    "ruling_need_where_background": (leaf(3, 6, "a:b,c:d=nothing"), "a need where none"),
    "ruling_re_earn_without_need": (leaf(2, 6, "a:b"), "none where one does"),
    "ruling_re_earn_one_reason_without_need": (leaf(2, 6, "a:b=nothing,c:d"), "none where one does"),
    "ruling_need_empty": (leaf(2, 6, "a:b="), "unknown need"),
    "ruling_re_earn_opened": (leaf(2, 7, "opened"), "body opened"),
    "ruling_facts_without_head": (leaf(4, 8, HEX), "facts commitment"),
    "ruling_head_without_facts": (leaf(1, 8, "-"), "facts commitment"),
    "ruling_unknown_need": (leaf(2, 6, "a:b=money"), "unknown need"),
    "ruling_unknown_box": (leaf(2, 6, "a:b=recheck.weather"), "unknown need"),
    "ruling_need_request_empty": (leaf(2, 6, "a:b=request."), "unknown need"),
    "ruling_need_twice": (leaf(2, 6, "a:b=repair=repair"), "unknown need"),
    "ruling_unknown_body": (leaf(1, 7, "open"), "unknown word"),
    "ruling_facts_short": (leaf(1, 8, "00"), "hexadecimal"),
    "bundle_member_added": (bundle(json.dumps({"note": NOTE, "leaves": LEAVES, "x": 1})), "exactly"),
    "bundle_member_twice": (bundle('{"note": "", ' + json.dumps({"note": NOTE, "leaves": LEAVES})[1:]), "twice"),
    "bundle_trailing_bytes": (bundle(json.dumps({"note": NOTE, "leaves": LEAVES}) + "0"), "JSON"),
    "bundle_lone_surrogate": (bundle(json.dumps({"note": NOTE, "leaves": ["\ud800", *LEAVES[1:]]})), "scalar"),
    "salt_of_another_leaf": (reopening([*LEAVES[:-1], LEAVES[-1][:-32] + "0" * 32]), "keystream"),
    "rulings_of_another_decision": (reopening(LEAVES, name=LATER[0][:16]), "not this row"),
    "rulings_seed_of_another_decision": (reopening(LEAVES, seed=LATER[0]), "not that of the seed"),
    "rulings_unknown_version": (reopening(LEAVES, kind="stillgood/rulings/v2"), "version"),
})
class Decisions(unittest.TestCase):
    def test_decision_verifies(self):
        result = decision.verify_bundle(json.dumps({"leaves": LEAVES, "note": NOTE}).encode(), KEY)
        self.assertEqual((result.vault, result.id, len(result.rulings)), (VAULT.vault, ID, 4))
        self.assertEqual(result.header.vault_head, sha256(utf8(VAULT.vault_heads[-1])))
        self.assertEqual([ruling.verdict for ruling in result.rulings], ["live", "re-earn", "background", "re-earn"])
        self.assertEqual(result.rulings[1].reasons[1], ("proof", "gone", "recheck.settlement"))

    def test_decision_without_rulings(self):
        _, note, leaves = VAULT.decide(T0, [], store=False)
        self.assertEqual(decision.verify(note, leaves, KEY).rulings, ())

    def test_same_question_same_decision(self):
        self.assertEqual(VAULT.decide(T0, ROWS, store=False), (SEED, NOTE, LEAVES))
        self.assertNotEqual(LATER[0], SEED)

    def test_stored_rulings_open(self):
        self.assertEqual(reopening(LEAVES)(), (SEED, LEAVES))

    def test_request_commitment_opens(self):
        disclosure = VAULT.epoch.derive("disclosure")
        hidden = decision.salts(disclosure, SEED, len(LEAVES))[0][1]
        candidates = [[row[0], None, 250_000, False, None] for row in ROWS]
        content = forge.request_content(T0, "what does the user like?", candidates)
        self.assertEqual(decision.verify(NOTE, LEAVES, KEY).header.request, decision.commitment(hidden, content))

    def test_every_need_is_known(self):
        needs = ["confirmation", "observation", "settle", "nothing", "repair", "request.a.b_1"]
        for need in needs + ["recheck." + box[0] for box in BOXES]:
            leaf(2, 6, f"a:b={need}")()

    def test_tamper_finds_nothing(self):
        tally = tamper.run(json.dumps({"note": NOTE, "leaves": LEAVES}).encode(), KEY)
        self.assertEqual(tally.wrong, [])
        self.assertGreater(sum(tally.refused.values()), 3 * sum(map(len, LEAVES)))

    def test_tamper_finds_a_weak_verifier(self):
        data = json.dumps({"note": NOTE, "leaves": LEAVES}).encode()
        root = tree.root([utf8(leaf) for leaf in LEAVES])
        weak = {
            "no root": mock.patch("tree.root", lambda leaves: root),
            "no signature": mock.patch("ed.verify", lambda *_: None),
            "no strict base64": mock.patch("note.unbase64", lambda text: base64.b64decode(text + "==")),
            "no exact members": mock.patch("decision._members", dict),
        }
        for name, patch in weak.items():
            with self.subTest(name), patch:
                open_note.cache_clear()
                self.assertTrue(tamper.run(data, KEY).wrong)
        open_note.cache_clear()
