//! What was attached to a row, as it came: `docs/formats.md`, "Evidence". Nothing is verified here.

use std::fmt;

use serde_json::{Map, Value as Json};
use zeroize::Zeroizing;

use super::ladder;
use crate::cbor::{Malformed, Read, Reader, Sink, Writer, encodes};
use crate::evidence::indexed;
use crate::text::unbase64;
use crate::time::Timestamp;

/// One piece of evidence has at most 4 MiB.
pub const MOST_MATERIAL: usize = 4 << 20;
const MOST_MATERIALS: u64 = 64;
const LABEL: &str = "stillgood/evidence/v1";
/// Counts stay below 2^53.
const MOST_COUNT: u64 = 1 << 53;
/// What a sealed part may have, without what stands around it.
const MOST_EVIDENCE: usize = 8_388_608 - 1_024;

ladder!(
    /// What a piece of evidence is.
    MaterialKind {
        /// The response to a chat request, of the current form: JSON with `tee_signature`.
        Response = "response",
        /// The canonical bytes of the request.
        Request = "request",
        /// The text of the output that was signed.
        Output = "output",
        /// An attestation document: COSE_Sign1.
        Document = "document",
        /// An enclave's signing key: DER SubjectPublicKeyInfo.
        Key = "key",
        /// A response of the older form: JSON with `signed_message` and `signature`.
        LegacyResponse = "older-response",
        /// A Merkle proof of a settlement: JSON.
        Proof = "proof",
        /// An x402 receipt: JSON.
        Receipt = "receipt",
        /// A Permit2 authorisation: JSON.
        Permit = "permit",
        /// Header lines of an HTTP response.
        Headers = "headers",
        /// A signed OHTTP key configuration: JSON.
        KeyConfig = "key-configuration",
        /// A signed heartbeat: JSON.
        Heartbeat = "heartbeat",
        /// What somebody says: JSON with `by`.
        Statement = "statement",
    }
);

impl MaterialKind {
    /// Whether it is an answer, from which a row's text may have been made.
    #[cfg(feature = "vault")]
    pub(crate) const fn is_answer(self) -> bool {
        matches!(self, MaterialKind::Response | MaterialKind::LegacyResponse | MaterialKind::Output)
    }
}

/// One piece of evidence, as it came. Wiped on drop; `Debug` shows its kind and length.
#[derive(Clone, PartialEq, Eq)]
pub struct Material {
    kind: MaterialKind,
    bytes: Zeroizing<Vec<u8>>,
}

/// Why bytes are no piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MaterialError {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// Longer than any evidence is.
    #[error("a piece of evidence has at most 4 MiB")]
    TooLong,
    /// It begins as JSON does.
    #[error("it begins like JSON, and is not one JSON object")]
    NotJson,
    /// None of the known kinds.
    #[error("it is no kind of evidence that is known")]
    Unknown,
}

impl Material {
    /// Bytes that the caller knows to be of this kind. Whether they are is asked when they are examined.
    ///
    /// # Errors
    /// [`MaterialError::Empty`] or [`MaterialError::TooLong`].
    pub fn new(kind: MaterialKind, bytes: Vec<u8>) -> Result<Self, MaterialError> {
        match bytes.len() {
            0 => Err(MaterialError::Empty),
            length if length > MOST_MATERIAL => Err(MaterialError::TooLong),
            _ => Ok(Material { kind, bytes: Zeroizing::new(bytes) }),
        }
    }

