//! What stands in the answer: its output, its request, its time.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::answer::Answer;
use super::source::Source;
use crate::evidence::MaterialKind;
use crate::evidence::attestation::SignedResponse;
use crate::time::Timestamp;

/// What is known of the output that the response names.
pub(super) enum Output<'s> {
    /// This is it. Whether anybody signed the response is another question.
    Named(Cow<'s, str>),
    /// A text is there, and it is another.
    Other,
    /// A text is there, and no response to hold it against.
    Unnamed(&'s str),
    /// A response is there, and no text.
    Missing,
    /// Neither is there.
    Nothing,
}

impl<'a> Source<'a> {
    /// The response, if it parses.
    pub(super) fn read_answer(&self) -> Option<&Answer> {
        self.answer.as_ref()?.as_ref().ok()
    }

    /// The response, if it is of the current form and parses.
    pub(super) fn read_response(&self) -> Option<&SignedResponse> {
        match self.read_answer()? {
            Answer::Current(response) => Some(response),
            Answer::Older(_) => None,
        }
    }

    /// The output, held against the response.
    pub(super) fn output(&self) -> Output<'_> {
        let text = self.text_of_output();
        match self.read_answer() {
            None => text.map_or(Output::Nothing, Output::Unnamed),
            Some(Answer::Current(response)) => match text {
                None => Output::Missing,
                // A line end that a program put behind it is forgiven.
                Some(text) => {
                    match [text, text.trim_end_matches(['\r', '\n'])].into_iter().find(|t| response.names_output(t)) {
                        Some(text) => Output::Named(text.into()),
                        None => Output::Other,
                    }
                }
            },
            Some(Answer::Older(response)) => match (response.output(), text) {
                (None, _) => Output::Missing,
                (Some(named), Some(text)) if named != text && named != text.trim_end_matches(['\r', '\n']) => {
                    Output::Other
                }
                (Some(named), _) => Output::Named(named.into()),
            },
        }
    }

    /// The text of the output: as it was attached, else as it stands in the response beside what is signed.
    fn text_of_output(&self) -> Option<&str> {
        if let Some(bytes) = self.piece(MaterialKind::Output) {
            return std::str::from_utf8(bytes).ok();
        }
        let choice = self.json.as_ref()?.get("choices")?.get(0)?;
        let message = choice.get("message");
        // Where the answer calls tools, the calls are the output, in a text that does not stand in the response.
        let calls = message.and_then(|message| message.get("tool_calls")).and_then(Json::as_array);
        if calls.is_some_and(|calls| !calls.is_empty()) {
            return None;
        }
        message.and_then(|message| message.get("content")).or(choice.get("text"))?.as_str()
    }

    /// When the answer was given, by the enclave's clock.
    pub(super) fn answered_at(&self) -> Option<Timestamp> {
        match self.read_answer()? {
            Answer::Current(response) => {
                let millis = i64::try_from(response.seconds).ok()?.checked_mul(1000)?;
                Timestamp::from_millis(millis).ok()
            }
            Answer::Older(response) => response.claimed_at(),
        }
    }

    /// Whether the answer is one to a chat request, so that a language model gave it.
    pub(super) fn is_of_a_chat(&self) -> bool {
        let has_choices = || self.json.as_ref().is_some_and(|answer| answer.get("choices").is_some());
        matches!(self.read_answer(), Some(Answer::Older(_))) || has_choices()
    }

    /// Whether the answer points to sources.
    pub(super) fn has_citations(&self) -> bool {
        let Some(answer) = &self.json else { return false };
        let message = answer.get("choices").and_then(|choices| choices.get(0)).and_then(|choice| choice.get("message"));
        let places = [answer.get("citations"), message.and_then(|message| message.get("annotations"))];
        places.into_iter().flatten().any(|list| list.as_array().is_some_and(|list| !list.is_empty()))
    }

    /// Whether these bytes are the request that the response is of. A line end that an editor put behind them is forgiven.
    pub(super) fn signed_request(&self) -> Option<&'a [u8]> {
        let bytes = self.piece(MaterialKind::Request)?;
        let answer = self.read_answer()?;
        [bytes, bytes.trim_ascii_end()].into_iter().find(|bytes| match answer {
            Answer::Current(response) => response.names_request(bytes),
            Answer::Older(response) => response.names_request(bytes),
        })
    }
}
