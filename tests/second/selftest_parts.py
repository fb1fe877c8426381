"""Self test of sealed parts, heads and bodies."""

import unittest

import cbor
import forge
import sealing
from forms import Bad, sha256
from forge import T0
from head import open_body, open_head, parse_body, parse_head
from sealing import BODY, DAMAGED, HEAD, NOT_OUR_KEY, NOT_THIS_ROW, OLDER, Epoch, open_part, seal_part
from selftest_forms import refused

STREAM = forge.Stream("self test of parts")
VAULT = STREAM.take(16)
ONE, TWO = Epoch(VAULT, 1, STREAM.take(32)), Epoch(VAULT, 2, STREAM.take(32))
EPOCHS = {1: ONE, 2: TWO}
NONCE, OPENING = STREAM.take(12), STREAM.take(32)
ROW, TEXT = "mem-1", "The user likes tea."

BODY_PART = seal_part(ONE, BODY, ROW, 1, cbor.encode([TEXT, "{}"]), STREAM.take(12))
OTHER_BODY = seal_part(ONE, BODY, ROW, 1, cbor.encode(["Another text.", None]), STREAM.take(12))
ITEMS = forge.head_items(ROW, 1, TEXT, OPENING, sha256(BODY_PART), 1)
PLAIN = cbor.encode(ITEMS)
SEALED = seal_part(ONE, HEAD, ROW, 1, PLAIN, NONCE)
PARTS = cbor.decode(SEALED)


def part(place=None, value=None, epochs=EPOCHS, row=ROW, generation=1):
    """Open the sealed head with one item of its array replaced."""
    items = list(PARTS)
    if place is not None:
        items[place] = value
    return lambda: open_head(epochs, row, generation, cbor.encode(items))


def opened(sealed, row=ROW, generation=1):
    return lambda: open_head(EPOCHS, row, generation, sealed)


def flipped(place):
    return SEALED[:place] + bytes([SEALED[place] ^ 1]) + SEALED[place + 1 :]


TEXT_ITEM = PARTS[7]
LONG_VERSION = b"\x88\x18\x01" + SEALED[2:]


@refused({
    "part_swapped_for_body": (part(1, 1), NOT_THIS_ROW),
    "part_body_where_head_belongs": (opened(BODY_PART), NOT_THIS_ROW),
    "part_evidence_label": (part(1, 2), NOT_THIS_ROW),
    "part_unknown_kind": (part(1, 4), DAMAGED),
    "part_unknown_version": (part(0, 2), DAMAGED),
    "part_version_true": (part(0, True), DAMAGED),
    "part_other_epoch_number": (part(2, 2), NOT_OUR_KEY),
    "part_other_epoch_number_and_hint": (lambda: open_head(EPOCHS, ROW, 1, cbor.encode([*PARTS[:2], 2, TWO.hint, *PARTS[4:]])), DAMAGED),
    "part_unknown_epoch": (part(2, 3), NOT_OUR_KEY),
    "part_epoch_zero": (part(2, 0), DAMAGED),
    "part_other_hint": (part(3, b"abcd"), NOT_OUR_KEY),
    "part_hint_of_five_bytes": (part(3, b"abcde"), DAMAGED),
    "part_key_of_another_vault": (part(epochs={1: Epoch(bytes(16), 1, ONE.key)}), NOT_OUR_KEY),
    "part_key_of_another_vault_with_our_hint": (
        lambda: open_head({1: Epoch(bytes(16), 1, ONE.key)}, ROW, 1,
                          cbor.encode([*PARTS[:3], Epoch(bytes(16), 1, ONE.key).hint, *PARTS[4:]])), DAMAGED),
    "part_head_under_another_row": (part(row="mem-2"), NOT_THIS_ROW),
    "part_row_relabelled": (part(4, "mem-2", row="mem-2"), DAMAGED),
    "part_row_with_space": (part(4, "mem 1"), DAMAGED),
    "part_older_generation": (part(generation=2), OLDER),
    "part_generation_relabelled": (part(5, 2, generation=2), DAMAGED),
    "part_generation_ahead": (part(5, 2), DAMAGED),
    "part_generation_zero": (part(5, 0), DAMAGED),
    "part_other_nonce": (part(6, bytes(12)), DAMAGED),
    "part_nonce_of_thirteen_bytes": (part(6, bytes(13)), DAMAGED),
    "part_truncated_tag": (part(7, TEXT_ITEM[:-1]), DAMAGED),
    "part_no_tag": (part(7, b""), DAMAGED),
    "part_ciphertext_longer": (part(7, TEXT_ITEM + b"\0"), DAMAGED),
    "part_trailing_byte": (opened(SEALED + b"\0"), DAMAGED),
    "part_ninth_item": (opened(b"\x89" + SEALED[1:] + b"\0"), DAMAGED),
    "part_version_not_shortest": (opened(LONG_VERSION), DAMAGED),
    "part_indefinite_array": (opened(b"\x9f" + SEALED[1:] + b"\xff"), DAMAGED),
    "part_first_byte_of_ciphertext": (opened(flipped(len(SEALED) - len(TEXT_ITEM))), DAMAGED),
    "part_last_byte_of_tag": (opened(flipped(len(SEALED) - 1)), DAMAGED),
    "part_too_large": (part(7, bytes(65_536)), DAMAGED),
    "part_body_larger_than_a_head": (opened(seal_part(ONE, BODY, ROW, 1, bytes(65_536), NONCE)), DAMAGED),
    "part_head_sealed_with_body_key": (
        lambda: open_head(EPOCHS, ROW, 1, cbor.encode([*PARTS[:7], seal_with("body")])), DAMAGED),
    "body_of_another_row": (
        lambda: open_body(EPOCHS, ITEMS, seal_part(ONE, BODY, "mem-2", 1, cbor.encode([TEXT, None]), NONCE)), NOT_THIS_ROW),
    "body_that_head_does_not_name": (lambda: open_body(EPOCHS, ITEMS, OTHER_BODY), "does not name"),
    "body_damaged": (lambda: open_body(EPOCHS, ITEMS, BODY_PART[:-1] + bytes([BODY_PART[-1] ^ 1])), DAMAGED),
    "body_older": (lambda: open_body(EPOCHS, [*ITEMS[:24], 2, *ITEMS[25:]], BODY_PART), OLDER),
    "body_other_text_commitment": (lambda: open_body(EPOCHS, [*ITEMS[:26], bytes(32), *ITEMS[27:]], BODY_PART), DAMAGED),
})
class Parts(unittest.TestCase):
    def test_part_opens(self):
        self.assertEqual(open_head(EPOCHS, ROW, 1, SEALED)[0], ITEMS)
        self.assertEqual(open_body(EPOCHS, ITEMS, BODY_PART), (TEXT, "{}"))
        self.assertEqual(open_part(EPOCHS, HEAD, ROW, 1, SEALED), PLAIN)

    def test_every_byte_counts(self):
        for place in range(len(SEALED)):
            with self.assertRaises(Bad):
                opened(flipped(place))()


