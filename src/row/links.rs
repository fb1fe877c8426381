//! Ties between rows. Every tie stands in both heads.

use std::collections::BTreeMap;

use super::MadeBy;
use crate::evidence::{ladder, words};
use crate::id::RowId;

ladder!(
    /// A tie as it stands in a head. Every tie stands in both heads.
    LinkKind {
        /// This row takes the place of the other.
        Supersedes = "supersedes",
        /// The other takes the place of this row.
        SupersededBy = "superseded-by",
        /// The two cannot both hold.
        Contradicts = "contradicts",
        /// This row was derived from the other.
        DependsOn = "depends-on",
        /// The other was derived from this row.
        HasDependant = "has-dependant",
    }
);
words!(
    /// A tie as the row that brings it says it.
    OwnLink {
        /// This row takes the place of the other.
        Supersedes = "supersedes",
        /// The two cannot both hold.
        Contradicts = "contradicts",
        /// This row was derived from the other.
        DependsOn = "depends-on",
    }
);

impl LinkKind {
    /// The same tie as it stands in the other head.
    #[cfg(feature = "vault")]
    pub(crate) const fn mirrored(self) -> Self {
        match self {
            LinkKind::Supersedes => LinkKind::SupersededBy,
            LinkKind::SupersededBy => LinkKind::Supersedes,
            LinkKind::Contradicts => LinkKind::Contradicts,
            LinkKind::DependsOn => LinkKind::HasDependant,
            LinkKind::HasDependant => LinkKind::DependsOn,
        }
    }
}

impl OwnLink {
    /// How the tie stands in the bringing row's head, and in the other's.
    pub const fn both_sides(self) -> (LinkKind, LinkKind) {
        match self {
            OwnLink::Supersedes => (LinkKind::Supersedes, LinkKind::SupersededBy),
            OwnLink::Contradicts => (LinkKind::Contradicts, LinkKind::Contradicts),
            OwnLink::DependsOn => (LinkKind::DependsOn, LinkKind::HasDependant),
        }
    }
}

/// Ties to other rows, each once, at most 256.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Links(pub(super) BTreeMap<(LinkKind, RowId), MadeBy>);

/// A row has 256 ties already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a row has at most 256 links")]
pub struct TooManyLinks;

impl Links {
    /// How many ties a head holds at most.
    pub const MOST: usize = 256;

    /// Puts a tie in, in place of one that stands already. Room was made by taking another away.
    #[cfg(feature = "vault")]
    pub(crate) fn put(&mut self, kind: LinkKind, row: RowId, by: MadeBy) {
        self.0.insert((kind, row), by);
    }

    /// Adds a tie, or leaves it as it stands.
    ///
    /// # Errors
    /// [`TooManyLinks`] if there are 256 others.
    pub fn add(&mut self, kind: LinkKind, row: RowId, by: MadeBy) -> Result<(), TooManyLinks> {
        let full = self.0.len() >= Links::MOST;
        match self.0.entry((kind, row)) {
            std::collections::btree_map::Entry::Occupied(_) => Ok(()),
            std::collections::btree_map::Entry::Vacant(_) if full => Err(TooManyLinks),
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(by);
                Ok(())
            }
        }
    }

    /// Takes a tie away; whether it was there.
    #[cfg(feature = "vault")]
    pub(crate) fn remove(&mut self, kind: LinkKind, row: &RowId) -> bool {
        self.0.remove(&(kind, row.clone())).is_some()
    }

    /// The rows tied by this kind of tie, ascending.
    #[cfg(feature = "vault")]
    pub(crate) fn of(&self, kind: LinkKind) -> impl Iterator<Item = &RowId> {
        self.0.keys().filter(move |(other, _)| *other == kind).map(|(_, row)| row)
    }

    /// Whether there is this tie.
    #[cfg(feature = "vault")]
    pub(crate) fn has(&self, kind: LinkKind, row: &RowId) -> bool {
        self.0.contains_key(&(kind, row.clone()))
    }

    /// Whether there is a tie of this kind.
    pub fn any(&self, kind: LinkKind) -> bool {
        self.0.keys().any(|(other, _)| *other == kind)
    }

    /// All ties, in the order of the format.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (LinkKind, &RowId, MadeBy)> {
        self.0.iter().map(|((kind, row), by)| (*kind, row, *by))
    }
}
