//! What a policy says of a row, and how many opinions become one verdict: the strictest wins.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::evidence::BoxKind;
use crate::text::is_name;

/// What may happen with a row. Ordered from loosest to strictest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// May stand in the prompt as true for what the request is about.
    Live,
    /// May be shown only in a block of its own, dated and marked unconfirmed.
    Background,
    /// Its text stays sealed; the reasons name what would clear it.
    ReEarn,
}

/// What would clear a row that must be re-earned.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Need {
    /// The user confirms it.
    Confirmation,
    /// It is seen again from an independent side.
    Observation,
    /// One box is checked again.
    Recheck(BoxKind),
    /// A contradiction is settled.
    Settle,
    /// The request says something else in this field: `[a-z0-9_.]{1,48}`.
    Request(String),
    /// Nothing would.
    Nothing,
    /// Something is broken: damage, or a policy's error. A fault, not a question to a person.
    Repair,
}

/// What one policy says of one row.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Opinion {
    /// How strict.
    pub stance: Stance,
    /// Why: `[a-z0-9-]{1,48}`.
    pub code: String,
    /// What would clear it; `None` for live and background.
    pub need: Option<Need>,
}

/// How strict an opinion is, before relevance is known. Ordered from loosest to strictest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stance {
    /// `live(code)`
    Live,
    /// `background(code)`
    Background,
    /// `stale(code, need)`: re-earn where the candidate is relevant, else background.
    Stale,
    /// `re_earn(code, need)`
    ReEarn,
}

impl Stance {
    /// The verdict, once it is known whether the candidate matters to the request.
    pub const fn verdict(self, relevant: bool) -> Verdict {
        match self {
            Stance::Live => Verdict::Live,
            Stance::Background => Verdict::Background,
            Stance::Stale if !relevant => Verdict::Background,
            Stance::Stale | Stance::ReEarn => Verdict::ReEarn,
        }
    }

    /// The name of the built-in that gives it.
    pub const fn name(self) -> &'static str {
        match self {
            Stance::Live => "live",
            Stance::Background => "background",
            Stance::Stale => "stale",
            Stance::ReEarn => "re_earn",
        }
    }
}

/// One reason of a ruling: which policy, why, and what would clear it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Reason {
    /// The policy's id, or `stillgood` for the core's own.
    pub policy: Cow<'static, str>,
    /// The code it gave.
    pub code: Cow<'static, str>,
    /// What would clear it; only where the verdict is re-earn.
    pub need: Option<Need>,
}

/// The core's own reasons.
impl Reason {
    const fn core(code: &'static str, need: Need) -> Self {
        Reason { policy: Cow::Borrowed("stillgood"), code: Cow::Borrowed(code), need: Some(need) }
    }

    /// No policy that may say live had an opinion.
    pub const fn unvouched() -> Self {
        Reason::core("unvouched", Need::Nothing)
    }

    /// The vault holds no such row.
    pub const fn unknown_row() -> Self {
        Reason::core("unknown-row", Need::Nothing)
    }

    /// Head or body did not open, or are not each other's.
    pub const fn damaged() -> Self {
        Reason::core("damaged", Need::Repair)
    }

    /// The row says it was stated or confirmed after the request.
    pub const fn from_the_future() -> Self {
        Reason::core("from-the-future", Need::Nothing)
    }

    /// A policy failed on this row.
    pub const fn policy_error() -> Self {
        Reason::core("policy-error", Need::Repair)
    }

    /// A policy took too many steps on this row.
    pub const fn over_budget() -> Self {
        Reason::core("over-budget", Need::Repair)
    }

    /// The text offered with the candidate is not the vault's.
    pub const fn text_differs() -> Self {
        Reason::core("text-differs", Need::Repair)
    }
}

