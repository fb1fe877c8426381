//! Calls: opinions and where they may stand, needs, spans, and the file's own functions.

use super::{Checker, NEEDS, OPINIONS, Position, SPANS, Scope, is_one_of, nearest};
use crate::evidence::BoxKind;
use crate::policy::diagnostic::Place;
use crate::policy::syntax::{Expr, Kind, Value};
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
            let fix = match name {
                "weeks" | "months" | "years" => "count it in days: `days(30)`".to_owned(),
                "now" | "today" | "timestamp" => {
                    "a policy tells no time: compare an age, such as `row.unconfirmed_for`".to_owned()
                }
                _ => nearest(name, known).map_or(
                    "a policy calls live, background, stale, re_earn, days, hours, minutes, and its own functions"
                        .to_owned(),
                    |near| format!("did you mean `{near}`?"),
                ),
            };
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
                "re_earn" | "stale" => format!("say what would clear it: `{name}(\"code\", confirmation())`"),
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
            Some((Kind::Literal(Value::Text(code)), _)) if is_name(code) && !code.contains('_') => {}
            Some((kind, place)) => {
                let written = match kind {
                    Kind::Literal(Value::Text(text)) => text.to_lowercase().replace([' ', '_'], "-"),
                    _ => String::new(),
                };
                let written = if is_name(&written) { written } else { "holds".to_owned() };
                let fix = format!("write it out: `{name}(\"{written}\"{}`", if args.len() > 1 { ", ..)" } else { ")" });
                self.error("code", place, "a code is written out, as a text of a-z, 0-9 and `-`, at most 48 long", fix);
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
                self.error("live-without-clock", place, "nothing here asks when the row was last confirmed", fix);
            }
        }
    }

    fn need(&mut self, need: &Expr) {
        let fix = "one of confirmation(), observation(), recheck(\"box\"), settle(), request(\"field\"), nothing()";
        let Kind::Call(name, args) = &need.kind else {
            return self.error("need", need.place, "expected what would clear the row", fix);
        };
        let literal = |arg: Option<&Expr>| match arg.map(|arg| &arg.kind) {
            Some(Kind::Literal(Value::Text(text))) => Some(text.clone()),
            _ => None,
        };
        let legal = match name.as_str() {
            "recheck" => literal(args.first()).is_some_and(|kind| BoxKind::from_name(&kind).is_some()),
            "request" => literal(args.first()).is_some_and(|field| Need::is_field(&field)),
            other => NEEDS.contains(&(other, 0)),
        };
        let arity = NEEDS.iter().find(|(known, _)| known == name).map(|(_, arity)| *arity);
        if !legal || arity != Some(args.len()) {
            return self.error("need", need.place, "expected what would clear the row", fix);
        }
        if let ("request", [field]) = (name.as_str(), args.as_slice()) {
            self.field(&literal(Some(field)).unwrap_or_default(), field.place);
        }
    }

    /// Nobody is asked for what no request can say.
    fn field(&mut self, field: &str, place: Place) {
        if self.schema.fact(&format!("request.{field}")).is_none() {
            let known = self.schema.facts().iter().filter_map(|fact| fact.name.strip_prefix("request."));
            let fix = nearest(field, known).map_or_else(
                || format!("declare `[request.{field}]` in set.toml"),
                |near| format!("did you mean `request(\"{near}\")`?"),
            );
            self.error("need", place, format!("no request can say `{field}`"), fix);
        }
    }
}
