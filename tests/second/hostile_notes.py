"""Hostile vkeys, row ids and signed notes."""

import forge
import points
from forms import sha256, tobase64, utf8
from hostile import MALFORMED, NOTE, ROW_ID, UNVERIFIED, VKEY, vector
from note import DASH, Vkey

STREAM = forge.Stream("hostile notes, throwaway keys")
SIGNER = forge.Signer("example.org/device", STREAM.take(32))
OTHER = forge.Signer("example.org/other", STREAM.take(32))
TEXT = "first line\n\nsecond line\n"
GOOD = SIGNER.sign(TEXT)
SIGNED = GOOD[: -len(SIGNER.line(TEXT))]

EMPTY_LINE = "no empty line before the signatures"
UNFINISHED = "the text does not end with a full line"
CONTROL = "the text holds a control character"
LINE = "a signature line has another form"


def line(signature, key_hash=SIGNER.vkey.hash, name=SIGNER.name):
    return f"{DASH} {name} {tobase64(key_hash + signature)}\n"


def malformed(name, defect, text, says, because):
    return vector(f"note_{name}", NOTE, defect, text, MALFORMED, because, f"not a signed note: {says}", vkey=SIGNER.vkey.line)


def unsigned(name, defect, text, because="no signature line of this key"):
    says = f"the note is not signed by `{SIGNER.name}`"
    return vector(f"note_{name}", NOTE, defect, text, UNVERIFIED, because, says, vkey=SIGNER.vkey.line)


def wrong(name, defect, signature, because):
    """The good text under a signature line of this key."""
    text = SIGNED + line(signature) if isinstance(signature, bytes) else signature
    says = f"the signature of `{SIGNER.name}` is wrong"
    return vector(f"note_{name}", NOTE, defect, text, UNVERIFIED, because, says, vkey=SIGNER.vkey.line)


def notes():
    secret, message = SIGNER.secret, utf8(TEXT)
    sound = SIGNER.secret.sign(message)
    whole = line(sound)
    unpadded = whole.replace("=\n", "\n")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stray = unpadded[:-2] + alphabet[alphabet.index(unpadded[-2]) ^ 1] + "=\n"
    foreign = OTHER.line(TEXT)
    return [
        vector("note_good", NOTE, "none: the untouched note", GOOD, vkey=SIGNER.vkey.line),
        vector("note_foreign_line_good", NOTE, "none: a wrong line of another key is passed over",
               GOOD + line(bytes(64), b"\0\0\0\1", "example.org/else"), vkey=SIGNER.vkey.line),
        unsigned("second_signature", "two signature lines of the same key, both right", GOOD + whole,
                 "more than one signature line of this key"),
        unsigned("foreign_signature", "signed by another key only", SIGNED + foreign),
        unsigned("wrong_key_id", "the key hash in the signature line is that of another key",
                 SIGNED + line(sound, OTHER.vkey.hash)),
        wrong("text_changed", "one letter of the text differs from what was signed", GOOD.replace("first", "First"),
              "signature does not verify"),
        wrong("byte_order_mark", "a byte order mark before the text", "\ufeff" + GOOD, "signature does not verify"),
        wrong("noncanonical_s", "S + L for S: the equation holds", points.large_s(secret, message),
              "S of the signature is not canonical"),
        wrong("small_order_r", "R is the neutral point: the equation holds", points.neutral_r(secret, message),
              "R of the signature is of small order"),
        wrong("noncanonical_r", "R is the neutral point in its second encoding",
              points.neutral_r_encoded_twice(secret, message), "R of the signature is not a canonical point"),
        wrong("cofactored_signature", "the equation holds only when multiplied by eight",
              points.cofactored(secret, message), "signature does not verify"),
        wrong("short_signature", "a signature of 63 bytes", sound[:-1], "signature is not 64 bytes"),
        malformed("tab", "a tab in the signed text", SIGNER.sign(TEXT.replace(" ", "\t")), CONTROL,
                  "control character in the text"),
        malformed("next_line", "U+0085, a line end to some, in the signed text", SIGNER.sign(TEXT.replace(" ", "\x85")),
                  CONTROL, "control character in the text"),
        malformed("crlf", "every line ends with a carriage return and a line feed", GOOD.replace("\n", "\r\n"), EMPTY_LINE,
                  "note has no empty line after its text"),
        malformed("no_final_newline", "the last line feed is missing", GOOD[:-1], "the last line does not end",
                  "note does not end with a line feed"),
        malformed("empty_line_missing", "no empty line before the signature line", SIGNER.sign("a\n").replace("\n\n", "\n"),
                  EMPTY_LINE, "note has no empty line after its text"),
        malformed("empty_line_at_end_of_text", "the signed text ends in an empty line", SIGNER.sign("a\n\n"), UNFINISHED,
                  "text ends in an empty line"),
        malformed("no_text", "there is no text", "\n" + SIGNER.line(""), EMPTY_LINE,
                  "note has no empty line after its text"),
        malformed("no_signature", "there is no signature line", SIGNER.sign("a\n")[:3],
                  "the last line does not end", "empty field"),
        malformed("hyphen_for_dash", "a hyphen for the dash before the name", SIGNED + whole.replace(DASH, "-"), LINE,
                  "signature line does not begin with a dash"),
        malformed("no_padding", "base64 without its padding", SIGNED + unpadded, LINE, "not base64"),
        malformed("stray_base64_bits", "the unused bits of the last base64 character are not zero", SIGNED + stray, LINE,
                  "base64 is not in its one form"),
        malformed("hiding_character_in_a_name", "a zero-width space in the name of another key",
                  GOOD + line(bytes(64), b"\0\0\0\1", "a\u200bb"), LINE, "hiding character in a name"),
        malformed("seventeen_signatures", "seventeen signature lines", GOOD + line(bytes(64), b"\0\0\0\1", "x") * 16,
                  "more than 16 signature lines", "too many signature lines"),
    ]


