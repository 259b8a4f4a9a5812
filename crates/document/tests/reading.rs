//! Reads documents from all kinds of bytes.

use openapi_document::{Document, Format, Kind, Limits, Located, Node, Position, ReadError, pointer};
use proptest::prelude::*;
use serde_json::{Value, json};

fn read(text: impl Into<Vec<u8>>) -> Value {
    serde_json::to_value(Document::read_schema(text).unwrap().root()).unwrap()
}

fn refused(text: impl Into<Vec<u8>>) -> String {
    Document::read_schema(text).unwrap_err().to_string()
}

/// Any JSON value, small.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("finite", |it| it.is_finite())
            .prop_map(Value::from),
        "[a-c\\\\\"\n/~é\u{1F600}#: -]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 60, 16, |inner| {
        let key = prop_oneof!["[a-c]{0,2}", "[\\\\\"\n/~é0-9#: -]{0,4}"];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(key, inner, 0..20).prop_map(|it| it.into_iter().collect()),
        ]
    })
}

/// Each place of a value, with its pointer.
fn places<'v>(value: &'v Value, at: String, found: &mut Vec<(String, &'v Value)>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, format!("{at}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                places(member, pointer::join(&at, key), found);
            }
        }
        _ => {}
    }
    found.push((at, value));
}

/// The part of a text that begins at a line and column.
fn text_at(text: &str, line: usize, column: usize) -> &str {
    let line = text
        .split_inclusive('\n')
        .skip(line - 1)
        .map(|it| it.as_ptr().addr())
        .next();
    let start = line.map_or(text.len(), |it| it - text.as_ptr().addr());
    let rest = &text[start..];
    let skipped: usize = rest.chars().take(column - 1).map(char::len_utf8).sum();
    &rest[skipped..]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_reads_as_serde_json_reads_it(value in value(), is_pretty in any::<bool>()) {
        let text = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let document = Document::read_schema(text.clone()).unwrap();
        if matches!(value, Value::Array(_) | Value::Object(_)) {
            prop_assert_eq!(document.format(), Format::Json);
            let again: Value = serde_json::from_str(&text).unwrap();
            prop_assert!(equal(&serde_json::to_value(document.root()).unwrap(), &again), "{}", document.root());
        }
    }

    #[test]
    fn json_is_yaml(value in value().prop_filter("a list or an object", |it| it.is_array() || it.is_object())) {
        let text = serde_json::to_string(&value).unwrap();
        let json = Document::read_schema(text.clone()).unwrap();
        let yaml = Document::read_schema(format!("# YAML, since JSON has no comments\n{text}")).unwrap();
        prop_assert_eq!(yaml.format(), Format::Yaml);
        prop_assert_eq!(json.root(), yaml.root());
    }

    #[test]
    fn every_place_is_found_by_its_pointer_and_stands_where_it_says(value in value()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        let document = Document::read_schema(text.clone()).unwrap();
        let mut all = Vec::new();
        places(&value, String::new(), &mut all);
        for (at, value) in all {
            let node = document.root().pointer(&at);
            prop_assert!(node.is_some(), "{at}");
            let location = document.location(&at);
            prop_assert!(location.is_some(), "{at}");
            if document.format() == Format::Json {
                let location = location.unwrap();
                let here = text_at(&text, location.line, location.column);
                let key = at.rsplit_once('/').map(|(_, step)| pointer::unescape(step).into_owned());
                let begins = |text: &str| here.starts_with(text);
                let is_key = key.is_some_and(|key| begins(&serde_json::to_string(&key).unwrap()));
                let head = serde_json::to_string_pretty(value).unwrap();
                let head = head.split('\n').next().unwrap();
                prop_assert!(is_key || begins(head), "{at} at {here:.40}");
            }
        }
        prop_assert!(document.root().pointer("/no such place").is_none());
        prop_assert!(document.location("/no such place").is_none());
    }

    #[test]
    fn equal_values_are_equal_nodes_with_equal_hashes(one in value(), other in value()) {
        let reversed = match &one {
            Value::Object(map) => {
                let members: Vec<_> = map.iter().rev().map(|(k, v)| format!("{}:{v}", json!(k))).collect();
                format!("{{{}}}", members.join(","))
            }
            one => one.to_string(),
        };
        let (first, second) = (one.to_string(), other.to_string());
        let first = Document::read_schema(format!("[{first}]")).unwrap();
        let second = Document::read_schema(format!("[{second}]")).unwrap();
        let reversed = Document::read_schema(format!("[{reversed}]")).unwrap();
        prop_assert_eq!(first.root(), reversed.root());
        prop_assert_eq!(first.root().hash(), reversed.root().hash());
        prop_assert_eq!(first.root() == second.root(), equal(&one, &other));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Document::read(bytes);
    }

    #[test]
    fn no_text_of_yaml_panics(text in "[-?:,\\[\\]{}#&*!|>'\"%@`~ \n\tab01.<=é]{0,80}") {
        if let Ok(document) = Document::read_schema(text) {
            walk(document.root());
            document.duplicate_keys();
        }
    }

    #[test]
    fn no_mutation_of_a_document_panics(at in 0..400_usize, byte in any::<u8>(), cut in 0..400_usize) {
        let mut bytes = DOCUMENT.as_bytes().to_vec();
        let length = bytes.len();
        bytes[at % length] = byte;
        bytes.truncate(length - cut % length / 8);
        if let Ok(document) = Document::read(bytes) {
            walk(document.root());
            for operation in openapi_document::view::Operations::of_paths(&document).list {
                operation.parameters(&document);
                operation.request_body(&document);
                operation.responses(&document);
                operation.security(&document);
                operation.servers(&document);
            }
        }
    }
}

