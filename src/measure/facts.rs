//! Public facts with their beginning and end, and rows of which somebody said whether they still held, from JSON lines.

mod date;
mod mistake;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use crate::row::Label;
use crate::time::Timestamp;
use date::{Date, end_of_year, year};

/// More is not read of one file: 256 MiB.
const MOST_FILE: usize = 256 << 20;
/// More is not read of one line: 1 MiB.
const MOST_LINE: usize = 1 << 20;
/// More lines are not read.
const MOST_LINES: usize = 2_000_000;

/// What a file holds.
#[derive(Clone, PartialEq, Debug)]
pub enum Content {
    /// Facts, from which rows are made by a fixed protocol.
    Facts(Facts),
    /// Rows as somebody labelled them.
    Labelled(Vec<Labelled>),
}

/// Facts that can be used, and how many cannot.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Facts {
    /// In the order of the file; what stands there twice stands here twice.
    pub facts: Vec<Fact>,
    /// What was left out.
    pub left_out: LeftOut,
}

/// Something that was true of a subject for a while.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    /// Which line of the file, from 0. What is drawn for this fact is drawn from it.
    pub line: usize,
    /// Whom or what it is about.
    pub subject: Label,
    /// Which of its attributes.
    pub attribute: Label,
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub end: End,
    /// How well its times are known.
    pub precision: Precision,
}

/// How well the times of a fact are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Precision {
    /// They are as they stand there.
    AsGiven,
    /// It began on some day of its first year, and ended on some day of its last.
    Years,
}

/// When a fact ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// It holds at a time before this one.
    At(Timestamp),
    /// It was seen to hold then, and nobody knows more.
    SeenUntil(Timestamp),
}

/// How many facts were left out, each for the first reason that applies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LeftOut {
    /// Nobody knows when it began.
    pub without_start: usize,
    /// It ends before it began, or in the same year where only years are known.
    pub ends_first: usize,
    /// No end is known, nor whether it still holds.
    pub without_end: usize,
    /// It is open, and began no earlier than it was last seen.
    pub unseen: usize,
}

impl LeftOut {
    /// All of them.
    pub const fn sum(self) -> usize {
        self.without_start + self.ends_first + self.without_end + self.unseen
    }
}

/// A row that was asked about, and what the answer was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Labelled {
    /// Which line of the file, from 0.
    pub line: usize,
    /// Whom or what it is about.
    pub subject: Label,
    /// Which of its attributes.
    pub attribute: Label,
    /// When it was stated.
    pub stated: Timestamp,
    /// When it was asked about; not before it was stated.
    pub asked: Timestamp,
    /// Whether it held then.
    pub held: bool,
    /// Whether what it was derived from had changed by then, where that is known.
    pub parent_changed: Option<bool>,
}

/// Why a file is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FactsError {
    /// Not one line with something on it.
    #[error("it is empty")]
    Empty,
    /// Longer than 256 MiB, or more than 2,000,000 lines.
    #[error("it is longer than 256 MiB, or than 2,000,000 lines")]
    TooLong,
    /// A line that is none of the known shapes, or says what cannot be.
    #[error("line {line}: {what}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
}

/// The three shapes of a line, told apart by the keys of the first one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Dates,
    Years,
    Labels,
}

/// A key that is there, whatever stands under it.
#[derive(Default)]
struct Present(bool);

impl<'de> Deserialize<'de> for Present {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(from).map(|_| Present(true))
    }
}

