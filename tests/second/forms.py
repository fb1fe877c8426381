"""The text forms of the conventions: numbers, times, digests, base64, names."""

import base64
import binascii
import datetime
import hashlib
import re

MAX_GENERATION = 2**53 - 1
MAX_NUMBER = 2**53 - 1
MAX_EPOCH = 2**32 - 1
TIME_LOW = -62135596800000
TIME_HIGH = 253402300799999

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_HEX = re.compile(r"[0-9a-f]*")
_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{3})Z"
)
_LABEL = re.compile(r"[a-z0-9_-]{1,48}")
# Characters that could split a signed line or make it look like another.
HIDING = (
    (0x00, 0x20), (0x7F, 0xA0), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x1680, 0x1680),
    (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0x2800, 0x2800),
    (0x3000, 0x3000), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)
_HIDING = re.compile("[" + "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in HIDING) + "]")
_START = datetime.datetime(1970, 1, 1)


class Bad(Exception):
    """Something does not have its form, or does not verify."""


def need(condition, why):
    """Raise Bad with the reason unless the condition holds."""
    if not condition:
        raise Bad(why)


def sha256(data):
    return hashlib.sha256(data).digest()


def utf8(text):
    """The bytes of a text; a text with lone surrogates has none."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise Bad("text is not Unicode scalar values") from None


def has_control(text):
    """Whether any character is one of U+0000 to U+001F or U+007F to U+009F."""
    return any(c < " " or "\x7f" <= c <= "\x9f" for c in text)


def fields(line, count=None):
    """Split a line at single spaces. No field is empty."""
    parts = line.split(" ")
    need(all(parts), "empty field")
    need(count is None or len(parts) == count, f"{len(parts)} fields where {count} belong")
    return parts


def number(text, low=0, high=MAX_NUMBER):
    """A decimal whole number in a range."""
    need(_NUMBER.fullmatch(text), "not a whole number")
    value = int(text)
    need(low <= value <= high, "number out of range")
    return value


def hexed(text, size):
    """Lower-case hexadecimal digits of exactly `size` bytes."""
    need(len(text) == 2 * size and _HEX.fullmatch(text), f"not {2 * size} lower-case hexadecimal digits")
    return bytes.fromhex(text)


def unbase64(text):
    """Padded standard base64 with zero stray bits."""
    try:
        value = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise Bad("not base64") from None
    need(base64.b64encode(value).decode() == text, "base64 is not in its one form")
    return value


def tobase64(value):
    return base64.b64encode(value).decode()


def parse_time(text):
    """A time in text, as milliseconds since 1970."""
    match = _TIME.fullmatch(text)
    need(match, "not a time")
    *parts, millis = (int(part) for part in match.groups())
    try:
        moment = datetime.datetime(*parts)
    except ValueError:
        raise Bad("not a time that exists") from None
    span = moment - _START
    return (span.days * 86400 + span.seconds) * 1000 + millis


def time_text(millis):
    """Milliseconds since 1970, as a time in text."""
    need(TIME_LOW <= millis <= TIME_HIGH, "time out of range")
    seconds, rest = divmod(millis, 1000)
    moment = _START + datetime.timedelta(seconds=seconds)
    return f"{moment.year:04}-{moment:%m-%dT%H:%M:%S}.{rest:03}Z"


def optional(parse, text):
    """`-` is absent; everything else goes to the parser."""
    return None if text == "-" else parse(text)


def row_id(text):
    """1 to 128 bytes without a hiding character."""
    need(1 <= len(utf8(text)) <= 128, "a name must have 1 to 128 bytes")
    need(not _HIDING.search(text), "hiding character in a name")
    return text


def key_name(text):
    row_id(text)
    need("+" not in text, "plus sign in a key name")
    return text


def label(text):
    """The names of sets, policies, codes, tags and passed fields."""
    need(_LABEL.fullmatch(text), "not 1 to 48 of a-z, 0-9, _ and -")
    return text
