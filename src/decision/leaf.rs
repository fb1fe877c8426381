//! The leaves of a decision, both ways: `docs/formats.md`, "Decision".
//!
//! A leaf is made in two steps. Its core holds everything but salts; from all cores come id and salts; the core and
//! its salts give the leaf.

use std::fmt::Write as _;

use super::{Durability, Header, Judged, Ruling, SetName, View};
use crate::cbor;
use crate::id::{Digest, VaultId};
use crate::note::Verifier;
use crate::request::Occasion;
use crate::seal::Salts;
use crate::text::{fields, is_name, number, optional, or_dash, push_hex, unhex};
use crate::time::Timestamp;
use crate::verdict::{Reason, Verdict};

const HEADER: &str = "stillgood/decision-header/v1";
const RULING: &str = "stillgood/ruling/v1";

/// A leaf before its salts: its text without the commitment, where that goes, and the digest of what it commits to.
pub(crate) struct Core {
    text: String,
    place: usize,
    content: Option<Digest>,
}

/// Longer than the salts and the commitment of a leaf.
const SALTED: usize = 128;

impl Core {
    fn write(&self, out: &mut String, commitment: Option<&Digest>) {
        let (before, after) = self.text.split_at(self.place);
        out.push_str(before);
        match commitment {
            Some(commitment) => push_hex(out, commitment.as_bytes()),
            None => out.push('-'),
        }
        out.push_str(after);
    }

    /// The leaf.
    pub(crate) fn salted(&self, salts: &Salts) -> String {
        let commitment = self.content.map(|content| commitment(&salts.commitment, &content));
        let mut leaf = String::with_capacity(self.text.len() + SALTED);
        self.write(&mut leaf, commitment.as_ref());
        leaf.push(' ');
        push_hex(&mut leaf, &salts.leaf);
        leaf
    }
}

/// What id and salts are computed from.
pub(crate) fn seed_input(decider: &Verifier, cores: &[Core]) -> String {
    let length: usize = cores.iter().map(|core| core.text.len() + SALTED).sum();
    let mut input = String::with_capacity(length + 256);
    writeln!(input, "stillgood/decision-seed/v1\n{decider}").expect("writing to memory cannot fail");
    for core in cores {
        core.write(&mut input, core.content.as_ref());
        input.push('\n');
    }
    input
}

/// SHA-256(CBOR["stillgood/commitment/v1", salt, SHA-256(content)]).
fn commitment(salt: &[u8; 16], content: &Digest) -> Digest {
    Digest::from_bytes(cbor::hash(3, |out| {
        out.text("stillgood/commitment/v1").bytes(salt).bytes(content.as_bytes());
    }))
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
        let before = format!("{HEADER} {at} ");
        let after = format!(
            " {} {} {} {program} {rhai} {vault} {sequence} {} {} {} {passed} {}",
            set.name,
            set.version,
            set.digest,
            or_dash(head),
            durability.name(),
            occasion.name(),
            self.rulings
        );
        Core { place: before.len(), text: before + &after, content: Some(*request) }
    }
}

/// A ruling before its salts; `facts` is the digest of the facts' content.
pub(crate) struct RulingCore<'a>(pub(crate) &'a Ruling);

impl RulingCore<'_> {
    pub(crate) fn core(&self) -> Core {
        let Ruling { row, judged, verdict, until, reasons, opened } = self.0;
        let mut text = String::with_capacity(256);
        let mut field = |field: &str| {
            text.push_str(field);
            text.push(' ');
        };
        field(RULING);
        field(row.as_str());
        match judged {
            Some(judged) => {
                field(&judged.generation.to_string());
                push_hex(&mut text, judged.head.as_bytes());
            }
            None => text.push_str("- -"),
        }
        text.push(' ');
        text.push_str(verdict.name());
        text.push(' ');
        match until {
            Some(until) => text.push_str(std::str::from_utf8(&until.canonical()).expect("digits and signs")),
            None => text.push('-'),
        }
        for (place, Reason { policy, code, need }) in reasons.iter().enumerate() {
            text.push_str(if place == 0 { " " } else { "," });
            for part in [policy, ":", code] {
                text.push_str(part);
            }
            if let Some(need) = need {
                write!(text, "={need}").expect("writing to memory cannot fail");
            }
        }
        text.push_str(if *opened { " opened " } else { " sealed " });
        Core { place: text.len(), text, content: judged.map(|judged| judged.facts) }
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
        (sequence, Some(head)) => View::Pinned { sequence: number(sequence).filter(|sequence| *sequence >= 1)?, head },
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
