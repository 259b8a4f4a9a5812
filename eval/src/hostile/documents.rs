//! The hostile documents, each built around one part whose cost grows faster than its text.

use std::fmt;

use serde_json::{Map, Value, json};

/// The pinned document, by which the bank's operations are called.
const PINNED: &str = include_str!("../../../spec/api-docs.json");

#[derive(Clone, Copy, Debug)]
pub(super) enum Direction {
    Request,
    Answer,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "request",
            Self::Answer => "answer",
        })
    }
}

/// The document into which the hostile part is inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// One operation, compared without replay.
    Any,
    /// The pinned document: its operations are replayed, and Rust code for callers is generated from it.
    Bank,
}

/// One kind of hostile document.
pub(super) struct Hostile {
    pub(super) name: String,
    pub(super) host: Host,
    /// Whether the document is nested deeper than the limit, so that refusing it is correct.
    pub(super) too_deep: bool,
    /// Whether the document is small enough for an unoptimized build.
    pub(super) is_small: bool,
    part: Part,
}

enum Part {
    Schema(Box<dyn Fn(bool) -> Schema>),
    /// Changes the whole document, in one direction only.
    Document(Box<Change>),
}

/// Makes a document hostile. The flag requests the second of two documents that differ in a leaf.
type Change = dyn Fn(&mut Value, bool);

/// A schema, and the components that it refers to.
struct Schema {
    root: Value,
    components: Map<String, Value>,
}

impl From<Value> for Schema {
    fn from(root: Value) -> Self {
        Self {
            root,
            components: Map::new(),
        }
    }
}

/// The innermost schema, which differs in the second of two documents.
fn leaf(changed: bool) -> Value {
    json!({"type": if changed { "integer" } else { "string" }})
}

fn tower(levels: usize, changed: bool, around: impl Fn(Value, usize) -> Value) -> Value {
    (0..levels).fold(leaf(changed), around)
}

/// Component `L{level}`, or the leaf after the last one.
fn level(level: usize) -> Value {
    json!({"$ref": format!("#/components/schemas/L{level}")})
}

/// `levels` components, each built around a reference to the next one.
fn chain(levels: usize, changed: bool, around: impl Fn(Value) -> Value) -> Schema {
    let mut components: Map<String, Value> = (0..levels)
        .map(|index| (format!("L{index}"), around(level(index + 1))))
        .collect();
    components.insert(format!("L{levels}"), leaf(changed));
    Schema {
        root: level(0),
        components,
    }
}

pub(super) fn plain(host: Host) -> String {
    document(host).to_string()
}

fn document(host: Host) -> Value {
    match host {
        Host::Any => json!({
            "openapi": "3.1.0",
            "info": {"title": "t", "version": "1"},
            "paths": {"/a": {"post": {
                "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {}}}}},
                "responses": {"200": {
                    "description": "",
                    "content": {"application/json": {"schema": {"type": "object", "properties": {}}}},
                }},
            }}},
            "components": {"schemas": {}},
        }),
        Host::Bank => serde_json::from_str(PINNED).expect("the pinned document is JSON"),
    }
}

/// The host with the hostile part; `None` if a whole document is the same in both directions.
pub(super) fn holding(hostile: &Hostile, direction: Direction, changed: bool) -> Option<String> {
    let mut document = document(hostile.host);
    match &hostile.part {
        Part::Schema(make) => {
            let Schema { root, components } = make(changed);
            let at = match (hostile.host, direction) {
                (Host::Any, Direction::Request) => {
                    "/paths/~1a/post/requestBody/content/application~1json/schema/properties"
                }
                (Host::Any, Direction::Answer) => {
                    "/paths/~1a/post/responses/200/content/application~1json/schema/properties"
                }
                (Host::Bank, Direction::Request) => "/components/schemas/InitiateAchRequest/properties",
                (Host::Bank, Direction::Answer) => "/components/schemas/User/properties",
            };
            document.pointer_mut(at)?["x"] = root;
            document
                .pointer_mut("/components/schemas")?
                .as_object_mut()?
                .extend(components);
        }
        Part::Document(change) => match direction {
            Direction::Request => change(&mut document, changed),
            Direction::Answer => return None,
        },
    }
    Some(document.to_string())
}

