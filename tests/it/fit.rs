//! Personal fit: what a vault's owner lived through, the table that is made of it, and whose table a gate decides by.

use std::process::Command;

use stillgood::{
    Answer, AnswerDigest, Body, Categories, DecideError, Draft, Earning, Experience, Files, Gate, Key, Kind, LoadError,
    MadeBy, Note, NoteError, Observation, ObservedIn, Origin, OwnLink, PersonalTable, PolicySet, Provenance, Request,
    Score, Shift, Signer, Span, Standing, SurvivalTable, TableError, Tenure, Timestamp, VaultError, Verdict,
};

use crate::second::{python, theirs};
use crate::support::{Home, draft, earn, file, now, request, row};

const DAY: i64 = 86_400_000;
const SECOND: i64 = 1_000;

/// A table with curves for employers, any other attribute, and every kind and category.
pub(crate) fn prior() -> String {
    let attribute = |name: &str, curve: &str| {
        format!("[[attribute]]\nname = \"{name}\"\nknown = [{curve}]\nunknown = [{curve}]\n\n")
    };
    let mut toml = String::from("days = [0, 30, 90, 365, 730]\n\n");
    toml += &attribute("employer", "[1, 0.95, 0.86, 0.45, 0.2]");
    toml += &attribute("*", "[1, 0.98, 0.95, 0.8, 0.6]");
    for kind in ["semantic", "episodic"] {
        let categories = stillgood::Category::ALL.iter().map(|category| category.name());
        for category in categories.chain(["none"]) {
            toml += &format!(
                "[[curve]]\nkind = \"{kind}\"\ncategory = \"{category}\"\nchance = [1, 0.99, 0.96, 0.85, 0.7]\n\n"
            );
        }
    }
    toml
}

/// The files of a set of one's own that decides by that table.
fn files() -> Files {
    let set = b"name = \"mine\"\nversion = 1\nbase = \"stillgood\"\n".to_vec();
    Files::from([("set.toml".to_owned(), set), ("survival.toml".to_owned(), prior().into_bytes())])
}

/// The same set with this note.
fn set_with(note: &str) -> Result<PolicySet, LoadError> {
    let mut files = files();
    files.insert("survival.note".to_owned(), note.into());
    PolicySet::from_files(&files)
}

fn gate(home: &Home, set: PolicySet) -> Gate {
    Gate::new(set, Signer::from_pem(&home.device.to_pem(), &home.device.verifier()).unwrap())
}

/// Where somebody works, said so many days before now.
fn job(id: &str, days: i64) -> Draft {
    let mut job = draft(id, &format!("I work for firm {id}."), days);
    job.traits.attribute = Some("employer".parse().unwrap());
    job
}

fn after(millis: i64) -> Timestamp {
    now().plus(Span::from_millis(millis))
}

fn say(home: &Home, id: &str, earning: Earning, at: Timestamp) {
    earn(&home.vault, &home.owner, &home.device, id, earning, at).unwrap();
}

/// After how many days a row still held, or had changed, as the vault has it.
fn lived(home: &Home) -> Vec<(i64, bool)> {
    let lived = home.vault.experience().unwrap();
    assert_eq!(lived.unopened, 0);
    lived.experience.iter().map(|one| (one.after.millis() / DAY, one.changed)).collect()
}

/// What the owner's experience makes of the prior.
fn fitted(home: &Home) -> (SurvivalTable, Vec<Shift>) {
    SurvivalTable::from_toml(&prior()).unwrap().personal(&home.vault.experience().unwrap().experience)
}

/// The same, signed by the owner.
fn signed(home: &Home) -> PersonalTable {
    let lived = home.vault.experience().unwrap();
    let (confirmed, changed) = (lived.confirmed(), lived.changed());
    let provenance = Provenance { vault: home.vault.id(), at: now(), confirmed, changed };
    PersonalTable::sign(&home.owner, provenance, &fitted(home).0).unwrap()
}

