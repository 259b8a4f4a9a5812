//! The work for messages that show findings is bounded in total. Every drift is reported, and those beyond a limit are
//! undecided and have no message.

use openapi_drift::{Document, Finding, Level, Options, Report, compare};
use serde_json::{Map, Value, json};

/// The findings between two schemas of a request body.
fn findings(old: &Value, new: &Value) -> Vec<Finding> {
    let document = |schema: &Value| {
        let root = json!({"openapi": "3.1.0", "paths": {"/a": {"post": {
            "requestBody": {"required": true, "content": {"application/json": {"schema": schema}}},
            "responses": {},
        }}}});
        Document::read(root.to_string()).expect("an OpenAPI document")
    };
    let report = compare(&document(old), &document(new), &Options::default());
    assert_eq!(report.questions.internal_faults, 0);
    report.findings
}

/// All titles: beyond a thousand that one rule finds in an operation, findings are told in the first of them.
fn titles(findings: &[Finding]) -> impl Iterator<Item = &String> {
    findings.iter().flat_map(|it| it.also.iter().chain([&it.title]))
}

fn shown(findings: &[Finding]) -> usize {
    let breaking = findings.iter().filter(|it| it.level == Level::Breaking);
    let mut shown = 0;
    for finding in breaking {
        let witness = finding.witness.as_ref();
        assert!(
            witness.is_some_and(|it| it.message.is_some()),
            "{}",
            finding.title
        );
        shown += 1;
    }
    shown
}

#[test]
fn so_many_parts_of_messages_are_written_and_every_drift_is_told() {
    let object = |kind: &str| {
        let properties: Map<String, Value> = (0..1_100)
            .map(|it| (format!("p{it}"), json!({"type": kind})))
            .collect();
        json!({"type": "object", "properties": properties})
    };
    let findings = findings(&object("string"), &object("integer"));
    assert_eq!(findings.len(), 1_000);
    assert_eq!(titles(&findings).count(), 1_100);
    let shown = shown(&findings);
    assert!((500..1_000).contains(&shown), "{shown}");
    let unwritten = |it: &&Finding| {
        let why = it.undecided.as_deref();
        it.level == Level::Risky && why.is_some_and(|it| it.contains("so much was written"))
    };
    assert_eq!(findings.iter().filter(unwritten).count(), 1_000 - shown);
}

#[test]
fn objects_of_many_required_names_are_built_so_many_times_and_every_name_is_told() {
    let object = |prefix: &str| {
        let names: Vec<String> = (0..1_200).map(|it| format!("{prefix}{it}")).collect();
        json!({"type": "object", "required": names})
    };
    let findings = findings(&object("old"), &object("new"));
    let told = |name: &str| titles(&findings).any(|it| it.contains(name));
    assert!((0..1_200).all(|it| told(&format!("`new{it}`"))));
    let shown = shown(&findings);
    assert!((10..1_200).contains(&shown), "{shown}");
    let open = findings.iter().filter(|it| it.undecided.is_some());
    assert!(open.map(|it| 1 + it.also.len()).sum::<usize>() >= 1_200 - shown);
    let parts = |it: &Finding| {
        let witness = it.witness.as_ref().and_then(|it| it.value.as_object());
        witness.map_or(0, Map::len)
    };
    let all: usize = findings.iter().map(parts).sum();
    assert!(all <= 151_200, "{all}");
}

#[test]
fn a_long_path_makes_each_of_its_parameters_worth_more() {
    let document = |kind: &str, length: usize| {
        let path: String = (0..100)
            .map(|it| format!("/{}/{{p{it}}}", "x".repeat(length)))
            .collect();
        let one = |it: usize| json!({"name": format!("p{it}"), "in": "path", "required": true, "schema": {"type": kind}});
        let operation =
            json!({"get": {"parameters": (0..100).map(one).collect::<Vec<_>>(), "responses": {}}});
        let root = json!({"openapi": "3.1.0", "paths": {path: operation}});
        Document::read(root.to_string()).expect("an OpenAPI document")
    };
    let shown_beside = |length: usize| {
        let report = compare(
            &document("string", length),
            &document("integer", length),
            &Options::default(),
        );
        assert_eq!(report.findings.len(), 100);
        shown(&report.findings)
    };
    assert_eq!(shown_beside(1), 100);
    let long = shown_beside(200);
    assert!((5..50).contains(&long), "{long}");
}

