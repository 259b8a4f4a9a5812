//! The gate: each breaking finding has a message that shows it, in the form in which it is sent.

mod alternatives;
mod answers;
mod credentials;
mod open;
mod removed_operations;
mod requests;

use openapi_drift::{Document, Finding, Level, Message, Options, Report, compare};
use serde_json::{Value, json};

fn report(base: &Value, revision: &Value) -> Report {
    let read = |it: &Value| Document::read(it.to_string()).expect("a document");
    let report = compare(&read(base), &read(revision), &Options::default());
    assert_eq!(report.questions.internal_faults, 0, "{:#?}", report.findings);
    report
}

/// A document with one operation.
fn with(version: &str, path: &str, method: &str, operation: &Value) -> Value {
    json!({"openapi": version, "servers": [{"url": "https://a.example/v1"}], "paths": {path: {method: operation}}})
}

#[track_caller]
fn breaking(report: &Report) -> &Finding {
    let mut breaking = report.findings.iter().filter(|it| it.level == Level::Breaking);
    let finding = breaking
        .next()
        .unwrap_or_else(|| panic!("{:#?}", report.findings));
    assert_eq!(breaking.next(), None);
    finding
}

#[track_caller]
fn message(report: &Report) -> &Message {
    let witness = breaking(report).witness.as_ref().expect("a witness");
    witness.message.as_deref().expect("a message")
}

/// The report on two documents, given as their JSON members. The judge has to agree with it.
fn between(base: &str, revision: &str) -> Report {
    let read = |members: &str| {
        Document::read(format!(r#"{{"openapi": "3.0.3", {members}}}"#)).expect("an OpenAPI document")
    };
    let report = compare(&read(base), &read(revision), &Options::default());
    assert_eq!(report.questions.internal_faults, 0, "{:#?}", report.findings);
    report
}

/// The level of each finding, and the target of its message.
fn shown(report: &Report) -> Vec<(Level, Option<String>)> {
    let findings = report.findings.iter().filter(|it| it.level < Level::Additive);
    let target = |it: &Finding| it.witness.as_ref()?.message.as_ref()?.target.clone();
    findings.map(|it| (it.level, target(it))).collect()
}

/// A document whose one operation has a query parameter `q` with this description.
fn asking(parameter: &Value) -> Value {
    let mut parameter = parameter.clone();
    parameter["name"] = "q".into();
    parameter["in"] = "query".into();
    let responses = json!({"200": {"description": "pets"}});
    with(
        "3.0.3",
        "/pets",
        "get",
        &json!({"parameters": [parameter], "responses": responses}),
    )
}

/// A document whose one operation requires a JSON body with this description.
fn taking(media_type: &Value) -> Value {
    let body = json!({"required": true, "content": {"application/json": media_type}});
    with(
        "3.0.3",
        "/pets",
        "post",
        &json!({"requestBody": body, "responses": {"204": {"description": "stored"}}}),
    )
}

/// Compares the pairs of documents that show rules and readings, in both orders.
#[test]
fn the_judge_confirms_the_findings_of_every_fixture() {
    let mut denied = Vec::new();
    for folder in ["tests/rules", "tests/readings"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for file in std::fs::read_dir(folder).expect("a folder of fixtures") {
            let path = file.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a text");
            let (base, revision) = text.split_once("\n---\n").expect("two documents");
            let read = |text: &str| Document::read(text.as_bytes()).expect("a document");
            let (base, revision) = (read(base), read(revision));
            for (base, revision) in [(&base, &revision), (&revision, &base)] {
                let report = compare(base, revision, &Options::default());
                if report.questions.internal_faults > 0 {
                    denied.push(format!("{}: {:#?}", path.display(), report.findings));
                }
            }
        }
    }
    assert!(denied.is_empty(), "{}", denied.join("\n"));
}