/// The chance that a row about an employer holds after so many days.
fn chance(table: &SurvivalTable, days: i64) -> Score {
    let tenure = Tenure::AtLeast(Span::ZERO);
    let of = Standing { attribute: Some("employer"), kind: Kind::Semantic, categories: Categories::default(), tenure };
    table.chance(&of, Span::days(days).unwrap())
}

/// A vault in which so many rows about employers of a year ago were confirmed or denied now, and one of 600 days was not.
fn home_of(rows: usize, earning: &Earning) -> Home {
    let home = Home::new();
    let ids: Vec<String> = (0..rows).map(|number| format!("job-{number}")).collect();
    home.add(&ids.iter().map(|id| job(id, 370)).chain([job("asked", 400)]).collect::<Vec<_>>());
    ids.iter().for_each(|id| say(&home, id, earning.clone(), now()));
    home
}

#[test]
fn five_answers_move_a_table_a_little() {
    let before = SurvivalTable::from_toml(&prior()).unwrap();
    for earning in [Earning::Confirm, Earning::Deny] {
        let (after, shifts) = fitted(&home_of(5, &earning));
        let [shift] = shifts.as_slice() else { panic!("one attribute: {shifts:?}") };
        assert_eq!((&shift.of, shift.confirmed + shift.changed), (&Key::Attribute("employer".into()), 5));
        assert!((0.55..=1.75).contains(&shift.factor), "{shift:?}");
        for days in [30, 90, 365, 730] {
            let (before, after) = (chance(&before, days).millionths(), chance(&after, days).millionths());
            assert!(before.abs_diff(after) <= 150_000, "after {days} days {before} became {after}");
            assert_eq!(before < after, earning == Earning::Confirm, "after {days} days {before} became {after}");
        }
    }
}

#[test]
fn twenty_confirmations_keep_a_row_live_that_twenty_denials_hold_back() {
    let verdict = |home: &Home, set: PolicySet| {
        home.vault.decide(&gate(home, set), &request(&["asked"])).unwrap().rulings[0].verdict
    };
    let (confirmed, denied) = (home_of(20, &Earning::Confirm), home_of(20, &Earning::Deny));
    let (slow, fast) = (fitted(&confirmed), fitted(&denied));
    assert!(slow.1[0].factor < 0.6 && fast.1[0].factor > 1.8, "{:?} {:?}", slow.1, fast.1);
    assert!(chance(&fast.0, 365) < chance(&slow.0, 365));
    // Other attributes follow, but less.
    let other = |table: &SurvivalTable, days| {
        let tenure = Tenure::AtLeast(Span::ZERO);
        let of = Standing { attribute: Some("city"), kind: Kind::Semantic, categories: Categories::default(), tenure };
        table.chance(&of, Span::days(days).unwrap())
    };
    assert!(other(&fast.0, 365) < other(&slow.0, 365));
    let own = |home: &Home| set_with(signed(home).note().as_str()).unwrap();
    assert_eq!(verdict(&confirmed, own(&confirmed)), Verdict::Live);
    assert_ne!(verdict(&denied, own(&denied)), Verdict::Live);
}

#[test]
fn what_the_owner_said_is_experience_from_the_word_before() {
    let home = Home::new();
    home.add(&[job("kept", 400), job("denied", 300), job("corrected", 200), job("silent", 100)]);
    say(&home, "kept", Earning::Confirm, after(-100 * DAY));
    say(&home, "kept", Earning::Confirm, after(0));
    say(&home, "denied", Earning::Deny, after(-200 * DAY));
    say(&home, "denied", Earning::Deny, after(-100 * DAY));
    say(&home, "corrected", Earning::Correct(Body::new("I work for nobody.", None).unwrap()), after(-50 * DAY));
    say(&home, "corrected", Earning::Confirm, after(0));
    // In the order of ids. A second denial of a text says nothing new.
    assert_eq!(lived(&home), [(150, true), (50, false), (100, true), (300, false), (100, false)]);
    let lived = home.vault.experience().unwrap();
    assert_eq!((lived.confirmed(), lived.changed()), (3, 2));
    let Experience { attribute, kind, tenure, .. } = &lived.experience[4];
    assert_eq!((attribute.as_deref(), *kind), (Some("employer"), Kind::Semantic));
    assert_eq!(*tenure, Tenure::AtLeast(Span::days(300).unwrap()), "so long it had held when it was confirmed before");
    // Taken back, it held since the denial.
    say(&home, "denied", Earning::Confirm, after(-10 * DAY));
    assert_eq!(self::lived(&home)[2..4], [(100, true), (190, false)]);
}

