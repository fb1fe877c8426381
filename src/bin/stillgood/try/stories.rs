//! The eight stories of `try --scenario`: made-up rows, made-up evidence, and what happens to them.

use stillgood::{
    Artifact, Attached, Boxes, Code, Finding, Found, How, Kind, Mode, PaymentRung, Private, Request, Route,
    SettlementRung, Span, Timestamp,
};

/// What is true of a row, what gets read into it, and what a decision says instead.
pub(super) struct Story {
    /// One or two words.
    pub(super) title: &'static str,
    /// One line.
    pub(super) is_true: &'static str,
    /// One line: what does not follow from it.
    pub(super) is_read: &'static str,
    pub(super) acts: Vec<Act>,
}

/// One decision, and what comes before it.
pub(super) struct Act {
    /// What happened, or what is asked.
    pub(super) told: &'static str,
    /// Since the first act.
    pub(super) minutes: i64,
    pub(super) changes: Vec<Change>,
    /// What the request says beside its time and rows.
    pub(super) asks: fn(&mut Request),
    pub(super) rows: Vec<&'static str>,
}

/// What happens to a row.
pub(super) enum Change {
    Added(Row),
    /// Other evidence about a row that is there, or none.
    Attached(&'static str, Evidence),
    /// By the owner, a day before.
    Confirmed(&'static str),
    Denied(&'static str),
    /// So many further requests bring it.
    Retrieved(&'static str, usize),
}

/// A made-up memory, said so many days before the story begins.
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) text: &'static str,
    pub(super) kind: Kind,
    pub(super) days: i64,
    pub(super) contradicts: Option<&'static str>,
    pub(super) evidence: Evidence,
}

/// Made-up boxes, as they are found at a time.
pub(super) type Evidence = fn(Timestamp) -> Boxes;

use Change::{Added, Confirmed, Denied, Retrieved};

/// In the order of their numbers.
pub(super) fn stories() -> [Story; 8] {
    [live_data(), route(), badge(), receipt(), answer_first(), old_row(), judgement(), same_label()]
}

fn live_data() -> Story {
    Story {
        title: "live data",
        is_true: "Live data was fetched.",
        is_read: "It came by a path that is proved, and it is still current.",
        acts: vec![
            act(
                "Two rows give the level of a river. One was fetched inside an enclave, one by anybody.",
                0,
                vec![
                    row("row", "The river stood at 2.1 metres.", |at| fetched(Found::Claimed, at)),
                    row("twin", "The river rose by 4 centimetres.", |at| fetched(Found::Verified, at)),
                ],
                &["row", "twin"],
            ),
            act("Half an hour later the numbers are not fresh any more.", 30, vec![], &["row", "twin"]),
        ],
    }
}

fn route() -> Story {
    let private: fn(&mut Request) = |request| request.route = Some(Route::Private);
    let told = "The request demands the private route. One row came by another, one by the private one, one by none.";
    Story {
        title: "route",
        is_true: "The chat looked private.",
        is_read: "This turn took the private route.",
        acts: vec![
            Act {
                asks: private,
                ..act(
                    told,
                    0,
                    vec![
                        row("row", "The test for the allergy is on Monday.", |at| routed(Private::No, at)),
                        row("twin", "The pharmacy opens at eight.", |at| routed(Private::Yes, at)),
                        row("typed", "I am allergic to wasps.", |_| Boxes::default()),
                    ],
                    &["row", "twin", "typed"],
                )
            },
            act("Another request takes any route.", 1, vec![], &["row"]),
        ],
    }
}

fn badge() -> Story {
    Story {
        title: "badge",
        is_true: "A row carries every badge there is.",
        is_read: "So it is right, whatever else is known of it.",
        acts: vec![act(
            "Two rows with all eight boxes filled. The owner said that one of them is wrong.",
            0,
            vec![
                row("row", "The last ferry leaves at 23:40.", every_badge),
                row("twin", "The ferry takes 25 minutes.", every_badge),
                row("bare", "The ferry takes bicycles.", |_| Boxes::default()),
                Denied("row"),
            ],
            &["row", "twin", "bare"],
        )],
    }
}

fn receipt() -> Story {
    Story {
        title: "receipt",
        is_true: "The payment for the run cleared.",
        is_read: "The run was proved.",
        acts: vec![
            act(
                "Both runs were paid for. Of one there is no proof yet that it was settled; it is due in an hour.",
                0,
                vec![
                    row("row", "The roof needs 140 tiles.", |at| paid(announced(at), at)),
                    row("unpaid", "The gutter is 9 metres long.", announced),
                    row("twin", "The attic is 31 square metres.", |at| paid(included(at), at)),
                ],
                &["row", "unpaid", "twin"],
            ),
            act("The hour is over, and still there is no proof.", 60, vec![], &["row", "unpaid", "twin"]),
        ],
    }
}

fn answer_first() -> Story {
    Story {
        title: "answer first, proof later",
        is_true: "A fast answer landed.",
        is_read: "The proof landed.",
        acts: vec![
            act(
                "The answer is there, and its settlement is announced. That of the twin nobody asked to settle.",
                0,
                vec![
                    row("row", "The parcel weighs 3.2 kilograms.", announced),
                    row("twin", "The parcel may be 60 centimetres long.", signed),
                ],
                &["row", "twin"],
            ),
            act("Five minutes later the proof arrived.", 5, vec![Change::Attached("row", included)], &["row", "twin"]),
        ],
    }
}

fn old_row() -> Story {
    let met = Row {
        kind: Kind::Episodic,
        days: 1_600,
        ..unattested("row", "We met by chance on the night train to Vienna.")
    };
    let twin = Row { kind: Kind::Episodic, days: 20, ..unattested("twin", "We had lunch by the canal.") };
    Story {
        title: "old row",
        is_true: "The row is still there, and the search keeps bringing it.",
        is_read: "It is still right.",
        acts: vec![
            act(
                "Something that happened more than four years ago, and something of this month.",
                0,
                vec![Added(met), Added(twin)],
                &["row", "twin"],
            ),
            act("A hundred requests brought it since.", 60, vec![Retrieved("row", 100)], &["row"]),
            act("The owner confirmed it a day ago.", 2_880, vec![Confirmed("row")], &["row"]),
        ],
    }
}

fn judgement() -> Story {
    let attested: Evidence = |at| attested(signed(at), at);
    let contradicting =
        Row { contradicts: Some("other"), evidence: attested, ..unattested("row", "The bridge carries 12 tonnes.") };
    Story {
        title: "judgement",
        is_true: "An enclave ran the model.",
        is_read: "The judgement was good.",
        acts: vec![act(
            "An attested row, and one that says otherwise; an attested row that the owner denied; a twin.",
            0,
            vec![
                Added(unattested("other", "The bridge carries 7 tonnes.")),
                Added(contradicting),
                row("denied", "The bridge was built in 1931.", attested),
                row("twin", "The bridge is 48 metres long.", attested),
                Denied("denied"),
            ],
            &["row", "other", "denied", "twin"],
        )],
    }
}

fn same_label() -> Story {
    let thursday: fn(&mut Request) = |request| request.artifact = model(Some(THURSDAY));
    Story {
        title: "same label",
        is_true: "The model has the same label.",
        is_read: "It is the same model.",
        acts: vec![
            Act {
                asks: |request| request.artifact = model(Some(TUESDAY)),
                ..act(
                    "On Tuesday the model `chat-latest` wrote a row, and is asked again.",
                    0,
                    vec![row("row", "Yeast dough rises for 90 minutes.", |at| written_by(Some(TUESDAY), at))],
                    &["row"],
                )
            },
            Act {
                asks: thursday,
                ..act(
                    "On Thursday another model stands behind the label. It wrote the twin. Of one row nobody knows.",
                    2_880,
                    vec![
                        row("twin", "Rye dough rises for 4 hours.", |at| written_by(Some(THURSDAY), at)),
                        row("unknown", "Spelt dough rises for an hour.", |at| written_by(None, at)),
                    ],
                    &["row", "twin", "unknown"],
                )
            },
        ],
    }
}

fn act(told: &'static str, minutes: i64, changes: Vec<Change>, rows: &[&'static str]) -> Act {
    Act { told, minutes, changes, asks: |_| (), rows: rows.to_vec() }
}

fn unattested(id: &'static str, text: &'static str) -> Row {
    Row { id, text, kind: Kind::Semantic, days: 2, contradicts: None, evidence: |_| Boxes::default() }
}

fn row(id: &'static str, text: &'static str, evidence: Evidence) -> Change {
    Added(Row { evidence, ..unattested(id, text) })
}

// Made-up evidence.

fn found<T>(state: Found, at: Timestamp, detail: T) -> Option<Attached<T>> {
    Some(Attached { finding: Finding { state, as_of: Some(at) }, detail })
}

fn after(at: Timestamp, minutes: i64) -> Timestamp {
    at.plus(Span::minutes(minutes).expect("a few days"))
}

fn signed(at: Timestamp) -> Boxes {
    Boxes { binding: found(Found::Verified, at, How::Verbatim), ..Boxes::default() }
}

fn attested(boxes: Boxes, at: Timestamp) -> Boxes {
    let (attestation, mode) = (found(Found::Verified, at, Code::Listed), found(Found::Verified, at, Mode::Tee));
    Boxes { attestation, mode, ..boxes }
}

fn fetched(state: Found, at: Timestamp) -> Boxes {
    Boxes { data: found(state, at, Some(after(at, 30))), ..signed(at) }
}

fn routed(private: Private, at: Timestamp) -> Boxes {
    Boxes { route: found(Found::Claimed, at, private), ..signed(at) }
}

fn announced(at: Timestamp) -> Boxes {
    let settlement = (SettlementRung::Announced, Some(after(at, 60)));
    Boxes { settlement: found(Found::Claimed, at, settlement), ..signed(at) }
}

fn included(at: Timestamp) -> Boxes {
    Boxes { settlement: found(Found::Verified, at, (SettlementRung::Included, None)), ..signed(at) }
}

fn paid(boxes: Boxes, at: Timestamp) -> Boxes {
    Boxes { payment: found(Found::Claimed, at, PaymentRung::Settled), ..boxes }
}

const TUESDAY: &str = "ABEiM0RVZneImaq7zN3u_wARIjNEVWZ3iJmqu8zd7v8";
const THURSDAY: &str = "_-7dzLuqmYh3ZlVEMyIRAP_u3cy7qpmId2ZVRDMiEQA";

fn model(blob_id: Option<&str>) -> Artifact {
    Artifact { label: Some("chat-latest".to_owned()), blob_id: blob_id.map(str::to_owned) }
}

fn written_by(blob_id: Option<&str>, at: Timestamp) -> Boxes {
    Boxes { artifact: found(Found::Claimed, at, model(blob_id)), ..signed(at) }
}

fn every_badge(at: Timestamp) -> Boxes {
    Boxes {
        payment: found(Found::Verified, at, PaymentRung::Receipted),
        route: found(Found::Claimed, at, Private::Yes),
        artifact: found(Found::Verified, at, model(None)),
        data: found(Found::Verified, at, None),
        ..attested(included(at), at)
    }
}
