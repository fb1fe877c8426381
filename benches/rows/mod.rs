//! Rows to measure on: made-up memories of ordinary size, sealed, in a vault or in memory.
#![allow(dead_code, reason = "each benchmark uses its share")]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use stillgood::{
    Artifact, Attached, Attachments, Boxes, Candidate, Category, Code, Draft, Finding, Found, Gate, Head, How,
    Identity, Keys, Kind, Mode, PaymentRung, PolicySet, Private, Request, RowId, Score, SealedRow, SettlementRung,
    Signer, Span, Timestamp, Vault, Verdict,
};

/// Keys of one user.
pub(crate) struct Home {
    pub(crate) owner: Signer,
    pub(crate) device: Signer,
    pub(crate) identity: Identity,
    dir: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        let key = |name: &str| Signer::generate(name.parse().expect("a name"));
        Home {
            owner: key("bench/owner"),
            device: key("bench/device"),
            identity: Identity::generate(),
            dir: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("v.sgv")
    }

    /// A vault of so many rows.
    pub(crate) fn vault(&self, rows: usize) -> Vault {
        let begin = "2000-01-01T00:00:00Z".parse().expect("a time");
        let vault = Vault::create(&self.path(), &self.owner, &self.identity, &self.device, begin).expect("a new vault");
        vault.add(&self.device, &drafts(0..rows), now(), &mut |_| ()).expect("new rows");
        vault
    }

    /// The keys of a vault without rows, and rows sealed for it.
    pub(crate) fn sealed(&self, rows: usize) -> (Keys, HashMap<RowId, SealedRow>) {
        self.sealed_with(rows, &Attachments::default())
    }

    /// The same rows, each with these boxes.
    pub(crate) fn sealed_with(&self, rows: usize, boxes: &Attachments) -> (Keys, HashMap<RowId, SealedRow>) {
        let _ = std::fs::remove_file(self.path());
        let keys = self.vault(0).ring().unlock(&self.identity).expect("our identity");
        let seal = |draft: Draft| {
            let draft = Draft { boxes: boxes.clone(), ..draft };
            (draft.row.clone(), SealedRow::seal(&keys, &draft).expect("a legal row"))
        };
        let rows = drafts(0..rows).into_iter().map(seal).collect();
        (keys, rows)
    }

    /// A gate that signs with the device's key.
    pub(crate) fn gate(&self, set: PolicySet) -> Gate {
        let device = Signer::from_pem(&self.device.to_pem(), &self.device.verifier()).expect("our own key");
        Gate::new(set, device)
    }
}

/// A set by which every row is live.
pub(crate) fn all_live() -> PolicySet {
    let manifest = "name = \"one\"\nversion = 1\nrelevant_from = 0.3\n";
    let policy = "// Everything.\nif row.unconfirmed_for >= days(0) { live(\"x\") }\n";
    let files = [("set.toml".to_owned(), manifest.into()), ("one.rhai".to_owned(), policy.into())];
    PolicySet::from_files(&BTreeMap::from(files)).expect("a legal set")
}

/// The set of six branches that `benches/peers` has too.
pub(crate) fn six() -> PolicySet {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/six");
    PolicySet::from_dir(&folder).expect("a legal set")
}

/// The open heads of a request's candidates.
pub(crate) fn heads(keys: &Keys, sealed: &HashMap<RowId, SealedRow>, request: &Request) -> Vec<Head> {
    let open = |candidate: &Candidate| sealed.get(&candidate.row)?.head.open(keys, &candidate.row).ok();
    request.candidates.iter().map(|candidate| open(candidate).expect("our own row")).collect()
}

/// What a set's policies alone say of rows that are open.
pub(crate) fn verdicts(set: &PolicySet, heads: &[Head], request: &Request) -> Vec<Verdict> {
    let mut evaluator = set.evaluator();
    let rows = heads.iter().zip(&request.candidates).zip(1..);
    rows.map(|((head, candidate), rank)| evaluator.verdict(head, request, candidate, rank)).collect()
}

/// Every box filled, as after evidence that held, with nothing to object to.
pub(crate) fn boxes() -> Attachments {
    let then = now().plus(Span::days(-1).expect("a day"));
    fn verified<T>(as_of: Timestamp, detail: T) -> Option<Attached<T>> {
        Some(Attached { finding: Finding { state: Found::Verified, as_of: Some(as_of) }, detail })
    }
    let artifact = Artifact {
        label: Some("gpt-4.1-2025-04-14".into()),
        blob_id: Some("M4hsZGQ1oCktdzegB6HnI6Mi28S2nqOPHxK-W7_4BUk".into()),
    };
    let boxes = Boxes {
        binding: verified(then, How::Verbatim),
        attestation: verified(then, Code::Listed),
        mode: verified(then, Mode::Tee),
        settlement: verified(then, (SettlementRung::Included, Some(then))),
        payment: verified(then, PaymentRung::Receipted),
        route: Some(Attached { finding: Finding { state: Found::Claimed, as_of: Some(then) }, detail: Private::Yes }),
        artifact: verified(then, artifact),
        data: verified(then, Some(now().plus(Span::days(30).expect("a month")))),
    };
    boxes.into()
}

pub(crate) fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().expect("a time")
}

pub(crate) fn id(n: usize) -> RowId {
    format!("mem_{n:06}").parse().expect("an id")
}

pub(crate) fn drafts(rows: std::ops::Range<usize>) -> Vec<Draft> {
    rows.map(draft).collect()
}

/// Ages from 0 to 5 years, half of each kind, one category each, texts of about a hundred bytes.
fn draft(n: usize) -> Draft {
    let stated = now().plus(Span::days(-((n as i64 * 37) % 1_825)).expect("a few years"));
    let kind = if n.is_multiple_of(2) { Kind::Semantic } else { Kind::Episodic };
    let text = format!("Row {n}: {}", "what somebody said of something. ".repeat(3));
    let mut draft = Draft::new(id(n), text, stated, kind).expect("a short text");
    draft.traits.categories.extend(Category::ALL.get(n % Category::ALL.len()).copied());
    draft
}

/// A request for so many of `rows` rows, spread evenly, each with a rerank score.
pub(crate) fn request(candidates: usize, rows: usize) -> Request {
    let score = |n: usize| Score::from_millionths((n as u32 * 7_919) % 1_000_000).expect("below one");
    let candidate = |n: usize| Candidate { rerank: Some(score(n)), ..Candidate::of(id(n * (rows / candidates))) };
    Request { candidates: (0..candidates).map(candidate).collect(), ..Request::at(now()) }
}

/// The same request, so many milliseconds later: another decision.
pub(crate) fn later(request: &Request, shift: i64) -> Request {
    Request { at: request.at.plus(Span::from_millis(shift)), ..request.clone() }
}