    /// What a saved file is, by its content. JSON is told by its members, a document by its first byte, also where it is
    /// written in base64, a key in PEM by its label, headers by their form.
    ///
    /// An output is a text like any other, so that it is never recognised.
    ///
    /// # Errors
    /// [`MaterialError`].
    pub fn recognise(bytes: &[u8]) -> Result<Self, MaterialError> {
        let text = bytes.trim_ascii();
        if text.is_empty() {
            return Err(MaterialError::Empty);
        }
        if bytes.len() > MOST_MATERIAL * 3 / 2 {
            return Err(MaterialError::TooLong);
        }
        if is_sign1(bytes) {
            return Material::new(MaterialKind::Document, bytes.to_vec());
        }
        let text = std::str::from_utf8(text).map_err(|_| MaterialError::Unknown)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.starts_with('{') {
            let members = serde_json::from_str(text).map_err(|_| MaterialError::NotJson)?;
            return Material::new(kind_of(&members).ok_or(MaterialError::Unknown)?, bytes.to_vec());
        }
        if let Some(key) = text.strip_prefix("-----BEGIN PUBLIC KEY-----") {
            // Lines of any length: some programs write one.
            let (key, _) = key.split_once("-----END PUBLIC KEY-----").ok_or(MaterialError::Unknown)?;
            let joined: String = key.split_ascii_whitespace().collect();
            return Material::new(MaterialKind::Key, unbase64(&joined).ok_or(MaterialError::Unknown)?);
        }
        let joined: String = text.split_ascii_whitespace().collect();
        if let Some(document) = unbase64(&joined).filter(|bytes| is_sign1(bytes)) {
            return Material::new(MaterialKind::Document, document);
        }
        if are_headers(text) {
            return Material::new(MaterialKind::Headers, bytes.to_vec());
        }
        Err(MaterialError::Unknown)
    }

    /// What it is.
    pub fn kind(&self) -> MaterialKind {
        self.kind
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Material({}, {} bytes)", self.kind.name(), self.bytes.len())
    }
}

/// An array of four items, tagged as COSE_Sign1 or not (RFC 9052 §4.2).
fn is_sign1(bytes: &[u8]) -> bool {
    matches!(bytes, [0x84, 0x40..=0x5F, ..] | [0xD2, 0x84, ..])
}

/// What a JSON object is, by its members. A response may carry a receipt, so it comes first.
fn kind_of(members: &Map<String, Json>) -> Option<MaterialKind> {
    let has = |name: &str| members.contains_key(name);
    let says =
        |name: &str, words: &[&str]| members.get(name).and_then(Json::as_str).is_some_and(|word| words.contains(&word));
    let is_permit = || {
        let domain = members.get("typed_data").unwrap_or(&Json::Null).get("domain").or(members.get("domain"));
        let named = domain.and_then(|domain| domain.get("name")).and_then(Json::as_str);
        named == Some("Permit2") || members.get("payload").unwrap_or(&Json::Null).get("permit2Authorization").is_some()
    };
    let kinds: [(MaterialKind, bool); 9] = [
        (MaterialKind::Response, has("tee_signature")),
        (MaterialKind::LegacyResponse, has("signed_message") && has("signature")),
        (MaterialKind::Proof, has("leaf") && has("proof") || says("format", &["standard-v1"])),
        (MaterialKind::Receipt, says("format", &["eip712", "jws"])),
        (MaterialKind::Permit, is_permit()),
        (MaterialKind::KeyConfig, has("key_config")),
        (MaterialKind::Heartbeat, (has("teeId") || has("tee_id")) && has("timestamp") && has("signature")),
        (MaterialKind::Statement, has("by")),
        (MaterialKind::Request, has("model") && (has("messages") || has("prompt"))),
    ];
    kinds.into_iter().find_map(|(kind, is)| is.then_some(kind))
}

/// The headers that are read, beside those that begin with `x-settlement-`.
const PAYMENT_HEADERS: [&str; 4] = ["payment-signature", "x-payment", "payment-response", "x-payment-response"];

/// Lines of `name: value`, perhaps under status lines (RFC 9112 §2.1), one of them such as are read. A text may have colons, too.
fn are_headers(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
    };
    let is_field = |line: &str| line.split_once(':').is_some_and(|(name, _)| is_name(name));
    let is_read = |line: &str| {
        let name = line.split_once(':').map(|(name, _)| name.to_ascii_lowercase()).unwrap_or_default();
        name.starts_with("x-settlement-") || PAYMENT_HEADERS.contains(&name.as_str())
    };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("HTTP/"));
    lines.clone().any(is_read) && lines.all(is_field)
}

/// A piece of evidence of a row, when it was attached, and to which of the row's bodies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// The piece.
    pub material: Material,
    /// When it was attached.
    pub attached_at: Timestamp,
    /// The generation of the body that it was attached to. A row whose text changed since has another.
    pub body_generation: u64,
}

