//! Random histories: the same for the same seed.

use stillgood::{OwnLink, Word};

use super::step::{ROWS, Said, Step, TEXTS, Wanted, What, Who};

/// SplitMix64 (Steele, Lea and Flood 2014): small, and the same everywhere.
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Chance(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
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
        // The row that nobody adds comes up seldom.
        if self.one_in(12) { ROWS - 1 } else { self.below(ROWS - 1) }
    }

    fn said(&mut self) -> Said {
        let link = self.one_in(4).then(|| (self.one_of(OwnLink::ALL), self.row()));
        // All of an import is refused with one link to a row that is not there: not too often.
        let link = link.filter(|(_, other)| *other < ROWS - 1 || self.one_in(3));
        Said {
            row: self.below(ROWS - 1),
            text: self.below(TEXTS),
            ago: self.one_of(&[0, 1, 12, 24, 30, 72, 24 * 40, 24 * 900, 24 * 3_700, -5]),
            by_user: self.one_in(2),
            only: self.one_in(2).then(|| self.below(2)),
            valid_from: self.one_in(12).then(|| self.one_of(&[0, 100, 400])),
            valid_until: self.one_in(10).then(|| self.one_of(&[30, 200, 24 * 900, 24 * 4_000])),
            link,
            even_if_forgotten: self.one_in(3),
        }
    }

    fn what(&mut self) -> What {
        let who = |chance: &mut Chance| match chance.below(12) {
            0 => Who::Stranger,
            1..4 => Who::Owner,
            _ => Who::Device,
        };
        match self.below(100) {
            0..18 => {
                let count = 1 + self.below(4);
                What::Import((0..count).map(|_| self.said()).collect())
            }
            18..40 => {
                let count = self.below(8);
                let candidates = (0..count)
                    .map(|_| Wanted {
                        row: self.row(),
                        tenths: self.one_of(&[None, Some(9), Some(9), Some(3), Some(1)]),
                    })
                    .collect();
                What::Decide {
                    candidates,
                    past: self.one_in(4),
                    earlier: self.one_of(&[0, 0, 0, 0, 0, 0, 0, 1, 26, 24 * 8]),
                    other_set: self.one_in(5),
                    asks: self.one_of(&[0, 1, 1, 2, 5]),
                }
            }
            40..48 => What::Use {
                back: self.below(3),
                rows: (0..self.below(4)).map(|_| self.row()).collect(),
                answer: self.below(3),
                again: self.one_in(3),
                earlier: self.one_of(&[0, 0, 0, 0, 30]),
                by: who(self),
            },
            48..56 => What::Ask { back: self.below(2), by: who(self) },
            56..60 => What::Question { row: self.row(), by: who(self) },
            60..82 => {
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
                let owner = self.below(8);
                What::Earn {
                    row: self.row(),
                    word,
                    text: self.below(TEXTS),
                    back: (!self.one_in(3)).then(|| self.below(3)),
                    by: if owner == 0 {
                        Who::Stranger
                    } else if owner == 1 {
                        Who::Device
                    } else {
                        Who::Owner
                    },
                    later: self.one_of(&[0, 0, 0, 0, 0, 0, 0, -1, -30, -200, 1]),
                }
            }
            82..88 => What::Link { row: self.row(), kind: self.one_of(OwnLink::ALL), other: self.row() },
            88..93 => What::Forget { row: self.row(), by: if self.one_in(6) { Who::Device } else { Who::Owner } },
            93..96 => What::Reopen,
            _ => What::Kill,
        }
    }

    /// A history of so many steps.
    pub(super) fn history(&mut self, steps: usize) -> Vec<Step> {
        let mut hour = 0;
        let mut history = Vec::with_capacity(steps);
        for number in 0..steps {
            hour += self.one_of(&[0, 0, 0, 1, 3, 11, 24, 50, 200, 24 * 15]);
            let handle = usize::from(self.one_in(4));
            let what = match number {
                // Without rows nothing happens.
                0 => What::Import(
                    (0..1 + self.below(5)).map(|_| self.said()).filter(|said| said.link.is_none()).collect(),
                ),
                _ => self.what(),
            };
            history.push(Step { hour, handle, what });
        }
        history
    }
}
