//! `six.rhai` as it stands, with our words given to Rhai: so that the script which the others were written from is run, too.
//! Not timed; the walker has the script in plainer words.

use rhai::{AST, Dynamic, INT, Map, Scope};
use stillgood::Verdict;

use crate::engine::verdict_of;
use crate::rows::{DAY, Model, Row};

/// What the script says of each row.
pub(crate) fn verdicts(rows: &[Row]) -> Vec<Verdict> {
    let mut engine = rhai::Engine::new();
    engine.register_fn("days", |days: INT| days * DAY);
    engine.register_fn("confirmation", || ());
    engine.register_fn("recheck", |_: &str| ());
    engine.register_fn("live", |_: &str| 0_i64);
    engine.register_fn("background", |_: &str| 1_i64);
    engine.register_fn("re_earn", |_: &str, _need: ()| 2_i64);
    let script: AST = engine.compile(include_str!("../six.rhai")).unwrap();
    let say = |row: &Row| engine.eval_ast_with_scope::<INT>(&mut scope(row), &script).unwrap();
    rows.iter().map(|row| verdict_of(say(row))).collect()
}

fn scope(row: &Row) -> Scope<'static> {
    let facts = Map::from_iter([
        ("kind".into(), row.kind.name().into()),
        ("age".into(), row.age.into()),
        ("unconfirmed_for".into(), row.unconfirmed_for.into()),
        ("expires_in".into(), row.expires_in.map_or(Dynamic::UNIT, Dynamic::from)),
        ("settlement".into(), Map::from_iter([("rung".into(), row.rung.name().into())]).into()),
        ("artifact".into(), model(row.artifact)),
    ]);
    let request = Map::from_iter([("artifact".into(), model(row.asked))]);
    let mut scope = Scope::new();
    scope.push("row", facts).push("request", request);
    scope
}

fn model(model: Option<Model>) -> Dynamic {
    let facts = model.map(|model| [("label".into(), model.label.into()), ("blob_id".into(), model.blob_id.into())]);
    facts.into_iter().flatten().collect::<Map>().into()
}
