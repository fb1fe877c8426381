//! How many rows of a vault are decided otherwise by a fitted table: every row, as if it were asked for by name, now.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use stillgood::{Candidate, Files, Gate, Occasion, PolicySet, Request, RowId, Signer, SurvivalTable, Vault, Verdict};

use crate::failure::Failure;
use crate::output::{count, now};

/// As many rows are decided at once as one request can name.
const MOST: usize = 100_000;

/// How verdicts move.
pub(super) struct Otherwise {
    rows: usize,
    /// From one verdict to another, in the words of verdicts, and how many rows do.
    moves: BTreeMap<(String, String), usize>,
}

impl Otherwise {
    /// Decides by a set and by the same set with another table. Nothing is stored.
    pub(super) fn count(
        vault: &Vault,
        device: impl Fn() -> Result<Signer, Failure>,
        (set, files): (&PolicySet, &Files),
        fitted: &SurvivalTable,
    ) -> Result<Self, Failure> {
        let mut files = files.clone();
        files.insert("survival.toml".to_owned(), fitted.to_toml().into_bytes());
        let with_fitted = PolicySet::from_files(&files)?;
        let (before, after) = (Gate::new(set.clone(), device()?), Gate::new(with_fitted, device()?));
        let (rows, at) = (vault.rows()?, now()?);
        let mut counted = Otherwise { rows: rows.len(), moves: BTreeMap::new() };
        for rows in rows.chunks(MOST) {
            let mut request = Request::at(at);
            // At another time nothing is stored, and at this one neither.
            request.occasion = Occasion::WhatIf;
            request.candidates = rows.iter().map(asked).collect();
            let verdicts = |gate: &Gate| -> Result<Vec<Verdict>, Failure> {
                let decision = vault.decide_unlogged(gate, &request)?.decision;
                let decision = decision.verify(gate.verifier()).map_err(Failure::cannot)?;
                Ok(decision.rulings.iter().map(|ruling| ruling.verdict).collect())
            };
            let (before, after) = (verdicts(&before)?, verdicts(&after)?);
            for (before, after) in before.iter().zip(&after).filter(|(before, after)| before != after) {
                *counted.moves.entry((before.to_string(), after.to_string())).or_default() += 1;
            }
        }
        Ok(counted)
    }

    pub(super) fn in_words(&self) -> String {
        let changed: usize = self.moves.values().sum();
        if changed == 0 {
            return format!("asked for now, {} of the vault is decided as by the table alone", every(self.rows));
        }
        let moves = self.moves.iter().map(|((from, to), rows)| format!("{rows} {from} -> {to}"));
        let moves: Vec<String> = moves.collect();
        format!(
            "asked for now, {changed} of {} of the vault {} decided otherwise than by the table alone: {}",
            count(self.rows, "row"),
            if changed == 1 { "is" } else { "are" },
            moves.join(", ")
        )
    }

    pub(super) fn as_json(&self) -> Json {
        let moves = self.moves.iter().map(|((from, to), rows)| json!({"from": from, "to": to, "rows": rows}));
        json!({"rows": self.rows, "moves": moves.collect::<Vec<_>>()})
    }
}

fn every(rows: usize) -> String {
    match rows {
        1 => "the one row".to_owned(),
        rows => format!("each of {rows} rows"),
    }
}

fn asked(row: &RowId) -> Candidate {
    let mut candidate = Candidate::of(row.clone());
    candidate.asked = true;
    candidate
}
