//! The schema: every fact that a policy can read, declared once. Checker, sandbox, decisions and documentation use it.

mod table;
mod value;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

pub use value::{FactKind, Value};
pub(crate) use value::{SetRef, ValueRef};

use crate::cbor;
use crate::evidence::BoxKind;
use crate::id::Digest;
use crate::request::{Candidate, Request};
use crate::row::Head;
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
    /// How it begins in signed facts: an array of three items, its name, its type.
    written: Box<[u8]>,
}

/// Whose next step is known, of a fact that goes by steps.
#[derive(Clone, Copy, Debug)]
enum Steps {
    No,
    Survival,
    Box(BoxKind),
}

/// How a fact is read from row, candidate and request; `None` where it is absent.
#[derive(Clone, Copy, Debug)]
enum Reader {
    /// As a number, in milliseconds or millionths, or 1 for yes.
    Number(fn(&Inputs<'_>) -> Option<i64>),
    /// As a place in the fact's closed list of words.
    Word(fn(&Inputs<'_>) -> Option<u8>),
    Text(for<'a> fn(&Inputs<'a>) -> Option<&'a str>),
    Set(for<'a> fn(&Inputs<'a>) -> SetRef<'a>),
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

impl Inputs<'_> {
    fn at(&self) -> Timestamp {
        self.request.at
    }
}

impl Fact {
    /// What the fact is where a case does not give it: absent if it can be, else the first word, 0, false, no words.
    /// A score is 1.
    pub fn default_value(&self) -> Value {
        match self.kind {
            _ if self.optional => Value::Absent,
            FactKind::Text => {
                Value::Text(Cow::Borrowed(self.words.and_then(|words| words.first().copied()).unwrap_or("")))
            }
            FactKind::Bool => Value::Bool(false),
            FactKind::Int => Value::Int(0),
            FactKind::Span => Value::Span(Span::ZERO),
            FactKind::Score => Value::Score(Score::ONE),
            FactKind::Set => Value::Set(Arc::new([])),
        }
    }

    /// Its value in a row, candidate and request.
    pub(crate) fn value<'a>(&self, inputs: &Inputs<'a>) -> ValueRef<'a> {
        let value = match self.read {
            Reader::Number(read) => read(inputs).and_then(|number| ValueRef::of_number(self.kind, number)),
            Reader::Word(read) => read(inputs).and_then(|place| self.word(place)).map(ValueRef::Text),
            Reader::Text(read) => read(inputs).map(ValueRef::Text),
            Reader::Set(read) => Some(ValueRef::Set(read(inputs))),
            Reader::Key => self.key(inputs),
        };
        value.unwrap_or(ValueRef::Absent)
    }

    fn text<'a>(&self, inputs: &Inputs<'a>) -> Option<&'a str> {
        match self.value(inputs) {
            ValueRef::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Its words; `None` for what is absent, or no set.
    pub(crate) fn set<'a>(&self, inputs: &Inputs<'a>) -> Option<SetRef<'a>> {
        match self.value(inputs) {
            ValueRef::Set(words) => Some(words),
            _ => None,
        }
    }

