//! MemSync's shapes: search (A), store (B), update and integrations (C), and the paginated list; JSON or JSON lines.

use serde_json::{Map, Value as Json};

use super::json::{self, Budget, MOST_RECORD, MOST_RECORDS, Mistake, Outline, Places};
pub use super::record::{Problem, candidate};
use super::record::{RECORD, bytes, draft, unused};
use super::{ImportError, Imported, Refusal};
use crate::row::BodyError;
use crate::time::{CLOCKS_DIFFER, Timestamp};

/// Reads an export. Records are independent: a bad one is refused, the others are drafts. At most 1,000,000 records of
/// at most 16 MiB each; a text of at most 1 MiB, and as much beside it; nothing that is nested more than 127 deep. Nothing
/// that was said or changed more than five minutes after `now`: it would count as said now, and be believed at once.
///
/// ```
/// let export = br#"{"memory_id": "m1", "content": "I live in Lisbon.", "memory_type": "semantic",
///                   "category": "identity", "created_at": "2025-01-02T03:04:05Z"}"#;
/// let imported = stillgood::import::memsync::read(export, "2026-02-12T18:00:00Z".parse()?)?;
/// assert_eq!(imported.drafts[0].traits.attribute.as_ref().map(|a| a.as_str()), Some("residence"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`ImportError`] where there are no records at all.
pub fn read(export: &[u8], now: Timestamp) -> Result<Imported, ImportError> {
    let text = json::text(export)?;
    let latest = now.plus(CLOCKS_DIFFER);
    let mut imported = Imported::default();
    let whole = match json::outline(text) {
        Ok(outline) => Document::of(outline, text)?,
        Err(mistake) => {
            for (line, number) in lines(text, &mistake)? {
                imported.more_than(MOST_RECORDS)?;
                let places = &mut Places::of_text(line);
                match json::outline(line) {
                    Err(mistake) => imported.refuse(Some(number), Problem::whole(mistake.within_line(line, places))),
                    Ok(outline) => match Document::of(outline, line) {
                        Ok(document) => document
                            .records
                            .iter()
                            .for_each(|record| imported.take(record, places, Some(number), latest)),
                        // Not a document: a record that lacks its text, and is told so.
                        Err(_) => imported.take(line, places, Some(number), latest),
                    },
                }
            }
            return Ok(imported);
        }
    };
    let places = &mut Places::of_text(text);
    whole.records.iter().for_each(|record| imported.take(record, places, None, latest));
    Ok(imported)
}

/// The lines of an export that is one record, or one document, a line; each with its number.
fn lines<'t>(text: &'t str, mistake: &Mistake) -> Result<impl Iterator<Item = (&'t str, usize)>, ImportError> {
    let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()).peekable();
    match lines.peek().map(|(line, _)| json::outline(line)) {
        Some(Ok(Outline::Object(_))) => Ok(lines),
        _ => Err(not_json(mistake, text, text)),
    }
}

fn not_json(mistake: &Mistake, text: &str, piece: &str) -> ImportError {
    ImportError::NotJson(mistake.within(piece, &mut Places::of_text(text)))
}

impl Imported {
    fn more_than(&self, most: usize) -> Result<(), ImportError> {
        if self.drafts.len() + self.refused.len() < most {
            return Ok(());
        }
        Err(ImportError::NotJson(format!("more than {most} records")))
    }

    /// One record: a draft, or refused. The records of a text come in its order.
    fn take(&mut self, record: &str, places: &mut Places<'_>, line: Option<usize>, latest: Timestamp) {
        let read = if record.len() > MOST_RECORD {
            Err(too_long(record))
        } else {
            let parsed = json::value(record, &Budget::of(MOST_VALUES)).map_err(|mistake| {
                let why =
                    if line.is_some() { mistake.within_line(record, places) } else { mistake.within(record, places) };
                Problem::whole(why)
            });
            parsed.and_then(|parsed| match parsed {
                Json::Object(record) => draft(&record, latest).inspect(|_| self.leave(unused(&record))),
                other => Err(Problem::new(RECORD, Some(&other), "expected an object")),
            })
        };
        match read {
            Ok(draft) => self.drafts.push(draft),
            Err(problem) => self.refuse(line, problem),
        }
    }

    /// Counts fields that are not used, as long as their names are few enough to be read.
    fn leave(&mut self, names: impl Iterator<Item = String>) {
        for name in names {
            if self.unused.len() < MOST_NAMES || self.unused.contains_key(&name) {
                *self.unused.entry(name).or_default() += 1;
            }
        }
    }

