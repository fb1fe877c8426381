//! Calls: opinions and where they may stand, needs, spans, and the file's own functions.

use super::{Checker, NEEDS, OPINIONS, Position, SPANS, Scope, is_one_of, nearest};
use crate::evidence::BoxKind;
use crate::policy::diagnostic::Place;
use crate::policy::syntax::{Expr, Kind};
use crate::text::is_name;
use crate::verdict::Need;

impl Checker<'_> {
    pub(super) fn call(&mut self, name: &str, args: &[Expr], expr: &Expr, at: Position, scope: &mut Scope) {
        if let Some((_, arity)) = OPINIONS.iter().find(|(known, _)| *known == name) {
            self.arity(name, *arity, args, expr.place);
            self.opinion(name, args, expr.place, at);
            return;
        }
        if let Some((_, arity)) = SPANS.iter().find(|(known, _)| *known == name) {
            self.arity(name, *arity, args, expr.place);
            return self.values(args, scope);
        }
        if is_one_of(&NEEDS, name) {
            let message = format!("`{name}(..)` says what would clear a row");
            return self.error(
                "need-misplaced",
                expr.place,
                message,
                "it stands only in `re_earn(code, need)` and `stale(code, need)`",
            );
        }
        let Some(arity) = self.function(name).map(|function| function.params.len()) else {
            let known = self.policy.functions.iter().map(|function| function.name.as_str());
            let known = known.chain(OPINIONS.iter().chain(&NEEDS).chain(&SPANS).map(|(known, _)| *known));
            let fix = nearest(name, known).map_or(
                "a policy calls live, background, stale, re_earn, days, hours, minutes, and its own functions"
                    .to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return self.error("unknown-function", expr.place, format!("there is no function `{name}`"), fix);
        };
        self.arity(name, arity, args, expr.place);
        self.values(args, scope);
        if self.gives_opinion(expr) && !at.tail {
            self.dropped(name, expr.place);
        }
        let clocks = args.iter().map(|arg| self.mentions_clock(arg, scope)).collect();
        self.body(name, at.clocked, clocks);
    }

    fn arity(&mut self, name: &str, arity: usize, args: &[Expr], place: Place) {
        if args.len() != arity {
            let fix = match name {
                "re_earn" | "stale" => format!("write `{name}(\"code\", need())`"),
                "live" | "background" => format!("write `{name}(\"code\")`"),
                _ => format!("give it {arity}"),
            };
            self.error(
                "arguments",
                place,
                format!("`{name}` takes {arity} argument{}, not {}", if arity == 1 { "" } else { "s" }, args.len()),
                fix,
            );
        }
    }

    fn dropped(&mut self, name: &str, place: Place) {
        let message = format!("the opinion of `{name}` would be lost here");
        self.error("opinion-dropped", place, message, "put `return` before it, or use `else`");
    }

    fn opinion(&mut self, name: &str, args: &[Expr], place: Place, at: Position) {
        if !at.tail {
            self.dropped(name, place);
        }
        match args.first().map(|code| (&code.kind, code.place)) {
            Some((Kind::Text(code), _)) if is_name(code) && !code.contains('_') => {}
            Some((_, place)) => {
                self.error(
                    "code",
                    place,
                    "a code is a literal of a-z, 0-9 and `-`, at most 48",
                    "write it out: `live(\"holds\")`",
                );
            }
            None => {}
        }
        if let Some(need) = args.get(1) {
            self.need(need);
        }
        if name == "live" {
            self.lives.push(place);
            if !at.clocked {
                let fix = "put it under an `if` on `row.unconfirmed_for` or `row.survival`";
                self.error("live-without-clock", place, "no clock decides this `live`", fix);
            }
        }
    }

    fn need(&mut self, need: &Expr) {
        let fix = "one of confirmation(), observation(), recheck(\"box\"), settle(), request(\"field\"), nothing()";
        let Kind::Call(name, args) = &need.kind else {
            return self.error("need", need.place, "expected what would clear the row", fix);
        };
        let literal = |arg: Option<&Expr>| match arg.map(|arg| &arg.kind) {
            Some(Kind::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let legal = match name.as_str() {
            "recheck" => literal(args.first()).is_some_and(|kind| BoxKind::from_name(&kind).is_some()),
            "request" => literal(args.first()).is_some_and(|field| Need::is_field(&field)),
            other => NEEDS.contains(&(other, 0)),
        };
        let arity = NEEDS.iter().find(|(known, _)| known == name).map(|(_, arity)| *arity);
        if !legal || arity != Some(args.len()) {
            self.error("need", need.place, "expected what would clear the row", fix);
        }
    }
}
