//! Hostile schemas.

use serde_json::{Map, Value, json};

use super::{Host, Hostile, Schema, chain, large, leaf, level, linked, nested, schema, whole};

/// Nested applicators.
pub(super) fn applicators() -> Vec<Hostile> {
    let mut all = Vec::new();
    for levels in [24, 110, 1_000] {
        let name = |what: &str| format!("{what}, {levels} levels");
        let in_place = [
            alternatives(name("oneOf"), levels),
            nested(
                name("oneOf that overlaps"),
                levels,
                |below, index| json!({"oneOf": [below, {"type": "string", "minLength": index}]}),
            ),
            nested(
                name("not of oneOf"),
                levels,
                |below, _| json!({"not": {"oneOf": [below, {"type": "null"}]}}),
            ),
        ];
        all.extend(in_place.map(|hostile| Hostile {
            too_deep: levels >= 1_000,
            ..hostile
        }));
        all.push(large(linked(
            name("oneOf with itself by reference"),
            levels,
            |next| json!({"oneOf": [next, {"not": next}, {"type": "array", "items": next}]}),
        )));
    }
    for levels in [12, 40, 100] {
        let name = |what: &str| format!("{what}, {levels} levels");
        all.extend([
            nested(name("anyOf beside unevaluatedProperties"), levels, |below, _| {
                json!({"anyOf": [below], "unevaluatedProperties": {"type": "string"}})
            }),
            nested(name("if beside unevaluatedProperties"), levels, |below, _| {
                json!({"if": below, "unevaluatedProperties": false})
            }),
            nested(name("dependentSchemas"), levels, |below, index| {
                json!({"properties": {format!("p{index}"): {}}, "dependentSchemas": {format!("p{index}"): below}})
            }),
            nested(name("dependentSchemas beside unevaluatedProperties"), levels, |below, index| {
                json!({"dependentSchemas": {format!("p{index}"): below}, "unevaluatedProperties": false})
            }),
        ]);
    }
    all.extend([
        diamonds(),
        linked(
            "anyOf diamonds, 40 levels",
            40,
            |next| json!({"anyOf": [next, {"properties": {"a": next}}]}),
        ),
        two_required(),
    ]);
    all
}

pub(super) fn alternatives(name: String, levels: usize) -> Hostile {
    nested(
        name,
        levels,
        |below, _| json!({"oneOf": [below, {"type": "null"}]}),
    )
}

pub(super) fn diamonds() -> Hostile {
    linked(
        "allOf diamonds, 40 levels",
        40,
        |next| json!({"allOf": [next, {"allOf": [next]}]}),
    )
}

pub(super) fn two_required() -> Hostile {
    let name = "two required properties that are both the next, 40 levels";
    linked(
        name,
        40,
        |next| json!({"type": "object", "required": ["a", "b"], "properties": {"a": next, "b": next}}),
    )
}

pub(super) fn long_array() -> Hostile {
    nested(
        "an array of at least 1,000,000",
        1,
        |below, _| json!({"type": "array", "minItems": 1_000_000, "items": below}),
    )
}

pub(super) fn many_properties() -> Hostile {
    schema("16,000 properties", |changed| {
        let properties: Map<String, Value> =
            (0..16_000).map(|it| (format!("p{it}"), leaf(changed))).collect();
        json!({"type": "object", "properties": properties})
    })
}

