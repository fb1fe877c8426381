//! The pure core: sealed heads in, opinions, rulings, one signed decision out. No clock, store, network or randomness.

mod retrieval;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub use retrieval::{Fault, Memory, Retrieval};

use crate::cbor;
use crate::decision::{
    Cores, Durability, Header, Judged, Ruling, SetName, SignedDecision, View, checkpoint, fits_a_bundle,
};
use crate::facts::{FactKind, ValueRef};
use crate::id::{DecisionId, Digest, RowId, VaultId};
use crate::note::{NoteError, Signer, Verifier};
use crate::policy::{Failure, NotOurs, PolicySet, Reasons, Said};
use crate::request::{Candidate, Request};
use crate::row::{Body, Draft, Head};
use crate::seal::{Keys, OpenError, Plaintext, SealedBody, SealedHead, Seed};
use crate::verdict::{Reason, Verdict};

/// A policy set and the decider's signing key: what a pipeline holds. Cheap to clone, shared between threads.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

struct Inner {
    set: PolicySet,
    signer: Signer,
    verifier: Verifier,
}

impl Inner {
    fn set_name(&self) -> SetName {
        SetName { name: self.set.name().to_owned(), version: self.set.version(), digest: self.set.digest() }
    }
}

/// A row as the caller keeps it: sealed head, and sealed body if it is at hand.
#[derive(Clone, Debug)]
pub struct SealedRow {
    /// The sealed head.
    pub head: SealedHead,
    /// The sealed body. Where there is none, a live row is decided with its body unopened.
    pub body: Option<SealedBody>,
}

impl SealedRow {
    /// Seals a new row, generation 1, for a store of your own. Links are left out: they stand in two rows, which a vault
    /// sees to. So is what becomes of a row that changes: never seal two texts under one id and generation.
    ///
    /// # Errors
    /// [`IllegalRow`] for a draft that no reader would take.
    pub fn seal(keys: &Keys, draft: &Draft) -> Result<Self, IllegalRow> {
        let mut head = Head::first(draft, draft.stated_at);
        let body = SealedBody::seal(keys, &draft.row, head.body_generation, &draft.body);
        head.body = body.digest();
        head.check().map_err(IllegalRow)?;
        Ok(SealedRow { head: SealedHead::seal(keys, &head), body: Some(body) })
    }
}

/// Why a draft cannot be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct IllegalRow(&'static str);

/// Why nothing was decided. No memory may be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// The policy set declares no such request key.
    #[error("the policy set knows no request key `{0}`")]
    UnknownKey(String),
    /// The request key has another type.
    #[error("the request key `{key}` is of type {}", .kind.name())]
    KeyType {
        /// The key.
        key: String,
        /// The type that the set declares.
        kind: FactKind,
    },
    /// More candidates than one decision can hold.
    #[error("a request has at most {MOST_CANDIDATES} candidates")]
    TooManyCandidates,
    /// More than a reader of decisions takes: many rulings with long reasons.
    #[error("the decision would be longer than 64 MiB")]
    TooLong,
    /// `-`, which stands for no name, is the name of a field that goes on unjudged.
    #[error("a field that goes on unjudged cannot be called `-`")]
    Passed,
    /// The set's survival table was fitted to another vault.
    #[error("the policy set's survival table is of vault `{table}`, and this is vault `{vault}`")]
    OtherVaultsTable {
        /// The vault that the table names.
        table: VaultId,
        /// The vault whose rows were to be judged.
        vault: VaultId,
    },
    /// The owner of the vault did not sign the set's survival table.
    #[error("the policy set's survival table: {0}")]
    ForeignTable(NoteError),
    /// Label or blob id of the request's model has another form.
    #[error("the request's model has no legal label or blob id")]
    Artifact,
}

/// So that the leaves of a decision stay below what a reader takes.
const MOST_CANDIDATES: usize = 100_000;

impl Gate {
    /// A gate that decides by this set and signs with this key.
    pub fn new(set: PolicySet, signer: Signer) -> Self {
        let verifier = signer.verifier();
        Gate(Arc::new(Inner { set, signer, verifier }))
    }

