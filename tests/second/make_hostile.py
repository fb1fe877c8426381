"""Writes tests/hostile, one hostile input per file: make_hostile.py [--check]

With --check nothing is written. Exit status: 0 up to date or written, 1 a file differs, is missing or too many,
2 could not answer, 3 skipped: a Python package is missing.
"""

import argparse
import os
import sys

import needs

if needs.cryptography_missing():
    print(needs.MISSING)
    sys.exit(3)

import hostile
import hostile_decisions
import hostile_evidence
import hostile_notes
import hostile_parts
import hostile_rings
import hostile_vaults


def made():
    """Every file by its name."""
    found = {}
    for module in (hostile_notes, hostile_rings, hostile_parts, hostile_evidence, hostile_decisions, hostile_vaults):
        for one in module.vectors():
            assert one.name not in found, f"{one.name} is made twice"
            found[one.name] = hostile.write(one)
    return found


def main():
    parser = argparse.ArgumentParser(description="Writes the hostile vectors of tests/hostile.")
    parser.add_argument("--check", action="store_true", help="write nothing, name the first file that differs")
    options = parser.parse_args()
    place = lambda name: os.path.join(hostile.FOLDER, name)
    try:
        files = made()
        os.makedirs(hostile.FOLDER, exist_ok=True)
        there = {}
        for name in os.listdir(hostile.FOLDER):
            with open(place(name), "rb") as file:
                there[name] = file.read()
        if options.check:
            for name in sorted(there.keys() | files.keys()):
                if there.get(name) != files.get(name):
                    print(f"tests/hostile/{name} differs; tests/second/make_hostile.py writes it anew")
                    return 1
        else:
            for name in there.keys() - files.keys():
                os.remove(place(name))
            for name, data in files.items():
                with open(place(name), "wb") as file:
                    file.write(data)
    except OSError as error:
        print(f"could not answer: {error}", file=sys.stderr)
        return 2
    print(f"{len(files)} hostile vectors {'are up to date' if options.check else 'written'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