/// Long lists and large numbers.
pub(super) fn wide() -> Vec<Hostile> {
    vec![
        nested(
            "three nested arrays of at least 1,000",
            3,
            |below, _| json!({"type": "array", "minItems": 1_000, "items": below}),
        ),
        long_array(),
        schema(
            "a text of at least 100,000,000",
            |changed| json!({"type": "string", "minLength": 100_000_000_u64 + u64::from(changed)}),
        ),
        schema(
            "an object of at least 1,000,000",
            |changed| json!({"type": "object", "minProperties": 1_000_000, "additionalProperties": leaf(changed)}),
        ),
        schema("an enum of 100,000", |changed| {
            let values: Vec<String> = (0..100_000).map(|it| format!("{changed}{it}")).collect();
            json!({"enum": values})
        }),
        many_properties(),
        schema("1,200 alternatives", |changed| {
            let alternatives: Vec<Value> = (0..1_200)
                .map(|it| json!({"type": "object", "required": [format!("p{it}")], "properties": {format!("p{it}"): leaf(changed)}}))
                .collect();
            json!({"anyOf": alternatives})
        }),
        schema("1,200 alternatives of a oneOf", |changed| {
            let alternatives: Vec<Value> = (0..1_200)
                .map(|it| json!({"type": "object", "properties": {format!("p{it}"): leaf(changed)}}))
                .collect();
            json!({"oneOf": alternatives})
        }),
        schema("20,000 other names required", |changed| {
            let required: Vec<String> = (0..20_000).map(|it| format!("{changed}{it}")).collect();
            json!({"type": "object", "required": required})
        }),
        schema("1,000,000 required", |changed| {
            let required: Vec<String> = (0..1_000_000 + usize::from(changed))
                .map(|it| format!("p{it}"))
                .collect();
            json!({"type": "object", "required": required})
        }),
        whole("20,000 operations", Host::Any, |document, changed| {
            for index in 0..20_000 {
                document["paths"][format!("/o{index}")] = json!({"get": {
                    "parameters": [{"name": "q", "in": "query", "schema": leaf(!changed)}],
                    "responses": {"200": {"description": ""}},
                }});
            }
        }),
        whole("5,000 optional parameters", Host::Any, |document, changed| {
            document["paths"]["/a"]["post"]["parameters"] = super::operations::parameters(changed);
        }),
    ]
}

/// Chains of references, each link a component.
pub(super) fn chained() -> Vec<Hostile> {
    let links =
        |name: &str, around: fn(Value) -> Value| linked(format!("{name}, 20,000 links"), 20_000, around);
    vec![
        links("references", |next| next),
        links("allOf", |next| json!({"allOf": [next]})),
        links("anyOf", |next| json!({"anyOf": [next, {"type": "null"}]})),
        links("not", |next| json!({"not": next})),
        links("items", |next| json!({"type": "array", "items": next})),
        links(
            "properties",
            |next| json!({"type": "object", "properties": {"a": next}}),
        ),
        links(
            "required properties",
            |next| json!({"type": "object", "required": ["a"], "properties": {"a": next}}),
        ),
    ]
}

/// Names that many patterns may match.
pub(super) fn patterned() -> Vec<Hostile> {
    vec![
        schema("1,000 required names, and a pattern for each", |changed| {
            let patterns: Map<String, Value> =
                (0..1_000).map(|it| (format!("^x{it}"), leaf(changed))).collect();
            let names: Vec<String> = (0..1_000).map(|it| format!("x{it}")).collect();
            json!({"type": "object", "required": names, "patternProperties": patterns})
        }),
        schema("5,000 properties, and a pattern for each", |changed| {
            let patterns: Map<String, Value> =
                (0..5_000).map(|it| (format!("^x{it}$"), leaf(changed))).collect();
            let properties: Map<String, Value> = (0..5_000)
                .map(|it| (format!("x{it}"), json!({"type": "string"})))
                .collect();
            json!({"type": "object", "properties": properties, "patternProperties": patterns})
        }),
        schema("a discriminator of 20,000 tags", |changed| {
            let name = |it: usize| {
                if (it + usize::from(changed)).is_multiple_of(2) {
                    "A"
                } else {
                    "B"
                }
            };
            let at = |name: &str| format!("#/components/schemas/{name}");
            let mapping: Map<String, Value> = (0..20_000)
                .map(|it| (format!("m{it}"), json!(at(name(it)))))
                .collect();
            let kind = json!({"type": "object", "required": ["t"], "properties": {"t": {"type": "string"}}});
            Schema {
                root: json!({
                    "oneOf": [{"$ref": at("A")}, {"$ref": at("B")}],
                    "discriminator": {"propertyName": "t", "mapping": mapping},
                }),
                components: ["A", "B"]
                    .map(|it| (it.to_owned(), kind.clone()))
                    .into_iter()
                    .collect(),
            }
        }),
    ]
}