fn schema<S: Into<Schema>>(name: impl Into<String>, make: impl Fn(bool) -> S + 'static) -> Hostile {
    Hostile {
        name: name.into(),
        host: Host::Any,
        too_deep: false,
        is_small: true,
        part: Part::Schema(Box::new(move |changed| make(changed).into())),
    }
}

/// A leaf inside `levels` schemas.
fn nested(
    name: impl Into<String>,
    levels: usize,
    around: impl Fn(Value, usize) -> Value + 'static,
) -> Hostile {
    schema(name, move |changed| tower(levels, changed, &around))
}

/// A leaf behind `levels` components, each of which refers to the next.
fn linked(name: impl Into<String>, levels: usize, around: impl Fn(Value) -> Value + 'static) -> Hostile {
    schema(name, move |changed| chain(levels, changed, &around))
}

fn whole(name: impl Into<String>, host: Host, change: impl Fn(&mut Value, bool) + 'static) -> Hostile {
    Hostile {
        name: name.into(),
        host,
        too_deep: false,
        is_small: true,
        part: Part::Document(Box::new(change)),
    }
}

fn in_bank(hostile: Hostile) -> Hostile {
    Hostile {
        host: Host::Bank,
        is_small: false,
        name: format!("{}, replayed", hostile.name),
        ..hostile
    }
}

fn large(hostile: Hostile) -> Hostile {
    Hostile {
        is_small: false,
        ..hostile
    }
}

pub(super) fn all() -> Vec<Hostile> {
    let mut all = applicators();
    all.extend(wide().into_iter().map(large));
    all.extend(chained().into_iter().map(large));
    all.extend(judged().into_iter().map(large));
    all.extend(many().into_iter().map(large));
    all.extend(shared().into_iter().map(large));
    all.extend(multiplied().into_iter().chain(computed()).map(large));
    all.extend(spread().into_iter().chain(reached()).map(large));
    all.extend(regular_expressions());
    all.extend(replayed());
    all
}

/// Lists in which each entry is compared for each entry of another list.
fn multiplied() -> Vec<Hostile> {
    let operations = |count: usize| -> Map<String, Value> {
        let operation = json!({"get": {"responses": {"204": {"description": ""}}}});
        (0..count)
            .map(|it| (format!("/b{it}"), operation.clone()))
            .collect()
    };
    vec![
        whole(
            "300 servers of 1,500 operations",
            Host::Any,
            move |document, changed| {
                let url = |it| json!({"url": format!("https://h{it}.{changed}.example/v{it}")});
                document["servers"] = (0..300).map(url).collect();
                document["paths"] = operations(1_500).into();
            },
        ),
        whole(
            "200 security requirements of 1,000 operations",
            Host::Any,
            move |document, changed| {
                let way = |it: usize| json!({format!("k{it}"): [], format!("k{}", (it + 1) % 200): []});
                document["security"] = (usize::from(changed)..200).map(way).collect();
                let scheme = |it| json!({"type": "apiKey", "in": "header", "name": format!("X-{it}")});
                let schemes: Map<String, Value> = (0..200).map(|it| (format!("k{it}"), scheme(it))).collect();
                document["components"]["securitySchemes"] = schemes.into();
                document["paths"] = operations(1_000).into();
            },
        ),
        whole(
            "a form of 2,000 parts with headers",
            Host::Any,
            |document, changed| {
                let names = || (0..2_000).map(|it| format!("p{it}"));
                let properties: Map<String, Value> = names().map(|it| (it, leaf(changed))).collect();
                let headers: Map<String, Value> = (0..5)
                    .map(|it| {
                        (
                            format!("h{it}"),
                            json!({"required": true, "schema": leaf(changed)}),
                        )
                    })
                    .collect();
                let encoding: Map<String, Value> =
                    names().map(|it| (it, json!({"headers": headers}))).collect();
                document["paths"]["/a"]["post"]["requestBody"] = json!({"required": true, "content": {"multipart/form-data": {
                    "schema": {"type": "object", "required": names().collect::<Vec<_>>(), "properties": properties},
                    "encoding": encoding,
                }}});
            },
        ),
        schema("250 alternatives of 30 properties", |changed| {
            let alternative = |it: usize| {
                let mut properties: Map<String, Value> = (0..30)
                    .map(|it| (format!("p{it}"), json!({"type": "array", "items": leaf(changed)})))
                    .collect();
                properties.insert(format!("k{it}"), leaf(changed));
                json!({"type": "object", "required": [format!("k{it}")], "properties": properties})
            };
            json!({"anyOf": (0..250).map(alternative).collect::<Vec<_>>()})
        }),
    ]
}

