//! `stillgood try`: all of it at once, on made-up memories in a vault that is thrown away.

mod rows;
mod scenario;
mod stories;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::json;
use stillgood::{
    Answer, Candidate, DecisionId, Earning, Gate, Offered, PolicySet, Request, Retrieval, Score, Span, Timestamp,
    Vault, Verdict,
};

use crate::failure::Failure;
use crate::keygen;
use crate::keys::KeyFolder;
use crate::output::{create, now, plain, print};
use crate::words::{first_line, in_plain_words, quoted};
use rows::{Memory, Twist};

#[derive(clap::Args)]
#[command(after_help = scenario::list())]
pub(crate) struct Args {
    /// Keep vault, keys and search response in this new folder, to go on with
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Tell one of eight stories instead: what is true of a row, and what does not follow from it
    #[arg(long, value_name = "N", conflicts_with = "keep")]
    scenario: Option<String>,
}

const QUESTION: &str = "Plan me a dinner for Saturday, and say whom to invite and what it may cost.";
/// What a model might make of the rows that are let through.
const ANSWER: &str = "Cook a lentil stew with fresh sourdough on Saturday, and no peanuts. Your oldest friend can eat it too, \
and for four people it costs less than 40.\n";

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let now = now()?;
    if let Some(number) = &args.scenario {
        return print(&scenario::tell(number, now)?);
    }
    let failed = |error: std::io::Error| Failure::cannot(format!("cannot make a folder to work in: {}", plain(&error)));
    // Removed when it goes out of scope.
    let temporary = tempfile::tempdir().map_err(failed)?;
    let dir = match &args.keep {
        Some(dir) if dir.exists() => {
            return Err(Failure::cannot(format!("`{}` exists already", dir.display())).hint("choose a new folder"));
        }
        Some(dir) => dir.as_path(),
        None => temporary.path(),
    };
    let memories = rows::memories();
    let (vault, gate) = make_vault(dir, &memories, now)?;
    let request = request(&memories, now);
    let retrieval = vault.decide(&gate, &request)?;
    KeyFolder::at(&dir.join("keys"))?.remember(&vault)?;
    // What was stored, not what was returned.
    let decision = vault.decision(retrieval.id)?.verify(gate.verifier()).map_err(Failure::cannot)?;
    let mut text = String::new();
    prompts(&mut text, &memories, &retrieval);
    table(&mut text, &memories, &vault, &retrieval, now)?;
    summary(&mut text, &retrieval, &decision, gate.verifier());
    if let Some(dir) = &args.keep {
        create(&dir.join("search.json"), search(&request).as_bytes())?;
        create(&dir.join("decision.json"), retrieval.decision.to_json().as_bytes())?;
        create(&dir.join("answer.txt"), ANSWER.as_bytes())?;
    }
    next(&mut text, args.keep.as_deref(), retrieval.id);
    print(&text)
}

fn make_vault(dir: &Path, memories: &[Memory], now: Timestamp) -> Result<(Vault, Gate), Failure> {
    keygen::make("try", &dir.join("keys"))?;
    let keys = KeyFolder::at(&dir.join("keys"))?;
    let (owner, device) = (keys.owner_signer()?, keys.device()?);
    let begin = now.plus(Span::days(-2_000).expect("a few years"));
    let vault = Vault::create(&dir.join("vault.sgv"), &owner, &keys.identity()?, &device, begin)?;
    let drafts: Vec<_> =
        memories.iter().filter(|memory| memory.twist != Twist::Unknown).map(|memory| memory.draft(now)).collect();
    vault.add(&device, &drafts, now, &mut |_| ())?;
    for memory in memories {
        let (earning, days) = match memory.twist {
            Twist::Confirmed { days } => (Earning::Confirm, days),
            Twist::Denied { days } => (Earning::Deny, days),
            _ => continue,
        };
        let at = now.plus(Span::days(-days).expect("a few years"));
        vault.earn(&owner, &device, &Answer::to(memory.row(), earning, at), now)?;
    }
    Ok((vault, Gate::new(PolicySet::builtin(), device)))
}

/// What a search brings: everything, each with the text that its index holds.
fn request(memories: &[Memory], now: Timestamp) -> Request {
    let mut request = Request::at(now);
    request.purpose = Some("planning".into());
    request.candidates = memories
        .iter()
        .map(|memory| Candidate {
            rerank: Some(memory.score()),
            offered: Some(Offered::new(memory.offered().to_owned())),
            ..Candidate::of(memory.row())
        })
        .collect();
    request
}

/// The same as MemSync's search would answer it, for `stillgood decide`.
fn search(request: &Request) -> String {
    let memories: Vec<_> = request
        .candidates
        .iter()
        .map(|candidate| {
            let score: f64 = candidate.rerank.map_or(0.0, |score| f64::from(score.millionths()) / 1e6);
            json!({"id": candidate.row.as_str(), "memory": candidate.offered.as_ref().map(Offered::as_str), "rerank_score": score})
        })
        .collect();
    format!("{:#}\n", json!({"user_bio": "Cooks, worries about money, likes company.", "memories": memories}))
}