def seal_with(purpose):
    """The head's plaintext under a key for another purpose."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(ONE.derive(purpose)).encrypt(PARTS[6], PLAIN, sealing.aad(VAULT, HEAD, 1, ROW, 1))


def item(place, value):
    """Parse a head with one item replaced."""
    items = list(ITEMS)
    items[place] = value
    return lambda: parse_head(cbor.encode(items))


def box(place, value):
    boxes = [None] * 8
    boxes[place] = value
    return item(22, boxes)


def body(*items):
    return lambda: parse_body(cbor.encode(list(items)))


def sealed_items(**changes):
    items = list(ITEMS)
    for name, value in changes.items():
        items[int(name[1:])] = value
    return lambda: open_head(EPOCHS, ROW, 1, seal_part(ONE, HEAD, ROW, 1, cbor.encode(items), NONCE))


BLOB = "M4hsZGQ1oCktdzegB6HnI6Mi28S2nqOPHxK-W7_4BUk"


@refused({
    "head_other_row_inside": (sealed_items(i0="mem-2"), DAMAGED),
    "head_other_generation_inside": (sealed_items(i1=2, i28=bytes(32)), "inside differ"),
    "head_thirty_items": (lambda: parse_head(cbor.encode([*ITEMS, None])), "array of 29"),
    "head_twenty_eight_items": (lambda: parse_head(cbor.encode(ITEMS[:-1])), "array of 29"),
    "head_trailing_byte": (lambda: parse_head(PLAIN + b"\0"), "after"),
    "head_generation_not_shortest": (lambda: parse_head(PLAIN.replace(b"\x65mem-1\x01", b"\x65mem-1\x18\x01")), "shortest"),
    "head_indefinite": (lambda: parse_head(b"\x9f" + PLAIN[2:] + b"\xff"), "indefinite"),
    "head_generation_true": (item(1, True), "generation"),
    "head_generation_too_large": (item(1, 2**53), "generation"),
    "head_unknown_kind": (item(2, 2), "kind"),
    "head_kind_null": (item(2, None), "kind"),
    "head_unknown_category": (item(3, [10]), "categories"),
    "head_categories_out_of_order": (item(3, [2, 1]), "categories"),
    "head_category_twice": (item(3, [1, 1]), "categories"),
    "head_tags_out_of_order": (item(4, ["b", "a"]), "tags"),
    "head_tag_upper_case": (item(4, ["A"]), "tags"),
    "head_tag_too_long": (item(4, ["a" * 49]), "tags"),
    "head_tags_too_many": (item(4, [f"t{i:02}" for i in range(33)]), "tags"),
    "head_source_too_long": (item(5, "a" * 129), "source"),
    "head_source_control": (item(5, "a\n"), "source"),
    "head_source_null": (item(5, None), "source"),
    "head_unknown_origin": (item(6, 5), "origin"),
    "head_subject_empty": (item(7, ""), "subject"),
    "head_attribute_too_long": (item(8, "ü" * 65), "attribute"),
    "head_labels_by_unknown": (item(9, 3), "labels_by"),
    "head_importance_above_one": (item(10, 1_000_001), "importance"),
    "head_importance_negative": (item(10, -1), "importance"),
    "head_stated_at_null": (item(11, None), "stated_at"),
    "head_stated_at_year_10000": (item(11, 253_402_300_800_000), "stated_at"),
    "head_stated_at_year_zero": (item(11, -62_135_596_800_001), "stated_at"),
    "head_confirmations_negative": (item(13, -1), "confirmations"),
    "head_denied_zero": (item(14, 0), "denied"),
    "head_edited_one": (item(19, 1), "edited"),
    "head_parents_unknown": (item(20, 3), "parents"),
    "head_links_out_of_order": (item(21, [[1, "a", 0], [0, "a", 0]]), "links"),
    "head_links_rows_out_of_order": (item(21, [[0, "b", 0], [0, "a", 0]]), "links"),
    "head_link_twice": (item(21, [[0, "a", 0], [0, "a", 1]]), "links"),
    "head_link_unknown_kind": (item(21, [[5, "a", 0]]), "links"),
    "head_link_of_two": (item(21, [[0, "a"]]), "links"),
    "head_links_too_many": (item(21, [[0, f"r{i:03}", 0] for i in range(257)]), "links"),
    "head_seven_boxes": (item(22, [None] * 7), "boxes"),
    "head_box_state_zero": (box(0, [0, None, 0]), "boxes"),
    "head_box_lapsed": (box(0, [5, None, 0]), "boxes"),
    "head_box_too_short": (box(3, [1, None, 0]), "boxes"),
    "head_box_too_long": (box(4, [1, None, 0, None]), "boxes"),
    "head_box_unknown_rung": (box(4, [1, None, 6]), "boxes"),
    "head_box_blob_id_short": (box(6, [1, None, None, BLOB[:-1]]), "boxes"),
    "head_box_blob_id_stray_bits": (box(6, [1, None, None, BLOB[:-1] + "l"]), "boxes"),
    "head_body_digest_short": (item(23, bytes(31)), "body_digest"),
    "head_body_generation_ahead": (item(24, 2), "body_generation"),
    "head_body_generation_zero": (item(24, 0), "body_generation"),
    "head_evidence_digest_text": (item(25, "a" * 32), "evidence_digest"),
    "head_text_opening_short": (item(27, bytes(16)), "text_opening"),
    "head_observed_at_zero": (item(15, False), "observed_at"),
    "head_previous_short": (item(28, bytes(16)), "previous"),
    "head_first_with_previous": (item(28, bytes(32)), "previous"),
    "body_empty_text": (body("", None), "range"),
    "body_text_too_long": (body("a" * 1_048_577, None), "range"),
    "body_text_bytes": (body(b"a", None), "range"),
    "body_three_items": (body("a", None, None), "array of 2"),
    "body_details_not_json": (body("a", "{"), "JSON"),
    "body_details_array": (body("a", "[]"), "object"),
    "body_details_nan": (body("a", '{"a":NaN}'), "JSON"),
})
class Heads(unittest.TestCase):
    def test_head_reads(self):
        items = [*ITEMS]
        items[21] = [[0, "a", 0], [0, "b", 2], [1, "a", 1]]
        items[22] = [[1, None, 0], [2, T0, 1], [3, T0, 2], [4, T0, 4, None], None, [1, None, 2], [3, T0, "l", BLOB], None]
        named = parse_head(cbor.encode(items))[1]
        self.assertEqual(named["links"][1], {"kind": "supersedes", "row": "b", "made_by": "owner"})
        self.assertEqual(named["boxes"]["settlement"]["rung"], "anchored")
        self.assertEqual(named["boxes"]["artifact"]["blob_id"], BLOB)
        self.assertEqual(parse_body(cbor.encode(["a\0\n", '{"a":1}'])), ("a\0\n", '{"a":1}'))
