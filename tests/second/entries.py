"""What the entries of a log name: heads, decisions, and the entries beside them."""

import moves
import tree
from entry import LATER, Said
from forms import Bad, need, utf8

ANSWERED_WITHIN = 7 * 86_400_000
# These change rows, so that a vault head was made with them.
CHANGES = ("ask", "earning", "forgetting")


def check_move(vault, entry, place, before, after):
    """Whether a head is what a move of an entry makes of the head before it, both being there."""
    said = entry.said
    move = said.moves[place]
    need(move.old == (before[1], after[28]), "the entry was made for another head")
    need(move.new[0] == after[1], "the entry names another generation")
    if said.kind == "ask" or place == 0:
        word = said.word or "ask"
        if said.word:
            times = [before[11], before[12], before[16] if word in LATER else None]
            need(all(at is None or at <= said.at for at in times), "earning is earlier than what the head says")
        moves.check_made(moves.made(word, said.at, before), word, before, after)
        return
    wrong = Bad("a tie is settled that is not there")
    for row in _winners(vault, said, before):
        try:
            moves.check_made(moves.settled(said.word, row, before), None, before, after)
            return
        except Bad as error:
            wrong = error
    raise wrong


def _winners(vault, said, items):
    """The row an earning is about; where it was forgotten since, whichever forgotten row the settled one is tied to."""
    first = said.moves[0].new
    if first[1] in vault.places:
        return [vault.places[first[1]][0]]
    tied = {row for kind, row, _ in items[21] if kind in (moves.SUPERSEDES, moves.CONTRADICTS)}
    return [row for row in sorted(tied) if vault.forgotten(row) >= first[0]]


def _check_there(vault, entry, head):
    """A head that an entry names is there, or a later forgetting says that it is gone."""
    generation, digest = head
    if digest in vault.places:
        need(vault.places[digest][1] == generation, "it names another generation of a head")
        return True
    later = (other.said.heads for other in vault.logs.forgettings() if (other.log, other.idx) > (entry.log, entry.idx))
    need(any(head in heads for heads in later), "it names a head that this vault does not have")
    return False


def _decision(vault, said):
    """The stored decision that an entry names, and its leaves."""
    need(said.decision in vault.decisions, "it names a decision that is not stored")
    return vault.decisions[said.decision]


def _check_answer(vault, said, about):
    """An earning that answers a question: the ruling of its challenge is on this row and on this text, and not too old."""
    result, leaves = _decision(vault, said)
    hashes = [tree.leaf_hash(utf8(leaf)) for leaf in leaves]
    need(said.challenge in hashes[1:], "no ruling of the decision has this leaf hash")
    at = result.header.at
    need(at <= said.at <= at + ANSWERED_WITHIN, "answered before the decision, or more than 7 days after it")
    if not about:
        return
    ruling = result.rulings[hashes.index(said.challenge) - 1]
    need(ruling.row == about[0], "the ruling is on another row")
    judged = vault.heads.get((ruling.row, ruling.generation))
    there = judged and vault.digests[ruling.row, ruling.generation] == ruling.head
    need(there and judged[0][26:28] == vault.heads[about][0][26:28], "the ruling is on another text")


def _check_use(vault, entry):
    result, _ = _decision(vault, entry.said)
    need(entry.said.at >= result.header.at, "used before it was decided")
    most = max(entry.said.placed, default=0)
    need(most <= len(result.rulings), f"ruling {most} of {len(result.rulings)}")


def _check_moves(vault, entry):
    said = entry.said
    for move in said.moves:
        # Where the second head is there, it is held against the first.
        there = _check_there(vault, entry, move.new)
        need(there or move.old[1] not in vault.places, "one of two heads is there, the other is not")
    if said.kind == "ask":
        _decision(vault, said)
    elif said.challenge:
        _check_answer(vault, said, vault.places.get(said.moves[0].old[1]))


def _check_policies(vault):
    """Before the first decision with another policy set than the one named last stands an entry that names it."""
    for order in vault.logs.order.values():
        last = None
        for idx, said in enumerate(order):
            if isinstance(said, Said) and said.kind == "policies":
                follows = order[idx + 1] if idx + 1 < len(order) else None
                header = vault.decisions[follows][0].header if isinstance(follows, str) else None
                used = header and (header.set_name, header.set_version, header.set_digest)
                need(used == said.policies, f"entry {idx}: no decision with these policies follows")
                need(said.before == (last and last[2]), f"entry {idx}: it names other policies before it")
                need(last != said.policies, f"entry {idx}: the policies did not change")
                last = said.policies
            elif isinstance(said, str):
                header = vault.decisions[said][0].header
                used = (header.set_name, header.set_version, header.set_digest)
                need(used == last, f"entry {idx}: decided with policies that no entry names")


def _check_forgettings(vault):
    """A row is forgotten again only with a later generation."""
    last = {}
    for entry in vault.logs.forgettings():
        said = entry.said
        need(last.get(said.mark, 0) < said.generation, f"entry {entry.idx}: it says what another entry says")
        last[said.mark] = said.generation


def check_entries(vault):
    """Every entry of every log that is no decision."""
    for entry in vault.logs.said:
        said = entry.said
        try:
            if said.kind in CHANGES:
                covers = (head for head in vault.covers if head.log == entry.log and head.log_size > entry.idx)
                head = next(covers, None)
                need(head, "no vault head was made with it")
                need(said.at <= head.at, "it is later than the vault head made with it")
            if said.mark:
                need(said.mark[0] in vault.epochs, "a mark under an epoch that there is not")
            if said.kind == "use":
                _check_use(vault, entry)
            if said.kind == "opening":
                _check_there(vault, entry, said.head)
            if said.moves:
                _check_moves(vault, entry)
        except Bad as error:
            raise Bad(f"entry {entry.idx}: {error}") from None
    _check_policies(vault)
    _check_forgettings(vault)
    return str(len(vault.logs.said))
