//! `stillgood earn`: what the owner, or whoever saw a row again, says of it; and what waits for an answer.

mod talk;

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::path::PathBuf;

use serde_json::{Value as Json, json};
use stillgood::{
    Answer, AnswerDigest, Body, DecisionId, Earned, Earning, Observation, ObservedIn, Question, RowId, Timestamp,
    Vault, Word,
};

use crate::answer::{bytes_of, digest_of};
use crate::decide::row_id;
use crate::events::settles;
use crate::failure::Failure;
use crate::keys::KeyFolder;
use crate::output::{called, count, now, print, print_json};
use crate::unlock::PassphraseFrom;
use crate::used::{decision_id, without_decision};
use crate::words::{quoted, reasons, rows};

#[derive(clap::Args)]
#[command(
    after_help = ABOUT_EARNING,
    group(clap::ArgGroup::new("said").args(["confirm", "deny", "correct", "dont_know", "later", "observe"]).requires("row"))
)]
pub(crate) struct Args {
    /// The vault
    vault: PathBuf,
    /// The key folder; owner.pem is needed to confirm, deny and correct
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// The row that is spoken of; without it, what waits for an answer is asked on a terminal, or listed
    #[arg(long, value_name = "ID", requires = "said")]
    row: Option<String>,
    /// It still holds
    #[arg(long)]
    confirm: bool,
    /// It is wrong
    #[arg(long)]
    deny: bool,
    /// It says something else: the text of this file, or of standard input for `-`
    #[arg(long, value_name = "FILE")]
    correct: Option<String>,
    /// Whoever was asked does not know
    #[arg(long)]
    dont_know: bool,
    /// Whoever was asked does not want to say now
    #[arg(long)]
    later: bool,
    /// It was seen again: in another thread, in what the user said, in a document, or in data that was verified
    #[arg(long, value_name = "thread|user|document|data", requires = "seen")]
    observe: Option<String>,
    /// The text that was seen: a file, `-` for standard input, or its digest
    #[arg(long, value_name = "FILE", requires = "row")]
    seen: Option<String>,
    /// The decision that is answered; left out, it is the one for which the row waits, if it does
    #[arg(long, value_name = "ID", requires = "row")]
    decision: Option<String>,
    /// Who says it, where that is not whom the signing key is named after
    #[arg(long, value_name = "NAME", requires = "row")]
    who: Option<String>,
    /// Print JSON; nobody is asked then
    #[arg(long)]
    json: bool,
}

const ABOUT_EARNING: &str = "\
A row that was held back is used again once you have confirmed it: from the next decision on. To confirm or correct one side of a \
contradiction replaces the other; to deny one side leaves the other without it. What was only seen again is written down, and \
confirms nothing; what the assistant itself repeats is not even that. A decision can be answered for seven days.\n\n\
On a terminal, without --row, each row that waits is opened and shown, which the log says, and each answer is stored as it is given.";

/// A row's text has at most so many bytes.
const MOST_TEXT: usize = 1 << 20;

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if let Some(row) = &args.row {
        return answer(args, row);
    }
    let keys = KeyFolder::unlocked_by(&args.keys, &args.passphrase)?;
    let vault = keys.open(&args.vault)?;
    let waiting = vault.waiting(now()?)?;
    if args.json {
        return print_json(&json!({"waiting": waiting.iter().map(as_json).collect::<Vec<_>>()}));
    }
    if waiting.is_empty() {
        return print(
            "no row waits for an answer: none that a decision of the last seven days held back, and that an answer would clear\n",
        );
    }
    if std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
        return talk::ask(&keys, &vault, &waiting);
    }
    print(&listed(args, &waiting))
}

/// What waits, without any text: nobody is asked here.
fn listed(args: &Args, waiting: &[Question]) -> String {
    let wait = if waiting.len() == 1 { "waits" } else { "wait" };
    let mut text = format!("{} {wait} for an answer of the owner\n\n", count(waiting.len(), "row"));
    for question in waiting {
        writeln!(text, "{}\n{}", question.row, about(question, "  ")).expect("writing to memory cannot fail");
    }
    let (vault, keys) = (quoted(&args.vault), quoted(&args.keys));
    text.push_str(&format!(
        "To answer: stillgood earn {vault} --keys {keys} --row ID --confirm\nor --deny, --correct FILE, --dont-know, --later. \
         On a terminal, without --row, the texts are shown and you are asked one by one.\n"
    ));
    text
}

/// Why a row is held, until when that can be answered, and what an answer does to other rows.
fn about(question: &Question, indent: &str) -> String {
    let Question { decision, at, until, reasons: why, against, .. } = question;
    let mut text = format!(
        "{indent}held back   {}\n{indent}by          decision {decision} of {at}\n{indent}until       {until} it can be answered\n",
        reasons(why)
    );
    if !against.is_empty() {
        text.push_str(&format!(
            "{indent}against     {}: confirming one replaces the other, and denying one clears the other of it\n",
            rows(against)
        ));
    }
    text
}

fn as_json(question: &Question) -> Json {
    json!({
        "row": question.row.as_str(),
        "decision": question.decision.to_string(),
        "at": question.at.to_string(),
        "until": question.until.to_string(),
        "reasons": question.reasons.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "against": question.against.iter().map(RowId::as_str).collect::<Vec<_>>(),
    })
}

