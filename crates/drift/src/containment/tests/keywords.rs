//! For each keyword: pairs of schemas of which one is narrower, pairs that are equal, and pairs that differ both
//! ways.

use serde_json::{Map, Value, json};

use super::{ask, different, narrower, same, undecided};
use crate::containment::verdict::Verdict;

#[test]
fn types() {
    narrower(&json!({"type": "integer"}), &json!({"type": "number"}));
    narrower(&json!({"type": "string"}), &json!({"type": ["string", "null"]}));
    narrower(
        &json!({"type": ["boolean", "null"]}),
        &json!({"enum": [true, false, null, 1]}),
    );
    same(
        &json!({"type": ["integer", "number"]}),
        &json!({"type": "number"}),
    );
    same(&json!({"type": "boolean"}), &json!({"enum": [true, false]}));
    same(&json!({"type": "null"}), &json!({"const": null}));
    same(&json!({"type": []}), &json!(false));
    same(
        &json!({"not": {"type": ["string", "object", "array"]}}),
        &json!({"type": ["number", "null", "boolean"]}),
    );
    different(&json!({"type": "array"}), &json!({"type": "object"}));
    narrower(&json!({"type": "string", "minimum": 3}), &json!({}));
    same(
        &json!({"type": "string", "minimum": 3}),
        &json!({"type": "string"}),
    );
    same(&json!({}), &json!(true));
    narrower(&json!(false), &json!({"type": "null"}));
}