/// All the evidence that a row has, in the order in which it was attached.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Evidence(Vec<Kept>);

/// A piece cannot be kept with the others that count: together they would have more than 8 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", EvidenceFull::TEXT)]
pub struct EvidenceFull;

impl EvidenceFull {
    /// The same in words.
    pub const TEXT: &'static str = "a row keeps at most 8 MiB of evidence";
}

impl Evidence {
    /// All pieces.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Kept> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a piece. One that is there already counts as attached now, to this body. Where there is no room, what counts no
    /// more goes first: pieces of an earlier text, then those that a later one of their kind took the place of.
    ///
    /// # Errors
    /// [`EvidenceFull`]: nothing was changed.
    pub fn attach(&mut self, material: Material, at: Timestamp, body_generation: u64) -> Result<(), EvidenceFull> {
        let mut all: Vec<Kept> = self.0.iter().filter(|kept| kept.material != material).cloned().collect();
        let latest = self.0.iter().map(|kept| kept.attached_at).max();
        all.push(Kept { material, attached_at: latest.map_or(at, |latest| latest.max(at)), body_generation });
        while too_much(&all) {
            let place = spare(&all, body_generation).ok_or(EvidenceFull)?;
            all.remove(place);
        }
        self.0 = all;
        Ok(())
    }

    /// The pieces of a kind that were attached to this body, the last one first.
    #[cfg(feature = "evidence")]
    pub(crate) fn last_first(&self, kind: MaterialKind, body_generation: u64) -> impl Iterator<Item = &Material> {
        let of_it = move |kept: &&Kept| kept.material.kind == kind && kept.body_generation == body_generation;
        self.0.iter().rev().filter(of_it).map(|kept| &kept.material)
    }

    /// Whether anything was attached to this body.
    #[cfg(feature = "evidence")]
    pub(crate) fn is_of(&self, body_generation: u64) -> bool {
        self.0.iter().any(|kept| kept.body_generation == body_generation)
    }

    pub(crate) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let length = self.0.iter().map(|kept| kept.material.bytes.len() + 64).sum::<usize>();
        let mut out = Writer::array_of(2, length + 64);
        self.write(&mut out);
        Zeroizing::new(out.finish())
    }

    fn write<W: Sink>(&self, out: &mut Writer<W>) {
        out.text(LABEL).nested(self.0.len());
        for Kept { material, attached_at, body_generation } in &self.0 {
            out.nested(4).uint(material.kind.index()).int(attached_at.millis());
            out.uint(*body_generation).bytes(&material.bytes);
        }
    }

    /// What stands in a part of this generation.
    pub(crate) fn from_bytes(bytes: &[u8], generation: u64) -> Read<Self> {
        let mut from = Reader::new(bytes);
        from.array(2)?;
        if from.text()? != LABEL {
            return Err(Malformed);
        }
        let mut all: Vec<Kept> = vec![];
        for _ in 0..from.array_up_to(MOST_MATERIALS)? {
            from.array(4)?;
            let kind = indexed(&mut from, MaterialKind::from_index)?;
            let attached_at = Timestamp::from_millis(from.int()?).map_err(|_| Malformed)?;
            let body_generation = from.uint()?;
            let material = Material::new(kind, from.bytes()?.to_vec()).map_err(|_| Malformed)?;
            let follows = all.last().is_none_or(|last| last.attached_at <= attached_at);
            let is_new = all.iter().all(|kept| kept.material != material);
            let of_a_body = (1..=generation.min(MOST_COUNT)).contains(&body_generation);
            if !(follows && is_new && of_a_body) {
                return Err(Malformed);
            }
            all.push(Kept { material, attached_at, body_generation });
        }
        from.end()?;
        let evidence = Evidence(all);
        debug_assert!(encodes(bytes, 2, |out| evidence.write(out)), "one encoding per value");
        (!evidence.is_empty()).then_some(evidence).ok_or(Malformed)
    }
}

