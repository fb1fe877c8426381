//! The schema: every fact that a policy can read, declared once. Checker, sandbox, decisions and documentation use it.

mod value;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

pub use value::{FactKind, Value};
pub(crate) use value::{SetRef, ValueRef};

use crate::cbor;
use crate::evidence::{BoxKind, Code, How, PaymentRung, Private, SettlementRung};
use crate::id::Digest;
use crate::request::{About, Candidate, Request, Route};
use crate::row::{Category, Head, Kind, LinkKind, Origin, Parents};
use crate::score::Score;
use crate::survival::SurvivalTable;
use crate::time::{Span, Timestamp};

/// One fact: name, type, whether it can be absent, how it moves with time, and what it means.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Dotted name, as policies write it.
    pub name: Cow<'static, str>,
    /// Its type.
    pub kind: FactKind,
    /// The words it can take, where they are a closed list.
    pub words: Option<&'static [&'static str]>,
    /// Whether it can be absent. Whether it is absent never changes with time.
    pub optional: bool,
    /// How its value moves with nothing but time passing.
    pub over_time: OverTime,
    /// One line for people.
    pub meaning: Cow<'static, str>,
    read: Reader,
    steps: Steps,
}

/// Whose next step is known, of a fact that goes by steps.
#[derive(Clone, Copy, Debug)]
enum Steps {
    No,
    Survival,
    Box(BoxKind),
}

#[derive(Clone, Copy, Debug)]
enum Reader {
    /// From row, candidate and request.
    Builtin(for<'a> fn(&Inputs<'a>) -> ValueRef<'a>),
    /// A key of the request that the policy set declares.
    Key,
}

/// How a fact moves with nothing but time passing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OverTime {
    /// It stays.
    Constant,
    /// It grows with time.
    Age,
    /// It shrinks with time, and goes below zero.
    Left,
    /// It stands, then steps; its next step is known.
    Step,
}

/// What facts are read from.
pub(crate) struct Inputs<'a> {
    pub(crate) head: &'a Head,
    pub(crate) request: &'a Request,
    pub(crate) candidate: &'a Candidate,
    /// Place among the candidates, from 1.
    pub(crate) rank: usize,
    /// The set's table.
    pub(crate) survival: &'a SurvivalTable,
}

impl<'a> Inputs<'a> {
    fn at(&self) -> Timestamp {
        self.request.at
    }

    fn age_of(&self, time: Option<Timestamp>) -> ValueRef<'a> {
        time.map_or(ValueRef::Absent, |time| ValueRef::Span(self.at().since(time)))
    }

    fn left_to(&self, time: Option<Timestamp>) -> ValueRef<'a> {
        time.map_or(ValueRef::Absent, |time| ValueRef::Span(time.since(self.at())))
    }

    fn box_state(&self, kind: BoxKind) -> ValueRef<'a> {
        word(self.head.boxes.state_at(kind, self.at()).name())
    }

    fn box_age(&self, kind: BoxKind) -> ValueRef<'a> {
        self.age_of(self.head.boxes.finding(kind).and_then(|finding| finding.as_of))
    }
}

impl Head {
    /// The last earning, else when the text was first said. Retrieval never moves it.
    pub fn last_earned(&self) -> Timestamp {
        self.confirmed_at.map_or(self.stated_at, |confirmed| confirmed.max(self.stated_at))
    }
}

fn word<'a>(text: &'static str) -> ValueRef<'a> {
    ValueRef::Text(text)
}

fn text(text: Option<&str>) -> ValueRef<'_> {
    text.map_or(ValueRef::Absent, ValueRef::Text)
}

fn count<'a>(number: u64) -> ValueRef<'a> {
    ValueRef::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

const STATES: &[&str] = &["absent", "claimed", "malformed", "verified", "contradicted", "lapsed"];
const SCORED_BY: &[&str] = &["none", "rerank", "distance"];

use FactKind as K;
use OverTime as T;

/// One row of the table.
fn fact(
    name: &'static str,
    kind: K,
    over_time: T,
    meaning: &'static str,
    read: for<'a> fn(&Inputs<'a>) -> ValueRef<'a>,
) -> Fact {
    Fact {
        name: name.into(),
        kind,
        words: None,
        optional: false,
        over_time,
        meaning: meaning.into(),
        read: Reader::Builtin(read),
        steps: Steps::No,
    }
}

impl Fact {
    fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    fn by(mut self, steps: Steps) -> Self {
        self.steps = steps;
        self
    }

