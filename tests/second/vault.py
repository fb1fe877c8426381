"""A vault file, read only: everything a recipient with the owner's vkey can check."""

import os
import sqlite3
import urllib.parse

import cbor
import entries
import mark
import moves
import records
import rowsum
import schema
from evidence import open_evidence
from forms import Bad, need, sha256
from head import open_body, open_head
from log import Logs
from note import digest, has_line_of, open_note, split
from ring import listed_keys, open_ring
from sealing import digest as part_digest
from sealing import unlock

MAX_SEALS = 2**28


class Vault:
    """Reads a vault file step by step; each step raises Bad where something is wrong."""

    def __init__(self, path, owner, secret):
        # Without a -wal file beside it the file is complete, and nothing need be written to read it.
        still = "" if os.path.exists(path + "-wal") else "&immutable=1"
        self.base = sqlite3.connect(f"file:{urllib.parse.quote(path)}?mode=ro{still}", uri=True)
        self.path, self.owner, self.secret, self.gone = path, owner, secret, {}

    def close(self):
        self.base.close()

    def select(self, query):
        try:
            return self.base.execute(query).fetchall()
        except sqlite3.Error as error:
            raise Bad(f"SQLite: {error}") from None

    def check_file(self):
        """Application id, version, journal mode and tables."""
        schema.check(self.path, self.select)
        return f"{len(schema.TABLES)} tables"

    def check_rings(self):
        """Every ring is the owner's, counts up from 1, and keeps the epochs before it."""
        rows = self.select("SELECT version, note FROM rings ORDER BY version")
        need(rows, "no key ring")
        self.rings, before = {}, None
        for place, (version, note) in enumerate(rows, 1):
            ring = open_ring(note, self.owner)
            need(version == ring.version == place, "key rings do not count up from 1")
            if before:
                need(ring.vault == before.vault, "key ring of another vault")
                need(ring.previous == before.digest, "key ring names another key ring before it")
                kept = ring.epoch_lines[: len(before.epoch_lines)]
                need(kept == before.epoch_lines, "a key ring changed the line of an earlier epoch")
            self.rings[ring.digest] = before = ring
        self.ring, self.vault = before, before.vault
        return f"version {before.version}, vault {self.vault.hex()}"

    def check_unlock(self):
        self.epochs = unlock(self.ring, self.secret)
        return f"{len(self.epochs)} epoch keys, commitments agree"

    def check_log(self):
        """Entries without gaps, of known kinds, signed by whoever may; nodes and keys are exactly those of the entries."""
        self.logs = Logs(self.select, self.vault, self.owner, listed_keys(self.rings.values()))
        return str(self.logs)

    def _signed(self, note, ring, at):
        """The verified text of a note, if a writer of a ring at a time signed it. Lines of others are passed over."""
        signers = [vkey for vkey in ring.with_role("writer", at) if has_line_of(note, vkey)]
        need(signers, "vault head is not signed by a writer of that time")
        for vkey in signers[:-1]:
            try:
                return open_note(note, vkey)
            except Bad:
                continue
        return open_note(note, signers[-1])

    def check_vault_heads(self):
        """Every vault head: its chain, ring, signer and log root; the last one names the current ring and log."""
        rows = self.select("SELECT sequence, note FROM vault_heads ORDER BY sequence")
        need(rows, "no vault head")
        self.vault_heads, self.covers, before, version = {}, [], None, 1
        for place, (sequence, note) in enumerate(rows, 1):
            # The ring says who may have signed, so ring and time are read before the note is verified.
            head = records.parse_vault_head(split(note)[0])
            need(sequence == head.sequence == place, "vault heads do not count up from 1")
            need(head.vault == self.vault, "vault head of another vault")
            ring = self.rings.get(head.ring)
            need(ring, "vault head names no key ring of this vault")
            self._signed(note, ring, head.at)
            need(head.previous == self.vault_heads.get(place - 1), "vault head names another vault head before it")
            need(before is None or head.at >= before.at, "vault head goes back in time")
            need(ring.version >= version, "vault head goes back to an older key ring")
            self._check_log_of(head, before)
            self.vault_heads[sequence], before, version = digest(note), head, ring.version
            self.covers.append(head)
        self.vault_head = before
        need(before.ring == self.ring.digest, "newest vault head does not name the newest key ring")
        need(set(self.logs.entries) <= set(range(1, before.log + 1)), "entries of a log that no vault head names")
        return f"sequence {before.sequence}"

    def _check_log_of(self, head, before):
        number, size = (before.log, before.log_size) if before else (0, 0)
        need(head.log in (number, number + 1) and head.log >= 1, "log numbers do not count up from 1")
        least = size if head.log == number else 0
        need(least <= head.log_size <= self.logs.size(head.log), "log is shorter than a vault head says")
        need(self.logs.root(head.log, head.log_size) == head.log_root, "log root is not that of the vault head")

    def check_row_sum(self):
        """Rows and row sum of the newest vault head, before anything is opened."""
        stored = self.select("SELECT only, state FROM row_sum")
        need(len(stored) == 1 and stored[0][0] == 1 and len(stored[0][1]) == rowsum.SIZE, "not one row sum of 2,048 bytes")
        need(sha256(stored[0][1]) == self.vault_head.row_sum, "row sum is not that of the vault head")
        rows = self.select("SELECT row, generation, sealed FROM heads ORDER BY row")
        need(len(rows) == self.vault_head.rows, "number of rows is not that of the vault head")
        found = rowsum.total((row, generation, part_digest(sealed)) for row, generation, sealed in rows)
        need(found == stored[0][1], "row sum is not that of the heads")
        return f"{len(rows)} rows"

    def check_heads(self):
        """Every current and old head: generations, chain and epochs; what only entries of the log may change."""
        self.heads, self.digests, self.current, self.head_epochs, self.places = {}, {}, {}, {}, {}
        for table in ("old_heads", "heads"):
            for row, generation, sealed in self.select(f"SELECT row, generation, sealed FROM {table}"):
                need((row, generation) not in self.heads, f"generation {generation} of {row} twice")
                self.heads[row, generation] = self._named(row, generation, open_head, sealed)
                self.digests[row, generation] = part_digest(sealed)
                self.places[part_digest(sealed)] = (row, generation)
                self.head_epochs[row, generation] = cbor.decode(sealed)[2]
                if table == "heads":
                    self.current[row] = generation
        for row, generation in self.heads:
            need(row in self.current and generation <= self.current[row], f"old head of {row} without a newer one")
        moved = sum(self._check_row(row, newest) for row, newest in self.current.items())
        return f"{len(self.heads)} heads, {moved} made by entries of the log"

    def _check_row(self, row, newest):
        """Check a row from its first head on. Returns how many heads an entry made."""
        gone = self.forgotten(row)
        left = [generation for of, generation in self.heads if of == row and generation <= gone]
        need(not left, f"generation {min(left, default=0)} of {row} is there, which was forgotten up to {gone}")
        before, epoch, moved = None, 0, 0
        for generation in range(gone + 1, newest + 1):
            place = (row, generation)
            need(place in self.heads, f"generation {generation} of {row} is missing")
            try:
                moved += self._check_step(before, place)
            except Bad as error:
                raise Bad(f"generation {generation} of {row!r}: {error}") from None
            need(self.head_epochs[place] >= epoch, f"generation {generation} of {row} goes back to an older epoch")
            before, epoch = place, self.head_epochs[place]
        return moved

    def _check_step(self, before, place):
        """Check a head against the one before it, if there is one. Returns whether an entry made it."""
        after, digest = self.heads[place][0], self.digests[place]
        moved = self.logs.moves.get(digest)
        if before is None:
            need(not moved, "an entry moves to the first head of a row")
            moves.check_first(after)
            return False
        old = self.heads[before][0]
        need(after[28] == self.digests[before], "head names another head before it")
        if moved:
            entries.check_move(self, *moved, old, after)
        else:
            moves.check_free(old, after)
        return bool(moved)

    def forgotten(self, row):
        """The last generation of a row that was forgotten; 0 if it never was."""
        if row not in self.gone:
            generations = []
            for entry in self.logs.forgettings():
                epoch, named = entry.said.mark
                need(epoch in self.epochs, "a mark under an epoch that there is not")
                if mark.of_row(self.epochs[epoch], row) == named:
                    generations.append(entry.said.generation)
            need(all(a < b for a, b in zip(generations, generations[1:])), f"{row} is forgotten twice")
            self.gone[row] = max(generations, default=0)
        return self.gone[row]

    def _named(self, row, generation, opening, sealed):
        try:
            return opening(self.epochs, row, generation, sealed)
        except Bad as error:
            raise Bad(f"row {row!r} generation {generation}: {error}") from None

    def check_bodies(self):
        """Exactly the bodies that heads name, each with its digest and its text commitment."""
        rows = self.select("SELECT row, generation, sealed FROM bodies")
        stored, self.bodies, opened = {(row, generation): sealed for row, generation, sealed in rows}, {}, set()
        need(len(stored) == len(rows), "a body stands twice")
        for (row, generation), (items, _) in self.heads.items():
            place = (row, items[24])
            need(place in stored, f"body {items[24]} of {row} is missing")
            try:
                self.bodies[row, generation] = open_body(self.epochs, items, stored[place])
            except Bad as error:
                raise Bad(f"body of {row!r}: {error}") from None
            opened.add(place)
        need(opened == set(stored), "a body that no head names")
        return f"{len(opened)} bodies"

    def check_evidence(self):
        """Exactly the evidence parts that heads name: for each head its row's newest one that is no newer than the head."""
        rows = self.select("SELECT row, generation, sealed FROM evidence")
        stored, self.evidence, named = {(row, generation): sealed for row, generation, sealed in rows}, {}, {}
        need(len(stored) == len(rows), "an evidence part stands twice")
        for (row, generation), (items, _) in self.heads.items():
            if items[25] is None:
                continue
            past = [found for of, found in stored if of == row and found <= generation]
            need(past, f"evidence of {row} is missing")
            place = (row, max(past))
            # One part stands under many heads.
            if named.get(place, (None,))[0] != items[25]:
                try:
                    named[place] = items[25], open_evidence(self.epochs, items, stored[place], place[1])
                except Bad as error:
                    raise Bad(f"evidence of {row!r}: {error}") from None
            self.evidence[row, generation] = named[place][1]
        need(set(named) == set(stored), "an evidence part that no head names")
        return f"{len(stored)} evidence parts"

    def check_seals(self):
        """Counts are of known epochs, below the limit, and no less than what is stored."""
        counts = {}
        columns = {"heads": "sealed", "old_heads": "sealed", "bodies": "sealed", "evidence": "sealed", "decisions": "rulings"}
        for table, column in columns.items():
            for (sealed,) in self.select(f"SELECT {column} FROM {table}"):
                epoch = cbor.array(sealed, 8)[2]
                counts[epoch] = counts.get(epoch, 0) + 1
        reserved = dict(self.select("SELECT epoch, reserved FROM seals"))
        known = all(epoch in self.epochs and 0 <= n <= MAX_SEALS for epoch, n in reserved.items())
        need(known, "seal count out of range")
        need(all(n <= reserved.get(epoch, 0) for epoch, n in counts.items()), "more seals stored than reserved")
        return f"{sum(counts.values())} sealed parts"

    def check_pin(self, pin):
        """Refuse the vault if it is older than a pin, or another."""
        log = self.vault_head.log
        records.check_pin(
            pin, self.vault, self.vault_heads, log, self.logs.size(log), lambda size: self.logs.root(log, size)
        )
        return f"sequence {pin.sequence}"
