//! What is wrong with a line that cannot be read: which field, what stands there, and what was expected.

use serde_json::{Map, Value};

use super::{Keys, Shape, shortened};
use crate::text::json_mistake;

/// What a field can hold.
#[derive(Clone, Copy)]
enum Form {
    Text,
    TextOrNull,
    YearOrNull,
    Truth,
    TruthOrNull,
}

impl Form {
    fn takes(self, value: &Value) -> bool {
        match self {
            Form::Text => value.is_string(),
            Form::TextOrNull => value.is_string() || value.is_null(),
            Form::YearOrNull => value.is_i64() || value.is_null(),
            Form::Truth => value.is_boolean(),
            Form::TruthOrNull => value.is_boolean() || value.is_null(),
        }
    }

    const fn expected(self) -> &'static str {
        match self {
            Form::Text => "a text",
            Form::TextOrNull => "a text or `null`",
            Form::YearOrNull => "a whole number or `null`",
            Form::Truth => "`true` or `false`",
            Form::TruthOrNull => "`true`, `false` or `null`",
        }
    }
}

impl Shape {
    const fn fields(self) -> &'static [(&'static str, Form)] {
        use Form::{Text, TextOrNull, Truth, TruthOrNull, YearOrNull};
        match self {
            Shape::Dates => &[
                ("subject", Text),
                ("attribute", Text),
                ("start", TextOrNull),
                ("end", TextOrNull),
                ("seen", TextOrNull),
            ],
            Shape::Years => {
                &[("subject", Text), ("attribute", Text), ("start_year", YearOrNull), ("end_year", YearOrNull)]
            }
            Shape::Labels => &[
                ("subject", Text),
                ("attribute", Text),
                ("stated", Text),
                ("asked", Text),
                ("held", Truth),
                ("parent_changed", TruthOrNull),
            ],
        }
    }

    const fn called(self) -> &'static str {
        match self {
            Shape::Dates => "a fact with `start`",
            Shape::Years => "a fact with `start_year`",
            Shape::Labels => "a labelled row with `stated`",
        }
    }
}

/// Whether a line begins an object, and nothing else that is easily taken for one.
pub(super) fn is_an_object(text: &str) -> Result<(), String> {
    match text.trim_ascii_start().chars().next() {
        Some('{') => Ok(()),
        Some('[') => Err("a list: expected one object a line, with nothing around them".into()),
        Some('\u{feff}') => Err("a byte order mark: save the file as UTF-8 without one".into()),
        _ => Err("expected an object".into()),
    }
}

/// What is wrong with the JSON of a line.
pub(super) fn of_json(error: &serde_json::Error) -> String {
    let what = json_mistake(error);
    if error.is_eof() { format!("{what}; each object stands on one line") } else { what }
}

/// What is wrong with a line of this shape, by the name of the field where there is one.
pub(super) fn of_a_line(text: &str, shape: Shape, error: &serde_json::Error) -> String {
    let line: Map<String, Value> = match serde_json::from_str(text) {
        Ok(line) if error.is_data() => line,
        _ => return of_json(error),
    };
    let wrong = shape.fields().iter().find_map(|(name, form)| {
        let value = line.get(*name).filter(|value| !form.takes(value))?;
        Some(format!("`{name}` is {}, expected {}", shown(value), form.expected()))
    });
    wrong.unwrap_or_else(|| json_mistake(error))
}

/// That a line is of another shape than the first one, where it is.
pub(super) fn of_another_shape(text: &str, known: Shape, first: usize) -> Option<String> {
    let keys: Keys = serde_json::from_str(text).ok()?;
    let other = Shape::ALL.into_iter().find(|shape| keys.has(*shape)).filter(|_| !keys.has(known))?;
    Some(format!("{}, but line {first} is {}: a file holds one shape", other.called(), known.called()))
}

fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
        Value::String(text) => format!("`\"{}\"`", shortened(text)),
        plain => format!("`{plain}`"),
    }
}
