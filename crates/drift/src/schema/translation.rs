//! The judge's own reading of OpenAPI's schemas, as JSON Schema 2020-12. Only that is kept which the value in question
//! can meet: the properties that it has somewhere at that depth, and nothing deeper than it is.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use super::judge::Subject;
use super::source::{Dialect, Reading};
use crate::options::Nullable;
use crate::report::Direction;

/// Schemas that one judgement reads at most.
pub(super) const LARGEST: usize = 40_000;
/// Schemas within one another, without a reference between, at most: the validator is built on the stack.
const DEEPEST: usize = 100;
/// The most subschemas that are searched for `readOnly` or `writeOnly`.
const MOST_SAYING: usize = 16;

pub(super) const FOREIGN: &str = "the judge knows no other dialect than 2020-12";

/// Whether a `$schema` names a dialect that the validator does not read. OpenAPI's own adds no keyword that refuses.
pub(super) fn is_foreign(dialect: &Value) -> bool {
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
    /// The targets of references with the depth they are read for, and the number of each by its address.
    targets: Vec<(&'d Value, Depth)>,
    numbers: HashMap<(usize, Depth), usize>,
    size: usize,
}

impl<'d> Translation<'d, '_> {
    fn schema(&mut self, schema: &'d Value, level: Depth, depth: usize) -> Result<Value, String> {
        if level >= self.names.len() && level != OF_NAMES {
            return Ok(Value::Bool(true));
        }
        self.size += 1;
        if self.size > LARGEST || depth > DEEPEST {
            return Err("the schema is too large for the judge".to_owned());
        }
        let Value::Object(map) = schema else {
            return Ok(Value::Bool(*schema != Value::Bool(false)));
        };
        let old = self.subject.dialect == Dialect::OpenApi30;
        if let (true, Some(Value::String(reference))) = (old, map.get("$ref")) {
            return self.reference(reference, level);
        }
        let mut out = Map::new();
        for (key, value) in map {
            if let Some(translated) = self.keyword(map, key, value, level, depth)? {
                out.insert(key.clone(), translated);
            }
        }
        for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
            if map.get(flag) == Some(&Value::Bool(true))
                && let Some(limit) = out.remove(bound)
            {
                out.insert(flag.to_owned(), limit);
            }
        }
        let mut whole = vec![];
        if is_integer(map.get("type")) {
            match map.get("format").and_then(Value::as_str) {
                Some("int32") => whole.push(json!({"minimum": i32::MIN, "maximum": i32::MAX})),
                Some("int64") => whole.push(json!({"minimum": i64::MIN, "maximum": i64::MAX})),
                _ => {}
            }
        }
        let nullable = old && map.get("nullable") == Some(&Value::Bool(true));
        if nullable {
            match out.get_mut("type") {
                Some(Value::Array(kinds)) => kinds.push("null".into()),
                Some(kind) => *kind = json!([kind.clone(), "null"]),
                None => {}
            }
        }
        if misplaced_enum(map)
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
        map: &'d Map<String, Value>,
        key: &str,
        value: &'d Value,
        level: Depth,
        depth: usize,
    ) -> Result<Option<Value>, String> {
        Ok(Some(match key {
            "$ref" => match value {
                Value::String(reference) => self.reference(reference, level)?["$ref"].take(),
                _ => return Ok(None),
            },
            "$schema" if self.subject.dialect != Dialect::OpenApi30 && is_foreign(value) => {
                return Err(FOREIGN.to_owned());
            }
            "$id" | "$dynamicRef" | "$recursiveRef" => {
                return Err(format!("the judge does not follow `{key}`"));
            }
            "properties" | "patternProperties" | "dependentSchemas" => {
                let Value::Object(all) = value else {
                    return Ok(None);
                };
                let names = self.names.get(level);
                let is_met = |name: &String| names.is_some_and(|names| names.contains(name));
                let level = if key == "dependentSchemas" {
                    level
                } else {
                    inside(level)
                };
                let mut out = Map::new();
                for (name, schema) in all {
                    if key == "patternProperties" || is_met(name) {
                        out.insert(name.clone(), self.schema(schema, level, depth + 1)?);
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
                let Value::Array(all) = value else { return Ok(None) };
                let level = if key == "prefixItems" {
                    inside(level)
                } else {
                    level
                };
                let all: Result<Vec<_>, _> = all.iter().map(|it| self.schema(it, level, depth + 1)).collect();
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
                let Value::Array(names) = value else {
                    return Ok(None);
                };
                let unsent = match self.subject.direction {
                    Some(Direction::Request) => "readOnly",
                    Some(Direction::Response) => "writeOnly",
                    None => "",
                };
                let properties = map.get("properties");
                let mut seen = BTreeSet::new();
                let kept = names.iter().filter_map(Value::as_str).filter(|name| {
                    let property = properties.and_then(|all| all.get(name));
                    !property.is_some_and(|it| self.says(it, unsent)) && seen.insert(*name)
                });
                kept.collect()
            }
            "exclusiveMinimum" | "exclusiveMaximum" | "minimum" | "maximum" | "multipleOf"
                if value.is_number() =>
            {
                value.clone()
            }
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
            | "minContains" | "maxContains"
                if value.as_f64().is_some_and(|n| n >= 0.0 && n.fract() == 0.0) =>
            {
                value.clone()
            }
            "uniqueItems" if value.is_boolean() => value.clone(),
            "pattern" | "format" if value.is_string() => value.clone(),
            "type" if value.is_string() || value.is_array() => value.clone(),
            "enum" if value.is_array() => value.clone(),
            "const" | "dependentRequired" => value.clone(),
            _ => return Ok(None),
        }))
    }

    /// Whether a property's schema carries a flag, itself or through what it is made of.
    fn says(&self, property: &Value, flag: &str) -> bool {
        let target = |reference: &Value| {
            let pointer = decoded(reference.as_str()?.strip_prefix('#')?)?;
            self.subject.root.pointer(&pointer)
        };
        let mut open = vec![property];
        for _ in 0..=MOST_SAYING {
            let Some(part) = open.pop() else { return false };
            if part.get(flag) == Some(&Value::Bool(true)) {
                return true;
            }
            open.extend(part.get("$ref").and_then(target));
            open.extend(part.get("allOf").and_then(Value::as_array).into_iter().flatten());
        }
        false
    }

    fn reference(&mut self, reference: &str, level: Depth) -> Result<Value, String> {
        let unknown = || format!("the judge cannot follow the reference {reference}");
        let pointer = reference.strip_prefix('#').ok_or_else(unknown)?;
        let pointer = decoded(pointer).ok_or_else(unknown)?;
        let target = self.subject.root.pointer(&pointer).ok_or_else(unknown)?;
        let next = self.targets.len();
        let number = *self.numbers.entry((address(target), level)).or_insert(next);
        if number == next {
            self.targets.push((target, level));
        }
        Ok(json!({ "$ref": format!("#/$defs/{number}") }))
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let (high, low) = (rest.next()?, rest.next()?);
            let digits = [high, low];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn is_integer(kind: Option<&Value>) -> bool {
    match kind {
        Some(Value::String(kind)) => kind == "integer",
        Some(Value::Array(kinds)) => kinds.contains(&Value::from("integer")),
        _ => false,
    }
}

/// An `enum` of scalars beside `type: array` was meant for the items.
fn misplaced_enum(map: &Map<String, Value>) -> bool {
    let array = match map.get("type") {
        Some(Value::String(kind)) => kind == "array",
        Some(Value::Array(kinds)) => {
            kinds.contains(&Value::from("array"))
                && kinds.iter().all(|kind| kind == "array" || kind == "null")
        }
        _ => false,
    };
    let scalars = |values: &Vec<Value>| {
        !values.is_empty() && !values.iter().any(|value| value.is_array() || value.is_null())
    };
    array && map.get("enum").and_then(Value::as_array).is_some_and(scalars)
}

fn address(value: &Value) -> usize {
    std::ptr::from_ref(value) as usize
}
