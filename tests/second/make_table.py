"""Writes a folder of policies with a survival table that the owner of the vault fixture signed: make_table.py OUT_DIR

The keys are those of make_vault.py, throwaway keys from a fixed seed.
"""

import os
import sys

import make_vault
import survival
from forge import T0, text_of
from forms import time_text

SETTINGS = 'name = "mine"\nversion = 1\nbase = "stillgood"\n'
DAYS, TENURES = (0, 30, 90, 365), (0, 365)


def chances(*values):
    return f"[{', '.join(str(value) for value in values)}]"


def toml():
    """Half of everything is gone after a year; of what somebody owns, the longer it was theirs the less."""
    lines = [f"days = {chances(*DAYS)}", f"tenure_days = {chances(*TENURES)}", ""]
    bands = {
        "owns": ([(1, 0.97, 0.91, 0.68), (1, 0.99, 0.97, 0.88)], [(1, 0.98, 0.94, 0.79), (1, 0.99, 0.97, 0.88)]),
        "*": ([(1, 0.95, 0.86, 0.54)], [(1, 0.95, 0.86, 0.54)]),
    }
    for name, (known, unknown) in bands.items():
        lines += ["[[attribute]]", f'name = "{name}"', 'source = "made up"', "facts = 12", "ended = 5"]
        for key, curves in (("known", known), ("unknown", unknown)):
            lines.append(f"{key} = [{', '.join(chances(*curve) for curve in curves)}]")
        lines.append("")
    for kind in survival.KINDS:
        for category in (*survival.CATEGORIES, "none"):
            lines += ["[[curve]]", f'kind = "{kind}"', f'category = "{category}"', f"chance = {chances(1, 0.94, 0.84, 0.5)}", ""]
    return lines[:-1]


def note(vault, at=T0 + 20_000, table=None, first=survival.FIRST_LINE, counts="7 2"):
    head = [first, vault.vault.hex(), time_text(at), counts]
    return vault.owner.sign(text_of(head + (toml() if table is None else table)))


def main(out):
    os.makedirs(out, exist_ok=True)
    vault = make_vault.build()
    signed = note(vault)
    survival.open_table(signed, vault.owner.vkey, vault.vault)
    for name, text in (("set.toml", SETTINGS), ("survival.note", signed)):
        with open(os.path.join(out, name), "w", encoding="utf-8", newline="") as file:
            file.write(text)
    print(f"{out}: {len(signed.encode())} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_table.py OUT_DIR")
    main(sys.argv[1])
