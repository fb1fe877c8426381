//! How often the newest epoch key was used: counted in blocks that are stored before any of them is used.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Vault, VaultError};
use crate::store::Writer;

/// Blocks of seals double up to this size.
const MOST_BLOCK: u64 = 1_024;
/// At most this many seals per epoch and vault file.
pub(super) const MOST_SEALS: u64 = 1 << 28;

/// Seals that are reserved in the vault file and not yet used.
pub(super) struct Seals {
    left: AtomicU64,
    /// How many to reserve next: a process that lives long reserves more at once, one that decides once only that.
    next_block: AtomicU64,
}

impl Seals {
    pub(super) fn new() -> Self {
        Seals { left: AtomicU64::new(0), next_block: AtomicU64::new(1) }
    }

    /// Whether so many were left; if so they are taken.
    fn take(&self, seals: u64) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(seals)).is_ok()
    }

    /// The size of the next block, which has room for at least so many.
    fn block(&self, seals: u64) -> u64 {
        let double = |block: u64| Some((block * 2).min(MOST_BLOCK));
        self.next_block.fetch_update(Ordering::Relaxed, Ordering::Relaxed, double).unwrap_or(1).max(seals)
    }
}

impl Vault {
    /// A transaction that seals at most so many parts. They are counted in the file before it begins, in a transaction of
    /// their own: however this one ends, no seal was made that is not counted.
    pub(super) fn sealing<T>(
        &self,
        seals: u64,
        work: impl FnOnce(&Writer<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        if !self.seals.take(seals) {
            let (epoch, block) = (self.keys.newest_epoch(), self.seals.block(seals));
            let block = self.store.write(|writer| {
                let left = MOST_SEALS.saturating_sub(writer.reserved_seals(epoch)?);
                let block = if block <= left { block } else { seals };
                if block > left {
                    return Err(VaultError::EpochFull);
                }
                writer.reserve_seals(epoch, block)?;
                Ok(block)
            })?;
            self.seals.left.fetch_add(block - seals, Ordering::Relaxed);
        }
        self.store.write(work)
    }
}
