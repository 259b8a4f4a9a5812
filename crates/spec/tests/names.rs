//! Names that collide in Rust: each document is refused with both places, or each name occurs once in its code.

use std::collections::BTreeSet;

use ratio_spec::{Error, ErrorKind, Pin, Source, generate, prepare, select};
use serde_json::{Value, json};
use syn::{FnArg, ImplItem, Item, Pat};

/// The client for `POST /a/{id}`, whose response is the schema `A`.
fn client_with(document: &Value, pin: &str) -> Result<String, Error> {
    let source = Source::from_bytes("doc.json", document.to_string().into_bytes())?;
    let head = format!(
        "[document]\nfile = \"doc.json\"\nsource = \"https://d.example\"\nretrieved = \"now\"\nsha256 = \"{}\"\n\
         [[operation]]\nmethod = \"POST\"\npath = \"/a/{{id}}\"\nname = \"read_a\"\n",
        source.sha256()
    );
    let pin = Pin::parse("pin.toml", &format!("{head}{pin}"))?;
    generate(&prepare(&source, select(&source, &pin)?, &pin)?)
}

fn client(document: &Value) -> Result<String, Error> {
    client_with(document, "")
}

fn document(schemas: &Value) -> Value {
    json!({
        "openapi": "3.0.0",
        "info": { "title": "Names", "version": "1" },
        "paths": { "/a/{id}": { "post": {
            "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
            "responses": { "200": {
                "description": "A",
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/A" } } },
            } },
        } } },
        "components": { "schemas": schemas },
    })
}

/// A document whose schema `A` refers to each of `schemas`.
fn with_schemas(schemas: &[(&str, Value)]) -> Value {
    let mut all = json!({ "A": { "type": "object", "properties": {} } });
    for (index, (name, schema)) in schemas.iter().enumerate() {
        all[name] = schema.clone();
        all["A"]["properties"][format!("p{index}")] =
            json!({ "$ref": format!("#/components/schemas/{name}") });
    }
    document(&all)
}

fn object() -> Value {
    json!({ "type": "object", "required": ["n"], "properties": { "n": { "type": "integer" } } })
}

/// A document whose operation has additional parameters, given by location and name.
fn with_parameters(list: &[(&str, &str)]) -> Value {
    let mut document = with_schemas(&[]);
    let parameters = document["paths"]["/a/{id}"]["post"]["parameters"]
        .as_array_mut()
        .unwrap();
    for (location, name) in list {
        parameters.push(json!({ "name": name, "in": location, "schema": { "type": "string" } }));
    }
    document
}

/// Asserts that a document is refused, with both places.
fn refused(document: &Value, places: [&str; 2]) {
    let error = client(document).expect_err(&format!("{places:?} have one name"));
    assert_eq!(error.kind(), ErrorKind::Name, "{error}");
    for place in places {
        assert!(
            error.to_string().contains(&format!("#{place}")),
            "{place}: {error}"
        );
    }
}

fn add(names: &mut BTreeSet<String>, name: &str) {
    assert!(names.insert(name.to_owned()), "{name} is there twice");
}

/// The names of types, fields, variants and constants in some code. Asserts that each of them occurs once. This parses
/// the code with rules of its own.
fn names_once(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    module("", &syn::parse_file(code).unwrap().items, &mut names);
    names
}

