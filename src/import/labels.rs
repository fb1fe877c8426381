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
    helpers: Vec<String>,
    joiners: Vec<String>,
    openers: Vec<String>,
    months: Vec<String>,
    days: Vec<String>,
    attribute: Vec<AttributeRule>,
    tag: Vec<TagRule>,
    origin: BTreeMap<String, Vec<String>>,
    #[cfg_attr(not(test), expect(dead_code, reason = "the tests run them"))]
    cases: Cases,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeRule {
    name: String,
    single: bool,
    /// What may come after a phrase.
    then: Then,
    /// What may not.
    #[serde(default)]
    except: Vec<Phrase>,
    #[serde(default)]
    phrases: Vec<Phrase>,
    /// Phrases after what is somebody's: "my", "Anna's".
    #[serde(default)]
    own: Vec<Phrase>,
}

/// What comes after a phrase.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Then {
    /// A word.
    Anything,
    /// A capitalised word that is no month and no day of the week.
    Name,
    /// A name, or an article and a word.
    Thing,
    /// A number or a month.
    Date,
    /// The end of the clause, or a joiner.
    Nothing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TagRule {
    name: String,
    phrases: Vec<Phrase>,
}

/// Words, each perhaps one of several: `works|work at|for`.
#[derive(Deserialize)]
#[serde(transparent)]
struct Phrase(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), expect(dead_code, reason = "the tests run them"))]
struct Cases {
    something: Vec<Case>,
    nothing: Vec<String>,
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
        let text = text.replace('\u{2019}', "'");
        let Some(said) = self.said(&text) else { return labels };
        let words = self.without_adverb(&said.words);
        if let Some(rule) = self.attribute.iter().find(|rule| self.gives(rule, said.owned, &words)) {
            labels.subject = said.subject.parse().ok();
            labels.attribute = rule.name.parse().ok();
        }
        if !said.owned {
            let tags = self.tag.iter().filter(|rule| rule.phrases.iter().any(|phrase| phrase.begins(&words).is_some()));
            labels.tags = tags.filter_map(|rule| rule.name.parse().ok()).collect();
        }
        labels
    }

    /// Whether the words begin with one of a rule's phrases, and go on as it wants.
    fn gives(&self, rule: &AttributeRule, owned: bool, words: &[&str]) -> bool {
        let phrases = if owned { &rule.own } else { &rule.phrases };
        phrases.iter().filter_map(|phrase| phrase.begins(words)).any(|rest| {
            !rule.except.iter().any(|phrase| phrase.begins(rest).is_some()) && self.goes_on(rule.then, rest)
        })
    }

    fn goes_on(&self, then: Then, rest: &[&str]) -> bool {
        let Some(first) = rest.first() else { return matches!(then, Then::Nothing) };
        let past_the = if *first == "the" { rest.get(1) } else { Some(first) };
        let word = past_the.map_or("", |word| bare(word));
        let is_name = word.starts_with(char::is_uppercase) && word != "I" && !self.is_date_word(word);
        match then {
            Then::Anything => true,
            Then::Name => is_name,
            Then::Thing => is_name || matches!(rest, ["a" | "an" | "the", _, ..]),
            Then::Date => is_one_of(word, &self.months) || word.starts_with(|c: char| c.is_ascii_digit()),
            Then::Nothing => is_one_of(bare(first), &self.joiners),
        }
    }

    fn origin_of(&self, source: &str, role: Option<&str>) -> Origin {
        let said = [role.unwrap_or_default(), source].map(str::to_lowercase);
        let known = said.iter().find_map(|word| self.origin.iter().find(|(_, words)| words.contains(word)));
        known.and_then(|(name, _)| Origin::from_name(name)).unwrap_or_default()
    }

    /// Whom a text is about, and what it says; `None` where that is not plain.
    fn said<'t>(&self, text: &'t str) -> Option<Said<'t>> {
        if text.trim_end().ends_with('?') {
            return None;
        }
        let words: Vec<&str> = text.split_whitespace().take(40).collect();
        let user = |owned, words| Some(Said { subject: "user".to_owned(), owned, words });
        match words.as_slice() {
            ["I" | "User", rest @ ..] | ["The", "user", rest @ ..] => user(false, rest.to_vec()),
            ["I'm", rest @ ..] => user(false, [&["am"], rest].concat()),
            ["I've", rest @ ..] => user(false, [&["have"], rest].concat()),
            ["My" | "User's", rest @ ..] | ["The", "user's", rest @ ..] => user(true, rest.to_vec()),
            words => {
                let names = words.iter().take_while(|word| self.is_name(word)).count();
                let (names, rest) = words.split_at_checked(names)?;
                let owner = rest.first().and_then(|word| word.strip_suffix("'s")).filter(|word| self.is_name(word));
                let (names, rest) = match owner {
                    Some(owner) => ([names, &[owner]].concat(), rest.get(1..)?),
                    None => (names.to_vec(), rest),
                };
                let subject = (1..=3).contains(&names.len()).then(|| names.join(" "))?;
                Some(Said { subject, owned: owner.is_some(), words: rest.to_vec() })
            }
        }
    }

    /// A capitalised word without punctuation, as names have it; not one that begins many sentences.
    fn is_name(&self, word: &str) -> bool {
        word.starts_with(char::is_uppercase)
            && word.chars().all(|c| c.is_alphabetic() || c == '-')
            && !is_one_of(word, &self.openers)
    }

    fn is_date_word(&self, word: &str) -> bool {
        is_one_of(word, &self.months) || is_one_of(word, &self.days)
    }

    /// Without an adverb before the verb, or after the first word of one such as "is dating".
    fn without_adverb<'t>(&self, words: &[&'t str]) -> Vec<&'t str> {
        let mut words = words.to_vec();
        let at = usize::from(words.first().is_some_and(|word| is_one_of(word, &self.helpers)));
        if words.get(at).is_some_and(|word| is_one_of(word, &self.adverbs)) {
            words.remove(at);
        }
        words
    }
}

impl Phrase {
    /// What comes after the phrase in its clause, where the words begin with it.
    fn begins<'w, 't>(&self, words: &'w [&'t str]) -> Option<&'w [&'t str]> {
        let (mut rest, mut phrase) = (words, self.0.split(' ').peekable());
        while let Some(known) = phrase.next() {
            let (word, after) = rest.split_first()?;
            let said = if phrase.peek().is_some() { word } else { bare(word) };
            known.split('|').find(|known| said.eq_ignore_ascii_case(known))?;
            rest = if said == *word { after } else { &[] };
        }
        Some(rest)
    }
}

/// A plain text: whom it is about, and what it says.
struct Said<'t> {
    subject: String,
    /// It says it of what is the subject's.
    owned: bool,
    words: Vec<&'t str>,
}

fn is_one_of(word: &str, known: &[String]) -> bool {
    known.iter().any(|one| one == word)
}

/// A word without the stop after it.
fn bare(word: &str) -> &str {
    word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_the_rules_comes_out_as_written() {
        let rules = Rules::builtin();
        assert!(rules.cases.something.len() >= 48 && rules.cases.nothing.len() >= 50);
        for text in &rules.cases.nothing {
            assert_eq!(rules.label(text, "", None), Labels::default(), "{text:?}");
        }
        for case in &rules.cases.something {
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
