//! A memory row: a head of small facts that policies may read, and a body with the text.

mod categories;
mod encoding;
mod links;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

pub use categories::{Categories, Category};
pub use links::{LinkKind, Links, OwnLink, TooManyLinks};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::evidence::{Attachments, Material, ladder};
use crate::id::{Digest, RowId};
use crate::keyfile::random_secret;
use crate::score::Score;
use crate::text::is_name;
use crate::time::Timestamp;

/// What is known of a row without its text: what policies read, and what ties it to its body.
///
/// The digest of a sealed head commits to the whole row. Each re-sealed head is a new generation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// The row's id.
    pub row: RowId,
    /// Counts the heads of this row, from 1.
    pub generation: u64,
    /// What the row is about.
    pub traits: Traits,
    /// When this text was first said.
    pub stated_at: Timestamp,
    /// The last confirmation.
    pub confirmed_at: Option<Timestamp>,
    /// How often it was confirmed.
    pub confirmations: u64,
    /// The owner said it is wrong.
    pub denied: bool,
    /// When it was last seen again from another side.
    pub observed_at: Option<Timestamp>,
    /// When somebody was last asked about it.
    pub asked_at: Option<Timestamp>,
    /// The text changed after evidence was attached.
    pub edited: bool,
    /// Whether the rows it depends on are still what they were.
    pub parents: Parents,
    /// Ties to other rows.
    pub links: Links,
    /// The boxes of evidence.
    pub boxes: Attachments,
    /// Digest of the sealed body.
    pub body: Digest,
    /// The generation the body was sealed with.
    pub body_generation: u64,
    /// Digest of the sealed evidence.
    pub evidence: Option<Digest>,
    /// Commits to the text, so that an offered text can be compared without opening the body.
    pub text: TextCommitment,
    /// Digest of the sealed head before this one; `None` in the first, which is of generation 1 unless the row was forgotten
    /// before.
    pub previous: Option<Digest>,
}

impl Head {
    /// The head of generation 1 for a draft: nothing confirmed, nothing tied. Its body is named once it is sealed.
    pub(crate) fn first(draft: &Draft, stated_at: Timestamp) -> Self {
        Head {
            row: draft.row.clone(),
            generation: 1,
            traits: draft.traits.clone(),
            stated_at,
            confirmed_at: None,
            confirmations: 0,
            denied: false,
            observed_at: None,
            asked_at: None,
            edited: false,
            parents: Parents::None,
            links: Links::default(),
            boxes: draft.boxes.clone(),
            body: Digest::from_bytes([0; 32]),
            body_generation: 1,
            evidence: None,
            text: TextCommitment::of(draft.body.text()),
            previous: None,
        }
    }
}

/// What a row is about. Shared by a draft and the head made from it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Traits {
    /// A lasting fact, or something that happened.
    pub kind: Kind,
    /// MemSync's ten categories.
    pub categories: Categories,
    /// Free labels.
    pub tags: BTreeSet<Tag>,
    /// Where the row came from, in the exporting system's own word; may be empty.
    pub source: Source,
    /// Who said it.
    pub origin: Origin,
    /// Whom or what it is about.
    pub subject: Option<Label>,
    /// Which property of the subject it gives.
    pub attribute: Option<Label>,
    /// Who gave subject, attribute, origin and tags.
    pub labels_by: MadeBy,
    /// As the exporting system rated it.
    pub importance: Option<Score>,
    /// It holds from this time on.
    pub valid_from: Option<Timestamp>,
    /// It holds up to, not at, this time.
    pub valid_until: Option<Timestamp>,
}

impl Traits {
    /// Traits of which only the kind is known.
    pub fn of(kind: Kind) -> Self {
        Traits {
            kind,
            categories: Categories::default(),
            tags: BTreeSet::new(),
            source: Source::default(),
            origin: Origin::Unknown,
            subject: None,
            attribute: None,
            labels_by: MadeBy::Record,
            importance: None,
            valid_from: None,
            valid_until: None,
        }
    }
}

/// A row on its way into a vault.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// The row's id.
    pub row: RowId,
    /// Text and whatever else the record carried.
    pub body: Body,
    /// When the row was first said.
    pub stated_at: Timestamp,
    /// When its record last changed. Where the vault holds another text, this one was stated then.
    pub updated_at: Option<Timestamp>,
    /// What the row is about.
    pub traits: Traits,
    /// Rows it supersedes, contradicts or depends on. The vault writes the other side.
    pub links: BTreeSet<(OwnLink, RowId)>,
    /// Boxes of evidence, as the caller claims them. Where there is evidence, they are filled from it instead.
    pub boxes: Attachments,
    /// Evidence to keep with the row.
    pub evidence: Vec<Material>,
    /// Its attribute has one value at a time: a row of the same subject and attribute is replaced or contradicted by it.
    pub single: bool,
    /// The row is added even if its id was forgotten.
    pub even_if_forgotten: bool,
}

