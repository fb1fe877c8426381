//! What is wrong with a policy set, said so that its author can act on it.

use std::fmt;

/// One finding of the checker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// The file it is in.
    pub file: String,
    /// Where, from 1; `None` for the whole file.
    pub place: Option<Place>,
    /// The source line, without its end.
    pub source_line: Option<String>,
    /// The same place as the language server protocol counts it: start and end, each a line and a column.
    pub range: [(usize, usize); 2],
    /// What is wrong.
    pub problem: Problem,
}

/// A place in a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// What is wrong, and how to mend it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Stable name of the kind of problem.
    pub code: &'static str,
    /// An error keeps the set from loading.
    pub severity: Severity,
    /// Where.
    pub place: Option<Place>,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub fix: Option<String>,
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The set does not load.
    Error,
    /// The set loads.
    Warning,
}

/// So much of a source line is shown.
const MOST_SHOWN: usize = 300;

/// The word for a length of time is our own: where it first stands in a message, it is said what it means. What is quoted
/// stays as it is.
fn explained(message: &str) -> String {
    const WORDS: [(&str, &str); 2] = [("span", " (a length of time)"), ("spans", " (lengths of time)")];
    let mut at = 0;
    for (number, part) in message.split('`').enumerate() {
        let mut within = 0;
        for word in part.split(' ').filter(|_| number % 2 == 0) {
            let bare = word.trim_end_matches([',', '.', ';', ':']);
            if let Some((_, meaning)) = WORDS.iter().find(|(known, _)| *known == bare) {
                let (before, after) = message.split_at(at + within + bare.len());
                return format!("{before}{meaning}{after}");
            }
            within += word.len() + 1;
        }
        at += part.len() + 1;
    }
    message.to_owned()
}

/// What a message quotes goes to a terminal: one line, nothing that moves the cursor or the direction of writing.
fn printable(message: &str) -> String {
    let hides = |c: char| {
        c.is_control() || matches!(u32::from(c), 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF)
    };
    message.chars().take(500).map(|c| if hides(c) { '?' } else { c }).collect()
}

/// The word at a place, or its one character: lines from 0, columns in UTF-16 code units from 0, the end exclusive.
fn range(place: Option<Place>, source: &str) -> [(usize, usize); 2] {
    let Some(Place { line, column }) = place else { return [(0, 0), (0, 1)] };
    let (line, before) = (line.saturating_sub(1), column.saturating_sub(1));
    let text = source.lines().nth(line).unwrap_or_default();
    let is_of_a_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let at = text.char_indices().nth(before).map_or(text.len(), |(at, _)| at);
    let (head, tail) = text.split_at(at);
    let width = |text: &str| text.encode_utf16().count();
    let word = tail.len() - tail.trim_start_matches(is_of_a_word).len();
    let end =
        width(head) + width(tail.get(..word).unwrap_or_default()).max(tail.chars().next().map_or(1, char::len_utf16));
    // The place of `row.kind` is its dot.
    let start = if tail.starts_with('.') { width(head.trim_end_matches(is_of_a_word)) } else { width(head) };
    [(line, start), (line, end)]
}

impl Problem {
    pub(super) fn error(code: &'static str, place: Place, message: impl Into<String>, fix: Option<String>) -> Self {
        Problem {
            code,
            severity: Severity::Error,
            place: Some(place),
            message: printable(&explained(&message.into())),
            fix,
        }
    }

    pub(super) fn warning(code: &'static str, place: Place, message: impl Into<String>, fix: Option<String>) -> Self {
        Problem { severity: Severity::Warning, ..Problem::error(code, place, message, fix) }
    }

    pub(super) fn of_file(code: &'static str, severity: Severity, message: impl Into<String>, fix: &str) -> Self {
        Problem {
            code,
            severity,
            place: None,
            message: printable(&explained(&message.into())),
            fix: Some(fix.to_owned()),
        }
    }

    pub(super) fn in_file(self, file: &str, source: &str) -> Diagnostic {
        let source_line = self
            .place
            .and_then(|place| source.lines().nth(place.line - 1))
            .map(|line| line.chars().take(MOST_SHOWN).collect());
        let range = range(self.place, source);
        Diagnostic { file: file.to_owned(), place: self.place, source_line, range, problem: self }
    }
}

impl Diagnostic {
    /// `file:line:column: message`.
    pub fn in_one_line(&self) -> String {
        let place = self.place.map(|place| format!("{}:{}:", place.line, place.column)).unwrap_or_default();
        format!("{}:{place} {}", self.file, self.problem.message)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

impl fmt::Display for Diagnostic {
    /// `file:line:column: error[code]: message`, the line with a caret, and the fix.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic { file, place, source_line, problem, .. } = self;
        match place {
            Some(place) => write!(f, "{file}:{}:{}: ", place.line, place.column)?,
            None => write!(f, "{file}: ")?,
        }
        write!(f, "{}[{}]: {}", problem.severity, problem.code, problem.message)?;
        if let (Some(place), Some(line)) = (place, source_line)
            && place.column <= MOST_SHOWN
        {
            let shown: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            write!(f, "\n  | {shown}\n  | {}^", " ".repeat(place.column.saturating_sub(1)))?;
        }
        match &problem.fix {
            Some(fix) => write!(f, "\n  hint: {fix}"),
            None => Ok(()),
        }
    }
}
