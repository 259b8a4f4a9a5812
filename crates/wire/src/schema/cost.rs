//! Computes the cost of validating a value against a schema before the validator runs. Validators do not limit their
//! steps, so a schema that is designed to keep them busy must not reach them.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// Maximum nesting of schema applications, so that the validator's stack does not overflow.
const DEEPEST: usize = 300;

const TOO_DEEP: &str = "the schema is nested too deep for the judge";
const CIRCLE: &str = "a reference leads back to itself";

/// A schema, with its subschemas grouped by the parts of the value to which they apply. Subschemas are indices into
/// [`Costs::parts`].
#[derive(Debug, Default)]
struct Part {
    /// The cost that does not depend on the value.
    own: u64,
    /// Applied to the value itself.
    in_place: Vec<usize>,
    /// Applied to the value if it has a property with the name.
    dependent: Vec<(String, usize)>,
    properties: HashMap<String, usize>,
    /// Applied to every member of an object.
    members: Vec<usize>,
    /// Applied to the name of every member.
    names: Vec<usize>,
    /// Applied to every item.
    items: Vec<usize>,
    prefix: Vec<usize>,
    /// Whether the validator applies everything twice, because it has to find unevaluated parts.
    is_doubled: bool,
    /// Whether the schema is an object, so that it counts as one level of nesting.
    is_object: bool,
    /// The cost and the nesting depth, if both are the same for every value.
    constant: Option<(u64, usize)>,
    /// Whether several schemas apply this one. Its cost for a value is then cached, and a cycle can lead through it.
    is_shared: bool,
}

impl Part {
    fn depends_on_value(&self) -> bool {
        !(self.dependent.is_empty()
            && self.properties.is_empty()
            && self.members.is_empty()
            && self.names.is_empty()
            && self.items.is_empty()
            && self.prefix.is_empty())
    }
}

/// The cost of validating values against a schema.
#[derive(Debug)]
pub(super) struct Costs {
    parts: Vec<Part>,
}

impl Costs {
    /// Reads the parts of a schema.
    pub(super) fn of(schema: &Value) -> Self {
        let mut reading = Reading {
            root: schema,
            places: HashMap::new(),
            open: Vec::new(),
            shared: Vec::new(),
        };
        // The first part is the whole schema.
        reading.part(schema);
        let mut costs = Self { parts: Vec::new() };
        while let Some(schema) = reading.open.get(costs.parts.len()).copied() {
            costs.parts.push(reading.read(schema));
        }
        for index in reading.shared {
            costs.parts[index].is_shared = true;
        }
        costs.find_constants();
        costs
    }

    /// An upper bound on the number of times that the schema and its parts are applied to a value and its parts.
    ///
    /// # Errors
    /// If a cycle of references applies a schema to the same value again, or if the schemas are nested too deeply.
    pub(super) fn for_value(&self, value: &Value) -> Result<u64, &'static str> {
        let mut known = HashMap::new();
        self.cost(0, value, 0, &mut known)
    }

    /// Finds the parts whose cost is the same for every value, innermost parts first.
    fn find_constants(&mut self) {
        let mut above: Vec<Vec<usize>> = vec![Vec::new(); self.parts.len()];
        let mut open: Vec<usize> = Vec::with_capacity(self.parts.len());
        let mut ready = Vec::new();
        for (index, part) in self.parts.iter().enumerate() {
            open.push(part.in_place.len());
            for inner in &part.in_place {
                above[*inner].push(index);
            }
            if part.in_place.is_empty() {
                ready.push(index);
            }
        }
        while let Some(index) = ready.pop() {
            let part = &self.parts[index];
            if part.depends_on_value() {
                continue;
            }
            let (mut cost, mut height) = (part.own, 0);
            for inner in &part.in_place {
                let (inner, deep) = self.parts[*inner].constant.unwrap_or_default();
                cost = cost.saturating_add(inner);
                height = height.max(deep);
            }
            height += usize::from(part.is_object);
            let times = if part.is_doubled { 2 } else { 1 };
            self.parts[index].constant = Some((cost.saturating_mul(times), height));
            for outer in std::mem::take(&mut above[index]) {
                open[outer] -= 1;
                if open[outer] == 0 {
                    ready.push(outer);
                }
            }
        }
    }

    /// Computes the cost of a part for a value. `known` caches the costs of shared parts by the address of the value;
    /// `None` marks a cost that is being computed.
    fn cost(
        &self,
        index: usize,
        value: &Value,
        depth: usize,
        known: &mut HashMap<(usize, usize), Option<u64>>,
    ) -> Result<u64, &'static str> {
        let part = &self.parts[index];
        if let Some((cost, height)) = part.constant {
            return if depth + height > DEEPEST + 1 {
                Err(TOO_DEEP)
            } else {
                Ok(cost)
            };
        }
        if depth > DEEPEST {
            return Err(TOO_DEEP);
        }
        let key = (index, std::ptr::from_ref(value) as usize);
        if part.is_shared {
            match known.get(&key) {
                Some(Some(cost)) => return Ok(*cost),
                Some(None) => return Err(CIRCLE),
                None => {}
            }
            known.insert(key, None);
        }
        let mut cost = part.own;
        let mut add = |index: usize, value: &Value, times: usize| -> Result<(), &'static str> {
            let own = self.cost(index, value, depth + 1, known)?;
            cost = cost.saturating_add(own.saturating_mul(times as u64));
            Ok(())
        };
        for inner in &part.in_place {
            add(*inner, value, 1)?;
        }
        match value {
            Value::Object(members) => {
                for (_, inner) in part
                    .dependent
                    .iter()
                    .filter(|(name, _)| members.contains_key(name))
                {
                    add(*inner, value, 1)?;
                }
                for (name, value) in members {
                    if let Some(inner) = part.properties.get(name) {
                        add(*inner, value, 1)?;
                    }
                    for inner in &part.members {
                        add(*inner, value, 1)?;
                    }
                }
                for inner in &part.names {
                    add(*inner, &Value::Null, members.len())?;
                }
            }
            Value::Array(items) => {
                for value in items {
                    for inner in &part.items {
                        add(*inner, value, 1)?;
                    }
                }
                for (inner, value) in part.prefix.iter().zip(items) {
                    add(*inner, value, 1)?;
                }
            }
            _ => {}
        }
        if part.is_doubled {
            cost = cost.saturating_mul(2);
        }
        if part.is_shared {
            known.insert(key, Some(cost));
        }
        Ok(cost)
    }
}

