//! Who may say what of a row, and of an answer, and when: each refusal.

use stillgood::{
    Again, Answer, AnswerDigest, Draft, EarnError, Earning, Retrieval, RowId, Signer, Timestamp, UseError, VaultError,
};

use super::{DAY, after, answered, correction, decide_at, holds, plus, refused, seen};
use crate::support::{Home, draft, earn, now, row};

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
