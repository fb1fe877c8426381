//! Ties between rows: who makes them, and what they do to the rows they tie.

use std::collections::{BTreeMap, BTreeSet};

use super::change::Change;
use super::{Vault, VaultError};
use crate::id::RowId;
use crate::note::Signer;
use crate::row::{Draft, Head, Label, LinkKind, Links, MadeBy, Origin, OwnLink, Parents, TextCommitment};
use crate::seal::SealedHead;
use crate::time::{Span, Timestamp};

/// A row of the same subject and attribute that is stated so much later takes the other's place, if the user stated it.
const LATER: Span = Span::from_millis(86_400_000);
/// Of the rows of one subject and attribute so many are looked at when one is stated, that one among them.
const MOST_LOOKED_AT: usize = 2 * Links::MOST;

impl Vault {
    /// Ties two rows. A tie can only hold back: a row that is superseded or contradicted, or that depends on one that changed.
    ///
    /// # Errors
    /// [`VaultError`]: nothing was written. [`VaultError::Refused`] for a tie of a row to itself, to one that is not there or
    /// was forgotten, or where a row has 256 already.
    pub fn link(
        &self,
        writer: &Signer,
        row: &RowId,
        kind: OwnLink,
        other: &RowId,
        by: MadeBy,
        now: Timestamp,
    ) -> Result<(), VaultError> {
        self.change(writer, now, 2, |change| change.link(row, kind, other, by)).map(drop)
    }
}

impl Change<'_, '_> {
    /// Ties two rows; the tie stands in both heads.
    pub(super) fn link(&mut self, row: &RowId, kind: OwnLink, other: &RowId, by: MadeBy) -> Result<(), VaultError> {
        let refused = |what| VaultError::Refused { row: row.clone(), what };
        if row == other {
            return Err(refused("a row has no link to itself"));
        }
        for (end, what) in
            [(row, "it was forgotten, and has no links"), (other, "it has a link to a row that was forgotten")]
        {
            if self.was_forgotten(end)? {
                return Err(refused(what));
            }
        }
        let (own, others) = kind.both_sides();
        let mut made = false;
        for (row, kind, to) in [(row, own, other), (other, others, row)] {
            let Some(pending) = self.row(row)? else {
                return Err(refused("it has a link to a row that is not there"));
            };
            let before = pending.head.links.iter().len();
            let was_superseded = pending.head.links.any(LinkKind::SupersededBy);
            pending.head.links.add(kind, to.clone(), by).map_err(|_| refused("a row has at most 256 links"))?;
            let is_new = pending.head.links.iter().len() > before;
            pending.touched |= is_new;
            made |= is_new;
            if kind == LinkKind::DependsOn && pending.head.parents == Parents::None {
                pending.head.parents = Parents::Intact;
            }
            if kind == LinkKind::SupersededBy && is_new && !was_superseded {
                self.unsettle(row);
            }
        }
        if kind == OwnLink::DependsOn && made {
            self.depend(row, other)?;
        }
        Ok(())
    }

    /// A row that was forgotten is there again: the ties that other rows kept to it stand in its head, too.
    pub(super) fn restore_ties(&mut self, row: &RowId) -> Result<(), VaultError> {
        let mut ties = vec![];
        self.writer.heads(|other, _, sealed| {
            let Ok(other) = other.parse::<RowId>() else { return };
            if let Ok(head) = SealedHead::from_bytes(sealed).open(&self.vault.keys, &other) {
                let to_it = head.links.iter().filter(|(_, tied, _)| *tied == row);
                ties.extend(to_it.map(|(kind, _, by)| (kind.mirrored(), other.clone(), by)));
            }
        })?;
        let Some(pending) = self.row(row)? else { return Ok(()) };
        for (kind, other, by) in ties {
            let full = |_| VaultError::Refused { row: row.clone(), what: "a row has at most 256 links" };
            pending.head.links.add(kind, other, by).map_err(full)?;
            if kind == LinkKind::DependsOn {
                pending.rest_on_change();
            }
        }
        Ok(())
    }

    /// What depends on a row that does not stand any more rests on something that changed.
    fn depend(&mut self, row: &RowId, other: &RowId) -> Result<(), VaultError> {
        let stands = self.row(other)?.is_some_and(|pending| {
            let head = &pending.head;
            !head.denied && !head.links.any(LinkKind::SupersededBy) && head.parents != Parents::Changed
        });
        if !stands && let Some(pending) = self.row(row)? {
            let replaces_it = pending.head.links.has(LinkKind::Supersedes, other);
            if !replaces_it && pending.rest_on_change() {
                self.unsettle(row);
            }
        }
        Ok(())
    }

