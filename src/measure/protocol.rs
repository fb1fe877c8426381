//! From facts to labelled rows, by a protocol fixed in advance: each fact is stated once, uniformly within it, never
//! confirmed, and asked about after seven spans wherever the answer is known. Folds are by subject.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use super::draws::{Draws, share};
use super::facts::{Content, End, Fact, Labelled, LeftOut, Precision};
use crate::row::{Categories, Kind, Label};
use crate::survival::{Outcome, Standing, Tenure, Watched};
use crate::time::{Span, Timestamp};

/// A year of 365.25 days, in milliseconds.
pub(super) const YEAR: f64 = 365.25 * 86_400_000.0;

/// After so many quarters of a year each statement is asked about: 0.25, 0.5, 1, 2, 3, 5 and 10 years.
const ASKED_AFTER_QUARTERS: [i64; 7] = [1, 2, 4, 8, 12, 20, 40];

/// A quarter of a year of 365.25 days.
const QUARTER: i64 = 7_889_400_000;

/// From so many moments in it each fact is watched.
const MOMENTS: i64 = 16;

/// Each fold is left out of the fit that it is measured with.
pub(super) const FOLDS: u8 = 5;

/// Labelled rows, and the statements they ask about.
#[derive(Clone, Debug)]
pub struct Sample {
    subjects: Vec<Named>,
    attributes: Vec<Label>,
    statements: Vec<Statement>,
    rows: Vec<Row>,
    left_out: LeftOut,
    is_of_facts: bool,
}

#[derive(Clone, Debug)]
struct Named {
    fold: u8,
}

/// One statement of a fact.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) line: usize,
    pub(super) subject: usize,
    pub(super) attribute: usize,
    /// When the fact began, where that is known.
    pub(super) began: Option<Timestamp>,
    pub(super) stated: Timestamp,
    pub(super) truth: Truth,
    pub(super) precision: Precision,
}

/// What is known of how it went on.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Truth {
    /// It ended then.
    Ended(Timestamp),
    /// It still held then.
    HeldUntil(Timestamp),
    /// It ended between the statement and this question.
    EndedBefore(Timestamp),
}

/// On which days facts begin and end of which the years alone are known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Days {
    /// On the first and on the last: as the protocol has it, for rows and for what they are measured with.
    FirstAndLast,
    /// On days that are drawn within the years: for a table that people's own rows are read from.
    Drawn,
}

/// One question.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Its statement's place among the statements.
    pub(super) statement: usize,
    pub(super) subject: usize,
    pub(super) attribute: usize,
    pub(super) tenure: Tenure,
    pub(super) stated: Timestamp,
    pub(super) asked: Timestamp,
    pub(super) held: bool,
    pub(super) parent_changed: Option<bool>,
}

impl Row {
    pub(super) fn gap(&self) -> Span {
        self.asked.since(self.stated)
    }
}

impl Statement {
    /// How long the fact had already held.
    pub(super) fn tenure(&self) -> Tenure {
        match self.began {
            Some(began) => Tenure::Known(self.stated.since(began)),
            None => Tenure::AtLeast(Span::ZERO),
        }
    }
}

impl Truth {
    /// The same, in time since a moment.
    pub(super) fn since(self, moment: Timestamp) -> Outcome {
        match self {
            Truth::Ended(over) => Outcome::Ended { after: over.since(moment) },
            Truth::HeldUntil(seen) => Outcome::Held { until: seen.since(moment) },
            Truth::EndedBefore(asked) => Outcome::EndedBefore { asked_after: asked.since(moment) },
        }
    }
}

impl Sample {
    /// Makes the rows.
    pub fn of(content: &Content) -> Self {
        let is_of_facts = matches!(content, Content::Facts(_));
        let left_out = if let Content::Facts(facts) = content { facts.left_out } else { LeftOut::default() };
        let (subjects, attributes, statements, rows) = (vec![], vec![], vec![], vec![]);
        let mut sample = Sample { subjects, attributes, statements, rows, left_out, is_of_facts };
        let mut names = Names::default();
        match content {
            Content::Facts(facts) => facts.facts.iter().for_each(|fact| sample.add_fact(&mut names, fact)),
            Content::Labelled(rows) => rows.iter().for_each(|row| sample.add_labelled(&mut names, row)),
        }
        sample
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// How many of them held.
    pub fn held(&self) -> usize {
        self.rows.iter().filter(|row| row.held).count()
    }

    /// How many facts, or other statements, they ask about.
    pub fn statements(&self) -> usize {
        self.statements.len()
    }

    /// How many subjects there are.
    pub fn subjects(&self) -> usize {
        self.subjects.len()
    }

    /// The attributes, in the order in which they first stand there.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(Label::as_str)
    }

