//! What holds of every examination: a piece speaks to the boxes it concerns and to no other, whatever else is attached.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

use super::rows::{Row, Rows};
use super::*;
use crate::evidence::MaterialKind;
use crate::evidence::attestation::tests::Root;

/// The boxes that a piece may change, and no other.
///
/// A statement changes no attestation: what it says of code is noticed and not rested on; nor does a heartbeat. A document and a key concern mode
/// and data, which rest on an attested answer. Headers may name the settlement's blob, which is no model's.
fn concerns(kind: MaterialKind) -> &'static [BoxKind] {
    use BoxKind::{Artifact, Attestation, Binding, Data, Mode, Payment, Route, Settlement};
    match kind {
        MaterialKind::Response => &[Binding, Attestation, Mode, Settlement, Payment, Artifact, Data],
        MaterialKind::LegacyResponse => &[Binding, Attestation, Mode, Settlement, Artifact, Data],
        MaterialKind::Request => &[Artifact],
        MaterialKind::Output => &[Binding, Data],
        MaterialKind::Document => &[Attestation, Mode, Data],
        MaterialKind::Heartbeat => &[],
        MaterialKind::Key => &[Attestation, Mode, Route, Data],
        MaterialKind::Proof => &[Settlement],
        MaterialKind::Receipt | MaterialKind::Permit => &[Payment],
        MaterialKind::Headers => &[Settlement, Payment, Artifact],
        MaterialKind::KeyConfig => &[Route],
        MaterialKind::Statement => &[Mode, Settlement, Payment, Route, Artifact, Data],
    }
}

struct Given {
    good: Row,
    root: Root,
    /// A name, and a piece to put in the place of the good row's.
    replacements: Vec<(String, MaterialKind, Vec<u8>)>,
}

static GIVEN: LazyLock<Given> = LazyLock::new(|| {
    let rows = Rows::read();
    Given { good: rows.good(), root: rows.root(), replacements: rows.replacements() }
});

/// The good row with some of its pieces.
fn some_of_it() -> impl Strategy<Value = Row> {
    let pieces: Vec<_> = GIVEN.good.pieces.clone().into_iter().collect();
    let count = pieces.len();
    subsequence(pieces, 0..=count).prop_map(|kept| Row { pieces: kept.into_iter().collect(), ..GIVEN.good.clone() })
}

