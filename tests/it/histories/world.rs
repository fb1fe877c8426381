//! A vault in a folder, two handles on it, and a model beside it: each step is done to both, and both must say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use stillgood::{
    About, Again, Answer, AnswerDigest, Body, Candidate, DecisionId, Draft, Earning, Entry, Event, Files, Gate, Head,
    Identity, Kind, LinkKind, MadeBy, Need, Observation, ObservedIn, Origin, PolicySet, Request, Retrieval, RowId,
    Score, Signer, Vault, VaultError, Word,
};

use super::invariants::{self, Seen};
use super::model::{Blind, Decided, Led, Logged, Model, Row, Ruled, id, key, time};
use super::step::{NOBODY, ROWS, Said, Step, Wanted, What, Who, answer, millis, text};

/// What every history shares: making keys and policies anew each time would cost more than the history.
pub(super) struct Keys {
    pub(super) owner: Signer,
    pub(super) device: Signer,
    pub(super) stranger: Signer,
    pub(super) identity: Identity,
    /// The shipped policies, and others.
    pub(super) gates: [Gate; 2],
}

pub(super) fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let [owner, device, stranger] =
            [Who::Owner, Who::Device, Who::Stranger].map(|who| Signer::generate(key(who).parse().unwrap()));
        let mine = b"name = \"mine\"\nversion = 1\nbase = \"stillgood\"\n[param.holds]\ntype = \"score\"\nvalue = 0.9\nmeaning = \"m\"\n";
        let (other, found) = PolicySet::check(&Files::from([("set.toml".to_owned(), mine.to_vec())]));
        assert!(found.is_empty(), "{found:?}");
        let gate = |set| Gate::new(set, Signer::from_pem(&device.to_pem(), &device.verifier()).unwrap());
        let gates = [gate(PolicySet::builtin()), gate(other.unwrap())];
        Keys { owner, device, stranger, identity: Identity::generate(), gates }
    })
}

impl Keys {
    pub(super) fn signer(&self, who: Who) -> &Signer {
        match who {
            Who::Owner => &self.owner,
            Who::Device => &self.device,
            Who::Stranger => &self.stranger,
        }
    }
}

/// Ends a history. The text up to the first colon says what kind of failure it is.
pub(super) type Outcome<T = ()> = Result<T, String>;

pub(super) fn ensure(holds: bool, what: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(what()) }
}

pub(super) fn same<T: PartialEq + Debug>(what: &str, found: &T, expected: &T) -> Outcome {
    ensure(found == expected, || format!("{what}: found {found:?}, expected {expected:?}"))
}

pub(super) struct World {
    folder: tempfile::TempDir,
    /// Counts the copies that kills left.
    copies: usize,
    handles: Vec<Vault>,
    pub(super) model: Model,
    pub(super) hour: i64,
    /// In the order of the model's.
    pub(super) retrievals: BTreeMap<DecisionId, Retrieval>,
    /// What the last look at every row said.
    seen: Seen,
    tally: Tally,
}

/// How often what came up.
pub(super) type Tally = BTreeMap<String, u64>;

impl World {
    fn new(blind: Blind) -> Self {
        let quick = Path::new("/dev/shm");
        let folder = if quick.is_dir() { tempfile::tempdir_in(quick) } else { tempfile::tempdir() }.unwrap();
        let keys = keys();
        let path = folder.path().join("v0");
        drop(Vault::create(&path, &keys.owner, &keys.identity, &keys.device, time(millis(-1_000))).unwrap());
        let mut world = World {
            folder,
            copies: 0,
            handles: vec![],
            model: Model::new(blind),
            hour: 0,
            retrievals: BTreeMap::new(),
            seen: Seen::default(),
            tally: Tally::new(),
        };
        world.open();
        world
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join(format!("v{}", self.copies))
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn open(&mut self) {
        self.handles = (0..2).map(|_| open(&self.path())).collect();
    }

    pub(super) fn vault(&self, handle: usize) -> &Vault {
        &self.handles[handle]
    }

    /// What a kill leaves: the files as they are while the vault is open.
    pub(super) fn copy_to(&self, to: &Path) {
        for suffix in ["", "-wal", "-shm"] {
            let from = PathBuf::from(format!("{}{suffix}", self.path().display()));
            if from.exists() {
                std::fs::copy(from, format!("{}{suffix}", to.display())).unwrap();
            }
        }
    }

    fn kill(&mut self) {
        let old = self.path();
        let new = self.folder.path().join(format!("v{}", self.copies + 1));
        self.copy_to(&new);
        self.handles.clear();
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", old.display()));
        }
        self.copies += 1;
        self.open();
    }

