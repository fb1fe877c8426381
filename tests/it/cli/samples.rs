//! What the tests of the program begin with: exports, a search, and a desk with a vault on it.

use serde_json::Value as Json;

use super::desk::{Desk, Ran};

/// A search response, which is also an export. Said so long ago that the verdicts do not change from now on.
pub(super) const SHAPE_A: &str = r#"{
  "user_bio": "Comes from Lisbon.",
  "memories": [
    {"id": "birth", "memory": "I was born in Lisbon.", "categories": ["identity"], "type": "semantic",
     "vector_distance": 0.1, "rerank_score": 0.9, "source": "chat", "created_at": "2000-01-01T00:00:00Z"},
    {"id": "jazz", "memory": "I like the jazz of Lisbon.", "categories": ["interests"], "type": "semantic",
     "vector_distance": 0.2, "rerank_score": 0.8, "source": "chat", "created_at": "2000-01-02T00:00:00Z"},
    {"id": "flu", "memory": "I have the flu in Lisbon.", "categories": ["health"], "type": "episodic",
     "vector_distance": 0.3, "source": "chat", "created_at": "2000-01-03T00:00:00Z"}
  ]
}"#;

/// What storing answers.
pub(super) const SHAPE_B: &str = r#"{
  "success": true,
  "memories_created": 2,
  "memories": [
    {"id": "tea", "memory": "I drink tea in Lisbon.", "categories": ["identity"], "type": "semantic", "created_at": "2001-01-01T00:00:00Z"},
    {"id": "quiet", "memory": "I once whispered in Lisbon.", "categories": ["identity"], "type": "semantic", "created_at": "2001-01-02T00:00:00Z"}
  ]
}"#;

/// Updates and integrations, one record a line.
pub(super) const SHAPE_C: &str = r#"{"memory_id": "boat", "content": "I rent a boat in Lisbon.", "category": "identity", "memory_type": "semantic", "importance": 0.5, "metadata": {"valid_until": "2003-01-01T00:00:00Z", "mood": "calm"}, "created_at": "2002-01-01T00:00:00Z", "updated_at": "2002-02-01T00:00:00Z"}
{"memory_id": "flat", "content": "I rent a flat in Lisbon.", "category": "identity", "memory_type": "semantic", "metadata": {"valid_from": "9000-01-01T00:00:00Z"}, "created_at": "2002-01-02T00:00:00Z"}

{"memory_id": "gift", "content": "I hide a gift in Lisbon.", "category": "private", "memory_type": "semantic", "created_at": "2002-01-03T00:00:00Z"}
"#;

/// A page of the list.
pub(super) const LIST: &str = r#"{
  "data": [
    {"id": "cat", "memory": "I have a cat from Lisbon.", "categories": [], "type": "semantic", "created_at": "2004-01-01 00:00:00"}
  ],
  "pagination": {"page": 1, "page_size": 10, "total_items": 1, "total_pages": 1, "has_next": false, "has_previous": false}
}"#;

/// One row of every fate, as a search brings them.
pub(super) const SEARCH: &str = r#"{
  "user_bio": "Comes from Lisbon.",
  "took_ms": 12,
  "memories": [
    {"id": "birth", "memory": "I was born in Lisbon.", "rerank_score": 0.95, "agent_id": "a1"},
    {"id": "jazz", "memory": "I like the jazz of Lisbon.", "vector_distance": 0.2},
    {"id": "flu", "memory": "I have the flu in Lisbon.", "rerank_score": 0.9},
    {"id": "tea", "memory": "I drink coffee in Lisbon.", "rerank_score": 0.8},
    {"memory_id": "boat", "content": "I rent a boat in Lisbon.", "rerank_score": 0.7},
    {"id": "flat", "rerank_score": 0.6},
    {"id": "gift", "memory": "I hide a gift in Lisbon.", "rerank_score": 0.5},
    {"id": "ghost", "memory": "I saw a ghost in Lisbon.", "rerank_score": 0.4},
    {"id": "quiet", "memory": "I once whispered in Lisbon.", "rerank_score": 0.05}
  ]
}"#;

/// Two rows, where the answer as a whole is not the point.
pub(super) const TWO: &str = r#"[{"id": "birth", "rerank_score": 0.9}, {"id": "gift", "rerank_score": 0.9}]"#;

impl Desk {
    /// Keys, other keys, and an empty vault `v.sgv`.
    pub(super) fn empty_vault() -> Self {
        let desk = Desk::new();
        desk.done("keygen --name example.org/me --out keys");
        desk.done("keygen --name example.org/other --out other");
        desk.done("init v.sgv --keys keys");
        desk
    }

    /// The same, and rows in it.
    pub(super) fn full_vault() -> Self {
        let desk = Desk::empty_vault();
        desk.put("a.json", SHAPE_A).put("b.json", SHAPE_B).put("c.jsonl", SHAPE_C);
        desk.put("search.json", SEARCH).put("two.json", TWO);
        for export in ["a.json", "b.json", "c.jsonl"] {
            desk.done(&format!("import v.sgv --keys keys {export}"));
        }
        desk
    }

    /// The same, and a decision in `d.json`; returns its id too.
    pub(super) fn decided() -> (Self, String) {
        let desk = Desk::full_vault();
        let answer = desk.done("decide v.sgv --keys keys --save d.json search.json").json();
        let id = answer["decision"].as_str().expect("an id").to_owned();
        (desk, id)
    }

    /// What a vault holds: how many vault heads, rows, log entries and so on.
    pub(super) fn content(&self, vault: &str) -> Json {
        self.done(&format!("verify {vault} --keys keys --json")).json()["findings"].clone()
    }
}

impl Ran {
    pub(super) fn json(&self) -> Json {
        serde_json::from_str(&self.stdout).expect("JSON on standard output")
    }
}
