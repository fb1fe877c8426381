//! Evidence only holds back: a box can raise or lift the objection of the files that read it, and nothing else. Shown of the
//! shipped files as they are written, and of generated rows through the whole gate.

use std::collections::{BTreeSet, HashMap};

use stillgood::{
    About, Artifact, Attached, BoxKind, Boxes, Candidate, Category, Code, Digest, Files, Finding, Found, Gate, Head,
    How, Identity, KeyRing, Keys, Kind, LinkKind, ListedVerifier, MadeBy, Mode, Parents, PaymentRung, PolicySet,
    Private, Request, Roles, Route, RowId, Ruling, Score, SealedHead, SealedRow, SettlementRung, Signer, Span,
    Timestamp, VaultId, Verdict, View,
};

use crate::share::rows::SplitMix64;
use crate::support::{draft, file, now};

// As they are written.

fn shipped() -> Files {
    PolicySet::read_files(&file("policies")).unwrap()
}

/// The boxes that a policy reads.
fn boxes_in(source: &str) -> BTreeSet<BoxKind> {
    let code: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    BoxKind::ALL.into_iter().filter(|kind| code.contains(&format!("row.{}.", kind.name()))).collect()
}

#[test]
fn no_shipped_file_that_reads_a_box_says_live_or_reads_another() {
    let mut read = BTreeSet::new();
    for policy in PolicySet::builtin().policies() {
        let mut boxes = boxes_in(policy.source());
        read.extend(boxes.iter().copied());
        assert!(boxes.is_empty() || !policy.vouches(), "{}", policy.id());
        boxes.remove(&BoxKind::Binding);
        assert!(boxes.len() <= 1, "{} reads {boxes:?}", policy.id());
    }
    // How a model ran and who paid for it say nothing of whether its answer still holds.
    let unread: Vec<BoxKind> = BoxKind::ALL.into_iter().filter(|kind| !read.contains(kind)).collect();
    assert_eq!(unread, [BoxKind::Mode, BoxKind::Payment]);
}

/// That is no habit of the authors: with a `live`, or with another box, no such file is let in.
#[test]
fn a_shipped_file_that_reads_a_box_cannot_be_made_to_say_live_or_read_another() {
    let codes = |name: &str, source: &str| {
        let mut files = shipped();
        files.insert(format!("{name}.rhai"), source.into());
        let (set, found) = PolicySet::check(&files);
        assert!(set.is_none(), "{name} is let in:\n{source}");
        found.iter().map(|one| one.problem.code).collect::<BTreeSet<_>>()
    };
    let mut tried = 0;
    for policy in PolicySet::builtin().policies() {
        let boxes = boxes_in(policy.source());
        if boxes.is_empty() {
            continue;
        }
        tried += 1;
        let (comments, code): (Vec<&str>, Vec<&str>) = policy.source().lines().partition(|line| line.starts_with("//"));
        let (comments, code) = (comments.join("\n"), code.join("\n"));
        let live = format!("{comments}\nif row.survival >= param.holds {{ return live(\"badge\") }}\n{code}\n");
        assert!(codes(policy.id(), &live).contains("live-reads-box"), "{}", policy.id());
        let other = if boxes.contains(&BoxKind::Data) { "payment" } else { "data" };
        let two =
            format!("{comments}\nif row.{other}.state == \"verified\" {{ return background(\"two\") }}\n{code}\n");
        if boxes != BTreeSet::from([BoxKind::Binding]) {
            assert!(codes(policy.id(), &two).contains("two-boxes"), "{}", policy.id());
        }
    }
    assert_eq!(tried, 6);
}

// Through the whole gate.

/// Keys and gates: of the whole set, and of the set without the files that read a box.
struct Lab {
    keys: Keys,
    whole: Gate,
    without: HashMap<BoxKind, Gate>,
}

