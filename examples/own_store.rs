//! Deciding over rows that you keep in a store of your own: here, a map. Needs no file and no database:
//! `cargo run --example own_store --no-default-features`.

use std::collections::HashMap;

use stillgood::{
    Body, Candidate, Digest, Gate, Head, Identity, KeyRing, Kind, Links, ListedVerifier, Parents, PolicySet, Request,
    Roles, RowId, SealedBody, SealedHead, SealedRow, Signer, TextCommitment, Timestamp, Traits, VaultId, View,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now: Timestamp = "2026-03-01T12:00:00Z".parse()?;
    let (owner, device) = (Signer::generate("me/owner".parse()?), Signer::generate("me/device".parse()?));
    let identity = Identity::generate();

    // The owner says once who may open, write and decide.
    let listed =
        ListedVerifier { verifier: device.verifier(), roles: Roles::WriterAndDecider, since: now, until: None };
    let ring = KeyRing::create(&owner, VaultId::from_bytes(random()?), identity.recipient(), listed, now);
    let keys = ring.unlock(&identity)?;

    // Seal a row. Head and body go where you keep rows, such as the payload of a vector.
    let row: RowId = "m1".parse()?;
    let body = Body::new("I cannot eat peanuts.", None)?;
    let sealed_body = SealedBody::seal(&keys, &row, 1, &body);
    let text = TextCommitment::new(random()?, body.text());
    let head = first_head(row.clone(), "2026-02-20T08:00:00Z".parse()?, sealed_body.digest(), text);
    let kept = SealedRow { head: SealedHead::seal(&keys, &head), body: Some(sealed_body) };
    let rows = HashMap::from([(row.clone(), kept)]);

    // Decide.
    let gate = Gate::new(PolicySet::builtin(), device);
    let mut request = Request::at(now);
    request.candidates = vec![Candidate::of(row), Candidate::of("m2".parse()?)];
    let retrieval = gate.decide(&keys, &request, &View::Unpinned, &rows)?;
    for ruling in &retrieval.decision.verify(gate.verifier())?.rulings {
        let reasons: Vec<String> = ruling.reasons.iter().map(ToString::to_string).collect();
        println!("{:<10} {} {}", ruling.verdict.to_string(), ruling.row, reasons.join(", "));
    }
    Ok(())
}

/// A head of generation 1: nothing confirmed, nothing attached.
fn first_head(row: RowId, stated_at: Timestamp, body: Digest, text: TextCommitment) -> Head {
    Head {
        row,
        generation: 1,
        traits: Traits::of(Kind::Semantic),
        stated_at,
        confirmed_at: None,
        confirmations: 0,
        denied: false,
        asked_at: None,
        edited: false,
        parents: Parents::None,
        links: Links::default(),
        boxes: stillgood::Boxes::default(),
        body,
        body_generation: 1,
        evidence: None,
        text,
        earning: None,
        previous: None,
    }
}

fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
