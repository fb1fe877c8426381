"""Self test of the entries of the log: each broken one is refused for its defect, and what just holds is accepted."""

import unittest

import entry
import forge
import mark
import moves
import selftest_entry_defects as defects
from forge import HOUR, T0
from forms import Bad, sha256, time_text
from selftest_defects import build, change_then_commit
from selftest_entry_defects import LATE, earning, entry_at_the_end, then_commit
from selftest_forms import refused
from selftest_vault import Forged, by_sql, check

NOT_MADE = "head is not what its entry makes"
WITHOUT = "without an entry"
NO_SIGNER = "not signed by a key that may say it"


def use(placed, decision=None, **more):
    return Forged(lambda v: v.use(LATE, decision or v.asked, b"Else.", placed, **more))


def malformed(old, new):
    """An earning with one piece of its text replaced, signed by the owner."""
    return Forged(entry_at_the_end(defects.earning_of(old, new)))


def moved(generations):
    """An earning from the one generation to the other."""
    return Forged(entry_at_the_end(defects.earning_of(moves=lambda *_: [
        ((old, sha256(b"old %d" % at)), (new, sha256(b"new %d" % at))) for at, (old, new) in enumerate(generations)])))


def line(kind, *lines, signer=lambda v: v.device):
    return Forged(entry_at_the_end(
        lambda v: forge.entry_text(kind, v.vault, time_text(LATE), *(each(v) for each in lines)), signer))


SETTLED_ORDER = sorted(range(3), key=lambda at: sha256(b"old %d" % at), reverse=True)

