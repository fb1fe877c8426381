"""Self test of evidence parts."""

import unittest

import cbor
from evidence import KIND, LABEL, MAX_BYTES, Material, open_evidence, parse_evidence
from forge import HOUR, T0, evidence_content
from forms import sha256
from sealing import BODY, DAMAGED, EVIDENCE, NOT_OUR_KEY, NOT_THIS_ROW, OLDER, seal_part
from selftest_forms import refused
from selftest_parts import EPOCHS, ITEMS, ONE, ROW, STREAM

FIRST, SECOND = [2, T0, 1, b"what it said"], [4, T0 + HOUR, 2, bytes(8)]
PLAIN = cbor.encode([LABEL, [FIRST, SECOND]])
GENERATION = 3


def seal(plaintext=PLAIN, generation=GENERATION, row=ROW, part=EVIDENCE):
    return seal_part(ONE, part, row, generation, plaintext, STREAM.take(12))


def opened(sealed, generation=None, named=None, of=5):
    """Open a part under a head of this generation that names it, or another."""
    items = list(ITEMS)
    items[1], items[25] = of, sha256(sealed if named is None else named)
    return lambda: open_evidence(EPOCHS, items, sealed, generation)


def parsed(*materials):
    return lambda: parse_evidence(cbor.encode([LABEL, list(materials)]), GENERATION)


def changed(place, value):
    return parsed([*FIRST[:place], value, *FIRST[place + 1 :]], SECOND)


def raw(plaintext):
    return lambda: parse_evidence(plaintext, GENERATION)


def many(count):
    return [[0, T0, 1, b"%d" % n] for n in range(count)]


@refused({
    "evidence_of_another_row": (opened(seal(row="mem-2")), NOT_THIS_ROW),
    "evidence_under_the_number_of_a_body": (opened(seal(part=BODY)), NOT_THIS_ROW),
    "evidence_unknown_epoch": (opened(cbor.encode([*cbor.decode(seal())[:2], 7, *cbor.decode(seal())[3:]])), NOT_OUR_KEY),
    "evidence_of_no_form": (opened(b"\x80"), DAMAGED),
    "evidence_larger_than_a_part_may_be": (opened(seal(bytes(8_388_608))), "too large"),
    "evidence_ahead_of_the_head": (opened(seal(), of=2), "under a head of generation 2"),
    "evidence_that_the_head_does_not_name": (opened(seal(), named=seal()), "does not name"),
    "evidence_below_the_generation_beside_it": (opened(seal(), 4), OLDER),
    "evidence_above_the_generation_beside_it": (opened(seal(), 2), DAMAGED),
    "evidence_content_damaged": (opened(seal(PLAIN + b"\0")), DAMAGED),
    "no_materials": (parsed(), "1 to 64"),
    "sixty_five_materials": (parsed(*many(65)), "1 to 64"),
    "materials_null": (raw(cbor.encode([LABEL, None])), "1 to 64"),
    "three_items": (raw(cbor.encode([LABEL, [FIRST], None])), "array of 2"),
    "other_label": (raw(cbor.encode(["stillgood/evidence/v2", [FIRST]])), "version"),
    "no_label": (raw(cbor.encode([None, [FIRST]])), "version"),
    "trailing_byte": (raw(PLAIN + b"\0"), "after"),
    "material_of_three_items": (parsed(FIRST[:3]), "array of 4"),
    "material_of_five_items": (parsed([*FIRST, None]), "array of 4"),
    "material_bytes": (parsed(b"abcd"), "array of 4"),
    "material_twice": (parsed(FIRST, SECOND, [2, T0 + HOUR, 2, FIRST[3]]), "twice"),
    "kind_unknown": (changed(0, len(KIND)), "unknown kind"),
    "kind_negative": (changed(0, -1), "unknown kind"),
    "kind_true": (changed(0, True), "unknown kind"),
    "attached_at_null": (changed(1, None), "not a time"),
    "attached_at_year_zero": (changed(1, -62_135_596_800_001), "not a time"),
    "attached_at_goes_back": (parsed(SECOND, FIRST), "goes back"),
    "body_generation_zero": (changed(2, 0), "out of range"),
    "body_generation_null": (changed(2, None), "out of range"),
    "body_generation_above_that_of_the_part": (changed(2, GENERATION + 1), "above that of the part"),
    "bytes_empty": (changed(3, b""), "not in range"),
    "bytes_too_long": (changed(3, bytes(MAX_BYTES + 1)), "not in range"),
    "bytes_text": (changed(3, "text"), "not bytes"),
})
class Evidence(unittest.TestCase):
    def test_evidence_opens(self):
        both = [Material("output", T0, 1, FIRST[3]), Material("key", T0 + HOUR, 2, SECOND[3])]
        self.assertEqual(opened(seal())(), both)
        self.assertEqual(opened(seal(), GENERATION, of=GENERATION)(), both)
        self.assertEqual(evidence_content([["output", *FIRST[1:]], ["key", *SECOND[1:]]]), PLAIN)

    def test_what_is_just_allowed(self):
        self.assertEqual(len(parsed(*many(64))()), 64)
        # The same bytes as another kind; the same time; the body of the part's own generation; bytes that are no JSON.
        self.assertEqual(len(parsed(FIRST, [1, T0, GENERATION, FIRST[3]], [12, T0, 1, b"\xff"])()), 3)
        self.assertEqual(len(changed(3, bytes(MAX_BYTES))()[0].data), MAX_BYTES)

    def test_kinds_are_numbered_as_the_page_says(self):
        self.assertEqual([KIND[n] for n in (0, 5, 9, 12)], ["response", "older response", "headers", "statement"])
        self.assertEqual(len(KIND), 13)
