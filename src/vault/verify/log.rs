//! What the log says, as the rest of a vault is held against it.

use std::collections::{HashMap, HashSet};

use super::Finding;
use crate::id::{DecisionId, Digest, RowId};
use crate::seal::{Keys, Marked};
use crate::time::Timestamp;
use crate::vault::entry::{Move, Word, marks};

/// The number of an entry.
pub(super) type Place = u64;

/// What the log holds.
pub(super) struct Log {
    pub(super) finding: Finding,
    /// By id, the digest of the entry.
    pub(super) decisions: HashMap<DecisionId, Digest>,
    /// Decisions that were made with other policies than the log names.
    pub(super) unnamed: HashSet<DecisionId>,
    /// What was said of heads, by the digest of the head that it led to.
    pub(super) moves: HashMap<Digest, Moved>,
    /// The generation up to which rows were forgotten, by their marks.
    pub(super) forgotten: HashMap<Digest, u64>,
}

/// One head, as an entry moved it.
pub(super) struct Moved {
    /// The entry.
    pub(super) place: Place,
    pub(super) moved: Move,
    pub(super) kind: Kind,
    pub(super) at: Timestamp,
}

/// What moved it.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// It was asked about.
    Ask,
    /// Something was said of it; of which ruling, if of one.
    Earning { word: Word, challenge: Option<(DecisionId, Digest)> },
    /// Something was said of a row that it is tied to.
    Settled { word: Word },
}

impl Log {
    pub(super) fn new() -> Self {
        Log {
            finding: Finding::new("log"),
            decisions: HashMap::new(),
            unnamed: HashSet::new(),
            moves: HashMap::new(),
            forgotten: HashMap::new(),
        }
    }

    /// The generation up to which a row was forgotten; 0 where it never was.
    pub(super) fn forgotten(&self, keys: &Keys, row: &RowId) -> u64 {
        if self.forgotten.is_empty() {
            return 0;
        }
        let marks = marks(keys, Marked::Row, row.as_str().as_bytes());
        marks.filter_map(|mark| self.forgotten.get(&mark).copied()).max().unwrap_or(0)
    }
}