#[test]
fn constants_and_enumerations() {
    narrower(&json!({"enum": [1, 2]}), &json!({"enum": [1, 2, "3"]}));
    same(&json!({"const": 1}), &json!({"const": 1.0}));
    same(&json!({"enum": [2, 1, 1.0]}), &json!({"enum": [1, 2]}));
    same(
        &json!({"enum": ["a", "b"]}),
        &json!({"anyOf": [{"const": "b"}, {"const": "a"}]}),
    );
    same(
        &json!({"enum": ["a", 1, null]}),
        &json!({"oneOf": [{"const": "a"}, {"const": 1}, {"type": "null"}]}),
    );
    same(&json!({"enum": []}), &json!(false));
    narrower(&json!({"const": true}), &json!({"type": "boolean"}));
    different(&json!({"const": false}), &json!({"const": 0}));
    different(&json!({"const": [false]}), &json!({"const": [0]}));
    narrower(
        &json!({"const": {"a": [1, {"b": null}]}}),
        &json!({"type": "object", "required": ["a"]}),
    );
    narrower(
        &json!({"const": {"a": 1}}),
        &json!({"enum": [{"a": 1}, {"a": 1, "b": 2}]}),
    );
    narrower(&json!({"const": [1, 2]}), &json!({"enum": [[1, 2], [2, 1]]}));
    narrower(
        &json!({"enum": [3, "abc"]}),
        &json!({"anyOf": [{"type": "integer"}, {"minLength": 3, "type": "string"}]}),
    );
    narrower(
        &json!({"enum": ["a"], "type": ["string", "null"]}),
        &json!({"enum": ["a", null]}),
    );
    same(
        &json!({"enum": ["a", 5, [1]], "type": "string"}),
        &json!({"const": "a"}),
    );
    narrower(
        &json!({"type": "string", "not": {"enum": ["a", "b"]}}),
        &json!({"type": "string", "not": {"const": "a"}}),
    );
    same(&json!({"oneOf": [{"const": "a"}, {"const": "a"}]}), &json!(false));
    same(
        &json!({"oneOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]}),
        &json!({"enum": ["a", "c"]}),
    );
}

#[test]
fn numbers() {
    narrower(
        &json!({"type": "number", "minimum": 2}),
        &json!({"type": "number", "minimum": 1}),
    );
    narrower(&json!({"exclusiveMinimum": 1}), &json!({"minimum": 1}));
    narrower(&json!({"exclusiveMaximum": 1}), &json!({"maximum": 1}));
    narrower(&json!({"maximum": 1}), &json!({"exclusiveMaximum": 1.5}));
    narrower(
        &json!({"maximum": 1, "exclusiveMaximum": 1}),
        &json!({"maximum": 1}),
    );
    narrower(
        &json!({"maximum": 1, "exclusiveMaximum": 0}),
        &json!({"maximum": 0}),
    );
    narrower(
        &json!({"minimum": 1, "exclusiveMinimum": 1}),
        &json!({"minimum": 1}),
    );
    same(
        &json!({"minimum": 3, "exclusiveMinimum": 1}),
        &json!({"minimum": 3}),
    );
    same(
        &json!({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 3}),
        &json!({"enum": [1, 2]}),
    );
    same(
        &json!({"type": "integer", "minimum": 0.5, "maximum": 1.5}),
        &json!({"const": 1}),
    );
    same(
        &json!({"type": "number", "minimum": 2, "exclusiveMaximum": 2}),
        &json!(false),
    );
    same(
        &json!({"type": "number", "minimum": 3, "maximum": 2}),
        &json!(false),
    );
    same(
        &json!({"type": "number", "minimum": 2, "maximum": 2}),
        &json!({"const": 2}),
    );
    same(
        &json!({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2}),
        &json!(false),
    );
    narrower(
        &json!({"type": "number", "minimum": -3, "maximum": -2}),
        &json!({"type": "number", "maximum": -1}),
    );
    narrower(&json!({"multipleOf": 6}), &json!({"multipleOf": 3}));
    narrower(&json!({"multipleOf": 0.5}), &json!({"multipleOf": 0.25}));
    same(
        &json!({"multipleOf": 1, "type": "number"}),
        &json!({"type": "integer"}),
    );
    same(
        &json!({"allOf": [{"multipleOf": 4}, {"multipleOf": 6}]}),
        &json!({"multipleOf": 12}),
    );
    same(
        &json!({"allOf": [{"multipleOf": 0.4}, {"multipleOf": 0.6}]}),
        &json!({"multipleOf": 1.2}),
    );
    different(&json!({"multipleOf": 2}), &json!({"multipleOf": 3}));
    narrower(
        &json!({"type": "integer", "not": {"multipleOf": 2}}),
        &json!({"type": "integer", "not": {"multipleOf": 4}}),
    );
    same(
        &json!({"type": "integer", "minimum": 10, "maximum": 13, "not": {"enum": [10, 12, 13]}}),
        &json!({"const": 11}),
    );
    same(
        &json!({"type": "integer", "minimum": 1, "maximum": 9, "not": {"anyOf": [{"multipleOf": 2}, {"multipleOf": 3}]}}),
        &json!({"enum": [1, 5, 7]}),
    );
    narrower(
        &json!({"type": "number", "not": {"type": "integer"}}),
        &json!({"type": "number"}),
    );
    narrower(
        &json!({"const": 9_007_199_254_740_993_u64}),
        &json!({"not": {"const": 9_007_199_254_740_992_u64}}),
    );
    narrower(
        &json!({"minimum": 1e300, "type": "number"}),
        &json!({"minimum": 1e299, "type": "number"}),
    );
    // The next number that can be written is a tenth larger.
    narrower(
        &json!({"exclusiveMinimum": 1e308, "type": "number"}),
        &json!({"type": "number"}),
    );
    different(
        &json!({"exclusiveMinimum": 1e308, "type": "number"}),
        &json!({"type": "string"}),
    );
}

#[test]
fn a_long_range_of_integers_is_listed_to_its_end() {
    let all: Vec<i64> = (0..6_000).collect();
    same(
        &json!({"type": "integer", "minimum": 0, "maximum": 5999}),
        &json!({ "enum": all }),
    );
    narrower(
        &json!({ "enum": all }),
        &json!({"type": "integer", "minimum": 0, "maximum": 6000}),
    );
}

/// There it is a character, and closes no group.
#[test]
fn a_parenthesis_in_a_class_may_be_looked_for() {
    for class in ["[(]", "[)]", "[()]"] {
        same(
            &json!({"type": "string", "pattern": format!("^(?={class}a)..$")}),
            &json!({"type": "string", "pattern": format!("^{class}a$")}),
        );
    }
}

/// Like one in a class, it closes no group.
#[test]
fn an_escaped_parenthesis_may_be_looked_for() {
    for escaped in [r"\(", r"\)", r"\(\)", r"[\])]"] {
        same(
            &json!({"type": "string", "pattern": format!("^(?={escaped}a)..+$")}),
            &json!({"type": "string", "pattern": format!("^{escaped}a.*$")}),
        );
    }
}

#[test]
fn strings() {
    narrower(
        &json!({"type": "string", "minLength": 2}),
        &json!({"type": "string", "minLength": 1}),
    );
    narrower(
        &json!({"type": "string", "maxLength": 2}),
        &json!({"type": "string", "maxLength": 3}),
    );
    same(
        &json!({"type": "string", "minLength": 3, "maxLength": 2}),
        &json!(false),
    );
    same(&json!({"type": "string", "maxLength": 0}), &json!({"const": ""}));
    same(
        &json!({"minLength": 0, "type": "string"}),
        &json!({"type": "string"}),
    );
    same(&json!({"minLength": 2.0}), &json!({"minLength": 2}));
    narrower(
        &json!({"const": "🐲🐲"}),
        &json!({"type": "string", "minLength": 2, "maxLength": 2}),
    );
    narrower(
        &json!({"pattern": "^a+$", "type": "string"}),
        &json!({"pattern": "^a", "type": "string"}),
    );
    narrower(
        &json!({"type": "string", "pattern": "^[0-9]{2}$"}),
        &json!({"type": "string", "maxLength": 2}),
    );
    narrower(
        &json!({"type": "string", "pattern": "^[a-f]+$", "minLength": 2}),
        &json!({"type": "string", "pattern": "^[a-z]{2,}$"}),
    );
    same(&json!({"pattern": "^(a|b)*$"}), &json!({"pattern": "^[ab]*$"}));
    same(&json!({"pattern": r"^\d+$"}), &json!({"pattern": "^[0-9]+$"}));
    same(
        &json!({"pattern": r"^\w$"}),
        &json!({"pattern": "^[A-Za-z0-9_]$"}),
    );
    same(
        &json!({"type": "string", "pattern": "^a$"}),
        &json!({"const": "a"}),
    );
    same(
        &json!({"type": "string", "pattern": "^(a|b|)$"}),
        &json!({"enum": ["", "a", "b"]}),
    );
    same(&json!({"pattern": ""}), &json!(true));
    same(
        &json!({"type": "string", "pattern": "^[$.(){}^|]$"}),
        &json!({"enum": ["$", ".", "(", ")", "{", "}", "^", "|"]}),
    );
    same(
        &json!({"type": "string", "pattern": r"^\.\$\n?$", "maxLength": 2}),
        &json!({"const": ".$"}),
    );
    same(
        &json!({"type": "string", "pattern": "^a{2,3}$"}),
        &json!({"enum": ["aa", "aaa"]}),
    );
    same(
        &json!({"type": "string", "pattern": "^$", "minLength": 1}),
        &json!(false),
    );
    narrower(
        &json!({"type": "string", "pattern": "^(.|\n)$"}),
        &json!({"type": "string", "maxLength": 1}),
    );
    different(
        &json!({"type": "string", "pattern": "^.$"}),
        &json!({"type": "string", "pattern": "^[^a]$"}),
    );
    different(&json!({"pattern": "a"}), &json!({"pattern": "b"}));
    narrower(
        &json!({"type": "string", "pattern": "a", "not": {"pattern": "b"}}),
        &json!({"type": "string", "pattern": "a"}),
    );
    narrower(
        &json!({"enum": ["ab", "ba"]}),
        &json!({"type": "string", "pattern": "a", "maxLength": 2}),
    );
    narrower(
        &json!({"type": "string", "pattern": "^x{3}$"}),
        &json!({"type": "string", "pattern": "^x{2,4}$"}),
    );
    narrower(
        &json!({"type": "string", "pattern": "^(ab)+$", "maxLength": 5}),
        &json!({"enum": ["ab", "abab", "x"]}),
    );
    same(
        &json!({"type": "string", "allOf": [{"pattern": "^(aa)*$"}, {"pattern": "^(aaa)*$"}], "minLength": 1, "maxLength": 11}),
        &json!({"const": "aaaaaa"}),
    );
    same(&json!({"format": "ipv4"}), &json!({"format": "no-such"}));
}

#[test]
fn a_pattern_that_no_automaton_reads_equals_itself() {
    let twice = json!({"type": "string", "pattern": r"^(.)\1"});
    same(&twice, &json!({"pattern": r"^(.)\1", "type": "string"}));
    let short = json!({"type": "string", "pattern": r"^(.)\1", "maxLength": 3});
    assert_eq!(ask(&short, &twice), Verdict::Proved);
    undecided(&twice, &json!({"pattern": "^a"}));
}

#[test]
fn look_around_at_the_ends_of_a_pattern() {
    same(
        &json!({"type": "string", "pattern": "^(?!-)[a-]*(?<!-)$"}),
        &json!({"type": "string", "pattern": "^(a([a-]*a)?)?$"}),
    );
    // An end before a start leaves the empty text.
    same(
        &json!({"type": "string", "pattern": "(?!a)$^"}),
        &json!({"const": ""}),
    );
    let narrow = json!({"type": "string", "pattern": "^(?=.*[0-9])(?=.*[a-z]).{8,}$"});
    let wide = json!({"type": "string", "pattern": "^(?=.*[a-z]).{8,}$"});
    assert_eq!(ask(&narrow, &wide), Verdict::Proved);
}

#[test]
fn look_around_within_a_pattern() {
    same(
        &json!({"type": "string", "pattern": r"^[a-z]+(?:-[a-z]+)*$"}),
        &json!({"type": "string", "pattern": r"^(?!-)(?:(?!--)[a-z-])+(?<!-)$"}),
    );
    for (narrow, wide) in [
        (r"^/(?:(?!admin).)*$", "^/.*$"),
        (r"\bcat\b", "cat"),
        (r"^a(?=b)", "^ab"),
    ] {
        let [narrow, wide] = [narrow, wide].map(|it| json!({"type": "string", "pattern": it}));
        assert_eq!(ask(&narrow, &wide), Verdict::Proved, "{narrow}");
    }
}

#[test]
fn objects() {
    let closed = |properties: Value| json!({"type": "object", "properties": properties, "additionalProperties": false});
    narrower(
        &json!({"type": "object", "required": ["a", "b"]}),
        &json!({"type": "object", "required": ["a"]}),
    );
    narrower(
        &json!({"properties": {"a": {"type": "integer"}}}),
        &json!({"properties": {"a": {"type": "number"}}}),
    );
    narrower(
        &closed(json!({"a": true})),
        &closed(json!({"a": true, "b": true})),
    );
    narrower(
        &closed(json!({"a": {"type": "string"}})),
        &json!({"properties": {"b": {"type": "null"}}}),
    );
    same(&closed(json!({"a": false})), &json!({"const": {}}));
    same(&json!({"type": "object", "maxProperties": 0}), &closed(json!({})));
    same(
        &json!({"type": "object", "properties": {"a": false}, "required": ["a"]}),
        &json!(false),
    );
    narrower(
        &json!({"type": "object", "additionalProperties": {"type": "integer"}}),
        &json!({"type": "object", "additionalProperties": {"type": "number"}}),
    );
    narrower(
        &json!({"type": "object", "additionalProperties": {"type": "integer"}}),
        &json!({"type": "object", "properties": {"a": {"type": "integer"}}}),
    );
    different(
        &json!({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "integer"}}),
        &json!({"type": "object", "additionalProperties": {"type": "integer"}}),
    );
    narrower(
        &json!({"type": "object", "minProperties": 2}),
        &json!({"type": "object", "minProperties": 1}),
    );
    narrower(
        &json!({"type": "object", "maxProperties": 1}),
        &json!({"type": "object", "maxProperties": 2}),
    );
    narrower(
        &json!({"type": "object", "required": ["a", "b"]}),
        &json!({"type": "object", "minProperties": 2}),
    );
    same(
        &json!({"type": "object", "minProperties": 3, "maxProperties": 2}),
        &json!(false),
    );
    same(
        &json!({"required": ["a", "b"], "maxProperties": 1, "type": "object"}),
        &json!(false),
    );
    same(
        &json!({"type": "object", "properties": {"a": true, "b": true}, "additionalProperties": false, "minProperties": 2}),
        &json!({"type": "object", "properties": {"a": true, "b": true}, "additionalProperties": false, "required": ["a", "b"]}),
    );
    narrower(
        &json!({"type": "object", "minProperties": 3, "properties": {"a": true, "b": true}, "additionalProperties": {"type": "null"}}),
        &json!({"type": "object", "minProperties": 2}),
    );
    narrower(
        &json!({"not": {"properties": {"a": {"type": "string"}}}}),
        &json!({"type": "object", "required": ["a"]}),
    );
    narrower(
        &json!({"type": "object", "not": {"additionalProperties": {"type": "string"}}}),
        &json!({"type": "object", "minProperties": 1}),
    );
    same(
        &json!({"type": "object", "allOf": [{"not": {"additionalProperties": {"type": "string"}}}, {"additionalProperties": {"type": "string"}}]}),
        &json!(false),
    );
}

#[test]
fn a_least_number_of_properties_is_made_up_with_any_that_may_be() {
    let schema = |least: u64| {
        json!({"type": "object", "minProperties": least, "required": ["a"], "properties": {"b": false, "c": {"type": "null"}},
            "patternProperties": {"^x": {"type": "integer"}}})
    };
    narrower(&schema(5), &schema(4));
    let few = |least: u64| json!({"type": "object", "minProperties": least, "propertyNames": {"enum": ["a", "b", "c"]}, "properties": {"b": false}});
    narrower(&few(2), &few(1));
    same(&few(3), &json!(false));
}

#[test]
fn demands_on_some_property_are_met_by_distinct_names_where_they_must() {
    // One property must not be a string, and one must not be an integer. The same property can satisfy both, and must
    // do so if there is only one name.
    let both = json!({"type": "object", "allOf": [
        {"not": {"additionalProperties": {"type": "string"}}},
        {"not": {"additionalProperties": {"type": "integer"}}}]});
    narrower(&both, &json!({"type": "object", "minProperties": 1}));
    let apart = json!({"type": "object", "allOf": [
        {"not": {"additionalProperties": {"not": {"type": "string"}}}},
        {"not": {"additionalProperties": {"not": {"type": "integer"}}}}]});
    narrower(&apart, &json!({"type": "object", "minProperties": 2}));
    same(
        &json!({"allOf": [apart, {"propertyNames": {"const": "a"}}]}),
        &json!(false),
    );
}

#[test]
fn names_and_patterns() {
    narrower(
        &json!({"type": "object", "propertyNames": {"pattern": "^a"}}),
        &json!({"type": "object", "propertyNames": {"minLength": 1}}),
    );
    same(
        &json!({"type": "object", "propertyNames": {"enum": ["a", "b"]}}),
        &json!({"type": "object", "properties": {"a": true, "b": true}, "additionalProperties": false}),
    );
    same(
        &json!({"type": "object", "propertyNames": false}),
        &json!({"const": {}}),
    );
    same(
        &json!({"type": "object", "propertyNames": {"maxLength": 0}, "minProperties": 2}),
        &json!(false),
    );
    narrower(
        &json!({"patternProperties": {"^a": {"type": "integer"}}}),
        &json!({"properties": {"ab": {"type": "integer"}}}),
    );
    same(
        &json!({"type": "object", "patternProperties": {"^a": {"type": "integer"}, "b$": {"type": "string"}}, "required": ["ab"]}),
        &json!(false),
    );
    same(
        &json!({"type": "object", "patternProperties": {"": {"type": "string"}}}),
        &json!({"type": "object", "additionalProperties": {"type": "string"}}),
    );
    narrower(
        &json!({"type": "object", "patternProperties": {"^x-": true}, "properties": {"a": true}, "additionalProperties": false}),
        &json!({"type": "object", "propertyNames": {"pattern": "^(a|x-)"}}),
    );
    different(
        &json!({"type": "object", "patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": {"type": "string"}}),
        &json!({"type": "object", "patternProperties": {"^b": {"type": "integer"}}, "additionalProperties": {"type": "string"}}),
    );
}

#[test]
fn dependencies_between_properties() {
    narrower(
        &json!({"dependentRequired": {"a": ["b"]}, "required": ["a"], "type": "object"}),
        &json!({"required": ["b"], "type": "object"}),
    );
    same(
        &json!({"type": "object", "dependentRequired": {"a": ["b"]}}),
        &json!({"type": "object", "dependentSchemas": {"a": {"required": ["b"]}}}),
    );
    same(
        &json!({"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}}),
        &json!({"type": "object", "dependentRequired": {"a": ["b"]}}),
    );
    same(
        &json!({"dependentSchemas": {"a": false}}),
        &json!({"properties": {"a": false}}),
    );
    narrower(
        &json!({"dependentSchemas": {"a": {"maxProperties": 1}}}),
        &json!({"dependentSchemas": {"a": {"maxProperties": 2}}}),
    );
}

#[test]
fn arrays() {
    narrower(
        &json!({"type": "array", "minItems": 2}),
        &json!({"type": "array", "minItems": 1}),
    );
    narrower(
        &json!({"type": "array", "maxItems": 1}),
        &json!({"type": "array", "maxItems": 2}),
    );
    same(
        &json!({"type": "array", "minItems": 3, "maxItems": 2}),
        &json!(false),
    );
    same(&json!({"type": "array", "items": false}), &json!({"const": []}));
    narrower(
        &json!({"items": {"type": "integer"}}),
        &json!({"items": {"type": "number"}}),
    );
    narrower(
        &json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}),
        &json!({"type": "array", "maxItems": 2, "items": {"type": ["string", "integer"]}}),
    );
    same(
        &json!({"type": "array", "prefixItems": [true, false]}),
        &json!({"type": "array", "maxItems": 1}),
    );
    same(
        &json!({"type": "array", "prefixItems": [false], "minItems": 1}),
        &json!(false),
    );
    different(
        &json!({"type": "array", "prefixItems": [{"type": "string"}], "minItems": 1}),
        &json!({"type": "array", "items": {"type": "string"}}),
    );
    narrower(
        &json!({"type": "array", "prefixItems": [{"const": 1}], "items": {"const": 2}}),
        &json!({"type": "array", "items": {"enum": [1, 2]}}),
    );
    narrower(
        &json!({"not": {"items": {"type": "string"}}}),
        &json!({"type": "array", "minItems": 1}),
    );
    narrower(
        &json!({"type": "array", "minItems": 2, "not": {"prefixItems": [true, {"type": "string"}]}}),
        &json!({"type": "array", "minItems": 2}),
    );
}

#[test]
fn counted_items() {
    narrower(
        &json!({"type": "array", "contains": {"type": "integer"}}),
        &json!({"type": "array", "minItems": 1}),
    );
    narrower(
        &json!({"type": "array", "contains": {"type": "integer"}, "minContains": 2}),
        &json!({"type": "array", "contains": {"type": "number"}, "minContains": 2}),
    );
    same(&json!({"contains": {"const": 1}, "minContains": 0}), &json!(true));
    narrower(
        &json!({"type": "array", "contains": true, "maxContains": 2}),
        &json!({"type": "array", "maxItems": 2}),
    );
    same(
        &json!({"type": "array", "contains": {"const": 1}, "minContains": 3, "maxContains": 2}),
        &json!(false),
    );
    same(
        &json!({"type": "array", "items": {"type": "string"}, "contains": {"type": "integer"}}),
        &json!(false),
    );
    same(
        &json!({"type": "array", "contains": {"type": "string"}, "minContains": 0, "maxContains": 0}),
        &json!({"type": "array", "items": {"not": {"type": "string"}}}),
    );
    same(
        &json!({"type": "array", "allOf": [{"contains": {"const": 1}}, {"contains": {"const": 2}}], "maxItems": 1}),
        &json!(false),
    );
    narrower(
        &json!({"type": "array", "contains": {"type": "string"}, "minContains": 2, "prefixItems": [{"type": "null"}]}),
        &json!({"type": "array", "minItems": 2}),
    );
}

#[test]
fn items_that_differ() {
    narrower(
        &json!({"type": "array", "uniqueItems": true}),
        &json!({"type": "array"}),
    );
    same(&json!({"uniqueItems": false}), &json!(true));
    same(
        &json!({"type": "array", "uniqueItems": true, "items": {"type": "boolean"}, "minItems": 3}),
        &json!(false),
    );
    same(
        &json!({"type": "array", "uniqueItems": true, "items": {"const": 1}}),
        &json!({"enum": [[], [1]]}),
    );
    same(
        &json!({"type": "array", "uniqueItems": true, "prefixItems": [{"const": 1}, {"enum": [1, 2]}], "items": false, "minItems": 2}),
        &json!({"const": [1, 2]}),
    );
    same(
        &json!({"type": "array", "uniqueItems": true, "prefixItems": [{"enum": [1, 2]}, {"enum": [1, 2]}, {"enum": [1, 2]}], "minItems": 3}),
        &json!(false),
    );
    // The first item must leave the value `1` to the second.
    same(
        &json!({"type": "array", "uniqueItems": true, "prefixItems": [{"enum": [1, 2]}, {"const": 1}, {"enum": [2, 3]}], "items": false, "minItems": 3}),
        &json!({"const": [2, 1, 3]}),
    );
    same(&json!({"const": [1, 2, 1], "uniqueItems": true}), &json!(false));
    narrower(
        &json!({"type": "array", "not": {"uniqueItems": true}}),
        &json!({"type": "array", "minItems": 2}),
    );
    narrower(
        &json!({"type": "array", "not": {"uniqueItems": true}, "items": {"type": "integer"}, "maxItems": 3}),
        &json!({"type": "array", "items": {"type": "number"}, "minItems": 2}),
    );
    same(
        &json!({"type": "array", "not": {"uniqueItems": true}, "prefixItems": [{"type": "string"}, {"type": "integer"}], "maxItems": 2}),
        &json!(false),
    );
    narrower(
        &json!({"const": [1, true]}),
        &json!({"uniqueItems": true, "type": "array"}),
    );
}

#[test]
fn combinations() {
    narrower(
        &json!({"allOf": [{"type": "integer"}, {"minimum": 1}]}),
        &json!({"type": "integer"}),
    );
    same(
        &json!({"allOf": [{"type": "integer"}, {"type": "string"}]}),
        &json!(false),
    );
    same(
        &json!({"anyOf": [{"minimum": 1}, {"type": "string"}]}),
        &json!({"minimum": 1}),
    );
    same(
        &json!({"type": "integer", "anyOf": [{"minimum": 1}, {"maximum": 0}]}),
        &json!({"type": "integer"}),
    );
    narrower(
        &json!({"type": "object", "required": ["t"], "properties": {"t": {"enum": ["a", "b"]}}}),
        &json!({"anyOf": [{"properties": {"t": {"const": "a"}}}, {"properties": {"t": {"const": "b"}}}]}),
    );
    narrower(
        &json!({"type": "number", "oneOf": [{"minimum": 1}, {"multipleOf": 2}]}),
        &json!({"type": "number"}),
    );
    same(
        &json!({"oneOf": [{"type": "string"}, {"type": "integer"}]}),
        &json!({"type": ["string", "integer"]}),
    );
    same(
        &json!({"oneOf": [{"type": "string"}, {"type": "string"}]}),
        &json!(false),
    );
    same(
        &json!({"oneOf": [{"type": "number"}, {"type": "integer"}]}),
        &json!({"type": "number", "not": {"type": "integer"}}),
    );
    same(
        &json!({"oneOf": [{"type": "string"}, {"const": "a"}]}),
        &json!({"type": "string", "not": {"const": "a"}}),
    );
    same(
        &json!({"oneOf": [{"type": ["string", "number"]}, {"const": 1}, {"type": "null"}]}),
        &json!({"type": ["string", "number", "null"], "not": {"const": 1}}),
    );
    same(
        &json!({"oneOf": [true, {"type": "integer"}]}),
        &json!({"not": {"type": "integer"}}),
    );
    same(
        &json!({"oneOf": [{"minimum": 1}, {"minimum": 2}, {"minimum": 3}], "type": "integer"}),
        &json!({"type": "integer", "const": 1}),
    );
    same(
        &json!({"not": {"not": {"type": "string"}}}),
        &json!({"type": "string"}),
    );
    same(
        &json!({"not": {"anyOf": [{"type": "string"}, {"type": "null"}]}}),
        &json!({"allOf": [{"not": {"type": "string"}}, {"not": {"type": "null"}}]}),
    );
    same(
        &json!({"not": {"oneOf": [{"type": "string"}, {"minLength": 1}]}}),
        &json!({"type": "string", "minLength": 1}),
    );
    same(
        &json!({"not": {"oneOf": [{"required": ["a"]}, {"required": ["b"]}, {"required": ["c"]}]}, "type": "object", "propertyNames": {"enum": ["a", "b", "c"]}}),
        &json!({"anyOf": [{"const": {}}, {"type": "object", "propertyNames": {"enum": ["a", "b", "c"]}, "minProperties": 2}]}),
    );
    same(
        &json!({"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"type": "null"}}),
        &json!({"anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}]}),
    );
    same(&json!({"then": false, "else": false}), &json!(true));
    same(
        &json!({"if": false, "else": {"type": "string"}}),
        &json!({"type": "string"}),
    );
    same(
        &json!({"if": {"required": ["a"]}, "else": false}),
        &json!({"required": ["a"]}),
    );
}

#[test]
fn unevaluated_keywords() {
    let named = |name: &str| json!({"properties": {name: {"type": "string"}}});
    same(
        &json!({"type": "object", "allOf": [named("a"), named("b")], "unevaluatedProperties": false}),
        &json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "additionalProperties": false}),
    );
    same(
        &json!({"type": "object", "unevaluatedProperties": false, "anyOf": [
            {"properties": {"a": {"type": "string"}}, "required": ["a"]},
            {"properties": {"b": {"type": "string"}}, "required": ["b"]}]}),
        &json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "additionalProperties": false, "minProperties": 1}),
    );
    same(
        &json!({"type": "object", "if": {"required": ["a"], "properties": {"a": true}}, "then": {"properties": {"b": true}}, "unevaluatedProperties": false}),
        &json!({"anyOf": [{"const": {}}, {"type": "object", "required": ["a"], "properties": {"a": true, "b": true}, "additionalProperties": false}]}),
    );
    same(
        &json!({"type": "object", "not": {"required": ["a"], "properties": {"a": true}}, "unevaluatedProperties": false}),
        &json!({"const": {}}),
    );
    same(
        &json!({"type": "object", "dependentSchemas": {"a": {"properties": {"a": true, "b": true}}}, "unevaluatedProperties": false}),
        &json!({"anyOf": [{"const": {}}, {"type": "object", "required": ["a"], "properties": {"a": true, "b": true}, "additionalProperties": false}]}),
    );
    same(
        &json!({"type": "object", "allOf": [{"additionalProperties": true}], "unevaluatedProperties": false}),
        &json!({"type": "object"}),
    );
    same(
        &json!({"type": "object", "patternProperties": {"^a": true}, "unevaluatedProperties": {"type": "null"}}),
        &json!({"type": "object", "patternProperties": {"^a": true}, "additionalProperties": {"type": "null"}}),
    );
    same(
        &json!({"type": "array", "prefixItems": [true], "allOf": [{"prefixItems": [true, true]}], "unevaluatedItems": false}),
        &json!({"type": "array", "maxItems": 2}),
    );
    same(
        &json!({"type": "array", "contains": {"type": "string"}, "unevaluatedItems": {"type": "null"}}),
        &json!({"type": "array", "contains": {"type": "string"}, "items": {"type": ["string", "null"]}}),
    );
    same(
        &json!({"type": "array", "items": {"type": "string"}, "unevaluatedItems": false}),
        &json!({"type": "array", "items": {"type": "string"}}),
    );
    same(
        &json!({"type": "object", "allOf": [{"unevaluatedProperties": {"type": "string"}}], "unevaluatedProperties": false}),
        &json!({"type": "object", "additionalProperties": {"type": "string"}}),
    );
    same(
        &json!({"type": "array", "allOf": [{"unevaluatedItems": {"type": "string"}}], "unevaluatedItems": false}),
        &json!({"type": "array", "items": {"type": "string"}}),
    );
    same(
        &json!({"type": "array", "allOf": [{"items": {"type": "string"}}, {"minItems": 1}], "unevaluatedItems": false}),
        &json!({"type": "array", "items": {"type": "string"}, "minItems": 1}),
    );
    same(
        &json!({"type": "array", "oneOf": [{"prefixItems": [{"const": 1}], "minItems": 1}, {"prefixItems": [{"const": 2}, true], "minItems": 1}], "unevaluatedItems": false}),
        &json!({"anyOf": [{"const": [1]}, {"type": "array", "prefixItems": [{"const": 2}], "minItems": 1, "maxItems": 2}]}),
    );
}

#[test]
fn a_text_may_need_the_last_or_the_first_of_all_characters() {
    let last = json!({"type": "string", "pattern": "^[^\\u0000-\\uFFFF]$"});
    narrower(&last, &json!({"type": "string"}));
    assert!(matches!(ask(&last, &json!({"not": {}})), Verdict::Refuted(_)));
    narrower(
        &json!({"type": "string", "pattern": "^[\\u0001-\\u{10FFFF}]*$"}),
        &json!({"type": "string"}),
    );
}

#[test]
fn a_pattern_that_goes_on_after_the_end_matches_nothing() {
    let nothing = json!({"not": {}});
    for pattern in ["$a", "b$a", "a^"] {
        assert_eq!(
            ask(&json!({"type": "string", "pattern": pattern}), &nothing),
            Verdict::Proved,
            "{pattern}"
        );
    }
}

#[test]
fn unreadable_schemas_stay_undecided() {
    for odd in [
        json!({"$schema": "http://json-schema.org/draft-04/schema#", "exclusiveMinimum": true}),
        json!({"dependencies": {"a": ["b"]}}),
        json!({"type": "file"}),
    ] {
        undecided(&json!({"type": "object"}), &odd);
        assert_eq!(ask(&odd, &json!(true)), Verdict::Proved);
        assert_eq!(ask(&odd, &odd.clone()), Verdict::Proved);
    }
}

#[test]
fn a_property_that_may_match_an_unreadable_pattern_is_not_made_up() {
    let source =
        json!({"type": "object", "required": ["aa"], "patternProperties": {r"^(a)\1$": {"type": "integer"}}});
    undecided(&source, &json!({"properties": {"aa": {"type": "integer"}}}));
    let mut patterns: Map<String, Value> = (0..8).map(|n| (format!("^{n}"), json!({"const": n}))).collect();
    patterns.insert(r"^(a)\1$".to_owned(), json!(false));
    undecided(
        &json!({"type": "object", "patternProperties": patterns, "minProperties": 1}),
        &json!(false),
    );
}

#[test]
fn many_properties_that_contradict_each_other_admit_no_object() {
    let properties: Map<String, Value> = (0..300)
        .map(|n| (format!("p{n}"), json!({"type": "integer"})))
        .collect();
    let none = json!({"type": "object", "properties": properties, "minProperties": 2, "maxProperties": 1});
    same(&none, &json!(false));
    same(
        &json!({"anyOf": [none, {"type": "null"}]}),
        &json!({"type": "null"}),
    );
}

/// The conditions on many properties are kept by themselves. What was asserted before them must not be lost.
#[test]
fn alternatives_beside_very_many_properties_count() {
    let properties: serde_json::Map<String, Value> = (0..300)
        .map(|n| (format!("p{n}"), json!({"type": "integer"})))
        .collect();
    for keyword in ["oneOf", "anyOf"] {
        let named = json!([{"required": ["x"]}, {"required": ["y"]}]);
        let wide = json!({"$ref": "#/$defs/wide"});
        for parts in [json!([{keyword: named}, wide]), json!([wide, {keyword: named}])] {
            let schema = json!({"type": "object", "allOf": parts,
                "$defs": {"wide": {"type": "object", "properties": properties}}});
            narrower(&schema, &json!({"type": "object", "minProperties": 1}));
        }
    }
}

#[test]
fn a_discriminator_is_a_keyword_of_openapi_only() {
    let definition =
        |n: &str| json!({"type": "object", "required": ["t"], "properties": {"t": true, "n": {"type": n}}});
    let plain = json!({"anyOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}],
        "$defs": {"A": definition("integer"), "B": definition("string")}});
    let mut tagged = plain.clone();
    tagged["discriminator"] = json!({"propertyName": "t", "mapping": {"a": "#/$defs/A", "b": "#/$defs/B"}});
    same(&plain, &tagged);
}

#[test]
fn a_tag_that_may_be_missing_does_not_tell_alternatives_apart() {
    let tagged = |keyword: &str, required: &[&str]| {
        let own =
            |tag: &str| json!({"type": "object", "required": required, "properties": {"t": {"const": tag}}});
        json!({keyword: [own("a"), own("b")]})
    };
    same(&tagged("oneOf", &["t"]), &tagged("anyOf", &["t"]));
    narrower(&tagged("oneOf", &[]), &tagged("anyOf", &[]));
}

#[test]
fn what_none_or_two_alternatives_demand_counts_beside_hundreds_of_properties() {
    let properties: Map<String, Value> = (0..300)
        .map(|n| (format!("p{n}"), json!({"type": "integer"})))
        .collect();
    let either = json!({"oneOf": [{"required": ["x"]}, {"required": ["y"]}]});
    let source = json!({
        "allOf": [{"type": "object"}, {"not": either}, {"$ref": "#/$defs/wide"}],
        "$defs": {"wide": {"properties": properties}},
    });
    let neither = json!({"properties": {"x": false, "y": false}});
    narrower(&source, &json!({"anyOf": [{"required": ["x", "y"]}, neither]}));
}
