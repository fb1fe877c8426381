//! Rows in: drafts become sealed heads and bodies, in one transaction with the vault head that covers them.

use std::collections::{BTreeMap, HashMap};

use super::head::VaultHead;
use super::{Vault, VaultError};
use crate::evidence::{Attachments, Evidence};
use crate::id::{Digest, RowId};
use crate::note::Signer;
use crate::row::{Body, Draft, Head, LinkKind, MadeBy, OwnLink, Parents, Traits};
use crate::seal::{SealedBody, SealedEvidence, SealedHead};
use crate::store::{StoreError, Writer};
use crate::time::Timestamp;

/// What became of the drafts. Each draft counts once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Added {
    /// Rows that were not there.
    pub new: usize,
    /// Rows whose text changed.
    pub changed: usize,
    /// Rows of the same text whose traits or evidence changed. Their clocks stand.
    pub relabelled: usize,
    /// Rows whose text, traits and evidence were there already. Details of a text that stands are not looked at again.
    pub unchanged: usize,
    /// Drafts of a row that stands again further on; the last one counts.
    pub repeated: usize,
    /// Drafts of another text, said before the one that is there: an export of earlier days. They change nothing.
    pub older: usize,
}

/// Called with the number of drafts done so far.
pub type Progress<'a> = &'a mut dyn FnMut(usize);

/// A row that this transaction writes: its head as it will be, and a new body if the text changed.
pub(super) struct Pending {
    pub(super) head: Head,
    pub(super) body: Option<Body>,
    /// The evidence, if more was attached.
    pub(super) evidence: Option<Evidence>,
    /// Generation and digest of the sealed head before it.
    before: Option<(u64, Digest)>,
    /// Whether anything differs from what is stored.
    pub(super) touched: bool,
}

impl Pending {
    /// The generation of its body, once it is written.
    pub(super) fn body_generation(&self) -> u64 {
        let next = self.before.map_or(1, |(generation, _)| generation + 1);
        if self.body.is_some() { next } else { self.head.body_generation }
    }
}

impl Vault {
    /// Adds rows, or changes those whose text or traits differ. All of them or none. Adding the same drafts again
    /// changes nothing: the same text never moves a clock.
    ///
    /// A changed text is a new generation, stated when its record was updated and never later than `now`. It loses its
    /// confirmations and what was attached to the old text; a denial stays until the owner lifts it.
    ///
    /// # Errors
    /// [`VaultError`]: nothing was written.
    pub fn add(
        &self,
        writer: &Signer,
        drafts: &[Draft],
        now: Timestamp,
        progress: Progress<'_>,
    ) -> Result<Added, VaultError> {
        let links: usize = drafts.iter().map(|draft| draft.links.len()).sum();
        let evidence = drafts.iter().filter(|draft| !draft.evidence.is_empty()).count();
        let seals = 2 * drafts.len() + links + evidence;
        self.change(writer, now, seals as u64, |change| {
            let mut added = Added::default();
            let last: HashMap<&RowId, usize> =
                drafts.iter().zip(0..).map(|(draft, place)| (&draft.row, place)).collect();
            for (done, draft) in drafts.iter().enumerate() {
                if last.get(&draft.row) == Some(&done) {
                    change.draft(draft, now, &mut added)?;
                } else {
                    added.repeated += 1;
                }
                progress(done + 1);
            }
            for draft in drafts {
                for (kind, other) in &draft.links {
                    change.link(&draft.row, *kind, other, draft.traits.labels_by)?;
                }
            }
            Ok(added)
        })
    }

