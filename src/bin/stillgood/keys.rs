//! The key folder: which files it holds, and reading them.

use std::path::{Path, PathBuf};

use stillgood::{Identity, KeyFileError, Pin, Signer, Vault, VaultError, VaultId, Verifier};

use crate::failure::Failure;
use crate::output::{read_text, replace};

/// The files of a key folder.
pub(crate) const FILES: [&str; 6] =
    ["owner.pem", "owner.vkey", "device.pem", "device.vkey", "identity.pem", "identity.pub"];

/// A key folder. Each key is read when it is needed, so that a pipeline needs no owner.pem.
pub(crate) struct KeyFolder(PathBuf);

impl KeyFolder {
    /// The folder of this path.
    pub(crate) fn at(path: &Path) -> Result<Self, Failure> {
        if path.is_dir() {
            return Ok(KeyFolder(path.to_owned()));
        }
        let failure = Failure::cannot(format!("there is no key folder `{}`", path.display()));
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
        let name = "identity.pem";
        Identity::from_pem(&secret(&self.0.join(name))?).map_err(|error| refused(&self.0.join(name), error))
    }

    /// Opens a vault, if it is not older than what this folder has seen.
    pub(crate) fn open(&self, vault: &Path) -> Result<Vault, Failure> {
        self.open_or(vault, Failure::from)
    }

    /// The same, with other words for what is wrong with the vault.
    pub(crate) fn open_or(&self, vault: &Path, wrong: fn(VaultError) -> Failure) -> Result<Vault, Failure> {
        let (owner, identity) = (self.owner()?, self.identity()?);
        let opened = Vault::open(vault, &owner, &identity, None).map_err(wrong)?;
        let Some(pin) = self.pin(opened.id())? else { return Ok(opened) };
        opened.check(&pin).map_err(wrong)?;
        Ok(opened)
    }

    /// Remembers the vault's state. Called after what it describes is stored: a pin is never ahead of its vault.
    pub(crate) fn remember(&self, vault: &Vault) -> Result<(), Failure> {
        let pin = vault.pin()?;
        replace(&self.pin_path(vault.id()), pin.to_string().as_bytes())
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
        self.0.join(format!("{vault}.pin"))
    }

    fn vkey(&self, name: &str) -> Result<Verifier, Failure> {
        vkey_file(&self.0.join(name))
    }

    fn signer(&self, pem: &str, vkey: &str) -> Result<Signer, Failure> {
        let path = self.0.join(pem);
        Signer::from_pem(&secret(&path)?, &self.vkey(vkey)?).map_err(|error| refused(&path, error))
    }
}

/// A vkey from a file of one line.
pub(crate) fn vkey_file(path: &Path) -> Result<Verifier, Failure> {
    let text = read_text(path)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    line.parse().map_err(|error: stillgood::VkeyError| Failure::cannot(format!("`{}`: {error}", path.display())))
}

fn secret(path: &Path) -> Result<zeroize::Zeroizing<String>, Failure> {
    read_text(path).map(zeroize::Zeroizing::new)
}

fn refused(path: &Path, error: KeyFileError) -> Failure {
    Failure::cannot(format!("`{}`: {error}", path.display()))
}
