"""What may differ between a head and the one before it: with an entry of the log, and without."""

from entry import OWNERS, LATER
from forms import need

CHANGED, INTACT = 2, 1
SUPERSEDES, SUPERSEDED, CONTRADICTS = 0, 1, 2
BY_OWNER, FROM_USER = 2, 1


def _ties(items, change):
    """The ties of a head, those named by `change` become another kind or go. {(kind, row): new kind or None}"""
    kept = {(kind, row): by for kind, row, by in items[21] if (kind, row) not in change}
    kept.update({(new, row): BY_OWNER for (_, row), new in change.items() if new is not None})
    return [[kind, row, by] for (kind, row), by in sorted(kept.items(), key=lambda tie: (tie[0][0], tie[0][1].encode()))]


def _won(items):
    """The owner spoke for the row: it takes the place of whatever contradicted or replaced it."""
    return _ties(items, {(kind, row): SUPERSEDES for kind, row, _ in items[21] if kind in (CONTRADICTS, SUPERSEDED)})


def made(word, at, items):
    """The items that an earning of this word makes, but for 1 and 28. Of a correct the new body is missing."""
    after = list(items)
    if word in OWNERS[:2]:
        after[12], after[13], after[14] = at, items[13] + 1, False
        after[20] = INTACT if items[20] == CHANGED else items[20]
        after[21] = _won(items)
        # What is confirmed holds now, whatever beginning or end its record named.
        after[17] = None if items[17] is not None and items[17] > at else items[17]
        after[18] = None if items[18] is not None and items[18] <= at else items[18]
    if word == "correct":
        after[6], after[9], after[11], after[13], after[15] = FROM_USER, BY_OWNER, at, 1, None
        after[17], after[18], after[19], after[22], after[25] = None, None, False, [None] * 8, None
    if word == "deny":
        after[14] = True
        after[21] = _ties(items, {(kind, row): SUPERSEDED for kind, row, _ in items[21] if kind == CONTRADICTS})
    if word in LATER or word == "ask":
        after[16] = at
    if word == "observe":
        after[15] = at
    return after


def settled(word, row, items):
    """The items that the head of a row has once its ties to another row are settled, but for 1 and 28."""
    kinds = (CONTRADICTS,) if word == "deny" else (CONTRADICTS, SUPERSEDES)
    named = [kind for kind, other, _ in items[21] if other == row and kind in kinds]
    need(named, "a tie is settled that is not there")
    after = list(items)
    after[21] = _ties(items, {(kind, row): SUPERSEDES if word == "deny" else SUPERSEDED for kind in named})
    return after


def check_made(expected, word, before, after):
    """Whether a head is what an entry makes of the one before it. `word` is None for a settled row."""
    expected = list(expected)
    expected[1], expected[28] = after[1], after[28]
    if word == "correct":
        need(after[24] == after[1] and after[26:28] != before[26:28], "a correction without a text of its own")
        expected[23], expected[24], expected[26:28] = after[23], after[24], after[26:28]
    if word == "recheck":
        expected[19], expected[22] = after[19], after[22]
    if word not in ("ask", *OWNERS[:2]) and after[20] == CHANGED:
        expected[20] = CHANGED
    need(expected == after, "head is not what its entry makes of the head before")


def check_free(before, after):
    """Check a head that no entry made against the one before it."""
    # What was confirmed and seen again was the old text; a denial stays until the owner lifts it.
    edited = before[26:28] != after[26:28]
    expected = [None, 0, before[14], None, before[16]] if edited else before[12:17]
    need(after[12:17] == expected, "confirmation, denial, observation or question without an entry")
    need(edited or after[11] == before[11], "the same text is stated at another time")
    ties = {(kind, row) for kind, row, _ in after[21]}
    kept = {(kind, row) for kind, row, _ in before[21] if kind in (SUPERSEDED, CONTRADICTS)}
    need(kept <= ties, "a tie that holds the row back is dropped without an entry")
    need(after[20] >= before[20], "parents are said to be sound without an entry")


def check_first(items):
    """Check the first head of a row."""
    need(items[28] is None, "first head names a head before it")
    need(items[12:17] == [None, 0, False, None, None], "first head is already confirmed, denied, observed or asked about")
