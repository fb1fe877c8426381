//! Who may say what of a row, when, and what it does: each refusal, each tie that is settled, and what forgetting leaves.

use std::collections::HashSet;
use std::path::Path;

use stillgood::{
    Added, Again, Answer, AnswerDigest, Body, Draft, EarnError, Earned, Earning, ForgetError, Inputs, LinkKind, MadeBy,
    Observation, ObservedIn, Origin, OwnLink, Parents, Question, Request, Retrieval, RowId, Signer, Span, Timestamp,
    UseError, VaultError, Verdict,
};

use crate::support::{Home, draft, earn, now, request, row};

const DAY: i64 = 86_400_000;

fn after(days: i64) -> Timestamp {
    now().plus(Span::days(days).unwrap())
}

fn plus(time: Timestamp, millis: i64) -> Timestamp {
    time.plus(Span::from_millis(millis))
}

fn decide_at(home: &Home, rows: &[&str], at: Timestamp) -> Retrieval {
    home.vault.decide(&home.gate(), &Request { at, ..request(rows) }).unwrap()
}

fn seen(text: &str) -> Earning {
    let seen = AnswerDigest::of(text.as_bytes()).unwrap();
    Earning::Observe(Observation { source: ObservedIn::Thread, seen })
}

fn correction(text: &str) -> Earning {
    Earning::Correct(Body::new(text, None).unwrap())
}

/// An answer of the owner to a decision.
fn answered(home: &Home, id: &str, earning: Earning, to: &Retrieval, at: Timestamp) -> Result<Earned, VaultError> {
    let answer = Answer { decision: Some(to.id), ..Answer::to(row(id), earning, at) };
    home.vault.earn(&home.owner, &home.device, &answer, at.max(now()))
}

fn confirm(home: &Home, id: &str, at: Timestamp) -> Earned {
    earn(&home.vault, &home.owner, &home.device, id, Earning::Confirm, at).unwrap()
}

fn deny(home: &Home, id: &str, at: Timestamp) -> Earned {
    earn(&home.vault, &home.owner, &home.device, id, Earning::Deny, at).unwrap()
}

fn ties(home: &Home, id: &str) -> Vec<(LinkKind, String, MadeBy)> {
    let head = home.vault.row(&row(id)).unwrap();
    head.links.iter().map(|(kind, to, by)| (kind, to.to_string(), by)).collect()
}

fn holds(home: &Home) {
    let report = home.vault.verify().unwrap();
    assert!(report.holds(), "{report:?}");
}

fn refused<T: std::fmt::Debug + PartialEq>(
    home: &Home,
    expected: impl Into<VaultError>,
    work: impl FnOnce() -> Result<T, VaultError>,
) {
    let before = home.vault.pin().unwrap();
    assert_eq!(work(), Err(expected.into()));
    assert_eq!(home.vault.pin().unwrap(), before, "what is refused writes nothing");
}

