//! The hostile vectors of `tests/hostile`: each input is refused for its defect, and each untouched one accepted.
//!
//! The files say of themselves what is done with them and what must become of it; `tests/second/hostile.py` explains
//! their form, and the second implementation judges the same files.

use std::collections::BTreeMap;

use stillgood::{
    Identity, KeyRing, Keys, Note, NoteError, OpenError, PinError, RingError, RowId, SealedBody, SealedEvidence,
    SealedHead, SignedDecision, StoreError, UnlockError, Vault, VaultError, Verifier, VerifyError,
};

use crate::support::file;

/// How many there are. `tests/second/hostile.py` says the same number.
const COUNT: usize = 455;

/// One file: its keys, of which `says` may stand more than once, and its input.
struct Vector {
    keys: Vec<(String, String)>,
    input: Vec<u8>,
}

impl Vector {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").expect("an empty line after the head");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let keys: Vec<(String, String)> = head
            .lines()
            .map(|line| line.split_once(": ").expect("`key: value`"))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let mut vector = Vector { keys, input: bytes[end + 2..].to_vec() };
        let broken: Vec<u8> = vector.input.iter().copied().filter(|byte| *byte != b'\n').collect();
        match vector.key("input") {
            "text" => {}
            "hex" => vector.input = data_encoding::HEXLOWER.decode(&broken).unwrap(),
            "base64" => vector.input = data_encoding::BASE64.decode(&broken).unwrap(),
            other => panic!("an input in {other}"),
        }
        vector
    }

    fn maybe(&self, name: &str) -> Option<&str> {
        self.keys.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn key(&self, name: &str) -> &str {
        self.maybe(name).unwrap_or_else(|| panic!("no `{name}`"))
    }

    fn says(&self) -> Vec<&str> {
        self.keys.iter().filter(|(key, _)| key == "says").map(|(_, value)| value.as_str()).collect()
    }

    /// The input as text. What is not UTF-8 never reaches a parser of text.
    fn text(&self) -> Result<&str, Refused> {
        std::str::from_utf8(&self.input).map_err(|_| Refused::new("malformed", &"not UTF-8"))
    }

    fn verifier(&self, name: &str) -> Verifier {
        self.key(name).parse().unwrap()
    }

    fn identity(&self) -> Identity {
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", self.key("identity"));
        Identity::from_pem(&pem).unwrap()
    }
}

type Vectors = BTreeMap<String, Vector>;

/// Every vector there is, by reading the directory.
fn vectors() -> Vectors {
    let folder = std::fs::read_dir(file("tests/hostile")).unwrap();
    let paths = folder.map(|entry| entry.unwrap().path());
    paths
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, Vector::read(&std::fs::read(path).unwrap()))
        })
        .collect()
}

/// The class of a refusal, and what the program says.
struct Refused {
    class: &'static str,
    says: Vec<String>,
}

impl Refused {
    fn new(class: &'static str, says: &dyn ToString) -> Self {
        Refused { class, says: vec![says.to_string()] }
    }
}

impl From<NoteError> for Refused {
    fn from(error: NoteError) -> Self {
        let malformed = matches!(error, NoteError::Malformed(_));
        Refused::new(if malformed { "malformed" } else { "does not verify" }, &error)
    }
}

impl From<RingError> for Refused {
    fn from(error: RingError) -> Self {
        let class = match &error {
            RingError::Malformed | RingError::Note(NoteError::Malformed(_)) => "malformed",
            RingError::Note(_) => "does not verify",
        };
        Refused::new(class, &error)
    }
}

impl From<UnlockError> for Refused {
    fn from(error: UnlockError) -> Self {
        let ours = matches!(error, UnlockError::Damaged(_));
        Refused::new(if ours { "damaged" } else { "not our key" }, &error)
    }
}

impl From<OpenError> for Refused {
    fn from(error: OpenError) -> Self {
        let class = match error {
            OpenError::NotOurKey => "not our key",
            OpenError::NotThisRow => "not this row",
            OpenError::Damaged => "damaged",
            OpenError::OlderThanSeen => "older than seen",
        };
        Refused::new(class, &error)
    }
}

impl From<VerifyError> for Refused {
    fn from(error: VerifyError) -> Self {
        let class = match error {
            VerifyError::Note(error) => return error.into(),
            VerifyError::NotABundle | VerifyError::TooLong | VerifyError::NotADecision | VerifyError::Leaf(_) => {
                "malformed"
            }
            VerifyError::LeafCount { .. } | VerifyError::OtherLeaves | VerifyError::OtherHeader => "does not verify",
        };
        Refused::new(class, &error)
    }
}

impl From<PinError> for Refused {
    fn from(error: PinError) -> Self {
        let class = match error {
            PinError::Malformed => "malformed",
            PinError::OtherVault => "not this vault",
            PinError::OlderThanSeen { .. } => "older than seen",
            PinError::Forked => "another history",
        };
        Refused::new(class, &error)
    }
}