#[test]
fn a_known_beginning_is_part_of_the_experience() {
    let home = Home::new();
    let mut job = job("a", 100);
    job.traits.valid_from = Some(after(-500 * DAY));
    home.add(&[job]);
    say(&home, "a", Earning::Confirm, now());
    assert_eq!(home.vault.experience().unwrap().experience[0].tenure, Tenure::Known(Span::days(400).unwrap()));
}

#[test]
fn of_two_contradicting_words_within_a_minute_the_later_counts() {
    let home = Home::new();
    home.add(&["slip", "mind", "late", "both"].map(|id| job(id, 100)));
    say(&home, "slip", Earning::Deny, now());
    say(&home, "slip", Earning::Confirm, after(60 * SECOND));
    say(&home, "mind", Earning::Confirm, now());
    say(&home, "mind", Earning::Confirm, after(20 * SECOND));
    say(&home, "mind", Earning::Correct(Body::new("I work at home.", None).unwrap()), after(40 * SECOND));
    say(&home, "late", Earning::Confirm, now());
    say(&home, "late", Earning::Deny, after(61 * SECOND));
    say(&home, "both", Earning::Confirm, now());
    say(&home, "both", Earning::Deny, after(30 * SECOND));
    say(&home, "both", Earning::Confirm, after(60 * SECOND));
    let late = [(100, false), (0, true)];
    assert_eq!(lived(&home), [&[(100, false)][..], &late, &[(100, true)], &[(100, false)]].concat());
}

#[test]
fn a_confirmation_within_a_day_adds_nothing_and_the_time_runs_on() {
    let home = Home::new();
    home.add(&[job("new", 0), job("often", 100)]);
    say(&home, "new", Earning::Confirm, after(DAY - 1));
    for half_days in 0..=20 {
        say(&home, "often", Earning::Confirm, after(half_days * DAY / 2));
    }
    // Every second one counts, for the whole day.
    assert_eq!(lived(&home), [vec![(100, false)], vec![(1, false); 10]].concat());
    say(&home, "new", Earning::Deny, after(3 * DAY));
    assert_eq!(lived(&home)[0], (3, true), "since it was stated");
    // How long a row had held counts up to where its time begins, too.
    let tenures: Vec<Tenure> = home.vault.experience().unwrap().experience.iter().map(|one| one.tenure).collect();
    let at_least = |days| Tenure::AtLeast(Span::days(days).unwrap());
    assert_eq!(tenures[..4], [at_least(0), at_least(0), at_least(100), at_least(101)]);
}

#[test]
fn uses_questions_and_observations_teach_nothing() {
    let home = home_of(3, &Earning::Confirm);
    let (before, text) = (home.vault.experience().unwrap(), signed(&home).to_string());
    for days in 0..30 {
        let retrieval =
            home.vault.decide(&home.gate(), &Request { at: after(days * DAY), ..request(&["asked", "job-0"]) });
        let retrieval = retrieval.unwrap();
        let answer = AnswerDigest::of(format!("answer {days}").as_bytes()).unwrap();
        let again = stillgood::Again::No;
        home.vault.used(&home.device, retrieval.id, &[row("asked")], &answer, after(days * DAY + 1), again).unwrap();
        home.vault.ask(&home.device, &retrieval, after(days * DAY + 2)).unwrap();
        let seen = AnswerDigest::of(format!("seen {days}").as_bytes()).unwrap();
        let observed = Earning::Observe(Observation { source: ObservedIn::Document, seen });
        say(&home, "asked", observed, after(days * DAY + 3));
        home.vault.question(&home.device, &row("job-1"), after(days * DAY + 4)).unwrap();
        let unknown = Answer {
            decision: Some(retrieval.id),
            ..Answer::to(row("asked"), Earning::DontKnow, after(days * DAY + 5))
        };
        home.vault.earn(&home.owner, &home.device, &unknown, after(days * DAY + 5)).unwrap();
    }
    assert_eq!(home.vault.experience().unwrap(), before);
    assert_eq!(signed(&home).to_string(), text, "the same vault gives the same table");
}

