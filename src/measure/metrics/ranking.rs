//! Rows in the order of their chances, sorted once and counted often: every figure is one pass over groups of equal chance.

use super::{ASKED, BINS, CLAMP, MOST_STALE, Metrics};

/// The rows of one method, from the lowest chance to the highest.
pub(in crate::measure) struct Ranking {
    entries: Vec<Entry>,
    groups: Vec<Group>,
}

#[derive(Clone, Copy)]
struct Entry {
    subject: u32,
    held: bool,
}

/// Rows of equal chance.
struct Group {
    chance: f64,
    rows: usize,
    /// What one row that held, and one that did not, add to the log loss.
    cost: [f64; 2],
}

/// A group as it counts under some weights.
#[derive(Clone, Copy)]
struct Mass {
    chance: f64,
    held: u64,
    stale: u64,
}

impl Mass {
    fn rows(self) -> u64 {
        self.held + self.stale
    }
}

/// Neighbouring groups, for calibration.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Bin {
    /// The mean chance.
    pub chance: f64,
    /// The share that held.
    pub held: f64,
    /// How many rows.
    pub rows: u64,
}

impl Ranking {
    /// Of chances from 0 to 1, and for each the place of the row's subject and whether it held.
    pub(in crate::measure) fn new(chances: &[f64], rows: impl Iterator<Item = (usize, bool)>) -> Self {
        let entry = |(subject, held)| Entry { subject: u32::try_from(subject).unwrap_or(u32::MAX), held };
        let mut sorted: Vec<(f64, Entry)> = chances.iter().copied().zip(rows.map(entry)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let group = |rows: &[(f64, Entry)]| {
            let chance = rows.first().map_or(0.0, |row| row.0);
            let clamped = chance.clamp(CLAMP, 1.0 - CLAMP);
            Group { chance, rows: rows.len(), cost: [-clamped.ln(), -(1.0 - clamped).ln()] }
        };
        let groups = sorted.chunk_by(|a, b| a.0 == b.0).map(group).collect();
        Ranking { groups, entries: sorted.into_iter().map(|(_, entry)| entry).collect() }
    }

    /// With every row counting once.
    pub(in crate::measure) fn metrics(&self) -> Metrics {
        self.weighed(|_| 1)
    }

    /// With each row counting as often as its subject does.
    pub(in crate::measure) fn weighed(&self, weight: impl Fn(usize) -> u64) -> Metrics {
        let masses = self.masses(weight);
        let (held, stale) = masses.iter().fold((0, 0), |(h, s), mass| (h + mass.held, s + mass.stale));
        let rows = held + stale;
        let share = |part: f64| if rows == 0 { 0.0 } else { part / rows as f64 };
        let base = share(held as f64);
        let (mut log_loss, mut brier, mut pairs, mut stale_below) = (0.0, 0.0, 0.0, 0_u64);
        for (mass, group) in masses.iter().zip(&self.groups) {
            let [cost_held, cost_stale] = group.cost;
            let (h, s) = (mass.held as f64, mass.stale as f64);
            log_loss += h * cost_held + s * cost_stale;
            brier += h * (1.0 - mass.chance).powi(2) + s * mass.chance.powi(2);
            pairs += h * (stale_below as f64 + s / 2.0);
            stale_below += mass.stale;
        }
        let auc = (held > 0 && stale > 0).then(|| pairs / (held as f64 * stale as f64));
        let (mut reliability, mut resolution, mut ece) = (0.0, 0.0, 0.0);
        for bin in bins(&masses) {
            let rows = bin.rows as f64;
            reliability += rows * (bin.chance - bin.held).powi(2);
            resolution += rows * (bin.held - base).powi(2);
            ece += rows * (bin.chance - bin.held).abs();
        }
        let costs = ASKED.map(|asked| costs(&masses, rows, asked));
        Metrics {
            rows,
            held: base,
            auc,
            log_loss: share(log_loss),
            brier: share(brier),
            reliability: share(reliability),
            resolution: share(resolution),
            uncertainty: base * (1.0 - base),
            ece: share(ece),
            asked: asked_for(&masses, rows),
            leak: costs.map(|(leak, _)| leak),
            retired: costs.map(|(_, retired)| retired),
        }
    }

    /// The bins of the calibration.
    pub(in crate::measure) fn bins(&self) -> Vec<Bin> {
        bins(&self.masses(|_| 1))
    }

    /// The share that held in each of [`Self::bins`], with rows counting as often as their subjects do; the bins stay the same.
    pub(in crate::measure) fn held_in_bins(&self, bins: &[Bin], weight: impl Fn(usize) -> u64) -> Vec<Option<f64>> {
        let mut entries = self.entries.iter();
        let share = |bin: &Bin| {
            let rows = entries.by_ref().take(usize::try_from(bin.rows).unwrap_or(usize::MAX));
            let (held, all) = rows.fold((0, 0), |(held, all), row| {
                let weight = weight(row.subject as usize);
                (held + if row.held { weight } else { 0 }, all + weight)
            });
            (all > 0).then(|| held as f64 / all as f64)
        };
        bins.iter().map(share).collect()
    }

    /// For each hundredth asked about, from none to all: that share, stale among those left live, held among those asked about.
    pub(in crate::measure) fn curve(&self) -> Vec<[f64; 3]> {
        let masses = self.masses(|_| 1);
        let rows = masses.iter().map(|mass| mass.rows()).sum();
        let point = |hundredth: u32| {
            let asked = f64::from(hundredth) / 100.0;
            let (leak, retired) = costs(&masses, rows, asked);
            [asked, leak, retired]
        };
        (0..=100).map(point).collect()
    }

    fn masses(&self, weight: impl Fn(usize) -> u64) -> Vec<Mass> {
        let mut entries = self.entries.iter();
        let mass = |group: &Group| {
            let (mut held, mut stale) = (0, 0);
            for entry in entries.by_ref().take(group.rows) {
                let weight = weight(entry.subject as usize);
                if entry.held {
                    held += weight;
                } else {
                    stale += weight;
                }
            }
            Mass { chance: group.chance, held, stale }
        };
        self.groups.iter().map(mass).collect()
    }
}

/// Each holds the next groups until it holds its part of the rows, rounded to whole ones.
fn bins(masses: &[Mass]) -> Vec<Bin> {
    let rows: u64 = masses.iter().map(|mass| mass.rows()).sum();
    let part = ((rows + BINS / 2) / BINS).max(1);
    let (mut bins, mut chance, mut held, mut inside) = (vec![], 0.0, 0_u64, 0_u64);
    let mut close = |chance: f64, held: u64, rows: u64| {
        bins.push(Bin { chance: chance / rows as f64, held: held as f64 / rows as f64, rows });
    };
    for mass in masses {
        chance += mass.chance * mass.rows() as f64;
        held += mass.held;
        inside += mass.rows();
        if inside >= part {
            close(chance, held, inside);
            (chance, held, inside) = (0.0, 0, 0);
        }
    }
    if inside > 0 {
        close(chance, held, inside);
    }
    bins
}

/// The least share to ask about so that few of the others are stale.
fn asked_for(masses: &[Mass], rows: u64) -> f64 {
    let (mut live, mut stale, mut most) = (0_u64, 0_u64, 0_u64);
    for mass in masses.iter().rev() {
        live += mass.rows();
        stale += mass.stale;
        if stale as f64 <= MOST_STALE * live as f64 {
            most = live;
        }
    }
    if rows == 0 { 0.0 } else { 1.0 - most as f64 / rows as f64 }
}

/// Stale among those left live, and held among those asked about, where this share is asked about.
fn costs(masses: &[Mass], rows: u64, asked: f64) -> (f64, f64) {
    let asked = asked * rows as f64;
    let (mut left, mut held, mut stale_live) = (asked, 0.0, 0.0);
    for mass in masses.iter().filter(|mass| mass.rows() > 0) {
        let taken = left.min(mass.rows() as f64);
        let part = taken / mass.rows() as f64;
        held += part * mass.held as f64;
        stale_live += (1.0 - part) * mass.stale as f64;
        left -= taken;
    }
    let among = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
    (among(stale_live, rows as f64 - asked), among(held, asked))
}
