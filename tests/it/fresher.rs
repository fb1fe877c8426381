//! A row must not get fresher by getting older. Policies that let it are found, with a row that does; those that look like it
//! and do not are left alone.

use stillgood::{Diagnostic, Files, PolicySet, Severity};

use crate::support::file;

fn check(policy: &str) -> Vec<Diagnostic> {
    let source = if policy.starts_with("//") { policy.to_owned() } else { format!("// Tried.\n{policy}\n") };
    let files = Files::from([
        ("set.toml".to_owned(), std::fs::read(file("tests/policies/set.toml")).unwrap()),
        ("vouches.rhai".to_owned(), b"// Holds.\nif row.survival >= param.holds { live(\"holds\") }\n".to_vec()),
        ("vouches.cases.json".to_owned(), b"[1]".to_vec()),
        ("tried.rhai".to_owned(), source.into_bytes()),
        ("tried.cases.json".to_owned(), b"[1]".to_vec()),
    ]);
    let mut found = PolicySet::check(&files).1;
    found.retain(|one| one.file == "tried.rhai");
    found
}

fn said(policy: &str) -> Vec<String> {
    let said = |one: &Diagnostic| {
        assert_eq!(one.problem.severity, Severity::Warning, "{one}");
        format!("{}[{}] {}", one.place.map_or(0, |place| place.line), one.problem.code, one.problem.message)
    };
    check(policy).iter().map(said).collect()
}

