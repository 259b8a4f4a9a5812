//! The values that each keyword accepts, in each version.

use openapi_document::Document;
use openapi_wire::{Contract, Direction};
use serde_json::{Value, json};

/// Whether a schema takes each of some values.
#[track_caller]
fn takes(version: &str, schema: &Value, taken: &[Value], refused: &[Value]) {
    let text = json!({"openapi": version, "components": {"schemas": {
        "S": schema, "N": {"type": "number"}, "A": {"properties": {"a": {"type": "integer"}}}
    }}});
    let document = Document::read(text.to_string()).expect("a document");
    let node = document.at("/components/schemas/S").expect("a schema");
    let contract = Contract::new(&document);
    for (values, expected) in [(taken, true), (refused, false)] {
        for value in values {
            let admits = contract.admits(node, Direction::Request, value);
            assert_eq!(admits, Ok(expected), "{version} {schema}: {value}");
        }
    }
}

const OLD: &str = "3.0.3";
const NEW: &str = "3.1.0";

#[test]
fn each_keyword_takes_what_it_says() {
    for (schema, taken, refused) in [
        (
            json!({"minimum": 1, "maximum": 3}),
            json!([1, 3, "a"]),
            json!([0, 4]),
        ),
        (
            json!({"exclusiveMinimum": 1, "exclusiveMaximum": 3}),
            json!([2]),
            json!([1, 3]),
        ),
        (json!({"multipleOf": 0.5}), json!([1.5, 2]), json!([1.2])),
        (
            json!({"minLength": 2, "maxLength": 3}),
            json!(["ab", "abc", 1]),
            json!(["a", "abcd"]),
        ),
        (
            json!({"minItems": 1, "maxItems": 2}),
            json!([[1], [1, 2], {}]),
            json!([[], [1, 2, 3]]),
        ),
        (
            json!({"minProperties": 1, "maxProperties": 2}),
            json!([{"a": 1}, []]),
            json!([{}, {"a": 1, "b": 1, "c": 1}]),
        ),
        (json!({"uniqueItems": true}), json!([[1, 2]]), json!([[1, 1]])),
        (json!({"uniqueItems": false}), json!([[1, 1]]), json!([])),
        (json!({"pattern": "^a"}), json!(["ab", 1]), json!(["b"])),
        (json!({"enum": [1, "a"]}), json!([1, "a"]), json!([2, "b"])),
        (json!({"const": {"a": 1}}), json!([{"a": 1}]), json!([{"a": 2}])),
        (
            json!({"dependentRequired": {"a": ["b"]}}),
            json!([{"a": 1, "b": 1}, {}]),
            json!([{"a": 1}]),
        ),
        (json!({"required": ["a", "a"]}), json!([{"a": 1}, 1]), json!([{}])),
        (
            json!({"contains": {"type": "integer"}, "minContains": 2, "maxContains": 3}),
            json!([[1, 2], ["a", 1, 2, 3]]),
            json!([[1], [1, 2, 3, 4]]),
        ),
        (
            json!({"type": ["integer", "null"]}),
            json!([1, null]),
            json!([1.5, "a"]),
        ),
        (
            json!({"type": "integer", "format": "int32"}),
            json!([2_147_483_647, -2_147_483_648_i64]),
            json!([2_147_483_648_i64, -2_147_483_649_i64]),
        ),
        (
            json!({"type": "integer", "format": "int64"}),
            json!([i64::MAX, i64::MIN]),
            json!([u64::MAX]),
        ),
        (
            json!({"type": ["integer", "null"], "format": "int32"}),
            json!([null, 1]),
            json!([2_147_483_648_i64]),
        ),
        (
            json!({"type": "number", "format": "int32"}),
            json!([2_147_483_648_i64]),
            json!([]),
        ),
        (
            json!({"type": ["number", "null"], "format": "int32"}),
            json!([null, 2_147_483_648_i64]),
            json!(["a"]),
        ),
        (
            json!({"type": "integer", "format": "int16"}),
            json!([2_147_483_648_i64]),
            json!([]),
        ),
        (
            json!({"properties": {"a": {"type": "integer"}}}),
            json!([{"a": 1}, {"b": "x"}, 1]),
            json!([{"a": "x"}]),
        ),
        (
            json!({"patternProperties": {"^a": {"type": "integer"}}}),
            json!([{"ab": 1, "b": "x"}]),
            json!([{"ab": "x"}]),
        ),
        (
            json!({"additionalProperties": {"type": "integer"}, "properties": {"a": {}}}),
            json!([{"a": "x", "b": 1}]),
            json!([{"b": "x"}]),
        ),
        (
            json!({"additionalProperties": false, "patternProperties": {"^a": {}}}),
            json!([{"ab": 1}]),
            json!([{"b": 1}]),
        ),
        (
            json!({"propertyNames": {"pattern": "^a"}}),
            json!([{"a": {"b": 1}}, {}]),
            json!([{"b": 1}]),
        ),
        (
            json!({"dependentSchemas": {"a": {"required": ["b"]}}}),
            json!([{"a": 1, "b": 1}, {}]),
            json!([{"a": 1}]),
        ),
        (
            json!({"prefixItems": [{"type": "integer"}], "items": {"type": "string"}}),
            json!([[1, "a"], []]),
            json!([["a"], [1, 1]]),
        ),
        (json!({"items": false}), json!([[]]), json!([[1]])),
        (
            json!({"items": [{"type": "integer"}], "unevaluatedItems": false}),
            json!([[]]),
            json!([[1]]),
        ),
        (
            json!({"if": {"type": "integer"}, "then": {"minimum": 5}, "else": {"maxLength": 1}}),
            json!([5, "a"]),
            json!([4, "ab"]),
        ),
        (json!({"then": false, "else": false}), json!([1]), json!([])),
        (json!({"not": {"type": "integer"}}), json!(["a"]), json!([1])),
        (
            json!({"allOf": [{"minimum": 1}, {"maximum": 3}]}),
            json!([2]),
            json!([0, 4]),
        ),
        (
            json!({"anyOf": [{"type": "integer"}, {"minimum": 3}]}),
            json!([1, 3.5, "a"]),
            json!([1.5]),
        ),
        (
            json!({"oneOf": [{"type": "integer"}, {"minimum": 3}]}),
            json!([1, 3.5]),
            json!([5, 1.5]),
        ),
        (
            json!({"unevaluatedProperties": false, "allOf": [{"properties": {"a": {}}}]}),
            json!([{"a": 1}]),
            json!([{"b": 1}]),
        ),
        (
            json!({"unevaluatedItems": false, "prefixItems": [{}]}),
            json!([[1]]),
            json!([[1, 2]]),
        ),
        (
            json!({"$ref": "#/components/schemas/N", "minimum": 3}),
            json!([3]),
            json!([1, "a"]),
        ),
        (
            json!({"$dynamicRef": "#/components/schemas/N", "$ref": "#/components/schemas/N", "minimum": 3}),
            json!([3]),
            json!([1, "a"]),
        ),
        (json!(true), json!([1]), json!([])),
        (json!(false), json!([]), json!([1])),
        (
            json!({"type": "array", "enum": ["a", "b"]}),
            json!([["a"], ["b", "a"], []]),
            json!(["a", ["c"]]),
        ),
        (
            json!({"type": ["array", "null"], "enum": ["a"]}),
            json!([["a"], null]),
            json!([["c"]]),
        ),
        (
            json!({"type": ["array", "string"], "enum": ["a"]}),
            json!(["a"]),
            json!([["a"]]),
        ),
        (
            json!({"type": "array", "enum": [["a"]]}),
            json!([["a"]]),
            json!([["b"], []]),
        ),
        (json!({"type": "array", "enum": []}), json!([]), json!([[]])),
        (
            json!({"type": ["string", "null"], "enum": ["a"]}),
            json!(["a", null]),
            json!(["b", 1]),
        ),
        (
            json!({"type": ["string", "integer"], "enum": ["a"]}),
            json!(["a"]),
            json!([null, 1]),
        ),
    ] {
        takes(
            NEW,
            &schema,
            taken.as_array().unwrap(),
            refused.as_array().unwrap(),
        );
    }
}