fn module(path: &str, items: &[Item], names: &mut BTreeSet<String>) {
    for item in items {
        match item {
            Item::Mod(item) => {
                let content = &item.content.as_ref().unwrap().1;
                module(&format!("{path}{}::", item.ident), content, names);
            }
            Item::Struct(item) => {
                add(names, &format!("{path}{}", item.ident));
                for field in item.fields.iter().filter_map(|field| field.ident.as_ref()) {
                    add(names, &format!("{path}{}.{field}", item.ident));
                }
            }
            Item::Enum(item) => {
                add(names, &format!("{path}{}", item.ident));
                for variant in &item.variants {
                    add(names, &format!("{path}{}.{}", item.ident, variant.ident));
                }
            }
            Item::Macro(item) => {
                // The form is `#[doc = ""] Name { #[doc = ""] CONSTANT = "value" , … }`.
                let text = item.mac.tokens.to_string();
                let (head, values) = text.rsplit_once('{').unwrap();
                let name = head.split_whitespace().last().unwrap();
                add(names, &format!("{path}{name}"));
                let words: Vec<_> = values.split_whitespace().collect();
                for pair in words
                    .windows(2)
                    .filter(|pair| pair[1] == "=" && pair[0] != "[doc")
                {
                    add(names, &format!("{path}{name}.{}", pair[0]));
                }
            }
            Item::Impl(item) if item.trait_.is_none() => {
                for member in &item.items {
                    if let ImplItem::Fn(method) = member {
                        arguments(method.sig.inputs.iter());
                    }
                }
            }
            _ => {}
        }
    }
}

fn arguments<'a>(inputs: impl Iterator<Item = &'a FnArg>) {
    let mut names = BTreeSet::new();
    for input in inputs {
        if let FnArg::Typed(input) = input
            && let Pat::Ident(name) = &*input.pat
        {
            add(&mut names, &name.ident.to_string());
        }
    }
}

#[test]
fn schemas_of_one_type_name_are_refused_with_both_places() {
    for [first, second] in [
        ["a-b", "a_b"],
        ["FooBar", "foo_bar"],
        ["Error", "error"],
        ["+", "-"],
        ["1st", "x1st"],
        ["Self", "Self_"],
        ["\u{ac00}", "\u{1100}\u{1161}"],
    ] {
        let text = json!({ "type": "string" });
        let closed = json!({ "type": "string", "enum": ["x"] });
        for schema in [object(), text, closed] {
            let document = with_schemas(&[(first, object()), (second, schema)]);
            let places = [first, second].map(|name| format!("/components/schemas/{name}"));
            refused(&document, [&places[0], &places[1]]);
        }
    }
}

#[test]
fn properties_of_one_field_name_are_refused_with_both_places() {
    let text = json!({ "type": "string" });
    for [first, second] in [
        ["a-b", "a_b"],
        ["fooBar", "foo_bar"],
        ["type", "type_"],
        ["+", "-"],
        ["Error", "error"],
    ] {
        let mut whole = object();
        whole["properties"][first] = text.clone();
        whole["properties"][second] = text.clone();
        let place = |name| format!("/components/schemas/B/properties/{name}");
        refused(&with_schemas(&[("B", whole)]), [&place(first), &place(second)]);

        let part = |name: &str| json!({ "type": "object", "properties": { name: text } });
        let merged = json!({ "allOf": [part(first), part(second)] });
        let place = |index, name| format!("/components/schemas/B/allOf/{index}/properties/{name}");
        refused(
            &with_schemas(&[("B", merged)]),
            [&place(0, first), &place(1, second)],
        );
    }
    let mut open = object();
    open["properties"]["extra"] = text.clone();
    open["additionalProperties"] = text;
    let error = client(&with_schemas(&[("B", open)])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Name, "{error}");
    assert!(error.to_string().contains("#/components/schemas/B"), "{error}");
}

#[test]
fn values_of_one_variant_name_are_refused_with_both_places() {
    let body = |values: &[&str]| {
        let mut document = with_schemas(&[]);
        document["paths"]["/a/{id}"]["post"]["requestBody"] = json!({ "content": { "application/json": {
            "schema": { "$ref": "#/components/schemas/Sent" },
        } } });
        document["components"]["schemas"]["Sent"] =
            json!({ "type": "object", "properties": { "kind": { "type": "string", "enum": values } } });
        document
    };
    let kind = "/components/schemas/Sent/properties/kind";
    for values in [["a-b", "a_b"], ["+", "-"], ["x", "X"]] {
        let place = |index| format!("{kind}/enum/{index}");
        refused(&body(&values), [&place(0), &place(1)]);
    }
    let place = |value| format!("{kind}/variant/{value}");
    refused(
        &body(&["\u{ac00}", "\u{1100}\u{1161}"]),
        [&place("\u{ac00}"), &place("\u{1100}\u{1161}")],
    );
    for values in [
        &["FooBar", "foo_bar"][..],
        &["a", "a"],
        &["Self", "self_", "", "1", "Ok"],
    ] {
        names_once(&client(&body(values)).unwrap());
    }
}