impl Lab {
    fn new() -> Self {
        let (owner, device) =
            (Signer::generate("test/owner".parse().unwrap()), Signer::generate("test/device".parse().unwrap()));
        let (identity, since) = (Identity::generate(), "2020-01-01T00:00:00Z".parse().unwrap());
        let listed = ListedVerifier { verifier: device.verifier(), roles: Roles::WriterAndDecider, since, until: None };
        let ring = KeyRing::create(&owner, VaultId::from_bytes([7; 16]), identity.recipient(), listed, since);
        let gate = |set: PolicySet| Gate::new(set, Signer::from_pem(&device.to_pem(), &device.verifier()).unwrap());
        let without = |kind: BoxKind| {
            let mut files = shipped();
            files.retain(|name, content| {
                !name.ends_with(".rhai") || !boxes_in(std::str::from_utf8(content).unwrap()).contains(&kind)
            });
            gate(PolicySet::from_files(&files).unwrap())
        };
        Lab {
            keys: ring.unlock(&identity).unwrap(),
            whole: gate(PolicySet::builtin()),
            without: BoxKind::ALL.into_iter().map(|kind| (kind, without(kind))).collect(),
        }
    }

    /// What a gate rules on these heads, each as it would be stored.
    fn decide(&self, gate: &Gate, asked: &Request, heads: &[Head]) -> Vec<Ruling> {
        let sealed = |head: &Head| SealedRow { head: SealedHead::seal(&self.keys, head), body: None };
        let rows: HashMap<RowId, SealedRow> = heads.iter().map(|head| (head.row.clone(), sealed(head))).collect();
        let like = |head: &Head| Candidate { row: head.row.clone(), ..asked.candidates[0].clone() };
        let request = Request { candidates: heads.iter().map(like).collect(), ..asked.clone() };
        let retrieval = gate.decide(&self.keys, &request, &View::Unpinned, &rows).unwrap();
        assert!(retrieval.faults.is_empty(), "{:?}", retrieval.faults);
        retrieval.rulings
    }
}

/// Every value of one box that could make a difference, the first of them none.
fn values(kind: BoxKind) -> Vec<Boxes> {
    let at = now();
    let near = |minutes: i64| at.plus(Span::minutes(minutes).unwrap());
    let times = [None, Some(near(-30)), Some(at), Some(near(30))];
    let mut values = vec![Boxes::default()];
    for state in Found::ALL {
        for as_of in [None, Some(near(-3 * 1_440))] {
            let finding = Finding { state: *state, as_of };
            macro_rules! all {
                ($name:ident: $details:expr) => {
                    values.extend(
                        $details.map(|detail| Boxes { $name: Some(Attached { finding, detail }), ..Boxes::default() }),
                    )
                };
            }
            match kind {
                BoxKind::Binding => all!(binding: How::ALL.iter().copied()),
                BoxKind::Attestation => all!(attestation: Code::ALL.iter().copied()),
                BoxKind::Mode => all!(mode: Mode::ALL.iter().copied()),
                BoxKind::Payment => all!(payment: PaymentRung::ALL.iter().copied()),
                BoxKind::Route => all!(route: Private::ALL.iter().copied()),
                BoxKind::Data => all!(data: times.into_iter()),
                BoxKind::Settlement => {
                    all!(settlement: SettlementRung::ALL.iter().flat_map(|rung| times.map(|due| (*rung, due))));
                }
                BoxKind::Artifact => all!(artifact: artifacts().into_iter()),
            }
        }
    }
    values
}

fn artifacts() -> Vec<Artifact> {
    let blob = |of| Some(data_encoding::BASE64URL_NOPAD.encode(&[of; 32]));
    let labels = [None, Some("chat-latest".to_owned()), Some("other".to_owned())];
    let with =
        |label: &Option<String>| [None, blob(1), blob(2)].map(|blob_id| Artifact { label: label.clone(), blob_id });
    labels.iter().flat_map(with).collect()
}

/// Puts one box of these into those.
fn put(kind: BoxKind, from: &Boxes, into: &mut Boxes) {
    let from = from.clone();
    match kind {
        BoxKind::Binding => into.binding = from.binding,
        BoxKind::Attestation => into.attestation = from.attestation,
        BoxKind::Mode => into.mode = from.mode,
        BoxKind::Settlement => into.settlement = from.settlement,
        BoxKind::Payment => into.payment = from.payment,
        BoxKind::Route => into.route = from.route,
        BoxKind::Artifact => into.artifact = from.artifact,
        BoxKind::Data => into.data = from.data,
    }
}

