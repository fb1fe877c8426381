use std::collections::HashMap;

use serde_json::Value as Json;

use super::draws::Draws;
use super::facts::{self, Content};
use super::protocol::{Row, Sample};
use super::*;
use crate::survival::Tenure;
use crate::time::Span;

fn vectors() -> Json {
    serde_json::from_str(include_str!("../../tests/vectors/measure.json")).unwrap()
}

fn sample_of(lines: &[String]) -> Sample {
    Sample::of(&facts::read(lines.join("\n").as_bytes()).unwrap())
}

fn sample(vectors: &Json) -> Sample {
    let lines: Vec<String> = serde_json::from_value(vectors["facts"].clone()).unwrap();
    sample_of(&lines)
}

fn near(a: f64, b: f64, what: &str) {
    assert!((a - b).abs() < 1e-8, "{what}: {a} is not {b}");
}

#[test]
fn the_protocol_makes_the_rows_that_it_says() {
    let vectors = vectors();
    let sample = sample(&vectors);
    let expected = vectors["rows"].as_array().unwrap();
    assert_eq!(sample.rows(), expected.len());
    for (row, expected) in sample.all_rows().iter().zip(expected) {
        let millis = |name: &str| expected[name].as_i64().unwrap();
        assert_eq!(row.stated.millis(), millis("stated"));
        assert_eq!(row.asked.millis(), millis("asked"));
        assert_eq!(row.tenure, Tenure::Known(Span::from_millis(millis("tenure"))));
        assert_eq!(row.held, expected["held"].as_bool().unwrap());
        assert_eq!(i64::from(sample.fold(row.subject)), millis("fold"));
    }
    let left = sample.left_out();
    let expected = |name: &str| vectors["left_out"][name].as_u64().unwrap() as usize;
    assert_eq!(
        [left.without_start, left.ends_first, left.without_end, left.unseen],
        ["without_start", "ends_first", "without_end", "unseen"].map(expected)
    );
}

#[test]
fn every_baseline_gives_the_chances_of_its_definition() {
    let vectors = vectors();
    let sample = sample(&vectors);
    let methods = baselines::all(&sample);
    let expected = vectors["methods"].as_array().unwrap();
    assert_eq!(expected.len(), 13);
    for expected in expected {
        let name = expected["name"].as_str().unwrap();
        let method = methods.iter().find(|method| method.name == name).unwrap_or_else(|| panic!("no {name}"));
        let chances: Vec<f64> = serde_json::from_value(expected["chances"].clone()).unwrap();
        assert_eq!(method.chances.len(), chances.len());
        for (place, (ours, theirs)) in method.chances.iter().zip(chances).enumerate() {
            near(*ours, theirs, &format!("{name}, row {place}"));
        }
    }
}

#[test]
fn figures_are_those_of_their_definitions_pair_by_pair_and_row_by_row() {
    let vectors = vectors();
    let sample = sample(&vectors);
    let resamples = Resamples::of(sample.subjects());
    for method in vectors["methods"].as_array().unwrap() {
        let name = method["name"].as_str().unwrap();
        let chances = serde_json::from_value(method["chances"].clone()).unwrap();
        let ranking = ranking(&sample, &Method::new(name, chances));
        let drawn = resamples.figures(&ranking);
        for (ours, theirs) in [(ranking.metrics().figures(), "figures"), (drawn[0], "first_resample")] {
            let theirs: Figures = serde_json::from_value(method[theirs].clone()).unwrap();
            for ((ours, theirs), figure) in ours.iter().zip(theirs).zip(metrics::FIGURES) {
                near(ours.unwrap(), theirs.unwrap(), &format!("{name}, {figure}"));
            }
        }
    }
}