#[test]
fn parameters_of_one_argument_name_are_refused_with_both_places() {
    let place = |index| format!("/paths/~1a~1{{id}}/post/parameters/{index}");
    for list in [
        [("query", "a-b"), ("query", "a_b")],
        [("query", "date<"), ("query", "date>")],
        [("query", "+"), ("query", "-")],
        [("header", "X-Id"), ("query", "x_id")],
        [("query", "self"), ("query", "self_")],
        // The generator would drop one of two parameters that differ only in their location.
        [("query", "limit"), ("header", "limit")],
    ] {
        refused(&with_parameters(&list), [&place(1), &place(2)]);
    }
    refused(&with_parameters(&[("query", "id")]), [&place(0), &place(1)]);

    let mut shared = with_parameters(&[("query", "user-id")]);
    shared["paths"]["/a/{id}"]["parameters"] = json!([{ "$ref": "#/components/parameters/User" }]);
    shared["components"]["parameters"] =
        json!({ "User": { "name": "user_id", "in": "query", "schema": { "type": "string" } } });
    refused(&shared, ["/paths/~1a~1{id}/parameters/0", &place(1)]);
}

#[test]
fn a_parameter_beside_the_body_and_one_that_the_method_uses_are_refused() {
    let mut body = with_parameters(&[("query", "body")]);
    body["paths"]["/a/{id}"]["post"]["requestBody"] =
        json!({ "content": { "application/json": { "schema": { "type": "object" } } } });
    let place = "/paths/~1a~1{id}/post/parameters/1";
    refused(&body, ["/paths/~1a~1{id}/post/requestBody", place]);
    for name in ["header_map", "encode-path"] {
        let error = client(&with_parameters(&[("query", name)])).unwrap_err();
        assert_eq!(error.place(), format!("doc.json#{place}"), "{error}");
    }
}

#[test]
fn a_parameter_of_the_operation_overrides_that_of_the_path() {
    let mut document = with_parameters(&[("query", "user")]);
    document["paths"]["/a/{id}"]["parameters"] =
        json!([{ "name": "user", "in": "query", "schema": { "type": "integer" } }]);
    names_once(&client(&document).unwrap());
}

#[test]
fn inline_schemas_of_one_title_have_types_of_their_own() {
    let titled = |property: &str| json!({ "title": "Thing", "type": "object", "properties": { property: { "type": "string" } } });
    let whole = json!({ "type": "object", "properties": { "x": titled("a"), "y": titled("b") } });
    let names = names_once(&client(&with_schemas(&[("B", whole), ("Thing", object())])).unwrap());
    for field in ["types::BX.a", "types::BY.b", "types::Thing.n"] {
        assert!(names.contains(field), "{field}: {names:?}");
    }
    let either = json!({ "oneOf": [titled("a"), titled("b")] });
    let names = names_once(&client(&with_schemas(&[("B", either), ("Thing", object())])).unwrap());
    assert!(names.contains("types::Thing.n"), "{names:?}");
    for variant in ["types::B.Variant0", "types::B.Variant1"] {
        assert!(names.contains(variant), "{variant}: {names:?}");
    }
}

