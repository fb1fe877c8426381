//! Route: which way the request took is the word of whoever sent it. Only the key configuration of the private route is signed.

use super::source::{Source, Standing};
use super::{Notes, found};
use crate::evidence::route::{KeyConfigError, Rewritten, SignedKeyConfig};
use crate::evidence::{Attached, Found, MaterialKind, Private};

pub(super) fn examine(source: &Source<'_>, notes: &mut Notes) -> Option<Attached<Private>> {
    let at = source.case.at;
    let claim = source.said(|said| said.route);
    if let Some((by, _)) = &claim {
        notes.add(format!("{by} says so"));
    }
    let claim = claim.map(|(_, route)| route);
    let private = claim.map_or(Private::Unknown, |claim| claim.private());
    match claim.map(|claim| claim.rewritten) {
        Some(Rewritten::Locally) => {
            notes.add("the request was changed before it was sent, so that what was signed is not what was written");
        }
        Some(Rewritten::Unknown | Rewritten::No) | None => {}
    }
    let config = source.piece(MaterialKind::KeyConfig).map(SignedKeyConfig::from_json);
    match config {
        None => {
            claim?;
        }
        Some(Err(error)) => {
            notes.add(error.to_string());
            let state = match error {
                KeyConfigError::Disagrees | KeyConfigError::OtherHash => Found::Contradicted,
                _ => Found::Malformed,
            };
            return found(state, at, private);
        }
        Some(Ok(config)) => match source.key.as_ref().and_then(|key| key.as_ref().ok()) {
            None => notes.add("there is no key to check the key configuration with"),
            Some(key) => match config.verify(key) {
                Err(error) => {
                    notes.add(error.to_string());
                    return found(Found::Contradicted, at, private);
                }
                Ok(config) if matches!(source.standing, Standing::Holds(_)) => notes.add(format!(
                    "the enclave's key signed key configuration {}: a private route was there to take",
                    config.key_id()
                )),
                Ok(_) => {
                    notes.add("the key configuration is signed by a key of which nobody shows that it is an enclave's")
                }
            },
        },
    }
    found(Found::Claimed, at, private)
}
