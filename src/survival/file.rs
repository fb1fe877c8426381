//! `survival.toml`, both ways.

use std::fmt::Write as _;

use serde::Deserialize;

use super::{Attribute, Curve, DAY, Made, Shape, SurvivalTable, kinds, place};
use crate::row::{Category, Kind, Label};
use crate::score::{Score, ScoreError};
use crate::time::Span;

/// Why a table is refused. One line, for the author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SurvivalError {
    /// More than 4 MiB.
    #[error("the table is longer than 4 MiB")]
    TooLong,
    /// Not TOML, or not with the keys of such a table.
    #[error("not a survival table: {0}")]
    NotATable(String),
    /// Too many steps, tenures or attributes.
    #[error("`{key}`: at most {most}")]
    TooMany {
        /// Of what.
        key: &'static str,
        /// How many there can be.
        most: usize,
    },
    /// Steps or tenures that do not begin with 0 and go up.
    #[error("`{0}` begins with 0 and goes up")]
    Disordered(&'static str),
    /// A defect in one curve.
    #[error("{of}: {defect}")]
    Curve {
        /// Which curve.
        of: String,
        /// What is wrong with it.
        defect: CurveDefect,
    },
    /// None or several curves for a kind and category.
    #[error("expected one curve for `{kind}` and `{category}`")]
    NotOne {
        /// The kind's name.
        kind: &'static str,
        /// The category's name, or `none`.
        category: &'static str,
    },
    /// An attribute that stands there before.
    #[error("the attribute `{0}` stands there twice")]
    Twice(String),
}

/// What is wrong with a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CurveDefect {
    /// No such kind of row.
    #[error("no such kind")]
    Kind,
    /// No such category.
    #[error("no such category")]
    Category,
    /// A name that no attribute can have.
    #[error("an attribute has 1 to 128 bytes without control characters")]
    Name,
    /// More facts ended than there were.
    #[error("no more can have ended than were watched")]
    Ended,
    /// Not one chance for each step.
    #[error("needs one chance for each of `days`")]
    Steps,
    /// Not one curve, nor one for each tenure.
    #[error("needs one curve, or one for each of `tenure_days`")]
    Tenures,
    /// A chance that is no score.
    #[error("{0}")]
    Chance(#[from] ScoreError),
    /// A chance above the one before.
    #[error("a chance never rises with age")]
    Rises,
}

pub(super) const MOST_BYTES: usize = 4 << 20;
pub(super) const MOST_ATTRIBUTES: usize = 1_000;
pub(super) const MOST_STEPS: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `days`, `curve` and perhaps `attribute`")]
struct File {
    days: Vec<i64>,
    tenure_days: Option<Vec<i64>>,
    made: Option<FileMade>,
    #[serde(default)]
    attribute: Vec<FileAttribute>,
    curve: Vec<FileCurve>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `command` and `from`")]
struct FileMade {
    command: String,
    from: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `name`, `known` and `unknown`")]
struct FileAttribute {
    name: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    facts: u64,
    #[serde(default)]
    ended: u64,
    known: Vec<Vec<f64>>,
    unknown: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `kind`, `category` and `chance`")]
struct FileCurve {
    kind: String,
    category: String,
    #[serde(default)]
    source: String,
    chance: Vec<f64>,
}

impl SurvivalTable {
    /// Reads `survival.toml`: at most 4 MiB, 64 steps, 64 tenures and 1,000 attributes.
    ///
    /// # Errors
    /// [`SurvivalError`] for a table that is larger, rises, leaves the range of a score, or does not cover every kind and
    /// category.
    pub fn from_toml(text: &str) -> Result<Self, SurvivalError> {
        if text.len() > MOST_BYTES {
            return Err(SurvivalError::TooLong);
        }
        let file: File =
            toml::from_str(text).map_err(|error| SurvivalError::NotATable(mistake(text, error.message())))?;
        let steps = begins("days", &file.days)?;
        let tenures = begins("tenure_days", file.tenure_days.as_deref().unwrap_or(&[0]))?;
        let shape = Shape { steps, tenures };
        if file.attribute.len() > MOST_ATTRIBUTES {
            return Err(SurvivalError::TooMany { key: "attribute", most: MOST_ATTRIBUTES });
        }
        let mut attributes = file.attribute.iter().map(|one| one.check(&shape)).collect::<Result<Vec<_>, _>>()?;
        attributes.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some([twice, _]) = attributes.windows(2).find(|pair| matches!(pair, [a, b] if a.name == b.name)) {
            return Err(SurvivalError::Twice(one_line(&twice.name)));
        }
        let mut curves = file.curve.iter().map(|one| one.check(&shape)).collect::<Result<Vec<_>, _>>()?;
        curves.sort_by_key(|curve| place(curve.kind, curve.category));
        for (kind, category) in kinds() {
            if curves.iter().filter(|curve| (curve.kind, curve.category) == (kind, category)).count() != 1 {
                return Err(SurvivalError::NotOne { kind: kind.name(), category: name_of(category) });
            }
        }
        let made = file.made.map(|made| Made { command: made.command, from: made.from });
        Ok(SurvivalTable { shape, attributes, curves, made })
    }