#[test]
fn a_later_value_by_a_rule_is_a_change_and_any_other_tie_is_not() {
    let home = Home::new();
    let value = |id: &str, days: i64| {
        let mut value = job(id, days);
        value.traits.subject = Some("user".parse().unwrap());
        value.traits.origin = Origin::User;
        value.single = true;
        value
    };
    home.add(&[value("first", 500), draft("told", "I have a dog.", 90), draft("teller", "I have a cat.", 60)]);
    home.vault.link(&home.device, &row("teller"), OwnLink::Supersedes, &row("told"), MadeBy::Record, now()).unwrap();
    assert_eq!(lived(&home), []);
    home.add(&[value("second", 200)]);
    home.add(&[value("third", 80)]);
    // The first was replaced by the second, and by the third once more.
    assert_eq!(lived(&home), [(300, true), (120, true)]);
    // What took its place was corrected since: it was stated all the same.
    say(&home, "second", Earning::Deny, now());
    assert_eq!(lived(&home), [(300, true), (200, true)], "a denial of what was replaced already is its own word");
    // The owner says that the first holds after all.
    say(&home, "first", Earning::Confirm, now());
    assert_eq!(lived(&home)[0], (500, false));
    assert_eq!(lived(&home).len(), 2);
}

#[test]
fn a_text_that_its_record_changed_begins_anew() {
    let home = Home::new();
    home.add(&[job("a", 300)]);
    let mut changed = job("a", 300);
    changed.body = Body::new("I work for another firm.", None).unwrap();
    changed.updated_at = Some(after(-100 * DAY));
    home.add(&[changed.clone()]);
    assert_eq!(lived(&home), []);
    // Other labels begin nothing.
    changed.traits.importance = Some(Score::ONE);
    home.add(&[changed]);
    say(&home, "a", Earning::Confirm, now());
    assert_eq!(lived(&home), [(100, false)]);
}

#[test]
fn what_does_not_open_is_counted_and_what_was_forgotten_is_gone() {
    let home = home_of(3, &Earning::Deny);
    assert_eq!(home.sql("UPDATE heads SET sealed = x'00' WHERE row = 'job-0'"), 1);
    assert_eq!(home.sql("UPDATE old_heads SET sealed = x'00' WHERE row = 'job-2'"), 1);
    let lived = home.reopen().experience().unwrap();
    // Of the second nobody knows any more what it was before it was denied.
    assert_eq!((lived.unopened, lived.experience.len()), (2, 1));
    home.vault.forget(&home.owner, &home.device, &row("job-1"), now(), &|_| ()).unwrap();
    assert_eq!(home.vault.experience().unwrap().experience, []);
}

