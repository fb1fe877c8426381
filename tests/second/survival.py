"""A survival table that was fitted to one vault and signed by its owner; what is a survival table, and how a chance is read."""

import dataclasses
import decimal
import tomllib

from forms import Bad, fields, has_control, hexed, need, number, parse_time, utf8
from note import open_note

FIRST_LINE = "stillgood/survival/v1"
KINDS = ("semantic", "episodic")
CATEGORIES = (
    "identity", "career", "interests", "relationships", "health", "finance", "learning", "travel", "productivity", "private",
)
DAY, LEVEL = 86_400_000, 5_000
MOST = {"days": 64, "tenure_days": 64, "attribute": 1_000}


@dataclasses.dataclass(frozen=True)
class Personal:
    """A personal table, verified."""

    vault: bytes
    at: int
    confirmed: int
    changed: int
    table: dict


def open_table(note, owner, vault=None):
    """Verify against the owner's vkey, then parse. Where a vault id is given, the table must be of that vault."""
    first, *lines = open_note(note, owner).split("\n", 4)
    need(first == FIRST_LINE, "another kind or version of note")
    need(len(lines) == 4, "no table after the head of the note")
    confirmed, changed = (number(field) for field in fields(lines[2], 2))
    found = Personal(hexed(lines[0], 16), parse_time(lines[1]), confirmed, changed, parse_table(lines[3]))
    need(vault in (None, found.vault), "the table is of another vault")
    return found


def parse_table(text):
    """The survival table in a TOML text: nothing missing, nothing left over, no chance that rises."""
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Bad(f"not TOML: {error}") from None
    members(table, {"days", "curve"}, {"tenure_days", "attribute", "made"})
    steps = begins(table, "days")
    tenures = begins(table, "tenure_days") if "tenure_days" in table else 1
    if "made" in table:
        members(table["made"], {"command", "from"}, set())
        need(isinstance(table["made"]["command"], str), "a command is text")
        need(all(isinstance(line, str) for line in listed(table["made"]["from"])), "sources are lines of text")
    names = [attribute(one, steps, tenures) for one in listed(table.get("attribute", []))]
    need(len(names) <= MOST["attribute"], "too many of attribute")
    need(len(set(names)) == len(names), "an attribute stands there twice")
    places = sorted(kind_and_category(one, steps) for one in listed(table["curve"]))
    need(places == sorted((kind, one) for kind in KINDS for one in (*CATEGORIES, "none")), "not one curve for each kind and category")
    return table


def members(table, needed, free):
    need(isinstance(table, dict), "not a table")
    need(needed <= table.keys() <= needed | free, "members missing or left over")


def listed(value):
    need(isinstance(value, list), "not a list")
    return value


def whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def begins(table, key):
    """How many steps or tenures there are: days from 0 on, ascending."""
    days = listed(table[key])
    need(len(days) <= MOST[key], f"too many of {key}")
    need(all(whole(day) for day in days), "a day is no whole number")
    need(days[:1] == [0] and all(a < b for a, b in zip(days, days[1:])), f"{key} does not begin with 0 and go up")
    return len(days)


def attribute(one, steps, tenures):
    members(one, {"name", "known", "unknown"}, {"source", "facts", "ended"})
    name = one["name"]
    need(isinstance(name, str) and 1 <= len(utf8(name)) <= 128 and not has_control(name), "no name of an attribute")
    source(one)
    facts, ended = one.get("facts", 0), one.get("ended", 0)
    need(whole(facts) and whole(ended) and 0 <= ended <= facts, "more facts ended than were watched")
    for key in ("known", "unknown"):
        curves = listed(one[key])
        need(len(curves) in (1, tenures), "neither one curve nor one for each tenure")
        for one_curve in curves:
            curve(one_curve, steps)
    return name


def kind_and_category(one, steps):
    members(one, {"kind", "category", "chance"}, {"source"})
    source(one)
    curve(one["chance"], steps)
    need(isinstance(one["kind"], str) and isinstance(one["category"], str), "kind and category are text")
    return one["kind"], one["category"]


def source(one):
    need(isinstance(one.get("source", ""), str), "a source is text")


def curve(chances, steps):
    need(len(listed(chances)) == steps, "not one chance for each step")
    need(all(whole(one) or isinstance(one, float) for one in chances), "a chance is no number")
    need(all(0 <= one <= 1 for one in chances), "a chance is not from 0 to 1")
    scores = [millionths(one) for one in chances]
    need(all(a >= b for a, b in zip(scores, scores[1:])), "a chance rises")


def millionths(chance):
    return decimal.Decimal(repr(chance)).quantize(decimal.Decimal("0.000001"), decimal.ROUND_HALF_EVEN)


@dataclasses.dataclass(frozen=True)
class Standing:
    """What a chance depends on beside time. The tenure, in milliseconds, is known, or the least that it can be."""

    attribute: str | None
    is_known: bool
    tenure: int
    kind: str
    categories: tuple


def chance(table, of, passed):
    """The chance, in millionths, that a row still holds so many milliseconds after its last confirmation."""
    day = max(passed, 0) // DAY
    return min(level(table["days"], one_curve, day) for one_curve in curves_of(table, of))


def curves_of(table, of):
    named = {one["name"]: one for one in table.get("attribute", [])}
    listed_as = named.get(of.attribute, named.get("*")) if of.attribute is not None else None
    if listed_as is not None:
        curves = listed_as["known" if of.is_known else "unknown"]
        begun = [begin for begin in table.get("tenure_days", [0]) if begin * DAY <= max(of.tenure, 0)]
        return [curves[0] if len(curves) == 1 else curves[len(begun) - 1]]
    places = {(of.kind, category) for category in of.categories or ("none",)}
    return [one["chance"] for one in table["curve"] if (one["kind"], one["category"]) in places]


def level(days, chances, day):
    """The chance on a day, to half a hundredth."""
    step = max(place for place, begin in enumerate(days) if begin <= day)
    now = int(millionths(chances[step]) * 1_000_000)
    if step + 1 < len(days):
        then = int(millionths(chances[step + 1]) * 1_000_000)
        now -= (now - then) * (day - days[step]) // (days[step + 1] - days[step])
    return (now + LEVEL // 2) // LEVEL * LEVEL
