//! Search responses, as `stillgood decide` reads them: every candidate gets one ruling, in order.

use std::collections::HashMap;
use std::sync::LazyLock;

use stillgood::import::memsync;
use stillgood::{Gate, PolicySet, Request, Score, Signer, Verdict, View};

use super::lab::{DEVICE, KEYS, now};

static GATE: LazyLock<Gate> =
    LazyLock::new(|| Gate::new(PolicySet::builtin(), Signer::from_pem(&DEVICE.to_pem(), &DEVICE.verifier()).unwrap()));

pub(super) fn target(bytes: &[u8]) -> bool {
    let Ok(search) = memsync::search(bytes) else { return false };
    let Ok(candidates) = search.records.iter().map(memsync::candidate).collect::<Result<Vec<_>, _>>() else {
        return false;
    };
    assert!(!search.rest.contains_key("memories") && !search.rest.contains_key("data"));
    for candidate in &candidates {
        assert!(candidate.relevance().is_none_or(|score| score <= Score::ONE));
    }
    let request = Request { candidates, ..Request::at(now()) };
    let retrieval = GATE.decide(&KEYS, &request, &View::Unpinned, &HashMap::new()).unwrap();
    let decision = retrieval.decision.verify(&DEVICE.verifier()).unwrap();
    let asked: Vec<_> = request.candidates.iter().map(|candidate| &candidate.row).collect();
    assert_eq!(decision.rulings.iter().map(|ruling| &ruling.row).collect::<Vec<_>>(), asked);
    assert!(decision.rulings.iter().all(|ruling| ruling.verdict == Verdict::ReEarn), "nothing is in the vault");
    !asked.is_empty()
}