/// A policy, and what is said of it after `a row gets fresher by getting older: `.
const FRESHER: [(&str, &str); 24] = [
    (
        "if row.age < days(14) { background(\"new\") }",
        "after 14 days, `background(\"new\")` becomes no opinion, with `row.age` = 0 days",
    ),
    (
        "if row.age < days(14) { background(\"new\") } else if row.survival > 0.2 { live(\"old\") }",
        "after 14 days, `background(\"new\")` becomes `live(\"old\")`, with `row.age` = 0 days, `row.survival` = 1",
    ),
    (
        "if row.age < days(2) { re_earn(\"new\", confirmation()) } else { stale(\"old\", confirmation()) }",
        "after 2 days, `re_earn(\"new\")` becomes `stale(\"old\")`, with `row.age` = 0 days",
    ),
    (
        "if row.unconfirmed_for >= days(30) && row.kind == \"episodic\" { live(\"settled\") } else { background(\"new\") }",
        "after 30 days, `background(\"new\")` becomes `live(\"settled\")`, with `row.unconfirmed_for` = 0 days, `row.kind` = \"episodic\"",
    ),
    (
        "if row.survival < 0.4 { live(\"faded\") } else { background(\"fresh\") }",
        "once `row.survival` falls to 0.399999, `background(\"fresh\")` becomes `live(\"faded\")`, with `row.survival` = 0.4",
    ),
    (
        "if row.survival > 0.5 { re_earn(\"fresh\", nothing()) }",
        "once `row.survival` falls to 0.5, `re_earn(\"fresh\")` becomes no opinion, with `row.survival` = 0.500001",
    ),
    (
        "if (row.expires_in ?? days(1)) > days(0) { background(\"running\") }",
        "after just over 2 days, `background(\"running\")` becomes no opinion, with `row.expires_in` = just over 2 days",
    ),
    (
        "if (row.ended_for ?? days(1)) < hours(1) { stale(\"just-ended\", confirmation()) } else { background(\"ended\") }",
        "after just over 49 hours, `stale(\"just-ended\")` becomes `background(\"ended\")`, with `row.ended_for` = just under -2 days",
    ),
    (
        "if (row.asked_ago ?? days(99)) < days(7) { stale(\"asked\", confirmation()) }",
        "after 7 days, `stale(\"asked\")` becomes no opinion, with `row.asked_ago` = 0 days",
    ),
    (
        "if row.age == days(7) { background(\"a-week\") }",
        "after 1 ms, `background(\"a-week\")` becomes no opinion, with `row.age` = 7 days",
    ),
    (
        "if row.age > days(7) && row.age < days(8) { stale(\"second-week\", confirmation()) } else { background(\"else\") }",
        "after just under 1 day, `stale(\"second-week\")` becomes `background(\"else\")`, with `row.age` = just over 7 days",
    ),
    (
        "if row.data.state == \"verified\" { background(\"fetched\") }",
        "once `row.data.state` becomes \"lapsed\", `background(\"fetched\")` becomes no opinion, with `row.data.state` = \"verified\"",
    ),
    (
        "if row.settlement.state in [\"claimed\", \"verified\"] && (row.settlement.due_in ?? days(0)) > days(0) { stale(\"open\", settle()) }",
        "after 2 days, `stale(\"open\")` becomes no opinion, with `row.settlement.state` = \"claimed\", `row.settlement.due_in` = 2 days",
    ),
    (
        "fn old(age, limit) { if age > limit { return true; } age > limit * 2 }\nif !old(row.age, days(30)) { re_earn(\"young\", nothing()) }",
        "after just over 30 days, `re_earn(\"young\")` becomes no opinion, with `row.age` = 0 days",
    ),
    (
        "let limit = if row.kind == \"episodic\" { days(3) } else { days(300) };\nif row.age + days(1) <= limit { background(\"young\") }",
        "after just over 299 days, `background(\"young\")` becomes no opinion, with `row.kind` = \"semantic\", `row.age` = 0 days",
    ),
    (
        "switch row.age > param.limit { true => background(\"old\"), _ => stale(\"young\", confirmation()) }",
        "after just over 14 days, `stale(\"young\")` becomes `background(\"old\")`, with `row.age` = 0 days",
    ),
    (
        "if row.age > row.unconfirmed_for && row.unconfirmed_for < days(5) { background(\"confirmed\") }",
        "after 5 days, `background(\"confirmed\")` becomes no opinion, with `row.age` = 1 day, `row.unconfirmed_for` = 0 days",
    ),
    (
        "if row.age < (request.patience ?? days(3)) { background(\"wait\") }",
        "after 3 days, `background(\"wait\")` becomes no opinion, with `row.age` = 0 days, no `request.patience`",
    ),
    (
        "if row.unconfirmed_for < days(1) { return; }\nif row.survival > 0.1 { live(\"old\") }",
        "after 1 day, no opinion becomes `live(\"old\")`, with `row.unconfirmed_for` = 0 days, `row.survival` = 1",
    ),
    (
        "if row.survival >= 0.9 { return background(\"certain\"); }\nif row.unconfirmed_for >= days(0) { live(\"less\") }",
        "once `row.survival` falls to 0.899999, `background(\"certain\")` becomes `live(\"less\")`, with `row.survival` = 0.9, `row.unconfirmed_for` = 0 days",
    ),
    (
        "if row.age * 2 < days(10) && row.origin == \"assistant\" && !(\"work\" in row.tags) { stale(\"a\", observation()) }",
        "after 5 days, `stale(\"a\")` becomes no opinion, with `row.age` = 0 days, `row.origin` = \"assistant\", `row.tags` = []",
    ),
    (
        "if -row.age > -days(3) { background(\"young\") }",
        "after 3 days, `background(\"young\")` becomes no opinion, with `row.age` = 0 days",
    ),
    (
        "if (row.data.fresh_for ?? days(1)) > days(0) { re_earn(\"not-yet\", nothing()) }",
        "after just over 2 days, `re_earn(\"not-yet\")` becomes no opinion, with `row.data.fresh_for` = just over 2 days",
    ),
    (
        "if row.importance != () && row.confirmations >= 3 && row.age < days(90) && request.about == \"plan\" { background(\"a\") }",
        "after 90 days, `background(\"a\")` becomes no opinion, with `row.importance` = 0, `row.confirmations` = 3, `row.age` = 0 days, `request.about` = \"plan\"",
    ),
];

