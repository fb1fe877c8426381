//! One record of any of MemSync's shapes: as a draft, or as a candidate; or what is wrong with it.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::{evidence, labels};
use crate::evidence::{Attachments, Material};
use crate::id::RowId;
use crate::request::{Candidate, Offered};
use crate::row::{Body, BodyError, Categories, Category, Draft, Kind, Label, MadeBy, Origin, Source, Tag, Traits};
use crate::score::Score;
use crate::time::{TimeError, Timestamp};

/// What is wrong with one record.
#[derive(Debug)]
pub struct Problem {
    /// The field.
    pub field: String,
    /// Its value, shortened.
    pub value: Option<String>,
    /// What is wrong with it.
    pub why: String,
}

impl Problem {
    pub(super) fn whole(why: String) -> Self {
        Problem { field: RECORD.to_owned(), value: None, why }
    }

    pub(super) fn new(field: &str, value: Option<&Json>, why: impl Into<String>) -> Self {
        Problem { field: field.to_owned(), value: value.map(|value| shown(field, value)), why: why.into() }
    }
}

/// A value for a message: short, printable, and never somebody's words. Texts are shown for ids and times, and elsewhere
/// only where they are one short word.
fn shown(field: &str, value: &Json) -> String {
    let is_word = |text: &str| text.len() <= 24 && !text.contains(char::is_whitespace);
    match value {
        Json::String(text) if matches!(field, "memory" | "content") => format!("{} long", bytes(text.len())),
        Json::String(text) if field.contains("id") || field.ends_with("_at") || is_word(text) => quoted(value),
        Json::String(text) => format!("text of {}", bytes(text.len())),
        Json::Number(_) | Json::Bool(_) | Json::Null => quoted(value),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "an object".to_owned(),
    }
}

pub(super) fn bytes(number: usize) -> String {
    if number == 1 { "1 byte".to_owned() } else { format!("{number} bytes") }
}

fn quoted(value: &Json) -> String {
    let mut text = String::new();
    for c in value.to_string().chars().take(100) {
        if c.is_control() { text.extend(c.escape_unicode()) } else { text.push(c) }
    }
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("`{}…`", text.get(..end).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}

/// Stands for the record as a whole.
pub(super) const RECORD: &str = "record";

type Checked<T> = Result<T, Problem>;
pub(super) type Record = Map<String, Json>;

/// One record of any shape as a draft. Nothing in it was said after `latest`.
pub(super) fn draft(record: &Record, latest: Timestamp) -> Checked<Draft> {
    let past = |field: &'static str| match time(record, field)? {
        Some(at) if at > latest => Err(Problem::new(field, record.get(field), "it lies in the future")),
        at => Ok(at),
    };
    complete(record)?;
    let row = row_id(record)?;
    let (text_field, text) = text(record)?;
    let created_at = past("created_at")?.ok_or_else(|| missing("created_at"))?;
    let metadata = match record.get("metadata") {
        None | Some(Json::Null) => &Map::new(),
        Some(Json::Object(metadata)) => metadata,
        Some(other) => return Err(Problem::new("metadata", Some(other), "expected an object")),
    };
    let mut traits = Traits::of(kind(record)?);
    traits.categories = categories(record)?;
    traits.source = parsed(record, "source")?.unwrap_or_else(Source::default);
    traits.importance = score(record, "importance")?;
    traits.valid_from = time(metadata, "valid_from")?;
    traits.valid_until = time(metadata, "valid_until")?;
    if let (Some(from), Some(until)) = (traits.valid_from, traits.valid_until)
        && until < from
    {
        return Err(Problem::new("valid_until", metadata.get("valid_until"), "it lies before valid_from"));
    }
    label(&mut traits, metadata, text)?;
    let details = details(record);
    let detail_bytes = details.as_ref().map_or(0, String::len);
    let body = Body::new(text, details).map_err(|error| match error {
        BodyError::DetailsTooLong => {
            Problem::whole(format!("its other fields are {} long: {error}", bytes(detail_bytes)))
        }
        _ => Problem::new(text_field, record.get(text_field), error.to_string()),
    })?;
    let updated_at = past("updated_at")?;
    let single = traits.attribute.as_ref().is_some_and(labels::is_single);
    Ok(Draft {
        row,
        body,
        stated_at: created_at,
        updated_at,
        traits,
        links: BTreeSet::new(),
        boxes: Attachments::default(),
        evidence: evidence(record)?,
        single,
        even_if_forgotten: false,
    })
}

