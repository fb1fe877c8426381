"""Test only: the ways in which the self test breaks the entries of a good vault's log, and what they name."""

import forge
import mark
from forge import DAY, T0
from forms import sha256, time_text, utf8
from selftest_decision import ROWS
from sealing import BODY

LATE = T0 + 11_500
OTHER = ("everyday", 2, sha256(b"another policy set"))


def stranger():
    """A key that no key ring lists."""
    return forge.Signer("example.org/stranger", bytes([5]) * 32)


def then_commit(change, **changes):
    """A change, and a vault head that covers it."""
    def run(vault):
        change(vault)
        vault.commit(**changes)
    return run


def earning(row, word, at=LATE, **more):
    return then_commit(lambda vault: vault.earn(row, word, at, **more))


def newest(vault, row):
    items, sealed = vault.heads[row][-1]
    return items[1], sha256(sealed)


def confirmed_by(old):
    """mem-1 is confirmed, and the earning names another head that it was made for."""
    def run(vault):
        before = old(vault)
        _, new = vault.change("mem-1", i12=LATE, i13=1)
        vault.say(forge.earning_text(vault.vault, "confirm", LATE, [(before, new)]), vault.owner)
        vault.commit()
    return run


def replayed(vault):
    vault.earn("mem-1", "confirm", LATE)
    vault.log.append(vault.log[-1])
    vault.commit()


def moved_twice(vault):
    """One head, and two earnings that say they made it."""
    vault.earn("mem-1", "confirm", LATE)
    vault.log.append(vault.log[-1].split("\n\n")[0].replace(time_text(LATE), time_text(LATE + 1)) + "\n")
    vault.log[-1] = vault.owner.sign(vault.log[-1])
    vault.commit()


def for_another_row(vault):
    """An earning that begins at one row and ends at another."""
    old = newest(vault, "mem-1")
    _, (_, digest) = vault.change("Zeile-ü", i14=False, i12=LATE, i13=1)
    vault.say(forge.earning_text(vault.vault, "confirm", LATE, [(old, (old[0] + 1, digest))]), vault.owner)
    vault.commit()


def of_no_head(vault):
    """An earning from a head that is there to one that is not."""
    generation, digest = newest(vault, "mem-1")
    move = ((generation, digest), (generation + 1, sha256(b"nothing")))
    vault.say(forge.earning_text(vault.vault, "deny", LATE, [move]), vault.owner)
    vault.commit()


def of_heads_that_never_were(vault):
    """Two heads that no row has, and none was forgotten since."""
    move = ((7, sha256(b"old")), (8, sha256(b"new")))
    vault.say(forge.earning_text(vault.vault, "deny", LATE, [move]), vault.owner)
    vault.commit()


def first_decision(vault):
    return next(iter(vault.decisions))


def challenged(row, word="confirm", of=None, decision=first_decision, challenge=None):
    """An answer to the ruling on `of` of a decision."""
    def run(vault):
        name = decision(vault)
        found = challenge and (name, challenge) or vault.challenge(name, of or row)
        vault.earn(row, word, LATE, challenge=found)
        vault.commit()
    return run


def late_answer(by):
    """An answer so long after its decision. Nothing but the answer is late."""
    def run(vault):
        at = T0 + 6000 + 7 * DAY + by
        vault.earn("tie-2", "deny", at, vault.asked)
        vault.commit(at=time_text(at))
    return run


def before_its_decision(vault):
    name = vault.decide(LATE, [["mem-2", "live", "-", "age:fresh", "opened"]])[0][:16].hex()
    vault.earn("mem-2", "confirm", LATE - 1, name)
    vault.commit()


def answered_twice(vault):
    vault.earn("tie-1", "deny", LATE, vault.asked)
    vault.commit()


def of_other_words(vault):
    """A correction whose body holds other words than the head commits to."""
    other = sha256(vault.seal(BODY, "mem-1", 3, b""))
    vault.earn("mem-1", "correct", LATE, text="The user likes black tea.", i23=other)
    sealed = vault.put_body("mem-1", 3, "The user hates tea.", None)
    items = vault.heads["mem-1"].pop()[0]
    vault.log.pop()
    items[23] = sealed
    old = newest(vault, "mem-1")
    vault.put_head(items)
    vault.say(forge.earning_text(vault.vault, "correct", LATE, [(old, newest(vault, "mem-1"))]), vault.owner)
    vault.commit()


def contradicting(vault):
    """Two rows that contradict each other."""
    vault.add("new-1", "The user is tall.", i21=[[2, "new-2", 0]])
    vault.add("new-2", "The user is short.", i21=[[2, "new-1", 0]])
    vault.commit()


def tie_dropped(vault):
    contradicting(vault)
    vault.change("new-1", i21=[])
    vault.commit(at=time_text(T0 + 13_000))


def won_and_still_contradicted(vault):
    contradicting(vault)
    vault.earn("new-1", "confirm", LATE, i21=[[2, "new-2", 0]])
    vault.commit()


