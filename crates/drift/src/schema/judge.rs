//! The independent judge of every witness: its own translation of schemas to JSON Schema 2020-12, checked by the
//! `jsonschema` validator. It shares no code with lowering, so that one misreading cannot confirm itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::{Map, Value, json};

use super::price::price;
use super::source::{Dialect, Reading};
use super::values::Refusal;
use crate::options::Nullable;
use crate::pointer;
use crate::report::Direction;

/// Schemas that one judgement reads at most.
const LARGEST: usize = 40_000;

/// A schema as the judge is asked about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'d> {
    pub(super) root: &'d Value,
    pub(super) schema: &'d Value,
    pub(super) dialect: Dialect,
    pub(super) direction: Option<Direction>,
}

type Key = (usize, Option<Direction>, Vec<String>);

/// Applications of schemas to values that one judgement may take at most.
const DEAREST: u64 = 500_000;
/// A validator gathers all that it has against a value; beyond this many applications it is not asked to.
const TELLING: u64 = 20_000;
/// What the validators that are kept weigh at most, in names.
const KEPT: usize = 100_000;

/// A schema as the validator has it.
struct Built {
    schema: Value,
    validator: Validator,
}

/// Validators, kept for each schema and set of property names that values use.
#[derive(Default)]
pub(super) struct Judge {
    built: HashMap<Key, Result<Built, String>>,
    weight: usize,
}

impl Judge {
    /// Whether a schema admits a value.
    pub(super) fn admits(
        &mut self,
        subject: Subject<'_>,
        reading: Reading,
        value: &Value,
    ) -> Result<bool, String> {
        Ok(self.validator(subject, reading, value)?.0.is_valid(value))
    }

    /// Why a schema refuses a value; `Ok(None)` when it admits it.
    pub(super) fn refusal(
        &mut self,
        subject: Subject<'_>,
        reading: Reading,
        value: &Value,
    ) -> Result<Option<String>, String> {
        let (validator, price) = self.validator(subject, reading, value)?;
        if validator.is_valid(value) {
            return Ok(None);
        }
        if price > TELLING {
            return Ok(Some(
                "it is refused, after more steps than can be told".to_owned(),
            ));
        }
        Ok(validator.iter_errors(value).next().map(|error| {
            let at = error.instance_path().to_string();
            let what = told(&error);
            if at.is_empty() {
                what
            } else {
                format!("at {at}: {what}")
            }
        }))
    }

    /// Everything that a schema has against a value, in the order of the schema.
    pub(super) fn refusals(
        &mut self,
        subject: Subject<'_>,
        reading: Reading,
        value: &Value,
    ) -> Result<Vec<Refusal>, String> {
        let (validator, price) = self.validator(subject, reading, value)?;
        if price > TELLING {
            return Err("the schema and the value are too large to tell what is wrong".to_owned());
        }
        let refusals = validator.iter_errors(value).map(|error| {
            let mut at = error.instance_path().to_string();
            if let ValidationErrorKind::Required {
                property: Value::String(name),
            } = error.kind()
            {
                at = pointer::join(&at, name);
            }
            Refusal {
                at,
                why: told(&error),
            }
        });
        Ok(refusals.collect())
    }

    fn validator(
        &mut self,
        subject: Subject<'_>,
        reading: Reading,
        value: &Value,
    ) -> Result<(&Validator, u64), String> {
        // Properties that the value nowhere has cannot matter, and without them a validator is built in no time.
        let mut names = BTreeSet::new();
        if subject.dialect != Dialect::JsonSchema {
            collect_names(value, &mut names);
        }
        let key = (
            std::ptr::from_ref(subject.schema) as usize,
            subject.direction,
            names.iter().cloned().collect(),
        );
        if !self.built.contains_key(&key) {
            self.weight += names.len() + 16;
            if self.weight > KEPT {
                self.built.clear();
                self.weight = names.len();
            }
        }
        let built = self
            .built
            .entry(key)
            .or_insert_with(|| build(subject, reading, &names));
        let built = built.as_ref().map_err(Clone::clone)?;
        let price = price(&built.schema, value)?;
        if price > DEAREST {
            return Err("the schema takes too many steps to be judged".to_owned());
        }
        Ok((&built.validator, price))
    }
}

/// What the validator says, cut where it repeats a long value.
fn told(error: &ValidationError<'_>) -> String {
    let what = error.to_string();
    if what.chars().count() > 160 {
        what.chars().take(160).chain(['…']).collect()
    } else {
        what
    }
}

fn collect_names(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, into)),
        Value::Object(map) => {
            for (name, value) in map {
                into.insert(name.clone());
                collect_names(value, into);
            }
        }
        _ => {}
    }
}

fn build(subject: Subject<'_>, reading: Reading, names: &BTreeSet<String>) -> Result<Built, String> {
    let schema = if subject.dialect == Dialect::JsonSchema {
        if let Some(why) = unread(subject.schema) {
            return Err(why.to_owned());
        }
        subject.schema.clone()
    } else {
        let mut translation = Translation {
            subject,
            reading,
            names,
            definitions: BTreeMap::new(),
            todo: Vec::new(),
            size: 0,
        };
        let schema = translation.schema(subject.schema, 0)?;
        while let Some((name, target)) = translation.todo.pop() {
            let translated = translation.schema(target, 0)?;
            translation.definitions.insert(name, translated);
        }
        // The macro `json` would copy all of it.
        let definitions = translation.definitions.into_iter().collect();
        let mut whole = Map::new();
        whole.insert("allOf".to_owned(), Value::Array(vec![schema]));
        whole.insert("$defs".to_owned(), Value::Object(definitions));
        Value::Object(whole)
    };
    let validator = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(reading.formats)
        .build(&schema)
        .map_err(|error| {
            let text: String = error.to_string().chars().take(160).collect();
            format!("the judge cannot read the schema: {text}")
        })?;
    Ok(Built { schema, validator })
}

