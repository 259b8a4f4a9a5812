//! Judges values without a message, and names the schemas that the judge does not read.

use openapi_document::{Document, Node};
use openapi_wire::{Contract, Direction, Refusal};
use serde_json::{Value, json};

/// How a schema is read: as a version of OpenAPI reads it, or as JSON Schema.
#[derive(Clone, Copy)]
enum Read {
    As(&'static str),
    ByItself,
}

/// A schema that is asked of values.
struct Asked(Document);

impl Asked {
    #[track_caller]
    fn new(schema: &Value, read: Read) -> Self {
        Self(match read {
            Read::ByItself => Document::read_schema(schema.to_string()).expect("a schema"),
            Read::As(version) => {
                let text = json!({"openapi": version, "schema": schema}).to_string();
                Document::read(text).expect("a document")
            }
        })
    }

    fn node(&self) -> Node<'_> {
        let root = self.0.root();
        root.get("schema").unwrap_or(root)
    }

    fn admits(&self, value: &Value) -> Result<bool, String> {
        Contract::new(&self.0).admits(self.node(), Direction::Request, value)
    }

    fn refusals(&self, value: &Value) -> Vec<Refusal> {
        let contract = Contract::new(&self.0).quoting_values();
        contract.value(self.node(), Direction::Request, value).refusals
    }
}

#[test]
fn the_judge_names_what_it_does_not_read() {
    for (schema, read, told) in [
        (
            json!({"$recursiveRef": "#a"}),
            Read::As("3.1.0"),
            "does not follow `$recursiveRef`",
        ),
        (
            json!({"pattern": "("}),
            Read::As("3.1.0"),
            "cannot read its schema",
        ),
        (
            json!({"$schema": "https://dialects.example/own"}),
            Read::ByItself,
            "which the judge does not know",
        ),
        (
            json!({"allOf": [{"$schema": "https://dialects.example/own"}]}),
            Read::ByItself,
            "which the judge does not know",
        ),
        (
            json!({"not": {"$schema": "https://dialects.example/own"}}),
            Read::As("3.1.0"),
            "which the judge does not know",
        ),
    ] {
        let why = Asked::new(&schema, read).admits(&json!("a")).unwrap_err();
        assert!(why.contains(told), "{why}");
    }
    let known = json!({"$schema": "https://json-schema.org/draft/2020-12/schema#", "type": "null"});
    assert_eq!(Asked::new(&known, Read::ByItself).admits(&json!(null)), Ok(true));
}

#[test]
fn schemas_that_do_not_apply_are_not_read() {
    let no = json!({"$ref": "#/nowhere"});
    for (schema, met, other) in [
        (
            json!({"properties": {"a": no}}),
            json!({"a": 1}),
            json!({"b": {"a": 1}}),
        ),
        (
            json!({"properties": {"a": {"properties": {"b": no}}}}),
            json!({"a": {"b": 1}}),
            json!({"b": 1, "a": {}}),
        ),
        (
            json!({"properties": {"a": {"properties": {"b": no}}}}),
            json!({"a": {"b": 1}}),
            json!({"a": {"c": {"b": 1}}}),
        ),
        (
            json!({"dependentSchemas": {"a": no}}),
            json!({"a": 1}),
            json!({"b": {"a": 1}}),
        ),
        (json!({"additionalProperties": no}), json!({"a": 1}), json!({})),
        (
            json!({"patternProperties": {"a": no}}),
            json!({"a": 1}),
            json!({}),
        ),
        (json!({"items": no}), json!([1]), json!([])),
        (json!({"items": {"items": no}}), json!([[1]]), json!([[], 1])),
        (json!({"prefixItems": [no]}), json!([1]), json!("a")),
        (json!({"propertyNames": no}), json!({"a": 1}), json!("")),
        (json!({"propertyNames": {"not": no}}), json!({"a": 1}), json!(1)),
    ] {
        let asked = Asked::new(&schema, Read::As("3.1.0"));
        assert!(asked.admits(&met).is_err(), "{met} of {schema}");
        assert_eq!(asked.admits(&other), Ok(true), "{other} of {schema}");
    }
    for (names, value, admitted) in [
        (json!({"maxLength": 1}), json!({"a": {"bb": 1}}), true),
        (json!({"maxLength": 1}), json!({"bb": 1}), false),
        // The name of a property has no special meaning.
        (
            json!({"items": no, "properties": {"a": no}}),
            json!({"a": {"a": [1]}}),
            true,
        ),
    ] {
        let schema = json!({ "propertyNames": names });
        assert_eq!(
            Asked::new(&schema, Read::As("3.1.0")).admits(&value),
            Ok(admitted),
            "{value}"
        );
    }
}

