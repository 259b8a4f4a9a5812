//! Reports on documents in which hundreds of operations share what changed.

use serde_json::{Map, Value, json};

use crate::support::{Place, document};

/// Operations that each answer with every schema.
const OPERATIONS: usize = 240;
/// Schemas, each of which differs.
const SCHEMAS: usize = 220;

/// A document of the shape of a large vendor's: each operation reaches each schema through one that holds them all, and
/// may fail with an error that reaches them as well.
fn large(changed: bool) -> Value {
    let name = |index: usize| format!("payment_method_details_of_kind_{index}");
    let mut schemas = Map::new();
    let mut properties = Map::new();
    for index in 0..SCHEMAS {
        properties.insert(
            name(index),
            json!({"$ref": format!("#/components/schemas/{}", name(index))}),
        );
        let own = match (changed, index % 6) {
            (true, 0) => json!({"type": "integer"}),
            (true, 1) => json!({"type": "string", "nullable": true}),
            _ => json!({"type": "string", "description": "a text that callers show to people"}),
        };
        let mut schema = json!({"type": "object", "properties": {"verification_method": own, "created": {"type": "integer"}}});
        let fields = schema["properties"].as_object_mut().unwrap();
        if changed && index % 6 == 2 {
            fields.remove("created");
        }
        if changed && index % 6 > 2 {
            fields.insert("a_new_field_of_it".to_owned(), json!({"type": "string"}));
        }
        schemas.insert(name(index), schema);
    }
    schemas.insert(
        "everything".to_owned(),
        json!({"type": "object", "properties": properties}),
    );
    let body = json!({"application/json": {"schema": {"$ref": "#/components/schemas/everything"}}});
    let responses = json!({"200": {"description": "it", "content": body}, "default": {"description": "no", "content": body}});
    let paths = (0..OPERATIONS).map(|index| {
        let operation =
            json!({"operationId": format!("GetCustomersPaymentMethods{index}"), "responses": responses});
        (
            format!("/v1/customers/payment_methods/{index}"),
            json!({"get": operation}),
        )
    });
    document(&Value::Object(paths.collect()), &Value::Object(schemas))
}

#[test]
fn a_large_report_can_be_read_in_every_format() {
    let place = Place::with(&large(false), &large(true));
    let formats = ["text", "markdown", "html", "github", "json", "sarif", "junit"];
    let reports = formats.map(|format| format!("{format}=all.{format}"));
    let mut arguments = vec!["--format", "text"];
    arguments.extend(reports.iter().flat_map(|report| ["--report", report]));
    let ran = place.compare(&arguments);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let report: Value = serde_json::from_str(&place.read("all.json")).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.len() >= SCHEMAS, "{} findings", findings.len());

    assert!(ran.out.len() <= 80_000, "the text has {} bytes", ran.out.len());
    for (format, most) in [("markdown", 50_000), ("html", 800_000), ("json", 2_500_000)] {
        let size = place.read(&format!("all.{format}")).len();
        assert!(size <= most, "{format} has {size} bytes");
    }
    let lines = place.read("all.github").lines().count();
    assert!(lines <= 60, "{lines} lines for a workflow");

    // Nothing that matters is left out for it.
    let rows = place.read("all.markdown");
    let rows = rows
        .lines()
        .filter(|line| line.starts_with("| breaking |") || line.starts_with("| risky |"));
    let matters = findings
        .iter()
        .filter(|it| it["level"] == "breaking" || it["level"] == "risky")
        .count();
    assert_eq!(rows.count(), matters);
    assert!(matters > 100, "{matters} findings that matter");
    let page = place.read("all.html");
    for finding in findings {
        assert!(
            page.contains(finding["id"].as_str().unwrap()),
            "{finding} is not on the page"
        );
    }

    // People are told three places and a number, programs all.
    let met_by: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.contains("= met by: "))
        .collect();
    assert!(met_by.iter().all(|line| line.len() < 400), "{}", met_by[0]);
    assert!(
        met_by[0].contains(&format!("and {} more", OPERATIONS - 3)),
        "{}",
        met_by[0]
    );
    assert_eq!(report["operations"].as_array().unwrap().len(), OPERATIONS);
    let met = report["findings"][0]["met_at"][0]["operations"]
        .as_array()
        .unwrap();
    assert_eq!(met.len(), OPERATIONS);
}
