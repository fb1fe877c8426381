//! `stillgood fit`: how fast a person's own rows change, by what they said of them, and a survival table for it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use stillgood::{
    Categories, Files, Key, Kind, Lived, PersonalTable, PolicySet, Provenance, Score, Shift, Span, Standing,
    SurvivalTable, Tenure, VaultId,
};

use crate::failure::Failure;
use crate::keys::KeyFolder;
use crate::output::{count, create, now, plain, print, print_json, replace};
use crate::unlock::PassphraseFrom;
use crate::words::quoted;

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
    /// becomes one
    #[arg(long, value_name = "DIR")]
    write: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

const ABOUT_FITTING: &str = "\
Each time you confirmed a row, it still held; each time you denied or corrected one, or a later value took its place, it had changed. \
Against what the table led to expect, that says how many times as fast your rows change; a few words move it a little. What was used, \
asked about or only seen again says nothing, and neither does a second confirmation within a day.

It is always fitted to survival.toml, never to what was fitted before. `stillgood decide --policies DIR` decides by it, in this vault alone. \
survival.note names no row and no text. A chance is shown for rows of which nobody knows since when they held. \
Exit code 1: there is nothing yet to fit to.";

/// The file of a folder of policies that a fitted table is written to.
const NOTE: &str = "survival.note";
const SET: &str = "set.toml";
/// What makes a folder one of policies.
const NEW_SET: &str = "name = \"mine\"\nversion = 1\nbase = \"stillgood\"\n";

/// After so many days chances are shown.
const SHOWN: [i64; 3] = [30, 90, 365];

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let target = args.write.as_deref().map(Target::at).transpose()?;
    let prior = match (&args.policies, &target) {
        (Some(dir), _) => set_of(dir, &files_of(dir)?)?,
        (None, Some(target)) => set_of(&target.dir, &target.files)?,
        (None, None) => PolicySet::builtin(),
    };
    let prior = prior.prior();
    let keys = KeyFolder::unlocked_by(&args.keys, &args.passphrase)?;
    let vault = keys.open(&args.vault)?;
    target.as_ref().map_or(Ok(()), |target| target.is_of(vault.id()))?;
    let lived = vault.experience()?;
    if lived.experience.is_empty() {
        let failure = Failure::no(format!(
            "there is nothing to fit to: of no row is it known what became of it{}",
            left_out(&lived)
        ));
        return Err(failure.hint("`stillgood earn VAULT --keys DIR` is where you confirm, deny and correct rows"));
    }
    let shifts = prior.shifts(&lived.experience);
    let table = prior.shifted(&shifts);
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
    let fitted = Fitted { lived: &lived, overall: shifts.overall(), each: shifts.each(), before: prior, after: &table };
    let told = if args.json {
        print_json(&fitted.as_json(written.as_deref()))
    } else {
        print(&fitted.told(written.as_deref()))
    };
    match written {
        Some(path) => told.map_err(|failure| failure.hint(format!("`{}` is written all the same", path.display()))),
        None => told,
    }
}

/// A folder that a table can be written to.
struct Target {
    dir: PathBuf,
    is_new: bool,
    /// Those of its set, without a table that was fitted before.
    files: Files,
}

impl Target {
    fn at(dir: &Path) -> Result<Self, Failure> {
        let (dir_of, is_new) = (dir.to_owned(), !dir.join(SET).exists());
        if !is_new {
            let files = files_of(dir)?;
            // Whoever decides by it could not load it either.
            set_of(dir, &files)?;
            return Ok(Target { dir: dir_of, is_new, files });
        }
        let is_free = match std::fs::read_dir(dir) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
            Err(error) => return Err(Failure::cannot(format!("--write `{}`: {}", dir.display(), plain(&error)))),
        };
        if !is_free {
            let failure = Failure::cannot(format!("--write `{}`: it is no folder of policies", dir.display()));
            return Err(failure.hint("one has a set.toml; a folder that is empty or not there becomes one"));
        }
        Ok(Target { dir: dir_of, is_new, files: Files::from([(SET.to_owned(), NEW_SET.as_bytes().to_vec())]) })
    }

    /// A table that was fitted to another vault stays.
    fn is_of(&self, vault: VaultId) -> Result<(), Failure> {
        let there =
            std::fs::read_to_string(self.dir.join(NOTE)).ok().and_then(|text| text.parse::<PersonalTable>().ok());
        match there.map(|there| there.provenance().vault) {
            Some(other) if other != vault => {
                let path = self.dir.join(NOTE);
                let why = format!("`{}` is of vault {other}, not of {vault}", path.display());
                Err(Failure::cannot(why).hint("choose another folder, or remove it"))
            }
            _ => Ok(()),
        }
    }

    /// The path of the note. The set comes first: without its note it is a set that changes nothing.
    fn write(self, signed: &PersonalTable) -> Result<PathBuf, Failure> {
        if self.is_new {
            std::fs::create_dir_all(&self.dir).map_err(|error| {
                Failure::cannot(format!("cannot make the folder `{}`: {}", self.dir.display(), plain(&error)))
            })?;
            create(&self.dir.join(SET), NEW_SET.as_bytes())?;
        }
        let path = self.dir.join(NOTE);
        replace(&path, signed.note().as_str().as_bytes())?;
        Ok(path)
    }
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

