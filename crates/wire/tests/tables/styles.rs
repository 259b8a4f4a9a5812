//! Parameters and headers: exactly what is written, and what is read.

use openapi_document::view::Operations;
use openapi_wire::{Contract, Part, Read, Written, write_header, write_request};
use serde_json::{Value, json};

use crate::{document, post, told};

fn part(place: &str) -> Part {
    match place {
        "path" => Part::Path("p".into()),
        "query" => Part::Query("p".into()),
        "header" => Part::Header("p".into()),
        _ => Part::Cookie("p".into()),
    }
}

/// Where a parameter stands, its style, and whether it explodes.
type Form = (&'static str, &'static str, bool);

fn path_of(place: &str) -> &'static str {
    if place == "path" { "/x/{p}/y" } else { "/x" }
}

/// A parameter as it is written: the path or the query, the header's value or the cookies; or why it has no form.
fn written((place, style, explode): Form, more: &Value, value: &Value) -> String {
    let mut parameter =
        json!({"name": "p", "in": place, "style": style, "explode": explode, "required": true});
    let all = parameter.as_object_mut().expect("an object");
    all.extend(more.as_object().cloned().unwrap_or_default());
    let document = document(
        "3.1.0",
        path_of(place),
        &json!({"parameters": [parameter]}),
        &json!({}),
    );
    let operations = Operations::of_paths(&document);
    match write_request(
        &document,
        &operations.list[0],
        &[(part(place), value.clone())],
        None,
    ) {
        Err(error) => {
            assert_eq!(error.part, part(place));
            format!("! {}", error.why)
        }
        Ok(request) => match place {
            "path" | "query" => request.target.unwrap_or_default(),
            "header" => request
                .headers
                .iter()
                .map(|(name, text)| format!("{name}: {text}"))
                .collect(),
            _ => request
                .headers
                .iter()
                .map(|(name, text)| format!("{name}: {text}"))
                .collect(),
        },
    }
}

const NESTED: &str = "! lists and objects inside others have no form under this style";
const EMPTY: &str = "! an empty text would be another path";
const NULL: &str = "! null has no form in a text";
const SCALAR: &str = "! only an object has a form under this style";
const DELIMITER: &str = "! the text holds what parts items under this style";
const CONTROL: &str = "! the text holds what no header can";

#[test]
fn a_value_is_written_in_its_style() {
    let list = json!([1, "b"]);
    let object = json!({"a": 1, "b": true});
    for (form, text, items, members) in [
        (("path", "simple", false), "/x/5/y", "/x/1,b/y", "/x/a,1,b,true/y"),
        (("path", "simple", true), "/x/5/y", "/x/1,b/y", "/x/a=1,b=true/y"),
        (
            ("path", "label", false),
            "/x/.5/y",
            "/x/.1,b/y",
            "/x/.a,1,b,true/y",
        ),
        (
            ("path", "label", true),
            "/x/.5/y",
            "/x/.1.b/y",
            "/x/.a=1.b=true/y",
        ),
        (
            ("path", "matrix", false),
            "/x/;p=5/y",
            "/x/;p=1,b/y",
            "/x/;p=a,1,b,true/y",
        ),
        (
            ("path", "matrix", true),
            "/x/;p=5/y",
            "/x/;p=1;p=b/y",
            "/x/;a=1;b=true/y",
        ),
        (("header", "simple", false), "p: 5", "p: 1,b", "p: a,1,b,true"),
        (("header", "simple", true), "p: 5", "p: 1,b", "p: a=1,b=true"),
        (("query", "form", false), "/x?p=5", "/x?p=1,b", "/x?p=a,1,b,true"),
        (("query", "form", true), "/x?p=5", "/x?p=1&p=b", "/x?a=1&b=true"),
        (
            ("query", "spaceDelimited", false),
            "/x?p=5",
            "/x?p=1%20b",
            "/x?p=a%201%20b%20true",
        ),
        (
            ("query", "spaceDelimited", true),
            "/x?p=5",
            "/x?p=1&p=b",
            "/x?a=1&b=true",
        ),
        (
            ("query", "pipeDelimited", false),
            "/x?p=5",
            "/x?p=1|b",
            "/x?p=a|1|b|true",
        ),
        (
            ("query", "pipeDelimited", true),
            "/x?p=5",
            "/x?p=1&p=b",
            "/x?a=1&b=true",
        ),
        (
            ("query", "deepObject", true),
            SCALAR,
            "/x?p[0]=1&p[1]=b",
            "/x?p[a]=1&p[b]=true",
        ),
        (
            ("cookie", "form", false),
            "Cookie: p=5",
            "Cookie: p=1,b",
            "Cookie: p=a,1,b,true",
        ),
        (
            ("cookie", "form", true),
            "Cookie: p=5",
            "Cookie: p=1; p=b",
            "Cookie: a=1; b=true",
        ),
    ] {
        for (value, expected) in [(&json!(5), text), (&list, items), (&object, members)] {
            assert_eq!(written(form, &json!({}), value), expected, "{form:?} {value}");
        }
    }
}

