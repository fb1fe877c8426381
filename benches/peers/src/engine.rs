//! What every engine of the table can do.

use stillgood::Verdict;

/// A policy and all rows, prepared: what an engine can do before it is asked about a row has been done.
pub(crate) trait Engine {
    /// As the table calls it.
    fn name(&self) -> &str;
    /// The crate that it comes from; none for plain Rust.
    fn package(&self) -> Option<&str>;
    /// What the policy says of the row at this place. Mutable, since some machines keep their registers between rows.
    fn decide(&mut self, row: usize) -> Verdict;
}

/// The verdict for which a policy gives a number, where it can: a text would cost its engine more.
pub(crate) fn verdict_of(number: i64) -> Verdict {
    match number {
        0 => Verdict::Live,
        1 => Verdict::Background,
        2 => Verdict::ReEarn,
        other => panic!("{other} is no verdict"),
    }
}
