//! What several modules need: fixed times, keys, a vault in a temporary folder, and a way to skip that is seen.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use stillgood::{
    Candidate, Draft, Gate, Identity, Kind, PolicySet, Request, RowId, Score, Signer, Timestamp, Vault, Verifier,
};

/// Says on standard error that something was not tested. `eprintln!` would be swallowed where the test passes.
pub(crate) fn skip(what: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {what}");
}

/// A file beside the project that does not ship with it; `None`, visibly, where it is absent.
pub(crate) fn shared(name: &str) -> Option<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(name);
    let read = std::fs::read(&path).ok();
    if read.is_none() {
        skip(&format!("{name} is not here"));
    }
    read
}

/// A file of the project.
pub(crate) fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Compares what stands between two marks `<!-- NAME -->` of a page with what it should be; writes it where
/// `STILLGOOD_BLESS` is set.
pub(crate) fn matches_page(page: &str, mark: &str, expected: &str) {
    let path = file(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let mark = format!("<!-- {mark} -->");
    let parts: Vec<&str> = text.split(&mark).collect();
    assert_eq!(parts.len(), 3, "{page}: {mark} stands twice");
    if std::env::var_os("STILLGOOD_BLESS").is_some() {
        std::fs::write(&path, [parts[0], expected, parts[2]].join(&mark)).unwrap();
    } else {
        let found = parts[1];
        assert!(found == expected, "{page}, {mark}: it says\n{found}\nand what comes out is\n{expected}");
    }
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn row(id: &str) -> RowId {
    id.parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    time("2026-03-01T12:00:00Z")
}

/// A vault in a temporary folder, with its keys.
pub(crate) struct Home {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) owner: Signer,
    pub(crate) device: Signer,
    pub(crate) identity: Identity,
    pub(crate) vault: Vault,
}

impl Home {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let owner = Signer::generate("test/owner".parse().unwrap());
        let device = Signer::generate("test/device".parse().unwrap());
        let identity = Identity::generate();
        let vault =
            Vault::create(&dir.path().join("v.sgv"), &owner, &identity, &device, time("2020-01-01T00:00:00Z")).unwrap();
        Home { dir, owner, device, identity, vault }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("v.sgv")
    }

    pub(crate) fn owner_key(&self) -> Verifier {
        self.owner.verifier()
    }

    /// The same vault, opened again.
    pub(crate) fn reopen(&self) -> Vault {
        Vault::open(&self.path(), &self.owner_key(), &self.identity, None).unwrap()
    }

    /// The same device key once more, for a gate to own.
    pub(crate) fn gate(&self) -> Gate {
        let device = Signer::from_pem(&self.device.to_pem(), &self.device.verifier()).unwrap();
        Gate::new(PolicySet::builtin(), device)
    }

    pub(crate) fn add(&self, drafts: &[Draft]) {
        self.vault.add(&self.device, drafts, now(), &mut |_| ()).unwrap();
    }

    /// SQL on the vault file, as an attacker would.
    pub(crate) fn sql(&self, sql: &str) -> usize {
        rusqlite::Connection::open(self.path()).unwrap().execute(sql, []).unwrap()
    }
}

/// A semantic row, said so many days before [`now`].
pub(crate) fn draft(id: &str, text: &str, days: i64) -> Draft {
    let stated = now().plus(stillgood::Span::days(-days).unwrap());
    Draft::new(row(id), text, stated, Kind::Semantic).unwrap()
}

/// What the owner says of a row, unasked.
pub(crate) fn earn(
    vault: &Vault,
    owner: &Signer,
    device: &Signer,
    id: &str,
    earning: stillgood::Earning,
    at: Timestamp,
) -> Result<stillgood::Earned, stillgood::VaultError> {
    vault.earn(owner, device, &stillgood::Answer::to(row(id), earning, at), at.max(now()))
}

/// A request at [`now`] for these rows, each of relevance 0.9.
pub(crate) fn request(rows: &[&str]) -> Request {
    let mut request = Request::at(now());
    request.candidates = rows
        .iter()
        .map(|id| Candidate { rerank: Some(Score::from_millionths(900_000).unwrap()), ..Candidate::of(row(id)) })
        .collect();
    request
}
