"""Hostile decisions: the file around them, the note, the leaves, and what signed leaves say."""

import json

import decision
import forge
from forms import utf8
from forge import T0
from hostile import BUNDLE, MALFORMED, UNVERIFIED, vector
from hostile_rings import VAULT
from note import split
from selftest_decision import ROWS

DEVICE = VAULT.device
SEED, NOTE, LEAVES = VAULT.decide(T0 + forge.DAY, ROWS, store=False)
LATER, LATER_NOTE, LATER_LEAVES = VAULT.decide(T0 + 2 * forge.DAY, ROWS, store=False)
TEXT = split(NOTE)[0]
ID = SEED[:16]
NOT_JSON = "not a decision: expected one JSON object with `note` and `leaves`"
OTHER_LEAVES = "the leaves are not the ones that were signed"
NO_DECISION = "the note is not a decision of this key"


def bundle(note=NOTE, leaves=LEAVES):
    return json.dumps({"note": note, "leaves": leaves}, ensure_ascii=False, indent=1) + "\n"


def case(name, defect, data, expected, says, because):
    return vector(name, BUNDLE, defect, data, expected, because, says, decider=DEVICE.vkey.line)


def file(name, defect, data, because):
    """Another form of the file."""
    return case(f"bundle_{name}", defect, data, MALFORMED, NOT_JSON, because)


def unsigned(name, defect, note, leaves, because="the leaves have another root", says=OTHER_LEAVES):
    """Leaves or notes that are not the ones that were signed."""
    return case(f"decision_{name}", defect, bundle(note, leaves), UNVERIFIED, says, because)


def retext(name, defect, old, new, because):
    """The text of the note changed, and signed again by the decider."""
    assert old in TEXT
    data = bundle(DEVICE.sign(TEXT.replace(old, new, 1)))
    return case(f"decision_{name}", defect, data, MALFORMED, NO_DECISION, because)


def signed(leaves, vault=VAULT.vault, size=None):
    return bundle(forge.decision_note(DEVICE, vault, ID, leaves, size), leaves)


def leaf(name, defect, place, field, value, because):
    """One field of one leaf replaced, and everything signed again by the decider."""
    leaves = [line.split(" ") for line in LEAVES]
    leaves[place][field] = value
    data = signed([" ".join(line) for line in leaves])
    return case(f"decision_{name}", defect, data, MALFORMED, f"leaf {place} has another form than version 1", because)


def files():
    good = bundle()
    inner = good.strip()[1:-1].strip()
    other = json.dumps(LATER_NOTE, ensure_ascii=False)
    members = "bundle does not have exactly note and leaves"
    return [
        vector("bundle_good", BUNDLE, "none: the untouched bundle", good, decider=DEVICE.vkey.line),
        vector("bundle_other_order_good", BUNDLE, "none: another order, escapes, and white space before it",
               " \n" + json.dumps({"leaves": LEAVES, "note": NOTE}) + "\n", decider=DEVICE.vkey.line),
        file("duplicated_key", "the member `note` stands twice, the good one last", f'{{"note": {other}, {inner}}}\n',
             "bundle with a member twice"),
        file("duplicated_key_escaped", "the member `note` stands twice, once in escapes", f'{{"n\\u006fte": {other}, {inner}}}\n',
             "bundle with a member twice"),
        file("unknown_member", "a third member", f'{{{inner}, "more": 1}}\n', members),
        file("in_an_array", "an array of note and leaves", json.dumps([NOTE, LEAVES], ensure_ascii=False) + "\n", members),
        file("trailing_bytes", "a second object behind it", good + "{}\n", "bundle is not JSON"),
        file("byte_order_mark", "a byte order mark before it", "\ufeff" + good, "bundle is not JSON"),
        file("lone_surrogate", "a leaf with half a character", json.dumps({"note": NOTE, "leaves": [*LEAVES[:-1], "\ud800"]}) + "\n",
             "text is not Unicode scalar values"),
    ]


