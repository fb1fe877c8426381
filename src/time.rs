//! Points in time and spans, in milliseconds. There is no clock here.

use std::fmt;
use std::str::FromStr;

use chrono::format::ParseErrorKind;
use chrono::{DateTime, Datelike as _, Timelike as _};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, within the years 0001 to 9999.
///
/// ```
/// use stillgood::Timestamp;
/// let at: Timestamp = "2026-02-12T19:00:00+01:00".parse()?;
/// assert_eq!(at.to_string(), "2026-02-12T18:00:00.000Z");
/// # Ok::<(), stillgood::TimeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

/// A length of time in milliseconds; negative before, positive after.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span(i64);

/// Why a text or number is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not RFC 3339.
    #[error("expected a time such as 2026-02-12T18:00:00Z")]
    NotATime,
    /// A day, hour or offset that no calendar has.
    #[error("there is no such day, hour or offset")]
    NoSuchTime,
    /// Outside the years 0001 to 9999.
    #[error("a time lies within the years 0001 to 9999")]
    OutOfRange,
}

const FIRST: i64 = -62_135_596_800_000; // 0001-01-01T00:00:00.000Z
const LAST: i64 = 253_402_300_799_999; // 9999-12-31T23:59:59.999Z

impl Timestamp {
    /// From milliseconds since the epoch.
    ///
    /// # Errors
    /// [`TimeError::OutOfRange`] outside the years 0001 to 9999.
    pub const fn from_millis(millis: i64) -> Result<Self, TimeError> {
        if millis < FIRST || millis > LAST { Err(TimeError::OutOfRange) } else { Ok(Timestamp(millis)) }
    }

    /// Milliseconds since the epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// How long after `earlier` this is; negative if it is before.
    pub const fn since(self, earlier: Timestamp) -> Span {
        Span(self.0 - earlier.0)
    }

    /// This time moved by a span, held within the years 0001 to 9999.
    #[must_use]
    pub fn plus(self, span: Span) -> Self {
        Timestamp(self.0.saturating_add(span.0).clamp(FIRST, LAST))
    }

    /// The one text form, RFC 3339 with three decimals and `Z`, at the end of a line that is being written.
    pub(crate) fn push(self, line: &mut Vec<u8>) {
        line.extend_from_slice(&self.canonical());
    }

    fn canonical(self) -> [u8; 24] {
        let time = DateTime::from_timestamp_millis(self.0).expect("held within the years 0001 to 9999").naive_utc();
        let two = |number: u32| [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        let (year, millis) = (time.year().unsigned_abs(), time.and_utc().timestamp_subsec_millis());
        let ([a, b], [c, d], [e, f]) = (two(year / 100), two(year % 100), two(time.month()));
        let ([g, h], [i, j], [k, l]) = (two(time.day()), two(time.hour()), two(time.minute()));
        let ([m, n], [o, p], [_, q]) = (two(time.second()), two(millis / 10), two(millis % 10));
        [a, b, c, d, b'-', e, f, b'-', g, h, b'T', i, j, b':', k, l, b':', m, n, b'.', o, p, q, b'Z']
    }

    /// The canonical text only, as signed lines have it: UTC, three decimals, `Z`.
    pub(crate) fn from_canonical(text: &str) -> Option<Self> {
        let time: Timestamp = text.parse().ok()?;
        (time.to_string() == text).then_some(time)
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    /// Any RFC 3339 time, with any offset. Digits past the millisecond are cut off.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|error| match error.kind() {
            ParseErrorKind::OutOfRange | ParseErrorKind::Impossible => TimeError::NoSuchTime,
            _ => TimeError::NotATime,
        })?;
        Timestamp::from_millis(parsed.timestamp_millis())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.canonical()).expect("digits and signs"))
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// From milliseconds; every value is legal.
    pub const fn from_millis(millis: i64) -> Self {
        Span(millis)
    }

    /// Whole days of 24 hours; `None` on overflow.
    pub const fn days(days: i64) -> Option<Self> {
        match days.checked_mul(86_400_000) {
            Some(millis) => Some(Span(millis)),
            None => None,
        }
    }

    /// Whole hours; `None` on overflow.
    pub const fn hours(hours: i64) -> Option<Self> {
        match hours.checked_mul(3_600_000) {
            Some(millis) => Some(Span(millis)),
            None => None,
        }
    }

    /// Whole minutes; `None` on overflow.
    pub const fn minutes(minutes: i64) -> Option<Self> {
        match minutes.checked_mul(60_000) {
            Some(millis) => Some(Span(millis)),
            None => None,
        }
    }

    /// In milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }
}

