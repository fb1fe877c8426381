//! Deciding over rows that you keep in a store of your own: here, a map. Needs no file and no database:
//! `cargo run --example own_store --no-default-features`.

use std::collections::HashMap;

use stillgood::{
    Candidate, Draft, Gate, Identity, KeyRing, Kind, ListedVerifier, PolicySet, Request, Roles, SealedRow, Signer,
    Timestamp, VaultId, View,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now: Timestamp = "2026-03-01T12:00:00Z".parse()?;
    let (owner, device) = (Signer::generate("me/owner".parse()?), Signer::generate("me/device".parse()?));
    let identity = Identity::generate();

    let mut vault = [0; 16];
    getrandom::fill(&mut vault)?;
    let vault = VaultId::from_bytes(vault);

    // The owner says once who may open, write and decide.
    let listed =
        ListedVerifier { verifier: device.verifier(), roles: Roles::WriterAndDecider, since: now, until: None };
    let ring = KeyRing::create(&owner, vault, identity.recipient(), listed, now);
    let keys = ring.unlock(&identity)?;

    // Seal a row. Head and body go where you keep rows, such as the payload of a vector.
    let draft = Draft::new("m1".parse()?, "I cannot eat peanuts.", "2026-02-20T08:00:00Z".parse()?, Kind::Semantic)?;
    let rows = HashMap::from([(draft.row.clone(), SealedRow::seal(&keys, &draft)?)]);

    // Decide.
    let gate = Gate::new(PolicySet::builtin(), device);
    let mut request = Request::at(now);
    request.candidates = vec![Candidate::of(draft.row), Candidate::of("m2".parse()?)];
    let retrieval = gate.decide(&keys, &request, &View::Unpinned, &rows)?;
    for ruling in &retrieval.decision.verify(gate.verifier())?.rulings {
        let reasons: Vec<String> = ruling.reasons.iter().map(ToString::to_string).collect();
        println!("{:<10} {} {}", ruling.verdict.to_string(), ruling.row, reasons.join(", "));
    }
    Ok(())
}