const DOCUMENT: &str = r##"openapi: 3.1.0
paths:
  /pets/{id}: &item
    parameters: [{name: id, in: path, required: true, schema: {$ref: '#/components/schemas/Id'}}]
    get: {responses: {'200': {description: "one\tpet", content: {application/json: {schema: {$ref: "#pet"}}}}}}
  /again/{id}: *item
components:
  schemas:
    Id: {type: [integer, 'null'], minimum: 0x10}
    Pet: {$anchor: pet, <<: {type: object}, properties: {next: {$ref: "#pet"}}}
"##;

fn walk(node: Node<'_>) -> usize {
    match node.kind() {
        Kind::Array(items) => items.map(walk).sum::<usize>() + 1,
        Kind::Object(members) => members.values().map(walk).sum::<usize>() + 1,
        _ => 1,
    }
}

/// As JSON values, where `1` is `1.0` and a number is its decimal.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let whole = |it: &serde_json::Number| {
                let exact = it.as_u64().map(i128::from).or(it.as_i64().map(i128::from));
                exact.or_else(|| {
                    let float = it.as_f64().filter(|it| it.fract() == 0.0 && it.abs() < 2e19)?;
                    // The shortest decimal of the number.
                    float.to_string().parse().ok()
                })
            };
            match (whole(one), whole(other)) {
                (Some(one), Some(other)) => one == other,
                (None, None) => one.as_f64() == other.as_f64(),
                _ => false,
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, one)| other.get(key).is_some_and(|it| equal(one, it)))
        }
        _ => one == other,
    }
}

