//! What the README and the manifest promise about the project itself.

use std::process::Command;

use crate::support::file;

#[test]
fn the_code_map_names_every_room_and_no_other() {
    let readme = std::fs::read_to_string(file("README.md")).unwrap();
    let map = readme.split("<!-- code map -->").nth(1).expect("the README has a code map");
    let named: Vec<String> = map.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(named.len() > 20);
    for name in &named {
        assert!(file(name).exists(), "{name} is in the code map, and not in the project");
    }
    let mut rooms: Vec<String> = std::fs::read_dir(file("src"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    rooms.retain(|name| name.ends_with(".rs"));
    for room in rooms {
        assert!(named.contains(&format!("src/{room}")), "src/{room} is not in the code map");
    }
}

#[test]
fn the_library_and_the_program_forbid_unsafe_code() {
    for root in ["src/lib.rs", "src/bin/stillgood/main.rs"] {
        let text = std::fs::read_to_string(file(root)).unwrap();
        assert!(text.lines().any(|line| line == "#![forbid(unsafe_code)]"), "{root}");
    }
}

#[test]
fn no_file_of_the_code_is_longer_than_500_lines() {
    let mut folders = vec![file("src")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            seen += 1;
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines <= 500, "{}: {lines} lines", path.display());
        }
    }
    assert!(seen > 50);
}

/// The crates that are compiled in with these arguments, and their versions.
fn crates(arguments: &[&str]) -> Vec<(String, String)> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--offline"])
        .args(arguments)
        .current_dir(file(""))
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let mut crates: Vec<(String, String)> = String::from_utf8(tree.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        })
        .collect();
    crates.sort();
    crates.dedup();
    crates
}

fn each_is_there_once(crates: &[(String, String)], names: &[&str]) {
    for name in names {
        let versions: Vec<&str> =
            crates.iter().filter(|(other, _)| other == name).map(|(_, version)| version.as_str()).collect();
        assert_eq!(versions.len(), 1, "{name}: {versions:?}");
    }
}

/// What every build has.
const CRYPTOGRAPHIC: [&str; 26] = [
    "aes",
    "aes-gcm",
    "aead",
    "cipher",
    "ctr",
    "ghash",
    "polyval",
    "curve25519-dalek",
    "ed25519-dalek",
    "x25519-dalek",
    "ed25519",
    "sha2",
    "digest",
    "hmac",
    "hkdf",
    "hpke",
    "pkcs8",
    "pkcs5",
    "scrypt",
    "pbkdf2",
    "cbc",
    "salsa20",
    "der",
    "subtle",
    "zeroize",
    "rand_core",
];

/// What verifying evidence adds.
const OF_EVIDENCE: [&str; 18] = [
    "const-oid",
    "crypto-bigint",
    "ecdsa",
    "elliptic-curve",
    "k256",
    "keccak",
    "minicbor",
    "p384",
    "pkcs1",
    "primeorder",
    "rsa",
    "rustls-pki-types",
    "rustls-webpki",
    "sec1",
    "sha3",
    "signature",
    "spki",
    "wnaf",
];

#[test]
fn no_cryptographic_crate_is_there_twice() {
    each_is_there_once(&crates(&[]), &CRYPTOGRAPHIC);
    let with_evidence = crates(&["--features", "evidence"]);
    each_is_there_once(&with_evidence, &CRYPTOGRAPHIC);
    each_is_there_once(&with_evidence, &OF_EVIDENCE);
    // None of them in C or assembly.
    for foreign in ["ring", "aws-lc-rs", "aws-lc-sys", "openssl-sys"] {
        assert!(with_evidence.iter().all(|(name, _)| name != foreign), "{foreign}");
    }
}
