//! `stillgood verify`: a decision against a key, or a whole vault. Separate lines, never one tick.

use std::fmt::{Display, Write as _};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::json;
use stillgood::{
    DecisionId, Header, NoteError, RingError, Ruling, StoreError, UnlockError, VaultError, Verdict, Verifier,
};

use crate::failure::Failure;
use crate::keys::{KeyFolder, vkey_file};
use crate::output::{count, plain, print, print_json, read};
use crate::show::{as_json, find};
use crate::unlock::PassphraseFrom;
use crate::words::{by_hand, stored};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A decision file, a decision id (with --vault), or a vault
    subject: String,
    /// The decider's key: a vkey, or a file that holds one
    #[arg(long, value_name = "VKEY")]
    verifier: Option<String>,
    /// The vault to look the decision id up in
    #[arg(long, requires = "keys")]
    vault: Option<PathBuf>,
    /// The key folder of the vault; for a decision, --verifier is its device.vkey unless given
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// So many lines of one check are printed.
const MOST_LINES: usize = 5;

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if args.vault.is_none() && args.subject != "-" && is_vault(Path::new(&args.subject))? {
        return verify_vault(args);
    }
    let verifier = match (&args.verifier, &args.keys) {
        (Some(_), Some(_)) if args.vault.is_none() => {
            let failure =
                Failure::cannot("a decision in a file is verified with --verifier or with --keys, not with both");
            return Err(failure.hint("nothing is looked up in a vault for it"));
        }
        (Some(verifier), _) => verifier_of(verifier)?,
        (None, Some(keys)) => {
            if args.vault.is_none() {
                is_a_decision(&args.subject)?;
            }
            KeyFolder::at(keys)?.vkey("device.vkey")?
        }
        (None, None) => {
            let failure = "a decision is verified against a key: `--verifier DIR/device.vkey` is missing";
            return Err(Failure::cannot(failure).hint("the decider's key is in device.vkey of its key folder"));
        }
    };
    // The vault's key folder is no part of where a file is found.
    if args.vault.is_some() && args.subject.parse::<DecisionId>().is_err() {
        let failure = Failure::cannot(format!("`{}` is no decision id, and --vault goes with one", args.subject));
        return Err(failure.hint("a decision id has 32 hexadecimal digits, in lower case"));
    }
    let vault = match (&args.vault, &args.keys) {
        (Some(vault), Some(keys)) => Some(KeyFolder::unlocked_by(keys, &args.passphrase)?.open(vault)?),
        _ => None,
    };
    let signed = find(&args.subject, vault.as_ref())?;
    let decision = signed.verify(&verifier).map_err(|error| no(args, format!("does not verify: {error}")))?;
    let rulings: Vec<&Ruling> = decision.rulings.iter().collect();
    if args.json {
        return print_json(
            &json!({"verified": true, "signed_by": verifier.name().as_str(), "decision": as_json(&decision, &rulings)}),
        );
    }
    let count = |verdict| rulings.iter().filter(|ruling| ruling.verdict == verdict).count();
    let [live, background, held] = [Verdict::Live, Verdict::Background, Verdict::ReEarn].map(count);
    let Header { at, occasion, durability, set, .. } = &decision.header;
    let (by_hand, stored) = (by_hand(*occasion), stored(*durability));
    print(&format!(
        "signature     holds, by {}\nrulings       all {} are the ones that were signed: {live} live, {background} background, {held} to re-earn\n\
         decision      {} at {at}{by_hand}\nit says       stored {stored}; policies {} version {}\nnot checked   whether the key held its role then, the facts, the vault's rows\n",
        verifier.name(),
        rulings.len(),
        decision.id,
        set.name,
        set.version
    ))
}

/// A key as it is given: a vkey, or a file that holds one.
fn verifier_of(given: &str) -> Result<Verifier, Failure> {
    match given.parse() {
        Ok(verifier) => Ok(verifier),
        // No `+`: not a vkey, so it was meant as a file.
        Err(_) if !given.contains('+') || Path::new(given).exists() => vkey_file(Path::new(given)),
        Err(error) => {
            let failure = Failure::cannot(format!("--verifier `{given}`: {error}"));
            Err(failure.hint("give a file such as device.vkey, or its line"))
        }
    }
}

/// The answer is no; as JSON too, where that was asked for.
fn no(args: &Args, why: impl Display) -> Failure {
    let why = why.to_string();
    let printed = if args.json { print_json(&json!({"verified": false, "why": why})) } else { Ok(()) };
    printed.err().unwrap_or_else(|| Failure::no(why))
}

