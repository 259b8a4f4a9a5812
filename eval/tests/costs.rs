//! The cost of comparisons, in counts that are the same on every machine: a change that makes it dearer by more than a tenth
//! is seen here and not later. `BLESS=1` writes the table anew.
#![expect(
    clippy::disallowed_methods,
    reason = "the table is written by whoever renews it, at their desk"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use openapi_drift::{Document, Options, compare};
use serde_json::{Map, Value, json};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

/// How much dearer something may be than the table says, in percent.
const MOST: u64 = 110;

fn path(of_repository: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(of_repository)
}

fn text(of_repository: &str) -> String {
    let path = path(of_repository);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All pairs of documents in a folder, in the order of their names.
fn pairs(folder: &str) -> Vec<(String, String)> {
    let files = std::fs::read_dir(path(folder)).expect("a folder");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).expect("a text");
        let (base, revision) = text.split_once("\n---\n").expect("two documents");
        (base.to_owned(), revision.to_owned())
    };
    files.iter().map(read).collect()
}

/// How many comparisons, the questions that they asked of schemas, and their allocations.
fn cost(pairs: &[(String, String)]) -> [u64; 3] {
    let mut cost = [0; 3];
    for (base, revision) in pairs {
        let read = |text: &str| Document::read(text.as_bytes()).expect("a document");
        let (base, revision) = (read(base), read(revision));
        let before = Region::new(ALLOCATOR);
        let asked = compare(&base, &revision, &Options::default()).questions.asked;
        let allocations = before.change().allocations;
        cost = [cost[0] + 1, cost[1] + asked as u64, cost[2] + allocations as u64];
    }
    cost
}

/// A union of tagged alternatives, as vendors write them. The revision adds some, and changes others.
fn tagged(is_new: bool) -> String {
    const ALTERNATIVES: usize = 40;
    let own = |index: usize| {
        let kind = if is_new && index % 8 == 3 {
            "integer"
        } else {
            "string"
        };
        json!({"allOf": [{"$ref": "#/components/schemas/Common"}, {
            "type": "object",
            "required": ["type"],
            "properties": {"type": {"type": "string", "enum": [format!("t{index}")]}, "value": {"type": kind}},
        }]})
    };
    let count = if is_new { ALTERNATIVES + 4 } else { ALTERNATIVES };
    let to = |name: String| json!({"$ref": format!("#/components/schemas/{name}")});
    let mut schemas: Map<String, Value> = (0..count).map(|it| (format!("T{it}"), own(it))).collect();
    let all: Vec<Value> = (0..count).map(|it| to(format!("T{it}"))).collect();
    schemas.insert(
        "Common".to_owned(),
        json!({"type": "object", "properties": {"version": {"type": "string"}}}),
    );
    schemas.insert("Any".to_owned(), json!({"oneOf": all}));
    schemas.insert(
        "Named".to_owned(),
        json!({"oneOf": [{"type": "string"}, to("Any".to_owned())]}),
    );
    schemas.insert(
        "Root".to_owned(),
        json!({"type": "object", "properties": {
            "list": {"type": "array", "items": to("Named".to_owned())},
            "map": {"type": "object", "additionalProperties": to("Named".to_owned())},
        }}),
    );
    let content = json!({"application/json": {"schema": to("Root".to_owned())}});
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "Alternatives", "version": "1"},
        "paths": {"/a": {"post": {
            "requestBody": {"content": content},
            "responses": {"200": {"description": "It", "content": content}},
        }}},
        "components": {"schemas": schemas},
    });
    document.to_string()
}

#[test]
fn no_comparison_costs_a_tenth_more_than_recorded() {
    let (earlier, later) = (
        text("crates/sandbox/documents/api-docs-2022-11-30.json"),
        text("crates/sandbox/documents/api-docs-2023-06-23.json"),
    );
    let measured = [
        ("ratio-to-later", cost(&[(earlier.clone(), later.clone())])),
        ("ratio-to-earlier", cost(&[(later, earlier)])),
        ("tagged-to-later", cost(&[(tagged(false), tagged(true))])),
        ("tagged-to-earlier", cost(&[(tagged(true), tagged(false))])),
        ("pairs-of-rules", cost(&pairs("crates/drift/tests/rules"))),
        ("pairs-of-readings", cost(&pairs("crates/drift/tests/readings"))),
    ];
    let mut table = "# what | comparisons | questions | allocations\n".to_owned();
    for (name, [comparisons, questions, allocations]) in &measured {
        writeln!(table, "{name} {comparisons} {questions} {allocations}").expect("a text takes it");
    }
    let kept = path("eval/tests/costs.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&kept, &table).expect("the table is written");
    }
    let kept = std::fs::read_to_string(&kept).expect("the table; BLESS=1 writes it");
    let rows = kept.lines().filter(|line| !line.starts_with('#'));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(' ').collect()).collect();
    assert_eq!(rows.len(), measured.len(), "{kept}");
    for (row, (name, counts)) in rows.iter().zip(&measured) {
        assert_eq!(row[0], *name, "{kept}");
        let kept: Vec<u64> = row[1..].iter().map(|it| it.parse().expect("a count")).collect();
        for (kept_cost, cost) in kept.iter().zip(counts).skip(1) {
            // A comparison on average, for there are more of them from time to time.
            assert!(
                cost * kept[0] * 100 <= kept_cost * counts[0] * MOST,
                "{name} costs {counts:?}, and {kept:?} before; if that is worth it, renew the table with BLESS=1"
            );
        }
    }
}
