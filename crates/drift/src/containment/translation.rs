//! The judge's own reading of OpenAPI's schemas, as JSON Schema 2020-12. Only that is kept which the value in question
//! can meet: the properties that it has somewhere at that depth, and nothing deeper than it is.

use std::collections::{BTreeSet, HashMap};

use openapi_document::{Document, Items, Kind, Node, NodeId, Version};
use serde_json::{Map, Value, json};

use super::reading::Reading;
use crate::instance::instance;
use crate::options::Nullable;
use crate::report::Direction;

/// Schemas that one judgement reads at most.
pub(super) const LARGEST: usize = 40_000;
/// Schemas within one another, without a reference between, at most: the validator is built on the stack.
const DEEPEST: usize = 100;
/// The most subschemas that are searched for `readOnly` or `writeOnly`.
const MOST_SAYING: usize = 16;

pub(super) const FOREIGN: &str = "the judge knows no other dialect than 2020-12";

/// A schema as the judge is asked about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'d> {
    pub(super) document: &'d Document,
    pub(super) schema: Node<'d>,
    pub(super) direction: Option<Direction>,
}

/// Whether a `$schema` names a dialect that the validator does not read. OpenAPI's own adds no keyword that refuses.
pub(super) fn is_foreign(dialect: Node<'_>) -> bool {
    dialect.as_str().is_some_and(|name| {
        name.trim_end_matches('#') != "https://json-schema.org/draft/2020-12/schema"
            && !name.starts_with("https://spec.openapis.org/oas/3.1/dialect/")
    })
}

/// The schema with all that it refers to.
pub(super) fn translated(subject: Subject<'_>, reading: Reading, names: &Names) -> Result<Value, String> {
    let mut translation = Translation {
        subject,
        reading,
        names,
        targets: Vec::new(),
        numbers: HashMap::new(),
        size: 0,
    };
    let schema = translation.schema(subject.schema, 0, 0)?;
    let mut definitions = Map::new();
    while let Some((target, level)) = translation.targets.get(definitions.len()).copied() {
        let definition = translation.schema(target, level, 0)?;
        definitions.insert(definitions.len().to_string(), definition);
    }
    // The macro `json` would copy all of it.
    let mut whole = Map::new();
    whole.insert("allOf".to_owned(), Value::Array(vec![schema]));
    whole.insert("$defs".to_owned(), Value::Object(definitions));
    Ok(Value::Object(whole))
}

/// The names that the objects in a value have, by how deep they lie in it; as many as it is deep.
pub(super) type Names = Vec<BTreeSet<String>>;

/// The depth in the value at which a schema is applied.
type Depth = usize;

/// The depth of the names of properties, which are in no other value; the depth beyond it is that of their parts,
/// which they do not have.
const OF_NAMES: Depth = usize::MAX - 1;

/// The level of what lies in something.
fn inside(level: Depth) -> Depth {
    level.saturating_add(1)
}

