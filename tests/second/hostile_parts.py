"""Hostile sealed heads and bodies: what stands in clear, what is sealed, and what the sealed bytes say."""

import cbor
import forge
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from forms import sha256
from hostile import BODY as OPEN_BODY
from hostile import DAMAGED, HEAD as OPEN_HEAD
from hostile import NOT_OUR_KEY, NOT_THIS_ROW, OLDER, vector
from hostile_rings import KEYS, VAULT
from sealing import BODY, HEAD, Epoch, aad, seal_part

ROW = "mem-1"
ITEMS, SEALED = VAULT.heads[ROW][-1]
GENERATION = ITEMS[1]
CLEAR = cbor.decode(SEALED)
PLAIN = cbor.encode(ITEMS)
CIPHERTEXT = CLEAR[7]
BODY_PART = VAULT.bodies[ROW, GENERATION]
FIRST, SECOND = VAULT.epochs
AWAY = Epoch(bytes(16), 1, FIRST.key)
STREAM = forge.Stream("hostile parts")
TAG_FAILS = "damaged: the seal does not open"
RING_KEYS = {**KEYS, "ring": "ring_good", "row": ROW}
BLOB_ID = "M4hsZGQ1oCktdzegB6HnI6Mi28S2nqOPHxK-W7_4BUk"


def head(name, defect, data, expected, because):
    return vector(f"head_{name}", OPEN_HEAD, defect, data, expected, because, **RING_KEYS)


def clear(name, defect, place, value, expected, because):
    """One item that stands in clear replaced."""
    items = list(CLEAR)
    items[place] = value
    return head(name, defect, cbor.encode(items), expected, because)


def envelope(name, defect, data, because):
    return head(name, defect, data, DAMAGED, f"damaged: {because}")


def content(name, defect, plaintext, because):
    """Another plaintext, sealed as the good one was."""
    sealed = seal_part(FIRST, HEAD, ROW, GENERATION, plaintext, STREAM.take(12))
    return head(f"content_{name}", defect, sealed, DAMAGED, f"damaged: {because}")


def item(name, defect, place, value, because):
    items = list(ITEMS)
    items[place] = value
    return content(name, defect, cbor.encode(items), because)


def box(place, value):
    boxes = [None] * 8
    boxes[place] = value
    return boxes


def sealed_with(purpose, part):
    """The head's plaintext under the key for a purpose, with the additional data of a part."""
    data = aad(VAULT.vault, part, 1, ROW, GENERATION)
    return cbor.encode([*CLEAR[:7], AESGCM(FIRST.derive(purpose)).encrypt(CLEAR[6], PLAIN, data)])


def swapped_parts():
    name, (_, rulings) = next(iter(VAULT.decisions.items()))
    other = VAULT.heads["mem-2"][-1][1]
    return [
        vector("head_good", OPEN_HEAD, "none: the untouched head", SEALED, **RING_KEYS),
        head("body_in_its_place", "the body of the same row", BODY_PART, NOT_THIS_ROW, "not this row: part 1 of 'mem-1'"),
        head("rulings_in_its_place", "the stored rulings of a decision", rulings, NOT_THIS_ROW, f"not this row: part 3 of '{name}'"),
        head("of_another_row", "the head of another row", other, NOT_THIS_ROW, "not this row: part 0 of 'mem-2'"),
        head("of_another_row_relabelled", "the head of another row, this one's id in clear",
             cbor.encode([*cbor.decode(other)[:4], ROW, *cbor.decode(other)[5:]]), DAMAGED, TAG_FAILS),
        head("sealed_with_body_key", "sealed with the key for bodies", sealed_with("body", HEAD), DAMAGED, TAG_FAILS),
        head("sealed_with_aad_of_a_body", "sealed as a head, its additional data those of a body",
             sealed_with("head", BODY), DAMAGED, TAG_FAILS),
        clear("other_epoch", "names epoch 2, the hint is that of epoch 1", 2, 2, NOT_OUR_KEY, "not our key: epoch 2"),
        head("other_epoch_and_hint", "names epoch 2 and its hint", cbor.encode([*CLEAR[:2], 2, SECOND.hint, *CLEAR[4:]]),
             DAMAGED, TAG_FAILS),
        clear("unknown_epoch", "names an epoch that the key ring does not have", 2, 3, NOT_OUR_KEY, "not our key: epoch 3"),
        head("other_vault", "sealed with the same epoch key for another vault",
             seal_part(AWAY, HEAD, ROW, GENERATION, PLAIN, STREAM.take(12)), NOT_OUR_KEY, "not our key: epoch 1"),
        head("other_vault_with_our_hint", "sealed for another vault, with the hint of this one",
             cbor.encode([*CLEAR[:3], FIRST.hint, *cbor.decode(seal_part(AWAY, HEAD, ROW, GENERATION, PLAIN, STREAM.take(12)))[4:]]),
             DAMAGED, TAG_FAILS),
        clear("generation_relabelled", "another generation in clear", 5, GENERATION + 1, DAMAGED, TAG_FAILS),
        clear("truncated_tag", "the last byte of the tag is missing", 7, CIPHERTEXT[:-1], DAMAGED, TAG_FAILS),
        clear("tag_changed", "one bit of the tag differs", 7, CIPHERTEXT[:-1] + bytes([CIPHERTEXT[-1] ^ 1]), DAMAGED, TAG_FAILS),
        clear("ciphertext_changed", "one bit of the ciphertext differs", 7, bytes([CIPHERTEXT[0] ^ 1]) + CIPHERTEXT[1:],
              DAMAGED, TAG_FAILS),
        clear("ciphertext_longer", "a byte behind the tag", 7, CIPHERTEXT + b"\0", DAMAGED, TAG_FAILS),
    ]


