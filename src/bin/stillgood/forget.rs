//! `stillgood forget`: takes a row out of the vault, and says what is gone and what is not.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use stillgood::{Evidence, ForgetError, LinkKind, RowId, Sweep, Vault, VaultError};

use crate::decide::row_id;
use crate::failure::Failure;
use crate::keys::KeyFolder;
use crate::output::{count, now, print, print_json};
use crate::unlock::PassphraseFrom;

#[derive(clap::Args)]
#[command(after_help = ABOUT_FORGETTING)]
pub(crate) struct Args {
    /// The vault
    vault: PathBuf,
    /// The key folder, with owner.pem
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// The row to forget
    #[arg(long, value_name = "ID")]
    row: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const ABOUT_FORGETTING: &str = "\
All texts that the row ever had, all that was known of it, and its evidence are taken out; the file is written anew, and searched for \
what was taken out. That cannot be undone. What stays is a note, signed by the owner, that a row was forgotten, which does not name it; \
the ids of past decisions; and ties that other rows have to it. An import does not bring it back, unless it is told to. \
Nobody else may have the vault open meanwhile.";

const NOT_REACHED: &str =
    "not reached: copies and backups of the vault, what an answer said already, and wherever else the text stands\n";

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let row = row_id(&args.row)?;
    let keys = KeyFolder::unlocked_by(&args.keys, &args.passphrase)?;
    let vault = keys.open(&args.vault)?;
    let owner = keys.owner_signer().map_err(|failure| failure.hint("the owner alone forgets, with owner.pem"))?;
    let device = keys.device()?;
    if !args.json {
        announce(&vault, &row)?;
    }
    let shown = Shown::default();
    let done = vault.forget(&owner, &device, &row, now()?, &|sweep| shown.progress(sweep));
    shown.end();
    let is_forgotten = match &done {
        Ok(_) => true,
        Err(VaultError::Forget(error)) => !matches!(error, ForgetError::NotOwner(_)),
        Err(_) => false,
    };
    // Rows that were forgotten stay so, whatever became of the files.
    let remembered = if is_forgotten { keys.remember(&vault) } else { Ok(()) };
    let forgotten = done?;
    let told = remembered.and_then(|()| {
        if args.json {
            return print_json(&json!({
                "row": row.as_str(),
                "parts": forgotten.parts,
                "dependants": forgotten.dependants,
                "bytes_searched": forgotten.bytes,
            }));
        }
        let marked = match forgotten.dependants {
            0 => String::new(),
            1 => "marked: 1 row that depends on it\n".to_owned(),
            rows => format!("marked: {rows} rows that depend on it\n"),
        };
        print(&format!(
            "gone: {} of row {row}\n{marked}searched: {} of the vault's files, and nothing of it was found\n{NOT_REACHED}",
            count(forgotten.parts, "sealed part"),
            count(usize::try_from(forgotten.bytes).unwrap_or(usize::MAX), "byte")
        ))
    });
    told.map_err(|failure| failure.hint("the row is forgotten all the same"))
}

/// What will go. A row that does not open any more goes all the same, and one that is not there is for the vault to say.
fn announce(vault: &Vault, row: &RowId) -> Result<(), Failure> {
    let head = match vault.row(row) {
        Ok(head) => head,
        Err(VaultError::Row { .. }) => return print(&format!("forgetting row {row}, which does not open\n")),
        Err(_) => return Ok(()),
    };
    let evidence = vault.evidence(row).as_ref().map(Evidence::iter).map_or(0, |pieces| pieces.len());
    let ties = head.links.iter();
    let dependants = ties.filter(|(kind, ..)| *kind == LinkKind::HasDependant).count();
    let versions = usize::try_from(head.generation).unwrap_or(usize::MAX);
    let evidence = match evidence {
        0 => String::new(),
        pieces => format!(", and {} of evidence", count(pieces, "piece")),
    };
    let dependants = match dependants {
        0 => String::new(),
        rows => format!("; made from it: {}", count(rows, "row")),
    };
    print(&format!(
        "forgetting row {row}: its text and what is known of it, {}{evidence}{dependants}\n",
        count(versions, "version")
    ))
}

/// What standard error shows while the files are worked on, if it is a terminal.
struct Shown {
    on_terminal: bool,
    /// The step and per cent that stand there, as one number; 0 for nothing.
    last: AtomicU64,
}

impl Default for Shown {
    fn default() -> Self {
        Shown { on_terminal: std::io::stderr().is_terminal(), last: AtomicU64::new(0) }
    }
}

impl Shown {
    fn progress(&self, sweep: Sweep) {
        let (step, what, done, all) = match sweep {
            Sweep::Rewriting { written, bytes } => (1_000, "writing the file anew", written, bytes),
            Sweep::Scanning { read, bytes } => (2_000, "searching the files", read, bytes),
        };
        let percent = (done.saturating_mul(100) / all.max(1)).min(100);
        if self.on_terminal && self.last.swap(step + percent, Ordering::Relaxed) != step + percent {
            let _ = write!(std::io::stderr(), "\r{what}: {percent} %   ");
        }
    }

    fn end(&self) {
        if self.last.load(Ordering::Relaxed) > 0 {
            let _ = writeln!(std::io::stderr());
        }
    }
}
