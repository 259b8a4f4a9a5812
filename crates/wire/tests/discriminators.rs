//! The tag chooses the schema: through alternatives and through `allOf`, by mapping and by name.

use openapi_document::Document;
use openapi_wire::{Contract, Direction};
use serde_json::{Value, json};

/// Asks the component `Root` of values.
#[track_caller]
fn judge(schemas: &Value, asked: &[(Value, bool)]) {
    let text = json!({"openapi": "3.1.0", "components": {"schemas": schemas}}).to_string();
    let document = Document::read(text).expect("a document");
    let root = document.at("/components/schemas/Root").expect("a schema");
    for (value, is_taken) in asked {
        let admits = Contract::new(&document).admits(root, Direction::Request, value);
        assert_eq!(admits, Ok(*is_taken), "{value}");
    }
}

fn object(properties: &Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required})
}

fn to(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Mail and a message to a telephone, told apart by `by`.
fn notices(root: &Value) -> Value {
    let text = json!({"type": "string"});
    json!({
        "Root": root,
        "Mail": object(&json!({"by": text, "address": text}), &["by", "address"]),
        "Sms": object(&json!({"by": text, "number": text}), &["by", "number"]),
    })
}

#[test]
fn a_mapped_tag_chooses_by_name_and_by_pointer() {
    let root = json!({
        "oneOf": [to("Mail"), to("Sms")],
        "discriminator": {"propertyName": "by", "mapping": {"m": "Mail", "s": "#/components/schemas/Sms"}},
    });
    judge(
        &notices(&root),
        &[
            (json!({"by": "m", "address": "a"}), true),
            (json!({"by": "s", "address": "a"}), false),
            (json!({"by": "s", "number": "1"}), true),
            // The name of a mapped component chooses nothing, and some alternative holds.
            (json!({"by": "Sms", "address": "a"}), true),
            (json!({"by": "Sms"}), false),
        ],
    );
}

#[test]
fn the_name_of_a_component_chooses_and_others_may_hold_as_well() {
    let root = json!({"oneOf": [to("Mail"), to("Sms")], "discriminator": {"propertyName": "by"}});
    judge(
        &notices(&root),
        &[
            (json!({"by": "Mail", "address": "a", "number": "1"}), true),
            (json!({"by": "Mail", "number": "1"}), false),
        ],
    );
    let untold = json!({"oneOf": [to("Mail"), to("Sms")]});
    let of_both = json!({"by": "Mail", "address": "a", "number": "1"});
    judge(&notices(&untold), &[(of_both, false)]);
}

#[test]
fn what_inherits_is_chosen_at_any_depth_and_does_not_choose_again() {
    let heir = |base: &str, name: &str| json!({"allOf": [to(base), object(&json!({name: {"type": "integer"}}), &[name])]});
    let mut base = object(&json!({"kind": {"type": "string"}}), &["kind"]);
    base["discriminator"] = json!({"propertyName": "kind"});
    let schemas = json!({
        "Root": {"allOf": [to("Vehicle")], "description": "ours"},
        "Vehicle": base,
        "Car": heir("Vehicle", "doors"),
        "Taxi": heir("Car", "sign"),
        "Plain": {"allOf": [to("Vehicle")]},
    });
    judge(
        &schemas,
        &[
            (json!({"kind": "Car", "doors": 4}), true),
            (json!({"kind": "Car"}), false),
            (json!({"kind": "Taxi", "doors": 4}), false),
            (json!({"kind": "Taxi", "doors": 4, "sign": 1}), true),
            (json!({"kind": "Plain"}), true),
            (json!({"kind": "Submarine"}), true),
        ],
    );
    // A message that is a car already is chosen by nobody.
    let mut car = schemas.clone();
    car["Root"] = to("Car");
    judge(&car, &[(json!({"kind": "Taxi", "doors": 4}), true)]);
}

#[test]
fn a_tag_that_the_schema_cannot_hold_chooses_nothing() {
    let root = json!({
        "oneOf": [to("File"), to("Words")],
        "discriminator": {"propertyName": "by", "mapping": {"file": "File", "text": "Words"}},
    });
    let schemas = json!({
        "Root": root,
        "File": object(&json!({"file": {"type": "string"}}), &["file"]),
        "Words": object(&json!({"by": {"const": "words"}}), &["by"]),
    });
    judge(
        &schemas,
        &[
            (json!({"file": "f"}), true),
            (json!({"by": "words"}), true),
            (json!({"by": "file"}), false),
            // Its schema lists another value, so that any alternative may hold.
            (json!({"by": "text", "file": "f"}), true),
        ],
    );
    // Nor does the tag of a schema that does not declare it.
    let mut undeclared = schemas;
    undeclared["Words"] = object(&json!({"by": {"type": "string"}}), &["by"]);
    judge(&undeclared, &[(json!({"by": "file"}), true)]);
}

#[test]
fn a_base_that_lists_its_heirs_leads_back_to_nobody() {
    let heir =
        |name: &str| json!({"allOf": [to("Root"), object(&json!({name: {"type": "integer"}}), &[name])]});
    let mut root = object(&json!({"kind": {"type": "string"}}), &["kind"]);
    root["oneOf"] = json!([to("Car"), to("Bicycle")]);
    root["discriminator"] = json!({"propertyName": "kind"});
    let schemas = json!({"Root": root, "Car": heir("doors"), "Bicycle": heir("gears")});
    judge(
        &schemas,
        &[
            (json!({"kind": "Car", "doors": 4}), true),
            (json!({"kind": "Car", "gears": 4}), false),
        ],
    );
}

#[test]
fn an_enum_does_not_take_null_back_from_a_type_unless_read_to_the_letter() {
    let schema = json!({"type": ["string", "null"], "enum": ["red"]});
    judge(
        &json!({"Root": schema}),
        &[(Value::Null, true), (json!("blue"), false)],
    );
}

#[test]
fn a_tag_of_a_schema_that_is_no_alternative_chooses_nothing() {
    let root = json!({
        "oneOf": [to("Mail"), to("Sms")],
        "discriminator": {"propertyName": "by", "mapping": {"m": "Mail", "o": "Other"}},
    });
    let mut schemas = notices(&root);
    schemas["Other"] = object(&json!({"by": {"type": "string"}}), &["by", "other"]);
    judge(
        &schemas,
        &[
            (json!({"by": "o", "address": "a"}), true),
            (json!({"by": "o", "other": "a"}), false),
            (json!({"by": "m", "number": "1"}), false),
        ],
    );
}

#[test]
fn whether_a_tag_can_be_held_is_seen_in_all_that_holds() {
    let words = |by: Value| object(&json!({"by": by, "word": {}}), &["by", "word"]);
    for (words, is_chosen) in [
        (words(json!({"type": "string"})), true),
        (words(json!({"enum": ["text", "words"]})), true),
        (words(json!({"enum": ["words"]})), false),
        (words(json!({"const": "text"})), true),
        (words(json!({"allOf": [{"const": "words"}]})), false),
        (words(to("Kind")), false),
        // The keywords of an alternative need not apply.
        (words(json!({"anyOf": [{"const": "words"}, {}]})), true),
        (json!({"allOf": [words(json!({"const": "words"}))]}), false),
        (json!({"allOf": [to("Plain")]}), true),
        (json!({"anyOf": [to("Plain")]}), true),
        (json!({"required": ["word"]}), false),
    ] {
        let schemas = json!({
            "Root": {
                "oneOf": [to("File"), to("Words")],
                "discriminator": {"propertyName": "by", "mapping": {"file": "File", "text": "Words"}},
            },
            "File": object(&json!({"by": {}, "file": {}}), &["file"]),
            "Words": words,
            "Plain": object(&json!({"by": {}, "word": {}}), &["word"]),
            "Kind": {"const": "words"},
        });
        judge(&schemas, &[(json!({"by": "text", "file": "f"}), !is_chosen)]);
    }
}
