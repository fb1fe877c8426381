"""Writes tests/vectors/row-sum.json and decision.json. The names of the facts in them are only examples."""

import json
import os

import cbor
import decision
import rowsum
from forge import T0
from forge_vault import Forge
from forms import sha256

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS = [
    ["mem-1", "live", "2026-03-12T18:00:00.000Z", "age:fresh", "opened"],
    ["Zeile-ü", "re-earn", "-", "age:stale=confirmation,ask:field=request.purpose", "sealed"],
    ["missing", "re-earn", "-", "stillgood:no-head=repair", "sealed"],
]


def row_sums():
    """The state after each of a few members was added."""
    rows = (("a", 1), ("Zeile-ü", 24), ("b" * 128, 2**53 - 1))
    members = [(row, generation, sha256(row.encode())) for row, generation in rows]
    state, steps = rowsum.EMPTY, []
    for row, generation, digest in members:
        part = rowsum.element(row, generation, digest)
        state = rowsum.add(state, part)
        steps.append({
            "row": row, "generation": generation, "digest": digest.hex(), "element": part.hex(),
            "state_sha256": sha256(state).hex(),
        })
    return {"empty_sha256": sha256(rowsum.EMPTY).hex(), "steps": steps, "state": state.hex()}


def one_decision():
    """Everything on the way from contents to a signed decision."""
    vault = Forge("decision vector, throwaway keys")
    vault.ring()
    vault.add("mem-1", "The user likes tea.")
    vault.add("Zeile-ü", "Another.")
    vault.commit()
    contents = vault.contents(T0, ROWS)
    seed, note, leaves = vault.decide(T0, ROWS)
    disclosure = vault.epoch.derive("disclosure")
    salts = decision.salts(disclosure, seed, len(leaves))
    return {
        "vault": vault.vault.hex(), "epoch": 1, "epoch_key": vault.epoch.key.hex(), "disclosure": disclosure.hex(),
        "vkey": vault.device.vkey.line, "contents": [data and data.hex() for data in contents],
        "cores": [decision.core(leaf, data) for leaf, data in zip(leaves, contents)], "seed": seed.hex(),
        "salts": [[shown.hex(), hidden.hex()] for shown, hidden in salts], "leaves": leaves, "note": note,
        "rulings_plaintext_sha256": sha256(cbor.encode(["stillgood/rulings/v1", seed, leaves])).hex(),
        "rulings_sealed": vault.decisions[seed[:16].hex()][1].hex(),
    }


def main():
    folder = os.path.join(HERE, "..", "vectors")
    os.makedirs(folder, exist_ok=True)
    for name, value in (("row-sum", row_sums()), ("decision", one_decision())):
        with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1)
            file.write("\n")
        print(f"{name}.json")


if __name__ == "__main__":
    main()
