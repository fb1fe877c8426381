//! What `stillgood evaluate` prints: tables for a person, or all of it as JSON.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};
use stillgood::SurvivalTable;
use stillgood::measure::metrics::{FIGURES, Figures, Metrics, bootstrap::Intervals};
use stillgood::measure::{Evaluation, Measured, Sample, TO_BEAT};

use super::Told;
use crate::output::{called, count};

/// The figures that are printed, and what stands above them.
const COLUMNS: [(&str, &str); 7] = [
    ("auc", "AUC"),
    ("log_loss", "log loss"),
    ("brier", "Brier"),
    ("ece", "ECE"),
    ("asked_for_5_percent_stale", "asked"),
    ("stale_leak_at_50_percent_asked", "leak"),
    ("false_retire_at_50_percent_asked", "retired"),
];

/// As wide as the longest name.
const WIDTH: usize = 46;

/// Fewer rows or subjects say little.
const FEW_ROWS: usize = 100;
const FEW_SUBJECTS: usize = 20;

pub(super) fn as_text(told: &Told<'_>) -> String {
    let evaluation = &told.evaluation;
    let mut text = String::new();
    head(&mut text, told);
    columns(&mut text, "");
    for method in &evaluation.methods {
        line(&mut text, &method.name, method.metrics.figures(), false);
        if method.is_ours() {
            bounds(&mut text, &method.intervals, false);
        }
    }
    if evaluation.methods.iter().any(|method| method.name == TO_BEAT) {
        columns(&mut text, &format!("\ndifference from {TO_BEAT}"));
        for (method, (figures, intervals)) in evaluation
            .methods
            .iter()
            .filter(|method| method.is_ours())
            .filter_map(|one| Some((one, one.difference.as_ref()?)))
        {
            line(&mut text, &method.name, *figures, true);
            bounds(&mut text, intervals, true);
        }
    }
    let more = |text: &mut String, title: &str, rows: &[(String, Metrics)]| {
        if !rows.is_empty() {
            columns(text, title);
            rows.iter().for_each(|(name, metrics)| line(text, name, metrics.figures(), false));
        }
    };
    more(&mut text, "\nasked up to a quarter earlier or later", &evaluation.at_other_times);
    more(&mut text, "\nstillgood, where its input is wrong", &evaluation.perturbed);
    more(&mut text, "\nstillgood, fitted on another file", &evaluation.elsewhere);
    more(&mut text, "\nwhere each retrieval counts a thousandfold", &evaluation.inflated);
    let same = if evaluation.same_when_inflated { "the same to the last bit" } else { "NOT THE SAME" };
    writeln!(text, "{:<WIDTH$}  {same}", "stillgood").expect("writing to memory");
    unseen(&mut text, evaluation);
    text.push('\n');
    text
}

fn head(text: &mut String, told: &Told<'_>) {
    let (input, sample) = (told.input, &told.input.sample);
    let made_of = if sample.is_of_facts() { "fact" } else { "statement" };
    let held = 100.0 * sample.held() as f64 / sample.rows().max(1) as f64;
    writeln!(
        text,
        "{}: {} of {} and {}; {held:.1} in 100 held",
        called(&input.name),
        count(sample.rows(), "row"),
        count(sample.statements(), made_of),
        count(sample.subjects(), "subject"),
    )
    .expect("writing to memory");
    let left = sample.left_out();
    let why = [
        (left.without_start, "without a beginning"),
        (left.ends_first, "over before they began"),
        (left.without_end, "without an end, true or unknown"),
        (left.unseen, "begun after they were last seen"),
    ];
    let why: Vec<String> =
        why.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
    if !why.is_empty() {
        writeln!(text, "left out: {}", why.join(", ")).expect("writing to memory");
    }
    if sample.rows() < FEW_ROWS || sample.subjects() < FEW_SUBJECTS {
        writeln!(
            text,
            "fewer than {FEW_ROWS} rows or {FEW_SUBJECTS} subjects: the figures mean little; their intervals are wide, or narrow by chance"
        )
        .expect("writing to memory");
    }
    if let Some(line) = told.table.and_then(|table| not_listed(sample, table)) {
        writeln!(text, "{line}").expect("writing to memory");
    }
    text.push('\n');
}

/// What is read for rows with an attribute that the table does not list.
fn not_listed(sample: &Sample, table: &SurvivalTable) -> Option<String> {
    const MOST: usize = 5;
    let unlisted = sample.unlisted(table);
    let rows: usize = unlisted.iter().map(|(_, rows)| rows).sum();
    if rows == 0 {
        return None;
    }
    let read = match table.attributes().any(|name| name == "*") {
        true => "read from `*`",
        false => "read by kind and category, as rows without an attribute are",
    };
    let mut names: Vec<String> = unlisted.iter().take(MOST).map(|(name, _)| format!("`{name}`")).collect();
    if unlisted.len() > MOST {
        names.push(format!("{} more", unlisted.len() - MOST));
    }
    Some(format!(
        "{rows} of {} an attribute that the table does not list, and are {read}: {}",
        if sample.rows() == 1 { "1 row has".to_owned() } else { format!("{} rows have", sample.rows()) },
        names.join(", ")
    ))
}

fn columns(text: &mut String, title: &str) {
    let (breaks, title) = match title.strip_prefix('\n') {
        Some(title) => ("\n", title),
        None => ("", title),
    };
    write!(text, "{breaks}{title:<WIDTH$}").expect("writing to memory");
    for (_, name) in COLUMNS {
        write!(text, "{name:>10}").expect("writing to memory");
    }
    text.push('\n');
}

