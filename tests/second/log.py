"""The log of a vault file: decisions and earnings, whoever signed them."""

import re

import tree
from forms import need, utf8
from note import split
from records import EARNING, open_earning

MAX_ENTRY = 65_535
_DECISION = re.compile(r"(.+)/([0-9a-f]{32})/decision/v1/([0-9a-f]{32})")


class Logs:
    """Every log of one vault file, its entries sorted into earnings and decisions."""

    def __init__(self, select, vault, owner):
        self.vault, self.owner = vault, owner
        self.entries, self.earnings, self.decisions = {}, {}, {}
        for log, idx, entry in select("SELECT log, idx, entry FROM log_entries ORDER BY log, idx"):
            need(idx == len(self.entries.setdefault(log, [])), "log with a gap")
            need(len(utf8(entry)) <= MAX_ENTRY, "log entry too large")
            self.entries[log].append(utf8(entry))
            self._sort(entry)
        nodes = {}
        for log, level, idx, value in select("SELECT log, level, idx, hash FROM log_nodes"):
            nodes.setdefault(log, {})[level, idx] = value
        wanted = {log: tree.complete_nodes(entries) for log, entries in self.entries.items()}
        need(nodes == wanted, "log nodes are not those of the entries")

    def _sort(self, entry):
        """An entry is an earning of the owner, or looks like a decision. The decision itself is checked later."""
        first = split(entry)[0].split("\n", 1)[0]
        match = _DECISION.fullmatch(first)
        need(match or first == EARNING, "log entry is neither an earning nor a decision")
        if match:
            need(match[2] == self.vault.hex(), "log entry is a decision of another vault")
            need(match[3] not in self.decisions, "a decision stands twice in the log")
            self.decisions[match[3]] = entry
        else:
            earning = open_earning(entry, self.owner)
            need(earning.vault == self.vault, "earning for another vault")
            self.earnings[earning.digest] = earning

    def size(self, log):
        return len(self.entries.get(log, []))

    def root(self, log, size):
        return tree.root(self.entries.get(log, [])[:size])

    def __str__(self):
        total = sum(map(len, self.entries.values()))
        return f"{total} entries: {len(self.decisions)} decisions, {len(self.earnings)} earnings"