#[test]
fn a_keyword_that_breaks_its_own_form_says_nothing() {
    let all = json!([null, true, 0, 1.5, "a", [1, 1], {"a": 1}]);
    for schema in [
        json!({"minimum": "1"}),
        json!({"multipleOf": 0}),
        json!({"multipleOf": -1}),
        json!({"multipleOf": "1"}),
        json!({"minLength": "1"}),
        json!({"maxItems": -1}),
        json!({"minProperties": 1.5}),
        json!({"uniqueItems": "true"}),
        json!({"pattern": 1}),
        json!({"format": 1}),
        json!({"enum": {"a": 1}}),
        json!({"type": []}),
        json!({"type": 1}),
        json!({"required": "a"}),
        json!({"properties": [1]}),
        json!({"patternProperties": 1}),
        json!({"dependentSchemas": 1}),
        json!({"items": [false]}),
        json!({"allOf": []}),
        json!({"allOf": 1}),
        json!({"$ref": 1}),
        json!({"exclusiveMinimum": true}),
        json!({"title": {"type": "never"}, "x-a": false, "default": 1, "readOnly": true}),
    ] {
        takes(NEW, &schema, all.as_array().unwrap(), &[]);
        takes(OLD, &schema, all.as_array().unwrap(), &[]);
    }
}