    fn word(&self, place: u8) -> Option<&'static str> {
        self.words?.get(usize::from(place)).copied()
    }

    fn key<'a>(&self, inputs: &Inputs<'a>) -> Option<ValueRef<'a>> {
        inputs.request.keys.get(self.name.strip_prefix("request.")?).map(ValueRef::from)
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

    /// The next time, if any, at which a number that falls by steps is less than this.
    pub(crate) fn falls_below(&self, inputs: &Inputs<'_>, number: i64) -> Option<Timestamp> {
        match self.steps {
            Steps::Survival => {
                inputs.survival.falls_below(inputs.head, inputs.at(), number).filter(|falls| *falls > inputs.at())
            }
            Steps::No | Steps::Box(_) => self.next_step(inputs),
        }
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

/// The facts that one policy set knows: the table, then the set's own request keys by name.
#[derive(Clone, Debug)]
pub struct Schema {
    facts: Vec<Fact>,
    /// How each is read, once more, so that they stand close together.
    readers: Vec<Reader>,
    places: HashMap<Cow<'static, str>, usize>,
}

impl Schema {
    /// The table, and these request keys.
    pub(crate) fn with_keys(keys: &BTreeMap<String, (FactKind, String)>) -> Self {
        let mut facts = table::table();
        facts.extend(keys.iter().map(|(name, (kind, meaning))| Fact {
            name: format!("request.{name}").into(),
            kind: *kind,
            words: None,
            optional: true,
            over_time: OverTime::Constant,
            meaning: meaning.clone().into(),
            read: Reader::Key,
            steps: Steps::No,
            written: Box::default(),
        }));
        for fact in &mut facts {
            let mut written = cbor::Writer::array(3);
            written.text(&fact.name).text(fact.kind.name());
            fact.written = written.finish().into();
        }
        let places = facts.iter().enumerate().map(|(place, fact)| (fact.name.clone(), place)).collect();
        Schema { readers: facts.iter().map(|fact| fact.read).collect(), facts, places }
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

    /// The closed list of words that a fact can take, if it has one.
    pub(crate) fn list(&self, place: usize) -> &'static [&'static str] {
        self.facts.get(place).and_then(|fact| fact.words).unwrap_or_default()
    }

    /// What stands for a fact in a program: a number, millisecond or millionth; `None` for what is absent, a text or a set.
    #[inline(always)]
    pub(crate) fn number(&self, place: usize, inputs: &Inputs<'_>) -> Option<i64> {
        match self.readers.get(place)? {
            Reader::Number(read) => read(inputs),
            Reader::Key => self.facts.get(place)?.key(inputs)?.number(),
            Reader::Word(_) | Reader::Text(_) | Reader::Set(_) => None,
        }
    }

    /// Whether a fact is there.
    #[inline(always)]
    pub(crate) fn is_present(&self, place: usize, inputs: &Inputs<'_>) -> bool {
        self.readers.get(place).is_some_and(|reader| match reader {
            Reader::Number(read) => read(inputs).is_some(),
            Reader::Word(read) => read(inputs).is_some(),
            Reader::Text(read) => read(inputs).is_some(),
            Reader::Set(_) => true,
            Reader::Key => self.facts.get(place).is_some_and(|fact| fact.key(inputs).is_some()),
        })
    }

    /// A text; `None` for what is absent, or no text.
    #[inline(always)]
    pub(crate) fn text<'a>(&self, place: usize, inputs: &Inputs<'a>) -> Option<&'a str> {
        match self.readers.get(place)? {
            Reader::Text(read) => read(inputs),
            _ => self.facts.get(place)?.text(inputs),
        }
    }

    /// The place of a text in the fact's closed list of words; `None` for what is absent, or has no such list.
    #[inline(always)]
    pub(crate) fn word(&self, place: usize, inputs: &Inputs<'_>) -> Option<u8> {
        match self.readers.get(place)? {
            Reader::Word(read) => read(inputs),
            _ => None,
        }
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
        self.0.iter().filter(|bits| **bits != 0).map(|bits| bits.count_ones() as usize).sum()
    }
}

/// Digest of the facts that policies read, as a decision commits to them.
pub(crate) fn content<'v>(
    schema: &Schema,
    read: Read,
    value: impl Fn(&Fact) -> ValueRef<'v>,
    commitment: &Digest,
) -> Digest {
    Digest::from_bytes(cbor::hash(3, |out| {
        out.text("stillgood/facts/v1").bytes(commitment.as_bytes()).nested(read.count());
        for fact in read.places().filter_map(|place| schema.facts.get(place)) {
            out.raw(&fact.written);
            value(fact).write(out);
        }
    }))
}
