"""Change a good bundle in every place and see that each change is refused."""

import json

import decision
from forms import Bad, tobase64
from note import DASH, split

DIGITS, LOWER, UPPER = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def others(character):
    """A few other characters: one of the same class, which keeps the form where it can, and one foreign."""
    for group in (DIGITS, LOWER, UPPER):
        if character in group:
            same = group[(group.index(character) + 1) % len(group)]
            foreign = character.swapcase() if character.swapcase() != character else "a"
            return same, foreign
    return ("_" if character != "_" else "-"), "x"


class Tally:
    """Counts changes that were refused and lists those that were accepted though they must not be."""

    def __init__(self, vkey):
        self.vkey = vkey
        self.refused, self.passed, self.wrong = {}, 0, []

    def _accepted(self, run, argument):
        try:
            run(*argument, self.vkey)
        except Bad:
            return False
        return True

    def must_fail(self, group, what, note, leaves):
        self._note(group, what, self._accepted(decision.verify, (note, leaves)))

    def must_fail_file(self, group, what, data):
        self._note(group, what, self._accepted(decision.verify_bundle, (data,)))

    def _note(self, group, what, accepted):
        if accepted:
            self.wrong.append(f"accepted: {group}: {what}")
        else:
            self.refused[group] = self.refused.get(group, 0) + 1

    def must_pass(self, what, note, leaves):
        if self._accepted(decision.verify, (note, leaves)):
            self.passed += 1
        else:
            self.wrong.append(f"refused, though it must still verify: {what}")


def spots(text):
    """Every one-character change of a text: (what, changed text)."""
    for place, character in enumerate(text):
        for other in others(character):
            yield f"character {place} {character!r} to {other!r}", text[:place] + other + text[place + 1 :]
        shorter = text[:place] + text[place + 1 :]
        yield f"character {place} {character!r} dropped", shorter


def foreign_line(name, key_hash, size=64):
    return f"{DASH} {name} {tobase64(key_hash + bytes(size))}\n"


def _own_part(note, vkey):
    """The note without signature lines of other keys: those a verifier passes over."""
    own = [
        f"{DASH} {name} {tobase64(key_hash + value)}\n"
        for name, key_hash, value in split(note)[1]
        if (name, key_hash) == (vkey.name, vkey.hash)
    ]
    return note[: note.rfind("\n\n") + 2] + "".join(own)


def tamper_note(tally, note, leaves):
    """Changes of the note."""
    for what, changed in spots(note):
        tally.must_fail("note, one character", what, changed, leaves)
    place = note.rfind("\n\n") + 2
    text, line = note[: place - 1], note[place:]
    stray = line.replace("=\n", "\n").rstrip("\n")
    alphabet = UPPER + LOWER + DIGITS + "+/"
    bumped = stray[:-1] + alphabet[alphabet.index(stray[-1]) ^ 1] + "=\n"
    cases = {
        "last line feed dropped": note[:-1],
        "line feed added": note + "\n",
        "carriage returns": note.replace("\n", "\r\n"),
        "carriage return before the last line feed": note[:-1] + "\r\n",
        "tab in the text": note.replace("/", "\t/", 1),
        "tab before the signature": text + "\n" + line.replace(" ", "\t", 1),
        "space at the end of a line": note.replace("\n", " \n", 1),
        "byte order mark": "\ufeff" + note,
        "control character": "\x7f" + note,
        "lone surrogate": "\ud800" + note,
        "extra line in the text": text + "extension\n\n" + line,
        "empty line in the text": text + "\n\n" + line,
        "no signature line": text + "\n",
        "no empty line": text + line,
        "own line twice": note + line,
        "hyphen for the dash": text + "\n" + line.replace(DASH, "-"),
        "padding dropped": text + "\n" + stray + "\n",
        "stray base64 bits": text + "\n" + bumped,
        "signature of zeros": text + "\n" + foreign_line(tally.vkey.name, tally.vkey.hash),
        "signature one byte longer": text + "\n" + foreign_line(tally.vkey.name, tally.vkey.hash, 65),
        "own key hash, another name": text + "\n" + line.replace(tally.vkey.name, tally.vkey.name + "x", 1),
        "malformed line of another key": note + f"{DASH} other !\n",
        "seventeen signature lines": note + foreign_line("other", b"\0\0\0\1") * 16,
        "only a line of an unknown key": text + "\n" + foreign_line("other", b"\0\0\0\1"),
        "larger than a note may be": note + foreign_line("other", b"\0\0\0\1", 1 << 20),
    }
    for what, changed in cases.items():
        tally.must_fail("note, structure", what, changed, leaves)
    tally.must_pass("second line by an unknown key", note + foreign_line("other", b"\0\0\0\1"), leaves)
    tally.must_pass("line of an unknown key first", text + "\n" + foreign_line("other", b"\0\0\0\1") + line, leaves)
    tally.must_pass("own name, another key hash", note + foreign_line(tally.vkey.name, b"\0\0\0\1"), leaves)


