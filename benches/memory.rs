//! How much memory a process has at most while it decides about 100 rows of a vault of 100,000, and whether that is below
//! 32 MiB. `cargo bench --bench memory`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a benchmark that panics has failed"
)]

mod rows;

use std::path::Path;
use std::process::{Command, ExitCode};

use stillgood::{Identity, PolicySet, Signer, Vault, Verifier};

const ROWS: usize = 100_000;
const MOST: u64 = 32 * 1_024;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [folder] = arguments.as_slice() {
        decide(Path::new(folder));
        return ExitCode::SUCCESS;
    }
    if peak().is_none() {
        eprintln!("skipped: this system does not say how much memory a process has had");
        return ExitCode::SUCCESS;
    }
    // The vault is made here, and opened in a process of its own, which has done nothing else.
    let home = rows::Home::new();
    drop(home.vault(ROWS));
    let folder = home.path().parent().unwrap().to_owned();
    std::fs::write(folder.join("owner"), home.owner.verifier().to_string()).unwrap();
    std::fs::write(folder.join("vkey"), home.device.verifier().to_string()).unwrap();
    std::fs::write(folder.join("device"), home.device.to_pem().as_bytes()).unwrap();
    std::fs::write(folder.join("identity"), home.identity.to_pem().as_bytes()).unwrap();
    let run = Command::new(std::env::current_exe().unwrap()).arg(&folder).output().unwrap();
    let said = String::from_utf8(run.stdout).unwrap();
    let kib: u64 = said.trim().parse().unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&run.stderr)));
    println!("{kib} KiB at most, deciding about 100 of {ROWS} rows; the limit is {MOST} KiB");
    if kib <= MOST { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn decide(folder: &Path) {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let owner: Verifier = read("owner").parse().unwrap();
    let device = Signer::from_pem(&read("device"), &read("vkey").parse().unwrap()).unwrap();
    let identity = Identity::from_pem(&read("identity")).unwrap();
    let vault = Vault::open(&folder.join("v.sgv"), &owner, &identity, None).unwrap();
    let gate = stillgood::Gate::new(PolicySet::builtin(), device);
    let retrieval = vault.decide(&gate, &rows::request(100, ROWS)).unwrap();
    assert_eq!(retrieval.rulings.iter().filter(|ruling| ruling.judged.is_some()).count(), 100);
    println!("{}", peak().unwrap());
}

/// The most resident memory that this process has had, in KiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