    /// The set it decides by.
    pub fn set(&self) -> &PolicySet {
        &self.0.set
    }

    /// The public half of the key it signs with.
    pub fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    /// The set's name, version and digest.
    #[cfg(feature = "vault")]
    pub(crate) fn set_name(&self) -> SetName {
        self.0.set_name()
    }

    #[cfg(feature = "vault")]
    pub(crate) fn signer(&self) -> &Signer {
        &self.0.signer
    }

    /// Decides one retrieval over rows that the caller keeps. The same input gives the same bytes.
    ///
    /// # Errors
    /// [`DecideError`]: nothing was decided. Whatever concerns one row is a ruling, never an error.
    pub fn decide(
        &self,
        keys: &Keys,
        request: &Request,
        view: &View,
        rows: &HashMap<RowId, SealedRow>,
    ) -> Result<Retrieval, DecideError> {
        let rows: Vec<_> = request.candidates.iter().map(|candidate| rows.get(&candidate.row)).collect();
        let row = |place: usize| *rows.get(place)?;
        let judged = self.judge(keys, request, |place, _| row(place).map(|row| &row.head))?;
        let body = |place, _: &_| row(place)?.body.as_ref();
        Ok(judged.finish(keys, view, Durability::None, Missing::Unopened, body)?.retrieval)
    }

    /// The first half: heads are opened and judged. No body is needed yet. `sealed` gives the head of the candidate at this
    /// place, and of this row.
    pub(crate) fn judge<'a, 's>(
        &'a self,
        keys: &Keys,
        request: &'a Request,
        sealed: impl Fn(usize, &RowId) -> Option<&'s SealedHead>,
    ) -> Result<Judgement<'a>, DecideError> {
        self.check_table(keys)?;
        self.check(request)?;
        let count = request.candidates.len();
        let mut judged = Judgement {
            gate: self,
            request,
            rulings: Vec::with_capacity(count),
            rows: Vec::with_capacity(count),
            faults: vec![],
        };
        let (mut first, mut reasons) = (HashMap::with_capacity(count), Reasons::default());
        let (mut plaintext, mut evaluator) = (Plaintext::default(), self.0.set.evaluator());
        for (place, candidate) in request.candidates.iter().enumerate() {
            let first = *first.entry(&candidate.row).or_insert(place);
            let opened = sealed(place, &candidate.row)
                .map(|sealed| (sealed, sealed.open_with(keys, &candidate.row, &mut plaintext)));
            // Of a row that is held nothing is needed any more.
            let mut shown = None;
            let ruling = match opened {
                Some((sealed, Ok(head))) => {
                    let said = evaluator.judge(&head, request, candidate, place + 1);
                    judged.faults.extend(faults(candidate, &said));
                    let ruling = self.rule(request, candidate, &head, sealed.digest(), said, &mut reasons);
                    shown = Some(head).filter(|_| ruling.verdict < Verdict::ReEarn);
                    ruling
                }
                Some((_, Err(error))) => {
                    judged.faults.push(Fault::head(&candidate.row, error));
                    unjudged(candidate, reasons.only(&Reason::damaged()))
                }
                None => unjudged(candidate, reasons.only(&Reason::unknown_row())),
            };
            judged.rulings.push(ruling);
            judged.rows.push(Row { first, head: shown });
        }
        Ok(judged)
    }

    fn rule(
        &self,
        request: &Request,
        candidate: &Candidate,
        head: &Head,
        digest: Digest,
        said: Said<'_>,
        reasons: &mut Reasons,
    ) -> Ruling {
        let (at, mut until, mut core) = (request.at, said.until, vec![]);
        if candidate.offered.as_ref().is_some_and(|offered| !head.text.is_of(offered.as_str())) {
            core.push(Reason::text_differs());
        }
        let dated = head.last_earned().max(head.stated_at).max(head.observed_at.unwrap_or(head.stated_at));
        if dated > at {
            core.push(Reason::from_the_future());
            until = Some(until.map_or(dated, |until| until.min(dated)));
        }
        let (verdict, reasons) = reasons.rule(&core, said.opinions, self.0.set.is_relevant(candidate));
        let judged = Some(Judged { generation: head.generation, head: digest, facts: said.facts });
        Ruling { row: candidate.row.clone(), judged, verdict, until, reasons, opened: false }
    }

    fn check_table(&self, keys: &Keys) -> Result<(), DecideError> {
        self.0.set.check_table(keys).map_err(|why| match why {
            NotOurs::Vault(table) => DecideError::OtherVaultsTable { table, vault: keys.vault() },
            NotOurs::Owner(error) => DecideError::ForeignTable(error),
        })
    }

    fn check(&self, request: &Request) -> Result<(), DecideError> {
        if request.candidates.len() > MOST_CANDIDATES {
            return Err(DecideError::TooManyCandidates);
        }
        for (key, value) in &request.keys {
            let declared = self.0.set.request_key(key).ok_or_else(|| DecideError::UnknownKey(key.clone()))?;
            if ValueRef::from(value).kind() != Some(declared) {
                return Err(DecideError::KeyType { key: key.clone(), kind: declared });
            }
        }
        if request.passed.iter().any(|name| name.as_str() == "-") {
            return Err(DecideError::Passed);
        }
        if request.artifact.is_legal() { Ok(()) } else { Err(DecideError::Artifact) }
    }
}

