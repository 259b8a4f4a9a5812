//! Values of alternatives, with and without a tag.

use crate::{message, report, taking, with};
use openapi_drift::Level;
use serde_json::{Value, json};

/// Responses that are pets. Each alternative lists its tag.
fn pets(required: &[&str], dog: &Value) -> Value {
    let pet = |tag: &str, more: &Value| {
        let mut properties = json!({"is": {"type": "string", "enum": [tag], "default": tag}});
        properties[tag] = more.clone();
        let required: Vec<&str> = required.iter().copied().chain([tag]).collect();
        json!({"type": "object", "required": required, "properties": properties})
    };
    let text = json!({"type": "string"});
    let mut document = with(
        "3.0.3",
        "/pets",
        "get",
        &json!({"responses": {"200": {"description": "a pet", "content": {"application/json": {
            "schema": {"type": "object", "required": ["pet"], "properties": {"pet": {"$ref": "#/components/schemas/Pet"}}}
        }}}}}),
    );
    document["components"] = json!({"schemas": {
        "Pet": {
            "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
            "discriminator": {"propertyName": "is", "mapping": {
                "cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"
            }},
        },
        "Cat": pet("cat", &text),
        "Dog": pet("dog", dog),
    }});
    document
}

#[test]
fn an_optional_tag_is_sent() {
    let report = report(
        &pets(&[], &json!({"type": "string"})),
        &pets(&[], &json!({"type": "integer"})),
    );
    let message = message(&report);
    assert!(
        message
            .body
            .as_deref()
            .is_some_and(|it| it.contains(r#""is":"dog""#)),
        "{message:?}"
    );
}

#[test]
fn a_tag_that_became_optional_is_risky_but_decided() {
    let text = json!({"type": "string"});
    let pets = pets(&[], &text);
    let mut base = pets.clone();
    base["components"]["schemas"]["Pet"] = json!({
        "type": "object", "required": ["is", "name"], "properties": {"is": text, "name": text}
    });
    let mut revision = pets;
    for (tag, name) in [("Cat", &text), ("Dog", &json!({"type": "integer"}))] {
        revision["components"]["schemas"][tag]["required"] = json!(["name"]);
        revision["components"]["schemas"][tag]["properties"]["name"] = name.clone();
    }
    let report = report(&base, &revision);
    let mut findings = report.findings.iter();
    let missing = findings.find(|it| it.rule == "discriminator-tag-optional");
    let missing = missing.unwrap_or_else(|| panic!("{:#?}", report.findings));
    assert_eq!(missing.level, Level::Risky);
    assert_eq!(missing.title, "the tag `is` of `Pet` may be missing now");
    assert_eq!(missing.undecided, None);
}

#[test]
fn the_tag_of_the_witness_selects_the_refused_alternative() {
    let notice = |more: &Value| {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let mut document = with(
            "3.0.3",
            "/notices",
            "post",
            &json!({
                "requestBody": {"required": true, "content": {"application/json": {"schema": to("Notice")}}},
                "responses": {"200": {"description": "sent"}}
            }),
        );
        document["components"] = json!({"schemas": {
            "Notice": {
                "oneOf": [to("Mail"), to("Sms"), to("Sms")],
                "discriminator": {"propertyName": "by", "mapping": {
                    "mail": "#/components/schemas/Mail", "sms": "#/components/schemas/Sms"
                }},
            },
            "Mail": {"type": "object", "required": ["by", "address"],
                "properties": {"by": {"type": "string"}, "address": more}},
            "Sms": {"type": "object", "required": ["by"], "properties": {"by": {"type": "string"}, "address": {}}},
        }});
        document
    };
    let report = report(
        &notice(&json!({"type": "string"})),
        &notice(&json!({"type": "integer"})),
    );
    let message = message(&report);
    assert!(
        message
            .body
            .as_deref()
            .is_some_and(|it| it.contains(r#""by":"mail""#)),
        "{message:?}"
    );
}

/// Two findings that the same body shows do not hide each other.
#[test]
fn a_limit_below_alternatives_shows_beside_a_property_that_became_required() {
    let of = |required: &[&str], most: u32| {
        let kind = |name: &str, most: u32| {
            json!({"type": "object", "required": ["kind"], "properties": {
                "kind": {"type": "string", "enum": [name]}, "age": {"type": "integer", "maximum": most}}})
        };
        let pet = json!({"oneOf": [
            {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
            {"type": "object", "required": ["of"], "properties": {"of": {"oneOf": [
                {"$ref": "#/components/schemas/Dog"}, {"$ref": "#/components/schemas/Cat"}]}}}]});
        let properties = json!({"owner": {"type": "string"}, "pet": pet});
        let mut schema = json!({"type": "object", "properties": properties});
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        let mut document = taking(&json!({"schema": schema}));
        document["components"] = json!({"schemas": {"Dog": kind("dog", 99), "Cat": kind("cat", most)}});
        document
    };
    let report = report(&of(&[], 30), &of(&["owner"], 20));
    let levels: Vec<_> = report.findings.iter().map(|it| (it.level, &*it.rule)).collect();
    assert_eq!(
        levels,
        [
            (Level::Breaking, "request-property-became-required"),
            (Level::Breaking, "request-value-refused")
        ],
        "{:#?}",
        report.findings
    );
}

#[test]
fn the_witness_of_an_alternative_is_sent_at_the_place_of_the_finding() {
    let asks = |ibm: &Value| {
        let params = |tag: &str, top: &Value| {
            json!({
                "type": "object", "required": ["type"],
                "properties": {"type": {"type": "string", "enum": [tag]}, "top": top}
            })
        };
        let tool =
            json!({"type": "object", "properties": {"params": {"$ref": "#/components/schemas/Params"}}});
        let mut document = with(
            "3.0.3",
            "/asks",
            "get",
            &json!({"responses": {"200": {"description": "asks", "content": {"application/json": {"schema": {
                "type": "object", "properties": {"long": tool, "basic": tool, "multi": tool}
            }}}}}}),
        );
        document["components"] = json!({"schemas": {
            "Params": {"oneOf": [{"$ref": "#/components/schemas/Google"}, {"$ref": "#/components/schemas/Ibm"}]},
            "Google": params("google", &json!({"type": "number"})),
            "Ibm": params("ibm", ibm),
        }});
        document
    };
    let base = asks(&json!({"type": "number", "maximum": 1}));
    let report = report(&base, &asks(&json!({"type": "number"})));
    let findings = &report.findings;
    assert_eq!(report.questions.internal_faults, 0, "{findings:#?}");
    assert_eq!(
        (findings.len(), findings[0].level),
        (1, Level::Breaking),
        "{findings:#?}"
    );
}

#[test]
fn a_change_below_a_tag_is_shown_with_the_tag_where_all_values_are_refused() {
    let things = |required: &Value, doors: &str| {
        let schema = json!({"type": "array", "items": {"$ref": "#/components/schemas/Vehicle"}});
        let mut document = with(
            "3.0.3",
            "/things",
            "get",
            &json!({"responses": {"200": {"description": "things", "content": {"application/json": {"schema": schema}}}}}),
        );
        document["components"] = json!({"schemas": {
            "Vehicle": {
                "type": "object", "required": required,
                "properties": {"kind": {"type": "string"}, "owner": {"type": "string"}},
                "discriminator": {"propertyName": "kind", "mapping": {"c": "Car"}},
            },
            "Car": {"allOf": [
                {"$ref": "#/components/schemas/Vehicle"},
                {"type": "object", "properties": {"doors": {"type": doors}}},
            ]},
        }});
        document
    };
    let report = report(
        &things(&json!(["kind", "owner"]), "string"),
        &things(&json!(["kind"]), "integer"),
    );
    let of_doors = report
        .findings
        .iter()
        .find(|it| it.rule == "response-type-unreadable");
    let of_doors = of_doors.unwrap_or_else(|| panic!("{:#?}", report.findings));
    assert_eq!(of_doors.level, Level::Breaking, "{of_doors:#?}");
    let message = of_doors.witness.as_ref().and_then(|it| it.message.as_ref());
    let body = message.and_then(|it| it.body.as_deref()).unwrap_or_default();
    assert!(body.contains(r#""kind":"c""#), "{body}");
}