/// Small parts that many others reach or repeat.
pub(super) fn spread() -> Vec<Hostile> {
    const OPERATIONS: usize = 300;
    let answering = |schema: Value| json!({"get": {"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}}});
    vec![
        schema("2,000 schemas with an $anchor in a circle", |changed| {
            let node = |it: usize| {
                let next = if it < 2_000 {
                    json!({"$ref": format!("#A{}", it + 1)})
                } else {
                    leaf(changed)
                };
                let back = json!({"$ref": format!("#A{}", it / 2)});
                json!({"$anchor": format!("A{it}"), "type": "object", "properties": {"n": next, "m": back}})
            };
            let nodes: Map<String, Value> = (0..=2_000).map(|it| (format!("d{it}"), node(it))).collect();
            json!({"$id": "https://example.com/root", "$defs": nodes, "$ref": "#A0"})
        }),
        whole(
            "a form of 3,000 fields that are written in another style",
            Host::Any,
            |document, changed| {
                let names = || (0..3_000).map(|it| format!("p{it}"));
                let list = json!({"type": "array", "items": leaf(changed)});
                let properties: Map<String, Value> = names().map(|it| (it, list.clone())).collect();
                let style = if changed { "pipeDelimited" } else { "form" };
                let encoding: Map<String, Value> = names()
                    .map(|it| (it, json!({"style": style, "explode": false})))
                    .collect();
                document["paths"]["/a"]["post"]["requestBody"] = json!({"required": true, "content": {"application/x-www-form-urlencoded": {
                    "schema": {"type": "object", "properties": properties},
                    "encoding": encoding,
                }}});
            },
        ),
        whole(
            "300 schemas in a circle, in another version of OpenAPI",
            Host::Any,
            move |document, changed| {
                document["openapi"] = json!(if changed { "3.1.0" } else { "3.0.3" });
                let schemas = &mut document["components"]["schemas"];
                let own = |it: usize| json!({"$ref": format!("#/components/schemas/T{}", it % OPERATIONS)});
                for it in 0..OPERATIONS {
                    schemas[format!("T{it}")] =
                        json!({"type": "object", "properties": {"v": leaf(changed), "n": own(it + 1)}});
                }
                document["paths"] = (0..OPERATIONS)
                    .map(|it| (format!("/b{it}"), answering(own(it))))
                    .collect::<Map<_, _>>()
                    .into();
            },
        ),
        whole(
            "a chain of 900 references behind 3,000 parameters",
            Host::Any,
            |document, changed| {
                let Schema { components, .. } = chain(900, changed, |next| next);
                document["components"]["schemas"] = components.into();
                let list: Vec<Value> = (0..10)
                    .map(|it| json!({"name": format!("q{it}"), "in": "query", "schema": level(0)}))
                    .collect();
                let operation =
                    json!({"get": {"parameters": list, "responses": {"204": {"description": ""}}}});
                document["paths"] = (0..OPERATIONS)
                    .map(|it| (format!("/b{it}"), operation.clone()))
                    .collect::<Map<_, _>>()
                    .into();
            },
        ),
    ]
}

/// Patterns and numbers that take long to compute with.
pub(super) fn computed() -> Vec<Hostile> {
    vec![
        schema("200 patterns beside 3,000 properties", |changed| {
            let letter = |it: u8| char::from(b'a' + it % 26);
            let pattern = |it: u8| {
                (
                    format!("^.*{}.*{it}$", letter(it)),
                    json!({"type": leaf(changed)["type"], "maxLength": it, "maximum": it}),
                )
            };
            let property = |it: u32| {
                (
                    format!("{}{it}", letter(u8::try_from(it % 26).unwrap_or_default())),
                    leaf(changed),
                )
            };
            json!({
                "type": "object",
                "patternProperties": (0..200).map(pattern).collect::<Map<_, _>>(),
                "properties": (0..3_000).map(property).collect::<Map<_, _>>(),
            })
        }),
        schema("200 multiples of fractions with 300 digits", |changed| {
            let property = |it: u32| {
                let step = f64::from(2 * it + if changed { 3 } else { 5 }) * 1e-290;
                (
                    format!("p{it}"),
                    json!({"type": "number", "multipleOf": step, "minimum": 1}),
                )
            };
            json!({"type": "object", "properties": (0..200).map(property).collect::<Map<_, _>>()})
        }),
        schema("1,500 multiples of fractions", |changed| {
            let mut properties = Map::new();
            for it in 0..1_500_u32 {
                let least = f64::from(it) * if changed { 1.1 } else { 1.2 };
                let step = 0.0001 * f64::from(2 * it + 3);
                let number = json!({"type": "number", "multipleOf": step, "minimum": least, "maximum": 1e9});
                properties.insert(format!("p{it}"), number);
            }
            json!({"type": "object", "properties": properties})
        }),
    ]
}

/// Schemas that thousands of others share.
pub(super) fn repeated() -> Vec<Hostile> {
    let properties = |number: usize, property: &dyn Fn(usize) -> Value| {
        let properties = (0..number).map(|it| (format!("p{it}"), property(it)));
        json!({"type": "object", "properties": properties.collect::<Map<_, _>>()})
    };
    vec![
        schema("5,000 schemas that are all of each other", move |changed| {
            Schema {
                root: properties(5_000, &level),
                components: (0..5_000)
                    .map(|it| {
                        (
                            format!("L{it}"),
                            json!({"allOf": [level((it + 1) % 5_000), leaf(changed)]}),
                        )
                    })
                    .collect(),
            }
        }),
        schema("an enum of 3,000 in 5,000 properties", move |changed| {
            let longest = 5 + u8::from(changed);
            let values = (0..3_000).map(|it| format!("n{it}")).collect::<Value>();
            Schema {
                root: properties(5_000, &|_| json!({"allOf": [level(0), {"maxLength": longest}]})),
                components: Map::from_iter([("L0".to_owned(), json!({"enum": values}))]),
            }
        }),
        schema("8,000 tags of two schemas that list them", |changed| {
            let tag = |it: usize| format!("m{it}");
            let tags = (0..8_000).map(tag).collect::<Value>();
            let mapping: Map<String, Value> = (0..8_000)
                .map(|it| (tag(it), level((it + usize::from(changed)) % 2)["$ref"].clone()))
                .collect();
            let one = json!({"required": ["t"], "properties": {"t": {"enum": tags}, "v": leaf(changed)}});
            Schema {
                root: json!({
                    "oneOf": [level(0), level(1)],
                    "discriminator": {"propertyName": "t", "mapping": mapping},
                }),
                components: ["L0", "L1"]
                    .map(|it| (it.to_owned(), one.clone()))
                    .into_iter()
                    .collect(),
            }
        }),
        schema("200 discriminators that inherit from each other", |changed| {
            Schema {
                root: level(0),
                components: (0..200_usize)
                    .map(|it| {
                        let parent = it.checked_sub(1).map(level);
                        let schema = json!({
                            "allOf": parent.into_iter().collect::<Vec<_>>(),
                            "type": "object",
                            "required": ["t"],
                            "properties": {"t": {"type": "string"}, format!("x{it}"): leaf(changed)},
                            "discriminator": {"propertyName": "t"},
                        });
                        (format!("L{it}"), schema)
                    })
                    .collect(),
            }
        }),
    ]
}

/// Patterns with more states than characters.
pub(super) fn regular_expressions() -> Vec<Hostile> {
    let patterns = [
        ("^(a|b|ab)*c{500}$", "^(a|b|ab)*c{501}$"),
        ("^(.*a){30}$", "^(.*a){31}$"),
        (
            "^(([a-z]{1,100}){1,100}){1,100}$",
            "^(([a-y]{1,100}){1,100}){1,100}$",
        ),
        ("(a+)+$", "(a+)+b$"),
        ("^.*a.{20}$", "^.*b.{20}$"),
        ("^(\\p{L}{1,500}\\.){50}$", "^(\\p{N}{1,500}\\.){50}$"),
    ];
    let patterns = patterns.into_iter();
    patterns
        .map(|(one, other)| {
            schema(
                format!("pattern `{}`", one.replace('|', "\\|")),
                move |changed| json!({"type": "string", "pattern": if changed { other } else { one }}),
            )
        })
        .collect()
}
