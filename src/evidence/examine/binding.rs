//! Binding: is the row's text the text that the response names as its output?

use super::output::Output;
use super::source::Source;
use super::{Notes, found};
use crate::evidence::{Attached, Found, How};

pub(super) fn examine(source: &Source<'_>, notes: &mut Notes) -> Option<Attached<How>> {
    let says = |state, how| found(state, source.case.at, how);
    if let Some(Err(why)) = &source.answer {
        notes.add(why);
        return says(Found::Malformed, How::Unknown);
    }
    let (output, state) = match source.output() {
        Output::Named(output) => (output, Found::Verified),
        Output::Unnamed(output) => {
            notes.add("no response says that this output was signed");
            (output.into(), Found::Claimed)
        }
        Output::Other => {
            notes.add("the output is not the one that the response names");
            return says(Found::Contradicted, How::Unknown);
        }
        Output::Missing => {
            notes.add("the text of the output is not there to compare the row with; attach it with --output");
            return says(Found::Claimed, How::Unknown);
        }
        // Only pieces that speak of no answer: nothing ties them to the row's text but who attached them.
        Output::Nothing => return None,
    };
    match How::of(source.case.text, &output) {
        How::Unknown => {
            notes.add(
                "the row's text does not stand in the output; every other box speaks of the answer, not of the row",
            );
            says(Found::Claimed, How::Derived)
        }
        how => says(state, how),
    }
}