/// With keys alone a vault or a decision may have been meant.
fn is_a_decision(file: &str) -> Result<(), Failure> {
    // What begins like a decision is told apart where decisions are read.
    if file == "-" || read(file)?.trim_ascii_start().starts_with(b"{") {
        return Ok(());
    }
    let failure = Failure::cannot(format!("`{file}` is neither a vault nor a decision"));
    Err(failure.hint("if it was a vault, its beginning is damaged, and a backup of the file is what helps"))
}

/// Told by content: the first bytes of every SQLite file.
fn is_vault(path: &Path) -> Result<bool, Failure> {
    let mut start = [0; 16];
    match std::fs::File::open(path).and_then(|mut file| file.read(&mut start)) {
        Ok(_) => Ok(start == *b"SQLite format 3\0"),
        Err(error) => {
            let failure = Failure::cannot(format!("cannot read `{}`: {}", path.display(), plain(&error)));
            let is_id = path.to_str().is_some_and(|text| text.parse::<stillgood::DecisionId>().is_ok());
            Err(if is_id {
                failure.hint("a decision id is looked up in a vault: --vault VAULT --keys DIR")
            } else {
                failure
            })
        }
    }
}

fn verify_vault(args: &Args) -> Result<(), Failure> {
    let Some(keys) = &args.keys else {
        return Err(Failure::cannot("a vault is verified with its keys: --keys is missing"));
    };
    if args.verifier.is_some() {
        return Err(Failure::cannot("--verifier is for a decision; a vault names its keys itself"));
    }
    let damaged = |error: VaultError| match error {
        // Another owner's keys: nothing was asked of this vault yet.
        VaultError::Ring(RingError::Note(NoteError::NotSignedBy(_))) => Failure::from(error),
        VaultError::Damaged(_) | VaultError::Note { .. } | VaultError::Ring(_) => no(args, error),
        VaultError::Unlock(UnlockError::Damaged(_)) => no(args, error),
        VaultError::Store(StoreError::Damaged(_)) => no(args, error).hint("a backup of the file is what helps"),
        VaultError::Pin(_) => no(args, &error).hint_of(Failure::from(error)),
        other => Failure::from(other),
    };
    let folder = KeyFolder::unlocked_by(keys, &args.passphrase)?;
    let vault = folder.open_or(Path::new(&args.subject), &damaged)?;
    let pin = folder.pin_of(&vault)?;
    let report = vault.verify().map_err(&damaged)?;
    let failed = report.findings.iter().filter(|finding| !finding.wrong.is_empty()).count();
    if args.json {
        let findings: Vec<_> = report
            .findings
            .iter()
            .map(|finding| json!({"check": finding.check, "checked": finding.checked, "wrong": finding.wrong}))
            .collect();
        let id = vault.id().to_string();
        print_json(&json!({"verified": failed == 0, "vault": id, "pin": pin.is_some(), "forgotten": report.forgotten,
            "findings": findings}))?;
    } else {
        let mut text = String::new();
        for finding in &report.findings {
            let outcome = if finding.wrong.is_empty() { "hold" } else { "DO NOT HOLD" };
            writeln!(text, "{:<12}  {} checked, {outcome}", finding.check, finding.checked).expect("writing to memory");
            for wrong in finding.wrong.iter().take(MOST_LINES) {
                writeln!(text, "              {wrong}").expect("writing to memory");
            }
            if let more @ 1.. = finding.wrong.len().saturating_sub(MOST_LINES) {
                writeln!(text, "              and {more} more; --json lists them").expect("writing to memory");
            }
        }
        if report.forgotten > 0 {
            let rulings = count(usize::try_from(report.forgotten).unwrap_or(usize::MAX), "ruling");
            writeln!(text, "{:<12}  forgotten: {rulings} of stored decisions", "inputs").expect("writing to memory");
        }
        let seen = match pin {
            Some(_) => "not older than seen",
            None => "none in the key folder: an older copy would not be noticed",
        };
        writeln!(text, "{:<12}  {seen}", "pin").expect("writing to memory");
        if failed == 0 {
            text.push_str("the vault holds\n");
        }
        print(&text)?;
    }
    match failed {
        0 => Ok(()),
        failed => Err(Failure::no(format!("the vault does not hold: {} failed", count(failed, "check")))),
    }
}