#[test]
fn a_delimiter_cannot_be_part_of_an_item() {
    for (form, value, expected) in [
        (("path", "simple", false), json!(["a,b", "c"]), "/x/a%2Cb,c/y"),
        (("path", "label", false), json!(["a.b", "c"]), "/x/.a.b,c/y"),
        (("path", "label", true), json!(["a.b", "c"]), DELIMITER),
        (("path", "label", true), json!("a.b"), "/x/.a.b/y"),
        (
            ("path", "matrix", true),
            json!(["a;b", "c.d"]),
            "/x/;p=a%3Bb;p=c.d/y",
        ),
        (("header", "simple", false), json!(["a,b"]), DELIMITER),
        (("header", "simple", false), json!("a,b"), "p: a,b"),
        (("header", "simple", false), json!({"a": "b=c"}), "p: a,b=c"),
        (("header", "simple", true), json!({"a": "b=c"}), "p: a=b=c"),
        (("header", "simple", true), json!(["a=b", "c"]), "p: a=b,c"),
        (("header", "simple", true), json!({"a=b": "c"}), DELIMITER),
        (("header", "simple", true), json!({"a": "b,c"}), DELIMITER),
        (("header", "simple", false), json!(" a"), DELIMITER),
        (("header", "simple", false), json!("a\nb"), CONTROL),
        (("header", "simple", false), json!("a b"), "p: a b"),
        (("query", "spaceDelimited", false), json!(["a b", "c"]), DELIMITER),
        (
            ("query", "spaceDelimited", true),
            json!(["a b", "c"]),
            "/x?p=a%20b&p=c",
        ),
        (("query", "spaceDelimited", false), json!(["a|b"]), "/x?p=a%7Cb"),
        (("query", "pipeDelimited", false), json!(["a|b", "c"]), DELIMITER),
        (
            ("query", "pipeDelimited", true),
            json!(["a|b", "c"]),
            "/x?p=a%7Cb&p=c",
        ),
        (("query", "pipeDelimited", false), json!(["a b"]), "/x?p=a%20b"),
        (
            ("query", "form", false),
            json!(["a,b", "c d"]),
            "/x?p=a%2Cb,c%20d",
        ),
        (("query", "form", true), json!({"a&b": "c=d"}), "/x?a%26b=c%3Dd"),
        (
            ("query", "form", true),
            json!("-._~ é&#"),
            "/x?p=-._~%20%C3%A9%26%23",
        ),
        (("query", "form", true), json!([[1]]), NESTED),
        (("query", "form", true), json!({"a": {"b": 1}}), NESTED),
        (("path", "simple", false), json!([[1]]), NESTED),
        (("query", "form", true), json!(null), NULL),
        (("query", "form", true), json!([1, null]), NULL),
        (("query", "form", true), json!([]), "/x"),
        (("query", "form", false), json!([]), "/x?p="),
        (("path", "simple", false), json!(""), EMPTY),
        (("path", "simple", false), json!("."), EMPTY),
        (("path", "simple", false), json!(".."), EMPTY),
        (("path", "simple", false), json!("..."), "/x/.../y"),
        (("path", "label", false), json!(""), EMPTY),
        (("path", "matrix", false), json!(""), "/x/;p=/y"),
        (("header", "simple", false), json!(""), "p: "),
        (("query", "form", true), json!("."), "/x?p=."),
    ] {
        assert_eq!(written(form, &json!({}), &value), expected, "{form:?} {value}");
    }
}

