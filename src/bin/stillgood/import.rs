//! `stillgood import`: an export into a vault, all of it or, if asked, all that is good.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use stillgood::import::{ImportError, memsync};

use crate::failure::{Failure, visible};
use crate::keys::KeyFolder;
use crate::output::{called, count, now, print, read};
use crate::unlock::PassphraseFrom;

#[derive(clap::Args)]
#[command(after_help = ABOUT_RECORDS)]
pub(crate) struct Args {
    /// The vault
    vault: PathBuf,
    /// The key folder; owner.pem is not needed
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// Which system the export is of
    #[arg(long, default_value = "memsync", value_parser = ["memsync"])]
    from: String,
    /// Take the good records and list the bad ones, instead of taking none; the exit code is 0 all the same
    #[arg(long)]
    keep_going: bool,
    /// Take records of rows that were forgotten, too: their rows begin anew
    #[arg(long)]
    forgotten_too: bool,
    /// The export: JSON or JSON lines, at most 256 MiB and 1000000 records; `-` for standard input
    file: String,
}

const ABOUT_RECORDS: &str = "\
A record: {\"id\":\"m1\",\"memory\":\"…\",\"type\":\"semantic\",\"created_at\":\"2026-02-12T18:00:00Z\",\"categories\":[\"health\"]}\n\
Instead of id, memory, type, categories it may say memory_id, content, memory_type, category. The first four fields are \
needed. Read too: updated_at, source, importance, and in metadata valid_from, valid_until, subject, attribute, origin, \
tags, role; and evidence, a list of what `stillgood attach` takes. Other fields are kept and not used; the summary names them, but for agent_id and thread_id.\n\
A time is written as 2026-02-12T18:00:00Z or 2026-02-12 19:00:00+01:00; without an offset it is UTC.\n\n\
type: semantic, episodic. categories: identity, career, interests, relationships, health, finance, learning, travel, \
productivity, private. origin: unknown, user, assistant, tool, document. importance: 0 to 1.\n\n\
A record that the vault knows by its id takes the place of what was there: what it leaves out, the row loses, and another \
text was said at its updated_at, else created_at. A text older than the vault's changes nothing. Links between rows are \
not imported; a few plain sentences about what has one value at a time, such as where you live, replace or contradict each other.";

/// So many fields that are not used are named.
const MOST_NAMED: usize = 10;

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
    let export = read(&args.file)?;
    let now = now()?;
    let mut imported = memsync::read(&export, now).map_err(|error| {
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
    for draft in &mut imported.drafts {
        draft.even_if_forgotten = args.forgotten_too;
    }
    let total = imported.drafts.len();
    let on_terminal = std::io::stderr().is_terminal();
    let mut progress = |done: usize| {
        if on_terminal && (done.is_multiple_of(500) || done == total) {
            let _ = write!(std::io::stderr(), "\r{done} of {total} rows{}", if done == total { "\n" } else { "" });
        }
    };
    let added = vault.add(&device, &imported.drafts, now, &mut progress)?;
    let mut report = format!(
        "{} new, {} changed, {} with new labels, {} as they were, {refused} refused",
        added.new, added.changed, added.relabelled, added.unchanged
    );
    for (many, what) in [
        (added.repeated, "named again further on, where the last counts"),
        (added.older, "older than the vault's text, and left alone"),
        (added.forgotten, "forgotten before, and left out"),
    ] {
        if many > 0 {
            report.push_str(&format!(", {many} {what}"));
        }
    }
    report.push('\n');
    if added.forgotten > 0 {
        report.push_str("what was forgotten stays out; --forgotten-too takes it in all the same\n");
    }
    let report = report + &unused(&imported.unused);
    let told = keys.remember(&vault).and_then(|()| print(&report));
    told.map_err(|failure| failure.hint("the records are in the vault all the same"))
}

/// What the records say that nobody reads, as a line; nothing if that is nothing.
fn unused(fields: &BTreeMap<String, usize>) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let mut named: Vec<String> =
        fields.iter().take(MOST_NAMED).map(|(name, records)| format!("{} ({records})", shown(name))).collect();
    if fields.len() > MOST_NAMED {
        named.push(format!("and {} more", fields.len() - MOST_NAMED));
    }
    format!("not used: {}\n", named.join(", "))
}

/// A name is somebody's word: what is not plain stands in quotes, and a long one is cut.
fn shown(name: &str) -> String {
    const MOST: usize = 50;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let cut = match name.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    };
    let plain = !name.is_empty() && name.chars().all(is_plain);
    if plain { cut } else { format!("`{}`", serde_json::Value::from(cut)) }
}
