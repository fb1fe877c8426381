//! One transaction that changes rows: heads, bodies and evidence, the log entries about them, and the vault head that covers
//! it all.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::entry::{HeadName, Move, Said};
use super::head::VaultHead;
use super::{Vault, VaultError};
use crate::evidence::Evidence;
use crate::id::{Digest, RowId};
use crate::note::Signer;
use crate::row::{Body, Head, LinkKind, Parents};
use crate::seal::{SealedBody, SealedEvidence, SealedHead};
use crate::store::{StoreError, Writer};
use crate::time::Timestamp;

/// A row that this transaction writes: its head as it will be, and a new body if the text changed.
pub(super) struct Pending {
    pub(super) head: Head,
    pub(super) body: Option<Body>,
    /// The evidence, if more was attached.
    pub(super) evidence: Option<Evidence>,
    /// The sealed head before it.
    before: Option<HeadName>,
    /// Generation of the head before it, also where that was forgotten.
    last: u64,
    /// Whether anything differs from what is stored.
    pub(super) touched: bool,
}

impl Pending {
    /// A row that is not there; it was, up to this generation, if it was forgotten.
    pub(super) fn new(head: Head, body: Body, last: u64) -> Self {
        Pending { head, body: Some(body), evidence: None, before: None, last, touched: true }
    }

    /// It rests on something that changed. Whether that is new.
    pub(super) fn rest_on_change(&mut self) -> bool {
        let is_new = self.head.parents != Parents::Changed;
        self.head.parents = Parents::Changed;
        self.touched |= is_new;
        is_new
    }

    /// Generation of its body, once it is written.
    pub(super) fn body_generation(&self) -> u64 {
        if self.body.is_some() { self.last + 1 } else { self.head.body_generation }
    }
}

/// A row that this transaction takes out.
struct Erased {
    row: RowId,
    last: HeadName,
}

/// Which heads were written, by row.
pub(super) type Moves = BTreeMap<RowId, Move>;

/// Rows and log entries that one transaction writes.
pub(super) struct Change<'w, 's> {
    pub(super) vault: &'s Vault,
    pub(super) writer: &'w Writer<'w>,
    pending: BTreeMap<RowId, Pending>,
    /// Rows whose dependants rest on something that changed.
    unsettled: BTreeSet<RowId>,
    /// Rows that the owner just spoke for.
    spoken_for: BTreeSet<RowId>,
    erased: Vec<Erased>,
    pub(super) nothing_forgotten: OnceCell<bool>,
    notes: Vec<Saying<'s>>,
}

/// A note that is made once the heads it names are sealed.
struct Saying<'s> {
    signer: &'s Signer,
    said: Words<'s>,
}

/// What to say, once it is known which heads were written.
type Words<'s> = Box<dyn FnOnce(&Moves) -> Option<Said> + 's>;

/// What a change did beside what it was asked for.
pub(super) struct Done<T> {
    pub(super) value: T,
    pub(super) moves: Moves,
    /// Rows that were marked because something they depend on changed.
    pub(super) dependants: usize,
}

impl Vault {
    /// Runs `work` over a set of rows, and writes what it changed together with a new vault head. It is run again where it
    /// seals more parts than was thought.
    pub(super) fn change<'s, T>(
        &'s self,
        signer: &'s Signer,
        now: Timestamp,
        seals: u64,
        mut work: impl FnMut(&mut Change<'_, 's>) -> Result<T, VaultError>,
    ) -> Result<Done<T>, VaultError> {
        let mut seals = seals;
        loop {
            let done = self.sealing(seals, |writer| {
                let head = self.head(writer)?;
                // Vault heads never go back in time, whatever this machine's clock says.
                let now = now.max(head.at);
                let listed = self.ring.listed_at(&signer.verifier(), now);
                if !listed.is_some_and(|listed| listed.roles.may_write()) {
                    let name = signer.verifier().name().to_string();
                    return Err(VaultError::NotAllowed { name, what: "write", at: now });
                }
                let mut change = Change {
                    vault: self,
                    writer,
                    pending: BTreeMap::new(),
                    unsettled: BTreeSet::new(),
                    spoken_for: BTreeSet::new(),
                    erased: vec![],
                    nothing_forgotten: OnceCell::new(),
                    notes: vec![],
                };
                let value = work(&mut change)?;
                let dependants = change.mark_dependants()?;
                let needed = change.seals();
                if needed > seals {
                    // Nothing is sealed that was not counted before.
                    return Ok(Err(needed));
                }
                let moves = change.finish(signer, now, &head)?;
                Ok(Ok(Done { value, moves, dependants }))
            })?;
            match done {
                Ok(done) => return Ok(done),
                Err(needed) => seals = needed,
            }
        }
    }
}

