//! Cases: what a policy, or the whole set, should say of rows given fact by fact, and until when. Facts left out have their
//! default.

mod given;

use given::Given;
use serde::Deserialize;

use super::check::{Aged, Clocks};
use super::program::{Frame, Machine, Source};
use super::sandbox::Failure;
use super::{Files, Policy, PolicySet, rule, source, stance_of};
use crate::facts::{Facts, Value};
use crate::text::json_mistake;
use crate::time::{Span, Timestamp};
use crate::verdict::{Need, Opinion};

/// How one case came out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CaseOutcome {
    /// The cases file.
    pub file: String,
    /// The case's name.
    pub name: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub said: String,
}

impl CaseOutcome {
    /// Whether it came out as expected.
    pub fn passed(&self) -> bool {
        self.expected == self.said
    }
}

/// Why a cases file cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {what}")]
pub struct CaseError {
    /// The cases file.
    pub file: String,
    /// One line.
    pub what: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a case: an object with `name` and `expect`")]
struct PolicyCase {
    name: String,
    at: Option<String>,
    #[serde(default)]
    row: Given,
    #[serde(default)]
    candidate: Given,
    #[serde(default)]
    request: Given,
    /// `null` is said: who forgets it does not expect that there is no opinion.
    #[serde(deserialize_with = "Option::deserialize")]
    expect: Option<ExpectedOpinion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "null, or an object with `opinion`, `code` and perhaps `needs`")]
struct ExpectedOpinion {
    opinion: String,
    code: String,
    needs: Option<String>,
    until: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a case: an object with `name`, `rows` and `expect`")]
struct SetCase {
    name: String,
    at: Option<String>,
    #[serde(default)]
    request: Given,
    rows: Vec<SetCaseRow>,
    expect: Vec<ExpectedRuling>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `row` and `candidate`")]
struct SetCaseRow {
    #[serde(default)]
    row: Given,
    #[serde(default)]
    candidate: Given,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `verdict` and `reasons`")]
struct ExpectedRuling {
    verdict: String,
    reasons: Vec<String>,
    until: Option<String>,
}

/// What is wrong with a cases file, and where.
fn wrong(error: &serde_json::Error) -> String {
    let what = json_mistake(error).replace("expected a sequence", "expected a list");
    format!("{what} at line {} column {}", error.line(), error.column())
}

impl PolicySet {
    /// Runs every cases file: `<policy>.cases.json`, and `set.cases.json` for the set as a whole.
    ///
    /// # Errors
    /// [`CaseError`] for a file that is no cases file of this set.
    pub fn run_cases(&self, files: &Files) -> Result<Vec<CaseOutcome>, CaseError> {
        let mut outcomes = vec![];
        for (file, content) in files {
            let Some(id) = file.strip_suffix(".cases.json") else { continue };
            let error = |what: String| CaseError { file: file.clone(), what };
            if id == "set" {
                let cases: Vec<SetCase> = serde_json::from_slice(content).map_err(|e| error(wrong(&e)))?;
                for case in cases {
                    outcomes
                        .push(self.set_case(file, &case).map_err(|what| error(format!("`{}`: {what}", case.name)))?);
                }
            } else {
                let cases: Vec<PolicyCase> = serde_json::from_slice(content).map_err(|e| error(wrong(&e)))?;
                for case in cases {
                    outcomes.push(
                        self.policy_case(file, id, &case).map_err(|what| error(format!("`{}`: {what}", case.name)))?,
                    );
                }
            }
        }
        Ok(outcomes)
    }

    fn policy_case(&self, file: &str, id: &str, case: &PolicyCase) -> Result<CaseOutcome, String> {
        let policy = self
            .policies()
            .iter()
            .find(|policy| policy.id == id)
            .ok_or_else(|| format!("there is no policy `{id}`"))?;
        let until = Until::of(case.at.as_deref())?;
        let facts = given::facts(self.schema(), &case.row, &case.candidate, &case.request)?;
        let stands = until.stands(self, Some(policy), &facts);
        let said = self.opinions(facts).into_iter().find(|(said_by, _)| said_by.id == policy.id);
        let mut said = match said.map(|(_, opinion)| opinion) {
            None => "no opinion".to_owned(),
            Some(Ok(opinion)) => in_words(&opinion),
            Some(Err(Failure::Error(what))) => format!("failed: {what}"),
            Some(Err(Failure::OverBudget)) => "failed: it took too many steps".to_owned(),
        };
        let expected = match &case.expect {
            None => "no opinion".to_owned(),
            Some(ExpectedOpinion { opinion, code, needs, until: end }) => {
                let stance = stance_of(opinion).ok_or_else(|| format!("there is no opinion `{opinion}`"))?;
                let need = needs.as_ref().map(|need| need.parse::<Need>()).transpose().map_err(|e| e.to_string())?;
                let opinion = in_words(&Opinion { stance, code: code.clone(), need });
                match end {
                    None => opinion,
                    Some(end) => {
                        said += &stands;
                        opinion + &until.expected(end)?
                    }
                }
            }
        };
        Ok(CaseOutcome { file: file.to_owned(), name: case.name.clone(), expected, said })
    }

