//! Whether a later statement of the same subject and attribute was there when a row was asked about.

use std::collections::HashMap;

use super::super::protocol::Sample;
use crate::time::Timestamp;

/// For one row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::measure) enum Later {
    /// Something later was stated by then.
    Stated,
    /// Nothing was.
    None,
}

/// For every row, in order. Every statement stands in the vault, from the time on at which it was stated.
pub(in crate::measure) fn later(sample: &Sample) -> Vec<Later> {
    let mut stated: HashMap<(usize, usize), Vec<Timestamp>> = HashMap::new();
    for one in sample.all_statements() {
        stated.entry((one.subject, one.attribute)).or_default().push(one.stated);
    }
    stated.values_mut().for_each(|times| times.sort_unstable());
    let of_row = sample.all_rows().iter().map(|row| {
        let times = stated.get(&(row.subject, row.attribute)).map_or(&[][..], Vec::as_slice);
        let next = times.get(times.partition_point(|time| *time <= row.stated));
        if next.is_some_and(|next| *next <= row.asked) { Later::Stated } else { Later::None }
    });
    of_row.collect()
}