#[test]
fn an_inline_schema_whose_place_gives_the_name_of_another_type_gets_its_own() {
    let inline =
        |property: &str| json!({ "type": "object", "properties": { property: { "type": "string" } } });
    let holds = |name: &str, schema: Value| json!({ "type": "object", "properties": { name: schema } });
    let cases = [
        // A component and an inline schema, in either order.
        (
            [("B", holds("item", inline("z"))), ("BItem", object())],
            ["types::BItem.n", "types::BItemInline.z"],
        ),
        (
            [
                ("D_item", object()),
                ("E", json!({ "allOf": [holds("item", inline("z"))] })),
            ],
            ["types::DItem.n", "types::EItem.z"],
        ),
        (
            [("C_Item", object()), ("C", holds("item", inline("z")))],
            ["types::CItem.n", "types::CItemInline.z"],
        ),
        // Two inline schemas, for both of which the generator would use the first type.
        (
            [
                ("B", holds("cd_e", inline("y"))),
                ("B_cd", holds("e", inline("z"))),
            ],
            ["types::BCdE.z", "types::BCdEInline.y"],
        ),
    ];
    for (schemas, fields) in cases {
        let code = client(&with_schemas(&schemas)).unwrap();
        let names = names_once(&code);
        for field in fields {
            assert!(names.contains(field), "{field}: {names:?}");
        }
    }
}

#[test]
fn inline_schemas_of_an_operation_get_types_of_their_own() {
    let inline =
        |property: &str| json!({ "type": "object", "properties": { property: { "type": "string" } } });
    let content = |schema: Value| json!({ "application/json": { "schema": schema } });
    let mut document = with_schemas(&[("ReadABody", object()), ("ReadAResponse", object())]);
    let a = document["components"]["schemas"]["A"].clone();
    let mut answer = inline("answered");
    answer["properties"]["a"] = a;
    let operation = &mut document["paths"]["/a/{id}"]["post"];
    operation["requestBody"] = json!({ "content": content(inline("sent")) });
    operation["responses"] = json!({ "200": { "description": "", "content": content(answer) } });
    let names = names_once(&client(&document).unwrap());
    for field in [
        "types::ReadABody.n",
        "types::ReadABodyInline.sent",
        "types::ReadAResponse.n",
        "types::ReadAResponseInline.answered",
    ] {
        assert!(names.contains(field), "{field}: {names:?}");
    }
}

#[test]
fn open_enums_of_one_name_are_not_mixed_up() {
    let of = |name: &str, value: &str| json!({ "type": "object", "properties": { name: { "type": "string", "enum": [value] } } });
    let document = with_schemas(&[
        ("B", of("c_d", "x")),
        ("B_c", of("d", "y")),
        (
            "e_f",
            json!({ "type": "string", "enum": ["Ok", "ok", "VALUE_0", "2", "+"] }),
        ),
    ]);
    let names = names_once(&client(&document).unwrap());
    let enums: Vec<_> = names.iter().filter(|name| name.starts_with("enums::")).collect();
    assert_eq!(
        enums,
        [
            "enums::BCD",
            "enums::BCD.X",
            "enums::BCDValue",
            "enums::BCDValue.Y",
            "enums::EF",
            "enums::EF.V2",
            "enums::EF.VALUE_0",
            "enums::EF.VALUE_0_",
            "enums::EF.VALUE_1",
            "enums::EF.VALUE_4"
        ]
    );
}

