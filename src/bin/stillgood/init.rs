//! `stillgood init`: an empty vault.

use std::path::PathBuf;

use stillgood::Vault;

use crate::failure::Failure;
use crate::keys::KeyFolder;
use crate::output::{now, print};
use crate::unlock::PassphraseFrom;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The vault file to make
    vault: PathBuf,
    /// The key folder
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFrom,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if let Some(folder) = args.vault.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        return Err(Failure::cannot(format!("there is no folder `{}`", folder.display())));
    }
    let keys = KeyFolder::unlocked_by(&args.keys, &args.passphrase)?;
    let vault = Vault::create(&args.vault, &keys.owner_signer()?, &keys.identity()?, &keys.device()?, now()?)?;
    let told = keys.remember(&vault);
    let told = told.and_then(|()| print(&format!("made {}, vault {}\n", args.vault.display(), vault.id())));
    told.map_err(|failure| failure.hint(format!("`{}` was made all the same", args.vault.display())))
}
