//! A disk with a write cache: what it was told, and what may be left of that when the power goes.
//!
//! A synced file keeps its bytes and length, a synced folder its names. Everything after the last sync may be kept or
//! lost, sector by sector and in any order; a sector that was being written may hold old bytes, new ones, zeros or
//! rubbish. Bytes beside a write are not harmed: SQLite counts on that too (`SQLITE_IOCAP_POWERSAFE_OVERWRITE`).

use std::collections::BTreeMap;

/// One thing that reached the disk, or one moment that a test remembers.
#[derive(Debug)]
pub(crate) enum Op {
    Write {
        file: usize,
        at: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        file: usize,
        len: usize,
    },
    Sync {
        file: usize,
    },
    /// The name stands for this file from now on, or for none.
    Name {
        name: String,
        file: Option<usize>,
    },
    SyncFolder,
    /// The caller was told something. Which, the test knows.
    Mark(usize),
}

/// A folder's files, by name.
pub(crate) type Image = BTreeMap<String, Vec<u8>>;

/// What is left of what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Left {
    Nothing,
    Everything,
    /// Parts, chosen by the seed, in sectors of so many bytes.
    Parts {
        seed: u64,
        sector: usize,
    },
}

/// The disk after some operations.
#[derive(Default)]
pub(crate) struct Disk<'a> {
    files: Vec<File<'a>>,
    /// Names as the folder was last synced.
    names: BTreeMap<String, usize>,
    /// Names since then, in order.
    named: Vec<(&'a str, Option<usize>)>,
}

#[derive(Default)]
struct File<'a> {
    synced: Vec<u8>,
    since: Vec<&'a Op>,
}

impl<'a> Disk<'a> {
    /// All of this is synced. The files are numbered in the order of their names.
    pub(crate) fn of(image: &Image) -> Self {
        let files = image.values().map(|bytes| File { synced: bytes.clone(), since: vec![] }).collect();
        Disk { files, names: image.keys().cloned().zip(0..).collect(), named: vec![] }
    }

    pub(crate) fn apply(&mut self, op: &'a Op) {
        match op {
            Op::Write { file, .. } | Op::Truncate { file, .. } => self.file(*file).since.push(op),
            Op::Sync { file } => {
                let file = self.file(*file);
                for op in std::mem::take(&mut file.since) {
                    replay(&mut file.synced, op);
                }
            }
            Op::Name { name, file } => self.named.push((name, *file)),
            Op::SyncFolder => {
                self.names = self.newest_names();
                self.named.clear();
            }
            Op::Mark(_) => {}
        }
    }

    fn file(&mut self, number: usize) -> &mut File<'a> {
        if self.files.len() <= number {
            self.files.resize_with(number + 1, File::default);
        }
        &mut self.files[number]
    }

    fn newest_names(&self) -> BTreeMap<String, usize> {
        let mut names = self.names.clone();
        for (name, file) in &self.named {
            rename(&mut names, name, *file);
        }
        names
    }

    /// What a machine finds that is switched on again.
    pub(crate) fn left(&self, left: Left) -> Image {
        let mut chance = Chance(match left {
            Left::Parts { seed, .. } => seed,
            _ => 0,
        });
        let names = match left {
            Left::Nothing => self.names.clone(),
            Left::Everything => self.newest_names(),
            Left::Parts { .. } => {
                let mut names = self.names.clone();
                // Each name by itself: its last change that reached the disk.
                for (name, file) in &self.named {
                    if chance.one_in(2) {
                        rename(&mut names, name, *file);
                    }
                }
                names
            }
        };
        let none = File::default();
        let content = |number: usize| {
            let file = self.files.get(number).unwrap_or(&none);
            match left {
                Left::Nothing => file.synced.clone(),
                Left::Everything => file.whole(),
                Left::Parts { sector, .. } => file.parts(&mut chance, sector),
            }
        };
        let files: Vec<Vec<u8>> = names.values().copied().map(content).collect();
        names.into_keys().zip(files).collect()
    }
}

impl File<'_> {
    fn whole(&self) -> Vec<u8> {
        let mut bytes = self.synced.clone();
        for op in &self.since {
            replay(&mut bytes, op);
        }
        bytes
    }

    fn parts(&self, chance: &mut Chance, sector: usize) -> Vec<u8> {
        let mut bytes = self.synced.clone();
        if self.since.is_empty() {
            return bytes;
        }
        // Almost nothing, half, or almost everything.
        let lost_of_eight = [1, 4, 7][chance.below(3)];
        for op in &self.since {
            match op {
                Op::Write { at, bytes: written, .. } => {
                    let (mut from, end) = (*at, at + written.len());
                    while from < end {
                        let to = end.min((from / sector + 1) * sector);
                        let part = &written[from - at..to - at];
                        match chance.below(8) {
                            fate if fate < lost_of_eight => {}
                            _ if chance.one_in(8) => {
                                let torn = torn(chance, &bytes, from, part);
                                put(&mut bytes, from, &torn);
                            }
                            _ => put(&mut bytes, from, part),
                        }
                        from = to;
                    }
                }
                Op::Truncate { len, .. } if chance.one_in(2) => bytes.resize(*len, 0),
                _ => {}
            }
        }
        // A length may be on the disk before the bytes are.
        if chance.one_in(2) {
            bytes.resize(self.whole().len(), 0);
        }
        bytes
    }
}

/// Some of the new bytes, and old ones, zeros or rubbish for the others.
fn torn(chance: &mut Chance, old: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    let place = chance.below(new.len() + 1);
    let filling = chance.below(3);
    let before = old.get(at..).unwrap_or_default();
    let other = |i: usize, chance: &mut Chance| match filling {
        0 => before.get(i).copied().unwrap_or(0),
        1 => 0,
        _ => u8::try_from(chance.below(256)).unwrap(),
    };
    let new_first = chance.one_in(2);
    (0..new.len()).map(|i| if (i < place) == new_first { new[i] } else { other(i, chance) }).collect()
}

fn replay(bytes: &mut Vec<u8>, op: &Op) {
    match op {
        Op::Write { at, bytes: written, .. } => put(bytes, *at, written),
        Op::Truncate { len, .. } => bytes.resize(*len, 0),
        _ => {}
    }
}

fn put(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    let end = at + part.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[at..end].copy_from_slice(part);
}

fn rename(names: &mut BTreeMap<String, usize>, name: &str, file: Option<usize>) {
    match file {
        Some(file) => drop(names.insert(name.to_owned(), file)),
        None => drop(names.remove(name)),
    }
}

/// SplitMix64: the same choices for the same seed, on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }

    fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}
