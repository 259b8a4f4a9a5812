//! Most people read only the title of a finding, so it must state the place of the change and the change itself.

use std::collections::BTreeMap;
use std::path::Path;

use openapi_drift::{Document, Finding, Level, Options, Report, compare};
use proptest::prelude::*;

/// Reports on the pairs of documents that show rules and readings, each in both orders.
fn reports() -> Vec<(String, Report)> {
    let mut all = Vec::new();
    for folder in ["tests/rules", "tests/readings"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for file in std::fs::read_dir(folder).expect("a folder of fixtures") {
            let path = file.expect("a file").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect("a text");
            let (base, revision) = text.split_once("\n---\n").expect("two documents");
            let read = |text: &str| Document::read(text.as_bytes()).expect("a document");
            let (base, revision) = (read(base), read(revision));
            let options = Options::default();
            all.push((name.clone(), compare(&base, &revision, &options)));
            all.push((format!("{name}, back"), compare(&revision, &base, &options)));
        }
    }
    assert!(all.len() > 500, "{} reports", all.len());
    all
}

/// Lists the errors in the titles of a report.
fn wrong(report: &Report) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &report.findings {
        *known.entry(&finding.title).or_default() += 1;
    }
    for (title, count) in known {
        if count > 1 {
            wrong.push(format!("{count} findings are called {title:?}"));
        }
        let length = title.chars().count();
        if length > 200 {
            wrong.push(format!("{length} characters in {title:?}"));
        }
        // The texts of documents are between backticks.
        let ours: String = title.split('`').step_by(2).collect::<Vec<_>>().join("``");
        for vague in ["the value", "witness", "one alternative", "; "] {
            if ours.contains(vague) {
                wrong.push(format!("{vague:?} in {title:?}"));
            }
        }
        if title.contains("`[]") {
            wrong.push(format!("{title:?} speaks of items without saying whose"));
        }
    }
    let findings = report.findings.iter();
    wrong.extend(findings.filter(|it| !names_its_place(it)).map(|it| {
        format!(
            "{:?} names neither an operation nor a schema ({:?})",
            it.title, it.base_at
        )
    }));
    wrong
}

/// Whether a title names one of the operations that the change affects, or its component.
fn names_its_place(finding: &Finding) -> bool {
    let mut operations = finding.operations.iter();
    let names_operation = operations.any(|it| {
        finding
            .title
            .contains(&format!("{} {}", it.endpoint.method, it.endpoint.path))
    });
    let places = [&finding.base_at, &finding.revision_at].into_iter().flatten();
    let mut components = places.filter_map(|at| {
        let (_, below) = at
            .split_once("/components/schemas/")
            .or_else(|| at.split_once('#'))?;
        let name = below.trim_start_matches('/').split('/').next()?;
        Some(format!("`{}", name.replace("~1", "/").replace("~0", "~")))
    });
    // If several operations were removed for one cause, the title names their prefix.
    let is_removal = finding.rule == "operation-removed" && finding.operations.len() > 1;
    names_operation
        || is_removal
        || components.any(|name| finding.title.contains(&name))
        || finding.operations.is_empty()
}

#[test]
fn every_title_of_a_fixture_says_where_the_change_stands_and_no_two_are_alike() {
    let mut found = String::new();
    for (name, report) in reports() {
        for problem in wrong(&report) {
            found.push_str(&format!("{name}: {problem}\n"));
        }
    }
    assert!(found.is_empty(), "{found}");
}