ENTRY_DEFECTS = {
    # What earnings make of heads.
    "earning_replayed": (Forged(defects.replayed), "two moves to one head"),
    "earning_of_a_head_that_another_made": (Forged(defects.moved_twice), "two moves to one head"),
    "earning_of_another_row": (Forged(defects.for_another_row), "made for another head"),
    "earning_of_another_generation": (
        Forged(defects.confirmed_by(lambda v: (2, sha256(v.heads["mem-1"][0][1])))), "made for another head"),
    "earning_of_another_seal": (Forged(defects.confirmed_by(lambda v: (2, sha256(b"another")))), "made for another head"),
    "earning_of_a_head_that_is_not_there": (Forged(defects.of_no_head), "names a head that this vault does not have"),
    "earning_of_heads_that_never_were": (
        Forged(defects.of_heads_that_never_were), "names a head that this vault does not have"),
    "earning_postdated": (Forged(earning("mem-1", "confirm", T0 + HOUR)), "later than the vault head made with it"),
    "earning_before_the_text": (Forged(earning("mem-1", "confirm", T0 - 1)), "earlier than what the head says"),
    "earning_before_the_last_one": (Forged(earning("mem-2", "confirm", T0 + 2499)), "earlier than what the head says"),
    "earning_by_device": (
        Forged(then_commit(lambda v: v.earn("mem-1", "confirm", LATE, signer=v.device))), NO_SIGNER),
    "earning_by_unknown_key": (
        Forged(then_commit(lambda v: v.earn("mem-1", "recheck", LATE, signer=defects.stranger()))), NO_SIGNER),
    "earning_after_seven_days": (Forged(defects.late_answer(1)), "more than 7 days after it"),
    "earning_before_its_decision": (Forged(defects.before_its_decision), "answered before the decision"),
    "earning_to_a_ruling_on_another_row": (
        Forged(defects.challenged("mem-2", of="Zeile-ü")), "the ruling is on another row"),
    "earning_to_a_ruling_on_another_text": (Forged(defects.challenged("mem-1")), "the ruling is on another text"),
    "earning_to_no_ruling": (Forged(defects.challenged("mem-2", challenge=bytes(32))), "no ruling of the decision"),
    "earning_to_no_decision": (Forged(defects.challenged(
        "mem-2", decision=lambda v: "0" * 32, challenge=bytes(32))), "a decision that is not stored"),
    "earning_answered_twice": (Forged(defects.answered_twice), "answered twice"),
    "confirm_changes_more": (Forged(earning("mem-1", "confirm", i10=5)), NOT_MADE),
    "confirm_counts_two": (Forged(earning("mem-1", "confirm", i13=2)), NOT_MADE),
    "confirm_keeps_a_contradiction": (Forged(defects.won_and_still_contradicted), NOT_MADE),
    "confirm_leaves_parents_changed": (Forged(earning("tie-3", "confirm", i20=2)), NOT_MADE),
    "confirm_settles_more": (Forged(defects.settled_with_more), NOT_MADE),
    "confirm_settles_a_row_without_a_tie": (Forged(defects.settled_without_tie), "a tie is settled that is not there"),
    "correct_without_another_text": (Forged(earning("mem-1", "correct")), "without a text of its own"),
    "correct_of_other_words": (Forged(defects.of_other_words), "text is not what the head commits to"),
    "correct_keeps_evidence": (
        Forged(then_commit(lambda v: v.earn(
            "mem-6", "correct", LATE, text="It leaves at noon.", i25=v.heads["mem-6"][-1][0][25]))), NOT_MADE),
    "deny_lifts_nothing": (Forged(earning("mem-1", "deny", i14=False)), NOT_MADE),
    "observe_confirms": (Forged(then_commit(lambda v: v.earn(
        "mem-1", "observe", LATE, signer=v.device, seen=("user", b"Tea."), i12=LATE))), NOT_MADE),
    "later_confirms": (Forged(then_commit(lambda v: v.earn(
        "tie-2", "later", LATE, v.asked, v.device, i12=LATE, i13=1))), NOT_MADE),
    "recheck_relabels": (Forged(then_commit(lambda v: v.earn("mem-5", "recheck", LATE, signer=v.device, i10=7))), NOT_MADE),
    "ask_changes_more": (Forged(defects.asked_with_more), NOT_MADE),
    # What heads say without any entry.
    "head_confirmed_without_earning": (Forged(change_then_commit(i12=T0, i13=1)), WITHOUT),
    "head_denied_without_earning": (Forged(change_then_commit(i14=True)), WITHOUT),
    "head_observed_without_earning": (Forged(change_then_commit(i15=LATE)), WITHOUT),
    "head_asked_without_ask": (Forged(change_then_commit(i16=LATE)), WITHOUT),
    "head_denial_lifted_without_earning": (
        Forged(then_commit(lambda v: v.change("Zeile-ü", "Another text.", i14=False))), WITHOUT),
    "head_confirmed_before_its_text": (
        Forged(then_commit(lambda v: v.change("mem-2", "The user lives in Porto.", i12=T0 + 2500, i13=1))), WITHOUT),
    "head_asked_at_forgotten_with_its_text": (
        Forged(then_commit(lambda v: v.change("tie-2", "The user eats shrimps.", i16=None))), WITHOUT),
    "head_contradiction_dropped_without_earning": (Forged(defects.tie_dropped), "a tie that holds the row back"),
    "head_successor_dropped_without_earning": (
        Forged(then_commit(lambda v: v.change("tie-2", i21=[[4, "tie-3", 1]]))), "a tie that holds the row back"),
    "head_parents_lifted_without_earning": (Forged(then_commit(lambda v: v.change("tie-3", i20=1))), "said to be sound"),
    "head_first_observed": (Forged(then_commit(lambda v: v.add("new", "New.", i15=T0))), "first head is already"),
    "head_first_asked_about": (Forged(then_commit(lambda v: v.add("new", "New.", i16=T0))), "first head is already"),
    # Uses, asks, openings.
    "use_of_no_decision": (use([1], "0" * 32), "a decision that is not stored"),
    "use_of_a_number_beyond": (use([1, 4]), "ruling 4 of 3"),
    "use_of_number_zero": (use([0]), "number out of range"),
    "use_of_unsorted_numbers": (use([2, 1]), "not ascending"),
    "use_of_a_number_twice": (use([2, 2]), "not ascending"),
    "use_of_an_empty_list": (use(","), "not a whole number"),
    "use_twice": (Forged(lambda v: v.use(LATE, v.asked, b"No fish for you.", [1])), "a use stands twice"),
    "use_before_its_decision": (
        Forged(lambda v: v.use(T0 + 5999, v.asked, b"Else.", [1])), "used before it was decided"),
    "use_by_owner": (Forged(lambda v: v.use(LATE, v.asked, b"Else.", [1], v.owner)), NO_SIGNER),
    "ask_by_unknown_key": (Forged(defects.asked_by_stranger), NO_SIGNER),
    "ask_by_a_key_without_a_role": (Forged(defects.asked_after_until), NO_SIGNER),
    "ask_about_no_decision": (
        Forged(then_commit(lambda v: v.ask(LATE, "0" * 32, ["mem-1"]))), "a decision that is not stored"),
    "ask_postdated": (
        Forged(then_commit(lambda v: v.ask(T0 + HOUR, v.asked, ["mem-1"]))), "later than the vault head made with it"),
    "opening_by_unknown_key": (Forged(lambda v: v.open(LATE, "mem-1", defects.stranger())), NO_SIGNER),
    "opening_of_no_head": (
        line("opening", lambda v: f"2 {'0' * 64}"), "names a head that this vault does not have"),
    "opening_of_another_generation": (
        line("opening", lambda v: f"1 {defects.newest(v, 'mem-1')[1].hex()}"), "another generation of a head"),
    # Policies.
    "policies_missing": (Forged(defects.policies_missing), "decided with policies that no entry names"),
    "policies_before_wrong": (Forged(defects.policies_named(before="0" * 64)), "names other policies before it"),
    "policies_before_dropped": (Forged(defects.policies_named(before="-")), "names other policies before it"),
    "policies_without_decision": (Forged(defects.policies_named(alone=True)), "no decision with these policies follows"),
    "policies_not_directly_before": (Forged(defects.policies_not_directly_before), "no decision with these policies follows"),
    "policies_unchanged": (Forged(defects.policies_unchanged), "the policies did not change"),
    "policies_by_owner": (Forged(defects.policies_named(by_owner=True)), NO_SIGNER),
    # Forgettings.
    "forgetting_by_device": (
        Forged(then_commit(lambda v: v.forget(LATE, "mem-1", v.device))), NO_SIGNER),
    "forgetting_postdated": (
        Forged(then_commit(lambda v: v.forget(T0 + HOUR, "mem-1"))), "later than the vault head made with it"),
    "forgetting_of_a_row_that_is_there": (Forged(defects.still_there), "which was forgotten up to 2"),
    "forgetting_below_what_a_decision_names": (Forged(defects.forgotten_too_low), "does not have"),
    "forgetting_under_no_epoch": (Forged(defects.forgotten_under_no_epoch), "under an epoch that there is not"),
    "forgetting_of_another_row": (Forged(defects.cut_back), "does not have"),
    "forgetting_again": (Forged(defects.forgotten_again), "is forgotten twice"),
    "row_restated": (Forged(defects.restated), "stated at another time"),
    "row_begins_anew_below": (Forged(defects.begins_anew(1)), "generation 1 of gone-1 is there, which was forgotten up to 3"),
    "row_begins_anew_above": (Forged(defects.begins_anew(7)), "generation 4 of gone-1 is missing"),
    "row_gone_without_forgetting": (Forged(defects.goes_without_forgetting), "names a head that this vault does not have"),
    # What entries can be found by.
    "log_key_missing": (by_sql("DELETE FROM log_keys WHERE idx = 9"), "log keys"),
    "log_key_added": (by_sql("INSERT INTO log_keys VALUES (zeroblob(32), 1, 9)"), "log keys"),
    "log_key_of_a_decision": (by_sql("INSERT INTO log_keys VALUES (zeroblob(16), 1, 1)"), "log keys"),
    "log_key_of_another_entry": (by_sql("UPDATE log_keys SET idx = 10 WHERE idx = 9"), "log keys"),
    "log_key_of_another_log": (by_sql("UPDATE log_keys SET log = 2 WHERE idx = 9"), "log keys"),
    # Entries of another form.
    "log_earning_unknown_version": (malformed("earning/v1", "earning/v2"), "no known kind"),
    "log_earning_unknown_word": (malformed("confirm", "forgive"), "unknown word"),
    "log_earning_generation_zero": (moved([(0, 1)]), "out of range"),
    "log_earning_skips_a_generation": (moved([(2, 4)]), "another generation than the next"),
    "log_earning_without_move": (moved([]), "1 to 257 moves"),
    "log_earning_of_258_moves": (moved([(at, at + 1) for at in range(1, 259)]), "1 to 257 moves"),
    "log_earning_settled_out_of_order": (
        Forged(entry_at_the_end(defects.earning_of(moves=lambda *_: [
            ((1, sha256(b"old %d" % at)), (2, sha256(b"new %d" % at))) for at in [9, *SETTLED_ORDER]]))),
        "settled rows not ascending"),
    "log_earning_half_a_challenge": (malformed("- -\n- - -", f"- {'0' * 64}\n- - -"), "the other way round"),
    "log_earning_half_a_source": (malformed("- - -", "- 1 -"), "half a source"),
    "log_confirm_with_a_source": (malformed("- - -", f"user 1 {'0' * 64}"), "source where none belongs"),
    "log_observe_without_source": (malformed("confirm", "observe"), "source where none belongs"),
    "log_observe_in_a_dream": (malformed("- - -", f"dream 1 {'0' * 64}"), "source"),
    "log_later_to_no_question": (malformed("confirm", "later"), "no answer to no question"),
    "log_earning_who_with_plus": (malformed("example.org/owner", "example.org/own+er"), "plus sign"),
    "log_earning_mark_of_epoch_zero": (
        malformed("confirm 2026-02-12T18:00:11.500Z\nexample.org/owner\n- -\n- - -",
                  f"observe 2026-02-12T18:00:11.500Z\nexample.org/owner\n- -\nuser 0 {'0' * 64}"), "out of range"),
    "log_entry_of_another_vault": (
        Forged(entry_at_the_end(lambda v: forge.entry_text("opening", bytes(16), time_text(LATE), f"2 {'0' * 64}"))),
        "another vault"),
    "log_ask_without_move": (line("ask", lambda v: v.asked), "1 to 64 moves"),
    "log_ask_of_65_moves": (line("ask", lambda v: v.asked, *[
        lambda v, at=at: f"{at} {'0' * 64} {at + 1} {at:064}" for at in range(1, 66)]), "1 to 64 moves"),
    "log_opening_with_a_row_id": (line("opening", lambda v: f"mem-1 2 {'0' * 64}"), "3 fields where 2 belong"),
    "log_forgetting_generation_zero": (
        line("forgetting", lambda v: f"1 {'0' * 64}", lambda v: "0", signer=lambda v: v.owner), "out of range"),
    "log_policies_name_upper_case": (line("policies", lambda v: f"Everyday 1 {'0' * 64}", lambda v: "-"), "not 1 to 48"),
    "log_use_with_a_line_more": (line("use", lambda v: v.asked, lambda v: f"1 {'0' * 64}", lambda v: "-", lambda v: "-"), "6 lines"),
}

