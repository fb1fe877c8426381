//! `stillgood evaluate`: how good a table's chances are on facts that are known.

mod told;

use std::path::{Path, PathBuf};

use stillgood::measure::{self, EvaluateError, Evaluation, Sample, TO_BEAT, facts};
use stillgood::{SurvivalError, SurvivalTable};

use crate::failure::Failure;
use crate::output::{called, count, plain, print, print_json, read, replace};

#[derive(clap::Args)]
#[command(after_help = ABOUT_FILES)]
pub(crate) struct Args {
    /// Files of facts, or of labelled rows, one a line; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Measure this table; without it, one is fitted for each fold of subjects on the other four
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
    /// Write pictures into this folder
    #[arg(long, value_name = "DIR")]
    svg: Option<PathBuf>,
    /// Write the table that all facts of the files make
    #[arg(long, value_name = "FILE", conflicts_with = "table")]
    write_table: Option<PathBuf>,
    /// Print JSON, with everything that was measured
    #[arg(long)]
    json: bool,
}

const ABOUT_FILES: &str = "\
A file holds one shape, one JSON object a line:
  {\"subject\", \"attribute\", \"start\", \"end\"}            a fact; \"end\": null was seen to hold until \"seen\", else 2023-12-01
  {\"subject\", \"attribute\", \"start_year\", \"end_year\"}  a fact, true to the end of its last year
  {\"subject\", \"attribute\", \"stated\", \"asked\", \"held\"}  a row, and whether it still held; perhaps \"parent_changed\"
A time is RFC 3339, or YYYY-MM-DD, YYYY-MM, YYYY.

Each fact is stated once, at a time drawn within it, and asked about 0.25, 0.5, 1, 2, 3, 5 and 10 years later. What learns, \
learns from other subjects. The same files give the same figures.

AUC      how often a row that held is given more than one that did not; the only one that is better when high
log loss, Brier  how far chances are from what came of them, row by row
ECE      the same, for fifteen groups of like chances
asked    the share to ask about so that at most 5 in 100 of those left live are stale
leak     stale among those left live, where half are asked about
retired  still true among those asked about, there

Below ours stands where 95 in 100 repetitions with other subjects lie. With several files, ours is measured on each as fitted on \
each other one, too.";

// What stands in a table that is written, where it is so.
const ABOUT_FACTS: &str = "A fact is watched from 16 moments in its life. Where only years are known, its days are drawn, anew for each moment.";
const ABOUT_OPEN_ENDS: &str =
    "Facts without a known end are left out, so that those that end soon are too many, and the rates fast.";
const ABOUT_OTHERS: &str =
    "Curves set by hand are those of the program. All are other people's: `stillgood fit` moves them to your own.";

/// A file that was read.
struct Input {
    name: String,
    sample: Sample,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let table = args.table.as_deref().map(table).transpose()?;
    args.write_table.as_deref().map_or(Ok(()), may_be_written)?;
    let inputs = args.files.iter().map(|file| input(file)).collect::<Result<Vec<_>, _>>()?;
    let mut told = vec![];
    for (place, input) in inputs.iter().enumerate() {
        let others = inputs.iter().enumerate().filter(|(other, one)| *other != place && one.sample.is_of_facts());
        let others =
            if table.is_some() { vec![] } else { others.map(|(_, one)| (one.name.clone(), &one.sample)).collect() };
        let evaluation = measure::evaluate(&input.sample, table.as_ref(), &others).map_err(|error| {
            let failure = Failure::cannot(format!("{}: {error}", called(&input.name)));
            match error {
                EvaluateError::OneFold => failure.hint("--table measures a table that is there"),
                EvaluateError::NoRows => failure,
            }
        })?;
        told.push((input, evaluation));
    }
    if let Some(folder) = &args.svg {
        draw(folder, &told)?;
    }
    if let Some(path) = &args.write_table {
        write_table(path, &inputs)?;
    }
    if args.json {
        return print_json(&told::as_json(&told));
    }
    told.iter().try_for_each(|(input, evaluation)| print(&told::as_text(input, evaluation)))
}

fn input(file: &str) -> Result<Input, Failure> {
    let content = facts::read(&read(file)?).map_err(|error| Failure::cannot(format!("{}: {error}", called(file))))?;
    Ok(Input { name: file.to_owned(), sample: Sample::of(&content) })
}

fn table(path: &Path) -> Result<SurvivalTable, Failure> {
    let shown = path.display().to_string();
    let bytes = read(&shown)?;
    let cannot = |error: &dyn std::fmt::Display| Failure::cannot(format!("{}: {error}", called(&shown)));
    let text = std::str::from_utf8(&bytes).map_err(|_| cannot(&"it is not text in UTF-8"))?;
    SurvivalTable::from_toml(text).map_err(|error: SurvivalError| cannot(&error))
}

/// Only a table is replaced, and nothing else that may be worth something.
fn may_be_written(path: &Path) -> Result<(), Failure> {
    let refused = |why: &str| Failure::cannot(format!("--write-table `{}`: {why}", path.display()));
    if path.is_dir() {
        return Err(refused("it is a folder"));
    }
    if path.exists() && table(path).is_err() {
        return Err(refused("it is there already, and no table").hint("a table is replaced, any other file is not"));
    }
    Ok(())
}

fn write_table(path: &Path, inputs: &[Input]) -> Result<(), Failure> {
    let samples: Vec<&Sample> = inputs.iter().map(|input| &input.sample).collect();
    let from = |input: &Input| {
        let (statements, subjects) = (input.sample.statements(), input.sample.subjects());
        let made_of = if input.sample.is_of_facts() { "fact" } else { "row" };
        let (statements, subjects) = (count(statements, made_of), count(subjects, "subject"));
        format!("{}: {statements} of {subjects}", short_name(&input.name))
    };
    let files: Vec<String> = inputs.iter().map(|input| short_name(&input.name)).collect();
    let written = short_name(&path.display().to_string());
    let command = format!("stillgood evaluate {} --write-table {written}", files.join(" "));
    let mut made_from: Vec<String> = inputs.iter().map(from).collect();
    if samples.iter().any(|sample| sample.is_of_facts()) {
        made_from.push(ABOUT_FACTS.to_owned());
    }
    if samples.iter().any(|sample| sample.left_out().without_end > 0) {
        made_from.push(ABOUT_OPEN_ENDS.to_owned());
    }
    made_from.push(ABOUT_OTHERS.to_owned());
    let table = measure::fit(&samples).made(&command, made_from);
    replace(path, table.to_toml().as_bytes())
}

fn draw(folder: &Path, told: &[(&Input, Evaluation)]) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::cannot(format!("cannot make `{}`: {}", folder.display(), plain(&error))))?;
    for (place, (input, evaluation)) in told.iter().enumerate() {
        let name = short_name(&input.name);
        let stem = Path::new(&name).file_stem().map_or("facts".into(), |stem| stem.to_string_lossy().into_owned());
        // Two files of one name in two folders do not share a picture.
        let stem = if told.len() > 1 { format!("{}-{stem}", place + 1) } else { stem };
        let shown = ["always live", "live for 365 days", "one hazard", TO_BEAT, "stillgood", "stillgood, latest wins"];
        let found = |name: &&str| evaluation.methods.iter().find(|method| method.name == *name);
        let lines: Vec<_> = shown.iter().filter_map(found).collect();
        replace(&folder.join(format!("{stem}-costs.svg")), measure::costs(&lines, &name).as_bytes())?;
        for (short, method) in [("stillgood", "stillgood"), ("to-beat", TO_BEAT)] {
            if let Some(method) = found(&method) {
                let picture = measure::reliability(method, &name);
                replace(&folder.join(format!("{stem}-reliability-{short}.svg")), picture.as_bytes())?;
            }
        }
    }
    Ok(())
}

/// A file without its folder.
fn short_name(file: &str) -> String {
    match Path::new(file).file_name() {
        Some(name) if file != "-" => name.to_string_lossy().into_owned(),
        _ => "standard input".into(),
    }
}
