//! Edits of documents that keep them documents, because random bytes rarely form a schema.

use fastrand::Rng;
use openapi_document::Document;
use serde_json::{Map, Value, json};

use crate::parts::{PARTING, parts};

/// Names that affect a comparison, and names that are code, markup or empty.
const NAMES: &[&str] = &[
    "$ref",
    "$defs",
    "$anchor",
    "$dynamicRef",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "prefixItems",
    "contains",
    "minContains",
    "uniqueItems",
    "enum",
    "const",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "if",
    "then",
    "else",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "exclusiveMaximum",
    "multipleOf",
    "propertyNames",
    "patternProperties",
    "dependentSchemas",
    "dependentRequired",
    "unevaluatedProperties",
    "unevaluatedItems",
    "nullable",
    "readOnly",
    "writeOnly",
    "discriminator",
    "default",
    "deprecated",
    "parameters",
    "requestBody",
    "responses",
    "200",
    "default",
    "4XX",
    "content",
    "application/json",
    "*/*",
    "multipart/form-data",
    "text/plain",
    "schema",
    "headers",
    "security",
    "servers",
    "callbacks",
    "style",
    "explode",
    "in",
    "name",
    "a",
    "b",
    "",
    "~1",
    "%2F",
    "\u{0}",
    "\u{202e}",
    "<script>",
    "a\nb",
    "é",
];

/// Texts that have a meaning in some location.
const TEXTS: &[&str] = &[
    "",
    "a",
    "string",
    "object",
    "array",
    "integer",
    "number",
    "null",
    "boolean",
    "query",
    "path",
    "header",
    "cookie",
    "form",
    "deepObject",
    "pipeDelimited",
    "simple",
    "label",
    "matrix",
    "^a+$",
    "(",
    "[^",
    "(?=a)",
    "\\p{L}",
    "date",
    "byte",
    "binary",
    "#",
    "#/",
    "#/components/schemas/A",
    "#/$defs/a",
    "other.json",
    "http://[",
    "%zz",
    "\u{1b}[2J",
    "\u{202e}",
    "</script>",
    "application/json",
    "3.0.0",
    "3.1.0",
    "3.2.0",
    "1e400",
    "{a}",
    "/{a}/{a}",
];

fn text(random: &mut Rng) -> Value {
    json!(TEXTS[random.usize(..TEXTS.len())])
}

/// A value of any kind, often the wrong one.
fn leaf(random: &mut Rng) -> Value {
    match random.u8(..16) {
        0 => Value::Null,
        1 => json!(random.bool()),
        2..=4 => json!(random.i64(-2..5)),
        5 => json!([0.5, 1.5, 1e300, -0.0, 1e-300][random.usize(..5)]),
        6 => json!([u64::MAX, 9_007_199_254_740_993][random.usize(..2)]),
        7 => json!([]),
        8 => json!({}),
        9 => json!([text(random), text(random)]),
        10 => json!({"type": text(random)}),
        11 => json!({"$ref": "#/components/schemas/A"}),
        _ => text(random),
    }
}

/// The pointers to all parts of a value, itself first.
fn places(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut index = 0;
    while index < found.len() && found.len() < 20_000 {
        let at = found[index].clone();
        index += 1;
        match value.pointer(&at) {
            Some(Value::Object(members)) => {
                let escape = |name: &str| name.replace('~', "~0").replace('/', "~1");
                found.extend(members.keys().map(|name| format!("{at}/{}", escape(name))));
            }
            Some(Value::Array(items)) => found.extend((0..items.len()).map(|it| format!("{at}/{it}"))),
            _ => {}
        }
    }
    found
}

fn edit(value: &mut Value, other: &Value, random: &mut Rng) {
    let places = places(value);
    let at = &places[random.usize(..places.len())];
    let from = [&*value, other][random.usize(..2)];
    let from_places = self::places(from);
    let from_at = &from_places[random.usize(..from_places.len())];
    let copied = from.pointer(from_at).cloned().unwrap_or_default();
    let pointer = format!("#{from_at}");
    let Some(node) = value.pointer_mut(at) else {
        return;
    };
    match random.u8(..12) {
        0..=2 => *node = leaf(random),
        3 | 4 if !at.is_empty() => *node = copied,
        5 => *node = json!({ "$ref": pointer }),
        6 => {
            let inner = node.take();
            let keyword = ["allOf", "oneOf", "anyOf", "prefixItems"][random.usize(..4)];
            *node = if random.bool() {
                json!({ keyword: [inner, copied] })
            } else {
                json!({ keyword: [inner] })
            };
        }
        7 => {
            let inner = node.take();
            let keyword =
                ["not", "items", "additionalProperties", "contains", "if", "schema"][random.usize(..6)];
            *node = json!({ keyword: inner });
        }
        _ => match node {
            Value::Object(members) => members_edit(members, copied, random),
            Value::Array(items) => {
                let index = random.usize(..=items.len());
                if random.bool() && index < items.len() {
                    items.remove(index);
                } else {
                    items.insert(index, if random.bool() { copied } else { leaf(random) });
                }
            }
            Value::Number(number) => {
                *node = number
                    .as_i64()
                    .map_or(json!(1), |it| json!(it.wrapping_add(random.i64(-2..3))));
            }
            Value::String(_) => *node = text(random),
            other => *other = leaf(random),
        },
    }
}

fn members_edit(members: &mut Map<String, Value>, copied: Value, random: &mut Rng) {
    let name = NAMES[random.usize(..NAMES.len())].to_owned();
    let chosen = random.usize(..members.len().max(1));
    let own = members.keys().nth(chosen).cloned();
    match (random.u8(..4), own) {
        (0, Some(own)) => drop(members.remove(&own)),
        (1, Some(own)) => {
            let value = members.remove(&own).unwrap_or_default();
            members.insert(name, value);
        }
        (2, _) => drop(members.insert(name, copied)),
        _ => drop(members.insert(name, leaf(random))),
    }
}

/// A JSON value with a few seeded edits, some of which copy from another value.
pub fn mutated_json(value: &Value, other: &Value, random: &mut Rng) -> Value {
    let mut edited = value.clone();
    for _ in 0..random.usize(1..4) {
        edit(&mut edited, other, random);
    }
    edited
}

/// An input with seeded edits in one of its documents; `None` if it contains no document.
pub fn mutated(bytes: &[u8], seed: u64) -> Option<Vec<u8>> {
    let random = &mut Rng::with_seed(seed);
    let mut parts: Vec<Vec<u8>> = parts(bytes).into_iter().map(<[u8]>::to_vec).collect();
    let read = |bytes: &[u8]| {
        let document = Document::read_schema(bytes).ok()?;
        serde_json::to_value(document.root()).ok()
    };
    let (chosen, from) = (random.usize(..parts.len()), random.usize(..parts.len()));
    let other = read(&parts[from]);
    let value = match random.u8(..8) {
        // Two similar documents are more useful than two unrelated ones.
        0 => other.clone()?,
        _ => read(&parts[chosen])?,
    };
    parts[chosen] = mutated_json(&value, other.as_ref().unwrap_or(&Value::Null), random)
        .to_string()
        .into_bytes();
    Some(parts.join(PARTING))
}
