//! From what was attached to a row to its boxes: each is filled by its own rules from the material that concerns it, and
//! none from another box.

mod answer;
mod artifact;
mod attestation;
mod binding;
mod data;
mod mode;
mod output;
mod payment;
#[cfg(test)]
mod properties;
mod route;
#[cfg(test)]
mod rows;
mod settlement;
mod source;
#[cfg(test)]
mod tests;

use std::fmt;

use super::attestation::{CodeList, Document, DocumentError, Genuine};
use super::{Attached, Attachments, BoxKind, Boxes, Evidence, Finding, Found};
use crate::time::Timestamp;
use source::Source;

/// One row's text and evidence, to be examined at a time.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The row's text.
    pub text: &'a str,
    /// What is kept with it.
    pub evidence: &'a Evidence,
    /// The generation of the body that the text stands in: what was attached to another is not looked at.
    pub body_generation: u64,
    /// Which code of enclaves the caller accepts; without a list nothing is said about code.
    pub codes: Option<&'a CodeList>,
    /// When it is examined.
    pub at: Timestamp,
}

/// What evidence shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Examination {
    /// The boxes.
    pub boxes: Attachments,
    /// What was noticed, box by box, in plain words: what does not hold and why, and what is easily read into it.
    pub noticed: Vec<(BoxKind, String)>,
}

// The text is a memory's, and `Debug` ends up in logs.
impl fmt::Debug for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Case({} pieces, {})", self.evidence.iter().len(), self.at)
    }
}

impl Case<'_> {
    /// Examines everything. It costs some milliseconds where there is an attestation, and never runs in a retrieval.
    pub fn examine(&self) -> Examination {
        self.examine_under(&|document| document.verify())
    }

    /// The same, with documents verified as a test says.
    fn examine_under(&self, verify: Verify<'_>) -> Examination {
        if self.evidence.is_empty() {
            return Examination { boxes: Attachments::default(), noticed: vec![] };
        }
        if !self.evidence.is_of(self.body_generation) {
            let said = "the row's text changed after this was attached".to_owned();
            let boxes = Attachments::of_another_text(self.at);
            return Examination { boxes, noticed: vec![(BoxKind::Binding, said)] };
        }
        let source = Source::of(self, verify);
        let mut noticed = vec![];
        for error in source.statements.iter().filter_map(|said| said.as_ref().err()) {
            // It could speak of any box.
            noticed.push((BoxKind::Binding, format!("a statement is not looked at: {error}")));
        }
        let earlier = self.evidence.iter().filter(|kept| kept.body_generation != self.body_generation).count();
        if earlier > 0 {
            let pieces = if earlier == 1 { "1 piece is".to_owned() } else { format!("{earlier} pieces are") };
            noticed.push((BoxKind::Binding, format!("{pieces} of an earlier text, and not looked at")));
        }
        let notes = |kind| Notes { kind, noticed: vec![] };
        let mut keep = |notes: Notes| noticed.extend(notes.noticed.into_iter().map(|said| (notes.kind, said)));
        let mut boxes = Boxes::default();
        macro_rules! examine {
            ($($kind:ident $name:ident)+) => {$(
                let mut said = notes(BoxKind::$kind);
                boxes.$name = $name::examine(&source, &mut said);
                keep(said);
            )+};
        }
        examine!(
            Binding binding  Attestation attestation  Mode mode  Settlement settlement
            Payment payment  Route route  Artifact artifact  Data data
        );
        Examination { boxes: boxes.into(), noticed }
    }
}

/// How a document is verified: under the pinned root, but in tests.
type Verify<'v> = &'v dyn Fn(&Document<'_>) -> Result<Genuine, DocumentError>;

/// What is noticed of one box.
struct Notes {
    kind: BoxKind,
    noticed: Vec<String>,
}

impl Notes {
    fn add(&mut self, said: impl Into<String>) {
        self.noticed.push(said.into());
    }
}

/// A box that says this as of then.
fn found<T>(state: Found, as_of: Timestamp, detail: T) -> Option<Attached<T>> {
    Some(Attached { finding: Finding { state, as_of: Some(as_of) }, detail })
}