impl From<VaultError> for Refused {
    fn from(error: VaultError) -> Self {
        let class = match &error {
            VaultError::Pin(error) => return (*error).into(),
            VaultError::Store(StoreError::NotAVault(_) | StoreError::OtherVersion { .. }) => "malformed",
            _ => "does not verify",
        };
        Refused::new(class, &error)
    }
}

fn judge(vector: &Vector, all: &Vectors) -> Result<(), Refused> {
    match vector.key("do") {
        "read the vkey" => {
            vector.text()?.parse::<Verifier>().map(drop).map_err(|error| Refused::new("malformed", &error))
        }
        "read the row id" => {
            vector.text()?.parse::<RowId>().map(drop).map_err(|error| Refused::new("malformed", &error))
        }
        "verify the note" => Ok(vector.text()?.parse::<Note>()?.verify(&vector.verifier("vkey")).map(drop)?),
        "open the key ring and unlock it" => unlock(vector.text()?, vector).map(drop),
        "open the head" => {
            let sealed = SealedHead::from_bytes(vector.input.clone());
            Ok(sealed.open(&keys(vector, all), &vector.key("row").parse().unwrap()).map(drop)?)
        }
        "open the body" => {
            let keys = keys(vector, all);
            let head = data_encoding::HEXLOWER.decode(vector.key("head").as_bytes()).unwrap();
            let head = SealedHead::from_bytes(head).open(&keys, &vector.key("row").parse().unwrap())?;
            Ok(SealedBody::from_bytes(vector.input.clone()).open(&keys, &head).map(drop)?)
        }
        "open the evidence" => {
            let keys = keys(vector, all);
            let head = data_encoding::HEXLOWER.decode(vector.key("head").as_bytes()).unwrap();
            let head = SealedHead::from_bytes(head).open(&keys, &vector.key("row").parse().unwrap())?;
            Ok(SealedEvidence::from_bytes(vector.input.clone()).open(&keys, &head).map(drop)?)
        }
        "verify the decision" => {
            Ok(SignedDecision::from_json(&vector.input)?.verify(&vector.verifier("decider")).map(drop)?)
        }
        "verify the vault" | "check the vault against the pin" => vault(vector, all),
        other => panic!("nobody knows how to {other}"),
    }
}

fn unlock(ring: &str, vector: &Vector) -> Result<Keys, Refused> {
    let note: Note = ring.parse().map_err(RingError::Note)?;
    Ok(KeyRing::open(&note, &vector.verifier("owner"))?.unlock(&vector.identity())?)
}

fn keys(vector: &Vector, all: &Vectors) -> Keys {
    let ring = all[vector.key("ring")].text().ok().unwrap();
    unlock(ring, vector).ok().expect("the good ring opens")
}

/// The tables of the page, the rows of the good vault, and then what this vector does to them.
fn vault(vector: &Vector, all: &Vectors) -> Result<(), Refused> {
    let pinned = vector.key("do") == "check the vault against the pin";
    let pin = if pinned { Some(vector.text()?.parse()?) } else { None };
    let page = std::fs::read_to_string(file("docs/formats.md")).unwrap();
    let tables = page.split("```sql\n").nth(1).unwrap().split("```").next().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.sgv");
    let base = rusqlite::Connection::open(&path).unwrap();
    let begin = "PRAGMA synchronous = OFF; PRAGMA application_id = 0x53475631; PRAGMA user_version = 1;
        PRAGMA journal_mode = WAL;";
    let mut sql = format!("{begin}{tables}");
    if let Some(good) = vector.maybe("base") {
        sql.push_str(all[good].text()?);
    }
    if !pinned {
        sql.push_str(vector.text()?);
    }
    base.execute_batch(&sql).unwrap();
    base.close().unwrap();
    let vault = Vault::open(&path, &vector.verifier("owner"), &vector.identity(), pin.as_ref()).map_err(|error| {
        let mut refused = Refused::from(error);
        refused.says = refused.says.iter().map(|line| line.replace(path.to_str().unwrap(), "vault.sgv")).collect();
        refused
    })?;
    let findings = vault.verify()?.findings;
    let says: Vec<String> = findings
        .iter()
        .flat_map(|finding| finding.wrong.iter().map(move |wrong| format!("{}: {wrong}", finding.check)))
        .collect();
    if says.is_empty() { Ok(()) } else { Err(Refused { class: "does not verify", says }) }
}

#[test]
fn every_hostile_vector_is_judged_as_its_file_says() {
    let all = vectors();
    assert_eq!(all.len(), COUNT);
    let mut wrong = vec![];
    for (name, vector) in &all {
        let (class, says) = match judge(vector, &all) {
            Ok(()) => ("accepted", vec![]),
            Err(refused) => (refused.class, refused.says),
        };
        if class != vector.key("expected") || says != vector.says() {
            wrong.push(format!(
                "{name}: {class} {says:#?}, where its file says {} {:#?}",
                vector.key("expected"),
                vector.says()
            ));
        }
        assert_eq!(name.ends_with("_good"), vector.key("expected") == "accepted", "{name}");
    }
    assert!(wrong.is_empty(), "{} of {COUNT}:\n{}", wrong.len(), wrong.join("\n"));
}
