"""Hostile sealed evidence: what stands in clear, under which head it stands, and what the sealed bytes say."""

import cbor
import forge
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from evidence import KIND, LABEL
from forge import HOUR, T0
from forms import sha256
from hostile import DAMAGED, EVIDENCE as OPEN_EVIDENCE
from hostile import NOT_OUR_KEY, NOT_THIS_ROW, vector
from hostile_rings import KEYS, VAULT
from sealing import BODY, EVIDENCE, HEAD, aad, seal_part

ROW = "mem-5"
ITEMS, HEAD_PART = VAULT.heads[ROW][-1]
GENERATION, OLDER_GENERATION = 3, 1
PART, OLDER_PART = VAULT.evidence[ROW, GENERATION], VAULT.evidence[ROW, OLDER_GENERATION]
OTHER_PART = VAULT.evidence["mem-6", 1]
CLEAR = cbor.decode(PART)
EPOCH = VAULT.epochs[1]
STREAM = forge.Stream("hostile evidence")
TAG_FAILS = "damaged: the seal does not open"
NOT_NAMED = "damaged: an evidence part that the head does not name"
RING_KEYS = {**KEYS, "ring": "ring_good", "row": ROW}
OUTPUT, KEY = [2, T0, 1, b"Tides turn twice a day."], [4, T0 + HOUR, 1, bytes(8)]
PLAIN = cbor.encode([LABEL, [OUTPUT, KEY]])


def seal(plaintext, generation=GENERATION, row=ROW):
    return seal_part(EPOCH, EVIDENCE, row, generation, plaintext, STREAM.take(12))


def naming(part):
    """The head of the row, naming this part."""
    items = list(ITEMS)
    items[25] = sha256(part)
    return seal_part(EPOCH, HEAD, ROW, ITEMS[1], cbor.encode(items), STREAM.take(12))


def under(name, defect, data, sealed_head, expected=None, because=""):
    keys = {**RING_KEYS, "head": sealed_head.hex()}
    if expected is None:
        return vector(f"evidence_{name}", OPEN_EVIDENCE, defect, data, **keys)
    return vector(f"evidence_{name}", OPEN_EVIDENCE, defect, data, expected, because, **keys)


def evidence(name, defect, data, expected, because):
    """A part in the place of the good one: the head names the good one."""
    return under(name, defect, data, HEAD_PART, expected, because)


def named(name, defect, data, expected, because):
    """A part that the head names."""
    return under(name, defect, data, naming(data), expected, because)


def clear(name, defect, place, value, expected, because):
    """One item that stands in clear replaced, and the head names what comes out."""
    items = list(CLEAR)
    items[place] = value
    return named(name, defect, cbor.encode(items), expected, because)


def content(name, defect, plaintext, because):
    """Another plaintext, sealed as the good one was, and the head names it."""
    return named(name, defect, seal(plaintext), DAMAGED, f"damaged: {because}")


def materials(name, defect, items, because):
    return content(name, defect, cbor.encode([LABEL, items]), because)


def good(name, what, items):
    part = seal(cbor.encode([LABEL, items]))
    return under(f"{name}_good", f"none: {what}", part, naming(part))


def many(count):
    """So many materials that differ."""
    return [[2, T0, 1, b"%d" % n] for n in range(count)]


def sealed_as(purpose, part):
    """The good plaintext under the key for a purpose, with the additional data of a part."""
    data = aad(VAULT.vault, part, 2, ROW, GENERATION)
    return cbor.encode([*CLEAR[:7], AESGCM(EPOCH.derive(purpose)).encrypt(CLEAR[6], PLAIN, data)])


