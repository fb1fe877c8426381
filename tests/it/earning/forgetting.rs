//! What forgetting takes out, what it leaves, and how a row comes back.

use std::collections::HashSet;
use std::path::Path;

use stillgood::{Added, Draft, ForgetError, Inputs, LinkKind, MadeBy, OwnLink, Parents, VaultError};

use super::{confirm, decide_at, forget, holds, refused, ties};
use crate::support::{Home, draft, now, row};

#[test]
fn each_refusal_of_a_forgetting() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10)]);
    let name = home.device.verifier().name().to_string();
    refused(&home, ForgetError::NotOwner(name), || {
        home.vault.forget(&home.device, &home.device, &row("a"), now(), &|_| ())
    });
    refused(&home, VaultError::UnknownRow(row("b")), || forget(&home, "b"));
    assert_eq!(home.vault.forgotten(&row("a")), Ok(None));
    assert_eq!(forget(&home, "a").unwrap().parts, 2);
    assert_eq!(home.vault.forgotten(&row("a")), Ok(Some(1)));
    refused(&home, ForgetError::Already(row("a")), || forget(&home, "a"));
    holds(&home);
}

/// Every sealed part of a row, as it lies in the file.
fn sealed_parts(home: &Home, id: &str) -> Vec<Vec<u8>> {
    let file = rusqlite::Connection::open(home.path()).unwrap();
    let mut parts = vec![];
    for table in ["heads", "old_heads", "bodies", "evidence"] {
        let mut statement = file.prepare(&format!("SELECT sealed FROM {table} WHERE row = ?1")).unwrap();
        parts.extend(statement.query_map([id], |row| row.get::<_, Vec<u8>>(0)).unwrap().map(Result::unwrap));
    }
    parts
}

/// At how many places of the folder's files 16 bytes of these parts stand.
fn places_with(parts: &[Vec<u8>], folder: &Path) -> usize {
    let windows: HashSet<&[u8]> = parts.iter().flat_map(|part| part.windows(16)).collect();
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    files.map(|bytes| bytes.windows(16).filter(|window| windows.contains(window)).count()).sum()
}

#[test]
fn forgetting_leaves_no_sealed_byte() {
    let home = Home::new();
    let id = "a-row-whose-name-is-nowhere-else";
    // Among many others, so that pages are shared, and with heads and bodies of several generations.
    home.add(&(0..200).map(|n| draft(&format!("r{n}"), &format!("text {n}").repeat(20), 10)).collect::<Vec<_>>());
    home.add(&[draft(id, &"one".repeat(4_000), 10), draft("child", "derived", 10)]);
    home.add(&[draft(id, "two", 5)]);
    confirm(&home, id, now());
    home.vault.link(&home.device, &row("child"), OwnLink::DependsOn, &row(id), MadeBy::Owner, now()).unwrap();
    let retrieval = decide_at(&home, &[id, "child", "r1"], now());
    let other = home.reopen();
    assert_eq!(other.row(&row(id)).unwrap().generation, 4);
    let parts = sealed_parts(&home, id);
    assert_eq!(parts.len(), 6, "four heads, two bodies");
    assert!(places_with(&parts, home.dir.path()) > 10_000, "they are there before");
    let forgotten = forget(&home, id).unwrap();
    assert_eq!((forgotten.parts, forgotten.dependants), (6, 1));
    assert_eq!(places_with(&parts, home.dir.path()), 0);
    let files = std::fs::read_dir(home.dir.path()).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    for bytes in files {
        assert!(!bytes.windows(id.len()).any(|window| window == id.as_bytes()), "its name is there");
    }
    // What else is there does not suffer, through whichever handle.
    assert_eq!(other.row(&row("child")).unwrap().parents, Parents::Changed);
    assert!(other.verify().unwrap().holds());
    holds(&home);
    // A decision of before stays signed, and says what became of the row.
    assert_eq!(home.vault.decision(retrieval.id).unwrap(), retrieval.decision);
    let inputs: Vec<Inputs> = retrieval.rulings.iter().map(|ruling| home.vault.inputs(ruling).unwrap()).collect();
    assert_eq!(inputs[0], Inputs::Forgotten);
    assert!(matches!(&inputs[1], Inputs::Known { head, .. } if head.generation == 2), "{:?}", inputs[1]);
    assert!(matches!(&inputs[2], Inputs::Known { body: Some(body), .. } if body.text().starts_with("text 1")));
}

