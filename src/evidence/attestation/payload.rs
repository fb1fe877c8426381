//! The bytes of a document: COSE_Sign1 (RFC 9052 §4.2) around a map of named fields.
//!
//! Source: "Nitro Enclaves Attestation Process" of `aws/aws-nitro-enclaves-nsm-api`, §2.2, §3.1 and §3.2.2. Where a real
//! document and that page differ, a comment says so.

use minicbor::Decoder;
use minicbor::data::{Tag, Type};

use super::code::Pcrs;
use super::error::{DocumentError, MOST_DOCUMENT};
use crate::cbor::Writer;
use crate::time::Timestamp;

/// More certificates than these are in no bundle: the real ones have four.
const MOST_CERTIFICATES: usize = 7;

/// The four parts of a COSE_Sign1, and what was signed.
pub(super) struct Sign1<'a> {
    pub(super) payload: &'a [u8],
    pub(super) signature: [u8; 96],
}

/// `{1: -35}`: ES384, and no word more.
const ES384: [u8; 4] = [0xA1, 0x01, 0x38, 0x22];
/// The tag that may stand before a COSE_Sign1; the real ones have none.
const SIGN1: u64 = 18;

impl<'a> Sign1<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, DocumentError> {
        if bytes.len() > MOST_DOCUMENT {
            return Err(DocumentError::TooLong);
        }
        let mut from = Decoder::new(bytes);
        let bad = |_| DocumentError::NotSign1;
        if from.datatype().map_err(bad)? == Type::Tag && from.tag().map_err(bad)? != Tag::new(SIGN1) {
            return Err(DocumentError::NotSign1);
        }
        if from.array().map_err(bad)? != Some(4) {
            return Err(DocumentError::NotSign1);
        }
        let protected = from.bytes().map_err(bad)?;
        // Nothing that is not signed may say anything.
        if from.map().map_err(bad)? != Some(0) {
            return Err(DocumentError::OpenHeader);
        }
        let payload = from.bytes().map_err(bad)?;
        let signature = from.bytes().map_err(bad)?;
        if from.position() != bytes.len() {
            return Err(DocumentError::NotSign1);
        }
        if protected != ES384 {
            return Err(DocumentError::OtherAlgorithm);
        }
        let signature = signature.try_into().map_err(|_| DocumentError::OtherAlgorithm)?;
        Ok(Sign1 { payload, signature })
    }

    /// What the signature is over: `Sig_structure` of RFC 9052 §4.4, with nothing from outside.
    pub(super) fn message(&self) -> Vec<u8> {
        let mut message = Writer::array(4);
        message.text("Signature1").bytes(&ES384).bytes(&[]).bytes(self.payload);
        message.finish()
    }
}

/// The fields of a document.
pub(super) struct Payload<'a> {
    pub(super) module: &'a str,
    pub(super) at: Timestamp,
    pub(super) pcrs: Pcrs,
    pub(super) certificate: &'a [u8],
    pub(super) bundle: Vec<&'a [u8]>,
    pub(super) user_data: Option<&'a [u8]>,
    pub(super) nonce: Option<&'a [u8]>,
}

impl<'a> Payload<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, DocumentError> {
        let mut from = Decoder::new(bytes);
        let (mut module, mut digest, mut at, mut pcrs) = (None, None, None, None);
        let (mut certificate, mut bundle) = (None, None);
        let (mut public_key, mut user_data, mut nonce) = (None, None, None);
        let length = from.map().map_err(|_| DocumentError::NotPayload)?;
        each(&mut from, length, DocumentError::NotPayload, |from| {
            let field = from.str().map_err(|_| DocumentError::NotPayload)?;
            match field {
                "module_id" => once(&mut module, "module_id", text(from)),
                "digest" => once(&mut digest, "digest", text(from)),
                "timestamp" => once(&mut at, "timestamp", time(from)),
                "pcrs" => once(&mut pcrs, "pcrs", registers(from)),
                "certificate" => once(&mut certificate, "certificate", sized(from, 1, 1024)),
                "cabundle" => once(&mut bundle, "cabundle", certificates(from)),
                // The page allows none of these three to be null; enclaves that gave none were seen with it.
                "public_key" => once(&mut public_key, "public_key", optional(from, 1)),
                "user_data" => once(&mut user_data, "user_data", optional(from, 0)),
                "nonce" => once(&mut nonce, "nonce", optional(from, 0)),
                // What a later form adds could change what the rest means.
                _ => Err(DocumentError::UnknownField),
            }
        })?;
        if from.position() != bytes.len() {
            return Err(DocumentError::NotPayload);
        }
        if digest.ok_or(DocumentError::Missing("digest"))? != "SHA384" {
            return Err(DocumentError::OtherDigest);
        }
        Ok(Payload {
            module: module.ok_or(DocumentError::Missing("module_id"))?,
            at: at.ok_or(DocumentError::Missing("timestamp"))?,
            pcrs: pcrs.ok_or(DocumentError::Missing("pcrs"))?,
            certificate: certificate.ok_or(DocumentError::Missing("certificate"))?,
            bundle: bundle.ok_or(DocumentError::Missing("cabundle"))?,
            user_data: user_data.flatten(),
            nonce: nonce.flatten(),
        })
    }
}

