//! What is read as a document, and what is refused with a clear error.

use std::fmt::Write as _;

use openapi_drift::{Document, DocumentError, Limits, Version};
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(text: &str) -> Result<Document, DocumentError> {
    Document::read(text.as_bytes())
}

#[test]
fn json_and_yaml_read_alike() {
    let json =
        read(r#"{"openapi":"3.1.0","paths":{"/a":{"get":{"responses":{"200":{"description":"x"}}}}}}"#)
            .unwrap();
    let yaml = read(
        "openapi: 3.1.0\npaths:\n  /a:\n    get:\n      responses:\n        200:\n          description: x\n",
    );
    let yaml = yaml.unwrap();
    assert_eq!(yaml.version(), Version::V3_1);
    assert_eq!(json.root(), yaml.root());
}

#[test]
fn yaml_is_read_as_yaml_1_2() {
    let document = read("openapi: 3.0.0\nx: [no, on, yes, 010, 1_000, ~, 1.0, 2022-11-30, .inf]\n").unwrap();
    assert_eq!(
        document.root()["x"],
        json!(["no", "on", "yes", "010", "1_000", null, 1.0, "2022-11-30", ".inf"])
    );
}

#[test]
fn yaml_anchors_and_merges_are_followed() {
    let document = read("openapi: 3.0.0\na: &a {b: 1}\nc: *a\nd:\n  <<: *a\n  e: 2\n").unwrap();
    assert_eq!(document.root()["c"], json!({"b": 1}));
    assert_eq!(document.root()["d"], json!({"b": 1, "e": 2}));
}

#[test]
fn a_yaml_bomb_is_an_error() {
    let mut bomb = String::from("openapi: 3.0.0\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let alias = format!("*a{}", i - 1);
        writeln!(bomb, "a{i}: &a{i} [{}]", [alias.as_str(); 9].join(", ")).unwrap();
    }
    assert!(matches!(read(&bomb), Err(DocumentError::NotYaml(_))));
}

#[test]
fn what_is_wrong_is_told_in_words_about_the_document() {
    let told = |bytes: &[u8]| Document::read(bytes).unwrap_err().to_string();
    let yaml = |text: &str| told(format!("openapi: 3.0.0\npaths: {{}}\n{text}").as_bytes());
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(told(&utf16), "not JSON: it is UTF-16; save it as UTF-8");
    assert_eq!(told(&[b"\xff\xfe".as_slice(), &utf16].concat()), told(&utf16));
    assert_eq!(
        told(b"<html><body>503: later</body></html>"),
        "not JSON: it begins with `<`, as web pages and XML do"
    );
    assert_eq!(
        yaml("x:\n  ? [a]\n  : 1\n"),
        "not YAML: a key is a list or a mapping at line 4, column 5"
    );
    assert_eq!(
        yaml("---\nx: 1\n"),
        "not YAML: a second document begins at line 3, column 1"
    );
    let deep = yaml(&format!("x: {}{}\n", "[".repeat(400), "]".repeat(400)));
    assert!(
        deep.starts_with("nested too deep: more than 256 levels at line 3"),
        "{deep}"
    );
    let mut bomb = String::from("a: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let alias = format!("*a{}", i - 1);
        writeln!(bomb, "a{i}: &a{i} [{}]", [alias.as_str(); 9].join(", ")).unwrap();
    }
    let bomb = yaml(&bomb);
    assert!(
        bomb.starts_with("not YAML: written out, what its aliases repeat is more than is read"),
        "{bomb}"
    );
}

#[test]
fn a_key_that_yaml_takes_for_null_is_a_name() {
    let document = read("openapi: 3.0.0\nx:\n  null: 1\n  true: 2\n  200: 3\n").unwrap();
    assert_eq!(document.root()["x"], json!({"null": 1, "true": 2, "200": 3}));
}

#[test]
fn swagger_2_is_named() {
    let error = read(r#"{"swagger":"2.0"}"#).unwrap_err().to_string();
    assert_eq!(
        error,
        "not an OpenAPI 3.0 or 3.1 document: it is Swagger 2.0; convert it to OpenAPI 3 first"
    );
}

#[test]
fn what_is_not_a_document_says_what_it_is() {
    for (text, why) in [
        ("", "it is empty"),
        ("{\"openapi\": ", "line 1 column 12"),
        ("[]", "it is not an object"),
        ("hello", "it is not an object"),
        ("{}", "no `openapi` field"),
        (r#"{"openapi":"4.0.0"}"#, "`openapi` is \"4.0.0\""),
        (
            r#"{"openapi":"3.2.0"}"#,
            "it is OpenAPI 3.2.0, of which the additions would go unseen",
        ),
        (r#"{"openapi":["3.0.0"]}"#, "`openapi` is not a string"),
        ("a: [b", "not YAML"),
        ("<!DOCTYPE html><html>", "it begins with `<`"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text:?}: {error}");
    }
}

#[test]
fn nesting_too_deep_is_an_error_with_its_place() {
    let deep = |n: usize| format!(r#"{{"openapi":"3.0.0","x":{}{}}}"#, "[".repeat(n), "]".repeat(n));
    assert!(read(&deep(200)).is_ok());
    let error = read(&deep(10_000)).unwrap_err();
    assert!(
        matches!(&error, DocumentError::TooDeep { at, limit: 256 } if at.starts_with("/x/0/0")),
        "{error}"
    );

    let yaml = format!("openapi: 3.0.0\nx: {}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(read(&yaml).is_err());
    let block: Vec<String> = (0..2_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    let block = block.concat();
    assert!(read(&format!("openapi: 3.0.0\n{block}")).is_err());

    let value = (0..100_000).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
    let error = Document::from_value(json!({"openapi": "3.0.0"}));
    assert!(error.is_ok());
    let Value::Object(mut root) = json!({"openapi": "3.0.0"}) else {
        unreachable!()
    };
    root.insert("x".to_owned(), value);
    assert!(matches!(
        Document::from_value(Value::Object(root)),
        Err(DocumentError::TooDeep { .. })
    ));
}

#[test]
fn size_is_bounded() {
    let limits = Limits {
        bytes: 30,
        ..Limits::default()
    };
    let error = Document::read_within(br#"{"openapi":"3.0.0","paths":{"/a":{}}}"#, &limits).unwrap_err();
    assert_eq!(error, DocumentError::TooLarge { bytes: 37, limit: 30 });
}

#[test]
fn duplicate_keys_are_noted_and_the_last_counts() {
    for text in [
        r#"{"openapi":"3.0.0","paths":{"/a":{"get":1,"get":2}}}"#,
        "openapi: 3.0.0\npaths:\n  /a:\n    get: 1\n    get: 2\n",
    ] {
        let document = read(text).unwrap();
        assert_eq!(document.duplicate_keys(), ["/paths/~1a/get"]);
        assert_eq!(document.root()["paths"]["/a"]["get"], 2);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Document::read(&bytes);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]{}:,\"'&*!|>%@`a0. \n-]{0,80}") {
        let _ = Document::read(text.as_bytes());
    }
}