#[test]
fn a_version_reads_keywords_in_its_own_way() {
    let to = |name: &str| format!("#/components/schemas/{name}");
    for (version, schema, taken, refused) in [
        (
            OLD,
            json!({"minimum": 1, "exclusiveMinimum": true}),
            json!([2]),
            json!([1]),
        ),
        (
            OLD,
            json!({"maximum": 3, "exclusiveMaximum": true}),
            json!([2]),
            json!([3]),
        ),
        (
            OLD,
            json!({"minimum": 1, "exclusiveMinimum": false}),
            json!([1]),
            json!([0]),
        ),
        (
            OLD,
            json!({"$ref": to("N"), "minimum": 3}),
            json!([1]),
            json!(["a", null]),
        ),
        (
            OLD,
            json!({"$ref": to("N"), "nullable": true}),
            json!([1, null]),
            json!(["a"]),
        ),
        (
            NEW,
            json!({"$ref": to("N"), "nullable": true}),
            json!([1]),
            json!([null]),
        ),
        (
            OLD,
            json!({"type": "string", "nullable": true}),
            json!(["a", null]),
            json!([1]),
        ),
        (
            OLD,
            json!({"type": ["string", "null"], "nullable": true}),
            json!(["a", null]),
            json!([1]),
        ),
        (
            OLD,
            json!({"type": "string", "nullable": false}),
            json!(["a"]),
            json!([null]),
        ),
        (
            OLD,
            json!({"type": "string", "nullable": true, "enum": ["a"]}),
            json!(["a", null]),
            json!(["b"]),
        ),
        (OLD, json!({"nullable": true}), json!([1, null]), json!([])),
        (
            OLD,
            json!({"allOf": [{"$ref": to("N")}, {"nullable": true}]}),
            json!([1]),
            json!([null]),
        ),
        (
            OLD,
            json!({"anyOf": [{"$ref": to("N")}, {"nullable": true}]}),
            json!([1, null]),
            json!(["a"]),
        ),
        (
            OLD,
            json!({"oneOf": [{"$ref": to("N")}, {"nullable": true}]}),
            json!([1, null]),
            json!(["a"]),
        ),
        (
            NEW,
            json!({"anyOf": [{"$ref": to("N")}, {"nullable": true}]}),
            json!([1, null, "a"]),
            json!([]),
        ),
        (
            OLD,
            json!({"anyOf": [{"$ref": to("N")}], "nullable": true}),
            json!([1, null]),
            json!(["a"]),
        ),
        (OLD, json!({"$dynamicRef": to("N")}), json!([1]), json!(["a"])),
    ] {
        takes(
            version,
            &schema,
            taken.as_array().unwrap(),
            refused.as_array().unwrap(),
        );
    }
}