    fn tally(&mut self, what: impl Into<String>) {
        *self.tally.entry(what.into()).or_default() += 1;
    }

    fn decided(&self, back: usize) -> Option<Decided> {
        let place = self.model.decisions.len().checked_sub(back + 1)?;
        self.model.decisions.get(place).cloned()
    }

    fn step(&mut self, step: &Step) -> Outcome {
        self.hour = step.hour;
        self.model.freed = BTreeSet::new();
        let before = self.vault(step.handle).pin().unwrap();
        let refused = self.apply(step)?;
        if refused {
            let after = self.vault(step.handle).pin().unwrap();
            same("a refused step changes nothing", &after, &before)?;
        }
        // Through the other handle, which must see what this one wrote.
        let other = self.vault(1 - step.handle);
        let at = millis(self.hour);
        for row in 0..ROWS {
            same_row(row, other.row(&id(row)), self.model.rows.get(&row))?;
            let gone = self.model.gone.get(&row).copied().filter(|_| !self.model.rows.contains_key(&row));
            same(&format!("m{row}, forgotten"), &other.forgotten(&id(row)).unwrap(), &gone)?;
        }
        let rows: Vec<RowId> = self.model.rows.keys().map(|row| id(*row)).collect();
        same("the rows", &other.rows().unwrap(), &rows)?;
        let unverified = Vault::log_unverified(&self.path()).unwrap();
        let log = other.log().unwrap();
        ensure(log == unverified, || "the log: it reads otherwise without keys".to_owned())?;
        self.same_log(&log)?;
        let waiting = other.waiting(time(at)).unwrap();
        let waiting: Vec<_> = waiting.into_iter().map(|question| (question.decision, row_of(&question.row))).collect();
        same("what waits", &waiting, &self.model.waiting(at))?;
        let report = other.verify().map_err(|error| format!("verify: {error}"))?;
        ensure(report.holds(), || {
            let wrong = report.findings.iter().flat_map(|finding| &finding.wrong);
            format!("verify: {}", wrong.cloned().collect::<Vec<_>>().join("; "))
        })?;
        let seen = Seen::of(other, at)?;
        invariants::invariant_2_what_is_wrong_with_a_row_holds_it(&seen, &self.model)?;
        invariants::invariant_9_only_an_earning_makes_a_row_fresher(&self.seen, &seen, &self.model)?;
        self.seen = seen;
        Ok(())
    }

    /// Whether the log says what was done, and of rows that were forgotten since only that there was one.
    fn same_log(&self, log: &[Entry]) -> Outcome {
        let sets: Vec<stillgood::Digest> = keys().gates.iter().map(|gate| gate.set().digest()).collect();
        same("the log's length", &log.len(), &self.model.log.len())?;
        let known = |(row, generation): &Led| {
            let gone = self.model.gone.get(row).is_some_and(|last| generation <= last);
            (!gone).then(|| id(*row))
        };
        for (entry, expected) in log.iter().zip(&self.model.log) {
            let same = match (&entry.event, expected) {
                (Event::Decision { id, rulings }, Logged::Decision(decision)) => {
                    id == decision && *rulings == self.retrievals[id].rulings.len() as u64
                }
                (Event::Use { decision, placed, .. }, Logged::Use(expected, numbers)) => {
                    decision == expected && placed.iter().map(|number| *number as usize).eq(numbers.iter().copied())
                }
                (Event::Ask { decision, rows, .. }, Logged::Ask(expected, led)) => {
                    decision == expected && rows.iter().cloned().eq(led.iter().map(known))
                }
                (Event::Opening { row, .. }, Logged::Opening(led)) => *row == known(led),
                (
                    Event::Earning { word, at, decision, row, settled, .. },
                    Logged::Earning(expected, expected_at, expected_decision, led, others),
                ) => {
                    let mut settled = settled.clone();
                    let mut others: Vec<_> = others.iter().map(known).collect();
                    settled.sort();
                    others.sort();
                    word == expected
                        && at.millis() == *expected_at
                        && decision == expected_decision
                        && *row == known(led)
                        && settled == others
                }
                (Event::Policies { digest, .. }, Logged::Policies(set)) => *digest == sets[*set],
                (Event::Forgetting { generation, .. }, Logged::Forgetting(expected)) => generation == expected,
                _ => false,
            };
            ensure(same, || format!("the log: found {entry:?}, expected {expected:?}"))?;
        }
        Ok(())
    }

