//! The values of facts: owned, and as they stand in a row.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use crate::cbor::{Sink, Writer};
use crate::request::KeyValue;
use crate::row::{Categories, Tag};
use crate::score::Score;
use crate::time::Span;

/// The type of a fact or parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FactKind {
    /// Text.
    Text,
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// A length of time, in milliseconds.
    Span,
    /// A score from 0 to 1, in millionths.
    Score,
    /// Several words, sorted.
    Set,
}

/// The value of a fact or parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// The fact has no value.
    Absent,
    /// Text.
    Text(Cow<'static, str>),
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A length of time.
    Span(Span),
    /// A score.
    Score(Score),
    /// Several words, ascending, once each.
    Set(Arc<[String]>),
}

/// A value as it stands in a row or a request: reading it asks for no memory.
#[derive(Clone, Copy)]
pub(crate) enum ValueRef<'a> {
    Absent,
    Text(&'a str),
    Bool(bool),
    Int(i64),
    Span(Span),
    Score(Score),
    Set(SetRef<'a>),
}

/// Several words, wherever they stand.
#[derive(Clone, Copy)]
pub(crate) enum SetRef<'a> {
    Categories(Categories),
    Tags(&'a BTreeSet<Tag>),
    Key(&'a BTreeSet<String>),
    Words(&'a [String]),
}

impl FactKind {
    /// The name used in signed facts, `set.toml` and output.
    pub const fn name(self) -> &'static str {
        match self {
            FactKind::Text => "text",
            FactKind::Bool => "bool",
            FactKind::Int => "int",
            FactKind::Span => "span",
            FactKind::Score => "score",
            FactKind::Set => "set",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        use FactKind::{Bool, Int, Score, Set, Span, Text};
        [Text, Bool, Int, Span, Score, Set].into_iter().find(|kind| kind.name() == name)
    }
}

impl Value {
    /// Its type; `None` for an absent value.
    pub fn kind(&self) -> Option<FactKind> {
        ValueRef::from(self).kind()
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Absent => f.write_str("()"),
            Value::Text(text) => write!(f, "\"{text}\""),
            Value::Bool(yes) => write!(f, "{yes}"),
            Value::Int(number) => write!(f, "{number}"),
            Value::Span(span) => write!(f, "{span}"),
            Value::Score(score) => write!(f, "{score}"),
            Value::Set(words) => write!(f, "{words:?}"),
        }
    }
}

impl ValueRef<'_> {
    /// The value of this type for which a number stands in a program.
    pub(crate) fn of_number(kind: FactKind, number: i64) -> Option<Self> {
        Some(match kind {
            FactKind::Bool => ValueRef::Bool(number != 0),
            FactKind::Int => ValueRef::Int(number),
            FactKind::Span => ValueRef::Span(Span::from_millis(number)),
            FactKind::Score => ValueRef::Score(Score::from_millionths(u32::try_from(number).ok()?).ok()?),
            FactKind::Text | FactKind::Set => return None,
        })
    }

    /// Its type; `None` for an absent value.
    pub(crate) const fn kind(self) -> Option<FactKind> {
        match self {
            ValueRef::Absent => None,
            ValueRef::Text(_) => Some(FactKind::Text),
            ValueRef::Bool(_) => Some(FactKind::Bool),
            ValueRef::Int(_) => Some(FactKind::Int),
            ValueRef::Span(_) => Some(FactKind::Span),
            ValueRef::Score(_) => Some(FactKind::Score),
            ValueRef::Set(_) => Some(FactKind::Set),
        }
    }

    /// What stands for it in a program: a number, millisecond or millionth; `None` for what is absent, a text or a set.
    pub(crate) fn number(self) -> Option<i64> {
        match self {
            ValueRef::Bool(yes) => Some(i64::from(yes)),
            ValueRef::Int(number) => Some(number),
            ValueRef::Span(span) => Some(span.millis()),
            ValueRef::Score(score) => Some(score.millionths().into()),
            ValueRef::Absent | ValueRef::Text(_) | ValueRef::Set(_) => None,
        }
    }

    /// In CBOR.
    pub(crate) fn write<S: Sink>(self, out: &mut Writer<S>) {
        match self {
            ValueRef::Absent => out.null(),
            ValueRef::Text(text) => out.text(text),
            ValueRef::Bool(yes) => out.bool(yes),
            ValueRef::Int(number) => out.int(number),
            ValueRef::Span(span) => out.int(span.millis()),
            ValueRef::Score(score) => out.uint(score.millionths().into()),
            ValueRef::Set(words) => {
                out.nested(words.len());
                words.each(&mut |word| _ = out.text(word));
                out
            }
        };
    }
}

impl SetRef<'_> {
    pub(crate) fn holds(self, word: &str) -> bool {
        match self {
            SetRef::Categories(categories) => categories.iter().any(|category| category.name() == word),
            SetRef::Tags(tags) => tags.iter().any(|tag| tag.as_str() == word),
            SetRef::Key(words) => words.contains(word),
            SetRef::Words(words) => words.iter().any(|known| known == word),
        }
    }

    fn len(self) -> usize {
        match self {
            SetRef::Categories(categories) => categories.len(),
            SetRef::Tags(tags) => tags.len(),
            SetRef::Key(words) => words.len(),
            SetRef::Words(words) => words.len(),
        }
    }

    /// Its words in ascending order.
    fn each(self, visit: &mut dyn FnMut(&str)) {
        match self {
            SetRef::Categories(categories) => categories.by_name().for_each(|category| visit(category.name())),
            SetRef::Tags(tags) => tags.iter().for_each(|tag| visit(tag.as_str())),
            SetRef::Key(words) => words.iter().for_each(|word| visit(word)),
            SetRef::Words(words) => words.iter().for_each(|word| visit(word)),
        }
    }
}

impl<'a> From<&'a Value> for ValueRef<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Absent => ValueRef::Absent,
            Value::Text(text) => ValueRef::Text(text),
            Value::Bool(yes) => ValueRef::Bool(*yes),
            Value::Int(number) => ValueRef::Int(*number),
            Value::Span(span) => ValueRef::Span(*span),
            Value::Score(score) => ValueRef::Score(*score),
            Value::Set(words) => ValueRef::Set(SetRef::Words(words)),
        }
    }
}

impl<'a> From<&'a KeyValue> for ValueRef<'a> {
    fn from(key: &'a KeyValue) -> Self {
        match key {
            KeyValue::Text(text) => ValueRef::Text(text),
            KeyValue::Bool(yes) => ValueRef::Bool(*yes),
            KeyValue::Int(number) => ValueRef::Int(*number),
            KeyValue::Span(span) => ValueRef::Span(*span),
            KeyValue::Score(score) => ValueRef::Score(*score),
            KeyValue::Set(words) => ValueRef::Set(SetRef::Key(words)),
        }
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Absent => Value::Absent,
            ValueRef::Text(text) => Value::Text(Cow::Owned(text.to_owned())),
            ValueRef::Bool(yes) => Value::Bool(yes),
            ValueRef::Int(number) => Value::Int(number),
            ValueRef::Span(span) => Value::Span(span),
            ValueRef::Score(score) => Value::Score(score),
            ValueRef::Set(words) => {
                let mut all = vec![];
                words.each(&mut |word| all.push(word.to_owned()));
                Value::Set(all.into())
            }
        }
    }
}
