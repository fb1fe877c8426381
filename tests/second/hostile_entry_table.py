"""What is wrong with each hostile vault of ENTRY_DEFECTS, and what the program says of it.

`{1}` stands for the id of the first decision in the log, and so on.
"""

# Name in ENTRY_DEFECTS: the defect, and the lines of the program.
ENTRIES = {
    "earning_replayed": ("an earning stands in the log twice", "log: entry 16 moves to a head that another entry moves to"),
    "earning_of_a_head_that_another_made": (
        "two earnings that say they made one head",
        "log: entry 16 moves to a head that another entry moves to",
    ),
    "earning_of_another_row": (
        "an earning that begins at one row and ends at another",
        "earnings: row `Zeile-ü`: generation 3 is not what its entry makes of the one before it",
    ),
    "earning_of_another_generation": (
        "an earning that was made for the head before the one that it changed",
        "earnings: row `mem-1`: generation 3 is not what its entry makes of the one before it",
    ),
    "earning_of_another_seal": (
        "an earning that was made for another seal of the head before",
        "earnings: row `mem-1`: generation 3 is not what its entry makes of the one before it",
    ),
    "earning_of_a_head_that_is_not_there": (
        "an earning names a head that is not there, of a row that is",
        "log: entry 15 names a head that this vault does not have",
    ),
    "earning_of_heads_that_never_were": (
        "an earning names heads that are not there, and no row was forgotten since",
        "log: entry 15 names a head that this vault does not have",
    ),
    "earning_postdated": (
        "an earning is later than the vault head that was made with it",
        "log: entry 15 is later than the vault head that was made with it",
    ),
    "earning_before_the_text": (
        "an earning is earlier than the text it is about",
        "earnings: row `mem-1`: generation 3 is not what its entry makes of the one before it",
    ),
    "earning_before_the_last_one": (
        "an earning is earlier than the last confirmation",
        "earnings: row `mem-2`: generation 3 is not what its entry makes of the one before it",
    ),
    "earning_by_device": (
        "a confirmation that the device signed",
        "earnings: row `mem-1`: generation 3 changes what only an entry of the log can change",
        "log: entry 15 is not signed by a key that may say it",
    ),
    "earning_by_unknown_key": (
        "a recheck by a key that no key ring lists",
        "log: entry 15 is not signed by a key that may say it",
    ),
    "earning_after_seven_days": (
        "an answer 7 days and a millisecond after its decision",
        "log: entry 15 answers a decision of another time",
    ),
    "earning_before_its_decision": (
        "an answer a millisecond before its decision",
        "log: entry 16 answers a decision of another time",
    ),
    "earning_to_a_ruling_on_another_row": (
        "an answer to the ruling on another row",
        "log: entry 15 answers no ruling on this row as it stood",
    ),
    "earning_to_a_ruling_on_another_text": (
        "an answer to the ruling on the text before",
        "log: entry 15 answers no ruling on this row as it stood",
    ),
    "earning_to_no_ruling": (
        "an answer to a ruling that its decision does not have",
        "log: entry 15 answers no ruling on this row as it stood",
    ),
    "earning_to_no_decision": (
        "an answer to a decision that is not there",
        "log: entry 15 names a decision that this vault does not have",
    ),
    "earning_answered_twice": ("a question is answered a second time", "log: entry 15 answers what is answered already"),
    "confirm_changes_more": (
        "a confirmation changes the importance, too",
        "earnings: row `mem-1`: generation 3 is not what its entry makes of the one before it",
    ),
    "confirm_counts_two": (
        "a confirmation counts two",
        "earnings: row `mem-1`: generation 3 is not what its entry makes of the one before it",
    ),
    "confirm_keeps_a_contradiction": (
        "a confirmation leaves a contradiction as it was",
        "earnings: row `new-1`: generation 2 is not what its entry makes of the one before it",
    ),
    "confirm_leaves_parents_changed": (
        "a confirmation leaves the parents changed",
        "earnings: row `tie-3`: generation 3 is not what its entry makes of the one before it",
    ),
    "confirm_settles_more": (
        "the row that was replaced changes its importance, too",
        "earnings: row `new-2`: generation 2 is not what its entry makes of the one before it",
    ),
    "confirm_settles_a_row_without_a_tie": (
        "an earning moves a row that was not tied to the row it is about",
        "earnings: row `new-2`: generation 2 is not what its entry makes of the one before it",
    ),
    "correct_without_another_text": (
        "a correction leaves the text as it was",
        "earnings: row `mem-1`: generation 3 is not what its entry makes of the one before it",
    ),
    "correct_of_other_words": (
        "the body of a correction holds other words than its head commits to",
        "bodies: row `mem-1`: damaged",
    ),
    "correct_keeps_evidence": (
        "a correction keeps the evidence of the text before",
        "earnings: row `mem-6`: generation 4 is not what its entry makes of the one before it",
    ),
    "deny_lifts_nothing": (
        "a denial after which the row is not denied",
        "earnings: row `mem-1`: generation 3 is not what its entry makes of the one before it",
    ),
    "observe_confirms": (
        "an observation by the device confirms, too",
        "earnings: row `mem-1`: generation 3 is not what its entry makes of the one before it",
    ),
    "later_confirms": (
        "an answer put off by the device confirms, too",
        "earnings: row `tie-2`: generation 5 is not what its entry makes of the one before it",
    ),
    "recheck_relabels": (
        "a recheck changes the importance, too",
        "earnings: row `mem-5`: generation 6 is not what its entry makes of the one before it",
    ),
    "ask_changes_more": (
        "an ask changes the importance, too",
        "earnings: row `mem-1`: generation 3 is not what its entry makes of the one before it",
    ),
    "head_confirmed_without_earning": (
        "a head is confirmed, and no entry says so",
        "earnings: row `mem-1`: generation 3 changes what only an entry of the log can change",
    ),
    "head_denied_without_earning": (
        "a head is denied, and no entry says so",
        "earnings: row `mem-1`: generation 3 changes what only an entry of the log can change",
    ),
    "head_observed_without_earning": (
        "a head was observed, and no entry says so",
        "earnings: row `mem-1`: generation 3 changes what only an entry of the log can change",
    ),
    "head_asked_without_ask": (
        "a head was asked about, and no entry says so",
        "earnings: row `mem-1`: generation 3 changes what only an entry of the log can change",
    ),
    "head_denial_lifted_without_earning": (
        "a changed text lifts a denial",
        "earnings: row `Zeile-ü`: generation 3 changes what only an entry of the log can change",
    ),
    "head_confirmed_before_its_text": (
        "a changed text keeps the confirmation of the one before",
        "earnings: row `mem-2`: generation 3 changes what only an entry of the log can change",
    ),
    "head_asked_at_forgotten_with_its_text": (
        "a changed text drops the time at which somebody was asked",
        "earnings: row `tie-2`: generation 5 changes what only an entry of the log can change",
    ),
    "head_contradiction_dropped_without_earning": (
        "a contradiction is dropped, and no entry says so",
        "earnings: row `new-1`: generation 2 changes what only an entry of the log can change",
    ),
    "head_successor_dropped_without_earning": (
        "the tie to the row that took its place is dropped",
        "earnings: row `tie-2`: generation 5 changes what only an entry of the log can change",
    ),
    "head_parents_lifted_without_earning": (
        "parents that changed are said to be intact",
        "earnings: row `tie-3`: generation 3 changes what only an entry of the log can change",
    ),
    "head_first_observed": (
        "a first head that was observed already",
        "earnings: row `new`: generation 1 begins with what only an entry of the log can say",
    ),
    "head_first_asked_about": (
        "a first head that was asked about already",
        "earnings: row `new`: generation 1 begins with what only an entry of the log can say",
    ),
    "use_of_no_decision": (
        "a use of a decision that is not there",
        "log: entry 15 names a decision that this vault does not have",
    ),
    "use_of_a_number_beyond": ("a use of ruling 4 of 3", "log: entry 15 names a ruling that its decision does not have"),
    "use_of_number_zero": ("a use of ruling 0", "log: entry 15 is of no known kind"),
    "use_of_unsorted_numbers": ("a use whose numbers do not ascend", "log: entry 15 is of no known kind"),
    "use_of_a_number_twice": ("a use that names a number twice", "log: entry 15 is of no known kind"),
    "use_of_an_empty_list": ("a use whose list is a comma", "log: entry 15 is of no known kind"),
    "use_twice": ("the same answer under the same decision twice", "log: entry 15 says what another entry says"),
    "use_before_its_decision": ("a use a millisecond before its decision", "log: entry 15 is earlier than its decision"),
    "use_by_owner": ("a use that the owner signed, who holds no role", "log: entry 15 is not signed by a key that may say it"),
    "ask_by_unknown_key": (
        "an ask by a key that no key ring lists",
        "earnings: row `mem-1`: generation 3 changes what only an entry of the log can change",
        "log: entry 15 is not signed by a key that may say it",
    ),
    "ask_by_a_key_without_a_role": (
        "an ask at the time up to which its key held a role",
        "earnings: row `mem-1`: generation 3 changes what only an entry of the log can change",
        "log: entry 15 is not signed by a key that may say it",
    ),
    "ask_about_no_decision": (
        "an ask about a decision that is not there",
        "log: entry 15 names a decision that this vault does not have",
    ),
    "ask_postdated": (
        "an ask is later than the vault head that was made with it",
        "log: entry 15 is later than the vault head that was made with it",
    ),
    "opening_by_unknown_key": (
        "an opening by a key that no key ring lists",
        "log: entry 15 is not signed by a key that may say it",
    ),
    "opening_of_no_head": (
        "an opening of a head that is not there",
        "log: entry 15 names a head that this vault does not have",
    ),
    "opening_of_another_generation": (
        "an opening that names another generation of a head",
        "log: entry 15 names a head that this vault does not have",
    ),
    "policies_missing": (
        "a decision with another policy set, and no entry names it",
        "decisions: decision `{5}`: it was made with policies that no entry names",
    ),
    "policies_before_wrong": ("a policies entry names another set before it", "log: entry 15 names other policies before it"),
    "policies_before_dropped": (
        "a later policies entry names no set before it",
        "log: entry 15 names other policies before it",
    ),
    "policies_without_decision": (
        "a policies entry at the end of the log",
        "log: entry 15 names policies that the next entry was not decided with",
    ),
    "policies_not_directly_before": (
        "a use stands between a policies entry and its decision",
        "log: entry 15 names policies that the next entry was not decided with",
    ),
    "policies_unchanged": ("a policies entry names the set that was named last", "log: entry 15 names the policies before it"),
    "policies_by_owner": (
        "a policies entry that the owner signed, who is no decider",
        "log: entry 15 is not signed by a key that may say it",
        "decisions: decision `{5}`: it was made with policies that no entry names",
    ),
    "forgetting_by_device": (
        "a forgetting that the device signed",
        "log: entry 15 is not signed by a key that may say it",
        "decisions: decision `{1}`: it names a head that this vault does not have",
        "decisions: decision `{2}`: it names a head that this vault does not have",
        "decisions: decision `{3}`: it names a head that this vault does not have",
    ),
    "forgetting_postdated": (
        "a forgetting is later than the vault head that was made with it",
        "log: entry 15 is later than the vault head that was made with it",
    ),
    "forgetting_of_another_row": (
        "the newest head of a row is gone, which an entry names, and another row was forgotten",
        "log: entry 11 names a head that this vault does not have",
    ),
    "forgetting_again": (
        "a forgetting stands twice",
        "log: entry 15 says what another entry says",
    ),
    "row_restated": (
        "the same text is said to be stated later",
        "earnings: row `mem-1`: generation 3 changes what only an entry of the log can change",
    ),
    "forgetting_of_a_row_that_is_there": (
        "a row was forgotten, and its heads are there",
        "heads: row `mem-1`: generation 1 was forgotten",
        "heads: row `mem-1`: generation 2 was forgotten",
    ),
    "forgetting_below_what_a_decision_names": (
        "a forgetting names a generation below one that a decision names",
        "decisions: decision `{2}`: it names a head that this vault does not have",
        "decisions: decision `{3}`: it names a head that this vault does not have",
    ),
    "forgetting_under_no_epoch": (
        "the mark of a forgetting under an epoch that is not there",
        "log: entry 15 names an epoch that is not there",
    ),
    "row_begins_anew_below": (
        "a row that was forgotten begins at generation 1 again",
        "heads: row `gone-1`: generation 1 was forgotten",
    ),
    "row_begins_anew_above": (
        "a row that was forgotten begins four generations too late",
        "heads: row `gone-1`: generation 7 does not follow the one before it",
    ),
    "row_gone_without_forgetting": (
        "a row is gone, and no entry says so",
        "decisions: decision `{1}`: it names a head that this vault does not have",
        "decisions: decision `{2}`: it names a head that this vault does not have",
        "decisions: decision `{3}`: it names a head that this vault does not have",
    ),
    "log_key_missing": ("what an entry can be found by is missing", "log: the log's keys are not those of its entries"),
    "log_key_added": ("an entry can be found by what it does not name", "log: the log's keys are not those of its entries"),
    "log_key_of_a_decision": ("a decision can be found by something", "log: the log's keys are not those of its entries"),
    "log_key_of_another_entry": (
        "what an entry can be found by leads to another",
        "log: the log's keys are not those of its entries",
    ),
    "log_key_of_another_log": (
        "what an entry can be found by leads to another log",
        "log: the log's keys are not those of its entries",
    ),
    "log_earning_unknown_version": ("an earning whose first line names version 2", "log: entry 15 is of no known kind"),
    "log_earning_unknown_word": ("an earning with a word that is not known", "log: entry 15 is of no known kind"),
    "log_earning_generation_zero": ("an earning for generation 0", "log: entry 15 is of no known kind"),
    "log_earning_skips_a_generation": ("an earning that skips a generation", "log: entry 15 is of no known kind"),
    "log_earning_without_move": ("an earning that moves no head", "log: entry 15 is of no known kind"),
    "log_earning_of_258_moves": ("an earning with 257 settled rows", "log: entry 15 is of no known kind"),
    "log_earning_settled_out_of_order": ("an earning whose settled rows do not ascend", "log: entry 15 is of no known kind"),
    "log_earning_half_a_challenge": ("an earning with a challenge and no decision", "log: entry 15 is of no known kind"),
    "log_earning_half_a_source": (
        "an earning with an epoch, and neither source nor mark",
        "log: entry 15 is of no known kind",
    ),
    "log_confirm_with_a_source": ("a confirmation with a source", "log: entry 15 is of no known kind"),
    "log_observe_without_source": ("an observation without a source", "log: entry 15 is of no known kind"),
    "log_observe_in_a_dream": ("a source that is not known", "log: entry 15 is of no known kind"),
    "log_later_to_no_question": ("an answer put off to no question", "log: entry 15 is of no known kind"),
    "log_earning_who_with_plus": ("a plus sign in the name of who said it", "log: entry 15 is of no known kind"),
    "log_earning_mark_of_epoch_zero": ("an observation with a mark of epoch 0", "log: entry 15 is of no known kind"),
    "log_entry_of_another_vault": ("an opening of another vault in the log", "log: entry 15 is of no known kind"),
    "log_ask_without_move": ("an ask about no row", "log: entry 15 is of no known kind"),
    "log_ask_of_65_moves": ("an ask about 65 rows", "log: entry 15 is of no known kind"),
    "log_opening_with_a_row_id": ("an opening that names the row", "log: entry 15 is of no known kind"),
    "log_forgetting_generation_zero": ("a forgetting of generation 0", "log: entry 15 is of no known kind"),
    "log_policies_name_upper_case": ("a policy set whose name is in upper case", "log: entry 15 is of no known kind"),
    "log_use_with_a_line_more": ("a use with a line more", "log: entry 15 is of no known kind"),
}