impl Draft {
    /// A draft of which only id, text, time and kind are known.
    ///
    /// # Errors
    /// [`BodyError`] for a text that is empty or longer than 1 MiB.
    pub fn new(row: RowId, text: impl Into<String>, stated_at: Timestamp, kind: Kind) -> Result<Self, BodyError> {
        Ok(Draft {
            row,
            body: Body::new(text, None)?,
            stated_at,
            updated_at: None,
            traits: Traits::of(kind),
            links: BTreeSet::new(),
            boxes: Attachments::default(),
            evidence: vec![],
            single: false,
            even_if_forgotten: false,
        })
    }
}

/// The memory's text, and what else its record carried. Wiped on drop; `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    text: Zeroizing<String>,
    details: Option<Zeroizing<String>>,
}

/// Why a text is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// No text at all.
    #[error("the memory's text is empty")]
    Empty,
    /// More than 1 MiB of text.
    #[error("the memory is longer than 1 MiB")]
    TooLong,
    /// More than 1 MiB of details.
    #[error("what stands beside the text is longer than 1 MiB")]
    DetailsTooLong,
    /// Details that are something else than one JSON object.
    #[error("the memory's details are not one JSON object")]
    NotAnObject,
}

/// 1 MiB.
const MOST_TEXT: usize = 1_048_576;

impl Body {
    /// A body of 1 to 1,048,576 bytes of text. `details` is a JSON object of at most the same size.
    ///
    /// # Errors
    /// [`BodyError`] outside these sizes, or for details that are no JSON object.
    pub fn new(text: impl Into<String>, details: Option<String>) -> Result<Self, BodyError> {
        let body = Body { text: Zeroizing::new(text.into()), details: details.map(Zeroizing::new) };
        match (body.text.len(), body.details.as_ref().map_or(0, |details| details.len())) {
            (0, _) => Err(BodyError::Empty),
            (text, _) if text > MOST_TEXT => Err(BodyError::TooLong),
            (_, details) if details > MOST_TEXT => Err(BodyError::DetailsTooLong),
            _ if body.details().is_some_and(|details| !is_object(details)) => Err(BodyError::NotAnObject),
            _ => Ok(body),
        }
    }

    /// The memory's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What else the record carried: one JSON object.
    pub fn details(&self) -> Option<&str> {
        self.details.as_deref().map(String::as_str)
    }
}

/// Whether a text is one JSON object. What stands in it is not kept.
fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.text.len())
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draft({})", self.row)
    }
}

/// SHA-256(label ‖ opening ‖ text): whoever has the opening can compare a text; nobody else learns anything. So `Debug`
/// shows only the commitment.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TextCommitment {
    /// The commitment.
    pub commitment: Digest,
    /// 32 random bytes.
    pub opening: [u8; 32],
}

impl fmt::Debug for TextCommitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextCommitment({})", self.commitment)
    }
}

impl TextCommitment {
    /// Commits to a text under a random opening.
    pub(crate) fn of(text: &str) -> Self {
        TextCommitment::new(*random_secret(), text)
    }

    /// Commits to a text under an opening that must be random and used once.
    pub fn new(opening: [u8; 32], text: &str) -> Self {
        let hash =
            Sha256::new().chain_update(b"stillgood/text/v1\n").chain_update(opening).chain_update(text.as_bytes());
        TextCommitment { commitment: Digest::from_bytes(hash.finalize().into()), opening }
    }

    /// Whether this is the text that was committed to.
    pub fn is_of(&self, text: &str) -> bool {
        TextCommitment::new(self.opening, text).commitment == self.commitment
    }
}

ladder!(
    /// A lasting fact, or something that happened.
    Kind {
        /// A lasting fact.
        Semantic = "semantic",
        /// Something that happened.
        Episodic = "episodic",
    }
);
ladder!(
    /// Who said it.
    Origin {
        /// Not known.
        Unknown = "unknown",
        /// The user.
        User = "user",
        /// The assistant.
        Assistant = "assistant",
        /// A tool's output.
        Tool = "tool",
        /// A document.
        Document = "document",
    }
);
ladder!(
    /// Who made a label or a link.
    MadeBy {
        /// The imported record.
        Record = "record",
        /// A named rule of ours.
        Rule = "rule",
        /// The owner.
        Owner = "owner",
    }
);
ladder!(
    /// Whether the rows that this one depends on are still what they were.
    Parents {
        /// It depends on none.
        None = "none",
        /// They are.
        Intact = "intact",
        /// One of them changed.
        Changed = "changed",
    }
);
/// A label: `[a-z0-9_-]{1,48}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(String);

/// A subject or attribute: 1 to 128 bytes without control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(String);

/// A source: at most 128 bytes without control characters; may be empty.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Source(String);

/// Why a text is no tag, label or source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct LabelError(&'static str);

macro_rules! checked_text {
    ($name:ident, $what:literal, $check:expr) => {
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = LabelError;
            fn from_str(text: &str) -> Result<Self, LabelError> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok($name(text.to_owned())) } else { Err(LabelError($what)) }
            }
        }

        // It may be taken from the memory's text, and `Debug` ends up in logs.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

checked_text!(Tag, "1 to 48 of a-z, 0-9, `_` and `-`", is_name);
checked_text!(Label, "1 to 128 bytes without control characters", |text| {
    (1..=128).contains(&text.len()) && !text.chars().any(char::is_control)
});
checked_text!(Source, "at most 128 bytes without control characters", |text| {
    text.len() <= 128 && !text.chars().any(char::is_control)
});
