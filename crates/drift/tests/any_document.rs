//! The comparison of arbitrary documents ends, does not panic, and gives the same result each time.

use openapi_drift::{Document, Level, Options, compare};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Keys that affect the comparison, and some without meaning.
const KEYS: &[&str] = &[
    "paths",
    "/a",
    "/a/{b}",
    "/{c}",
    "get",
    "post",
    "parameters",
    "requestBody",
    "responses",
    "200",
    "4XX",
    "default",
    "content",
    "application/json",
    "*/*",
    "schema",
    "headers",
    "X-A",
    "security",
    "servers",
    "url",
    "callbacks",
    "webhooks",
    "components",
    "schemas",
    "A",
    "B",
    "securitySchemes",
    "in",
    "name",
    "required",
    "type",
    "properties",
    "items",
    "additionalProperties",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "enum",
    "const",
    "nullable",
    "readOnly",
    "writeOnly",
    "$ref",
    "minimum",
    "maxLength",
    "pattern",
    "prefixItems",
    "discriminator",
    "mapping",
    "propertyName",
    "deprecated",
    "x-sunset",
    "style",
    "explode",
    "variables",
    "flows",
    "format",
    "if",
    "then",
];

const TEXTS: &[&str] = &[
    "",
    "string",
    "object",
    "array",
    "integer",
    "null",
    "query",
    "path",
    "header",
    "b",
    "a",
    "#/components/schemas/A",
    "#/components/schemas/B",
    "#/paths/~1a/get",
    "#",
    "#/nowhere",
    "other.json#/x",
    "%zz",
    "#/components/schemas/%41",
    "apiKey",
    "oauth2",
    "(",
    "^a+$",
    "form",
];

fn text() -> impl Strategy<Value = String> {
    proptest::sample::select(TEXTS).prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        text().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        (-3i64..300).prop_map(Value::from),
        Just(Value::Null),
        Just(json!(1e300)),
        Just(json!({"$ref": "#/components/schemas/A"})),
        Just(json!({"$ref": "#/components/schemas/B"})),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        let key = proptest::sample::select(KEYS).prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::vec((key, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A document with random parts in the places that the comparison reads.
fn document() -> impl Strategy<Value = Document> {
    let version = proptest::sample::select(&["3.0.3", "3.1.0"][..]);
    (version, value(), value(), value(), value(), value(), value()).prop_map(
        |(version, a, b, request, answer, rest, operation)| {
            let mut root = json!({
                "openapi": version,
                "components": {"schemas": {"A": a, "B": b}},
                "paths": {
                    "/a": {"post": {
                        "requestBody": {"content": {"application/json": {"schema": request}}},
                        "responses": {"200": {"content": {"application/json": {"schema": answer}}}},
                    }},
                    "/a/{b}": {"get": operation},
                },
            });
            if let (Value::Object(root), Value::Object(rest)) = (&mut root, rest) {
                for (key, value) in rest {
                    root.entry(key).or_insert(value);
                }
            }
            Document::read(root.to_string()).expect("shallow enough")
        },
    )
}

/// The number of cases: few, unless `PROPTEST_CASES` asks for more.
fn cases(few: u32) -> u32 {
    let asked = std::env::var("PROPTEST_CASES").ok();
    asked.and_then(|it| it.parse().ok()).unwrap_or(few)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(128), ..ProptestConfig::default() })]

    #[test]
    fn comparing_ends_and_is_the_same_each_time(base in document(), revision in document()) {
        let options = Options::default();
        let report = compare(&base, &revision, &options);
        prop_assert_eq!(&report, &compare(&base, &revision, &options));
        prop_assert_eq!(report.questions.internal_faults, 0, "{} and {}", base.root(), revision.root());
    }

    #[test]
    fn no_document_drifts_from_itself(document in document()) {
        let report = compare(&document, &document, &Options::default());
        prop_assert!(!report.reaches(Level::Additive), "{:#?}", report.findings);
    }

    #[test]
    fn any_json_is_a_document_or_an_error(value in value()) {
        let _ = Document::read(value.to_string());
    }
}