#[test]
fn each_refusal_of_an_earning() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10), draft("b", "another", 10), draft("late", "later", 0)]);
    let decided = decide_at(&home, &["a", "nobody"], now());
    let name = |name: &str| name.parse().unwrap();
    let say = |signer: &Signer, id: &str, earning: Earning, at: Timestamp| {
        home.vault.earn(signer, &home.device, &Answer::to(row(id), earning, at), at.max(now()))
    };
    // The owner alone confirms, corrects and denies; also of a row that is not there nothing is told to others.
    for earning in [Earning::Confirm, correction("new"), Earning::Deny] {
        let error = EarnError::NotOwner { name: name("test/device") };
        refused(&home, error.clone(), || say(&home.device, "a", earning.clone(), now()));
        refused(&home, error, || say(&home.device, "nowhere", earning, now()));
    }
    // A stranger's key does not become the owner's by its name.
    let stranger = Signer::generate(name("test/owner"));
    for earning in [Earning::Confirm, seen("a page"), Earning::Later] {
        let error = EarnError::UnknownKey { name: name("test/owner") };
        refused(&home, error, || say(&stranger, "a", earning, now()));
    }
    let postdated = Answer::to(row("a"), Earning::Confirm, plus(now(), 1));
    refused(&home, EarnError::Postdated { at: plus(now(), 1) }, || {
        home.vault.earn(&home.owner, &home.device, &postdated, now())
    });
    refused(&home, VaultError::UnknownRow(row("nowhere")), || say(&home.owner, "nowhere", Earning::Confirm, now()));
    // Not before what it is about.
    let early = plus(now(), -1);
    refused(&home, EarnError::TooEarly { row: row("late"), at: early }, || {
        say(&home.owner, "late", Earning::Confirm, early)
    });
    for earning in [Earning::DontKnow, Earning::Later] {
        refused(&home, EarnError::NotAsked(row("a")), || say(&home.owner, "a", earning, now()));
    }
    // The decision ruled on another row, or on one that was not there.
    refused(&home, EarnError::OtherRow(row("b")), || answered(&home, "b", Earning::Confirm, &decided, now()));
    home.add(&[draft("nobody", "somebody", 10)]);
    refused(&home, EarnError::OtherRow(row("nobody")), || answered(&home, "nobody", Earning::Confirm, &decided, now()));
    // Seven days, and not a millisecond more; nor before it.
    let until = plus(now(), 7 * DAY);
    for at in [plus(until, 1), plus(now(), -1)] {
        refused(&home, EarnError::Expired { decided: now(), until }, || {
            answered(&home, "a", Earning::Confirm, &decided, at)
        });
    }
    refused(&home, EarnError::SameText(row("a")), || say(&home.owner, "a", correction("text"), now()));
    let other = stillgood::DecisionId::from_bytes([7; 16]);
    refused(&home, VaultError::UnknownDecision(other), || {
        let answer = Answer { decision: Some(other), ..Answer::to(row("a"), Earning::Confirm, now()) };
        home.vault.earn(&home.owner, &home.device, &answer, now())
    });
    // The assistant's own words are no observation, wherever they are seen, and however their ends look.
    let said = AnswerDigest::of(b"You live in Porto.").unwrap();
    home.vault.used(&home.device, decided.id, &[row("a")], &said, now(), Again::No).unwrap();
    refused(&home, EarnError::OwnWords, || say(&home.device, "a", seen("\n You live in Porto.\n"), now()));
    assert_eq!(say(&home.device, "a", seen("a page"), now()).unwrap().generation, 2);
    // The last moment counts; then it is answered, and neither the same word nor another answers it again.
    assert_eq!(answered(&home, "a", Earning::Confirm, &decided, until).unwrap().generation, 3);
    for earning in [Earning::Confirm, Earning::Deny, correction("new")] {
        refused(&home, EarnError::AnsweredAlready(row("a")), || answered(&home, "a", earning, &decided, until));
    }
    refused(&home, EarnError::TooEarly { row: row("a"), at: now() }, || say(&home.owner, "a", Earning::Deny, now()));
    // Who does not know may say so after all.
    assert_eq!(answered(&home, "a", Earning::DontKnow, &decided, until).unwrap().generation, 4);
    refused(&home, EarnError::TooEarly { row: row("a"), at: plus(until, -1) }, || {
        answered(&home, "a", Earning::Later, &decided, plus(until, -1))
    });
    // What it said then.
    let decided = decide_at(&home, &["a"], until);
    earn(&home.vault, &home.owner, &home.device, "a", correction("new"), until).unwrap();
    refused(&home, EarnError::OtherText(row("a")), || answered(&home, "a", Earning::Confirm, &decided, until));
    holds(&home);
}

#[test]
fn a_text_that_comes_back_is_not_the_one_that_was_judged() {
    let home = Home::new();
    home.add(&[draft("a", "one", 10)]);
    let decided = decide_at(&home, &["a"], now());
    home.add(&[draft("a", "two", 5)]);
    home.add(&[draft("a", "one", 1)]);
    refused(&home, EarnError::OtherText(row("a")), || answered(&home, "a", Earning::Confirm, &decided, now()));
    let decided = decide_at(&home, &["a"], now());
    home.vault.forget(&home.owner, &home.device, &row("a"), now(), &|_| ()).unwrap();
    home.add(&[Draft { even_if_forgotten: true, ..draft("a", "one", 1) }]);
    refused(&home, EarnError::OtherText(row("a")), || answered(&home, "a", Earning::Confirm, &decided, now()));
    holds(&home);
}

