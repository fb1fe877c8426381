//! The table of `docs/formats.md`, "Facts": each fact's name, type, meaning, and where in a row or request it stands.

use std::borrow::Cow;

use super::value::SetRef;
use super::{Fact, FactKind as K, Inputs, OverTime as T, Reader, Steps};
use crate::evidence::{BoxKind, Code, How, PaymentRung, Private, SettlementRung, State};
use crate::request::{About, Route};
use crate::row::{Category, Head, Kind, LinkKind, Origin, Parents};
use crate::time::Timestamp;

const SCORED_BY: &[&str] = &["none", "rerank", "distance"];

impl Head {
    /// The last earning, else when the text was first said. Retrieval never moves it.
    pub fn last_earned(&self) -> Timestamp {
        self.confirmed_at.map_or(self.stated_at, |confirmed| confirmed.max(self.stated_at))
    }
}

impl Inputs<'_> {
    fn since(&self, time: Timestamp) -> Option<i64> {
        Some(self.at().since(time).millis())
    }

    fn until(&self, time: Timestamp) -> Option<i64> {
        Some(time.since(self.at()).millis())
    }
}

/// One row of the table.
fn fact(name: &'static str, kind: K, over_time: T, meaning: &'static str, read: Reader) -> Fact {
    let (name, meaning) = (Cow::Borrowed(name), Cow::Borrowed(meaning));
    Fact {
        name,
        kind,
        words: None,
        optional: false,
        over_time,
        meaning,
        read,
        steps: Steps::No,
        written: Box::default(),
    }
}

type Number = fn(&Inputs<'_>) -> Option<i64>;

fn yes_or_no(name: &'static str, meaning: &'static str, read: Number) -> Fact {
    fact(name, K::Bool, T::Constant, meaning, Reader::Number(read))
}

fn int(name: &'static str, meaning: &'static str, read: Number) -> Fact {
    fact(name, K::Int, T::Constant, meaning, Reader::Number(read))
}

fn span(name: &'static str, over_time: T, meaning: &'static str, read: Number) -> Fact {
    fact(name, K::Span, over_time, meaning, Reader::Number(read))
}

fn score(name: &'static str, over_time: T, meaning: &'static str, read: Number) -> Fact {
    fact(name, K::Score, over_time, meaning, Reader::Number(read))
}

fn text(name: &'static str, meaning: &'static str, read: for<'a> fn(&Inputs<'a>) -> Option<&'a str>) -> Fact {
    fact(name, K::Text, T::Constant, meaning, Reader::Text(read))
}

fn set(name: &'static str, meaning: &'static str, read: for<'a> fn(&Inputs<'a>) -> SetRef<'a>) -> Fact {
    fact(name, K::Set, T::Constant, meaning, Reader::Set(read))
}

/// A text of a closed list, read as its place there.
fn word(
    name: &'static str,
    words: &'static [&'static str],
    meaning: &'static str,
    read: fn(&Inputs<'_>) -> Option<u8>,
) -> Fact {
    fact(name, K::Text, T::Constant, meaning, Reader::Word(read)).of(words)
}

impl Fact {
    fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    fn by(mut self, steps: Steps) -> Self {
        self.steps = steps;
        self.over_time = T::Step;
        self
    }

    fn of(mut self, words: &'static [&'static str]) -> Self {
        self.words = Some(words);
        self
    }
}

fn count(number: u64) -> Option<i64> {
    Some(i64::try_from(number).unwrap_or(i64::MAX))
}

fn millionths(score: crate::score::Score) -> i64 {
    score.millionths().into()
}