JUST = {
    "answer_after_seven_days": defects.late_answer(0),
    "use_of_no_row": lambda v: v.use(LATE, v.asked, b"Else.", []),
    "use_of_every_row": lambda v: v.use(LATE, v.asked, b"Else.", [1, 2, 3]),
    "same_answer_under_another_decision": lambda v: v.use(LATE, defects.first_decision(v), b"No fish for you.", [1]),
    "dont_know_after_an_answer": defects.challenged("tie-1", "dont-know", decision=lambda v: v.asked),
    "denied_twice": earning("Zeile-ü", "deny"),
    "confirm_lifts_a_denial": earning("Zeile-ü", "confirm"),
    "confirm_of_parents": earning("tie-3", "confirm"),
    "correct": earning("mem-6", "correct", text="The ferry leaves at noon."),
    "observe_marks_parents": earning("mem-1", "observe", seen=("data", b"Tea."), i20=2),
    "tie_that_holds_nothing_back_dropped": then_commit(lambda v: v.change("tie-1", i21=[])),
    "settled_row_forgotten": then_commit(lambda v: v.forget(LATE, "tie-2")),
    "row_of_an_earning_forgotten": then_commit(lambda v: v.forget(LATE, "tie-1")),
    "forgotten_again_and_added_again": defects.begins_anew(4),
    "policies_there_and_back": lambda v: [defects.policies_named()(v), setattr(v, "policies", forge.EVERYDAY), v.decide(
        LATE, [["mem-2", "live", "-", "age:fresh", "opened"]], about="back")],
    "opening_of_a_row_that_goes": then_commit(lambda v: [v.open(LATE, "mem-1"), v.forget(LATE, "mem-1")]),
}