def envelopes():
    nonce = b"\x4c" + CLEAR[6]
    text = CLEAR[7]
    tail = cbor.encode(text)
    swap = lambda old, new: SEALED.replace(old, new, 1)
    return [
        envelope("empty", "nothing", b"", "CBOR ends too early"),
        envelope("trailing_byte", "a byte behind it", SEALED + b"\0", "bytes after the CBOR item"),
        envelope("ninth_item", "a ninth item", b"\x89" + SEALED[1:] + b"\xf6", "not a CBOR array of 8"),
        envelope("unknown_version", "version 2", b"\x88\x02" + SEALED[2:], "unknown version of sealed part"),
        envelope("unknown_part", "a part of number 4", cbor.encode([1, 4, *CLEAR[2:]]), "unknown kind of part"),
        envelope("epoch_zero", "epoch 0", cbor.encode([*CLEAR[:2], 0, *CLEAR[3:]]), "epoch out of range"),
        envelope("generation_zero", "generation 0", cbor.encode([*CLEAR[:5], 0, *CLEAR[6:]]), "generation out of range"),
        envelope("name_with_a_space", "a space in the row id in clear", cbor.encode([*CLEAR[:4], "mem 1", *CLEAR[5:]]),
                 "hiding character in a name"),
        envelope("truncated_nonce", "a nonce of 11 bytes", swap(nonce, b"\x4b" + CLEAR[6][:-1]), "hint or nonce of another size"),
        envelope("shorter_than_its_tag", "a ciphertext of 15 bytes", cbor.encode([*CLEAR[:7], text[:15]]),
                 "ciphertext shorter than its tag"),
        envelope("version_in_two_bytes", "the version in two bytes", b"\x88\x18\x01" + SEALED[2:],
                 "CBOR integer not in its shortest form"),
        envelope("length_in_two_bytes", "the length of the nonce in two bytes", swap(nonce, b"\x58\x0c" + CLEAR[6]),
                 "CBOR integer not in its shortest form"),
        envelope("indefinite_array", "an array of indefinite length", b"\x9f" + SEALED[1:] + b"\xff",
                 "CBOR indefinite or reserved length"),
        envelope("indefinite_bytes", "a ciphertext of indefinite length", swap(tail, b"\x5f" + tail + b"\xff"),
                 "CBOR indefinite or reserved length"),
    ]


def contents():
    early = cbor.encode([ROW, GENERATION])[1:]
    inside = "row id or generation inside differ"
    return [
        item("of_another_row", "the id inside is that of another row", 0, "mem-2", inside),
        item("of_another_generation", "the generation inside is another", 1, GENERATION + 1, inside),
        content("of_thirty_items", "a thirtieth item, as a later version might have", cbor.encode([*ITEMS, None]), "not a CBOR array of 29"),
        content("trailing_byte", "a byte behind the array", PLAIN + b"\0", "bytes after the CBOR item"),
        content("indefinite_array", "an array of indefinite length", b"\x9f" + PLAIN[2:] + b"\xff",
                "CBOR indefinite or reserved length"),
        content("integer_in_two_bytes", "the generation in two bytes",
                PLAIN.replace(early, early[:-1] + b"\x18" + early[-1:], 1), "CBOR integer not in its shortest form"),
        content("boolean_in_two_bytes", "false in two bytes", cbor.encode(ITEMS[:14]).replace(b"\x8e", b"\x98\x1d", 1) + b"\xf8\x14"
                + b"".join(map(cbor.encode, ITEMS[15:])), "CBOR simple value or float that is not allowed"),
        item("boolean_as_a_number", "0 for false", 14, 0, "head item denied: not a boolean"),
        item("unknown_kind", "a kind of number 2", 2, 2, "head item kind: unknown number"),
        item("categories_swapped", "categories not ascending", 3, [2, 1], "head item categories: categories not ascending or twice"),
        item("tag_upper_case", "a tag in upper case", 4, ["Tea"], "head item tags: not a tag"),
        item("line_feed_in_the_subject", "a line feed in the subject", 7, "a\nb", "head item subject: control character"),
        item("importance_above_one", "an importance of 1,000,001 millionths", 10, 1_000_001,
             "head item importance: not an integer in range"),
        item("year_ten_thousand", "stated in the year 10000", 11, 253_402_300_800_000, "head item stated_at: not a time"),
        item("link_to_a_hidden_id", "a link to an id with a zero-width space", 21, [[0, "a\u200bb", 0]],
             "head item links: hiding character in a name"),
        item("box_lapsed", "a box whose state is stored as lapsed", 22, box(0, [5, None, 0]), "head item boxes: unknown number"),
        item("blob_id_stray_bits", "the unused bits of a blob id are not zero", 22, box(6, [1, None, None, BLOB_ID[:-1] + "l"]),
             "head item boxes: not a blob id"),
        item("body_generation_ahead", "a body of a generation to come", 24, GENERATION + 1,
             "head item body_generation: above its own generation"),
        head("content_first_with_previous", "generation 1 names a head before it",
             seal_part(FIRST, HEAD, ROW, 1, cbor.encode([*VAULT.heads[ROW][0][0][:28], bytes(32)]), STREAM.take(12)), DAMAGED,
             "damaged: head item previous: there is none before generation 1"),
        item("observed_at_a_boolean", "false for the time of an observation", 15, False, "head item observed_at: not a time"),
    ]


