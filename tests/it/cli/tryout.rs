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
    desk.done("decide demo/vault.sgv --keys demo/keys --save answer.json demo/search.json");
    desk.answers("try-kept-show-answer", "show answer.json");
    desk.answers("try-kept-verify-vault", "verify demo/vault.sgv --keys demo/keys");
    desk.cannot("try-keep-again", "try --keep demo");
}
