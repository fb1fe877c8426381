//! The boxes: one kind of evidence each, with a state and an as-of time. No box speaks for another.
//!
//! A box here is what the head carries. Under the feature `evidence` it is filled from what was attached to the row.

#[cfg(feature = "evidence")]
pub mod artifact;
#[cfg(feature = "evidence")]
pub mod attestation;
mod boxes;
#[cfg(feature = "evidence")]
pub mod examine;
#[cfg(feature = "evidence")]
mod keccak;
mod material;
#[cfg(feature = "evidence")]
pub mod payment;
#[cfg(feature = "evidence")]
pub mod route;
mod saying;
#[cfg(feature = "evidence")]
pub mod settlement;
#[cfg(feature = "evidence")]
pub mod statement;

pub use boxes::{Artifact, Attached, Attachments, Boxes, Finding};
pub(crate) use boxes::{indexed, read_time};
#[cfg(feature = "evidence")]
use boxes::{is_blob_id, is_label};
pub use material::{Evidence, EvidenceFull, Kept, MOST_MATERIAL, Material, MaterialError, MaterialKind};
pub use saying::Saying;

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
