//! `stillgood verify`: a decision against a key, or a whole vault. Separate lines, never one tick.

use std::fmt::Write as _;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::json;
use stillgood::{NoteError, RingError, Ruling, StoreError, UnlockError, VaultError, Verdict, Verifier};

use crate::failure::Failure;
use crate::keys::{KeyFolder, vkey_file};
use crate::output::{plain, print, print_json};
use crate::show::{as_json, find};
use crate::unlock::PassphraseFrom;

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
    /// The key folder of the vault
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if args.vault.is_none() && is_vault(Path::new(&args.subject))? {
        return verify_vault(args);
    }
    let Some(verifier) = &args.verifier else {
        if args.keys.is_some() && args.vault.is_none() {
            return Err(Failure::cannot(format!("`{}` is not a vault", args.subject))
                .hint("a decision is verified with --verifier, not with --keys"));
        }
        return Err(Failure::cannot("a decision is verified against a key: --verifier is missing")
            .hint("the decider's key is in device.vkey of its key folder"));
    };
    let verifier: Verifier = match verifier.parse() {
        Ok(verifier) => verifier,
        // No `+`: not a vkey, so it was meant as a file.
        Err(_) if !verifier.contains('+') || Path::new(verifier).exists() => vkey_file(Path::new(verifier))?,
        Err(error) => {
            return Err(Failure::cannot(format!("--verifier `{verifier}`: {error}"))
                .hint("give a file such as device.vkey, or its line"));
        }
    };
    let signed = find(&args.subject, args.vault.as_deref(), args.keys.as_deref(), &args.passphrase)?;
    let decision = signed.verify(&verifier).map_err(|error| Failure::no(format!("does not verify: {error}")))?;
    let rulings: Vec<&Ruling> = decision.rulings.iter().collect();
    if args.json {
        return print_json(
            &json!({"verified": true, "signed_by": verifier.name().as_str(), "decision": as_json(&decision, &rulings)}),
        );
    }
    let count = |verdict| rulings.iter().filter(|ruling| ruling.verdict == verdict).count();
    let [live, background, held] = [Verdict::Live, Verdict::Background, Verdict::ReEarn].map(count);
    print(&format!(
        "signature     holds, by {}\nrulings       all {} are the ones that were signed: {live} live, {background} background, {held} to re-earn\n\
         decision      {} at {}\nnot checked   whether the key held its role then, the facts, the vault's rows\n",
        verifier.name(),
        rulings.len(),
        decision.id,
        decision.header.at
    ))
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
        VaultError::Damaged(_) | VaultError::Note { .. } | VaultError::Ring(_) | VaultError::Pin(_) => {
            Failure::no(error)
        }
        VaultError::Store(StoreError::Damaged(_)) | VaultError::Unlock(UnlockError::Damaged(_)) => Failure::no(error),
        other => Failure::from(other),
    };
    let vault = KeyFolder::unlocked_by(keys, &args.passphrase)?.open_or(Path::new(&args.subject), damaged)?;
    let report = vault.verify().map_err(damaged)?;
    if args.json {
        let findings: Vec<_> = report
            .findings
            .iter()
            .map(|finding| json!({"check": finding.check, "checked": finding.checked, "wrong": finding.wrong}))
            .collect();
        print_json(&json!({"verified": report.holds(), "vault": vault.id().to_string(), "findings": findings}))?;
    } else {
        let mut text = String::new();
        for finding in &report.findings {
            let outcome = if finding.wrong.is_empty() { "hold" } else { "DO NOT HOLD" };
            writeln!(text, "{:<12}  {} checked, {outcome}", finding.check, finding.checked).expect("writing to memory");
            for wrong in &finding.wrong {
                writeln!(text, "              {wrong}").expect("writing to memory");
            }
        }
        print(&text)?;
    }
    if report.holds() { Ok(()) } else { Err(Failure::no("the vault does not verify")) }
}