def trees():
    owner = VAULT.owner
    writer = VAULT.vault_heads[-1]
    more = lambda found, count: f"{found} leaves, where {count} were signed"
    counted = lambda found, count: f"{found} leaves where the note says {count}"
    count = len(LEAVES)
    another = VAULT.decide(T0, [], store=False)
    header = LEAVES[0].split(" ")
    miscounted = signed([" ".join([*header[:14], str(count), header[15]]), *LEAVES[1:]])
    return [
        unsigned("ruling_changed", "a reason changed after signing", NOTE, [*LEAVES[:-1], LEAVES[-1].replace("repair", "nothing")]),
        unsigned("rulings_swapped", "two rulings in another order", NOTE, [*LEAVES[:1], LEAVES[2], LEAVES[1], *LEAVES[3:]]),
        unsigned("leaf_doubled", "the last leaf twice", NOTE, [*LEAVES, LEAVES[-1]], counted(count + 1, count), more(count + 1, count)),
        unsigned("leaf_doubled_for_another", "one ruling doubled, another left out", NOTE, [*LEAVES[:-1], LEAVES[-2]]),
        unsigned("leaf_dropped", "the last leaf is missing", NOTE, LEAVES[:-1], counted(count - 1, count), more(count - 1, count)),
        unsigned("root_of_another_tree", "the note of another decision on the same rows", LATER_NOTE, LEAVES),
        unsigned("header_of_another", "the header of another decision on the same rows", NOTE, [LATER_LEAVES[0], *LEAVES[1:]]),
        unsigned("foreign_signature", "signed by another key", owner.sign(TEXT), LEAVES, "no signature line of this key",
                 f"the note is not signed by `{DEVICE.name}`"),
        unsigned("vault_id_changed", "another vault id in the note after signing", NOTE.replace(VAULT.vault.hex(), "0" * 32), LEAVES,
                 "signature does not verify", f"the signature of `{DEVICE.name}` is wrong"),
        case("decision_leaf_count_off_by_one", "the decider signed one leaf more than there are", signed(LEAVES, size=count + 1),
             UNVERIFIED, more(count, count + 1), counted(count, count + 1)),
        case("decision_rulings_off_by_one", "the signed header counts one ruling more than there are", miscounted, UNVERIFIED,
             more(count, count + 1), "header says another number of rulings"),
        case("decision_header_of_another_vault", "signed for another vault than the header says", signed(LEAVES, bytes(16)),
             UNVERIFIED, "the header is of another decision", "header is of another vault"),
        case("decision_no_leaves", "a note over no leaves", signed([]), MALFORMED, NO_DECISION, "number out of range"),
        case("decision_vault_head_in_its_place", "a vault head, which the same key signed", bundle(writer), MALFORMED, NO_DECISION,
             "a decision note has 3 lines"),
        case("decision_header_missing", "the signed leaves begin with a ruling", signed(LEAVES[1:]), MALFORMED,
             "leaf 0 has another form than version 1", "10 fields where 16 belong"),
        vector("decision_without_rulings_good", BUNDLE, "none: a decision on no rows", bundle(*another[1:]), decider=DEVICE.vkey.line),
        retext("unknown_version", "the first line names version 2", "/decision/v1/", "/decision/v2/", "not a decision of this version"),
        retext("name_of_another_key", "the first line begins with the name of another key", DEVICE.name + "/", "example.org/devise/",
               "first line does not begin with the name of the key"),
        retext("extension_line", "a fourth line", "=\n", "=\nextension\n", "a decision note has 3 lines"),
        retext("leaf_count_leading_zero", "the number of leaves begins with 0", f"\n{count}\n", f"\n0{count}\n", "not a whole number"),
        retext("root_stray_base64_bits", "the unused bits of the root's last character are not zero", TEXT[-3:],
               chr(ord(TEXT[-3]) + 1) + "=\n", "base64 is not in its one form"),
    ]


def leaves():
    return [
        leaf("header_unknown_version", "a header of version 2", 0, 0, "stillgood/decision-header/v2",
             "leaf 0 is not a decision header of this version"),
        leaf("header_time_without_milliseconds", "the time lacks its milliseconds", 0, 1, "2026-02-13T18:00:00Z", "not a time"),
        leaf("header_sequence_zero", "decided on vault head 0", 0, 9, "0", "number out of range"),
        leaf("header_unknown_occasion", "an occasion that is not known", 0, 12, "rehearsal", "unknown word"),
        leaf("header_passed_twice", "a passed field twice", 0, 13, "a,a", "passed fields not ascending or twice"),
        leaf("ruling_unknown_version", "a ruling of version 2", 1, 0, "stillgood/ruling/v2", "not a ruling of this version"),
        leaf("ruling_hidden_character", "a right-to-left override in a row id", 1, 1, "mem\u202e-1", "hiding character in a name"),
        leaf("ruling_generation_too_large", "a generation of 2^53", 1, 2, str(1 << 53), "number out of range"),
        leaf("ruling_tab", "a tab behind the salt", 1, 9, "0" * 32 + "\t", "control character in a leaf"),
        leaf("ruling_live_with_a_need", "a live row that needs something", 1, 6, "a:b=nothing",
             "a need where none belongs, or none where one does"),
        leaf("ruling_re_earn_without_need", "a row held back without what would clear it", 2, 6, "a:b",
             "a need where none belongs, or none where one does"),
        leaf("ruling_re_earn_opened", "a body opened where the verdict is re-earn", 2, 7, "opened",
             "body opened where the verdict is re-earn"),
        leaf("ruling_unknown_box", "a recheck of a box that is not known", 2, 6, "a:b=recheck.weather", "unknown need"),
        case("decision_ruling_live_without_head", "a live row of which no head opened",
             signed([*LEAVES[:4], LEAVES[4].replace("re-earn", "live").replace("=repair", "")]), MALFORMED,
             "leaf 4 has another form than version 1", "no head opened, and the verdict is not re-earn"),
    ]


def vectors():
    # What the leaves hold is part of what is signed: a bundle that was made differently would not verify.
    assert decision.verify(NOTE, LEAVES, DEVICE.vkey).id == ID and all(map(utf8, LEAVES))
    return files() + trees() + leaves()