fn evidence(record: &Record) -> Checked<Vec<Material>> {
    let Some(value) = present(record, "evidence") else { return Ok(vec![]) };
    evidence::read(value).map_err(|why| Problem::new("evidence", Some(value), why))
}

/// One record of a search response as a candidate, with the text that came with it.
///
/// # Errors
/// [`Problem`]: the field that is wrong.
pub fn candidate(record: &Map<String, Json>) -> Result<Candidate, Problem> {
    let mut candidate = Candidate::of(row_id(record)?);
    candidate.rerank = score(record, "rerank_score")?;
    candidate.distance = score(record, "vector_distance")?;
    if present(record, "memory").or_else(|| present(record, "content")).is_some() {
        candidate.offered = Some(Offered::new(said(record)?.1.to_owned()));
    }
    Ok(candidate)
}

/// `id`, or in shape C `memory_id`.
fn row_id(record: &Record) -> Checked<RowId> {
    let (field, value) = either(record, "id", "memory_id")?;
    let text = value.as_str().ok_or_else(|| Problem::new(field, Some(value), "expected text"))?;
    text.parse().map_err(|error: crate::id::IdError| Problem::new(field, Some(value), error.to_string()))
}

/// `memory`, or in shape C `content`.
fn said(record: &Record) -> Checked<(&'static str, &str)> {
    let (field, value) = either(record, "memory", "content")?;
    let text = value.as_str().ok_or_else(|| Problem::new(field, Some(value), "expected text"))?;
    Ok((field, text))
}

/// The same, for a row to be made of: not blank.
fn text(record: &Record) -> Checked<(&'static str, &str)> {
    let (field, text) = said(record)?;
    if text.trim().is_empty() {
        return Err(Problem::new(field, None, "it is empty"));
    }
    Ok((field, text))
}

/// `type`, or in shape C `memory_type`.
fn kind(record: &Record) -> Checked<Kind> {
    let (field, value) = either(record, "type", "memory_type")?;
    value
        .as_str()
        .and_then(Kind::from_name)
        .ok_or_else(|| Problem::new(field, Some(value), "expected `semantic` or `episodic`"))
}

/// The value of one of two names for the same field; both only if they agree.
fn either<'r>(record: &'r Record, name: &'static str, other: &'static str) -> Checked<(&'static str, &'r Json)> {
    match (present(record, name), present(record, other)) {
        (Some(value), Some(twin)) if value != twin => {
            Err(Problem::new(other, Some(twin), format!("`{name}` says something else")))
        }
        (Some(value), _) => Ok((name, value)),
        (None, Some(value)) => Ok((other, value)),
        (None, None) => Err(missing(name)),
    }
}

fn missing(field: &str) -> Problem {
    Problem::new(field, None, "it is missing")
}

/// Says everything that a record lacks at once.
fn complete(record: &Record) -> Checked<()> {
    let needed = [["id", "memory_id"], ["memory", "content"], ["type", "memory_type"], ["created_at"; 2]];
    let lacks = needed.iter().filter(|names| names.iter().all(|name| present(record, name).is_none()));
    match lacks.map(|[name, _]| *name).collect::<Vec<_>>().as_slice() {
        [] => Ok(()),
        [field] => Err(missing(field)),
        fields => Err(Problem::whole(format!("`{}` are missing", fields.join("`, `")))),
    }
}

fn present<'r>(record: &'r Record, name: &str) -> Option<&'r Json> {
    record.get(name).filter(|value| !value.is_null())
}

/// `categories`, or in shape C `category`.
fn categories(record: &Record) -> Checked<Categories> {
    let one = |field: &str, value: &Json| {
        let found = value.as_str().and_then(Category::from_name);
        found.ok_or_else(|| Problem::new(field, Some(value), format!("expected one of {}", Category::NAMES.join(", "))))
    };
    match (present(record, "categories"), present(record, "category")) {
        (Some(Json::Array(all)), _) => all.iter().map(|value| one("categories", value)).collect(),
        (Some(other), _) => Err(Problem::new("categories", Some(other), "expected a list")),
        (None, Some(value)) => Ok(Categories::from_iter([one("category", value)?])),
        (None, None) => Ok(Categories::default()),
    }
}

/// RFC 3339; a time without an offset is taken as UTC.
fn time(record: &Record, field: &str) -> Checked<Option<Timestamp>> {
    let Some(value) = present(record, field) else { return Ok(None) };
    let refuse = |why: &str| Problem::new(field, Some(value), why);
    let text = value.as_str().ok_or_else(|| refuse("expected a time such as 2026-02-12T18:00:00Z"))?;
    let spaced = text.replacen(' ', "T", 1);
    let parsed = spaced.parse().or_else(|error| match format!("{spaced}Z").parse() {
        Err(TimeError::NoSuchTime) => Err(TimeError::NoSuchTime),
        other => other.map_err(|_| error),
    });
    parsed.map(Some).map_err(|error: TimeError| refuse(&error.to_string()))
}