    fn of(mut self, words: &'static [&'static str]) -> Self {
        self.words = Some(words);
        self
    }

    /// What the fact is where a case does not give it: absent if it can be, else the first word, 0, false, no words.
    /// A score is 1.
    pub fn default_value(&self) -> Value {
        match self.kind {
            _ if self.optional => Value::Absent,
            K::Text => Value::Text(Cow::Borrowed(self.words.and_then(|words| words.first().copied()).unwrap_or(""))),
            K::Bool => Value::Bool(false),
            K::Int => Value::Int(0),
            K::Span => Value::Span(Span::ZERO),
            K::Score => Value::Score(Score::ONE),
            K::Set => Value::Set(Arc::new([])),
        }
    }

    /// Its value in a row, candidate and request.
    pub(crate) fn value<'a>(&self, inputs: &Inputs<'a>) -> ValueRef<'a> {
        match self.read {
            Reader::Builtin(read) => read(inputs),
            Reader::Key => {
                let key = self.name.strip_prefix("request.").unwrap_or_default();
                inputs.request.keys.get(key).map_or(ValueRef::Absent, ValueRef::from)
            }
        }
    }

    /// The next time, if any, at which a fact that goes by steps can take one.
    pub(crate) fn next_step(&self, inputs: &Inputs<'_>) -> Option<Timestamp> {
        let next = match self.steps {
            Steps::No => None,
            Steps::Survival => inputs.survival.next_step(inputs.head, inputs.at()),
            Steps::Box(kind) => inputs.head.boxes.lapses_at(kind),
        };
        next.filter(|next| *next > inputs.at())
    }

    /// Whether it is a request key that the policy set declares.
    pub fn declared_by_set(&self) -> bool {
        matches!(self.read, Reader::Key)
    }

    /// The box of evidence it belongs to, if any.
    pub fn evidence_box(&self) -> Option<BoxKind> {
        let (first, _) = self.name.strip_prefix("row.")?.split_once('.')?;
        BoxKind::from_name(first)
    }
}

