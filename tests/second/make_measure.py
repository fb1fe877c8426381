"""Makes tests/vectors/measure.json: facts, the rows that the protocol makes of them, what each method says of them, and how good
that is; all worked out from the definitions, the figures pair by pair and row by row.

    python3 make_measure.py

Figures are compared to nine places, so the last bits of powers and logarithms do not matter.
"""

import datetime
import hashlib
import json
import math
import os

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 1
DAY = 86_400_000
YEAR = 31_557_600_000
MASK = 2**64 - 1


def eight(text):
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


class Draws:
    """SplitMix64, begun at a hash."""

    def __init__(self, purpose, index):
        self.state = eight(f"{SEED}/{purpose}/{index}")

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def share(self):
        return (self.next() >> 11) / 2**53

    def below(self, count):
        return self.next() * count >> 64

    def waiting(self, rate):
        return -math.log(1 - self.share()) / rate


def millis(year, month=1, day=1):
    return (datetime.date(year, month, day).toordinal() - datetime.date(1970, 1, 1).toordinal()) * DAY


# --- facts: sixteen subjects, three attributes that change at different rates

facts = []
left_out = {"without_start": 0, "ends_first": 0, "without_end": 0, "unseen": 0}
lines = []
number = 0
for subject in range(16):
    for attribute, years in (("employer", 4), ("home", 9), ("team", 1)):
        draws = Draws(f"fact {attribute}", subject)
        year = 1960 + draws.below(30)
        for _ in range(2 + draws.below(4)):
            length = int(draws.waiting(1 / years))
            end = year + length
            line = {"subject": f"s{subject}", "attribute": attribute, "value": f"v{number}", "start_year": year, "end_year": end}
            if number % 17 == 5:
                line["end_year"] = None
            if number % 29 == 7:
                line["start_year"] = None
            if line["start_year"] is None:
                left_out["without_start"] += 1
            elif line["end_year"] is None:
                left_out["without_end"] += 1
            elif line["end_year"] <= line["start_year"]:
                left_out["ends_first"] += 1
            else:
                facts.append((number, f"s{subject}", attribute, millis(year), millis(end + 1)))
            lines.append(json.dumps(line))
            number += 1
            year = end + draws.below(2)

# --- rows

rows = []
for place, (line, subject, attribute, start, end) in enumerate(facts):
    stated = start + int(eight(f"{SEED}/{line}") / 2**64 * (end - start))
    for quarters in (1, 2, 4, 8, 12, 20, 40):
        asked = stated + quarters * YEAR // 4
        rows.append((place, subject, attribute, stated - start, stated, asked, asked < end))


def fold(subject):
    return hashlib.sha256(subject.encode()).digest()[0] % 5


# --- methods, each a list of chances


def by_fold(fit, chance, seen=lambda training: training):
    fits = [fit(seen([fact for fact in facts if fold(fact[1]) != k])) for k in range(5)]
    return [chance(fits[fold(row[1])], row[2], row[3] / YEAR, (row[5] - row[4]) / YEAR) for row in rows]


