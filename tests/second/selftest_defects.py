"""Test only: a good vault, and the ways in which the self test breaks it."""

import functools

import decision
import forge
import rowsum
from forge import HOUR, T0
from forge_vault import Forge
from forms import sha256, time_text
from selftest_decision import ROWS


MATERIALS = [["output", T0, 1, b"Tides turn twice a day."], ["key", T0 + HOUR, 1, bytes(8)]]


TIED = [
    ["tie-1", "re-earn", "-", "contradicted:by-another-row=settle", "sealed"],
    ["tie-2", "re-earn", "-", "contradicted:by-another-row=settle", "sealed"],
    ["gone-1", "live", "2026-03-12T18:00:00.000Z", "age:fresh", "opened"],
]


def build():
    """The good vault, as `_build` makes it."""
    return _build().copy()


@functools.cache
def _build():
    """A vault with two epochs, two stored decisions and one what-if, and the entries of `say_all`.

    Heads 1 and 2 of mem-5 name its first evidence part, heads 3 and 4 its second; both heads of mem-6 name its only one.
    """
    vault = Forge("self test of vaults")
    vault.ring()
    vault.add("mem-1", "The user likes tea.")
    vault.add("mem-2", "The user lives in Lisbon.", '{"a": 1}', i17=T0)
    vault.add("Zeile-ü", "Another.")
    vault.commit()
    vault.decide(T0, ROWS)
    vault.earn("mem-2", "confirm", T0 + 2500)
    vault.commit()
    vault.change("mem-1", "The user likes green tea.", i19=True)
    vault.commit()
    vault.turn_epoch()
    vault.decide(T0 + 2 * HOUR, ROWS)
    vault.decide(T0 - 10 * 365 * 24 * HOUR, ROWS[:1], occasion="what-if", pinned=False)
    vault.earn("Zeile-ü", "deny", T0 + 5500)
    with vault.drawing_from("self test of vaults, evidence"):
        said = vault.put_evidence("mem-5", 1, MATERIALS[:1])
        vault.add("mem-5", "Tides turn twice a day.", i25=said)
        vault.change("mem-5", i10=5)
        vault.attach("mem-5", MATERIALS)
        vault.change("mem-5", i10=6)
        said = vault.put_evidence("mem-6", 1, [["statement", T0, 1, b'{"by":"me"}']])
        vault.add("mem-6", "The ferry leaves at nine.", i25=said)
        vault.change("mem-6", "The ferry leaves at ten.", i19=True)
    with vault.drawing_from("self test of vaults, entries"):
        return say_all(vault)


def say_all(vault):
    """Entries of every kind. tie-1 contradicts tie-2, of which tie-3 was derived; gone-1 is forgotten and comes again."""
    vault.add("tie-1", "The user eats no fish.", i21=[[2, "tie-2", 0]])
    vault.add("tie-2", "The user eats fish.", i21=[[2, "tie-1", 0], [4, "tie-3", 1]])
    vault.add("tie-3", "The user likes sardines.", i20=1, i21=[[3, "tie-2", 1]])
    vault.add("gone-1", "The user had a dog.")
    vault.commit()
    vault.asked = vault.decide(T0 + 6000, TIED)[0][:16].hex()
    vault.use(T0 + 6100, vault.asked, b"No fish for you.\n", [3])
    vault.ask(T0 + 6200, vault.asked, ["tie-1", "tie-2"])
    vault.open(T0 + 6300, "tie-1")
    vault.earn("tie-2", "later", T0 + 6400, vault.asked, vault.device)
    vault.commit()
    vault.earn("tie-1", "confirm", T0 + 7500, vault.asked, settled=["tie-2"])
    vault.change("tie-3", i20=2)
    vault.earn("mem-6", "observe", T0 + 7600, signer=vault.device, seen=("thread", b"The ferry leaves at ten."))
    vault.earn("mem-5", "recheck", T0 + 7700, signer=vault.device, i22=[[3, T0, 1], *[None] * 7])
    vault.commit()
    vault.change("gone-1", i10=1)
    vault.commit()
    vault.forget(T0 + 9500, "gone-1")
    vault.commit()
    vault.add("gone-1", "The user has a dog.")
    return vault.commit()


