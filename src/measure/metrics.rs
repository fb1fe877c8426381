//! How good chances are: whether they rank, whether they mean what they say, and what acting on them costs.

pub mod bootstrap;
pub(super) mod ranking;

/// Chances count as at least so much and at most one less this, in the log loss alone: one sure mistake would outweigh all.
pub const CLAMP: f64 = 1e-4;

/// As many bins of equal mass the calibration is measured in. Equal chances stay together, so there may be fewer.
pub const BINS: u64 = 15;

/// At most this share of the rows left live may be stale, in [`Metrics::asked`].
pub const MOST_STALE: f64 = 0.05;

/// The shares of the rows asked about at which leaks and retirements are told.
pub const ASKED: [f64; 3] = [0.25, 0.5, 0.75];

/// What is told of a method, over rows that each say whether they held.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Metrics {
    /// How many rows.
    pub rows: u64,
    /// The share of them that held.
    pub held: f64,
    /// The chance that a row that held is given more than one that did not, a tie counting half; `None` where all or none held.
    pub auc: Option<f64>,
    /// The mean of −ln of the chance given to what was the case, with chances held within [`CLAMP`].
    pub log_loss: f64,
    /// The mean squared difference of chance and outcome.
    pub brier: f64,
    /// How far the chance of each bin is from the share that held in it, squared, weighted by its rows: Murphy (1973).
    pub reliability: f64,
    /// How far the share that held in each bin is from that of all, squared. Brier is reliability − resolution + uncertainty
    /// where all chances of a bin are equal, else nearly.
    pub resolution: f64,
    /// What the Brier score of the share that held would be.
    pub uncertainty: f64,
    /// The mean over bins, weighted by their rows, of how far mean chance and share held are apart.
    pub ece: f64,
    /// The least share of rows that must be asked about, lowest chances first, so that at most [`MOST_STALE`] of those left
    /// are stale. Equal chances are asked about together.
    pub asked: f64,
    /// The share of stale rows among those left live, where the shares [`ASKED`] are asked about. Of equal chances, as many as
    /// are needed, without looking.
    pub leak: [f64; 3],
    /// The share of rows that held among those asked about, there.
    pub retired: [f64; 3],
}

/// The names of [`Metrics::figures`], in their order.
pub const FIGURES: [&str; 15] = [
    "held",
    "auc",
    "log_loss",
    "brier",
    "reliability",
    "resolution",
    "uncertainty",
    "ece",
    "asked_for_5_percent_stale",
    "stale_leak_at_25_percent_asked",
    "stale_leak_at_50_percent_asked",
    "stale_leak_at_75_percent_asked",
    "false_retire_at_25_percent_asked",
    "false_retire_at_50_percent_asked",
    "false_retire_at_75_percent_asked",
];

/// A number for each of [`FIGURES`]; `None` where there is none.
pub type Figures = [Option<f64>; FIGURES.len()];

impl Metrics {
    /// All of them, in the order of [`FIGURES`].
    pub fn figures(&self) -> Figures {
        let [leak_25, leak_50, leak_75] = self.leak.map(Some);
        let [retired_25, retired_50, retired_75] = self.retired.map(Some);
        [
            Some(self.held),
            self.auc,
            Some(self.log_loss),
            Some(self.brier),
            Some(self.reliability),
            Some(self.resolution),
            Some(self.uncertainty),
            Some(self.ece),
            Some(self.asked),
            leak_25,
            leak_50,
            leak_75,
            retired_25,
            retired_50,
            retired_75,
        ]
    }
}