def places():
    body, text = VAULT.bodies[ROW, 1], CLEAR[7]
    return [
        under("good", "none: the untouched evidence under a head that names it", PART, HEAD_PART),
        evidence("body_in_its_place", "the body of the same row", body, NOT_THIS_ROW, "not this row: part 1 of 'mem-5'"),
        evidence("of_another_row", "the evidence of another row", OTHER_PART, NOT_THIS_ROW, "not this row: part 2 of 'mem-6'"),
        named("of_another_row_relabelled", "the evidence of another row, this one's id in clear",
              cbor.encode([*cbor.decode(OTHER_PART)[:4], ROW, *cbor.decode(OTHER_PART)[5:]]), DAMAGED, TAG_FAILS),
        clear("under_the_number_of_a_body", "calls itself a body", 1, BODY, NOT_THIS_ROW, "not this row: part 1 of 'mem-5'"),
        named("sealed_with_body_key", "sealed with the key for bodies", sealed_as("body", EVIDENCE), DAMAGED, TAG_FAILS),
        named("sealed_with_aad_of_a_body", "sealed as evidence, its additional data those of a body",
              sealed_as("evidence", BODY), DAMAGED, TAG_FAILS),
        clear("other_epoch", "names epoch 1, the hint is that of epoch 2", 2, 1, NOT_OUR_KEY, "not our key: epoch 1"),
        evidence("older_part", "the part that an older head names", OLDER_PART, DAMAGED, NOT_NAMED),
        under("under_a_head_that_names_the_older_part", "the newest part under a head that names the one before it", PART,
              naming(OLDER_PART), DAMAGED, NOT_NAMED),
        under("under_a_head_without_evidence", "a head that names no evidence", PART,
              seal_part(EPOCH, HEAD, ROW, ITEMS[1], cbor.encode([*ITEMS[:25], None, *ITEMS[26:]]), STREAM.take(12)),
              DAMAGED, NOT_NAMED),
        evidence("sealed_again", "the same materials, sealed once more", seal(PLAIN), DAMAGED, NOT_NAMED),
        named("of_a_generation_to_come", "sealed with a head to come, and named by this one", seal(PLAIN, ITEMS[1] + 1), DAMAGED,
              f"damaged: evidence of generation {ITEMS[1] + 1} under a head of generation {ITEMS[1]}"),
        clear("generation_relabelled", "another generation in clear", 5, GENERATION - 1, DAMAGED, TAG_FAILS),
        clear("generation_zero", "generation 0", 5, 0, DAMAGED, "damaged: generation out of range"),
        clear("tag_changed", "one bit of the tag differs", 7, text[:-1] + bytes([text[-1] ^ 1]), DAMAGED, TAG_FAILS),
        clear("truncated_tag", "the last byte of the tag is missing", 7, text[:-1], DAMAGED, TAG_FAILS),
    ]


def contents():
    first = OUTPUT
    changed = lambda place, value: [[*first[:place], value, *first[place + 1 :]], KEY]
    later = [first[0], KEY[1] + 1, *first[2:]]
    one = cbor.encode(first)
    return [
        good("as_many_as_there_may_be", "64 materials", many(64)),
        good("same_bytes_of_two_kinds", "the same bytes as two kinds, at the same time", [first, [1, *first[1:]]]),
        good("body_generation_of_the_part", "attached to a body of the part's own generation", [[*first[:2], GENERATION, first[3]]]),
        materials("no_materials", "no materials", [], "not 1 to 64 materials"),
        materials("sixty_five_materials", "65 materials", many(65), "not 1 to 64 materials"),
        materials("material_twice", "the same material twice, attached at two times", [first, [first[0], first[1] + 1, *first[2:]]],
                  "a material stands twice"),
        materials("unknown_kind", f"a kind of number {len(KIND)}", changed(0, len(KIND)), "unknown kind of material"),
        materials("body_generation_zero", "attached to a body of generation 0", changed(2, 0), "body generation out of range"),
        materials("body_generation_ahead", "attached to a body of a generation to come", changed(2, GENERATION + 1),
                  "body generation above that of the part"),
        materials("attached_at_goes_back", "attached a millisecond before the material above it", [later, KEY], "attached at goes back"),
        materials("year_ten_thousand", "attached in the year 10000", [first, [4, 253_402_300_800_000, *KEY[2:]]],
                  "attached at is not a time"),
        materials("empty_bytes", "a material of no bytes", changed(3, b""), "material not in range"),
        materials("text_for_bytes", "a text for the bytes", changed(3, "Tides turn twice a day."), "material is not bytes"),
        materials("fifth_item", "a fifth item in a material, as a later version might have", [[*first, None], KEY],
                  "material is not an array of 4"),
        content("other_label", "the label of version 2", cbor.encode(["stillgood/evidence/v2", [first]]),
                "another kind or version of evidence"),
        content("third_item", "a third item, as a later version might have", cbor.encode([LABEL, [first], None]),
                "not a CBOR array of 2"),
        content("trailing_byte", "a byte behind the array", PLAIN + b"\0", "bytes after the CBOR item"),
        content("truncated", "the last byte of the last material is missing", PLAIN[:-1], "CBOR ends too early"),
        content("indefinite_array", "materials in an array of indefinite length",
                b"\x82" + cbor.encode(LABEL) + b"\x9f" + one + b"\xff", "CBOR indefinite or reserved length"),
        content("kind_in_two_bytes", "the kind in two bytes",
                b"\x82" + cbor.encode(LABEL) + b"\x81\x84\x18\x02" + one[2:], "CBOR integer not in its shortest form"),
        content("more_materials_than_bytes", "an array that says it has 2^32 materials",
                b"\x82" + cbor.encode(LABEL) + b"\x9b\x00\x00\x00\x01\x00\x00\x00\x00" + one, "CBOR ends too early"),
        content("bytes_longer_than_there_are", "bytes that say they are 4 GiB long",
                b"\x82" + cbor.encode(LABEL) + b"\x81\x84" + cbor.encode(2) + cbor.encode(T0) + b"\x01\x5a\xff\xff\xff\xff",
                "CBOR ends too early"),
    ]


def vectors():
    return places() + contents()
