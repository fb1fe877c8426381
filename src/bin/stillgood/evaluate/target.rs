//! Where `stillgood evaluate` writes to: tried before anything is measured, since that takes long.

use std::io::Write as _;
use std::path::Path;

use crate::failure::{Failure, visible};
use crate::output::{count, folder_of, plain};

/// Only a table is replaced, and nothing else that may be worth something. The folder of the pictures will be there by then.
pub(super) fn check_table(path: &Path, pictures: Option<&Path>) -> Result<(), Failure> {
    let refused = |why: &str| refused("--write-table", path, why);
    if path.is_dir() {
        return Err(refused("it is a folder, not a file"));
    }
    if path.exists() && super::table::read(path).is_err() {
        return Err(refused("it is there already, and no table").hint("a table is replaced, any other file is not"));
    }
    match pictures {
        Some(pictures) if pictures == folder_of(path) => Ok(()),
        _ => can_hold(folder_of(path)).map_err(|why| refused(&why)),
    }
}

/// A folder that is there, or can be made, and in which these names are free, or files.
pub(super) fn check_pictures(folder: &Path, names: &[String]) -> Result<(), Failure> {
    let refused = |why: &str| refused("--svg", folder, why);
    if !folder.exists() {
        return can_hold(folder_of(folder)).map_err(|why| refused(&why));
    }
    if !folder.is_dir() {
        return Err(refused("it is a file, not a folder"));
    }
    match names.iter().find(|name| folder.join(name).is_dir()) {
        Some(name) => Err(refused(&format!("`{name}` in it is a folder, not a picture"))),
        None => can_hold(folder).map_err(|why| refused(&why)),
    }
}

fn refused(argument: &str, path: &Path, why: &str) -> Failure {
    Failure::cannot(format!("{argument} `{}`: {why}", path.display()))
}

/// Whether something new can be written into a folder. What is written to find out is gone again at once.
fn can_hold(folder: &Path) -> Result<(), String> {
    let shown = folder.display();
    if !folder.exists() {
        return Err(format!("there is no folder `{shown}`"));
    }
    if !folder.is_dir() {
        return Err(format!("`{shown}` is a file, not a folder"));
    }
    match tempfile::NamedTempFile::new_in(folder) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("cannot write into `{shown}`: {}", plain(&error))),
    }
}

/// What was written, for whom the rest fails.
#[derive(Default)]
pub(super) struct Written(Vec<String>);

impl Written {
    /// Says it on standard error.
    pub(super) fn say(&mut self, path: &Path, what: &str, bytes: usize) {
        let size = match bytes {
            0..1_000 => count(bytes, "byte"),
            _ => format!("{} kB", bytes.div_ceil(1_000)),
        };
        let line = visible(&format!("wrote {}: {what}, {size}", path.display()));
        let _ = writeln!(std::io::stderr(), "{line}");
        self.0.push(format!("`{}`", path.display()));
    }

    /// The failure of what came after.
    pub(super) fn before(&self, failure: Failure) -> Failure {
        match self.0.join(" and ") {
            written if written.is_empty() => failure,
            written => failure.hint(format!("{written}: written all the same")),
        }
    }
}
