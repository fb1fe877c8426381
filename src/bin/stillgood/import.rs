//! `stillgood import`: an export into a vault, all of it or, if asked, all that is good.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use stillgood::import::{ImportError, memsync};

use crate::failure::{Failure, visible};
use crate::keys::KeyFolder;
use crate::output::{called, count, now, print, read};
use crate::unlock::PassphraseFrom;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The vault
    vault: PathBuf,
    /// The key folder
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// Which system the export is of
    #[arg(long, default_value = "memsync", value_parser = ["memsync"])]
    from: String,
    /// Take the good records and list the bad ones, instead of taking none
    #[arg(long)]
    keep_going: bool,
    /// The export: JSON or JSON lines, at most 256 MiB and 1000000 records; `-` for standard input
    file: String,
}

/// So many bad records are listed.
const MOST_LISTED: usize = 20;

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if args.file == "-" {
        args.passphrase.spares_stdin()?;
    }
    let keys = KeyFolder::unlocked_by(&args.keys, &args.passphrase)?;
    let vault = keys.open(&args.vault)?;
    let device = keys.device()?;
    let name = called(&args.file);
    let listed_name = name.trim_matches('`');
    let imported = memsync::read(&read(&args.file)?).map_err(|error| {
        let failure = Failure::cannot(format!("{name}: {error}"));
        match error {
            ImportError::NotJson(_) | ImportError::Empty => {
                failure.hint("an export is JSON in UTF-8, or JSON lines: one record a line")
            }
            _ => failure,
        }
    })?;
    let refused = imported.refused.len();
    let mut listed = String::new();
    for refusal in imported.refused.iter().take(MOST_LISTED) {
        listed.push_str(&format!("{}\n", visible(&format!("{listed_name}: {refusal}"))));
    }
    if refused > MOST_LISTED {
        listed.push_str(&format!("{listed_name}: and {} more\n", refused - MOST_LISTED));
    }
    let _ = std::io::stderr().write_all(listed.as_bytes());
    if refused > 0 && !args.keep_going {
        let failure = Failure::cannot(format!(
            "nothing was imported: {refused} of {} bad",
            count(refused + imported.drafts.len(), "record")
        ));
        return Err(failure.hint("mend them, or take the good ones with --keep-going"));
    }
    let total = imported.drafts.len();
    let on_terminal = std::io::stderr().is_terminal();
    let mut progress = |done: usize| {
        if on_terminal && (done.is_multiple_of(500) || done == total) {
            let _ = write!(std::io::stderr(), "\r{done} of {total} rows{}", if done == total { "\n" } else { "" });
        }
    };
    let added = vault.add(&device, &imported.drafts, now()?, &mut progress)?;
    let report = format!(
        "{} new, {} changed, {} with new labels, {} as they were, {refused} refused{}\n",
        added.new,
        added.changed,
        added.relabelled,
        added.unchanged,
        if added.repeated > 0 { format!(", {} said again further on", added.repeated) } else { String::new() }
    );
    let told = keys.remember(&vault).and_then(|()| print(&report));
    told.map_err(|failure| failure.hint("the records are in the vault all the same"))
}
