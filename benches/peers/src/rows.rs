//! The rows: always the same, drawn so that every branch of the policy is taken.

/// So many rows.
pub(crate) const ROWS: usize = 1024;

/// In seconds, as all times here.
pub(crate) const DAY: i64 = 24 * 60 * 60;

/// A row as a request finds it: what the policy reads of both.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) kind: Kind,
    pub(crate) age: i64,
    pub(crate) unconfirmed_for: i64,
    pub(crate) expires_in: Option<i64>,
    pub(crate) rung: Rung,
    /// The model that it came from.
    pub(crate) artifact: Option<Model>,
    /// The model that is asked now.
    pub(crate) asked: Option<Model>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Episodic,
    Semantic,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rung {
    None,
    Requested,
    Announced,
    Included,
    Anchored,
}

/// A model's name, and which of that name it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Model {
    pub(crate) label: &'static str,
    pub(crate) blob_id: &'static str,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Episodic => "episodic",
            Kind::Semantic => "semantic",
        }
    }
}

impl Rung {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Rung::None => "none",
            Rung::Requested => "requested",
            Rung::Announced => "announced",
            Rung::Included => "included",
            Rung::Anchored => "anchored",
        }
    }
}

const LABELS: [&str; 3] = ["small-8b", "middle-32b", "large-235b"];
const BLOBS: [&str; 2] = ["3b0c44298fc1c149afbf4c8996fb9242", "27ae41e4649b934ca495991b7852b855"];
/// Seven of ten are settled.
const RUNGS: [Rung; 10] = {
    use Rung::{Anchored, Announced, Included, None, Requested};
    [Anchored, Anchored, Anchored, Anchored, Included, Included, Included, None, Requested, Announced]
};

/// All of them.
pub(crate) fn rows() -> Vec<Row> {
    let mut random = SplitMix64(0x5711_1600_D000_0006);
    (0..ROWS).map(|_| random.row()).collect()
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `end`; the tiny preference for small numbers does no harm here.
    fn below(&mut self, end: i64) -> i64 {
        (self.next() % end.unsigned_abs()).cast_signed()
    }

    fn percent(&mut self, chance: i64) -> bool {
        self.below(100) < chance
    }

    fn model(&mut self) -> Model {
        Model {
            label: LABELS[self.below(LABELS.len() as i64) as usize],
            blob_id: BLOBS[self.below(BLOBS.len() as i64) as usize],
        }
    }

    fn row(&mut self) -> Row {
        let kind = if self.percent(50) { Kind::Episodic } else { Kind::Semantic };
        // What happened is mostly of the last months, a lasting fact of the last years.
        let longest = if kind == Kind::Episodic { 90 * DAY } else { 900 * DAY };
        let age = if self.percent(10) { self.below(DAY) } else { self.below(longest) };
        let confirmed = self.percent(50);
        Row {
            kind,
            age,
            unconfirmed_for: if confirmed { self.below(age + 1) } else { age },
            expires_in: self.percent(25).then(|| self.below(100 * DAY) - 40 * DAY),
            rung: RUNGS[self.below(RUNGS.len() as i64) as usize],
            artifact: self.percent(80).then(|| self.model()),
            asked: self.percent(80).then(|| self.model()),
        }
    }
}
