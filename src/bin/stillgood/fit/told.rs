//! What `stillgood fit` prints.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value as Json, json};
use stillgood::{Categories, Key, Kind, Lived, Score, Shift, Span, Standing, SurvivalTable, Tenure};

use super::otherwise::Otherwise;
use crate::output::count;

/// After so many days chances are shown.
const SHOWN: [i64; 3] = [30, 90, 365];

/// What came of it.
pub(super) struct Fitted<'a> {
    pub(super) lived: &'a Lived,
    pub(super) overall: f64,
    pub(super) each: &'a [Shift],
    pub(super) before: &'a SurvivalTable,
    pub(super) after: &'a SurvivalTable,
    /// `None` where nobody could decide.
    pub(super) otherwise: Option<&'a Otherwise>,
}

impl Fitted<'_> {
    /// For a person. `decide` is the command that decides by what was written.
    pub(super) fn told(&self, written: Option<(&Path, &str)>) -> String {
        let mut text = format!("{}{}\n", learned(self.lived), left_out(self.lived));
        text.push_str(
            "each factor is drawn towards all your answers together, and those towards the table: rows with few answers of their own\n\
             move with the others\n",
        );
        for shift in self.each {
            let Shift { of, confirmed, changed, expected, factor } = shift;
            let name = match of {
                Key::Attribute(name) if name == "*" => "every other attribute".to_owned(),
                Key::Attribute(name) => name.clone(),
                Key::Kind(kind, category) => {
                    format!("{}, {}", kind.name(), category.map_or("no category", |one| one.name()))
                }
            };
            writeln!(
                text,
                "\n{name}\n  still held {}, had changed {}; the table led to expect {}\n  \
                 such rows of yours change {factor:.2} times as fast as the table says",
                times(*confirmed),
                times(*changed),
                changes(*expected),
            )
            .expect("writing to memory");
            let moved: Vec<_> = self.chances(of).filter(|(_, before, after)| before != after).collect();
            if moved.is_empty() {
                text.push_str("  no chance after 30, 90 or 365 days moves\n");
            }
            for (days, before, after) in moved {
                writeln!(text, "  after {days:>3} days  {before} -> {after}").expect("writing to memory");
            }
        }
        writeln!(
            text,
            "\nevery other row of yours changes {:.2} times as fast as the table says, by all your answers together\n{}",
            self.overall,
            match self.otherwise {
                Some(otherwise) => otherwise.in_words(),
                None => "how many rows are decided otherwise by it is not known without device.pem".to_owned(),
            }
        )
        .expect("writing to memory");
        match written {
            Some((path, decide)) => {
                writeln!(text, "written to {}\nto decide by it: {decide}", path.display())
            }
            None => writeln!(text, "nothing was written; --write DIR signs the table and writes it"),
        }
        .expect("writing to memory");
        text
    }

    pub(super) fn as_json(&self, written: Option<&Path>) -> Json {
        let each = self.each.iter().map(|shift| {
            let Shift { of, confirmed, changed, expected, factor } = shift;
            let chances = self.chances(of).map(
                |(days, before, after)| json!({"days": days, "before": before.to_string(), "after": after.to_string()}),
            );
            let (attribute, kind, category) = match of {
                Key::Attribute(name) => (Some(name), None, None),
                Key::Kind(kind, category) => (None, Some(kind.name()), category.map(|one| one.name())),
            };
            json!({
                "attribute": attribute, "kind": kind, "category": category, "confirmed": confirmed, "changed": changed,
                "expected": expected, "factor": factor, "chances": chances.collect::<Json>(),
            })
        });
        json!({
            "confirmed": self.lived.confirmed(),
            "changed": self.lived.changed(),
            "unopened": self.lived.unopened,
            "shifts": each.collect::<Vec<_>>(),
            "others": self.overall,
            "decided_otherwise": self.otherwise.map(Otherwise::as_json),
            "written": written.map(|path| path.display().to_string()),
        })
    }

    /// After some days, the chance that such a row still holds: by the prior, and by the table that was fitted.
    fn chances(&self, of: &Key) -> impl Iterator<Item = (i64, Score, Score)> {
        let (attribute, kind, category) = match of {
            Key::Attribute(name) => (Some(name.as_str()), Kind::Semantic, None),
            Key::Kind(kind, category) => (None, *kind, *category),
        };
        let categories = category.into_iter().collect::<Categories>();
        let of = Standing { attribute, kind, categories, tenure: Tenure::AtLeast(Span::ZERO) };
        SHOWN.into_iter().filter_map(move |days| {
            let after = Span::days(days)?;
            Some((days, self.before.chance(&of, after), self.after.chance(&of, after)))
        })
    }
}

fn learned(lived: &Lived) -> String {
    format!("rows of yours still held {}, and had changed {}", times(lived.confirmed()), times(lived.changed()))
}

/// What was said of rows that do not open.
pub(super) fn left_out(lived: &Lived) -> String {
    match lived.unopened {
        0 => String::new(),
        heads => format!(
            "; {} not open, and nothing is learned from {}",
            if heads == 1 { "1 head does".to_owned() } else { format!("{heads} heads do") },
            if heads == 1 { "it" } else { "them" }
        ),
    }
}

/// So many changes as were expected, which is no whole number.
fn changes(expected: f64) -> String {
    match format!("{expected:.1}").as_str() {
        "0.0" => "fewer than 0.1 changes".to_owned(),
        "1.0" => "1.0 change".to_owned(),
        number => format!("{number} changes"),
    }
}

/// `once`, `2 times`.
pub(crate) fn times(number: u64) -> String {
    match number {
        1 => "once".to_owned(),
        number => count(usize::try_from(number).unwrap_or(usize::MAX), "time"),
    }
}
