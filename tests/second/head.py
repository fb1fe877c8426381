"""Heads and bodies: what stands inside the sealed parts 0 and 1."""

import json
import re

import cbor
from forms import (
    MAX_GENERATION, TIME_HIGH, TIME_LOW, Bad, has_control, need, row_id, sha256, time_text, unbase64, utf8,
)
from sealing import BODY, DAMAGED, HEAD, PartError, digest, open_part

KIND = ("semantic", "episodic")
CATEGORY = (
    "identity", "career", "interests", "relationships", "health",
    "finance", "learning", "travel", "productivity", "private",
)
ORIGIN = ("unknown", "user", "assistant", "tool", "document")
BY = ("record", "rule", "owner")
PARENTS = ("none", "intact", "changed")
LINK = ("supersedes", "superseded-by", "contradicts", "depends-on", "has-dependant")
STATE = (None, "claimed", "malformed", "verified", "contradicted")
RUNG = {
    "settlement": ("none", "requested", "announced", "included", "anchored"),
    "payment": ("none", "not-the-payer", "authorised", "queued", "receipted", "settled"),
}
MAX_TEXT = 1_048_576


def _word(words):
    def read(item):
        need(cbor.is_int(item, 0, len(words) - 1) and words[item] is not None, "unknown number")
        return words[item]
    return read


def _maybe(read):
    return lambda item: None if item is None else read(item)


def _integer(low, high=MAX_GENERATION):
    def read(item):
        need(cbor.is_int(item, low, high), "not an integer in range")
        return item
    return read


def _time(item):
    need(cbor.is_int(item, TIME_LOW, TIME_HIGH), "not a time")
    return time_text(item)


def _boolean(item):
    need(type(item) is bool, "not a boolean")
    return item


def _text(low, high):
    def read(item):
        need(isinstance(item, str) and low <= len(utf8(item)) <= high, "not a text in range")
        need(not has_control(item), "control character")
        return item
    return read


def _bytes32(item):
    need(cbor.is_bytes(item, 32), "not 32 bytes")
    return item.hex()


def _row(item):
    need(isinstance(item, str), "row id is not text")
    return row_id(item)