fn score(record: &Record, field: &str) -> Checked<Option<Score>> {
    let Some(value) = present(record, field) else { return Ok(None) };
    let Json::Number(number) = value else {
        return Err(Problem::new(field, Some(value), "expected a number from 0 to 1"));
    };
    number
        .to_string()
        .parse()
        .map(Some)
        .map_err(|error: crate::score::ScoreError| Problem::new(field, Some(value), error.to_string()))
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(record: &Record, field: &str) -> Checked<Option<T>> {
    let Some(value) = present(record, field) else { return Ok(None) };
    let text = value.as_str().ok_or_else(|| Problem::new(field, Some(value), "expected text"))?;
    text.parse().map(Some).map_err(|error: T::Err| Problem::new(field, Some(value), error.to_string()))
}

/// Subject, attribute, origin and tags: as the metadata says, else by the named rules.
fn label(traits: &mut Traits, metadata: &Record, text: &str) -> Checked<()> {
    traits.subject = parsed::<Label>(metadata, "subject")?;
    traits.attribute = parsed::<Label>(metadata, "attribute")?;
    if let Some(value) = present(metadata, "origin") {
        let origin = value.as_str().and_then(Origin::from_name);
        traits.origin = origin.ok_or_else(|| {
            Problem::new("origin", Some(value), format!("expected one of {}", Origin::NAMES.join(", ")))
        })?;
    }
    if let Some(value) = present(metadata, "tags") {
        let words = value.as_array().ok_or_else(|| Problem::new("tags", Some(value), "expected a list"))?;
        let tags = words.iter().map(|word| word.as_str().and_then(|word| word.parse::<Tag>().ok()));
        let tags: Option<BTreeSet<Tag>> = tags.collect();
        traits.tags = tags.filter(|tags| tags.len() <= 32).ok_or_else(|| {
            Problem::new("tags", Some(value), "expected at most 32 of a-z, 0-9, `_` and `-`, 1 to 48 long")
        })?;
    }
    let given = traits.subject.is_some()
        || traits.attribute.is_some()
        || traits.origin != Origin::Unknown
        || !traits.tags.is_empty();
    if !given {
        let speaker = metadata.get("role").and_then(Json::as_str);
        let found = labels::Rules::builtin().label(text, traits.source.as_str(), speaker);
        if found != labels::Labels::default() {
            traits.labels_by = MadeBy::Rule;
        }
        (traits.subject, traits.attribute, traits.origin, traits.tags) =
            (found.subject, found.attribute, found.origin, found.tags);
    }
    Ok(())
}

/// What the head holds, or a search only says of its own.
const HELD: [&str; 15] = [
    "id",
    "memory_id",
    "memory",
    "content",
    "type",
    "memory_type",
    "categories",
    "category",
    "source",
    "importance",
    "created_at",
    "updated_at",
    "vector_distance",
    "rerank_score",
    "evidence",
];
/// The same in `metadata`.
const HELD_IN_METADATA: [&str; 7] = ["valid_from", "valid_until", "subject", "attribute", "origin", "tags", "role"];
/// Where a memory came from, not whether it holds: nobody misses these.
const HARMLESS: [&str; 3] = ["metadata", "agent_id", "thread_id"];

/// The fields that say something and are not read. They are kept among the details, and no policy sees them.
pub(super) fn unused(record: &Record) -> impl Iterator<Item = String> {
    let names = |record: &Record, known: &[&str]| -> Vec<String> {
        let said = record.iter().filter(|(name, value)| !value.is_null() && !known.contains(&name.as_str()));
        said.map(|(name, _)| name.clone()).collect()
    };
    let metadata = record.get("metadata").and_then(Json::as_object);
    let inside = metadata.map(|metadata| names(metadata, &HELD_IN_METADATA)).unwrap_or_default();
    let outside = names(record, &[HELD.as_slice(), &HARMLESS].concat());
    outside.into_iter().chain(inside.into_iter().map(|name| format!("metadata.{name}")))
}

/// What the head does not hold, as one JSON object; `None` if nothing is left.
fn details(record: &Record) -> Option<String> {
    let rest: Record = record
        .iter()
        .filter(|(name, _)| !HELD.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    (!rest.is_empty()).then(|| Json::Object(rest).to_string())
}