#[test]
fn an_empty_reference_leads_to_the_whole() {
    for reference in ["", "#"] {
        let schema = json!({"contains": {"anyOf": [{"$ref": reference}, {"contains": {}}]}});
        let asked = Asked::new(&schema, Read::ByItself);
        assert_eq!(asked.admits(&json!([[]])), Ok(false), "{reference:?}");
        assert_eq!(asked.admits(&json!([[[]]])), Ok(true), "{reference:?}");
    }
    // Data is left as it is.
    let listing = Asked::new(&json!({"enum": [{"$ref": ""}]}), Read::ByItself);
    assert_eq!(listing.admits(&json!({"$ref": ""})), Ok(true));
}

#[test]
fn a_refusal_has_its_place() {
    let schema = json!({"type": "object", "required": ["a/b"], "properties": {"list": {"items": {"type": "integer"}}}});
    let refusals = Asked::new(&schema, Read::As("3.1.0")).refusals(&json!({"list": [1, "x"]}));
    let told: Vec<_> = refusals
        .iter()
        .map(|it| (it.pointer.as_str(), it.why.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("/a~1b", r#""a/b" is a required property"#),
            ("/list/1", r#""x" is not of type "integer""#)
        ]
    );
    let long = json!({ "list": ["y".repeat(300)] });
    let refusals = Asked::new(&schema, Read::As("3.1.0")).refusals(&long);
    let why = &refusals[1].why;
    assert_eq!((why.chars().count(), why.ends_with('…')), (161, true), "{why}");
}

#[test]
fn reasons_are_cut_only_beyond_the_limit() {
    let schema = json!({"type": "integer"});
    for (letters, length) in [(133, 160), (134, 161)] {
        let told = Asked::new(&schema, Read::As("3.1.0")).refusals(&json!("y".repeat(letters)));
        let why = &told[0].why;
        assert_eq!(
            (why.chars().count(), why.ends_with('…')),
            (length, letters > 133),
            "{why}"
        );
    }
}

#[test]
fn schemas_nest_so_deep_for_the_judge() {
    for wrap in [
        |inner: Value| json!({ "not": inner }),
        |inner: Value| json!({ "allOf": [inner] }),
        |inner: Value| json!({"oneOf": [inner], "unevaluatedProperties": {}}),
        |inner: Value| json!({"properties": {"a": inner}}),
    ] {
        let nested = |times: usize| (1..times).fold(json!({"type": "object"}), |inner, _| wrap(inner));
        let value = (0..301).fold(json!({}), |inner, _| json!({ "a": inner }));
        let admits = |schema: &Value| Asked::new(schema, Read::As("3.1.0")).admits(&value);
        assert!(admits(&nested(300)).is_ok());
        let why = admits(&nested(301)).unwrap_err();
        assert!(why.contains("nested too deep"), "{why}");
    }
}

#[test]
fn a_circle_is_undecided_unless_it_leads_into_the_value() {
    let circle = Asked::new(
        &json!({"anyOf": [{"$ref": "#"}, {"type": "string"}]}),
        Read::ByItself,
    );
    // A validator follows the reference forever, although the other alternative accepts the second value.
    for value in [json!(1), json!("a")] {
        let why = circle.admits(&value).unwrap_err();
        assert!(why.contains("leads back to itself"), "{why}");
    }
    let list = json!({"properties": {"next": {"$ref": "#"}}, "required": ["a"]});
    let list = Asked::new(&list, Read::ByItself);
    assert_eq!(list.admits(&json!({"a": 1, "next": {"a": 1}})), Ok(true));
    assert_eq!(list.admits(&json!({"a": 1, "next": {}})), Ok(false));
}

#[test]
fn an_undecided_part_does_not_matter_if_another_decides() {
    let open = json!({"$ref": "#/nowhere"});
    for (schema, answer) in [
        (json!({"allOf": [open, {"type": "string"}]}), Some(false)),
        (json!({"allOf": [open, {"type": "integer"}]}), None),
        (json!({"anyOf": [open, {"type": "integer"}]}), Some(true)),
        (json!({"anyOf": [open, {"type": "string"}]}), None),
        (
            json!({"oneOf": [open, {"type": "integer"}, {"minimum": 0}]}),
            Some(false),
        ),
        (json!({"oneOf": [open, {"type": "integer"}]}), None),
        (json!({ "not": open }), None),
        (json!({"if": open, "then": false}), None),
    ] {
        let admits = Asked::new(&schema, Read::As("3.1.0")).admits(&json!(1));
        assert_eq!(admits.ok(), answer, "{schema}");
    }
    for (contains, answer) in [
        (json!({"minContains": 3}), Some(false)),
        (json!({"minContains": 0}), Some(true)),
        (json!({"minContains": 1}), None),
        (json!({"minContains": 0, "maxContains": 1}), None),
        (json!({"minContains": 0, "maxContains": 2}), Some(true)),
    ] {
        let mut schema = contains;
        schema["contains"] = open.clone();
        let admits = Asked::new(&schema, Read::As("3.1.0")).admits(&json!([1, 2]));
        assert_eq!(admits.ok(), answer, "{schema}");
    }
}

#[test]
fn older_dependencies_are_read_outside_openapi_only() {
    let schema = json!({"dependencies": {"a": ["b"], "c": {"required": ["d"]}}});
    for (value, is_taken) in [
        (json!({"a": 1}), false),
        (json!({"a": 1, "b": 1}), true),
        (json!({"c": 1}), false),
        (json!({"c": 1, "d": 1}), true),
        (json!({"b": 1}), true),
    ] {
        assert_eq!(
            Asked::new(&schema, Read::ByItself).admits(&value),
            Ok(is_taken),
            "{value}"
        );
        assert_eq!(
            Asked::new(&schema, Read::As("3.1.0")).admits(&value),
            Ok(true),
            "{value}"
        );
    }
}

#[test]
fn long_lists_are_judged_any_number_of_times() {
    let names: Vec<String> = (0..100_000).map(|it| format!("p{it}")).collect();
    let schema = json!({"properties": {"kind": {"enum": names}}, "required": names});
    let asked = Asked::new(&schema, Read::As("3.1.0"));
    let contract = Contract::new(&asked.0);
    for _ in 0..1_000 {
        for kind in ["p99999", "q"] {
            let value = json!({"kind": kind, "p0": 1});
            let admits = contract.admits(asked.node(), Direction::Request, &value);
            assert_eq!(admits, Ok(false), "{kind}");
        }
    }
    let kind = asked.node().pointer("/properties/kind").unwrap();
    for (value, answer) in [("p99999", true), ("p100000", false)] {
        let admits = contract.admits(kind, Direction::Request, &json!(value));
        assert_eq!(admits, Ok(answer), "{value}");
    }
}

#[test]
fn so_many_applications_are_judged_and_fewer_are_told() {
    let list = |applications: usize| json!(vec![0; applications - 1]);
    let any = json!({"items": true});
    let admits = |value: &Value| Asked::new(&any, Read::ByItself).admits(value);
    assert_eq!(admits(&list(500_000)), Ok(true));
    assert!(admits(&list(500_001)).unwrap_err().contains("too many steps"));
    let none = json!({"items": true, "maxItems": 0});
    let asked = Asked::new(&none, Read::ByItself);
    for (value, words) in [
        (list(20_000), "[0,0,"),
        (list(20_001), "more steps than can be told"),
    ] {
        let refusals = asked.refusals(&value);
        assert_eq!(refusals.len(), 1);
        assert!(refusals[0].why.contains(words), "{}", refusals[0].why);
    }
}

#[test]
fn no_alternative_takes_nothing() {
    for keyword in ["anyOf", "oneOf"] {
        let none = json!({ keyword: [] });
        assert_eq!(
            Asked::new(&none, Read::As("3.1.0")).admits(&json!("a")),
            Ok(false)
        );
    }
}

#[test]
fn omitted_reasons_are_mentioned() {
    let told = |names: usize| {
        let required: Vec<String> = (0..names).map(|it| format!("p{it}")).collect();
        let asked = Asked::new(&json!({ "required": required }), Read::As("3.1.0"));
        let judgement = Contract::new(&asked.0).value(asked.node(), Direction::Request, &json!({}));
        (judgement.refusals.len(), judgement.doubts.len())
    };
    assert_eq!(told(99), (99, 0));
    assert_eq!(told(101), (100, 1));
}
