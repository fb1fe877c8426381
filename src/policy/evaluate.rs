//! The policies of a set at work on rows, one after the other.

use std::borrow::Cow;
use std::sync::Arc;

use super::program::{Frame, Machine, Source};
use super::sandbox::{self, Reading};
use super::source::{Given, RowSource};
use super::{By, Failure, Inner, Opined, PolicySet};
use crate::facts::{Facts, Inputs, Read, content};
use crate::id::Digest;
use crate::request::{Candidate, Request};
use crate::row::Head;
use crate::time::{Span, Timestamp};
use crate::verdict::Verdict;

/// The policies of a set at work on rows whose heads are open: nothing is opened, kept or signed. Of one thread; making one
/// costs nothing. Nor does it ask whose a [personal table](PolicySet::personal) is: a gate does.
///
/// ```
/// use stillgood::{Candidate, Draft, Head, Kind, PolicySet, Request, Verdict};
/// # fn verdict(head: &Head) -> Result<Verdict, Box<dyn std::error::Error>> {
/// let set = PolicySet::builtin();
/// let request = Request::at("2026-02-12T18:00:00Z".parse()?);
/// let verdict = set.evaluator().verdict(head, &request, &Candidate::of("m1".parse()?), 1);
/// # Ok(verdict) }
/// ```
pub struct Evaluator<'s> {
    set: &'s PolicySet,
    frame: Frame,
    /// What was said of the last row.
    said: Vec<Opined<'s>>,
}

/// What the policies said of a row.
pub(crate) struct Said<'a> {
    pub(crate) opinions: &'a [Opined<'a>],
    /// Digest of the facts that they read.
    pub(crate) facts: Digest,
    /// Up to then nothing of it changes but with the row, the request or the policies; `None` for ever.
    pub(crate) until: Option<Timestamp>,
}

impl PolicySet {
    /// Its policies, ready to be asked of row after row.
    pub fn evaluator(&self) -> Evaluator<'_> {
        Evaluator { set: self, frame: Frame::default(), said: Vec::with_capacity(self.0.policies.len()) }
    }

    /// Every opinion on given facts.
    pub(super) fn opinions(&self, facts: Facts) -> Vec<Opined<'_>> {
        let mut said = vec![];
        match self.1 {
            By::Programs => {
                let given = Given { schema: &self.0.schema, facts: &facts };
                self.run(&given, &mut Frame::default(), &mut said);
            }
            By::Interpreter => self.interpret(&self.reading(facts), &mut said),
        }
        said
    }

    /// Adds every opinion and failure; the facts read for them, and in how many milliseconds, if ever, one of them can change.
    fn run<'s>(&'s self, source: &impl Source, frame: &mut Frame, said: &mut Vec<Opined<'s>>) -> (Read, Option<i64>) {
        let mut machine: Machine<'_, '_, _, true> = Machine::new(&self.0.program, source, frame);
        said.extend(self.0.policies.iter().enumerate().filter_map(|(place, policy)| {
            let opinion = machine.run(place).map_err(Failure::from).transpose()?;
            Some((policy, opinion.map(Cow::Borrowed)))
        }));
        (machine.read(), machine.soonest())
    }

    fn interpret<'s>(&'s self, reading: &Arc<Reading>, said: &mut Vec<Opined<'s>>) {
        said.extend(self.0.policies.iter().filter_map(|policy| {
            let opinion = sandbox::run(&self.0.engine, &policy.ast, reading).transpose()?;
            Some((policy, opinion.map(Cow::Owned)))
        }));
    }

    fn reading(&self, facts: Facts) -> Arc<Reading> {
        Reading::new(Arc::clone(&self.0.schema), facts, Arc::clone(&self.0.params))
    }
}

impl<'s> Evaluator<'s> {
    /// What the set rules on a row, `rank` its place among the candidates, from 1. A policy that fails holds it, as does a set
    /// in which no policy says `live`. Whatever does not depend on policies is left out: a row that is dated after the request,
    /// another text that was offered, damage.
    pub fn verdict(&mut self, head: &Head, request: &Request, candidate: &Candidate, rank: usize) -> Verdict {
        let Inner { schema, survival, policies, program, .. } = &*self.set.0;
        let inputs = Inputs { head, request, candidate, rank, survival: survival.used() };
        let relevant = self.set.is_relevant(candidate);
        if let By::Interpreter = self.set.1 {
            let said = self.judge(head, request, candidate, rank);
            return super::rule(vec![], said.opinions, relevant).0;
        }
        let row = RowSource { schema, inputs: &inputs };
        let mut machine: Machine<'_, '_, _, false> = Machine::new(program, &row, &mut self.frame);
        let (mut strictest, mut vouched) = (Verdict::Live, false);
        for (place, policy) in policies.iter().enumerate() {
            let verdict = match machine.run(place) {
                Ok(None) => continue,
                Ok(Some(opinion)) => opinion.stance.verdict(relevant),
                Err(_) => Verdict::ReEarn,
            };
            if verdict == Verdict::ReEarn {
                return verdict;
            }
            vouched |= policy.vouches;
            strictest = strictest.max(verdict);
        }
        if vouched { strictest } else { Verdict::ReEarn }
    }

    /// What every policy says of one candidate, and what they read to say it.
    pub(crate) fn judge(&mut self, head: &Head, request: &Request, candidate: &Candidate, rank: usize) -> Said<'_> {
        let set: &'s PolicySet = self.set;
        let Inner { schema, survival, facts, .. } = &*set.0;
        let inputs = Inputs { head, request, candidate, rank, survival: survival.used() };
        let row = RowSource { schema, inputs: &inputs };
        self.said.clear();
        let (read, soonest) = match set.1 {
            By::Programs => set.run(&row, &mut self.frame, &mut self.said),
            By::Interpreter => {
                let reading = set.reading(schema.read(&inputs, facts));
                set.interpret(&reading, &mut self.said);
                (reading.read(), Some(0))
            }
        };
        let until = soonest.map(|after| request.at.plus(Span::from_millis(after)));
        let facts = content(schema, read, |fact| fact.value(&inputs), &head.text.commitment);
        Said { opinions: &self.said, facts, until }
    }
}
