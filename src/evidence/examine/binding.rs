//! Binding: is the row's text the text whose hash the response carries?

use super::source::Source;
use super::{Notes, found};
use crate::evidence::{Attached, Found, How};

pub(super) fn examine(source: &Source<'_>, notes: &mut Notes) -> Option<Attached<How>> {
    let at = source.case.at;
    let says = |state, how| found(state, at, how);
    if let Some(Err(error)) = &source.response {
        notes.add(error.to_string());
        return says(Found::Malformed, How::Unknown);
    }
    if source.response.is_none()
        && let Some(Err(error)) = &source.legacy
    {
        notes.add(error.to_string());
        return says(Found::Malformed, How::Unknown);
    }
    let output = source.output();
    let (output, is_named) = match (source.read_response(), &source.legacy, output) {
        (Some(response), _, Some(output)) => {
            let is_named = response.names_output(output);
            if !is_named {
                notes.add("the output is not the one whose hash the response carries");
                return says(Found::Contradicted, How::Unknown);
            }
            (output.to_owned(), true)
        }
        (None, Some(Ok(legacy)), output) => match (legacy.output(), output) {
            (Some(signed), Some(output)) if signed != output => {
                notes.add("the output is not the one that stands in the signed response");
                return says(Found::Contradicted, How::Unknown);
            }
            (Some(signed), _) => (signed, true),
            (None, _) => {
                notes.add("there is no text in the signed response to compare the row with");
                return says(Found::Claimed, How::Unknown);
            }
        },
        (None, _, Some(output)) => {
            notes.add("no response says that this output was signed");
            (output.to_owned(), false)
        }
        (Some(_), _, None) => {
            notes.add("the text of the output is not there to compare the row with; attach it with --output");
            return says(Found::Claimed, How::Unknown);
        }
        // Only pieces that speak of no answer: nothing ties them to the row's text but who attached them.
        (None, _, None) => return says(Found::Claimed, How::Unknown),
    };
    match How::of(source.case.text, &output) {
        How::Unknown => {
            notes.add(
                "the row's text does not stand in the output; every other box speaks of the answer, not of the row",
            );
            says(Found::Claimed, How::Derived)
        }
        how if is_named => says(Found::Verified, how),
        how => says(Found::Claimed, how),
    }
}
