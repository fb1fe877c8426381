//! The tables in `docs/quality.md`, also printed: `cargo test --test it -- --nocapture share::the_tables`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use stillgood::{Kind, Request, RowId, Score, Span, Timestamp};

use super::measure::{Decided, Fate, Measure, Shares, per_cent, rounded};
use super::rows::{Made, SplitMix64, rows};
use super::{ROWS, all, of_age, of_kind};
use crate::support::{now, shared, time};

const COLUMNS: &str = "live | background: off topic | background: age | re-earn |\n";

/// Three tables: by request, by kind and age, and what is lost and won.
pub(super) fn made_up(decided: &[Vec<Decided>]) -> String {
    let tables = [by_request(decided), by_kind_and_age(), loss_and_win()].join("\n");
    println!("{tables}");
    format!("\n{tables}\n")
}

fn by_request(decided: &[Vec<Decided>]) -> String {
    let measure = Measure::new();
    let sealed = measure.seal(&rows(1, ROWS, now()));
    let asked = |change: fn(&mut Request)| Shares::of(&sealed.decide_as(now(), change)).cells();
    let seeds: Vec<Shares> = decided.iter().map(Shares::of).collect();
    let range = Fate::ALL.map(|fate| {
        let tenths = || seeds.iter().map(|shares| shares.tenths(fate));
        let (least, most) = (tenths().min().unwrap(), tenths().max().unwrap());
        format!("{} to {}", per_cent(least), per_cent(most))
    });
    let mut table = format!("| 1,000 rows | {COLUMNS}|---|--:|--:|--:|--:|\n");
    let mut line = |name: &str, cells: &str| writeln!(table, "| {name} {cells}").unwrap();
    line("seed 1", &Shares::of(&decided[0]).cells());
    line("seeds 1 to 20, least and most", &format!("| {} |", range.join(" | ")));
    line("seed 1, relevance not known", &asked(|request| relevance(request, None)));
    line("seed 1, relevance 1 for every row", &asked(|request| relevance(request, Some(Score::ONE))));
    line("seed 1, `purpose=work`", &asked(|request| request.purpose = Some("work".into())));
    table
}

fn relevance(request: &mut Request, relevance: Option<Score>) {
    for candidate in &mut request.candidates {
        candidate.rerank = relevance;
    }
}

fn by_kind_and_age() -> String {
    let mut table = format!("| seeds 1 to 20 | rows | {COLUMNS}|---|--:|--:|--:|--:|--:|\n");
    let mut line = |name: &str, shares: &Shares| {
        writeln!(table, "| {name} | {} {}", thousands(shares.rows as u64), shares.cells()).unwrap();
    };
    line("lasting facts", &of_kind(Kind::Semantic));
    line("happenings", &of_kind(Kind::Episodic));
    let ages = ["younger than a year", "1 to 2 years", "2 to 3 years", "3 to 4 years", "4 to 5 years"];
    for (name, years) in ages.into_iter().zip(0..) {
        line(name, &of_age(years));
    }
    table
}

/// How many rows still hold, were the table of survival right: the sum of their chances.
fn loss_and_win() -> String {
    let hold = |fate: Option<Fate>| {
        let chances = || all().filter(|row| fate.is_none_or(|fate| row.fate == fate)).map(|row| row.chance);
        let (rows, sum) = (chances().count() as u64, chances().map(|chance| u64::from(chance.millionths())).sum());
        let hold = rounded(sum, 1_000_000);
        [rows, hold, rows - hold]
    };
    let whole = hold(None);
    let mut table = String::from("| seeds 1 to 20 | rows | still hold | hold no more |\n|---|--:|--:|--:|\n");
    let mut line = |name: &str, counts: [u64; 3]| {
        let share = |of: usize| per_cent(rounded(1_000 * counts[of], whole[of]) as usize);
        let cells = [0, 1, 2].map(|of| format!("{} ({})", thousands(counts[of]), share(of)));
        writeln!(table, "| {name} | {} |", cells.join(" | ")).unwrap();
    };
    line("live", hold(Some(Fate::Live)));
    line("background: off topic", hold(Some(Fate::OffTopic)));
    line("background: age", hold(Some(Fate::Aged)));
    line("re-earn", hold(Some(Fate::ReEarn)));
    line("all", whole);
    table
}

/// One table; `None`, visibly, where the data is absent.
pub(super) fn locomo() -> Option<String> {
    let export = shared("data/locomo-memories.jsonl")?;
    let imported = stillgood::import::memsync::read(&export, time("2026-01-13T00:00:00Z")).unwrap();
    assert_eq!((imported.drafts.len(), imported.refused.len()), (2_541, 0));
    let last = imported.drafts.iter().map(|draft| draft.stated_at).max().unwrap();
    assert_eq!(last, time("2024-01-12T13:41:00Z"));
    let mut random = SplitMix64(1);
    let mut made: Vec<Made> =
        imported.drafts.into_iter().map(|draft| Made { draft, relevance: random.relevance() }).collect();
    let conversations = conversations(&made);
    let measure = Measure::new();
    let happenings = measure.seal(&made);
    made.iter_mut().for_each(|made| made.draft.traits.kind = Kind::Semantic);
    let lasting = measure.seal(&made);

    let mut table = format!("| 2,541 rows | {COLUMNS}|---|--:|--:|--:|--:|\n");
    let mut line = |name: &str, decided: &[Decided]| {
        writeln!(table, "| {name} {}", Shares::of(decided).cells()).unwrap();
    };
    let alone = conversations.values().flat_map(|(rows, last)| {
        let only = |request: &mut Request| request.candidates.retain(|candidate| rows.contains(&candidate.row));
        happenings.decide_as(later(*last, 1), only)
    });
    line("each conversation alone, the day after it ends", &alone.collect::<Vec<_>>());
    for (days, date) in [(1, "2024-01-13"), (183, "2024-07-13"), (732, "2026-01-13")] {
        let at = later(last, days);
        assert!(at.to_string().starts_with(date), "{at}");
        line(&format!("all, {date}"), &happenings.decide(at));
        line(&format!("all, {date}, taken for lasting facts"), &lasting.decide(at));
    }
    println!("{table}");
    Some(format!("\n{table}\n"))
}

fn later(time: Timestamp, days: i64) -> Timestamp {
    time.plus(Span::days(days).unwrap())
}

/// The rows of each conversation and its last time. A row's details name the conversation as part of its thread.
fn conversations(made: &[Made]) -> BTreeMap<String, (BTreeSet<RowId>, Timestamp)> {
    let mut conversations = BTreeMap::new();
    for Made { draft, .. } in made {
        let details: serde_json::Value = serde_json::from_str(draft.body.details().unwrap()).unwrap();
        let (name, _) = details["thread_id"].as_str().unwrap().split_once("-session-").unwrap();
        let (rows, last) = conversations.entry(name.to_owned()).or_insert((BTreeSet::new(), draft.stated_at));
        rows.insert(draft.row.clone());
        *last = draft.stated_at.max(*last);
    }
    assert_eq!(conversations.len(), 10);
    conversations
}

/// With a comma between thousands.
fn thousands(number: u64) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}