#[test]
fn to_the_letter_nullable_adds_nothing_elsewhere() {
    let strictly = |schema: &Value, version: &str| {
        let text =
            json!({"openapi": version, "components": {"schemas": {"S": schema, "N": {"type": "number"}}}});
        let document = Document::read(text.to_string()).expect("a document");
        let node = document.at("/components/schemas/S").expect("a schema");
        let contract = Contract::new(&document).reading_nullable_strictly();
        contract.admits(node, Direction::Request, &Value::Null)
    };
    for (version, schema, expected) in [
        (OLD, json!({"type": "string", "nullable": true}), true),
        (
            OLD,
            json!({"type": "string", "nullable": true, "enum": ["a"]}),
            false,
        ),
        (
            OLD,
            json!({"$ref": "#/components/schemas/N", "nullable": true}),
            false,
        ),
        (
            OLD,
            json!({"anyOf": [{"$ref": "#/components/schemas/N"}], "nullable": true}),
            false,
        ),
        (NEW, json!({"type": ["string", "null"], "enum": ["a"]}), false),
        (NEW, json!({"type": ["string", "null"]}), true),
    ] {
        assert_eq!(strictly(&schema, version), Ok(expected), "{version} {schema}");
    }
}

#[test]
fn several_alternatives_are_taken_where_that_takes_more() {
    let overlapping = json!({"oneOf": [{"type": "integer"}, {"minimum": 3}]});
    let leniently = |schema: &Value, value: &Value| {
        let document = Document::read_schema(schema.to_string()).expect("a schema");
        let text = json!({"openapi": NEW, "components": {"schemas": {"S": schema}}});
        drop(document);
        let document = Document::read(text.to_string()).expect("a document");
        let node = document.at("/components/schemas/S").expect("a schema");
        Contract::new(&document)
            .taking_overlaps()
            .admits(node, Direction::Request, value)
    };
    for (schema, value, expected) in [
        (overlapping.clone(), json!(5), true),
        (overlapping.clone(), json!(1.5), false),
        (json!({"items": overlapping}), json!([5]), true),
        (json!({"not": overlapping}), json!(5), true),
        (json!({"not": overlapping}), json!(1), false),
        (json!({"contains": overlapping}), json!([5]), false),
        (json!({"if": overlapping, "then": false}), json!(5), true),
        (
            json!({"propertyNames": {"oneOf": [{}, {}]}}),
            json!({"a": 1}),
            false,
        ),
    ] {
        assert_eq!(leniently(&schema, &value), Ok(expected), "{schema} {value}");
    }
}