const FOREIGN: &str = "the judge knows no other dialect than 2020-12";

/// Whether a `$schema` names a dialect that the validator does not read. OpenAPI's own adds no keyword that refuses.
fn is_foreign(dialect: &Value) -> bool {
    dialect.as_str().is_some_and(|name| {
        name.trim_end_matches('#') != "https://json-schema.org/draft/2020-12/schema"
            && !name.starts_with("https://spec.openapis.org/oas/3.1/dialect/")
    })
}

/// Why a whole schema is not handed to the validator, if it is not.
fn unread(schema: &Value) -> Option<&'static str> {
    let mut objects = 0;
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(map) => {
                objects += 1;
                if map.get("$schema").is_some_and(is_foreign) {
                    return Some(FOREIGN);
                }
                open.extend(map.values());
            }
            _ => {}
        }
    }
    (objects > LARGEST).then_some("the schema is too large for the judge")
}

struct Translation<'d, 'n> {
    subject: Subject<'d>,
    reading: Reading,
    names: &'n BTreeSet<String>,
    definitions: BTreeMap<String, Value>,
    todo: Vec<(String, &'d Value)>,
    size: usize,
}

impl<'d> Translation<'d, '_> {
    fn schema(&mut self, schema: &'d Value, depth: usize) -> Result<Value, String> {
        self.size += 1;
        if self.size > LARGEST || depth > 200 {
            return Err("the schema is too large for the judge".to_owned());
        }
        let Value::Object(map) = schema else {
            return Ok(Value::Bool(*schema != Value::Bool(false)));
        };
        let old = self.subject.dialect == Dialect::OpenApi30;
        if let (true, Some(Value::String(reference))) = (old, map.get("$ref")) {
            return self.reference(reference);
        }
        let mut out = Map::new();
        for (key, value) in map {
            if let Some(translated) = self.keyword(map, key, value, depth)? {
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
        depth: usize,
    ) -> Result<Option<Value>, String> {
        Ok(Some(match key {
            "$ref" => match value {
                Value::String(reference) => self.reference(reference)?["$ref"].take(),
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
                let matter = all
                    .iter()
                    .filter(|(name, _)| key == "patternProperties" || self.names.contains(*name));
                let mut out = Map::new();
                for (name, schema) in matter {
                    out.insert(name.clone(), self.schema(schema, depth + 1)?);
                }
                Value::Object(out)
            }
            "items" if value.is_array() => return Ok(None),
            "items"
            | "additionalProperties"
            | "not"
            | "if"
            | "then"
            | "else"
            | "contains"
            | "propertyNames"
            | "unevaluatedItems"
            | "unevaluatedProperties" => self.schema(value, depth + 1)?,
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                let Value::Array(all) = value else { return Ok(None) };
                let all: Result<Vec<_>, _> = all.iter().map(|it| self.schema(it, depth + 1)).collect();
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
                    !property.is_some_and(|it| self.says(it, unsent, 0)) && seen.insert(*name)
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
            "pattern" if value.is_string() => value.clone(),
            "type" if value.is_string() || value.is_array() => value.clone(),
            "enum" if value.is_array() => value.clone(),
            "const" | "dependentRequired" => value.clone(),
            "format" if self.reading.formats && value.is_string() => value.clone(),
            _ => return Ok(None),
        }))
    }

    /// Whether a property's schema carries a flag, itself or through what it is made of.
    fn says(&self, property: &Value, flag: &str, depth: usize) -> bool {
        let target = |reference: &Value| {
            let pointer = decoded(reference.as_str()?.strip_prefix('#')?)?;
            self.subject.root.pointer(&pointer)
        };
        property.get(flag) == Some(&Value::Bool(true))
            || depth < 8
                && property
                    .get("$ref")
                    .and_then(target)
                    .into_iter()
                    .chain(
                        property
                            .get("allOf")
                            .and_then(Value::as_array)
                            .into_iter()
                            .flatten(),
                    )
                    .any(|part| self.says(part, flag, depth + 1))
    }

    fn reference(&mut self, reference: &str) -> Result<Value, String> {
        let unknown = || format!("the judge cannot follow the reference {reference}");
        let pointer = reference.strip_prefix('#').ok_or_else(unknown)?;
        let pointer = decoded(pointer).ok_or_else(unknown)?;
        let target = self.subject.root.pointer(&pointer).ok_or_else(unknown)?;
        let name = pointer.replace(['~', '/', '%', '#', '"', '\\', '^', ' '], "_")
            + &format!(".{:x}", fingerprint(&pointer));
        let name: String = name
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '.' {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        if !self.definitions.contains_key(&name) {
            self.definitions.insert(name.clone(), Value::Bool(true));
            self.todo.push((name.clone(), target));
        }
        Ok(json!({ "$ref": format!("#/$defs/{name}") }))
    }
}

/// Keeps two pointers apart whose plain letters are the same.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
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
