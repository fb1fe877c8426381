//! Attestation: did a key that a genuine document names sign the answer, and is the code that ran on the caller's list?

use super::source::{Source, Standing};
use super::{Notes, found};
use crate::evidence::attestation::{Order, Pcrs};
use crate::evidence::{Attached, Code, Found, MaterialKind};
use crate::text::hex;

pub(super) fn examine(source: &Source<'_>, notes: &mut Notes) -> Option<Attached<Code>> {
    let at = source.case.at;
    match source.heartbeat() {
        Some(Ok(at)) => notes.add(format!("a heartbeat says that the key was in use at {at}")),
        Some(Err(why)) => notes.add(format!("the heartbeat is not looked at: {why}")),
        None => {}
    }
    let approved = source.said(|said| said.code.as_ref()?.approved.clone().filter(|seen| !seen.is_to_come(at)));
    if let Some((by, seen)) = approved {
        notes.add(format!(
            "{} says that the code was approved on {} as of block {}, at {}: a claim, which this box does not rest on",
            by, seen.network, seen.block, seen.at
        ));
    }
    let has = |kind| source.piece(kind).is_some();
    if has(MaterialKind::Response) && has(MaterialKind::LegacyResponse) {
        notes.add("a response of the older form is attached too, and is not looked at");
    }
    let document = source.document.as_ref().and_then(|document| document.as_ref().ok());
    let code = document.map_or(Code::Unknown, |document| document.code);
    if let Some(document) = document {
        notes.add(format!("the document is genuine: AWS's Nitro system wrote it at {}", document.at()));
        notes.add(match code {
            Code::Unknown => "there is no list of code to hold the enclave's against",
            Code::Unlisted => "its code is not on your list for that time",
            Code::Listed => "its code is on your list for that time",
        });
        if code != Code::Listed {
            let Pcrs { pcr0, pcr1, pcr2 } = document.pcrs();
            notes.add(format!("its code is pcr0 {}, pcr1 {}, pcr2 {}", hex(pcr0), hex(pcr1), hex(pcr2)));
        }
    }
    match &source.standing {
        Standing::Nothing => None,
        Standing::Malformed(why) => {
            notes.add(why.clone());
            found(Found::Malformed, at, code)
        }
        Standing::Incomplete(what) => {
            notes.add(*what);
            found(Found::Claimed, at, code)
        }
        Standing::Refuted(why) => {
            notes.add(why.clone());
            found(Found::Contradicted, at, code)
        }
        Standing::Holds(order) => {
            if *order == Some(Order::ResponseFirst) {
                notes.add("the response is older than the document that names its key");
            }
            if source.read_response().is_none() {
                notes.add("the response is of the older form, which does not name its key");
            }
            found(Found::Verified, document.map_or(at, |document| document.at()), code)
        }
    }
}
