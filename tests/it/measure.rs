//! What is measured on public facts, which are beside the project: the figures do not come out worse unseen.

use stillgood::measure::{self, Evaluation, Sample, TO_BEAT, facts};

use crate::support::shared;

fn evaluated(name: &str) -> Option<(Sample, Evaluation)> {
    let sample = Sample::of(&facts::read(&shared(&format!("data/{name}"))?).unwrap());
    let evaluation = measure::evaluate(&sample, None, &[]).unwrap();
    Some((sample, evaluation))
}

/// AUC, log loss, calibration error, and the share to ask about, of a method.
fn figures(evaluation: &Evaluation, name: &str) -> [f64; 4] {
    let metrics = evaluation.methods.iter().find(|method| method.name == name).unwrap().metrics;
    [metrics.auc.unwrap(), metrics.log_loss, metrics.ece, metrics.asked]
}

fn near(came: [f64; 4], expected: [f64; 4]) {
    assert!(came.iter().zip(expected).all(|(came, expected)| (came - expected).abs() < 6e-4), "{came:?} {expected:?}");
}

/// The expected figures of the baselines were worked out apart from this code, with other crates and in another language.
#[test]
fn public_facts_about_states_clubs_and_companies() {
    let Some((sample, evaluation)) = evaluated("dyknow.jsonl") else { return };
    assert_eq!((sample.rows(), sample.statements(), sample.left_out().sum()), (7_402, 1_128, 25));
    near(figures(&evaluation, "attribute x tenure, whole facts"), [0.8507, 0.5969, 0.1933, 0.9104]);
    near(figures(&evaluation, TO_BEAT), [0.8651, 0.4560, 0.0135, 0.9243]);
    near(figures(&evaluation, "lengths of past facts"), [0.8640, 0.4597, 0.0253, 0.8973]);
    let [auc, log_loss, ece, asked] = figures(&evaluation, "stillgood");
    assert!(auc > 0.865 && log_loss < 0.457 && ece < 0.035 && asked < 0.9, "{auc} {log_loss} {ece} {asked}");
    assert!(auc > figures(&evaluation, TO_BEAT)[0] && log_loss < figures(&evaluation, TO_BEAT)[1]);
    assert!(evaluation.same_when_inflated);
}

#[test]
fn public_facts_about_people() {
    // All of them take a minute without optimisation: every tenth line.
    let Some(all) = shared("data/wikidata12k-personal.jsonl") else { return };
    let lines: Vec<&[u8]> = all.split(|byte| *byte == b'\n').step_by(10).collect();
    let sample = Sample::of(&facts::read(&lines.join(&b'\n')).unwrap());
    let evaluation = measure::evaluate(&sample, None, &[]).unwrap();
    assert!(sample.rows() > 9_000 && sample.left_out().without_end > 150);
    let ours = figures(&evaluation, "stillgood");
    for worse in
        ["always live", "0.995 per hour", "live for 365 days", "FSRS-6 on retrieval", "latest wins", "one hazard"]
    {
        let other = figures(&evaluation, worse);
        assert!(
            ours[0] > other[0] + 0.02 && ours[1] < other[1] && ours[3] < other[3],
            "{worse}: {other:?}, ours {ours:?}"
        );
    }
    assert!(ours[2] < 0.04, "{ours:?}");
}