#[test]
fn each_refusal_of_a_use() {
    let home = Home::new();
    home.add(&[draft("a", "text", 10), draft("b", "another", 4_000)]);
    let (first, second) = (decide_at(&home, &["a", "b"], now()), decide_at(&home, &["a"], plus(now(), 1)));
    let answer = AnswerDigest::of(b"an answer").unwrap();
    let record = |signer: &Signer, decision: &Retrieval, rows: &[RowId], at, again| {
        home.vault.used(signer, decision.id, rows, &answer, at, again)
    };
    let [a, b] = ["a", "b"].map(row);
    let both = [b.clone(), a.clone(), b.clone()];
    let stranger = Signer::generate("test/device".parse().unwrap());
    let not_allowed = VaultError::NotAllowed { name: "test/device".into(), what: "record answers", at: now() };
    refused(&home, not_allowed, || record(&stranger, &first, &both, now(), Again::No));
    refused(&home, UseError::TooEarly, || record(&home.device, &first, &both, plus(now(), -1), Again::No));
    refused(&home, UseError::OtherRow(b.clone()), || record(&home.device, &second, &both, after(1), Again::No));
    let other = stillgood::DecisionId::from_bytes([7; 16]);
    refused(&home, VaultError::UnknownDecision(other), || {
        home.vault.used(&home.device, other, &[], &answer, now(), Again::No)
    });
    // A row in the background, or held, can have stood in the prompt all the same; and each once.
    let used = record(&home.device, &first, &both, now(), Again::No).unwrap();
    assert_eq!((used.placed, used.new), (2, true));
    let before = home.vault.pin().unwrap();
    for again in [Again::No, Again::Yes] {
        let used = record(&home.device, &first, &[a.clone(), b.clone()], after(1), again).unwrap();
        assert_eq!((used.placed, used.new), (2, false));
    }
    assert_eq!(home.vault.pin().unwrap(), before, "recorded already");
    for again in [Again::No, Again::Yes] {
        refused(&home, UseError::OtherRows, || record(&home.device, &first, &both[..1], now(), again));
    }
    let one = [a];
    refused(&home, UseError::AnotherDecision(first.id), || record(&home.device, &second, &one, after(1), Again::No));
    assert!(record(&home.device, &second, &one, after(1), Again::Yes).unwrap().new);
    let steering = home.vault.why(&answer).unwrap();
    assert_eq!(
        steering.iter().map(|one| (one.decision.id, one.placed.len())).collect::<Vec<_>>(),
        [(first.id, 2), (second.id, 1)]
    );
    assert!(home.vault.why(&AnswerDigest::of(b"another answer").unwrap()).unwrap().is_empty());
    // More rows than one prompt holds.
    let names: Vec<String> = (0..4_097).map(|n| format!("r{n}")).collect();
    let many = decide_at(&home, &names.iter().map(String::as_str).collect::<Vec<_>>(), now());
    let rows: Vec<RowId> = names.iter().map(|name| row(name)).collect();
    refused(&home, UseError::TooMany, || record(&home.device, &many, &rows, now(), Again::Yes));
    assert_eq!(record(&home.device, &many, &rows[1..], now(), Again::Yes).unwrap().placed, 4_096);
    holds(&home);
}

fn forget(home: &Home, id: &str) -> Result<stillgood::Forgotten, VaultError> {
    home.vault.forget(&home.owner, &home.device, &row(id), now(), &|_| ())
}

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

#[test]
fn each_refusal_of_a_link() {
    let home = Home::new();
    home.add(&[draft("a", "one", 10), draft("b", "two", 10), draft("gone", "three", 10)]);
    forget(&home, "gone").unwrap();
    for kind in OwnLink::ALL {
        for (from, to, what) in [
            ("a", "a", "a row has no link to itself"),
            ("nobody", "a", "it has a link to a row that is not there"),
            ("a", "nobody", "it has a link to a row that is not there"),
            ("gone", "a", "it was forgotten, and has no links"),
            ("a", "gone", "it has a link to a row that was forgotten"),
        ] {
            refused(&home, VaultError::Refused { row: row(from), what }, || {
                home.vault.link(&home.device, &row(from), *kind, &row(to), MadeBy::Owner, now())
            });
        }
    }
    let stranger = Signer::generate("test/device".parse().unwrap());
    let not_allowed = VaultError::NotAllowed { name: "test/device".into(), what: "write", at: now() };
    refused(&home, not_allowed, || {
        home.vault.link(&stranger, &row("a"), OwnLink::Contradicts, &row("b"), MadeBy::Owner, now())
    });
    // 256, and not one more, on either side.
    home.add(&(0..256).map(|n| draft(&format!("r{n}"), "text", 10)).collect::<Vec<_>>());
    for n in 0..256 {
        let other = row(&format!("r{n}"));
        home.vault.link(&home.device, &other, OwnLink::DependsOn, &row("a"), MadeBy::Owner, now()).unwrap();
    }
    for (from, to) in [("a", "b"), ("b", "a")] {
        let what = "a row has at most 256 links";
        refused(&home, VaultError::Refused { row: row(from), what }, || {
            home.vault.link(&home.device, &row(from), OwnLink::Contradicts, &row(to), MadeBy::Owner, now())
        });
    }
    // One that stands is no new one.
    home.vault.link(&home.device, &row("r0"), OwnLink::DependsOn, &row("a"), MadeBy::Owner, now()).unwrap();
    assert_eq!(home.vault.row(&row("a")).unwrap().links.iter().len(), 256);
    holds(&home);
}

