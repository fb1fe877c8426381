//! The boxes: one kind of evidence each, with a state and an as-of time. No box speaks for another.
//!
//! A box here is what the head carries. Evidence is verified below, under the feature `evidence`; attaching it to a row is
//! not part of this version.

#[cfg(feature = "evidence")]
pub mod attestation;
#[cfg(feature = "evidence")]
mod keccak;

use std::ops::{Deref, DerefMut};

use data_encoding::BASE64URL_NOPAD;

use crate::cbor::{Malformed, Read, Reader, Sink, Writer};
use crate::time::Timestamp;

/// One kind of evidence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BoxKind {
    /// Is the row's text the signed text?
    Binding,
    /// An enclave signed the answer the row came from.
    Attestation,
    /// How the model ran.
    Mode,
    /// Whether the run reached a chain.
    Settlement,
    /// Whether the run was paid.
    Payment,
    /// Which way the request took.
    Route,
    /// Which model artifact answered.
    Artifact,
    /// What was fetched from outside.
    Data,
}

impl BoxKind {
    /// All eight, in the order of the head.
    pub const ALL: [BoxKind; 8] = [
        BoxKind::Binding,
        BoxKind::Attestation,
        BoxKind::Mode,
        BoxKind::Settlement,
        BoxKind::Payment,
        BoxKind::Route,
        BoxKind::Artifact,
        BoxKind::Data,
    ];

    /// The name used in facts, needs and output.
    pub const fn name(self) -> &'static str {
        match self {
            BoxKind::Binding => "binding",
            BoxKind::Attestation => "attestation",
            BoxKind::Mode => "mode",
            BoxKind::Settlement => "settlement",
            BoxKind::Payment => "payment",
            BoxKind::Route => "route",
            BoxKind::Artifact => "artifact",
            BoxKind::Data => "data",
        }
    }

    /// The box of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        BoxKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A closed list of words. Each list begins with what is said when nothing else is.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub enum $name {
            #[default]
            $($(#[$item_doc])* $item),+
        }

        impl $name {
            /// All of them, in the order of the format.
            pub const ALL: &'static [$name] = &[$($name::$item),+];
            /// The words of [`Self::ALL`], in the same order.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The word used in facts, exports and output.
            pub const fn name(self) -> &'static str {
                match self { $($name::$item => $text),+ }
            }

            /// The value of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|item| item.name() == name)
            }
        }
    };
}
pub(crate) use words;

words!(
    /// What is known of one box at one time.
    State {
        /// Nothing is attached.
        Absent = "absent",
        /// Somebody says so; nothing was checked.
        Claimed = "claimed",
        /// What is attached does not parse.
        Malformed = "malformed",
        /// Checked, as of a time, for exactly what the box says.
        Verified = "verified",
        /// Checked, and it does not hold.
        Contradicted = "contradicted",
        /// It held until a deadline that has passed. Derived at the time of asking, never stored.
        Lapsed = "lapsed",
    }
);

/// A closed list of words that a head stores by index.
macro_rules! ladder {
    ($(#[$doc:meta])* $name:ident { $($list:tt)+ }) => {
        $crate::evidence::words!($(#[$doc])* $name { $($list)+ });

        impl $name {
            pub(crate) const fn index(self) -> u64 {
                self as u64
            }

            pub(crate) fn from_index(index: u64) -> Option<Self> {
                Self::ALL.get(usize::try_from(index).ok()?).copied()
            }
        }
    };
}
pub(crate) use ladder;

ladder!(
    /// How the row's text relates to the signed text.
    How {
        /// Not known.
        Unknown = "unknown",
        /// The same text.
        Verbatim = "verbatim",
        /// A part of it.
        Substring = "substring",
        /// Made from it.
        Derived = "derived",
    }
);
ladder!(
    /// Whether the attested code is on the user's dated list.
    Code {
        /// Not known.
        Unknown = "unknown",
        /// On the list.
        Listed = "listed",
        /// Not on the list.
        Unlisted = "unlisted",
    }
);
ladder!(
    /// How the model ran.
    Mode {
        /// Not known.
        Unknown = "unknown",
        /// Plain inference.
        Vanilla = "vanilla",
        /// With a zero-knowledge proof.
        Zkml = "zkml",
        /// In an enclave.
        Tee = "tee",
    }
);
ladder!(
    /// How far the run's settlement got.
    SettlementRung {
        /// Nothing is known.
        None = "none",
        /// Asked for.
        Requested = "requested",
        /// A transaction hash was named.
        Announced = "announced",
        /// A Merkle proof against a given root holds.
        Included = "included",
        /// The chain event was seen.
        Anchored = "anchored",
    }
);
ladder!(
    /// How far the run's payment got.
    PaymentRung {
        /// Nothing is known.
        None = "none",
        /// Somebody else paid, or nobody.
        NotThePayer = "not-the-payer",
        /// The payer signed.
        Authorised = "authorised",
        /// Accepted for charging.
        Queued = "queued",
        /// A receipt's signature holds.
        Receipted = "receipted",
        /// Seen on the chain.
        Settled = "settled",
    }
);
ladder!(
    /// Whether the request took the private route.
    Private {
        /// Not known.
        Unknown = "unknown",
        /// It did.
        Yes = "yes",
        /// It did not.
        No = "no",
    }
);

/// What the head says of one box where something is attached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Claimed, malformed, verified or contradicted.
    pub state: Found,
    /// When that was found or claimed.
    pub as_of: Option<Timestamp>,
}

ladder!(
    /// The states that are stored.
    Found {
        /// Somebody says so.
        Claimed = "claimed",
        /// Does not parse.
        Malformed = "malformed",
        /// Checked and holds.
        Verified = "verified",
        /// Checked and does not hold.
        Contradicted = "contradicted",
    }
);

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
    /// The boxes of a head.
    pub(crate) fn read(from: &mut Reader<'_>) -> Read<Self> {
        from.array(BoxKind::ALL.len() as u64)?;
        if from.nulls(BoxKind::ALL.len()) {
            return Ok(Attachments(None));
        }
        Boxes::read(from).map(Attachments::from)
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

    fn read(from: &mut Reader<'_>) -> Read<Self> {
        Ok(Boxes {
            binding: read_box(from, 1, |from| indexed(from, How::from_index))?,
            attestation: read_box(from, 1, |from| indexed(from, Code::from_index))?,
            mode: read_box(from, 1, |from| indexed(from, Mode::from_index))?,
            settlement: read_box(from, 2, |from| Ok((indexed(from, SettlementRung::from_index)?, read_time(from)?)))?,
            payment: read_box(from, 1, |from| indexed(from, PaymentRung::from_index))?,
            route: read_box(from, 1, |from| indexed(from, Private::from_index))?,
            artifact: read_box(from, 2, read_artifact)?,
            data: read_box(from, 1, read_time)?,
        })
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
        let label = |text: &String| (1..=256).contains(&text.len()) && !text.chars().any(char::is_control);
        let blob =
            |text: &String| text.len() == 43 && BASE64URL_NOPAD.decode(text.as_bytes()).is_ok_and(|id| id.len() == 32);
        self.label.as_ref().is_none_or(label) && self.blob_id.as_ref().is_none_or(blob)
    }
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
