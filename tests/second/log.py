"""The log of a vault file: its entries and tree, who signed what, and what entries can be found by."""

import dataclasses
import re

import tree
from entry import ANY, DECIDER, OWNER, Said, parse_entry
from forms import Bad, need, utf8
from note import has_line_of, open_note, split

MAX_ENTRY = 65_535
_DECISION = re.compile(r"(.+)/([0-9a-f]{32})/decision/v1/([0-9a-f]{32})")


@dataclasses.dataclass(frozen=True)
class Entry:
    """An entry that is no decision, and where it stands."""

    log: int
    idx: int
    signer: str
    said: Said


class Logs:
    """Every log of one vault file, its entries sorted by kind. `keys` are the lines of the keys that were ever listed."""

    def __init__(self, select, vault, owner, keys):
        self.vault, self.owner, self.keys = vault, owner, keys
        # `order` has, for each log, a `Said` or the id of a decision.
        self.entries, self.order, self.said, self.decisions, self.moves = {}, {}, [], {}, {}
        self.answered, self.uses = set(), set()
        found_by = set()
        for log, idx, entry in select("SELECT log, idx, entry FROM log_entries ORDER BY log, idx"):
            need(idx == len(self.entries.setdefault(log, [])), "log with a gap")
            need(len(utf8(entry)) <= MAX_ENTRY, "log entry too large")
            self.entries[log].append(utf8(entry))
            said = self._sort(log, idx, entry)
            self.order.setdefault(log, []).append(said)
            found_by |= {(key, log, idx) for key in said.keys} if isinstance(said, Said) else set()
        nodes = {}
        for log, level, idx, value in select("SELECT log, level, idx, hash FROM log_nodes"):
            nodes.setdefault(log, {})[level, idx] = value
        wanted = {log: tree.complete_nodes(entries) for log, entries in self.entries.items()}
        need(nodes == wanted, "log nodes are not those of the entries")
        need(set(select("SELECT key, log, idx FROM log_keys")) == found_by, "log keys are not those of the entries")

    def _sort(self, log, idx, entry):
        """Read an entry and see that whoever may say this signed it. Decisions are checked later."""
        text = split(entry)[0]
        match = _DECISION.fullmatch(text.split("\n", 1)[0])
        if match:
            need(match[2] == self.vault.hex(), "log entry is a decision of another vault")
            need(match[3] not in self.decisions, "a decision stands twice in the log")
            self.decisions[match[3]] = entry
            return match[3]
        said = parse_entry(text)
        need(said.vault == self.vault, "log entry of another vault")
        found = Entry(log, idx, self._signer(entry, said), said)
        self.said.append(found)
        for place, move in enumerate(said.moves):
            need(move.new[1] not in self.moves, "two moves to one head")
            self.moves[move.new[1]] = (found, place)
        if said.kind == "use":
            need((said.decision, said.mark) not in self.uses, "a use stands twice in the log")
            self.uses.add((said.decision, said.mark))
        if said.kind == "earning" and said.signers == (OWNER,) and said.challenge:
            need(said.challenge not in self.answered, "a question is answered twice")
            self.answered.add(said.challenge)
        return said

    def _may(self, said):
        """The keys that may say this."""
        found = [self.owner] if OWNER in said.signers else []
        if ANY in said.signers:
            found += [key for key, line in self.keys.items() if any(line.holds(role, said.at) for role in line.roles)]
        if DECIDER in said.signers:
            found += [key for key, line in self.keys.items() if line.holds("decider", said.at)]
        return found

    def _signer(self, entry, said):
        signers = [key for key in self._may(said) if has_line_of(entry, key)]
        need(signers, "log entry is not signed by a key that may say it")
        wrong = None
        for key in signers:
            try:
                open_note(entry, key)
                return key
            except Bad as error:
                wrong = error
        raise wrong

    def forgettings(self):
        return [entry for entry in self.said if entry.said.kind == "forgetting"]

    def size(self, log):
        return len(self.entries.get(log, []))

    def root(self, log, size):
        return tree.root(self.entries.get(log, [])[:size])

    def __str__(self):
        kinds = [entry.said.kind for entry in self.said]
        counts = "".join(f", {kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
        return f"{len(kinds) + len(self.decisions)} entries: {len(self.decisions)} decisions{counts}"
