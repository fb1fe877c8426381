//! `stillgood used`: records which rows of a decision stood in the prompt of an answer.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use serde_json::json;
use stillgood::{Again, Decision, DecisionId, RowId, VaultError, Verdict};

use crate::answer::digest_of;
use crate::decide::row_id;
use crate::failure::Failure;
use crate::keys::KeyFolder;
use crate::output::{count, now, print, print_json};
use crate::unlock::PassphraseFrom;
use crate::words::rows;

#[derive(clap::Args)]
#[command(after_help = ABOUT_ANSWERS)]
pub(crate) struct Args {
    /// The vault
    vault: PathBuf,
    /// The key folder; owner.pem is not needed
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// The decision whose rows went into the prompt
    #[arg(long, value_name = "ID")]
    decision: String,
    /// A row that stood in the prompt; without any, all that the decision let through count, live and background
    #[arg(long, value_name = "ID")]
    row: Vec<String>,
    /// No row stood in the prompt
    #[arg(long, conflicts_with = "row")]
    none: bool,
    /// Record the answer though it is recorded under another decision
    #[arg(long)]
    again: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The answer: a file with its text, at most 16 MiB; `-` for standard input; or its digest, 64 hexadecimal digits
    answer: String,
}

const ABOUT_ANSWERS: &str = "\
The text is not kept, only a digest of it that nobody but the owner of the vault can compare. White space at its two ends does \
not count. `stillgood why` then says which memories steered the answer. Recording the same again changes nothing.";

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let id = decision_id(&args.decision)?;
    let named = args.row.iter().map(|row| row_id(row)).collect::<Result<Vec<_>, _>>()?;
    let answer = digest_of(&args.answer, &args.passphrase)?;
    let keys = KeyFolder::unlocked_by(&args.keys, &args.passphrase)?;
    let vault = keys.open(&args.vault)?;
    let device = keys.device()?;
    let decision = vault.decision(id).map_err(without_decision)?;
    let decision = decision.read_unverified().map_err(|error| Failure::cannot(format!("decision `{id}`: {error}")))?;
    let by_default = named.is_empty() && !args.none;
    let (verdicts, order) = verdicts(&decision);
    let was_held = |row: &&RowId| verdicts.get(row) == Some(&Verdict::ReEarn);
    let placed: Vec<RowId> = if by_default {
        order.into_iter().filter(|row| !was_held(row)).cloned().collect()
    } else {
        let mut known = HashSet::new();
        named.into_iter().filter(|row| known.insert(row.clone())).collect()
    };
    let again = if args.again { Again::Yes } else { Again::No };
    let used = vault.used(&device, id, &placed, &answer, now()?, again)?;
    let told = keys.remember(&vault).and_then(|()| {
        if args.json {
            let ids: Vec<&str> = placed.iter().map(|row| row.as_str()).collect();
            let answer = answer.to_string();
            return print_json(
                &json!({"answer": answer, "decision": id.to_string(), "placed": ids, "new": used.new}),
            );
        }
        let mut text = format!("answer    {answer}\ndecision  {id}\nplaced    {}", count(used.placed, "row"));
        if used.placed > 0 {
            text.push_str(&format!(": {}", rows(&placed)));
        }
        text.push('\n');
        if by_default {
            text.push_str("          all that the decision let through, live and background; where fewer stood in the prompt, --row names them\n");
        }
        let held: Vec<&RowId> = placed.iter().filter(was_held).collect();
        if !held.is_empty() {
            text.push_str(&format!("          held back by the decision, and placed all the same: {}\n", rows(held)));
        }
        text.push_str(if used.new { "recorded\n" } else { "it was recorded already; nothing changed\n" });
        print(&text)
    });
    told.map_err(|failure| failure.hint("the answer is recorded all the same"))
}

/// The strictest verdict on each row, and the rows in the decision's order, each once.
fn verdicts(decision: &Decision) -> (HashMap<&RowId, Verdict>, Vec<&RowId>) {
    let (mut verdicts, mut order) = (HashMap::new(), vec![]);
    for ruling in &decision.rulings {
        let known = verdicts.entry(&ruling.row).or_insert_with(|| {
            order.push(&ruling.row);
            ruling.verdict
        });
        *known = ruling.verdict.max(*known);
    }
    (verdicts, order)
}

/// A decision id from the command line.
pub(crate) fn decision_id(text: &str) -> Result<DecisionId, Failure> {
    text.parse().map_err(|_| {
        let failure = Failure::cannot(format!("--decision `{text}` is no decision id"));
        failure.hint("a decision id has 32 hexadecimal digits, in lower case")
    })
}

/// Whether there is such a decision is not what was asked.
pub(crate) fn without_decision(error: VaultError) -> Failure {
    let is_unknown = matches!(error, VaultError::UnknownDecision(_));
    let failure = Failure::from(error);
    if is_unknown { failure.unanswered().hint("`stillgood log VAULT --keys DIR` lists the decisions") } else { failure }
}
