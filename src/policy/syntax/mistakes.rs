//! What most likely is wrong with a text that Rhai's parser refuses. Its message stays; the place is put where the source
//! line shows it, and what a stranger to the language most often meant is said in plain words.

use rhai::{LexError, ParseError, ParseErrorType};

use super::lower_first;
use crate::policy::diagnostic::{Place, Problem};

/// What other languages write, and what is written here.
const WORDS: &[(&str, &str)] = &[
    ("=", "write `==` to compare"),
    ("===", "write `==` to compare"),
    ("!==", "write `!=` to compare"),
    ("<>", "write `!=` to compare"),
    ("=<", "write `<=`"),
    ("≥", "write `>=`"),
    ("≤", "write `<=`"),
    ("≠", "write `!=`"),
    ("is", "write `==` to compare"),
    ("and", "write `&&`"),
    ("or", "write `||`"),
    ("not", "write `!`, or `!in` for `not in`"),
    ("elif", "write `else if`"),
    ("elseif", "write `else if`"),
    ("elsif", "write `else if`"),
    ("then", "put what follows between `{` and `}`"),
    (":", "put what follows between `{` and `}`"),
    ("null", "a fact that is absent is `()`"),
    ("nil", "a fact that is absent is `()`"),
    ("var", "write `let`"),
    ("case", "write `switch fact { \"word\" => .., _ => .. }`"),
    ("match", "write `switch fact { \"word\" => .., _ => .. }`"),
    ("def", "a function begins with `fn`"),
    ("function", "a function begins with `fn`"),
    ("func", "a function begins with `fn`"),
    ("#", "a comment begins with `//`"),
    ("?", "write `if condition { .. } else { .. }`"),
];
const LABELS: &str = "a label is a text in double quotes, a whole number, `true` or `false`";
const UNITS: &[&str] = &["day", "week", "month", "year", "hour", "minute", "d", "h", "w", "m"];

/// The parser's error as a problem of this text.
pub(super) fn mistake(error: &ParseError, source: &str) -> Problem {
    let ParseError(kind, position) = error;
    let said = match (position.line(), position.position()) {
        (Some(line), Some(column)) => Some(Place { line, column }),
        _ => None,
    };
    let place = inside(said, source);
    let brackets = brackets(source);
    if !matches!(**kind, ParseErrorType::BadInput(_) | ParseErrorType::Reserved(_))
        && let Some((message, place, fix)) = at(place, source)
    {
        return Problem::error("syntax", place, message, Some(fix));
    }
    let fix = match (&**kind, brackets) {
        (ParseErrorType::BadInput(why), _) => of_a_token(why),
        (ParseErrorType::Reserved(word), _) => Some(no_such(word)),
        (ParseErrorType::ExprTooDeep, _) => Some("split it: bind its parts with `let`".to_owned()),
        (ParseErrorType::WrongFnDefinition, _) => Some("move the function out of the braces".to_owned()),
        (ParseErrorType::WrongSwitchDefaultCase, _) => Some("put `_ => ..` last".to_owned()),
        _ => brackets.map(|(bracket, place)| unpaired(bracket, place)).or_else(|| by_kind(kind)),
    };
    Problem::error("syntax", place, lower_first(&kind.to_string()), fix)
}

fn known(word: &str) -> Option<&'static str> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, fix)| *fix)
}

fn no_such(word: &str) -> String {
    let known = known(word).map(str::to_owned);
    known.unwrap_or_else(|| format!("a policy has no `{word}`; see `stillgood policy facts`"))
}

fn of_a_token(why: &LexError) -> Option<String> {
    match why {
        LexError::UnterminatedString => Some("close the text with `\"`, on the same line".to_owned()),
        LexError::MalformedChar(_) => Some("a text stands in double quotes".to_owned()),
        LexError::MalformedNumber(number) => {
            let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
            Some(format!("write `days({digits})`, `hours({digits})` or `minutes({digits})` for a length of time"))
        }
        LexError::ImproperSymbol(word, _) => Some(no_such(word)),
        LexError::UnexpectedInput(sign) if sign.contains(['“', '”', '„', '‘', '’', '«', '»']) => {
            Some("use straight double quotes: `\"`".to_owned())
        }
        LexError::UnexpectedInput(sign) if sign == ">" => Some("compare with `!=`, `>` or `>=`".to_owned()),
        LexError::UnexpectedInput(sign) => {
            Some(known(sign).map_or_else(|| "remove it".to_owned(), |fix| fix.to_owned()))
        }
        _ => None,
    }
}

