//! `try`.

use super::desk::Desk;

#[test]
fn r#try() {
    let desk = Desk::new();
    desk.answers("try", "try");
    assert_eq!(desk.names(""), [""; 0], "nothing is left");
}

#[test]
fn try_and_keep() {
    let desk = Desk::new();
    desk.answers("try-keep", "try --keep demo");
    assert_eq!(desk.names("demo"), ["answer.txt", "decision.json", "keys", "search.json", "vault.sgv"]);
    desk.answers("try-kept-show", "show demo/decision.json");
    desk.answers("try-kept-verify", "verify demo/decision.json --verifier demo/keys/device.vkey");
    desk.done("decide demo/vault.sgv --keys demo/keys --save decision.json demo/search.json");
    desk.answers("try-kept-show-answer", "show decision.json");
    desk.answers("try-kept-verify-vault", "verify demo/vault.sgv --keys demo/keys");
    desk.cannot("try-keep-again", "try --keep demo");
}

/// What is shown to be tried next runs as it stands, in a folder of any name.
#[test]
#[cfg(unix)]
fn what_to_try_next_can_be_pasted() {
    for folder in ["my demo", "it's mine", "a$b;c", "démo"] {
        let desk = Desk::new();
        let argument = if folder.contains('\'') { format!("\"{folder}\"") } else { format!("'{folder}'") };
        let said = desk.shell(&format!("stillgood try --keep {argument}"));
        let (_, next) = said.stdout.split_once("Try next:\n").expect("what to try next");
        assert_eq!(next.lines().count(), 7, "{next}");
        let ran = desk.shell(&format!("set -e\n{next}"));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{folder}\n{next}");
    }
}

#[test]
fn the_eight_scenarios() {
    let desk = Desk::new();
    desk.answers("help-try", "try --help");
    for number in 1..=8 {
        let ran = desk.answers(&format!("try-scenario-{number}"), &format!("try --scenario {number}"));
        for line in ran.stdout.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
        // Each has a row that is not live, and a twin that is.
        let verdicts: Vec<&str> = ran.stdout.lines().filter_map(|line| line.trim().strip_prefix("decision:")).collect();
        let live = verdicts.iter().filter(|verdict| verdict.trim().starts_with("live")).count();
        assert!(live > 0 && live < verdicts.len(), "{number}: {verdicts:?}");
    }
    for (case, number) in [("0", "0"), ("9", "9"), ("a-word", "route")] {
        desk.cannot(&format!("try-scenario-{case}"), &format!("try --scenario {number}"));
    }
    desk.cannot("try-scenario-and-keep", "try --scenario 1 --keep demo");
    assert_eq!(desk.names(""), [""; 0], "nothing is left");
}
