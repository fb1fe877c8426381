//! A failing history, made as short as it can be told.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::model::Blind;
use super::step::{Step, What};
use super::world;

/// Runs a history. A panic is a failure like others.
pub(super) fn outcome(history: &[Step], blind: Blind) -> world::Outcome<world::Tally> {
    catch_unwind(AssertUnwindSafe(|| world::run(history, blind))).unwrap_or_else(|panic| {
        let told = panic.downcast_ref::<String>().cloned();
        let told = told.or_else(|| panic.downcast_ref::<&str>().map(|&told| told.to_owned()));
        Err(format!("panic: {}", told.unwrap_or_default()))
    })
}

/// What kind of failure it is: one that fails for another reason is another story.
fn kind(failure: &str) -> &str {
    let kind = failure.split(':').next().unwrap_or_default();
    // Which row it shows at does not matter.
    kind.trim_start_matches(|c: char| c == 'm' || c.is_ascii_digit())
}

/// The shortest history found that fails in the same way, and how it fails.
pub(super) fn shrunk(history: Vec<Step>, failed: String, blind: Blind) -> (Vec<Step>, String) {
    let (mut history, mut failed) = (history, failed);
    loop {
        let next = shorter(&history).into_iter().find_map(|shorter| {
            let again = outcome(&shorter, blind).err()?;
            (kind(&again) == kind(&failed)).then_some((shorter, again))
        });
        match next {
            Some(next) => (history, failed) = next,
            None => return (history, failed),
        }
    }
}

/// Histories with something less in them, those with the most less first.
fn shorter(history: &[Step]) -> Vec<Vec<Step>> {
    let mut all = vec![];
    let mut size = history.len() / 2;
    while size >= 1 {
        for begin in (0..history.len()).step_by(size) {
            let end = (begin + size).min(history.len());
            all.push([&history[..begin], &history[end..]].concat());
        }
        size /= 2;
    }
    for (place, step) in history.iter().enumerate() {
        for what in simpler(&step.what) {
            let mut with = history.to_vec();
            with[place].what = what;
            all.push(with);
        }
        if step.handle != 0 {
            let mut with = history.to_vec();
            with[place].handle = 0;
            all.push(with);
        }
    }
    // All at once, as early as the next.
    for place in 1..history.len() {
        let pause = history[place].hour - history[place - 1].hour;
        if pause > 0 {
            let mut with = history.to_vec();
            with[place..].iter_mut().for_each(|step| step.hour -= pause);
            all.push(with);
        }
    }
    all
}

/// A step with one thing less.
fn simpler(what: &What) -> Vec<What> {
    let mut all = vec![];
    match what {
        What::Import(said) => {
            for place in 0..said.len() {
                let mut with = said.clone();
                with.remove(place);
                all.push(What::Import(with));
            }
            for (place, one) in said.iter().enumerate() {
                let mut plain = vec![];
                plain.extend(one.link.is_some().then(|| super::Said { link: None, ..one.clone() }));
                plain.extend(one.only.is_some().then(|| super::Said { only: None, ..one.clone() }));
                plain.extend(one.valid_from.is_some().then(|| super::Said { valid_from: None, ..one.clone() }));
                plain.extend(one.valid_until.is_some().then(|| super::Said { valid_until: None, ..one.clone() }));
                plain.extend(one.even_if_forgotten.then(|| super::Said { even_if_forgotten: false, ..one.clone() }));
                plain.extend(one.by_user.then(|| super::Said { by_user: false, ..one.clone() }));
                plain.extend((one.ago != 0).then(|| super::Said { ago: 0, ..one.clone() }));
                for plain in plain {
                    let mut with = said.clone();
                    with[place] = plain;
                    all.push(What::Import(with));
                }
            }
        }
        What::Decide { candidates, past, earlier, other_set, asks } => {
            let with = |candidates: Vec<_>, past, earlier, other_set, asks| What::Decide {
                candidates,
                past,
                earlier,
                other_set,
                asks,
            };
            for place in 0..candidates.len() {
                let mut fewer = candidates.clone();
                fewer.remove(place);
                all.push(with(fewer, *past, *earlier, *other_set, *asks));
            }
            all.extend(past.then(|| with(candidates.clone(), false, *earlier, *other_set, *asks)));
            all.extend((*earlier != 0).then(|| with(candidates.clone(), *past, 0, *other_set, *asks)));
            all.extend(other_set.then(|| with(candidates.clone(), *past, *earlier, false, *asks)));
            all.extend((*asks != 1).then(|| with(candidates.clone(), *past, *earlier, *other_set, 1)));
        }
        What::Use { back, rows, answer, again, earlier, by } => {
            for place in 0..rows.len() {
                let mut fewer = rows.clone();
                fewer.remove(place);
                let (back, answer, again, earlier, by) = (*back, *answer, *again, *earlier, *by);
                all.push(What::Use { back, rows: fewer, answer, again, earlier, by });
            }
            if *earlier != 0 {
                let (back, answer, again, by) = (*back, *answer, *again, *by);
                all.push(What::Use { back, rows: rows.clone(), answer, again, earlier: 0, by });
            }
        }
        What::Earn { row, word, text, back, by, later } => {
            let (row, word, text, by) = (*row, *word, *text, *by);
            all.extend(back.is_some().then_some(What::Earn { row, word, text, back: None, by, later: *later }));
            all.extend((*later != 0).then_some(What::Earn { row, word, text, back: *back, by, later: 0 }));
        }
        What::Kill => all.push(What::Reopen),
        _ => {}
    }
    all
}

/// The story of a failure, for a person to read.
pub(super) fn story(history: &[Step], failed: &str) -> String {
    let steps: Vec<String> = history.iter().map(|step| format!("{step};\n")).collect();
    format!("{}then: {failed}", steps.concat())
}
