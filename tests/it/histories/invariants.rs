//! The invariants that DESIGN numbers, each a function that is named by its number.

use std::collections::BTreeMap;

use stillgood::{
    AnswerDigest, Gate, Inputs, LinkKind, Note, Occasion, Parents, Request, Retrieval, Ruling, Vault, Verdict,
};

use super::model::{Model, time};
use super::step::{SECRET, answer, millis, text};
use super::world::{Outcome, World, ensure, everything, keys, open, request, row_of, same};

/// What a look at every row says, about now and about the past; nothing of it is kept.
#[derive(Default)]
pub(super) struct Seen {
    at: i64,
    rulings: BTreeMap<(usize, bool), Ruling>,
}

impl Seen {
    pub(super) fn of(vault: &Vault, at: i64) -> Outcome<Self> {
        let mut rulings = BTreeMap::new();
        for past in [false, true] {
            let mut request = request(&everything(), past, at, 1);
            request.occasion = Occasion::WhatIf;
            let looked = vault.decide(&keys().gates[0], &request).map_err(|error| format!("a look: {error}"))?;
            rulings.extend(looked.rulings.iter().map(|ruling| ((row_of(&ruling.row), past), ruling.clone())));
        }
        Ok(Seen { at, rulings })
    }
}

fn said(ruling: &Ruling) -> String {
    let reasons: Vec<String> = ruling.reasons.iter().map(ToString::to_string).collect();
    format!("{} ({})", ruling.verdict, reasons.join(", "))
}

/// Same rows, policies, request, view and keys give the same bytes: again, and through another handle.
pub(super) fn invariant_1_deciding_is_a_function(
    other: &Vault,
    gate: &Gate,
    request: &Request,
    retrieval: &Retrieval,
) -> Outcome {
    for again in [other.decide(gate, request), other.decide(gate, request)] {
        let again = again.map_err(|error| format!("invariant 1: {error}"))?;
        ensure(again.decision == retrieval.decision, || {
            format!("invariant 1: `{}` became `{}`", retrieval.id, again.id)
        })?;
    }
    Ok(())
}

/// What is denied, replaced, contradicted, not there, or rests on something that changed is not live.
pub(super) fn invariant_2_what_is_wrong_with_a_row_holds_it(seen: &Seen, model: &Model) -> Outcome {
    for ((row, past), ruling) in &seen.rulings {
        let has =
            |policy: &str, code: &str| ruling.reasons.iter().any(|said| said.policy == policy && said.code == code);
        let says = |why: &str, policy: &str, code: &str| {
            let holds = ruling.verdict == Verdict::ReEarn && has(policy, code);
            ensure(holds, || format!("invariant 2: m{row} is {why}, and it is {}", said(ruling)))
        };
        let Some(known) = model.rows.get(row) else {
            says("not there", "stillgood", "unknown-row")?;
            continue;
        };
        if known.denied {
            says("denied", "denied", "denied")?;
        }
        if !known.tied(LinkKind::Contradicts).is_empty() {
            says("contradicted", "contradicted", "unsettled")?;
        }
        if !past && !known.tied(LinkKind::SupersededBy).is_empty() {
            says("superseded", "superseded", "replaced")?;
        }
        if known.parents == Parents::Changed {
            says("derived from what changed", "parents", "parent-changed")?;
        }
    }
    Ok(())
}

/// One ruling per candidate, in order; a duplicate is ruled twice, and its text returned once.
pub(super) fn invariant_3_one_ruling_per_candidate(request: &Request, retrieval: &Retrieval) -> Outcome {
    let wanted: Vec<_> = request.candidates.iter().map(|candidate| &candidate.row).collect();
    let ruled: Vec<_> = retrieval.rulings.iter().map(|ruling| &ruling.row).collect();
    same("invariant 3", &ruled, &wanted)?;
    let decision =
        retrieval.decision.verify(&keys().device.verifier()).map_err(|error| format!("invariant 3: {error}"))?;
    // Facts are signed under a salt, and returned under none.
    let plain = |rulings: &[Ruling]| {
        let ruling = |ruling: &Ruling| {
            let judged = ruling.judged.map(|judged| (judged.generation, judged.head));
            (ruling.row.clone(), judged, said(ruling), ruling.until, ruling.opened)
        };
        rulings.iter().map(ruling).collect::<Vec<_>>()
    };
    same("invariant 3", &plain(&decision.rulings), &plain(&retrieval.rulings))?;
    let mut shown: Vec<_> = retrieval.live.iter().chain(&retrieval.background).map(|memory| &memory.row).collect();
    let count = shown.len();
    shown.sort();
    shown.dedup();
    same("invariant 3", &shown.len(), &count)
}

