//! The boxes of one row, and their bytes: `docs/formats.md`, "Head".

use std::ops::{Deref, DerefMut};

use super::{BoxKind, Code, Found, How, Mode, PaymentRung, Private, SettlementRung, State};
use crate::cbor::{Malformed, Read, Reader, Sink, Writer};
use crate::time::Timestamp;

/// What the head says of one box where something is attached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Claimed, malformed, verified or contradicted.
    pub state: Found,
    /// When that was found or claimed.
    pub as_of: Option<Timestamp>,
}

/// A box with what it alone carries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attached<T> {
    /// State and as-of time.
    pub finding: Finding,
    /// What this box alone carries.
    pub detail: T,
}

/// The model: what was asked for, and what it was. Never one field.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Artifact {
    /// The label: 1 to 256 bytes without control characters.
    pub label: Option<String>,
    /// The Walrus blob id: the unpadded base64url of 32 bytes.
    pub blob_id: Option<String>,
}

/// The eight boxes of one row; `None` where nothing is attached.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Boxes {
    /// Is the row's text the signed text?
    pub binding: Option<Attached<How>>,
    /// The enclave's signature, and whether its code is listed.
    pub attestation: Option<Attached<Code>>,
    /// How the model ran.
    pub mode: Option<Attached<Mode>>,
    /// How far settlement got, and when it is due.
    pub settlement: Option<Attached<(SettlementRung, Option<Timestamp>)>>,
    /// How far payment got.
    pub payment: Option<Attached<PaymentRung>>,
    /// Which way the request took.
    pub route: Option<Attached<Private>>,
    /// Which model artifact answered.
    pub artifact: Option<Attached<Artifact>>,
    /// Until when the fetched data is fresh.
    pub data: Option<Attached<Option<Timestamp>>>,
}

/// The boxes of a row, read and set as [`Boxes`] are. Most rows have none, and then they take no room.
#[derive(Clone, Debug, Default)]
pub struct Attachments(Option<Box<Boxes>>);

/// What stands in the boxes of a row that has none.
static NOTHING: Boxes = Boxes {
    binding: None,
    attestation: None,
    mode: None,
    settlement: None,
    payment: None,
    route: None,
    artifact: None,
    data: None,
};