fn prompts(text: &mut String, memories: &[Memory], retrieval: &Retrieval) {
    put(text, format!("The question: {QUESTION}\n"));
    put(text, "BEFORE: what a memory search puts into the prompt, all of it as if it were true".into());
    for memory in memories {
        put(text, format!("  - {}", memory.offered()));
    }
    put(text, "\nAFTER: what stillgood lets through".into());
    put(text, "  What is known:".into());
    for memory in &retrieval.live {
        put(text, format!("  - {}", shown(memory)));
    }
    put(text, "  From earlier, unconfirmed, not to be taken as true now:".into());
    for memory in &retrieval.background {
        let said = memory.head.stated_at.to_string();
        put(text, format!("  - ({}) {}", said.get(..10).unwrap_or_default(), shown(memory)));
    }
    text.push('\n');
}

fn shown(memory: &stillgood::Memory) -> &str {
    memory.body.as_ref().map_or("", |body| body.text())
}

fn table(
    text: &mut String,
    memories: &[Memory],
    vault: &Vault,
    retrieval: &Retrieval,
    now: Timestamp,
) -> Result<(), Failure> {
    put(text, format!("{:<10}  {:<46}  {:<9}  why", "verdict", "memory", "clock"));
    for verdict in [Verdict::Live, Verdict::Background, Verdict::ReEarn] {
        let ruled = retrieval.rulings.iter().zip(memories).filter(|(ruling, _)| ruling.verdict == verdict);
        for (ruling, memory) in ruled {
            let clock = match memory.twist {
                Twist::Unknown => "-".to_owned(),
                _ => now.since(vault.row(&ruling.row)?.last_earned()).to_string(),
            };
            let reasons: Vec<String> = ruling.reasons.iter().map(in_plain_words).collect();
            put(
                text,
                format!(
                    "{:<10}  {:<46}  {clock:<9}  {}",
                    verdict.to_string(),
                    first_line(memory.offered(), 46),
                    reasons.join("; ")
                ),
            );
        }
    }
    text.push('\n');
    Ok(())
}

fn summary(text: &mut String, retrieval: &Retrieval, decision: &stillgood::Decision, verifier: &stillgood::Verifier) {
    let share = |part: usize| (100 * part + retrieval.rulings.len() / 2) / retrieval.rulings.len().max(1);
    let [live, background, held] = [Verdict::Live, Verdict::Background, Verdict::ReEarn]
        .map(|verdict| retrieval.rulings.iter().filter(|ruling| ruling.verdict == verdict).count());
    put(
        text,
        format!(
            "{} candidates: {live} live ({} %), {background} background ({} %), {held} to re-earn ({} %).",
            retrieval.rulings.len(),
            share(live),
            share(background),
            share(held)
        ),
    );
    put(
        text,
        "They were made up to show every reason, so these shares do not say how much is held back elsewhere.".into(),
    );
    put(text, format!("Decision {}: signed by {}, stored, read back and verified.", decision.id, verifier.name()));
    put(text, "The texts of the rows to re-earn were never opened (the table has them from the search).\n".into());
}

fn next(text: &mut String, kept: Option<&Path>, decision: DecisionId) {
    put(text, "Try next:".into());
    match kept {
        Some(dir) => {
            let of = |name: &str| quoted(&dir.join(name));
            let [vault, keys, search, answer] = [of("vault.sgv"), of("keys"), of("search.json"), of("answer.txt")];
            for line in [
                format!("decide {vault} --keys {keys} --request purpose=planning --save decision.json {search}"),
                "show decision.json".to_owned(),
                format!("used {vault} --keys {keys} --decision {decision} {answer}"),
                format!("why {vault} --keys {keys} {answer}"),
                format!("earn {vault} --keys {keys}"),
                format!("log {vault} --keys {keys}"),
                format!("verify {vault} --keys {keys}"),
            ] {
                put(text, format!("  stillgood {line}"));
            }
        }
        None => {
            put(
                text,
                "  stillgood try --scenario 1              what evidence says of a row, and what it does not".into(),
            );
            put(text, "  stillgood try --keep demo               the same, kept in a folder to go on with".into());
            put(text, "  stillgood policy facts                  what a policy can read".into());
            put(text, "  stillgood keygen --name me --out keys   keys for a vault of your own".into());
        }
    }
}

fn put(text: &mut String, line: String) {
    writeln!(text, "{line}").expect("writing to memory cannot fail");
}

impl Memory {
    fn score(&self) -> Score {
        Score::from_millionths(self.relevance * 10_000).expect("a percentage")
    }
}