def is_blob_id(text):
    """Whether a text is the unpadded base64url of 32 bytes, in its one form."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}", text):
        return False
    try:
        unbase64(text.replace("-", "+").replace("_", "/") + "=")
    except Bad:
        return False
    return True


def _blob(item):
    need(isinstance(item, str) and is_blob_id(item), "not a blob id")
    return item


def _ascending(items, what):
    need(all(a < b for a, b in zip(items, items[1:])), f"{what} not ascending or twice")


def _list(item, most):
    need(isinstance(item, list) and len(item) <= most, "not a list in range")
    return item


def _categories(item):
    words = [_word(CATEGORY)(part) for part in _list(item, len(CATEGORY))]
    _ascending(item, "categories")
    return words


def _tags(item):
    for tag in _list(item, 32):
        need(isinstance(tag, str) and re.fullmatch(r"[a-z0-9_-]{1,48}", tag), "not a tag")
    _ascending(item, "tags")
    return item


def _links(item):
    links = []
    for link in _list(item, 256):
        need(isinstance(link, list) and len(link) == 3, "link is not an array of 3")
        links.append({"kind": _word(LINK)(link[0]), "row": _row(link[1]), "made_by": _word(BY)(link[2])})
    _ascending([(link[0], utf8(link[1])) for link in item], "links")
    return links


BOXES = (
    ("binding", ("how", _word(("unknown", "verbatim", "substring", "derived")))),
    ("attestation", ("code", _word(("unknown", "listed", "unlisted")))),
    ("mode", ("mode", _word(("unknown", "vanilla", "zkml", "tee")))),
    ("settlement", ("rung", _word(RUNG["settlement"])), ("due", _maybe(_time))),
    ("payment", ("rung", _word(RUNG["payment"]))),
    ("route", ("private", _word(("unknown", "yes", "no")))),
    ("artifact", ("label", _maybe(_text(1, 256))), ("blob_id", _maybe(_blob))),
    ("data", ("fresh_until", _maybe(_time))),
)
COMMON = (("state", _word(STATE)), ("as_of", _maybe(_time)))


def _boxes(item):
    need(isinstance(item, list) and len(item) == len(BOXES), "not 8 boxes")
    boxes = {}
    for (name, *extra), box in zip(BOXES, item):
        boxes[name] = None
        if box is not None:
            parts = (*COMMON, *extra)
            need(isinstance(box, list) and len(box) == len(parts), "box with another number of items")
            boxes[name] = {key: read(part) for (key, read), part in zip(parts, box)}
    return boxes


ITEMS = (
    ("id", _row), ("generation", _integer(1)), ("kind", _word(KIND)), ("categories", _categories),
    ("tags", _tags), ("source", _text(0, 128)), ("origin", _word(ORIGIN)),
    ("subject", _maybe(_text(1, 128))), ("attribute", _maybe(_text(1, 128))), ("labels_by", _word(BY)),
    ("importance", _maybe(_integer(0, 1_000_000))), ("stated_at", _time), ("confirmed_at", _maybe(_time)),
    ("confirmations", _integer(0)), ("denied", _boolean), ("observed_at", _maybe(_time)), ("asked_at", _maybe(_time)),
    ("valid_from", _maybe(_time)), ("valid_until", _maybe(_time)), ("edited", _boolean),
    ("parents", _word(PARENTS)), ("links", _links), ("boxes", _boxes), ("body_digest", _bytes32),
    ("body_generation", _integer(1)), ("evidence_digest", _maybe(_bytes32)),
    ("text_commitment", _bytes32), ("text_opening", _bytes32),
    ("previous", _maybe(_bytes32)),
)


def parse_head(plaintext):
    """The raw items of a head, and the same under readable names."""
    items = cbor.array(plaintext, len(ITEMS))
    named = {}
    for (name, read), item in zip(ITEMS, items):
        try:
            named[name] = read(item)
        except Bad as error:
            raise Bad(f"head item {name}: {error}") from None
    need(named["body_generation"] <= named["generation"], "head item body_generation: above its own generation")
    # Also after a forgetting; that is asked where the log is at hand.
    first = named["generation"] == 1
    need(not first or named["previous"] is None, "head item previous: there is none before generation 1")
    return items, named


def open_head(epochs, row, generation, sealed):
    """Open and parse a head. Returns raw items and readable fields."""
    plaintext = open_part(epochs, HEAD, row, generation, sealed)
    try:
        items, named = parse_head(plaintext)
        need(named["id"] == row and named["generation"] == generation, "row id or generation inside differ")
    except Bad as error:
        raise PartError(DAMAGED, str(error)) from None
    return items, named


def text_commitment(opening, text):
    return sha256(b"stillgood/text/v1\n" + opening + utf8(text))


def _no_constant(name):
    raise ValueError(name)


def parse_body(plaintext):
    """Text and details (text of one JSON object, or None)."""
    text, details = cbor.array(plaintext, 2)
    need(isinstance(text, str) and 1 <= len(utf8(text)) <= MAX_TEXT, "memory text not in range")
    if details is not None:
        need(isinstance(details, str) and len(utf8(details)) <= MAX_TEXT, "details not in range")
        try:
            value = json.loads(details, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise Bad("details are not JSON") from None
        need(isinstance(value, dict), "details are not a JSON object")
    return text, details


def open_body(epochs, items, sealed):
    """Open the body that a head names. `items` are the raw items of the head."""
    plaintext = open_part(epochs, BODY, items[0], items[24], sealed)
    if digest(sealed) != items[23]:
        raise PartError(DAMAGED, "a body that the head does not name")
    try:
        text, details = parse_body(plaintext)
        need(text_commitment(items[27], text) == items[26], "text is not what the head commits to")
    except Bad as error:
        raise PartError(DAMAGED, str(error)) from None
    return text, details