#[derive(Deserialize)]
struct Keys {
    #[serde(default)]
    start: Present,
    #[serde(default)]
    start_year: Present,
    #[serde(default)]
    stated: Present,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Dates {
    subject: String,
    attribute: String,
    #[serde(deserialize_with = "Option::deserialize")]
    start: Option<String>,
    #[serde(deserialize_with = "Option::deserialize")]
    end: Option<String>,
    /// Until when an open fact was seen to hold.
    seen: Option<String>,
    #[serde(default, rename = "value")]
    _value: IgnoredAny,
    #[serde(default, rename = "domain")]
    _domain: IgnoredAny,
    #[serde(default, rename = "start_precision")]
    _start_precision: IgnoredAny,
    #[serde(default, rename = "end_precision")]
    _end_precision: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Years {
    subject: String,
    attribute: String,
    #[serde(deserialize_with = "Option::deserialize")]
    start_year: Option<i64>,
    #[serde(deserialize_with = "Option::deserialize")]
    end_year: Option<i64>,
    #[serde(default, rename = "value")]
    _value: IgnoredAny,
    #[serde(default, rename = "property")]
    _property: IgnoredAny,
    #[serde(default, rename = "split")]
    _split: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Labels {
    subject: String,
    attribute: String,
    stated: String,
    asked: String,
    held: bool,
    parent_changed: Option<bool>,
}

/// Reads a file of JSON lines, of one of three shapes. The first line says which:
///
/// * `subject`, `attribute`, `start`, `end`, perhaps `seen`, and `value`, `domain`, `start_precision`, `end_precision`, which
///   are not used: DyKnow. A fact holds at a time from its start on and before its end. Without an end (`null`) it was seen to
///   hold until `seen`, else until 2023-12-01, the day on which DyKnow was made. ` of <subject>` at the end of an attribute, else
///   what follows ` of `, is cut off.
/// * `subject`, `attribute`, `start_year`, `end_year`, and `value`, `property`, `split`, which are not used: Wikidata12k. A fact
///   holds from the first of January of its first year to the last day of its last.
/// * `subject`, `attribute`, `stated`, `asked`, `held`, perhaps `parent_changed`: rows with a label.
///
/// Times are RFC 3339, or `YYYY-MM-DD`, `YYYY-MM`, `YYYY`; an end that names a month or a year is the end of it. Empty lines
/// are passed over.
///
/// # Errors
/// [`FactsError`]; nothing of a file is used that has one line which cannot be read.
pub fn read(bytes: &[u8]) -> Result<Content, FactsError> {
    if bytes.len() > MOST_FILE {
        return Err(FactsError::TooLong);
    }
    // That of the first line, and which line it is.
    let mut shape = None;
    let mut facts = Facts::default();
    let mut labelled = vec![];
    for (line, bytes) in bytes.split(|byte| *byte == b'\n').enumerate() {
        // A name that nobody knows is said as it came, but on one line.
        let on_one_line = |what: String| {
            what.chars().fold(String::new(), |line, c| match c.is_control() {
                true => line + &c.escape_debug().to_string(),
                false => line + c.encode_utf8(&mut [0; 4]),
            })
        };
        let wrong = |what: String| FactsError::Line { line: line + 1, what: on_one_line(what) };
        if line >= MOST_LINES {
            return Err(FactsError::TooLong);
        }
        if bytes.len() > MOST_LINE {
            return Err(wrong("longer than 1 MiB".into()));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| wrong("not text in UTF-8".into()))?;
        if text.trim_ascii().is_empty() {
            continue;
        }
        // A list of the right length would be read as an object's members in order.
        mistake::is_an_object(text).map_err(wrong)?;
        let (known, first) = match shape {
            Some(known) => known,
            None => *shape.insert((shape_of(text).map_err(wrong)?, line + 1)),
        };
        let taken = match known {
            Shape::Dates => json(text, known).and_then(|read| from_dates(line, &read)).map(|taken| facts.add(taken)),
            Shape::Years => json(text, known).and_then(|read| from_years(line, &read)).map(|taken| facts.add(taken)),
            Shape::Labels => json(text, known).and_then(|read| from_labels(line, &read)).map(|row| labelled.push(row)),
        };
        taken.map_err(|what| wrong(mistake::of_another_shape(text, known, first).unwrap_or(what)))?;
    }
    match shape {
        None => Err(FactsError::Empty),
        Some((Shape::Labels, _)) => Ok(Content::Labelled(labelled)),
        Some(_) => Ok(Content::Facts(facts)),
    }
}

fn json<'t, T: Deserialize<'t>>(text: &'t str, shape: Shape) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| mistake::of_a_line(text, shape, &error))
}

fn shape_of(text: &str) -> Result<Shape, String> {
    let keys: Keys = serde_json::from_str(text).map_err(|error| mistake::of_json(&error))?;
    let shape = Shape::ALL.into_iter().find(|shape| keys.has(*shape));
    shape.ok_or_else(|| "neither a fact nor a labelled row: no `start`, `start_year` or `stated`".into())
}

impl Shape {
    /// A line that has the keys of several is of the first.
    const ALL: [Shape; 3] = [Shape::Labels, Shape::Years, Shape::Dates];
}

impl Keys {
    fn has(&self, shape: Shape) -> bool {
        match shape {
            Shape::Labels => self.stated.0,
            Shape::Years => self.start_year.0,
            Shape::Dates => self.start.0,
        }
    }
}

/// A fact, or what keeps it from being used.
type Taken = Result<Fact, fn(&mut LeftOut) -> &mut usize>;

impl Facts {
    fn add(&mut self, taken: Taken) {
        match taken {
            Ok(fact) => self.facts.push(fact),
            Err(why) => *why(&mut self.left_out) += 1,
        }
    }
}

fn from_dates(line: usize, read: &Dates) -> Result<Taken, String> {
    let subject = label("subject", &read.subject)?;
    let attribute = label("attribute", without_subject(&read.attribute, &read.subject))?;
    let start = read.start.as_deref().map(|text| date("start", text)).transpose()?;
    let end = read.end.as_deref().map(|text| date("end", text)).transpose()?;
    let seen = date("seen", read.seen.as_deref().unwrap_or("2023-12-01"))?.first;
    let Some(from) = start.map(|start| start.first) else { return Ok(Err(|left| &mut left.without_start)) };
    let end = match end {
        Some(end) if end.first <= from => return Ok(Err(|left| &mut left.ends_first)),
        Some(end) => End::At(end.over),
        None if seen <= from => return Ok(Err(|left| &mut left.unseen)),
        None => End::SeenUntil(seen),
    };
    Ok(Ok(Fact { line, subject, attribute, from, end, precision: Precision::AsGiven }))
}

fn from_years(line: usize, read: &Years) -> Result<Taken, String> {
    let subject = label("subject", &read.subject)?;
    let attribute = label("attribute", &read.attribute)?;
    let checked = |name: &str, number: Option<i64>| {
        number.map(|number| year(number).ok_or_else(|| format!("`{name}` is {number}: a year lies within 1 and 9999")))
    };
    let start = checked("start_year", read.start_year).transpose()?;
    let end = checked("end_year", read.end_year).transpose()?;
    Ok(match (start, end) {
        (None, _) => Err(|left| &mut left.without_start),
        (Some(_), None) => Err(|left| &mut left.without_end),
        (Some(from), Some(end)) if end <= from => Err(|left| &mut left.ends_first),
        (Some(from), Some(end)) => {
            let (end, precision) = (End::At(end_of_year(end)), Precision::Years);
            Ok(Fact { line, subject, attribute, from, end, precision })
        }
    })
}

fn from_labels(line: usize, read: &Labels) -> Result<Labelled, String> {
    let (stated, asked) = (date("stated", &read.stated)?.first, date("asked", &read.asked)?.first);
    if asked < stated {
        return Err("it is asked about before it is stated".into());
    }
    let subject = label("subject", &read.subject)?;
    let attribute = label("attribute", &read.attribute)?;
    Ok(Labelled { line, subject, attribute, stated, asked, held: read.held, parent_changed: read.parent_changed })
}

fn date(name: &str, text: &str) -> Result<Date, String> {
    text.parse().map_err(|error| format!("`{name}` is `{}`: {error}", shortened(text)))
}

fn label(name: &str, text: &str) -> Result<Label, String> {
    text.parse().map_err(|_| format!("`{name}` is no label: expected 1 to 128 bytes without control characters"))
}

/// `President of Italy` of Italy is the attribute `President`, as is that of the United States, of the United States of America.
/// What does not name its subject stays as it is: `head of marketing`.
fn without_subject<'t>(attribute: &'t str, subject: &str) -> &'t str {
    let Some((own, of)) = attribute.split_once(" of ") else { return attribute };
    let names_it = |of: &str| {
        !of.is_empty() && subject.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    if names_it(of) || of.strip_prefix("the ").is_some_and(names_it) { own } else { attribute }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 40 { text.to_owned() } else { text.chars().take(40).chain(['…']).collect() }
}

#[cfg(test)]
mod tests;