#[test]
fn unsent_properties_are_left_out_wherever_they_are_declared() {
    let unsent = json!({"type": "integer", "readOnly": true});
    let own = json!({"properties": {"id": unsent}, "required": ["id"], "additionalProperties": false});
    let judged = |schema: &Value, direction: Direction, value: &Value| {
        let text = json!({"openapi": NEW, "components": {"schemas": {
            "S": schema, "Own": own, "Flag": {"readOnly": true}, "Self": {"allOf": [{"$ref": "#/components/schemas/Self"}]}
        }}});
        let document = Document::read(text.to_string()).expect("a document");
        let node = document.at("/components/schemas/S").expect("a schema");
        Contract::new(&document).admits(node, direction, value)
    };
    let reference = json!({"$ref": "#/components/schemas/Own"});
    let there = json!({"id": "no integer"});
    for (schema, wrap) in [
        (own.clone(), json!(null)),
        (reference.clone(), json!(null)),
        (json!({"allOf": [reference]}), json!(null)),
        (json!({"anyOf": [reference, {"type": "string"}]}), json!(null)),
        (json!({"oneOf": [reference, {"type": "string"}]}), json!(null)),
        (json!({"if": {}, "then": reference}), json!(null)),
        (json!({"if": false, "else": reference}), json!(null)),
        (json!({"items": reference}), json!([])),
        (json!({"prefixItems": [reference]}), json!([])),
        (json!({"properties": {"a": reference}}), json!({})),
        (json!({"additionalProperties": reference}), json!({})),
    ] {
        let wrapped = |value: &Value| match &wrap {
            Value::Array(_) => json!([value]),
            Value::Object(_) => json!({ "a": value }),
            _ => value.clone(),
        };
        let request = |value: &Value| judged(&schema, Direction::Request, &wrapped(value));
        assert_eq!(request(&there), Ok(true), "{schema}");
        assert_eq!(request(&json!({})), Ok(true), "{schema}");
        assert_eq!(request(&json!({"x": 1})), Ok(false), "{schema}");
        let response = |value: &Value| judged(&schema, Direction::Response, &wrapped(value));
        assert_eq!(response(&there), Ok(false), "{schema}");
        assert_eq!(response(&json!({"id": 5})), Ok(true), "{schema}");
        assert_eq!(response(&json!({})), Ok(false), "{schema}");
    }
    for (property, is_unsent) in [
        (json!({"$ref": "#/components/schemas/Flag"}), true),
        (json!({"allOf": [{"$ref": "#/components/schemas/Flag"}]}), true),
        (json!({"anyOf": [{"$ref": "#/components/schemas/Flag"}]}), true),
        (
            json!({"anyOf": [{"$ref": "#/components/schemas/Flag"}, {"type": "null"}]}),
            false,
        ),
        (json!({"readOnly": false}), false),
        (json!({"readOnly": "true"}), false),
        (json!({"writeOnly": true}), false),
        (json!({"$ref": "#/components/schemas/Self"}), false),
    ] {
        let schema = json!({"properties": {"id": property}, "required": ["id"]});
        assert_eq!(
            judged(&schema, Direction::Request, &json!({})),
            Ok(is_unsent),
            "{property}"
        );
    }
    let kept = json!({"properties": {"id": {"writeOnly": true}}, "required": ["id"]});
    assert_eq!(judged(&kept, Direction::Response, &json!({})), Ok(true));
    assert_eq!(judged(&kept, Direction::Request, &json!({})), Ok(false));
}

#[test]
fn each_alternative_decides_which_properties_are_sent() {
    let pet = |kind: &str, id: Value| {
        json!({
            "required": ["kind", "id"],
            "properties": {"kind": {"const": kind}, "id": id},
        })
    };
    let (cat, dog) = (
        pet("Cat", json!({"type": "integer", "readOnly": true})),
        pet("Dog", json!({"type": "string"})),
    );
    let named = [
        json!({"$ref": "#/components/schemas/Cat"}),
        json!({"$ref": "#/components/schemas/Dog"}),
    ];
    let tag = json!({"propertyName": "kind"});
    for (schema, wrap) in [
        (json!({"oneOf": [cat, dog]}), false),
        (json!({"anyOf": named}), false),
        (json!({"anyOf": [{}], "oneOf": named}), false),
        (
            json!({"anyOf": [cat, dog], "unevaluatedProperties": false}),
            false,
        ),
        (json!({"allOf": [{"oneOf": named}]}), false),
        (json!({"oneOf": named, "discriminator": tag}), false),
        (json!({"properties": {"in": {"oneOf": [cat, dog]}}}), true),
        (
            json!({"items": {"anyOf": [{"oneOf": named}, {"type": "null"}]}}),
            false,
        ),
    ] {
        let text = json!({"openapi": NEW, "components": {"schemas": {"S": schema, "Cat": cat, "Dog": dog}}});
        let document = Document::read(text.to_string()).expect("a document");
        let node = document.at("/components/schemas/S").expect("a schema");
        for (value, is_taken) in [
            (json!({"kind": "Dog", "id": "x"}), true),
            (json!({"kind": "Dog", "id": 1}), false),
            (json!({"kind": "Dog"}), false),
            (json!({"kind": "Cat", "id": "x"}), true),
            (json!({"kind": "Cat"}), true),
        ] {
            let value = match (wrap, schema.get("items")) {
                (true, _) => json!({ "in": value }),
                (false, Some(_)) => json!([value]),
                (false, None) => value,
            };
            let taken = Contract::new(&document).admits(node, Direction::Request, &value);
            assert_eq!(taken, Ok(is_taken), "{schema} {value}");
        }
    }
}
