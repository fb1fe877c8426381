//! Random histories: the same for the same seed.

use stillgood::{OwnLink, Word};

use super::step::{ROWS, Said, Step, TEXTS, Wanted, What, Who};

/// SplitMix64 (Steele, Lea and Flood 2014): small, and the same everywhere. And what it made so far, so that what comes next
/// has to do with it: most rows that are named are there, and most answers are about what was just decided.
pub(super) struct Chance {
    state: u64,
    /// Rows that may be there.
    rows: Vec<usize>,
    /// Rows of the last retrieval.
    decided: Vec<usize>,
}

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Chance { state: seed, rows: vec![], decided: vec![] }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    /// True once in so many times.
    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn row(&mut self) -> usize {
        if self.rows.is_empty() || self.one_in(15) {
            return self.below(ROWS);
        }
        let place = self.below(self.rows.len());
        self.rows[place]
    }

    /// A row of the last retrieval, mostly.
    fn decided_row(&mut self) -> usize {
        if self.decided.is_empty() || self.one_in(12) {
            return self.row();
        }
        let place = self.below(self.decided.len());
        self.decided[place]
    }

    fn kind(&mut self) -> OwnLink {
        self.one_of(&[OwnLink::DependsOn, OwnLink::DependsOn, OwnLink::Contradicts, OwnLink::Supersedes])
    }

    /// The records of two rows say this, then that, then this again, of the same few beginnings; now and then their owner speaks.
    pub(super) fn swinging(&mut self, steps: usize) -> Vec<Step> {
        let mut hour = 0;
        let mut step = |_| {
            hour += self.one_of(&[0, 1, 30, 24 * 20]);
            let (row, text) = (self.below(2), self.below(TEXTS));
            let what = if self.one_in(4) {
                let word = self.one_of(&[Word::Confirm, Word::Correct, Word::Deny]);
                What::Earn { row, word, text, back: None, by: Who::Owner, later: 0 }
            } else {
                let ago = self.one_of(&[0, 0, 1, 24, 24 * 40]);
                let begun = self.one_in(2).then(|| self.one_of(&[-500, -1_000]));
                What::Import(vec![Said {
                    row,
                    text,
                    ago,
                    by_user: false,
                    only: None,
                    valid_from: begun.map(|begun: i64| begun - (hour - ago)),
                    valid_until: None,
                    link: None,
                    even_if_forgotten: false,
                }])
            };
            Step { hour, handle: 0, what }
        };
        (0..steps).map(&mut step).collect()
    }

    fn said(&mut self) -> Said {
        let row = self.below(ROWS - 1);
        let link = (!self.rows.is_empty() && self.one_in(5)).then(|| (self.kind(), self.row()));
        // All of an import is refused with a link of a row to itself: not too often.
        let link = link.filter(|(_, other)| *other != row || self.one_in(8));
        if !self.rows.contains(&row) {
            self.rows.push(row);
        }
        Said {
            row,
            text: self.below(TEXTS),
            ago: self.one_of(&[0, 1, 12, 24, 30, 72, 24 * 40, 24 * 900, 24 * 1_500, 24 * 3_700, 24 * 3_700, -5]),
            by_user: self.one_in(2),
            only: self.one_in(2).then(|| self.below(2)),
            valid_from: self.one_in(12).then(|| self.one_of(&[0, 100, 400])),
            valid_until: self.one_in(10).then(|| self.one_of(&[30, 200, 24 * 900, 24 * 4_000])),
            link,
            even_if_forgotten: self.one_in(3),
        }
    }

    fn import(&mut self, most: usize) -> What {
        let count = 1 + self.below(most);
        What::Import((0..count).map(|_| self.said()).collect())
    }

    fn by(&mut self) -> Who {
        self.one_of(&[
            Who::Stranger,
            Who::Owner,
            Who::Device,
            Who::Device,
            Who::Device,
            Who::Device,
            Who::Device,
            Who::Device,
        ])
    }

    fn decide(&mut self) -> What {
        let count = self.below(8);
        let candidates: Vec<Wanted> = (0..count)
            .map(|_| Wanted {
                row: self.row(),
                tenths: self.one_of(&[None, Some(9), Some(9), Some(9), Some(3), Some(1)]),
            })
            .collect();
        self.decided = candidates.iter().map(|wanted| wanted.row).collect();
        What::Decide {
            candidates,
            past: self.one_in(4),
            earlier: self.one_of(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 26, 24 * 8]),
            other_set: self.one_in(5),
            asks: self.one_of(&[0, 1, 1, 2, 5]),
        }
    }

    fn record(&mut self) -> What {
        What::Use {
            back: self.one_of(&[0, 0, 0, 1, 2]),
            rows: (0..self.below(4)).map(|_| self.decided_row()).collect(),
            answer: self.one_of(&[0, 0, 1, 2]),
            again: self.one_in(3),
            earlier: self.one_of(&[0, 0, 0, 0, 30]),
            by: self.by(),
        }
    }

    fn earn(&mut self) -> What {
        let words = [
            Word::Confirm,
            Word::Confirm,
            Word::Confirm,
            Word::Correct,
            Word::Correct,
            Word::Deny,
            Word::Deny,
            Word::DontKnow,
            Word::Later,
            Word::Observe,
        ];
        let word = self.one_of(&words);
        let unasked = if matches!(word, Word::DontKnow | Word::Later) { 10 } else { 3 };
        What::Earn {
            row: self.decided_row(),
            word,
            text: self.below(TEXTS),
            back: (!self.one_in(unasked)).then(|| self.one_of(&[0, 0, 0, 0, 1, 2])),
            by: self.one_of(&[Who::Stranger, Who::Device, Who::Owner, Who::Owner, Who::Owner, Who::Owner, Who::Owner]),
            later: self.one_of(&[0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -30, -200, 1]),
        }
    }

    fn what(&mut self) -> What {
        match self.below(100) {
            0..15 => self.import(4),
            15..34 => self.decide(),
            34..44 => self.record(),
            44..53 => What::Ask { back: self.one_of(&[0, 0, 0, 1]), by: self.by() },
            53..56 => What::Question { row: self.row(), by: self.by() },
            56..79 => self.earn(),
            79..88 => What::Link { row: self.row(), kind: self.kind(), other: self.row() },
            88..93 => What::Forget { row: self.row(), by: if self.one_in(6) { Who::Device } else { Who::Owner } },
            93..96 => What::Reopen,
            _ => What::Kill,
        }
    }

    /// What has to do with the step before it: an answer to what was just decided, the same said again or otherwise.
    fn after(&mut self, before: &What) -> What {
        match before {
            What::Decide { .. } => match self.below(3) {
                0 => What::Ask { back: 0, by: Who::Device },
                1 => self.record(),
                _ => self.earn(),
            },
            What::Ask { .. } => self.earn(),
            What::Earn { row, back, .. } => match self.earn() {
                What::Earn { word, text, by, later, .. } => {
                    What::Earn { row: *row, back: *back, word, text, by, later }
                }
                other => other,
            },
            What::Use { back, rows, answer, .. } => match self.below(4) {
                // The assistant's own words.
                0 => match self.earn() {
                    What::Earn { row, by, .. } => {
                        What::Earn { row, word: Word::Observe, text: 0, back: None, by, later: 0 }
                    }
                    other => other,
                },
                1 => What::Use {
                    back: back + 1,
                    rows: vec![],
                    answer: *answer,
                    again: false,
                    earlier: 0,
                    by: Who::Device,
                },
                2 => {
                    let rows = rows.iter().copied().skip(1).collect();
                    What::Use { back: *back, rows, answer: *answer, again: false, earlier: 0, by: Who::Device }
                }
                _ => self.decide(),
            },
            What::Forget { row, .. } => match self.below(3) {
                0 => What::Import(vec![Said { row: *row, link: None, ..self.said() }]),
                1 => What::Forget { row: *row, by: Who::Owner },
                _ => What::Link { row: *row, kind: self.kind(), other: self.row() },
            },
            What::Link { row, other, .. } => What::Earn {
                row: if self.one_in(2) { *row } else { *other },
                word: self.one_of(&[Word::Confirm, Word::Correct, Word::Deny]),
                text: self.below(TEXTS),
                back: None,
                by: Who::Owner,
                later: 0,
            },
            _ => self.what(),
        }
    }

    /// A history of so many steps.
    pub(super) fn history(&mut self, steps: usize) -> Vec<Step> {
        let mut hour = 0;
        let mut history: Vec<Step> = Vec::with_capacity(steps);
        for _ in 0..steps {
            hour += self.one_of(&[0, 0, 0, 0, 0, 1, 1, 3, 11, 24, 50, 200, 24 * 15]);
            let handle = usize::from(self.one_in(4));
            // Without rows nothing happens.
            let what = match history.last() {
                None => self.import(8),
                Some(Step { what, .. }) if self.one_in(2) => self.after(what),
                Some(_) => self.what(),
            };
            history.push(Step { hour, handle, what });
        }
        history
    }
}
