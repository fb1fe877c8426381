//! No policy lets a row get fresher by getting older. Each is run on the rows on which it turns, and time is walked forward
//! from each: an opinion that loosens on the way is said, with that row.

use std::collections::{BTreeSet, HashMap};

use super::aging::{Aged, Clocks};
use crate::facts::{Read, Schema, Value};
use crate::policy::boundaries::Boundaries;
use crate::policy::diagnostic::{Place, Problem};
use crate::policy::program::{Frame, Machine, Program, Stopped};
use crate::policy::sandbox::Params;
use crate::policy::syntax::{Block, Expr, Kind, Policy, Value as Literal};
use crate::score::Score;
use crate::time::Span;
use crate::verdict::{Opinion, Stance};

/// So many evaluations are spent on a small policy. When not every row was tried by half of them, the rest goes to rows
/// picked here and there, always the same.
const MOST_RUNS: usize = 4_000;
/// On a long policy fewer: each of them looks at every part of it, at worst.
const MOST_PARTS: usize = 400_000;
/// A row changes this often at most.
const MOST_STEPS: usize = 64;
/// Time is walked as far as the calendar goes.
const CENTURIES: i64 = 10_000 * 365 * 86_400_000;
const DAY: i64 = 86_400_000;
/// A message names so many facts.
const MOST_FACTS: usize = 6;

/// What came of the search.
pub(in crate::policy) enum Searched {
    /// It gets fresher.
    Found(Problem),
    /// Of all rows on which it turns, none does.
    Nowhere,
    /// Not all rows were tried.
    NotFound,
}

/// What a policy says of a row: an opinion, none, or why it fails.
type Said<'p> = Result<Option<&'p Opinion>, Stopped>;

/// A fact, and the values that are tried.
struct Dimension {
    place: usize,
    values: Vec<Value>,
}

/// How an opinion loosened.
struct Loosening<'p> {
    /// What changed, in words.
    when: String,
    before: Said<'p>,
    then: Said<'p>,
    /// The facts that were read, as they were before.
    row: Vec<(usize, Value)>,
}

struct Search<'a> {
    /// The policy's place in it is the second.
    program: (&'a Program, usize),
    schema: &'a Schema,
    clocks: &'a Clocks,
    dimensions: &'a [Dimension],
    survival: Option<usize>,
    vouches: bool,
    frame: Frame,
    runs: usize,
    /// The facts that the opinions on one row and its later selves depend on.
    read: BTreeSet<usize>,
}

/// Looks for a row that gets fresher. `facts` are those that the policy names.
pub(in crate::policy) fn fresher(
    policy: &Policy,
    program: (&Program, usize),
    schema: &Schema,
    params: &Params,
    (facts, vouches): (&BTreeSet<usize>, bool),
) -> Searched {
    let clocks = Clocks::of(schema, facts);
    let survival = schema.place("row.survival");
    let moves =
        |place: &usize| clocks.slope(*place) != 0 || survival == Some(*place) || clocks.lapsing(*place).is_some();
    if !facts.iter().any(moves) {
        return Searched::Nowhere;
    }
    let boundaries = Boundaries::of(policy, schema, params);
    let dimensions = dimensions(policy, schema, &boundaries, facts, &clocks);
    let defaults: Vec<Value> = schema.facts().iter().map(crate::facts::Fact::default_value).collect();
    let most = (MOST_PARTS / parts(&policy.body, policy, &mut HashMap::new()).max(1)).clamp(100, MOST_RUNS);
    let mut search = Search {
        program,
        schema,
        clocks: &clocks,
        dimensions: &dimensions,
        survival,
        vouches,
        frame: Frame::default(),
        runs: 0,
        read: BTreeSet::new(),
    };
    match search.search(&mut defaults.iter().collect(), most) {
        Ok(true) if boundaries.are_all() => Searched::Nowhere,
        Ok(_) => Searched::NotFound,
        Err(loosening) => Searched::Found(search.problem(policy, *loosening)),
    }
}