#[test]
fn what_another_process_keeps_from_being_forgotten_is_said_and_goes_with_the_next_try() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10)]);
    let parts = sealed_parts(&home, "a");
    let reader = rusqlite::Connection::open(home.path()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM heads").unwrap();
    reader.query_row("SELECT count(*) FROM heads", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(forget(&home, "a"), Err(ForgetError::InUse(row("a")).into()));
    assert_eq!(home.vault.forgotten(&row("a")), Ok(Some(1)), "forgotten it is");
    assert!(places_with(&parts, home.dir.path()) > 0, "or this shows nothing");
    drop(reader);
    assert_eq!(forget(&home, "a"), Err(ForgetError::Already(row("a")).into()));
    assert_eq!(places_with(&parts, home.dir.path()), 0);
    holds(&home);
}

#[test]
fn bytes_that_are_left_beside_the_file_are_named() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10)]);
    let beside = home.dir.path().join("v.sgv-journal");
    let part = sealed_parts(&home, "a").remove(0);
    std::fs::write(&beside, [vec![0; 1_000], part[part.len() - 40..].to_vec()].concat()).unwrap();
    match forget(&home, "a") {
        Err(VaultError::Forget(ForgetError::Left { row: left, file })) => {
            assert_eq!(left, row("a"));
            assert_eq!(Path::new(&file).canonicalize().unwrap(), beside.canonicalize().unwrap());
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(home.vault.forgotten(&row("a")), Ok(Some(1)));
}

#[test]
fn a_forgotten_row_comes_back_only_on_purpose_and_goes_on_counting() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10), draft("b", "derived", 10)]);
    home.vault.link(&home.device, &row("b"), OwnLink::DependsOn, &row("a"), MadeBy::Owner, now()).unwrap();
    confirm(&home, "a", now());
    forget(&home, "a").unwrap();
    let mut again = draft("a", "text", 10);
    again.links.insert((OwnLink::Contradicts, row("b")));
    let add = |drafts: &[Draft]| home.vault.add(&home.device, drafts, now(), &mut |_| ());
    let before = home.vault.pin().unwrap();
    assert_eq!(add(std::slice::from_ref(&again)), Ok(Added { forgotten: 1, ..Added::default() }));
    assert_eq!(home.vault.pin().unwrap(), before, "its links are left out with it");
    again.even_if_forgotten = true;
    assert_eq!(add(std::slice::from_ref(&again)), Ok(Added { new: 1, ..Added::default() }));
    let head = home.vault.row(&row("a")).unwrap();
    assert_eq!((head.generation, head.previous, head.confirmed_at), (4, None, None));
    assert_eq!(home.vault.forgotten(&row("a")), Ok(None));
    // What depended on it rests on what was gone; the tie stands on both sides again.
    assert!(ties(&home, "b").contains(&(LinkKind::DependsOn, "a".into(), MadeBy::Owner)));
    assert!(ties(&home, "a").contains(&(LinkKind::HasDependant, "b".into(), MadeBy::Owner)));
    assert_eq!(home.vault.row(&row("b")).unwrap().parents, Parents::Changed);
    holds(&home);
    // Twice forgotten, twice back.
    forget(&home, "a").unwrap();
    assert_eq!(home.vault.forgotten(&row("a")), Ok(Some(4)));
    add(&[Draft { links: [].into(), ..again }]).unwrap();
    assert_eq!(home.vault.row(&row("a")).unwrap().generation, 5);
    holds(&home);
}

