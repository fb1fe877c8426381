//! The text forms of `docs/formats.md`, "Conventions": hexadecimal, base64, fields.

use data_encoding::{BASE64, HEXLOWER};

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Lower-case hexadecimal at the end of a line that is being written. Worked out, not looked up, so that the compiler does many
/// digits at once.
pub(crate) fn push_hex<const N: usize>(line: &mut Vec<u8>, bytes: &[u8; N]) {
    let digit = |half: u8| half + if half < 10 { b'0' } else { b'a' - 10 };
    line.extend_from_slice(bytes.map(|byte| [digit(byte >> 4), digit(byte & 0xF)]).as_flattened());
}

/// Exactly `N` bytes from lower-case hexadecimal; `None` for anything else.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// Padded base64, RFC 4648 §4.
pub(crate) fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// The bytes of canonical base64. Stray bits, line breaks and padding in the middle are refused.
pub(crate) fn unbase64(text: &str) -> Option<Vec<u8>> {
    let bytes = BASE64.decode(text.as_bytes()).ok()?;
    (BASE64.encode(&bytes) == text).then_some(bytes)
}

/// A whole number without sign or leading zero, at most 2^53 − 1, so that every reader can hold it.
pub(crate) fn number(text: &str) -> Option<u64> {
    let n: u64 = text.parse().ok()?;
    (n < 1 << 53 && n.to_string() == text).then_some(n)
}

/// Splits a line at single spaces into exactly `N` fields, none of them empty.
pub(crate) fn fields<const N: usize>(line: &str) -> Option<[&str; N]> {
    let all: Vec<&str> = line.split(' ').collect();
    if all.iter().any(|field| field.is_empty()) {
        return None;
    }
    all.try_into().ok()
}

/// `-` stands for an absent value; anything else must parse.
pub(crate) fn optional<T>(field: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    if field == "-" { Some(None) } else { parse(field).map(Some) }
}

/// The value's text, or `-` where it is absent.
pub(crate) fn or_dash<T: std::fmt::Display>(value: Option<&T>) -> String {
    value.map_or_else(|| "-".to_owned(), ToString::to_string)
}

/// A name as policies, codes, tags and sets have it: `[a-z0-9_-]{1,48}`.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=48).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

/// What is wrong with JSON from elsewhere, without the place: in plain words, where the parser's are a programmer's.
pub(crate) fn json_mistake(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.strip_suffix(&format!(" at line {} column {}", error.line(), error.column())).unwrap_or(&text);
    match what {
        "recursion limit exceeded" => "nested more than 127 deep".to_owned(),
        "number out of range" => "a number is out of range".to_owned(),
        "trailing characters" => "not JSON: something follows its end".to_owned(),
        "unexpected end of hex escape" | "lone leading surrogate in hex escape" => {
            "not JSON: half of a surrogate pair".to_owned()
        }
        _ if error.is_eof() => "not JSON: it ends too early".to_owned(),
        // Of the right form, with other content than expected: the words are ours, or name what was expected.
        other if error.is_data() => other.to_owned(),
        other => format!("not JSON: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stray_base64_bits_are_refused() {
        assert_eq!(unbase64("AAA="), Some(vec![0, 0]));
        for bad in ["AAB=", "AA", "AA=", "A===", "AA==AA==", "AAA=\n", " AAA=", "AA-_"] {
            assert_eq!(unbase64(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn numbers_have_one_form() {
        assert_eq!(number("0"), Some(0));
        assert_eq!(number("9007199254740991"), Some((1 << 53) - 1));
        for bad in ["", "+1", "01", "-1", "1.0", "9007199254740992", " 1"] {
            assert_eq!(number(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn what_is_pushed_reads_as_it_is_written() {
        let mut line = vec![];
        push_hex(&mut line, &[0, 1, 0x9a, 0xff]);
        assert_eq!(line, hex(&[0, 1, 0x9a, 0xff]).into_bytes());
    }

    #[test]
    fn fields_are_separated_by_one_space() {
        assert_eq!(fields::<2>("a b"), Some(["a", "b"]));
        for bad in ["a  b", " a b", "a b ", "a", "a b c"] {
            assert_eq!(fields::<2>(bad), None, "{bad:?}");
        }
    }
}