    /// Does one step to both; whether it was refused.
    fn apply(&mut self, step: &Step) -> Outcome<bool> {
        let (hour, now) = (step.hour, millis(step.hour));
        let keys = keys();
        let handle = step.handle;
        match &step.what {
            What::Import(said) => {
                let drafts: Vec<Draft> = said.iter().map(|said| draft(said, hour)).collect();
                let found = self.vault(handle).add(&keys.device, &drafts, time(now), &mut |_| ());
                self.told("an import", found, |model| model.import(said, hour))
            }
            What::Decide { candidates, past, earlier, other_set, asks } => {
                let request = request(candidates, *past, now - earlier * 3_600_000, *asks);
                self.decide(handle, &request, usize::from(*other_set))?;
                Ok(false)
            }
            What::Use { back, rows, answer: number, again, earlier, by } => {
                let Some(decided) = self.decided(*back) else { return Ok(false) };
                let at = now - earlier * 3_600_000;
                let digest = AnswerDigest::of(answer(*number).as_bytes()).unwrap();
                let placed: Vec<RowId> = rows.iter().map(|row| id(*row)).collect();
                let allowed = if *again { Again::Yes } else { Again::No };
                let vault = self.vault(handle);
                let found = vault.used(keys.signer(*by), decided.id, &placed, &digest, time(at), allowed);
                let found = found.map(|used| (used.placed, used.new));
                self.told("a use", found, |model| model.record(&decided, rows, *number, *again, *by, at))
            }
            What::Ask { back, by } => {
                let Some(decided) = self.decided(*back) else { return Ok(false) };
                let retrieval = &self.retrievals[&decided.id];
                let found = self.vault(handle).ask(keys.signer(*by), retrieval, time(now));
                let found = found.map(|questions| {
                    let rows = |rows: &[RowId]| rows.iter().map(row_of).collect::<Vec<_>>();
                    questions
                        .iter()
                        .map(|question| (row_of(&question.row), rows(&question.against)))
                        .collect::<Vec<_>>()
                });
                if found.as_ref().is_ok_and(|questions| !questions.is_empty()) {
                    self.tally("somebody is asked");
                }
                self.told("questions", found, |model| model.ask(&decided, *by, now))
            }
            What::Question { row, by } => {
                let found = self.vault(handle).question(keys.signer(*by), &id(*row), time(now));
                let found = found.map(|opened| opened.body.text().to_owned());
                self.told("an opening", found, |model| model.look(*row, *by, now).map(text))
            }
            What::Earn { row, word, text: said, back, by, later } => {
                let decided = back.and_then(|back| self.decided(back));
                let at = now + later * 3_600_000;
                let mut said_of = Answer::to(id(*row), earning(*word, *said), time(at));
                said_of.decision = decided.as_ref().map(|decided| decided.id);
                let found = self.vault(handle).earn(keys.signer(*by), &keys.device, &said_of, time(now));
                let found = found.map(|earned| super::model::DidEarn {
                    generation: earned.generation,
                    settled: earned.settled.iter().map(row_of).collect(),
                    dependants: earned.dependants,
                });
                if let Ok(earned) = &found {
                    let effects = [
                        ("ties are settled", !earned.settled.is_empty()),
                        ("dependants are marked", earned.dependants > 0),
                    ];
                    effects.iter().filter(|(_, had)| *had).for_each(|(effect, _)| self.tally(*effect));
                    self.tally(format!("an earning: {}", word.name()));
                }
                self.told("an earning", found, |model| model.earn(*row, *word, *said, decided.as_ref(), *by, at, now))
            }
            What::Link { row, kind, other } => {
                let found =
                    self.vault(handle).link(&keys.device, &id(*row), *kind, &id(*other), MadeBy::Owner, time(now));
                self.told("a link", found, |model| model.link(*row, *kind, *other))
            }
            What::Forget { row, by } => {
                let found = self.vault(handle).forget(keys.signer(*by), &keys.device, &id(*row), time(now), &|_| ());
                let found = found.map(|forgotten| (forgotten.parts, forgotten.dependants));
                self.told("a forgetting", found, |model| model.forget(*row, *by))
            }
            What::Reopen => {
                self.handles.clear();
                self.open();
                Ok(false)
            }
            What::Kill => {
                self.kill();
                invariants::invariant_4_what_was_returned_is_there_after_a_kill(self.vault(0), self)?;
                Ok(false)
            }
        }
    }

