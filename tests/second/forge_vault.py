"""Test only: makes a vault file with its own writer."""

import contextlib
import copy
import os
import sqlite3

import cbor
import forge
import mark
import moves
import records
import rowsum
import tree
from entry import parse_entry
from forms import Bad, sha256, time_text, tobase64, utf8
from note import split
from sealing import BODY, EVIDENCE, HEAD, seal_part

SCHEMA = """
CREATE TABLE rings (version INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE vault_heads (sequence INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE heads (row TEXT PRIMARY KEY, generation INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE old_heads (row TEXT NOT NULL, generation INTEGER NOT NULL, sealed BLOB NOT NULL,
                        PRIMARY KEY (row, generation)) STRICT, WITHOUT ROWID;
CREATE TABLE bodies (row TEXT NOT NULL, generation INTEGER NOT NULL, sealed BLOB NOT NULL,
                     UNIQUE (row, generation)) STRICT;
CREATE TABLE evidence (row TEXT NOT NULL, generation INTEGER NOT NULL, sealed BLOB NOT NULL,
                       UNIQUE (row, generation)) STRICT;
CREATE TABLE decisions (id TEXT PRIMARY KEY, note TEXT NOT NULL, rulings BLOB NOT NULL) STRICT;
CREATE TABLE row_sum (only INTEGER PRIMARY KEY CHECK (only = 1), state BLOB NOT NULL) STRICT;
CREATE TABLE log_entries (log INTEGER NOT NULL, idx INTEGER NOT NULL, entry TEXT NOT NULL,
                          PRIMARY KEY (log, idx)) STRICT, WITHOUT ROWID;
CREATE TABLE log_nodes (log INTEGER NOT NULL, level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL,
                        PRIMARY KEY (log, level, idx)) STRICT, WITHOUT ROWID;
CREATE TABLE log_keys (key BLOB NOT NULL, log INTEGER NOT NULL, idx INTEGER NOT NULL,
                       PRIMARY KEY (key, log, idx)) STRICT, WITHOUT ROWID;
CREATE TABLE seals (epoch INTEGER PRIMARY KEY, reserved INTEGER NOT NULL) STRICT;
"""
# What a new file begins with. Nobody minds if a test's file is lost.
NEW = f"""
PRAGMA synchronous = OFF;
PRAGMA application_id = 0x53475631;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
{SCHEMA}"""


def keys_of(note):
    """What an entry can be found by, ascending. A decision, and what has another form, by nothing."""
    try:
        return sorted(parse_entry(split(note)[0]).keys)
    except Bad:
        return []


