//! One turn of an assistant with a memory, from the search to the question that is put to the user afterwards.
//! `cargo run --example pipeline`.

use stillgood::{
    Again, Answer, AnswerDigest, Candidate, Draft, Earning, Gate, Identity, Kind, PolicySet, Request, Retrieval,
    Signer, Span, Timestamp, Vault, Verdict,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let (owner, device) = (Signer::generate("me/owner".parse()?), Signer::generate("me/device".parse()?));
    let identity = Identity::generate();
    let now: Timestamp = "2026-03-01T12:00:00Z".parse()?;
    let ago = |days: i64| now.plus(Span::days(-days).unwrap_or(Span::ZERO));

    let vault = Vault::create(&folder.path().join("my.vault"), &owner, &identity, &device, ago(4_000))?;
    let rows = [
        Draft::new("m1".parse()?, "I cannot eat peanuts.", ago(20), Kind::Semantic)?,
        Draft::new("m2".parse()?, "I live on the fourth floor, no lift.", ago(3_700), Kind::Semantic)?,
    ];
    vault.add(&device, &rows, now, &mut |_| ())?;

    // The search brought both, and both matter.
    let gate = Gate::new(PolicySet::builtin(), Signer::from_pem(&device.to_pem(), &device.verifier())?);
    let mut request = Request::at(now);
    for id in ["m1", "m2"] {
        request.candidates.push(Candidate { rerank: Some("0.9".parse()?), ..Candidate::of(id.parse()?) });
    }
    let retrieval = vault.decide(&gate, &request)?;
    println!("the prompt holds: {:?}", texts(&retrieval));

    // The model answered. What stood in its prompt is recorded with it.
    let answer = AnswerDigest::of(b"Let us make satay without peanuts.")?;
    let placed: Vec<_> = retrieval.live.iter().map(|memory| memory.row.clone()).collect();
    vault.used(&device, retrieval.id, &placed, &answer, now, Again::No)?;

    // One question at most, about a row that an answer would bring back.
    for question in vault.ask(&device, &retrieval, now)? {
        let opened = vault.question(&device, &question.row, now)?;
        println!("does this still hold: {:?}", opened.body.text());
        let yes = Answer { decision: Some(question.decision), ..Answer::to(question.row, Earning::Confirm, now) };
        vault.earn(&owner, &device, &yes, now)?;
    }

    let again = vault.decide(&gate, &request)?;
    println!("the prompt holds: {:?}", texts(&again));
    assert!(again.rulings.iter().all(|ruling| ruling.verdict == Verdict::Live));

    // Somebody asks later which memories steered that answer.
    for record in vault.why(&answer)? {
        for placed in record.placed {
            let reasons: Vec<String> = placed.ruling.reasons.iter().map(ToString::to_string).collect();
            println!("steered by {}: {} because {}", placed.ruling.row, placed.ruling.verdict, reasons.join(", "));
        }
    }
    println!("{} entries in the log; all of it verifies: {}", vault.log()?.len(), vault.verify()?.holds());
    Ok(())
}

fn texts(retrieval: &Retrieval) -> Vec<&str> {
    retrieval.live.iter().filter_map(|memory| Some(memory.body.as_ref()?.text())).collect()
}