#[test]
fn a_gate_decides_by_the_table_of_the_owner_of_this_vault_alone() {
    let (home, other) = (home_of(2, &Earning::Confirm), home_of(2, &Earning::Deny));
    let decide = |set: &PolicySet| {
        let logged = home.vault.log().unwrap();
        let decided = home.vault.decide(&gate(&home, set.clone()), &request(&["asked"])).map(drop);
        assert!(decided.is_ok() || home.vault.log().unwrap() == logged, "what is not decided is not stored");
        decided
    };
    let own = signed(&home);
    let set = set_with(own.note().as_str()).unwrap();
    assert_eq!(set.personal(), Some(&own));
    assert_eq!((decide(&set), decide(&set)), (Ok(()), Ok(())));
    // A set that was found to be of one vault is not of another.
    let foreign = other.vault.decide(&gate(&other, set.clone()), &request(&["asked"])).map(drop);
    let refused = DecideError::OtherVaultsTable { table: home.vault.id(), vault: other.vault.id() };
    assert_eq!(foreign, Err(VaultError::Decide(refused)));

    let forged = PersonalTable::sign(&other.owner, own.provenance(), own.table()).unwrap();
    let error = NoteError::NotSignedBy(home.owner_key().name().clone());
    let forged = set_with(forged.note().as_str()).unwrap();
    assert_eq!(decide(&forged), Err(VaultError::Decide(DecideError::ForeignTable(error))));
    // The device is no owner, whatever it may do else.
    let device = PersonalTable::sign(&home.device, own.provenance(), own.table()).unwrap();
    let error = NoteError::NotSignedBy(home.owner_key().name().clone());
    let device = set_with(device.note().as_str()).unwrap();
    assert_eq!(decide(&device), Err(VaultError::Decide(DecideError::ForeignTable(error))));
    let altered = own.to_string().replacen("\n2 0\n", "\n3 0\n", 1);
    let error = NoteError::WrongSignature(home.owner_key().name().clone());
    let altered = set_with(&altered).unwrap();
    assert_eq!(decide(&altered), Err(VaultError::Decide(DecideError::ForeignTable(error))));
    // A pure gate asks the same.
    let keys = home.vault.ring().unlock(&home.identity).unwrap();
    let decided = gate(&home, altered).decide(&keys, &request(&[]), &stillgood::View::Unpinned, &Default::default());
    assert!(matches!(decided, Err(DecideError::ForeignTable(_))));
    assert_eq!(*keys.owner(), home.owner_key());
}

#[test]
fn a_note_that_is_no_table_does_not_load() {
    let home = home_of(2, &Earning::Confirm);
    let good = signed(&home).to_string();
    let resigned = |from: &str, to: &str| {
        let text = good.parse::<Note>().unwrap().unverified_text().replacen(from, to, 1);
        assert_ne!(text, good.parse::<Note>().unwrap().unverified_text(), "{from}");
        home.owner.sign(&text).unwrap().to_string()
    };
    assert!(good.parse::<PersonalTable>().is_ok());
    for (defect, note) in [
        ("cut", good[..good.len() / 2].to_owned()),
        ("crlf", good.replace('\n', "\r\n")),
        ("empty", String::new()),
        ("no_note", prior()),
    ] {
        assert!(matches!(note.parse::<PersonalTable>(), Err(TableError::Note(NoteError::Malformed(_)))), "{defect}");
        assert!(set_with(&note).is_err(), "{defect}");
    }
    for (defect, note) in [
        ("another_version", resigned("survival/v1", "survival/v2")),
        ("another_kind", resigned("stillgood/survival/v1", "stillgood/key-ring/v1")),
        ("no_time", resigned(&now().to_string(), "-")),
        ("time_of_another_form", resigned(".000Z", "Z")),
        ("one_count", resigned("\n2 0\n", "\n2\n")),
        ("leading_zero", resigned("\n2 0\n", "\n02 0\n")),
        ("two_spaces", resigned("\n2 0\n", "\n2  0\n")),
        ("vault_in_capitals", resigned(&home.vault.id().to_string(), "B3FAD6D05DAD87F5BAA52C6507D75582")),
    ] {
        assert_eq!(note.parse::<PersonalTable>(), Err(TableError::Malformed), "{defect}");
        assert!(set_with(&note).is_err(), "{defect}");
    }
    for (defect, note) in [
        ("rises", resigned("1,0.", "0.1,0.")),
        ("above_one", resigned("[1,", "[1.5,")),
        ("no_toml", resigned("days = [", "days = [[")),
        ("another_member", resigned("days = [", "hours = 1\ndays = [")),
    ] {
        assert!(matches!(note.parse::<PersonalTable>(), Err(TableError::Table(_))), "{defect}");
        let Err(LoadError::Refused(found)) = set_with(&note) else { panic!("{defect} loads") };
        assert_eq!((found.len(), found[0].file.as_str(), found[0].problem.code), (1, "survival.note", "survival"));
    }
}