    /// Ties rows that give the same attribute of the same subject, where it has one value at a time: a user's row stated a
    /// day or more later supersedes, any other contradicts. Only what was stated just now is looked at.
    pub(super) fn settle_single(&mut self, stated: &[&Draft]) -> Result<(), VaultError> {
        let mut single: Vec<&Draft> = stated.iter().copied().filter(|draft| property(draft).is_some()).collect();
        if single.is_empty() {
            return Ok(());
        }
        single.sort_by_key(|draft| (draft.stated_at, &draft.row));
        let asked: BTreeSet<_> = single.iter().filter_map(|draft| property(draft)).collect();
        let mut current = self.rows_about(&asked)?;
        for draft in single {
            let about = property(draft).map(|(subject, attribute)| (subject.clone(), attribute.clone()));
            let Some(others) = about.and_then(|about| current.get_mut(&about)) else { continue };
            // Many rows that say the same are tied to nothing, and not looked at for ever: the latest are.
            let latest: Vec<RowId> = others.iter().rev().take(MOST_LOOKED_AT).map(|(_, row)| row.clone()).collect();
            for other in latest.iter().filter(|other| **other != draft.row) {
                if !self.tie_values(draft, other)? {
                    others.retain(|(_, row)| row != other);
                }
            }
        }
        Ok(())
    }

    /// The rows that are about each of these, stored or on their way, in the order in which they were stated.
    fn rows_about(&mut self, asked: &BTreeSet<(&Label, &Label)>) -> Result<RowsAbout, VaultError> {
        let mut rows = RowsAbout::new();
        let mut note = |head: &Head| {
            let (Some(subject), Some(attribute)) = (&head.traits.subject, &head.traits.attribute) else { return };
            if asked.contains(&(subject, attribute)) {
                rows.entry((subject.clone(), attribute.clone())).or_default().push((head.stated_at, head.row.clone()));
            }
        };
        self.writer.heads(|row, _, sealed| {
            let Ok(row) = row.parse::<RowId>() else { return };
            // What this transaction changed counts as it will be.
            if self.seen(&row).is_none()
                && let Ok(head) = SealedHead::from_bytes(sealed).open(&self.vault.keys, &row)
            {
                note(&head);
            }
        })?;
        self.all_seen().for_each(note);
        rows.values_mut().for_each(|rows| rows.sort());
        Ok(rows)
    }

    /// One of two values of an attribute that has one at a time takes the other's place, or the two contradict each other.
    /// Whether the other has room for more ties.
    fn tie_values(&mut self, draft: &Draft, other: &RowId) -> Result<bool, VaultError> {
        let Some(new) = self.sound_row(&draft.row)?.map(|pending| Stated::of(&pending.head, other)) else {
            return Ok(true);
        };
        let Some(old) = self.sound_row(other)?.map(|pending| Stated::of(&pending.head, &draft.row)) else {
            return Ok(false);
        };
        if old.is_full || new.is_full || new.is_tied || old.text.is_of(draft.body.text()) {
            return Ok(!old.is_full);
        }
        let new_is_later = old.at <= new.at;
        let (later, earlier) = if new_is_later { (&new, &old) } else { (&old, &new) };
        let replaces = later.by_user
            && later.at.since(earlier.at) >= LATER
            // What the owner confirmed since is not replaced by what was said before.
            && earlier.last_earned <= later.at;
        // With what is history already, nothing is contradicted; but it stays history, whichever of the others goes.
        if !replaces && (new.is_retired || old.is_retired) || later.is_retired {
            return Ok(true);
        }
        let (row, other) = if new_is_later { (&draft.row, other) } else { (other, &draft.row) };
        let kind = if replaces { OwnLink::Supersedes } else { OwnLink::Contradicts };
        self.link(row, kind, other, MadeBy::Rule)?;
        Ok(true)
    }
}

/// What of a head decides how its value stands to another.
struct Stated {
    at: Timestamp,
    last_earned: Timestamp,
    by_user: bool,
    is_retired: bool,
    is_full: bool,
    is_tied: bool,
    text: TextCommitment,
}

impl Stated {
    fn of(head: &Head, other: &RowId) -> Self {
        let kinds = [LinkKind::Supersedes, LinkKind::SupersededBy, LinkKind::Contradicts];
        Stated {
            at: head.stated_at,
            last_earned: head.last_earned(),
            by_user: head.traits.origin == Origin::User,
            is_retired: head.denied || head.links.any(LinkKind::SupersededBy),
            is_full: head.links.iter().len() >= Links::MOST,
            is_tied: kinds.into_iter().any(|kind| head.links.has(kind, other)),
            text: head.text,
        }
    }
}

/// By subject and attribute.
type RowsAbout = BTreeMap<(Label, Label), Vec<(Timestamp, RowId)>>;

/// What a draft gives a value of, where there is one at a time.
fn property(draft: &Draft) -> Option<(&Label, &Label)> {
    draft.traits.subject.as_ref().zip(draft.traits.attribute.as_ref()).filter(|_| draft.single)
}