/// The order is part of the format.
#[rustfmt::skip]
pub(super) fn table() -> Vec<Fact> {
    let mut table = vec![
        word("row.kind", Kind::NAMES, "a lasting fact, or something that happened", |i| Some(i.head.traits.kind as u8)),
        set("row.categories", "MemSync's categories of the row", |i| SetRef::Categories(i.head.traits.categories)).of(Category::NAMES),
        set("row.tags", "labels of the row", |i| SetRef::Tags(&i.head.traits.tags)),
        text("row.source", "where it came from, in the exporting system's word", |i| Some(i.head.traits.source.as_str())),
        word("row.origin", Origin::NAMES, "who said it", |i| Some(i.head.traits.origin as u8)),
        text("row.subject", "whom or what it is about", |i| i.head.traits.subject.as_ref().map(|l| l.as_str())).optional(),
        text("row.attribute", "which property of the subject it gives", |i| i.head.traits.attribute.as_ref().map(|l| l.as_str())).optional(),
        span("row.age", T::Age, "time since this text was first said", |i| i.since(i.head.stated_at)),
        span("row.unconfirmed_for", T::Age, "time since the last earning, else since it was first said; retrieval never moves it", |i| i.since(i.head.last_earned())),
        span("row.observed_ago", T::Age, "time since it was last seen again from another side; clears no need for confirmation", |i| i.since(i.head.observed_at?)).optional(),
        int("row.confirmations", "how often it was confirmed", |i| count(i.head.confirmations)),
        score("row.importance", T::Constant, "as the exporting system rated it", |i| i.head.traits.importance.map(millionths)).optional(),
        score("row.survival", T::Step, "the chance that it still holds, from the set's table", |i| Some(millionths(i.survival.survival(i.head, i.at())))).by(Steps::Survival),
        span("row.expires_in", T::Left, "time until its end; below zero once it is past", |i| i.until(i.head.traits.valid_until?)).optional(),
        span("row.starts_in", T::Left, "time until its beginning; below zero once it is past", |i| i.until(i.head.traits.valid_from?)).optional(),
        span("row.ended_for", T::Age, "time since its end; below zero before it", |i| i.since(i.head.traits.valid_until?)).optional(),
        span("row.asked_ago", T::Age, "time since somebody was last asked about it", |i| i.since(i.head.asked_at?)).optional(),
        yes_or_no("row.denied", "the owner said that it is wrong", |i| Some(i.head.denied.into())),
        yes_or_no("row.superseded", "another row took its place", |i| Some(i.head.links.any(LinkKind::SupersededBy).into())),
        yes_or_no("row.contradicted", "another row says otherwise, and nobody settled it", |i| Some(i.head.links.any(LinkKind::Contradicts).into())),
        yes_or_no("row.edited", "its text changed after evidence was attached", |i| Some(i.head.edited.into())),
        word("row.parents", Parents::NAMES, "whether the rows it was derived from are still what they were", |i| Some(i.head.parents as u8)),
    ];
    // Each box: its state, its age, and what it alone carries.
    let detail: [Vec<Fact>; 8] = [
        vec![word("row.binding.how", How::NAMES, "how the row's text relates to the signed text", |i| Some(i.head.boxes.binding.as_ref().map_or(How::Unknown, |b| b.detail) as u8))],
        vec![word("row.attestation.code", Code::NAMES, "whether the attested code is on the user's list", |i| Some(i.head.boxes.attestation.as_ref().map_or(Code::Unknown, |b| b.detail) as u8))],
        vec![],
        vec![
            word("row.settlement.rung", SettlementRung::NAMES, "how far settlement got", |i| Some(i.head.boxes.settlement.as_ref().map_or(SettlementRung::None, |b| b.detail.0) as u8)),
            span("row.settlement.due_in", T::Left, "time until settlement is due; below zero once it is past", |i| i.until(i.head.boxes.settlement.as_ref()?.detail.1?)).optional(),
        ],
        vec![word("row.payment.rung", PaymentRung::NAMES, "how far payment got", |i| Some(i.head.boxes.payment.as_ref().map_or(PaymentRung::None, |b| b.detail) as u8))],
        vec![word("row.route.private", Private::NAMES, "whether it took the private route", |i| Some(i.head.boxes.route.as_ref().map_or(Private::Unknown, |b| b.detail) as u8))],
        vec![
            text("row.artifact.label", "the model that was asked for", |i| i.head.boxes.artifact.as_ref()?.detail.label.as_deref()).optional(),
            text("row.artifact.blob_id", "the model that it was", |i| i.head.boxes.artifact.as_ref()?.detail.blob_id.as_deref()).optional(),
        ],
        vec![span("row.data.fresh_for", T::Left, "time for which fetched data stays fresh; below zero once it is past", |i| i.until(i.head.boxes.data.as_ref()?.detail?)).optional()],
    ];
    macro_rules! state_and_age {
        ($kind:ident, $name:literal) => {[
            word(concat!("row.", $name, ".state"), State::NAMES, concat!("what is known of the ", $name, " box"), |i| Some(i.head.boxes.state_at(BoxKind::$kind, i.at()) as u8)).by(Steps::Box(BoxKind::$kind)),
            span(concat!("row.", $name, ".age"), T::Age, concat!("time since the ", $name, " box was found or claimed"), |i| i.since(i.head.boxes.finding(BoxKind::$kind)?.as_of?)).optional(),
        ]};
    }
    let common: [[Fact; 2]; 8] = [
        state_and_age!(Binding, "binding"), state_and_age!(Attestation, "attestation"), state_and_age!(Mode, "mode"), state_and_age!(Settlement, "settlement"),
        state_and_age!(Payment, "payment"), state_and_age!(Route, "route"), state_and_age!(Artifact, "artifact"), state_and_age!(Data, "data"),
    ];
    for (common, detail) in common.into_iter().zip(detail) {
        table.extend(common);
        table.extend(detail);
    }
    table.extend([
        score("candidate.relevance", T::Constant, "how well it fits the question: the rerank score, else 1 − distance", |i| i.candidate.relevance().map(millionths)).optional(),
        int("candidate.rank", "its place among the candidates, from 1", |i| count(i.rank as u64)),
        word("candidate.scored_by", SCORED_BY, "where the relevance comes from", |i| place(SCORED_BY, i.candidate.scored_by())),
        yes_or_no("candidate.asked", "the caller asked for it by name", |i| Some(i.candidate.asked.into())),
        word("request.about", About::NAMES, "what the question is about", |i| Some(i.request.about as u8)),
        text("request.purpose", "what the answer is for", |i| i.request.purpose.as_deref()).optional(),
        word("request.route", Route::NAMES, "which route the answer will take", |i| i.request.route.map(|route| route as u8)).optional(),
        text("request.artifact.label", "the model that will be asked", |i| i.request.artifact.label.as_deref()).optional(),
        text("request.artifact.blob_id", "the model that it will be", |i| i.request.artifact.blob_id.as_deref()).optional(),
    ]);
    table
}

fn place(words: &[&str], word: &str) -> Option<u8> {
    words.iter().position(|known| *known == word).and_then(|place| u8::try_from(place).ok())
}