/// The facts in the order in which the policy names them, and the values on which it turns.
fn dimensions(
    policy: &Policy,
    schema: &Schema,
    boundaries: &Boundaries,
    facts: &BTreeSet<usize>,
    clocks: &Clocks,
) -> Vec<Dimension> {
    let mut places: Vec<usize> = vec![];
    for place in policy.paths().into_iter().filter_map(|path| schema.place(path)) {
        let says_it_too = clocks.mirrored(place).is_some_and(|other| facts.contains(&other));
        if !places.contains(&place) && !says_it_too {
            places.push(place);
        }
    }
    let walks = places.iter().filter(|place| clocks.slope(**place) != 0).count();
    let dimension = |place: usize| {
        let fact = schema.facts().get(place)?;
        let mut values = boundaries.values(place, fact);
        if clocks.slope(place) != 0 {
            let millis = |value: &Value| if let Value::Span(span) = value { Some(span.millis()) } else { None };
            let farthest = values.iter().filter_map(millis).map(i64::saturating_abs).max().unwrap_or(0).min(CENTURIES);
            let first = match (clocks.goes_below_zero(place), clocks.slope(place) > 0) {
                (false, _) => 0,
                (true, true) => -farthest - DAY,
                (true, false) => farthest + DAY,
            };
            // A single clock is walked from its beginning; several begin at odds with each other.
            values.retain(|value| match millis(value) {
                Some(millis) => {
                    walks > 1 && millis.saturating_abs() <= CENTURIES && (clocks.goes_below_zero(place) || millis >= 0)
                }
                None => true,
            });
            let first = Value::Span(Span::from_millis(first));
            values.retain(|value| *value != first);
            values.insert(usize::from(fact.optional), first);
        }
        Some(Dimension { place, values })
    };
    places.into_iter().filter_map(dimension).collect()
}

/// How many parts a block has, with its functions written out. No function calls itself.
fn parts<'p>(block: &'p Block, policy: &'p Policy, known: &mut HashMap<&'p str, usize>) -> usize {
    let mut all = 0_usize;
    let mut called = vec![];
    block.visit(&mut |expr| {
        all += 1;
        if let Kind::Call(name, _) = &expr.kind {
            called.push(name.as_str());
        }
    });
    for name in called {
        let parts = known.get(name).copied().unwrap_or_else(|| {
            let function = policy.functions.iter().find(|function| function.name == name);
            let parts = function.map_or(0, |function| parts(&function.body, policy, known));
            known.insert(name, parts);
            parts
        });
        all = all.saturating_add(parts);
    }
    all
}

/// Whether ageing may lead from one to the other. Where a file says `live`, no opinion is the end of one; elsewhere it is the
/// loosest. A failure holds the row.
fn may_follow(before: &Said<'_>, then: &Said<'_>, vouches: bool) -> bool {
    let stance = |said: &Said<'_>| match said {
        Ok(opinion) => opinion.map(|opinion| opinion.stance),
        Err(_) => Some(Stance::ReEarn),
    };
    match (stance(before), stance(then)) {
        (None, None) => true,
        (None, Some(_)) => !vouches,
        (Some(before), None) => vouches && before == Stance::Live,
        (Some(before), Some(then)) => before <= then,
    }
}

