//! External data: did an attested enclave sign what was fetched, and until when is it fresh? Its age is its own.

use super::output::Output;
use super::source::{Source, Standing};
use super::{Notes, found};
use crate::evidence::{Attached, Found};
use crate::time::{CLOCKS_DIFFER, Timestamp};

pub(super) fn examine(source: &Source<'_>, notes: &mut Notes) -> Option<Attached<Option<Timestamp>>> {
    let (by, data) = source.said(|said| said.data.clone())?;
    notes.add(format!("{by} says from where and when"));
    let fresh_until = data.fresh_until();
    // What an answer holds was fetched when it was given, at the latest.
    let fetched = data.fetched_at.or_else(|| source.answered_at());
    let as_of = fetched.map_or(source.case.at, |fetched| fetched.min(source.case.at));
    if data.fetched_at.is_some_and(|fetched| fetched.since(source.case.at) > CLOCKS_DIFFER) {
        notes.add("it is said to be fetched at a time to come");
        return found(Found::Contradicted, source.case.at, fresh_until);
    }
    let after = |answered: Timestamp| data.fetched_at.is_some_and(|at| at.since(answered) > CLOCKS_DIFFER);
    if source.answered_at().is_some_and(after) {
        notes.add("it is said to be fetched after the answer was signed");
        return found(Found::Contradicted, source.case.at, fresh_until);
    }
    if fresh_until.is_none() {
        notes.add("nobody says until when it is fresh");
    }
    if !data.citations.is_empty() || source.has_citations() {
        notes.add("citations are unsigned: nothing shows that the content is from where they point");
    }
    let output = match source.output() {
        Output::Named(output) => output,
        Output::Other => {
            notes.add("the output is not the one that the response names");
            return found(Found::Contradicted, as_of, fresh_until);
        }
        Output::Unnamed(_) | Output::Missing | Output::Nothing => {
            notes.add("no signed response holds the content");
            return found(Found::Claimed, as_of, fresh_until);
        }
    };
    let content = data.content.as_deref().unwrap_or(&output);
    if content.is_empty() || !output.contains(content) {
        notes.add("the content does not stand in the output that the response names");
        return found(Found::Contradicted, as_of, fresh_until);
    }
    if !content.contains(source.case.text) {
        notes.add("the row's text does not stand in the content as it was fetched");
    }
    match &source.standing {
        Standing::Holds(_) => found(Found::Verified, as_of, fresh_until),
        _ => {
            notes.add("no attested enclave signed the content");
            found(Found::Claimed, as_of, fresh_until)
        }
    }
}
