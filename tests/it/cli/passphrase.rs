//! Keys under a passphrase: where it may come from, what is said when it does not, and keys that are never lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value as Json;
use stillgood::{Identity, KeyFileError, Passphrase};

use super::SECRET;
use super::desk::{Desk, Ran};
use crate::support::file;

/// `SECRET` is in it: so `plain` looks for it in everything that goes to standard error.
const NEW: &str = "a new one from Lisbon";

const SECRET_FILES: [&str; 3] = ["owner.pem", "device.pem", "identity.pem"];

fn vectors() -> Json {
    serde_json::from_str(include_str!("../../vectors/locked-keys.json")).expect("JSON")
}

fn passphrase() -> String {
    vectors()["passphrase"].as_str().expect("text").to_owned()
}

impl Desk {
    /// The fixture's vault and keys, locked with as little work as can be, and files to take passphrases from.
    fn locked_vault() -> Self {
        let desk = Desk::new();
        let fixture = file("tests/fixtures/vault");
        let read = |name: &str| fs::read(fixture.join(name)).expect("a file of the fixture");
        desk.put("v.sgv", read("vault.sgv")).put("search.json", read("search.json"));
        for name in ["owner.vkey", "device.vkey", "identity.pub"] {
            desk.put(&format!("keys/{name}"), read(&format!("keys/{name}")));
        }
        for name in SECRET_FILES {
            desk.put(&format!("keys/{name}"), vector(&format!("least work, {}", name.trim_end_matches(".pem"))));
            desk.put(&format!("open/{name}"), read(&format!("keys/{name}")));
        }
        desk.put("right", format!("{}\n", passphrase())).put("wrong", "pass phrase\n").put("new", format!("{NEW}\n"));
        desk
    }

    fn secrets(&self, folder: &str) -> Vec<Vec<u8>> {
        SECRET_FILES.iter().map(|name| self.bytes(&format!("{folder}/{name}"))).collect()
    }

    /// Whether the identity in the folder is locked with this passphrase.
    fn is_locked_with(&self, passphrase: &str) -> bool {
        let pem = self.text("keys/identity.pem");
        assert_eq!(Identity::from_pem(&pem).err(), Some(KeyFileError::Locked));
        Identity::from_locked_pem(&pem, &Passphrase::new(passphrase).expect("one line")).is_ok()
    }
}

/// A locked key of the vectors.
fn vector(comment: &str) -> String {
    let all = vectors();
    let mut found = ["opens", "refused"].into_iter().flat_map(|list| all[list].as_array().expect("a list"));
    let found = found.find(|vector| vector["comment"] == comment || vector["defect"] == comment);
    found.expect("a vector")["locked"].as_str().expect("text").to_owned()
}