/// Collects the schemas that are read one after another.
struct Reading<'s> {
    root: &'s Value,
    /// The index of each schema by its address.
    places: HashMap<usize, usize>,
    open: Vec<&'s Value>,
    /// The schemas that are reached more than once.
    shared: Vec<usize>,
}

impl<'s> Reading<'s> {
    fn part(&mut self, schema: &'s Value) -> usize {
        let next = self.open.len();
        let address = std::ptr::from_ref(schema) as usize;
        let index = *self.places.entry(address).or_insert(next);
        if index == next {
            self.open.push(schema);
        } else {
            self.shared.push(index);
        }
        index
    }

    fn named(&mut self, parts: &'s Map<String, Value>) -> impl Iterator<Item = (String, usize)> {
        parts.iter().map(|(name, part)| (name.clone(), self.part(part)))
    }

    fn read(&mut self, schema: &'s Value) -> Part {
        let mut part = Part {
            own: 1,
            ..Part::default()
        };
        let Value::Object(map) = schema else { return part };
        part.is_object = true;
        for (keyword, inner) in map {
            match (keyword.as_str(), inner) {
                ("$ref", Value::String(reference)) => {
                    let target = reference.strip_prefix('#').and_then(|at| self.root.pointer(at));
                    part.in_place.extend(target.map(|it| self.part(it)));
                }
                ("not" | "if", inner) => part.in_place.push(self.part(inner)),
                ("then" | "else", inner) if map.contains_key("if") => part.in_place.push(self.part(inner)),
                ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => {
                    part.in_place.extend(parts.iter().map(|it| self.part(it)));
                }
                ("dependentSchemas", Value::Object(parts)) => part.dependent.extend(self.named(parts)),
                ("properties", Value::Object(parts)) => part.properties.extend(self.named(parts)),
                ("patternProperties", Value::Object(parts)) => {
                    part.members.extend(parts.values().map(|it| self.part(it)));
                }
                ("additionalProperties", inner) => part.members.push(self.part(inner)),
                ("unevaluatedProperties", inner) => {
                    part.members.push(self.part(inner));
                    part.is_doubled = true;
                }
                ("propertyNames", inner) => part.names.push(self.part(inner)),
                ("items" | "contains", inner) => part.items.push(self.part(inner)),
                ("unevaluatedItems", inner) => {
                    part.items.push(self.part(inner));
                    part.is_doubled = true;
                }
                ("prefixItems", Value::Array(parts)) => {
                    part.prefix.extend(parts.iter().map(|it| self.part(it)));
                }
                ("enum", Value::Array(values)) => part.own += values.len() as u64 / 16,
                _ => {}
            }
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn validation_cost(schema: &Value, value: &Value) -> Result<u64, &'static str> {
        Costs::of(schema).for_value(value)
    }

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
            // The validator applies everything twice to find unevaluated parts.
            (json!({"unevaluatedItems": {}}), json!([1, 2]), 6),
            (json!({"unevaluatedProperties": {}}), json!({"a": 1, "b": 1}), 6),
            // A long list adds to the cost.
            (json!({"enum": many}), json!(1), 3),
            // A value without parts adds nothing to the cost.
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
