//! `stillgood policy`: check a set, or list the facts.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value as Json, json};
use stillgood::{Diagnostic, Files, PersonalTable, PolicySet, Problem, Provenance, Schema, Severity};

use crate::failure::{Failure, visible};
use crate::fit::times;
use crate::output::{count, print, print_json};
use crate::words::quoted;

#[derive(clap::Subcommand)]
pub(crate) enum Verb {
    /// Check every policy of a folder, and run its cases
    #[command(after_help = ABOUT_CHECK)]
    Check {
        /// The folder
        dir: PathBuf,
        /// Print JSON, in the shape of the language server protocol's diagnostics, file by file
        #[arg(long)]
        json: bool,
    },
    /// List the facts that a policy can read, and the functions that it can call
    Facts,
}

const ABOUT_CHECK: &str = "\
With `base` in set.toml the policies of that set count too. Cases are run from the files of this folder alone. \
Exit code 1: an error was found, or a case failed.

Cases of NAME.rhai stand in NAME.cases.json. Facts that are left out have a default:
  [{\"name\": \"a month old\", \"row\": {\"kind\": \"episodic\", \"age\": \"30 days\"}, \"request\": {\"about\": \"past\"},
    \"expect\": {\"opinion\": \"background\", \"code\": \"old\"}},
   {\"name\": \"new\", \"row\": {\"age\": \"2 hours\"}, \"expect\": null}]
With stale and re_earn, \"needs\" says what would clear it, such as \"confirmation\" or \"recheck.route\".

Cases of the whole set stand in set.cases.json. With \"at\", the time at which it is asked, a case can say until when a \
ruling stands with nothing but time passing; \"-\" is for ever. An opinion of a policy's own case can have \"until\" too:
  [{\"name\": \"ends\", \"at\": \"2026-03-01T12:00:00Z\",
    \"rows\": [{\"row\": {\"expires_in\": \"3 days\"}, \"candidate\": {\"relevance\": 0.9}}],
    \"expect\": [{\"verdict\": \"live\", \"reasons\": [\"holds:holds\"], \"until\": \"2026-03-04T12:00:00Z\"}]}]
Facts are as they are at that time. A box lapses at the deadline that the case gives it; row.survival stands.

A span is text such as \"31 days\", or a number of milliseconds. What is left out is absent if it can be, else the first of its \
words, 0, false, no words; a score is 1. row.age and row.unconfirmed_for, row.expires_in and row.ended_for follow from each other. \
\"reasons\" are written policy:code, and policy:code=need where the verdict is re-earn.";

pub(crate) fn run(verb: &Verb) -> Result<(), Failure> {
    match verb {
        Verb::Check { dir, json } => check(dir, *json),
        Verb::Facts => print(&facts(&Schema::builtin())),
    }
}

fn check(dir: &std::path::Path, as_json: bool) -> Result<(), Failure> {
    let files = PolicySet::read_files(dir)?;
    let (set, mut found) = PolicySet::check(&files);
    found.extend(set.as_ref().and_then(|set| outdated(set, dir)));
    let cases = set.as_ref().map(|set| set.run_cases(&files)).transpose();
    let (cases, broken) = match cases {
        Ok(cases) => (cases.unwrap_or_default(), None),
        Err(error) => (vec![], Some(error.to_string())),
    };
    let failed: Vec<_> = cases.iter().filter(|case| !case.passed()).collect();
    let errors = found.iter().filter(|diagnostic| diagnostic.problem.severity == Severity::Error).count();
    if as_json {
        let failed: Vec<Json> = failed
            .iter()
            .map(|case| json!({"file": case.file, "name": case.name, "expected": case.expected, "said": case.said}))
            .collect();
        let mut report = json!({
            "files": by_file(&files, &found), "failed_cases": failed, "cases": cases.len(), "broken_cases": broken
        });
        let personal = set.as_ref().and_then(|set| Some(personal_json(set, set.personal()?)));
        if let (Some(personal), Some(report)) = (personal, report.as_object_mut()) {
            report.insert("personal_table".into(), personal);
        }
        print_json(&report)?;
    } else {
        let mut text = String::new();
        for diagnostic in &found {
            writeln!(text, "{diagnostic}\n").expect("writing to memory");
        }
        for case in &failed {
            writeln!(
                text,
                "{}: case `{}`\n  expected: {}\n  said:     {}\n",
                visible(&case.file),
                visible(&case.name),
                visible(&case.expected),
                visible(&case.said)
            )
            .expect("writing to memory");
        }
        if let Some(broken) = &broken {
            writeln!(text, "{}\n", visible(broken)).expect("writing to memory");
        }
        if let Some(table) = set.as_ref().and_then(PolicySet::personal) {
            writeln!(text, "{}\n", personal(table)).expect("writing to memory");
        }
        if let Some(set) = &set {
            let warnings = found.len() - errors;
            writeln!(
                text,
                "{} version {}: {} {}, {}, {}",
                set.name(),
                set.version(),
                set.policies().len(),
                if set.policies().len() == 1 { "policy" } else { "policies" },
                match broken {
                    None => format!("{}, {} failed", count(cases.len(), "case"), failed.len()),
                    Some(_) => "no case was run".to_owned(),
                },
                count(warnings, "warning")
            )
            .expect("writing to memory");
        }
        print(&text)?;
    }
    match (errors, failed.len(), broken) {
        (0, 0, None) => Ok(()),
        (0, 0, Some(_)) => Err(Failure::no("a cases file is broken; no case was run")),
        (0, failed, _) => Err(Failure::no(format!("{} failed", count(failed, "case")))),
        (errors, ..) => Err(Failure::no(format!("{}; the set does not load", count(errors, "error")))),
    }
}

/// A table that was fitted to a vault: whose it says it is. A folder of policies knows no vault that it could be held against.
fn personal(table: &PersonalTable) -> String {
    let Provenance { vault, at, confirmed, changed } = table.provenance();
    format!(
        "survival.note: a table fitted at {at} to vault {vault}, where rows still held {} and had changed {}; signed as {}, \
         which is checked when it is used",
        times(confirmed),
        times(changed),
        signers(table).join(", ")
    )
}

/// Whether the table that was fitted to a vault was fitted to the table that the set has now, by its own words.
fn is_of_this_table(set: &PolicySet) -> Option<bool> {
    set.personal()?.table().says_fitted_from(set.prior())
}

/// That the note wins over a survival.toml which has changed since.
fn outdated(set: &PolicySet, dir: &std::path::Path) -> Option<Diagnostic> {
    if is_of_this_table(set)? {
        return None;
    }
    let problem = Problem {
        code: "outdated",
        severity: Severity::Warning,
        place: None,
        message: "it was fitted to another survival.toml than the one of this set, and rows are decided by it"
            .to_owned(),
        fix: Some(format!(
            "`stillgood fit VAULT --keys DIR --write {}` fits it anew; without it survival.toml counts",
            quoted(dir)
        )),
    };
    let file = "survival.note".to_owned();
    Some(Diagnostic { file, place: None, source_line: None, range: [(0, 0), (0, 1)], problem })
}

fn personal_json(set: &PolicySet, table: &PersonalTable) -> Json {
    let Provenance { vault, at, confirmed, changed } = table.provenance();
    json!({
        "vault": vault.to_string(),
        "at": at.to_string(),
        "confirmed": confirmed,
        "changed": changed,
        "unverified_signers": signers(table),
        "fitted_from_this_table": is_of_this_table(set),
    })
}

fn signers(table: &PersonalTable) -> Vec<String> {
    table.note().unverified_signers().map(|(name, _)| name.to_string()).collect()
}

/// What an editor is told of each file, in the language server protocol's shape. A file without findings is there too,
/// so that the editor takes away what it showed before.
fn by_file(files: &Files, found: &[Diagnostic]) -> Vec<Json> {
    let names: BTreeSet<&String> = files.keys().chain(found.iter().map(|one| &one.file)).collect();
    let of = |name: &String| found.iter().filter(|one| one.file == *name).map(diagnostic).collect::<Vec<_>>();
    names.into_iter().map(|name| json!({"file": name, "diagnostics": of(name)})).collect()
}

/// A finding as that protocol has it. What to do about it stands in the message, where editors show it, and apart.
fn diagnostic(diagnostic: &Diagnostic) -> Json {
    let [start, end] = diagnostic.range.map(|(line, character)| json!({"line": line, "character": character}));
    let problem = &diagnostic.problem;
    let message = match &problem.fix {
        Some(fix) => format!("{}\nhint: {fix}", problem.message),
        None => problem.message.clone(),
    };
    let severity = if diagnostic.problem.severity == Severity::Error { 1 } else { 2 };
    json!({
        "range": {"start": start, "end": end},
        "severity": severity,
        "code": problem.code,
        "source": "stillgood",
        "message": message,
        "data": {"fix": problem.fix},
    })
}

const FUNCTIONS: &str = "
An opinion, with a code of a-z, 0-9 and `-`:
  live(\"code\")           it may be used as true; only under a condition on row.survival or row.unconfirmed_for
  background(\"code\")     it may be shown apart, dated and unconfirmed
  stale(\"code\", NEED)    re-earn where it matters to the question, else background
  re_earn(\"code\", NEED)  it is held
NEED, what would clear it:
  confirmation()  observation()  recheck(\"box\")  settle()  request(\"field\")  nothing()
Spans, lengths of time:
  days(N)  hours(N)  minutes(N)
Operators:
  == != < <= > >=   && || !   + - * / % of int; + - of spans, span * int   ??   in, !in: `fact in [\"a\", \"b\"]`, `\"a\" in row.tags`
Statements:
  if / else if / else, switch fact { \"a\" => .., _ => .. }, let, const, return, fn name(a, b) { .. }, which sees its arguments only
In set.toml, [param.<name>] has type, value, meaning and perhaps min and max; [request.<name>] has type and meaning:
  text \"a\"   bool true   int 3   span \"14 days\"   score 0.5, from 0.0 to 1.0, only compared   set [\"a\", \"b\"]
";

fn facts(schema: &Schema) -> String {
    let mut text = String::new();
    let width = schema.facts().iter().map(|fact| fact.name.len() + 1).max().unwrap_or(0);
    for fact in schema.facts() {
        let name = format!("{}{}", fact.name, if fact.optional { "?" } else { "" });
        writeln!(text, "{name:<width$}  {:<5}  {}", fact.kind.name(), fact.meaning).expect("writing to memory");
        if let Some(words) = fact.words {
            writeln!(text, "{:width$}         {}", "", words.join(", ")).expect("writing to memory");
        }
    }
    text.push_str(
        "\n? can be absent: read it as `fact ?? default`, or compare it with `()`. `param.<name>` reads set.toml.\n\
         A file reads one box of evidence, and `row.binding` beside it; one that reads a box never says `live`.\n",
    );
    text.push_str(FUNCTIONS);
    text
}