/// Clocks of two machines may differ by so much: what lies ahead by more was not said, seen or fetched yet.
#[cfg(any(feature = "evidence", feature = "import"))]
pub(crate) const CLOCKS_DIFFER: Span = Span::from_millis(5 * 60 * 1000);

/// A text that is no span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a span such as `14 days`, `6 hours` or `15 minutes`")]
pub struct SpanError;

impl FromStr for Span {
    type Err = SpanError;

    /// A whole number, a space, and `days`, `hours` or `minutes`.
    fn from_str(text: &str) -> Result<Self, SpanError> {
        let (number, unit) = text.split_once(' ').ok_or(SpanError)?;
        let number: i64 = number.parse().map_err(|_| SpanError)?;
        let span = match unit {
            "day" | "days" => Span::days(number),
            "hour" | "hours" => Span::hours(number),
            "minute" | "minutes" => Span::minutes(number),
            _ => None,
        };
        span.ok_or(SpanError)
    }
}

impl fmt::Display for Span {
    /// The largest unit that leaves a whole number of at least two, rounded down: `13 days`, `36 hours`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let units = [
            (365 * 86_400_000, "years"),
            (86_400_000, "days"),
            (3_600_000, "hours"),
            (60_000, "minutes"),
            (1_000, "seconds"),
        ];
        match units.iter().find(|(length, _)| millis / length >= 2) {
            Some((length, unit)) => write!(f, "{sign}{} {unit}", millis / length),
            None => write!(f, "{sign}{millis} ms"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_the_calendar_are_the_limits_of_a_timestamp() {
        assert_eq!(Timestamp(FIRST).to_string(), "0001-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(LAST).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!("0000-12-31T23:59:59Z".parse::<Timestamp>(), Err(TimeError::OutOfRange));
        assert_eq!("yesterday".parse::<Timestamp>(), Err(TimeError::NotATime));
        for none in ["2025-02-30T00:00:00Z", "2025-01-01T24:00:00Z", "2025-01-01T00:00:00+24:00"] {
            assert_eq!(none.parse::<Timestamp>(), Err(TimeError::NoSuchTime), "{none}");
        }
        assert_eq!(Timestamp::from_millis(LAST + 1), Err(TimeError::OutOfRange));
    }

    #[test]
    fn signed_lines_have_one_text_per_time() {
        assert!(Timestamp::from_canonical("2026-02-12T18:00:00.000Z").is_some());
        for other in [
            "2026-02-12T18:00:00Z",
            "2026-02-12T18:00:00.000+00:00",
            "2026-02-12T18:00:00.0000Z",
            "2026-02-12t18:00:00.000z",
        ] {
            assert!(Timestamp::from_canonical(other).is_none(), "{other}");
        }
    }

    #[test]
    fn spans_read_like_a_person_would_say_them() {
        assert_eq!(Span::days(13).unwrap().to_string(), "13 days");
        assert_eq!(Span::hours(36).unwrap().to_string(), "36 hours");
        assert_eq!(Span::days(-800).unwrap().to_string(), "-2 years");
        assert_eq!(Span::from_millis(5).to_string(), "5 ms");
    }
}
