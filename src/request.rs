//! One retrieval, as the caller asks it: the time, what it is about, and the candidates that a search brought.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{Artifact, words};
use crate::id::{Digest, RowId};
use crate::row::Tag;
use crate::score::Score;
use crate::time::Timestamp;

/// One retrieval. Nothing in it is looked up: the same request gives the same decision.
///
/// ```
/// use stillgood::{Candidate, Request};
/// let mut request = Request::at("2026-02-12T18:00:00Z".parse()?);
/// request.purpose = Some("personal".into());
/// request.candidates.push(Candidate::of("mem_1".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    /// The time at which the answer is wanted.
    pub at: Timestamp,
    /// Whether that time is now, or was chosen by hand.
    pub occasion: Occasion,
    /// Whether the question is about now, the past, or a plan.
    pub about: About,
    /// What the answer is for, in the caller's words.
    pub purpose: Option<String>,
    /// Which route the answer will take.
    pub route: Option<Route>,
    /// The model that will answer.
    pub artifact: Artifact,
    /// Further keys, as the policy set declares them.
    pub keys: BTreeMap<String, KeyValue>,
    /// Names of fields that the caller passes on without a judgement, such as `user-bio`. The decision records them.
    pub passed: BTreeSet<Tag>,
    /// How many questions about held rows may be put to the owner. Nothing is judged by it.
    pub asks: usize,
    /// What the search brought, best first.
    pub candidates: Vec<Candidate>,
}

/// One row that the search brought.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Its id.
    pub row: RowId,
    /// How well it fits, by a second look. Higher is better.
    pub rerank: Option<Score>,
    /// How far it is from the question. Lower is better.
    pub distance: Option<Score>,
    /// The caller asked for it by name.
    pub asked: bool,
    /// SHA-256 of the text that came with it, and the text itself, compared with the vault's.
    pub offered: Option<Offered>,
}

/// A text that came with a candidate.
#[derive(Clone, PartialEq, Eq)]
pub struct Offered(zeroize::Zeroizing<String>);

impl Offered {
    /// The text as it came.
    pub fn new(text: String) -> Self {
        Offered(zeroize::Zeroizing::new(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl std::fmt::Debug for Offered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Offered({} bytes)", self.0.len())
    }
}

impl Candidate {
    /// A candidate of which only the id is known.
    pub fn of(row: RowId) -> Self {
        Candidate { row, rerank: None, distance: None, asked: false, offered: None }
    }

    /// How relevant it is: the rerank score, else 1 − distance.
    pub fn relevance(&self) -> Option<Score> {
        self.rerank.or_else(|| self.distance.map(Score::complement))
    }

    /// Where the relevance comes from: `rerank`, `distance` or `none`.
    pub const fn scored_by(&self) -> &'static str {
        match (self.rerank, self.distance) {
            (Some(_), _) => "rerank",
            (None, Some(_)) => "distance",
            (None, None) => "none",
        }
    }
}

impl Request {
    /// A request about now, without candidates. `at` is the clock's; for a time chosen by hand set `occasion` too.
    pub fn at(at: Timestamp) -> Self {
        Request {
            at,
            occasion: Occasion::Retrieval,
            about: About::Now,
            purpose: None,
            route: None,
            artifact: Artifact::default(),
            keys: BTreeMap::new(),
            passed: BTreeSet::new(),
            asks: 1,
            candidates: Vec::new(),
        }
    }
}

/// The value of a request key that a policy set declares.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyValue {
    /// Text.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A length of time.
    Span(crate::time::Span),
    /// A score.
    Score(Score),
    /// Several words.
    Set(BTreeSet<String>),
}

words!(
    /// Whether a request is a retrieval, or a look at another time.
    Occasion {
        /// The time is the caller's now.
        Retrieval = "retrieval",
        /// The time was chosen by hand.
        WhatIf = "what-if",
    }
);
words!(
    /// What a question is about.
    About {
        /// How things are.
        Now = "now",
        /// How things were.
        Past = "past",
        /// What is going to be.
        Plan = "plan",
    }
);
words!(
    /// Which route a request takes.
    Route {
        /// Any.
        Any = "any",
        /// The private one, and no other.
        Private = "private",
    }
);