/// Keeps the value of a field that must not come twice.
fn once<T>(place: &mut Option<T>, field: &'static str, value: Option<T>) -> Result<(), DocumentError> {
    let value = value.ok_or(DocumentError::Field(field))?;
    if place.replace(value).is_some() { Err(DocumentError::Doubled(field)) } else { Ok(()) }
}

/// Reads every item of an array, or every member of a map, of definite length or not: the payload of real documents is a map
/// of indefinite length.
fn each<'a, E: Copy>(
    from: &mut Decoder<'a>,
    length: Option<u64>,
    bad: E,
    mut read: impl FnMut(&mut Decoder<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let mut left = length;
    loop {
        match &mut left {
            Some(0) => return Ok(()),
            Some(left) => *left -= 1,
            None if from.datatype().map_err(|_| bad)? == Type::Break => {
                from.set_position(from.position() + 1);
                return Ok(());
            }
            None => {}
        }
        read(from)?;
    }
}

fn text<'a>(from: &mut Decoder<'a>) -> Option<&'a str> {
    from.str().ok().filter(|text| !text.is_empty())
}

fn time(from: &mut Decoder<'_>) -> Option<Timestamp> {
    let millis = i64::try_from(from.u64().ok()?).ok()?;
    Timestamp::from_millis(millis).ok().filter(|_| millis > 0)
}

fn sized<'a>(from: &mut Decoder<'a>, least: usize, most: usize) -> Option<&'a [u8]> {
    from.bytes().ok().filter(|bytes| (least..=most).contains(&bytes.len()))
}

/// The page gives 512 bytes as the most of `user_data` and `nonce` in one place and 1024 in another.
fn optional<'a>(from: &mut Decoder<'a>, least: usize) -> Option<Option<&'a [u8]>> {
    if from.datatype().ok()? == Type::Null {
        return from.null().ok().map(|()| None);
    }
    sized(from, least, 1024).map(Some)
}

/// Register by register, each of 48 bytes, as SHA-384 makes them; the first three must be there.
fn registers(from: &mut Decoder<'_>) -> Option<Pcrs> {
    let mut found: [Option<[u8; 48]>; 32] = [None; 32];
    let length = from.map().ok()?;
    each(from, length, (), |from| {
        let index = from.u8().map_err(|_| ())?;
        let value = from.bytes().map_err(|_| ())?.try_into().map_err(|_| ())?;
        let place = found.get_mut(usize::from(index)).ok_or(())?;
        if place.replace(value).is_some() { Err(()) } else { Ok(()) }
    })
    .ok()?;
    let [Some(pcr0), Some(pcr1), Some(pcr2), ..] = found else { return None };
    Some(Pcrs { pcr0, pcr1, pcr2 })
}

fn certificates<'a>(from: &mut Decoder<'a>) -> Option<Vec<&'a [u8]>> {
    let mut found = vec![];
    let length = from.array().ok()?;
    each(from, length, (), |from| {
        found.push(sized(from, 1, 1024).ok_or(())?);
        if found.len() > MOST_CERTIFICATES { Err(()) } else { Ok(()) }
    })
    .ok()?;
    Some(found).filter(|found| !found.is_empty())
}
