//! `attach`, `recheck`, and what `show` says of evidence.

use data_encoding::BASE64;
use serde_json::{Value as Json, json};

use super::desk::Desk;

fn vectors() -> Json {
    serde_json::from_str(include_str!("../../vectors/evidence.json")).unwrap()
}

fn named<'v>(vectors: &'v Json, list: &str, name: &str) -> &'v Json {
    vectors[list].as_array().unwrap().iter().find(|vector| vector["name"] == name).unwrap()
}

/// A key as openssl writes it.
fn pem(key: &Json) -> String {
    let lines: Vec<&str> =
        key.as_str().unwrap().as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

/// A vault with three rows, and the files that an enclave's answer leaves behind. Nobody's root signed the document.
fn desk() -> Desk {
    let (desk, vectors) = (Desk::full_vault(), vectors());
    let row = |id: &str, text: &str| {
        json!({"id": id, "memory": text, "type": "semantic", "created_at": "2001-01-01T00:00:00Z"}).to_string()
    };
    let output = vectors["output"].as_str().unwrap();
    desk.put("rows.json", [row("whole", output), row("part", "rose by 3 %"), row("other", "Paris")].join("\n"));
    desk.done("import v.sgv --keys keys rows.json");
    desk.put("response.json", named(&vectors, "responses", "good")["response"].as_str().unwrap());
    desk.put("late.json", named(&vectors, "responses", "time_off_by_one")["response"].as_str().unwrap());
    desk.put("iso.json", named(&vectors, "responses", "time_iso")["response"].as_str().unwrap());
    desk.put(
        "document.bin",
        BASE64.decode(named(&vectors, "bindings", "good")["document"].as_str().unwrap().as_bytes()).unwrap(),
    );
    desk.put("key.pem", pem(&vectors["key"]));
    desk.put("other.pem", pem(&vectors["other_key"]));
    desk.put("output.txt", output).put("request.txt", vectors["request"].as_str().unwrap());
    desk.put(
        "said.json",
        r#"{"by": "the pipeline", "mode": "tee", "route": {"path": "private"}, "artifact": {"label": "m-latest"}}"#,
    );
    desk
}

#[test]
fn attach() {
    let desk = desk();
    desk.answers("attach", "attach v.sgv --keys keys --row whole response.json key.pem");
    desk.answers("attach-part", "attach v.sgv --keys keys --row part response.json key.pem --request request.txt");
    desk.answers("attach-other", "attach v.sgv --keys keys --row other response.json");
    desk.answers("attach-document", "attach v.sgv --keys keys --row whole document.bin");
    desk.answers("attach-said", "attach v.sgv --keys keys --row other said.json --json");
    desk.answers("attach-piped", "cat said.json | attach v.sgv --keys keys --row part -");
    desk.answers("attach-late", "attach v.sgv --keys keys --row part late.json");
    desk.answers("attach-iso", "attach v.sgv --keys keys --row part iso.json");
    desk.answers("attach-other-key", "attach v.sgv --keys keys --row part response.json other.pem");
    desk.answers("attach-output", "attach v.sgv --keys keys --row part --output output.txt");
    desk.answers("attach-again", "attach v.sgv --keys keys --row part --output output.txt --json");
    desk.done("verify v.sgv --keys keys");
}

#[test]
fn recheck() {
    let desk = desk();
    desk.answers("recheck-nothing", "recheck v.sgv --keys keys");
    desk.done("attach v.sgv --keys keys --row whole response.json key.pem");
    desk.done("attach v.sgv --keys keys --row part response.json");
    desk.answers("recheck", "recheck v.sgv --keys keys");
    desk.answers("recheck-row", "recheck v.sgv --keys keys --row part");
    desk.answers("recheck-json", "recheck v.sgv --keys keys --row part --json");
    // A text that changed has lost its evidence, until it is attached to the new one.
    let changed =
        r#"{"id": "part", "memory": "rose by 4 %", "type": "semantic", "created_at": "2002-01-01T00:00:00Z"}"#;
    desk.put("changed.json", changed);
    desk.done("import v.sgv --keys keys changed.json");
    desk.answers("recheck-changed", "recheck v.sgv --keys keys --row part");
    desk.answers("recheck-attached-again", "attach v.sgv --keys keys --row part response.json");
    desk.done("verify v.sgv --keys keys");
}

#[test]
fn show_evidence() {
    let desk = desk();
    desk.done("attach v.sgv --keys keys --row whole response.json key.pem");
    desk.done("attach v.sgv --keys keys --row part said.json");
    desk.put("search.json", r#"[{"id": "whole"}, {"id": "part"}, {"id": "other"}, {"id": "ghost"}]"#);
    desk.done("decide v.sgv --keys keys --save d.json search.json");
    // What is attached afterwards was not there then.
    desk.done("attach v.sgv --keys keys --row other response.json");
    desk.answers("show-evidence", "show d.json --vault v.sgv --keys keys");
    desk.answers("show-evidence-row", "show d.json --vault v.sgv --keys keys --row whole");
    desk.answers("show-evidence-none", "show d.json --vault v.sgv --keys keys --row other");
    desk.answers("show-evidence-json", "show d.json --vault v.sgv --keys keys --row part --json");
}

/// The boxes stand as they stood at the decision, whatever was attached since.
#[test]
fn why_shows_the_boxes_of_then() {
    let desk = desk();
    desk.done("attach v.sgv --keys keys --row part said.json");
    desk.put("search.json", r#"[{"id": "part", "rerank_score": 0.9}, {"id": "other"}]"#).put("answer.txt", "By 3 %.");
    let id = desk.done("decide v.sgv --keys keys search.json").json()["decision"].as_str().unwrap().to_owned();
    desk.done(&format!("used v.sgv --keys keys --decision {id} --row part --row other answer.txt"));
    desk.done("attach v.sgv --keys keys --row other response.json");
    let why = desk.done("why v.sgv --keys keys answer.txt").stdout;
    let (_, table) = why.split_once("evidence then, each box for itself:\n").expect("the boxes");
    let rows: Vec<&str> = table.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(rows[..3], ["row", "part", ""], "{why}");
    assert!(table.contains("claimed"), "{why}");
    let json = desk.done("why v.sgv --keys keys --json answer.txt").json();
    let boxes = |place: usize| json["records"][0]["placed"][place]["boxes"].clone();
    assert_eq!(boxes(0)["route"]["state"], "claimed");
    assert_eq!(boxes(1), json!({}));
}

#[test]
fn evidence_beside_a_record() {
    let desk = desk();
    let response: Json = serde_json::from_slice(&desk.bytes("response.json")).unwrap();
    let record = |evidence: Json| {
        json!({"id": "new", "memory": "rose by 3 %", "type": "semantic", "created_at": "2001-01-01T00:00:00Z", "evidence": evidence})
            .to_string()
    };
    desk.put(
        "new.json",
        record(json!([response, desk.text("key.pem"), {"kind": "output", "text": desk.text("output.txt")}])),
    );
    desk.answers("import-evidence", "import v.sgv --keys keys new.json");
    desk.answers("import-evidence-recheck", "recheck v.sgv --keys keys --row new");
    desk.answers("import-evidence-again", "import v.sgv --keys keys new.json");
    for (case, evidence) in [
        ("bad-evidence-no-list", json!({"by": "me"})),
        ("bad-evidence-number", json!([1])),
        ("bad-evidence-words", json!(["the enclave said so in Lisbon"])),
        ("bad-evidence-empty", json!([""])),
    ] {
        desk.put("bad.json", record(evidence));
        desk.cannot(case, "import v.sgv --keys keys bad.json");
    }
}

#[test]
fn attach_what_is_no_evidence() {
    let desk = desk();
    let before = desk.content("v.sgv");
    desk.put("words.txt", "The enclave said so, in Lisbon.\n").put("empty", "").put("list.json", "[1]");
    desk.put("broken.json", "{\"tee_signature\": ").put("image.png", b"\x89PNG\r\n\x1a\n\0\0");
    desk.put("large.bin", [&b"\x84\x44"[..], &vec![0; (4 << 20) + 1]].concat());
    desk.cannot("bad-attach-words", "attach v.sgv --keys keys --row whole words.txt");
    desk.cannot("bad-attach-empty", "attach v.sgv --keys keys --row whole response.json empty");
    desk.cannot("bad-attach-list", "attach v.sgv --keys keys --row whole list.json");
    desk.cannot("bad-attach-broken", "attach v.sgv --keys keys --row whole broken.json");
    desk.cannot("bad-attach-image", "attach v.sgv --keys keys --row whole image.png");
    desk.cannot("bad-attach-large", "attach v.sgv --keys keys --row whole large.bin");
    desk.cannot("bad-attach-no-file", "attach v.sgv --keys keys --row whole nowhere.json");
    desk.cannot("bad-attach-folder", "attach v.sgv --keys keys --row whole keys");
    desk.cannot("bad-attach-nothing", "attach v.sgv --keys keys --row whole");
    desk.cannot("bad-attach-no-row", "attach v.sgv --keys keys response.json");
    desk.cannot("bad-attach-unknown-row", "attach v.sgv --keys keys --row nobody response.json");
    desk.cannot("bad-attach-row-no-id", "attach v.sgv --keys keys --row 'no id' response.json");
    desk.cannot("bad-attach-stdin-twice", "cat said.json | attach v.sgv --keys keys --row whole - --output -");
    desk.cannot("bad-recheck-unknown-row", "recheck v.sgv --keys keys --row nobody");
    assert_eq!(desk.content("v.sgv"), before, "nothing was written");
    for (case, list) in [
        ("bad-code-list-object", "{}"),
        ("bad-code-list-short", r#"[{"pcr0": "00", "pcr1": "00", "pcr2": "00", "from": "2026-01-01T00:00:00Z"}]"#),
        ("bad-code-list-unknown", r#"[{"pcr3": "00"}]"#),
    ] {
        desk.put("keys/code-list.json", list);
        desk.cannot(case, "recheck v.sgv --keys keys");
    }
}
