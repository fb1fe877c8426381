//! Subject, attribute, origin and tags from a plain text, by the named rules in `labels.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;

use crate::row::{Label, Origin, Tag};

/// What the rules found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Labels {
    pub(super) subject: Option<Label>,
    pub(super) attribute: Option<Label>,
    pub(super) origin: Origin,
    pub(super) tags: BTreeSet<Tag>,
}

/// The rules, as `labels.toml` holds them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    adverbs: Vec<String>,
    attribute: Vec<AttributeRule>,
    tag: Vec<TagRule>,
    origin: BTreeMap<String, Vec<String>>,
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests run them"))]
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeRule {
    name: String,
    single: bool,
    phrases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TagRule {
    name: String,
    phrases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), expect(dead_code, reason = "the tests run them"))]
struct Case {
    text: String,
    #[serde(default)]
    source: String,
    subject: Option<String>,
    attribute: Option<String>,
    origin: Option<String>,
    #[serde(default)]
    tags: BTreeSet<String>,
}

/// Whether the rules know the attribute as one that has one value at a time.
pub(super) fn is_single(attribute: &Label) -> bool {
    Rules::builtin().attribute.iter().any(|rule| rule.single && rule.name == attribute.as_str())
}

impl Rules {
    /// The shipped rules.
    pub(super) fn builtin() -> &'static Self {
        static RULES: OnceLock<Rules> = OnceLock::new();
        RULES.get_or_init(|| {
            toml::from_str(include_str!("labels.toml")).expect("the shipped rules are read by the tests")
        })
    }

    /// What the rules say of a text, its source and its speaker's role.
    pub(super) fn label(&self, text: &str, source: &str, role: Option<&str>) -> Labels {
        let mut labels = Labels { origin: self.origin_of(source, role), ..Labels::default() };
        let Some((subject, predicate)) = split_subject(text) else { return labels };
        let predicate = self.without_adverb(&predicate);
        if let Some(rule) = self.attribute.iter().find(|rule| begins_with_one(predicate, &rule.phrases)) {
            labels.subject = subject.parse().ok();
            labels.attribute = rule.name.parse().ok();
        }
        let tags = self.tag.iter().filter(|rule| begins_with_one(predicate, &rule.phrases));
        labels.tags = tags.filter_map(|rule| rule.name.parse().ok()).collect();
        labels
    }

    fn origin_of(&self, source: &str, role: Option<&str>) -> Origin {
        let said = [role.unwrap_or_default(), source].map(str::to_lowercase);
        let known = said.iter().find_map(|word| self.origin.iter().find(|(_, words)| words.contains(word)));
        known.and_then(|(name, _)| Origin::from_name(name)).unwrap_or_default()
    }

    fn without_adverb<'p>(&self, predicate: &'p str) -> &'p str {
        let rest = self.adverbs.iter().find_map(|adverb| predicate.strip_prefix(adverb.as_str())?.strip_prefix(' '));
        rest.unwrap_or(predicate)
    }
}

/// Whom the text is about, and the rest in lower case. `None` where that is not plain.
fn split_subject(text: &str) -> Option<(String, String)> {
    let words: Vec<&str> = text.split_whitespace().take(40).collect();
    let (subject, rest) = match words.as_slice() {
        ["I" | "User", rest @ ..] => ("user".to_owned(), rest),
        ["The", "user", rest @ ..] => ("user".to_owned(), rest),
        _ => {
            let names = words.iter().take_while(|word| is_name(word)).count();
            let (names, rest) = words.split_at_checked(names).filter(|(names, _)| (1..=3).contains(&names.len()))?;
            (names.join(" "), rest)
        }
    };
    let rest = rest.join(" ").to_lowercase();
    Some((subject, rest))
}

/// A capitalised word without punctuation, as names have it; not one that begins many sentences.
fn is_name(word: &str) -> bool {
    const OPENERS: [&str; 14] =
        ["My", "Our", "The", "A", "An", "This", "That", "It", "We", "They", "He", "She", "Someone", "Everyone"];
    word.starts_with(char::is_uppercase)
        && word.chars().all(|c| c.is_alphabetic() || c == '-')
        && !OPENERS.contains(&word)
}

fn begins_with_one(predicate: &str, phrases: &[String]) -> bool {
    phrases.iter().any(|phrase| {
        predicate.strip_prefix(phrase.as_str()).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_the_rules_comes_out_as_written() {
        let rules = Rules::builtin();
        assert!(rules.case.len() >= 16);
        for case in &rules.case {
            let found = rules.label(&case.text, &case.source, None);
            let expected = Labels {
                subject: case.subject.as_ref().map(|text| text.parse().unwrap()),
                attribute: case.attribute.as_ref().map(|text| text.parse().unwrap()),
                origin: case.origin.as_ref().map_or(Origin::Unknown, |name| Origin::from_name(name).unwrap()),
                tags: case.tags.iter().map(|tag| tag.parse().unwrap()).collect(),
            };
            assert_eq!(found, expected, "{:?}", case.text);
        }
    }
}
