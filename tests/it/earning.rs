//! Who may say what of a row, when, and what it does: each refusal, each tie that is settled, and what forgetting leaves.

mod again;
mod asking;
mod dependants;
mod effects;
mod forgetting;
mod refusals;
mod ties;
mod values;

use stillgood::{
    Answer, AnswerDigest, Body, Draft, Earned, Earning, Forgotten, LinkKind, MadeBy, Observation, ObservedIn, Origin,
    Request, Retrieval, Span, Timestamp, VaultError,
};

use crate::support::{Home, draft, earn, now, request, row};

const DAY: i64 = 86_400_000;

fn after(days: i64) -> Timestamp {
    now().plus(Span::days(days).unwrap())
}

fn plus(time: Timestamp, millis: i64) -> Timestamp {
    time.plus(Span::from_millis(millis))
}

fn decide_at(home: &Home, rows: &[&str], at: Timestamp) -> Retrieval {
    home.vault.decide(&home.gate(), &Request { at, ..request(rows) }).unwrap()
}

fn seen(text: &str) -> Earning {
    let seen = AnswerDigest::of(text.as_bytes()).unwrap();
    Earning::Observe(Observation { source: ObservedIn::Thread, seen })
}

fn correction(text: &str) -> Earning {
    Earning::Correct(Body::new(text, None).unwrap())
}

/// An answer of the owner to a decision.
fn answered(home: &Home, id: &str, earning: Earning, to: &Retrieval, at: Timestamp) -> Result<Earned, VaultError> {
    let answer = Answer { decision: Some(to.id), ..Answer::to(row(id), earning, at) };
    home.vault.earn(&home.owner, &home.device, &answer, at.max(now()))
}

fn confirm(home: &Home, id: &str, at: Timestamp) -> Earned {
    earn(&home.vault, &home.owner, &home.device, id, Earning::Confirm, at).unwrap()
}

fn deny(home: &Home, id: &str, at: Timestamp) -> Earned {
    earn(&home.vault, &home.owner, &home.device, id, Earning::Deny, at).unwrap()
}

fn forget(home: &Home, id: &str) -> Result<Forgotten, VaultError> {
    home.vault.forget(&home.owner, &home.device, &row(id), now(), &|_| ())
}

fn ties(home: &Home, id: &str) -> Vec<(LinkKind, String, MadeBy)> {
    let head = home.vault.row(&row(id)).unwrap();
    head.links.iter().map(|(kind, to, by)| (kind, to.to_string(), by)).collect()
}

fn holds(home: &Home) {
    let report = home.vault.verify().unwrap();
    assert!(report.holds(), "{report:?}");
}

fn refused<T: std::fmt::Debug + PartialEq>(
    home: &Home,
    expected: impl Into<VaultError>,
    work: impl FnOnce() -> Result<T, VaultError>,
) {
    let before = home.vault.pin().unwrap();
    assert_eq!(work(), Err(expected.into()));
    assert_eq!(home.vault.pin().unwrap(), before, "what is refused writes nothing");
}

/// A value of the user's home town, or of what is liked, which has many.
fn value(id: &str, text: &str, days: i64, origin: Origin, single: bool) -> Draft {
    let mut draft = draft(id, text, days);
    draft.traits.subject = Some("user".parse().unwrap());
    draft.traits.attribute = Some("home town".parse().unwrap());
    draft.traits.origin = origin;
    draft.single = single;
    draft
}