struct Translation<'d, 'n> {
    subject: Subject<'d>,
    reading: Reading,
    names: &'n Names,
    /// The targets of references with the depth they are read for, and the number of each.
    targets: Vec<(Node<'d>, Depth)>,
    numbers: HashMap<(NodeId, Depth), usize>,
    size: usize,
}

impl<'d> Translation<'d, '_> {
    fn schema(&mut self, schema: Node<'d>, level: Depth, depth: usize) -> Result<Value, String> {
        if level >= self.names.len() && level != OF_NAMES {
            return Ok(Value::Bool(true));
        }
        self.size += 1;
        if self.size > LARGEST || depth > DEEPEST {
            return Err("the schema is too large for the judge".to_owned());
        }
        let Kind::Object(members) = schema.kind() else {
            return Ok(Value::Bool(schema.as_bool() != Some(false)));
        };
        let old = self.subject.document.version() == Version::V3_0;
        if let (true, Some(reference)) = (old, schema.text("$ref")) {
            let target = self.reference(schema, reference, level)?;
            let nullable = is_true(schema, "nullable") && self.reading.nullable == Nullable::Lenient;
            return Ok(if nullable {
                json!({ "anyOf": [target, {"type": "null"}] })
            } else {
                target
            });
        }
        let mut out = Map::new();
        for (key, value) in members {
            if let Some(translated) = self.keyword(schema, key, value, level, depth)? {
                out.insert(key.to_owned(), translated);
            }
        }
        for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
            if is_true(schema, flag)
                && let Some(limit) = out.remove(bound)
            {
                out.insert(flag.to_owned(), limit);
            }
        }
        let mut whole = vec![];
        if is_integer(schema) {
            match schema.text("format") {
                Some("int32") => whole.push(json!({"minimum": i32::MIN, "maximum": i32::MAX})),
                Some("int64") => whole.push(json!({"minimum": i64::MIN, "maximum": i64::MAX})),
                _ => {}
            }
        }
        let nullable = old && is_true(schema, "nullable");
        if nullable {
            match out.get_mut("type") {
                Some(Value::Array(kinds)) => kinds.push("null".into()),
                Some(kind) => *kind = json!([kind.clone(), "null"]),
                None => {}
            }
        }
        if misplaced_enum(schema)
            && let Some(values) = out.remove("enum")
        {
            whole.push(json!({"items": {"enum": values}}));
        }
        let mut translated = Value::Object(out);
        if !whole.is_empty() {
            whole.push(translated);
            translated = json!({ "allOf": whole });
        }
        if nullable && self.reading.nullable == Nullable::Lenient {
            translated = json!({ "anyOf": [translated, {"type": "null"}] });
        }
        Ok(translated)
    }

    fn keyword(
        &mut self,
        schema: Node<'d>,
        key: &str,
        value: Node<'d>,
        level: Depth,
        depth: usize,
    ) -> Result<Option<Value>, String> {
        Ok(Some(match key {
            "$ref" => match value.as_str() {
                Some(reference) => self.reference(schema, reference, level)?["$ref"].take(),
                None => return Ok(None),
            },
            "$schema" if self.subject.document.version() != Version::V3_0 && is_foreign(value) => {
                return Err(FOREIGN.to_owned());
            }
            "$dynamicRef" | "$recursiveRef" => {
                return Err(format!("the judge does not follow `{key}`"));
            }
            "properties" | "patternProperties" | "dependentSchemas" => {
                let Kind::Object(all) = value.kind() else {
                    return Ok(None);
                };
                let names = self.names.get(level);
                let is_met = |name: &str| names.is_some_and(|names| names.contains(name));
                let level = if key == "dependentSchemas" {
                    level
                } else {
                    inside(level)
                };
                let mut out = Map::new();
                for (name, schema) in all {
                    if key == "properties" && self.says(schema, self.unsent()) {
                        // Neither its name nor its value counts.
                        out.insert(name.to_owned(), Value::Bool(true));
                    } else if key == "patternProperties" || is_met(name) {
                        out.insert(name.to_owned(), self.schema(schema, level, depth + 1)?);
                    }
                }
                Value::Object(out)
            }
            "items" if value.is_array() => return Ok(None),
            "not" | "if" | "then" | "else" => self.schema(value, level, depth + 1)?,
            "propertyNames" if self.names.get(level).is_some_and(|names| !names.is_empty()) => {
                self.schema(value, OF_NAMES, depth + 1)?
            }
            "items" | "additionalProperties" | "contains" | "unevaluatedItems" | "unevaluatedProperties" => {
                self.schema(value, inside(level), depth + 1)?
            }
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                let Kind::Array(all) = value.kind() else {
                    return Ok(None);
                };
                let level = if key == "prefixItems" {
                    inside(level)
                } else {
                    level
                };
                let old = self.subject.document.version() == Version::V3_0;
                let mut part = |it: Node<'d>| {
                    // Vendors mean null by an alternative of this one word.
                    if old
                        && matches!(key, "anyOf" | "oneOf")
                        && it.members().len() == 1
                        && is_true(it, "nullable")
                    {
                        return Ok(json!({"type": "null"}));
                    }
                    self.schema(it, level, depth + 1)
                };
                let all: Result<Vec<_>, _> = all.map(&mut part).collect();
                match all? {
                    // An empty list is against the metaschema; it says of alternatives that there are none.
                    all if all.is_empty() && key.ends_with("Of") && key != "allOf" => {
                        return Err(format!("the judge does not read an empty `{key}`"));
                    }
                    all if all.is_empty() => return Ok(None),
                    all => Value::Array(all),
                }
            }
            "required" => {
                let Kind::Array(names) = value.kind() else {
                    return Ok(None);
                };
                let unsent = self.unsent();
                let properties = schema.get("properties");
                let mut seen = BTreeSet::new();
                let kept = names.filter_map(Node::as_str).filter(|name| {
                    let property = properties.and_then(|all| all.get(name));
                    !property.is_some_and(|it| self.says(it, unsent)) && seen.insert(*name)
                });
                kept.collect()
            }
            "exclusiveMinimum" | "exclusiveMaximum" | "minimum" | "maximum" | "multipleOf"
                if value.as_number().is_some() =>
            {
                instance(value)
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
            | "minContains" | "maxContains"
                if value
                    .as_number()
                    .is_some_and(|it| it.as_f64() >= 0.0 && it.as_f64().fract() == 0.0) =>
            {
                instance(value)
            }
            "uniqueItems" if value.as_bool().is_some() => instance(value),
            "pattern" | "format" if value.is_string() => instance(value),
            "type" if value.is_string() || value.is_array() => instance(value),
            "enum" if value.is_array() => instance(value),
            "const" | "dependentRequired" => instance(value),
            _ => return Ok(None),
        }))
    }

    /// The flag of what does not travel.
    fn unsent(&self) -> &'static str {
        match self.subject.direction {
            Some(Direction::Request) => "readOnly",
            Some(Direction::Response) => "writeOnly",
            None => "",
        }
    }

    /// Whether a property's schema carries a flag, itself or through what it is made of.
    fn says(&self, property: Node<'d>, flag: &str) -> bool {
        let target = |part: Node<'d>| self.target(part, part.text("$ref")?);
        let mut open = vec![property];
        for _ in 0..=MOST_SAYING {
            let Some(part) = open.pop() else { return false };
            if is_true(part, flag) {
                return true;
            }
            open.extend(target(part));
            open.extend(part.get("allOf").into_iter().flat_map(Node::items));
        }
        false
    }

    fn target(&self, from: Node<'d>, reference: &str) -> Option<Node<'d>> {
        let target = self.subject.document.resolve(from, reference).ok()?;
        Some(target.node)
    }

    fn reference(&mut self, from: Node<'d>, reference: &str, level: Depth) -> Result<Value, String> {
        let unknown = || format!("the judge cannot follow the reference {reference}");
        let target = self.target(from, reference).ok_or_else(unknown)?;
        let next = self.targets.len();
        let number = *self.numbers.entry((target.id(), level)).or_insert(next);
        if number == next {
            self.targets.push((target, level));
        }
        Ok(json!({ "$ref": format!("#/$defs/{number}") }))
    }
}

fn is_true(schema: Node<'_>, flag: &str) -> bool {
    schema.get(flag).and_then(Node::as_bool) == Some(true)
}

fn is_integer(schema: Node<'_>) -> bool {
    let is_named = |kind: Node<'_>| kind.as_str() == Some("integer");
    let kind = schema.get("type");
    kind.is_some_and(|kind| is_named(kind) || kind.items().any(is_named))
}

/// An `enum` of scalars beside `type: array` was meant for the items.
fn misplaced_enum(schema: Node<'_>) -> bool {
    let array = match schema.get("type").map(Node::kind) {
        Some(Kind::String(kind)) => kind == "array",
        Some(Kind::Array(kinds)) => {
            let mut names = kinds.clone().map(Node::as_str);
            names.all(|name| matches!(name, Some("array" | "null")))
                && kinds.map(Node::as_str).any(|name| name == Some("array"))
        }
        _ => false,
    };
    let scalars = |values: Items<'_>| {
        !values.is_empty() && !values.clone().any(|value| value.is_array() || value.is_null())
    };
    array && schema.get("enum").and_then(Node::as_array).is_some_and(scalars)
}
