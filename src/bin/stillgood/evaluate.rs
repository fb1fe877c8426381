//! `stillgood evaluate`: how good a table's chances are on facts that are known.

mod help;
mod table;
mod target;
mod told;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use stillgood::measure::{self, EvaluateError, Evaluation, Sample, TO_BEAT, facts};
use stillgood::{Digest, SurvivalTable};

use crate::failure::{Failure, visible};
use crate::output::{called, count, plain, print, print_json, read, replace};
use target::Written;

#[derive(clap::Args)]
#[command(after_help = help::ABOUT_FILES)]
pub(crate) struct Args {
    /// Files of facts, or of labelled rows, one a line; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Measure this table; without it, one is fitted for each fold of subjects on the other four
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
    /// Write pictures into this folder: of what asking saves, and of how often chances are right
    #[arg(long, value_name = "DIR")]
    svg: Option<PathBuf>,
    /// Write the table that all files together make; what they know nothing of stands there as the program has it
    #[arg(long, value_name = "FILE", conflicts_with = "table")]
    write_table: Option<PathBuf>,
    /// Print JSON, with everything that was measured
    #[arg(long)]
    json: bool,
}

/// A file that was read.
struct Input {
    name: String,
    sample: Sample,
}

/// What came out for a file.
struct Told<'a> {
    input: &'a Input,
    /// The table that was given.
    table: Option<&'a SurvivalTable>,
    evaluation: Evaluation,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let pictures = args.svg.as_deref().map(|folder| (folder, Picture::of_all(&args.files)));
    if let Some((folder, pictures)) = &pictures {
        let names: Vec<String> = pictures.iter().flat_map(Picture::names).collect();
        target::check_pictures(folder, &names)?;
    }
    args.write_table.as_deref().map_or(Ok(()), |path| target::check_table(path, args.svg.as_deref()))?;
    let table = args.table.as_deref().map(table::read).transpose()?;
    let inputs = inputs(&args.files)?;
    if let Some(table) = &table {
        warn_of_own_files(table, &inputs);
    }
    let mut written = Written::default();
    let mut told = vec![];
    for (place, input) in inputs.iter().enumerate() {
        let others = inputs.iter().enumerate().filter(|(other, one)| *other != place && one.sample.is_of_facts());
        let others =
            if table.is_some() { vec![] } else { others.map(|(_, one)| (one.name.clone(), &one.sample)).collect() };
        match measure::evaluate(&input.sample, table.as_ref(), &others) {
            Ok(evaluation) => told.push(Told { input, table: table.as_ref(), evaluation }),
            Err(error) => {
                let failure = Failure::cannot(format!("{}: {error}", called(&input.name)));
                if error == EvaluateError::NoRows {
                    return Err(failure);
                }
                // A table can be made of one subject all the same.
                write_table(args, &inputs, &mut written)?;
                return Err(written.before(failure.hint(FEW_SUBJECTS)));
            }
        }
    }
    if let Some((folder, pictures)) = &pictures {
        let (many, bytes) = draw(folder, pictures, &told).map_err(|failure| written.before(failure))?;
        written.say(folder, &count(many, "picture"), bytes);
    }
    write_table(args, &inputs, &mut written).map_err(|failure| written.before(failure))?;
    let printed = match args.json {
        true => print_json(&told::as_json(&told)),
        false => told.iter().try_for_each(|one| print(&told::as_text(one))),
    };
    printed.map_err(|failure| written.before(failure))
}

const FEW_SUBJECTS: &str = "--table measures a table that is there; of answers of your own, `stillgood fit` learns";

fn write_table(args: &Args, inputs: &[Input], written: &mut Written) -> Result<(), Failure> {
    let Some(path) = &args.write_table else { return Ok(()) };
    let table::Made { attributes, from_files, bytes } = table::write(path, inputs)?;
    let files = if inputs.len() == 1 { "this file" } else { "these files" };
    written.say(path, &format!("{}, {from_files} of them from {files}", count(attributes, "attribute")), bytes);
    Ok(())
}