impl<'s> Change<'_, 's> {
    /// The row as this transaction has it so far.
    pub(super) fn row(&mut self, row: &RowId) -> Result<Option<&mut Pending>, VaultError> {
        if !self.pending.contains_key(row) {
            let Some((_, bytes)) = self.writer.head(row.as_str())? else { return Ok(None) };
            let sealed = SealedHead::from_bytes(bytes);
            let head =
                sealed.open(&self.vault.keys, row).map_err(|error| VaultError::Row { row: row.clone(), error })?;
            let last = head.generation;
            let before = Some(HeadName { generation: last, digest: sealed.digest() });
            let pending = Pending { head, body: None, evidence: None, before, last, touched: false };
            self.pending.insert(row.clone(), pending);
        }
        Ok(self.pending.get_mut(row))
    }

    /// The same, where a row that does not open is passed over: it is held back whatever else is said of it.
    pub(super) fn sound_row(&mut self, row: &RowId) -> Result<Option<&mut Pending>, VaultError> {
        match self.row(row) {
            Err(VaultError::Row { .. }) => Ok(None),
            other => other,
        }
    }

    /// A row that is not there yet.
    pub(super) fn insert(&mut self, row: RowId, pending: Pending) {
        self.pending.insert(row, pending);
    }

    /// A row that this transaction has looked at already.
    pub(super) fn seen(&self, row: &RowId) -> Option<&Pending> {
        self.pending.get(row)
    }

    /// The heads of all of them.
    pub(super) fn all_seen(&self) -> impl Iterator<Item = &Head> {
        self.pending.values().map(|pending| &pending.head)
    }

    /// Takes a row out. What depends on it rests on something that changed.
    pub(super) fn erase(&mut self, row: &RowId, last: HeadName) -> Result<(), VaultError> {
        // Its head is asked for its dependants, where it opens.
        self.sound_row(row)?;
        self.unsettled.insert(row.clone());
        self.erased.push(Erased { row: row.clone(), last });
        Ok(())
    }

    /// What depends on this row rests on something that changed.
    pub(super) fn unsettle(&mut self, row: &RowId) {
        self.unsettled.insert(row.clone());
    }

    /// The owner spoke for this row: it stays settled, whatever it depends on.
    pub(super) fn speak_for(&mut self, row: &RowId) {
        self.spoken_for.insert(row.clone());
    }

    /// Appends a note to the log, in this transaction, once the heads that it names are known. No entry where there is nothing
    /// to say.
    pub(super) fn say(&mut self, signer: &'s Signer, said: impl FnOnce(&Moves) -> Option<Said> + 's) {
        self.notes.push(Saying { signer, said: Box::new(said) });
    }

    /// Marks what depends on rows that changed, and what depends on that. How many were marked. A row for which the owner just
    /// spoke, or that takes the place of the one in question, stays as it is, and so does what depends on it.
    fn mark_dependants(&mut self) -> Result<usize, VaultError> {
        let mut walked = self.unsettled.clone();
        let mut next: Vec<RowId> = walked.iter().cloned().collect();
        let mut marked = 0;
        while let Some(row) = next.pop() {
            let Some(known) = self.sound_row(&row)? else { continue };
            let dependants: Vec<RowId> = known.head.links.of(LinkKind::HasDependant).cloned().collect();
            for dependant in dependants {
                let is_gone = self.erased.iter().any(|erased| erased.row == dependant);
                // Around a circle a row would be marked because of itself.
                let is_alone = self.unsettled.len() == 1 && self.unsettled.contains(&dependant);
                if is_gone || is_alone || self.spoken_for.contains(&dependant) {
                    continue;
                }
                let Some(pending) = self.sound_row(&dependant)? else { continue };
                if pending.head.links.has(LinkKind::Supersedes, &row) {
                    continue;
                }
                marked += usize::from(pending.rest_on_change());
                if walked.insert(dependant.clone()) {
                    next.push(dependant);
                }
            }
        }
        Ok(marked)
    }

    /// How many parts will be sealed.
    fn seals(&self) -> u64 {
        let touched = self.pending.values().filter(|pending| pending.touched);
        touched.map(|pending| 1 + u64::from(pending.body.is_some()) + u64::from(pending.evidence.is_some())).sum()
    }

    fn finish(self, signer: &Signer, now: Timestamp, head: &VaultHead) -> Result<Moves, VaultError> {
        let Change { vault, writer, mut pending, erased, notes, .. } = self;
        let mut rows = head.rows.clone();
        for Erased { row, last } in &erased {
            pending.remove(row);
            writer.erase(row.as_str())?;
            rows.remove(row, last.generation, &last.digest);
        }
        let mut moves = Moves::new();
        let mut written = erased.len();
        for (row, pending) in pending.into_iter().filter(|(_, pending)| pending.touched) {
            let Pending { mut head, body, evidence, before, last, .. } = pending;
            head.generation = last + 1;
            head.previous = before.map(|before| before.digest);
            if let Some(body) = body {
                let sealed = SealedBody::seal(&vault.keys, &row, head.generation, &body);
                head.body_generation = head.generation;
                head.body = sealed.digest();
                writer.put_body(row.as_str(), head.generation, sealed.as_bytes())?;
            }
            if let Some(evidence) = evidence {
                let sealed = SealedEvidence::seal(&vault.keys, &row, head.generation, &evidence);
                head.evidence = Some(sealed.digest());
                writer.put_evidence(row.as_str(), head.generation, sealed.as_bytes())?;
            }
            head.check().map_err(|what| VaultError::Refused { row: row.clone(), what })?;
            let sealed = SealedHead::seal(&vault.keys, &head);
            let to = HeadName { generation: head.generation, digest: sealed.digest() };
            writer.put_head(row.as_str(), to.generation, sealed.as_bytes())?;
            if let Some(from) = before {
                rows.remove(&row, from.generation, &from.digest);
                moves.insert(row.clone(), Move { from, to });
            }
            rows.add(&row, to.generation, &to.digest);
            written += 1;
        }
        if written == 0 {
            return Ok(moves);
        }
        for Saying { signer, said } in notes {
            if let Some(said) = said(&moves) {
                append(writer, head.log, signer, &said)?;
            }
        }
        let size = writer.log_size(head.log)?;
        let root = writer.log_root(head.log, size)?.ok_or(StoreError::Damaged("a log node is missing"))?;
        let next = head.next(&vault.ring, now, size, root, rows);
        let note = next.sign(signer);
        writer.put_vault_head(next.sequence, note.as_str(), next.rows.state())?;
        Ok(moves)
    }
}

/// Signs what is said, and appends it with what it can be found by.
pub(super) fn append(writer: &Writer<'_>, log: u64, signer: &Signer, said: &Said) -> Result<(), VaultError> {
    let note = signer.sign(&said.to_string()).expect("an entry is a note's text");
    Ok(writer.append(log, note.as_str(), &said.keys())?)
}

/// The digest of a sealed head as it is stored.
pub(super) fn name_of(generation: u64, sealed: &[u8]) -> HeadName {
    HeadName { generation, digest: Digest::of(sealed) }
}