#[test]
fn a_body_of_many_media_types_is_judged_so_many_times_and_every_type_is_told() {
    let document = |types: usize| {
        let content: Map<String, Value> = (0..types)
            .map(|it| {
                (
                    format!("application/x{it}"),
                    json!({"schema": {"type": "string"}}),
                )
            })
            .collect();
        let root = json!({"openapi": "3.1.0", "paths": {"/a": {"post": {
            "requestBody": {"required": true, "content": content}, "responses": {},
        }}}});
        Document::read(root.to_string()).expect("an OpenAPI document")
    };
    let report = compare(&document(1_500), &document(1), &Options::default());
    assert_eq!(report.questions.internal_faults, 0);
    assert_eq!(report.findings.len(), 1_000);
    assert_eq!(titles(&report.findings).count(), 1_499);
    let shown = shown(&report.findings);
    assert!((100..1_000).contains(&shown), "{shown}");
}

#[test]
fn uses_beyond_the_limit_of_pairs_are_told_as_not_compared() {
    const HEADERS: usize = 25_010;
    let document = |kind: &str| {
        let header = |it: usize| (format!("h{it}"), json!({"schema": {"type": kind}}));
        let headers: Map<String, Value> = (0..HEADERS).map(header).collect();
        let root = json!({"openapi": "3.1.0", "paths": {"/a": {"get": {
            "responses": {"200": {"description": "", "headers": headers}},
        }}}});
        Document::read(root.to_string()).expect("an OpenAPI document")
    };
    let report = compare(&document("integer"), &document("string"), &Options::default());
    let is_uncompared = |it: &&Finding| {
        it.title
            .ends_with("so many schemas changed that some were not compared")
    };
    let uncompared: Vec<&Finding> = report.findings.iter().filter(is_uncompared).collect();
    let [uncompared] = uncompared.as_slice() else {
        panic!("{} such findings", uncompared.len());
    };
    assert_eq!(uncompared.operations.len(), 10);
    assert!(uncompared.undecided.is_some() && uncompared.level == Level::Risky);
}

#[test]
fn listed_values_with_too_many_parts_are_not_taken_for_equal() {
    let constant = |last: usize| json!({"const": (0..250_000).chain([last]).collect::<Vec<_>>()});
    let findings = findings(&constant(1), &constant(2));
    assert!(findings.iter().any(|it| it.level <= Level::Risky));
}

/// Variables with long lists would stand for too many URLs, so their values are compared by themselves.
#[test]
fn a_value_that_leaves_the_long_list_of_a_servers_variable_is_told() {
    let document = |regions: std::ops::Range<usize>, stage: &str| {
        let regions: Vec<String> = regions.map(|it| format!("r{it}")).collect();
        let root = json!({"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {}}}},
        "servers": [{"url": "https://{region}.{stage}.test", "variables": {
            "stage": {"default": "live", "enum": ["live", stage]},
            "region": {"default": "r1", "enum": regions},
        }}]});
        Document::read(root.to_string()).expect("an OpenAPI document")
    };
    let told = |old: &Document, new: &Document| -> Vec<(Level, String)> {
        let findings = compare(old, new, &Options::default()).findings;
        findings.into_iter().map(|it| (it.level, it.title)).collect()
    };
    let (many, fewer) = (document(0..300, "test"), document(2..300, "test"));
    assert_eq!(told(&many, &many), []);
    let lost = told(&many, &fewer);
    assert!(
        matches!(&lost[..], [(Level::Risky, title)] if title.contains("no longer takes `r0` and 1 more as `region`")),
        "{lost:?}"
    );
    let added = told(&fewer, &many);
    assert!(
        matches!(&added[..], [(Level::Additive, title)] if title.contains("takes `r0` and 1 more as `region`")),
        "{added:?}"
    );
}

