//! Tags that a value leaves out, put in.

use openapi_document::Document;
use openapi_wire::{Contract, Direction};
use serde_json::{Value, json};

fn schemas() -> Value {
    let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let pet = |name: &str| json!({"type": "object", "required": [name], "properties": {"is": {"type": "string"}, name: {}}});
    json!({
        "Pet": {
            "oneOf": [to("Cat"), to("Dog")],
            "discriminator": {"propertyName": "is", "mapping": {"c": "Cat", "d": "Dog"}},
        },
        "Cat": pet("claws"),
        "Dog": pet("bark"),
        "Pets": {"type": "array", "items": to("Pet")},
        "Pair": {"type": "array", "prefixItems": [{}, to("Pet")], "items": to("Pets")},
        "Map": {"properties": {"none": {}}, "additionalProperties": to("Pet")},
        "Home": {"allOf": [{"properties": {"pet": to("Pet")}}]},
        "Plain": {"properties": {"is": {}}},
    })
}

fn tagged(name: &str, value: &Value, nth: usize) -> Option<Value> {
    let text = json!({"openapi": "3.1.0", "components": {"schemas": schemas()}}).to_string();
    let document = Document::read(text).expect("a document");
    let schema = document
        .at(&format!("/components/schemas/{name}"))
        .expect("a schema");
    Contract::new(&document).tagged(schema, Direction::Response, value, nth)
}

#[test]
fn a_tag_is_put_in_wherever_it_is_left_out() {
    for (name, value, expected) in [
        ("Pet", json!({"claws": 1}), Some(json!({"claws": 1, "is": "c"}))),
        ("Pet", json!({"bark": 1}), Some(json!({"bark": 1, "is": "d"}))),
        ("Pet", json!({"is": "x", "bark": 1}), None),
        ("Pet", json!({}), None),
        ("Pet", json!("claws"), None),
        (
            "Pets",
            json!([{"bark": 1}, 5, {"is": "c"}]),
            Some(json!([{"bark": 1, "is": "d"}, 5, {"is": "c"}])),
        ),
        ("Pets", json!([1]), None),
        (
            "Pair",
            json!([{"bark": 1}, {"bark": 1}]),
            Some(json!([{"bark": 1}, {"bark": 1, "is": "d"}])),
        ),
        (
            "Pair",
            json!([1, 2, [{"bark": 1}]]),
            Some(json!([1, 2, [{"bark": 1, "is": "d"}]])),
        ),
        ("Map", json!({"none": {"bark": 1}}), None),
        (
            "Map",
            json!({"a": {"bark": 1}}),
            Some(json!({"a": {"bark": 1, "is": "d"}})),
        ),
        (
            "Home",
            json!({"pet": {"bark": 1}, "x": 1}),
            Some(json!({"pet": {"bark": 1, "is": "d"}, "x": 1})),
        ),
        ("Plain", json!({"bark": 1}), None),
    ] {
        assert_eq!(tagged(name, &value, 0), expected, "{name} {value}");
    }
}

#[test]
fn it_is_put_in_in_every_way() {
    let both = json!({"claws": 1, "bark": 1});
    let tags: Vec<_> = (0..4)
        .map(|nth| tagged("Pet", &both, nth).map(|it| it["is"].clone()))
        .collect();
    assert_eq!(tags, [Some(json!("c")), Some(json!("d")), None, None]);
    // Where one of two has fewer ways, its last one stays.
    let pets = json!([{"claws": 1}, {"claws": 1, "bark": 1}]);
    let last = tagged("Pets", &pets, 1).expect("a second way");
    assert_eq!(
        last,
        json!([{"claws": 1, "is": "c"}, {"claws": 1, "bark": 1, "is": "d"}])
    );
    assert_eq!(tagged("Pets", &pets, 2), None);
}