/// One answer from the command line.
fn answer(args: &Args, row: &str) -> Result<(), Failure> {
    let row = row_id(row)?;
    let given = args.decision.as_deref().map(decision_id).transpose()?;
    let illegal = |name: &str, error: stillgood::IdError| Failure::cannot(format!("--who `{name}`: {error}"));
    let who = args.who.as_deref().map(|name| name.parse().map_err(|error| illegal(name, error))).transpose()?;
    let earning = earning(args)?;
    let word = word(&earning);
    let keys = KeyFolder::unlocked_by(&args.keys, &args.passphrase)?;
    let vault = keys.open(&args.vault)?;
    let device = keys.device()?;
    let signer = match word {
        Word::Confirm | Word::Correct | Word::Deny => keys
            .owner_signer()
            .map_err(|failure| failure.hint("the owner alone confirms, corrects and denies, with owner.pem"))?,
        _ => keys.device()?,
    };
    let now = now()?;
    // What was seen again answers nothing.
    let decision = if given.is_some() || word == Word::Observe { given } else { waits_for(&vault, &row, now)? };
    let said = Answer { row, earning, at: now, who, decision };
    let earned = vault.earn(&signer, &device, &said, now).map_err(without_decision)?;
    let told = keys.remember(&vault).and_then(|()| {
        if args.json {
            return print_json(&json!({
                "row": earned.row.as_str(),
                "word": word.name(),
                "decision": decision.map(|decision| decision.to_string()),
                "generation": earned.generation,
                "settled": earned.settled.iter().map(RowId::as_str).collect::<Vec<_>>(),
                "dependants": earned.dependants,
            }));
        }
        let after = decision.map(|decision| format!(", in answer to decision {decision}")).unwrap_or_default();
        print(&format!("row {}{after}: {}\n{}", earned.row, done(word), consequences(word, &earned)))
    });
    told.map_err(|failure| failure.hint("the answer is in the vault all the same"))
}

/// What the options say of the row.
fn earning(args: &Args) -> Result<Earning, Failure> {
    if let Some(file) = &args.correct {
        let text = bytes_of(file, &args.passphrase, MOST_TEXT)?;
        let text = std::str::from_utf8(&text)
            .map_err(|_| Failure::cannot(format!("{}: it is not text in UTF-8", called(file))))?;
        let body = Body::new(text.trim_ascii(), None);
        return Ok(Earning::Correct(body.map_err(|error| Failure::cannot(format!("{}: {error}", called(file))))?));
    }
    if let (Some(place), Some(seen)) = (&args.observe, &args.seen) {
        if place == "assistant" {
            let failure = Failure::cannot("--observe `assistant`: the assistant repeating itself is no observation");
            return Err(failure.hint("thread, user, document or data"));
        }
        let source = ObservedIn::from_name(place).ok_or_else(|| {
            Failure::cannot(format!("--observe `{place}`: expected {}", ObservedIn::NAMES.join(", ")))
        })?;
        let seen: AnswerDigest = digest_of(seen, &args.passphrase)?;
        return Ok(Earning::Observe(Observation { source, seen }));
    }
    if args.seen.is_some() {
        return Err(Failure::cannot("--seen goes with --observe, and with nothing else"));
    }
    Ok(match (args.confirm, args.deny, args.dont_know) {
        (true, ..) => Earning::Confirm,
        (_, true, _) => Earning::Deny,
        (_, _, true) => Earning::DontKnow,
        _ => Earning::Later,
    })
}

/// The decision for which a row waits, on either side of a contradiction.
fn waits_for(vault: &Vault, row: &RowId, at: Timestamp) -> Result<Option<DecisionId>, Failure> {
    let waiting = vault.waiting(at)?;
    if let Some(question) = waiting.iter().find(|question| question.row == *row) {
        return Ok(Some(question.decision));
    }
    for question in waiting.iter().filter(|question| question.against.contains(row)) {
        let read = vault.decision(question.decision)?.read_unverified();
        let judged = |ruling: &stillgood::Ruling| ruling.row == *row && ruling.judged.is_some();
        if read.is_ok_and(|decision| decision.rulings.iter().any(judged)) {
            return Ok(Some(question.decision));
        }
    }
    Ok(None)
}

const fn word(earning: &Earning) -> Word {
    match earning {
        Earning::Confirm => Word::Confirm,
        Earning::Correct(_) => Word::Correct,
        Earning::Deny => Word::Deny,
        Earning::DontKnow => Word::DontKnow,
        Earning::Later => Word::Later,
        Earning::Observe(_) => Word::Observe,
    }
}

/// What became of the row.
const fn done(word: Word) -> &'static str {
    match word {
        Word::Confirm => "confirmed",
        Word::Correct => {
            "corrected; what was attached to the old text counts no more, and where a search still brings the old text the row is held back"
        }
        Word::Deny => "denied: no decision lets it through until you confirm it",
        Word::DontKnow => "nobody knows; it stays held back, and is not asked about for fourteen days",
        Word::Later => "put off; it stays held back, and is not asked about for fourteen days",
        Word::Observe => "seen again; that is written down, and confirms nothing",
        Word::Recheck => "examined again",
    }
}

/// What became of other rows.
fn consequences(word: Word, earned: &Earned) -> String {
    let mut text = String::new();
    if !earned.settled.is_empty() {
        text.push_str(&format!("{}\n", settles(word, &rows(&earned.settled))));
    }
    if earned.dependants > 0 {
        let are = if earned.dependants == 1 { "depends on it is" } else { "depend on it are" };
        text.push_str(&format!("{} that {are} marked: what it came from changed\n", count(earned.dependants, "row")));
    }
    text
}
