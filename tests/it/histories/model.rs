//! What must be so after each step: rows, ties and answers in plain Rust, by the rules of the documentation alone.

mod ask;
mod earn;
mod import;

use std::collections::{BTreeMap, BTreeSet};

use stillgood::{DecisionId, LinkKind, MadeBy, Parents, RowId, Timestamp, VaultError, Verdict, Word};

use super::step::{Who, name};

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;

/// What a model is blind to on purpose: so a bug in the vault looks from the other side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Blind {
    Nothing,
    Confirmations,
    Dependants,
    /// Invariant 9 then takes every row that an earning made looser for a fault.
    Earnings,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row {
    pub(super) text: usize,
    /// Which saying of a text, of all that ever were.
    pub(super) saying: u64,
    pub(super) stated: i64,
    pub(super) confirmed: Option<i64>,
    pub(super) confirmations: u64,
    pub(super) denied: bool,
    pub(super) observed: Option<i64>,
    pub(super) asked: Option<i64>,
    /// Whoever was asked last did not answer on purpose.
    pub(super) put_off: bool,
    pub(super) parents: Parents,
    pub(super) links: BTreeMap<(LinkKind, usize), MadeBy>,
    pub(super) by_user: bool,
    pub(super) owners_labels: bool,
    pub(super) only: Option<usize>,
    pub(super) valid_from: Option<i64>,
    pub(super) valid_until: Option<i64>,
    pub(super) generation: u64,
    pub(super) first: u64,
    /// Which saying the owner corrected it to.
    pub(super) corrected: Option<u64>,
    /// Each beginning that its record named, and those before its last correction.
    pub(super) began: Vec<i64>,
    pub(super) cleared: Vec<i64>,
    /// Each text that it had: when it was stated, which saying it was, and which text.
    pub(super) said: Vec<(i64, u64, usize)>,
}

impl Row {
    pub(super) fn last_earned(&self) -> i64 {
        self.confirmed.map_or(self.stated, |confirmed| confirmed.max(self.stated))
    }

    pub(super) fn tied(&self, kind: LinkKind) -> Vec<usize> {
        self.links.keys().filter(|(own, _)| *own == kind).map(|(_, row)| *row).collect()
    }

    fn is_retired(&self) -> bool {
        self.denied || !self.tied(LinkKind::SupersededBy).is_empty()
    }

    /// Nobody is asked about what changes more often than every fourteen days.
    fn changes_too_fast(&self, at: i64) -> bool {
        let changes = self.said.len() as i64 - 1;
        let first = self.said.iter().map(|(stated, ..)| *stated).min().unwrap_or(self.stated);
        changes >= 2 && (at - first) / changes < 14 * DAY
    }
}

/// A ruling, as far as an answer to it is concerned.
#[derive(Clone, Debug)]
pub(super) struct Ruled {
    pub(super) row: usize,
    pub(super) verdict: Verdict,
    /// An answer clears every reason; and whether one of them is a contradiction.
    pub(super) answerable: bool,
    pub(super) settles: bool,
    /// Something contradicted the row then.
    pub(super) contradicted: bool,
    /// Which saying was judged.
    pub(super) judged: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct Decided {
    pub(super) id: DecisionId,
    pub(super) at: i64,
    pub(super) asks: usize,
    pub(super) rulings: Vec<Ruled>,
}

impl Decided {
    /// Number and ruling of a row: the strictest, and of those the first.
    fn on(&self, row: usize) -> Option<(usize, &Ruled)> {
        let ruled = (1..).zip(&self.rulings).filter(|(_, ruled)| ruled.row == row);
        ruled.max_by_key(|(number, ruled)| (ruled.verdict, std::cmp::Reverse(*number)))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Model {
    blind: Blind,
    pub(super) rows: BTreeMap<usize, Row>,
    /// Rows that were forgotten, also if they came back: the last generation.
    pub(super) gone: BTreeMap<usize, u64>,
    /// In the order of the log.
    pub(super) decisions: Vec<Decided>,
    /// By answer: decision, numbers of its rulings, in the order of the log.
    pub(super) uses: BTreeMap<usize, Vec<(DecisionId, BTreeSet<usize>)>>,
    answered: BTreeSet<(DecisionId, usize)>,
    sayings: u64,
    pub(super) log: Vec<Logged>,
    /// Rows that the last step may have made looser: by an earning, or because they say something else.
    pub(super) freed: BTreeSet<usize>,
}

/// An entry of the log, with the heads that it led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Logged {
    Decision(DecisionId),
    Use(DecisionId, BTreeSet<usize>),
    Ask(DecisionId, Vec<Led>),
    Opening(Led),
    Earning(Word, i64, Option<DecisionId>, Led, Vec<Led>),
    /// By which of the sets.
    Policies(usize),
    Forgetting(u64),
}

/// A row, and the generation of its head.
pub(super) type Led = (usize, u64);

/// What an earning did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct DidEarn {
    pub(super) generation: u64,
    pub(super) settled: Vec<usize>,
    pub(super) dependants: usize,
}

pub(super) fn id(row: usize) -> RowId {
    name(row).parse().unwrap()
}

pub(super) fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

/// One transaction.
struct Change {
    rows: BTreeMap<usize, Row>,
    touched: BTreeSet<usize>,
    unsettled: BTreeSet<usize>,
    spoken_for: BTreeSet<usize>,
}

impl Model {
    pub(super) fn new(blind: Blind) -> Self {
        Model {
            blind,
            rows: BTreeMap::new(),
            gone: BTreeMap::new(),
            decisions: vec![],
            uses: BTreeMap::new(),
            answered: BTreeSet::new(),
            sayings: 0,
            log: vec![],
            freed: BTreeSet::new(),
        }
    }