#[test]
fn the_brier_score_is_the_sum_of_its_parts_where_chances_of_a_bin_are_equal() {
    let chances: Vec<f64> = (0..900).map(|row| f64::from(row % 9) / 10.0).collect();
    // Of each chance, from two to six of ten held.
    let rows = (0..900).map(|row| (row, row / 9 % 10 < 2 + row % 9 / 2));
    let metrics = Ranking::new(&chances, rows).metrics();
    let sum = metrics.reliability - metrics.resolution + metrics.uncertainty;
    near(metrics.brier, sum, "Murphy's parts");
    assert!(metrics.resolution > 0.01 && metrics.reliability > 0.001);
}

#[test]
fn what_is_asked_about_together_is_asked_about_together() {
    // Forty of chance 0.9, two of them stale; sixty of chance 0.5, half stale.
    let chances: Vec<f64> = (0..100).map(|row| if row < 40 { 0.9 } else { 0.5 }).collect();
    let rows = || (0..100).map(|row| (row, if row < 40 { row > 1 } else { row % 2 == 0 }));
    let metrics = Ranking::new(&chances, rows()).metrics();
    near(metrics.asked, 0.6, "two of forty are five in a hundred");
    near(metrics.leak[2], 2.0 / 40.0, "of the twenty-five left, as many are stale as of the forty");
    near(metrics.retired[0], 0.5, "of the sixty any may be asked about");
    // A third stale one, and all must be asked about.
    let rows = rows().map(|(row, held)| (row, held && row != 2));
    near(Ranking::new(&chances, rows).metrics().asked, 1.0, "three of forty are more");
}

#[test]
fn where_all_held_there_is_no_ranking_and_nothing_to_ask() {
    let metrics = Ranking::new(&[0.2, 0.9], [(0, true), (1, true)].into_iter()).metrics();
    assert_eq!((metrics.auc, metrics.asked, metrics.leak), (None, 0.0, [0.0; 3]));
    let none = Ranking::new(&[], std::iter::empty()).metrics();
    assert_eq!((none.rows, none.auc, none.log_loss, none.asked), (0, None, 0.0, 0.0));
}

#[test]
fn one_sure_mistake_costs_as_much_as_the_clamp_says() {
    let metrics = Ranking::new(&[1.0], [(0, false)].into_iter()).metrics();
    near(metrics.log_loss, -(1e-4_f64).ln(), "clamped");
    near(metrics.brier, 1.0, "not clamped");
}

/// Facts whose lengths are drawn with a known rate, which some attributes have and others do not.
fn made_up(seed: usize, subjects: usize) -> Vec<String> {
    let mut lines = vec![];
    for subject in 0..subjects {
        for (attribute, years) in [("fast", 1.0), ("slow", 12.0)] {
            let mut draws = Draws::of(attribute, seed * 1_000_000 + subject);
            let (mut year, mut number) = (1900.0, 0);
            while year < 2000.0 && number < 6 {
                let end = year + 0.2 + draws.waiting(1.0 / years);
                let date = |year: f64| format!("{:04}-{:02}-01", year.floor(), (year.fract() * 12.0) as u32 + 1);
                if date(end) > date(year) {
                    lines.push(format!(
                        r#"{{"subject": "s{subject}", "attribute": "{attribute}", "value": "{number}", "start": "{}", "end": "{}"}}"#,
                        date(year),
                        date(end)
                    ));
                }
                (year, number) = (end, number + 1);
            }
        }
    }
    lines
}