impl<'a> Search<'a> {
    /// Whether every row was tried. `Err` with the first that gets fresher.
    fn search(&mut self, row: &mut Vec<&'a Value>, most: usize) -> Result<bool, Box<Loosening<'a>>> {
        let mut digits = vec![0; self.dimensions.len()];
        loop {
            self.put(row, &digits);
            self.read.clear();
            self.walk(row)?;
            if self.runs > most / 2 {
                break;
            }
            // What was not read makes no difference: the last fact that was takes its next value.
            let read = |dimension: &Dimension| self.read.contains(&dimension.place);
            let mut at = self.dimensions.iter().rposition(read);
            loop {
                let Some(turned) = at else { return Ok(true) };
                digits.iter_mut().skip(turned + 1).for_each(|digit| *digit = 0);
                let Some((digit, dimension)) = digits.get_mut(turned).zip(self.dimensions.get(turned)) else {
                    return Ok(true);
                };
                *digit += 1;
                if *digit < dimension.values.len() {
                    break;
                }
                *digit = 0;
                at = turned.checked_sub(1);
            }
        }
        let mut number = 0x5EED_u64;
        while self.runs < most {
            for (digit, dimension) in digits.iter_mut().zip(self.dimensions) {
                number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *digit = (number >> 33) as usize % dimension.values.len().max(1);
            }
            self.put(row, &digits);
            self.walk(row)?;
        }
        Ok(false)
    }

    fn put(&self, row: &mut [&'a Value], digits: &[usize]) {
        for (digit, dimension) in digits.iter().zip(self.dimensions) {
            if let (Some(slot), Some(value)) = (row.get_mut(dimension.place), dimension.values.get(*digit)) {
                *slot = value;
            }
        }
    }

    /// Lets a row get older until nothing more happens.
    fn walk(&mut self, row: &[&'a Value]) -> Result<(), Box<Loosening<'a>>> {
        let mut now = Aged { clocks: self.clocks, values: row, after: 0 };
        if !now.is_possible() {
            // Only with other values of these is it another row.
            self.read.extend(self.clocks.bound());
            self.runs += 1;
            return Ok(());
        }
        let (mut before, mut next) = self.run(&now);
        for _ in 0..MOST_STEPS {
            self.fall(&now, &before)?;
            let Some(after) = next.and_then(|after| self.later(&now, after)) else { break };
            let then = Aged { after, ..now };
            let (said, following) = self.run(&then);
            if !may_follow(&before, &said, self.vouches) {
                let when = format!("after {},", length(after - now.after));
                return Err(self.loosened(when, &now, before, said));
            }
            (now, before, next) = (then, said, following);
        }
        Ok(())
    }

    /// When to look next: where the program says that something changes, else where a fact comes to a value that is tried.
    fn later(&self, now: &Aged<'_>, soonest: i64) -> Option<i64> {
        if soonest > 0 {
            return now.after.checked_add(soonest).filter(|after| *after <= CENTURIES);
        }
        let moving = self.dimensions.iter().filter(|dimension| self.clocks.slope(dimension.place) != 0);
        let distances = moving.flat_map(|dimension| {
            let slope = self.clocks.slope(dimension.place);
            let at = match now.shown(dimension.place) {
                Value::Span(span) => Some(span.millis()),
                _ => None,
            };
            dimension.values.iter().filter_map(move |value| match value {
                Value::Span(span) => Some(span.millis().checked_sub(at?)?.saturating_mul(slope)),
                _ => None,
            })
        });
        let nearest = distances.filter(|distance| *distance > 0).min()?;
        now.after.checked_add(nearest).filter(|after| *after <= CENTURIES)
    }

    /// What changes with time, but at a time that nothing else in the row says: survival falls, a box lapses.
    fn fall(&mut self, now: &Aged<'_>, before: &Said<'a>) -> Result<(), Box<Loosening<'a>>> {
        let lapsed = Value::Text("lapsed".into());
        for dimension in self.dimensions {
            let place = dimension.place;
            if !self.read.contains(&place) {
                continue;
            }
            let fallen = if self.survival == Some(place) {
                let is_below =
                    |value: &&Value| millionths(value) < now.values.get(place).map_or(0, |now| millionths(now));
                dimension.values.iter().filter(is_below).max_by_key(|value| millionths(value))
            } else {
                self.clocks.lapsing(place).filter(|lapsing| now.may_lapse(*lapsing)).map(|_| &lapsed)
            };
            let Some(fallen) = fallen else { continue };
            let mut values = now.values.to_vec();
            if let Some(slot) = values.get_mut(place) {
                *slot = fallen;
            }
            let then = self.run(&Aged { values: &values, ..*now }).0;
            if !may_follow(before, &then, self.vouches) {
                let name = self.schema.facts().get(place).map_or("", |fact| fact.name.as_ref());
                let falls = if *fallen == lapsed { "becomes" } else { "falls to" };
                return Err(self.loosened(format!("once `{name}` {falls} {fallen},"), now, *before, then));
            }
        }
        Ok(())
    }

    fn run(&mut self, row: &Aged<'_>) -> (Said<'a>, Option<i64>) {
        self.runs += 1;
        let (program, policy) = self.program;
        let mut machine = Machine::<_, true>::new(program, row, &mut self.frame);
        let said = machine.run(policy);
        let (read, soonest) = (machine.read(), machine.soonest());
        self.note(read);
        (said, soonest)
    }

    /// A fact that was read, and what it is made of.
    fn note(&mut self, read: Read) {
        for place in read.places() {
            self.read.insert(place);
            self.read.extend(self.clocks.mirrored(place));
            self.read.extend(self.clocks.lapsing(place).into_iter().flat_map(|lapsing| lapsing.made_of()));
        }
    }

    fn loosened(&self, when: String, now: &Aged<'_>, before: Said<'a>, then: Said<'a>) -> Box<Loosening<'a>> {
        let tried = self.dimensions.iter().map(|dimension| dimension.place);
        let row = tried.filter(|place| self.read.contains(place)).map(|place| (place, now.shown(place)));
        Box::new(Loosening { when, before, then, row: row.collect() })
    }

    fn problem(&self, policy: &Policy, Loosening { when, before, then, row }: Loosening<'_>) -> Problem {
        let named = |(place, value): &(usize, Value)| {
            let name = &self.schema.facts().get(*place)?.name;
            Some(match value {
                Value::Absent => format!("no `{name}`"),
                Value::Span(span) => format!("`{name}` = {}", length(span.millis())),
                value => format!("`{name}` = {value}"),
            })
        };
        let mut facts: Vec<String> = row.iter().filter_map(named).collect();
        facts.truncate(MOST_FACTS);
        let with = if facts.is_empty() { String::new() } else { format!(", with {}", facts.join(", ")) };
        let message =
            format!("a row gets fresher by getting older: {when} {} becomes {}{with}", shown(&before), shown(&then));
        let place = [&then, &before].into_iter().find_map(|said| place(policy, said.as_ref().ok().copied().flatten()?));
        let fix = "say something at least as strict from then on; if it is meant, say why: `// allow: gets-fresher, because …`";
        let place = place.unwrap_or(Place { line: 1, column: 1 });
        Problem::warning("gets-fresher", place, message, Some(fix.to_owned()))
    }
}

fn millionths(value: &Value) -> i64 {
    if let Value::Score(score) = value { score.millionths().into() } else { Score::ZERO.millionths().into() }
}

/// A span in the largest unit that leaves a whole number, or nearly.
fn length(millis: i64) -> String {
    const NEARLY: i64 = 1_000;
    let units = [(DAY, "day"), (3_600_000, "hour"), (60_000, "minute")];
    let minutes = millis.saturating_add(30_000).div_euclid(60_000).saturating_mul(60_000);
    let off = match millis.saturating_sub(minutes) {
        0 => "",
        1..NEARLY if minutes != 0 => "just over ",
        off if off < 0 && -off < NEARLY && minutes != 0 => "just under ",
        _ => return format!("{millis} ms"),
    };
    let whole = units.iter().find(|(unit, _)| minutes % unit == 0);
    let (unit, name) = whole.copied().unwrap_or((60_000, "minute"));
    let number = minutes / unit;
    format!("{off}{number} {name}{}", if number.abs() == 1 { "" } else { "s" })
}

fn shown(said: &Said<'_>) -> String {
    match said {
        Ok(None) => "no opinion".to_owned(),
        Ok(Some(Opinion { stance, code, .. })) => format!("`{}(\"{code}\")`", stance.name()),
        Err(_) => "a failure".to_owned(),
    }
}

/// Where an opinion stands in a text, the first time.
fn place(policy: &Policy, opinion: &Opinion) -> Option<Place> {
    let mut places = vec![];
    let is_its_code = |code: Option<&Expr>| {
        code.is_some_and(|code| matches!(&code.kind, Kind::Literal(Literal::Text(text)) if *text == opinion.code))
    };
    for body in policy.bodies() {
        body.visit(&mut |expr| {
            if let Kind::Call(name, args) = &expr.kind
                && name == opinion.stance.name()
                && is_its_code(args.first())
            {
                places.push(expr.place);
            }
        });
    }
    places.into_iter().min()
}
