//! Evidence that is kept with a row: what comes back, what a changed text leaves of it, and what `verify` notices.

use stillgood::{
    Added, Attachments, Draft, Earning, EvidenceFull, Finding, Found, Material, MaterialKind, OpenError, RowId, Span,
    Vault, VaultError,
};

use crate::support::{Home, draft, earn, now, row};

fn piece(kind: MaterialKind, bytes: &[u8]) -> Material {
    Material::new(kind, bytes.to_vec()).unwrap()
}

fn output(text: &str) -> Material {
    piece(MaterialKind::Output, text.as_bytes())
}

fn statement() -> Material {
    piece(MaterialKind::Statement, br#"{"by":"me"}"#)
}

fn with(mut draft: Draft, evidence: &[Material]) -> Draft {
    draft.evidence = evidence.to_vec();
    draft
}

/// What is kept with a row: kinds and body generations, in order.
fn kept(vault: &Vault, id: &str) -> Vec<(MaterialKind, u64)> {
    let evidence = vault.evidence(&row(id)).unwrap();
    evidence.iter().map(|one| (one.material.kind(), one.body_generation)).collect()
}

/// The box of binding contradicted as of now, and nothing in the others.
fn speaks_of_another_text(boxes: &Attachments) -> bool {
    let others = [
        boxes.attestation.is_none(),
        boxes.mode.is_none(),
        boxes.settlement.is_none(),
        boxes.payment.is_none(),
        boxes.route.is_none(),
        boxes.artifact.is_none(),
        boxes.data.is_none(),
    ];
    let found = boxes.binding.as_ref().map(|attached| attached.finding);
    found == Some(Finding { state: Found::Contradicted, as_of: Some(now()) }) && others == [true; 7]
}

/// What `verify` says of evidence, and nothing of anything else.
fn said_of_evidence(home: &Home) -> Vec<String> {
    let findings = home.vault.verify().unwrap().findings;
    let (evidence, others): (Vec<_>, Vec<_>) = findings.into_iter().partition(|finding| finding.check == "evidence");
    for other in others {
        assert!(other.wrong.is_empty(), "{other:?}");
    }
    evidence.into_iter().flat_map(|finding| finding.wrong).collect()
}

fn evidence_error(vault: &Vault, id: &str) -> (RowId, OpenError) {
    match vault.evidence(&row(id)) {
        Err(VaultError::Row { row, error }) => (row, error),
        other => panic!("{other:?}"),
    }
}

/// `a` has one part under its first three heads, and a newer one under head 4; `b` has one, `none` has none.
fn home_with_parts() -> Home {
    let home = Home::new();
    let a = draft("a", "one", 10);
    home.add(&[with(a.clone(), &[output("one")]), with(draft("b", "two", 10), &[statement()]), draft("none", "x", 1)]);
    earn(&home.vault, &home.owner, &home.device, "a", Earning::Confirm, now()).unwrap();
    earn(&home.vault, &home.owner, &home.device, "a", Earning::Confirm, now()).unwrap();
    home.add(&[with(a, &[statement()])]);
    assert_eq!(said_of_evidence(&home), [""; 0]);
    home
}

#[test]
fn pieces_come_back_as_they_came_and_the_file_shows_none() {
    let home = Home::new();
    let pieces = [output("what the model said"), piece(MaterialKind::Key, &[0, 255]), statement()];
    home.add(&[with(draft("a", "what I noted", 1), &pieces), draft("none", "x", 1)]);
    let evidence = home.reopen().evidence(&row("a")).unwrap();
    let back: Vec<Material> = evidence.iter().map(|one| one.material.clone()).collect();
    assert_eq!(back, pieces);
    assert!(evidence.iter().all(|one| (one.attached_at, one.body_generation) == (now(), 1)));
    let head = home.vault.row(&row("a")).unwrap();
    assert!(head.evidence.is_some() && !head.edited && head.generation == 1);
    assert!(home.vault.evidence(&row("none")).unwrap().is_empty());
    assert_eq!(home.vault.evidence(&row("nobody")), Err(VaultError::UnknownRow(row("nobody"))));
    let files = std::fs::read_dir(home.dir.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let seen = |bytes: &Vec<u8>| bytes.windows(19).any(|window| window == b"what the model said");
    assert_eq!(files.filter(seen).count(), 0);
    assert!(home.vault.verify().unwrap().holds());
}

#[test]
fn the_same_record_again_changes_nothing_and_one_without_evidence_takes_none_away() {
    let home = Home::new();
    let said = with(draft("a", "text", 10), &[output("text"), statement()]);
    home.add(std::slice::from_ref(&said));
    let before = home.vault.row(&row("a")).unwrap();
    for again in [said, draft("a", "text", 10)] {
        let added = home.vault.add(&home.device, &[again], now(), &mut |_| ()).unwrap();
        assert_eq!(added, Added { unchanged: 1, ..Added::default() });
        assert_eq!(home.vault.row(&row("a")).unwrap(), before);
    }
}

#[test]
fn more_evidence_is_a_new_part_with_all_of_it_and_moves_no_clock() {
    let home = Home::new();
    home.add(&[with(draft("a", "text", 10), &[output("text")])]);
    let before = home.vault.row(&row("a")).unwrap();
    let more = with(draft("a", "text", 10), &[output("text"), statement()]);
    let later = now().plus(Span::from_millis(5));
    let added = home.vault.add(&home.device, &[more], later, &mut |_| ()).unwrap();
    assert_eq!(added, Added { relabelled: 1, ..Added::default() });
    let after = home.vault.row(&row("a")).unwrap();
    assert_eq!((after.generation, after.body_generation, after.stated_at), (2, 1, before.stated_at));
    assert_ne!(after.evidence, before.evidence);
    let evidence = home.vault.evidence(&row("a")).unwrap();
    let times: Vec<_> = evidence.iter().map(|one| (one.material.kind(), one.attached_at)).collect();
    assert_eq!(times, [(MaterialKind::Output, now()), (MaterialKind::Statement, later)]);
    let report = home.vault.verify().unwrap();
    assert!(report.holds(), "{report:?}");
    let finding = report.findings.iter().find(|finding| finding.check == "evidence").unwrap();
    assert_eq!(finding.checked, 2, "the part under the old head, too");
}

#[test]
fn another_text_keeps_the_evidence_and_loses_what_it_showed() {
    let home = Home::new();
    home.add(&[with(draft("a", "old", 10), &[output("old"), statement()])]);
    let before = home.vault.row(&row("a")).unwrap();
    home.add(&[draft("a", "new", 1)]);
    let after = home.vault.row(&row("a")).unwrap();
    assert!(after.edited && !before.edited);
    assert!(speaks_of_another_text(&after.boxes), "{:?}", after.boxes);
    assert_eq!((after.evidence, after.body_generation), (before.evidence, 2));
    let both = [(MaterialKind::Output, 1), (MaterialKind::Statement, 1)];
    assert_eq!(kept(&home.vault, "a"), both);
    // A confirmation is of the text. It brings no evidence back.
    earn(&home.vault, &home.owner, &home.device, "a", Earning::Confirm, now()).unwrap();
    let earned = home.vault.row(&row("a")).unwrap();
    assert!(earned.edited && speaks_of_another_text(&earned.boxes));
    assert_eq!(kept(&home.vault, "a"), both);
    // What comes with the next text is of that text; what was there stays of the old one.
    home.add(&[with(draft("a", "newer", 0), &[output("newer")])]);
    assert!(!home.vault.row(&row("a")).unwrap().edited);
    assert_eq!(kept(&home.vault, "a"), [both[0], both[1], (MaterialKind::Output, 4)]);
    assert!(home.vault.verify().unwrap().holds());
}

#[test]
fn a_row_keeps_64_pieces_and_8_mib_and_what_is_more_writes_nothing() {
    let home = Home::new();
    let many: Vec<Material> = (0..65).map(|n| output(&n.to_string())).collect();
    home.add(&[with(draft("a", "text", 1), &many[..64])]);
    let before = home.vault.row(&row("a")).unwrap();
    // One that is there already is no more; one more takes the place of one that counts no longer.
    home.add(&[with(draft("a", "text", 1), &many[..1])]);
    assert_eq!(home.vault.row(&row("a")).unwrap(), before);
    home.add(&[with(draft("a", "text", 1), &many[64..])]);
    let kept = home.vault.evidence(&row("a")).unwrap();
    assert!(kept.iter().map(|kept| &kept.material).eq(&many[1..]));
    let kinds = [MaterialKind::Document, MaterialKind::Output, MaterialKind::Headers];
    let large = kinds.map(|kind| piece(kind, &vec![1; 3 << 20]));
    let refused = home.vault.add(&home.device, &[with(draft("b", "text", 1), &large)], now(), &mut |_| ());
    assert_eq!(refused, Err(VaultError::Refused { row: row("b"), what: EvidenceFull::TEXT }));
    assert_eq!(home.vault.row(&row("b")), Err(VaultError::UnknownRow(row("b"))));
    assert!(home.vault.verify().unwrap().holds());
}

#[test]
fn a_part_that_is_missing_is_noticed_under_each_head_that_names_it() {
    let home = home_with_parts();
    home.sql("DELETE FROM evidence WHERE row = 'b'");
    assert_eq!(said_of_evidence(&home), ["row `b`: there is no evidence"]);
    assert_eq!(evidence_error(&home.vault, "b"), (row("b"), OpenError::Damaged));
    // An older part does not take the place of the one that is gone.
    let home = home_with_parts();
    home.sql("DELETE FROM evidence WHERE row = 'a' AND generation = 4");
    assert_eq!(said_of_evidence(&home), ["row `a`: damaged"]);
    assert_eq!(evidence_error(&home.vault, "a"), (row("a"), OpenError::Damaged));
    // Nobody reads the evidence of old heads, but for `verify`.
    let home = home_with_parts();
    home.sql("DELETE FROM evidence WHERE row = 'a' AND generation = 1");
    assert_eq!(said_of_evidence(&home), ["row `a`: there is no evidence"]);
    assert_eq!(kept(&home.vault, "a").len(), 2);
}

#[test]
fn parts_in_each_others_place_are_noticed() {
    let home = home_with_parts();
    for (from, to) in [("a", "c"), ("b", "a"), ("c", "b")] {
        home.sql(&format!("UPDATE evidence SET row = '{to}' WHERE row = '{from}' AND generation = 1"));
    }
    assert_eq!(said_of_evidence(&home), ["row `a`: not this row", "row `b`: not this row"]);
    assert_eq!(evidence_error(&home.vault, "b"), (row("b"), OpenError::NotThisRow));
    let home = home_with_parts();
    home.sql(
        "UPDATE evidence SET sealed = (SELECT sealed FROM evidence WHERE row = 'a' AND generation = 1) WHERE row = 'a'",
    );
    assert_eq!(said_of_evidence(&home), ["row `a`: damaged"]);
    assert_eq!(evidence_error(&home.vault, "a"), (row("a"), OpenError::Damaged));
}

#[test]
fn a_part_under_another_generation_is_noticed() {
    let home = home_with_parts();
    home.sql("UPDATE evidence SET generation = 3 WHERE row = 'a' AND generation = 4");
    // Head 3 names the older part, and head 4 finds its own beside the generation of head 3.
    assert_eq!(said_of_evidence(&home), ["row `a`: damaged", "row `a`: damaged"]);
    assert_eq!(evidence_error(&home.vault, "a"), (row("a"), OpenError::Damaged));
}

#[test]
fn an_altered_part_is_noticed() {
    for sealed in ["zeroblob(100)", "x''", "substr(sealed, 2)"] {
        let home = home_with_parts();
        home.sql(&format!("UPDATE evidence SET sealed = {sealed} WHERE row = 'b'"));
        assert_eq!(said_of_evidence(&home), ["row `b`: damaged"], "{sealed}");
    }
}

#[test]
fn a_part_that_no_head_names_is_noticed() {
    let named_by_none = [
        ("'none', 1", "row `none`: no head names the evidence of generation 1"),
        ("'nobody', 1", "row `nobody`: no head names the evidence of generation 1"),
        ("'b', 2", "row `b`: no head names the evidence of generation 2"),
        // Head 3 names the part before it, and finds this one.
        ("'a', 2", "row `a`: not this row"),
    ];
    for (place, said) in named_by_none {
        let home = home_with_parts();
        home.sql(&format!("INSERT INTO evidence SELECT {place}, sealed FROM evidence WHERE row = 'b'"));
        assert_eq!(said_of_evidence(&home)[0], said, "{place}");
    }
}

#[test]
fn seals_of_evidence_count() {
    let home = Home::new();
    home.add(&[with(draft("a", "text", 1), &[statement()])]);
    // A head, a body, and the evidence.
    home.sql("UPDATE seals SET reserved = 3");
    assert!(home.vault.verify().unwrap().holds());
    home.sql("UPDATE seals SET reserved = 2");
    let findings = home.vault.verify().unwrap().findings;
    let wrong: Vec<String> = findings.into_iter().flat_map(|finding| finding.wrong).collect();
    assert_eq!(wrong, ["more is sealed under epoch 1 than was reserved"]);
}

#[cfg(feature = "evidence")]
mod examined {
    use super::*;

    fn state(vault: &Vault, id: &str) -> Option<Found> {
        vault.row(&row(id)).unwrap().boxes.binding.as_ref().map(|attached| attached.finding.state)
    }

    #[test]
    fn what_is_attached_later_fills_the_boxes_and_stands_beside_what_was_there() {
        let home = home_with_parts();
        let attach = |id: &str, piece: Material| home.vault.attach(&home.device, &row(id), &[piece], now());
        assert_eq!(state(&home.vault, "none"), None);
        let examination = attach("none", output("x")).unwrap();
        assert_eq!(examination.boxes, home.vault.row(&row("none")).unwrap().boxes);
        assert_eq!(state(&home.vault, "none"), Some(Found::Claimed));
        let head = home.vault.row(&row("none")).unwrap();
        assert_eq!((head.generation, head.body_generation), (2, 1));
        attach("none", statement()).unwrap();
        assert_eq!(kept(&home.vault, "none"), [(MaterialKind::Output, 1), (MaterialKind::Statement, 1)]);
        // What is there already comes last; the boxes say what they said.
        let before = home.vault.row(&row("none")).unwrap();
        attach("none", output("x")).unwrap();
        assert_eq!(kept(&home.vault, "none"), [(MaterialKind::Statement, 1), (MaterialKind::Output, 1)]);
        assert_eq!(home.vault.row(&row("none")).unwrap().boxes, before.boxes);
        assert!(home.vault.verify().unwrap().holds());
    }

    #[test]
    fn what_cannot_be_attached_is_refused_by_name() {
        let home = home_with_parts();
        let attach =
            |id: &str, pieces: &[Material]| home.vault.attach(&home.device, &row(id), pieces, now()).unwrap_err();
        assert_eq!(attach("nobody", &[statement()]), VaultError::UnknownRow(row("nobody")));
        let kinds = [MaterialKind::Document, MaterialKind::Output, MaterialKind::Headers];
        let full = VaultError::Refused { row: row("none"), what: EvidenceFull::TEXT };
        assert_eq!(attach("none", &kinds.map(|kind| piece(kind, &vec![1; 3 << 20]))), full);
        let stranger = stillgood::Signer::generate("test/stranger".parse().unwrap());
        let refused = home.vault.attach(&stranger, &row("none"), &[statement()], now());
        assert!(matches!(refused, Err(VaultError::NotAllowed { what: "write", .. })), "{refused:?}");
        home.sql("DELETE FROM bodies WHERE row = 'none'");
        assert_eq!(attach("none", &[statement()]), VaultError::Row { row: row("none"), error: OpenError::Damaged });
        home.sql("UPDATE evidence SET sealed = (SELECT sealed FROM evidence WHERE row = 'a') WHERE row = 'b'");
        assert_eq!(attach("b", &[output("two")]), VaultError::Row { row: row("b"), error: OpenError::NotThisRow });
        assert_eq!(home.vault.row(&row("b")).unwrap().generation, 1);
    }

    #[test]
    fn a_recheck_looks_at_every_row_with_evidence_and_leaves_one_that_does_not_open() {
        let home = home_with_parts();
        home.sql("UPDATE evidence SET sealed = zeroblob(100) WHERE row = 'b'");
        let [a, b] = ["a", "b"].map(|id| home.vault.row(&row(id)).unwrap());
        let later = now().plus(Span::from_millis(9));
        let done = home.vault.recheck(&home.device, None, later).unwrap();
        let rows: Vec<&str> = done.iter().map(|one| one.row.as_str()).collect();
        assert_eq!(rows, ["a", "b"], "the third has none");
        assert!(!done[0].changed && done[0].examination.is_ok());
        assert_eq!((&done[1].examination, done[1].changed), (&Err(OpenError::Damaged), false));
        assert_eq!(home.vault.row(&row("b")).unwrap(), b);
        // What says the same as before was found when it was found first, and nothing is written.
        assert_eq!(home.vault.row(&row("a")).unwrap(), a);
        let unknown = home.vault.recheck(&home.device, Some(&[row("nobody")]), now());
        assert_eq!(unknown, Err(VaultError::UnknownRow(row("nobody"))));
    }

    #[test]
    fn evidence_of_another_text_shows_nothing_when_it_is_examined_again() {
        let home = Home::new();
        home.add(&[with(draft("a", "old", 10), &[output("old")])]);
        assert_eq!(state(&home.vault, "a"), Some(Found::Claimed));
        home.add(&[draft("a", "new", 1)]);
        let done = home.vault.recheck(&home.device, Some(&[row("a")]), now()).unwrap();
        assert!(!done[0].changed);
        let head = home.vault.row(&row("a")).unwrap();
        assert!(head.edited && speaks_of_another_text(&head.boxes));
        // Neither an answer that was there before nor anything that is no answer speaks of the new text.
        for piece in [output("old"), statement()] {
            home.vault.attach(&home.device, &row("a"), &[piece], now()).unwrap();
            let head = home.vault.row(&row("a")).unwrap();
            assert!(head.edited && speaks_of_another_text(&head.boxes));
        }
        assert_eq!(kept(&home.vault, "a"), [(MaterialKind::Output, 2), (MaterialKind::Statement, 2)]);
        // A new answer does.
        home.vault.attach(&home.device, &row("a"), &[output("another")], now()).unwrap();
        assert_eq!(state(&home.vault, "a"), Some(Found::Claimed));
        assert!(!home.vault.row(&row("a")).unwrap().edited);
        assert!(home.vault.verify().unwrap().holds());
    }
}
