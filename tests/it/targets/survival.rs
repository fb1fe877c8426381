//! Tables of chances: whatever is let in never rises, is written as it was read, and a person's own is such a table too.

use stillgood::{Categories, Category, Experience, Kind, Score, Span, Standing, SurvivalError, SurvivalTable, Tenure};

pub(super) fn target(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let table = match SurvivalTable::from_toml(text) {
        Ok(table) => table,
        Err(error) => {
            let line = error.to_string();
            assert!(!line.is_empty() && !line.contains('\n'), "{line:?}");
            return false;
        }
    };
    falls(&table);
    assert_eq!(
        SurvivalTable::from_toml(&table.to_toml()).as_ref(),
        Ok(&table),
        "written and read again, it is the same"
    );
    let lived: Vec<Experience> = bytes.iter().take(20).map(|byte| experience(*byte, &table)).collect();
    let (personal, _) = table.personal(&lived);
    falls(&personal);
    again(&personal);
    true
}

/// Written and read again, it is the same, unless it became too long.
fn again(table: &SurvivalTable) {
    match SurvivalTable::from_toml(&table.to_toml()) {
        Err(SurvivalError::TooLong) => {}
        read => assert_eq!(read.as_ref(), Ok(table)),
    }
}

fn experience(byte: u8, table: &SurvivalTable) -> Experience {
    let attribute = table.attributes().nth(usize::from(byte % 8)).map(str::to_owned);
    let mut categories = Categories::default();
    categories.insert(Category::ALL[usize::from(byte % 10)]);
    Experience {
        attribute,
        kind: Kind::Semantic,
        categories,
        tenure: Tenure::AtLeast(Span::ZERO),
        after: Span::days(i64::from(byte) * 20).unwrap(),
        changed: byte & 1 == 1,
    }
}

/// Every curve of a few attributes, and of every kind and category, falls with time, and passes through what lies between.
fn falls(table: &SurvivalTable) {
    let shape = table.shape();
    let attributes = table.attributes().take(4).map(Some).chain([None, Some("no table lists this")]);
    for attribute in attributes {
        for category in Category::ALL.iter().copied().map(Some).chain([None]) {
            for (place, tenure) in shape.tenures.iter().enumerate() {
                let tenure = if place % 2 == 0 { Tenure::Known(*tenure) } else { Tenure::AtLeast(*tenure) };
                let mut categories = Categories::default();
                category.into_iter().for_each(|category| categories.insert(category));
                let of = Standing { attribute, kind: Kind::ALL[place % 2], categories, tenure };
                let mut before = Score::ONE;
                for step in &shape.steps {
                    let just_before = Span::from_millis(step.millis() - 1);
                    let chance = table.chance(&of, *step);
                    let between = if *step == Span::ZERO { before } else { table.chance(&of, just_before) };
                    assert!(before >= between && between >= chance, "{of:?} rises");
                    before = chance;
                }
            }
        }
    }
}