/// A row that was forgotten and comes back on purpose is tied again to the rows that kept their ties to it.
#[test]
fn a_row_that_comes_back_is_tied_as_it_was() {
    let home = Home::new();
    let tie = |one: &str, kind, other: &str| {
        home.vault.link(&home.device, &row(one), kind, &row(other), MadeBy::Record, now()).unwrap();
    };
    let rows = [draft("a", "Porto", 10), draft("b", "Faro", 5), draft("c", "Lisbon", 5), draft("d", "By the sea", 5)];
    home.add(&rows);
    tie("b", OwnLink::Supersedes, "a");
    tie("c", OwnLink::Contradicts, "a");
    tie("a", OwnLink::DependsOn, "d");
    let before = ties(&home, "a");
    home.vault.forget(&home.owner, &home.device, &row("a"), now(), &|_| ()).unwrap();
    let mut again = rows[0].clone();
    again.even_if_forgotten = true;
    home.add(&[again]);
    assert_eq!(ties(&home, "a"), before);
    assert_eq!(home.vault.row(&row("a")).unwrap().parents, Parents::Changed);
    assert_eq!(confirm(&home, "c", now()).settled, [row("a")]);
    holds(&home);
}

/// The generation stands in plain beside the sealed head. A forgetting by a changed one would name, over the owner's signature, a
/// head that never was, and take from the row sum what is not in it; nothing could mend that.
#[test]
fn a_row_that_stands_beside_another_generation_is_not_forgotten() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10), draft("b", "another", 10)]);
    confirm(&home, "a", now());
    let parts = sealed_parts(&home, "a");
    let beside = |generation: i64| home.sql(&format!("UPDATE heads SET generation = {generation} WHERE row = 'a'"));
    let damaged = || VaultError::Damaged("row `a` stands beside another generation than it names".into());
    for generation in [0, 1, 3, 1 << 53, i64::MAX] {
        assert_eq!(beside(generation), 1);
        refused(&home, damaged(), || forget(&home, "a"));
        assert_eq!(home.vault.forgotten(&row("a")), Ok(None));
        assert_eq!(sealed_parts(&home, "a"), parts, "nothing of it is gone");
        assert!(!home.vault.verify().unwrap().holds());
    }
    // A negative one is no generation at all.
    beside(-1);
    assert!(matches!(forget(&home, "a"), Err(VaultError::Store(_))));
    assert_eq!(sealed_parts(&home, "a"), parts);
    // Once it is mended, all is as it was, and the row can be forgotten.
    beside(2);
    holds(&home);
    assert_eq!(forget(&home, "a").unwrap().parts, 3);
    assert_eq!(home.vault.forgotten(&row("a")), Ok(Some(2)));
    holds(&home);
    // Where the head names no generation, a forgetting takes no number that it cannot name.
    home.sql("UPDATE heads SET sealed = x'00' WHERE row = 'b'");
    for generation in [0, 1_i64 << 53] {
        home.sql(&format!("UPDATE heads SET generation = {generation} WHERE row = 'b'"));
        let damaged = VaultError::Damaged("row `b` stands beside another generation than it names".into());
        refused(&home, damaged, || forget(&home, "b"));
    }
}

/// The same of an older head: a forgetting that names it by another generation is none, and the row would come back.
#[test]
fn a_row_with_an_older_head_beside_another_generation_is_not_forgotten() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10)]);
    confirm(&home, "a", now());
    confirm(&home, "a", now());
    let beside = |from: i64, to: i64| {
        home.sql(&format!("UPDATE old_heads SET generation = {to} WHERE row = 'a' AND generation = {from}"))
    };
    // Below its own, above the last, and out of range.
    let mut last = 2;
    for generation in [0, 7, 1 << 53] {
        assert_eq!(beside(last, generation), 1);
        last = generation;
        let damaged = VaultError::Damaged("row `a` stands beside another generation than it names".into());
        refused(&home, damaged, || forget(&home, "a"));
    }
    beside(last, 2);
    assert_eq!(forget(&home, "a").unwrap().parts, 4);
    assert_eq!(home.vault.forgotten(&row("a")), Ok(Some(3)));
    holds(&home);
    // A head that no entry names stands in no forgetting.
    home.add(&[draft("b", "one", 10)]);
    home.add(&[draft("b", "two", 5)]);
    home.sql("UPDATE old_heads SET generation = 7 WHERE row = 'b'");
    assert_eq!(forget(&home, "b").unwrap().parts, 4);
    assert_eq!(home.vault.forgotten(&row("b")), Ok(Some(2)));
    holds(&home);
}