#[test]
fn a_table_is_fitted_to_the_prior_and_never_to_itself() {
    let home = home_of(6, &Earning::Confirm);
    let first = signed(&home);
    let set = set_with(first.note().as_str()).unwrap();
    assert_eq!(set.prior(), &SurvivalTable::from_toml(&prior()).unwrap());
    assert_eq!(set.survival(), first.table());
    assert_ne!(set.survival(), set.prior());
    let (again, _) = set.prior().personal(&home.vault.experience().unwrap().experience);
    assert_eq!(&again, first.table());
    // Without the note it is another set; with it, one whose digest covers it.
    let without = PolicySet::from_files(&files()).unwrap();
    assert_eq!(without.survival(), without.prior());
    assert_ne!(without.digest(), set.digest());
    let later = Provenance { at: after(1), ..first.provenance() };
    let later = PersonalTable::sign(&home.owner, later, first.table()).unwrap();
    assert_ne!(set_with(later.note().as_str()).unwrap().digest(), set.digest());
}

/// A table of so many bytes as TOML.
fn table_of(bytes: usize) -> SurvivalTable {
    let mut toml = prior();
    let curve = |tenure| format!("[1, 0.9{tenure}, 0.8{tenure}, 0.7{tenure}, 0.6{tenure}]");
    let curves = format!("[{}]", (100..164).map(curve).collect::<Vec<_>>().join(","));
    let tenures = format!("days = [0, 30, 90, 365, 730]\ntenure_days = {:?}\n", (0..64).collect::<Vec<_>>());
    toml = toml.replacen("days = [0, 30, 90, 365, 730]\n", &tenures, 1);
    let table = |attributes: usize, source: &str| {
        let attribute = |number| {
            let name = format!("name = \"a{number}\"\nsource = \"{source}\"");
            format!("[[attribute]]\n{name}\nknown = {curves}\nunknown = [[1, 1, 1, 1, 1]]\n")
        };
        let attributes: String = (0..attributes).map(attribute).collect();
        SurvivalTable::from_toml(&(toml.clone() + &attributes)).unwrap()
    };
    let (one, two) = (table(1, "x").to_toml().len(), table(2, "x").to_toml().len());
    let most = (bytes - one) * 9 / 10 / (two - one);
    // Some bytes for each attribute, and the rest for all together.
    let left = bytes - 1_000 - table(most, "x").to_toml().len();
    let even = table(most, &"x".repeat(1 + left / most));
    let left = bytes - even.clone().made("", vec![]).to_toml().len();
    let table = even.made(&"x".repeat(left), vec![]);
    assert_eq!(table.to_toml().len(), bytes);
    table
}

#[test]
fn a_table_that_is_longer_than_a_note_is_refused_by_its_size() {
    let home = Home::new();
    // What stands around it is never longer than here.
    let most = (1 << 53) - 1;
    let provenance = Provenance { vault: home.vault.id(), at: now(), confirmed: most, changed: most };
    let name = format!("{}/owner", "n".repeat(122));
    let owner = stillgood::Signer::generate(name.parse().unwrap());
    let longest = PersonalTable::sign(&owner, provenance, &table_of(PersonalTable::MOST_BYTES)).unwrap();
    assert_eq!(longest.note().as_str().parse(), Ok(longest.clone()));
    let bytes = PersonalTable::MOST_BYTES + 1;
    let refused = PersonalTable::sign(&owner, provenance, &table_of(bytes)).unwrap_err();
    assert_eq!(refused, TableError::TooLong { bytes });
    assert_eq!(refused.to_string(), "the table has 1047553 bytes, and one of at most 1047552 can be signed");
}

