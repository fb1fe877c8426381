"""Prints src/vault/wording/letters.txt: which letters are written in several ways, and which signs stand on them.

python3 tests/second/make_letters.py > src/vault/wording/letters.txt
"""

import sys
import unicodedata

HANGUL = range(0xAC00, 0xD7A4)
SURROGATES = range(0xD800, 0xE000)


def points(text):
    return " ".join(f"{ord(letter):04X}" for letter in text)


def letters():
    """Each letter with another canonical decomposition than itself, and that. Those of Hangul are worked out."""
    every = (chr(point) for point in range(sys.maxunicode + 1) if point not in HANGUL and point not in SURROGATES)
    return [(one, decomposed) for one in every if (decomposed := unicodedata.normalize("NFD", one)) != one]


def signs():
    """The first and the last of each run of signs of a combining class."""
    runs = []
    for point in range(sys.maxunicode + 1):
        if unicodedata.combining(chr(point)):
            if runs and runs[-1][1] == point - 1:
                runs[-1][1] = point
            else:
                runs.append([point, point])
    return runs


def lines():
    yield f"# Unicode {unicodedata.unidata_version}: a letter, and its canonical decomposition; then runs of signs of a combining class."
    items = [f"{points(one)} {points(decomposed)}" for one, decomposed in letters()]
    items += [f"{first:04X}-{last:04X}" for first, last in signs()]
    yield from (", ".join(items[begin : begin + 8]) for begin in range(0, len(items), 8))


if __name__ == "__main__":
    for line in lines():
        print(line)