    fn refuse(&mut self, line: Option<usize>, problem: Problem) {
        self.refused.push(Refusal {
            record: self.drafts.len() + self.refused.len() + 1,
            line,
            field: Some(problem.field).filter(|field| field != RECORD),
            value: problem.value,
            why: problem.why,
        });
    }
}

/// What is wrong with a record that is not read for its length: its longest member is named if that is the text.
fn too_long(record: &str) -> Problem {
    let longest = match json::outline(record) {
        Ok(Outline::Object(members)) => members.into_iter().max_by_key(|(_, member)| member.len()),
        _ => None,
    };
    match longest {
        Some((field, member)) if TEXTS.contains(&field.as_str()) && member.len() > MOST_RECORD / 2 => Problem {
            field,
            value: Some(format!("{} long", bytes(member.len().saturating_sub(2)))),
            why: BodyError::TooLong.to_string(),
        },
        _ => Problem::whole(format!("it is {} long; a record has at most 16 MiB", bytes(record.len()))),
    }
}

/// One document: its records, and what else stood beside them.
struct Document<'t> {
    records: Vec<&'t str>,
    rest: Vec<(String, &'t str)>,
}

impl<'t> Document<'t> {
    fn of(outline: Outline<'t>, text: &'t str) -> Result<Self, ImportError> {
        let mut members = match outline {
            Outline::List(records) => return Ok(Document { records, rest: vec![] }),
            Outline::Object(members) => members,
            Outline::Scalar => return Err(ImportError::NoRecords),
        };
        let lists = ["memories", "data"].map(|name| members.remove(name).filter(|list| *list != "null"));
        let list = match lists {
            [Some(_), Some(_)] => return Err(ImportError::TwoLists),
            [Some(list), None] | [None, Some(list)] => list,
            [None, None] if TEXTS.iter().any(|name| members.contains_key(*name)) => {
                return Ok(Document { records: vec![text], rest: vec![] });
            }
            [None, None] => return Err(ImportError::NoRecords),
        };
        match json::outline(list).map_err(|mistake| not_json(&mistake, text, list))? {
            Outline::List(records) => Ok(Document { records, rest: members.into_iter().collect() }),
            _ => Err(ImportError::NoRecords),
        }
    }
}

/// More names of unused fields are not kept.
const MOST_NAMES: usize = 10_000;

/// What a memory's text is called.
const TEXTS: [&str; 2] = ["memory", "content"];

/// Values in one record, and in one search response: a hostile one must not fill the memory.
const MOST_VALUES: usize = 200_000;
const MOST_SEARCH_VALUES: usize = 5_000_000;

/// A search response: its records as they came, and its other members.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Search {
    /// The records, best first.
    pub records: Vec<Map<String, Json>>,
    /// What else stood beside them, such as `user_bio`.
    pub rest: Map<String, Json>,
}

/// Reads a search response: shape A, a list, or bare records.
///
/// # Errors
/// [`ImportError`] where it is none.
pub fn search(response: &[u8]) -> Result<Search, ImportError> {
    let text = json::text(response)?;
    let mut search = Search::default();
    let budget = Budget::of(MOST_SEARCH_VALUES);
    match json::outline(text) {
        Ok(outline) => search.take(text, Document::of(outline, text)?, &budget)?,
        Err(mistake) => {
            for (line, _) in lines(text, &mistake)? {
                let outline = json::outline(line).map_err(|mistake| not_json(&mistake, text, line))?;
                search.take(text, Document::of(outline, line)?, &budget)?;
            }
        }
    }
    Ok(search)
}

impl Search {
    fn take(&mut self, text: &str, document: Document<'_>, budget: &Budget) -> Result<(), ImportError> {
        let read = |piece| json::value(piece, budget).map_err(|mistake| not_json(&mistake, text, piece));
        for record in document.records {
            match read(record)? {
                Json::Object(record) => self.records.push(record),
                other => return Err(ImportError::NotARecord { record: self.records.len() + 1, what: what(&other) }),
            }
        }
        for (name, member) in document.rest {
            if self.rest.contains_key(&name) {
                return Err(ImportError::Twice(json::short(&name).map(str::to_owned)));
            }
            self.rest.insert(name, read(member)?);
        }
        Ok(())
    }
}

fn what(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}