    /// As `survival.toml` holds it; read again, it is the same table. Only one that was read from nearly 4 MiB may be longer
    /// now, and be refused then.
    pub fn to_toml(&self) -> String {
        let mut out = String::from(HEADER);
        let days = |spans: &[Span]| list(spans.iter().map(|span| span.millis() / DAY));
        writeln!(out, "days = {}", days(&self.shape.steps)).expect("a string takes everything");
        writeln!(out, "tenure_days = {}", days(&self.shape.tenures)).expect("a string takes everything");
        if let Some(made) = &self.made {
            let from: String = made.from.iter().map(|line| format!("  {},\n", quoted(line))).collect();
            write!(out, "\n[made]\ncommand = {}\nfrom = [\n{from}]\n", quoted(&made.command))
                .expect("a string takes everything");
        }
        for attribute in &self.attributes {
            attribute.write(self.shape.steps.len(), &mut out);
        }
        for curve in &self.curves {
            let (kind, category) = (curve.kind.name(), name_of(curve.category));
            let (source, chances) = (source_line(&curve.source), list(curve.steps.iter()));
            write!(out, "\n[[curve]]\nkind = \"{kind}\"\ncategory = \"{category}\"\n{source}chance = {chances}\n")
                .expect("a string takes everything");
        }
        out
    }
}

/// What stands before every table.
pub(super) const HEADER: &str = "\
# The chance that a row still holds, by days since it was last confirmed, else first said.
#
# Between two days of `days` a chance falls evenly by the day; it is read to half a hundredth, and after the last day it
# stays. A row with an attribute is read from that attribute's curves, one for each tenure in `tenure_days`: how long the
# fact had held when the row was last confirmed. `known` is for rows whose beginning is known, `unknown` for rows that had
# held at least so long; a single curve there is for every tenure. The attribute `*` is for all that are not listed. Rows
# without an attribute are read by kind and category; of several categories the lowest chance counts. A chance
# never rises with age.

";

/// What a text looks like that is no table; else what its reader says of it.
fn mistake(text: &str, said: &str) -> String {
    let text = text.trim_ascii_start();
    let is_list = text.strip_prefix('[').is_some_and(|rest| rest.trim_ascii_start().starts_with(['{', '"']));
    let looks = match text {
        "" => "it is empty",
        _ if text.starts_with('{') || is_list => "it looks like JSON",
        _ if text.starts_with("stillgood/survival/") => "it looks like a signed note, as `survival.note` is",
        _ => return one_line(said),
    };
    format!("{looks}; expected TOML with `days`, `curve` and perhaps `attribute`")
}

fn name_of(category: Option<Category>) -> &'static str {
    category.map_or("none", Category::name)
}

/// What others wrote, as it may stand in an error.
fn one_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
    line.trim().to_owned()
}

/// Where steps or bands begin, from days.
fn begins(key: &'static str, days: &[i64]) -> Result<Vec<Span>, SurvivalError> {
    if days.len() > MOST_STEPS {
        return Err(SurvivalError::TooMany { key, most: MOST_STEPS });
    }
    let begins: Option<Vec<Span>> = days.iter().map(|days| Span::days(*days)).collect();
    match begins {
        Some(begins) if begins.first() == Some(&Span::ZERO) && begins.is_sorted_by(|a, b| a < b) => Ok(begins),
        _ => Err(SurvivalError::Disordered(key)),
    }
}

/// One curve, checked.
fn chances(written: &[f64], steps: usize) -> Result<Vec<Score>, CurveDefect> {
    let scores =
        written.iter().map(|chance| chance.to_string().parse::<Score>()).collect::<Result<Vec<_>, ScoreError>>()?;
    if scores.len() != steps {
        return Err(CurveDefect::Steps);
    }
    if scores.is_sorted_by(|a, b| a >= b) { Ok(scores) } else { Err(CurveDefect::Rises) }
}

impl FileAttribute {
    fn check(&self, shape: &Shape) -> Result<Attribute, SurvivalError> {
        let refuse = |defect| SurvivalError::Curve { of: format!("attribute `{}`", one_line(&self.name)), defect };
        if self.name.parse::<Label>().is_err() {
            return Err(refuse(CurveDefect::Name));
        }
        if self.ended > self.facts {
            return Err(refuse(CurveDefect::Ended));
        }
        let tenures = shape.tenures.len();
        let curves = |written: &[Vec<f64>]| -> Result<Box<[Score]>, CurveDefect> {
            let read = written.iter().map(|curve| chances(curve, shape.steps.len())).collect::<Result<Vec<_>, _>>()?;
            match read.as_slice() {
                [one] => Ok(one.repeat(tenures).into()),
                several if several.len() == tenures => Ok(several.concat().into()),
                _ => Err(CurveDefect::Tenures),
            }
        };
        Ok(Attribute {
            name: self.name.as_str().into(),
            source: self.source.as_str().into(),
            facts: self.facts,
            ended: self.ended,
            known: curves(&self.known).map_err(refuse)?,
            at_least: curves(&self.unknown).map_err(refuse)?,
        })
    }
}

impl FileCurve {
    fn check(&self, shape: &Shape) -> Result<Curve, SurvivalError> {
        let of = || format!("curve `{}`, `{}`", one_line(&self.kind), one_line(&self.category));
        let refuse = |defect| SurvivalError::Curve { of: of(), defect };
        let kind = Kind::from_name(&self.kind).ok_or_else(|| refuse(CurveDefect::Kind))?;
        let category = match self.category.as_str() {
            "none" => None,
            name => Some(Category::from_name(name).ok_or_else(|| refuse(CurveDefect::Category))?),
        };
        let steps = chances(&self.chance, shape.steps.len()).map_err(refuse)?.into();
        Ok(Curve { kind, category, source: self.source.as_str().into(), steps })
    }
}

impl Attribute {
    fn write(&self, steps: usize, out: &mut String) {
        write!(out, "\n[[attribute]]\nname = {}\n{}", quoted(&self.name), source_line(&self.source))
            .expect("a string takes everything");
        if self.facts > 0 {
            writeln!(out, "facts = {}\nended = {}", self.facts, self.ended).expect("a string takes everything");
        }
        for (key, chances) in [("known", &self.known), ("unknown", &self.at_least)] {
            let curves: Vec<&[Score]> = chances.chunks(steps.max(1)).collect();
            let same = curves.iter().all(|curve| curves.first() == Some(curve));
            let written = curves.iter().take(if same { 1 } else { curves.len() }).map(|curve| list(curve.iter()));
            let lines: Vec<String> = written.collect();
            match lines.as_slice() {
                [one] => writeln!(out, "{key} = [{one}]"),
                several => writeln!(out, "{key} = [\n{},\n]", several.join(",\n")),
            }
            .expect("a string takes everything");
        }
    }
}

/// The line that says where a curve is from; none where nobody says.
fn source_line(source: &str) -> String {
    if source.is_empty() { String::new() } else { format!("source = {}\n", quoted(source)) }
}

fn list<T: ToString>(items: impl Iterator<Item = T>) -> String {
    format!("[{}]", items.map(|item| item.to_string()).collect::<Vec<_>>().join(","))
}

/// A text as a basic string of TOML, on one line.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                write!(out, "\\u{:04X}", u32::from(c)).expect("a string takes everything");
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
