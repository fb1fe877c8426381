//! The deterministic subset of CBOR of `docs/formats.md`, "Conventions": definite arrays of integers, texts, byte
//! strings, booleans and null (RFC 8949 §4.2.1). Every value has one encoding, and nothing else is read.

use sha2::{Digest as _, Sha256};

/// Writes one value: into memory, or against bytes that are already there.
pub(crate) struct Writer<S = Vec<u8>>(S);

/// Where a value is written.
pub(crate) trait Sink {
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Up to 128 bytes, without asking for memory.
pub(crate) struct Short {
    bytes: [u8; 128],
    length: usize,
}

impl Sink for Short {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        self.bytes.get_mut(self.length..end).expect("its writer stays within 128 bytes").copy_from_slice(bytes);
        self.length = end;
    }
}

impl Writer<Short> {
    /// What was written.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.bytes.split_at(self.0.length).0
    }
}

/// An array of `items` items, of at most 128 bytes.
pub(crate) fn short(items: usize, write: impl FnOnce(&mut Writer<Short>)) -> Writer<Short> {
    let mut writer = Writer(Short { bytes: [0; 128], length: 0 });
    write(writer.nested(items));
    writer
}

/// Compares what is written with what is there.
pub(crate) struct Against<'a> {
    rest: &'a [u8],
    same: bool,
}

impl Sink for Against<'_> {
    fn put(&mut self, bytes: &[u8]) {
        match self.rest.strip_prefix(bytes) {
            Some(rest) => self.rest = rest,
            None => self.same = false,
        }
    }
}

/// SHA-256 of an array of `items` items.
///
/// It is written whole before it is hashed: a hash that takes small pieces one by one costs several times as much.
pub(crate) fn hash(items: usize, write: impl FnOnce(&mut Writer)) -> [u8; 32] {
    let mut writer = Writer::array_of(items, 512);
    write(&mut writer);
    Sha256::digest(writer.finish()).into()
}