    /// What was left out of the file.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// Whether the rows were made from facts with a beginning and an end.
    pub fn is_of_facts(&self) -> bool {
        self.is_of_facts
    }

    /// Whether every row has facts of subjects in other folds to learn from.
    pub fn can_be_learned_from(&self) -> bool {
        let folds = (0..FOLDS).filter(|fold| self.statements.iter().any(|one| self.fold(one.subject) == *fold));
        folds.count() > 1
    }

    fn add_fact(&mut self, names: &mut Names, fact: &Fact) {
        let (subject, attribute) = self.named(names, &fact.subject, &fact.attribute);
        let (truth, over) = match fact.end {
            End::At(over) => (Truth::Ended(over), over),
            End::SeenUntil(seen) => (Truth::HeldUntil(seen), seen),
        };
        let length = over.since(fact.from).millis();
        let into = share(&fact.line.to_string()) * length as f64;
        let stated = fact.from.plus(Span::from_millis(into as i64));
        let statement = self.statements.len();
        let tenure = Tenure::Known(stated.since(fact.from));
        let Fact { line, precision, .. } = *fact;
        let began = Some(fact.from);
        self.statements.push(Statement { line, subject, attribute, began, stated, truth, precision });
        for quarters in ASKED_AFTER_QUARTERS {
            let Ok(asked) = Timestamp::from_millis(stated.millis() + quarters * QUARTER) else { continue };
            if matches!(truth, Truth::HeldUntil(seen) if asked > seen) {
                continue;
            }
            let held = asked < over || matches!(truth, Truth::HeldUntil(_));
            self.rows.push(Row { statement, subject, attribute, tenure, stated, asked, held, parent_changed: None });
        }
    }

    /// The same statements, each question asked up to a quarter of its span earlier or later: the seven spans fall on days on
    /// which the steps of a curve begin, and those of real questions do not. A question whose answer is not known is left out.
    pub(super) fn at_other_times(&self) -> Self {
        let moved = self.rows.iter().enumerate().filter_map(|(place, row)| {
            let truth = self.statements.get(row.statement)?.truth;
            let stretch = 0.75 + 0.5 * Draws::of("other times", place).share();
            let asked = row.stated.plus(Span::from_millis((row.gap().millis() as f64 * stretch) as i64));
            let held = match truth {
                Truth::Ended(over) => asked < over,
                Truth::HeldUntil(seen) if asked <= seen => true,
                // Of a labelled row the answer is known at one time alone.
                Truth::HeldUntil(_) | Truth::EndedBefore(_) => return None,
            };
            Some(Row { asked, held, ..row.clone() })
        });
        Sample { rows: moved.collect(), ..self.clone() }
    }

    /// How many rows each attribute has, in the order of the attributes.
    pub(super) fn rows_of_attributes(&self) -> Vec<usize> {
        let mut rows = vec![0; self.attributes.len()];
        for row in &self.rows {
            rows.get_mut(row.attribute).into_iter().for_each(|rows| *rows += 1);
        }
        rows
    }

    /// The same without questions that are later than when open facts were last seen: all of them are about facts that had
    /// ended. `None` where there are none, or nothing is open.
    pub fn while_seen(&self) -> Option<Self> {
        let seen = |one: &Statement| if let Truth::HeldUntil(seen) = one.truth { Some(seen) } else { None };
        let last = self.statements.iter().filter(|one| one.began.is_some()).filter_map(seen).max()?;
        let rows: Vec<Row> = self.rows.iter().filter(|row| row.asked <= last).cloned().collect();
        (rows.len() < self.rows.len()).then(|| Sample { rows, ..self.clone() })
    }

