//! `stillgood show`: what a decision says, for a person. Nothing is verified here, and it says so.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use stillgood::{
    Boxes, Decision, DecisionId, Head, Inputs, RowId, Ruling, SignedDecision, Vault, VaultError, Verdict, View,
};

use crate::boxes;
use crate::decide::row_id;
use crate::failure::Failure;
use crate::keys::KeyFolder;
use crate::output::{called, count, print, print_json, read};
use crate::unlock::PassphraseFrom;
use crate::words::{by_hand, policy_set, reasons, stored};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A decision file; with --vault also a decision id
    decision: String,
    /// Only the rulings about this row
    #[arg(long, value_name = "ID")]
    row: Option<String>,
    /// The vault to look the decision id up in; shows what evidence each row had then
    #[arg(long, requires = "keys")]
    vault: Option<PathBuf>,
    /// The key folder of that vault
    #[arg(long, value_name = "DIR", requires = "vault")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let vault = match (&args.vault, &args.keys) {
        (Some(vault), Some(keys)) => Some(KeyFolder::unlocked_by(keys, &args.passphrase)?.open(vault)?),
        _ => None,
    };
    let found = find(&args.decision, vault.as_ref());
    // Whether a file is a decision is not what was asked; whether a vault holds one is.
    let signed = found.map_err(|failure| if args.vault.is_none() { failure.unanswered() } else { failure })?;
    let decision =
        signed.read_unverified().map_err(|error| Failure::cannot(format!("`{}`: {error}", args.decision)))?;
    let row = args.row.as_deref().map(row_id).transpose()?;
    let about: Vec<&Ruling> =
        decision.rulings.iter().filter(|ruling| row.as_ref().is_none_or(|row| *row == ruling.row)).collect();
    if let (Some(row), true) = (&row, about.is_empty()) {
        return Err(Failure::no(format!("the decision says nothing of row `{row}`")));
    }
    let then = vault.as_ref().map(|vault| then(vault, &decision, &about)).transpose()?;
    if args.json {
        let mut json = as_json(&decision, &about);
        if let Some(Then { heads, forgotten }) = then {
            let at = decision.header.at;
            let boxes = heads.iter().map(|head| (head.row.to_string(), boxes::as_json(&head.boxes, None, at)));
            let gone: Vec<&str> = forgotten.iter().map(|row| row.as_str()).collect();
            if let Json::Object(members) = &mut json {
                members.insert("boxes".to_owned(), Json::Object(boxes.collect()));
                members.insert("forgotten".to_owned(), gone.into());
            }
        }
        return print_json(&json);
    }
    let mut text = in_words(&decision, &about, then.as_ref().map_or(&[], |then| then.forgotten.as_slice()));
    if let Some(then) = then {
        let rows: Vec<(&RowId, &Boxes)> = then.heads.iter().map(|head| (&head.row, &*head.boxes)).collect();
        // Of a row that was forgotten nobody knows what it had.
        if !rows.is_empty() || then.forgotten.is_empty() {
            text.push_str(&boxes::then(&rows, decision.header.at, row.is_some()));
        }
    }
    print(&text)
}

/// What rulings were about, as far as it is still there.
struct Then<'a> {
    /// The heads as they were then, one for each row.
    heads: Vec<Head>,
    /// Rows that were forgotten since.
    forgotten: Vec<&'a RowId>,
}

