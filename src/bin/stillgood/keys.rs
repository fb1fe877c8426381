//! The key folder: which files it holds, and reading them.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use stillgood::attestation::CodeList;
use stillgood::{Identity, KeyFileError, Passphrase, Pin, Signer, Vault, VaultError, VaultId, Verifier};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::output::{plain, read_text, replace};
use crate::unlock::{PassphraseFrom, Passphrases};

/// The files of a key folder.
pub(crate) const FILES: [&str; 6] =
    ["owner.pem", "owner.vkey", "device.pem", "device.vkey", "identity.pem", "identity.pub"];

/// The file of a key folder that says which code of enclaves the owner accepts.
const CODE_LIST: &str = "code-list.json";

/// How secret keys are written to their files.
pub(crate) enum AtRest {
    Open,
    Locked(Passphrase),
}

impl AtRest {
    pub(crate) fn signer(&self, key: &Signer) -> Zeroizing<String> {
        match self {
            AtRest::Open => key.to_pem(),
            AtRest::Locked(passphrase) => Zeroizing::new(key.to_locked_pem(passphrase)),
        }
    }

    pub(crate) fn identity(&self, key: &Identity) -> Zeroizing<String> {
        match self {
            AtRest::Open => key.to_pem(),
            AtRest::Locked(passphrase) => Zeroizing::new(key.to_locked_pem(passphrase)),
        }
    }
}

/// A key folder. Each key is read when it is needed, so that a pipeline needs no owner.pem.
pub(crate) struct KeyFolder {
    path: PathBuf,
    passphrases: Passphrases,
}

impl KeyFolder {
    /// The folder of this path. Where a key is locked, a terminal is asked for the passphrase.
    pub(crate) fn at(path: &Path) -> Result<Self, Failure> {
        Self::unlocked_by(path, &PassphraseFrom::default())
    }

    /// The folder of this path, its passphrase to come from there. Asked for once, when the first locked key is read.
    pub(crate) fn unlocked_by(path: &Path, from: &PassphraseFrom) -> Result<Self, Failure> {
        // First of all: a number that is not open yet must not become that of a file of ours.
        Self::with(path, from.open()?)
    }

    /// The folder of this path, with passphrases that are at hand.
    pub(crate) fn with(path: &Path, passphrases: Passphrases) -> Result<Self, Failure> {
        let holds_a_key = FILES.iter().any(|file| path.join(file).exists());
        // What may not be searched looks empty, and says so when a key is read.
        if holds_a_key || path.is_dir() && std::fs::read_dir(path).is_err() {
            return Ok(KeyFolder { path: path.to_owned(), passphrases });
        }
        if path.is_file() {
            let failure = Failure::cannot(format!("`{}` is a file, not a key folder", path.display()));
            return Err(failure.hint("--keys names the folder that `stillgood keygen` made"));
        }
        let failure = Failure::cannot(match path.is_dir() {
            true => format!("there is no key in `{}`", path.display()),
            false => format!("there is no key folder `{}`", path.display()),
        });
        Err(failure.hint("`stillgood keygen --name NAME --out DIR` makes one"))
    }

    /// The owner's public key.
    pub(crate) fn owner(&self) -> Result<Verifier, Failure> {
        self.vkey("owner.vkey")
    }

    /// The owner's signing key.
    pub(crate) fn owner_signer(&self) -> Result<Signer, Failure> {
        self.signer("owner.pem", "owner.vkey")
    }

    /// The device's signing key.
    pub(crate) fn device(&self) -> Result<Signer, Failure> {
        self.signer("device.pem", "device.vkey")
    }

    /// The identity that opens the vault.
    pub(crate) fn identity(&self) -> Result<Identity, Failure> {
        let path = self.path.join("identity.pem");
        let pem = secret(&path)?;
        self.unlocked(&path, Identity::from_pem(&pem), |passphrase| Identity::from_locked_pem(&pem, passphrase))
    }

    /// Opens a vault, if it is not older than what this folder has seen.
    pub(crate) fn open(&self, vault: &Path) -> Result<Vault, Failure> {
        self.open_or(vault, &Failure::from)
    }

    /// The same, with other words for what is wrong with the vault.
    pub(crate) fn open_or(&self, vault: &Path, wrong: &dyn Fn(VaultError) -> Failure) -> Result<Vault, Failure> {
        let (owner, identity) = (self.owner()?, self.identity()?);
        let mut opened = Vault::open(vault, &owner, &identity, None).map_err(wrong)?;
        if let Some(codes) = self.codes()? {
            opened = opened.accepting(codes);
        }
        let Some(pin) = self.pin(opened.id())? else { return Ok(opened) };
        opened.check(&pin).map_err(wrong)?;
        Ok(opened)
    }

    /// Which code of enclaves the owner accepts, if the folder says so.
    fn codes(&self) -> Result<Option<CodeList>, Failure> {
        let path = self.path.join(CODE_LIST);
        if !path.exists() {
            return Ok(None);
        }
        let list = CodeList::from_json(read_text(&path)?.as_bytes());
        list.map(Some).map_err(|error| Failure::cannot(format!("`{}`: {error}", path.display())))
    }

    /// What this folder has seen of the vault, if it has seen any: a pin that was removed is not missed.
    pub(crate) fn pin_of(&self, vault: &Vault) -> Result<Option<Pin>, Failure> {
        self.pin(vault.id())
    }

