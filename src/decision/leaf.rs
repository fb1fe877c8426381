//! The leaves of a decision, both ways: `docs/formats.md`, "Decision".
//!
//! A leaf is made in two steps. Its core holds everything but salts; from all cores come id and salts; the core and
//! its salts give the leaf.

use std::io::Write as _;

use super::{Durability, Header, Judged, Ruling, SetName, View};
use crate::id::{Digest, VaultId};
use crate::note::Verifier;
use crate::request::Occasion;
use crate::seal::{Salts, commitment};
use crate::text::{fields, is_name, number, optional, or_dash, push_hex, unhex};
use crate::time::Timestamp;
use crate::verdict::Verdict;

const HEADER: &str = "stillgood/decision-header/v1";
const RULING: &str = "stillgood/ruling/v1";

/// All leaves of a decision before their salts, one after the other as id and salts are computed from them: each line holds
/// the digest of what its leaf commits to, where the leaf will hold the commitment.
pub(crate) struct Cores {
    text: Vec<u8>,
    lines: Vec<Line>,
}

/// Where one leaf stands in the text.
struct Line {
    start: usize,
    /// Where its commitment goes.
    place: usize,
    end: usize,
    content: Option<Digest>,
}

/// A space and the salt of a leaf.
const SALT: usize = 33;
/// As long as most rulings are.
const USUAL: usize = 320;

impl Cores {
    /// Of these rulings; `request` in the header and `facts` in a ruling are the digests of their content.
    pub(crate) fn of(decider: &Verifier, header: &Header, rulings: &[Ruling]) -> Self {
        let count = rulings.len();
        let mut text = Vec::with_capacity((count + 2) * USUAL);
        writeln!(text, "stillgood/decision-seed/v1\n{decider}").expect(IN_MEMORY);
        let mut cores = Cores { text, lines: Vec::with_capacity(count + 1) };
        let before = |text: &mut Vec<u8>| write!(text, "{HEADER} {} ", header.at).expect(IN_MEMORY);
        cores.line(Some(header.request), before, &after_request(header, count));
        for ruling in rulings {
            cores.line(ruling.judged.map(|judged| judged.facts), |text| write_ruling(text, ruling), "");
        }
        cores
    }

    /// One line: what `before` writes, the digest, and what comes after.
    fn line(&mut self, content: Option<Digest>, before: impl FnOnce(&mut Vec<u8>), after: &str) {
        let start = self.text.len();
        before(&mut self.text);
        let place = self.text.len();
        match &content {
            Some(content) => push_hex(&mut self.text, content.as_bytes()),
            None => self.text.push(b'-'),
        }
        self.text.extend_from_slice(after.as_bytes());
        self.lines.push(Line { start, place, end: self.text.len(), content });
        self.text.push(b'\n');
    }

    /// What id and salts are computed from.
    pub(crate) fn seed_input(&self) -> &[u8] {
        &self.text
    }

    /// How many leaves there will be.
    pub(crate) fn count(&self) -> usize {
        self.lines.len()
    }

    /// The leaves.
    pub(crate) fn salted(&self, salts: &[Salts]) -> Vec<String> {
        self.lines.iter().zip(salts).map(|(line, salts)| self.leaf(line, salts)).collect()
    }

    fn leaf(&self, line: &Line, salts: &Salts) -> String {
        let Line { start, place, end, content } = line;
        let digest = if content.is_some() { 64 } else { 1 };
        let part = |from: usize, to: usize| self.text.get(from..to).expect("where it was written");
        let mut leaf = Vec::with_capacity(end - start + SALT);
        leaf.extend_from_slice(part(*start, *place));
        match content {
            Some(content) => push_hex(&mut leaf, commitment(&salts.commitment, content).as_bytes()),
            None => leaf.push(b'-'),
        }
        leaf.extend_from_slice(part(place + digest, *end));
        leaf.push(b' ');
        push_hex(&mut leaf, &salts.leaf);
        String::from_utf8(leaf).expect("written of texts")
    }
}

const IN_MEMORY: &str = "writing to memory cannot fail";

/// A header from its commitment on.
fn after_request(header: &Header, rulings: usize) -> String {
    let Header { at: _, request: _, set, program: [program, rhai], vault, view, durability, occasion, passed } = header;
    let (sequence, head) = match view {
        View::Unpinned => ("unpinned".to_owned(), None),
        View::Pinned { sequence, head } => (sequence.to_string(), Some(head)),
    };
    let passed = if passed.is_empty() { "-".to_owned() } else { passed.join(",") };
    format!(
        " {} {} {} {program} {rhai} {vault} {sequence} {} {} {} {passed} {rulings}",
        set.name,
        set.version,
        set.digest,
        or_dash(head),
        durability.name(),
        occasion.name(),
    )
}

/// A ruling up to its commitment; nothing comes after.
fn write_ruling(text: &mut Vec<u8>, ruling: &Ruling) {
    let put = |text: &mut Vec<u8>, part: &str| text.extend_from_slice(part.as_bytes());
    let Ruling { row, judged, verdict, until, reasons, opened } = ruling;
    for part in [RULING, " ", row.as_str(), " "] {
        put(text, part);
    }
    match judged {
        Some(judged) => {
            put(text, itoa::Buffer::new().format(judged.generation));
            text.push(b' ');
            push_hex(text, judged.head.as_bytes());
        }
        None => put(text, "- -"),
    }
    for part in [" ", verdict.name(), " "] {
        put(text, part);
    }
    match until {
        Some(until) => until.push(text),
        None => text.push(b'-'),
    }
    for (place, reason) in reasons.iter().enumerate() {
        text.push(if place == 0 { b' ' } else { b',' });
        reason.push(text);
    }
    put(text, if *opened { " opened " } else { " sealed " });
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
        && header.passed.iter().all(|name| is_name(name) && name != "-")
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