/// What was returned before a kill is what the files give after it.
pub(super) fn invariant_4_what_was_returned_is_there_after_a_kill(vault: &Vault, world: &World) -> Outcome {
    for (id, retrieval) in &world.retrievals {
        let stored = vault.decision(*id).map_err(|error| format!("invariant 4: {error}"))?;
        ensure(stored == retrieval.decision, || format!("invariant 4: decision `{id}` is another one"))?;
    }
    for number in 0..3 {
        let digest = AnswerDigest::of(answer(number).as_bytes()).unwrap();
        let steering = vault.why(&digest).map_err(|error| format!("invariant 4: {error}"))?;
        let found: Vec<_> = steering.iter().map(|steering| (steering.decision.id, steering.placed.len())).collect();
        let uses = world.model.uses.get(&number).cloned().unwrap_or_default();
        let expected: Vec<_> = uses.iter().map(|(id, placed)| (*id, placed.len())).collect();
        same("invariant 4", &found, &expected)?;
        for placed in steering.iter().flat_map(|steering| &steering.placed) {
            inputs_are_as_they_were(placed, &world.model)?;
        }
    }
    Ok(())
}

/// A past decision shows the text that was judged, or says that it was forgotten.
fn inputs_are_as_they_were(placed: &stillgood::Placed, model: &Model) -> Outcome {
    let row = row_of(&placed.ruling.row);
    let what = format!("what m{row} was when it was used");
    let Some(judged) = placed.ruling.judged else { return same(&what, &placed.inputs, &Inputs::None) };
    if model.gone.get(&row).is_some_and(|last| judged.generation <= *last) {
        return same(&what, &placed.inputs, &Inputs::Forgotten);
    }
    let Inputs::Known { head, body } = &placed.inputs else { return Err(format!("{what}: {:?}", placed.inputs)) };
    same(&what, &head.generation, &judged.generation)?;
    let shown = body.as_ref().map(|body| body.text().to_owned());
    if placed.ruling.verdict == Verdict::ReEarn {
        return ensure(shown.is_none(), || format!("{what}: a text that was held back is shown"));
    }
    let could =
        model.rows.get(&row).is_some_and(|known| known.said.iter().any(|(.., said)| Some(text(*said)) == shown));
    ensure(could, || format!("{what}: {shown:?}"))?;
    ensure(shown.is_some_and(|shown| head.text.is_of(&shown)), || format!("{what}: another text"))
}

/// No text of a memory or an answer is in errors, `Debug` output or files.
pub(super) fn invariant_5_no_text_is_told(told: &str) -> Outcome {
    ensure(!told.contains(SECRET), || format!("invariant 5: {told}"))
}

fn invariant_5_no_text_is_in_the_files(world: &World) -> Outcome {
    for entry in std::fs::read_dir(world.folder()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
        ensure(!found, || format!("invariant 5: the text is in `{}`", path.display()))?;
    }
    Ok(())
}