    /// Remembers the vault's state. Called after what it describes is stored: a pin is never ahead of its vault. Nor does
    /// it go back: one process at a time asks for the newest state and writes it, and only as a later state of the last.
    pub(crate) fn remember(&self, vault: &Vault) -> Result<(), Failure> {
        let _until_written = self.lock(vault.id())?;
        if let Some(last) = self.pin(vault.id())? {
            vault.check(&last)?;
        }
        replace(&self.pin_path(vault.id()), vault.pin()?.to_string().as_bytes())
    }

    /// Waits until no other process writes this vault's pin. The system lifts the lock when this one ends, however.
    fn lock(&self, vault: VaultId) -> Result<File, Failure> {
        let path = self.path.join(format!("{vault}.lock"));
        let opened = File::options().write(true).create(true).truncate(false).open(&path);
        let locked = opened.and_then(|file| match file.lock() {
            // Where files cannot be locked, the last to write wins, as without this.
            Err(error) if has_no_locks(&error) => Ok(file),
            locked => locked.map(|()| file),
        });
        locked.map_err(|error| Failure::cannot(format!("cannot lock `{}`: {}", path.display(), plain(&error))))
    }

    fn pin(&self, vault: VaultId) -> Result<Option<Pin>, Failure> {
        let path = self.pin_path(vault);
        if !path.exists() {
            return Ok(None);
        }
        let pin = read_text(&path)?.parse();
        pin.map(Some).map_err(|error| {
            let failure = Failure::cannot(format!("`{}`: {error}", path.display()));
            failure.hint("without it an older copy of the vault would not be noticed; remove it only if you know why it is broken")
        })
    }

    fn pin_path(&self, vault: VaultId) -> PathBuf {
        self.path.join(format!("{vault}.pin"))
    }

    /// The public key in this file of the folder.
    pub(crate) fn vkey(&self, name: &str) -> Result<Verifier, Failure> {
        vkey_file(&self.path.join(name))
    }

    fn signer(&self, pem: &str, vkey: &str) -> Result<Signer, Failure> {
        let path = self.path.join(pem);
        let (pem, vkey) = (secret(&path)?, self.vkey(vkey)?);
        self.unlocked(&path, Signer::from_pem(&pem, &vkey), |passphrase| {
            Signer::from_locked_pem(&pem, passphrase, &vkey)
        })
    }

    /// The passphrase for this file of the folder.
    pub(crate) fn passphrase(&self, file: &Path) -> Result<&Passphrase, Failure> {
        self.passphrases.of(file)
    }

    /// The path of a file of the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The key if it is not locked, else with the passphrase.
    fn unlocked<Key>(
        &self,
        path: &Path,
        read: Result<Key, KeyFileError>,
        again: impl Fn(&Passphrase) -> Result<Key, KeyFileError>,
    ) -> Result<Key, Failure> {
        let read = match read {
            Err(KeyFileError::Locked) => again(self.passphrase(path)?),
            read => read,
        };
        read.map_err(|error| refused(path, error))
    }
}

/// A vkey from a file of one line.
pub(crate) fn vkey_file(path: &Path) -> Result<Verifier, Failure> {
    let text = read_text(path)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    line.parse().map_err(|error: stillgood::VkeyError| Failure::cannot(format!("`{}`: {error}", path.display())))
}

/// A key file is at most this long.
const MOST_SECRET: usize = 4_096;

/// The text of a file that holds a secret. Read into room for the longest one: what grows leaves copies behind.
pub(crate) fn secret(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let mut room = Zeroizing::new([0; MOST_SECRET + 1]);
    let cannot = |error| Failure::cannot(format!("cannot read `{}`: {}", path.display(), plain(&error)));
    let length = File::open(path).and_then(|file| fill(&file, room.as_mut_slice())).map_err(cannot)?;
    if length > MOST_SECRET {
        return Err(Failure::cannot(format!("`{}` is longer than 4 KiB, and no key", path.display())));
    }
    let text = room.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok());
    text.map(|text| Zeroizing::new(text.to_owned())).ok_or_else(|| cannot(ErrorKind::InvalidData.into()))
}

/// Reads until the room is full or the source ends; how much that was.
fn fill(mut source: impl Read, room: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = room.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match source.read(rest) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Some file systems, mostly across a network, have no locks.
fn has_no_locks(error: &std::io::Error) -> bool {
    #[cfg(unix)]
    let says_so = error.raw_os_error() == Some(rustix::io::Errno::NOLCK.raw_os_error());
    #[cfg(not(unix))]
    let says_so = false;
    says_so || error.kind() == ErrorKind::Unsupported
}

/// What is said of a key file that cannot be used.
pub(crate) fn refused(path: &Path, error: KeyFileError) -> Failure {
    match error {
        KeyFileError::WrongPassphrase => {
            let failure = Failure::cannot(format!("the passphrase does not open `{}`", path.display()));
            failure.hint("a damaged file looks the same as a wrong passphrase")
        }
        KeyFileError::OtherLock => {
            let failure = Failure::cannot(format!("`{}`: {error}", path.display()));
            failure.hint("`openssl pkcs8 -topk8 -scrypt -in OLD -out NEW` locks it in such a way")
        }
        error => Failure::cannot(format!("`{}`: {error}", path.display())),
    }
}
