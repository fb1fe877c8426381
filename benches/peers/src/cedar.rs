//! Cedar, in two ways.
//!
//! Timed for the policies: one authorization of a prepared request, and which `permit` allowed it. One `permit` per verdict
//! was faster than a `forbid` per branch.
//!
//! Timed for the expression: its evaluation with a prepared request. That is no authorization: it shows what of the time is
//! the evaluator's.

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, EvalResult, Expression, PolicyId, PolicySet, Request,
    RestrictedExpression, eval_expression,
};
use stillgood::Verdict;

use crate::engine::{Engine, verdict_of};
use crate::rows::Row;

pub(crate) struct Policies {
    authorizer: Authorizer,
    policies: PolicySet,
    /// The policy that allows what is live.
    live: PolicyId,
    entities: Entities,
    requests: Vec<Request>,
}

impl Policies {
    pub(crate) fn new(rows: &[Row]) -> Self {
        let policies: PolicySet = include_str!("../six.cedar").parse().unwrap();
        let live =
            policies.policies().find(|policy| policy.annotation("verdict") == Some("live")).unwrap().id().clone();
        let requests = rows.iter().map(request).collect();
        Policies { authorizer: Authorizer::new(), policies, live, entities: Entities::empty(), requests }
    }
}

impl Engine for Policies {
    fn name(&self) -> &str {
        "Cedar, policies"
    }

    fn package(&self) -> Option<&str> {
        Some("cedar-policy")
    }

    fn decide(&mut self, row: usize) -> Verdict {
        let response = self.authorizer.is_authorized(&self.requests[row], &self.policies, &self.entities);
        match response.decision() {
            Decision::Deny => Verdict::ReEarn,
            Decision::Allow if response.diagnostics().reason().any(|id| *id == self.live) => Verdict::Live,
            Decision::Allow => Verdict::Background,
        }
    }
}

pub(crate) struct OneExpression {
    expression: Expression,
    entities: Entities,
    requests: Vec<Request>,
}

impl OneExpression {
    pub(crate) fn new(rows: &[Row]) -> Self {
        let expression = include_str!("../six_expression.cedar").parse().unwrap();
        OneExpression { expression, entities: Entities::empty(), requests: rows.iter().map(request).collect() }
    }
}

impl Engine for OneExpression {
    fn name(&self) -> &str {
        "Cedar, an expression alone"
    }

    fn package(&self) -> Option<&str> {
        Some("cedar-policy")
    }

    fn decide(&mut self, row: usize) -> Verdict {
        match eval_expression(&self.requests[row], &self.entities, &self.expression).unwrap() {
            EvalResult::Long(number) => verdict_of(number),
            other => panic!("{other} is no verdict"),
        }
    }
}

/// A row as the context of a request.
fn request(row: &Row) -> Request {
    let entity = |text: &str| -> EntityUid { text.parse().unwrap() };
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let number = RestrictedExpression::new_long;
    let mut facts = vec![
        ("kind", text(row.kind.name())),
        ("age", number(row.age)),
        ("unconfirmed_for", number(row.unconfirmed_for)),
        ("rung", text(row.rung.name())),
    ];
    facts.extend(row.expires_in.map(|left| ("expires_in", number(left))));
    if let Some(model) = row.artifact {
        facts.extend([("label", text(model.label)), ("blob_id", text(model.blob_id))]);
    }
    if let Some(model) = row.asked {
        facts.extend([("asked_label", text(model.label)), ("asked_blob_id", text(model.blob_id))]);
    }
    let context = Context::from_pairs(facts.into_iter().map(|(name, value)| (name.to_owned(), value))).unwrap();
    Request::new(entity(r#"Asker::"any""#), entity(r#"Action::"use""#), entity(r#"Row::"any""#), context, None).unwrap()
}