def older_head(vault):
    """The head before the newest one under the newest vault head."""
    del vault.heads["mem-1"][-1]


def older_head_and_row_sum(vault):
    """The same, with the stored row sum made to fit."""
    older_head(vault)
    vault.row_sum = rowsum.total(vault.members())


def row_added(vault):
    """A row that the newest vault head does not know, with the stored row sum made to fit."""
    vault.add("mem-9", "The user dislikes tea.")
    vault.row_sum = rowsum.total(vault.members())


def epoch_goes_down(vault):
    vault.change("Zeile-ü", epoch=vault.epochs[0])
    vault.commit()


def text_then_commit(old, new):
    """A new vault head with one piece of its text replaced, signed again."""
    def run(vault):
        text = vault.vault_head_text()
        assert old in text
        vault.commit()
        vault.vault_heads[-1] = vault.device.sign(text.replace(old, new, 1))
    return run


def vault_head_resigned(vault):
    """An earlier vault head with another time, signed again by the writer."""
    text = vault.vault_heads[2].split("\n\n")[0] + "\n"
    vault.vault_heads[2] = vault.device.sign(text.replace(":00:03.", ":00:04."))


def writer_after_until(vault):
    vault.verifiers = [("writer,decider", T0 - HOUR, T0 + HOUR, vault.device.vkey)]
    vault.ring()
    vault.commit(at=time_text(T0 + HOUR))


def decider_only(vault):
    """The device loses its role of writer, and writes on."""
    vault.verifiers = [("decider", T0 - HOUR, None, vault.device.vkey)]
    vault.ring()


def ring_epoch_line_changed(vault):
    """The time of the first epoch changes in a later ring."""
    vault.ring(edit=lambda lines: [
        line.replace("11T18:00:00.000Z", "11T18:00:01.000Z") if line.startswith("epoch 1 ") else line for line in lines
    ])


def log_with(entry):
    """A foreign entry at the end of the log."""
    def run(vault):
        vault.log.append(entry(vault))
    return run


def log_restarted(vault):
    """The log loses its first entry, and a new vault head agrees."""
    vault.log.pop(0)
    vault.commit()


def change_then_commit(**changes):
    def run(vault):
        vault.change("mem-1", **changes)
        vault.commit()
    return run


def body_swap(vault):
    vault.bodies["mem-1", 2], vault.bodies["mem-2", 1] = vault.bodies["mem-2", 1], vault.bodies["mem-1", 2]


def body_rewritten(vault):
    vault.put_body("mem-1", 2, "The user hates tea.", None)


def evidence_of_another_row(vault):
    vault.evidence["mem-5", 3] = vault.evidence["mem-6", 1]


def evidence_older_in_place_of_newer(vault):
    vault.evidence["mem-5", 3] = vault.evidence["mem-5", 1]


def evidence_altered(vault):
    sealed = vault.evidence["mem-6", 1]
    vault.evidence["mem-6", 1] = sealed[:-1] + bytes([sealed[-1] ^ 1])


def evidence_rewritten(vault):
    vault.put_evidence("mem-6", 1, [["statement", T0, 1, b'{"by":"you"}']])


def evidence_of_no_head(vault):
    vault.put_evidence("mem-9", 1, MATERIALS)


def evidence_added(vault):
    """A part beside the newest head, which names none."""
    vault.put_evidence("mem-1", 2, MATERIALS)


def evidence_slipped_between(vault):
    """A part between that of the first heads and those that name it."""
    vault.put_evidence("mem-5", 2, MATERIALS[:1])


def evidence_under_later_generation(vault):
    vault.evidence["mem-6", 2] = vault.evidence.pop(("mem-6", 1))


def head_names_older_evidence(vault):
    """A new head goes back to the part before the newest one."""
    vault.change("mem-5", i25=vault.heads["mem-5"][0][0][25])
    vault.commit()


def head_named_older_evidence(vault):
    """The same, and the head after it names the newest part again."""
    newest = vault.heads["mem-5"][-1][0][25]
    vault.change("mem-5", i25=vault.heads["mem-5"][0][0][25])
    vault.change("mem-5", i25=newest)
    vault.commit()