/// Whether an array of `items` items, as `write` writes it, is exactly these bytes.
pub(crate) fn encodes(bytes: &[u8], items: usize, write: impl FnOnce(&mut Writer<Against<'_>>)) -> bool {
    let mut writer = Writer(Against { rest: bytes, same: true });
    write(writer.nested(items));
    let Against { rest, same } = writer.0;
    same && rest.is_empty()
}

/// The kinds of value that there are: the three high bits of a value's first byte (RFC 8949 §3.1).
const UINT: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const SIMPLE: u8 = 7;
const FALSE: u64 = 20;
const TRUE: u64 = 21;
const NULL: u64 = 22;

impl Writer {
    /// Begins with an array of `items` items.
    pub(crate) fn array(items: usize) -> Self {
        Writer::array_of(items, 64)
    }

    /// As [`Self::array`], with room for `bytes`: what grows leaves copies behind that nobody wipes.
    pub(crate) fn array_of(items: usize, bytes: usize) -> Self {
        let mut writer = Writer(Vec::with_capacity(bytes));
        writer.nested(items);
        writer
    }

    /// Goes on after what was written before, in place of what `room` holds.
    pub(crate) fn after(written: &[u8], mut room: Vec<u8>) -> Self {
        room.clear();
        room.extend_from_slice(written);
        Writer(room)
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

impl<S: Sink> Writer<S> {
    /// The first bytes of a value: its kind, and its number in the shortest form (RFC 8949 §4.2.1). Almost always it is one byte,
    /// for which a call costs more than the writing.
    #[inline(always)]
    fn head(&mut self, kind: u8, number: u64) -> &mut Self {
        match number {
            0..=23 => self.0.put(&[kind << 5 | number as u8]),
            _ => self.long_head(kind << 5, number),
        }
        self
    }

    /// Of a number that does not fit beside its kind.
    #[inline(never)]
    fn long_head(&mut self, kind: u8, number: u64) {
        let [a, b, c, d, e, f, g, h] = number.to_be_bytes();
        match number {
            0..=0xFF => self.0.put(&[kind | 24, h]),
            0x100..=0xFFFF => self.0.put(&[kind | 25, g, h]),
            0x1_0000..=0xFFFF_FFFF => self.0.put(&[kind | 26, e, f, g, h]),
            _ => self.0.put(&[kind | 27, a, b, c, d, e, f, g, h]),
        }
    }

    /// What was written elsewhere.
    pub(crate) fn raw(&mut self, written: &[u8]) -> &mut Self {
        self.0.put(written);
        self
    }

    pub(crate) fn nested(&mut self, items: usize) -> &mut Self {
        self.head(ARRAY, items as u64)
    }

    pub(crate) fn uint(&mut self, value: u64) -> &mut Self {
        self.head(UINT, value)
    }

    pub(crate) fn int(&mut self, value: i64) -> &mut Self {
        if value < 0 { self.head(NEGATIVE, !value as u64) } else { self.head(UINT, value as u64) }
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.head(TEXT, value.len() as u64).0.put(value.as_bytes());
        self
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.head(BYTES, value.len() as u64).0.put(value);
        self
    }

    pub(crate) fn bool(&mut self, value: bool) -> &mut Self {
        self.head(SIMPLE, if value { TRUE } else { FALSE })
    }

    pub(crate) fn null(&mut self) -> &mut Self {
        self.head(SIMPLE, NULL)
    }

    pub(crate) fn uint_or_null(&mut self, value: Option<u64>) -> &mut Self {
        match value {
            Some(value) => self.uint(value),
            None => self.null(),
        }
    }

    pub(crate) fn int_or_null(&mut self, value: Option<i64>) -> &mut Self {
        match value {
            Some(value) => self.int(value),
            None => self.null(),
        }
    }

    pub(crate) fn text_or_null(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    pub(crate) fn bytes_or_null(&mut self, value: Option<&[u8]>) -> &mut Self {
        match value {
            Some(value) => self.bytes(value),
            None => self.null(),
        }
    }
}

/// Not the expected bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

pub(crate) type Read<T> = Result<T, Malformed>;

/// Reads one value. Numbers and lengths stand in the shortest form, or are refused; callers refuse sets that are out of
/// order, and bytes that follow ([`Self::end`]). So whatever is read has one encoding, and [`encodes`] says so in tests.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Reader(bytes)
    }

    fn take(&mut self, length: u64) -> Read<&'a [u8]> {
        let length = usize::try_from(length).map_err(|_| Malformed)?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The kind of the next value and its number, which must stand in the shortest form.
    fn head(&mut self) -> Read<(u8, u64)> {
        let [first] = self.chunk()?;
        let (kind, low) = (first >> 5, first & 0x1F);
        Ok((kind, if low < 24 { low.into() } else { self.long(low)? }))
    }

    /// A number that does not fit beside its kind.
    fn long(&mut self, low: u8) -> Read<u64> {
        let (number, least) = match low {
            24 => (u8::from_be_bytes(self.chunk()?).into(), 24),
            25 => (u16::from_be_bytes(self.chunk()?).into(), 0x100),
            26 => (u32::from_be_bytes(self.chunk()?).into(), 0x1_0000),
            27 => (u64::from_be_bytes(self.chunk()?), 0x1_0000_0000),
            _ => return Err(Malformed),
        };
        if number < least { Err(Malformed) } else { Ok(number) }
    }

    fn chunk<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*chunk)
    }

    fn number_of(&mut self, expected: u8) -> Read<u64> {
        let (kind, number) = self.head()?;
        if kind == expected { Ok(number) } else { Err(Malformed) }
    }

    /// An array of exactly `items` items.
    pub(crate) fn array(&mut self, items: u64) -> Read<()> {
        if self.number_of(ARRAY)? == items { Ok(()) } else { Err(Malformed) }
    }

    /// An array of at most `most` items; how many.
    pub(crate) fn array_up_to(&mut self, most: u64) -> Read<u64> {
        let items = self.number_of(ARRAY)?;
        if items <= most { Ok(items) } else { Err(Malformed) }
    }

    pub(crate) fn uint(&mut self) -> Read<u64> {
        self.number_of(UINT)
    }

    pub(crate) fn int(&mut self) -> Read<i64> {
        let (kind, number) = self.head()?;
        let number = i64::try_from(number).map_err(|_| Malformed)?;
        match kind {
            UINT => Ok(number),
            NEGATIVE => Ok(!number),
            _ => Err(Malformed),
        }
    }

    pub(crate) fn text(&mut self) -> Read<&'a str> {
        let length = self.number_of(TEXT)?;
        std::str::from_utf8(self.take(length)?).map_err(|_| Malformed)
    }

    /// A text that should be `expected`. Where it is, nothing else of it need be looked at.
    pub(crate) fn text_like(&mut self, expected: &'a str) -> Read<&'a str> {
        let length = self.number_of(TEXT)?;
        let bytes = self.take(length)?;
        if bytes == expected.as_bytes() { Ok(expected) } else { std::str::from_utf8(bytes).map_err(|_| Malformed) }
    }

    pub(crate) fn bytes(&mut self) -> Read<&'a [u8]> {
        let length = self.number_of(BYTES)?;
        self.take(length)
    }

    pub(crate) fn fixed<const N: usize>(&mut self) -> Read<[u8; N]> {
        if self.number_of(BYTES)? == N as u64 { self.chunk() } else { Err(Malformed) }
    }

    pub(crate) fn bool(&mut self) -> Read<bool> {
        match self.number_of(SIMPLE)? {
            FALSE => Ok(false),
            TRUE => Ok(true),
            _ => Err(Malformed),
        }
    }

    /// Passes over so many nulls, if that is what comes next.
    pub(crate) fn nulls(&mut self, count: usize) -> bool {
        let Some((nulls, rest)) = self.0.split_at_checked(count) else { return false };
        let all = nulls.iter().all(|byte| *byte == SIMPLE << 5 | NULL as u8);
        if all {
            self.0 = rest;
        }
        all
    }

    /// Nothing follows.
    pub(crate) fn end(&self) -> Read<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }

    /// The value, or `None` for null.
    pub(crate) fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<Option<T>> {
        match self.0.strip_prefix(&[SIMPLE << 5 | NULL as u8]) {
            Some(rest) => {
                self.0 = rest;
                Ok(None)
            }
            None => read(self).map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_another_library_writes_them() {
        let edges = (0..64).flat_map(|bit| [1_u64 << bit, (1 << bit) - 1, (1 << bit) + 1]).chain([23, 24, u64::MAX]);
        for number in edges {
            for value in [number as i64, !(number as i64)] {
                let mut ours = Writer(vec![]);
                ours.uint(number).int(value).text(&"x".repeat((number % 70_000) as usize)).bool(value < 0).null();
                let mut theirs = minicbor::Encoder::new(vec![]);
                theirs.u64(number).unwrap().i64(value).unwrap();
                theirs.str(&"x".repeat((number % 70_000) as usize)).unwrap().bool(value < 0).unwrap().null().unwrap();
                let ours = ours.finish();
                assert_eq!(ours, theirs.into_writer());
                let mut read = Reader::new(&ours);
                assert_eq!((read.uint(), read.int()), (Ok(number), Ok(value)));
                assert_eq!(read.text().map(str::len), Ok((number % 70_000) as usize));
                assert_eq!((read.bool(), read.optional(Reader::uint)), (Ok(value < 0), Ok(None)));
                assert!(read.0.is_empty());
            }
        }
    }

    #[test]
    fn a_second_encoding_of_a_value_is_refused() {
        let longer: [&[u8]; 6] =
            [&[0x18, 23], &[0x19, 0, 24], &[0x1A, 0, 0, 1, 0], &[0x1B, 0, 0, 0, 0, 0, 1, 0, 0], &[0x1C], &[0x1F]];
        for bytes in longer {
            assert_eq!(Reader::new(bytes).uint(), Err(Malformed), "{bytes:02x?}");
        }
        // Of indefinite length, cut short, not UTF-8, a number beyond 64 bits, undefined, a half.
        assert_eq!(Reader::new(&[0x9F, 0xFF]).array(0), Err(Malformed));
        assert_eq!(Reader::new(&[0x7F, 0x61, 0x61, 0xFF]).text(), Err(Malformed));
        assert_eq!(Reader::new(&[0x43, 1, 2]).bytes(), Err(Malformed));
        assert_eq!(Reader::new(&[0x5B, 255, 255, 255, 255, 255, 255, 255, 255]).bytes(), Err(Malformed));
        assert_eq!(Reader::new(&[0x61, 0xFF]).text(), Err(Malformed));
        assert_eq!(Reader::new(&[0x1B, 128, 0, 0, 0, 0, 0, 0, 0]).int(), Err(Malformed));
        assert_eq!(Reader::new(&[0x3B, 128, 0, 0, 0, 0, 0, 0, 0]).int(), Err(Malformed));
        assert_eq!(Reader::new(&[0xF7]).bool(), Err(Malformed));
        assert_eq!(Reader::new(&[0xF8, 21]).bool(), Err(Malformed));
        assert_eq!(Reader::new(&[0xF9, 0, 0]).optional(Reader::uint), Err(Malformed));
        assert_eq!(Reader::new(&[]).uint(), Err(Malformed));
    }

    #[test]
    fn what_is_compared_must_be_all_there_is() {
        let bytes = [0x82, 1, 0x61, b'a'];
        let write = |out: &mut Writer<Against<'_>>| _ = out.uint(1).text("a");
        assert!(encodes(&bytes, 2, write));
        assert!(!encodes(&[0x82, 1, 0x61, b'a', 0], 2, write));
        assert!(!encodes(&bytes[..3], 2, write));
        assert!(!encodes(&[0x82, 2, 0x61, b'a'], 2, write));
        assert_eq!(hash(2, |out| _ = out.uint(1).text("a")), <[u8; 32]>::from(Sha256::digest(bytes)));
    }
}
