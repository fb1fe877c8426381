//! Deciding many rows at once, and counting what came of them.

use std::collections::HashMap;

use stillgood::{
    Candidate, Gate, Head, Identity, KeyRing, Keys, Kind, ListedVerifier, PolicySet, Request, Roles, RowId, Ruling,
    Score, SealedRow, Signer, Span, SurvivalTable, Timestamp, VaultId, Verdict, View,
};

use super::rows::Made;
use crate::support::{file, time};

/// The shipped set, and a key ring to seal rows with.
pub(super) struct Measure {
    gate: Gate,
    keys: Keys,
    table: SurvivalTable,
}

/// One row as it was decided.
pub(super) struct Decided {
    pub(super) kind: Kind,
    pub(super) age: Span,
    /// The chance that it still holds, as the shipped table has it.
    pub(super) chance: Score,
    pub(super) fate: Fate,
}

/// What became of a row. The two kinds of background are kept apart: only one of them is caution.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    Live,
    /// Background because it hardly fits the question, and for nothing else.
    OffTopic,
    /// Background because of its age.
    Aged,
    ReEarn,
}

impl Fate {
    pub(super) const ALL: [Fate; 4] = [Fate::Live, Fate::OffTopic, Fate::Aged, Fate::ReEarn];

    fn of(ruling: &Ruling) -> Self {
        let off_topic = |policy: &str| policy == "off-topic";
        match ruling.verdict {
            Verdict::Live => Fate::Live,
            Verdict::Background if ruling.reasons.iter().all(|reason| off_topic(&reason.policy)) => Fate::OffTopic,
            Verdict::Background => {
                let known = |policy: &str| policy == "holds" || off_topic(policy);
                assert!(ruling.reasons.iter().all(|reason| known(&reason.policy)), "a new reason: {ruling:?}");
                Fate::Aged
            }
            Verdict::ReEarn => Fate::ReEarn,
        }
    }
}

impl Measure {
    pub(super) fn new() -> Self {
        let (owner, device) =
            (Signer::generate("test/owner".parse().unwrap()), Signer::generate("test/device".parse().unwrap()));
        let (identity, since) = (Identity::generate(), time("2020-01-01T00:00:00Z"));
        let listed = ListedVerifier { verifier: device.verifier(), roles: Roles::WriterAndDecider, since, until: None };
        let ring = KeyRing::create(&owner, VaultId::from_bytes([7; 16]), identity.recipient(), listed, since);
        let table = std::fs::read_to_string(file("policies/survival.toml")).unwrap();
        Measure {
            gate: Gate::new(PolicySet::builtin(), device),
            keys: ring.unlock(&identity).unwrap(),
            table: SurvivalTable::from_toml(&table).unwrap(),
        }
    }

    pub(super) fn seal(&self, made: &[Made]) -> Rows<'_> {
        let sealed: HashMap<RowId, SealedRow> = made
            .iter()
            .map(|made| (made.draft.row.clone(), SealedRow::seal(&self.keys, &made.draft).unwrap()))
            .collect();
        let open = |(id, row): (&RowId, &SealedRow)| (id.clone(), row.head.open(&self.keys, id).unwrap());
        let heads: HashMap<RowId, Head> = sealed.iter().map(open).collect();
        assert!(heads.values().all(|head| head.confirmed_at.is_none()), "no earnings");
        let candidate =
            |made: &Made| Candidate { rerank: Some(made.relevance), ..Candidate::of(made.draft.row.clone()) };
        Rows { measure: self, candidates: made.iter().map(candidate).collect(), sealed, heads }
    }
}

/// Sealed rows, to be decided as often as one likes.
pub(super) struct Rows<'m> {
    measure: &'m Measure,
    candidates: Vec<Candidate>,
    sealed: HashMap<RowId, SealedRow>,
    heads: HashMap<RowId, Head>,
}

impl Rows<'_> {
    /// Decides all rows at this time: about now, purpose not said, each with its relevance.
    pub(super) fn decide(&self, at: Timestamp) -> Vec<Decided> {
        self.decide_as(at, |_| ())
    }

    /// The same with another request.
    pub(super) fn decide_as(&self, at: Timestamp, change: impl Fn(&mut Request)) -> Vec<Decided> {
        let Measure { gate, keys, table } = self.measure;
        let mut request = Request { candidates: self.candidates.clone(), ..Request::at(at) };
        change(&mut request);
        let retrieval = gate.decide(keys, &request, &View::Unpinned, &self.sealed).unwrap();
        assert_eq!((retrieval.rulings.len(), retrieval.faults.len()), (request.candidates.len(), 0));
        let decided = retrieval.rulings.iter().map(|ruling| {
            let head = &self.heads[&ruling.row];
            Decided {
                kind: head.traits.kind,
                age: at.since(head.stated_at),
                chance: table.survival(head, at),
                fate: Fate::of(ruling),
            }
        });
        decided.collect()
    }
}

/// How many rows there are, and how many came to each fate.
#[derive(Default)]
pub(super) struct Shares {
    pub(super) rows: usize,
    counts: [usize; 4],
}

impl Shares {
    pub(super) fn of<'d>(decided: impl IntoIterator<Item = &'d Decided>) -> Self {
        let mut shares = Shares::default();
        for row in decided {
            shares.rows += 1;
            shares.counts[row.fate as usize] += 1;
        }
        shares
    }

    pub(super) fn count(&self, fate: Fate) -> usize {
        self.counts[fate as usize]
    }

    /// In tenths of one per cent, halves up: exact for a thousand rows.
    pub(super) fn tenths(&self, fate: Fate) -> usize {
        rounded(1_000 * self.count(fate) as u64, self.rows as u64) as usize
    }

    /// The cells of a table: one per fate.
    pub(super) fn cells(&self) -> String {
        let cells = Fate::ALL.map(|fate| per_cent(self.tenths(fate)));
        format!("| {} |", cells.join(" | "))
    }
}

/// Tenths of one per cent, as text.
pub(super) fn per_cent(tenths: usize) -> String {
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// A quotient to the nearest whole number, halves up.
pub(super) fn rounded(part: u64, whole: u64) -> u64 {
    (2 * part + whole) / (2 * whole)
}
