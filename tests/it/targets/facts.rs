//! Files of facts and of labelled rows: what is taken can be asked about, and what is refused is refused in one line.

use stillgood::Timestamp;
use stillgood::measure::Sample;
use stillgood::measure::facts::{self, Content, End, FactsError};

pub(super) fn target(bytes: &[u8]) -> bool {
    let content = match facts::read(bytes) {
        Ok(content) => content,
        Err(error) => {
            assert!(!error.to_string().contains(['\n', '\u{1b}']), "a refusal is one line: {error:?}");
            let lines = bytes.split(|byte| *byte == b'\n').count();
            assert!(!matches!(error, FactsError::Line { line, .. } if line == 0 || line > lines), "{error:?}");
            return false;
        }
    };
    let sample = Sample::of(&content);
    assert!(sample.held() <= sample.rows());
    assert!(sample.subjects() <= sample.statements() && sample.attributes().count() <= sample.statements());
    match &content {
        Content::Facts(facts) => {
            assert_eq!(sample.statements(), facts.facts.len());
            assert!(sample.rows() <= 7 * facts.facts.len());
            for fact in &facts.facts {
                let (End::At(over) | End::SeenUntil(over)) = fact.end;
                assert!(fact.from < over, "a fact lasts: {fact:?}");
                legal(fact.from);
                legal(over);
            }
        }
        Content::Labelled(rows) => {
            assert_eq!((sample.statements(), sample.rows()), (rows.len(), rows.len()));
            assert!(rows.iter().all(|row| row.stated <= row.asked));
        }
    }
    sample.rows() > 0
}

fn legal(time: Timestamp) {
    assert_eq!(Timestamp::from_millis(time.millis()), Ok(time));
}
