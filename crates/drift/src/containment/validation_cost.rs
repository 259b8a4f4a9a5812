//! The cost of validating a value against a schema, computed before the validator is asked: validators do not count
//! their steps, so a schema that was made to keep them busy is not handed to them.

use serde_json::{Map, Value};

use super::formula;

/// Schemas applied within one another at most, so that no validator's stack overflows.
const DEEPEST: usize = 300;

/// An upper bound on how many times a schema and its parts are applied to a value and its parts.
///
/// # Errors
/// When a schema is applied to a value only to find whether the same schema admits the same value, or when the parts
/// are nested too deep.
pub(super) fn validation_cost(schema: &Value, value: &Value) -> Result<u64, &'static str> {
    Costs {
        root: schema,
        known: formula::Map::default(),
    }
    .of(schema, value, 0)
}

struct Costs<'s> {
    root: &'s Value,
    /// The cost by the addresses of schema and value; `None` while it is being computed.
    known: formula::Map<(usize, usize), Option<u64>>,
}

impl<'s> Costs<'s> {
    fn of(&mut self, schema: &'s Value, value: &Value, depth: usize) -> Result<u64, &'static str> {
        let Value::Object(map) = schema else { return Ok(1) };
        if depth > DEEPEST {
            return Err("the schema is nested too deep for the judge");
        }
        let key = (
            std::ptr::from_ref(schema) as usize,
            std::ptr::from_ref(value) as usize,
        );
        match self.known.get(&key) {
            Some(Some(cost)) => return Ok(*cost),
            Some(None) => return Err("a reference leads back to itself"),
            None => {}
        }
        self.known.insert(key, None);
        let mut cost = 1;
        for (keyword, part) in map {
            let more = self.of_keyword(map, keyword, part, value, depth + 1)?;
            cost = u64::saturating_add(cost, more);
        }
        // The validator finds what is unevaluated by applying everything once more.
        if map.contains_key("unevaluatedItems") || map.contains_key("unevaluatedProperties") {
            cost = cost.saturating_mul(2);
        }
        self.known.insert(key, Some(cost));
        Ok(cost)
    }

    fn of_keyword(
        &mut self,
        map: &'s Map<String, Value>,
        keyword: &str,
        part: &'s Value,
        value: &Value,
        depth: usize,
    ) -> Result<u64, &'static str> {
        let mut sum = 0_u64;
        let mut add = |cost: u64| sum = sum.saturating_add(cost);
        match (keyword, part, value) {
            ("$ref", Value::String(reference), _) => {
                let target = reference.strip_prefix('#').and_then(|at| self.root.pointer(at));
                if let Some(target) = target {
                    add(self.of(target, value, depth)?);
                }
            }
            ("not" | "if", part, _) => add(self.of(part, value, depth)?),
            ("then" | "else", part, _) if map.contains_key("if") => add(self.of(part, value, depth)?),
            ("allOf" | "anyOf" | "oneOf", Value::Array(parts), _) => {
                for part in parts {
                    add(self.of(part, value, depth)?);
                }
            }
            ("dependentSchemas", Value::Object(parts), Value::Object(object)) => {
                for (_, part) in parts.iter().filter(|(name, _)| object.contains_key(*name)) {
                    add(self.of(part, value, depth)?);
                }
            }
            ("properties", Value::Object(parts), Value::Object(object)) => {
                for (name, value) in object {
                    if let Some(part) = parts.get(name) {
                        add(self.of(part, value, depth)?);
                    }
                }
            }
            ("patternProperties", Value::Object(parts), Value::Object(object)) => {
                for part in parts.values() {
                    for value in object.values() {
                        add(self.of(part, value, depth)?);
                    }
                }
            }
            ("additionalProperties" | "unevaluatedProperties", part, Value::Object(object)) => {
                for value in object.values() {
                    add(self.of(part, value, depth)?);
                }
            }
            ("propertyNames", part, Value::Object(object)) => {
                add((object.len() as u64).saturating_mul(self.of(part, &Value::Null, depth)?));
            }
            ("items" | "contains" | "unevaluatedItems", part, Value::Array(items)) => {
                for value in items {
                    add(self.of(part, value, depth)?);
                }
            }
            ("prefixItems", Value::Array(parts), Value::Array(items)) => {
                for (part, value) in parts.iter().zip(items) {
                    add(self.of(part, value, depth)?);
                }
            }
            ("enum", Value::Array(values), _) => add(values.len() as u64 / 16),
            _ => {}
        }
        Ok(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_application_counts() {
        let schema = json!({"allOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}],
            "$defs": {"a": {"items": {"type": "string"}}}});
        assert_eq!(validation_cost(&schema, &json!(1)), Ok(5));
        assert_eq!(validation_cost(&schema, &json!(["", "", ""])), Ok(11));
    }

    #[test]
    fn every_keyword_that_applies_counts() {
        let many: Vec<usize> = (0..33).collect();
        for (schema, value, meant) in [
            (json!(true), json!(1), 1),
            (json!({"type": "string", "title": {}}), json!(1), 1),
            (json!({"not": {}}), json!(1), 2),
            (json!({"if": {}, "then": {}, "else": {}}), json!(1), 4),
            (json!({"then": {}, "else": {}}), json!(1), 1),
            (json!({"allOf": [{}, {}]}), json!(1), 3),
            (json!({"anyOf": [{}, {}]}), json!(1), 3),
            (json!({"oneOf": [{}, {}]}), json!(1), 3),
            (json!({"$ref": "#/not", "not": {"not": {}}}), json!(1), 5),
            (json!({"$ref": "#/none"}), json!(1), 1),
            (
                json!({"dependentSchemas": {"a": {}, "b": {}}}),
                json!({"a": 1}),
                2,
            ),
            (
                json!({"properties": {"a": {}, "b": {}}}),
                json!({"a": 1, "c": 1}),
                2,
            ),
            (
                json!({"patternProperties": {"a": {}, "b": {}}}),
                json!({"x": 1, "y": 1}),
                5,
            ),
            (json!({"additionalProperties": {}}), json!({"a": 1, "b": 1}), 3),
            (json!({"propertyNames": {}}), json!({"a": 1, "b": 1, "c": 1}), 4),
            (json!({"items": {}}), json!([1, 2]), 3),
            (json!({"contains": {}}), json!([1, 2]), 3),
            (json!({"prefixItems": [{}, {}, {}]}), json!([1, 2]), 3),
            // The validator finds what is unevaluated by applying everything once more.
            (json!({"unevaluatedItems": {}}), json!([1, 2]), 6),
            (json!({"unevaluatedProperties": {}}), json!({"a": 1, "b": 1}), 6),
            // Long lists are read through.
            (json!({"enum": many}), json!(1), 3),
            // No parts of a value that has none.
            (json!({"items": {}, "properties": {"a": {}}}), json!(1), 1),
        ] {
            assert_eq!(validation_cost(&schema, &value), Ok(meant), "{schema} on {value}");
        }
    }

    #[test]
    fn schemas_nest_so_deep() {
        let nested = |times| (0..times).fold(json!(true), |inner, _| json!({ "not": inner }));
        assert_eq!(validation_cost(&nested(301), &json!(1)), Ok(302));
        assert!(validation_cost(&nested(302), &json!(1)).is_err());
    }

    #[test]
    fn what_doubles_at_each_step_is_told_before_it_is_done() {
        let mut definitions = serde_json::Map::new();
        for step in 0..60 {
            let next = json!({"$ref": format!("#/$defs/{}", step + 1)});
            definitions.insert(step.to_string(), json!({"oneOf": [next, {"not": next}]}));
        }
        definitions.insert("60".to_owned(), json!({"type": "string"}));
        let schema = json!({"$ref": "#/$defs/0", "$defs": definitions});
        assert!(validation_cost(&schema, &json!(1)).unwrap() > 1 << 60);
    }

    #[test]
    fn a_circle_is_found_unless_it_leads_into_the_value() {
        let circle = json!({"anyOf": [{"$ref": "#"}, {"type": "string"}]});
        assert!(validation_cost(&circle, &json!(1)).is_err());
        let list = json!({"properties": {"next": {"$ref": "#"}}});
        assert_eq!(validation_cost(&list, &json!({"next": {"next": {}}})), Ok(5));
    }
}