/// A document with the same property in bodies, parameters and components of several operations.
fn document(operations: usize, limits: &[u32], is_shared: bool) -> Document {
    let schema = |index: usize| {
        let limit = limits[index % limits.len()];
        format!(
            r#"{{"type": "object", "properties": {{"name": {{"type": "string", "maxLength": {limit}}}}}}}"#
        )
    };
    let reference = |index: usize| {
        if is_shared {
            format!(r##"{{"$ref": "#/components/schemas/S{index}"}}"##)
        } else {
            schema(index)
        }
    };
    let content = |index: usize| format!(r#"{{"application/json": {{"schema": {}}}}}"#, reference(index));
    let operation = |index: usize| {
        let limit = limits[index % limits.len()];
        format!(
            r#""/p{index}": {{"post": {{
                "parameters": [{{"name": "q", "in": "query", "schema": {{"type": "string", "maxLength": {limit}}}}}],
                "requestBody": {{"content": {}}},
                "responses": {{"200": {{"description": "", "content": {}}}}}}}}}"#,
            content(index),
            content(index)
        )
    };
    let list = |of: &dyn Fn(usize) -> String| (0..operations).map(of).collect::<Vec<_>>().join(", ");
    let text = format!(
        r#"{{"openapi": "3.0.3", "paths": {{{}}}, "components": {{"schemas": {{{}}}}}}}"#,
        list(&operation),
        list(&|index| format!(r#""S{index}": {}"#, schema(index)))
    );
    Document::read(text.as_bytes()).expect("a document")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn titles_of_changes_that_stand_in_many_places_are_told_apart(
        operations in 1usize..5,
        old in prop::collection::vec(1u32..4, 1..4),
        new in prop::collection::vec(1u32..4, 1..4),
        were_shared: bool,
        are_shared: bool,
    ) {
        let report = compare(
            &document(operations, &old, were_shared),
            &document(operations, &new, are_shared),
            &Options::default(),
        );
        prop_assert_eq!(wrong(&report), Vec::<String>::new());
    }
}

#[test]
fn a_drift_of_one_alternative_names_it() {
    let pets = |schemas: &str| {
        let text = format!(
            "openapi: 3.1.0
paths:
  /pets:
    get:
      responses:
        '200':
          description: the pet
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/Pet'}}}}}}
components: {{schemas: {{{schemas}}}}}
"
        );
        Document::read(text.as_bytes()).expect("a document")
    };
    let base = pets("Pet: {type: object, required: [is], properties: {is: {type: string}}}");
    let revision = pets(
        "Pet: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]},
         Cat: {type: object, required: [is], properties: {is: {enum: [cat]}}},
         Dog: {type: object, required: [is], properties: {is: {enum: [dog]}}}",
    );
    let report = compare(&base, &revision, &Options::default());
    let titles: Vec<&str> = report.findings.iter().map(|it| it.title.as_str()).collect();
    assert_eq!(titles, ["`Cat.is` is now always one of `cat`"]);
}

/// The titles above cosmetic of two schemas of the same response.
fn titles(base: &str, revision: &str) -> Vec<String> {
    let document = |schema: &str| {
        let text = format!(
            r#"{{"openapi": "3.1.0", "paths": {{"/pets": {{"get": {{"responses": {{"200": {{"content": {{
                "application/json": {{"schema": {schema}}}}}}}}}}}}}}},
            "components": {{"schemas": {{
                "Cat": {{"type": "object", "properties": {{"age": {{"type": "string"}}}}}},
                "Dog": {{"type": "object", "properties": {{"age": {{"type": "integer"}}}}}},
                "Kind": {{"type": "string"}}}}}}}}"#
        );
        Document::read(text.as_bytes()).unwrap()
    };
    let report = compare(&document(base), &document(revision), &Options::default());
    let findings = report.findings.iter().filter(|it| it.level < Level::Cosmetic);
    findings
        .map(|it| {
            it.title
                .strip_prefix("GET /pets: ")
                .unwrap_or(&it.title)
                .to_owned()
        })
        .collect()
}

