//! Feature `fetch-spec`: the build script uses the document that `RATIO_API_DOCS` names, or the build fails.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Mutex;

use serde_json::{Value, json};

/// Builds the crate from `documents` with the cargo that runs this test. Returns whether it succeeded, and its output.
fn build_from(documents: &str) -> (bool, String) {
    let output = Command::new(env!("CARGO"))
        .args([
            "check",
            "--offline",
            "--lib",
            "--package",
            "ratio-bank",
            "--features",
            "fetch-spec",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("RATIO_API_DOCS", documents)
        .output()
        .unwrap();
    (
        output.status.success(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// Serves `answer` to each request, and returns the URL.
fn serve(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/api-docs", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&answer);
        }
    });
    url
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A file with the pinned document after a change of its schemas.
fn changed(change: impl Fn(&mut Value)) -> tempfile::NamedTempFile {
    let mut document: Value = serde_json::from_str(include_str!("../spec/api-docs.json")).unwrap();
    change(&mut document);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    serde_json::to_writer(&mut file, &document).unwrap();
    file.flush().unwrap();
    file
}

/// Adds schemas, and a property of the user that refers to each of them.
fn add_schemas<'a>(document: &mut Value, list: impl IntoIterator<Item = (&'a str, Value)>) {
    let schemas = &mut document["components"]["schemas"];
    for (name, schema) in list {
        schemas[name] = schema;
        let properties = schemas["User"]["properties"].as_object_mut().unwrap();
        let property = format!("added{}", properties.len());
        properties.insert(
            property,
            json!({ "$ref": format!("#/components/schemas/{name}") }),
        );
    }
}

fn get_user(document: &mut Value) -> &mut Value {
    &mut document["paths"]["/v1/users/{userId}"]["get"]
}

/// Odd but possible names, all in one document.
fn odd_names(document: &mut Value) {
    let text = json!({ "type": "string" });
    let object = |name: &str| json!({ "type": "object", "required": [name], "properties": { name: text } });
    let long = "L".repeat(10_000);
    let words = [
        "Option", "Self", "Some", "None", "Default", "Result", "Box", "From", "TryFrom", "名前", "1st", &long,
    ];
    add_schemas(document, words.map(|word| (word, text.clone())));
    let titled = |name: &str| {
        let mut titled = object(name);
        titled["title"] = "Thing".into();
        titled
    };
    add_schemas(
        document,
        [
            ("Ok", object("ok")),
            (
                "Err",
                json!({ "type": "string", "enum": ["Ok", "Some", "VALUE_1", "-", "+", "self"] }),
            ),
            ("Thing", titled("a")),
            (
                "Holder",
                json!({ "properties": { "x": titled("b"), "y": titled("c"), "z_Z": titled("d") } }),
            ),
            ("HolderX", object("e")),
            ("Holder_z", json!({ "properties": { "z": object("f") } })),
            (
                "either",
                json!({ "oneOf": [titled("g"), titled("h"), { "type": "integer" }] }),
            ),
            (
                "odd",
                json!({ "properties": { "type": text, "self": text, "Ok": text, "1": text, "größe": text, "": text } }),
            ),
        ],
    );
}

/// Enums and numbers in all places of a response.
fn odd_shapes(document: &mut Value) {
    let known = json!({ "type": "string", "enum": ["a", "b"] });
    let nullable = json!({ "type": "string", "nullable": true, "enum": ["a", null] });
    let list = |items: &Value| json!({ "type": "array", "items": items });
    let shapes = [
        ("ListOfEnum", list(&known)),
        (
            "MapOfEnum",
            json!({ "type": "object", "additionalProperties": nullable }),
        ),
        ("NullableEnum", nullable.clone()),
        (
            "ListOfNullable",
            list(&json!({ "$ref": "#/components/schemas/NullableEnum" })),
        ),
        (
            "AllOfEnum",
            json!({ "allOf": [{ "type": "string" }, { "enum": ["a"] }] }),
        ),
        ("OnlyEnum", json!({ "allOf": [known] })),
        (
            "OneOfConstants",
            json!({ "oneOf": [{ "enum": ["a"] }, { "enum": ["b"] }] }),
        ),
        ("KnownOrAny", json!({ "anyOf": [known, { "type": "string" }] })),
        (
            "EnumOrNumber",
            json!({ "anyOf": [known, { "type": "integer", "format": "int8" }] }),
        ),
        ("Prices", list(&json!({ "type": "number", "format": "float" }))),
    ];
    add_schemas(document, shapes);
}

/// A document from which no client can be built: its error, the change that makes it, and the expected messages.
type Refused = (&'static str, fn(&mut Value), &'static [&'static str]);

const REFUSED: &[Refused] = &[
    (
        "two schemas",
        |document| add_schemas(document, [("a-b", json!({})), ("a_b", json!({}))]),
        &["#/components/schemas/a-b", "#/components/schemas/a_b"],
    ),
    (
        "two schemas but for case",
        |document| add_schemas(document, [("error", json!({ "type": "object" }))]),
        &["#/components/schemas/Error", "#/components/schemas/error"],
    ),
    (
        "symbols only",
        |document| add_schemas(document, [("+", json!({})), ("*", json!({}))]),
        &["#/components/schemas/+", "#/components/schemas/*"],
    ),
    (
        "two properties",
        |document| {
            for name in ["a-b", "a_b"] {
                document["components"]["schemas"]["User"]["properties"][name] = json!({ "type": "string" });
            }
        },
        &[
            "#/components/schemas/User/properties/a-b",
            "#/components/schemas/User/properties/a_b",
        ],
    ),
    (
        "two parameters",
        |document| {
            let parameters = get_user(document)["parameters"].as_array_mut().unwrap();
            parameters.clear();
            for (location, name) in [("path", "userId"), ("query", "date<"), ("query", "date>")] {
                parameters.push(json!({
                    "name": name, "in": location, "required": location == "path", "schema": { "type": "string" },
                }));
            }
        },
        &[
            "#/paths/~1v1~1users~1{userId}/get/parameters/1",
            "#/paths/~1v1~1users~1{userId}/get/parameters/2",
        ],
    ),
    (
        "two values of a closed enum",
        |document| {
            document["components"]["schemas"]["InitiateAchRequest"]["properties"]["added"] =
                json!({ "type": "string", "enum": ["a-b", "a_b"] });
        },
        &["properties/added/enum/0", "properties/added/enum/1"],
    ),
    (
        "a name that the code needs",
        |document| add_schemas(document, [("Ok", json!({ "type": "string" }))]),
        &["#/components/schemas/Ok: this would be"],
    ),
    (
        "an operation that is no object",
        |document| *get_user(document) = json!("x"),
        &["the operation here is not an object"],
    ),
    (
        "a line break in a name",
        |document| {
            add_schemas(
                document,
                [
                    ("a\ncargo::rustc-env=A=B", json!({})),
                    ("a cargo rustc env a b", json!({})),
                ],
            );
        },
        &["cargo::rustc-env=A=B: this and #"],
    ),
    (
        "a type without end",
        |document| {
            let schemas = &mut document["components"]["schemas"];
            let wallet = json!({ "$ref": "#/components/schemas/Wallet" });
            let item = json!({ "$ref": "#/components/schemas/ActivityItemCrypto" });
            schemas["Wallet"] = json!({ "type": "object", "additionalProperties": item });
            schemas["Error"]["properties"]["code"] =
                json!({ "allOf": [wallet, { "type": "object", "properties": { "z": wallet } }] });
        },
        &["the process that generates ended without an answer"],
    ),
];

#[test]
#[ignore = "builds the crate from many documents; cargo test --test fetch_spec -- --ignored"]
fn a_document_of_colliding_names_is_built_from_or_refused_with_both_places() {
    let _alone = ALONE.lock().unwrap();
    let path = |file: &tempfile::NamedTempFile| file.path().display().to_string();
    let odd = changed(|document| {
        odd_names(document);
        odd_shapes(document);
    });
    let (built, said) = build_from(&path(&odd));
    assert!(built, "{said}");
    for (what, change, places) in REFUSED {
        let (built, said) = build_from(&path(&changed(change)));
        assert!(!built, "{what}: {said}");
        for place in *places {
            assert!(said.contains(place), "{what}: {said}");
        }
        assert!(
            said.lines().any(|line| line.starts_with("error: ratio-bank@")),
            "{what}: {said}"
        );
        for backtrace in ["panicked at", "RUST_BACKTRACE", "stack backtrace", "overflowed"] {
            assert!(!said.contains(backtrace), "{what}: {said}");
        }
    }
}

/// Cargo allows one build at a time in its target folder.
static ALONE: Mutex<()> = Mutex::new(());

#[test]
#[ignore = "builds the crate eight times; cargo test --test fetch_spec -- --ignored"]
fn the_named_document_is_built_from_or_nothing_is() {
    let _alone = ALONE.lock().unwrap();
    let pinned = include_str!("../spec/api-docs.json");
    let other = pinned.replacen("Staging.", "Another description.", 1);
    assert_ne!(pinned, other);
    let (built, said) = build_from(&serve(answer("200 OK", &other)));
    assert!(built, "{said}");
    assert!(said.contains("differs from the pin"), "{said}");

    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    for (documents, why) in [
        (serve(answer("503 Busy", "")), "503"),
        (
            serve(answer("302 Found\r\nlocation: https://elsewhere.example/", "")),
            "not followed",
        ),
        (serve(answer("200 OK", "<html>")), "not "),
        (serve(answer("200 OK", r#"{"swagger":"2.0"}"#)), "Swagger"),
        (closed, "could not be fetched"),
        ("http://api.example/v1/api-docs".to_owned(), "https"),
        ("no-such-file.json".to_owned(), "no-such-file.json"),
    ] {
        let (built, said) = build_from(&documents);
        assert!(!built, "{documents} must not fall back to the pin");
        assert!(said.contains(why), "{documents}: {said}");
    }
}
