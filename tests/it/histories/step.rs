//! What happens to a vault, step by step, and how a person reads it.

use std::fmt;

use stillgood::{OwnLink, Word};

/// Rows are `m0` to `m5`; nobody ever adds the last.
pub(super) const ROWS: usize = 6;
pub(super) const NOBODY: usize = ROWS - 1;
pub(super) const TEXTS: usize = 6;
const HOUR: i64 = 3_600_000;
/// The first hour of every history: 2026-01-01.
const BEGIN: i64 = 1_767_225_600_000;

/// One thing that happens, at an hour, through one of two open handles on the vault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Step {
    /// Hours since the history began. Never falls from step to step.
    pub(super) hour: i64,
    pub(super) handle: usize,
    pub(super) what: What,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum What {
    Import(Vec<Said>),
    Decide { candidates: Vec<Wanted>, past: bool, earlier: i64, other_set: bool, asks: usize },
    Use { back: usize, rows: Vec<usize>, answer: usize, again: bool, earlier: i64, by: Who },
    Ask { back: usize, by: Who },
    Question { row: usize, by: Who },
    Earn { row: usize, word: Word, text: usize, back: Option<usize>, by: Who, later: i64 },
    Link { row: usize, kind: OwnLink, other: usize },
    Forget { row: usize, by: Who },
    Reopen,
    Kill,
}

/// A record of an import.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Said {
    pub(super) row: usize,
    pub(super) text: usize,
    /// How many hours before the import it was said; less than none lies ahead.
    pub(super) ago: i64,
    pub(super) by_user: bool,
    /// The one value that an attribute has: which attribute.
    pub(super) only: Option<usize>,
    /// Hours from its saying on.
    pub(super) valid_from: Option<i64>,
    pub(super) valid_until: Option<i64>,
    pub(super) link: Option<(OwnLink, usize)>,
    pub(super) even_if_forgotten: bool,
}

/// A candidate: its row, and its relevance in tenths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Wanted {
    pub(super) row: usize,
    pub(super) tenths: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Who {
    Owner,
    Device,
    Stranger,
}

/// The time of an hour.
pub(super) fn millis(hour: i64) -> i64 {
    BEGIN + hour * HOUR
}

pub(super) fn name(row: usize) -> String {
    format!("m{row}")
}

/// No other text of the tests has these words, so that they can be searched for.
pub(super) const SECRET: &str = "vermilion heron";

/// What rows say. Any row can say any of it. The last two have the words of the first two, in other characters.
pub(super) fn text(text: usize) -> String {
    let places = ["Faro", "\u{c9}vora", "Lisbon", "Porto", " Faro ", "E\u{301}vora"];
    format!("the {SECRET} lives in {}", places[text % TEXTS])
}

/// Which words a text has.
pub(super) fn words(text: usize) -> usize {
    text % TEXTS % 4
}

/// What an assistant answers.
pub(super) fn answer(answer: usize) -> String {
    format!("As you said, the {SECRET} of answer {answer}.")
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Who::Owner => "the user",
            Who::Device => "the device",
            Who::Stranger => "a stranger",
        })
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m{} says text {}, {}", self.row, self.text, hours(self.ago, "old", "ahead"))?;
        if self.by_user {
            write!(f, ", by the user")?;
        }
        if let Some(only) = self.only {
            write!(f, ", the one value of attribute {only}")?;
        }
        if let Some(from) = self.valid_from {
            write!(f, ", from hour {from} on")?;
        }
        if let Some(until) = self.valid_until {
            write!(f, ", until hour {until}")?;
        }
        if let Some((kind, other)) = self.link {
            write!(f, ", {} m{other}", kind.name())?;
        }
        if self.even_if_forgotten {
            write!(f, ", even if it was forgotten")?;
        }
        Ok(())
    }
}

fn hours(count: i64, past: &str, future: &str) -> String {
    format!("{} h {}", count.abs(), if count < 0 { future } else { past })
}

fn list(rows: &[usize]) -> String {
    if rows.is_empty() { "no row".to_owned() } else { rows.iter().map(|row| name(*row)).collect::<Vec<_>>().join(", ") }
}

/// Which decision, counted backwards.
fn decision(back: usize) -> String {
    match back {
        0 => "the last decision".to_owned(),
        n => format!("the decision {n} before the last"),
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Import(said) => {
                let said: Vec<String> = said.iter().map(ToString::to_string).collect();
                write!(f, "an import: {}", said.join("; "))
            }
            What::Decide { candidates, past, earlier, other_set, asks } => {
                let wanted = |wanted: &Wanted| match wanted.tenths {
                    Some(tenths) => format!("m{} ({}.{})", wanted.row, tenths / 10, tenths % 10),
                    None => name(wanted.row),
                };
                let wanted: Vec<String> = candidates.iter().map(wanted).collect();
                write!(
                    f,
                    "a retrieval of {}",
                    if wanted.is_empty() { "nothing".to_owned() } else { wanted.join(", ") }
                )?;
                f.write_str(if *past { ", about the past" } else { "" })?;
                f.write_str(if *other_set { ", by the other policies" } else { "" })?;
                if *earlier != 0 {
                    write!(f, ", for {} h earlier", earlier)?;
                }
                if *asks != 1 { write!(f, ", up to {asks} questions") } else { Ok(()) }
            }
            What::Use { back, rows, answer, again, earlier, by } => {
                write!(f, "{by} records answer {answer} under {} with {}", decision(*back), list(rows))?;
                f.write_str(if *again { ", again if need be" } else { "" })?;
                if *earlier != 0 { write!(f, ", dated {earlier} h earlier") } else { Ok(()) }
            }
            What::Ask { back, by } => write!(f, "{by} asks the questions of {}", decision(*back)),
            What::Question { row, by } => write!(f, "{by} opens m{row} to look at it"),
            What::Earn { row, word, text, back, by, later } => {
                let verb = match word {
                    Word::Confirm => "confirms",
                    Word::Correct => "corrects",
                    Word::Deny => "denies",
                    Word::DontKnow => "does not know about",
                    Word::Later => "puts off",
                    Word::Observe => "observes",
                    Word::Recheck => "rechecks",
                };
                write!(f, "{by} {verb} m{row}")?;
                match word {
                    Word::Correct => write!(f, " to text {text}")?,
                    Word::Observe => {
                        write!(f, " in what was seen, {}", if *text == 0 { "answer 0" } else { "a page" })?
                    }
                    _ => {}
                }
                if let Some(back) = back {
                    write!(f, ", in answer to {}", decision(*back))?;
                }
                match later {
                    0 => Ok(()),
                    later => write!(f, ", dated {}", hours(-later, "earlier", "later")),
                }
            }
            What::Link { row, kind, other } => write!(f, "a link: m{row} {} m{other}", kind.name()),
            What::Forget { row, by } => write!(f, "{by} forgets m{row}"),
            What::Reopen => f.write_str("the vault is opened again"),
            What::Kill => f.write_str("the process is killed, and the vault opened again"),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "on day {}, hour {}: {}", self.hour / 24 + 1, self.hour % 24, self.what)?;
        f.write_str(if self.handle == 1 { " (second handle)" } else { "" })
    }
}
