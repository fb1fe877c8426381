//! The leaves of a decision, both ways: `docs/formats.md`, "Decision".
//!
//! A leaf is made in two steps. Its core holds everything but salts; from all cores come id and salts; the core and
//! its salts give the leaf.

use std::fmt::Write as _;

use super::{Durability, Header, Judged, Ruling, SetName, View};
use crate::cbor::Writer;
use crate::id::{Digest, VaultId};
use crate::note::Verifier;
use crate::request::Occasion;
use crate::seal::Salts;
use crate::text::{fields, hex, is_name, number, optional, or_dash, unhex};
use crate::time::Timestamp;
use crate::verdict::Verdict;

const HEADER: &str = "stillgood/decision-header/v1";
const RULING: &str = "stillgood/ruling/v1";

/// A leaf before its salts: the text around its commitment, and the digest of what it commits to.
pub(crate) struct Core {
    before: String,
    content: Option<Digest>,
    after: String,
}

impl Core {
    fn write(&self, out: &mut String, commitment: Option<&Digest>) {
        write!(out, "{}{}{}", self.before, or_dash(commitment), self.after).expect("writing to memory cannot fail");
    }

    /// The leaf.
    pub(crate) fn salted(&self, salts: &Salts) -> String {
        let commitment = self.content.map(|content| commitment(&salts.commitment, &content));
        let mut leaf = String::with_capacity(self.before.len() + self.after.len() + 98);
        self.write(&mut leaf, commitment.as_ref());
        leaf.push(' ');
        leaf.push_str(&hex(&salts.leaf));
        leaf
    }
}

/// What id and salts are computed from.
pub(crate) fn seed_input(decider: &Verifier, cores: &[Core]) -> String {
    let mut input = format!("stillgood/decision-seed/v1\n{decider}\n");
    for core in cores {
        core.write(&mut input, core.content.as_ref());
        input.push('\n');
    }
    input
}

/// SHA-256(CBOR["stillgood/commitment/v1", salt, SHA-256(content)]).
fn commitment(salt: &[u8; 16], content: &Digest) -> Digest {
    let mut out = Writer::array(3);
    out.text("stillgood/commitment/v1").bytes(salt).bytes(content.as_bytes());
    Digest::of(&out.finish())
}

/// A header before its salts; `request` is the digest of the request's content.
pub(crate) struct HeaderCore<'a> {
    pub(crate) header: &'a Header,
    pub(crate) rulings: usize,
}

impl HeaderCore<'_> {
    pub(crate) fn core(&self) -> Core {
        let Header { at, request, set, program: [program, rhai], vault, view, durability, occasion, passed } =
            self.header;
        let (sequence, head) = match view {
            View::Unpinned => ("unpinned".to_owned(), None),
            View::Pinned { sequence, head } => (sequence.to_string(), Some(head)),
        };
        let passed = if passed.is_empty() { "-".to_owned() } else { passed.join(",") };
        Core {
            before: format!("{HEADER} {at} "),
            content: Some(*request),
            after: format!(
                " {} {} {} {program} {rhai} {vault} {sequence} {} {} {} {passed} {}",
                set.name,
                set.version,
                set.digest,
                or_dash(head),
                durability.name(),
                occasion.name(),
                self.rulings
            ),
        }
    }
}

/// A ruling before its salts; `facts` is the digest of the facts' content.
pub(crate) struct RulingCore<'a>(pub(crate) &'a Ruling);

impl RulingCore<'_> {
    pub(crate) fn core(&self) -> Core {
        let Ruling { row, judged, verdict, until, reasons, opened } = self.0;
        let mut before = format!("{RULING} {row} ");
        match judged {
            Some(judged) => write!(before, "{} {}", judged.generation, judged.head),
            None => write!(before, "- -"),
        }
        .and_then(|()| write!(before, " {verdict} {} ", or_dash(until.as_ref())))
        .expect("writing to memory cannot fail");
        for (place, reason) in reasons.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(before, "{comma}{reason}").expect("writing to memory cannot fail");
        }
        before.push_str(if *opened { " opened " } else { " sealed " });
        Core { before, content: judged.map(|judged| judged.facts), after: String::new() }
    }
}

/// The header, and how many rulings it says follow.
pub(super) fn parse_header(line: &str) -> Option<(Header, u64)> {
    let [
        label,
        at,
        request,
        name,
        version,
        digest,
        program,
        rhai,
        vault,
        sequence,
        head,
        durability,
        occasion,
        passed,
        count,
        salt,
    ] = fields(line)?;
    let view = match (sequence, optional(head, |head| head.parse().ok())?) {
        ("unpinned", None) => View::Unpinned,
        (sequence, Some(head)) => View::Pinned { sequence: number(sequence)?, head },
        _ => return None,
    };
    let passed: Vec<String> = if passed == "-" { vec![] } else { passed.split(',').map(str::to_owned).collect() };
    let header = Header {
        at: Timestamp::from_canonical(at)?,
        request: request.parse().ok()?,
        set: SetName { name: name.to_owned(), version: number(version)?, digest: digest.parse().ok()? },
        program: [program.to_owned(), rhai.to_owned()],
        vault: vault.parse::<VaultId>().ok()?,
        view,
        durability: Durability::from_name(durability)?,
        occasion: Occasion::from_name(occasion)?,
        passed,
    };
    let sound = label == HEADER
        && is_name(name)
        && is_program(program, "stillgood/")
        && is_program(rhai, "rhai/")
        && header.passed.iter().all(|name| is_name(name))
        && header.passed.is_sorted_by(|a, b| a < b)
        && unhex::<16>(salt).is_some();
    sound.then_some((header, number(count)?))
}

fn is_program(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|version| {
        (1..=48).contains(&version.len())
            && version.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-'))
    })
}

pub(super) fn parse_ruling(line: &str) -> Option<Ruling> {
    let [label, row, generation, head, verdict, until, reasons, body, facts, salt] = fields(line)?;
    let generation = optional(generation, number)?;
    let head = optional(head, |head| head.parse().ok())?;
    let facts = optional(facts, |facts| facts.parse().ok())?;
    let judged = match (generation, head, facts) {
        (Some(generation), Some(head), Some(facts)) if generation >= 1 => Some(Judged { generation, head, facts }),
        (None, None, None) => None,
        _ => return None,
    };
    let verdict: Verdict = verdict.parse().ok()?;
    let ruling = Ruling {
        row: row.parse().ok()?,
        judged,
        verdict,
        until: optional(until, Timestamp::from_canonical)?,
        reasons: reasons.split(',').map(|reason| reason.parse().ok()).collect::<Option<_>>()?,
        opened: match body {
            "opened" => true,
            "sealed" => false,
            _ => return None,
        },
    };
    let re_earn = verdict == Verdict::ReEarn;
    let sound = label == RULING
        && ruling.reasons.iter().all(|reason| reason.need.is_some() == re_earn)
        && !(re_earn && ruling.opened)
        && (re_earn || judged.is_some())
        && unhex::<16>(salt).is_some();
    sound.then_some(ruling)
}
