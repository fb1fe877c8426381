//! What the caller gets: live rows, background rows, held ids with what would clear them, faults, the signed decision.

use std::sync::Arc;

use super::{Judgement, Row};
use crate::decision::{Ruling, SignedDecision};
use crate::id::{DecisionId, RowId};
use crate::row::{Body, Head};
use crate::seal::OpenError;
use crate::time::Timestamp;
use crate::verdict::{Reason, Verdict};

/// One retrieval, decided.
#[derive(Debug)]
pub struct Retrieval {
    /// The decision's id.
    pub id: DecisionId,
    /// The signed decision, to keep and to show.
    pub decision: SignedDecision,
    /// All rulings, one per candidate, in request order.
    pub rulings: Vec<Ruling>,
    /// Rows that may stand in the prompt as true. A row offered twice stands once, where its strictest ruling says.
    pub live: Vec<Memory>,
    /// Rows that may be shown only in a block of their own, dated and marked unconfirmed.
    pub background: Vec<Memory>,
    /// What went wrong: for whoever runs the pipeline, not for the user.
    pub faults: Vec<Fault>,
    /// How many questions about held rows may be asked: [`Request::asks`](crate::Request::asks).
    pub asks: usize,
    /// The least time at which a ruling can change; `None` for never.
    pub until: Option<Timestamp>,
}

/// A row that may be shown.
#[derive(Debug)]
pub struct Memory {
    /// Its id.
    pub row: RowId,
    /// Place among the candidates, and of its ruling, from 0: the first of those of this row that was ruled most strictly.
    pub place: usize,
    /// What is known of it.
    pub head: Box<Head>,
    /// Its text; `None` where the caller offered no body.
    pub body: Option<Body>,
    /// Why it may be shown.
    pub reasons: Arc<[Reason]>,
}

/// Something broken that a ruling only names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// The row it was found at.
    pub row: RowId,
    /// One line, without any text of the row.
    pub what: String,
}

impl Fault {
    pub(super) fn head(row: &RowId, error: OpenError) -> Self {
        Fault { row: row.clone(), what: format!("the head does not open: {error}") }
    }

    pub(super) fn body(row: &RowId, error: OpenError) -> Self {
        Fault { row: row.clone(), what: format!("the body does not open: {error}") }
    }

    pub(super) fn policy(row: &RowId, policy: &str, what: &str) -> Self {
        Fault { row: row.clone(), what: format!("policy `{policy}` failed: {what}") }
    }
}

impl Judgement<'_> {
    /// What the caller gets of it, once it is signed.
    pub(super) fn into_retrieval(
        self,
        id: DecisionId,
        decision: SignedDecision,
        mut bodies: Vec<Option<Body>>,
    ) -> Retrieval {
        let Judgement { request, rulings, rows, faults, .. } = self;
        // A row that was offered twice, once with another text, say: the strictest of its rulings holds for its text, which
        // is shown once.
        let mut strictest: Vec<Option<Verdict>> = vec![None; rows.len()];
        for (row, ruling) in rows.iter().zip(&rulings) {
            if let Some(known) = strictest.get_mut(row.first) {
                *known = (*known).max(Some(ruling.verdict));
            }
        }
        let room = |wanted| Vec::with_capacity(rulings.iter().filter(|ruling| ruling.verdict == wanted).count());
        let (mut live, mut background) = (room(Verdict::Live), room(Verdict::Background));
        for (place, (Row { first, head }, ruling)) in rows.into_iter().zip(&rulings).enumerate() {
            let Some(head) = head else { continue };
            let shown = strictest.get_mut(first).and_then(|known| known.take_if(|known| *known == ruling.verdict));
            if shown.is_some() {
                let block = if ruling.verdict == Verdict::Live { &mut live } else { &mut background };
                let (row, reasons) = (ruling.row.clone(), Arc::clone(&ruling.reasons));
                let body = bodies.get_mut(first).and_then(Option::take);
                block.push(Memory { row, place, head, body, reasons });
            }
        }
        let until = rulings.iter().filter_map(|ruling| ruling.until).min();
        Retrieval { id, decision, rulings, live, background, faults, asks: request.asks, until }
    }
}

impl Retrieval {
    /// The rulings on what must be re-earned: why each row is held, and what would clear it.
    pub fn held(&self) -> impl Iterator<Item = &Ruling> {
        self.rulings.iter().filter(|ruling| ruling.verdict == Verdict::ReEarn)
    }
}
