//! How good the chances are, on public facts: the tables and pictures of `docs/quality.md`, and the shipped table.
//! `cargo bench --bench quality`.
//!
//! What comes out is compared with the page, its pictures and `policies/survival.toml`, and a difference fails;
//! `STILLGOOD_BLESS=1` writes them anew. The facts do not ship with the project: without them it is skipped.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a benchmark that panics has failed"
)]

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use stillgood::SurvivalTable;
use stillgood::measure::metrics::{ASKED, FIGURES, Figures, Metrics, bootstrap::Intervals};
use stillgood::measure::{self, Evaluation, Measured, Sample, TO_BEAT, facts};

const FILES: [&str; 2] = ["dyknow", "wikidata12k-personal"];
const PAGE: &str = "docs/quality.md";
const TABLE: &str = "policies/survival.toml";
const OURS: &str = "stillgood";

/// The columns of most tables.
const COLUMNS: [(&str, &str); 7] = [
    ("auc", "AUC"),
    ("log_loss", "log loss"),
    ("brier", "Brier"),
    ("ece", "ECE"),
    ("asked_for_5_percent_stale", "asked"),
    ("stale_leak_at_50_percent_asked", "leak"),
    ("false_retire_at_50_percent_asked", "retired"),
];

fn main() -> ExitCode {
    let samples: Option<Vec<Sample>> = FILES.iter().map(|name| sample(name)).collect();
    let Some(samples) = samples else {
        println!("skipped: the public facts are not beside the project, in ../shared/data");
        return ExitCode::SUCCESS;
    };
    let bless = std::env::var_os("STILLGOOD_BLESS").is_some();
    let mut differ = vec![];
    let mut page = std::fs::read_to_string(at(PAGE)).unwrap();
    for (name, sample) in FILES.iter().zip(&samples) {
        let others = FILES.iter().zip(&samples).filter(|(other, _)| *other != name);
        let others: Vec<(String, &Sample)> = others.map(|(other, sample)| ((*other).to_owned(), sample)).collect();
        let evaluation = measure::evaluate(sample, None, &others).unwrap();
        assert!(evaluation.same_when_inflated, "a chance was read from retrievals");
        let mut tables = tables(name, sample, &evaluation);
        if let Some(seen) = sample.while_seen() {
            tables.push((format!("while seen: {name}"), while_seen(sample, &seen)));
        }
        for (mark, table) in tables {
            println!("{mark}\n{table}");
            page = replaced(&page, &mark, &table);
        }
        let found = |wanted: &str| evaluation.methods.iter().find(|method| method.name == wanted).unwrap();
        let lines = ["always live", "live for 365 days", "a hazard for each attribute", TO_BEAT, OURS].map(found);
        keep(&format!("docs/quality/{name}-costs.svg"), &measure::costs(&lines, name), bless, &mut differ);
        for (kind, method) in [("ours", OURS), ("decay", "0.995 per hour"), ("to-beat", TO_BEAT)] {
            let picture = measure::reliability(found(method), name);
            keep(&format!("docs/quality/{name}-{kind}.svg"), &picture, bless, &mut differ);
        }
    }
    keep(PAGE, &page, bless, &mut differ);
    // How it says that it was made is not compared: only the program knows its command.
    let made = measure::fit(&[&samples[1]]);
    let shipped = std::fs::read_to_string(at(TABLE)).unwrap();
    let begin = shipped.find("[[attribute]]").unwrap();
    if !made.to_toml().ends_with(&shipped[begin..]) || SurvivalTable::from_toml(&shipped).is_err() {
        differ.push(TABLE.to_owned());
    }
    if differ.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("not what comes out: {}", differ.join(", "));
    ExitCode::FAILURE
}

