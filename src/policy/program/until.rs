//! For how long what a program says stands: when, with nothing but time passing, a comparison comes out otherwise.

use super::{Fact, Interrupt, Interrupted, Machine, Motion, Node, Operation, Program, Sign, Source};
use crate::facts::OverTime;

impl Sign {
    /// After how many milliseconds, if ever, a comparison of two values comes out otherwise, the first of which is `ahead`
    /// of the second, and gains `slope` on it each millisecond.
    fn flips(self, ahead: i128, slope: i128) -> Option<i128> {
        if slope == 0 {
            return None;
        }
        // Seen from the side that gains.
        let (ahead, slope, sign) = if slope > 0 { (ahead, slope, self) } else { (-ahead, -slope, self.mirrored()) };
        // Nearly always it gains a millisecond each millisecond.
        let reaches = |distance: i128| if slope == 1 { distance } else { (distance + slope - 1) / slope };
        match sign {
            // At −ahead it is level, after it greater.
            Sign::Less | Sign::AtLeast => (ahead < 0).then(|| reaches(-ahead)),
            Sign::AtMost | Sign::Greater => (ahead <= 0).then(|| reaches(1 - ahead)),
            Sign::Equal | Sign::Different if ahead == 0 => Some(1),
            Sign::Equal | Sign::Different => (ahead < 0 && -ahead % slope == 0).then(|| -ahead / slope),
        }
    }

    fn mirrored(self) -> Self {
        match self {
            Sign::Less => Sign::Greater,
            Sign::AtMost => Sign::AtLeast,
            Sign::Greater => Sign::Less,
            Sign::AtLeast => Sign::AtMost,
            same => same,
        }
    }
}

impl<S: Source, const TIMED: bool> Machine<'_, S, TIMED> {
    /// Takes into account when this comparison comes out otherwise.
    pub(super) fn time(&mut self, program: &Program, sign: Sign, (a, left): (&Node, i64), (b, right): (&Node, i64)) {
        let (Some(a), Some(b)) = (self.motion(program, a), self.motion(program, b)) else {
            self.soonest = 0;
            return;
        };
        let flips = sign.flips(i128::from(left) - i128::from(right), i128::from(a) - i128::from(b));
        if let Some(after) = flips.and_then(|after| i64::try_from(after).ok()) {
            self.soonest = self.soonest.min(after);
        }
    }

    /// How fast the value of a node moves that was evaluated a moment ago. What decides between two values was compared
    /// then, and is taken into account there.
    pub(super) fn motion(&mut self, program: &Program, node: &Node) -> Motion {
        match node {
            Node::Local(place) => self.frame.locals.get(*place).and_then(|(_, motion)| *motion),
            Node::Number(fact) => Some(slope(*fact)),
            Node::NumberOr(fact, default) => match self.source.is_present(fact.place.into()) {
                true => Some(slope(*fact)),
                false => self.motion(program, default),
            },
            Node::Negate(of, _) => self.motion(program, of)?.checked_neg(),
            Node::Arithmetic(operation, parts, _) => {
                let [a, b] = &**parts;
                let motions = (self.motion(program, a)?, self.motion(program, b)?);
                match (operation, motions) {
                    (_, (0, 0)) => Some(0),
                    (Operation::Add, (a, b)) => a.checked_add(b),
                    (Operation::Subtract, (a, b)) => a.checked_sub(b),
                    (Operation::Multiply, (slope, 0)) => slope.checked_mul(self.value(program, b).ok()?),
                    (Operation::Multiply, (0, slope)) => slope.checked_mul(self.value(program, a).ok()?),
                    _ => None,
                }
            }
            Node::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                let taken = if self.value(program, condition).ok()? == 0 { otherwise } else { then };
                self.motion(program, taken)
            }
            Node::Switch(switch) => {
                let on = self.value(program, &switch.on).ok()?;
                let taken = self.arm(program, switch, on);
                self.motion(program, taken)
            }
            Node::Block(nodes) => nodes.last().map_or(Some(0), |last| self.motion(program, last)),
            Node::Call(body) => match (self.value(program, body), self.interrupted) {
                (Ok(_), _) => self.motion(program, body),
                (Err(Interrupt), Interrupted::Returned(_)) => self.returned,
                (Err(Interrupt), Interrupted::Failed(_)) => None,
            },
            _ => Some(0),
        }
    }
}

/// A step is taken into account where it is read.
fn slope(fact: Fact) -> i64 {
    match fact.over_time {
        OverTime::Age => 1,
        OverTime::Left => -1,
        OverTime::Constant | OverTime::Step => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the plain way: looking at each millisecond.
    #[test]
    fn a_comparison_flips_when_it_says() {
        use Sign::{AtLeast, AtMost, Different, Equal, Greater, Less};
        for sign in [Equal, Different, Less, AtMost, Greater, AtLeast] {
            for ahead in -40..=40_i128 {
                for slope in -7..=7_i128 {
                    let holds = |after: i128| sign.holds((ahead + slope * after) as i64, 0);
                    let first = (1..=100).find(|after| holds(*after) != holds(0));
                    assert_eq!(sign.flips(ahead, slope), first, "{ahead} {sign:?} 0 at {slope} a millisecond");
                }
            }
        }
    }
}
