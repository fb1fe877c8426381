//! `stillgood why`: which memories steered an answer, as they stood when it was given, and what was said of them since.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value as Json, json};
use stillgood::{AnswerDigest, Boxes, Inputs, Placed, RowId, Steering, Timestamp, Verdict};

use crate::answer::digest_of;
use crate::boxes;
use crate::events::{self, More, since};
use crate::failure::Failure;
use crate::keys::KeyFolder;
use crate::output::{count, print, print_json};
use crate::unlock::PassphraseFrom;
use crate::words::{by_hand, clock, first_line, policy_set, reasons};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The vault
    vault: PathBuf,
    /// The key folder; owner.pem is not needed
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The answer: a file with its text, at most 16 MiB; `-` for standard input; or its digest, 64 hexadecimal digits
    answer: String,
}

/// Of a text so many characters are shown.
const MOST_SHOWN: usize = 100;

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let answer = digest_of(&args.answer, &args.passphrase)?;
    let vault = KeyFolder::unlocked_by(&args.keys, &args.passphrase)?.open(&args.vault)?;
    let records = vault.why(&answer)?;
    if args.json {
        let records: Vec<Json> = records.iter().map(as_json).collect();
        print_json(&json!({"answer": answer.to_string(), "records": records}))?;
    } else if !records.is_empty() {
        print(&in_words(&answer, &records))?;
    }
    if !records.is_empty() {
        return Ok(());
    }
    let failure = Failure::no("nobody recorded this answer: what steered it is unknown");
    Err(failure.hint("`stillgood used VAULT --keys DIR --decision ID ANSWER` records an answer when it is given"))
}

fn in_words(answer: &AnswerDigest, records: &[Steering]) -> String {
    let mut text = format!("answer    {answer}\n");
    for record in records {
        let header = &record.decision.header;
        put(&mut text, format!("recorded  {} by `{}`, after decision {}", record.at, record.by, record.decision.id));
        put(
            &mut text,
            format!(
                "decided   {}{}, by the policies {}; its signature holds",
                header.at,
                by_hand(header.occasion),
                policy_set(&header.set)
            ),
        );
        if record.placed.is_empty() {
            put(&mut text, "\nNo memory stood in the prompt.".to_owned());
        }
        for verdict in [Verdict::Live, Verdict::Background, Verdict::ReEarn] {
            let placed: Vec<&Placed> = record.placed.iter().filter(|placed| placed.ruling.verdict == verdict).collect();
            if placed.is_empty() {
                continue;
            }
            put(&mut text, format!("\n{}, {}:", block(verdict), count(placed.len(), "row")));
            for one in placed {
                row(&mut text, one, header.at);
                for entry in &one.since {
                    put(&mut text, format!("      since then: {}", since(entry, &one.ruling.row)));
                }
            }
        }
        let boxes: Vec<(&RowId, &Boxes)> = record
            .placed
            .iter()
            .filter_map(|placed| match &placed.inputs {
                Inputs::Known { head, .. } => Some((&placed.ruling.row, &*head.boxes)),
                _ => None,
            })
            .collect();
        // Of a row that was forgotten nobody knows what it had.
        if !boxes.is_empty() {
            text.push_str(&boxes::then(&boxes, header.at, false));
        }
        text.push('\n');
    }
    if records.iter().all(|record| record.placed.is_empty()) {
        return text;
    }
    text.push_str(
        "These rows stood in the prompt, as whoever recorded the answer says. Whether the model followed them, nothing here says.\n",
    );
    text
}

/// How rows of a verdict came to steer the answer.
fn block(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Live => "Live",
        Verdict::Background => "Background, placed all the same as context",
        Verdict::ReEarn => "Held back by the decision, and placed all the same against it",
    }
}

fn row(text: &mut String, placed: &Placed, at: Timestamp) {
    let Placed { ruling, inputs, .. } = placed;
    let (said, clock) = match inputs {
        Inputs::Known { head, body } => {
            let said = body.as_ref().map(|body| first_line(body.text(), MOST_SHOWN));
            let sealed = if ruling.verdict == Verdict::ReEarn {
                "(its text stays sealed)"
            } else {
                "its text of then does not open any more"
            };
            (said.unwrap_or_else(|| sealed.to_owned()), Some(clock(head, at)))
        }
        Inputs::Forgotten => ("inputs: forgotten".to_owned(), None),
        Inputs::None => ("no such row opened then".to_owned(), None),
        Inputs::Missing => ("it was there then and is not now, though nobody forgot it".to_owned(), None),
    };
    put(text, format!("  {}  {said}", ruling.row));
    put(text, format!("      {}", reasons(&ruling.reasons)));
    if let Some(clock) = clock {
        put(text, format!("      {clock}"));
    }
}

fn as_json(record: &Steering) -> Json {
    let header = &record.decision.header;
    let placed: Vec<Json> = record
        .placed
        .iter()
        .map(|Placed { ruling, inputs, since }| {
            let mut json = json!({
                "id": ruling.row.as_str(),
                "verdict": ruling.verdict.name(),
                "reasons": ruling.reasons.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "inputs": match inputs {
                    Inputs::Known { .. } => "known",
                    Inputs::Forgotten => "forgotten",
                    Inputs::None => "none",
                    Inputs::Missing => "missing",
                },
                "since": since.iter().map(|entry| events::as_json(entry, More::default())).collect::<Vec<_>>(),
            });
            if let (Inputs::Known { head, body }, Some(members)) = (inputs, json.as_object_mut()) {
                members.insert("memory".to_owned(), body.as_ref().map(|body| body.text()).into());
                members.insert("generation".to_owned(), head.generation.into());
                members.insert("stated_at".to_owned(), head.stated_at.to_string().into());
                members.insert("confirmed_at".to_owned(), head.confirmed_at.map(|at| at.to_string()).into());
                members.insert("confirmations".to_owned(), head.confirmations.into());
                members.insert("denied".to_owned(), head.denied.into());
                members.insert("boxes".to_owned(), boxes::as_json(&head.boxes, None, header.at));
            }
            json
        })
        .collect();
    json!({
        "at": record.at.to_string(),
        "by": record.by.as_str(),
        "decision": record.decision.id.to_string(),
        "decided_at": header.at.to_string(),
        "set": {"name": header.set.name, "version": header.set.version, "digest": header.set.digest.to_string()},
        "placed": placed,
    })
}

fn put(text: &mut String, line: String) {
    writeln!(text, "{line}").expect("writing to memory cannot fail");
}
