//! `stillgood try --scenario`: one story after the other is made true in a vault that is thrown away, and decided.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use stillgood::{
    Answer, Attached, BoxKind, Boxes, Candidate, Decision, DecisionId, Draft, Earning, Gate, OwnLink, PolicySet,
    Reason, Request, RowId, Ruling, Score, Signer, Span, Timestamp, Vault,
};

use super::put;
use super::stories::{Act, Change, Evidence, Row, Story, stories};
use crate::failure::Failure;
use crate::keygen;
use crate::keys::KeyFolder;
use crate::output::plain;
use crate::words::in_plain_words;

/// No line is wider.
const WIDTH: usize = 100;
/// What stands before the words for evidence, decision and reasons.
const INDENT: usize = 18;

const MADE_UP: &str = "Rows, evidence and times are made up: there is no enclave, chain or payment behind them. The vault, \
    the policies, the decisions and their signatures are real. Each ruling says for how long it stands if nothing but time passes.";

/// One line for each, for the help.
pub(super) fn list() -> String {
    let mut text = String::from("Scenarios:");
    for (number, story) in (1..).zip(stories()) {
        write!(text, "\n  {number}  {:<25}  {}", story.title, story.is_true).expect("writing to memory");
    }
    text
}

/// The story of this number.
pub(super) fn tell(number: &str, now: Timestamp) -> Result<String, Failure> {
    let place = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let Some((place, story)) = place.and_then(|place| Some((place, stories().into_iter().nth(place)?))) else {
        let failure = Failure::cannot(format!("there is no scenario `{number}`: they are numbered from 1 to 8"));
        return Err(failure.hint("`stillgood try --help` lists them"));
    };
    let mut text = format!("Scenario {} of {}: {}\n\n", place + 1, stories().len(), story.title);
    wrapped(&mut text, "What is true:", story.is_true);
    wrapped(&mut text, "Read into it:", story.is_read);
    text.push('\n');
    paragraph(&mut text, MADE_UP);
    let mut stage = Stage::new(&story, now)?;
    let mut decisions = vec![];
    for act in &story.acts {
        decisions.push(stage.play(act, &mut text)?);
    }
    if let [first, _, ..] = decisions.as_slice() {
        let rulings = stage.stored(*first)?.rulings;
        let said: Vec<String> = rulings.iter().map(|ruling| format!("{} {}", ruling.row, ruling.verdict)).collect();
        let again = "Read again, the first decision still says what was known then:";
        text.push('\n');
        paragraph(&mut text, &format!("{again} {}.", said.join(", ")));
    }
    Ok(text)
}

/// A vault that is thrown away, and everybody's keys.
struct Stage<'s> {
    story: &'s Story,
    /// The policies whose rule was told.
    told: BTreeSet<String>,
    vault: Vault,
    owner: Signer,
    device: Signer,
    gate: Gate,
    /// When the first act is played: the last one is now.
    begin: Timestamp,
    /// Removed when it goes out of scope.
    _folder: tempfile::TempDir,
}

impl<'s> Stage<'s> {
    fn new(story: &'s Story, now: Timestamp) -> Result<Self, Failure> {
        let failed =
            |error: std::io::Error| Failure::cannot(format!("cannot make a folder to work in: {}", plain(&error)));
        let folder = tempfile::tempdir().map_err(failed)?;
        let dir = folder.path();
        keygen::make("try", &dir.join("keys"))?;
        let keys = KeyFolder::at(&dir.join("keys"))?;
        let (owner, device) = (keys.owner_signer()?, keys.device()?);
        let long = story.acts.last().map_or(0, |act| act.minutes);
        let begin = later(now, -long);
        let made = begin.plus(Span::days(-2_000).expect("a few years"));
        let vault = Vault::create(&dir.join("vault.sgv"), &owner, &keys.identity()?, &device, made)?;
        let gate = Gate::new(PolicySet::builtin(), keys.device()?);
        Ok(Stage { story, told: BTreeSet::new(), vault, owner, device, gate, begin, _folder: folder })
    }

