"""Reads chances: python3 tests/second/chances.py TABLE, a row and a time a line, and prints the chance of each in millionths.

Between tabs: the attribute or nothing, `known` or `least`, the tenure, kind, categories with commas between, and the time that passed.
Times are milliseconds.
"""

import sys

import survival


def read(line):
    attribute, word, tenure, kind, categories, passed = line.rstrip("\n").split("\t")
    categories = tuple(categories.split(",")) if categories else ()
    return survival.Standing(attribute or None, word == "known", int(tenure), kind, categories), int(passed)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        table = survival.parse_table(file.read())
    for line in sys.stdin:
        print(survival.chance(table, *read(line)))