def watched(training):
    """From sixteen moments in each fact, which together count as one: attribute, from and until in years, weight."""
    found = []
    for *_, attribute, start, end in training:
        for moment in range(16):
            found.append((attribute, (end - start) * (2 * moment + 1) // 32 / YEAR, (end - start) / YEAR, 1 / 16))
    return found


def whole(training):
    return [(attribute, 0, (end - start) / YEAR, 1) for *_, attribute, start, end in training]


def one_hazard(spells):
    return sum(weight for *_, weight in spells) / sum(weight * (until - since) for _, since, until, weight in spells)


def attribute_hazards(spells):
    general = one_hazard(spells)
    found = {}
    for attribute in {spell[0] for spell in spells}:
        own = [spell for spell in spells if spell[0] == attribute]
        ended, years = sum(spell[3] for spell in own), sum(spell[3] * (spell[2] - spell[1]) for spell in own)
        found[attribute] = (ended + 5) / (years + 5 / general)
    return found


TENURES = [
    0, 91, 183, 274, 365, 457, 548, 639, 731, 913, 1096, 1278, 1461, 1826, 2192, 2557, 2922, 3653, 4383, 5479, 7305, 10958,
]
BANDS = [days * DAY / YEAR for days in TENURES]
ENDS = BANDS[1:] + [math.inf]


def life_table(spells):
    def counts(some):
        seen = []
        for begin, end in zip(BANDS, ENDS):
            ended = sum(weight for _, _, until, weight in some if begin < until <= end)
            years = sum(weight * max(0, min(until, end) - max(since, begin)) for _, since, until, weight in some)
            seen.append((ended, years))
        return seen

    general = [(ended + 0.5) / (years + 5) for ended, years in counts(spells)]
    found = {}
    for attribute in {spell[0] for spell in spells}:
        own = counts([spell for spell in spells if spell[0] == attribute])
        expected = sum(years * rate for (_, years), rate in zip(own, general))
        relative = (sum(ended for ended, _ in own) + 5) / (expected + 5)
        found[attribute] = [(ended + 5) / (years + 5 / (relative * rate)) for (ended, years), rate in zip(own, general)]
    return found


def life_chance(rates, attribute, held_for, gap):
    inside = (max(0, min(held_for + gap, end) - max(held_for, begin)) for begin, end in zip(BANDS, ENDS))
    return math.exp(-sum(years * rate for years, rate in zip(inside, rates[attribute])))


def lengths(training):
    found = {"": []}
    for *_, attribute, start, end in training:
        found.setdefault(attribute, []).append((end - start) / YEAR)
        found[""].append((end - start) / YEAR)
    return found


def lengths_chance(found, attribute, held_for, gap):
    def tail(name, years):
        longer = [1 / length for length in found[name] if length > years]
        return sum(longer), len(longer)

    now, _ = tail("", held_for)
    general = tail("", held_for + gap)[0] / now if now else 0.5
    now, count = tail(attribute, held_for)
    if not count:
        return general
    prior = 5 * now / count
    return (tail(attribute, held_for + gap)[0] + prior * general) / (now + prior)


def retrievals(line, limit):
    draws = Draws("retrievals", line)
    rate = (1 / 365) ** draws.share()
    times, time = [], draws.waiting(rate)
    while time < limit:
        times.append(time)
        time += draws.waiting(rate)
    return times


W = [0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629, 1.6483,
     0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542]
FACTOR = 0.9 ** (-1 / W[20]) - 1


def recalled(stability, days):
    return (1 + FACTOR * days / stability) ** -W[20]


def start_difficulty(grade):
    return W[4] - math.exp(W[5] * (grade - 1)) + 1


def good(stability, difficulty, days):
    if days < 1:
        after = stability * max(1, math.exp(W[17] * W[18]) * stability ** -W[19])
    else:
        gain = math.exp(W[8]) * (11 - difficulty) * stability ** -W[9] * (math.exp(W[10] * (1 - recalled(stability, days))) - 1)
        after = stability * (1 + gain)
    toward = W[7] * start_difficulty(4) + (1 - W[7]) * difficulty
    return min(36500, max(0.001, after)), min(10, max(1, toward))


def fsrs(times, asked):
    stability, difficulty, last = W[2], min(10, max(1, start_difficulty(3))), 0
    for time in times:
        stability, difficulty = good(stability, difficulty, time - last)
        last = time
    return recalled(stability, asked - last)


def access(chance):
    found = []
    for place, _, _, _, stated, asked, _ in rows:
        days = (asked - stated) / DAY
        found.append(chance(retrievals(facts[place][0], days), days))
    return found


def activation(times, asked):
    trace = sum(max(asked - time, 1 / 86400) ** -0.5 for time in [0.0] + times)
    return 1 / (1 + math.exp(-math.log(trace) / 0.4))


def latest(place, subject, attribute, _, stated, asked, held):
    others = {row[4] for row in rows if row[1] == subject and row[2] == attribute and row[0] != place}
    return 0.0 if any(stated < other <= asked for other in others) else 1.0


methods = {
    "always live": [1.0] * len(rows),
    "0.995 per hour": [0.995 ** ((row[5] - row[4]) / 3_600_000) for row in rows],
    "live for 365 days": [1.0 if row[5] - row[4] <= 365 * DAY else 0.0 for row in rows],
    "0.995 per hour since retrieval": access(lambda times, asked: 0.995 ** (24 * (asked - ([0.0] + times)[-1]))),
    "base-level activation": access(activation),
    "FSRS-6 on retrieval": access(fsrs),
    "FSRS-6, never confirmed": [recalled(W[2], (row[5] - row[4]) / DAY) for row in rows],
    "latest wins": [latest(*row) for row in rows],
    "one hazard": by_fold(one_hazard, lambda rate, a, held_for, gap: math.exp(-rate * gap), watched),
    "a hazard for each attribute": by_fold(
        attribute_hazards, lambda rates, a, held_for, gap: math.exp(-rates[a] * gap), watched
    ),
    "attribute x tenure, whole facts": by_fold(life_table, life_chance, whole),
    "attribute x tenure": by_fold(life_table, life_chance, watched),
    "lengths of past facts": by_fold(lengths, lengths_chance),
}

# --- figures


def figures(chances, chosen):
    """Of rows by their places; one may stand there several times."""
    pairs = [(chances[place], rows[place][6]) for place in chosen]
    count = len(pairs)
    held = sum(h for _, h in pairs)
    share = held / count
    good_ones, bad_ones = [p for p, h in pairs if h], [p for p, h in pairs if not h]
    wins = sum(a > b for a in good_ones for b in bad_ones)
    ties = sum(a == b for a in good_ones for b in bad_ones)
    auc = (wins + ties / 2) / (len(good_ones) * len(bad_ones)) if good_ones and bad_ones else None
    inside = [(min(1 - 1e-4, max(1e-4, p)), h) for p, h in pairs]
    log_loss = -sum(math.log(p if h else 1 - p) for p, h in inside) / count
    brier = sum((p - h) ** 2 for p, h in pairs) / count
    pairs.sort(key=lambda pair: pair[0])
    part = max(1, math.floor(count / 15 + 0.5))
    ece = reliability = resolution = 0
    begin = 0
    while begin < count:
        end = min(count, begin + part)
        while end < count and pairs[end][0] == pairs[end - 1][0]:
            end += 1
        some = pairs[begin:end]
        p, h = sum(pair[0] for pair in some) / len(some), sum(pair[1] for pair in some) / len(some)
        ece += len(some) * abs(p - h) / count
        reliability += len(some) * (p - h) ** 2 / count
        resolution += len(some) * (h - share) ** 2 / count
        begin = end
    most = 0
    for level in sorted({p for p, _ in pairs}):
        live = [h for p, h in pairs if p >= level]
        if live.count(False) <= 0.05 * len(live):
            most = max(most, len(live))
    leaks, retired = [], []
    for asked in (0.25, 0.5, 0.75):
        limit = asked * count
        gone_held = gone = 0
        for level in sorted({p for p, _ in pairs}):
            group = [h for p, h in pairs if p == level]
            taken = min(len(group), limit - gone)
            gone_held += taken * sum(group) / len(group)
            gone += taken
        leaks.append((count - held - (gone - gone_held)) / (count - limit))
        retired.append(gone_held / limit)
    return [share, auc, log_loss, brier, reliability, resolution, share * (1 - share), ece, 1 - most / count, *leaks, *retired]


everything = range(len(rows))
subjects = list(dict.fromkeys(row[1] for row in rows))
places = {subject: [place for place, row in enumerate(rows) if row[1] == subject] for subject in subjects}


def resample(number):
    draws = Draws("bootstrap", number)
    chosen = []
    for _ in subjects:
        chosen += places[subjects[draws.below(len(subjects))]]
    return chosen


first_resample = resample(0)
text = {
    "facts": lines,
    "left_out": left_out,
    "rows": [{"stated": row[4], "asked": row[5], "tenure": row[3], "held": row[6], "fold": fold(row[1])} for row in rows],
    "methods": [
        {
            "name": name,
            "chances": [float(f"{chance:.12g}") for chance in chances],
            "figures": figures(chances, everything),
            "first_resample": figures(chances, first_resample),
        }
        for name, chances in methods.items()
    ],
}
reviews = []
stability, difficulty = W[2], min(10, max(1, start_difficulty(3)))
for days in (3.0, 0.2, 30.0, 400.0, 0.0, 1.0):
    stability, difficulty = good(stability, difficulty, days)
    reviews.append([days, stability, difficulty, recalled(stability, 365)])
text["reviews"] = reviews
with open(os.path.join(HERE, "../vectors/measure.json"), "w", encoding="utf-8") as out:
    out.write(json.dumps(text, separators=(",", ":")) + "\n")
print(len(lines), "facts,", len(rows), "rows,", len(subjects), "subjects,", left_out)
