//! Rows in: drafts become sealed heads and bodies, in one transaction with the vault head that covers them.

use std::collections::HashMap;

use super::before::SaidBefore;
use super::change::{Change, Pending};
use super::{Vault, VaultError};
use crate::evidence::Attachments;
use crate::id::RowId;
use crate::note::Signer;
use crate::row::{Draft, Head, MadeBy, OwnLink, Traits};
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
    /// Drafts of another text, said before the one that is there was said or confirmed, or no later than the row said it itself,
    /// before it said something else: an export of earlier days. They change nothing.
    pub older: usize,
    /// Drafts of rows that were forgotten. They are left out, unless they say otherwise.
    pub forgotten: usize,
}

/// Called with the number of drafts done so far.
pub type Progress<'a> = &'a mut dyn FnMut(usize);

impl Vault {
    /// Adds rows, or changes those whose text or traits differ. All of them or none. Adding the same drafts again
    /// changes nothing: the same text never moves a clock. White space does not count, nor whether a letter and its accent are
    /// one character: the text that stands stays as it is then, unless the draft brings evidence of its own.
    ///
    /// A changed text is a new generation, stated when its record was updated and never later than `now`; one that the row had
    /// before, as far as its old heads and bodies open, when it was stated then. It loses its confirmations and what was attached
    /// to the old text; a denial stays until the owner lifts it.
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
        let done = self.change(writer, now, seals as u64, |change| {
            let (mut added, mut stated) = (Added::default(), vec![]);
            let last: HashMap<&RowId, usize> =
                drafts.iter().zip(0..).map(|(draft, place)| (&draft.row, place)).collect();
            for (done, draft) in drafts.iter().enumerate() {
                if last.get(&draft.row) == Some(&done) {
                    if change.draft(draft, now, &mut added)? {
                        stated.push(draft);
                    }
                } else {
                    added.repeated += 1;
                }
                progress(done + 1);
            }
            for draft in drafts {
                for (kind, other) in &draft.links {
                    let gone = change.was_forgotten(&draft.row)? || change.was_forgotten(other)?;
                    if gone {
                        change.rest_on_what_is_gone(&draft.row, *kind)?;
                    } else {
                        change.link(&draft.row, *kind, other, draft.traits.labels_by)?;
                    }
                }
            }
            change.settle_single(&stated)?;
            Ok(added)
        });
        Ok(done?.value)
    }
}

impl Change<'_, '_> {
    /// Whether the draft states a text that was not there.
    fn draft(&mut self, draft: &Draft, now: Timestamp, added: &mut Added) -> Result<bool, VaultError> {
        let text = draft.body.text();
        if self.row(&draft.row)?.is_none() {
            let forgotten = self.forgotten(&draft.row)?;
            if forgotten.is_some() && !draft.even_if_forgotten {
                added.forgotten += 1;
                return Ok(false);
            }
            added.new += 1;
            let head = Head::first(draft, draft.stated_at.min(now));
            self.insert(draft.row.clone(), Pending::new(head, draft.body.clone(), forgotten.unwrap_or(0)));
            if forgotten.is_some() {
                self.restore_ties(&draft.row)?;
            }
            self.attach(&draft.row, &draft.evidence, text, now)?;
            return Ok(true);
        }
        let before = self.said_before(&draft.row, text)?;
        // The words that stand, with other white space: they stand as they are. With evidence, the text that it speaks of counts.
        let stands = match &before {
            SaidBefore::Stands => Some(text),
            SaidBefore::SameWords(body, _) if draft.evidence.is_empty() => Some(body.text()),
            _ => None,
        };
        if let Some(text) = stands {
            return self.relabel(draft, text, now, added).map(|()| false);
        }
        let Some(known) = self.row(&draft.row)? else { return Ok(false) };
        let (old, said_at) = (&known.head, draft.updated_at.unwrap_or(draft.stated_at).min(now));
        // Saying again what it said before is no news, and what the owner confirmed since is not replaced by what was said before.
        let (is_older, stated_at) = match before {
            SaidBefore::Overruled => (true, said_at),
            SaidBefore::Once(stated_at) => (said_at <= stated_at, stated_at),
            SaidBefore::SameWords(_, stated_at) => (false, stated_at),
            SaidBefore::Stands | SaidBefore::Never => (false, said_at),
        };
        if is_older || said_at < old.last_earned() {
            added.older += 1;
            return Ok(false);
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
        // What was derived from the old text was not derived from this one.
        self.unsettle(&draft.row);
        self.attach(&draft.row, &draft.evidence, text, now)?;
        Ok(true)
    }

    /// A draft ties its row to one that was forgotten: no tie is made, but what depends on it rests on something that changed.
    fn rest_on_what_is_gone(&mut self, row: &RowId, kind: OwnLink) -> Result<(), VaultError> {
        if kind == OwnLink::DependsOn
            && let Some(pending) = self.row(row)?
        {
            pending.rest_on_change();
        }
        Ok(())
    }

    /// The row's text stands; what else its record says of it may change, and evidence may come.
    fn relabel(&mut self, draft: &Draft, text: &str, now: Timestamp, added: &mut Added) -> Result<(), VaultError> {
        let cleared = self.beginning_is_cleared(draft)?;
        let Some(known) = self.row(&draft.row)? else { return Ok(()) };
        let mut traits = kept_traits(&known.head, &draft.traits);
        traits.valid_from = traits.valid_from.filter(|_| !cleared);
        // A draft without evidence takes none away, and claims stand only where nothing was attached.
        let has_evidence = known.head.evidence.is_some() || !draft.evidence.is_empty();
        let claims = draft.boxes != Attachments::default() && !has_evidence;
        let boxes = if claims { &draft.boxes } else { &known.head.boxes };
        let relabelled = traits != known.head.traits || *boxes != known.head.boxes;
        if relabelled {
            known.head.boxes = boxes.clone();
            known.head.traits = traits;
            known.touched = true;
        }
        let attached = self.attach(&draft.row, &draft.evidence, text, now)?;
        added.relabelled += usize::from(relabelled || attached);
        added.unchanged += usize::from(!relabelled && !attached);
        Ok(())
    }
}

/// The draft's traits; labels that the owner gave stay. Nor does a record's beginning or end come back that the owner overruled by
/// confirming the row.
fn kept_traits(known: &Head, new: &Traits) -> Traits {
    let mut traits = new.clone();
    if let Some(confirmed) = known.confirmed_at {
        traits.valid_from = traits.valid_from.filter(|from| *from <= confirmed);
        traits.valid_until = traits.valid_until.filter(|until| *until > confirmed);
    }
    let old = &known.traits;
    if old.labels_by != MadeBy::Owner {
        return traits;
    }
    let Traits { tags, origin, subject, attribute, labels_by, .. } = old.clone();
    Traits { tags, origin, subject, attribute, labels_by, ..traits }
}