/// No passphrase of these tests, on no stream.
fn keeps_quiet(ran: &Ran) {
    ran.plain();
    for secret in [SECRET, "phrase –", "Schlüssel"] {
        assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{}{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn every_verb_that_reads_keys_takes_a_passphrase() {
    let desk = Desk::locked_vault();
    desk.put("rows.json", "[]").put("answer.txt", "Tea.");
    let answer = desk.run("decide v.sgv --keys keys --passphrase-fd 3 search.json 3< right");
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    let id =
        serde_json::from_str::<Json>(&answer.stdout).expect("JSON")["decision"].as_str().expect("an id").to_owned();
    for line in [
        "init w.sgv --keys keys".to_owned(),
        "import v.sgv --keys keys rows.json".to_owned(),
        "verify v.sgv --keys keys".to_owned(),
        format!("verify {id} --verifier keys/device.vkey --vault v.sgv --keys keys"),
        format!("show {id} --vault v.sgv --keys keys"),
        format!("used v.sgv --keys keys --decision {id} --none answer.txt"),
        "why v.sgv --keys keys answer.txt".to_owned(),
        "earn v.sgv --keys keys".to_owned(),
        "log v.sgv --keys keys".to_owned(),
    ] {
        keeps_quiet(&desk.refuses(&line));
        desk.done(&format!("{line} --passphrase-fd 3 3< right"));
    }
    desk.cannot("passphrase-no-terminal", "decide v.sgv --keys keys search.json");
    // A key that is not needed is not asked for: not the owner's here, and none at all there.
    fs::remove_file(desk.path("keys/owner.pem")).expect("it is there");
    desk.done("decide v.sgv --keys keys --passphrase-fd 3 search.json 3< right");
    desk.done("keygen --name ada --out others");
    desk.done("init others.sgv --keys others --passphrase-fd 3 3< wrong");
}

#[test]
fn file_descriptors_that_hold_no_passphrase() {
    let desk = Desk::locked_vault();
    desk.put("nothing", "").put("empty", "\nsecond line\n").put("bytes", b"na\xefve\n").put("tab", "one\ttwo\n");
    desk.put("long", "Lisbon ".repeat(147)).put("endless", "é".repeat(500_000)).put("last", passphrase());
    desk.put("lines", format!("{}\nand more\n", passphrase()));
    fs::create_dir(desk.path("folder")).expect("a folder");
    let line = |file: &str| format!("init w.sgv --keys keys --passphrase-fd 3 3< {file}");
    for (case, file) in [
        ("wrong", "wrong"),
        ("nothing", "nothing"),
        ("empty", "empty"),
        ("not-utf-8", "bytes"),
        ("control-character", "tab"),
        ("too-long", "long"),
        ("a-folder", "folder"),
    ] {
        keeps_quiet(&desk.cannot(&format!("passphrase-fd-{case}"), &line(file)));
    }
    let ran = desk.refuses(&line("endless"));
    assert!(ran.stderr.contains("longer than 1024 bytes"), "{}", ran.stderr);
    desk.cannot("passphrase-fd-not-open", "init w.sgv --keys keys --passphrase-fd 9");
    desk.cannot("passphrase-fd-output", "init w.sgv --keys keys --passphrase-fd 2");
    desk.cannot("passphrase-fd-no-number", "init w.sgv --keys keys --passphrase-fd right");
    desk.cannot("passphrase-fd-without-keys", "verify d.json --verifier keys/device.vkey --passphrase-fd 3");
    assert!(!desk.path("w.sgv").exists(), "nothing was made");
    // What does: a last line without its end, and the first of several.
    desk.done(&line("last"));
    desk.done(&line("lines").replace("w.sgv", "x.sgv"));
}

#[test]
fn standard_input_holds_a_passphrase_or_data() {
    let desk = Desk::locked_vault();
    desk.cannot("passphrase-fd-0-decide", "cat search.json | decide v.sgv --keys keys --passphrase-fd 0");
    desk.cannot("passphrase-fd-0-import", "cat right | import v.sgv --keys keys --passphrase-fd 0 -");
    desk.done("cat right | decide v.sgv --keys keys --passphrase-fd 0 search.json");
    desk.done("cat right | decide v.sgv --keys keys --passphrase-fd 0 --all");
    desk.done("init w.sgv --keys keys --passphrase-fd 0 < right");
    desk.done("cat right | init x.sgv --keys keys --passphrase-fd 3 3<&0");
}

/// Before anybody is asked for a passphrase.
#[test]
fn locks_that_are_not_opened() {
    let desk = Desk::locked_vault();
    for (case, defect) in [("weak", "pbkdf2_sha1"), ("too-much-work", "scrypt_memory_of_a_petabyte")] {
        desk.put("keys/owner.pem", vector(defect));
        desk.cannot(&format!("passphrase-lock-{case}"), "init w.sgv --keys keys");
    }
    desk.put("keys/owner.pem", vector("ciphertext_of_nothing"));
    let damaged = desk.refuses("init w.sgv --keys keys --passphrase-fd 3 3< right");
    assert!(
        damaged.stderr.starts_with("stillgood: the passphrase does not open `keys/owner.pem`\nhint: a damaged file")
    );
}

#[test]
fn keygen_with_a_passphrase() {
    let desk = Desk::locked_vault();
    desk.cannot("keygen-passphrase-no-terminal", "keygen --name me --out made --passphrase");
    desk.put("empty", "\n");
    desk.cannot("keygen-passphrase-empty", "keygen --name me --out made --passphrase-fd 3 3< empty");
    assert!(!desk.path("made").exists(), "nothing was made");
    keeps_quiet(&desk.answers("keygen-passphrase", "keygen --name me --out made --passphrase-fd 3 3< new"));
    for name in SECRET_FILES {
        let pem = desk.text(&format!("made/{name}"));
        assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "{name}");
        let mode = fs::metadata(desk.path(&format!("made/{name}"))).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    desk.done("init w.sgv --keys made --passphrase-fd 3 3< new");
}

#[test]
fn a_passphrase_is_removed_added_and_changed() {
    let desk = Desk::locked_vault();
    let (locked, public) = (desk.secrets("keys"), desk.bytes("keys/owner.vkey"));
    keeps_quiet(&desk.cannot("passphrase-wrong", "passphrase --keys keys --remove --passphrase-fd 3 3< wrong"));
    desk.cannot("passphrase-new-no-terminal", "passphrase --keys keys --passphrase-fd 3 3< right");
    desk.cannot("passphrase-one-for-both", "passphrase --keys keys --passphrase-fd 3 --new-passphrase-fd 3 3< right");
    desk.cannot("passphrase-remove-and-new", "passphrase --keys keys --remove --new-passphrase-fd 3 3< right");
    // The number of the first is not taken for the second, nor the other way round.
    for (old, new) in [(4, 3), (3, 4)] {
        let ran =
            desk.refuses(&format!("passphrase --keys keys --passphrase-fd {old} --new-passphrase-fd {new} 3< right"));
        assert!(ran.stderr.contains("passphrase-fd 4: it is not open"), "{}", ran.stderr);
    }
    desk.put("empty", "\n");
    desk.cannot(
        "passphrase-new-empty",
        "passphrase --keys keys --passphrase-fd 3 --new-passphrase-fd 4 3< right 4< empty",
    );
    assert_eq!(desk.secrets("keys"), locked, "nothing was changed");

    desk.answers("passphrase-remove", "passphrase --keys keys --remove --passphrase-fd 3 3< right");
    assert_eq!(desk.secrets("keys"), desk.secrets("open"));
    desk.answers("passphrase-remove-again", "passphrase --keys keys --remove");
    assert_eq!(desk.secrets("keys"), desk.secrets("open"));

    keeps_quiet(&desk.answers("passphrase-add", "passphrase --keys keys --new-passphrase-fd 3 3< new"));
    assert!(desk.is_locked_with(NEW));
    desk.put("newer", "newer\n");
    keeps_quiet(&desk.done("passphrase --keys keys --passphrase-fd 3 --new-passphrase-fd 4 3< new 4< newer"));
    assert!(desk.is_locked_with("newer") && !desk.is_locked_with(NEW));
    for name in SECRET_FILES {
        let mode = fs::metadata(desk.path(&format!("keys/{name}"))).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(desk.bytes("keys/owner.vkey"), public);
    desk.done("passphrase --keys keys --remove --passphrase-fd 3 3< newer");
    assert_eq!(desk.secrets("keys"), desk.secrets("open"));
}

#[test]
fn a_folder_without_some_keys_or_with_links_to_them() {
    let desk = Desk::locked_vault();
    fs::remove_file(desk.path("keys/owner.pem")).expect("it is there");
    fs::create_dir(desk.path("elsewhere")).expect("a folder");
    fs::rename(desk.path("keys/device.pem"), desk.path("elsewhere/d.pem")).expect("moved");
    std::os::unix::fs::symlink("../elsewhere/d.pem", desk.path("keys/device.pem")).expect("a link");
    desk.done("passphrase --keys keys --remove --passphrase-fd 3 3< right");
    assert_eq!(desk.bytes("elsewhere/d.pem"), desk.bytes("open/device.pem"));
    assert!(fs::symlink_metadata(desk.path("keys/device.pem")).expect("it is there").is_symlink());
    assert!(!desk.path("keys/owner.pem").exists());
    fs::create_dir(desk.path("bare")).expect("a folder");
    desk.cannot("passphrase-no-keys", "passphrase --keys bare");
}

/// Killed while it writes: the system ends whoever writes more than it may.
#[test]
fn interrupted_while_writing_every_key_is_as_it_was() {
    let desk = Desk::locked_vault();
    let before = desk.secrets("keys");
    let line = "ulimit -f 0; exec \"$0\" passphrase --keys keys --remove --passphrase-fd 3 3< right";
    let program = env!("CARGO_BIN_EXE_stillgood");
    let mut shell = std::process::Command::new("sh");
    let status = shell.current_dir(desk.path("")).args(["-c", line]).arg(program).status().expect("it ends");
    assert!(!status.success());
    assert_eq!(desk.secrets("keys"), before);
    desk.done("init w.sgv --keys keys --passphrase-fd 3 3< right");
}

/// Killed between one key and the next: the same command, given again, finishes the work.
#[test]
fn interrupted_between_two_keys_the_same_command_finishes() {
    let desk = Desk::locked_vault();
    let before = desk.secrets("keys");
    let change = "passphrase --keys keys --passphrase-fd 3 --new-passphrase-fd 4 3< right 4< new";
    desk.done(change);
    let after = desk.secrets("keys");
    // As many keys have their new passphrase already.
    for done in [1, 2] {
        for (place, name) in SECRET_FILES.iter().enumerate() {
            let content = if place < done { &after[place] } else { &before[place] };
            desk.put(&format!("keys/{name}"), content);
        }
        if done == 1 {
            let other = change.replace("4< new", "4< wrong");
            keeps_quiet(&desk.cannot("passphrase-half-changed", &other));
        }
        desk.done(change);
        desk.done("init w.sgv --keys keys --passphrase-fd 3 3< new");
        fs::remove_file(desk.path("w.sgv")).expect("it is there");
    }
}

#[test]
fn a_terminal_is_asked_once_and_shows_nothing_of_the_answer() {
    let desk = Desk::locked_vault();
    let ask = "passphrase of the keys in `keys`: ";
    let right = format!("{}\n", passphrase());
    // Owner, device and identity: three locked files.
    let Some(ran) = desk.on_terminal("init w.sgv --keys keys", &[(ask, &right)]) else { return };
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), format!("{ask}\n").as_str()));
    keeps_quiet(&ran);
    for (case, typed) in [("wrong", "pass phrase\n"), ("empty", "\n"), ("interrupted", "pass\x03"), ("ended", "\x04")] {
        let ran = desk.on_terminal("init x.sgv --keys keys", &[(ask, typed)]).expect("a terminal, as before");
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{case}");
        assert!(!ran.stderr.contains("pass\n"), "{case}");
        desk.golden(&format!("terminal-{case}"), &ran);
    }
    let corrected = format!("wrong\x15{}x\x7f\n", passphrase());
    let ran = desk.on_terminal("init y.sgv --keys keys", &[(ask, &corrected)]).expect("a terminal, as before");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ran = desk.on_terminal("init z.sgv --keys keys", &[(ask, "na\u{ff}ve\n")]).expect("a terminal, as before");
    assert_eq!((ran.code, ran.stderr.contains("not UTF-8")), (Some(2), true), "{}", ran.stderr);
    // Standard input holds the search's answer, as in a pipe.
    let piped = "cat search.json | decide v.sgv --keys keys";
    let ran = desk.on_terminal(piped, &[(ask, &right)]).expect("a terminal, as before");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), format!("{ask}\n").as_str()));
    assert!(ran.json()["decision"].is_string(), "{}", ran.stdout);
    // The terminal itself is no file to read a passphrase from: it would show it.
    let ran = desk.on_terminal("init z.sgv --keys keys --passphrase-fd 0", &[]).expect("a terminal, as before");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    desk.golden("terminal-as-file-descriptor", &ran);
}

