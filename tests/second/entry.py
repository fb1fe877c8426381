"""What stands in the entries of a log that are no decisions, and what each can be found by."""

import dataclasses

from forms import MAX_EPOCH, MAX_GENERATION, fields, hexed, key_name, label, need, number, optional, parse_time, utf8
from note import body_lines

MAX_PLACED, MAX_ASKED, MAX_SETTLED, MAX_HEADS = 4_096, 64, 256, 700
WORDS = ("confirm", "correct", "deny", "dont-know", "later", "observe", "recheck")
OWNERS, LATER = ("confirm", "correct", "deny"), ("dont-know", "later")
SOURCES = ("thread", "user", "document", "data")
# Who may sign an entry: the owner; a listed key of any role; a decider.
OWNER, ANY, DECIDER = "owner", "any", "decider"


def _digest(text):
    return hexed(text, 32)


def _id(text):
    return hexed(text, 16)


def _generation(text):
    return number(text, 1, MAX_GENERATION)


def _mark(epoch, mark):
    return number(epoch, 1, MAX_EPOCH), _digest(mark)


@dataclasses.dataclass(frozen=True)
class Move:
    """From a sealed head to the one that follows it: generation and digest of each."""

    old: tuple
    new: tuple


def parse_move(line):
    old, old_digest, new, new_digest = fields(line, 4)
    found = Move((_generation(old), _digest(old_digest)), (_generation(new), _digest(new_digest)))
    need(found.new[0] == found.old[0] + 1, "a move to another generation than the next")
    return found


@dataclasses.dataclass(frozen=True)
class Said:
    """An entry. What a kind does not say is None or empty; `keys` is what it can be found by."""

    kind: str
    vault: bytes
    at: int
    signers: tuple
    keys: frozenset
    moves: tuple = ()
    heads: tuple = ()
    decision: str | None = None
    mark: tuple | None = None
    word: str | None = None
    who: str | None = None
    challenge: bytes | None = None
    source: str | None = None
    placed: tuple = ()
    head: tuple | None = None
    policies: tuple | None = None
    before: bytes | None = None
    generation: int | None = None


def _use(vault, lines):
    need(len(lines) == 4, "a use has 6 lines")
    decision, mark = _id(lines[1]), _mark(*fields(lines[2], 2))
    placed = () if lines[3] == "-" else tuple(number(part, 1) for part in lines[3].split(","))
    need(all(a < b for a, b in zip(placed, placed[1:])), "numbers of rulings not ascending or twice")
    need(len(placed) <= MAX_PLACED, "more than 4,096 rulings")
    return Said("use", vault, parse_time(lines[0]), (ANY,), frozenset((mark[1], decision)),
                decision=decision.hex(), mark=mark, placed=placed)


def _ask(vault, lines):
    need(3 <= len(lines) <= 2 + MAX_ASKED, "an ask has 1 to 64 moves")
    moves = tuple(parse_move(line) for line in lines[2:])
    return Said("ask", vault, parse_time(lines[0]), (OWNER, ANY), frozenset(move.new[1] for move in moves),
                moves=moves, decision=_id(lines[1]).hex())


def _opening(vault, lines):
    need(len(lines) == 2, "an opening has 4 lines")
    generation, digest = fields(lines[1], 2)
    head = (_generation(generation), _digest(digest))
    return Said("opening", vault, parse_time(lines[0]), (OWNER, ANY), frozenset((head[1],)), head=head)


def _earning(vault, lines):
    need(5 <= len(lines) <= 5 + MAX_SETTLED, "an earning has 1 to 257 moves")
    (word, at), (decision, challenge) = fields(lines[0], 2), fields(lines[2], 2)
    source, epoch, mark = fields(lines[3], 3)
    need(word in WORDS, "unknown word")
    need((decision == "-") == (challenge == "-"), "a decision without a challenge, or the other way round")
    need(word not in LATER or decision != "-", "no answer to no question")
    need(len({part == "-" for part in (source, epoch, mark)}) == 1, "half a source")
    need((source != "-") == (word == "observe"), "a source where none belongs, or none where one does")
    need(source == "-" or source in SOURCES, "unknown source")
    moves = tuple(parse_move(line) for line in lines[4:])
    need(word in OWNERS or len(moves) == 1, "only an answer of the owner settles ties")
    settled = [move.old[1] for move in moves[1:]]
    need(all(a < b for a, b in zip(settled, settled[1:])), "settled rows not ascending or twice")
    answered = optional(_digest, challenge)
    return Said(
        "earning", vault, parse_time(at), (OWNER,) if word in OWNERS else (OWNER, ANY),
        frozenset([*(move.new[1] for move in moves), *([answered] if answered else [])]), moves=moves,
        decision=None if decision == "-" else _id(decision).hex(), mark=None if source == "-" else _mark(epoch, mark),
        word=word, who=key_name(lines[1]), challenge=answered, source=optional(str, source),
    )


def _policies(vault, lines):
    need(len(lines) == 3, "a policies entry has 5 lines")
    name, version, digest = fields(lines[1], 3)
    return Said("policies", vault, parse_time(lines[0]), (DECIDER,), frozenset((utf8(POLICIES),)),
                policies=(label(name), number(version), _digest(digest)), before=optional(_digest, lines[2]))


def _forgetting(vault, lines):
    need(3 <= len(lines) <= 3 + MAX_HEADS, "a forgetting has 5 to 705 lines")
    mark = _mark(*fields(lines[1], 2))
    heads = tuple((_generation(generation), _digest(digest)) for generation, digest in (fields(line, 2) for line in lines[3:]))
    need(all(a[0] < b[0] for a, b in zip(heads, heads[1:])), "heads that are gone not ascending or twice")
    need(not heads or heads[-1][0] <= _generation(lines[2]), "a head that is gone after the last generation")
    return Said("forgetting", vault, parse_time(lines[0]), (OWNER,), frozenset((mark[1], utf8(FORGETTING))),
                mark=mark, generation=_generation(lines[2]), heads=heads)


POLICIES, FORGETTING = "stillgood/policies/v1", "stillgood/forgetting/v1"
KINDS = {
    "stillgood/use/v1": _use, "stillgood/ask/v1": _ask, "stillgood/opening/v1": _opening,
    "stillgood/earning/v1": _earning, POLICIES: _policies, FORGETTING: _forgetting,
}


def parse_entry(text):
    """Parse the text of an entry's note. The caller verifies the note, and that one of `signers` signed it."""
    first, *lines = body_lines(text)
    need(first in KINDS, "log entry of no known kind")
    need(lines, "log entry without a vault id")
    return KINDS[first](_id(lines[0]), lines[1:])
