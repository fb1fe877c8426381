//! What a box says, and what it does not, each in one plain sentence.

use super::{BoxKind, Boxes, Code, How, Mode, PaymentRung, Private, SettlementRung, State};
use crate::time::Timestamp;

/// What one box says at a time. Sentences without a full stop, so that they stand in a table, too.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Saying {
    /// The state at that time.
    pub state: State,
    /// Since when, or as of when; `None` where no time goes with it.
    pub as_of: Option<Timestamp>,
    /// The word that this box alone carries, such as `substring`; `None` where it carries none.
    pub detail: Option<&'static str>,
    /// What exactly was verified, or is claimed.
    pub shown: &'static str,
    /// What does not follow from it.
    pub not_shown: &'static str,
}

impl Boxes {
    /// What a box says at a time; `None` where nothing is attached.
    pub fn saying(&self, kind: BoxKind, at: Timestamp) -> Option<Saying> {
        let finding = self.finding(kind)?;
        let state = self.state_at(kind, at);
        let (detail, shown) = match state {
            State::Malformed => (None, "what was attached cannot be read"),
            _ => self.shown(kind, state),
        };
        Some(Saying { state, as_of: finding.as_of, detail, shown, not_shown: not_shown(kind) })
    }

    fn shown(&self, kind: BoxKind, state: State) -> (Option<&'static str>, &'static str) {
        match kind {
            BoxKind::Binding => {
                let how = self.binding.as_ref().map_or(How::Unknown, |attached| attached.detail);
                (Some(how.name()), binding(state, how))
            }
            BoxKind::Attestation => {
                let code = self.attestation.as_ref().map_or(Code::Unknown, |attached| attached.detail);
                let word = match code {
                    Code::Unknown => "code unknown",
                    Code::Listed => "code listed",
                    Code::Unlisted => "code unlisted",
                };
                (Some(word), attestation(state, code))
            }
            BoxKind::Mode => {
                let mode = self.mode.as_ref().map_or(Mode::Unknown, |attached| attached.detail);
                (Some(mode.name()), in_state(state, MODE))
            }
            BoxKind::Settlement => {
                let rung = self.settlement.as_ref().map_or(SettlementRung::None, |attached| attached.detail.0);
                (Some(rung.name()), settlement(state, rung))
            }
            BoxKind::Payment => {
                let rung = self.payment.as_ref().map_or(PaymentRung::None, |attached| attached.detail);
                (Some(rung.name()), payment(state, rung))
            }
            BoxKind::Route => {
                let private = self.route.as_ref().map_or(Private::Unknown, |attached| attached.detail);
                let word = match private {
                    Private::Unknown => "route unknown",
                    Private::Yes => "private",
                    Private::No => "not private",
                };
                let shown = match (state, private) {
                    (State::Claimed, Private::Unknown) => "nobody says which way the request took",
                    _ => in_state(state, ROUTE),
                };
                (Some(word), shown)
            }
            BoxKind::Artifact => (None, in_state(state, ARTIFACT)),
            BoxKind::Data => (None, in_state(state, DATA)),
        }
    }
}

/// Claimed, verified, contradicted, lapsed.
type ByState = [&'static str; 4];

fn in_state(state: State, [claimed, verified, contradicted, lapsed]: ByState) -> &'static str {
    match state {
        State::Absent | State::Malformed | State::Claimed => claimed,
        State::Verified => verified,
        State::Contradicted => contradicted,
        State::Lapsed => lapsed,
    }
}

const NEVER: &str = "its time is over";

const MODE: ByState = [
    "somebody says that the model ran so",
    "an enclave's key signed the answer",
    "what is said of how the model ran cannot be so",
    NEVER,
];

const ROUTE: ByState = [
    "somebody says which way the request took",
    "somebody says which way the request took",
    "the key configuration for the private route is not signed by the enclave's key",
    NEVER,
];

const ARTIFACT: ByState = [
    "somebody says which model it was",
    "the label stands in the request whose hash the response carries",
    "what is said of the model cannot be so",
    NEVER,
];

const DATA: ByState = [
    "somebody says where the content was fetched; no attested enclave signed it",
    "an attested enclave signed the content",
    "what is said of the content does not hold",
    "the time for which it was fresh is over",
];

fn binding(state: State, how: How) -> &'static str {
    match (state, how) {
        (State::Verified, How::Verbatim) => "the row's text is the whole output whose hash the response carries",
        (State::Verified, _) => "the row's text stands in the output whose hash the response carries",
        (State::Contradicted, _) => "the evidence is of another text than the row's",
        (_, How::Derived) => "whoever attached this says that the row was made from it; its text does not stand in it",
        (_, How::Verbatim | How::Substring) => {
            "the row's text stands in an output of which nobody shows that it was signed"
        }
        (_, How::Unknown) => "whoever attached this says that it belongs to the row",
    }
}

fn attestation(state: State, code: Code) -> &'static str {
    match (state, code) {
        (State::Verified, Code::Listed) => {
            "a key that a genuine document names signed the answer, and the code was on your list"
        }
        (State::Verified, Code::Unlisted) => {
            "a key that a genuine document names signed the answer; the code is not on your list"
        }
        (State::Verified, Code::Unknown) => "a key that a genuine document names signed the answer",
        (State::Contradicted, _) => "a signature, certificate or key does not hold, or they do not belong together",
        _ => "nothing yet: a part is missing, so that it is not known whose key signed",
    }
}

fn settlement(state: State, rung: SettlementRung) -> &'static str {
    match (state, rung) {
        (State::Lapsed, _) => "it was due, and no proof of it is here",
        (State::Verified, _) => "the hashes of this answer stand in the batch with the given root",
        (State::Contradicted, _) => "the proof is of another answer, or does not lead to the root",
        (_, SettlementRung::Anchored) => "somebody says that the chain has the batch",
        (_, SettlementRung::Announced) => "a transaction is named, which may never have been sent",
        (_, SettlementRung::Requested) => "settlement was asked for",
        _ => "nothing here shows that it was settled",
    }
}

fn payment(state: State, rung: PaymentRung) -> &'static str {
    match (state, rung) {
        (State::Contradicted, _) => "a signature or a sum does not hold",
        (State::Verified, PaymentRung::Receipted) => "the signature of a receipt holds",
        (State::Verified, PaymentRung::Authorised) => "the payer signed that it may be charged",
        (State::Verified, PaymentRung::NotThePayer) => "somebody else than the named payer signed",
        _ => "somebody says that it was paid",
    }
}

const fn not_shown(kind: BoxKind) -> &'static str {
    match kind {
        BoxKind::Binding => "that the text is true, or that the rest of the answer does not change what it means",
        BoxKind::Attestation => "that the answer is right, that the code is good, or that anybody approves of it today",
        BoxKind::Mode => "that the model is the one whose label was asked for",
        BoxKind::Settlement => "that the chain has this root, or that the answer is right",
        BoxKind::Payment => "that money moved, that it was for this answer, or that whoever signed a receipt may",
        BoxKind::Route => "that the request took it: nobody but the sender can know",
        BoxKind::Artifact => "that the model with this label was the one that ran, or is the same today",
        BoxKind::Data => "that the source is right, that it still says so, or that citations are its own",
    }
}