impl Deref for Attachments {
    type Target = Boxes;
    fn deref(&self) -> &Boxes {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Attachments {
    fn deref_mut(&mut self) -> &mut Boxes {
        self.0.get_or_insert_default()
    }
}

impl From<Boxes> for Attachments {
    fn from(boxes: Boxes) -> Self {
        Attachments(Some(Box::new(boxes)))
    }
}

impl PartialEq for Attachments {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Attachments {}

impl Attachments {
    /// What is left of evidence when the row's text changes: it is of another text, which the box of binding says.
    #[cfg(any(feature = "evidence", feature = "vault"))]
    pub(crate) fn of_another_text(at: Timestamp) -> Self {
        let finding = Finding { state: Found::Contradicted, as_of: Some(at) };
        Boxes { binding: Some(Attached { finding, detail: How::Unknown }), ..Boxes::default() }.into()
    }

    /// The boxes of a head.
    pub(crate) fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.array(BoxKind::ALL.len() as u64)?;
        if from.nulls(BoxKind::ALL.len()) {
            return Ok(Attachments(None));
        }
        Boxes::read(from).map(|boxes| Attachments(Some(boxes)))
    }
}

impl Boxes {
    /// State and as-of time of one box, as stored.
    pub fn finding(&self, kind: BoxKind) -> Option<Finding> {
        match kind {
            BoxKind::Binding => self.binding.as_ref().map(|attached| attached.finding),
            BoxKind::Attestation => self.attestation.as_ref().map(|attached| attached.finding),
            BoxKind::Mode => self.mode.as_ref().map(|attached| attached.finding),
            BoxKind::Settlement => self.settlement.as_ref().map(|attached| attached.finding),
            BoxKind::Payment => self.payment.as_ref().map(|attached| attached.finding),
            BoxKind::Route => self.route.as_ref().map(|attached| attached.finding),
            BoxKind::Artifact => self.artifact.as_ref().map(|attached| attached.finding),
            BoxKind::Data => self.data.as_ref().map(|attached| attached.finding),
        }
    }

    /// Takes over the times of those boxes that say the same as before.
    #[cfg(all(feature = "evidence", feature = "vault"))]
    pub(crate) fn keep_times_of(&mut self, before: &Boxes) {
        macro_rules! keep {
            ($($name:ident)+) => {$(
                if let (Some(now), Some(before)) = (&mut self.$name, &before.$name)
                    && now.finding.state == before.finding.state
                    && now.detail == before.detail
                {
                    now.finding.as_of = before.finding.as_of;
                }
            )+};
        }
        keep!(binding attestation mode settlement payment route artifact data);
    }

    /// When this box lapses with nothing but time passing; `None` for never.
    pub fn lapses_at(&self, kind: BoxKind) -> Option<Timestamp> {
        match kind {
            BoxKind::Settlement => {
                let (rung, due) = self.settlement.as_ref()?.detail;
                due.filter(|_| rung < SettlementRung::Included)
            }
            BoxKind::Data => self.data.as_ref()?.detail,
            _ => None,
        }
    }

    /// The state of one box at a time: a claim or finding whose deadline has passed is lapsed.
    pub fn state_at(&self, kind: BoxKind, at: Timestamp) -> State {
        match self.finding(kind).map(|finding| finding.state) {
            None => State::Absent,
            Some(Found::Malformed) => State::Malformed,
            Some(Found::Contradicted) => State::Contradicted,
            Some(Found::Claimed | Found::Verified) if self.lapses_at(kind).is_some_and(|end| end <= at) => {
                State::Lapsed
            }
            Some(Found::Claimed) => State::Claimed,
            Some(Found::Verified) => State::Verified,
        }
    }

    pub(crate) fn write<W: Sink>(&self, out: &mut Writer<W>) {
        out.nested(BoxKind::ALL.len());
        let time = |time: Option<Timestamp>| time.map(Timestamp::millis);
        write_box(out, &self.binding, 1, |out, how| _ = out.uint(how.index()));
        write_box(out, &self.attestation, 1, |out, code| _ = out.uint(code.index()));
        write_box(out, &self.mode, 1, |out, mode| _ = out.uint(mode.index()));
        write_box(out, &self.settlement, 2, |out, (rung, due)| _ = out.uint(rung.index()).int_or_null(time(*due)));
        write_box(out, &self.payment, 1, |out, rung| _ = out.uint(rung.index()));
        write_box(out, &self.route, 1, |out, private| _ = out.uint(private.index()));
        write_box(out, &self.artifact, 2, |out, artifact| {
            out.text_or_null(artifact.label.as_deref()).text_or_null(artifact.blob_id.as_deref());
        });
        write_box(out, &self.data, 1, |out, fresh_until| _ = out.int_or_null(time(*fresh_until)));
    }

    /// Into its place: eight boxes are large, and heads are read by the hundred.
    fn read(from: &mut Reader<'_>) -> Read<Box<Self>> {
        let mut boxes = Box::<Boxes>::default();
        boxes.binding = read_box(from, 1, |from| indexed(from, How::from_index))?;
        boxes.attestation = read_box(from, 1, |from| indexed(from, Code::from_index))?;
        boxes.mode = read_box(from, 1, |from| indexed(from, Mode::from_index))?;
        boxes.settlement =
            read_box(from, 2, |from| Ok((indexed(from, SettlementRung::from_index)?, read_time(from)?)))?;
        boxes.payment = read_box(from, 1, |from| indexed(from, PaymentRung::from_index))?;
        boxes.route = read_box(from, 1, |from| indexed(from, Private::from_index))?;
        boxes.artifact = read_box(from, 2, read_artifact)?;
        boxes.data = read_box(from, 1, read_time)?;
        Ok(boxes)
    }
}

fn read_artifact(from: &mut Reader<'_>) -> Read<Artifact> {
    let label = from.optional(|from| from.text().map(str::to_owned))?;
    let blob_id = from.optional(|from| from.text().map(str::to_owned))?;
    let artifact = Artifact { label, blob_id };
    artifact.is_legal().then_some(artifact).ok_or(Malformed)
}

impl Artifact {
    /// Whether label and blob id have their form.
    pub fn is_legal(&self) -> bool {
        self.label.as_deref().is_none_or(is_label) && self.blob_id.as_deref().is_none_or(is_blob_id)
    }
}

pub(super) fn is_label(text: &str) -> bool {
    let has_control = if text.is_ascii() {
        text.bytes().any(|byte| byte.is_ascii_control())
    } else {
        text.chars().any(char::is_control)
    };
    (1..=256).contains(&text.len()) && !has_control
}

/// Unpadded base64url of 32 bytes: 43 digits (RFC 4648 §5), the last with its two unused bits zero. Every head that has a blob
/// id is asked, so that nothing is decoded.
pub(super) fn is_blob_id(text: &str) -> bool {
    let digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let last = |byte: &u8| b"AEIMQUYcgkosw048".contains(byte);
    text.len() == 43 && text.as_bytes().iter().all(digit) && text.as_bytes().last().is_some_and(last)
}

fn write_box<T, W: Sink>(
    out: &mut Writer<W>,
    attached: &Option<Attached<T>>,
    items: usize,
    detail: impl FnOnce(&mut Writer<W>, &T),
) {
    let Some(attached) = attached else {
        out.null();
        return;
    };
    out.nested(2 + items)
        .uint(attached.finding.state.index() + 1)
        .int_or_null(attached.finding.as_of.map(Timestamp::millis));
    detail(out, &attached.detail);
}

fn read_box<T>(
    from: &mut Reader<'_>,
    items: u64,
    detail: impl FnOnce(&mut Reader<'_>) -> Read<T>,
) -> Read<Option<Attached<T>>> {
    from.optional(|from| {
        from.array(2 + items)?;
        let state = from.uint()?.checked_sub(1).and_then(Found::from_index).ok_or(Malformed)?;
        let as_of = read_time(from)?;
        Ok(Attached { finding: Finding { state, as_of }, detail: detail(from)? })
    })
}

pub(crate) fn indexed<T>(from: &mut Reader<'_>, item: impl FnOnce(u64) -> Option<T>) -> Read<T> {
    item(from.uint()?).ok_or(Malformed)
}

pub(crate) fn read_time(from: &mut Reader<'_>) -> Read<Option<Timestamp>> {
    from.optional(|from| Timestamp::from_millis(from.int()?).map_err(|_| Malformed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_id_is_what_decodes_to_32_bytes() {
        use data_encoding::BASE64URL_NOPAD;
        let bytes: Vec<u8> = (0..32).map(|byte| byte * 8 + 3).collect();
        let sound = BASE64URL_NOPAD.encode(&bytes);
        for place in [0, 20, 41, 42] {
            for byte in 0..=127_u8 {
                let mut text = sound.clone().into_bytes();
                text[place] = byte;
                let decodes = BASE64URL_NOPAD.decode(&text).is_ok_and(|id| id.len() == 32);
                assert_eq!(is_blob_id(std::str::from_utf8(&text).unwrap()), decodes, "{byte} at {place}");
            }
        }
        for other in [&sound[1..], &format!("{sound}A"), &format!("{}=", &sound[..42]), ""] {
            assert!(!is_blob_id(other), "{other}");
        }
    }

    #[test]
    fn boxes_with_nothing_in_them_are_no_boxes() {
        let mut touched = Attachments::from(Boxes::default());
        assert_eq!(touched, Attachments::default());
        let finding = Finding { state: Found::Claimed, as_of: None };
        touched.mode = Some(Attached { finding, detail: Mode::Tee });
        assert_ne!(touched, Attachments::default());
        for boxes in [Attachments::default(), touched] {
            let mut out = Writer::array(1);
            boxes.write(&mut out);
            let bytes = out.finish();
            let mut from = Reader::new(&bytes);
            from.array(1).unwrap();
            assert_eq!((Attachments::read(&mut from), from.end()), (Ok(boxes), Ok(())));
        }
    }
}
