//! `stillgood fit`: how fast a person's own rows change, by what they said of them, and a survival table for it.

mod otherwise;
mod target;
mod told;

use std::path::{Path, PathBuf};

use stillgood::{Files, PersonalTable, PolicySet, Provenance};

use crate::failure::Failure;
use crate::keys::KeyFolder;
use crate::output::{now, print, print_json};
use crate::unlock::PassphraseFrom;
use crate::words::quoted;
use otherwise::Otherwise;
use target::Target;
pub(crate) use told::times;
use told::{Fitted, left_out};

#[derive(clap::Args)]
#[command(after_help = ABOUT_FITTING)]
pub(crate) struct Args {
    /// The vault
    vault: PathBuf,
    /// The key folder; owner.pem is needed to write
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// The folder of policies whose survival.toml is fitted; without it that of --write, else the built-in table
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// Write the table, signed by the owner, to survival.note in this folder of policies; a folder that is empty or not there
    /// becomes one; the folder above it is there
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const ABOUT_FITTING: &str = "\
Each time you confirmed a row, it still held; each time you denied or corrected one, or an importer's rule put a later value in its place, it had changed. A contradiction that you settled says nothing of the row that lost. \
Against what the table led to expect, that says how many times as fast your rows change; a few words move it a little. What was used, \
asked about or only seen again says nothing, and neither does a second confirmation within a day.

Rows of which you said little move with the others: each factor is drawn towards all your answers together. How many rows are decided \
otherwise is counted for now, as if each row were asked for by name; nothing of it is stored.

It is always fitted to survival.toml, never to what was fitted before. `stillgood decide --policies DIR` decides by it, in this vault alone. \
survival.note names no row and no text; it says which survival.toml it was fitted to, and `stillgood policy check` warns where that has changed. A chance is shown for rows of which nobody knows since when they held. \
Exit code 1: there is nothing yet to fit to.";

/// The file of a folder of policies that a fitted table is written to.
const NOTE: &str = "survival.note";
const SET: &str = "set.toml";
/// The key that decides.
const DEVICE: &str = "device.pem";
/// What makes a folder one of policies.
const NEW_SET: &str = "name = \"mine\"\nversion = 1\nbase = \"stillgood\"\n";

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let target = args.write.as_deref().map(Target::at).transpose()?;
    let files = match (&args.policies, &target) {
        (Some(dir), _) => files_of(dir)?,
        (None, Some(target)) => target.files.clone(),
        (None, None) => Files::from([(SET.to_owned(), NEW_SET.as_bytes().to_vec())]),
    };
    let set = match (&args.policies, &target) {
        (Some(dir), _) => set_of(dir, &files)?,
        (None, Some(target)) => set_of(&target.dir, &files)?,
        (None, None) => PolicySet::builtin(),
    };
    let prior = set.prior();
    let keys = KeyFolder::unlocked_by(&args.keys, &args.passphrase)?;
    let vault = keys.open(&args.vault)?;
    target.as_ref().map_or(Ok(()), |target| target.is_of(vault.id()))?;
    let lived = vault.experience()?;
    if lived.experience.is_empty() {
        let failure = Failure::no(format!(
            "there is nothing to fit to: of no row is it known what became of it{}",
            left_out(&lived)
        ));
        let [vault, keys] = [&args.vault, &args.keys].map(|path| quoted(path));
        return Err(
            failure.hint(format!("`stillgood earn {vault} --keys {keys}` is where you confirm, deny and correct rows"))
        );
    }
    let shifts = prior.shifts(&lived.experience);
    let table = prior.shifted(&shifts).fitted_from(prior);
    // Asked before anything is written: who cannot decide with it should know.
    let otherwise = match keys.path(DEVICE).exists() {
        true => Some(Otherwise::count(&vault, || keys.device(), (&set, &files), &table)?),
        false => None,
    };
    let written = match target {
        None => None,
        Some(target) => {
            let owner =
                keys.owner_signer().map_err(|failure| failure.hint("the owner signs the table, with owner.pem"))?;
            let made =
                Provenance { vault: vault.id(), at: now()?, confirmed: lived.confirmed(), changed: lived.changed() };
            let signed = PersonalTable::sign(&owner, made, &table).map_err(Failure::cannot)?;
            Some(target.write(&signed)?)
        }
    };
    let fitted = Fitted {
        lived: &lived,
        overall: shifts.overall(),
        each: shifts.each(),
        before: prior,
        after: &table,
        otherwise: otherwise.as_ref(),
    };
    let told = match &written {
        _ if args.json => print_json(&fitted.as_json(written.as_deref())),
        Some(path) => print(&fitted.told(Some((path, &decide(args, path))))),
        None => print(&fitted.told(None)),
    };
    match written {
        Some(path) => told.map_err(|failure| failure.hint(format!("`{}` is written all the same", path.display()))),
        None => told,
    }
}

/// The command that decides by a table that was written here.
fn decide(args: &Args, written: &Path) -> String {
    let policies = written.parent().unwrap_or(written);
    let [vault, keys, policies] = [&args.vault, &args.keys, policies].map(quoted);
    format!("stillgood decide {vault} --keys {keys} --policies {policies}")
}

/// The files of a set, without a table that was fitted before: that one must not be fitted again, and may be broken.
fn files_of(dir: &Path) -> Result<Files, Failure> {
    let mut files = PolicySet::read_files(dir)?;
    files.remove(NOTE);
    Ok(files)
}

fn set_of(dir: &Path, files: &Files) -> Result<PolicySet, Failure> {
    PolicySet::from_files(files).map_err(|error| {
        Failure::from(error).hint(format!("`stillgood policy check {}` lists every error", quoted(dir)))
    })
}