#[test]
fn of_a_key_that_stands_twice_the_last_one_counts_and_each_is_told() {
    let few = Document::read_schema(r#"{"a": 1, "b": {"c": 1, "c": 2, "c": 3}, "a": 2}"#).unwrap();
    assert_eq!(few.duplicate_keys(), ["/a", "/b/c"]);
    assert_eq!(few.root().to_string(), r#"{"a":2,"b":{"c":3}}"#);

    let members: Vec<_> = (0..40).map(|it| format!(r#""k{}": {it}"#, it % 30)).collect();
    let many = Document::read_schema(format!("{{{}}}", members.join(","))).unwrap();
    assert_eq!(many.duplicate_keys().len(), 10);
    assert_eq!(many.root().members().len(), 30);
    assert_eq!(many.root().get("k3").unwrap().as_u64(), Some(33));
    assert_eq!(many.root().get("k29").unwrap().as_u64(), Some(29));
    assert!(many.root().get("k30").is_none());
}

#[test]
fn numbers_keep_their_values() {
    assert_eq!(
        read("[0, -0, 1.0, 18446744073709551615, -9223372036854775808, 1e3]").to_string(),
        "[0,-0.0,1.0,18446744073709551615,-9223372036854775808,1000.0]"
    );
    let number = |text: &str| Document::read_schema(format!("[{text}]")).unwrap();
    assert_eq!(number("1").root(), number("1.0").root());
    assert_eq!(number("0").root(), number("-0.0").root());
    assert_ne!(
        number("9007199254740993").root(),
        number("9007199254740992.0").root()
    );
}

/// A list in JSON and, if it is read, in YAML.
fn lists(list: &str) -> Vec<Document> {
    let mut texts = vec![format!(r#"{{"openapi": "3.1.0", "a\"1e400": {list}, "b": 1e5}}"#)];
    if cfg!(feature = "yaml") {
        texts.push(format!("openapi: 3.1.0\na\"1e400: {list}\nb: 1e5\n"));
    }
    texts.into_iter().map(|it| Document::read(it).unwrap()).collect()
}

#[test]
fn numbers_that_no_double_holds_keep_their_digits_and_their_places() {
    let list = "[1, -1.5E+400, 1e400, 2, 10e399, 1e401, 1e99999999999999999999, 1e-400, 0.1]";
    for document in lists(list) {
        let root = document.root();
        let list = root.get("a\"1e400").unwrap();
        let numbers: Vec<_> = list.items().filter_map(Node::as_number).collect();
        let shown: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "1",
                "-15e399",
                "1e400",
                "2",
                "1e400",
                "1e401",
                "1e99999999999999999999",
                "1e-400",
                "0.1"
            ]
        );
        let exact: Vec<bool> = numbers.iter().map(|it| it.as_exact().is_some()).collect();
        assert_eq!(exact, [false, true, true, false, true, true, true, true, false]);
        assert_eq!(list.at(2), list.at(4));
        assert_ne!(list.at(4), list.at(5));
        assert_eq!(numbers[1].as_f64().to_bits(), f64::MIN.to_bits());
        assert_eq!(numbers[6].as_f64().to_bits(), f64::MAX.to_bits());
        assert_eq!(numbers[7].as_f64().to_bits(), 0);
        assert_eq!(root.get("b").unwrap().to_string(), "100000.0");
    }
    for refused in [
        "[1e400, x]",
        "[01e400]",
        "[1.e400]",
        "[.1e400]",
        "[+1e400]",
        "[1e400e]",
    ] {
        assert!(Document::read_schema(refused).is_err(), "{refused}");
    }
}

#[test]
fn numbers_are_equal_if_they_are_the_same_decimal() {
    let nines = "9".repeat(300_000);
    let other = format!("{}8", &nines[1..]);
    let equal = [
        vec!["1", "1.0", "10e-1", "0.1e1", "1.000000000000000000000000"],
        vec!["0", "-0", "0.0", "0e999", "0.00000000000000000000000000"],
        vec!["0.1", "1e-1", "0.10000000000000000000"],
        vec!["0.1000000000000000055", "1000000000000000055e-19"],
        vec!["1e-400", "10e-401", "0.001e-397"],
        vec!["-1e-400"],
        vec!["9007199254740993", "9007199254740993.0", "9.007199254740993e15"],
        vec!["9007199254740993000", "9007199254740993e3"],
        vec!["9223372036854775807"],
        vec!["9223372036854775808", "9223372036854775808.0"],
        vec![
            "9223372036854776000",
            "9223372036854776e3",
            "9.223372036854776e18",
        ],
        vec!["-9223372036854775808", "-9223372036854775808.0"],
        vec!["-9223372036854775809", "-9.223372036854775809e18"],
        vec!["-9223372036854776000", "-9.223372036854776e18"],
        vec!["18446744073709551615", "18446744073709551615.0"],
        vec!["18446744073709551616", "1.8446744073709551616e19"],
        vec!["18446744073709552000", "1.8446744073709552e19"],
        vec!["-18446744073709551615"],
        vec!["1e400", "10e399", "1.0e+0400"],
        vec![
            "1e99999999999999999999999999999999999999999",
            "1e+99999999999999999999999999999999999999999",
        ],
        vec!["10e99999999999999999999999999999999999999999"],
        vec![nines.as_str()],
        vec![other.as_str()],
    ];
    let all: Vec<(usize, &str)> = equal
        .iter()
        .enumerate()
        .flat_map(|(class, all)| all.iter().map(move |it| (class, *it)))
        .collect();
    let written: Vec<&str> = all.iter().map(|it| it.1).collect();
    let mut documents = lists(&format!("[{}]", written.join(", ")));
    // Spellings are recognized without others in the document, too.
    let alone = |text: &str| Document::read_schema(format!("[{text}]")).unwrap();
    documents.push(alone(&written.join(",")));
    for document in &documents {
        let list = document.root().get("a\"1e400").unwrap_or(document.root());
        for (index, one) in list.items().enumerate() {
            assert_eq!(alone(written[index]).root().at(0), Some(one), "{}", all[index].0);
            for (other_index, other) in list.items().enumerate() {
                let is_equal = all[index].0 == all[other_index].0;
                assert_eq!(one == other, is_equal, "{} {}", all[index].0, all[other_index].0);
                assert_eq!(one.hash() == other.hash(), is_equal);
                let (one, written) = (one.as_number().unwrap(), written[other_index]);
                let float = |it: &str| it.parse::<f64>().unwrap();
                if all[index].1.len() < 100 && float(written).is_finite() {
                    let order = one.cmp_written(written);
                    assert_eq!(order.is_eq(), is_equal, "{one} {written}");
                    let nearest = float(all[index].1).total_cmp(&float(written));
                    assert!(is_equal || nearest.is_eq() || order == nearest, "{one} {written}");
                }
            }
        }
    }
}

#[test]
fn escapes_and_long_objects_are_searched_by_what_they_mean() {
    let mut text = String::from(r#"{"\u0061\n": 1, "é": 2"#);
    for index in 0..30 {
        text += &format!(r#", "k{index}": {{"x": [{index}]}}"#);
    }
    text += "}";
    let document = Document::read_schema(text.clone()).unwrap();
    let root = document.root();
    assert_eq!(root.get("a\n").unwrap().as_u64(), Some(1));
    assert_eq!(root.pointer("/k17/x/0").unwrap().as_u64(), Some(17));
    let location = document.location("/k17/x/0").unwrap();
    assert!(text_at(&text, location.line, location.column).starts_with("17]"));
    let escaped = document.location("/a\n").unwrap();
    assert_eq!((escaped.line, escaped.column), (1, 2));
}

#[test]
fn what_is_no_text_of_ours_is_named() {
    assert!(refused("").contains("it is empty"));
    assert!(refused(" \n").contains("it is empty"));
    assert!(refused("<html>").contains("web pages"));
    assert!(refused(b"\xff\xfe{\0}\0".to_vec()).contains("UTF-16"));
    assert!(refused(b"{\0}\0".to_vec()).contains("UTF-16"));
    assert!(refused(b"{\"a\": \"\xff\"}".to_vec()).contains("not UTF-8 from byte 7"));
    assert!(refused("{\"a\": 1} x").contains("trailing characters at line 1 column 10"));
    assert_eq!(read("\u{feff}{}"), json!({}));
}

#[test]
fn depth_is_bounded_and_the_place_is_said() {
    let limits = Limits {
        depth: 3,
        ..Limits::default()
    };
    for text in [
        "{\"openapi\": \"3.0.0\",\n\"a\": [[[1]]]}",
        "openapi: 3.0.0\na: [[[1]]]",
    ] {
        match Document::read_within(text, &limits).unwrap_err() {
            ReadError::TooDeep { at, limit: 3 } => assert_eq!(at.line, 2),
            other => panic!("{other}"),
        }
    }
    let deep = |depth| "[".repeat(depth) + &"]".repeat(depth);
    let limits = Limits {
        depth: 5_000,
        ..Limits::default()
    };
    assert!(matches!(
        Document::read_within(deep(1_001), &limits),
        Err(ReadError::TooDeep {
            limit: Limits::DEEPEST,
            ..
        })
    ));
    // As deep as is read at all: read, walked and dropped on the stack of a test.
    assert!(matches!(
        Document::read_within(deep(1_000), &limits),
        Err(ReadError::NotOpenApi(_))
    ));
    let yaml = Document::read_schema("a:\n".to_owned() + &" ".repeat(2) + &deep(100_000));
    assert!(matches!(
        yaml,
        Err(ReadError::TooDeep {
            limit: Limits::DEEPEST,
            ..
        })
    ));
}

#[test]
fn a_document_of_very_many_values_is_refused_however_short_they_are() {
    let list = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
    assert!(matches!(
        Document::read_schema(list(Limits::MOST_VALUES + 1)),
        Err(ReadError::TooMany {
            at: Position { line: 1, .. }
        })
    ));
    assert!(!matches!(
        Document::read_schema(list(Limits::MOST_VALUES)),
        Err(ReadError::TooMany { .. })
    ));
}

#[cfg(feature = "yaml")]
mod yaml {
    use super::*;

    #[test]
    fn scalars_are_read_by_the_core_schema() {
        assert_eq!(
            read(
                "- null\n- ~\n-\n- true\n- False\n- yes\n- no\n- 1\n- -7\n- +3\n- 0x1F\n- 0o17\n- 1.5\n- .5\n- 1.\n- 1e3\n- 007\n- 010\n- -08\n- 01.50\n- 00e1\n"
            ),
            json!([
                null, null, null, true, false, "yes", "no", 1, -7, 3, 31, 15, 1.5, 0.5, 1.0, 1000.0, 7, 10,
                "-08", 1.5, 0.0
            ])
        );
        assert_eq!(
            read(
                "- 1_000\n- .inf\n- .nan\n- 2024-01-01\n- 1:30\n- '1'\n- \"true\"\n- 0b1\n- +\n- .\n- 0x\n- 1e\n"
            ),
            json!([
                "1_000",
                ".inf",
                ".nan",
                "2024-01-01",
                "1:30",
                "1",
                "true",
                "0b1",
                "+",
                ".",
                "0x",
                "1e"
            ])
        );
        assert_eq!(
            read("[18446744073709551615, 18446744073709551616, -9223372036854775808]").to_string(),
            "[18446744073709551615,1.8446744073709552e+19,-9223372036854775808]"
        );
        assert_eq!(
            read("a: !!str 1\nb: !!int '2'\nc: ! 3\nd: !own 4\n"),
            json!({"a": "1", "b": 2, "c": 3, "d": 4})
        );
    }

    #[test]
    fn keys_are_texts() {
        assert_eq!(
            read("200: a\ntrue: b\nnull: c\n1.0: d\n? e\n: f\n"),
            json!({"200": "a", "true": "b", "null": "c", "1.0": "d", "e": "f"})
        );
        assert_eq!(read("&k a: 1\nb: {*k : 2}\n"), json!({"a": 1, "b": {"a": 2}}));
        assert!(refused("? [a]\n: 1\n").contains("a key is a list or a mapping at line 1"));
    }

    #[test]
    fn aliases_repeat_and_merge_keys_add() {
        assert_eq!(
            read("base: &b {x: 1, y: 2}\na: *b\nc: {<<: *b, y: 3, z: 4}\nd:\n  <<: [*b, {x: 5, w: 6}]\n"),
            json!({
                "base": {"x": 1, "y": 2}, "a": {"x": 1, "y": 2},
                "c": {"x": 1, "y": 3, "z": 4}, "d": {"x": 1, "y": 2, "w": 6}
            })
        );
        assert_eq!(read("a: {'<<': 1}\n"), json!({"a": {"<<": 1}}));
        assert!(refused("a: {<<: 1}\n").contains("`<<` merges what is no mapping"));
        assert!(refused("a: &a [*a]\n").contains("repeats what it is a part of"));
        assert!(refused("a: *b\n").contains("not YAML"));
    }

    #[test]
    fn repetition_by_aliases_is_bounded() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for n in 1..12 {
            let m = n - 1;
            bomb += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{m}"); 9].join(", "));
        }
        assert!(refused(bomb).contains("what its aliases and `<<` repeat is more than is read"));

        let mut merges = String::from("base: &b {");
        merges += &(0..2_000)
            .map(|it| format!("k{it}: {it}"))
            .collect::<Vec<_>>()
            .join(", ");
        merges += "}\n";
        for n in 0..2_000 {
            merges += &format!("m{n}: {{<<: *b}}\n");
        }
        assert!(refused(merges).contains("`<<` repeat is more than is read"));

        let deep = (1..1_100).fold(String::from("a0: &a0 [x]\n"), |text, n| {
            text + &format!("a{n}: &a{n} [*a{}]\n", n - 1)
        });
        assert!(refused(deep).contains("nested too deep"));
    }

    #[test]
    fn one_document_is_read() {
        assert!(refused("a: 1\n---\nb: 2\n").contains("a second document begins at line 2"));
        assert_eq!(read("---\na: 1\n...\n"), json!({"a": 1}));
        assert!(refused("# nothing\n").contains("empty"));
    }

    #[test]
    fn a_place_stands_where_its_key_does() {
        let text = "openapi: 3.0.0\npaths:\n  /é/{id}:\n    get:\n      tags: [a, b]\n      \"x\\ty\": 1\n";
        let document = Document::read(text).unwrap();
        let at = |pointer: &str| document.location(pointer).map(|it| (it.line, it.column));
        assert_eq!(at("/paths/~1é~1{id}/get"), Some((4, 5)));
        assert_eq!(at("/paths/~1é~1{id}/get/tags/1"), Some((5, 17)));
        assert_eq!(at("/paths/~1é~1{id}/get/x\ty"), Some((6, 7)));
        assert_eq!(at(""), Some((1, 1)));
    }
}

/// Each node below a long name would repeat it, so that a few megabytes of text would take gigabytes of places.
#[test]
fn a_long_name_is_shortened_in_places_and_found_again() {
    let (long, other) = ("é/~".repeat(1_000), "é/~".repeat(999) + "é/!");
    let name = "n".repeat(200);
    let mut deep = json!({"here": 1});
    for _ in 0..100 {
        deep = json!({name.as_str(): deep});
    }
    let text = json!({"openapi": "3.1.0", "components": {"schemas": {
        long.as_str(): {"properties": {"a": {}}}, other.as_str(): deep,
        "ref": {"$ref": format!("#/components/schemas/{}/properties/a", pointer::escape(&long))},
    }}});
    let document = Document::read(text.to_string()).unwrap();
    let schemas = Located::root(&document)
        .get("components")
        .unwrap()
        .get("schemas")
        .unwrap();
    let inside = schemas
        .get(&long)
        .unwrap()
        .get("properties")
        .unwrap()
        .get("a")
        .unwrap();
    assert!(inside.at.len() < 100, "{}", inside.at);
    let mut deepest = schemas.get(&other).unwrap();
    for _ in 0..100 {
        deepest = deepest.get(&name).unwrap();
    }
    let deepest = deepest.get("here").unwrap();
    assert!(deepest.at.len() < 10_000, "{}", deepest.at.len());
    let referred = schemas.get("ref").unwrap().follow(&document).unwrap();
    assert_eq!(referred.at, inside.at);
    for it in [inside, deepest] {
        assert_eq!(document.at(&it.at).unwrap().id(), it.node.id());
        assert_eq!(it.location().pointer, *it.at);
    }
    assert!(schemas.entries().all(|(_, it)| it.location().column > 1));
}