#[test]
fn so_many_callbacks_are_compared_and_the_operations_of_the_others_are_told() {
    // Each side of an operation has 100 expressions in each of 60 callbacks.
    let document = |kind: &str| {
        let body = json!({"content": {"application/json": {"schema": {"type": kind}}}});
        let call = json!({"post": {"requestBody": body, "responses": {}}});
        let calls: Map<String, Value> = (0..100)
            .map(|it| (format!("{{$url}}/{it}"), call.clone()))
            .collect();
        let shared: Map<String, Value> = (0..60)
            .map(|it| (format!("c{it}"), json!({"$ref": "#/components/callbacks/C"})))
            .collect();
        let paths: Map<String, Value> = (0..10)
            .map(|it| {
                (
                    format!("/o{it}"),
                    json!({"post": {"callbacks": shared, "responses": {}}}),
                )
            })
            .collect();
        let root = json!({"openapi": "3.1.0", "paths": paths, "components": {"callbacks": {"C": calls}}});
        Document::read(root.to_string()).expect("an OpenAPI document")
    };
    let report = compare(&document("string"), &document("integer"), &Options::default());
    // 100,000 expressions are those of eight operations.
    assert_eq!(uncompared(&report), ["/o8", "/o9"]);
}

/// The operations that a report says were not compared in part.
fn uncompared(report: &Report) -> Vec<&str> {
    let open = report
        .findings
        .iter()
        .filter(|it| it.undecided.as_deref() == Some("so many others were compared"));
    open.flat_map(|it| it.operations.iter().map(|it| &*it.endpoint.path))
        .collect()
}

#[test]
fn so_many_shared_headers_are_compared_and_the_operations_of_the_others_are_told() {
    let document = |kind: &str| {
        let headers: Map<String, Value> = (0..5_000)
            .map(|it| (format!("h{it}"), json!({"schema": {"type": kind}})))
            .collect();
        let shared = json!({"200": {"$ref": "#/components/responses/R"}});
        let paths: Map<String, Value> = (0..53)
            .map(|it| (format!("/o{it}"), json!({"get": {"responses": shared}})))
            .collect();
        let answer = json!({"description": "", "headers": headers});
        let root = json!({"openapi": "3.1.0", "paths": paths, "components": {"responses": {"R": answer}}});
        Document::read(root.to_string()).expect("an OpenAPI document")
    };
    let report = compare(&document("string"), &document("integer"), &Options::default());
    // 250,000 headers are those of 50 operations, of which the last one leaves nothing.
    assert_eq!(uncompared(&report), ["/o49", "/o50", "/o51", "/o52"]);
}

#[test]
fn servers_that_stand_for_too_many_urls_are_told_as_not_compared() {
    let document = |host: &str, number: usize| {
        let servers: Vec<Value> = (0..number)
            .map(|it| json!({"url": format!("https://{host}{it}.test/{{any}}")}))
            .collect();
        let root =
            json!({"openapi": "3.1.0", "servers": servers, "paths": {"/a": {"get": {"responses": {}}}}});
        Document::read(root.to_string()).expect("an OpenAPI document")
    };
    for (number, open) in [(1_000, &[][..]), (1_900, &["/a"])] {
        let (base, revision) = (document("old", number), document("new", number));
        let report = compare(&base, &revision, &Options::default());
        assert_eq!(uncompared(&report), open, "{number} servers");
        assert!(!report.findings.is_empty());
    }
}

#[test]
fn unresolved_references_beyond_a_thousand_are_told_in_the_first() {
    let object = |to: &str| {
        let properties: Map<String, Value> = (0..1_100)
            .map(|it| (format!("p{it}"), json!({"$ref": format!("#/{to}/{it}")})))
            .collect();
        json!({"type": "object", "properties": properties})
    };
    let findings = findings(&object("gone"), &object("lost"));
    let mut unresolved: Vec<Finding> = findings;
    unresolved.retain(|it| it.rule == "reference-unresolved");
    assert_eq!(unresolved.len(), 1_000);
    // One of each document.
    assert_eq!(titles(&unresolved).count(), 2 * 1_100);
}

#[test]
fn a_very_long_name_is_shortened_in_a_title() {
    let object = |kind: &str| json!({"type": "object", "properties": {"x".repeat(100_000): {"type": kind}}});
    let findings = findings(&object("string"), &object("integer"));
    let title = &findings[0].title;
    assert!(
        title.len() < 5_000 && title.contains("xxx"),
        "{} bytes",
        title.len()
    );
    let status = |long: &str| {
        let root =
            json!({"openapi": "3.1.0", "paths": {"/a": {"get": {"operationId": long, "responses": {}}}}});
        Document::read(root.to_string()).expect("an OpenAPI document")
    };
    let (one, other) = (status(&"a".repeat(100_000)), status(&"b".repeat(100_000)));
    let report = compare(&one, &other, &Options::default());
    let title = &report.findings[0].title;
    assert!(title.len() < 2_000 && title.contains("… (200"), "{title}");
}