    fn set_case(&self, file: &str, case: &SetCase) -> Result<CaseOutcome, String> {
        let until = Until::of(case.at.as_deref())?;
        let (mut said, mut expected) = (vec![], vec![]);
        for ExpectedRuling { verdict, reasons, until: end } in &case.expect {
            let end = end.as_deref().map(|end| until.expected(end)).transpose()?;
            expected.push(format!("{verdict} {}{}", reasons.join(","), end.unwrap_or_default()));
        }
        if case.rows.is_empty() {
            return Err("a case has at least one row".to_owned());
        }
        for (number, row) in case.rows.iter().enumerate() {
            let facts = given::facts(self.schema(), &row.row, &row.candidate, &case.request)?;
            let relevant = self.matters(&facts);
            let is_asked = case.expect.get(number).is_some_and(|ruling| ruling.until.is_some());
            let stands = if is_asked { until.stands(self, None, &facts) } else { String::new() };
            let opinions = self.opinions(facts);
            let (verdict, reasons) = rule(vec![], &opinions, relevant);
            let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            said.push(format!("{verdict} {}{stands}", reasons.join(",")));
        }
        Ok(CaseOutcome {
            file: file.to_owned(),
            name: case.name.clone(),
            expected: expected.join("; "),
            said: said.join("; "),
        })
    }

    /// Whether a candidate matters to the request: it was asked for by name, or fits well enough.
    fn matters(&self, facts: &Facts) -> bool {
        let value = |name| self.schema().place(name).and_then(|place| facts.get(place));
        let relevance = match value("candidate.relevance") {
            Some(Value::Score(score)) => Some(*score),
            _ => None,
        };
        value("candidate.asked") == Some(&Value::Bool(true))
            || relevance.is_some_and(|score| score >= self.relevant_from())
    }
}

/// Until when something stands, as a case says it: a time, or `-` for ever. Facts are given as they are at `at`.
struct Until {
    at: Option<Timestamp>,
}

impl Until {
    fn of(at: Option<&str>) -> Result<Self, String> {
        let at = at.map(str::parse::<Timestamp>).transpose().map_err(|error| format!("`at`: {error}"))?;
        Ok(Until { at })
    }

    fn expected(&self, until: &str) -> Result<String, String> {
        if until == "-" {
            return Ok(" until -".to_owned());
        }
        let time = until.parse::<Timestamp>().map_err(|error| format!("`until`: {error}, or `-` for ever"))?;
        match self.at {
            Some(_) => Ok(format!(" until {time}")),
            None => Err("`until` is a time, so the case needs `at`, the time at which it is asked".to_owned()),
        }
    }

    /// Until when that stands which a policy says of the facts, or all of them.
    fn stands(&self, set: &PolicySet, only: Option<&Policy>, facts: &Facts) -> String {
        let schema = set.schema();
        let clocks = Clocks::of(schema, &(0..schema.facts().len()).collect());
        let values: Vec<&Value> =
            (0..schema.facts().len()).map(|place| facts.get(place).unwrap_or(&Value::Absent)).collect();
        let given = source::Given { schema, facts };
        let row = Standing { given, row: Aged { clocks: &clocks, values: &values, after: 0 } };
        let mut frame = Frame::default();
        let mut machine = Machine::<_, true>::new(&set.0.program, &row, &mut frame);
        let is_asked = |policy: &Policy| only.is_none_or(|only| only.id == policy.id);
        for (place, _) in set.policies().iter().enumerate().filter(|(_, policy)| is_asked(policy)) {
            // Why it fails is said beside.
            _ = machine.run(place);
        }
        match (machine.soonest(), self.at) {
            (None, _) => " until -".to_owned(),
            (Some(after), Some(at)) => format!(" until {}", at.plus(Span::from_millis(after))),
            (Some(_), None) => " until some time".to_owned(),
        }
    }
}

/// Given facts. A box lapses at the deadline that is given with it; survival stands, since nobody says when it falls next.
struct Standing<'a> {
    given: source::Given<'a>,
    row: Aged<'a>,
}

impl Source for Standing<'_> {
    fn number(&self, place: usize) -> Option<i64> {
        self.given.number(place)
    }

    fn text(&self, place: usize) -> Option<&str> {
        self.given.text(place)
    }

    fn is_present(&self, place: usize) -> bool {
        self.given.is_present(place)
    }

    fn holds(&self, place: usize, word: &str) -> bool {
        self.given.holds(place, word)
    }

    fn next_step(&self, place: usize) -> Option<i64> {
        self.row.next_step(place)
    }

    fn list(&self, place: usize) -> &'static [&'static str] {
        self.given.list(place)
    }
}

fn in_words(opinion: &Opinion) -> String {
    let need = opinion.need.as_ref().map(|need| format!(" needs {need}")).unwrap_or_default();
    format!("{} {}{need}", opinion.stance.name(), opinion.code)
}
