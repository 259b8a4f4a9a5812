//! Answers as a later version of the API might give them: still readable by a careful client, no longer as declared.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Operation;
use super::answer::STEPS;
use super::schema::{DEPTH, resolve};

/// How an answer leaves its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum FutureVersion {
    UnknownEnum,
    ExtraFields,
    MissingOptional,
}

/// A value that no enum knows.
const UNKNOWN: &str = "ADDED_LATER";

impl Operation {
    pub(crate) fn answer_as(&self, status: u16, body: &mut Value, version: FutureVersion) {
        let mut left = STEPS;
        if let Some(schema) = self.schema(status) {
            walk(schema.document(), schema.raw(), body, version, 0, &mut left);
        }
    }
}

fn walk(
    document: &Value,
    schema: &Value,
    value: &mut Value,
    version: FutureVersion,
    depth: usize,
    left: &mut u32,
) {
    let Some(schema) = resolve(document, schema).filter(|_| depth < DEPTH && *left > 0) else {
        return;
    };
    *left -= 1;
    for part in ["allOf", "oneOf", "anyOf"]
        .iter()
        .filter_map(|keyword| schema.get(keyword)?.as_array())
        .flatten()
    {
        walk(document, part, value, version, depth + 1, left);
    }
    match value {
        Value::String(text) if version == FutureVersion::UnknownEnum && schema.get("enum").is_some() => {
            UNKNOWN.clone_into(text);
        }
        Value::Array(items) => {
            let of_items = schema.get("items").unwrap_or(&Value::Null);
            for item in items {
                walk(document, of_items, item, version, depth + 1, left);
            }
        }
        Value::Object(fields) => {
            let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
                return;
            };
            if version == FutureVersion::MissingOptional {
                let required = schema.get("required").and_then(Value::as_array);
                fields.retain(|name, _| required.is_some_and(|all| all.iter().any(|one| one == name)));
            }
            for (name, field) in fields.iter_mut() {
                if let Some(property) = properties.get(name) {
                    walk(document, property, field, version, depth + 1, left);
                }
            }
            if version == FutureVersion::ExtraFields {
                fields.insert("addedLater".to_owned(), json!({"nested": [1, null, "text"]}));
            }
        }
        _ => {}
    }
}
