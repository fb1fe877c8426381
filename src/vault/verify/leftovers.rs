//! What `verify` asks of a vault beside its chains: that nothing is left over, and that what is named is there.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::Finding;
use crate::id::Digest;
use crate::row::Head;
use crate::seal::epoch_of;
use crate::store::{Reader, StoreError};
use crate::tree::{self, Hash};
use crate::vault::seals::MOST_SEALS;
use crate::vault::{Vault, VaultError};

/// Row and generation of a body.
pub(super) type Place = (String, u64);

/// Row, generation and digest of the evidence parts that heads name; no generation where the row has none that old.
pub(super) type NamedParts = HashSet<(String, Option<u64>, Digest)>;

/// Old heads of rows that have no current head, and bodies that no head names.
pub(super) fn verify_rows(
    reader: &Reader<'_>,
    named: &HashSet<Place>,
    heads: &mut Finding,
    bodies: &mut Finding,
) -> Result<(), StoreError> {
    for row in reader.rows_without_head()? {
        heads.wrong(format!("row `{row}`: there are older heads, and no current one"));
    }
    // Where a head did not open, what it names is not known.
    let known = heads.wrong.is_empty();
    for place in reader.body_places()? {
        if known && !named.contains(&place) {
            let (row, generation) = place;
            bodies.wrong(format!("row `{row}`: no head names the body of generation {generation}"));
        }
    }
    Ok(())
}

/// Evidence that no head names.
pub(super) fn verify_evidence(
    reader: &Reader<'_>,
    named: &NamedParts,
    heads_are_known: bool,
    evidence: &mut Finding,
) -> Result<(), StoreError> {
    let named: HashSet<_> = named.iter().map(|(row, generation, _)| (row.as_str(), *generation)).collect();
    for (row, generation) in reader.evidence_places()? {
        if heads_are_known && !named.contains(&(row.as_str(), Some(generation))) {
            evidence.wrong(format!("row `{row}`: no head names the evidence of generation {generation}"));
        }
    }
    Ok(())
}

/// Whether the newest log has exactly the node of every complete subtree, and no log stands there that no vault head
/// names.
pub(super) fn verify_logs(
    reader: &Reader<'_>,
    newest: u64,
    entries: &[String],
    log: &mut Finding,
) -> Result<(), StoreError> {
    let mut nodes: BTreeMap<(u32, u64), Hash> = BTreeMap::new();
    for (entry, index) in entries.iter().zip(0..) {
        let left = |level, at| nodes.get(&(level, at)).copied();
        let new = tree::appended(index, tree::leaf_hash(entry.as_bytes()), left).unwrap_or_default();
        nodes.extend(new.into_iter().map(|(level, at, hash)| ((level, at), hash)));
    }
    let node =
        |((level, at), hash): (&(u32, u64), &Hash)| Some((i64::from(*level), i64::try_from(*at).ok()?, hash.to_vec()));
    if nodes.iter().map(node).collect::<Option<Vec<_>>>() != Some(reader.log_nodes(newest)?) {
        log.wrong("the log's nodes are not those of its entries");
    }
    for number in reader.logs()? {
        if !(1..=newest).contains(&number) {
            log.wrong(format!("no vault head names log {number}"));
        }
    }
    Ok(())
}

impl Vault {
    /// Whether the evidence that a head names is there, and opens. One part is named by many heads, and opened once.
    pub(super) fn verify_evidence(
        &self,
        reader: &Reader<'_>,
        head: &Head,
        parts: &mut NamedParts,
        finding: &mut Finding,
    ) -> Result<(), VaultError> {
        let Some(digest) = head.evidence else { return Ok(()) };
        let row = &head.row;
        let generation = reader.evidence_up_to(row.as_str(), head.generation)?;
        if !parts.insert((row.to_string(), generation, digest)) {
            return Ok(());
        }
        finding.checked += 1;
        if generation.is_none() {
            finding.wrong(format!("row `{row}`: there is no evidence"));
            return Ok(());
        }
        match self.evidence_of(reader, head) {
            Err(VaultError::Row { row, error }) => finding.wrong(format!("row `{row}`: {error}")),
            other => drop(other?),
        }
        Ok(())
    }

    /// Counts are of known epochs, below the limit, and no less than what is stored.
    pub(super) fn verify_seals(&self, reader: &Reader<'_>) -> Result<Finding, VaultError> {
        let mut finding = Finding::new("seals");
        let mut stored: HashMap<u64, u64> = HashMap::new();
        reader.sealed_parts(|sealed| {
            finding.checked += 1;
            // What has another form is found where it is opened.
            if let Some(epoch) = epoch_of(sealed) {
                *stored.entry(epoch).or_default() += 1;
            }
        })?;
        for (epoch, reserved) in reader.seals()? {
            let Some(known) = u64::try_from(epoch).ok().filter(|epoch| self.keys.disclosure_of(*epoch).is_some())
            else {
                finding.wrong(format!("seals are reserved for epoch {epoch}, which is not there"));
                continue;
            };
            let used = stored.remove(&known).unwrap_or(0);
            match u64::try_from(reserved) {
                Ok(reserved) if reserved < used => {
                    finding.wrong(format!("more is sealed under epoch {epoch} than was reserved"));
                }
                Ok(reserved) if reserved <= MOST_SEALS => {}
                _ => finding.wrong(format!("epoch {epoch} is used up")),
            }
        }
        let mut left: Vec<u64> = stored.into_keys().filter(|epoch| self.keys.disclosure_of(*epoch).is_some()).collect();
        left.sort_unstable();
        for epoch in left {
            finding.wrong(format!("more is sealed under epoch {epoch} than was reserved"));
        }
        Ok(finding)
    }
}
