//! The second implementation, in Python and written from `docs/formats.md` alone, against what this one makes.

use std::path::Path;
use std::process::{Command, Output};

use data_encoding::HEXLOWER;
use stillgood::{
    Candidate, Earning, Identity, Kept, Material, MaterialKind, Occasion, Request, Signer, Vault, Verifier,
};

use crate::support::{Home, draft, earn, file, now, request, row, shared, skip};

/// Whether the second implementation can run here; says so, visibly, where it cannot.
pub(crate) fn python() -> bool {
    let found = Command::new("python3").args(["-c", "import cryptography"]).output();
    let there = found.is_ok_and(|output| output.status.success());
    if !there {
        skip("the second implementation: python3 with the package cryptography is not installed");
    }
    there
}

fn second(args: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let mut command = Command::new("python3");
    command.arg("-B").arg(file("tests/second/verify.py"));
    for arg in args {
        command.arg(arg);
    }
    command.output().unwrap()
}

fn holds(output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

fn write_vkey(path: &Path, verifier: &Verifier) {
    std::fs::write(path, format!("{verifier}\n")).unwrap();
}

#[test]
fn its_own_tests_pass() {
    if python() {
        holds(&Command::new("python3").arg("-B").arg(file("tests/second/selftest.py")).output().unwrap());
    }
}

#[test]
fn the_examples_in_the_formats_page_are_up_to_date() {
    if python() {
        let script = file("tests/second/make_examples.py");
        holds(&Command::new("python3").arg("-B").arg(script).arg("--check").output().unwrap());
    }
}

#[test]
fn it_agrees_with_a_vault_of_ours() {
    if !python() {
        return;
    }
    let home = Home::new();
    let mut linked = draft("b", "two", 20);
    linked.links.insert((stillgood::OwnLink::Contradicts, row("a")));
    let said = |text: &str| Material::new(MaterialKind::Output, text.into()).unwrap();
    let mut with_evidence = draft("c", "three", 5);
    with_evidence.evidence = vec![said("three"), said("four")];
    let texts = [draft("a", "one", 10), linked, draft("ä-号", "Text with “quotes” and ümlauts.", 3)];
    home.add(&texts);
    home.add(std::slice::from_ref(&with_evidence));
    home.add(&[draft("c", "five", 1)]);
    with_evidence.body = draft("c", "four", 0).body;
    with_evidence.stated_at = now();
    home.add(&[with_evidence]);
    earn(&home.vault, &home.owner, &home.device, "a", Earning::Confirm, now()).unwrap();
    earn(&home.vault, &home.owner, &home.device, "b", Earning::Deny, now()).unwrap();
    home.add(&[draft("a", "one, changed", 1)]);
    home.vault.decide(&home.gate(), &request(&["a", "b", "ä-号", "nobody"])).unwrap();
    let (owner, identity) = (home.dir.path().join("owner.vkey"), home.dir.path().join("identity.pem"));
    write_vkey(&owner, &home.owner_key());
    std::fs::write(&identity, home.identity.to_pem().as_bytes()).unwrap();
    holds(&second(&[&"vault", &home.path(), &"--owner", &owner, &"--identity", &identity]));
    home.sql("UPDATE heads SET sealed = (SELECT sealed FROM heads WHERE row = 'b') WHERE row = 'a'");
    assert_eq!(second(&[&"vault", &home.path(), &"--owner", &owner, &"--identity", &identity]).status.code(), Some(1));
}

#[test]
fn it_opens_the_committed_vault_of_ours() {
    if python() {
        let fixture = file("tests/fixtures/vault");
        let copy = tempfile::tempdir().unwrap();
        let vault = copy.path().join("vault.sgv");
        std::fs::copy(fixture.join("vault.sgv"), &vault).unwrap();
        holds(&second(&[
            &"vault",
            &vault,
            &"--owner",
            &fixture.join("keys/owner.vkey"),
            &"--identity",
            &fixture.join("keys/identity.pem"),
        ]));
        holds(&second(&[
            &"decision",
            &fixture.join("decision.json"),
            &"--verifier",
            &fixture.join("keys/device.vkey"),
        ]));
    }
}

#[test]
fn it_rejects_a_decision_of_ours_with_any_character_changed() {
    if !python() {
        return;
    }
    let home = Home::new();
    home.add(&[draft("a", "one", 10), draft("b", "two", 3_700)]);
    let retrieval = home.vault.decide(&home.gate(), &request(&["a", "b", "nobody", "a"])).unwrap();
    let (bundle, vkey) = (home.dir.path().join("d.json"), home.dir.path().join("device.vkey"));
    std::fs::write(&bundle, retrieval.decision.to_json()).unwrap();
    write_vkey(&vkey, &home.device.verifier());
    holds(&second(&[&"decision", &bundle, &"--verifier", &vkey]));
    holds(&second(&[&"tamper", &bundle, &"--verifier", &vkey]));
    write_vkey(&vkey, &home.owner_key());
    assert_eq!(second(&[&"decision", &bundle, &"--verifier", &vkey]).status.code(), Some(1));
}

/// The vault that the second implementation made: fixed keys, so that everything about it repeats.
pub(crate) fn theirs() -> (tempfile::TempDir, Vault, Signer) {
    let fixture = file("tests/fixtures/python-vault");
    let read = |name: &str| std::fs::read_to_string(fixture.join(name)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.sgv");
    std::fs::copy(fixture.join("vault.sgv"), &path).unwrap();
    let vkey = |name: &str| read(name).trim_end().parse::<Verifier>().unwrap();
    let identity = Identity::from_pem(&read("identity.pem")).unwrap();
    let pin = read("vault.pin").parse().unwrap();
    let vault = Vault::open(&path, &vkey("owner.vkey"), &identity, Some(&pin)).unwrap();
    let device = Signer::from_pem(&read("device.pem"), &vkey("device.vkey")).unwrap();
    (dir, vault, device)
}

#[test]
fn we_open_its_vault_and_find_what_it_wrote() {
    let (_dir, vault, _) = theirs();
    let report = vault.verify().unwrap();
    assert!(report.holds(), "{report:#?}");
    let text = std::fs::read_to_string(file("tests/fixtures/python-vault/expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
    let rows = expected["rows"].as_array().unwrap();
    assert_eq!(vault.rows().unwrap().len(), rows.len());
    let mut pieces = 0;
    for expected in rows {
        let head = vault.row(&row(expected["id"].as_str().unwrap())).unwrap();
        assert_eq!(head.generation, expected["generation"].as_u64().unwrap());
        assert_eq!(head.traits.kind.name(), expected["kind"].as_str().unwrap());
        assert!(head.text.is_of(expected["text"].as_str().unwrap()), "{}", head.row);
        assert_eq!(head.confirmations, expected["confirmations"].as_u64().unwrap());
        assert_eq!(head.denied, expected["denied"].as_bool().unwrap());
        let kept = |(one, expected): (&Kept, &serde_json::Value)| {
            assert_eq!(one.material.kind().name().replace('-', " "), expected["kind"].as_str().unwrap());
            assert_eq!(one.attached_at.to_string(), expected["attached_at"].as_str().unwrap());
            assert_eq!(one.body_generation, expected["body_generation"].as_u64().unwrap());
            assert_eq!(HEXLOWER.encode(one.material.bytes()), expected["bytes"].as_str().unwrap());
        };
        let (evidence, expected) = (vault.evidence(&head.row).unwrap(), expected["evidence"].as_array().unwrap());
        assert_eq!(evidence.iter().len(), expected.len(), "{}", head.row);
        evidence.iter().zip(expected).for_each(kept);
        pieces += expected.len();
    }
    assert_eq!(pieces, 14);
}

#[test]
fn a_decision_on_its_vault_is_the_same_bytes_in_every_build() {
    let (_dir, vault, device) = theirs();
    let verifier = device.verifier();
    let gate = stillgood::Gate::new(stillgood::PolicySet::builtin(), device);
    let mut wanted = Request { occasion: Occasion::WhatIf, ..Request::at(now()) };
    wanted.candidates = vault.rows().unwrap().into_iter().map(Candidate::of).collect();
    wanted.candidates.push(Candidate::of(row("nobody")));
    let bundle = vault.decide(&gate, &wanted).unwrap().decision;
    bundle.verify(&verifier).unwrap();
    let golden = file("tests/golden/decision.json");
    if std::env::var_os("STILLGOOD_BLESS").is_some() {
        std::fs::write(&golden, bundle.to_json()).unwrap();
    }
    assert_eq!(bundle.to_json(), std::fs::read_to_string(&golden).unwrap(), "same input, same bytes");
}

/// 2,541 rows, a search that names 100 of them and one that is not there, and the whole vault.
#[test]
fn the_locomo_rows_import_and_decide() {
    let Some(export) = shared("data/locomo-memories.jsonl") else { return };
    let imported = stillgood::import::memsync::read(&export, now()).unwrap();
    assert_eq!((imported.drafts.len(), imported.refused.len()), (2_541, 0));
    let home = Home::new();
    home.add(&imported.drafts);
    let again = home.vault.add(&home.device, &imported.drafts, now(), &mut |_| ()).unwrap();
    assert_eq!(again.unchanged, 2_541);

    let ids: Vec<&str> =
        imported.drafts.iter().step_by(25).take(100).map(|draft| draft.row.as_str()).chain(["nobody"]).collect();
    let retrieval = home.vault.decide(&home.gate(), &request(&ids)).unwrap();
    let named: Vec<&str> = retrieval.rulings.iter().map(|ruling| ruling.row.as_str()).collect();
    assert_eq!(named, ids);
    let (bundle, vkey) = (home.dir.path().join("d.json"), home.dir.path().join("device.vkey"));
    std::fs::write(&bundle, retrieval.decision.to_json()).unwrap();
    write_vkey(&vkey, &home.device.verifier());
    if python() {
        holds(&second(&[&"decision", &bundle, &"--verifier", &vkey]));
        holds(&second(&[&"tamper", &bundle, &"--verifier", &vkey]));
    }

    let all: Vec<&str> = imported.drafts.iter().map(|draft| draft.row.as_str()).collect();
    home.sql(&format!("UPDATE bodies SET sealed = zeroblob(90) WHERE row = '{}'", all[7]));
    let before = home.vault.bodies_read();
    let retrieval = home.vault.decide(&home.gate(), &request(&all)).unwrap();
    let shown = retrieval.live.len() + retrieval.background.len();
    let damaged = retrieval.rulings.iter().filter(|ruling| ruling.reasons[0].code == "damaged").count();
    assert_eq!((home.vault.bodies_read() - before) as usize, shown + damaged);
    assert!(damaged <= 1 && shown > 0 && retrieval.held().count() > damaged);
}