def head_names_evidence_to_come(vault):
    """A head names a part that is sealed with the head after it."""
    sealed = vault.put_evidence("mem-2", 4, MATERIALS)
    vault.change("mem-2", i25=sealed)
    vault.change("mem-2")
    vault.commit()


def evidence_without_materials(vault):
    """A head names a part that holds nothing."""
    vault.attach("mem-2", [])
    vault.commit()


def head_swap(vault):
    vault.heads["mem-1"], vault.heads["mem-2"] = vault.heads["mem-2"], vault.heads["mem-1"]
    vault.commit()


def ring_foreign(vault):
    vault.rings[-1] = vault.device.sign(vault.rings[-1].split("\n\n")[0] + "\n")


def ring_with_recipient(vault):
    """A writer adds a recipient, signing the ring himself."""
    vault.recipients.append(forge.public(forge.identity(bytes([9]) * 32)))
    vault.owner, owner = vault.device, vault.owner
    vault.ring()
    vault.owner = owner


def epoch_replaced(vault):
    vault.epochs[0] = forge.new_epoch(vault.vault, 1, vault.stream)
    vault.ring()


def other_ring_than_newest(vault):
    vault.commit(ring=sha256(vault.rings[0].encode()).hex())


def decision_edit(change):
    """Change the stored (note, sealed rulings) of the first decision."""
    def run(vault):
        name, other = list(vault.decisions)[:2]
        vault.decisions[name] = change(vault, name, *vault.decisions[name], *vault.decisions[other])
    return run


def decision_resealed(vault, name, note, sealed, *other):
    """Rulings with one leaf softened, sealed again with the right seed."""
    seed, leaves = decision.open_rulings(dict(enumerate(vault.epochs, 1)), bytes.fromhex(name), sealed)
    leaves[2] = leaves[2].replace("re-earn", "live").replace("=confirmation", "").replace("=recheck.settlement", "").replace("=request.purpose", "")
    return note, forge.sealing_rulings(vault.epochs[0], bytes.fromhex(name), seed, leaves)


def decision_rulings_v2(vault, name, note, sealed, *other):
    """Rulings that name another version, sealed again with the right seed."""
    seed, leaves = decision.open_rulings(dict(enumerate(vault.epochs, 1)), bytes.fromhex(name), sealed)
    return note, forge.sealing_rulings(vault.epochs[0], bytes.fromhex(name), seed, leaves, "stillgood/rulings/v2")


def decision_of_unlisted_key(vault):
    vault.decide(T0, ROWS, about="else", signer=forge.Signer("example.org/device", bytes(32)))
    vault.log.pop()


def decision_not_in_log(vault):
    vault.decide(T0, ROWS, about="else")
    vault.log.pop()


def decision_not_stored(vault):
    name = vault.decide(T0, ROWS, about="else")[0][:16].hex()
    del vault.decisions[name]


def decision_twice_in_log(vault):
    vault.log.append(next(entry for entry in vault.log if "/decision/v1/" in entry))


def decision_with_seed_of(vault):
    """The stored rulings carry another seed than the id says."""
    name, (note, sealed) = next(iter(vault.decisions.items()))
    seed, leaves = decision.open_rulings(dict(enumerate(vault.epochs, 1)), bytes.fromhex(name), sealed)
    seed = seed[:16] + bytes(16)
    vault.decisions[name] = (note, forge.sealing_rulings(vault.epochs[0], bytes.fromhex(name), seed, leaves))


def decision_on_head_to_come(vault):
    """A decision on a head that is then taken back."""
    vault.change("mem-1", i10=1)
    vault.decide(T0, ROWS, about="else")
    vault.heads["mem-1"].pop()


def decision_of_key_without_role(vault):
    vault.verifiers = [("writer", T0 - HOUR, None, vault.device.vkey)]
    vault.ring()


def decision_after_until(vault):
    vault.verifiers = [("writer,decider", T0 - HOUR, T0 + HOUR, vault.device.vkey)]
    vault.ring()
    vault.decide(T0 + 5 * HOUR, ROWS)


def decision_on_unknown_vault_head(vault):
    vault.vault_heads.append("nothing like it\n")
    vault.decide(T0, ROWS, about="else")
    vault.vault_heads.pop()