    fn begin(&self) -> Change {
        Change {
            rows: self.rows.clone(),
            touched: BTreeSet::new(),
            unsettled: BTreeSet::new(),
            spoken_for: BTreeSet::new(),
        }
    }

    /// Marks dependants, and counts generations. How many were marked.
    fn commit(&mut self, mut change: Change, without: Option<usize>) -> usize {
        let mut marked = 0;
        let mut next: Vec<usize> = change.unsettled.iter().copied().collect();
        if self.blind == Blind::Dependants {
            next.clear();
        }
        let mut walked: BTreeSet<usize> = next.iter().copied().collect();
        while let Some(row) = next.pop() {
            let dependants = change.rows.get(&row).map(|row| row.tied(LinkKind::HasDependant)).unwrap_or_default();
            for dependant in dependants {
                let is_alone = change.unsettled.len() == 1 && change.unsettled.contains(&dependant);
                if is_alone || change.spoken_for.contains(&dependant) || without == Some(dependant) {
                    continue;
                }
                let Some(found) = change.rows.get_mut(&dependant) else { continue };
                if found.links.contains_key(&(LinkKind::Supersedes, row)) {
                    continue;
                }
                if found.parents != Parents::Changed {
                    found.parents = Parents::Changed;
                    change.touched.insert(dependant);
                    marked += 1;
                }
                if walked.insert(dependant) {
                    next.push(dependant);
                }
            }
        }
        if let Some(row) = without {
            change.rows.remove(&row);
        }
        for row in &change.touched {
            if let Some(found) = change.rows.get_mut(row) {
                found.generation += 1;
            }
        }
        self.rows = change.rows;
        marked
    }

    fn was_forgotten(&self, change: &Change, row: usize) -> bool {
        !change.rows.contains_key(&row) && self.gone.contains_key(&row)
    }

    /// A retrieval that was not decided before.
    pub(super) fn decide(&mut self, decided: Decided, set: usize) {
        let sets = self.log.iter().rev().filter_map(|entry| match entry {
            Logged::Policies(set) => Some(*set),
            _ => None,
        });
        if { sets }.next() != Some(set) {
            self.log.push(Logged::Policies(set));
        }
        self.log.push(Logged::Decision(decided.id));
        self.decisions.push(decided);
    }

    fn may_say(&self, by: Who, what: &'static str, at: i64) -> Result<(), VaultError> {
        if by != Who::Stranger {
            return Ok(());
        }
        Err(VaultError::NotAllowed { name: key(by), what, at: time(at) })
    }
}

/// The name of a key.
pub(super) fn key(who: Who) -> String {
    match who {
        Who::Owner => "test/owner",
        Who::Device => "test/device",
        Who::Stranger => "test/stranger",
    }
    .to_owned()
}