#[test]
fn a_cycle_of_a_thousand_rows_is_marked_once_in_one_transaction() {
    let home = Home::new();
    let rows = (0..1_000).map(|n| {
        let mut draft = draft(&format!("r{n}"), "derived", 10);
        draft.links.insert((OwnLink::DependsOn, row(&format!("r{}", (n + 1) % 1_000))));
        draft
    });
    home.add(&rows.collect::<Vec<_>>());
    let before = home.vault.pin().unwrap();
    assert_eq!(deny(&home, "r500", now()).dependants, 999);
    let pin = home.vault.pin().unwrap();
    assert_eq!((pin.sequence, pin.log_size), (before.sequence + 1, before.log_size + 1));
    for n in 0..1_000 {
        let head = home.vault.row(&row(&format!("r{n}"))).unwrap();
        let expected = if n == 500 { Parents::Intact } else { Parents::Changed };
        assert_eq!((head.parents, head.generation, head.denied), (expected, 2, n == 500), "r{n}");
    }
    // They are marked already.
    assert_eq!(deny(&home, "r500", now()).dependants, 0);
    // The owner speaks for two of them; what lies behind each is marked already, up to the other.
    confirm(&home, "r499", now());
    confirm(&home, "r498", now());
    assert_eq!(deny(&home, "r500", now()).dependants, 2);
    holds(&home);
}

#[test]
fn what_supersedes_its_parent_or_was_just_confirmed_stays_settled() {
    let home = Home::new();
    home.add(&[
        draft("parent", "one", 10),
        draft("heir", "two", 9),
        draft("child", "three", 9),
        draft("grandchild", "four", 9),
    ]);
    let link = |from: &str, kind, to: &str| {
        home.vault.link(&home.device, &row(from), kind, &row(to), MadeBy::Owner, now()).unwrap();
    };
    let parents = |id: &str| home.vault.row(&row(id)).unwrap().parents;
    link("heir", OwnLink::DependsOn, "parent");
    link("child", OwnLink::DependsOn, "parent");
    link("grandchild", OwnLink::DependsOn, "child");
    link("heir", OwnLink::Supersedes, "parent");
    assert_eq!(["heir", "child", "grandchild"].map(parents), [Parents::Intact, Parents::Changed, Parents::Changed]);
    // Confirming the child settles it. The grandchild rests on what changed once: that is asked for itself.
    confirm(&home, "child", now());
    assert_eq!(["child", "grandchild"].map(parents), [Parents::Intact, Parents::Changed]);
    // A correction marks what was derived from the text before it, but not the row itself.
    confirm(&home, "grandchild", now());
    let earned = earn(&home.vault, &home.owner, &home.device, "child", correction("five"), now()).unwrap();
    assert_eq!(earned.dependants, 1);
    assert_eq!(["child", "grandchild"].map(parents), [Parents::Intact, Parents::Changed]);
    // And so does a text that an import changed.
    confirm(&home, "grandchild", now());
    let mut changed = draft("child", "six", 0);
    changed.updated_at = Some(now());
    home.add(&[changed]);
    assert_eq!(parents("grandchild"), Parents::Changed);
    holds(&home);
}

/// A value of the user's home town, or of what is liked, which has many.
fn value(id: &str, text: &str, days: i64, origin: Origin, single: bool) -> Draft {
    let mut draft = draft(id, text, days);
    draft.traits.subject = Some("user".parse().unwrap());
    draft.traits.attribute = Some("home town".parse().unwrap());
    draft.traits.origin = origin;
    draft.single = single;
    draft
}

