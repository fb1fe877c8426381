"""The hostile vectors: one input per file of tests/hostile, named subject_defect, with what must become of it.

A file is a head of `key: value` lines, an empty line, and the input. Keys:

  defect    what is wrong, in one sentence
  do        one of DO: what a reader is asked to do with the input
  ...       with which keys, row or head; a key that may hold several lines stands once for each
  expected  `accepted`, or the class of the refusal
  says      the words of the program, exactly; of a vault that opens, one line for each finding
  because   the words of this implementation, exactly
  input     text: as it stands; hex or base64: of the bytes, broken into lines
"""

import base64
import dataclasses
import os

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "hostile")
# How many there are. tests/it/hostile.rs asserts the same number.
COUNT = 455

ACCEPTED = "accepted"
NOT_OUR_KEY, NOT_THIS_ROW, DAMAGED, OLDER = "not our key", "not this row", "damaged", "older than seen"
UNVERIFIED, MALFORMED, OTHER_VAULT, FORKED = "does not verify", "malformed", "not this vault", "another history"

VKEY, ROW_ID, NOTE = "read the vkey", "read the row id", "verify the note"
RING = "open the key ring and unlock it"
HEAD, BODY, EVIDENCE = "open the head", "open the body", "open the evidence"
BUNDLE, VAULT, PIN = "verify the decision", "verify the vault", "check the vault against the pin"
DO = (VKEY, ROW_ID, NOTE, RING, HEAD, BODY, EVIDENCE, BUNDLE, VAULT, PIN)
WIDTH = 120


@dataclasses.dataclass(frozen=True)
class Vector:
    """One input. `keys` maps names to texts; `says` is a tuple of lines."""

    name: str
    defect: str
    do: str
    keys: dict
    expected: str
    says: tuple
    because: str
    data: bytes


def vector(name, do, defect, data, expected=ACCEPTED, because="", says=None, **keys):
    """A vector. The program says the class itself where nothing else is given."""
    if says is None:
        says = () if expected == ACCEPTED else (expected,)
    says = (says,) if isinstance(says, str) else tuple(says)
    data = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return Vector(name, defect, do, keys, expected, says, because, data)


def _plain(data):
    """Whether the bytes can stand as they are: lines of visible characters that end, and nothing hidden."""
    try:
        text = data.decode("ascii", "strict") if "—".encode() not in data else data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return text.endswith("\n") and all(" " <= c <= "~" or c in "\n—" for c in text)


def _broken(text):
    return "".join(text[at : at + WIDTH] + "\n" for at in range(0, len(text), WIDTH))


def write(one):
    """The bytes of a vector's file."""
    form = "text" if _plain(one.data) else "hex" if one.do in (HEAD, BODY, EVIDENCE) else "base64"
    lines = [("defect", one.defect), ("do", one.do), *one.keys.items(), ("expected", one.expected)]
    lines += [("says", line) for line in one.says]
    lines += [("because", one.because)] if one.because else []
    lines.append(("input", form))
    for key, value in lines:
        assert value.isprintable() and value.strip() == value and value, (one.name, key, value)
    head = "".join(f"{key}: {value}\n" for key, value in lines) + "\n"
    body = {
        "text": lambda: one.data, "hex": lambda: _broken(one.data.hex()).encode(),
        "base64": lambda: _broken(base64.b64encode(one.data).decode()).encode(),
    }
    return head.encode() + body[form]()


def read(name, data):
    """A vector from the bytes of its file."""
    head, _, body = data.partition(b"\n\n")
    lines = [tuple(line.split(": ", 1)) for line in head.decode().split("\n")]
    says = tuple(value for key, value in lines if key == "says")
    keys = {key: value for key, value in lines if key != "says"}
    assert len(keys) + len(says) == len(lines), f"{name}: a key stands twice"
    form, defect, do, expected = (keys.pop(key) for key in ("input", "defect", "do", "expected"))
    because = keys.pop("because", "")
    if form != "text":
        text = body.decode().replace("\n", "")
        body = bytes.fromhex(text) if form == "hex" else base64.b64decode(text, validate=True)
    return Vector(name, defect, do, keys, expected, says, because, body)


def read_all():
    """Every vector there is, by reading the directory."""
    found = []
    for name in sorted(os.listdir(FOLDER)):
        with open(os.path.join(FOLDER, name), "rb") as file:
            found.append(read(name, file.read()))
    return found
