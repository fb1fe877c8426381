//! What a table says of how it came about: what it was counted on, and which table it was fitted from.

use super::file::HEADER;
use super::{Made, SurvivalTable};
use crate::id::Digest;

/// Before the digest of the table that one was fitted from.
const FITTED_FROM: &str = "Fitted to one vault, from a table with the digest ";

impl SurvivalTable {
    /// What it was made from, one line each, as it says itself. Empty where it says nothing.
    pub fn made_from(&self) -> &[String] {
        self.made.as_ref().map_or(&[], |made| &made.from)
    }

    /// The same table, which says that it was fitted from this one: by the SHA-256 of that table's curves, and of what it says of them.
    #[must_use]
    pub fn fitted_from(mut self, prior: &SurvivalTable) -> Self {
        let made = self.made.get_or_insert_with(|| Made { command: "stillgood fit".to_owned(), from: vec![] });
        made.from.retain(|line| !line.starts_with(FITTED_FROM));
        made.from.push(format!("{FITTED_FROM}{}", prior.digest()));
        self
    }

    /// Whether it was fitted from this table, as it says itself; `None` where it says nothing.
    pub fn says_fitted_from(&self, prior: &SurvivalTable) -> Option<bool> {
        let said = self.made_from().iter().find_map(|line| line.strip_prefix(FITTED_FROM))?;
        Some(said == prior.digest().to_string())
    }

    /// Covers everything but the words before the first line, in which versions of the program may differ.
    fn digest(&self) -> Digest {
        let toml = self.to_toml();
        Digest::of(toml.strip_prefix(HEADER).unwrap_or(&toml).as_bytes())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that panics has failed")]
mod tests {
    use super::*;

    #[test]
    fn a_fitted_table_knows_the_one_it_is_from() {
        let toml = include_str!("../../policies/survival.toml");
        let prior = SurvivalTable::from_toml(toml).unwrap();
        let fitted = prior.clone().fitted_from(&prior);
        assert_eq!(fitted.made_from().len(), prior.made_from().len() + 1);
        let read = SurvivalTable::from_toml(&fitted.to_toml()).unwrap();
        assert_eq!(read.says_fitted_from(&prior), Some(true));
        // Comments are no part of it, curves are.
        let same = SurvivalTable::from_toml(&format!("# mine\n{toml}")).unwrap();
        assert_eq!(read.says_fitted_from(&same), Some(true));
        let other = SurvivalTable::from_toml(&toml.replacen("0.9903", "0.9902", 1)).unwrap();
        assert_eq!(read.says_fitted_from(&other), Some(false));
        assert_eq!(prior.says_fitted_from(&prior), None);
        // Said once, of the last.
        let again = read.fitted_from(&other);
        assert_eq!(again.made_from().len(), fitted.made_from().len());
        assert_eq!(again.says_fitted_from(&other), Some(true));
    }

    #[test]
    fn what_is_no_table_is_called_by_what_it_looks_like() {
        let said = |text: &str| SurvivalTable::from_toml(text).unwrap_err().to_string();
        for (text, looks) in [
            ("", "not a survival table: it is empty; expected TOML with `days`"),
            ("{\"subject\": 1}\n{}", "not a survival table: it looks like JSON; expected TOML with `days`"),
            ("[\n {}]", "not a survival table: it looks like JSON;"),
            ("stillgood/survival/v1\n", "not a survival table: it looks like a signed note, as `survival.note` is;"),
            ("[made]\n", "not a survival table: missing field `command`"),
            ("name = \"mine\"", "not a survival table: unknown field `name`"),
        ] {
            assert!(said(text).starts_with(looks), "{text}: {}", said(text));
        }
    }
}