#[test]
fn an_attribute_with_one_value_at_a_time() {
    use LinkKind::{Contradicts, SupersededBy};
    let cases = [
        ("the user, ten days later", "Faro", 10, Origin::User, true, Some(SupersededBy)),
        ("the user, a day later", "Faro", 19, Origin::User, true, Some(SupersededBy)),
        ("the user, on the same day", "Faro", 20, Origin::User, true, Some(Contradicts)),
        ("the user, of earlier days", "Faro", 30, Origin::User, true, None),
        ("the assistant, later", "Faro", 10, Origin::Assistant, true, Some(Contradicts)),
        ("somebody, later", "Faro", 10, Origin::Unknown, true, Some(Contradicts)),
        ("the same, later", "Porto", 10, Origin::User, true, None),
        ("one of many values, later", "Faro", 10, Origin::User, false, None),
    ];
    for (case, text, days, origin, single, expected) in cases {
        // In two imports, and in one, in either order.
        let (old, new) = (value("old", "Porto", 20, Origin::User, true), value("new", text, days, origin, single));
        for imports in
            [vec![vec![old.clone()], vec![new.clone()]], vec![vec![old.clone(), new.clone()]], vec![vec![new, old]]]
        {
            let home = Home::new();
            imports.iter().for_each(|drafts| home.add(drafts));
            let is_multiple = !single && imports.len() == 1;
            let tie = ties(&home, "old").first().map(|(kind, to, by)| (*kind, to.clone(), *by));
            // What was said earlier is replaced, whichever of the two comes first.
            let expected = if case.ends_with("of earlier days") { Some(LinkKind::Supersedes) } else { expected };
            let expected = expected.map(|kind| (kind, "new".to_owned(), MadeBy::Rule));
            // A record that says it has one value ties those that do not say so.
            if is_multiple {
                assert!(matches!(tie, Some((SupersededBy, ..))), "{case}: {tie:?}");
            } else {
                assert_eq!(tie, expected, "{case}, in {} imports", imports.len());
            }
            holds(&home);
        }
    }
}

#[test]
fn what_was_confirmed_since_is_contradicted_not_replaced() {
    for (confirmed, expected) in
        [(15, LinkKind::SupersededBy), (10, LinkKind::SupersededBy), (9, LinkKind::Contradicts)]
    {
        let home = Home::new();
        home.add(&[value("old", "Porto", 20, Origin::User, true)]);
        confirm(&home, "old", after(-confirmed));
        home.add(&[value("new", "Faro", 10, Origin::User, true)]);
        assert_eq!(ties(&home, "old"), [(expected, "new".into(), MadeBy::Rule)], "confirmed {confirmed} days ago");
        holds(&home);
    }
}

#[test]
fn retired_values_do_not_count() {
    let home = Home::new();
    home.add(&[value("denied", "Porto", 30, Origin::User, true)]);
    deny(&home, "denied", now());
    home.add(&[value("a", "Braga", 20, Origin::User, true)]);
    home.add(&[value("b", "Faro", 10, Origin::User, true)]);
    home.add(&[value("c", "Lisbon", 10, Origin::Assistant, true)]);
    let replaced = |other: &str| (LinkKind::SupersededBy, other.to_owned(), MadeBy::Rule);
    // What is history is replaced again, so that whoever confirms it later takes the place of all that came since.
    assert_eq!(ties(&home, "denied"), ["a", "b"].map(replaced));
    let replaces = (LinkKind::Supersedes, "denied".to_owned(), MadeBy::Rule);
    assert_eq!(ties(&home, "a"), [replaces, replaced("b")]);
    assert_eq!(ties(&home, "c"), [(LinkKind::Contradicts, "b".into(), MadeBy::Rule)]);
    // The same import again ties nothing anew.
    let before = home.vault.pin().unwrap();
    home.add(&[value("c", "Lisbon", 10, Origin::Assistant, true), value("b", "Faro", 10, Origin::User, true)]);
    assert_eq!(home.vault.pin().unwrap(), before);
    holds(&home);
}

fn contradicting() -> Home {
    let home = Home::new();
    home.add(&[draft("a", "one", 10), draft("b", "two", 10), draft("c", "three", 10)]);
    for other in ["b", "c"] {
        home.vault.link(&home.device, &row("a"), OwnLink::Contradicts, &row(other), MadeBy::Rule, now()).unwrap();
    }
    home
}