    fn add_labelled(&mut self, names: &mut Names, row: &Labelled) {
        let Labelled { line, stated, asked, held, parent_changed, .. } = *row;
        let (subject, attribute) = self.named(names, &row.subject, &row.attribute);
        let truth = if held { Truth::HeldUntil(asked) } else { Truth::EndedBefore(asked) };
        let statement = self.statements.len();
        let tenure = Tenure::AtLeast(Span::ZERO);
        self.statements.push(Statement {
            line,
            subject,
            attribute,
            began: None,
            stated,
            truth,
            precision: Precision::AsGiven,
        });
        self.rows.push(Row { statement, subject, attribute, tenure, stated, asked, held, parent_changed });
    }

    fn named(&mut self, names: &mut Names, subject: &Label, attribute: &Label) -> (usize, usize) {
        let Sample { subjects, attributes, .. } = self;
        let subject = *names.subjects.entry(subject.as_str().to_owned()).or_insert_with(|| {
            let first = Sha256::digest(subject.as_str().as_bytes()).first().copied().unwrap_or(0);
            subjects.push(Named { fold: first % FOLDS });
            subjects.len() - 1
        });
        let attribute = *names.attributes.entry(attribute.as_str().to_owned()).or_insert_with(|| {
            attributes.push(attribute.clone());
            attributes.len() - 1
        });
        (subject, attribute)
    }

    pub(super) fn fold(&self, subject: usize) -> u8 {
        self.subjects.get(subject).map_or(0, |named| named.fold)
    }

    pub(super) fn attribute(&self, attribute: usize) -> &str {
        self.attributes.get(attribute).map_or("", Label::as_str)
    }

    pub(super) fn all_rows(&self) -> &[Row] {
        &self.rows
    }

    pub(super) fn all_statements(&self) -> &[Statement] {
        &self.statements
    }

    /// What the table needs to know of a row of this attribute. Public facts are lasting ones, without a category.
    pub(super) fn standing(&self, attribute: usize, tenure: Tenure) -> Standing<'_> {
        let attribute = Some(self.attribute(attribute));
        Standing { attribute, kind: Kind::Semantic, categories: Categories::default(), tenure }
    }

    /// What there is to learn from these statements: of a fact, how it went on from evenly spread moments in it, which
    /// together count as one; of a labelled row, its answer.
    pub(super) fn watched(&self, days: Days, of: impl Fn(&Statement) -> bool) -> Vec<Watched> {
        self.statements.iter().filter(|one| of(one)).flat_map(|one| self.watch(days, one)).collect()
    }

    pub(super) fn watch(&self, days: Days, one: &Statement) -> Vec<Watched> {
        let attribute = self.attribute(one.attribute);
        let Some(began) = one.began else {
            let (attribute, outcome) = (attribute.to_owned(), one.truth.since(one.stated));
            return vec![Watched { attribute, tenure: one.tenure(), weight: 1.0, outcome }];
        };
        let (Truth::Ended(over) | Truth::HeldUntil(over) | Truth::EndedBefore(over)) = one.truth;
        let whole = over.since(began).millis();
        let mut draws = Draws::of("days", one.line);
        let mut moment = |m: i64| {
            // The days within the first and the last year, anew for each moment: a curve is not to fall on birthdays alone.
            let length = match (days, one.precision) {
                (Days::Drawn, Precision::Years) => (whole - ((draws.share() + draws.share()) * YEAR) as i64).max(1),
                _ => whole,
            };
            let held_for = i64::try_from(i128::from(length) * i128::from(2 * m + 1) / i128::from(2 * MOMENTS));
            let held_for = held_for.unwrap_or(length);
            let (tenure, rest) = (Tenure::Known(Span::from_millis(held_for)), Span::from_millis(length - held_for));
            let outcome = match one.truth {
                Truth::Ended(_) => Outcome::Ended { after: rest },
                Truth::HeldUntil(_) => Outcome::Held { until: rest },
                Truth::EndedBefore(_) => Outcome::EndedBefore { asked_after: rest },
            };
            Watched { attribute: attribute.to_owned(), tenure, weight: 1.0 / MOMENTS as f64, outcome }
        };
        (0..MOMENTS).map(&mut moment).collect()
    }
}

/// Where each name stands.
#[derive(Default)]
struct Names {
    subjects: HashMap<String, usize>,
    attributes: HashMap<String, usize>,
}
