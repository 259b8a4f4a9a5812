//! Documents that can be read and compared, and documents that are refused with a clear error.

use openapi_drift::{Document, ReadError, Version, comparable};

fn read(text: &str) -> Result<Document, ReadError> {
    let document = Document::read(text)?;
    comparable(&document).map(|()| document)
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
fn swagger_2_is_named() {
    let error = read(r#"{"swagger":"2.0"}"#).unwrap_err().to_string();
    assert_eq!(
        error,
        "not an OpenAPI 3.0, 3.1 or 3.2 document: it is Swagger 2.0; convert it to OpenAPI 3 first"
    );
}

#[test]
fn a_file_that_is_no_document_is_named_for_what_it_is() {
    for (text, why) in [
        ("", "it is empty"),
        ("{\"openapi\": ", "line 1 column 12"),
        ("[]", "it is not an object"),
        ("hello", "it is not an object"),
        ("{}", "no `openapi` field"),
        (r#"{"openapi":"4.0.0"}"#, "`openapi` is \"4.0.0\""),
        (r#"{"openapi":"3.3.0"}"#, "`openapi` is \"3.3.0\""),
        (r#"{"openapi":["3.0.0"]}"#, "`openapi` is not a string"),
        ("a: [b", "not YAML"),
        ("<!DOCTYPE html><html>", "it begins with `<`"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text:?}: {error}");
    }
}

#[test]
fn a_schema_by_itself_is_not_compared_as_a_document() {
    let schema = Document::read_schema("{}").unwrap();
    let error = comparable(&schema).unwrap_err().to_string();
    assert!(error.contains("it is a JSON Schema by itself"), "{error}");
}