def tamper_leaves(tally, note, leaves):
    """Changes of the leaves. Hashes of unchanged leaves are remembered, so each change costs one path."""
    for place, leaf in enumerate(leaves):
        before, after = leaves[:place], leaves[place + 1 :]
        for what, changed in spots(leaf):
            tally.must_fail("leaf, one character", f"leaf {place} {what}", note, [*before, changed, *after])
        cases = {
            "dropped": [],
            "twice": [leaf, leaf],
            "emptied": [""],
            "upper case": [leaf.upper()],
            "space at its end": [leaf + " "],
            "line feed at its end": [leaf + "\n"],
            "tab for its first space": [leaf.replace(" ", "\t", 1)],
            "another version": [leaf.replace("/v1 ", "/v2 ", 1)],
            "lone surrogate": [leaf + "\udfff"],
        }
        for what, instead in cases.items():
            tally.must_fail("leaf, structure", f"leaf {place} {what}", note, [*before, *instead, *after])
        if after and after[0] != leaf:
            tally.must_fail("leaf, structure", f"leaf {place} swapped with the next", note, [*before, after[0], leaf, *after[1:]])
    lists = {
        "no leaf": [], "header only": leaves[:1] if len(leaves) > 1 else [], "header dropped": leaves[1:],
        "leaf appended": [*leaves, "stillgood/ruling/v1"], "last leaf appended again": [*leaves, leaves[-1]],
        "all leaves twice": leaves + leaves, "two leaves joined": ["".join(leaves[:2]), *leaves[2:], "x"],
    }
    if leaves[::-1] != leaves:
        lists["leaves reversed"] = leaves[::-1]
    for what, changed in lists.items():
        tally.must_fail("leaves, structure", what, note, changed)


def tamper_file(tally, note, leaves):
    """Changes of the JSON around note and leaves."""
    good = json.dumps({"note": note, "leaves": leaves})
    inner = good[1:-1]
    other = json.dumps(note + "x")
    cases = {
        "member added": f'{{{inner}, "more": 1}}', "note twice": f'{{{inner}, "note": {other}}}',
        "note twice, good one last": f'{{"note": {other}, {inner}}}', "no leaves": json.dumps({"note": note}),
        "no note": json.dumps({"leaves": leaves}), "bytes after the object": good + "{}", "half": good[: len(good) // 2],
        "byte order mark": "\ufeff" + good, "an array": f"[{good}]", "note a number": json.dumps({"note": 1, "leaves": leaves}),
        "leaves a text": json.dumps({"note": note, "leaves": "\n".join(leaves)}),
        "leaf a number": json.dumps({"note": note, "leaves": [*leaves[:-1], 1]}),
        "leaf null": json.dumps({"note": note, "leaves": [*leaves, None]}),
        "member name in upper case": good.replace('"note"', '"NOTE"', 1),
        "nested deeply": "[" * 100_000, "nothing": "",
    }
    for what, changed in cases.items():
        tally.must_fail_file("file", what, changed.encode())
    tally.must_fail_file("file", "not UTF-8", good.encode() + b"\xff")


def run(data, vkey):
    """Tamper with a good bundle. Returns the tally; raises Bad if the bundle itself is not good."""
    note, leaves = decision.parse_bundle(data)
    decision.verify(note, leaves, vkey)
    tally = Tally(vkey)
    own = _own_part(note, vkey)
    tally.must_pass("as it is, without lines of other keys", own, leaves)
    tamper_note(tally, own, leaves)
    tamper_leaves(tally, own, leaves)
    tamper_file(tally, own, leaves)
    return tally
