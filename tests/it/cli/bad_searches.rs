//! Search responses that cannot be decided. All or nothing: the answer would look complete.

use serde_json::{Value as Json, json};

use super::desk::Desk;

#[test]
fn searches_that_are_none() {
    let desk = Desk::full_vault();
    let before = desk.content("v.sgv");
    let deep = format!("[{{\"id\": \"birth\", \"x\": {}{}}}]", "[".repeat(100_000), "]".repeat(100_000));
    let cases: &[(&str, Vec<u8>)] = &[
        ("cut", br#"{"memories": [{"id": "birth", "memory": "I was born in Lis"#.into()),
        ("brackets-100000", "[".repeat(100_000).into()),
        ("nested-100000", deep.into()),
        ("utf-8-broken", b"[{\"id\": \"\xff\"}]".into()),
        ("byte-order-mark", "\u{feff}[{\"id\": \"birth\"}]".into()),
        ("nul-at-the-end", b"[{\"id\": \"birth\"}]\0".into()),
        ("null", b"null".into()),
        ("list-of-lists", b"[[]]".into()),
        ("list-of-a-number", br#"{"memories": [1]}"#.into()),
        ("list-of-ids", br#"["birth", "jazz"]"#.into()),
        ("id-alone", br#"{"id": "birth"}"#.into()),
        ("id-twice", br#"[{"id": "birth", "id": "jazz"}]"#.into()),
        ("memories-twice", br#"{"memories": [{"id": "birth"}], "memories": []}"#.into()),
        (
            "bio-twice",
            b"{\"user_bio\": \"A\", \"memories\": [{\"id\": \"birth\"}]}\n{\"user_bio\": \"B\", \"memories\": []}\n"
                .into(),
        ),
        (
            "private-name-twice",
            b"{\"from Lisbon\": 1, \"memories\": []}\n{\"from Lisbon\": 1, \"memories\": []}\n".into(),
        ),
        ("memories-and-data", br#"{"memories": [{"id": "birth"}], "data": [{"id": "jazz"}]}"#.into()),
        ("number-too-large", br#"[{"id": "birth", "rerank_score": 1e999}]"#.into()),
        ("not-a-number", br#"[{"id": "birth", "rerank_score": NaN}]"#.into()),
        ("another-member-twice", br#"{"memories": [], "filter": {"of": 1, "of": 2}}"#.into()),
    ];
    for (case, search) in cases {
        desk.put("search.json", search);
        desk.cannot(&format!("bad-search-{case}"), "cat search.json | decide v.sgv --keys keys --save d.json");
    }
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
    assert!(!desk.path("d.json").exists());
}

#[test]
fn candidates() {
    let desk = Desk::full_vault();
    let before = desk.content("v.sgv");
    let cases: &[(&str, Json)] = &[
        ("id-right-to-left-override", json!({"id": "a\u{202e}b"})),
        ("id-escape-sequence", json!({"id": "\u{1b}[2Jlive"})),
        ("id-nul", json!({"id": "a\0"})),
        ("id-129-bytes", json!({"id": "x".repeat(129)})),
        ("id-number", json!({"id": 7})),
        ("two-ids", json!({"id": "birth", "memory_id": "jazz"})),
        ("rerank-negative", json!({"id": "jazz", "rerank_score": -0.000_000_1})),
        ("rerank-huge", json!({"id": "jazz", "rerank_score": 1e300})),
        ("rerank-true", json!({"id": "jazz", "rerank_score": true})),
        ("rerank-nan", json!({"id": "jazz", "rerank_score": "NaN"})),
        ("distance-negative", json!({"id": "jazz", "vector_distance": -1})),
        ("distance-text", json!({"id": "jazz", "vector_distance": "near"})),
        ("memory-number", json!({"id": "jazz", "memory": 7})),
    ];
    for (case, bad) in cases {
        desk.put("search.json", json!({"memories": [{"id": "birth"}, bad]}).to_string());
        desk.cannot(&format!("bad-candidate-{case}"), "decide v.sgv --keys keys --save d.json search.json");
    }
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
    assert!(!desk.path("d.json").exists());
}

/// A row that is offered twice stands once, where its strictest ruling says; one that nobody knows is held.
#[test]
fn candidates_that_repeat_and_that_nobody_knows() {
    let desk = Desk::full_vault();
    desk.put(
        "search.json",
        r#"[{"id": "birth"}, {"id": "ghost"}, {"id": "birth", "memory": "I was born in Paris."}, {"id": "ghost"}]"#,
    );
    desk.answers("bad-candidates-repeated", "decide v.sgv --keys keys --save d.json search.json");
    desk.answers("bad-candidates-repeated-show", "show d.json");
    assert_eq!(desk.done("show d.json --json").json()["rulings"].as_array().expect("rulings").len(), 4);
}

#[test]
fn candidates_100000() {
    let desk = Desk::full_vault();
    let search = |many: usize| Json::from((0..many).map(|n| json!({"id": format!("r{n}")})).collect::<Vec<_>>());
    let before = desk.content("v.sgv");
    desk.put("search.json", search(100_001).to_string());
    desk.cannot("bad-candidates-100001", "decide v.sgv --keys keys --save d.json search.json");
    assert_eq!(desk.content("v.sgv"), before, "nothing was stored");
    assert!(!desk.path("d.json").exists());
    desk.put("search.json", search(100_000).to_string());
    let held = desk.done("decide v.sgv --keys keys search.json").json()["held"].as_array().expect("held").len();
    assert_eq!(held, 100_000);
}
