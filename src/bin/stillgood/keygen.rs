//! `stillgood keygen`: three keys in a folder.

use std::path::{Path, PathBuf};

use stillgood::{Identity, KeyName, Signer};
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::keys::FILES;
use crate::output::{create, plain, print};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What the keys are called in signatures, such as `example.org/me`; no space and no `+`
    #[arg(long)]
    name: String,
    /// The folder to put them in; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    make(&args.name, &args.out)?;
    let out = args.out.display();
    print(&format!(
        "made in {out}:\n  owner.pem     signs who may use the vault, and what you confirm or deny; keep it off pipelines\n  \
         device.pem    adds rows and signs decisions\n  identity.pem  opens the vault\n  \
         *.vkey, *.pub the public halves\nThe .pem files are secret, and are not locked with a passphrase.\n"
    ))
}

/// Makes the six files, or none.
pub(crate) fn make(name: &str, out: &Path) -> Result<(), Failure> {
    let illegal = |error| Failure::cannot(format!("--name `{name}`: {error}"));
    name.parse::<KeyName>().map_err(illegal)?;
    let named = |role: &str| format!("{name}/{role}").parse::<KeyName>().map_err(illegal);
    let (owner, device) = (Signer::generate(named("owner")?), Signer::generate(named("device")?));
    let identity = Identity::generate();
    std::fs::create_dir_all(out)
        .map_err(|error| Failure::cannot(format!("cannot make `{}`: {}", out.display(), plain(&error))))?;
    if let Some(taken) = FILES.iter().find(|file| out.join(file).exists()) {
        let failure = Failure::cannot(format!("`{}` exists already", out.join(taken).display()));
        return Err(failure.hint("choose another folder; keys are never overwritten"));
    }
    let vkey = |signer: &Signer| Zeroizing::new(format!("{}\n", signer.verifier()));
    let public = Zeroizing::new(identity.recipient().to_pem());
    let contents = [owner.to_pem(), vkey(&owner), device.to_pem(), vkey(&device), identity.to_pem(), public];
    for (done, (file, content)) in FILES.iter().zip(contents).enumerate() {
        if let Err(failure) = create(&out.join(file), content.as_bytes()) {
            for made in FILES.iter().take(done) {
                // They were made a moment ago, by us.
                let _ = std::fs::remove_file(out.join(made));
            }
            return Err(failure);
        }
    }
    Ok(())
}
