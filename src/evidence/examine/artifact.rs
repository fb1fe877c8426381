use super::Notes;
use super::source::Source;
use crate::evidence::*;
use crate::time::Timestamp;

pub(super) fn examine(_source: &Source<'_>, _notes: &mut Notes) -> Option<Attached<Artifact>> {
    None
}