@refused(ENTRY_DEFECTS)
class Entries(unittest.TestCase):
    def test_what_just_holds(self):
        for name, change in JUST.items():
            with self.subTest(name):
                Forged(change)()

    def test_answers_are_trimmed(self):
        self.assertEqual(mark.answer_digest(b" \t\r\n\x0cNo. \n"), sha256(b"No."))
        self.assertEqual(mark.answer_digest(b"\x0bNo.\xc2\xa0"), sha256(b"\x0bNo.\xc2\xa0"))
        for data in (b"", b" \n", b"x" * 16_777_217):
            with self.assertRaises(Bad):
                mark.answer_digest(data)
        self.assertEqual(mark.answer_digest(b" " + b"x" * 16_777_216), sha256(b"x" * 16_777_216))

    def test_marks_differ_by_purpose_epoch_and_content(self):
        one, two = build().epochs
        marks = {mark.mark(epoch, purpose, said) for epoch in (one, two) for purpose in ("text", "row") for said in (b"a", b"b")}
        self.assertEqual(len(marks), 8)

    def test_keys_stand_once(self):
        vault = build()
        keys = {said.kind: said.keys for said in check(vault).logs.order[1] if isinstance(said, entry.Said)}
        self.assertEqual(keys["policies"], {b"stillgood/policies/v1"})
        self.assertEqual(sorted(map(len, keys["use"])), [16, 32])
        self.assertEqual({len(key) for key in keys["forgetting"]}, {32, len(b"stillgood/forgetting/v1")})

    def test_a_row_that_wins_supersedes_by_owner(self):
        ties = [[0, "a", 1], [0, "b", 0], [1, "c", 0], [2, "a", 0], [3, "z", 1]]
        items = forge.head_items("r", 1, "t", bytes(32), bytes(32), 1, i21=ties)
        self.assertEqual(moves.made("confirm", T0, items)[21], [[0, "a", 2], [0, "b", 0], [0, "c", 2], [3, "z", 1]])
        self.assertEqual(moves.made("deny", T0, items)[21], [[0, "a", 1], [0, "b", 0], [1, "a", 2], [1, "c", 0], [3, "z", 1]])
        self.assertEqual(moves.settled("confirm", "a", items)[21], [[0, "b", 0], [1, "a", 2], [1, "c", 0], [3, "z", 1]])