/// What policies failed at.
fn faults(candidate: &Candidate, said: &Said<'_>) -> impl Iterator<Item = Fault> {
    said.opinions.iter().filter_map(|(policy, opinion)| match opinion {
        Err(Failure::Error(what)) => Some(Fault::policy(&candidate.row, policy.id(), what)),
        Err(Failure::OverBudget) => Some(Fault::policy(&candidate.row, policy.id(), "it took too many steps")),
        Ok(_) => None,
    })
}

/// A row that no policy saw.
fn unjudged(candidate: &Candidate, reasons: Arc<[Reason]>) -> Ruling {
    let row = candidate.row.clone();
    Ruling { row, judged: None, verdict: Verdict::ReEarn, until: None, reasons, opened: false }
}

/// What is known of a candidate's row beside its ruling.
struct Row {
    /// The place of the first candidate that names the same row.
    first: usize,
    /// Of a row that may be shown.
    head: Option<Box<Head>>,
}

/// What it means that a row's body is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The caller did not offer it.
    Unopened,
    /// A vault keeps every body.
    #[cfg_attr(not(feature = "vault"), expect(dead_code, reason = "only the vault keeps every body"))]
    Damaged,
}

/// Heads judged, bodies not yet opened.
pub(crate) struct Judgement<'a> {
    gate: &'a Gate,
    request: &'a Request,
    /// In request order, as are the rows.
    rulings: Vec<Ruling>,
    rows: Vec<Row>,
    faults: Vec<Fault>,
}

/// What [`Judgement::finish`] gives: the retrieval, and what a recipient needs to reopen the decision.
pub(crate) struct Outcome {
    pub(crate) retrieval: Retrieval,
    #[cfg_attr(not(feature = "vault"), expect(dead_code, reason = "only the vault stores it"))]
    pub(crate) seed: Seed,
}

