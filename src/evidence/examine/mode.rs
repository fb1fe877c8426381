//! Mode: how the model ran. An enclave's run is shown by its signature; every other mode can only be claimed.

use super::source::{Source, Standing};
use super::{Notes, found};
use crate::evidence::statement::SaidMode;
use crate::evidence::{Attached, Found, Mode};

pub(super) fn examine(source: &Source<'_>, notes: &mut Notes) -> Option<Attached<Mode>> {
    let at = source.case.at;
    let said = source.said(|said| said.mode).map(|(_, mode)| Mode::from(mode));
    // What answers chat requests is a language model, and nobody proves a run of one.
    if said == Some(Mode::Zkml) && source.is_of_a_chat() {
        notes.add("a zero-knowledge proof is claimed for the answer of a language model, of which there is none");
        return found(Found::Contradicted, at, Mode::Zkml);
    }
    match (&source.standing, said) {
        (Standing::Holds(_), Some(said @ (Mode::Vanilla | Mode::Zkml))) => {
            notes.add(format!("{} is claimed, and an enclave signed the answer", said.name()));
            found(Found::Contradicted, at, said)
        }
        (Standing::Holds(_), _) => {
            let document = source.document.as_ref().and_then(|document| document.as_ref().ok());
            found(Found::Verified, document.map_or(at, |document| document.at()), Mode::Tee)
        }
        (_, Some(said)) => found(Found::Claimed, at, said),
        // A response with an enclave's signature says that there was one.
        _ if source.answer.is_some() => found(Found::Claimed, at, Mode::Tee),
        _ => None,
    }
}

impl From<SaidMode> for Mode {
    fn from(said: SaidMode) -> Self {
        match said {
            SaidMode::Vanilla => Mode::Vanilla,
            SaidMode::Zkml => Mode::Zkml,
            SaidMode::Tee => Mode::Tee,
        }
    }
}
