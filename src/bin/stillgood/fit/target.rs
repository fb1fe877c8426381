//! The folder of policies that a fitted table is written to.

use std::path::{Path, PathBuf};

use stillgood::{Files, PersonalTable, VaultId};

use super::{NEW_SET, NOTE, SET, files_of, set_of};
use crate::failure::Failure;
use crate::output::{create, folder_of, plain, replace};

/// A folder that a table can be written to.
pub(super) struct Target {
    pub(super) dir: PathBuf,
    is_new: bool,
    /// Those of its set, without a table that was fitted before.
    pub(super) files: Files,
}

impl Target {
    pub(super) fn at(dir: &Path) -> Result<Self, Failure> {
        let (dir_of, is_new) = (dir.to_owned(), !dir.join(SET).exists());
        if !is_new {
            let files = files_of(dir)?;
            // Whoever decides by it could not load it either.
            set_of(dir, &files)?;
            return Ok(Target { dir: dir_of, is_new, files });
        }
        let is_free = match std::fs::read_dir(dir) {
            Ok(mut entries) => entries.next().is_none(),
            Err(_) if !folder_of(dir).is_dir() => {
                let why = format!("--write `{}`: there is no folder `{}`", dir.display(), folder_of(dir).display());
                return Err(Failure::cannot(why).hint("one folder is made, those above it are not"));
            }
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
    pub(super) fn is_of(&self, vault: VaultId) -> Result<(), Failure> {
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
    pub(super) fn write(self, signed: &PersonalTable) -> Result<PathBuf, Failure> {
        if self.is_new && !self.dir.is_dir() {
            std::fs::create_dir(&self.dir).map_err(|error| {
                Failure::cannot(format!("cannot make the folder `{}`: {}", self.dir.display(), plain(&error)))
            })?;
        }
        if self.is_new {
            create(&self.dir.join(SET), NEW_SET.as_bytes())?;
        }
        let path = self.dir.join(NOTE);
        replace(&path, signed.note().as_str().as_bytes())?;
        Ok(path)
    }
}
