//! Our own policy set `six/`, as programs.
//!
//! Inside the timed loop: every policy of the set on a head that is open, until one of them holds the row. The facts are worked
//! out from the head and the request as the policies read them, ages among them. Rows for which the same model is asked share
//! their request, as the rows of one retrieval do.

use stillgood::{
    Artifact, Attached, Candidate, Digest, Evaluator, Finding, Found, Head, Kind, Links, Parents, PolicySet, Request,
    SettlementRung, Span, TextCommitment, Timestamp, Traits, Verdict,
};

use crate::engine::Engine;
use crate::rows::{Model, Row};

/// The set, compiled once, a head for each row, and the place of its request.
pub(crate) struct Ours<'s> {
    evaluator: Evaluator<'s>,
    rows: Vec<(Head, usize)>,
    requests: Vec<Request>,
    candidate: Candidate,
}

/// The set of `six/`.
pub(crate) fn set() -> PolicySet {
    PolicySet::from_dir(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("six")).unwrap()
}

impl<'s> Ours<'s> {
    pub(crate) fn new(set: &'s PolicySet, rows: &[Row]) -> Self {
        let at: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let mut requests: Vec<Request> = vec![];
        let place = |row: &Row| {
            let request = request(row, at);
            requests.iter().position(|known| *known == request).unwrap_or_else(|| {
                requests.push(request);
                requests.len() - 1
            })
        };
        let places: Vec<usize> = rows.iter().map(place).collect();
        let rows = rows.iter().zip(places).map(|(row, request)| (head(row, at), request)).collect();
        Ours { evaluator: set.evaluator(), rows, requests, candidate: Candidate::of("row".parse().unwrap()) }
    }
}

impl Engine for Ours<'_> {
    fn name(&self) -> &str {
        "stillgood, programs"
    }

    fn package(&self) -> Option<&str> {
        Some("stillgood")
    }

    fn decide(&mut self, row: usize) -> Verdict {
        let (head, request) = &self.rows[row];
        self.evaluator.verdict(head, &self.requests[*request], &self.candidate, 1)
    }
}

fn before(at: Timestamp, seconds: i64) -> Timestamp {
    at.plus(Span::from_millis(-seconds * 1000))
}

fn artifact(model: Option<Model>) -> Artifact {
    Artifact { label: model.map(|model| model.label.to_owned()), blob_id: model.map(|model| model.blob_id.to_owned()) }
}

fn request(row: &Row, at: Timestamp) -> Request {
    Request { artifact: artifact(row.asked), ..Request::at(at) }
}

fn head(row: &Row, at: Timestamp) -> Head {
    let mut traits = Traits::of(Kind::from_name(row.kind.name()).unwrap());
    traits.valid_until = row.expires_in.map(|left| before(at, -left));
    let finding = Finding { state: Found::Verified, as_of: None };
    let rung = SettlementRung::from_name(row.rung.name()).unwrap();
    let boxes = stillgood::Boxes {
        settlement: Some(Attached { finding, detail: (rung, None) }),
        artifact: row.artifact.map(|model| Attached { finding, detail: artifact(Some(model)) }),
        ..stillgood::Boxes::default()
    };
    Head {
        row: "row".parse().unwrap(),
        generation: 1,
        traits,
        stated_at: before(at, row.age),
        confirmed_at: (row.unconfirmed_for < row.age).then(|| before(at, row.unconfirmed_for)),
        confirmations: 0,
        denied: false,
        asked_at: None,
        edited: false,
        parents: Parents::None,
        links: Links::default(),
        boxes: boxes.into(),
        body: Digest::from_bytes([0; 32]),
        body_generation: 1,
        evidence: None,
        text: TextCommitment::new([0; 32], "text"),
        observed_at: None,
        previous: None,
    }
}