impl Verdict {
    /// Its name in text.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Live => "live",
            Verdict::Background => "background",
            Verdict::ReEarn => "re-earn",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Need {
    /// Its text, in two parts.
    fn parts(&self) -> [&str; 2] {
        match self {
            Need::Confirmation => ["confirmation", ""],
            Need::Observation => ["observation", ""],
            Need::Recheck(kind) => ["recheck.", kind.name()],
            Need::Settle => ["settle", ""],
            Need::Request(field) => ["request.", field],
            Need::Nothing => ["nothing", ""],
            Need::Repair => ["repair", ""],
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().into_iter().try_for_each(|part| f.write_str(part))
    }
}

impl Reason {
    /// What is displayed, at the end of a line that is being written.
    pub(crate) fn push(&self, line: &mut Vec<u8>) {
        let mut put = |part: &str| line.extend_from_slice(part.as_bytes());
        [&self.policy, ":", &self.code].into_iter().for_each(&mut put);
        if let Some(need) = &self.need {
            put("=");
            need.parts().into_iter().for_each(put);
        }
    }
}

impl fmt::Display for Reason {
    /// `policy:code`, and `=need` where something would clear it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.policy, self.code)?;
        self.need.as_ref().map_or(Ok(()), |need| write!(f, "={need}"))
    }
}

/// A text that is no verdict, need or reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a {0}")]
pub struct ParseVerdictError(&'static str);

impl FromStr for Verdict {
    type Err = ParseVerdictError;
    fn from_str(text: &str) -> Result<Self, ParseVerdictError> {
        [Verdict::Live, Verdict::Background, Verdict::ReEarn]
            .into_iter()
            .find(|verdict| verdict.name() == text)
            .ok_or(ParseVerdictError("verdict"))
    }
}

impl Need {
    /// Whether the text can name a field of a request: `[a-z0-9_.]{1,48}`.
    pub fn is_field(text: &str) -> bool {
        (1..=48).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'.')
    }
}

impl FromStr for Need {
    type Err = ParseVerdictError;
    fn from_str(text: &str) -> Result<Self, ParseVerdictError> {
        let bad = ParseVerdictError("need");
        if let Some(name) = text.strip_prefix("recheck.") {
            return BoxKind::from_name(name).map(Need::Recheck).ok_or(bad);
        }
        if let Some(field) = text.strip_prefix("request.") {
            return if Need::is_field(field) { Ok(Need::Request(field.to_owned())) } else { Err(bad) };
        }
        match text {
            "confirmation" => Ok(Need::Confirmation),
            "observation" => Ok(Need::Observation),
            "settle" => Ok(Need::Settle),
            "nothing" => Ok(Need::Nothing),
            "repair" => Ok(Need::Repair),
            _ => Err(bad),
        }
    }
}

impl FromStr for Reason {
    type Err = ParseVerdictError;
    fn from_str(text: &str) -> Result<Self, ParseVerdictError> {
        let bad = ParseVerdictError("reason");
        let (name, need) = match text.split_once('=') {
            Some((name, need)) => (name, Some(need.parse()?)),
            None => (text, None),
        };
        let (policy, code) = name.split_once(':').ok_or(bad)?;
        if !is_name(policy) || !is_name(code) {
            return Err(bad);
        }
        Ok(Reason { policy: policy.to_owned().into(), code: code.to_owned().into(), need })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_opinion_is_the_maximum() {
        assert!(Verdict::Live < Verdict::Background && Verdict::Background < Verdict::ReEarn);
        assert_eq!(Stance::Stale.verdict(true), Verdict::ReEarn);
        assert_eq!(Stance::Stale.verdict(false), Verdict::Background);
    }

    #[test]
    fn reasons_have_one_text_form() {
        for text in [
            "fading:faded=confirmation",
            "holds:holds",
            "a:b=recheck.settlement",
            "p:withheld=request.purpose",
            "stillgood:damaged=repair",
        ] {
            assert_eq!(text.parse::<Reason>().unwrap().to_string(), text);
        }
        for text in
            ["", "a", "a:", ":b", "a:b=", "a:b=recheck.nothing", "a:b=request.", "a:b=request.A", "a:b,c:d", "A:b"]
        {
            assert!(text.parse::<Reason>().is_err(), "{text}");
        }
    }
}