#[test]
fn a_terminal_is_asked_twice_for_a_new_passphrase() {
    let desk = Desk::locked_vault();
    let new = format!("{NEW}\n");
    let twice = [("new passphrase: ", new.as_str()), ("the same again: ", &new)];
    let Some(ran) = desk.on_terminal("keygen --name me --out made --passphrase", &twice) else { return };
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stderr, "new passphrase: \nthe same again: \n");
    keeps_quiet(&ran);
    desk.done("init w.sgv --keys made --passphrase-fd 3 3< new");

    let other = [twice[0], ("the same again: ", "another\n")];
    let ran = desk.on_terminal("keygen --name me --out other --passphrase", &other).expect("a terminal, as before");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    desk.golden("terminal-not-the-same", &ran);
    assert!(!desk.path("other").exists(), "nothing was made");
    // In vain nobody is asked: the keys are there already.
    let ran = desk.on_terminal("keygen --name me --out made --passphrase", &[]).expect("a terminal, as before");
    assert_eq!((ran.code, ran.stderr.contains("passphrase:")), (Some(2), false), "{}", ran.stderr);

    let right = format!("{}\n", passphrase());
    let ask = [("passphrase of the keys in `keys`: ", right.as_str()), twice[0], twice[1]];
    let ran = desk.on_terminal("passphrase --keys keys", &ask).expect("a terminal, as before");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    desk.golden("terminal-change", &ran);
    keeps_quiet(&ran);
    assert!(desk.is_locked_with(NEW));
    // These take as much work as keys do, so that there is time to type ahead.
    let made =
        [("passphrase of the keys in `made`: ", new.as_str()), ("new passphrase: ", &right), ("again: ", &right)];
    let ran = desk.on_terminal("passphrase --keys made", &made).expect("a terminal, as before");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}