fn verdicts(home: &Home, at: Timestamp) -> Vec<Verdict> {
    decide_at(home, &["a", "b", "c"], at).rulings.iter().map(|ruling| ruling.verdict).collect()
}

#[test]
fn a_contradiction_is_settled_by_confirming() {
    let home = contradicting();
    assert_eq!(verdicts(&home, now()), [Verdict::ReEarn; 3]);
    assert_eq!(confirm(&home, "a", now()).settled, ["b", "c"].map(row));
    let owner = MadeBy::Owner;
    assert_eq!(ties(&home, "a"), ["b", "c"].map(|other| (LinkKind::Supersedes, other.to_owned(), owner)));
    assert_eq!(ties(&home, "b"), [(LinkKind::SupersededBy, "a".into(), owner)]);
    assert_eq!(verdicts(&home, now()), [Verdict::Live, Verdict::ReEarn, Verdict::ReEarn]);
    // Whoever confirms the other later turns it round.
    assert_eq!(confirm(&home, "b", now()).settled, [row("a")]);
    assert_eq!(ties(&home, "b"), [(LinkKind::Supersedes, "a".into(), owner)]);
    assert_eq!(verdicts(&home, now()), [Verdict::ReEarn, Verdict::Live, Verdict::ReEarn]);
    holds(&home);
}

#[test]
fn a_contradiction_is_settled_by_denying() {
    let home = contradicting();
    assert_eq!(deny(&home, "a", now()).settled, ["b", "c"].map(row));
    let owner = MadeBy::Owner;
    let replaced = |other: &str| (LinkKind::SupersededBy, other.to_owned(), owner);
    assert_eq!(ties(&home, "a"), ["b", "c"].map(replaced));
    assert_eq!(ties(&home, "b"), [(LinkKind::Supersedes, "a".into(), owner)]);
    assert_eq!(verdicts(&home, now()), [Verdict::ReEarn, Verdict::Live, Verdict::Live]);
    // The owner takes it back: it takes the place of the others, and never stands beside them.
    assert_eq!(confirm(&home, "a", now()).settled, ["b", "c"].map(row));
    assert_eq!(verdicts(&home, now()), [Verdict::Live, Verdict::ReEarn, Verdict::ReEarn]);
    holds(&home);
}

#[test]
fn a_tie_to_a_forgotten_row_is_settled_on_its_own_side() {
    let home = contradicting();
    forget(&home, "b").unwrap();
    assert_eq!(confirm(&home, "a", now()).settled, [row("c")]);
    assert!(ties(&home, "a").iter().all(|(kind, ..)| *kind == LinkKind::Supersedes));
    holds(&home);
}

#[test]
fn a_correction_keeps_labels_and_loses_evidence() {
    let home = Home::new();
    let mut record = value("a", "I live in Porto", 10, Origin::Document, true);
    record.traits.tags.insert("home".parse().unwrap());
    record.traits.valid_until = Some(after(30));
    let finding = stillgood::Finding { state: stillgood::Found::Claimed, as_of: None };
    record.boxes.payment = Some(stillgood::Attached { finding, detail: stillgood::PaymentRung::Queued });
    home.add(std::slice::from_ref(&record));
    earn(&home.vault, &home.owner, &home.device, "a", seen("a page"), after(-2)).unwrap();
    confirm(&home, "a", after(-1));
    earn(&home.vault, &home.owner, &home.device, "a", correction("I live in Faro"), now()).unwrap();
    let head = home.vault.row(&row("a")).unwrap();
    assert!(head.text.is_of("I live in Faro") && head.boxes == Default::default() && head.evidence.is_none());
    assert_eq!((head.stated_at, head.confirmed_at, head.confirmations), (now(), Some(now()), 1));
    assert_eq!((head.observed_at, head.edited, head.denied), (None, false, false));
    let traits = head.traits.clone();
    assert_eq!((traits.origin, traits.labels_by, traits.valid_until), (Origin::User, MadeBy::Owner, None));
    assert_eq!((&traits.tags, &traits.subject, &traits.attribute), {
        (&record.traits.tags, &record.traits.subject, &record.traits.attribute)
    });
    // The old record again, also where it says it changed before the correction, changes nothing.
    let before = home.vault.pin().unwrap();
    for updated in [None, Some(plus(now(), -1))] {
        let again = Draft { updated_at: updated, ..record.clone() };
        let added = home.vault.add(&home.device, &[again], now(), &mut |_| ()).unwrap();
        assert_eq!(added, Added { older: 1, ..Added::default() });
    }
    assert_eq!(home.vault.pin().unwrap(), before);
    // A record that has caught up changes no label of the owner's, and no clock.
    let mut caught_up = value("a", "I live in Faro", 0, Origin::Assistant, true);
    caught_up.traits.attribute = Some("another attribute".parse().unwrap());
    let added = home.vault.add(&home.device, &[caught_up], now(), &mut |_| ()).unwrap();
    assert_eq!(added, Added { unchanged: 1, ..Added::default() });
    assert_eq!(home.vault.row(&row("a")).unwrap(), head);
    holds(&home);
}

