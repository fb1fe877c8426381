"""Writes the worked examples into docs/formats.md: make_examples.py [--check]

An example stands between <!-- example: NAME --> and <!-- end -->; where the second mark is missing, it is added.
With --check nothing is written. Exit status: 0 up to date or written, 1 an example differs or its place is missing,
2 could not answer, 3 skipped: a Python package is missing.
"""

import argparse
import os
import re
import sqlite3
import sys

import needs

if needs.cryptography_missing():
    print(needs.MISSING)
    sys.exit(3)

import examples
from forms import Bad
from verify import NoAnswer

PAGE = os.path.join(examples.ROOT, "docs", "formats.md")
# From the first mark up to the second, unless another example or a heading comes before it.
PLACE = re.compile(r"^<!-- example: ([a-z-]+) -->\n(?:(?:(?!<!-- example: |## ).*\n)*?<!-- end -->\n)?", re.MULTILINE)


def main():
    parser = argparse.ArgumentParser(description="Writes the worked examples into docs/formats.md.")
    parser.add_argument("--check", action="store_true", help="write nothing, name the first example that differs")
    options = parser.parse_args()
    try:
        with open(PAGE, encoding="utf-8", newline="") as file:
            page = file.read()
        source = examples.Source()
        made = {name: make(source) for name, make in examples.EXAMPLES.items()}
    except (Bad, NoAnswer, LookupError, OSError, StopIteration, ValueError, sqlite3.Error) as error:
        print(f"could not answer: {error}", file=sys.stderr)
        return 2
    made = {name: f"<!-- example: {name} -->\n{text}<!-- end -->\n" for name, text in made.items()}
    found = [match[1] for match in PLACE.finditer(page)]
    if sorted(found) != sorted(made):
        odd = next(name for name in [*made, *found] if (found.count(name), name in made) != (1, True))
        places = f"example {odd} has {found.count(odd)} places in the page"
        print(places if odd in made else f"no example is called {odd}")
        return 1
    if options.check:
        for match in PLACE.finditer(page):
            if match[0] != made[match[1]]:
                print(f"example {match[1]} differs; tests/second/make_examples.py writes it anew")
                return 1
    else:
        with open(PAGE, "w", encoding="utf-8", newline="") as file:
            file.write(PLACE.sub(lambda match: made[match[1]], page))
    print(f"{len(made)} examples {'are up to date' if options.check else 'written'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