fn line(text: &mut String, name: &str, figures: Figures, signed: bool) {
    write!(text, "{name:<WIDTH$}").expect("writing to memory");
    for (figure, _) in COLUMNS {
        let value = FIGURES.iter().zip(figures).find(|(name, _)| **name == figure).and_then(|(_, value)| value);
        text.push_str(&cell(value, signed));
    }
    text.push('\n');
}

fn bounds(text: &mut String, intervals: &Intervals, signed: bool) {
    let bound = |of: fn([f64; 2]) -> f64| intervals.map(|interval| interval.map(of));
    line(text, "  95 % from", bound(|[low, _]| low), signed);
    line(text, "  95 % to", bound(|[_, high]| high), signed);
}

fn cell(value: Option<f64>, signed: bool) -> String {
    match value {
        None => format!("{:>10}", "-"),
        Some(value) if signed => format!("{:>10}", format!("{value:+.4}").replace("-0.0000", "+0.0000")),
        Some(value) => format!("{value:>10.4}"),
    }
}

fn unseen(text: &mut String, evaluation: &Evaluation) {
    if evaluation.unseen.is_empty() {
        return;
    }
    let names = ["rows", "AUC", "unseen", "log loss", "unseen", "ECE", "unseen"];
    write!(text, "\n{:<WIDTH$}", "attributes, seen by the fit and unseen").expect("writing to memory");
    names.iter().for_each(|name| write!(text, "{name:>10}").expect("writing to memory"));
    text.push('\n');
    for one in &evaluation.unseen {
        let (seen, unseen) = (&one.seen, &one.unseen);
        let shown: String = one.attribute.chars().take(WIDTH - 2).collect();
        write!(text, "{shown:<WIDTH$}{:>10}", seen.rows).expect("writing to memory");
        let pairs =
            [(seen.auc, unseen.auc), (Some(seen.log_loss), Some(unseen.log_loss)), (Some(seen.ece), Some(unseen.ece))];
        pairs.iter().for_each(|(seen, unseen)| {
            text.push_str(&cell(*seen, false));
            text.push_str(&cell(*unseen, false));
        });
        text.push('\n');
    }
}

pub(super) fn as_json(told: &[Told<'_>]) -> Json {
    let files: Vec<Json> = told.iter().map(of_file).collect();
    json!({ "files": files })
}

fn of_file(told: &Told<'_>) -> Json {
    let Told { input, table, evaluation } = told;
    let sample = &input.sample;
    let not_listed = table.map(|table| sample.unlisted(table).iter().map(|(_, rows)| rows).sum::<usize>());
    let left = sample.left_out();
    let named = |rows: &[(String, Metrics)]| -> Vec<Json> {
        rows.iter().map(|(name, metrics)| json!({"name": name, "figures": figures(metrics.figures())})).collect()
    };
    let unseen: Vec<Json> = evaluation
        .unseen
        .iter()
        .map(|one| {
            let (seen, unseen) = (figures(one.seen.figures()), figures(one.unseen.figures()));
            json!({"attribute": one.attribute, "rows": one.seen.rows, "seen": seen, "unseen": unseen})
        })
        .collect();
    json!({
        "file": input.name,
        "rows": sample.rows(),
        "statements": sample.statements(),
        "subjects": sample.subjects(),
        "held": sample.held(),
        "left_out": {"without_start": left.without_start, "ends_first": left.ends_first, "without_end": left.without_end,
            "unseen": left.unseen},
        "rows_not_listed": not_listed,
        "methods": evaluation.methods.iter().map(of_method).collect::<Vec<_>>(),
        "at_other_times": named(&evaluation.at_other_times),
        "perturbed": named(&evaluation.perturbed),
        "fitted_elsewhere": named(&evaluation.elsewhere),
        "retrievals_a_thousandfold": named(&evaluation.inflated),
        "stillgood_same_when_retrievals_are_a_thousandfold": evaluation.same_when_inflated,
        "attributes": unseen,
    })
}

fn of_method(method: &Measured) -> Json {
    let bins: Vec<Json> = method
        .bins
        .iter()
        .map(|(bin, interval)| {
            json!({"chance": rounded(bin.chance), "held": rounded(bin.held), "rows": bin.rows, "interval": interval.map(both)})
        })
        .collect();
    let less = method.difference.as_ref().map(|(differences, intervals)| {
        json!({"of": TO_BEAT, "figures": figures(*differences), "intervals": of_intervals(intervals)})
    });
    json!({
        "name": method.name,
        "figures": figures(method.metrics.figures()),
        "intervals": of_intervals(&method.intervals),
        "less": less,
        "bins": bins,
        "curve": method.curve.iter().map(|point| point.map(rounded)).collect::<Vec<_>>(),
    })
}

fn figures(figures: Figures) -> Json {
    let members = FIGURES.iter().zip(figures).map(|(name, value)| ((*name).to_owned(), json!(value.map(rounded))));
    Json::Object(members.collect::<Map<_, _>>())
}

fn of_intervals(intervals: &Intervals) -> Json {
    let members = FIGURES.iter().zip(intervals).map(|(name, value)| ((*name).to_owned(), json!(value.map(both))));
    Json::Object(members.collect::<Map<_, _>>())
}

fn both(interval: [f64; 2]) -> [f64; 2] {
    interval.map(rounded)
}

/// To six places.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
