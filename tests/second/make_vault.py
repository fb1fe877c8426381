"""Writes a vault fixture made entirely by the second implementation: make_vault.py OUT_DIR

The keys are throwaway keys from a fixed seed. Never use them for anything else.
"""

import json
import os
import sys

import pem
import verify
from forge import DAY, HOUR, T0, Signer, identity, public
from forge_vault import Forge
from forms import sha256
from records import parse_pin

BLOB_ID = "M4hsZGQ1oCktdzegB6HnI6Mi28S2nqOPHxK-W7_4BUk"
ROWS = [
    ["mem-001", "live", "2026-05-13T18:00:00.000Z", "age:fresh", "opened"],
    ["mem-008", "re-earn", "-", "denied:by-owner=confirmation,proof:gone=recheck.settlement", "sealed"],
    ["Zeile-ü-6", "background", "-", "origin:document,age:fresh", "sealed"],
    ["missing", "re-earn", "-", "stillgood:no-head=nothing", "sealed"],
]
TIED = [
    ["mem-011", "re-earn", "-", "contradicted:by-another-row=settle", "sealed"],
    ["mem-012", "re-earn", "-", "contradicted:by-another-row=settle", "sealed"],
    ["mem-013", "background", "2026-05-13T18:00:00.000Z", "holds:fading", "opened"],
    ["mem-014", "live", "2026-05-13T18:00:00.000Z", "holds:holds", "opened"],
    ["mem-015", "re-earn", "-", "holds:faded=confirmation", "sealed"],
]
ANSWER = b"The grill at the harbour, and take the dog along.\n"


EVIDENCE = [
    ["output", T0 - 9 * DAY, 1, b"Model output about interest rates."], ["key", T0 - 9 * DAY, 1, bytes(range(16))],
    ["headers", T0 - 8 * DAY, 1, b"PAYMENT-RESPONSE: e30=\n"], ["statement", T0 - 8 * DAY, 1, b'{"by":"import"}'],
]
TIDES = [
    ["older response", T0 - 3 * DAY, 1, b'{"signed_message":"{}","signature":"AA=="}'],
    ["document", T0 - 3 * DAY, 1, b"\x84\x40\xa0\x40\x40"], ["request", T0 - 2 * DAY, 1, b'{"model":"m-1","messages":[]}'],
]
LATER = [
    ["proof", T0 - DAY, 1, b'{"leaf":[],"proof":[]}'], ["receipt", T0 - DAY, 1, b'{"format":"jws"}'],
    ["permit", T0 - DAY, 1, b'{"typed_data":{}}'], ["key configuration", T0 - DAY, 1, b'{"key_config":"AA=="}'],
    ["heartbeat", T0 - DAY, 1, b'{"tee_id":"0x","timestamp":1}'],
    # No JSON: it is kept as it came.
    ["response", T0 - DAY, 1, b"\xff\x00"],
]


def build():
    """Fifteen rows with varied heads, two epochs, edited texts, evidence, entries of every kind, four stored decisions."""
    vault = Forge("stillgood python fixture, throwaway keys")
    former = Signer("example.org/former-decider", vault.stream.take(32))
    vault.verifiers.append(("decider", T0 - 100 * DAY, T0 - DAY, former.vkey))
    vault.ring()
    vault.add("mem-001", "The user prefers green tea over coffee.", i3=[2], i4=["drinks", "taste"], i5="chat",
              i6=1, i7="user", i8="drink", i9=1, i10=700_000, i11=T0 - 90 * DAY)
    vault.add("mem-002", "The user lives in Lisbon.", '{"place":"Lisbon","source":{"turn":12}}', i3=[0, 7], i6=1,
              i7="user", i8="city", i9=2, i10=1_000_000, i11=T0 - 400 * DAY, i17=T0 - 400 * DAY, i18=T0 + 100 * DAY)
    vault.add("mem-003", "Yesterday the user missed the train to Porto.", i2=1, i3=[7], i4=["2025", "train"], i6=2,
              i10=0, i11=T0 - 2 * DAY, i21=[[3, "mem-002", 0]])
    vault.add("mem-004", "The user works as a nurse.", i3=[1, 4], i7="user", i8="job", i6=1, i11=T0 - 30 * DAY,
              i20=1, i21=[[0, "mem-001", 1], [2, "row/with+odd:chars", 2]])
    vault.commit()
    with vault.drawing_from("stillgood python fixture, evidence"):
        interest = vault.put_evidence("mem-005", 1, EVIDENCE)
        vault.add("mem-009", "Tides turn four times a day, says the model.", i6=2, i11=T0 - 3 * DAY)
        vault.attach("mem-009", TIDES, i22=[[1, T0 - 3 * DAY, 0], [2, T0 - 3 * DAY, 0], *[None] * 6])
        said = vault.put_evidence("mem-010", 1, [["output", T0 - 6 * DAY, 1, b"The ferry leaves at nine."]])
        vault.add("mem-010", "The ferry leaves at nine.", i2=1, i6=2, i11=T0 - 6 * DAY, i25=said,
                  i22=[[3, T0 - 6 * DAY, 1], *[None] * 7])
    vault.add("mem-005", "Model output about interest rates.", '{"model":"m-1"}', i3=[5], i5="import", i6=3, i11=T0 - 10 * DAY,
              i22=[[3, T0 - 9 * DAY, 2], [3, None, 1], [1, T0 - 9 * DAY, 3], [4, T0 - 8 * DAY, 2, T0 + DAY],
                   [3, T0 - 8 * DAY, 5], [1, None, 1], [3, T0 - 9 * DAY, "répertoire 1", BLOB_ID], [2, T0 - HOUR, T0 + HOUR]],
              i25=interest)
    vault.add("Zeile-ü-6", "Ümläute, 日本語 and a line\nbreak, a tab\tand \u2028 too.", "{}", i3=[9], i4=["_-_"], i5="",
              i6=4, i7="owner of the vault", i9=0, i11=-62_135_596_800_000,
              i22=[None, None, None, [1, None, 0, None], None, None, [3, None, None, None], [1, T0, None]], i19=True)
    vault.commit()
    vault.change("mem-004", "The user works as a head nurse.", None, i19=True, i20=2)
    vault.commit()
    vault.earn("mem-002", "confirm", T0 - HOUR)
    vault.commit()
    vault.decide(T0 - HOUR, ROWS[:1], about="what does the user drink?")
    vault.recipients.append(public(identity(vault.stream.take(32))))
    vault.turn_epoch()
    vault.add("mem-007", "x", i2=1, i6=0, i11=253_402_300_799_999, i12=None, i21=[[1, "mem-001", 0], [4, "mem-003", 0]])
    vault.add("mem-008", "The user is allergic to nuts.", i3=[4], i6=1, i10=999_999, i11=T0 - 5 * DAY)
    with vault.drawing_from("stillgood python fixture, later evidence"):
        # What stands in both parts is sealed twice; the first piece was attached again, and stands last.
        vault.attach("mem-009", [*TIDES[1:], *LATER, [TIDES[0][0], T0, *TIDES[0][2:]]])
        # The evidence is that of the text before it, and stays.
        vault.change("mem-010", "The ferry leaves at ten.", i11=T0 - DAY, i19=True, i22=[[4, T0, 0], *[None] * 7])
    vault.commit()
    vault.earn("mem-008", "deny", T0)
    vault.commit()
    # The text does not change, so the body of the old epoch stays under a head of the new one.
    vault.ask(T0, next(iter(vault.decisions)), ["mem-001"])
    vault.earn("mem-004", "confirm", T0)
    vault.commit()
    with vault.drawing_from("stillgood python fixture, entries"):
        say_all(vault)
    vault.decide(T0 - 1000 * DAY, ROWS[1:2], occasion="what-if", pinned=False)
    return vault