#[test]
fn a_deep_object_is_written_with_its_steps() {
    let deep = ("query", "deepObject", true);
    for (value, expected) in [
        (
            json!({"a": {"b": 1, "c": [2, 3]}}),
            "/x?p[a][b]=1&p[a][c][0]=2&p[a][c][1]=3",
        ),
        (json!({"a b": "c&d"}), "/x?p[a%20b]=c%26d"),
        (json!({"0": 1}), "/x?p[0]=1"),
        (json!({}), "/x"),
        (json!([]), "/x"),
        (json!({"a": []}), NESTED),
        (json!({"a": {}}), NESTED),
        (json!({"a": {"0": 1}}), NESTED),
        (json!({"a": {"1": 1}}), "/x?p[a][1]=1"),
        (json!({"": 1}), DELIMITER),
        (json!({"a[": 1}), DELIMITER),
        (json!({"a]": 1}), DELIMITER),
    ] {
        assert_eq!(written(deep, &json!({}), &value), expected, "{value}");
    }
}

#[test]
fn reserved_characters_stand_as_they_are_where_they_may() {
    let reserved = json!({"allowReserved": true});
    let form = ("query", "form", false);
    for (value, expected) in [
        (json!(":/?[]@!$'()*,;"), "/x?p=:/?[]@!$'()*,;"),
        (json!("a&b#c%d+e=f g"), "/x?p=a%26b%23c%25d%2Be%3Df%20g"),
        (json!(["a/b", "c"]), "/x?p=a/b,c"),
        (json!(["a,b"]), DELIMITER),
        (json!(["a;b"]), DELIMITER),
    ] {
        assert_eq!(written(form, &reserved, &value), expected, "{value}");
    }
}