def vkeys():
    good = SIGNER.vkey
    said = "expected one vkey: name+hash+key"

    def bad(name, defect, text, because):
        return vector(f"vkey_{name}", VKEY, defect, text, MALFORMED, because, said)

    def raw(content, name="example.org/device"):
        """A vkey line of any content behind the algorithm's byte, its hash right."""
        return f"{name}+{sha256(utf8(name) + bytes([10]) + content)[:4].hex()}+{tobase64(content)}"

    off_curve = next(y for y in range(2, 99) if points.ed.point(y.to_bytes(32, "little")) is None)
    return [
        vector("vkey_good", VKEY, "none: the untouched vkey", good.line),
        bad("wrong_key_id", "the key hash is that of another key", good.line.replace(good.hash.hex(), OTHER.vkey.hash.hex()),
            "key hash of the vkey is wrong"),
        bad("final_newline", "a line feed at its end", good.line + "\n", "not base64"),
        bad("other_algorithm", "another algorithm than Ed25519", raw(b"\4" + good.key), "not an Ed25519 vkey"),
        bad("hiding_character", "a soft hyphen in the name", Vkey("example.org/de\u00advice", good.key).line,
            "hiding character in a name"),
        bad("neutral_point", "the key is the neutral point", Vkey(good.name, points.NEUTRAL).line,
            "public key of small order"),
        bad("order_eight", "the key is a point of order eight", Vkey(good.name, points.encoded(points.order_eight())).line,
            "public key of small order"),
        bad("second_encoding", "a key of full order with p added to its y coordinate",
            Vkey(good.name, points.second_encoding()).line, "public key is not a canonical point"),
        bad("off_the_curve", "the key is no point of the curve", Vkey(good.name, off_curve.to_bytes(32, "little")).line,
            "public key is not a canonical point"),
    ]


def row_ids():
    hidden = "an id or name holds no space, separator, control or invisible character"

    def bad(name, defect, text, because="hiding character in a name", says=hidden):
        return vector(f"row_id_{name}", ROW_ID, defect, text, MALFORMED, because, says)

    return [
        vector("row_id_good", ROW_ID, "none: letters of any script", "Zeile-ü-日本語+1"),
        bad("empty", "nothing", "", "a name must have 1 to 128 bytes", "an id or name must not be empty"),
        bad("too_long", "129 bytes", "ü" * 64 + "u", "a name must have 1 to 128 bytes", "an id or name has at most 128 bytes"),
        bad("space", "a space, which would split a signed line", "mem 1"),
        bad("line_feed", "a line feed, which would begin a signed line", "mem-1\nlive"),
        bad("escape", "U+001B, which begins a terminal's commands", "mem\x1b[2K-1"),
        bad("next_line", "U+0085, a line end to some", "mem\x85-1"),
        bad("soft_hyphen", "U+00AD, which shows nothing", "mem\u00ad-1"),
        bad("zero_width_space", "U+200B, which shows nothing", "mem\u200b-1"),
        bad("line_separator", "U+2028, a line end to some", "mem\u2028-1"),
        bad("right_to_left_override", "U+202E, which shows the rest backwards", "mem\u202e-1"),
        bad("byte_order_mark", "U+FEFF before it", "\ufeffmem-1"),
    ]


def vectors():
    return vkeys() + row_ids() + notes()