/// On facts of two known rates ours ranks as well as can be had, and means what it says.
#[test]
fn on_facts_of_known_rates_ours_is_calibrated_and_beats_what_ignores_attributes() {
    let sample = sample_of(&made_up(1, 150));
    let evaluation = evaluate(&sample, None, &[]).unwrap();
    let of = |name: &str| evaluation.methods.iter().find(|method| method.name == name).unwrap();
    let (ours, one) = (of("stillgood"), of("one hazard"));
    assert!(ours.metrics.ece < 0.04, "{:?}", ours.metrics);
    assert!(ours.metrics.auc > one.metrics.auc && ours.metrics.log_loss < one.metrics.log_loss);
    let (low, high) = (ours.intervals[1].unwrap()[0], ours.intervals[1].unwrap()[1]);
    let auc = ours.metrics.auc.unwrap();
    assert!(low < auc && auc < high && high - low < 0.1, "{low} {auc} {high}");
    assert!(of(TO_BEAT).difference.is_none() && ours.difference.is_some());
    assert!(evaluation.same_when_inflated);
    // What was counted for one attribute is not read where another stands.
    let perturbed: HashMap<_, _> =
        evaluation.perturbed.iter().map(|(name, metrics)| (name.as_str(), metrics)).collect();
    let worse =
        ["another attribute in 20 of 100 rows", "another attribute in all rows"].map(|name| perturbed[name].log_loss);
    assert!(ours.metrics.log_loss < worse[0] && worse[0] < worse[1], "{worse:?}");
    assert_eq!(evaluation.unseen.len(), 2);
    assert!(evaluation.unseen.iter().all(|one| one.seen.log_loss < one.unseen.log_loss));
    // The one to beat learns from what questions find, and whole facts are not that.
    let [to_beat, whole] = [TO_BEAT, "attribute x tenure, whole facts"].map(|name| of(name).metrics);
    assert!(to_beat.ece < whole.ece && to_beat.log_loss < whole.log_loss, "{to_beat:?} {whole:?}");
}

/// What an owner learns at a later question they do not know before, whichever way it comes out.
#[test]
fn no_answer_to_a_later_question_is_part_of_a_history() {
    let others: Vec<_> = (0..40).map(|place| (format!("o{place}"), place % 3 > 0)).collect();
    let chances = |first_held: bool| {
        let mut rows = vec![("s", "2000-01-01", "2010-01-01", first_held), ("s", "2005-01-01", "2006-01-01", true)];
        rows.extend(others.iter().map(|(subject, held)| (subject.as_str(), "2000-01-01", "2003-01-01", *held)));
        let sample = labelled(&rows);
        let table = SurvivalTable::by_hand();
        shipped::methods(&sample, &Tables::given(&table))
    };
    for (held, changed) in chances(true).iter().zip(&chances(false)) {
        if held.name.contains("latest") {
            continue;
        }
        assert_eq!(held.chances[1], changed.chances[1], "{}", held.name);
    }
    let answered = |held| labelled(&[("s", "2000-01-01", "2004-01-01", held), ("s", "2005-01-01", "2006-01-01", true)]);
    let history = |held| {
        let sample = answered(held);
        let ours = shipped::methods(&sample, &Tables::given(&SurvivalTable::by_hand()));
        ours.iter().find(|method| method.name.contains("history")).unwrap().chances[1]
    };
    assert!(history(true) > history(false), "an earlier answer is part of it");
}