    /// Whether the vault and the model say the same; and whether that was no.
    fn told<T: PartialEq + Debug>(
        &mut self,
        what: &str,
        found: Result<T, VaultError>,
        expected: impl FnOnce(&mut Model) -> Result<T, VaultError>,
    ) -> Outcome<bool> {
        if let Err(error) = &found {
            invariants::invariant_5_no_text_is_told(&format!("{error} {error:?}"))?;
        }
        let expected = expected(&mut self.model);
        same(what, &found, &expected)?;
        self.tally(match &found {
            Ok(_) => what.to_owned(),
            Err(VaultError::Refused { what, .. }) => format!("refused: {what}"),
            Err(error) => {
                let told = format!("{error:?}");
                // The names of its variants, without what they hold.
                let mut names = told.split(|sign: char| !sign.is_alphanumeric()).map(str::to_owned);
                let name = names.next().unwrap_or_default();
                let is_outer = ["Earn", "Use", "Forget"].contains(&name.as_str());
                if is_outer { format!("{name}: {}", names.next().unwrap_or_default()) } else { name }
            }
        });
        Ok(found.is_err())
    }

    fn decide(&mut self, handle: usize, request: &Request, set: usize) -> Outcome {
        let gate = &keys().gates[set];
        let vault = self.vault(handle);
        let retrieval = vault.decide(gate, request).map_err(|error| format!("a retrieval: {error}"))?;
        invariants::invariant_1_deciding_is_a_function(self.vault(1 - handle), gate, request, &retrieval)?;
        invariants::invariant_3_one_ruling_per_candidate(request, &retrieval)?;
        invariants::invariant_5_no_text_is_told(&format!("{retrieval:?}"))?;
        invariants::invariant_13_what_is_dated_later_is_held(vault, gate, request, &retrieval, &self.model)?;
        for memory in retrieval.live.iter().chain(&retrieval.background) {
            let expected = self.model.rows.get(&row_of(&memory.row)).map(|row| text(row.text));
            same("the text that is shown", &memory.body.as_ref().map(|body| body.text().to_owned()), &expected)?;
        }
        if self.retrievals.contains_key(&retrieval.id) {
            return Ok(());
        }
        let rulings = retrieval.rulings.iter().map(|ruling| {
            let row = row_of(&ruling.row);
            let answerable =
                |reason: &stillgood::Reason| matches!(reason.need, Some(Need::Confirmation | Need::Settle));
            Ruled {
                row,
                verdict: ruling.verdict,
                answerable: ruling.reasons.iter().all(answerable),
                settles: ruling.reasons.iter().any(|reason| reason.need == Some(Need::Settle)),
                contradicted: (self.model.rows.get(&row))
                    .is_some_and(|row| !row.tied(LinkKind::Contradicts).is_empty()),
                judged: ruling.judged.and_then(|_| Some(self.model.rows.get(&row)?.saying)),
            }
        });
        let decided =
            Decided { id: retrieval.id, at: request.at.millis(), asks: retrieval.asks, rulings: rulings.collect() };
        self.model.decide(decided, set);
        self.retrievals.insert(retrieval.id, retrieval);
        Ok(())
    }
}

pub(super) fn open(path: &Path) -> Vault {
    Vault::open(path, &keys().owner.verifier(), &keys().identity, None).unwrap()
}

pub(super) fn row_of(row: &RowId) -> usize {
    row.as_str().trim_start_matches('m').parse().unwrap()
}