/// The heads that a decision was about, as they were then. Rows that were not there, or are not any more, have none.
fn then<'a>(vault: &Vault, decision: &Decision, rulings: &[&'a Ruling]) -> Result<Then<'a>, Failure> {
    if decision.header.vault != vault.id() {
        return Err(Failure::cannot("the decision is of another vault"));
    }
    let mut then = Then { heads: vec![], forgotten: vec![] };
    for ruling in rulings {
        let Some(judged) = ruling.judged else { continue };
        if then.heads.iter().any(|head| head.row == ruling.row) || then.forgotten.contains(&&ruling.row) {
            continue;
        }
        match vault.row_at(&ruling.row, judged.generation) {
            Ok(head) => then.heads.push(head),
            Err(VaultError::UnknownRow(_)) if was_forgotten(vault, ruling)? => then.forgotten.push(&ruling.row),
            Err(VaultError::UnknownRow(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(then)
}

/// Whether what a ruling was about was forgotten since.
pub(crate) fn was_forgotten(vault: &Vault, ruling: &Ruling) -> Result<bool, Failure> {
    let Some(judged) = ruling.judged else { return Ok(false) };
    // The library opens the text of a row that is there; only one that is not is looked at more closely.
    match vault.row_at(&ruling.row, judged.generation) {
        Err(VaultError::UnknownRow(_)) => Ok(vault.inputs(ruling)? == Inputs::Forgotten),
        _ => Ok(false),
    }
}

/// A decision from a file, or from a vault by its id.
pub(crate) fn find(decision: &str, vault: Option<&Vault>) -> Result<SignedDecision, Failure> {
    match (vault, decision.parse::<DecisionId>()) {
        (Some(vault), Ok(id)) => return Ok(vault.decision(id)?),
        (Some(_), Err(_)) if decision != "-" && !Path::new(decision).exists() => {
            let failure = Failure::cannot(format!("`{decision}` is no decision id, and no file"));
            return Err(failure.hint("a decision id has 32 hexadecimal digits, in lower case"));
        }
        (None, Ok(_)) if !Path::new(decision).exists() => {
            let failure = Failure::cannot(format!("there is no file `{decision}`"));
            return Err(failure.hint("a decision id is looked up in a vault: --vault VAULT --keys DIR"));
        }
        _ => {}
    }
    let bytes = read(decision)?;
    SignedDecision::from_json(&bytes).map_err(|error| {
        let failure = Failure::no(format!("{}: {error}", called(decision)));
        match answered(&bytes) {
            Some(id) => failure.hint(format!(
                "this looks like what decide printed; the decision is what --save writes, or `stillgood show {id} \
                 --vault VAULT --keys DIR`"
            )),
            None => failure,
        }
    })
}

/// The decision id in an answer of `decide`, which is easily taken for the decision.
fn answered(bytes: &[u8]) -> Option<DecisionId> {
    let answer: Json = serde_json::from_slice(bytes).ok()?;
    answer.get("decision")?.as_str()?.parse().ok()
}

/// One ruling as JSON.
pub(crate) fn as_json(decision: &Decision, rulings: &[&Ruling]) -> Json {
    let header = &decision.header;
    let view = match header.view {
        View::Unpinned => Json::Null,
        View::Pinned { sequence, head } => json!({"sequence": sequence, "head": head.to_string()}),
    };
    let rulings: Vec<Json> = rulings
        .iter()
        .map(|ruling| {
            json!({
                "id": ruling.row.as_str(),
                "verdict": ruling.verdict.to_string(),
                "reasons": ruling.reasons.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "until": ruling.until.map(|until| until.to_string()),
                "generation": ruling.judged.map(|judged| judged.generation),
                "head": ruling.judged.map(|judged| judged.head.to_string()),
                "facts": ruling.judged.map(|judged| judged.facts.to_string()),
                "body": if ruling.opened { "opened" } else { "sealed" },
            })
        })
        .collect();
    json!({
        "decision": decision.id.to_string(),
        "at": header.at.to_string(),
        "occasion": header.occasion.name(),
        "set": {"name": header.set.name, "version": header.set.version, "digest": header.set.digest.to_string()},
        "program": header.program,
        "vault": header.vault.to_string(),
        "view": view,
        "durability": header.durability.name(),
        "passed": header.passed,
        "request": header.request.to_string(),
        "rulings": rulings,
    })
}

fn in_words(decision: &Decision, rulings: &[&Ruling], forgotten: &[&RowId]) -> String {
    let header = &decision.header;
    let view = match header.view {
        View::Unpinned => "no state of the vault was claimed".to_owned(),
        View::Pinned { sequence, .. } => format!("vault state {sequence}"),
    };
    let (what_if, stored) = (by_hand(header.occasion), stored(header.durability));
    let mut text = format!(
        "decision  {}\nat        {}{what_if}\npolicies  {}\nrequest   not in the decision, only its digest\nvault     {}, {view}\nstored    {stored}\nchecked   nothing; `stillgood verify` checks the signature\n",
        decision.id,
        header.at,
        policy_set(&header.set),
        header.vault
    );
    if !header.passed.is_empty() {
        writeln!(text, "unjudged  {} went on without a judgement", header.passed.join(", "))
            .expect("writing to memory");
    }
    text.push('\n');
    let width = rulings.iter().map(|ruling| ruling.row.as_str().chars().count()).max().unwrap_or(0).min(40);
    for ruling in rulings {
        let inputs = if forgotten.contains(&&ruling.row) { "; inputs: forgotten" } else { "" };
        writeln!(
            text,
            "{:<10}  {:<width$}  {}{}",
            ruling.verdict.to_string(),
            ruling.row.as_str(),
            reasons(&ruling.reasons),
            inputs
        )
        .expect("writing to memory");
    }
    let count = |verdict| rulings.iter().filter(|ruling| ruling.verdict == verdict).count();
    let [live, background, held] = [Verdict::Live, Verdict::Background, Verdict::ReEarn].map(count);
    writeln!(text, "\n{live} live, {background} background, {held} to re-earn{}", repeated(rulings))
        .expect("writing to memory");
    text
}

/// What there is to say of rows that were offered more than once.
fn repeated(rulings: &[&Ruling]) -> String {
    let rows: HashSet<_> = rulings.iter().map(|ruling| &ruling.row).collect();
    match rulings.len() - rows.len() {
        0 => String::new(),
        _ => format!("; {} rulings on {}, each shown at most once", rulings.len(), count(rows.len(), "row")),
    }
}
