//! `stillgood show`: what a decision says, for a person. Nothing is verified here, and it says so.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use stillgood::{
    Boxes, Decision, DecisionId, Durability, Head, Occasion, PolicySet, RowId, Ruling, SetName, SignedDecision,
    Timestamp, Vault, VaultError, Verdict, View,
};

use crate::boxes;
use crate::decide::row_id;
use crate::failure::Failure;
use crate::keys::KeyFolder;
use crate::output::{called, count, print, print_json, read};
use crate::unlock::PassphraseFrom;

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
    let heads = vault.as_ref().map(|vault| heads(vault, &decision, &about)).transpose()?;
    if args.json {
        let mut json = as_json(&decision, &about);
        if let Some(heads) = heads {
            let at = decision.header.at;
            let boxes = heads.iter().map(|head| (head.row.to_string(), boxes::as_json(&head.boxes, None, at)));
            if let Json::Object(members) = &mut json {
                members.insert("boxes".to_owned(), Json::Object(boxes.collect()));
            }
        }
        return print_json(&json);
    }
    let mut text = in_words(&decision, &about);
    if let Some(heads) = heads {
        text.push_str(&evidence(&heads, decision.header.at, row.is_some()));
    }
    print(&text)
}

/// The heads that a decision was about, as they were then. Rows that were not there, or are not any more, have none.
fn heads(vault: &Vault, decision: &Decision, rulings: &[&Ruling]) -> Result<Vec<Head>, Failure> {
    if decision.header.vault != vault.id() {
        return Err(Failure::cannot("the decision is of another vault"));
    }
    let mut heads: Vec<Head> = vec![];
    for ruling in rulings {
        let Some(judged) = ruling.judged else { continue };
        if heads.iter().any(|head| head.row == ruling.row) {
            continue;
        }
        match vault.row_at(&ruling.row, judged.generation) {
            Ok(head) => heads.push(head),
            Err(VaultError::UnknownRow(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(heads)
}

/// What the boxes held at the time of the decision: of one row in full, of several side by side.
fn evidence(heads: &[Head], at: Timestamp, in_full: bool) -> String {
    let rows: Vec<(&RowId, &Boxes)> = heads.iter().map(|head| (&head.row, &*head.boxes)).collect();
    let table = boxes::side_by_side(&rows, at);
    if table.is_empty() {
        return "\nevidence then: nothing was attached\n".to_owned();
    }
    let mut text = format!("\nevidence then, each box for itself:\n{table}");
    if in_full {
        for head in heads {
            text.push_str(&format!("\n{}", boxes::in_words(&head.boxes, &[], at)));
        }
        text.push_str("\nwhat is noticed of it now, `stillgood recheck` says\n");
    }
    text
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

fn in_words(decision: &Decision, rulings: &[&Ruling]) -> String {
    let header = &decision.header;
    let view = match header.view {
        View::Unpinned => "no state of the vault was claimed".to_owned(),
        View::Pinned { sequence, .. } => format!("vault state {sequence}"),
    };
    let what_if = by_hand(header.occasion);
    let stored = stored(header.durability);
    let mut text = format!(
        "decision  {}\nat        {}{what_if}\npolicies  {} version {}{}\nrequest   not in the decision, only its digest\nvault     {}, {view}\nstored    {stored}\nchecked   nothing; `stillgood verify` checks the signature\n",
        decision.id,
        header.at,
        header.set.name,
        header.set.version,
        built_in(&header.set),
        header.vault
    );
    if !header.passed.is_empty() {
        writeln!(text, "unjudged  {} went on without a judgement", header.passed.join(", "))
            .expect("writing to memory");
    }
    text.push('\n');
    let width = rulings.iter().map(|ruling| ruling.row.as_str().chars().count()).max().unwrap_or(0).min(40);
    for ruling in rulings {
        let reasons: Vec<String> = ruling.reasons.iter().map(in_plain_words).collect();
        writeln!(text, "{:<10}  {:<width$}  {}", ruling.verdict.to_string(), ruling.row.as_str(), reasons.join("; "))
            .expect("writing to memory");
    }
    let count = |verdict| rulings.iter().filter(|ruling| ruling.verdict == verdict).count();
    let [live, background, held] = [Verdict::Live, Verdict::Background, Verdict::ReEarn].map(count);
    writeln!(text, "\n{live} live, {background} background, {held} to re-earn{}", repeated(rulings))
        .expect("writing to memory");
    text
}

/// What a decision says of its time.
pub(crate) fn by_hand(occasion: Occasion) -> &'static str {
    if occasion == Occasion::WhatIf { ", a time chosen by hand" } else { "" }
}

/// What a decision says of where it is kept.
pub(crate) fn stored(durability: Durability) -> &'static str {
    match durability {
        Durability::Full => "in the vault, before anything was returned",
        Durability::None => "not in the vault",
    }
}

/// Anybody can call a set `stillgood`.
fn built_in(set: &SetName) -> &'static str {
    let own = PolicySet::builtin();
    match (set.name == own.name(), set.digest == own.digest()) {
        (_, true) => ", built in",
        (true, false) => ", not the one built into this program",
        (false, false) => "",
    }
}

/// What there is to say of rows that were offered more than once.
fn repeated(rulings: &[&Ruling]) -> String {
    let rows: HashSet<_> = rulings.iter().map(|ruling| &ruling.row).collect();
    match rulings.len() - rows.len() {
        0 => String::new(),
        _ => format!("; {} rulings on {}, each shown at most once", rulings.len(), count(rows.len(), "row")),
    }
}

/// A reason, and what would clear it.
pub(crate) fn in_plain_words(reason: &stillgood::Reason) -> String {
    use stillgood::Need;
    let need = match &reason.need {
        None => return format!("{}:{}", reason.policy, reason.code),
        Some(Need::Confirmation) => "confirm it".to_owned(),
        Some(Need::Observation) => "it must be seen again from another side".to_owned(),
        Some(Need::Recheck(kind)) => format!("attach what shows its {}, or recheck it", kind.name()),
        Some(Need::Settle) => "settle the contradiction".to_owned(),
        Some(Need::Request(field)) => format!("another {field} in the request"),
        Some(Need::Nothing) => "nothing would clear it".to_owned(),
        Some(Need::Repair) => "something is broken".to_owned(),
    };
    format!("{}:{} ({need})", reason.policy, reason.code)
}