#[test]
fn a_thousand_retrievals_of_a_stale_row_change_no_byte_of_its_ruling() {
    let home = Home::new();
    home.add(&[draft("a", "text", 3_700)]);
    let gate = home.gate();
    let decide = |at| home.vault.decide(&gate, &Request { at, ..request(&["a"]) }).unwrap();
    let first = decide(now());
    let size = home.vault.pin().unwrap().log_size;
    for _ in 0..500 {
        assert_eq!(decide(now()).decision, first.decision);
    }
    assert_eq!(home.vault.pin().unwrap().log_size, size, "one decision, once");
    let ruling = &first.rulings[0];
    assert_eq!(ruling.verdict, Verdict::ReEarn);
    for hours in 1..500 {
        let later = decide(plus(now(), hours * 3_600_000)).rulings.remove(0);
        let known = |ruling: &stillgood::Ruling| {
            let judged = ruling.judged.unwrap();
            (judged.generation, judged.head, ruling.verdict, ruling.reasons.clone(), ruling.until, ruling.opened)
        };
        assert_eq!(known(&later), known(ruling));
    }
    assert_eq!(home.vault.row(&row("a")).unwrap().generation, 1);
    holds(&home);
}

fn asked(questions: &[Question]) -> Vec<&str> {
    questions.iter().map(|question| question.row.as_str()).collect()
}

/// A retrieval that allows so many questions.
fn asking(home: &Home, rows: &[&str], at: Timestamp, asks: usize) -> Retrieval {
    home.vault.decide(&home.gate(), &Request { at, asks, ..request(rows) }).unwrap()
}

#[test]
fn contradictions_are_asked_first_and_nobody_twice_in_fourteen_days() {
    let home = Home::new();
    home.add(&[draft("faded", "one", 3_700), draft("fresh", "two", 1), draft("a", "three", 1), draft("b", "four", 1)]);
    home.add(&[draft("gone", "five", 3_700), draft("denied", "six", 3_700)]);
    deny(&home, "denied", now());
    home.vault.link(&home.device, &row("b"), OwnLink::Contradicts, &row("a"), MadeBy::Rule, now()).unwrap();
    let rows = ["denied", "faded", "fresh", "nobody", "a", "b", "gone"];
    let retrieval = asking(&home, &rows, now(), 9);
    forget(&home, "gone").unwrap();
    let stranger = Signer::generate("test/device".parse().unwrap());
    assert!(matches!(home.vault.ask(&stranger, &retrieval, now()), Err(VaultError::NotAllowed { what: "ask", .. })));
    // One question settles a contradiction: the first of the two is asked about.
    assert_eq!(asked(&home.vault.waiting(now()).unwrap()), ["a", "faded"]);
    let questions = home.vault.ask(&home.device, &retrieval, now()).unwrap();
    assert_eq!(asked(&questions), ["a", "faded"]);
    assert_eq!(questions[0].against, [row("b")]);
    assert_eq!((questions[0].at, questions[0].until, questions[0].decision), (now(), after(7), retrieval.id));
    assert_eq!(
        questions[0].reasons.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["contradicted:unsettled=settle"]
    );
    assert_eq!(home.vault.row(&row("a")).unwrap().asked_at, Some(now()));
    // Who was asked about one side was asked about the other; nobody is again, and yet they may answer.
    assert!(home.vault.ask(&home.device, &retrieval, now()).unwrap().is_empty());
    assert_eq!(asked(&home.vault.waiting(after(7)).unwrap()), ["a", "faded"]);
    assert!(home.vault.waiting(plus(after(7), 1)).unwrap().is_empty(), "it cannot be answered any more");
    let early = plus(after(14), -1);
    let retrieval = asking(&home, &rows, early, 9);
    assert!(home.vault.ask(&home.device, &retrieval, early).unwrap().is_empty());
    assert_eq!(asked(&home.vault.ask(&home.device, &retrieval, after(14)).unwrap()), ["a", "faded"]);
    holds(&home);
}