    /// Runs `work` over a set of rows, and writes what it changed together with a new vault head. It seals
    /// at most so many parts.
    pub(super) fn change<T>(
        &self,
        signer: &Signer,
        now: Timestamp,
        seals: u64,
        work: impl FnOnce(&mut Change<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.sealing(seals, |writer| {
            let head = self.head(writer)?;
            // Vault heads never go back in time, whatever this machine's clock says.
            let now = now.max(head.at);
            let listed = self.ring.listed_at(&signer.verifier(), now);
            if !listed.is_some_and(|listed| listed.roles.may_write()) {
                let name = signer.verifier().name().to_string();
                return Err(VaultError::NotAllowed { name, what: "write", at: now });
            }
            let mut change = Change { vault: self, writer, pending: BTreeMap::new(), entries: vec![] };
            let done = work(&mut change)?;
            change.finish(signer, now, &head)?;
            Ok(done)
        })
    }
}

/// Rows and log entries that one transaction writes.
pub(super) struct Change<'a> {
    pub(super) vault: &'a Vault,
    pub(super) writer: &'a Writer<'a>,
    pending: BTreeMap<RowId, Pending>,
    entries: Vec<String>,
}

impl Change<'_> {
    fn draft(&mut self, draft: &Draft, now: Timestamp, added: &mut Added) -> Result<(), VaultError> {
        let text = draft.body.text();
        let Some(known) = self.row(&draft.row)? else {
            added.new += 1;
            let head = Head::first(draft, draft.stated_at.min(now));
            let body = Some(draft.body.clone());
            self.pending.insert(draft.row.clone(), Pending { head, body, evidence: None, before: None, touched: true });
            self.attach(&draft.row, &draft.evidence, text, now)?;
            return Ok(());
        };
        if known.head.text.is_of(text) {
            let traits = kept_labels(&known.head.traits, &draft.traits);
            // A draft without evidence takes none away, and claims stand only where nothing was attached.
            let has_evidence = known.head.evidence.is_some() || !draft.evidence.is_empty();
            let claims = draft.boxes != Attachments::default() && !has_evidence;
            let boxes = if claims { &draft.boxes } else { &known.head.boxes };
            let relabelled = traits != known.head.traits || *boxes != known.head.boxes;
            if relabelled {
                known.head.boxes = boxes.clone();
                known.head.traits = traits;
                known.head.earning = None;
                known.touched = true;
            }
            let attached = self.attach(&draft.row, &draft.evidence, text, now)?;
            added.relabelled += usize::from(relabelled || attached);
            added.unchanged += usize::from(!relabelled && !attached);
            return Ok(());
        }
        let (old, stated_at) = (&known.head, draft.updated_at.unwrap_or(draft.stated_at).min(now));
        if stated_at < old.stated_at {
            added.older += 1;
            return Ok(());
        }
        added.changed += 1;
        let mut head = Head::first(draft, stated_at);
        head.denied = old.denied;
        let had_evidence = old.edited || old.boxes != Attachments::default() || old.evidence.is_some();
        if had_evidence && head.boxes == Attachments::default() {
            head.edited = true;
            head.boxes = Attachments::of_another_text(now);
        }
        head.evidence = old.evidence;
        head.links = old.links.clone();
        head.parents = old.parents;
        head.asked_at = old.asked_at;
        head.generation = old.generation;
        head.previous = old.previous;
        known.head = head;
        known.body = Some(draft.body.clone());
        known.touched = true;
        self.attach(&draft.row, &draft.evidence, text, now).map(drop)
    }

    /// Ties two rows; the tie stands in both heads.
    fn link(&mut self, row: &RowId, kind: OwnLink, other: &RowId, by: MadeBy) -> Result<(), VaultError> {
        let refused = |what| VaultError::Refused { row: row.clone(), what };
        if row == other {
            return Err(refused("a row has no link to itself"));
        }
        let (own, others) = kind.both_sides();
        for (row, kind, to) in [(row, own, other), (other, others, row)] {
            let Some(pending) = self.row(row)? else {
                return Err(refused("it has a link to a row that is not there"));
            };
            let before = pending.head.links.clone();
            pending.head.links.add(kind, to.clone(), by).map_err(|_| refused("a row has at most 256 links"))?;
            if pending.head.links != before {
                pending.head.earning = None;
                pending.touched = true;
            }
            if kind == LinkKind::DependsOn && pending.head.parents == Parents::None {
                pending.head.parents = Parents::Intact;
            }
        }
        Ok(())
    }

    /// The head of a row as it stands, and its digest, for an earning to name.
    pub(super) fn sealed_before(&mut self, row: &RowId) -> Result<Option<(&mut Head, u64, Digest)>, VaultError> {
        let Some(pending) = self.row(row)? else { return Ok(None) };
        let Some((generation, digest)) = pending.before else { return Ok(None) };
        pending.touched = true;
        Ok(Some((&mut pending.head, generation, digest)))
    }

    /// Appends a note to the log, in this transaction.
    pub(super) fn append(&mut self, entry: String) {
        self.entries.push(entry);
    }

    /// The row as this transaction has it so far.
    pub(super) fn row(&mut self, row: &RowId) -> Result<Option<&mut Pending>, VaultError> {
        if !self.pending.contains_key(row) {
            let Some((_, bytes)) = self.writer.head(row.as_str())? else { return Ok(None) };
            let sealed = SealedHead::from_bytes(bytes);
            let head =
                sealed.open(&self.vault.keys, row).map_err(|error| VaultError::Row { row: row.clone(), error })?;
            let before = Some((head.generation, sealed.digest()));
            self.pending.insert(row.clone(), Pending { head, body: None, evidence: None, before, touched: false });
        }
        Ok(self.pending.get_mut(row))
    }

    fn finish(self, signer: &Signer, now: Timestamp, head: &VaultHead) -> Result<(), VaultError> {
        let mut rows = head.rows.clone();
        let touched = self.pending.into_iter().filter(|(_, pending)| pending.touched);
        let mut written = 0_usize;
        for (row, pending) in touched {
            let Pending { mut head, body, evidence, before, .. } = pending;
            head.generation = before.map_or(1, |(generation, _)| generation + 1);
            head.previous = before.map(|(_, digest)| digest);
            if let Some(body) = body {
                let sealed = SealedBody::seal(&self.vault.keys, &row, head.generation, &body);
                head.body_generation = head.generation;
                head.body = sealed.digest();
                self.writer.put_body(row.as_str(), head.generation, sealed.as_bytes())?;
            }
            if let Some(evidence) = evidence {
                let sealed = SealedEvidence::seal(&self.vault.keys, &row, head.generation, &evidence);
                head.evidence = Some(sealed.digest());
                self.writer.put_evidence(row.as_str(), head.generation, sealed.as_bytes())?;
            }
            head.check().map_err(|what| VaultError::Refused { row: row.clone(), what })?;
            let sealed = SealedHead::seal(&self.vault.keys, &head);
            self.writer.put_head(row.as_str(), head.generation, sealed.as_bytes())?;
            if let Some((generation, digest)) = before {
                rows.remove(&row, generation, &digest);
            }
            rows.add(&row, head.generation, &sealed.digest());
            written += 1;
        }
        if written == 0 && self.entries.is_empty() {
            return Ok(());
        }
        for entry in &self.entries {
            self.writer.append(head.log, entry)?;
        }
        let size = self.writer.log_size(head.log)?;
        let root = self.writer.log_root(head.log, size)?.ok_or(StoreError::Damaged("a log node is missing"))?;
        let next = head.next(&self.vault.ring, now, size, root, rows);
        let note = next.sign(signer);
        Ok(self.writer.put_vault_head(next.sequence, note.as_str(), next.rows.state())?)
    }
}

/// The draft's traits; labels that the owner gave stay.
fn kept_labels(old: &Traits, new: &Traits) -> Traits {
    if old.labels_by != MadeBy::Owner {
        return new.clone();
    }
    let Traits { tags, origin, subject, attribute, labels_by, .. } = old.clone();
    Traits { tags, origin, subject, attribute, labels_by, ..new.clone() }
}
