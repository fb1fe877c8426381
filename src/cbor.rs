//! The deterministic subset of CBOR of `docs/formats.md`, "Conventions": definite arrays of integers, texts, byte
//! strings, booleans and null (RFC 8949 §4.2.1).

use std::convert::Infallible;

use minicbor::data::Type;
use minicbor::encode::Write;
use minicbor::{Decoder, Encoder};

/// Writes one value: into memory, or against bytes that are already there ([`encodes`]).
pub(crate) struct Writer<W = Vec<u8>>(Encoder<W>);

/// Where a value is written. Neither way can fail.
pub(crate) trait Sink: Write<Error = Infallible> {}
impl<W: Write<Error = Infallible>> Sink for W {}

const IN_MEMORY: &str = "writing to memory cannot fail";

impl Writer {
    /// Begins with an array of `items` items.
    pub(crate) fn array(items: usize) -> Self {
        Writer::array_of(items, 64)
    }

    /// As [`Self::array`], with room for `bytes`: what grows leaves copies behind that nobody wipes.
    pub(crate) fn array_of(items: usize, bytes: usize) -> Self {
        let mut writer = Writer(Encoder::new(Vec::with_capacity(bytes)));
        writer.nested(items);
        writer
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.into_writer()
    }
}

impl<W: Sink> Writer<W> {
    pub(crate) fn nested(&mut self, items: usize) -> &mut Self {
        self.0.array(items as u64).expect(IN_MEMORY);
        self
    }

    pub(crate) fn uint(&mut self, value: u64) -> &mut Self {
        self.0.u64(value).expect(IN_MEMORY);
        self
    }

    pub(crate) fn int(&mut self, value: i64) -> &mut Self {
        self.0.i64(value).expect(IN_MEMORY);
        self
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.0.str(value).expect(IN_MEMORY);
        self
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.0.bytes(value).expect(IN_MEMORY);
        self
    }

    pub(crate) fn bool(&mut self, value: bool) -> &mut Self {
        self.0.bool(value).expect(IN_MEMORY);
        self
    }

    pub(crate) fn null(&mut self) -> &mut Self {
        self.0.null().expect(IN_MEMORY);
        self
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

/// Whether an array of `items` items, as `write` writes it, is exactly these bytes. Nothing is copied.
pub(crate) fn encodes(bytes: &[u8], items: usize, write: impl FnOnce(&mut Writer<Against<'_>>)) -> bool {
    let mut writer = Writer(Encoder::new(Against { rest: bytes, same: true }));
    write(writer.nested(items));
    let Against { rest, same } = writer.0.into_writer();
    same && rest.is_empty()
}

/// Compares what is written with what is there.
pub(crate) struct Against<'a> {
    rest: &'a [u8],
    same: bool,
}

impl Write for Against<'_> {
    type Error = Infallible;

    fn write_all(&mut self, written: &[u8]) -> Result<(), Infallible> {
        match self.rest.strip_prefix(written) {
            Some(rest) => self.rest = rest,
            None => self.same = false,
        }
        Ok(())
    }
}

/// Not the expected bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl From<minicbor::decode::Error> for Malformed {
    fn from(_: minicbor::decode::Error) -> Self {
        Malformed
    }
}

pub(crate) type Read<T> = Result<T, Malformed>;

/// Reads one value. Callers re-encode what they read and compare, which refuses every second encoding.
pub(crate) struct Reader<'a>(Decoder<'a>);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Reader(Decoder::new(bytes))
    }

    /// An array of exactly `items` items.
    pub(crate) fn array(&mut self, items: u64) -> Read<()> {
        (self.0.array()? == Some(items)).then_some(()).ok_or(Malformed)
    }

    /// An array of at most `most` items; how many.
    pub(crate) fn array_up_to(&mut self, most: u64) -> Read<u64> {
        self.0.array()?.filter(|items| *items <= most).ok_or(Malformed)
    }

    pub(crate) fn uint(&mut self) -> Read<u64> {
        Ok(self.0.u64()?)
    }

    pub(crate) fn int(&mut self) -> Read<i64> {
        Ok(self.0.i64()?)
    }

    pub(crate) fn text(&mut self) -> Read<&'a str> {
        Ok(self.0.str()?)
    }

    pub(crate) fn bytes(&mut self) -> Read<&'a [u8]> {
        Ok(self.0.bytes()?)
    }

    pub(crate) fn fixed<const N: usize>(&mut self) -> Read<[u8; N]> {
        self.bytes()?.try_into().map_err(|_| Malformed)
    }

    pub(crate) fn bool(&mut self) -> Read<bool> {
        Ok(self.0.bool()?)
    }

    /// The value, or `None` for null.
    pub(crate) fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<Option<T>> {
        if self.0.datatype()? == Type::Null {
            self.0.null()?;
            return Ok(None);
        }
        read(self).map(Some)
    }
}