fn unpaired(bracket: char, Place { line, column }: Place) -> String {
    match closer(bracket) {
        Some(closer) => format!("the `{bracket}` at {line}:{column} is not closed: add `{closer}`"),
        None => format!("nothing opens the `{bracket}` at {line}:{column}: remove it"),
    }
}

/// By the word at the place and the one before it: what is wrong, where, and what to write.
fn at(place: Place, source: &str) -> Option<(String, Place, String)> {
    let line = source.lines().nth(place.line.saturating_sub(1))?;
    let here: String = line.chars().skip(place.column.saturating_sub(1)).collect();
    let before: String = line.chars().take(place.column.saturating_sub(1)).collect();
    let before = before.trim_end();
    let (word, last) = (first_word(&here), before.split_whitespace().next_back().unwrap_or_default());
    let place_of_last = Place { column: before.chars().count() + 1 - last.chars().count(), ..place };
    let is_number = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
    if is_number && UNITS.contains(&word.trim_end_matches('s')) {
        let fix = match word.as_bytes() {
            [b'h', ..] => format!("write `hours({last})`"),
            [b'm', b'i', ..] => format!("write `minutes({last})`"),
            [b'w', ..] => format!("write `days(7 * {last})`"),
            [b'd', ..] => format!("write `days({last})`"),
            _ => "count it in days: `days(30)`".to_owned(),
        };
        return Some((format!("a length of time is not written `{last} {word}`"), place_of_last, fix));
    }
    let is_no_word = |word: &str| format!("a policy has no `{word}` here");
    if word == "=>" {
        return Some((is_no_word(word), place, format!("write `>=` to compare; in a `switch`, {LABELS}")));
    }
    let known = |word: &str, place| known(word).map(|fix| (is_no_word(word), place, fix.to_owned()));
    known(word, place).or_else(|| known(last, place_of_last))
}

/// The word, or the signs, that a text begins with.
fn first_word(text: &str) -> &str {
    let is_word = text.starts_with(|c: char| c.is_alphanumeric());
    let end = text.find(|c: char| c.is_whitespace() || c.is_alphanumeric() != is_word || matches!(c, '{' | '(' | '"'));
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

fn by_kind(kind: &ParseErrorType) -> Option<String> {
    Some(match kind {
        ParseErrorType::ExprExpected(what) if what.contains("literal") => LABELS.to_owned(),
        ParseErrorType::MissingToken(token, _) => match token.as_str() {
            ";" => "a `;` is missing before this, or a sign such as `==` or `&&`".to_owned(),
            "{" => "put what the condition decides between `{` and `}`".to_owned(),
            "," => "put a `,` between the two".to_owned(),
            other => format!("add `{other}` here"),
        },
        ParseErrorType::LiteralTooLarge(..) => "make it shorter".to_owned(),
        ParseErrorType::UnexpectedEOF => "something is missing at the end".to_owned(),
        _ => return None,
    })
}

/// Beyond the end there is no line to show: then it is the end of the last line with anything on it.
fn inside(place: Option<Place>, source: &str) -> Place {
    let shown = place.filter(|place| {
        let line = source.lines().nth(place.line.saturating_sub(1)).unwrap_or_default();
        !line.trim().is_empty()
    });
    shown.unwrap_or_else(|| {
        let last = source.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).last();
        last.map_or(Place { line: 1, column: 1 }, |(number, line)| Place {
            line: number + 1,
            column: line.trim_end().chars().count().max(1),
        })
    })
}

fn closer(opener: char) -> Option<char> {
    match opener {
        '(' => Some(')'),
        '[' => Some(']'),
        '{' => Some('}'),
        _ => None,
    }
}

/// The bracket that has no other half, if one has none: the innermost open one, or the first that closes nothing.
fn brackets(source: &str) -> Option<(char, Place)> {
    let mut open: Vec<(char, Place)> = vec![];
    for (number, line) in source.lines().enumerate() {
        let mut in_text = false;
        let mut before = ' ';
        for (column, c) in line.chars().enumerate() {
            let place = Place { line: number + 1, column: column + 1 };
            match c {
                '"' if before != '\\' => in_text = !in_text,
                _ if in_text => {}
                '/' if before == '/' => break,
                '(' | '[' | '{' => open.push((c, place)),
                ')' | ']' | '}' => match open.pop() {
                    Some((opener, _)) if closer(opener) == Some(c) => {}
                    Some(unclosed) => return Some(unclosed),
                    None => return Some((c, place)),
                },
                _ => {}
            }
            before = c;
        }
    }
    open.pop()
}