#[test]
fn what_gets_fresher_is_found_with_a_row_that_does() {
    let mut failed = vec![];
    for (policy, expected) in FRESHER {
        let said = said(policy);
        let [one] = said.as_slice() else {
            failed.push(format!("{policy}\n  {said:?}"));
            continue;
        };
        let what = one.split_once("by getting older: ").map_or(one.as_str(), |(_, what)| what);
        if what != expected {
            failed.push(format!("{policy}\n  {what}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What these say, they say for good, or they only get stricter, or what makes them looser is no passing of time.
const NOT_FRESHER: [&str; 18] = [
    "if row.age >= days(14) { background(\"old\") }",
    "if row.survival >= 0.5 { live(\"a\") } else if row.survival >= 0.2 { background(\"b\") } else { stale(\"c\", confirmation()) }",
    // A `live` that ends without another word: nobody vouches any more.
    "if row.survival >= 0.5 && row.unconfirmed_for < days(30) { live(\"a\") }",
    "if row.unconfirmed_for < days(30) { live(\"a\") } else if row.kind == \"semantic\" { re_earn(\"b\", confirmation()) } else { stale(\"c\", confirmation()) }",
    // The beginning of a row is no ageing.
    "if (row.starts_in ?? days(0)) > days(0) { background(\"not-yet\") }",
    "if (row.expires_in ?? days(1)) <= days(0) { if request.about == \"past\" { background(\"a\") } else { stale(\"b\", confirmation()) } }",
    // The same fact twice, the other way round: never both.
    "if (row.ended_for ?? days(-1)) < days(0) && (row.expires_in ?? days(1)) < days(0) { re_earn(\"a\", nothing()) }",
    "if (row.expires_in ?? days(0)) + (row.ended_for ?? days(0)) != days(0) { re_earn(\"a\", nothing()) }",
    // Nothing is confirmed before it is said.
    "if row.age < row.unconfirmed_for - minutes(1) { re_earn(\"a\", nothing()) }",
    // The two clocks keep their distance.
    "if row.age - row.unconfirmed_for > days(3) { background(\"a\") }",
    "let limit = days(30);\nif row.age > limit { stale(\"a\", confirmation()) } else if row.age > limit - days(10) { background(\"b\") }",
    "if row.denied { re_earn(\"a\", nothing()) } else if row.age > days(100) { background(\"b\") }",
    // What was found false does not lapse, what lapsed does not come back.
    "if row.data.state == \"contradicted\" { re_earn(\"a\", recheck(\"data\")) } else if row.data.state == \"lapsed\" { background(\"b\") }",
    "if row.data.state == \"verified\" && (row.data.fresh_for ?? days(1)) <= days(0) { re_earn(\"a\", recheck(\"data\")) }",
    "if row.settlement.state == \"verified\" && row.settlement.rung == \"included\" && (row.settlement.due_in ?? days(1)) < days(0) { background(\"b\") }",
    "if candidate.relevance != () && (candidate.relevance ?? 1.0) < 0.2 { background(\"a\") }",
    "if row.age < days(0) { background(\"from-the-future\") }",
    "switch row.age > days(7) { true => { if row.age > days(8) { stale(\"a\", confirmation()) } else { background(\"b\") } }, _ => {} }",
];

#[test]
fn what_only_gets_stricter_is_left_alone() {
    let failed: Vec<String> = NOT_FRESHER.iter().flat_map(|policy| check(policy)).map(|one| format!("{one}")).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// With any value that its parameters can have.
#[test]
fn nothing_in_the_shipped_set_gets_fresher() {
    let set = |params: &str| {
        let text = format!("name = \"mine\"\nversion = 1\nbase = \"stillgood\"\n{params}");
        PolicySet::check(&Files::from([("set.toml".to_owned(), text.into_bytes())]))
    };
    let param =
        |name: &str, value: f64| format!("[param.{name}]\ntype = \"score\"\nvalue = {value:?}\nmeaning = \"m\"\n");
    for holds in [0.05, 0.2, 0.5, 1.0] {
        for fades in [0.0, 0.2, 0.5, 1.0] {
            let (set, found) =
                set(&format!("{}{}{}", param("holds", holds), param("fades", fades), param("on_topic", 1.0)));
            assert_eq!((set.is_some(), found), (true, vec![]), "holds {holds}, fades {fades}");
        }
    }
    assert_eq!(set("").1, []);
}

#[test]
fn an_author_may_allow_it_for_a_reason() {
    let fresher = "if row.age < days(14) { background(\"new\") }";
    let stricter = "if row.age > days(14) { background(\"old\") }";
    let [nowhere, no_reason] =
        ["nothing gets fresher here that is not allowed already", "what is allowed is allowed for a reason"];
    let cases = [
        (fresher, "// allow: gets-fresher, because a new row settles.", vec![]),
        (fresher, "  //allow: gets-fresher , because of a habit", vec![]),
        (fresher, "// allow: gets-fresher", vec![no_reason, "a row gets"]),
        (fresher, "// allow: gets-fresher, because …", vec![no_reason, "a row gets"]),
        (fresher, "// allow: gets-fresher, settles", vec![no_reason, "a row gets"]),
        (fresher, "// allow: gets-freshr, because it does.", vec!["`gets-freshr` cannot be allowed", "a row gets"]),
        (fresher, "// allow: unused-name, because it is.", vec!["`unused-name` cannot be allowed", "a row gets"]),
        (stricter, "// allow: gets-fresher, because a new row settles.", vec![nowhere]),
        (fresher, "// allow: gets-fresher, because one.\n// allow: gets-fresher, because two.", vec![nowhere]),
        (fresher, "// It would allow: gets-fresher, because it could.", vec!["a row gets"]),
        (fresher, "let _text = \"// allow: gets-fresher, because it is a text\";", vec!["a row gets"]),
    ];
    for (policy, comment, expected) in cases {
        let found = check(&format!("// Tried.\n{comment}\n{policy}\n"));
        let said: Vec<&str> = found.iter().map(|one| one.problem.message.as_str()).collect();
        let as_expected = said.iter().zip(&expected).all(|(said, expected)| said.starts_with(expected));
        assert!(said.len() == expected.len() && as_expected, "{comment}\n{said:?}");
        assert!(found.iter().all(|one| one.place.is_some() && one.problem.fix.is_some()), "{comment}");
    }
}

/// Where there are more rows than can be tried, some are picked: what many rows show is found, and what is not found is not
/// taken for proven.
#[test]
fn with_too_many_rows_some_are_picked() {
    let facts = [
        "row.kind == \"episodic\"",
        "row.origin == \"user\"",
        "row.denied",
        "row.edited",
        "row.superseded",
        "row.contradicted",
        "\"work\" in row.tags",
        "row.confirmations > 3",
        "(row.importance ?? 0.5) > 0.7",
        "candidate.rank < 5",
        "(candidate.relevance ?? 0.5) > 0.3",
        "row.source == \"chat\"",
        "(request.purpose ?? \"a\") == \"b\"",
        "(row.subject ?? \"a\") == \"b\"",
        "row.parents == \"intact\"",
        "candidate.asked",
    ];
    // Every fact is read on every row, and any of eleven turns it.
    let many: String = (facts.iter().enumerate()).map(|(n, fact)| format!("let f{n} = {fact};\n")).collect();
    let any: Vec<String> = (0..facts.len()).map(|n| format!("f{n}")).collect();
    let most = format!("// Many.\n{many}if ({}) && row.age < days(3) {{ background(\"new\") }}\n", any.join(" || "));
    assert_eq!(check(&most).iter().map(|one| one.problem.code).collect::<Vec<_>>(), ["gets-fresher"]);
    let never = format!(
        "// Many.\n// allow: gets-fresher, because it does on one row in a million.\n{many}if {} && row.age < days(3) {{ background(\"new\") }}\n",
        any.join(" && ")
    );
    assert!(check(&never).is_empty(), "what was not found may be there");
}

#[test]
fn looking_for_it_takes_no_longer_than_a_blink() {
    let begin = std::time::Instant::now();
    let step = |n: usize| {
        let (age, kind) = (1_000 - n, if n.is_multiple_of(2) { "episodic" } else { "semantic" });
        format!(
            "if row.age > days({age}) && row.unconfirmed_for > hours({n}) && row.kind == \"{kind}\" {{ return stale(\"a{n}\", confirmation()); }}\n"
        )
    };
    let found = check(&format!("// Long.\n{}", (0..500).map(step).collect::<String>()));
    let took = begin.elapsed();
    assert!(found.is_empty(), "{}", found[0]);
    assert!(took < std::time::Duration::from_secs(5), "{took:?}");
    println!("{took:?}");
}