class Forge:
    """A vault in memory. `heads[row]` lists (items, sealed) by generation."""

    def __init__(self, seed="forge"):
        self.stream = forge.Stream(seed)
        take = self.stream.take
        self.owner = forge.Signer("example.org/owner", take(32))
        self.device = forge.Signer("example.org/device", take(32))
        self.identity = forge.identity(take(32))
        self.vault = take(16)
        self.epochs = [forge.new_epoch(self.vault, 1, self.stream)]
        self.heads, self.bodies, self.evidence, self.log, self.row_sum = {}, {}, {}, [], rowsum.EMPTY
        self.rings, self.vault_heads, self.decisions, self.leaves = [], [], {}, {}
        # The policy set that decides, the one that the log named last, and the last generation of rows that were forgotten.
        self.policies, self.named, self.forgotten = forge.EVERYDAY, None, {}
        self.recipients = [forge.public(self.identity)]
        self.verifiers = [("writer,decider", forge.T0 - forge.DAY, None, self.device.vkey)]

    def copy(self):
        """Another vault that begins where this one stands, with the same keys."""
        keys = (self.owner, self.device, self.identity)
        return copy.deepcopy(self, {id(key): key for key in keys})

    @property
    def epoch(self):
        return self.epochs[-1]

    def ring(self, previous=None, edit=lambda lines: lines):
        """A new key ring of what stands now, and the vault head that follows it."""
        if self.rings and previous is None:
            previous = sha256(utf8(self.rings[-1]))
        lines = forge.ring_lines(
            self.vault, len(self.rings) + 1, previous, self.recipients, self.verifiers, self.epochs, self.stream
        )
        self.rings.append(self.owner.sign(forge.text_of(edit(lines))))
        return self.commit()

    def turn_epoch(self):
        self.epochs.append(forge.new_epoch(self.vault, len(self.epochs) + 1, self.stream))
        return self.ring()

    def seal(self, part, name, generation, plaintext, epoch=None):
        return seal_part(epoch or self.epoch, part, name, generation, plaintext, self.stream.take(12))

    def put_body(self, row, generation, text, details):
        self.bodies[row, generation] = self.seal(BODY, row, generation, cbor.encode([text, details]))
        return sha256(self.bodies[row, generation])

    @contextlib.contextmanager
    def drawing_from(self, seed):
        """Inside, everything random comes from another stream: what is made afterwards stays what it was without it."""
        before, self.stream = self.stream, forge.Stream(seed)
        yield
        self.stream = before

    def put_evidence(self, row, generation, materials):
        """Seals materials, each (kind, attached at, body generation, bytes). Gives the digest for the head."""
        plaintext = forge.evidence_content(materials)
        self.evidence[row, generation] = self.seal(EVIDENCE, row, generation, plaintext)
        return sha256(self.evidence[row, generation])

    def put_head(self, items, epoch=None):
        sealed = self.seal(HEAD, items[0], items[1], cbor.encode(items), epoch)
        self.heads.setdefault(items[0], []).append((items, sealed))

    def add(self, row, text, details=None, **changes):
        """A new row, or one that was forgotten and comes again."""
        first = self.forgotten.get(row, 0) + 1
        digest = self.put_body(row, first, text, details)
        self.put_head(forge.head_items(row, first, text, self.stream.take(32), digest, first, **changes))

    def next(self, row, items, epoch=None, **changes):
        """Put these items as the next head of a row, over them `changes`. Gives the move."""
        before, sealed = self.heads[row][-1]
        items = [*items]
        items[1], items[28] = before[1] + 1, sha256(sealed)
        for name, value in changes.items():
            items[int(name[1:])] = value
        self.put_head(items, epoch)
        return (before[1], sha256(sealed)), (items[1], sha256(self.heads[row][-1][1]))

    def change(self, row, text=None, details=None, epoch=None, **changes):
        """A new generation, with another text where one is given. Gives the move."""
        items = [*self.heads[row][-1][0]]
        if text is not None:
            self._rewrite(items, text, details)
            items[12], items[13], items[15] = None, 0, None
        return self.next(row, items, epoch, **changes)

    def _rewrite(self, items, text, details=None):
        """Another text in the items of the head to come."""
        items[23], items[24] = self.put_body(items[0], items[1] + 1, text, details), items[1] + 1
        items[27] = self.stream.take(32)
        items[26] = forge.text_commitment(items[27], text)

    def attach(self, row, materials, **changes):
        """A new generation that names these materials; the text stands."""
        self.change(row, i25=self.put_evidence(row, self.heads[row][-1][0][1] + 1, materials), **changes)

    def say(self, text, signer):
        """An entry in the log. Gives its note."""
        self.log.append(signer.sign(text))
        return self.log[-1]

    def marked(self, purpose, content):
        """A mark under the newest epoch, and the epoch."""
        return self.epoch.number, mark.mark(self.epoch, purpose, content)

    def challenge(self, decision, row):
        """The decision, and the leaf hash of its ruling on a row."""
        leaf = next(leaf for leaf in self.leaves[decision][1:] if leaf.split(" ")[1] == row)
        return decision, tree.leaf_hash(utf8(leaf))

    def earn(self, row, word, at, decision=None, signer=None, text=None, seen=None, settled=(), challenge=None, **changes):
        """An earning in the log, and the heads it makes. `seen` is (source, what was seen).

        `changes` are of the row's new head, over what the earning makes of it.
        """
        items = moves.made(word, at, self.heads[row][-1][0])
        if text is not None:
            self._rewrite(items, text)
        ties = [self.next(other, moves.settled(word, row, self.heads[other][-1][0])) for other in settled]
        made = [self.next(row, items, **changes), *sorted(ties, key=lambda move: move[0][1])]
        challenge = challenge or (self.challenge(decision, row) if decision else None)
        source = (seen[0], *self.marked(mark.TEXT, mark.answer_digest(seen[1]))) if seen else None
        signer = signer or self.owner
        return self.say(forge.earning_text(self.vault, word, at, made, signer.name, challenge, source), signer)

    def ask(self, at, decision, rows, signer=None):
        """Somebody is asked about rows."""
        made = [forge.move_line(*self.change(row, i16=at)) for row in rows]
        return self.say(forge.entry_text("ask", self.vault, time_text(at), decision, *made), signer or self.device)

    def open(self, at, row, signer=None):
        """A body is opened for the owner to look at."""
        items, sealed = self.heads[row][-1]
        line = f"{items[1]} {sha256(sealed).hex()}"
        return self.say(forge.entry_text("opening", self.vault, time_text(at), line), signer or self.device)

    def use(self, at, decision, answer, placed, signer=None):
        """Rulings of a decision stood in the prompt of an answer. `placed` is their numbers, or the text of the line."""
        epoch, named = self.marked(mark.TEXT, mark.answer_digest(answer))
        numbers = placed if isinstance(placed, str) else ",".join(map(str, placed)) or "-"
        lines = (time_text(at), decision, f"{epoch} {named.hex()}", numbers)
        return self.say(forge.entry_text("use", self.vault, *lines), signer or self.device)

    def _named(self, heads):
        """Those of these heads that entries of the log name, as lines of a forgetting."""
        named = {key for note in self.log for key in keys_of(note)}
        return [f"{items[1]} {sha256(sealed).hex()}" for items, sealed in heads if sha256(sealed) in named]

    def forget(self, at, row, signer=None):
        """A row goes: its heads, bodies and evidence."""
        heads = self.heads.pop(row)
        generation, gone = heads[-1][0][1], self._named(heads)
        self.bodies = {place: part for place, part in self.bodies.items() if place[0] != row}
        self.evidence = {place: part for place, part in self.evidence.items() if place[0] != row}
        self.forgotten[row] = generation
        epoch, named = self.marked(mark.ROW, utf8(row))
        lines = (time_text(at), f"{epoch} {named.hex()}", str(generation), *gone)
        return self.say(forge.entry_text("forgetting", self.vault, *lines), signer or self.owner)

    def name_policies(self, at, signer=None, before=None):
        """The policy set that decides from here on."""
        name, version, digest = self.policies
        before = before or (self.named[2].hex() if self.named else "-")
        self.named = self.policies
        lines = (time_text(at), f"{name} {version} {digest.hex()}", before)
        return self.say(forge.entry_text("policies", self.vault, *lines), signer or self.device)

    def members(self):
        return [(row, heads[-1][0][1], sha256(heads[-1][1])) for row, heads in self.heads.items()]

    def vault_head_text(self, **changes):
        log = [utf8(entry) for entry in self.log]
        sequence = len(self.vault_heads) + 1
        parts = {
            "sequence": sequence, "at": time_text(forge.T0 + 1000 * sequence),
            "previous": sha256(utf8(self.vault_heads[-1])).hex() if self.vault_heads else "-",
            "ring": sha256(utf8(self.rings[-1])).hex(), "log": 1, "size": len(log), "root": tobase64(tree.root(log)),
            "rows": len(self.heads), "row_sum": sha256(self.row_sum).hex(), **changes,
        }
        return forge.text_of([
            records.VAULT_HEAD, self.vault.hex(), f"{parts['sequence']} {parts['at']}", parts["previous"], parts["ring"],
            f"{parts['log']} {parts['size']} {parts['root']}", f"{parts['rows']} {parts['row_sum']}",
        ])

    def commit(self, signer=None, **changes):
        self.row_sum = rowsum.total(self.members())
        self.vault_heads.append((signer or self.device).sign(self.vault_head_text(**changes)))
        return self

    def pin(self):
        """A pin on what stands now."""
        log = [utf8(entry) for entry in self.log]
        return forge.text_of([
            records.PIN, self.vault.hex(), f"{len(self.vault_heads)} {sha256(utf8(self.vault_heads[-1])).hex()}",
            f"1 {len(log)} {tobase64(tree.root(log))}",
        ])

    def contents(self, at, rows, about="what does the user like?", what_if=False):
        """What the leaves of a decision on these rows commit to."""
        candidates = [[row[0], None, 250_000, False, None] for row in rows]
        found = [forge.request_content(at, about, candidates, what_if=what_if)]
        for row, *_ in rows:
            items = self.heads[row][-1][0] if row in self.heads else None
            said = [["row.kind", "text", "semantic"], ["row.denied", "bool", items[14]]] if items else None
            found.append(forge.facts_content(items[26], said) if items else None)
        return found

    def decide(self, at, rows, pinned=True, occasion="retrieval", store=True, signer=None, seed_of=None, **changes):
        """A decision on rows: each (row, verdict, until, reasons, body), judged by its newest head."""
        head = sha256(utf8(self.vault_heads[-1])).hex() if pinned else "-"
        sequence = len(self.vault_heads) if pinned else "unpinned"
        before, after = forge.header_fields(self.vault, at, len(rows), sequence, head, occasion, policies=self.policies)
        content, *facts = self.contents(at, rows, what_if=occasion == "what-if", **changes)
        rulings = []
        for (row, *said), fact in zip(rows, facts):
            items, sealed = self.heads[row][-1] if row in self.heads else (None, None)
            judged = [str(items[1]), sha256(sealed).hex()] if items else ["-", "-"]
            rulings.append(([row, *judged, *said], fact))
        seed, note, leaves = forge.make_decision(
            self.epoch.derive("disclosure"), signer or self.device, self.vault, (before, content, after), rulings, seed_of
        )
        if store:
            if self.named != self.policies:
                self.name_policies(at, signer)
            self.store(seed, note, leaves)
        return seed, note, leaves

    def store(self, seed, note, leaves):
        name = seed[:16].hex()
        sealed = forge.sealing_rulings(self.epoch, seed[:16], seed, leaves, nonce=self.stream.take(12))
        self.decisions[name], self.leaves[name] = (note, sealed), leaves
        self.log.append(note)

    def write(self, path):
        """Write the file and leave nothing beside it."""
        for leftover in (path, path + "-wal", path + "-shm"):
            if os.path.exists(leftover):
                os.remove(leftover)
        base = sqlite3.connect(path)
        base.executescript(NEW)
        put = base.executemany
        put("INSERT INTO rings VALUES (?, ?)", enumerate(self.rings, 1))
        put("INSERT INTO vault_heads VALUES (?, ?)", enumerate(self.vault_heads, 1))
        for row, heads in self.heads.items():
            *old, (items, sealed) = heads
            put("INSERT INTO heads VALUES (?, ?, ?)", [(row, items[1], sealed)])
            put("INSERT INTO old_heads VALUES (?, ?, ?)", [(row, items[1], sealed) for items, sealed in old])
        put("INSERT INTO bodies VALUES (?, ?, ?)", [(*key, sealed) for key, sealed in self.bodies.items()])
        put("INSERT INTO evidence VALUES (?, ?, ?)", [(*key, sealed) for key, sealed in self.evidence.items()])
        put("INSERT INTO decisions VALUES (?, ?, ?)", [(name, *value) for name, value in self.decisions.items()])
        put("INSERT INTO row_sum VALUES (1, ?)", [(self.row_sum,)])
        put("INSERT INTO log_entries VALUES (1, ?, ?)", enumerate(self.log))
        nodes = tree.complete_nodes([utf8(entry) for entry in self.log])
        put("INSERT INTO log_nodes VALUES (1, ?, ?, ?)", [(*place, value) for place, value in nodes.items()])
        put("INSERT INTO log_keys VALUES (?, 1, ?)", [(key, idx) for idx, note in enumerate(self.log) for key in keys_of(note)])
        put("INSERT INTO seals VALUES (?, ?)", [(epoch.number, 1024) for epoch in self.epochs])
        base.commit()
        base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        base.close()
        return path