#[test]
fn a_value_in_a_media_type_is_one_text() {
    let content = |name: &str| json!({"content": {name: {}}, "style": null, "explode": null});
    for (place, name, expected) in [
        ("query", "application/json", "/x?p=%7B%22a%22%3A%5B1%2Cnull%5D%7D"),
        ("path", "application/json", "/x/%7B%22a%22%3A%5B1%2Cnull%5D%7D/y"),
        ("header", "application/json", r#"p: {"a":[1,null]}"#),
        (
            "cookie",
            "application/json",
            "Cookie: p=%7B%22a%22%3A%5B1%2Cnull%5D%7D",
        ),
        (
            "query",
            "application/xml",
            "! how a value is written in this media type is not known",
        ),
    ] {
        let value = json!({"a": [1, null]});
        assert_eq!(
            written((place, "form", true), &content(name), &value),
            expected,
            "{place} {name}"
        );
    }
}

#[test]
fn what_nobody_can_write_is_told_from_what_may_not_be() {
    let unknown = |form: Form, value: &Value| {
        let (place, style, explode) = form;
        let parameter = json!({"name": "p", "in": place, "style": style, "explode": explode});
        let document = document(
            "3.1.0",
            path_of(place),
            &json!({"parameters": [parameter]}),
            &json!({}),
        );
        let operations = Operations::of_paths(&document);
        let error = write_request(
            &document,
            &operations.list[0],
            &[(part(place), value.clone())],
            None,
        )
        .unwrap_err();
        assert!(error.to_string().contains(" cannot be written: "), "{error}");
        error.why.is_unknown()
    };
    assert!(unknown(("query", "form", true), &json!([[1]])));
    assert!(unknown(("query", "deepObject", true), &json!(1)));
    assert!(!unknown(("query", "form", true), &json!(null)));
    assert!(!unknown(("path", "simple", false), &json!("")));
}

#[test]
fn a_required_parameter_without_a_value_is_an_error_but_for_those_that_are_told_elsewhere() {
    let write = |name: &str, place: &str| {
        let parameter = json!({"name": name, "in": place, "required": true});
        let document = document("3.1.0", "/x", &json!({"parameters": [parameter]}), &json!({}));
        let operations = Operations::of_paths(&document);
        write_request(&document, &operations.list[0], &[], None).map(|it| it.target.unwrap_or_default())
    };
    for name in ["Accept", "content-type", "Authorization"] {
        assert_eq!(write(name, "header").as_deref(), Ok("/x"), "{name}");
        assert!(write(name, "query").is_err(), "{name}");
    }
    assert_eq!(
        write("q", "query").unwrap_err().to_string(),
        "query parameter `q` cannot be written: the document names no such part"
    );
    // No path has the name.
    assert_eq!(write("q", "path").as_deref(), Ok("/x"));
}

#[test]
fn a_header_of_an_answer_is_written_in_its_form() {
    let text = |header: &Value, value: &Value| {
        let operation = json!({"responses": {"200": {"headers": {"X-H": header}}}});
        let document = document("3.1.0", "/x", &operation, &json!({}));
        let operations = Operations::of_paths(&document);
        let response = operations.list[0]
            .responses(&document)
            .remove(0)
            .expect("an answer");
        let header = response.headers(&document).remove(0).expect("a header");
        write_header(&header, value).unwrap_or_else(|error| format!("! {error}"))
    };
    for (header, value, expected) in [
        (json!({}), json!([1, 2]), "1,2"),
        (json!({}), json!({"a": 1}), "a,1"),
        (json!({"explode": true}), json!({"a": 1}), "a=1"),
        (
            json!({"content": {"application/json": {}}}),
            json!({"a": null}),
            r#"{"a":null}"#,
        ),
        (
            json!({"content": {"text/html": {}}}),
            json!(1),
            "! header `x-h` cannot be written: how a value is written in this media type is not known",
        ),
        (
            json!({}),
            json!(null),
            "! header `x-h` cannot be written: null has no form in a text",
        ),
    ] {
        assert_eq!(text(&header, &value), expected, "{header} {value}");
    }
}

fn texts(written: &Written) -> Value {
    match written {
        Written::Text(text) => json!(text),
        Written::List(items) => items.iter().map(texts).collect(),
        Written::Members(members) => members
            .iter()
            .map(|(name, it)| (name.clone(), texts(it)))
            .collect(),
        Written::Json(value) => json!({ "json": value }),
    }
}

/// The value that is read of a parameter that may have these types, or the reason of a refusal.
fn read((place, style, explode): Form, types: &Value, sent: &str) -> String {
    let schema = json!({"type": types, "properties": {"a": {}, "b": {}}});
    let parameter = json!({
        "name": "p", "in": place, "style": style, "explode": explode, "required": true, "schema": schema
    });
    let document = document(
        "3.1.0",
        path_of(place),
        &json!({"parameters": [parameter]}),
        &json!({}),
    );
    let request = match place {
        "path" => post(&format!("/x/{sent}/y"), &[], None),
        "query" => post(&format!("/x?{sent}"), &[], None),
        "header" => post("/x", &[("P", sent)], None),
        _ => post("/x", &[("cookie", sent)], None),
    };
    let judgement = Contract::new(&document).request(&request);
    match judgement.read.get(&part(place)) {
        Some(Read::Text(written)) if judgement.refusals.is_empty() => texts(written).to_string(),
        _ => told(&judgement),
    }
}

#[test]
fn a_text_is_read_in_its_style() {
    let (text, list, object) = (json!("string"), json!("array"), json!("object"));
    let all = json!(["string", "array", "object"]);
    let broken = |place: &str| format!("{}: its text is not written in its style", part(place));
    let required = |place: &str| format!("{}: it is required", part(place));
    for (form, types, sent, expected) in [
        (("path", "simple", false), &text, "a,b", r#""a,b""#.to_owned()),
        (
            ("path", "simple", false),
            &list,
            "a,b%2C",
            r#"["a","b,"]"#.to_owned(),
        ),
        (
            ("path", "simple", false),
            &object,
            "a,1",
            r#"{"a":"1"}"#.to_owned(),
        ),
        (
            ("path", "simple", true),
            &object,
            "a=1,b=2",
            r#"{"a":"1","b":"2"}"#.to_owned(),
        ),
        (("path", "simple", false), &text, "%ff", broken("path")),
        (("path", "label", false), &text, ".a.b", r#""a.b""#.to_owned()),
        (("path", "label", false), &text, "a", broken("path")),
        (("path", "label", true), &list, ".a.b", r#"["a","b"]"#.to_owned()),
        (("path", "label", false), &list, ".a,b", r#"["a","b"]"#.to_owned()),
        (
            ("path", "label", true),
            &object,
            ".a=1.b=2",
            r#"{"a":"1","b":"2"}"#.to_owned(),
        ),
        (
            ("path", "label", false),
            &object,
            ".a,1,b,2",
            r#"{"a":"1","b":"2"}"#.to_owned(),
        ),
        (("path", "matrix", false), &text, ";p=a", r#""a""#.to_owned()),
        (("path", "matrix", false), &text, ";p", r#""""#.to_owned()),
        (("path", "matrix", false), &text, ";q=a", broken("path")),
        (("path", "matrix", false), &text, "p=a", broken("path")),
        (
            ("path", "matrix", false),
            &list,
            ";p=a,b",
            r#"["a","b"]"#.to_owned(),
        ),
        (
            ("path", "matrix", false),
            &object,
            ";p=a,1",
            r#"{"a":"1"}"#.to_owned(),
        ),
        (("path", "matrix", true), &text, ";p=a", r#""a""#.to_owned()),
        (
            ("path", "matrix", true),
            &list,
            ";p=a;p=b",
            r#"["a","b"]"#.to_owned(),
        ),
        (("path", "matrix", true), &list, ";p=a", r#"["a"]"#.to_owned()),
        (
            ("path", "matrix", true),
            &object,
            ";a=1;b=2",
            r#"{"a":"1","b":"2"}"#.to_owned(),
        ),
        (("path", "matrix", true), &text, ";q", broken("path")),
        (
            ("header", "simple", false),
            &text,
            " a, b ",
            r#""a, b""#.to_owned(),
        ),
        (
            ("header", "simple", false),
            &list,
            "a , b",
            r#"["a","b"]"#.to_owned(),
        ),
        (
            ("header", "simple", true),
            &object,
            "a=1, b=2",
            r#"{"a":"1","b":"2"}"#.to_owned(),
        ),
        (("header", "simple", false), &list, "", r#"[""]"#.to_owned()),
        (("header", "simple", false), &object, "", "{}".to_owned()),
        (("query", "form", true), &text, "p=a+b&q=1", r#""a b""#.to_owned()),
        (("query", "form", true), &text, "q=1", required("query")),
        (
            ("query", "form", true),
            &list,
            "p=a&q=1&%70=b",
            r#"["a","b"]"#.to_owned(),
        ),
        (
            ("query", "form", true),
            &object,
            "a=1&c=3&b=2",
            r#"{"a":"1","b":"2"}"#.to_owned(),
        ),
        (
            ("query", "form", true),
            &object,
            "a=1&a=2",
            r#"{"a":["1","2"]}"#.to_owned(),
        ),
        // The object may have members that it does not declare.
        (
            ("query", "form", true),
            &object,
            "c=3",
            "open: query parameter `p`: which of the other pairs are its members is not said".to_owned(),
        ),
        (
            ("query", "form", false),
            &list,
            "p=a,b%2Cc",
            r#"["a","b,c"]"#.to_owned(),
        ),
        (
            ("query", "form", false),
            &object,
            "p=a,1",
            r#"{"a":"1"}"#.to_owned(),
        ),
        (("query", "form", false), &object, "a=1", required("query")),
        (("query", "form", false), &list, "p=a&p=b", broken("query")),
        (("query", "form", false), &text, "p=a#p=b", r#""a""#.to_owned()),
        (
            ("query", "spaceDelimited", false),
            &list,
            "p=a+b%20c",
            r#"["a","b","c"]"#.to_owned(),
        ),
        (
            ("query", "spaceDelimited", false),
            &list,
            "p=a,b",
            r#"["a,b"]"#.to_owned(),
        ),
        (
            ("query", "pipeDelimited", false),
            &list,
            "p=a|b%7Cc%7cd",
            r#"["a","b","c","d"]"#.to_owned(),
        ),
        (
            ("query", "pipeDelimited", false),
            &list,
            "p=a,b",
            r#"["a,b"]"#.to_owned(),
        ),
        (
            ("query", "deepObject", true),
            &object,
            "p[a]=1&p%5Bb%5D=2&q[a]=3",
            r#"{"a":"1","b":"2"}"#.to_owned(),
        ),
        (
            ("query", "deepObject", true),
            &object,
            "p[a][b]=1&p[a][c]=2",
            r#"{"a":{"b":"1","c":"2"}}"#.to_owned(),
        ),
        (
            ("query", "deepObject", true),
            &object,
            "p[a][0]=1&p[a][1]=2",
            r#"{"a":["1","2"]}"#.to_owned(),
        ),
        (
            ("query", "deepObject", true),
            &object,
            "p[a][]=1&p[a][]=2",
            r#"{"a":["1","2"]}"#.to_owned(),
        ),
        (
            ("query", "deepObject", true),
            &object,
            "p[a][1]=1",
            r#"{"a":{"1":"1"}}"#.to_owned(),
        ),
        (
            ("query", "deepObject", true),
            &object,
            "p[a]=1&p[a]=2",
            r#"{"a":["1","2"]}"#.to_owned(),
        ),
        (
            ("query", "deepObject", true),
            &list,
            "p[0]=a&p[1]=b",
            r#"["a","b"]"#.to_owned(),
        ),
        (
            ("query", "deepObject", true),
            &list,
            "p[]=a&p[]=b",
            r#"["a","b"]"#.to_owned(),
        ),
        (
            ("query", "deepObject", true),
            &list,
            "p[]=a",
            r#"["a"]"#.to_owned(),
        ),
        (
            ("query", "deepObject", true),
            &object,
            "p[a]=1&p[a][b]=2",
            broken("query"),
        ),
        (("query", "deepObject", true), &object, "p[a=1", broken("query")),
        (
            ("query", "deepObject", true),
            &object,
            "p[a]=%ff",
            broken("query"),
        ),
        (
            ("query", "deepObject", true),
            &object,
            "q[a]=1&p=2",
            required("query"),
        ),
        (("cookie", "form", true), &text, "q=1; p=a", r#""a""#.to_owned()),
        (
            ("cookie", "form", false),
            &list,
            "p=a,b",
            r#"["a","b"]"#.to_owned(),
        ),
        (("cookie", "form", true), &text, "q=1", required("cookie")),
        // Of what a text can stand for, the plainest that the types let it be.
        (("query", "form", false), &all, "p=a,b", r#""a,b""#.to_owned()),
    ] {
        assert_eq!(read(form, types, sent), expected, "{form:?} {types} {sent}");
    }
}