def settled_with_more(vault):
    """The row that lost gets another importance with it."""
    contradicting(vault)
    _settle(vault, {"i10": 5, "i21": [[1, "new-1", 2]]})


def settled_without_tie(vault):
    """A row is settled that was not tied to the row in question."""
    vault.add("new-1", "The user is tall.")
    vault.add("new-2", "The user is short.")
    vault.commit()
    _settle(vault, {})


def _settle(vault, changes):
    """new-1 is confirmed, and new-2 becomes what `changes` say."""
    ties = [[0, "new-2", 2]] if vault.heads["new-1"][-1][0][21] else []
    made = [vault.change("new-1", i12=LATE, i13=1, i21=ties), vault.change("new-2", **changes)]
    vault.say(forge.earning_text(vault.vault, "confirm", LATE, made), vault.owner)
    vault.commit()


def asked_with_more(vault):
    move = vault.change("mem-1", i16=LATE, i10=5)
    lines = (time_text(LATE), vault.asked, forge.move_line(*move))
    vault.say(forge.entry_text("ask", vault.vault, *lines), vault.device)
    vault.commit()


def asked_by_stranger(vault):
    vault.ask(LATE, vault.asked, ["mem-1"], stranger())
    vault.commit()


def asked_after_until(vault):
    """The key held its role until just before."""
    former = stranger()
    vault.verifiers.append(("writer", T0 - DAY, LATE, former.vkey))
    vault.ring()
    vault.ask(LATE, vault.asked, ["mem-1"], former)
    vault.commit()


def still_there(vault):
    """A forgetting, and nothing went."""
    heads, bodies, evidence = vault.heads["mem-1"], dict(vault.bodies), dict(vault.evidence)
    vault.forget(LATE, "mem-1")
    vault.heads["mem-1"], vault.bodies, vault.evidence = heads, bodies, evidence
    vault.commit()


def begins_anew(first):
    """gone-1 is forgotten once more, and comes again with this generation."""
    def run(vault):
        vault.forget(LATE, "gone-1")
        vault.forgotten["gone-1"] = first - 1
        vault.add("gone-1", "The user has two dogs.")
        vault.commit()
    return run


def goes_without_forgetting(vault):
    vault.forget(LATE, "mem-1")
    vault.log.pop()
    vault.commit()


def forgotten_too_low(vault):
    """The forgetting names a generation below the last one that a decision names."""
    vault.forget(LATE, "mem-1")
    vault.log.pop()
    epoch, named = vault.marked(mark.ROW, utf8("mem-1"))
    vault.say(forge.entry_text("forgetting", vault.vault, time_text(LATE), f"{epoch} {named.hex()}", "1"), vault.owner)
    vault.commit()


def cut_back(vault):
    """The newest head of one row goes, which an entry names; another row is forgotten, as if that accounted for it."""
    vault.heads["tie-2"].pop()
    vault.forget(LATE, "gone-1")
    vault.commit()


def forgotten_again(vault):
    """What the owner once signed, about a row that came back since, stands in the log a second time."""
    vault.log.append(next(note for note in vault.log if note.startswith("stillgood/forgetting/v1")))
    vault.commit()


def restated(vault):
    """The same text is said to be stated later."""
    vault.change("mem-1", i11=vault.heads["mem-1"][-1][0][11] + DAY)
    vault.commit()


def forgotten_under_no_epoch(vault):
    named = mark.of_row(vault.epoch, "nobody").hex()
    vault.say(forge.entry_text("forgetting", vault.vault, time_text(LATE), f"9 {named}", "1"), vault.owner)
    vault.commit()


def policies_missing(vault):
    vault.policies = vault.named = OTHER
    vault.decide(LATE, ROWS, about="else")


def policies_named(**more):
    """Another set decides, and the entry before is as `more` has it."""
    def run(vault):
        vault.policies = OTHER
        signer = vault.owner if more.get("by_owner") else None
        vault.name_policies(LATE, signer, more.get("before"))
        if not more.get("alone"):
            vault.decide(LATE, ROWS, about="else")
    return run


def policies_not_directly_before(vault):
    """A use stands between the entry and the decision."""
    vault.policies = OTHER
    vault.name_policies(LATE)
    vault.use(LATE, vault.asked, b"Else.", [1])
    vault.decide(LATE, ROWS, about="else")


def policies_unchanged(vault):
    vault.name_policies(LATE)
    vault.decide(LATE, ROWS, about="else")


def entry_at_the_end(text, signer=None):
    """A note at the end of the log, signed by the owner or the device."""
    def run(vault):
        vault.say(text(vault), signer(vault) if signer else vault.owner)
    return run


def earning_of(old="", new="", moves=None):
    """The text of an earning of mem-1's heads with one piece of it replaced."""
    def text(vault):
        generation, digest = newest(vault, "mem-1")
        made = moves(generation, digest) if moves else [((generation, digest), (generation + 1, sha256(b"new")))]
        whole = forge.earning_text(vault.vault, "confirm", LATE, made)
        assert old in whole, (old, whole)
        return whole.replace(old, new, 1)
    return text
