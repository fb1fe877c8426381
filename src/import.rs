//! Other systems' exports into drafts. Reads bytes, writes nothing.

mod evidence;
mod json;
mod labels;
pub mod memsync;
mod record;

use std::collections::BTreeMap;
use std::fmt;

use crate::row::Draft;

/// What an export holds: drafts, and the records that are refused.
#[derive(Debug, Default)]
pub struct Imported {
    /// Good records, in order.
    pub drafts: Vec<Draft>,
    /// Bad records, in order.
    pub refused: Vec<Refusal>,
    /// Fields that are kept with the drafts but not used, such as `expires_at` or `metadata.expires_at`, and in how many
    /// drafts each stands: at most 10,000 names.
    pub unused: BTreeMap<String, usize>,
}

/// A record that cannot be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Which record, from 1.
    pub record: usize,
    /// The line it begins on, where the export is JSON lines.
    pub line: Option<usize>,
    /// The field; `None` for the whole record.
    pub field: Option<String>,
    /// Its value, shortened; `None` where it is missing.
    pub value: Option<String>,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {}", self.record)?;
        if let Some(line) = self.line {
            write!(f, " (line {line})")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", field `{field}`")?;
        }
        if let Some(value) = &self.value {
            write!(f, " is {value}")?;
        }
        write!(f, ": {}", self.why)
    }
}

/// Why an export cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// Not JSON, nor JSON lines; or larger or deeper than is read.
    #[error("{0}")]
    NotJson(String),
    /// Two lists of records.
    #[error("both `memories` and `data` in it: which of them are the records?")]
    TwoLists,
    /// An item of a search response's list that is none.
    #[error("record {record} is {what}: expected an object")]
    NotARecord {
        /// Which, from 1.
        record: usize,
        /// What it is instead.
        what: &'static str,
    },
    /// A search response of several lines, two of which hold this member beside their records; it is named if it is short.
    #[error("it says {} twice", match .0 { Some(name) => format!("`{name}`"), None => "one thing".to_owned() })]
    Twice(Option<String>),
    /// JSON, but none of the known shapes.
    #[error(
        "no memories in it: expected `memories`, `data`, a list of records, or a record with `memory` or `content`"
    )]
    NoRecords,
}