/// Patterns and numbers that take long to compute with.
fn computed() -> Vec<Hostile> {
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

/// Small parts that the parts of many operations reach or repeat.
fn reached() -> Vec<Hostile> {
    let own = |it: usize| json!({"$ref": format!("#/components/schemas/S{it}")});
    let content = |schema: Value| json!({"application/json": {"schema": schema}});
    vec![
        whole(
            "3,000 operations whose schemas are a circle",
            Host::Any,
            move |document, changed| {
                for it in 0..3_000 {
                    document["components"]["schemas"][format!("S{it}")] = json!({
                        "type": "object",
                        "properties": {"v": leaf(changed), "next": own((it + 1) % 3_000)},
                    });
                    document["paths"][format!("/o{it}")] = json!({"post": {
                        "requestBody": {"content": content(own(it))},
                        "responses": {"200": {"description": "", "content": content(own(it))}},
                    }});
                }
            },
        ),
        whole(
            "1,000 requirements of 50 keys of 2,000 operations",
            Host::Any,
            |document, changed| {
                let step = if changed { 7 } else { 8 };
                let key = |it: usize| (format!("k{}", it % 1_000), json!([]));
                let way = |it: usize| -> Value {
                    (0..50)
                        .map(|of| key(it * step + of))
                        .collect::<Map<_, _>>()
                        .into()
                };
                let scheme = |it| json!({"type": "apiKey", "in": "header", "name": format!("X-{it}")});
                let schemes: Map<String, Value> =
                    (0..1_000).map(|it| (format!("k{it}"), scheme(it))).collect();
                document["components"]["securitySchemes"] = schemes.into();
                document["security"] = (0..1_000).map(way).collect();
                for it in 0..2_000 {
                    document["paths"][format!("/o{it}")] =
                        json!({"get": {"responses": {"200": {"description": ""}}}});
                }
            },
        ),
        whole("40,000 operations", Host::Any, |document, _| {
            for it in 0..40_000 {
                document["paths"][format!("/o{it}")] =
                    json!({"get": {"responses": {"200": {"description": ""}}}});
            }
        }),
        schema("30,000 properties of different lengths", |changed| {
            let more = if changed { 30_000 } else { 1 };
            let properties: Map<String, Value> = (0..30_000)
                .map(|it| {
                    (
                        format!("p{it}"),
                        json!({"type": "string", "maxLength": it + more}),
                    )
                })
                .collect();
            json!({"type": "object", "properties": properties})
        }),
        schema("a pattern of 10,000,000 characters", |changed| {
            let letter = if changed { "x" } else { "y" };
            json!({"type": "string", "pattern": letter.repeat(10_000_000)})
        }),
    ]
}

/// Small parts that many others reach or repeat.
fn spread() -> Vec<Hostile> {
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

/// Nested applicators.
fn applicators() -> Vec<Hostile> {
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

fn alternatives(name: String, levels: usize) -> Hostile {
    nested(
        name,
        levels,
        |below, _| json!({"oneOf": [below, {"type": "null"}]}),
    )
}

fn diamonds() -> Hostile {
    linked(
        "allOf diamonds, 40 levels",
        40,
        |next| json!({"allOf": [next, {"allOf": [next]}]}),
    )
}

fn two_required() -> Hostile {
    let name = "two required properties that are both the next, 40 levels";
    linked(
        name,
        40,
        |next| json!({"type": "object", "required": ["a", "b"], "properties": {"a": next, "b": next}}),
    )
}

fn long_array() -> Hostile {
    nested(
        "an array of at least 1,000,000",
        1,
        |below, _| json!({"type": "array", "minItems": 1_000_000, "items": below}),
    )
}

fn many_properties() -> Hostile {
    schema("16,000 properties", |changed| {
        let properties: Map<String, Value> =
            (0..16_000).map(|it| (format!("p{it}"), leaf(changed))).collect();
        json!({"type": "object", "properties": properties})
    })
}

/// Long lists and large numbers.
fn wide() -> Vec<Hostile> {
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
            document["paths"]["/a"]["post"]["parameters"] = parameters(changed);
        }),
    ]
}