/// Whether these are more than a row keeps.
fn too_much(all: &[Kept]) -> bool {
    // 64 bytes stand around each piece at most.
    let bytes: usize = all.iter().map(|kept| kept.material.bytes.len() + 64).sum();
    all.len() as u64 > MOST_MATERIALS || bytes > MOST_EVIDENCE
}

/// The first piece of an earlier text, else the first that a later one of its kind took the place of.
fn spare(all: &[Kept], body_generation: u64) -> Option<usize> {
    let replaced = |(place, kept): (usize, &Kept)| {
        all.iter().skip(place + 1).any(|later| later.material.kind == kept.material.kind)
    };
    let adds_up = |kept: &Kept| matches!(kept.material.kind, MaterialKind::Statement | MaterialKind::Headers);
    let of_earlier = all.iter().position(|kept| kept.body_generation != body_generation);
    let outright = || all.iter().enumerate().position(|(place, kept)| !adds_up(kept) && replaced((place, kept)));
    of_earlier.or_else(outright).or_else(|| all.iter().enumerate().position(replaced))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(text: &str) -> Result<MaterialKind, MaterialError> {
        Material::recognise(text.as_bytes()).map(|material| material.kind())
    }

    #[test]
    fn files_are_told_by_their_content() {
        let cases = [
            (r#"{"id":"x","tee_signature":"AAAA","receipt":{}}"#, MaterialKind::Response),
            (r#"{"signed_message":"{}","signature":"AA=="}"#, MaterialKind::LegacyResponse),
            (r#"{"root":"0x","leaf":[],"proof":[]}"#, MaterialKind::Proof),
            (r#"{"format":"standard-v1","tree":[]}"#, MaterialKind::Proof),
            (r#"{"format":"jws","signature":"a.b.c"}"#, MaterialKind::Receipt),
            (r#"{"typed_data":{"domain":{"name":"Permit2"}},"signature":"0x"}"#, MaterialKind::Permit),
            (r#"{"tee_id":"0x","key_config":"AA=="}"#, MaterialKind::KeyConfig),
            (r#"{"tee_id":"0x","timestamp":1,"signature":"AA=="}"#, MaterialKind::Heartbeat),
            (r#"{"by":"me","artifact":{"label":"m-1"}}"#, MaterialKind::Statement),
            (r#"{"model": "m-1", "messages": []}"#, MaterialKind::Request),
            (
                "HTTP/1.1 402 \r\nvia: x\r\n\r\nHTTP/1.1 200 OK\r\nX-Settlement-Type: batch\r\n\r\n",
                MaterialKind::Headers,
            ),
            ("\u{feff}{\"by\": \"me\"}", MaterialKind::Statement),
            ("-----BEGIN PUBLIC KEY-----MAAA-----END PUBLIC KEY-----", MaterialKind::Key),
            ("PAYMENT-RESPONSE: e30=\n", MaterialKind::Headers),
            ("hEShATgi\noA==", MaterialKind::Document),
        ];
        for (text, kind) in cases {
            assert_eq!(recognised(text), Ok(kind), "{text}");
        }
        for text in [
            "Hello! How can I help?",
            "{}",
            "[1]",
            "Note: this is\na text",
            "Answer: it is fine",
            "data: {}\n\ndata: [DONE]\n",
            "-----BEGIN PUBLIC KEY-----",
        ] {
            assert_eq!(recognised(text), Err(MaterialError::Unknown), "{text}");
        }
        assert_eq!(recognised("{\"a\":"), Err(MaterialError::NotJson));
        assert_eq!(recognised(" \n"), Err(MaterialError::Empty));
        assert_eq!(Material::recognise(&vec![b'x'; MOST_MATERIAL * 2]), Err(MaterialError::TooLong));
    }

    #[test]
    fn evidence_reads_as_it_was_written_and_in_no_other_form() {
        let at = |millis| Timestamp::from_millis(millis).unwrap();
        let material = |kind, bytes: &[u8]| Material::new(kind, bytes.to_vec()).unwrap();
        let mut evidence = Evidence::default();
        evidence.attach(material(MaterialKind::Output, b"one"), at(5), 1).unwrap();
        evidence.attach(material(MaterialKind::Key, b"two"), at(7), 1).unwrap();
        // Attached again: to another body, and last. A clock that went back does not show.
        evidence.attach(material(MaterialKind::Output, b"one"), at(6), 2).unwrap();
        let kinds: Vec<_> = evidence.iter().map(|kept| (kept.material.kind(), kept.attached_at.millis())).collect();
        assert_eq!(kinds, [(MaterialKind::Key, 7), (MaterialKind::Output, 7)]);
        #[cfg(feature = "evidence")]
        assert!(evidence.is_of(2) && !evidence.is_of(3) && evidence.last_first(MaterialKind::Key, 2).next().is_none());
        let bytes = evidence.to_bytes();
        assert_eq!(Evidence::from_bytes(&bytes, 2), Ok(evidence.clone()));
        assert_eq!(Evidence::from_bytes(&bytes, 1), Err(Malformed), "a body to come");
        for cut in 0..bytes.len() {
            assert_eq!(Evidence::from_bytes(&bytes[..cut], 2), Err(Malformed), "{cut}");
        }
        for byte in 0..bytes.len() {
            let mut other = bytes.to_vec();
            other[byte] ^= 0x40;
            if let Ok(read) = Evidence::from_bytes(&other, 2) {
                assert_ne!(read, evidence, "{byte}");
            }
        }
        assert_eq!(Evidence::from_bytes(&Evidence::default().to_bytes(), 2), Err(Malformed), "nothing in it");
    }

    #[test]
    fn a_piece_has_at_most_4_mib_also_where_it_is_read() {
        let of = |length| {
            let mut out = Writer::array_of(2, length + 64);
            out.text(LABEL).nested(1).nested(4).uint(2).int(0).uint(1).bytes(&vec![7; length]);
            Evidence::from_bytes(&out.finish(), 1)
        };
        assert!(of(MOST_MATERIAL).is_ok());
        assert_eq!(of(MOST_MATERIAL + 1), Err(Malformed));
        let too_long = Material::new(MaterialKind::Output, vec![7; MOST_MATERIAL + 1]);
        assert_eq!(too_long, Err(MaterialError::TooLong));
        assert_eq!(Material::new(MaterialKind::Output, vec![]), Err(MaterialError::Empty));
    }

    #[test]
    fn what_counts_no_more_makes_room() {
        let at = Timestamp::from_millis(0).unwrap();
        let piece = |kind, byte| Material::new(kind, vec![byte]).unwrap();
        let mut evidence = Evidence::default();
        evidence.attach(piece(MaterialKind::Key, 200), at, 2).unwrap();
        evidence.attach(piece(MaterialKind::Key, 201), at, 1).unwrap();
        for number in 0_u8..62 {
            evidence.attach(piece(MaterialKind::Output, number), at, 2).unwrap();
        }
        let kept = |evidence: &Evidence, byte| evidence.iter().any(|kept| kept.material.bytes() == [byte]);
        // First what belongs to another text, then the oldest of those that were replaced.
        evidence.attach(piece(MaterialKind::Output, 62), at, 2).unwrap();
        assert!(evidence.iter().len() == 64 && !kept(&evidence, 201));
        evidence.attach(piece(MaterialKind::Output, 63), at, 2).unwrap();
        assert!(evidence.iter().len() == 64 && !kept(&evidence, 0) && kept(&evidence, 200));
    }

    #[test]
    fn what_counts_is_kept_or_refused() {
        let at = Timestamp::from_millis(0).unwrap();
        let large = |kind, byte| Material::new(kind, vec![byte; MOST_MATERIAL]).unwrap();
        let mut evidence = Evidence::default();
        evidence.attach(large(MaterialKind::Output, 1), at, 1).unwrap();
        let before = evidence.clone();
        assert_eq!(evidence.attach(large(MaterialKind::Key, 2), at, 1), Err(EvidenceFull));
        assert_eq!(evidence, before);
        evidence.attach(large(MaterialKind::Output, 3), at, 1).unwrap();
        assert_eq!(evidence.iter().len(), 1, "it took the place of the first");
    }
}
