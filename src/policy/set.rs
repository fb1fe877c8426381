//! `set.toml`: name, version, base, parameters, request keys, and from which relevance on a row is relevant.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use super::sandbox::Params;
use crate::facts::{FactKind, Value};
use crate::score::Score;
use crate::text::is_name;

/// A checked `set.toml`.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub(super) name: String,
    pub(super) version: u64,
    pub(super) base: Option<String>,
    pub(super) relevant_from: Option<Score>,
    pub(super) params: Params,
    bounds: BTreeMap<String, Bounds>,
    /// Name, type and meaning of further request keys.
    pub(super) keys: BTreeMap<String, (FactKind, String)>,
}

/// The type of a parameter, and the range in which its value must lie.
#[derive(Clone, Debug)]
struct Bounds {
    kind: FactKind,
    min: Option<Value>,
    max: Option<Value>,
}

impl Bounds {
    fn hold(&self, value: &Value) -> bool {
        let below = self.min.as_ref().is_some_and(|min| is_less(value, min));
        let above = self.max.as_ref().is_some_and(|max| is_less(max, value));
        value.kind() == Some(self.kind) && !below && !above
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `name` and `version`")]
struct File {
    name: String,
    version: u64,
    base: Option<String>,
    relevant_from: Option<f64>,
    #[serde(default)]
    param: BTreeMap<String, FileParam>,
    #[serde(default)]
    request: BTreeMap<String, FileKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `type`, `value` and `meaning`")]
struct FileParam {
    #[serde(rename = "type")]
    kind: String,
    value: toml::Value,
    min: Option<toml::Value>,
    max: Option<toml::Value>,
    meaning: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `type` and `meaning`")]
struct FileKey {
    #[serde(rename = "type")]
    kind: String,
    meaning: String,
}

const NO_NAME: &str = "a name is 1 to 48 of a-z, 0-9 and `_`, and begins with no digit";
/// The one whole number of the file.
const OUT_OF_RANGE: &str = "`version` lies between 1 and 2^53 − 1";

impl Manifest {
    /// Reads `set.toml`; the error is one line for the author, with its line number where that is known.
    pub(super) fn parse(text: &str) -> Result<Self, (Option<usize>, String)> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| text.get(..span.start).unwrap_or(text).matches('\n').count() + 1);
            let what = error.message().lines().next().unwrap_or("not TOML");
            // The parser names types as its own language does.
            let what = match what.rsplit_once(", expected ") {
                Some((found, "u64")) if found.contains("integer") => OUT_OF_RANGE,
                Some((_, "u64")) => "expected a whole number",
                Some((_, "f64")) => "expected a decimal number",
                _ => what,
            };
            (line, what.to_owned())
        })?;
        file.check().map_err(|what| (None, what))
    }
}

impl Manifest {
    /// What of this is outside the types and ranges of a base set's parameters.
    pub(super) fn outside(&self, base: &Manifest) -> Option<String> {
        let mut outside =
            self.params.iter().filter(|(name, value)| base.bounds.get(*name).is_some_and(|bounds| !bounds.hold(value)));
        outside.next().map(|(name, _)| format!("`param.{name}` is outside what the base set allows"))
    }
}

impl File {
    fn check(self) -> Result<Manifest, String> {
        if !is_name(&self.name) {
            return Err("`name` is 1 to 48 of a-z, 0-9, `_` and `-`".into());
        }
        if self.version == 0 || self.version >= 1 << 53 {
            return Err(OUT_OF_RANGE.into());
        }
        let relevant_from = self.relevant_from.map(score).transpose().map_err(|e| format!("`relevant_from`: {e}"))?;
        let mut params = Params::new();
        let mut bounds = BTreeMap::new();
        for (name, param) in &self.param {
            if !is_identifier(name) {
                return Err(format!("`param.{name}`: {NO_NAME}"));
            }
            let (value, bound) = param.check().map_err(|what| format!("`param.{name}`: {what}"))?;
            params.insert(name.clone(), value);
            bounds.insert(name.clone(), bound);
        }
        let keys = self.request.iter().map(|(name, key)| {
            let kind =
                FactKind::from_name(&key.kind).ok_or_else(|| format!("`request.{name}`: {}", no_type(&key.kind)))?;
            is_identifier(name)
                .then_some((name.clone(), (kind, key.meaning.clone())))
                .ok_or_else(|| format!("`request.{name}`: {NO_NAME}"))
        });
        Ok(Manifest {
            relevant_from,
            params,
            bounds,
            keys: keys.collect::<Result<_, _>>()?,
            name: self.name,
            version: self.version,
            base: self.base,
        })
    }
}

impl FileParam {
    fn check(&self) -> Result<(Value, Bounds), String> {
        if self.meaning.trim().is_empty() {
            return Err("say what it means in `meaning`".into());
        }
        let kind = FactKind::from_name(&self.kind).ok_or_else(|| no_type(&self.kind))?;
        let parsed = value(kind, &self.value)?;
        let bound = |bound: &Option<toml::Value>| bound.as_ref().map(|bound| value(kind, bound)).transpose();
        let bounds = Bounds { kind, min: bound(&self.min)?, max: bound(&self.max)? };
        if bounds.hold(&parsed) { Ok((parsed, bounds)) } else { Err("the value lies outside `min` and `max`".into()) }
    }
}

fn no_type(name: &str) -> String {
    format!("there is no type `{name}`: it is text, bool, int, span, score or set")
}

fn is_less(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a < b,
        (Value::Span(a), Value::Span(b)) => a < b,
        (Value::Score(a), Value::Score(b)) => a < b,
        _ => false,
    }
}

fn value(kind: FactKind, value: &toml::Value) -> Result<Value, String> {
    let other = || format!("expected a value of type {}", kind.name());
    match (kind, value) {
        (FactKind::Text, toml::Value::String(text)) => Ok(Value::Text(Cow::Owned(text.clone()))),
        (FactKind::Bool, toml::Value::Boolean(yes)) => Ok(Value::Bool(*yes)),
        (FactKind::Int, toml::Value::Integer(number)) => Ok(Value::Int(*number)),
        (FactKind::Span, toml::Value::String(text)) => {
            text.parse().map(Value::Span).map_err(|error: crate::time::SpanError| error.to_string())
        }
        (FactKind::Score, toml::Value::Float(number)) => score(*number).map(Value::Score),
        (FactKind::Set, toml::Value::Array(items)) => {
            let words = items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<BTreeSet<String>>>();
            words.map(|words| Value::Set(words.into_iter().collect::<Arc<[String]>>())).ok_or_else(other)
        }
        _ => Err(other()),
    }
}

fn score(number: f64) -> Result<Score, String> {
    number.to_string().parse().map_err(|error: crate::score::ScoreError| error.to_string())
}

fn is_identifier(name: &str) -> bool {
    is_name(name) && !name.contains('-') && !name.starts_with(|c: char| c.is_ascii_digit())
}