def say_all(vault):
    """Entries of every kind: mem-011 contradicts mem-012, of which mem-013 was derived; mem-014 is forgotten and comes again."""
    at = T0 + 10_000
    vault.add("mem-011", "The user eats no fish.", i3=[4], i6=1, i11=T0 - 3 * DAY, i21=[[2, "mem-012", 0]])
    vault.add("mem-012", "The user's favourite dish is sardines.", i6=2, i11=T0 - 200 * DAY,
              i21=[[2, "mem-011", 0], [4, "mem-013", 1]])
    vault.add("mem-013", "The user likes the grill at the harbour.", i6=2, i11=T0 - 190 * DAY, i20=1, i21=[[3, "mem-012", 1]])
    vault.add("mem-014", "The user had a dog.", i6=1, i11=T0 - 20 * DAY)
    vault.add("mem-015", "A dinner may cost 40.", i3=[5], i6=2, i9=1, i11=T0 - 60 * DAY, i17=T0 - 60 * DAY,
              i22=[[1, T0 - 60 * DAY, 0], *[None] * 7])
    vault.commit()
    vault.policies = ("evening", 3, sha256(b"another policy set"))
    asked = vault.decide(at + 500, TIED, about="where to eat tonight?")[0][:16].hex()
    vault.use(at + 600, asked, ANSWER, [3, 4])
    vault.ask(at + 700, asked, ["mem-011", "mem-015"])
    vault.open(at + 800, "mem-011")
    vault.earn("mem-015", "dont-know", at + 850, asked, vault.device)
    vault.earn("mem-011", "later", at + 900, asked)
    vault.commit()
    vault.earn("mem-011", "confirm", at + 1500, asked, settled=["mem-012"])
    vault.change("mem-013", i20=2)
    vault.earn("mem-015", "correct", at + 1600, asked, text="A dinner may cost 90.")
    vault.earn("mem-010", "observe", at + 1700, signer=vault.device, seen=("document", b" The ferry leaves at ten.\n"))
    vault.earn("mem-009", "recheck", at + 1800, signer=vault.device, i22=[[1, T0, 0], [3, T0, 1], *[None] * 6])
    vault.commit()
    vault.forget(at + 2500, "mem-014")
    vault.commit()
    vault.add("mem-014", "The user has a dog.", i6=1, i11=T0)
    vault.commit()


def main(out):
    os.makedirs(out, exist_ok=True)
    place = lambda name: os.path.join(out, name)
    vault = build()
    _, note, leaves = vault.decide(T0, ROWS)
    files = {
        "owner.vkey": (vault.owner.vkey.line + "\n").encode(), "device.vkey": (vault.device.vkey.line + "\n").encode(),
        "device.pem": pem.write(vault.device.secret), "identity.pem": pem.write(vault.identity),
        "identity.pub": pem.write_public(vault.identity.public_key()), "vault.pin": vault.pin().encode(),
    }
    for name, data in files.items():
        with open(place(name), "wb") as file:
            file.write(data)
    with open(place("bundle.json"), "w", encoding="utf-8") as file:
        json.dump({"note": note, "leaves": leaves}, file, ensure_ascii=False, indent=1)
        file.write("\n")
    vault.write(place("vault.sgv"))
    read = verify.check_vault(place("vault.sgv"), vault.owner.vkey, vault.identity, pin=parse_pin(vault.pin()))
    with open(place("expected.json"), "w", encoding="utf-8") as file:
        json.dump(verify.summary(read), file, ensure_ascii=False, indent=1)
        file.write("\n")
    print(f"{out}: {len(read.current)} rows, {len(read.heads)} heads, vault head {read.vault_head.sequence}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_vault.py OUT_DIR")
    main(sys.argv[1])