pub(super) fn request(candidates: &[Wanted], past: bool, at: i64, asks: usize) -> Request {
    let mut request = Request::at(time(at));
    request.about = if past { About::Past } else { About::Now };
    request.asks = asks;
    let candidate = |wanted: &Wanted| {
        let rerank = wanted.tenths.map(|tenths| Score::from_millionths(tenths * 100_000).unwrap());
        Candidate { rerank, ..Candidate::of(id(wanted.row)) }
    };
    request.candidates = candidates.iter().map(candidate).collect();
    request
}

fn draft(said: &Said, hour: i64) -> Draft {
    let stated = millis(hour - said.ago);
    let mut draft = Draft::new(id(said.row), text(said.text), time(stated), Kind::Semantic).unwrap();
    draft.traits.origin = if said.by_user { Origin::User } else { Origin::Assistant };
    if let Some(only) = said.only {
        draft.single = true;
        draft.traits.subject = Some("the heron".parse().unwrap());
        draft.traits.attribute = Some(format!("attribute {only}").parse().unwrap());
    }
    let valid = |hours: i64| time(stated + hours * 3_600_000);
    (draft.traits.valid_from, draft.traits.valid_until) = (said.valid_from.map(valid), said.valid_until.map(valid));
    draft.links.extend(said.link.map(|(kind, other)| (kind, id(other))));
    draft.even_if_forgotten = said.even_if_forgotten;
    draft
}

fn earning(word: Word, said: usize) -> Earning {
    match word {
        Word::Correct => Earning::Correct(Body::new(text(said), None).unwrap()),
        Word::Deny => Earning::Deny,
        Word::DontKnow => Earning::DontKnow,
        Word::Later => Earning::Later,
        Word::Observe => {
            let seen = if said == 0 { answer(0) } else { format!("page {said}") };
            Earning::Observe(Observation {
                source: ObservedIn::Document,
                seen: AnswerDigest::of(seen.as_bytes()).unwrap(),
            })
        }
        Word::Confirm | Word::Recheck => Earning::Confirm,
    }
}

/// Whether a head is what the model says of the row.
fn same_row(row: usize, found: Result<Head, VaultError>, expected: Option<&Row>) -> Outcome {
    let what = |field: &str| format!("m{row}, {field}");
    let (head, expected) = match (found, expected) {
        (Err(VaultError::UnknownRow(_)), None) => return Ok(()),
        (Ok(head), Some(expected)) => (head, expected),
        (found, expected) => return same(&what("is there"), &found.is_ok(), &expected.is_some()),
    };
    let millis = |time: Option<stillgood::Timestamp>| time.map(stillgood::Timestamp::millis);
    ensure(head.text.is_of(&text(expected.text)), || format!("m{row}, text: it says something else"))?;
    same(&what("stated"), &head.stated_at.millis(), &expected.stated)?;
    same(&what("confirmed"), &millis(head.confirmed_at), &expected.confirmed)?;
    same(&what("confirmations"), &head.confirmations, &expected.confirmations)?;
    same(&what("denied"), &head.denied, &expected.denied)?;
    same(&what("observed"), &millis(head.observed_at), &expected.observed)?;
    same(&what("asked"), &millis(head.asked_at), &expected.asked)?;
    same(&what("parents"), &head.parents, &expected.parents)?;
    let links: BTreeMap<(LinkKind, usize), MadeBy> =
        head.links.iter().map(|(kind, to, by)| ((kind, row_of(to)), by)).collect();
    same(&what("links"), &links, &expected.links)?;
    same(&what("valid from"), &millis(head.traits.valid_from), &expected.valid_from)?;
    same(&what("valid until"), &millis(head.traits.valid_until), &expected.valid_until)?;
    let labels = (head.traits.origin == Origin::User, head.traits.labels_by == MadeBy::Owner);
    same(&what("origin and labels"), &labels, &(expected.by_user, expected.owners_labels))?;
    same(&what("generation"), &head.generation, &expected.generation)
}

/// Runs a history on a new vault: `Err` says what went wrong after its last step that was done.
pub(super) fn run(history: &[Step], blind: Blind) -> Outcome<Tally> {
    let mut world = World::new(blind);
    for step in history {
        world.step(step)?;
    }
    invariants::at_the_end(&world)?;
    Ok(world.tally)
}

/// Every row that could be asked for, each relevant, and one that nobody added.
pub(super) fn everything() -> Vec<Wanted> {
    (0..=NOBODY).map(|row| Wanted { row, tenths: Some(9) }).collect()
}