/// What came of it.
struct Fitted<'a> {
    lived: &'a Lived,
    overall: f64,
    each: &'a [Shift],
    before: &'a SurvivalTable,
    after: &'a SurvivalTable,
}

impl Fitted<'_> {
    fn told(&self, written: Option<&Path>) -> String {
        let mut text = format!("{}{}\n", learned(self.lived), left_out(self.lived));
        for shift in self.each {
            let Shift { of, confirmed, changed, expected, factor } = shift;
            let name = match of {
                Key::Attribute(name) if name == "*" => "every other attribute".to_owned(),
                Key::Attribute(name) => name.clone(),
                Key::Kind(kind, category) => {
                    format!("{}, {}", kind.name(), category.map_or("no category", |one| one.name()))
                }
            };
            let held = times(*confirmed);
            writeln!(
                text,
                "\n{name}\n  still held {held}, had changed {}; the table led to expect {expected:.1} changes\n  \
                 such rows of yours change {factor:.2} times as fast as the table says",
                times(*changed)
            )
            .expect("writing to memory");
            for (days, before, after) in self.chances(of) {
                let after = after.to_string();
                writeln!(text, "  after {days:>3} days  {before} -> {after}").expect("writing to memory");
            }
        }
        writeln!(text, "\nevery other row of yours changes {:.2} times as fast as the table says", self.overall)
            .expect("writing to memory");
        match written {
            Some(path) => {
                let folder = path.parent().unwrap_or(path);
                writeln!(
                    text,
                    "written to {}\nto decide by it: stillgood decide VAULT --keys DIR --policies {}",
                    path.display(),
                    quoted(folder)
                )
            }
            None => writeln!(text, "nothing was written; --write DIR signs the table and writes it"),
        }
        .expect("writing to memory");
        text
    }

    fn as_json(&self, written: Option<&Path>) -> Json {
        let each = self.each.iter().map(|shift| {
            let Shift { of, confirmed, changed, expected, factor } = shift;
            let chances = self.chances(of).map(
                |(days, before, after)| json!({"days": days, "before": before.to_string(), "after": after.to_string()}),
            );
            let (attribute, kind, category) = match of {
                Key::Attribute(name) => (Some(name), None, None),
                Key::Kind(kind, category) => (None, Some(kind.name()), category.map(|one| one.name())),
            };
            json!({
                "attribute": attribute, "kind": kind, "category": category, "confirmed": confirmed, "changed": changed,
                "expected": expected, "factor": factor, "chances": chances.collect::<Json>(),
            })
        });
        json!({
            "confirmed": self.lived.confirmed(),
            "changed": self.lived.changed(),
            "unopened": self.lived.unopened,
            "shifts": each.collect::<Vec<_>>(),
            "others": self.overall,
            "written": written.map(|path| path.display().to_string()),
        })
    }

    /// After some days, the chance that such a row still holds: by the prior, and by the table that was fitted.
    fn chances(&self, of: &Key) -> impl Iterator<Item = (i64, Score, Score)> {
        let (attribute, kind, category) = match of {
            Key::Attribute(name) => (Some(name.as_str()), Kind::Semantic, None),
            Key::Kind(kind, category) => (None, *kind, *category),
        };
        let categories = category.into_iter().collect::<Categories>();
        let of = Standing { attribute, kind, categories, tenure: Tenure::AtLeast(Span::ZERO) };
        SHOWN.into_iter().filter_map(move |days| {
            let after = Span::days(days)?;
            Some((days, self.before.chance(&of, after), self.after.chance(&of, after)))
        })
    }
}

fn learned(lived: &Lived) -> String {
    format!("rows of yours still held {}, and had changed {}", times(lived.confirmed()), times(lived.changed()))
}

fn left_out(lived: &Lived) -> String {
    match lived.unopened {
        0 => String::new(),
        heads => format!(
            "; {} not open, and nothing is learned from {}",
            if heads == 1 { "1 head does".to_owned() } else { format!("{heads} heads do") },
            if heads == 1 { "it" } else { "them" }
        ),
    }
}

fn times(number: u64) -> String {
    match number {
        1 => "once".to_owned(),
        number => count(usize::try_from(number).unwrap_or(usize::MAX), "time"),
    }
}
