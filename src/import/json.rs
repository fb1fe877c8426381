//! JSON from elsewhere, read piece by piece: what is wrong is known to be wrong with one record, no key counts twice,
//! and nothing grows beyond its bound.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value as Json};

use super::ImportError;
use crate::text::json_mistake;

/// A longer record is not read: text and details of a row end at 1 MiB each, written out.
pub(super) const MOST_RECORD: usize = 16 << 20;
/// More records are not read from one export.
pub(super) const MOST_RECORDS: usize = 1_000_000;
/// More members are not read from one object that holds records, or from one record that is too long.
const MOST_MEMBERS: usize = 10_000;

/// The text of an export.
///
/// # Errors
/// [`ImportError`] where it is no text, or nothing.
pub(super) fn text(export: &[u8]) -> Result<&str, ImportError> {
    if export.starts_with(b"\xef\xbb\xbf") {
        return Err(ImportError::NotJson("not JSON: it begins with a byte order mark".into()));
    }
    if export.starts_with(b"\xff\xfe") || export.starts_with(b"\xfe\xff") {
        return Err(ImportError::NotJson("not JSON: it is UTF-16, not UTF-8".into()));
    }
    let text = std::str::from_utf8(export).map_err(|error| {
        ImportError::NotJson(format!("not JSON: it is not UTF-8 from byte {} on", error.valid_up_to() + 1))
    })?;
    if text.trim_start().is_empty() { Err(ImportError::Empty) } else { Ok(text) }
}

/// What a text is, with the pieces of it not read yet.
pub(super) enum Outline<'t> {
    /// A list, and its items.
    List(Vec<&'t str>),
    /// An object, and its members.
    Object(BTreeMap<String, &'t str>),
    /// Anything else.
    Scalar,
}

/// The outline of one piece of JSON.
pub(super) fn outline(piece: &str) -> Result<Outline<'_>, Mistake> {
    let mut reader = serde_json::Deserializer::from_str(piece);
    let outline = reader.deserialize_any(Outliner).map_err(Mistake::of)?;
    reader.end().map_err(Mistake::of)?;
    Ok(outline)
}

/// How many more values may be read.
pub(super) struct Budget(Cell<usize>);

impl Budget {
    /// So many.
    pub(super) fn of(values: usize) -> Self {
        Budget(Cell::new(values))
    }
}

/// One piece of JSON, read.
pub(super) fn value(piece: &str, budget: &Budget) -> Result<Json, Mistake> {
    let mut reader = serde_json::Deserializer::from_str(piece);
    let value = Strict(budget).deserialize(&mut reader).map_err(Mistake::of)?;
    reader.end().map_err(Mistake::of)?;
    Ok(value)
}

/// What is wrong with a piece, and where in it.
#[derive(Debug)]
pub(super) struct Mistake {
    what: String,
    line: usize,
    column: usize,
}

impl Mistake {
    fn of(error: serde_json::Error) -> Self {
        Mistake { what: json_mistake(&error), line: error.line(), column: error.column() }
    }

    /// In one sentence, with the place in the text that the piece is from.
    pub(super) fn within(&self, piece: &str, places: &mut Places<'_>) -> String {
        let (line, column) = self.place(places.of(piece));
        format!("{} at line {line} column {column}", self.what)
    }

    /// The same, where the text is one line.
    pub(super) fn within_line(&self, piece: &str, places: &mut Places<'_>) -> String {
        format!("{} at column {}", self.what, self.place(places.of(piece)).1)
    }

    fn place(&self, (lines, last): (usize, usize)) -> (usize, usize) {
        (lines + self.line, if self.line == 1 { last + self.column } else { self.column })
    }
}

/// Where the pieces of a text begin. Asked for one after another it reads the text once: a text may hold as many bad
/// records as good ones, and to count its lines anew for each would take the square of its length.
pub(super) struct Places<'t> {
    text: &'t str,
    /// So far it was read,
    read: usize,
    /// with so many line ends,
    lines: usize,
    /// and its last line begins here.
    line: usize,
}

impl<'t> Places<'t> {
    pub(super) fn of_text(text: &'t str) -> Self {
        Places { text, read: 0, lines: 0, line: 0 }
    }

    /// How many lines end before this piece of the text, and how many bytes stand before it on its own.
    fn of(&mut self, piece: &str) -> (usize, usize) {
        let begin = (piece.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        if begin < self.read {
            *self = Places::of_text(self.text);
        }
        let passed = self.text.as_bytes().get(self.read..begin).unwrap_or_default();
        self.lines += passed.iter().filter(|byte| **byte == b'\n').count();
        if let Some(end) = passed.iter().rposition(|byte| *byte == b'\n') {
            self.line = self.read + end + 1;
        }
        self.read = begin;
        (self.lines, begin - self.line)
    }
}

/// Lists and objects, their items and members unread.
struct Outliner;

impl<'t> Visitor<'t> for Outliner {
    type Value = Outline<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = vec![];
        while let Some(item) = items.next_element::<&RawValue>()? {
            if list.len() == MOST_RECORDS {
                return Err(A::Error::custom("more than 1000000 records"));
            }
            list.push(item.get());
        }
        Ok(Outline::List(list))
    }

    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut object = BTreeMap::new();
        while let Some((key, member)) = members.next_entry::<String, &RawValue>()? {
            if object.len() == MOST_MEMBERS {
                return Err(A::Error::custom("an object of more than 10000 members"));
            }
            if object.contains_key(&key) {
                return Err(twice(&key));
            }
            object.insert(key, member.get());
        }
        Ok(Outline::Object(object))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Outline::Scalar)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Outline::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Outline::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Outline::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Outline::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Outline::Scalar)
    }
}

/// A value as `serde_json` reads it, but that a key which stands twice is refused: another reader would take the other.
#[derive(Clone, Copy)]
struct Strict<'b>(&'b Budget);

impl Strict<'_> {
    fn spend<E: serde::de::Error>(self) -> Result<(), E> {
        let left = self.0.0.get().checked_sub(1).ok_or_else(|| E::custom("more values than are read"))?;
        self.0.0.set(left);
        Ok(())
    }
}

impl<'t> DeserializeSeed<'t> for Strict<'_> {
    type Value = Json;

    fn deserialize<D: serde::Deserializer<'t>>(self, reader: D) -> Result<Json, D::Error> {
        self.spend()?;
        reader.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Strict<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = vec![];
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Json::Array(list))
    }

    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(twice(&key));
            }
            object.insert(key, members.next_value_seed(self)?);
        }
        Ok(Json::Object(object))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Json, E> {
        Number::from_f64(value).map(Json::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::String(value))
    }
}

fn twice<E: serde::de::Error>(key: &str) -> E {
    E::custom(match short(key) {
        Some(key) => format!("the key `{key}` stands twice"),
        None => "a key stands twice".to_owned(),
    })
}

/// A key is somebody's word; only a short one is shown.
pub(super) fn short(key: &str) -> Option<&str> {
    (key.len() <= 24 && !key.contains(|c: char| c.is_whitespace() || c.is_control())).then_some(key)
}