def body(name, defect, data, expected, because, sealed_head=SEALED, row=ROW):
    keys = {**RING_KEYS, "row": row, "head": sealed_head.hex()}
    return vector(f"body_{name}", OPEN_BODY, defect, data, expected, because, **keys)


def resealed(name, defect, plaintext, because, generation=GENERATION, **changes):
    """Another body, with a head that names it."""
    part = seal_part(FIRST, BODY, ROW, generation, plaintext, STREAM.take(12))
    items = list(ITEMS)
    items[23] = sha256(part)
    for key, value in changes.items():
        items[int(key[1:])] = value
    sealed = seal_part(FIRST, HEAD, ROW, GENERATION, cbor.encode(items), STREAM.take(12))
    return body(name, defect, part, DAMAGED, f"damaged: {because}", sealed)


def committed(text):
    opening = STREAM.take(32)
    return {"i26": forge.text_commitment(opening, text), "i27": opening}


def bodies():
    text = "The user likes green tea."
    plain = cbor.encode([text, None])
    part = lambda generation, plaintext=plain, row=ROW, epoch=FIRST: seal_part(epoch, BODY, row, generation, plaintext, STREAM.take(12))
    own = cbor.decode(BODY_PART)
    other = "text is not what the head commits to"
    return [
        vector("body_good", OPEN_BODY, "none: the untouched body under the head that names it", BODY_PART, **RING_KEYS, head=SEALED.hex()),
        body("head_in_its_place", "the head of the same row", SEALED, NOT_THIS_ROW, "not this row: part 0 of 'mem-1'"),
        body("of_another_row", "the body of another row", VAULT.bodies["mem-2", 1], NOT_THIS_ROW, "not this row: part 1 of 'mem-2'"),
        body("under_the_head_of_another_row", "the body of mem-1 under the head of mem-2", BODY_PART, NOT_THIS_ROW,
             "not this row: part 1 of 'mem-1'", VAULT.heads["mem-2"][-1][1], "mem-2"),
        body("older_generation", "the body before the text changed", VAULT.bodies[ROW, 1], OLDER,
             "older than seen: generation 1 where 2 belongs"),
        body("newer_generation", "a body of a generation to come", part(3), DAMAGED, "damaged: generation 3 where 2 belongs"),
        body("generation_zero", "generation 0", cbor.encode([*own[:5], 0, *own[6:]]), DAMAGED, "damaged: generation out of range"),
        body("other_epoch", "names epoch 2, the hint is that of epoch 1", cbor.encode([*own[:2], 2, *own[3:]]), NOT_OUR_KEY,
             "not our key: epoch 2"),
        body("truncated_tag", "the last byte of the tag is missing", cbor.encode([*own[:7], own[7][:-1]]), DAMAGED, TAG_FAILS),
        body("sealed_again", "the same text, sealed once more", part(GENERATION), DAMAGED, "damaged: a body that the head does not name"),
        resealed("other_text", "a head with the commitment to another text names it", cbor.encode(["The user hates tea.", None]), other),
        resealed("wrong_opening", "the opening of the text commitment is another", plain, other, i27=bytes(32)),
        resealed("empty_text", "a text of no bytes", cbor.encode(["", None]), "memory text not in range", **committed("")),
        resealed("third_item", "a third item, as a later version might have", cbor.encode([text, None, None]), "not a CBOR array of 2"),
        resealed("indefinite_text", "a text of indefinite length", b"\x82\x7f" + cbor.encode(text) + b"\xff\xf6",
                 "CBOR indefinite or reserved length"),
        resealed("text_not_utf8", "a text that is not UTF-8", b"\x82\x61\xff\xf6", "CBOR text is not UTF-8"),
        resealed("details_no_json", "details that are no JSON", cbor.encode([text, "{"]), "details are not JSON"),
        resealed("details_in_an_array", "details that are a JSON array", cbor.encode([text, "[]"]), "details are not a JSON object"),
    ]


def vectors():
    return swapped_parts() + envelopes() + contents() + bodies()