/// What is measured counts once, whatever it is called.
fn inputs(files: &[String]) -> Result<Vec<Input>, Failure> {
    let mut inputs: Vec<(Input, Digest)> = vec![];
    for (place, file) in files.iter().enumerate() {
        if files.iter().take(place).any(|before| before == file) {
            return Err(Failure::cannot(format!("{} is named twice", called(file))).hint(ONCE));
        }
        let bytes = read(file)?;
        let digest = Digest::of(&bytes);
        if let Some((same, _)) = inputs.iter().find(|(_, before)| *before == digest) {
            let what = format!("{} holds the same as {}", called(file), called(&same.name));
            return Err(Failure::cannot(what).hint(ONCE));
        }
        let content = facts::read(&bytes).map_err(|error| Failure::cannot(format!("{}: {error}", called(file))))?;
        inputs.push((Input { name: file.to_owned(), sample: Sample::of(&content) }, digest));
    }
    Ok(inputs.into_iter().map(|(input, _)| input).collect())
}

const ONCE: &str = "each file is given once: the same facts twice would count twice";

/// Figures on what a table was counted on are no figures of how it does on anything else.
fn warn_of_own_files(table: &SurvivalTable, inputs: &[Input]) {
    let own = inputs.iter().filter(|input| table::is_made_from(table, input));
    let own: Vec<String> = own.map(|input| called(&input.name)).collect();
    if !own.is_empty() {
        let line = format!(
            "warning: by its own words the table was made from {}: figures on that are in sample, better than on other rows",
            own.join(" and ")
        );
        let _ = writeln!(std::io::stderr(), "{}", visible(&line));
    }
}

/// The pictures of one file.
struct Picture {
    /// What the file is called in them.
    title: String,
    stem: String,
}

impl Picture {
    fn of_all(files: &[String]) -> Vec<Self> {
        let each = files.iter().enumerate().map(|(place, file)| {
            let title = short_name(file);
            let stem = Path::new(&title).file_stem().map_or("facts".into(), |stem| stem.to_string_lossy().into_owned());
            // Two files of one name in two folders do not share a picture.
            let stem = if files.len() > 1 { format!("{}-{stem}", place + 1) } else { stem };
            Picture { title, stem }
        });
        each.collect()
    }

    fn costs(&self) -> String {
        format!("{}-costs.svg", self.stem)
    }

    fn reliability(&self, short: &str) -> String {
        format!("{}-reliability-{short}.svg", self.stem)
    }

    fn names(&self) -> Vec<String> {
        [self.costs()].into_iter().chain(DRAWN.map(|(short, _)| self.reliability(short))).collect()
    }
}

/// The methods whose calibration is drawn.
const DRAWN: [(&str, &str); 2] = [("stillgood", "stillgood"), ("to-beat", TO_BEAT)];

/// How many pictures and how many bytes were written.
fn draw(folder: &Path, pictures: &[Picture], told: &[Told<'_>]) -> Result<(usize, usize), Failure> {
    if !folder.is_dir() {
        std::fs::create_dir(folder)
            .map_err(|error| Failure::cannot(format!("cannot make `{}`: {}", folder.display(), plain(&error))))?;
    }
    let (mut many, mut bytes) = (0, 0);
    let mut keep = |name: &str, picture: &str| {
        (many, bytes) = (many + 1, bytes + picture.len());
        replace(&folder.join(name), picture.as_bytes())
    };
    for (picture, Told { evaluation, .. }) in pictures.iter().zip(told) {
        let shown = ["always live", "live for 365 days", "one hazard", TO_BEAT, "stillgood", "stillgood, latest wins"];
        let found = |name: &&str| evaluation.methods.iter().find(|method| method.name == *name);
        let lines: Vec<_> = shown.iter().filter_map(found).collect();
        keep(&picture.costs(), &measure::costs(&lines, &picture.title))?;
        for (short, method) in DRAWN {
            if let Some(method) = found(&method) {
                keep(&picture.reliability(short), &measure::reliability(method, &picture.title))?;
            }
        }
    }
    Ok((many, bytes))
}

/// A file without its folder.
fn short_name(file: &str) -> String {
    match Path::new(file).file_name() {
        Some(name) if file != "-" => name.to_string_lossy().into_owned(),
        _ => "standard input".into(),
    }
}