#[test]
fn no_more_is_asked_than_the_request_allows() {
    let home = Home::new();
    home.add(&[draft("x", "one", 3_700), draft("y", "two", 3_700), draft("z", "three", 3_700)]);
    for (millis, asks, expected) in [(0, 0, &[][..]), (1, 1, &["x"]), (2, 1, &["y"]), (3, 5, &["z"])] {
        let retrieval = asking(&home, &["x", "y", "z"], plus(now(), millis), asks);
        assert_eq!(asked(&home.vault.ask(&home.device, &retrieval, plus(now(), millis)).unwrap()), expected);
    }
}

#[test]
fn who_put_it_off_is_not_waited_for() {
    let home = Home::new();
    home.add(&[draft("a", "one", 3_700), draft("b", "two", 3_700), draft("c", "three", 1)]);
    let retrieval = asking(&home, &["a", "b"], now(), 2);
    home.vault.ask(&home.device, &retrieval, now()).unwrap();
    answered(&home, "a", Earning::Later, &retrieval, now()).unwrap();
    assert_eq!(asked(&home.vault.waiting(now()).unwrap()), ["b"]);
    // Also where something else became of the row since.
    home.vault.link(&home.device, &row("c"), OwnLink::DependsOn, &row("a"), MadeBy::Owner, now()).unwrap();
    assert_eq!(asked(&home.vault.waiting(now()).unwrap()), ["b"]);
    answered(&home, "b", Earning::Confirm, &retrieval, now()).unwrap();
    assert!(home.vault.waiting(now()).unwrap().is_empty());
}

#[test]
fn a_decision_of_a_clock_that_is_behind_hides_no_other() {
    let home = Home::new();
    home.add(&[draft("a", "one", 3_700)]);
    decide_at(&home, &["a"], now());
    decide_at(&home, &[], after(-8));
    assert_eq!(asked(&home.vault.waiting(now()).unwrap()), ["a"]);
}

#[test]
fn what_changes_too_fast_is_held_but_not_asked_about() {
    let ended = |id: &str, text: &str, days: i64| {
        let mut draft = draft(id, text, days);
        draft.traits.valid_until = Some(after(-1));
        draft
    };
    // First said 30 days ago: with two changes it changes every 15 days, with three every 10.
    for (texts, expected) in
        [(&[30][..], true), (&[30, 3], true), (&[30, 20, 3], true), (&[27, 20, 3], false), (&[30, 20, 10, 3], false)]
    {
        let home = Home::new();
        for days in texts {
            home.add(&[ended("a", &format!("text {days}"), *days)]);
        }
        let retrieval = decide_at(&home, &["a"], now());
        assert_eq!(retrieval.rulings[0].verdict, Verdict::ReEarn);
        assert_eq!(retrieval.rulings[0].reasons[0].to_string(), "expired:ended=confirmation");
        assert_eq!(home.vault.waiting(now()).unwrap().len(), usize::from(expected), "{texts:?}");
        assert_eq!(home.vault.ask(&home.device, &retrieval, now()).unwrap().len(), usize::from(expected), "{texts:?}");
    }
}

#[test]
fn looking_at_a_row_is_logged_and_changes_nothing() {
    let home = Home::new();
    home.add(&[draft("a", "text", 3_700)]);
    let before = home.vault.row(&row("a")).unwrap();
    let stranger = Signer::generate("test/device".parse().unwrap());
    assert!(matches!(
        home.vault.question(&stranger, &row("a"), now()),
        Err(VaultError::NotAllowed { what: "ask", .. })
    ));
    assert!(matches!(home.vault.question(&home.device, &row("b"), now()), Err(VaultError::UnknownRow(_))));
    assert_eq!(home.vault.pin().unwrap().log_size, 0);
    let opened = home.vault.question(&home.device, &row("a"), now()).unwrap();
    assert_eq!((opened.body.text(), &opened.head), ("text", &before));
    assert_eq!(home.vault.row(&row("a")).unwrap(), before);
    let log = home.vault.log().unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].event, stillgood::Event::Opening { at: now(), row: Some(row("a")) });
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