    /// Lets happen what happens, decides, and tells what the stored decision says.
    fn play(&mut self, act: &Act, text: &mut String) -> Result<DecisionId, Failure> {
        let at = later(self.begin, act.minutes);
        for change in &act.changes {
            self.make(change, at)?;
        }
        let request = request(act, at);
        let id = self.vault.decide(&self.gate, &request)?.id;
        // What was stored, not what was returned.
        let decision = self.stored(id)?;
        text.push('\n');
        paragraph(text, act.told);
        for ruling in &decision.rulings {
            self.ruling(ruling, &decision, text)?;
        }
        let signer = self.gate.verifier().name();
        put(text, format!("\n  Decision {id}: signed by {signer}, stored, read back and verified."));
        Ok(id)
    }

    fn stored(&self, id: DecisionId) -> Result<Decision, Failure> {
        self.vault.decision(id)?.verify(self.gate.verifier()).map_err(Failure::cannot)
    }

    fn make(&self, change: &Change, at: Timestamp) -> Result<(), Failure> {
        let earn = |id: &str, earning, said| {
            let answer = Answer::to(row(id), earning, said);
            self.vault.earn(&self.owner, &self.device, &answer, at).map(drop)
        };
        match change {
            Change::Added(added) => self.add(added.draft(added.evidence, self.begin, at), at)?,
            Change::Attached(id, evidence) => {
                let attached = self.known(id).map(|row| row.draft(*evidence, self.begin, at));
                attached.map_or(Ok(()), |draft| self.add(draft, at))?;
            }
            Change::Confirmed(id) => earn(id, Earning::Confirm, later(at, -1_440))?,
            Change::Denied(id) => earn(id, Earning::Deny, at)?,
            Change::Retrieved(id, times) => {
                for second in (1..).take(*times) {
                    let at = at.plus(Span::from_millis(-1_000 * second));
                    self.vault.decide(&self.gate, &Request { candidates: vec![named(id)], ..Request::at(at) })?;
                }
            }
        }
        Ok(())
    }

    fn add(&self, draft: Draft, at: Timestamp) -> Result<(), Failure> {
        self.vault.add(&self.device, &[draft], at, &mut |_| ())?;
        Ok(())
    }

    /// The row of that name, as the story brings it in.
    fn known(&self, id: &str) -> Option<&'s Row> {
        self.story.acts.iter().flat_map(|act| &act.changes).find_map(|change| match change {
            Change::Added(row) if row.id == id => Some(row),
            _ => None,
        })
    }

    fn ruling(&mut self, ruling: &Ruling, decision: &Decision, text: &mut String) -> Result<(), Failure> {
        let at = decision.header.at;
        let stands = ruling.until.map_or("for good".to_owned(), |until| format!("for {}", until.since(at)));
        let sealed = if ruling.opened { "" } else { "; its text stayed sealed" };
        let says = self.known(ruling.row.as_str()).map_or("", |row| row.text);
        put(text, format!("\n  {}: {says}", ruling.row));
        wrapped(text, "evidence:", &in_words(&self.vault.row(&ruling.row)?.boxes, at));
        wrapped(text, "decision:", &format!("{}, {stands}{sealed}", ruling.verdict));
        for reason in ruling.reasons.iter() {
            wrapped(text, "because:", &in_plain_words(reason));
            if self.told.insert(reason.policy.to_string()) {
                wrapped(text, "", &rule(reason));
            }
        }
        Ok(())
    }
}

/// The rule of the policy that gave a reason, which is its first comment.
fn rule(reason: &Reason) -> String {
    let set = PolicySet::builtin();
    let policy = set.policies().iter().find(|policy| policy.id() == reason.policy);
    let first = policy.and_then(|policy| policy.source().lines().next()).unwrap_or_default();
    first.trim_start_matches("// ").to_owned()
}