#[test]
fn a_type_of_the_pin_is_not_given_to_a_schema_of_its_name() {
    let whole = json!({ "type": "object", "properties": {
        "id": { "type": "string" }, "kind": { "type": "string", "enum": ["x"] },
    } });
    let document = with_schemas(&[("B", whole), ("wallet_id", object())]);
    for (entry, place) in [
        ("[domain-types]\n\"B.id\"", "#/components/schemas/B/properties/id"),
        ("[enum-names]\n\"B.kind\"", "[enum-names] calls \"B.kind\""),
    ] {
        let error = client_with(&document, &format!("{entry} = \"WalletId\"\n"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("#/components/schemas/wallet_id"), "{error}");
        assert!(error.contains(place), "{error}");
    }
}

#[test]
fn names_that_rust_gives_already_are_kept_as_far_as_they_compile() {
    let long = "L".repeat(10_000);
    let names = [
        "Vec", "Option", "Self", "Some", "None", "Default", "Result", "Box", "名前", "1st", "", &long,
    ];
    let schemas = names.map(|name| (name, json!({ "type": "string" })));
    names_once(&client(&with_schemas(&schemas)).unwrap());
    for name in ["Ok", "Err", "String"] {
        names_once(&client(&with_schemas(&[(name, object())])).unwrap());
    }
    // A tuple struct hides the function with its name, and numbers are parsed from a `String`.
    for name in ["Ok", "Err", "String"] {
        let number = json!({ "type": "integer" });
        let error = client(&with_schemas(&[(name, number.clone()), ("N", number)])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Name, "{error}");
        assert_eq!(error.place(), format!("doc.json#/components/schemas/{name}"));
    }
}

#[test]
fn a_long_name_leaves_both_places_readable() {
    let long = "l".repeat(10_000);
    let (first, second) = (format!("{long}-a"), format!("{long}_a"));
    let error = client(&with_schemas(&[(&first, object()), (&second, object())]))
        .unwrap_err()
        .to_string();
    assert!(
        error.len() < 2_000 && error.contains("-a: this and #") && error.contains("_a would both be"),
        "{error}"
    );
}

#[test]
fn extensions_of_the_generator_are_left_out() {
    let mut document = with_parameters(&[("query", "limit"), ("query", "page_token")]);
    let operation = &mut document["paths"]["/a/{id}"]["post"];
    operation["x-dropshot-pagination"] = json!({ "required": [] });
    operation["x-dropshot-websocket"] = json!({});
    let code = client(&document).unwrap();
    assert!(
        !code.contains("read_a_stream") && !code.contains("base64"),
        "{code}"
    );
}

fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                places(
                    value,
                    &format!("{at}/{}", openapi_document::pointer::escape(key)),
                    all,
                );
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), all);
            }
        }
        _ => {}
    }
}

/// For any value in any place, the result is an error with a message or a client, but never a panic.
#[test]
fn no_value_in_no_place_makes_a_step_panic() {
    let list = json!({ "type": "object", "required": ["d"], "properties": { "d": {
        "type": "array", "items": { "oneOf": [{ "$ref": "#/components/schemas/B" }, { "type": "integer" }] },
    } } });
    let mut whole = with_schemas(&[("B", json!({ "type": "string", "enum": ["x"] })), ("C", list)]);
    whole["paths"]["/a/{id}"]["parameters"] =
        json!([{ "name": "q", "in": "query", "schema": { "type": "string" } }]);
    whole["paths"]["/a/{id}"]["post"]["requestBody"] =
        json!({ "content": { "application/json": { "schema": { "$ref": "#/components/schemas/C" } } } });
    client(&whole).unwrap();
    let mut all = Vec::new();
    places(&whole, "", &mut all);
    for place in all.iter().filter(|place| !place.is_empty()) {
        for other in [
            json!(null),
            json!(1),
            json!("x"),
            json!([]),
            json!([1]),
            json!({}),
            json!({ "x": 1 }),
            json!(true),
        ] {
            let mut document = whole.clone();
            *document.pointer_mut(place).unwrap() = other;
            if let Ok(code) = client(&document) {
                names_once(&code);
            }
        }
    }
}

#[test]
fn an_operation_that_is_no_object_is_told_as_such() {
    for (place, says) in [
        ("/paths/~1a~1{id}/post", "operation"),
        ("/paths/~1a~1{id}", "path item"),
    ] {
        for other in [json!("x"), json!(1), json!([]), json!(null)] {
            let mut document = with_schemas(&[]);
            *document.pointer_mut(place).unwrap() = other;
            let error = client(&document).unwrap_err();
            assert_eq!(error.place(), format!("doc.json#{place}"), "{error}");
            let says = format!("the {says} here is not an object");
            assert!(error.to_string().contains(&says), "{error}");
        }
    }
}
