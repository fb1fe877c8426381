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
    assert_eq!(desk.names("demo"), ["decision.json", "keys", "search.json", "vault.sgv"]);
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
        assert_eq!(next.lines().count(), 3, "{next}");
        let ran = desk.shell(&format!("set -e\n{next}"));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{folder}\n{next}");
    }
}
