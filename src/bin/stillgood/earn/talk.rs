//! Asking the owner on a terminal, one row after the other. Each answer is stored before the next question.

use std::collections::HashSet;
use std::io::{BufRead, Read};

use stillgood::{Answer, Body, EarnError, Earning, Question, RowId, Signer, Vault, VaultError};

use super::{MOST_TEXT, about, consequences, done, word};
use crate::failure::Failure;
use crate::keys::KeyFolder;
use crate::output::{count, now, print};
use crate::words::{age, day};

/// Of a text so many characters are shown.
const MOST_SHOWN: usize = 4_000;
/// A line that is typed has at most so many bytes, its end among them.
const MOST_TYPED: u64 = MOST_TEXT as u64 + 1;

const CHOICES: &str = "[y]es it still holds, [n]o it is wrong, [c]orrect it, [d]on't know, [l]ater, [q]uit: ";

/// Asks about each of these rows.
pub(super) fn ask(keys: &KeyFolder, vault: &Vault, waiting: &[Question]) -> Result<(), Failure> {
    let owner = keys.owner_signer().map_err(|failure| {
        failure.hint("the owner alone is asked; with --row ID, --dont-know and --later need no owner.pem")
    })?;
    let mut talk = Talk { keys, vault, owner, device: keys.device()?, answered: 0, settled: HashSet::new() };
    let wait = if waiting.len() == 1 { "waits" } else { "wait" };
    let ended = print(&format!("{} {wait} for your answer.\n", count(waiting.len(), "row")))
        .map_err(Ended::of)
        .and_then(|()| talk.all(waiting));
    let (answered, left) = (talk.answered, talk.left(waiting));
    let counts = format!("{} answered, {left} waiting", count(answered, "row"));
    match ended {
        Ok(()) => print(&format!("\n{counts}\n")),
        Err(Ended::Closed) => Err(Failure::cannot(format!("the terminal closed: {counts}"))),
        Err(Ended::Failed(failure)) => Err(failure.hint(format!("{counts}; what was answered is stored"))),
    }
}

struct Talk<'a> {
    keys: &'a KeyFolder,
    vault: &'a Vault,
    owner: Signer,
    device: Signer,
    answered: usize,
    /// Rows that nobody needs to be asked about any more.
    settled: HashSet<RowId>,
}

/// How a talk ends early.
enum Ended {
    /// Nobody is there any more.
    Closed,
    /// Something failed.
    Failed(Failure),
}

impl Ended {
    /// Who cannot be shown anything is not there.
    fn of(_: Failure) -> Self {
        Ended::Closed
    }
}

impl From<VaultError> for Ended {
    fn from(error: VaultError) -> Self {
        Ended::Failed(error.into())
    }
}

/// What is chosen for one row.
enum Choice {
    Say(Earning),
    Quit,
}

impl Talk<'_> {
    fn all(&mut self, waiting: &[Question]) -> Result<(), Ended> {
        for (number, question) in (1..).zip(waiting) {
            if self.settled.contains(&question.row) {
                continue;
            }
            say(&format!("\n{number} of {}\n{}", waiting.len(), self.shown(question)?))?;
            if !self.one(question)? {
                break;
            }
        }
        Ok(())
    }

    /// How many rows nobody answered.
    fn left(&self, waiting: &[Question]) -> usize {
        waiting.iter().filter(|question| !self.settled.contains(&question.row)).count()
    }

    /// Asks about one row until there is an answer that can be stored. Whether there is more to ask.
    fn one(&mut self, question: &Question) -> Result<bool, Ended> {
        loop {
            let earning = match choose()? {
                Choice::Quit => return Ok(false),
                Choice::Say(earning) => earning,
            };
            let said = word(&earning);
            let at = now().map_err(Ended::Failed)?;
            let row = question.row.clone();
            let answer = Answer { row, earning, at, who: None, decision: Some(question.decision) };
            match self.vault.earn(&self.owner, &self.device, &answer, at) {
                Ok(earned) => {
                    self.answered += 1;
                    self.settled.insert(question.row.clone());
                    self.settled.extend(earned.settled.iter().cloned());
                    self.keys.remember(self.vault).map_err(Ended::Failed)?;
                    say(&format!("{}\n{}", done(said), consequences(said, &earned)))?;
                    return Ok(true);
                }
                Err(VaultError::Earn(error @ EarnError::SameText(_))) => say(&format!("not stored: {error}\n"))?,
                // Answered elsewhere meanwhile, or too late: the next one may go.
                Err(VaultError::Earn(error)) => {
                    say(&format!("not stored: {error}\n"))?;
                    return Ok(true);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The row, what says otherwise, and why it is held. Opening a text is logged.
    fn shown(&self, question: &Question) -> Result<String, Ended> {
        let mut text = self.opened(&question.row, "row")?;
        for other in &question.against {
            text.push_str(&self.opened(other, "against it row")?);
        }
        Ok(text + &about(question, ""))
    }

    fn opened(&self, row: &RowId, called: &str) -> Result<String, Ended> {
        let at = now().map_err(Ended::Failed)?;
        let opened = match self.vault.question(&self.device, row, at) {
            Ok(opened) => opened,
            Err(error @ (VaultError::UnknownRow(_) | VaultError::Row { .. })) => {
                return Ok(format!("{called} {row}: {error}\n"));
            }
            Err(error) => return Err(error.into()),
        };
        let (stated, text) = (opened.head.stated_at, opened.body.text());
        let mut shown: String = text.chars().take(MOST_SHOWN).collect();
        if shown.len() < text.len() {
            shown.push_str(&format!(" … ({} bytes in all)", text.len()));
        }
        let lines: String = shown.lines().map(|line| format!("  {line}\n")).collect();
        Ok(format!("{called} {row}, said {} ago ({}):\n{lines}", age(at.since(stated)), day(stated)))
    }
}

/// What is typed for a row.
fn choose() -> Result<Choice, Ended> {
    loop {
        say(CHOICES)?;
        let typed = line()?;
        return Ok(Choice::Say(match typed.trim().to_lowercase().as_str() {
            "y" | "yes" => Earning::Confirm,
            "n" | "no" => Earning::Deny,
            "d" | "don't know" => Earning::DontKnow,
            "l" | "later" => Earning::Later,
            "q" | "quit" => return Ok(Choice::Quit),
            "c" | "correct" => {
                say("what it says instead, on one line: ")?;
                match Body::new(line()?.trim(), None) {
                    Ok(body) => Earning::Correct(body),
                    Err(error) => {
                        say(&format!("not stored: {error}\n"))?;
                        continue;
                    }
                }
            }
            _ => {
                say("one of y, n, c, d, l, q\n")?;
                continue;
            }
        }));
    }
}

fn say(text: &str) -> Result<(), Ended> {
    print(text).map_err(Ended::of)
}

/// A line from the terminal. One that does not end is none: whoever typed it went away.
fn line() -> Result<String, Ended> {
    let mut line = String::new();
    match std::io::stdin().lock().take(MOST_TYPED).read_line(&mut line) {
        Ok(_) if line.ends_with('\n') => Ok(line),
        // What is not UTF-8 is no answer, and is asked again.
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Ok(String::new()),
        _ => Err(Ended::Closed),
    }
}