fn parameters(changed: bool) -> Value {
    let one = |index: usize| json!({"name": format!("q{index}"), "in": "query", "schema": leaf(!changed)});
    (0..5_000).map(one).collect()
}

/// Chains of references, each link a component.
fn chained() -> Vec<Hostile> {
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

/// Many parts of one kind in an operation.
fn many() -> Vec<Hostile> {
    let content = |changed: bool| json!({"schema": leaf(changed)});
    let post = "/paths/~1a/post";
    vec![
        whole("20,000 media types", Host::Any, move |document, changed| {
            let all: Map<String, Value> = (0..20_000)
                .map(|it| (format!("application/x{it}"), content(changed)))
                .collect();
            document["paths"]["/a"]["post"]["requestBody"]["content"] = all.into();
        }),
        whole("20,000 headers", Host::Any, move |document, changed| {
            let all: Map<String, Value> = (0..20_000)
                .map(|it| (format!("X-{it}"), content(changed)))
                .collect();
            document["paths"]["/a"]["post"]["responses"]["200"]["headers"] = all.into();
        }),
        whole("20,000 links", Host::Any, |document, changed| {
            let all: Map<String, Value> = (0..20_000)
                .map(|it| {
                    (
                        format!("l{it}"),
                        json!({"operationId": format!("x{it}{changed}")}),
                    )
                })
                .collect();
            document["paths"]["/a"]["post"]["responses"]["200"]["links"] = all.into();
        }),
        whole(
            "20,000 operations that are renamed",
            Host::Any,
            |document, changed| {
                for index in 0..20_000 {
                    document["paths"][format!("/{changed}{index}/x")] = json!({"get": {
                        "operationId": format!("o{index}"),
                        "responses": {"200": {"description": ""}},
                    }});
                }
            },
        ),
        whole("2,500 parameters in a path", Host::Any, |document, changed| {
            let path: String = (0..2_500).map(|it| format!("/{{p{it}}}")).collect();
            let one = |it: usize| json!({"name": format!("p{it}"), "in": "path", "required": true, "schema": leaf(changed)});
            document["paths"][path] = json!({"get": {
                "parameters": (0..2_500).map(one).collect::<Value>(),
                "responses": {"200": {"description": ""}},
            }});
        }),
        whole(
            "300 parameters below a path of 1,000,000 characters",
            Host::Any,
            |document, changed| {
                let one =
                    |it: usize| json!({"name": format!("q{it}"), "in": "query", "schema": leaf(changed)});
                document["paths"][format!("/{}", "x".repeat(1_000_000))] = json!({"get": {
                    "parameters": (0..300).map(one).collect::<Value>(),
                    "responses": {"200": {"description": ""}},
                }});
            },
        ),
        whole(
            "1,500 templates that match each other",
            Host::Any,
            |document, changed| {
                for it in 0..1_500 {
                    let name = if changed { "x" } else { "y" };
                    document["paths"][format!("/a/{name}{it}/b")] = json!({"get": {"responses": {}}});
                    document["paths"][format!("/a/{{p{it}}}/b")] = json!({"get": {
                        "parameters": [{"name": format!("p{it}"), "in": "path", "required": true,
                            "schema": {"type": "string", "pattern": format!("^x{it}")}}],
                        "responses": {},
                    }});
                }
            },
        ),
        whole(
            "an example of 1,000,000 members",
            Host::Any,
            move |document, changed| {
                let members: Map<String, Value> = (0..1_000_000)
                    .map(|it| (format!("p{it}"), changed.into()))
                    .collect();
                let at = format!("{post}/requestBody/content/application~1json");
                if let Some(media) = document.pointer_mut(&at) {
                    media["example"] = members.into();
                }
            },
        ),
    ]
}

/// Many parts that the judge looks at in each message.
fn judged() -> Vec<Hostile> {
    vec![
        whole("3,000 fields of a form", Host::Any, move |document, changed| {
            let names = || (0..3_000).map(|it| format!("p{it}"));
            let fields: Map<String, Value> = names().map(|name| (name, leaf(changed))).collect();
            let schema = json!({"required": names().collect::<Value>(), "properties": fields});
            document["paths"]["/a"]["post"]["requestBody"] =
                json!({"content": {"application/x-www-form-urlencoded": {"schema": schema}}});
        }),
        whole(
            "60 operations that are callbacks of each other",
            Host::Any,
            move |document, changed| {
                let callbacks: Map<String, Value> = (0..60)
                    .map(|it| {
                        (
                            format!("c{it}"),
                            json!({"{$request.body#/u}": {"$ref": format!("#/paths/~1o{it}")}}),
                        )
                    })
                    .collect();
                for index in 0..60 {
                    document["paths"][format!("/o{index}")] = json!({"post": {
                        "callbacks": callbacks,
                        "requestBody": {"content": {"application/json": {"schema": leaf(changed)}}},
                        "responses": {"200": {"description": ""}},
                    }});
                }
            },
        ),
        whole(
            "200 pairs of keys in each of 20 operations",
            Host::Any,
            |document, changed| {
                let key = |it: usize| format!("k{}", it % 200);
                let schemes: Map<String, Value> = (0..200)
                    .map(|it| {
                        (
                            key(it),
                            json!({"type": "apiKey", "in": "header", "name": format!("X-{it}")}),
                        )
                    })
                    .collect();
                document["components"]["securitySchemes"] = schemes.into();
                let next = if changed { 1 } else { 2 };
                for index in 0..20 {
                    let pair = |it: usize| json!({key(index + it): [], key(index + it + next): []});
                    document["paths"][format!("/o{index}")] = json!({"get": {
                        "security": (0..200).map(pair).collect::<Value>(),
                        "responses": {"200": {"description": ""}},
                    }});
                }
            },
        ),
    ]
}

/// A component with thousands of changes, which thousands of operations reach.
fn shared() -> Vec<Hostile> {
    let shared = |name: &str, property: fn(usize, bool) -> Value| {
        let name = format!("3,000 properties that 5,000 operations reach: {name}");
        whole(name, Host::Any, move |document, changed| {
            let properties: Map<String, Value> = (0..3_000)
                .map(|it| (format!("p{it}"), property(it, changed)))
                .collect();
            document["components"]["schemas"]["Shared"] = json!({"properties": properties});
            for index in 0..5_000 {
                let schema = json!({"$ref": "#/components/schemas/Shared"});
                let content = json!({"application/json": {"schema": schema}});
                document["paths"][format!("/o{index}")] = json!({"get": {
                    "responses": {"200": {"description": "", "content": content}},
                }});
            }
        })
    };
    vec![
        shared("other types", |_, changed| leaf(changed)),
        shared("a limit that is a text", |_, changed| {
            if changed {
                json!({"maxLength": "5"})
            } else {
                json!({})
            }
        }),
        shared("references that lead nowhere", |index, changed| {
            if changed {
                json!({"$ref": format!("#/components/schemas/P{index}")})
            } else {
                json!({})
            }
        }),
        shared(
            "references that never lead anywhere",
            |index, changed| json!({"$ref": format!("#/components/schemas/P{index}{changed}")}),
        ),
    ]
}

/// Patterns with more states than characters.
fn regular_expressions() -> Vec<Hostile> {
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

/// Documents that the replay and the generator of Rust code must handle, too.
fn replayed() -> Vec<Hostile> {
    vec![
        in_bank(alternatives("oneOf, 24 levels".to_owned(), 24)),
        in_bank(diamonds()),
        in_bank(two_required()),
        in_bank(long_array()),
        in_bank(many_properties()),
        in_bank(linked(
            "100,000 chained schemas",
            100_000,
            |next| json!({"type": "object", "properties": {"a": next}}),
        )),
        large(whole(
            "5,000 optional parameters, replayed",
            Host::Bank,
            |document, changed| {
                let at = "/paths/~1v1~1users~1{userId}~1activity/get/parameters";
                let list = document.pointer_mut(at).and_then(Value::as_array_mut);
                if let (Some(list), Value::Array(more)) = (list, parameters(changed)) {
                    list.extend(more);
                }
            },
        )),
    ]
}
