"""Marks: names for contents that only recipients of the vault can make."""

import hashlib
import hmac

import cbor
from decision import commitment
from forms import need, sha256, utf8

LABEL = "stillgood/mark/v1"
TEXT, ROW = "text", "row"
WHITE = b" \t\n\x0c\r"
MAX_ANSWER = 16_777_216


def salt(epoch, purpose, content):
    """The salt of a mark: it follows from the content."""
    named = cbor.encode([LABEL, purpose, content])
    return hmac.new(epoch.derive("disclosure"), named, hashlib.sha256).digest()[:16]


def mark(epoch, purpose, content):
    """The mark of a content under one epoch, 32 bytes."""
    return commitment(salt(epoch, purpose, content), content)


def of_row(epoch, row):
    return mark(epoch, ROW, utf8(row))


def answer_digest(data):
    """The digest of an answer, or of what was seen: white space at its ends does not count."""
    said = data.strip(WHITE)
    need(1 <= len(said) <= MAX_ANSWER, "an answer has 1 to 16,777,216 bytes")
    return sha256(said)
