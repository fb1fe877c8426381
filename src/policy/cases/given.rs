//! The facts that a case gives, and those that follow from them.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Error as _, MapAccess, Visitor};
use serde_json::{Map, Value as Json};

use crate::facts::{Fact, FactKind, Facts, Schema, Value};
use crate::policy::check::{Aged, Clocks, nearest};
use crate::policy::program::Source as _;
use crate::score::Score;
use crate::time::Span;

/// Facts by name; none twice, since another reader would take the other.
#[derive(Default)]
pub(super) struct Given(Map<String, Json>);

impl<'t> Deserialize<'t> for Given {
    fn deserialize<D: serde::Deserializer<'t>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Given::default())
    }
}

impl<'t> Visitor<'t> for Given {
    type Value = Given;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of facts")
    }

    fn visit_map<A: MapAccess<'t>>(mut self, mut facts: A) -> Result<Given, A::Error> {
        while let Some((name, value)) = facts.next_entry::<String, Json>()? {
            if self.0.contains_key(&name) {
                return Err(A::Error::custom(format!("the fact `{name}` stands twice")));
            }
            self.0.insert(name, value);
        }
        Ok(self)
    }
}

/// Every fact: as it is given, as it follows from what is given, or by default.
pub(super) fn facts(schema: &Schema, row: &Given, candidate: &Given, request: &Given) -> Result<Facts, String> {
    let mut values: Vec<Value> = schema.facts().iter().map(Fact::default_value).collect();
    let mut is_given = vec![false; values.len()];
    for (root, given) in [("row", row), ("candidate", candidate), ("request", request)] {
        for (name, json) in &given.0 {
            let path = format!("{root}.{name}");
            let place = schema.place(&path).ok_or_else(|| no_such_fact(schema, root, name))?;
            let fact = schema.facts().get(place).ok_or("a place of the schema")?;
            let read = value(fact, json).map_err(|what| format!("`{path}`: {what}"))?;
            if let (Some(slot), Some(is_given)) = (values.get_mut(place), is_given.get_mut(place)) {
                (*slot, *is_given) = (read, true);
            }
        }
    }
    let place = |name: &str| schema.place(name).filter(|place| is_given.get(*place) == Some(&true));
    let both = |one: &str, other: &str| Some((schema.place(one)?, schema.place(other)?));
    // An end is told in two ways.
    for (one, other) in [("row.expires_in", "row.ended_for"), ("row.ended_for", "row.expires_in")] {
        if let (Some(given), None, Some((_, other))) = (place(one), place(other), both(one, other)) {
            let mirrored = match values.get(given) {
                Some(Value::Span(span)) => Value::Span(Span::from_millis(span.millis().saturating_neg())),
                _ => Value::Absent,
            };
            values.splice(other..=other, [mirrored]);
        }
    }
    // Nothing is earned before it is said.
    for (given, other) in [("row.age", "row.unconfirmed_for"), ("row.unconfirmed_for", "row.age")] {
        if let (Some(given), None, Some((_, follows))) = (place(given), place(other), both(given, other)) {
            let value = values.get(given).cloned().unwrap_or(Value::Absent);
            values.splice(follows..=follows, [value]);
        }
    }
    impossible(schema, &values).map_or_else(|| Ok(Facts::all(values)), Err)
}

/// Why there can be no row with these facts.
fn impossible(schema: &Schema, values: &[Value]) -> Option<String> {
    let millis = |name: &str| match values.get(schema.place(name)?)? {
        Value::Span(span) => Some(span.millis()),
        _ => None,
    };
    if millis("row.unconfirmed_for") > millis("row.age") {
        return Some("`row.unconfirmed_for` is never longer than `row.age`".to_owned());
    }
    if let (Some(left), Some(since)) = (millis("row.expires_in"), millis("row.ended_for"))
        && left != since.saturating_neg()
        && since != left.saturating_neg()
    {
        return Some("`row.ended_for` is `row.expires_in` below zero: give one of them".to_owned());
    }
    let clocks = Clocks::of(schema, &(0..values.len()).collect());
    let values: Vec<&Value> = values.iter().collect();
    let row = Aged { clocks: &clocks, values: &values, after: 0 };
    let lapsed = schema.facts().iter().enumerate().find(|(place, _)| {
        row.text(*place) == Some("lapsed") && !matches!(values.get(*place), Some(Value::Text(text)) if text == "lapsed")
    });
    lapsed.map(|(_, fact)| format!("`{}` is `lapsed` at its deadline and after", fact.name))
}

fn no_such_fact(schema: &Schema, root: &str, name: &str) -> String {
    let known = schema.facts().iter().filter_map(|fact| fact.name.strip_prefix(root)?.strip_prefix('.'));
    let of_box = known.clone().find(|known| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
    let twice = name.strip_prefix(root).and_then(|rest| rest.strip_prefix('.'));
    let hint = match (twice, of_box, nearest(name, known)) {
        (Some(name), ..) => format!("; write `{name}`"),
        (_, Some(of_box), _) => format!("; write `{of_box}` and the like"),
        (.., Some(near)) => format!("; did you mean `{near}`?"),
        _ => String::new(),
    };
    format!("there is no fact `{root}.{name}`{hint}")
}

/// A fact's value as a case writes it: a span is text such as `14 days`, a score a decimal number.
fn value(fact: &Fact, json: &Json) -> Result<Value, String> {
    let word = |word: &str| match fact.words {
        Some(words) if !words.contains(&word) => Err(format!("`{word}` is none of its words: {}", words.join(", "))),
        _ => Ok(word.to_owned()),
    };
    match (fact.kind, json) {
        (_, Json::Null) if fact.optional => Ok(Value::Absent),
        (FactKind::Text, Json::String(text)) => Ok(Value::Text(Cow::Owned(word(text)?))),
        (FactKind::Bool, Json::Bool(yes)) => Ok(Value::Bool(*yes)),
        (FactKind::Int, Json::Number(number)) if number.is_i64() => Ok(Value::Int(number.as_i64().unwrap_or(0))),
        (FactKind::Span, Json::Number(number)) if number.is_i64() => {
            Ok(Value::Span(Span::from_millis(number.as_i64().unwrap_or(0))))
        }
        (FactKind::Span, Json::String(text)) => {
            text.parse().map(Value::Span).map_err(|error: crate::time::SpanError| error.to_string())
        }
        (FactKind::Score, Json::Number(number)) => {
            number.to_string().parse::<Score>().map(Value::Score).map_err(|error| error.to_string())
        }
        (FactKind::Set, Json::Array(items)) if items.iter().all(Json::is_string) => {
            let words = items.iter().filter_map(Json::as_str).map(word);
            Ok(Value::Set(words.collect::<Result<std::collections::BTreeSet<_>, _>>()?.into_iter().collect()))
        }
        (kind, _) => Err(format!(
            "expected {}",
            match kind {
                FactKind::Text => "a text",
                FactKind::Bool => "true or false",
                FactKind::Int => "a whole number",
                FactKind::Span => "a span, such as \"31 days\" or \"-2 hours\"; a bare number is milliseconds",
                FactKind::Score => "a number from 0 to 1",
                FactKind::Set => "a list of texts",
            }
        )),
    }
}
