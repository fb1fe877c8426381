use super::Notes;
use super::source::Source;
use crate::evidence::*;

pub(super) fn examine(_source: &Source<'_>, _notes: &mut Notes) -> Option<Attached<PaymentRung>> {
    None
}
