//! Whether two texts say the same: neither white space counts, nor whether a letter and its sign are written as one character or
//! as several.

use unicode_normalization::UnicodeNormalization as _;

/// Whether the texts have the same words, in Unicode's canonical decomposition (NFD). Nothing is copied.
pub(super) fn says_the_same(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.split_ascii_whitespace().eq(other.split_ascii_whitespace());
    }
    let (mut one, mut other) = (one.split_whitespace(), other.split_whitespace());
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one.nfd().eq(other.nfd()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]
mod tests {
    use super::*;

    #[test]
    fn white_space_and_the_form_of_a_letter_do_not_count() {
        for (one, other) in [
            ("I live in Faro.", " I  live\tin\r\nFaro. \n"),
            ("I live in Faro.", "I live\u{a0}in\u{3000}Faro."),
            ("caf\u{e9}", "cafe\u{301}"),
            ("\u{1ec7}", "e\u{323}\u{302}"),
            ("\u{1ec7}", "\u{ea}\u{323}"),
            ("\u{e1}\u{316}", "a\u{316}\u{301}"),
            ("\u{622}\u{64e}", "\u{627}\u{64e}\u{653}"),
            ("\u{d55c}\u{ae00}", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
            ("\u{ac00}", "\u{1100}\u{1161}"),
            ("\u{2126}\u{212b}", "\u{3a9}A\u{30a}"),
        ] {
            assert!(says_the_same(one, other) && says_the_same(other, one), "{one:?} {other:?}");
        }
    }

    #[test]
    fn everything_else_counts() {
        for (one, other) in [
            ("I live in Faro.", "I live in Faro"),
            ("I live in Faro.", "I live in faro."),
            ("I live in Faro.", "I live inFaro."),
            ("caf\u{e9}", "cafe"),
            ("caf\u{e9}", "caf\u{e8}"),
            ("a\u{301}b", "ab\u{301}"),
            ("a \u{301}b", "a\u{301} b"),
            ("\u{fb01}n", "fin"),
            ("\u{ac01}", "\u{ac00}"),
            ("", "\u{301}"),
        ] {
            assert!(!says_the_same(one, other) && !says_the_same(other, one), "{one:?} {other:?}");
        }
    }
}
