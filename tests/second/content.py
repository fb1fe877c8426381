"""The contents behind the commitments of a decision: the request, and the facts of each ruling."""

import re

import cbor
from decision import commitment, core, salts, seed_of
from forms import TIME_HIGH, TIME_LOW, label, need, row_id, utf8
from head import is_blob_id

REQUEST = "stillgood/request/v1"
FACTS = "stillgood/facts/v1"
TYPES = ("text", "bool", "int", "span", "score", "set")
_KEY = re.compile(r"[a-z0-9_]{1,48}")
LOW, HIGH = -(2**63), 2**64 - 1


def _text(item):
    return isinstance(item, str)


def _integer(item):
    return cbor.is_int(item, LOW, HIGH)


def _score(item):
    return cbor.is_int(item, 0, 1_000_000)


def _texts(item):
    """An array of texts, ascending by bytes, once each."""
    if not isinstance(item, list) or not all(map(_text, item)):
        return False
    data = [utf8(text) for text in item]
    return all(a < b for a, b in zip(data, data[1:]))


def _array(item, size):
    return isinstance(item, list) and (size is None or len(item) == size)


def parse_request(content):
    """The items of a request content: a list of 11, strictly."""
    items = cbor.array(content, 11)
    kind, at, about, purpose, route, name, blob, keys, passed, what_if, candidates = items
    need(kind == REQUEST, "another kind or version of request content")
    need(cbor.is_int(at, TIME_LOW, TIME_HIGH) and _text(about), "request time or subject is not of its form")
    need(all(item is None or _text(item) for item in (purpose, route, name, blob)), "request field is not text")
    need(blob is None or is_blob_id(blob), "not a blob id")
    need(_array(keys, None) and all(_array(key, 2) for key in keys), "request keys are not pairs")
    for key, value in keys:
        need(_text(key) and _KEY.fullmatch(key), "request key is not a name")
        need(_text(value) or type(value) is bool or _integer(value) or _texts(value), "request key of another type")
    need(_texts([key for key, _ in keys]), "request keys not ascending or twice")
    need(_texts(passed), "passed fields not ascending or twice")
    for name in passed:
        label(name)
    need(type(what_if) is bool, "what-if is not a boolean")
    need(_array(candidates, None) and all(_array(candidate, 5) for candidate in candidates), "not candidates")
    for row, rerank, distance, asked, offered in candidates:
        need(_text(row), "row id is not text")
        row_id(row)
        need(all(score is None or _score(score) for score in (rerank, distance)), "not a score")
        need(type(asked) is bool, "asked is not a boolean")
        need(offered is None or cbor.is_bytes(offered, 32), "offered text is not a digest")
    return items


def parse_facts(content):
    """Text commitment and facts of a facts content. Their order is that of a table, which is not checked here."""
    kind, text_commitment, facts = cbor.array(content, 3)
    need(kind == FACTS, "another kind or version of facts content")
    need(cbor.is_bytes(text_commitment, 32), "text commitment is not 32 bytes")
    need(_array(facts, None) and all(_array(fact, 3) for fact in facts), "facts are not triples")
    forms = {
        "text": _text, "bool": lambda item: type(item) is bool, "int": _integer, "span": _integer, "score": _score,
        "set": _texts,
    }
    for name, kind, value in facts:
        need(_text(name) and kind in TYPES, "fact without a name or of another type")
        need(value is None or forms[kind](value), f"fact {name} is not of its type")
    need(len({fact[0] for fact in facts}) == len(facts), "a fact stands twice")
    return text_commitment, facts


def check_request(result, salt, content):
    """Check a request content that is shown with a verified decision."""
    need(commitment(salt, content) == result.header.request, "request is not the one committed to")
    items = parse_request(content)
    header = result.header
    need(items[1] == header.at, "request is about another time")
    need(tuple(items[8]) == header.passed, "request passed other fields")
    need(items[9] == (header.occasion == "what-if"), "request says otherwise whether it is a what-if")
    need([row[0] for row in items[10]] == [ruling.row for ruling in result.rulings], "request has other candidates")
    return items


def check_facts(ruling, salt, content):
    """Check a facts content that is shown with one ruling of a verified decision."""
    need(ruling.facts is not None, "ruling commits to no facts")
    need(commitment(salt, content) == ruling.facts, "facts are not those committed to")
    return parse_facts(content)


def check_seed(disclosure, vkey, seed, leaves, contents):
    """Check that a seed is that of these leaves and of all their contents (None where a ruling has none)."""
    need(len(leaves) == len(contents), "not one content for every leaf")
    cores = [core(leaf, content) for leaf, content in zip(leaves, contents)]
    need(seed_of(disclosure, vkey, cores) == seed, "seed is not that of leaves and contents")
    return [hidden for _, hidden in salts(disclosure, seed, len(leaves))]