#[test]
fn a_note_that_was_not_written_to_its_end_says_so() {
    let good = signed(&home_of(2, &Earning::Confirm)).to_string();
    let cut = format!("{}{}", &good[..1_000], "\0".repeat(good.len() - 1_000));
    let Err(LoadError::Refused(found)) = set_with(&cut) else { panic!("it loads") };
    let (zeros, all) = (good.len() - 1_000, good.len());
    let expected = format!("{zeros} of its {all} bytes are zero: it was not written to its end, or is damaged");
    assert_eq!((found.len(), found[0].problem.message.as_str()), (1, expected.as_str()));
}

#[test]
fn a_decision_by_a_personal_table_verifies_in_both_implementations() {
    let home = home_of(20, &Earning::Confirm);
    let folder = home.dir.path().join("mine");
    std::fs::create_dir(&folder).unwrap();
    for (name, content) in files() {
        std::fs::write(folder.join(name), content).unwrap();
    }
    std::fs::write(folder.join("survival.note"), signed(&home).to_string()).unwrap();
    let set = PolicySet::from_dir(&folder).unwrap();
    let decided = home.vault.decide(&gate(&home, set.clone()), &request(&["asked"])).unwrap();
    let decision = decided.decision.verify(&home.device.verifier()).unwrap();
    assert_eq!((decision.header.set.digest, decision.rulings[0].verdict), (set.digest(), Verdict::Live));
    assert!(home.vault.verify().unwrap().holds());
    if !python() {
        return;
    }
    let (owner, vault) = (home.dir.path().join("owner.vkey"), home.vault.id().to_string());
    let second = |args: &[&str]| {
        let script = file("tests/second/verify.py");
        let output =
            Command::new("python3").arg("-B").arg(script).args(args).current_dir(home.dir.path()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    std::fs::write(&owner, format!("{}\n", home.owner_key())).unwrap();
    let shipped = file("policies").display().to_string();
    assert_eq!(second(&["set", "mine", "--base", &shipped]), (Some(0), format!("mine 1 {}\n", set.digest())));
    let table = ["table", "mine/survival.note", "--owner", "owner.vkey", "--vault"];
    let (code, said) = second(&[&table[..], &[&vault]].concat());
    assert!(code == Some(0) && said.contains("20 confirmed, 0 changed, 2 attributes"), "{said}");
    let other = second(&[&table[..], &["b3fad6d05dad87f5baa52c6507d75582"]].concat());
    assert_eq!(other, (Some(1), "not verified: the table is of another vault\n".to_owned()));
    let rising = signed(&home).to_string().parse::<Note>().unwrap().unverified_text().replacen("1,0.", "0.1,0.", 1);
    std::fs::write(folder.join("survival.note"), home.owner.sign(&rising).unwrap().to_string()).unwrap();
    assert_eq!(second(&[&table[..], &[&vault]].concat()), (Some(1), "not verified: a chance rises\n".to_owned()));
}

#[test]
fn we_decide_by_a_table_that_the_second_implementation_signed() {
    let (_dir, vault, device) = theirs();
    let set = PolicySet::from_dir(&file("tests/fixtures/personal")).unwrap();
    // The page has it from the second implementation.
    let page = std::fs::read_to_string(file("docs/formats.md")).unwrap();
    assert!(page.contains(&format!("has the digest `{}`", set.digest())), "{}", set.digest());
    let made = set.personal().unwrap().provenance();
    assert_eq!((made.vault, made.confirmed, made.changed), (vault.id(), 7, 2));
    assert_eq!(set.survival().attributes().collect::<Vec<_>>(), ["*", "owns"]);
    let at = "2026-02-13T18:00:00Z".parse().unwrap();
    let decided = vault.decide(&Gate::new(set.clone(), device), &Request { at, ..request(&["mem-001"]) }).unwrap();
    assert_eq!(decided.rulings[0].verdict, Verdict::Live);
    let home = Home::new();
    let other = home.vault.decide(&gate(&home, set), &request(&[])).map(drop);
    assert!(matches!(other, Err(VaultError::Decide(DecideError::OtherVaultsTable { .. }))), "{other:?}");
}
