//! `stillgood recheck`: examines the evidence of rows again, with this program and this key folder's list of code.

use std::path::PathBuf;

use serde_json::json;

use crate::boxes;
use crate::decide::row_id;
use crate::failure::Failure;
use crate::keys::KeyFolder;
use crate::output::{count, now, print, print_json};
use crate::unlock::PassphraseFrom;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The vault
    vault: PathBuf,
    /// The key folder; owner.pem is not needed
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// Only this row; else all that have evidence
    #[arg(long, value_name = "ID")]
    row: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let rows = args.row.iter().map(|row| row_id(row)).collect::<Result<Vec<_>, _>>()?;
    let keys = KeyFolder::unlocked_by(&args.keys, &args.passphrase)?;
    let vault = keys.open(&args.vault)?;
    let now = now()?;
    let only = (!rows.is_empty()).then_some(rows.as_slice());
    let rechecked = vault.recheck(&keys.device()?, only, now)?;
    keys.remember(&vault)?;
    let failed = rechecked.iter().filter(|one| one.examination.is_err()).count();
    let changed = rechecked.iter().filter(|one| one.changed).count();
    if args.json {
        let all: Vec<_> = rechecked
            .iter()
            .map(|one| match &one.examination {
                Ok(found) => {
                    let boxes = boxes::as_json(&found.boxes, Some(&found.noticed), now);
                    json!({"row": one.row.as_str(), "changed": one.changed, "boxes": boxes})
                }
                Err(error) => json!({"row": one.row.as_str(), "changed": false, "error": error.to_string()}),
            })
            .collect();
        print_json(&json!({"rows": all}))?;
    } else {
        let mut text = String::new();
        for one in &rechecked {
            let changed = if one.changed { "changed" } else { "as it was" };
            match &one.examination {
                Ok(found) => {
                    text.push_str(&format!("row {}: {changed}\n", one.row));
                    // What is as it was is shown where it is asked for.
                    if one.changed || !args.row.is_empty() {
                        let boxes = boxes::in_words(&found.boxes, &found.noticed, now);
                        text.push_str(&format!("{boxes}\n"));
                    }
                }
                Err(error) => text.push_str(&format!("row {}: {error}; its boxes stand as they were\n\n", one.row)),
            }
        }
        text.push_str(&format!("{} with evidence, {changed} changed\n", count(rechecked.len(), "row")));
        print(&text)?;
    }
    match failed {
        0 => Ok(()),
        failed => Err(Failure::no(format!("the evidence of {} does not open", count(failed, "row")))),
    }
}
