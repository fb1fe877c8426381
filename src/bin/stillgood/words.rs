//! What a person reads of rulings, rows and times: the words that several verbs share.

use std::path::Path;

use stillgood::{Durability, Head, Need, Occasion, PolicySet, Reason, RowId, SetName, Span, Timestamp};

/// What a decision says of its time.
pub(crate) fn by_hand(occasion: Occasion) -> &'static str {
    if occasion == Occasion::WhatIf { ", a time chosen by hand" } else { "" }
}

/// What a decision says of where it is kept.
pub(crate) fn stored(durability: Durability) -> &'static str {
    match durability {
        Durability::Full => "in the vault, before anything was returned",
        Durability::None => "not in the vault",
    }
}

/// A policy set: name, version, and whether it is the one built in. Anybody can call a set `stillgood`.
pub(crate) fn policy_set(set: &SetName) -> String {
    let own = PolicySet::builtin();
    let whose = match (set.name == own.name(), set.digest == own.digest()) {
        (_, true) => ", built in",
        (true, false) => ", not the one built into this program",
        (false, false) => "",
    };
    format!("{} version {}{whose}", set.name, set.version)
}

/// A reason, and what would clear it.
pub(crate) fn in_plain_words(reason: &Reason) -> String {
    let need = match &reason.need {
        None => return format!("{}:{}", reason.policy, reason.code),
        Some(Need::Confirmation) => "confirm it".to_owned(),
        Some(Need::Observation) => "it must be seen again from another side".to_owned(),
        Some(Need::Recheck(kind)) => format!("attach what shows its {}, or recheck it", kind.name()),
        Some(Need::Settle) => "settle the contradiction".to_owned(),
        Some(Need::Request(field)) => format!("another {field} in the request"),
        Some(Need::Nothing) if reason.policy == "stillgood" => "nothing would clear it".to_owned(),
        Some(Need::Nothing) => "only your own word brings it back".to_owned(),
        Some(Need::Repair) => "something is broken".to_owned(),
    };
    format!("{}:{} ({need})", reason.policy, reason.code)
}

/// All reasons of a ruling, on one line.
pub(crate) fn reasons(reasons: &[Reason]) -> String {
    reasons.iter().map(in_plain_words).collect::<Vec<_>>().join("; ")
}

/// A row's clock as it stood at a time: stated, confirmed, and since when nobody did either.
pub(crate) fn clock(head: &Head, at: Timestamp) -> String {
    let before = |then: Timestamp| format!("{} before ({})", age(at.since(then)), day(then));
    let confirmed = match (head.confirmed_at, head.confirmations) {
        (None, _) => "never confirmed".to_owned(),
        (Some(confirmed), 0 | 1) => format!("confirmed once, {}", before(confirmed)),
        (Some(confirmed), times) => format!("confirmed {times} times, last {}", before(confirmed)),
    };
    let observed = head.observed_at.map(|seen| format!(", seen again {}", before(seen))).unwrap_or_default();
    let denied = if head.denied { ", denied" } else { "" };
    let unconfirmed = age(at.since(head.last_earned()));
    format!("stated {}, {confirmed}{observed}{denied}; unconfirmed for {unconfirmed}", before(head.stated_at))
}

/// A span for a person, to whom moments are one.
pub(crate) fn age(span: Span) -> String {
    const MOMENTS: i64 = 120_000;
    if span.millis() < MOMENTS { "less than 2 minutes".to_owned() } else { span.to_string() }
}

/// The day of a time.
pub(crate) fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// The first line of a text, cut after so many characters.
pub(crate) fn first_line(text: &str, most: usize) -> String {
    let (line, more) = match text.trim_start().split_once(['\n', '\r']) {
        Some((line, more)) => (line, !more.trim().is_empty()),
        None => (text.trim_start(), false),
    };
    if line.chars().count() <= most && !more {
        return line.to_owned();
    }
    line.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Names with commas between them; of many the first ones, and how many more there are.
pub(crate) fn listed(names: &[String]) -> String {
    const MOST: usize = 12;
    let shown = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The same for rows.
pub(crate) fn rows<'a>(rows: impl IntoIterator<Item = &'a RowId>) -> String {
    listed(&rows.into_iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// A path as a shell takes it for one word.
pub(crate) fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,@%:=".contains(c);
    if path.chars().all(is_plain) { path } else { format!("'{}'", path.replace('\'', r"'\''")) }
}
