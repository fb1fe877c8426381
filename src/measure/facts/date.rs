//! Dates as public facts have them: a moment, a day, a month or a year.

use std::str::FromStr;

use crate::time::{TimeError, Timestamp};

/// A stretch of time that a text names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Date {
    /// Its first moment.
    pub(super) first: Timestamp,
    /// Where something ends that ends on it: for a month or a year its end, else its first moment.
    pub(super) over: Timestamp,
}

impl FromStr for Date {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let at = |text: String| text.parse::<Timestamp>();
        let number = |part: Option<&str>| part.and_then(|part| part.parse::<i64>().ok()).ok_or(TimeError::NotATime);
        let is_dated = |form: &[u8]| {
            text.len() == form.len()
                && text.bytes().zip(form).all(|(b, form)| if *form == b'0' { b.is_ascii_digit() } else { b == *form })
        };
        if is_dated(b"0000") {
            let first = at(format!("{text}-01-01T00:00:00Z"))?;
            return Ok(Date { first, over: end_of_year(first) });
        }
        if is_dated(b"0000-00") {
            let (year, month) = (number(text.get(..4))?, number(text.get(5..))?);
            let first = at(format!("{text}-01T00:00:00Z"))?;
            let over = match month {
                12 => end_of_year(first),
                _ => at(format!("{year:04}-{:02}-01T00:00:00Z", month + 1))?,
            };
            return Ok(Date { first, over });
        }
        let first = if is_dated(b"0000-00-00") { at(format!("{text}T00:00:00Z"))? } else { text.parse()? };
        Ok(Date { first, over: first })
    }
}

/// The first moment of a year from 1 to 9999.
pub(super) fn year(number: i64) -> Option<Timestamp> {
    (1..=9999).contains(&number).then(|| format!("{number:04}-01-01T00:00:00Z").parse().ok()).flatten()
}

/// The first moment after the year in which this one lies; that of the last year is the last moment there is.
pub(super) fn end_of_year(at: Timestamp) -> Timestamp {
    let number = at.to_string().get(..4).and_then(|text| text.parse::<i64>().ok()).unwrap_or(9999);
    let last = "9999-12-31T23:59:59.999Z".parse().expect("the last moment there is");
    year(number + 1).unwrap_or(last)
}