/// The table of `docs/formats.md`, "Facts". The order is part of the format.
#[rustfmt::skip]
fn table() -> Vec<Fact> {
    let mut table = vec![
        fact("row.kind", K::Text, T::Constant, "a lasting fact, or something that happened", |i| word(i.head.traits.kind.name())).of(Kind::NAMES),
        fact("row.categories", K::Set, T::Constant, "MemSync's categories of the row", |i| ValueRef::Set(SetRef::Categories(i.head.traits.categories))).of(Category::NAMES),
        fact("row.tags", K::Set, T::Constant, "labels of the row", |i| ValueRef::Set(SetRef::Tags(&i.head.traits.tags))),
        fact("row.source", K::Text, T::Constant, "where it came from, in the exporting system's word", |i| text(Some(i.head.traits.source.as_str()))),
        fact("row.origin", K::Text, T::Constant, "who said it", |i| word(i.head.traits.origin.name())).of(Origin::NAMES),
        fact("row.subject", K::Text, T::Constant, "whom or what it is about", |i| text(i.head.traits.subject.as_ref().map(|l| l.as_str()))).optional(),
        fact("row.attribute", K::Text, T::Constant, "which property of the subject it gives", |i| text(i.head.traits.attribute.as_ref().map(|l| l.as_str()))).optional(),
        fact("row.age", K::Span, T::Age, "time since this text was first said", |i| i.age_of(Some(i.head.stated_at))),
        fact("row.unconfirmed_for", K::Span, T::Age, "time since the last earning, else since it was first said; retrieval never moves it", |i| i.age_of(Some(i.head.last_earned()))),
        fact("row.confirmations", K::Int, T::Constant, "how often it was confirmed", |i| count(i.head.confirmations)),
        fact("row.importance", K::Score, T::Constant, "as the exporting system rated it", |i| i.head.traits.importance.map_or(ValueRef::Absent, ValueRef::Score)).optional(),
        fact("row.survival", K::Score, T::Step, "the chance that it still holds, from the set's table", |i| ValueRef::Score(i.survival.survival(i.head, i.at()))).by(Steps::Survival),
        fact("row.expires_in", K::Span, T::Left, "time until its end; below zero once it is past", |i| i.left_to(i.head.traits.valid_until)).optional(),
        fact("row.starts_in", K::Span, T::Left, "time until its beginning; below zero once it is past", |i| i.left_to(i.head.traits.valid_from)).optional(),
        fact("row.ended_for", K::Span, T::Age, "time since its end; below zero before it", |i| i.age_of(i.head.traits.valid_until)).optional(),
        fact("row.asked_ago", K::Span, T::Age, "time since somebody was last asked about it", |i| i.age_of(i.head.asked_at)).optional(),
        fact("row.denied", K::Bool, T::Constant, "the owner said that it is wrong", |i| ValueRef::Bool(i.head.denied)),
        fact("row.superseded", K::Bool, T::Constant, "another row took its place", |i| ValueRef::Bool(i.head.links.any(LinkKind::SupersededBy))),
        fact("row.contradicted", K::Bool, T::Constant, "another row says otherwise, and nobody settled it", |i| ValueRef::Bool(i.head.links.any(LinkKind::Contradicts))),
        fact("row.edited", K::Bool, T::Constant, "its text changed after evidence was attached", |i| ValueRef::Bool(i.head.edited)),
        fact("row.parents", K::Text, T::Constant, "whether the rows it was derived from are still what they were", |i| word(i.head.parents.name())).of(Parents::NAMES),
    ];
    // Each box: its state, its age, and what it alone carries.
    let detail: [Vec<Fact>; 8] = [
        vec![fact("row.binding.how", K::Text, T::Constant, "how the row's text relates to the signed text", |i| word(i.head.boxes.binding.as_ref().map_or(How::Unknown, |b| b.detail).name())).of(How::NAMES)],
        vec![fact("row.attestation.code", K::Text, T::Constant, "whether the attested code is on the user's list", |i| word(i.head.boxes.attestation.as_ref().map_or(Code::Unknown, |b| b.detail).name())).of(Code::NAMES)],
        vec![],
        vec![
            fact("row.settlement.rung", K::Text, T::Constant, "how far settlement got", |i| word(i.head.boxes.settlement.as_ref().map_or(SettlementRung::None, |b| b.detail.0).name())).of(SettlementRung::NAMES),
            fact("row.settlement.due_in", K::Span, T::Left, "time until settlement is due; below zero once it is past", |i| i.left_to(i.head.boxes.settlement.as_ref().and_then(|b| b.detail.1))).optional(),
        ],
        vec![fact("row.payment.rung", K::Text, T::Constant, "how far payment got", |i| word(i.head.boxes.payment.as_ref().map_or(PaymentRung::None, |b| b.detail).name())).of(PaymentRung::NAMES)],
        vec![fact("row.route.private", K::Text, T::Constant, "whether it took the private route", |i| word(i.head.boxes.route.as_ref().map_or(Private::Unknown, |b| b.detail).name())).of(Private::NAMES)],
        vec![
            fact("row.artifact.label", K::Text, T::Constant, "the model that was asked for", |i| text(i.head.boxes.artifact.as_ref().and_then(|b| b.detail.label.as_deref()))).optional(),
            fact("row.artifact.blob_id", K::Text, T::Constant, "the model that it was", |i| text(i.head.boxes.artifact.as_ref().and_then(|b| b.detail.blob_id.as_deref()))).optional(),
        ],
        vec![fact("row.data.fresh_for", K::Span, T::Left, "time for which fetched data stays fresh; below zero once it is past", |i| i.left_to(i.head.boxes.data.as_ref().and_then(|b| b.detail))).optional()],
    ];
    macro_rules! state_and_age {
        ($kind:ident, $name:literal) => {[
            fact(concat!("row.", $name, ".state"), K::Text, T::Step, concat!("what is known of the ", $name, " box"), |i| i.box_state(BoxKind::$kind)).of(STATES).by(Steps::Box(BoxKind::$kind)),
            fact(concat!("row.", $name, ".age"), K::Span, T::Age, concat!("time since the ", $name, " box was found or claimed"), |i| i.box_age(BoxKind::$kind)).optional(),
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
        fact("candidate.relevance", K::Score, T::Constant, "how well it fits the question: the rerank score, else 1 − distance", |i| i.candidate.relevance().map_or(ValueRef::Absent, ValueRef::Score)).optional(),
        fact("candidate.rank", K::Int, T::Constant, "its place among the candidates, from 1", |i| count(i.rank as u64)),
        fact("candidate.scored_by", K::Text, T::Constant, "where the relevance comes from", |i| word(i.candidate.scored_by())).of(SCORED_BY),
        fact("candidate.asked", K::Bool, T::Constant, "the caller asked for it by name", |i| ValueRef::Bool(i.candidate.asked)),
        fact("request.about", K::Text, T::Constant, "what the question is about", |i| word(i.request.about.name())).of(About::NAMES),
        fact("request.purpose", K::Text, T::Constant, "what the answer is for", |i| text(i.request.purpose.as_deref())).optional(),
        fact("request.route", K::Text, T::Constant, "which route the answer will take", |i| i.request.route.map_or(ValueRef::Absent, |r| word(r.name()))).of(Route::NAMES).optional(),
        fact("request.artifact.label", K::Text, T::Constant, "the model that will be asked", |i| text(i.request.artifact.label.as_deref())).optional(),
        fact("request.artifact.blob_id", K::Text, T::Constant, "the model that it will be", |i| text(i.request.artifact.blob_id.as_deref())).optional(),
    ]);
    table
}

/// The facts that one policy set knows: the table, then the set's own request keys by name.
#[derive(Clone, Debug)]
pub struct Schema {
    facts: Vec<Fact>,
    places: HashMap<Cow<'static, str>, usize>,
}

impl Schema {
    /// The table, and these request keys.
    pub(crate) fn with_keys(keys: &BTreeMap<String, (FactKind, String)>) -> Self {
        let mut facts = table();
        facts.extend(keys.iter().map(|(name, (kind, meaning))| Fact {
            name: format!("request.{name}").into(),
            kind: *kind,
            words: None,
            optional: true,
            over_time: OverTime::Constant,
            meaning: meaning.clone().into(),
            read: Reader::Key,
            steps: Steps::No,
        }));
        let places = facts.iter().enumerate().map(|(place, fact)| (fact.name.clone(), place)).collect();
        Schema { facts, places }
    }

    /// The table alone.
    pub fn builtin() -> Self {
        Schema::with_keys(&BTreeMap::new())
    }

    /// All facts, in the order of the format.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The place of a fact in [`Self::facts`].
    pub fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The fact of that name.
    pub fn fact(&self, name: &str) -> Option<&Fact> {
        self.facts.get(self.place(name)?)
    }

    /// The facts of one candidate that stand at these places.
    pub(crate) fn read(&self, inputs: &Inputs<'_>, places: &BTreeSet<usize>) -> Facts {
        let mut facts = Facts(vec![None; places.last().map_or(0, |last| last + 1)]);
        for place in places {
            if let (Some(fact), Some(value)) = (self.facts.get(*place), facts.0.get_mut(*place)) {
                *value = Some(fact.value(inputs).into());
            }
        }
        facts
    }
}

/// The values of facts for one candidate, in the schema's order. `None` where a fact was not read, because no policy of
/// the set names it.
#[derive(Clone, Debug)]
pub(crate) struct Facts(Vec<Option<Value>>);

impl Facts {
    /// Every fact, as a case gives them.
    pub(crate) fn all(values: Vec<Value>) -> Self {
        Facts(values.into_iter().map(Some).collect())
    }

    /// The value of the fact at this place, if it was read.
    pub(crate) fn get(&self, place: usize) -> Option<&Value> {
        self.0.get(place)?.as_ref()
    }
}

/// Which facts were read: one bit for each place in the schema.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Read([u64; 4]);

impl Read {
    /// How many facts a schema can have.
    pub(crate) const MOST: usize = 256;

    pub(crate) fn note(&mut self, place: usize) {
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    /// Their places, ascending.
    pub(crate) fn places(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(word, mut bits)| {
            std::iter::from_fn(move || {
                let place = (bits != 0).then(|| word * 64 + bits.trailing_zeros() as usize)?;
                bits &= bits - 1;
                Some(place)
            })
        })
    }

    fn count(self) -> usize {
        self.0.iter().map(|bits| bits.count_ones() as usize).sum()
    }
}

/// Digest of the facts that policies read, as a decision commits to them.
pub(crate) fn content<'v>(
    schema: &Schema,
    read: Read,
    value: impl Fn(usize) -> ValueRef<'v>,
    commitment: &Digest,
) -> Digest {
    Digest::from_bytes(cbor::hash(3, |out| {
        out.text("stillgood/facts/v1").bytes(commitment.as_bytes()).nested(read.count());
        for place in read.places() {
            if let Some(fact) = schema.facts.get(place) {
                out.nested(3).text(&fact.name).text(fact.kind.name());
                value(place).write(out);
            }
        }
    }))
}
