//! The second implementation, in Python and written from `docs/formats.md` alone, against what this one makes.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use data_encoding::HEXLOWER;
use stillgood::{
    Candidate, Categories, Category, Earning, Identity, Kept, Kind, Material, MaterialKind, Occasion, Request, Signer,
    Span, Standing, SurvivalTable, Tenure, Vault, Verifier,
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

/// Its chances for some rows of a table.
fn chances(table: &Path, rows: &str) -> Vec<u32> {
    let mut reading = Command::new("python3")
        .arg("-B")
        .args([file("tests/second/chances.py"), table.to_owned()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut input, rows) = (reading.stdin.take().unwrap(), rows.to_owned());
    let writing = std::thread::spawn(move || input.write_all(rows.as_bytes()));
    let output = reading.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    holds(&output);
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.parse().unwrap()).collect()
}

/// On both sides of each day and tenure on which a curve or a band begins, and between.
#[test]
fn it_reads_the_chances_that_we_read() {
    if !python() {
        return;
    }
    const DAY: i64 = 86_400_000;
    let shipped = std::fs::read_to_string(file("policies/survival.toml")).unwrap();
    let few = "days = [0, 7, 90]\ntenure_days = [0, 365]\n\n[[attribute]]\nname = \"employer\"\nknown = [[1, 0.9, 0.1]]\n\
               unknown = [[0.8, 0.33333333, 0.2], [0.0025, 0.002499, 0]]\n\n";
    let curve = |(kind, category): (Kind, Option<Category>)| {
        let chance = 0.5 + f64::from(category.map_or(0, |one| one as u8 + 1)) / 31.0;
        let (kind, category) = (kind.name(), category.map_or("none", Category::name));
        format!("[[curve]]\nkind = \"{kind}\"\ncategory = \"{category}\"\nchance = [1, {chance}, {}]\n\n", chance / 3.0)
    };
    let categories = || Category::ALL.iter().copied().map(Some).chain([None]);
    let kinds = Kind::ALL.iter().flat_map(|kind| categories().map(|category| (*kind, category)));
    let few: String = [few.to_owned()].into_iter().chain(kinds.map(curve)).collect();
    let (dir, mut checked) = (tempfile::tempdir().unwrap(), 0);
    for (name, toml) in [("shipped.toml", shipped), ("few.toml", few)] {
        let table = SurvivalTable::from_toml(&toml).unwrap();
        let around = |begins: Vec<Span>| -> Vec<i64> {
            let next = begins.iter().skip(1).map(|begin| Some(begin.millis()));
            let ends = begins.iter().zip(next.chain([None]));
            let mut times: Vec<i64> = ends
                .flat_map(|(begin, end)| {
                    let (begin, end) = (begin.millis(), end.unwrap_or(begin.millis() + 300 * DAY));
                    [begin - 1, begin, begin + DAY - 1, begin + DAY, (begin + end) / 2, begin + (end - begin) / 3]
                })
                .collect();
            times.sort_unstable();
            times.dedup();
            times
        };
        let shape = table.shape();
        let (passed, tenures) = (around(shape.steps), around(shape.tenures));
        let attributes: Vec<&str> = table.attributes().chain(["unheard of", "Employer"]).collect();
        let mut cases: Vec<(Standing<'_>, i64)> = vec![];
        // Each attribute at each time and tenure, in turns, so that all pairs of these come up.
        for (turn, attribute) in attributes.iter().enumerate() {
            for (place, tenure) in tenures.iter().enumerate() {
                let tenure = Span::from_millis(*tenure);
                let tenure = if (turn + place) % 2 == 0 { Tenure::Known(tenure) } else { Tenure::AtLeast(tenure) };
                let of = Standing {
                    attribute: Some(attribute),
                    kind: Kind::Semantic,
                    categories: Categories::default(),
                    tenure,
                };
                cases.extend(passed.iter().skip((turn + place) % 7).step_by(7).map(|passed| (of, *passed)));
            }
        }
        for bits in 0..1 << Category::ALL.len() {
            let chosen = Category::ALL.iter().zip(0..).filter(|(_, bit)| bits >> bit & 1 == 1);
            let categories: Categories = chosen.map(|(category, _)| *category).collect();
            let kind = Kind::ALL[bits % 2];
            let of = Standing { attribute: None, kind, categories, tenure: Tenure::AtLeast(Span::ZERO) };
            cases.extend(passed.iter().skip(bits % 29).step_by(29).map(|passed| (of, *passed)));
        }
        let row = |(of, passed): &(Standing<'_>, i64)| {
            let (word, tenure) = match of.tenure {
                Tenure::Known(tenure) => ("known", tenure.millis()),
                Tenure::AtLeast(tenure) => ("least", tenure.millis()),
            };
            let categories = of.categories.iter().map(Category::name).collect::<Vec<_>>().join(",");
            let attribute = of.attribute.unwrap_or_default();
            format!("{attribute}\t{word}\t{tenure}\t{}\t{categories}\t{passed}\n", of.kind.name())
        };
        let path = dir.path().join(name);
        std::fs::write(&path, toml).unwrap();
        let theirs = chances(&path, &cases.iter().map(row).collect::<String>());
        assert_eq!(theirs.len(), cases.len());
        for ((of, passed), theirs) in cases.iter().zip(theirs) {
            let ours = table.chance(of, Span::from_millis(*passed)).millionths();
            assert_eq!(theirs, ours, "{name}: {of:?} after {passed} ms");
        }
        checked += cases.len();
    }
    assert!(checked > 10_000, "{checked}");
    eprintln!("{checked} chances");
}