impl Judgement<'_> {
    /// The rows whose bodies are wanted, live and background ones, each once, in request order; and the generation of the
    /// body that the row's head names.
    #[cfg_attr(not(feature = "vault"), expect(dead_code, reason = "only the vault fetches bodies"))]
    pub(crate) fn wanted(&self) -> Vec<(RowId, u64)> {
        let mut seen = HashSet::new();
        let heads = self.rows.iter().filter_map(|row| Some((row.first, row.head.as_ref()?)));
        let once = heads.filter(|(first, _)| seen.insert(*first));
        once.map(|(_, head)| (head.row.clone(), head.body_generation)).collect()
    }

    /// The second half: bodies are opened, a failure makes its row re-earn, and all of it is signed.
    ///
    /// # Errors
    /// [`DecideError::TooLong`].
    pub(crate) fn finish<'s>(
        mut self,
        keys: &Keys,
        view: &View,
        durability: Durability,
        missing: Missing,
        sealed: impl Fn(usize, &RowId) -> Option<&'s SealedBody>,
    ) -> Result<Outcome, DecideError> {
        let bodies = self.open_bodies(keys, missing, sealed);
        let Gate(inner) = self.gate;
        let header = header(inner, self.request, keys, *view, durability);
        let cores = Cores::of(&inner.verifier, &header, &self.rulings);
        let seed = keys.disclosure().seed(cores.seed_input());
        let leaves = cores.salted(&keys.disclosure().salts(&seed, cores.count()));
        if !fits_a_bundle(&leaves) {
            return Err(DecideError::TooLong);
        }
        let (id, _) = seed.0.split_first_chunk::<16>().expect("a seed has 32 bytes");
        let id = DecisionId::from_bytes(*id);
        let text = checkpoint(&inner.verifier, keys.vault(), id, &leaves);
        let note = inner.signer.sign(&text).expect("three lines of checked names are a note's text");
        let signed = SignedDecision::new(&note, leaves);
        Ok(Outcome { retrieval: self.into_retrieval(id, signed, bodies), seed })
    }

    /// The bodies of live and background rows, each at the place of the first candidate that names its row.
    fn open_bodies<'s>(
        &mut self,
        keys: &Keys,
        missing: Missing,
        sealed: impl Fn(usize, &RowId) -> Option<&'s SealedBody>,
    ) -> Vec<Option<Body>> {
        let mut opened: Vec<Option<Result<Body, OpenError>>> = self.rows.iter().map(|_| None).collect();
        let mut plaintext = Plaintext::default();
        for (row, ruling) in self.rows.iter_mut().zip(&mut self.rulings) {
            let Some(head) = &row.head else { continue };
            let Some(body) = opened.get_mut(row.first) else { continue };
            if body.is_none() {
                *body = match (sealed(row.first, &head.row), missing) {
                    (Some(sealed), _) => Some(sealed.open_with(keys, head, &mut plaintext)),
                    (None, Missing::Damaged) => Some(Err(OpenError::Damaged)),
                    (None, Missing::Unopened) => None,
                };
            }
            ruling.opened = matches!(body, Some(Ok(_)));
            if let Some(Err(error)) = body {
                self.faults.push(Fault::body(&ruling.row, *error));
                ruling.verdict = Verdict::ReEarn;
                ruling.reasons = [Reason::damaged()].into();
                row.head = None;
            }
        }
        opened.into_iter().map(|body| body.and_then(Result::ok)).collect()
    }
}

fn header(inner: &Inner, request: &Request, keys: &Keys, view: View, durability: Durability) -> Header {
    Header {
        at: request.at,
        request: request_content(request),
        set: inner.set_name(),
        program: [concat!("stillgood/", env!("CARGO_PKG_VERSION")).to_owned(), "rhai/1.27.0".to_owned()],
        vault: keys.vault(),
        view,
        durability,
        occasion: request.occasion,
        passed: request.passed.iter().map(ToString::to_string).collect(),
    }
}

/// `docs/formats.md`, "Decision": the request's content.
fn request_content(request: &Request) -> Digest {
    let score = |score: Option<crate::score::Score>| score.map(|score| u64::from(score.millionths()));
    Digest::from_bytes(cbor::hash(11, |out| {
        out.text("stillgood/request/v1").int(request.at.millis()).text(request.about.name());
        out.text_or_null(request.purpose.as_deref()).text_or_null(request.route.map(crate::request::Route::name));
        out.text_or_null(request.artifact.label.as_deref()).text_or_null(request.artifact.blob_id.as_deref());
        out.nested(request.keys.len());
        for (key, value) in &request.keys {
            out.nested(2).text(key);
            ValueRef::from(value).write(out);
        }
        out.nested(request.passed.len());
        for name in &request.passed {
            out.text(name.as_str());
        }
        out.bool(request.occasion == crate::request::Occasion::WhatIf).nested(request.candidates.len());
        for candidate in &request.candidates {
            out.nested(5).text(candidate.row.as_str());
            out.uint_or_null(score(candidate.rerank)).uint_or_null(score(candidate.distance)).bool(candidate.asked);
            let offered = candidate.offered.as_ref().map(crate::request::Offered::digest);
            out.bytes_or_null(offered.as_ref().map(|digest| digest.as_bytes().as_slice()));
        }
    }))
}
