"""What is wrong with each hostile vault of DEFECTS, and what the program says of it.

`{1}` stands for the id of the first decision in the log, and so on.
"""

# Name in DEFECTS: the defect, and the lines of the program.
VAULTS = {
    "file_application_id": ("the application id is that of another program", "`vault.sgv` is not a vault"),
    "file_unknown_version": (
        "the file says that it is of version 2",
        "`vault.sgv` is a vault of format 2; this program reads format 1",
    ),
    "file_more_tables": ("a table more", "`vault.sgv` is not a vault"),
    "file_trigger": ("a trigger that empties the log", "`vault.sgv` is not a vault"),
    "ring_foreign_signature": (
        "the newest key ring is signed by a writer",
        "the key ring: the note is not signed by `example.org/owner`",
    ),
    "ring_recipient_added_by_writer": (
        "a writer added a recipient, and signed the key ring himself",
        "the key ring: the note is not signed by `example.org/owner`",
    ),
    "ring_older_dropped": (
        "the first key ring is missing",
        "key rings: version 2 does not follow the one before it",
        "vault heads: vault head 1 is not signed by a writer of its key ring",
        "vault heads: vault head 2 is not signed by a writer of its key ring",
        "vault heads: vault head 3 is not signed by a writer of its key ring",
        "vault heads: vault head 4 is not signed by a writer of its key ring",
    ),
    "ring_version_negative": (
        "version -1 in the column beside key ring 1",
        "the vault file is damaged: a value has another type",
    ),
    "ring_newest_dropped": (
        "the newest key ring is missing",
        "the vault is damaged: the vault head names another key ring",
    ),
    "ring_previous_wrong": (
        "a key ring names another one before it",
        "key rings: version 3 does not follow the one before it",
    ),
    "ring_earlier_epoch_replaced": (
        "a new key ring gives epoch 1 another key",
        "key rings: version 3 does not follow the one before it",
        "heads: row `Zeile-ü`: an older head: not our key",
        "heads: row `Zeile-ü`: generation 2 does not follow the one before it",
        "heads: row `mem-1`: not our key",
        "heads: row `mem-2`: not our key",
        "bodies: row `Zeile-ü`: not our key",
        "decisions: decision `{1}`: the vault is damaged: decision `{1}` does not open",
        "decisions: decision `{1}` is not both stored and logged, by the same note",
    ),
    "ring_earlier_epoch_time_changed": (
        "a new key ring gives epoch 1 another time",
        "key rings: version 3 does not follow the one before it",
    ),
    "vault_head_newest_dropped": (
        "the newest vault head is missing",
        "the vault is damaged: the vault head names another row sum",
    ),
    "vault_head_gap": (
        "vault head 2 is missing",
        "vault heads: vault head 3 does not follow the one before it",
        "decisions: decision `{1}`: it names a head that this vault does not have",
    ),
    "vault_head_unknown_version": (
        "a vault head whose first line names version 2",
        "the vault is damaged: the vault head has another form",
    ),
    "vault_head_eight_lines": (
        "a vault head with a line more",
        "the vault is damaged: the vault head has another form",
    ),
    "vault_head_time_without_millis": (
        "the time of a vault head lacks its milliseconds",
        "the vault is damaged: the vault head has another form",
    ),
    "vault_head_by_owner": (
        "a vault head signed by the owner, who is no writer",
        "the vault is damaged: the vault head is not signed by a writer of the key ring",
    ),
    "vault_head_by_decider": (
        "a vault head signed by a key that only decides",
        "the vault is damaged: the vault head is not signed by a writer of the key ring",
    ),
    "vault_head_at_until": (
        "a vault head at the time up to which its writer may write",
        "the vault is damaged: the vault head is not signed by a writer of the key ring",
    ),
    "vault_head_other_ring": (
        "the newest vault head names the key ring before the newest",
        "the vault is damaged: the vault head names another key ring",
    ),
    "vault_head_other_vault": (
        "a vault head of another vault",
        "the vault is damaged: the vault head is of another vault",
    ),
    "vault_head_goes_back_in_time": (
        "a vault head is earlier than the one before it",
        "vault heads: vault head 12 does not follow the one before it",
    ),
    "vault_head_sequence_twice": (
        "a sequence stands twice",
        "vault heads: vault head 12 does not follow the one before it",
    ),
    "vault_head_previous_wrong": (
        "a vault head names another one before it",
        "vault heads: vault head 12 does not follow the one before it",
    ),
    "vault_head_previous_missing": (
        "a later vault head names none before it",
        "the vault is damaged: the vault head has another form",
    ),
    "vault_head_earlier_signed_again": (
        "an earlier vault head signed again with another time",
        "vault heads: vault head 4 does not follow the one before it",
    ),
    "vault_head_rows_off_by_one": (
        "a vault head counts one row more than there are",
        "row sum: the rows are not those that the vault head covers: one of them is older, altered, missing or added",
    ),
    "vault_head_other_row_sum": (
        "a vault head names another row sum",
        "the vault is damaged: the vault head names another row sum",
    ),
    "vault_head_log_size_ahead": (
        "a vault head names a longer log than there is",
        "vault heads: vault head 12 names a log that is not there, or one before the last",
        "log: the log is not the one that the vault head names",
    ),
    "vault_head_log_size_goes_back": (
        "a vault head names a shorter log than the one before it",
        "vault heads: vault head 12 names a log that is not there, or one before the last",
    ),
    "vault_head_other_log_root": (
        "a vault head names another root of the log",
        "vault heads: vault head 12 names a log that is not there, or one before the last",
        "log: the log is not the one that the vault head names",
    ),
    "row_sum_altered": ("the stored row sum is all zero", "the vault is damaged: the vault head names another row sum"),
    "row_sum_missing": ("there is no row sum", "the vault file is damaged: there is no row sum"),
    "older_head_under_newest_vault_head": (
        "one older row under the newest vault head",
        "row sum: the rows are not those that the vault head covers: one of them is older, altered, missing or added",
        "bodies: row `mem-1`: no head names the body of generation 2",
        "decisions: decision `{2}`: it names a head that this vault does not have",
        "decisions: decision `{3}`: it names a head that this vault does not have",
    ),
    "older_head_and_row_sum_under_newest_vault_head": (
        "one older row under the newest vault head, the stored row sum made to fit",
        "the vault is damaged: the vault head names another row sum",
    ),
    "row_added_under_newest_vault_head": (
        "one row more under the newest vault head, the stored row sum made to fit",
        "the vault is damaged: the vault head names another row sum",
    ),
    "head_row_dropped": (
        "a row is missing",
        "row sum: the rows are not those that the vault head covers: one of them is older, altered, missing or added",
        "heads: row `mem-1`: there are older heads, and no current one",
        "decisions: decision `{2}`: it names a head that this vault does not have",
        "decisions: decision `{3}`: it names a head that this vault does not have",
    ),
    "head_under_another_row": (
        "the heads of two rows swapped, and a vault head over them",
        "heads: row `mem-1`: not this row",
        "heads: row `mem-2`: not this row",
        "decisions: decision `{2}`: it names a head that this vault does not have",
        "decisions: decision `{3}`: it names a head that this vault does not have",
        "decisions: decision `{1}`: it names a head that this vault does not have",
    ),
    "head_generation_negative": (
        "generation -2 in the column beside a head of generation 2",
        "the vault file is damaged: a value has another type",
    ),
    "head_changed_without_vault_head": (
        "a new head of a row without a new vault head",
        "row sum: the rows are not those that the vault head covers: one of them is older, altered, missing or added",
    ),
    "head_previous_wrong": (
        "a head names another one before it",
        "heads: row `mem-1`: generation 3 does not follow the one before it",
    ),
    "epoch_goes_down": (
        "a new head sealed under an older epoch than the one before it",
        "heads: row `Zeile-ü`: generation 3 does not follow the one before it",
    ),
    "old_head_dropped": (
        "an older head is missing",
        "heads: row `mem-1`: generation 2 does not follow the one before it",
        "decisions: decision `{1}`: it names a head that this vault does not have",
    ),
    "old_head_of_no_row": (
        "an older head of a row that is not there",
        "heads: row `mem-9`: there are older heads, and no current one",
    ),
    "old_head_generation_column": (
        "an older head under another generation",
        "heads: row `mem-1`: an older head is of generation 1, not 7",
        "decisions: decision `{1}`: it names a head that this vault does not have",
    ),
    "body_of_another_row": (
        "the bodies of two rows swapped",
        "bodies: row `mem-1`: not this row",
        "bodies: row `mem-2`: not this row",
    ),
    "body_rewritten": ("another text under the same generation, sealed by a recipient", "bodies: row `mem-1`: damaged"),
    "body_missing": ("a body is missing", "bodies: row `mem-1`: there is no body"),
    "body_of_no_head": ("a body that no head names", "bodies: row `mem-9`: no head names the body of generation 1"),
    "evidence_missing": ("the evidence of a row is missing", "evidence: row `mem-6`: there is no evidence"),
    "evidence_newest_missing": ("the newest evidence of a row is missing, and an older part is there", "evidence: row `mem-5`: damaged"),
    "evidence_older_missing": ("the evidence that older heads name is missing", "evidence: row `mem-5`: there is no evidence"),
    "evidence_of_another_row": ("the evidence of another row in the place of this one's", "evidence: row `mem-5`: not this row"),
    "evidence_older_in_place_of_newer": ("an older part under a newer head, in the place of the newer one", "evidence: row `mem-5`: damaged"),
    "evidence_altered": ("one bit of an evidence part differs", "evidence: row `mem-6`: damaged"),
    "evidence_rewritten": ("other evidence under the same generation, sealed by a recipient", "evidence: row `mem-6`: damaged"),
    "evidence_of_no_head": (
        "evidence of a row that is not there",
        "evidence: row `mem-9`: no head names the evidence of generation 1",
    ),
    "evidence_added": (
        "evidence beside a head that names none",
        "evidence: row `mem-1`: no head names the evidence of generation 2",
    ),
    "evidence_slipped_between": ("a part between another one and a head that names that one", "evidence: row `mem-5`: damaged"),
    "evidence_generation_column": (
        "an evidence part under another generation",
        "evidence: row `mem-5`: damaged",
        "evidence: row `mem-5`: damaged",
    ),
    "evidence_under_later_generation": (
        "an evidence part under the generation of a later head that names it, too",
        "evidence: row `mem-6`: damaged",
        "evidence: row `mem-6`: there is no evidence",
    ),
    "evidence_without_materials": ("a head names evidence that holds nothing", "evidence: row `mem-2`: damaged"),
    "head_names_older_evidence": ("a new head names the evidence before the newest", "evidence: row `mem-5`: damaged"),
    "head_named_older_evidence": ("a head names the evidence before the newest, the head after it the newest", "evidence: row `mem-5`: damaged"),
    "head_names_evidence_to_come": ("a head names evidence that was sealed with the head after it", "evidence: row `mem-2`: there is no evidence"),
    "vault_head_log_two": (
        "a vault head names a log that is not there",
        "vault heads: vault head 12 names a log that is not there, or one before the last",
        "heads: row `gone-1`: generation 3 does not follow the one before it",
        "earnings: row `Zeile-ü`: generation 2 changes what only an entry of the log can change",
        "earnings: row `mem-2`: generation 2 changes what only an entry of the log can change",
        "earnings: row `mem-6`: generation 3 changes what only an entry of the log can change",
        "earnings: row `tie-1`: generation 2 changes what only an entry of the log can change",
        "earnings: row `tie-1`: generation 3 changes what only an entry of the log can change",
        "earnings: row `tie-2`: generation 2 changes what only an entry of the log can change",
        "earnings: row `tie-2`: generation 3 changes what only an entry of the log can change",
        "earnings: row `tie-2`: generation 4 changes what only an entry of the log can change",
        "log: the log is not the one that the vault head names",
        "decisions: decision `{4}`: it names a head that this vault does not have",
        "decisions: decision `{1}` is not both stored and logged, by the same note",
        "decisions: decision `{2}` is not both stored and logged, by the same note",
        "decisions: decision `{3}` is not both stored and logged, by the same note",
        "decisions: decision `{4}` is not both stored and logged, by the same note",
    ),
    "log_entry_dropped": (
        "the first entry of the log is missing",
        "log: the log is not the one that the vault head names",
        "log: the log's entries are not numbered from 0 without a gap",
        "log: the log's nodes are not those of its entries",
        "log: the log's keys are not those of its entries",
        "decisions: decision `{1}`: it was made with policies that no entry names",
        "decisions: decision `{2}`: it was made with policies that no entry names",
        "decisions: decision `{3}`: it was made with policies that no entry names",
        "decisions: decision `{4}`: it was made with policies that no entry names",
    ),
    "log_entry_renumbered": (
        "the last entry of the log stands two numbers further",
        "log: the log's entries are not numbered from 0 without a gap",
        "log: entry 16 is later than the vault head that was made with it",
        "log: the log's keys are not those of its entries",
    ),
    "log_last_entry_dropped": (
        "the last entry of the log is missing",
        "vault heads: vault head 10 names a log that is not there, or one before the last",
        "vault heads: vault head 11 names a log that is not there, or one before the last",
        "heads: row `gone-1`: generation 3 does not follow the one before it",
        "log: the log is not the one that the vault head names",
        "decisions: decision `{4}`: it names a head that this vault does not have",
    ),
    "log_node_changed": (
        "the hash of an inner node of the log differs",
        "vault heads: vault head 3 names a log that is not there, or one before the last",
        "vault heads: vault head 4 names a log that is not there, or one before the last",
        "vault heads: vault head 5 names a log that is not there, or one before the last",
        "vault heads: vault head 6 names a log that is not there, or one before the last",
        "vault heads: vault head 7 names a log that is not there, or one before the last",
        "vault heads: vault head 8 names a log that is not there, or one before the last",
        "vault heads: vault head 9 names a log that is not there, or one before the last",
        "vault heads: vault head 10 names a log that is not there, or one before the last",
        "vault heads: vault head 11 names a log that is not there, or one before the last",
        "log: the log's nodes are not those of its entries",
    ),
    "decision_of_key_without_role": (
        "a decision by a key that may no longer decide",
        "log: entry 0 is not signed by a key that may say it",
        "decisions: decision `{1}`: its signer might not decide at that time",
        "decisions: decision `{2}`: its signer might not decide at that time",
        "decisions: decision `{3}`: its signer might not decide at that time",
        "decisions: decision `{4}`: its signer might not decide at that time",
    ),
    "log_inner_node_dropped": (
        "a hash is missing that no root needs now",
        "log: the log's nodes are not those of its entries",
    ),
    "log_node_planted": (
        "a hash where that of the next entry will go",
        "log: the log's nodes are not those of its entries",
    ),
    "log_entry_key_ring": ("a key ring in the log", "log: entry 15 is of no known kind"),
    "log_of_number_two": ("a second log that no vault head names", "log: no vault head names log 2"),
    "decision_rulings_of_another": (
        "a decision with the sealed rulings of another",
        "decisions: decision `{1}`: the vault is damaged: decision `{1}` does not open",
        "decisions: decision `{1}` is not both stored and logged, by the same note",
    ),
    "decision_rulings_softened": (
        "a verdict changed in the sealed rulings, which were sealed again",
        "decisions: decision `{1}`: no decider of the key ring signed it",
    ),
    "decision_rulings_unknown_version": (
        "sealed rulings of version 2",
        "decisions: decision `{1}`: the vault is damaged: decision `{1}` has another form",
        "decisions: decision `{1}` is not both stored and logged, by the same note",
    ),
    "decision_with_other_seed": (
        "sealed rulings with a seed that gives other salts",
        "decisions: decision `{1}`: the vault is damaged: decision `{1}` has the seed or a salt of another",
        "decisions: decision `{1}` is not both stored and logged, by the same note",
    ),
    "decision_of_unlisted_key": (
        "a decision by a key that no key ring lists",
        "decisions: decision `{5}`: no decider of the key ring signed it",
        "decisions: decision `{5}` is not both stored and logged, by the same note",
    ),
    "decision_after_until": (
        "a decision after the time up to which its key might decide",
        "decisions: decision `{2}`: its signer might not decide at that time",
        "decisions: decision `{5}`: its signer might not decide at that time",
    ),
    "decision_on_unknown_vault_head": (
        "a decision on a vault head that is not there",
        "decisions: decision `{5}`: it names a head that this vault does not have",
    ),
    "decision_on_head_to_come": (
        "a decision on a head that was taken back",
        "decisions: decision `{5}`: it names a head that this vault does not have",
    ),
    "decision_not_in_log": (
        "a decision that is stored and not logged",
        "decisions: decision `{5}` is not both stored and logged, by the same note",
    ),
    "decision_not_stored": (
        "a decision that is logged and not stored",
        "decisions: decision `{5}` is not both stored and logged, by the same note",
    ),
    "decision_twice_in_log": (
        "a decision that is logged twice",
        "log: entry 15 names no decision, or one that is there already",
    ),
    "seals_below_use": (
        "fewer seals reserved than parts are stored",
        "seals: more is sealed under epoch 1 than was reserved",
        "seals: more is sealed under epoch 2 than was reserved",
    ),
    "seals_above_limit": (
        "more seals reserved than an epoch may make",
        "seals: epoch 1 is used up",
        "seals: epoch 2 is used up",
    ),
}