#[test]
fn a_title_names_the_limit_or_the_property_that_a_value_lacks() {
    let body = "the body of answer 200";
    for (base, revision, told) in [
        (
            r#"{"items": {}, "type": "array", "uniqueItems": true}"#,
            r#"{"items": {}, "type": "array"}"#,
            format!("{body}: no longer distinct items"),
        ),
        (
            r#"{"type": "array", "contains": {"const": 1}, "minContains": 2}"#,
            r#"{"type": "array", "contains": {"const": 1}}"#,
            format!("{body}: at least 1 item that `contains` describes, was 2"),
        ),
        (
            r#"{"type": "integer", "format": "int32"}"#,
            r#"{"type": "integer", "format": "int64"}"#,
            format!("{body}: an `int64`, was `int32`"),
        ),
        (
            r#"{"additionalProperties": {"type": "string"}, "propertyNames": {"maxLength": 3}}"#,
            r#"{"additionalProperties": {"type": "string"}}"#,
            format!("names in {body}: no longer at most 3 characters"),
        ),
        (
            r#"{"properties": {"a": {}, "b": {}}, "dependentRequired": {"a": ["b"]}}"#,
            r#"{"properties": {"a": {}, "b": {}}}"#,
            format!("{body} may be `{{\"a\":null}}` without `b`"),
        ),
        (
            r#"{"type": "string", "maxLength": 65535}"#,
            r#"{"type": "string"}"#,
            format!("{body}: no longer at most 65535 characters"),
        ),
        (
            r#"{"prefixItems": [{"type": "string"}, {"type": "string"}]}"#,
            r#"{"prefixItems": [{"type": "string"}, {"type": "integer"}]}"#,
            "`body[1]` may be a number".to_owned(),
        ),
    ] {
        assert!(
            titles(base, revision).contains(&told),
            "{:?}",
            titles(base, revision)
        );
    }
}

#[test]
fn a_title_names_the_changed_use_and_no_unchanged_component() {
    let of = |schema: &str| format!(r#"{{"properties": {{"pet": {schema}}}}}"#);
    let component =
        |name: &str, beside: &str| of(&format!(r##"{{"$ref": "#/components/schemas/{name}"{beside}}}"##));
    assert_eq!(
        titles(&component("Cat", ""), &component("Dog", "")),
        ["`Dog` is where `Cat` was: `Cat.age` may be a number"]
    );
    assert_eq!(
        titles(
            &component("Kind", ""),
            &component("Kind", r#", "deprecated": true"#)
        ),
        ["`pet` is deprecated"]
    );
    assert_eq!(
        titles(
            &component("Kind", r#", "format": "date""#),
            &component("Kind", r#", "format": "date-time""#)
        ),
        ["`pet` comes as `date-time`, read as `date`"]
    );
}

#[test]
fn a_limit_is_told_beside_another_drift_of_the_same_value_or_inside_it() {
    assert_eq!(
        titles(
            r#"{"type": "array", "maxItems": 2, "items": {"type": "string"}}"#,
            r#"{"type": "array", "maxItems": 5, "items": {"type": "integer"}}"#,
        ),
        [
            "`body[]` may be a number",
            "the body of answer 200: at most 5 items, was 2"
        ]
    );
    assert_eq!(
        titles(
            r#"{"type": "string", "maxLength": 2}"#,
            r#"{"type": ["string", "null"], "maxLength": 5}"#,
        ),
        [
            "the body of answer 200 may be null",
            "the body of answer 200: at most 5 characters, was 2"
        ]
    );
    assert_eq!(
        titles(
            r#"{"type": "string", "format": "uri", "maxLength": 5}"#,
            r#"{"type": "string", "maxLength": 2}"#,
        ),
        [
            "the body of answer 200 comes without a format, read as `uri`",
            "the body of answer 200: at most 2 characters, was 5"
        ]
    );
    // What an object has at least follows from the property that it lost.
    assert_eq!(
        titles(
            r#"{"properties": {"a": {}, "b": {}}, "required": ["a", "b"], "minProperties": 2}"#,
            r#"{"properties": {"a": {}}, "required": ["a"], "minProperties": 1}"#,
        ),
        ["`b` is gone though it was required"]
    );
}
