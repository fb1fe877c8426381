//! How many opinions become one ruling.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Failure, Policy};
use crate::verdict::{Need, Opinion, Reason, Verdict};

/// What one policy said of a row: its opinion, or why it failed. One without an opinion says nothing.
pub(crate) type Opined<'a> = (&'a Policy, Result<Cow<'a, Opinion>, Failure>);

/// Many opinions become one verdict: the strictest wins, and every reason at that strictness stands, the core's first,
/// then by file name.
pub(crate) fn rule(core: Vec<Reason>, opinions: &[Opined<'_>], relevant: bool) -> (Verdict, Vec<Reason>) {
    let (verdict, reasons) = Reasons::default().rule(&core, opinions, relevant);
    (verdict, reasons.to_vec())
}

/// The reasons of many rows. Most have theirs in common with another, so each list is made once and shared.
#[derive(Default)]
pub(crate) struct Reasons(Vec<Arc<[Reason]>>);

impl Reasons {
    /// With more lists than this, finding one costs more than making it.
    const MOST: usize = 64;

    /// As [`rule`].
    pub(crate) fn rule(
        &mut self,
        core: &[Reason],
        opinions: &[Opined<'_>],
        relevant: bool,
    ) -> (Verdict, Arc<[Reason]>) {
        let verdict_of = |said: &Result<Cow<'_, Opinion>, Failure>| {
            said.as_ref().map_or(Verdict::ReEarn, |opinion| opinion.stance.verdict(relevant))
        };
        let vouched = opinions.iter().any(|(policy, said)| policy.vouches && said.is_ok());
        let held = !vouched || !core.is_empty();
        let said = opinions.iter().map(|(_, said)| verdict_of(said)).max();
        let strictest = said.filter(|_| !held).unwrap_or(Verdict::ReEarn);
        let theirs = opinions.iter().enumerate().filter(|(_, (_, said))| verdict_of(said) == strictest);
        let theirs = theirs.filter_map(|(place, (policy, said))| match said {
            Ok(opinion) => Some(Because {
                policy: &policy.id,
                code: &opinion.code,
                need: opinion.need.as_ref().filter(|_| strictest == Verdict::ReEarn),
            }),
            // Several that fail are one reason.
            Err(failure) => {
                let reason = Because::from(failure.reason());
                let mut before = opinions.iter().take(place).filter_map(|(_, said)| said.as_ref().err());
                before.all(|before| Because::from(before.reason()) != reason).then_some(reason)
            }
        });
        let unvouched = (!vouched).then_some(&UNVOUCHED);
        let all = core.iter().chain(unvouched).map(Because::from).chain(theirs);
        (strictest, self.shared(all))
    }

    /// The list of this reason alone.
    pub(crate) fn only(&mut self, reason: &Reason) -> Arc<[Reason]> {
        self.shared(std::iter::once(reason.into()))
    }

    fn shared<'r>(&mut self, reasons: impl Iterator<Item = Because<'r>> + Clone) -> Arc<[Reason]> {
        let same = |list: &[Reason]| {
            let mut rest = reasons.clone();
            list.iter().all(|reason| rest.next().is_some_and(|because| because.is(reason))) && rest.next().is_none()
        };
        if let Some(known) = self.0.iter().find(|list| same(list)) {
            return Arc::clone(known);
        }
        let new: Arc<[Reason]> = reasons.map(Because::to_reason).collect();
        if self.0.len() < Reasons::MOST {
            self.0.push(Arc::clone(&new));
        }
        new
    }
}

static UNVOUCHED: Reason = Reason::unvouched();

impl Failure {
    fn reason(&self) -> &'static Reason {
        static POLICY_ERROR: Reason = Reason::policy_error();
        static OVER_BUDGET: Reason = Reason::over_budget();
        match self {
            Failure::Error(_) => &POLICY_ERROR,
            Failure::OverBudget => &OVER_BUDGET,
        }
    }
}

/// A reason, before it is known whether it is new.
#[derive(Clone, Copy, PartialEq)]
struct Because<'a> {
    policy: &'a str,
    code: &'a str,
    need: Option<&'a Need>,
}

impl<'a> From<&'a Reason> for Because<'a> {
    fn from(reason: &'a Reason) -> Self {
        Because { policy: &reason.policy, code: &reason.code, need: reason.need.as_ref() }
    }
}

impl Because<'_> {
    fn is(self, reason: &Reason) -> bool {
        self == Because::from(reason)
    }

    fn to_reason(self) -> Reason {
        let Because { policy, code, need } = self;
        Reason { policy: policy.to_owned().into(), code: code.to_owned().into(), need: need.cloned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_reasons_are_shared_and_many_different_ones_are_told_apart() {
        let mut reasons = Reasons::default();
        let damaged = reasons.only(&Reason::damaged());
        assert!(Arc::ptr_eq(&damaged, &reasons.only(&Reason::damaged())));
        for code in 0..2 * Reasons::MOST {
            let reason = Reason { code: format!("c{code}").into(), ..Reason::damaged() };
            assert_eq!(*reasons.only(&reason), [reason]);
        }
        assert!(Arc::ptr_eq(&damaged, &reasons.only(&Reason::damaged())));
        let other_need = Reason { need: Some(Need::Settle), ..Reason::damaged() };
        assert_eq!(*reasons.only(&other_need), [other_need]);
    }
}
