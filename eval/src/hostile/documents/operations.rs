//! Documents with very many operations, or with very many parts in one.

use serde_json::{Map, Value, json};

use super::schemas::{alternatives, diamonds, long_array, many_properties, two_required};
use super::{Host, Hostile, in_bank, large, leaf, linked, schema, whole};

/// Lists in which each entry is compared for each entry of another list.
pub(super) fn multiplied() -> Vec<Hostile> {
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

/// Small parts that the parts of many operations reach or repeat.
pub(super) fn reached() -> Vec<Hostile> {
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

pub(super) fn parameters(changed: bool) -> Value {
    let one = |index: usize| json!({"name": format!("q{index}"), "in": "query", "schema": leaf(!changed)});
    (0..5_000).map(one).collect()
}

/// Many parts of one kind in an operation.
pub(super) fn many() -> Vec<Hostile> {
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
pub(super) fn judged() -> Vec<Hostile> {
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

/// Callbacks that many operations share.
pub(super) fn calling() -> Hostile {
    whole(
        "100 callbacks that 1,000 operations share",
        Host::Any,
        |document, changed| {
            let call = |it: usize| {
                let body = json!({"content": {"application/json": {"schema": leaf(changed)}}});
                let call = json!({"post": {"requestBody": body, "responses": {"200": {"description": ""}}}});
                (format!("{{$request.body#/u{it}}}"), call)
            };
            let calls: Map<String, Value> = (0..10).map(call).collect();
            let callbacks = (0..100).map(|it| (format!("C{it}"), json!(calls)));
            document["components"]["callbacks"] = callbacks.collect();
            let at = |it: usize| json!({"$ref": format!("#/components/callbacks/C{it}")});
            let shared: Map<String, Value> = (0..100).map(|it| (format!("c{it}"), at(it))).collect();
            for index in 0..1_000 {
                let operation = json!({"callbacks": shared, "responses": {"200": {"description": ""}}});
                document["paths"][format!("/o{index}")] = json!({"post": operation});
            }
        },
    )
}

/// A component with thousands of changes, which thousands of operations reach.
pub(super) fn shared() -> Vec<Hostile> {
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

/// Parts that thousands of operations share, or that each of them is compared with.
pub(super) fn repeated() -> Vec<Hostile> {
    let answered = |answers: &Value| json!({"get": {"responses": answers}});
    vec![
        whole(
            "50 headers of 100 answers of 500 operations",
            Host::Any,
            move |document, changed| {
                let header = |it: usize| (format!("X-{it}"), json!({"schema": leaf(changed)}));
                let headers: Map<String, Value> = (0..50).map(header).collect();
                document["components"]["responses"] = json!({"R": {"description": "", "headers": headers}});
                let at = |it: usize| (it.to_string(), json!({"$ref": "#/components/responses/R"}));
                let answers = (200..300).map(at).collect();
                let path = |it: usize| (format!("/o{it}"), answered(&answers));
                document["paths"] = (0..500).map(path).collect();
            },
        ),
        whole(
            "10,000 operations beside 10,000 paths that lead nowhere",
            Host::Any,
            move |document, changed| {
                for it in 0..10_000 {
                    document["paths"][format!("/r{it}/{{x}}")] = json!({"$ref": format!("./gone{it}.json")});
                    document["paths"][format!("/{changed}{it}/x")] = answered(&json!({}));
                }
            },
        ),
        whole("20,000 methods of a path", Host::Any, |document, changed| {
            document["openapi"] = "3.2.0".into();
            let method = |it: usize| (format!("M{it}{changed}"), json!({"responses": {}}));
            let methods: Map<String, Value> = (0..20_000).map(method).collect();
            document["paths"]["/o"] = json!({"additionalOperations": methods});
        }),
        whole(
            "225 servers of each of 3,000 operations",
            Host::Any,
            move |document, changed| {
                let values: Vec<String> = (0..15 + usize::from(changed))
                    .map(|it| format!("v{it}"))
                    .collect();
                let variable = json!({"default": "v0", "enum": values});
                let server =
                    json!({"url": "https://{a}.{b}.x/{c}", "variables": {"a": variable, "b": variable}});
                for it in 0..3_000 {
                    let mut item = answered(&json!({}));
                    item["servers"] = json!([server]);
                    document["paths"][format!("/o{it}")] = item;
                }
            },
        ),
    ]
}

/// Documents that the replay and the generator of Rust code must handle, too.
pub(super) fn replayed() -> Vec<Hostile> {
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