/// The boxes in which something is, as they are at a time.
fn in_words(boxes: &Boxes, at: Timestamp) -> String {
    let attached = BoxKind::ALL.into_iter().filter(|kind| boxes.finding(*kind).is_some());
    let words = attached.map(|kind| {
        let detail = detail(boxes, kind, at);
        let detail = if detail.is_empty() { detail } else { format!(" ({detail})") };
        format!("{} {}{detail}", kind.name(), boxes.state_at(kind, at).name())
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() { "none".to_owned() } else { words.join("; ") }
}

/// What a box alone carries.
fn detail(boxes: &Boxes, kind: BoxKind, at: Timestamp) -> String {
    fn of<T>(attached: &Option<Attached<T>>, words: impl FnOnce(&T) -> String) -> String {
        attached.as_ref().map(|attached| words(&attached.detail)).unwrap_or_default()
    }
    let until = |time: Timestamp, ahead: &str, past: &str| match time.since(at) {
        left if left > Span::ZERO => format!("{ahead} {left}"),
        _ => past.to_owned(),
    };
    match kind {
        BoxKind::Binding => of(&boxes.binding, |how| how.name().to_owned()),
        BoxKind::Attestation => of(&boxes.attestation, |code| format!("code {}", code.name())),
        BoxKind::Mode => of(&boxes.mode, |mode| mode.name().to_owned()),
        BoxKind::Settlement => of(&boxes.settlement, |(rung, due)| {
            let due = due.map(|due| format!(", {}", until(due, "due in", "overdue"))).unwrap_or_default();
            format!("{}{due}", rung.name())
        }),
        BoxKind::Payment => of(&boxes.payment, |rung| rung.name().to_owned()),
        BoxKind::Route => of(&boxes.route, |private| format!("private: {}", private.name())),
        BoxKind::Artifact => of(&boxes.artifact, |artifact| {
            let label = artifact.label.as_deref().unwrap_or("no label");
            let blob = artifact.blob_id.as_deref().map(|id| id.chars().take(8).chain(['…']).collect());
            format!("{label}, blob id {}", blob.unwrap_or_else(|| "unknown".to_owned()))
        }),
        BoxKind::Data => of(&boxes.data, |fresh| {
            fresh.map(|fresh| until(fresh, "fresh for", "not fresh any more")).unwrap_or_default()
        }),
    }
}

impl Row {
    fn draft(&self, evidence: Evidence, begin: Timestamp, at: Timestamp) -> Draft {
        let stated = begin.plus(Span::days(-self.days).expect("a few years"));
        let mut draft = Draft::new(row(self.id), self.text, stated, self.kind).expect("a short text");
        draft.boxes = evidence(at).into();
        draft.links.extend(self.contradicts.map(|other| (OwnLink::Contradicts, row(other))));
        draft
    }
}

fn request(act: &Act, at: Timestamp) -> Request {
    let mut request = Request::at(at);
    request.candidates = act.rows.iter().map(|id| named(id)).collect();
    (act.asks)(&mut request);
    request
}

/// A candidate that matters to the question.
fn named(id: &str) -> Candidate {
    let score = Score::from_millionths(900_000).expect("below one");
    Candidate { rerank: Some(score), ..Candidate::of(row(id)) }
}

fn row(id: &str) -> RowId {
    id.parse().expect("a short id")
}

fn later(at: Timestamp, minutes: i64) -> Timestamp {
    at.plus(Span::minutes(minutes).expect("a few days"))
}

/// A label, and words beside it on as many lines as they need.
fn wrapped(text: &mut String, label: &str, words: &str) {
    for (place, line) in lines(words, WIDTH - INDENT).into_iter().enumerate() {
        let label = if place == 0 { label } else { "" };
        put(text, format!("    {label:<width$}{line}", width = INDENT - 4));
    }
}

/// Words on as many lines as they need.
fn paragraph(text: &mut String, words: &str) {
    lines(words, WIDTH).into_iter().for_each(|line| put(text, line));
}

/// Words on lines that are no wider than this.
fn lines(words: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