struct Dice(SplitMix64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        (self.0.next() % end as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn of<T: Clone>(&mut self, several: &[T]) -> T {
        several[self.below(several.len())].clone()
    }

    /// Around now, to the millisecond at times.
    fn time(&mut self) -> Timestamp {
        let hours = self.below(200) as i64 - 100;
        now().plus(Span::from_millis(self.of(&[0, 1, hours * 3_600_000])))
    }

    /// A row as it may stand in a vault: half of them such that nobody but a box could object.
    fn head(&mut self, keys: &Keys) -> Head {
        let days = self.of(&[1, 10, 100, 500, 900, 1_700]);
        let plain = self.chance(50);
        let mut draft = draft("base", "text", if plain { 10 } else { days });
        draft.traits.kind = self.of(Kind::ALL);
        let mut boxes = Boxes::default();
        for kind in BoxKind::ALL {
            if self.chance(40) {
                put(kind, &self.of(&values(kind)), &mut boxes);
            }
        }
        draft.boxes = boxes.into();
        if !plain {
            draft.traits.categories.insert(self.of(Category::ALL));
            draft.traits.valid_until = self.chance(30).then(|| self.time());
            draft.traits.valid_from = self.chance(20).then(|| now().plus(Span::days(-120).unwrap()));
        }
        let mut head = SealedRow::seal(keys, &draft).unwrap().head.open(keys, &draft.row).unwrap();
        head.edited = self.chance(30);
        head.parents = self.of(Parents::ALL);
        if self.chance(40) {
            head.confirmed_at = Some(now().plus(Span::days(-(self.below(8) as i64)).unwrap()).max(head.stated_at));
            head.confirmations = 1 + self.below(3) as u64;
        }
        if !plain {
            head.denied = self.chance(10);
            for kind in [LinkKind::SupersededBy, LinkKind::Contradicts] {
                if self.chance(10) {
                    head.links.add(kind, "other".parse().unwrap(), MadeBy::Owner).unwrap();
                }
            }
        }
        head
    }

    fn request(&mut self) -> Request {
        let mut request = Request::at(now());
        request.about = self.of(About::ALL);
        request.purpose = self.of(&[None, Some("personal".to_owned()), Some("work".to_owned())]);
        request.route = self.of(&[None, Some(Route::Any), Some(Route::Private)]);
        request.artifact = self.of(&artifacts());
        let rerank = self.of(&[None, Some(100_000), Some(400_000), Some(900_000), Some(900_000)]);
        let rerank = rerank.map(|millionths| Score::from_millionths(millionths).unwrap());
        let candidate = Candidate { rerank, asked: self.chance(20), ..Candidate::of("base".parse().unwrap()) };
        request.candidates.push(candidate);
        request
    }
}

/// What is decided: by the whole set, or without the files that read a box.
type Decide<'a> = dyn Fn(Option<BoxKind>, &Request, &[Head]) -> Vec<Ruling> + 'a;

/// How often something happened, so that nothing is shown of nothing.
#[derive(Default, Debug)]
struct Seen {
    raised: usize,
    lifted: usize,
    objected: usize,
    live: usize,
    kept: usize,
}

/// Everything at which a box did more than raise or lift the objection of the files that read it.
fn breaches(decide: &Decide<'_>, head: &Head, request: &Request, seen: &mut Seen) -> Vec<String> {
    let mut breaches = vec![];
    for kind in BoxKind::ALL {
        let with = |(number, value): (usize, &Boxes)| {
            let mut head = Head { row: format!("{}-{number}", kind.name()).parse().unwrap(), ..head.clone() };
            put(kind, value, &mut head.boxes);
            head
        };
        let heads: Vec<Head> = values(kind).iter().enumerate().map(with).collect();
        let (whole, rest) = (decide(None, request, &heads), decide(Some(kind), request, &heads));
        // Whoever does not read the box says the same of all its values.
        let others = &rest[0];
        seen.objected += usize::from(others.verdict > Verdict::Live);
        for (place, (ruling, rest)) in whole.iter().zip(&rest).enumerate() {
            let mut breach = |what: &str| {
                let boxes = &*heads[place].boxes;
                breaches.push(format!("{}: {what}: {ruling:?}, the others {others:?}, {boxes:?}", kind.name()));
            };
            if (rest.verdict, &rest.reasons, rest.until) != (others.verdict, &others.reasons, others.until) {
                breach("it changes what is said by files that do not read it");
            }
            if ruling.verdict < others.verdict {
                breach("with it a row is looser than other files let it be");
            }
            let absent = &whole[0];
            if ruling.verdict < absent.verdict {
                seen.lifted += 1;
                let source = |id: &str| {
                    let set = PolicySet::builtin();
                    set.policies().iter().find(|policy| policy.id() == id).map(|policy| policy.source().to_owned())
                };
                let reads = |id: &str| source(id).is_some_and(|source| boxes_in(&source).contains(&kind));
                if !absent.reasons.iter().all(|reason| reads(&reason.policy)) {
                    breach("it lifts what another file objects to");
                }
            }
            seen.raised += usize::from(ruling.verdict > absent.verdict);
            seen.live += usize::from(ruling.verdict == Verdict::Live);
        }
    }
    // What says that there was evidence once: a row that was edited is never the looser for it.
    let heads = [false, true].map(|edited| {
        let evidence = edited.then(|| Digest::of(b"evidence"));
        Head { row: format!("edited-{edited}").parse().unwrap(), edited, evidence, ..head.clone() }
    });
    let ruled = decide(None, request, &heads);
    if ruled[1].verdict < ruled[0].verdict {
        breaches.push(format!("edited, with evidence kept: {ruled:?}"));
    }
    // With all boxes and with none: the other files have the last word.
    let mut none = Head { row: "none".parse().unwrap(), ..head.clone() };
    none.boxes = Boxes::default().into();
    let bare = decide(None, request, &[none]).remove(0);
    let full = decide(None, request, &[Head { row: "full".parse().unwrap(), ..head.clone() }]).remove(0);
    if full.verdict < bare.verdict {
        breaches.push(format!("with its boxes a row is looser than without any: {full:?}, {bare:?}"));
    }
    seen.kept += usize::from(full.verdict == bare.verdict);
    breaches
}

fn all_breaches(rows: u64, decide: &Decide<'_>, keys: &Keys) -> (Vec<String>, Seen) {
    let (mut found, mut seen) = (vec![], Seen::default());
    for seed in 0..rows {
        let mut dice = Dice(SplitMix64(seed));
        let (head, request) = (dice.head(keys), dice.request());
        found.extend(
            breaches(decide, &head, &request, &mut seen).into_iter().map(|what| format!("seed {seed}: {what}")),
        );
    }
    (found, seen)
}

#[test]
fn no_value_of_any_box_makes_a_row_looser_than_the_files_that_do_not_read_it_let_it_be() {
    let lab = Lab::new();
    let decide = |without: Option<BoxKind>, request: &Request, heads: &[Head]| {
        lab.decide(without.map_or(&lab.whole, |kind| &lab.without[&kind]), request, heads)
    };
    let (found, seen) = all_breaches(180, &decide, &lab.keys);
    assert!(found.is_empty(), "{} of them, the first: {}", found.len(), found[0]);
    println!("{seen:?}");
    assert!(
        seen.raised > 500 && seen.lifted > 10 && seen.objected > 100 && seen.live > 500 && seen.kept > 10,
        "{seen:?}"
    );
}

/// A gate that lets a badge speak for its row is found out, whichever badge it likes.
#[test]
fn a_gate_that_prefers_a_badge_is_found_out() {
    let lab = Lab::new();
    for liked in BoxKind::ALL {
        let decide = |without: Option<BoxKind>, request: &Request, heads: &[Head]| {
            let mut rulings = lab.decide(without.map_or(&lab.whole, |kind| &lab.without[&kind]), request, heads);
            for (ruling, head) in rulings.iter_mut().zip(heads) {
                let badge = head.boxes.finding(liked).is_some_and(|finding| finding.state == Found::Verified);
                if badge && ruling.verdict == Verdict::Background {
                    ruling.verdict = Verdict::Live;
                }
            }
            rulings
        };
        let (found, _) = all_breaches(24, &decide, &lab.keys);
        let named = format!(": {}: ", liked.name());
        assert!(found.iter().any(|what| what.contains(&named)), "{}: {found:?}", liked.name());
    }
}