/// The boxes in which two examinations differ.
fn differing(one: &Examination, other: &Examination) -> Vec<BoxKind> {
    let (one, other) = (&*one.boxes, &*other.boxes);
    let same = |kind| match kind {
        BoxKind::Binding => one.binding == other.binding,
        BoxKind::Attestation => one.attestation == other.attestation,
        BoxKind::Mode => one.mode == other.mode,
        BoxKind::Settlement => one.settlement == other.settlement,
        BoxKind::Payment => one.payment == other.payment,
        BoxKind::Route => one.route == other.route,
        BoxKind::Artifact => one.artifact == other.artifact,
        BoxKind::Data => one.data == other.data,
    };
    BoxKind::ALL.into_iter().filter(|kind| !same(*kind)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn another_piece_changes_only_the_boxes_it_concerns(row in some_of_it(), which: Index) {
        let (name, kind, bytes) = which.get(&GIVEN.replacements);
        let mut other = row.clone();
        other.pieces.insert(*kind, bytes.clone());
        let changed = differing(&row.examined(&GIVEN.root), &other.examined(&GIVEN.root));
        // Where nothing was attached, the first piece makes a claim that it belongs to the row.
        let is_first = row.pieces.is_empty();
        let allowed = |of: &BoxKind| concerns(*kind).contains(of) || (is_first && *of == BoxKind::Binding);
        prop_assert!(changed.iter().all(allowed), "{name} changes {changed:?}");
    }

    #[test]
    fn a_missing_piece_changes_only_the_boxes_it_concerns(row in some_of_it(), which: Index) {
        prop_assume!(row.pieces.len() > 1);
        let kind = *row.pieces.keys().nth(which.index(row.pieces.len())).unwrap();
        let mut other = row.clone();
        other.pieces.remove(&kind);
        let changed = differing(&row.examined(&GIVEN.root), &other.examined(&GIVEN.root));
        prop_assert!(changed.iter().all(|of| concerns(kind).contains(of)), "{} changes {changed:?}", kind.name());
    }

    #[test]
    fn the_order_of_attaching_matters_only_within_a_kind(
        row in some_of_it(),
        which: Index,
        order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let (name, kind, bytes) = which.get(&GIVEN.replacements);
        // Statements and headers add up: each speaks of what no later one does.
        prop_assume!(!matches!(kind, MaterialKind::Statement | MaterialKind::Headers));
        let mut last = row.clone();
        last.pieces.insert(*kind, bytes.clone());
        let expected = last.examined(&GIVEN.root);
        // All of the row's own pieces, and behind its own kind the other one, in any order.
        let mut pieces: Vec<_> = row.pieces.iter().map(|(kind, bytes)| (*kind, bytes.as_slice())).collect();
        pieces.push((*kind, bytes));
        let mut shuffled: Vec<_> = order.into_iter().filter_map(|at| pieces.get(at).copied()).collect();
        let at = |of: &[u8], all: &[(MaterialKind, &[u8])]| all.iter().position(|(_, bytes)| *bytes == of).unwrap();
        if let Some(own) = row.pieces.get(kind) {
            let (own, other) = (at(own, &shuffled), at(bytes, &shuffled));
            if own > other {
                shuffled.swap(own, other);
            }
        }
        let found = row.examined_of(&shuffled, &GIVEN.root);
        prop_assert_eq!(&found, &expected, "{}", name);
        prop_assert_eq!(found, row.examined_of(&shuffled, &GIVEN.root), "examined twice");
    }

    #[test]
    fn any_bytes_under_any_kind_are_examined(
        row in some_of_it(),
        at in 0..MaterialKind::ALL.len(),
        bytes in prop_oneof![
            proptest::collection::vec(any::<u8>(), 1..300),
            any::<Index>().prop_map(|which| which.get(&GIVEN.replacements).2.clone()),
            "[\\[{\"a-z0-9:, ]{1,80}".prop_map(String::into_bytes),
        ],
        flip: Option<Index>,
    ) {
        let kind = MaterialKind::ALL[at];
        let mut bytes = bytes;
        if let Some(flip) = flip {
            let length = bytes.len();
            bytes[flip.index(length)] ^= 1;
        }
        let mut other = row.clone();
        other.pieces.insert(kind, bytes);
        let found = other.examined(&GIVEN.root);
        prop_assert!(found.boxes.route.as_ref().is_none_or(|route| route.finding.state != Found::Verified));
    }
}

#[test]
fn the_table_of_what_a_piece_concerns_is_no_wider_than_the_vectors() {
    // A box that no vector of a kind changes has no place in the table. The output and the older form come with other pieces.
    let mut seen: BTreeSet<(MaterialKind, BoxKind)> = BTreeSet::new();
    let whole = GIVEN.good.examined(&GIVEN.root);
    let mut examine = |kind: MaterialKind, other: &Row| {
        seen.extend(differing(&whole, &other.examined(&GIVEN.root)).into_iter().map(|of| (kind, of)));
    };
    for (_, kind, bytes) in &GIVEN.replacements {
        let mut other = GIVEN.good.clone();
        other.pieces.insert(*kind, bytes.clone());
        examine(*kind, &other);
        other.pieces.remove(kind);
        examine(*kind, &other);
    }
    let in_the_table = |kind: MaterialKind| concerns(kind).iter().map(move |of| (kind, *of));
    let unseen: Vec<_> =
        GIVEN.good.pieces.keys().copied().flat_map(in_the_table).filter(|pair| !seen.contains(pair)).collect();
    let of_headers = [BoxKind::Payment, BoxKind::Artifact].map(|kind| (MaterialKind::Headers, kind));
    assert_eq!(unseen, [of_headers[0], of_headers[1], (MaterialKind::Statement, BoxKind::Payment)]);
}
