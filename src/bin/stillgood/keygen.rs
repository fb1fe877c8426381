//! `stillgood keygen`: three keys in a folder.

use std::path::{Path, PathBuf};

use stillgood::{Identity, KeyName, Signer};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::keys::{AtRest, FILES};
use crate::output::{create, folder_of, plain, print, sync};
use crate::terminal::Talk;
use crate::unlock::{Descriptor, ask_new, number};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What the keys are called in signatures, such as `example.org/me`; no space and no `+`
    #[arg(long)]
    name: String,
    /// The folder to put them in; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Lock the secret keys with a passphrase, which is asked for twice
    #[arg(long)]
    passphrase: bool,
    /// Lock them with the passphrase from this file descriptor, up to its first line end
    #[arg(long, value_name = "N", value_parser = number)]
    passphrase_fd: Option<u32>,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    // First of all: a number that is not open yet must not become that of a file of ours.
    let descriptor = args.passphrase_fd.map(|number| Descriptor::open("--passphrase-fd", number)).transpose()?;
    // Nobody is asked for a passphrase in vain.
    check(&args.name, &args.out)?;
    let at_rest = match descriptor {
        Some(descriptor) => AtRest::Locked(descriptor.passphrase()?),
        None if args.passphrase => AtRest::Locked(ask_new(&Talk::default(), "--passphrase-fd 3 3< FILE")?),
        None => AtRest::Open,
    };
    make_as(&at_rest, &args.name, &args.out)?;
    let locked = match at_rest {
        AtRest::Open => "not locked with a passphrase: `stillgood passphrase` does that",
        AtRest::Locked(_) => "locked with the passphrase; without it nobody opens them",
    };
    let out = args.out.display();
    print(&format!(
        "made in {out}:\n  owner.pem     signs who may use the vault, and what you confirm or deny; keep it off pipelines\n  \
         device.pem    adds rows and signs decisions\n  identity.pem  opens the vault\n  \
         *.vkey, *.pub the public halves\nThe .pem files are secret, and {locked}.\n"
    ))
}

/// Makes the six files, or none.
pub(crate) fn make(name: &str, out: &Path) -> Result<(), Failure> {
    make_as(&AtRest::Open, name, out)
}

fn make_as(at_rest: &AtRest, name: &str, out: &Path) -> Result<(), Failure> {
    let (owner, device) = check(name, out)?;
    let (owner, device, identity) = (Signer::generate(owner), Signer::generate(device), Identity::generate());
    let is_new = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let new = out.ancestors().skip(1).take_while(is_new).count();
    std::fs::create_dir_all(out)
        .map_err(|error| Failure::cannot(format!("cannot make `{}`: {}", out.display(), plain(&error))))?;
    let vkey = |signer: &Signer| Zeroizing::new(format!("{}\n", signer.verifier()));
    let public = Zeroizing::new(identity.recipient().to_pem());
    let (owner_pem, device_pem) = (at_rest.signer(&owner), at_rest.signer(&device));
    let contents = [owner_pem, vkey(&owner), device_pem, vkey(&device), at_rest.identity(&identity), public];
    for (done, (file, content)) in FILES.iter().zip(contents).enumerate() {
        if let Err(failure) = create(&out.join(file), content.as_bytes()) {
            for made in FILES.iter().take(done) {
                // They were made a moment ago, by us.
                let _ = std::fs::remove_file(out.join(made));
            }
            return Err(failure);
        }
    }
    // A vault may be made for these keys at once; without them it never opens. The folder may be new, and those above.
    for folder in out.ancestors().take(1 + new) {
        sync(folder_of(folder));
    }
    Ok(())
}

/// The names of owner and device, if keys of this name can be made there.
fn check(name: &str, out: &Path) -> Result<(KeyName, KeyName), Failure> {
    let illegal = |error| Failure::cannot(format!("--name `{name}`: {error}"));
    name.parse::<KeyName>().map_err(illegal)?;
    let named = |role: &str| format!("{name}/{role}").parse::<KeyName>().map_err(illegal);
    let names = (named("owner")?, named("device")?);
    if out.is_file() {
        return Err(Failure::cannot(format!("`{}` is a file; --out names a folder", out.display())));
    }
    if let Some(taken) = FILES.iter().find(|file| out.join(file).exists()) {
        let failure = Failure::cannot(format!("`{}` exists already", out.join(taken).display()));
        return Err(failure.hint("choose another folder; keys are never overwritten"));
    }
    Ok(names)
}
