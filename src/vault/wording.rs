//! Whether two texts say the same: neither white space counts, nor whether a letter and its sign are written as one character or
//! as several.

use std::sync::OnceLock;

use zeroize::Zeroizing;

/// Whether the texts have the same words, letter for letter, once each letter is taken apart as Unicode's canonical
/// decomposition does. Signs on one letter may stand in any order.
pub(super) fn says_the_same(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.split_ascii_whitespace().eq(other.split_ascii_whitespace());
    }
    *taken_apart(one) == *taken_apart(other)
}

/// The words of a text, with one space between two.
fn taken_apart(text: &str) -> Zeroizing<String> {
    let letters = Letters::get();
    // A decomposition has at most three times the bytes: nothing is copied to where it is not wiped.
    let mut words = Zeroizing::new(String::with_capacity(3 * text.len()));
    let mut signs = vec![];
    for word in text.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        for letter in word.chars() {
            letters.parts(letter, |part| {
                if letters.is_sign(part) {
                    signs.push(part);
                } else {
                    set_down(&mut signs, &mut words);
                    words.push(part);
                }
            });
        }
        set_down(&mut signs, &mut words);
    }
    words
}

fn set_down(signs: &mut Vec<char>, words: &mut String) {
    signs.sort_unstable();
    words.extend(signs.drain(..));
}

/// The characters that are written in several ways. `tests/second/make_letters.py` makes the table.
struct Letters {
    /// A character and its parts, ascending.
    parts: Vec<(char, Vec<char>)>,
    /// First and last of each run of signs, ascending.
    signs: Vec<(char, char)>,
}

fn items() -> impl Iterator<Item = &'static str> {
    let lines = include_str!("wording/letters.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| line.split(", "))
}

/// The syllables of Hangul, which are worked out: The Unicode Standard, section 3.12.
const SYLLABLES: std::ops::RangeInclusive<u32> = 0xAC00..=0xD7A3;

impl Letters {
    fn get() -> &'static Self {
        static LETTERS: OnceLock<Letters> = OnceLock::new();
        LETTERS.get_or_init(|| {
            let mut letters = Letters { parts: vec![], signs: vec![] };
            for item in items() {
                let points =
                    item.split([' ', '-']).filter_map(|point| char::from_u32(u32::from_str_radix(point, 16).ok()?));
                match points.collect::<Vec<_>>().as_slice() {
                    [first, last] if item.contains('-') => letters.signs.push((*first, *last)),
                    [letter, parts @ ..] => letters.parts.push((*letter, parts.to_vec())),
                    [] => {}
                }
            }
            letters
        })
    }

    /// Says each part of a character, else itself.
    fn parts(&self, letter: char, mut say: impl FnMut(char)) {
        let point = u32::from(letter);
        if SYLLABLES.contains(&point) {
            let index = point - SYLLABLES.start();
            let jamo = [
                Some(0x1100 + index / 588),
                Some(0x1161 + index % 588 / 28),
                Some(index % 28).filter(|last| *last > 0).map(|last| 0x11A7 + last),
            ];
            return jamo.into_iter().flatten().filter_map(char::from_u32).for_each(say);
        }
        match self.parts.binary_search_by_key(&letter, |(one, _)| *one).ok().and_then(|place| self.parts.get(place)) {
            Some((_, parts)) if !letter.is_ascii() => parts.iter().copied().for_each(say),
            _ => say(letter),
        }
    }

    fn is_sign(&self, part: char) -> bool {
        let place = self.signs.partition_point(|(_, last)| *last < part);
        self.signs.get(place).is_some_and(|(first, _)| *first <= part)
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

    #[test]
    fn the_table_is_read_whole_and_in_order() {
        let letters = Letters::get();
        assert_eq!(letters.parts.len() + letters.signs.len(), items().count());
        assert!(letters.parts.len() > 2_000 && letters.signs.len() > 100);
        assert!(letters.parts.is_sorted_by(|a, b| a.0 < b.0) && letters.signs.is_sorted_by(|a, b| a.1 < b.0));
        assert!(letters.parts.iter().all(|(letter, parts)| {
            // Parts have no parts, and the room suffices.
            let length: usize = parts.iter().map(|part| part.len_utf8()).sum();
            length <= 3 * letter.len_utf8() && parts.iter().all(|part| letters.parts.iter().all(|(one, _)| one != part))
        }));
    }
}