/// Questions after the day on which what is open was last seen have one answer.
#[test]
fn questions_after_all_was_seen_can_be_left_out() {
    let fact = |subject: &str, end: &str| {
        format!(r#"{{"subject": "{subject}", "attribute": "a", "value": "v", "start": "2015-01-01", "end": {end}}}"#)
    };
    let ended = fact("s", r#""2020-01-01""#);
    assert!(sample_of(std::slice::from_ref(&ended)).while_seen().is_none(), "nothing is open");
    let sample = sample_of(&[ended, fact("t", "null")]);
    let last = sample.all_rows().iter().filter(|row| row.subject == 1).map(|row| row.asked).max().unwrap();
    let seen = sample.while_seen().unwrap();
    let late: Vec<&Row> =
        sample.all_rows().iter().filter(|row| !seen.all_rows().iter().any(|one| one.asked == row.asked)).collect();
    assert!(!late.is_empty() && late.iter().all(|row| !row.held && row.asked > last));
    assert_eq!(seen.rows() + late.len(), sample.rows());
}

/// What is measured on a fold is not learned from it: turning what is true of one subject's rows around changes no chance of theirs.
#[test]
fn no_row_is_measured_with_what_was_learned_from_its_own_subject() {
    let lines = made_up(2, 40);
    let own = r#""subject": "s3","#;
    let longer = |line: &String| match line.contains(own) {
        true => line.replace(r#""end": "19"#, r#""end": "20"#),
        false => line.clone(),
    };
    let (before, after) = (sample_of(&lines), sample_of(&lines.iter().map(longer).collect::<Vec<_>>()));
    let own = lines.iter().find(|line| line.contains(own)).map(|line| sample_of(std::slice::from_ref(line)));
    let fold = own.map(|own| own.fold(0)).unwrap();
    let tables = [Tables::fitted(&before), Tables::fitted(&after)];
    let is_same = |row: &&Row| {
        let of = shipped::standing(&before, row);
        tables[0].chance(&before, row, &of) == tables[1].chance(&before, row, &of)
    };
    let (inside, outside): (Vec<&Row>, Vec<&Row>) =
        before.all_rows().iter().partition(|row| before.fold(row.subject) == fold);
    assert!(inside.len() > 20 && inside.iter().all(is_same), "its own fold learned nothing from it");
    assert!(!outside.iter().all(is_same), "the others did");
}

/// A question that is asked at another time keeps its statement, and is answered anew.
#[test]
fn questions_at_other_times_are_answered_by_what_was_true_then() {
    let sample = sample_of(&made_up(3, 20));
    let moved = sample.at_other_times();
    assert_eq!(moved.rows(), sample.rows());
    let mut turned = 0;
    for (before, after) in sample.all_rows().iter().zip(moved.all_rows()) {
        let stretch = after.gap().millis() as f64 / before.gap().millis() as f64;
        assert!((0.749..1.251).contains(&stretch), "{stretch}");
        assert_eq!((before.stated, before.tenure), (after.stated, after.tenure));
        assert!(!(after.asked > before.asked && after.held && !before.held), "what had changed did not come back");
        turned += usize::from(before.held != after.held);
    }
    assert!(turned > 0);
}

fn labelled(rows: &[(&str, &str, &str, bool)]) -> Sample {
    let line = |(subject, stated, asked, held): &(&str, &str, &str, bool)| {
        format!(
            r#"{{"subject": "{subject}", "attribute": "a", "stated": "{stated}", "asked": "{asked}", "held": {held}}}"#
        )
    };
    sample_of(&rows.iter().map(line).collect::<Vec<_>>())
}

#[test]
fn a_labelled_row_is_watched_from_its_statement_to_its_question() {
    let sample = labelled(&[("s", "2020-01-01", "2021-01-01", true), ("s", "2020-01-01", "2022-01-01", false)]);
    let watched = sample.watched(protocol::Days::FirstAndLast, |_| true);
    let after = |days| Span::days(days).unwrap();
    assert_eq!(watched[0].outcome, crate::survival::Outcome::Held { until: after(366) });
    assert_eq!(watched[1].outcome, crate::survival::Outcome::EndedBefore { asked_after: after(731) });
    assert!(watched.iter().all(|one| one.weight == 1.0 && one.tenure == Tenure::AtLeast(Span::ZERO)));
}

#[test]
fn the_moments_of_a_fact_weigh_one_together_and_lie_evenly_in_it() {
    let line = r#"{"subject": "s", "attribute": "a", "start": "2000-01-01", "end": "2000-02-02"}"#;
    let watched = sample_of(&[line.into()]).watched(protocol::Days::FirstAndLast, |_| true);
    assert_eq!(watched.len(), 16);
    assert_eq!(watched.iter().map(|one| one.weight).sum::<f64>(), 1.0);
    for (place, one) in watched.iter().enumerate() {
        // 32 days: from the end of the first on, every other one.
        let held_for = Span::days(1 + 2 * place as i64).unwrap();
        let rest = Span::days(31 - 2 * place as i64).unwrap();
        assert_eq!(
            (one.tenure, &one.outcome),
            (Tenure::Known(held_for), &crate::survival::Outcome::Ended { after: rest })
        );
    }
}

#[test]
fn without_subjects_in_two_folds_only_a_given_table_is_measured() {
    let sample = labelled(&[("s", "2020-01-01", "2021-01-01", true), ("s", "2020-01-01", "2022-01-01", false)]);
    assert_eq!(evaluate(&sample, None, &[]).unwrap_err(), EvaluateError::OneFold);
    let evaluation = evaluate(&sample, Some(&SurvivalTable::by_hand()), &[]).unwrap();
    let names: Vec<&str> = evaluation.methods.iter().map(|method| method.name.as_str()).collect();
    assert!(names.contains(&"stillgood") && !names.contains(&TO_BEAT), "{names:?}");
    assert_eq!(evaluate(&Sample::of(&Content::Labelled(vec![])), None, &[]).unwrap_err(), EvaluateError::NoRows);
}

#[test]
fn a_row_whose_parent_changed_is_held_back_by_the_method_that_says_so_alone() {
    let line = |subject: usize, changed: &str, held| {
        format!(
            r#"{{"subject": "s{subject}", "attribute": "a", "stated": "2020", "asked": "2021", "held": {held}{changed}}}"#
        )
    };
    let mut lines: Vec<String> = (0..20).map(|subject| line(subject, "", true)).collect();
    lines.push(line(20, r#", "parent_changed": true"#, false));
    lines.push(line(21, r#", "parent_changed": false"#, true));
    let sample = sample_of(&lines);
    let ours = shipped::methods(&sample, &Tables::fitted(&sample));
    let [table, held_back] = ["stillgood", "stillgood, rows of changed parents held back"]
        .map(|name| &ours.iter().find(|method| method.name == name).unwrap().chances);
    assert_eq!(held_back[20], shipped::REPLACED);
    assert!(table[20] > 0.5 && held_back[21] == table[21] && held_back[..20] == table[..20]);
}

/// Of labelled rows nobody knows when what changed did. A fit on them is calibrated all the same.
#[test]
fn changes_at_unknown_times_are_learned_from() {
    let line = |place: usize| {
        let mut draws = Draws::of("labelled", place);
        // One change in three years on average, asked about after up to ten.
        let (asked_after, lasts) = (40 + draws.below(3_600) as i64, draws.waiting(1.0 / 1_096.0) as i64);
        let stated = "1990-01-01T00:00:00Z".parse::<crate::time::Timestamp>().unwrap();
        let asked = stated.plus(Span::days(asked_after).unwrap());
        format!(
            r#"{{"subject": "s{}", "attribute": "a", "stated": "{stated}", "asked": "{asked}", "held": {}}}"#,
            place / 4,
            lasts > asked_after
        )
    };
    let sample = sample_of(&(0..1_200).map(line).collect::<Vec<_>>());
    let evaluation = evaluate(&sample, None, &[]).unwrap();
    let ours = evaluation.methods.iter().find(|method| method.name == "stillgood").unwrap();
    assert!(ours.metrics.ece < 0.06 && ours.metrics.auc.unwrap() > 0.75, "{:?}", ours.metrics);
}

/// A fact from 2000 to 2001 lasted between no time at all and two years, not two years to the day.
#[test]
fn where_only_years_are_known_a_table_is_made_of_days_that_are_drawn() {
    let line = r#"{"subject": "s", "attribute": "a", "start_year": 2000, "end_year": 2001}"#;
    let sample = sample_of(&vec![line.to_owned(); 200]);
    let length = |one: &crate::survival::Watched| match (one.tenure, one.outcome) {
        (Tenure::Known(held_for), crate::survival::Outcome::Ended { after }) => held_for.millis() + after.millis(),
        other => panic!("{other:?}"),
    };
    let year = 365 * 86_400_000;
    let lengths: Vec<i64> = sample.watched(protocol::Days::Drawn, |_| true).iter().map(length).collect();
    let mean = lengths.iter().sum::<i64>() / lengths.len() as i64;
    assert!(lengths.iter().all(|length| (0..=2 * year + 86_400_000).contains(length)));
    assert!((mean - year).abs() < year / 20, "a year on average, not {mean}");
    assert!(sample.watched(protocol::Days::FirstAndLast, |_| true).iter().all(|one| length(one) > 2 * year));
}
