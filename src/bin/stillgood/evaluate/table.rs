//! The table that `stillgood evaluate` measures, and the one that it writes.

use std::path::Path;

use stillgood::measure::{self, Sample};
use stillgood::{Files, LoadError, PolicySet, Severity, SurvivalTable};

use super::{Input, short_name};
use crate::failure::Failure;
use crate::output::{called, count, replace};

// What stands in a table that is written, where it is so.
const ABOUT_FACTS: &str = "A fact is watched from 16 moments in its life. Where only years are known, its days are drawn, anew for each moment.";
const ABOUT_OPEN_ENDS: &str =
    "Facts without a known end are left out, so that those that end soon are too many, and the rates fast.";
const ABOUT_OTHERS: &str =
    "Curves set by hand are those of the program. All are other people's: `stillgood fit` moves them to your own.";

/// A set of policies that this table would be the table of.
const SET: &[u8] = b"name = \"measured\"\nversion = 1\nbase = \"stillgood\"\n";

/// Reads a table as a folder of policies has it: what is refused there is refused here, in the same words.
pub(super) fn read(path: &Path) -> Result<SurvivalTable, Failure> {
    let shown = path.display().to_string();
    let bytes = crate::output::read(&shown)?;
    let files = Files::from([("set.toml".to_owned(), SET.to_vec()), ("survival.toml".to_owned(), bytes)]);
    match PolicySet::from_files(&files) {
        Ok(set) => Ok(set.prior().clone()),
        Err(LoadError::Refused(found)) => {
            let found = found.into_iter().find(|one| one.problem.severity == Severity::Error);
            let problem = found.map(|one| one.problem);
            let failure = |what: &str| Failure::cannot(format!("{}: {what}", called(&shown)));
            Err(match problem {
                Some(problem) => match problem.fix {
                    Some(fix) => failure(&problem.message).hint(fix),
                    None => failure(&problem.message),
                },
                None => failure("not a survival table"),
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether a table was made from a file, by its own words. What came by standard input is known by its numbers alone.
pub(super) fn is_made_from(table: &SurvivalTable, input: &Input) -> bool {
    let line = origin(input);
    let name = format!("{}: ", short_name(&input.name));
    table.made_from().iter().any(|from| *from == line || (input.name != "-" && from.starts_with(&name)))
}

fn origin(input: &Input) -> String {
    let (statements, subjects) = (input.sample.statements(), input.sample.subjects());
    let made_of = if input.sample.is_of_facts() { "fact" } else { "row" };
    let (statements, subjects) = (count(statements, made_of), count(subjects, "subject"));
    format!("{}: {statements} of {subjects}", short_name(&input.name))
}

/// What was written.
pub(super) struct Made {
    /// How many attributes, `*` among them.
    pub(super) attributes: usize,
    /// How many of them the files know something of.
    pub(super) from_files: usize,
    pub(super) bytes: usize,
}

pub(super) fn write(path: &Path, inputs: &[Input]) -> Result<Made, Failure> {
    let samples: Vec<&Sample> = inputs.iter().map(|input| &input.sample).collect();
    let files: Vec<String> = inputs.iter().map(|input| short_name(&input.name)).collect();
    let written = short_name(&path.display().to_string());
    let command = format!("stillgood evaluate {} --write-table {written}", files.join(" "));
    let mut made_from: Vec<String> = inputs.iter().map(origin).collect();
    if samples.iter().any(|sample| sample.is_of_facts()) {
        made_from.push(ABOUT_FACTS.to_owned());
    }
    if samples.iter().any(|sample| sample.left_out().without_end > 0) {
        made_from.push(ABOUT_OPEN_ENDS.to_owned());
    }
    made_from.push(ABOUT_OTHERS.to_owned());
    let table = measure::fit(&samples).made(&command, made_from);
    let toml = table.to_toml();
    replace(path, toml.as_bytes())?;
    let named = |name: &str| {
        samples.iter().flat_map(|sample| sample.attributes()).any(|own| SurvivalTable::attribute_name(own) == name)
    };
    let from_files = table.attributes().filter(|name| named(name)).count();
    Ok(Made { attributes: table.attributes().count(), from_files, bytes: toml.len() })
}