/// The notes that are stored are the notes that were signed, and each begins with its kind and version.
fn invariants_6_and_7_notes_are_what_was_signed(world: &World) -> Outcome {
    let file = rusqlite::Connection::open(world.path()).unwrap();
    let texts = |sql: &str| -> Vec<String> {
        let mut statement = file.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let entries = texts("SELECT entry FROM log_entries ORDER BY idx");
    let heads = texts("SELECT note FROM vault_heads");
    for entry in entries.iter().chain(&heads) {
        let note: Note = entry.parse().map_err(|error| format!("invariant 6: {error}"))?;
        same("invariant 6", &note.to_string(), entry)?;
        let signed = [&keys().owner, &keys().device].iter().any(|signer| note.verify(&signer.verifier()).is_ok());
        ensure(signed, || format!("invariant 6: nobody of the vault signed `{entry}`"))?;
        let first = entry.lines().next().unwrap_or_default();
        let kinds = ["use", "ask", "opening", "earning", "policies", "forgetting", "vault-head"]
            .map(|kind| format!("stillgood/{kind}/v1"));
        let names = kinds.iter().any(|kind| kind == first) || first.contains("/decision/v1/");
        ensure(names, || format!("invariant 7: `{first}`"))?;
    }
    for note in texts("SELECT note FROM decisions") {
        let known = world.retrievals.values().any(|retrieval| retrieval.decision.note() == note);
        ensure(known && entries.contains(&note), || "invariant 6: a decision was stored as another".to_owned())?;
    }
    // CBOR: an array of eight items, version 1, and which kind of part it is.
    let tables = [("heads", 0_u8), ("old_heads", 0), ("bodies", 1), ("evidence", 2), ("decisions", 3)];
    for (table, kind) in tables {
        let column = if table == "decisions" { "rulings" } else { "sealed" };
        let mut statement = file.prepare(&format!("SELECT {column} FROM {table}")).unwrap();
        let parts = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        for part in parts {
            same("invariant 7", &part.unwrap()[..3].to_vec(), &vec![0x88, 1, kind])?;
        }
    }
    Ok(())
}

/// Between two looks that differ in time alone, only what an earning touched, or what says something else, gets looser.
pub(super) fn invariant_9_only_an_earning_makes_a_row_fresher(before: &Seen, after: &Seen, model: &Model) -> Outcome {
    for ((row, past), now) in &after.rulings {
        let Some(then) = before.rulings.get(&(*row, *past)) else { continue };
        let began = model.rows.get(row).and_then(|known| known.valid_from);
        let begun = began.is_some_and(|began| before.at < began && began <= after.at);
        let freed = model.freed.contains(row);
        ensure(now.verdict >= then.verdict || freed || begun, || {
            format!("invariant 9: m{row} was {}, and is {}, by no earning", said(then), said(now))
        })?;
    }
    Ok(())
}

/// What is dated after the request is held. A look at another time is signed as such, and not logged.
pub(super) fn invariant_13_what_is_dated_later_is_held(
    vault: &Vault,
    gate: &Gate,
    request: &Request,
    retrieval: &Retrieval,
    model: &Model,
) -> Outcome {
    for ruling in &retrieval.rulings {
        let Some(known) = model.rows.get(&row_of(&ruling.row)) else { continue };
        let last = known.last_earned().max(known.observed.unwrap_or(known.stated));
        let says =
            ruling.verdict == Verdict::ReEarn && ruling.reasons.iter().any(|reason| reason.code == "from-the-future");
        let is_later = last > request.at.millis();
        ensure(says == is_later, || {
            format!("invariant 13: {} is {}, at {}, dated {}", ruling.row, said(ruling), request.at, time(last))
        })?;
    }
    let size = vault.pin().unwrap().log_size;
    let what_if = Request { occasion: Occasion::WhatIf, ..request.clone() };
    let looked = vault.decide(gate, &what_if).map_err(|error| format!("invariant 13: {error}"))?;
    let decision = looked.decision.verify(gate.verifier()).map_err(|error| format!("invariant 13: {error}"))?;
    same("invariant 13", &decision.header.occasion, &Occasion::WhatIf)?;
    same("invariant 13", &vault.pin().unwrap().log_size, &size)
}

/// A row that is damaged on purpose is held, and says so; the others are judged as before.
fn invariant_2_a_damaged_row_is_held(world: &World) -> Outcome {
    let at = millis(world.hour);
    let before = Seen::of(world.vault(0), at)?;
    let Some(broken) = world.model.rows.keys().next().copied() else { return Ok(()) };
    let shown = |row: &usize| before.rulings.get(&(*row, false)).is_some_and(|ruling| ruling.verdict < Verdict::ReEarn);
    let bodiless = world.model.rows.keys().copied().find(|row| *row != broken && shown(row));
    let path = world.folder().join("damaged");
    world.copy_to(&path);
    let file = rusqlite::Connection::open(&path).unwrap();
    file.execute(&format!("UPDATE heads SET sealed = zeroblob(90) WHERE row = 'm{broken}'"), []).unwrap();
    if let Some(row) = bodiless {
        file.execute(&format!("DELETE FROM bodies WHERE row = 'm{row}'"), []).unwrap();
    }
    drop(file);
    let after = Seen::of(&open(&path), at)?;
    for (place, ruling) in &after.rulings {
        let is_broken =
            place.0 == broken || Some(place.0) == bodiless && before.rulings[place].verdict < Verdict::ReEarn;
        if !is_broken {
            same("invariant 2", &said(ruling), &said(&before.rulings[place]))?;
            continue;
        }
        let damaged = ruling.verdict == Verdict::ReEarn && ruling.reasons.iter().any(|reason| reason.code == "damaged");
        ensure(damaged && !ruling.opened, || {
            format!("invariant 2: m{} is damaged, and it is {}", place.0, said(ruling))
        })?;
    }
    Ok(())
}

/// What is checked once, after all steps.
pub(super) fn at_the_end(world: &World) -> Outcome {
    let killed = world.folder().join("killed");
    world.copy_to(&killed);
    invariant_4_what_was_returned_is_there_after_a_kill(&open(&killed), world)?;
    invariants_6_and_7_notes_are_what_was_signed(world)?;
    invariant_2_a_damaged_row_is_held(world)?;
    invariant_5_no_text_is_in_the_files(world)
}