fn at(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn sample(name: &str) -> Option<Sample> {
    let bytes = std::fs::read(at(&format!("../shared/data/{name}.jsonl"))).ok()?;
    Some(Sample::of(&facts::read(&bytes).unwrap()))
}

/// Writes a file, or notes that it is not what it should be.
fn keep(path: &str, content: &str, bless: bool, differ: &mut Vec<String>) {
    if bless {
        std::fs::create_dir_all(at(path).parent().unwrap()).unwrap();
        std::fs::write(at(path), content).unwrap();
    } else if std::fs::read_to_string(at(path)).ok().as_deref() != Some(content) {
        differ.push(path.to_owned());
    }
}

/// The page with what stands between two marks replaced.
fn replaced(page: &str, mark: &str, table: &str) -> String {
    let mark = format!("<!-- {mark} -->");
    let parts: Vec<&str> = page.split(&mark).collect();
    assert_eq!(parts.len(), 3, "{PAGE}: {mark} stands twice");
    [parts[0], &format!("\n{table}"), parts[2]].join(&mark)
}

/// The tables of one file, each with its mark.
fn tables(name: &str, sample: &Sample, evaluation: &Evaluation) -> Vec<(String, String)> {
    let ours = evaluation.methods.iter().find(|method| method.name == OURS).unwrap();
    let rows = |rows: &[(String, Metrics)]| {
        let mut table = header("");
        rows.iter().for_each(|(name, metrics)| table += &line(name, metrics.figures(), false));
        table
    };
    let mut inflated = rows(&evaluation.inflated);
    inflated += "| stillgood | the same | the same | the same | the same | the same | the same | the same |\n";
    let shipped = SurvivalTable::from_toml(&std::fs::read_to_string(at(TABLE)).unwrap()).unwrap();
    let by_others = evaluation.elsewhere.iter().map(|(name, metrics)| (format!("fitted on {name}"), *metrics));
    let by_others: Vec<_> =
        by_others.chain([("the shipped table".to_owned(), measure::of_table(sample, &shipped))]).collect();
    let named = |title: &str, table: String| (format!("{title}: {name}"), table);
    vec![
        named("rows", about(sample)),
        named("methods", methods(evaluation)),
        named("differences", differences(evaluation)),
        named("parts of the Brier score", parts(evaluation)),
        named("curve", curve(evaluation, ours)),
        named("other days", rows(&evaluation.at_other_times)),
        named("wrong input", rows(&evaluation.perturbed)),
        named("retrievals", inflated),
        named("another source", rows(&by_others)),
        named("unseen", unseen(evaluation)),
    ]
}

fn about(sample: &Sample) -> String {
    let left = sample.left_out();
    format!(
        "{} rows of {} facts and {} subjects; {:.1} % held when asked about. Left out: {} facts without a beginning, {} over before \
         they began, {} without an end, true or unknown, {} begun after they were last seen.\n",
        sample.rows(),
        sample.statements(),
        sample.subjects(),
        100.0 * sample.held() as f64 / sample.rows() as f64,
        left.without_start,
        left.ends_first,
        left.without_end,
        left.unseen,
    )
}

fn header(title: &str) -> String {
    let names: Vec<&str> = COLUMNS.iter().map(|(_, name)| *name).collect();
    format!("| {title} | {} |\n|---{}|\n", names.join(" | "), "|--:".repeat(COLUMNS.len()))
}

fn figure(figures: &Figures, name: &str) -> Option<f64> {
    FIGURES.iter().position(|one| *one == name).and_then(|place| figures[place])
}

fn cell(value: Option<f64>, signed: bool) -> String {
    match value {
        None => "-".to_owned(),
        Some(value) if signed => format!("{value:+.4}").replace("-0.0000", "+0.0000"),
        Some(value) => format!("{value:.4}"),
    }
}

fn line(name: &str, figures: Figures, signed: bool) -> String {
    let cells: Vec<String> = COLUMNS.iter().map(|(column, _)| cell(figure(&figures, column), signed)).collect();
    format!("| {name} | {} |\n", cells.join(" | "))
}

fn bounds(intervals: &Intervals, signed: bool) -> String {
    let end = |of: fn([f64; 2]) -> f64| intervals.map(|interval| interval.map(of));
    line("— 95 % from", end(|[low, _]| low), signed) + &line("— 95 % to", end(|[_, high]| high), signed)
}

fn methods(evaluation: &Evaluation) -> String {
    let mut table = header("");
    for method in &evaluation.methods {
        table += &line(&method.name, method.metrics.figures(), false);
        if method.is_ours() {
            table += &bounds(&method.intervals, false);
        }
    }
    table
}

fn differences(evaluation: &Evaluation) -> String {
    let mut table = header(&format!("difference from {TO_BEAT}"));
    for (method, (figures, intervals)) in
        evaluation.methods.iter().filter(|one| one.is_ours()).filter_map(|one| Some((one, one.difference.as_ref()?)))
    {
        table += &line(&method.name, *figures, true);
        table += &bounds(intervals, true);
    }
    table
}

fn parts(evaluation: &Evaluation) -> String {
    let mut table = "| | reliability | resolution | uncertainty |\n|---|--:|--:|--:|\n".to_owned();
    for method in &evaluation.methods {
        let Metrics { reliability, resolution, uncertainty, .. } = method.metrics;
        writeln!(table, "| {} | {reliability:.4} | {resolution:.4} | {uncertainty:.4} |", method.name).unwrap();
    }
    table
}

/// Leak and retirement at fixed shares asked, ours beside the method to beat.
fn curve(evaluation: &Evaluation, ours: &Measured) -> String {
    let to_beat = evaluation.methods.iter().find(|method| method.name == TO_BEAT).unwrap();
    let mut table =
        format!("| asked about | leak | leak, {TO_BEAT} | retired | retired, {TO_BEAT} |\n|---|--:|--:|--:|--:|\n");
    for (place, share) in ASKED.iter().enumerate() {
        let (ours, theirs) = (&ours.metrics, &to_beat.metrics);
        writeln!(
            table,
            "| {:.0} % | {:.4} | {:.4} | {:.4} | {:.4} |",
            100.0 * share,
            ours.leak[place],
            theirs.leak[place],
            ours.retired[place],
            theirs.retired[place]
        )
        .unwrap();
    }
    table
}

/// Ours and the method to beat without questions that come too late.
fn while_seen(all: &Sample, seen: &Sample) -> String {
    let evaluation = measure::evaluate(seen, None, &[]).unwrap();
    let mut table = header(&format!("{} of {} rows left out", all.rows() - seen.rows(), all.rows()));
    for method in evaluation.methods.iter().filter(|one| one.name == TO_BEAT || one.name == OURS) {
        table += &line(&method.name, method.metrics.figures(), false);
    }
    table
}

fn unseen(evaluation: &Evaluation) -> String {
    let mut table =
        "| attribute | rows | AUC, seen | AUC, unseen | log loss, seen | log loss, unseen | ECE, seen | ECE, unseen |\n"
            .to_owned() + &format!("|---{}|\n", "|--:".repeat(7));
    for one in evaluation.unseen.iter().filter(|one| one.seen.rows >= 100) {
        let (seen, unseen) = (&one.seen, &one.unseen);
        let pairs =
            [(seen.auc, unseen.auc), (Some(seen.log_loss), Some(unseen.log_loss)), (Some(seen.ece), Some(unseen.ece))];
        let cells: Vec<String> = pairs.iter().flat_map(|(a, b)| [cell(*a, false), cell(*b, false)]).collect();
        writeln!(table, "| {} | {} | {} |", one.attribute, seen.rows, cells.join(" | ")).unwrap();
    }
    table
}
