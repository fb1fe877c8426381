//! `stillgood passphrase`: locks the keys of a folder, changes what they are locked with, or unlocks them.

use std::path::PathBuf;
use std::rc::Rc;

use stillgood::{Identity, KeyFileError, Passphrase, Signer, Verifier};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::keys::{AtRest, KeyFolder, refused, secret};
use crate::output::{print, replace_all};
use crate::terminal::Talk;
use crate::unlock::{Descriptor, PassphraseFrom, ask_new, number};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The key folder
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// Take the new passphrase from this file descriptor, up to its first line end, instead of asking on the terminal
    #[arg(long, value_name = "N", conflicts_with = "remove", value_parser = number)]
    new_passphrase_fd: Option<u32>,
    /// Leave the keys without a passphrase
    #[arg(long)]
    remove: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if args.new_passphrase_fd.is_some() && args.new_passphrase_fd == args.passphrase.number() {
        return Err(Failure::cannot("the old and the new passphrase cannot come from one file descriptor"));
    }
    // First of all, and each while nothing else is open: a number that the caller did not open must not become that of
    // a file of ours, the other passphrase's least of all.
    drop(args.passphrase.open()?);
    let new = args.new_passphrase_fd.map(|number| Descriptor::open("--new-passphrase-fd", number)).transpose()?;
    // One talk for the old and the new one: in between, keys are derived, and somebody may type ahead.
    let talk = Rc::new(Talk::default());
    let folder = KeyFolder::with(&args.keys, args.passphrase.open_or_ask_on(Rc::clone(&talk))?)?;
    // The old passphrase first: nobody thinks of a new one in vain.
    let mut keys = files(&folder)?;
    if keys.is_empty() {
        return Err(Failure::cannot(format!("there is no secret key in `{}`", args.keys.display())));
    }
    for key in &mut keys {
        key.open(&folder)?;
    }
    let all_shut = keys.iter().all(|key| key.secret.is_none());
    if let Some(key) = keys.first().filter(|_| all_shut) {
        return Err(refused(&key.path, KeyFileError::WrongPassphrase));
    }
    let names = keys.iter().map(|key| key.name).collect::<Vec<_>>().join(", ");
    if args.remove && !keys.iter().any(|key| key.was_locked) {
        return print(&format!("{names}: they were not locked; nothing was changed\n"));
    }
    let at_rest = match (args.remove, new) {
        (true, _) => AtRest::Open,
        (false, Some(descriptor)) => AtRest::Locked(descriptor.passphrase()?),
        (false, None) => AtRest::Locked(ask_new(&talk, "--new-passphrase-fd 4 4< FILE")?),
    };
    drop(talk);
    let contents = keys.iter().map(|key| key.written(&at_rest)).collect::<Result<Vec<_>, _>>()?;
    replace_all(&contents)?;
    let done = match at_rest {
        AtRest::Open => "without a passphrase",
        AtRest::Locked(_) => "locked with the new passphrase; without it nobody opens them",
    };
    print(&format!(
        "{names}: {done}\nCopies of the files as they were before, in backups or on the disk, are not changed.\n"
    ))
}

/// A key file of the folder, with its key once it is opened.
struct KeyFile {
    name: &'static str,
    path: PathBuf,
    pem: Zeroizing<String>,
    vkey: Option<Verifier>,
    was_locked: bool,
    secret: Option<Secret>,
}

enum Secret {
    Signer(Box<Signer>),
    Identity(Identity),
}

/// The secret keys that are there: a pipeline's folder has no owner.pem.
fn files(folder: &KeyFolder) -> Result<Vec<KeyFile>, Failure> {
    let mut files = vec![];
    for (name, vkey) in [("owner.pem", Some("owner.vkey")), ("device.pem", Some("device.vkey")), ("identity.pem", None)]
    {
        let path = folder.path(name);
        if path.exists() {
            let vkey = vkey.map(|vkey| folder.vkey(vkey)).transpose()?;
            files.push(KeyFile { name, pem: secret(&path)?, path, vkey, was_locked: false, secret: None });
        }
    }
    Ok(files)
}

impl KeyFile {
    /// Opens it, or leaves it shut where the passphrase is the wrong one.
    fn open(&mut self, folder: &KeyFolder) -> Result<(), Failure> {
        let open = match &self.vkey {
            Some(vkey) => Signer::from_pem(&self.pem, vkey).map(|signer| Secret::Signer(Box::new(signer))),
            None => Identity::from_pem(&self.pem).map(Secret::Identity),
        };
        let open = match open {
            Err(KeyFileError::Locked) => {
                self.was_locked = true;
                self.with(folder.passphrase(&self.path)?)
            }
            open => open,
        };
        self.secret = match open {
            Err(KeyFileError::WrongPassphrase) => None,
            open => Some(open.map_err(|error| refused(&self.path, error))?),
        };
        Ok(())
    }

    fn with(&self, passphrase: &Passphrase) -> Result<Secret, KeyFileError> {
        match &self.vkey {
            Some(vkey) => {
                Signer::from_locked_pem(&self.pem, passphrase, vkey).map(|signer| Secret::Signer(Box::new(signer)))
            }
            None => Identity::from_locked_pem(&self.pem, passphrase).map(Secret::Identity),
        }
    }

    /// Where to write what. A file that is still shut may be one that was done already, before an interruption: then it
    /// opens with the new passphrase.
    fn written(&self, at_rest: &AtRest) -> Result<(PathBuf, Zeroizing<String>), Failure> {
        let opened = match (&self.secret, at_rest) {
            (Some(secret), _) => secret,
            (None, AtRest::Locked(new)) => &self.with(new).map_err(|_| self.shut())?,
            (None, AtRest::Open) => return Err(self.shut()),
        };
        let content = match opened {
            Secret::Signer(key) => at_rest.signer(key),
            Secret::Identity(key) => at_rest.identity(key),
        };
        // A link stays a link.
        Ok((self.path.canonicalize().unwrap_or_else(|_| self.path.clone()), content))
    }

    fn shut(&self) -> Failure {
        let failure = refused(&self.path, KeyFileError::WrongPassphrase);
        failure.hint("if a change was interrupted here, give the passphrase from before it, then the new one")
    }
}
