//! What a part of a document says without its prose: two copies of one thing have the same shape.

use serde_json::Value;

/// Keys whose values say nothing about what travels.
pub(crate) fn is_prose(key: &str) -> bool {
    matches!(
        key,
        "description" | "summary" | "title" | "example" | "examples" | "externalDocs" | "$comment" | "tags"
    ) || key.starts_with("x-")
}

/// Keys whose members are named by the author, so that one of them may be called `description`.
pub(crate) fn names_its_members(key: &str) -> bool {
    matches!(
        key,
        "properties"
            | "patternProperties"
            | "$defs"
            | "definitions"
            | "dependentSchemas"
            | "dependentRequired"
            | "mapping"
            | "headers"
            | "content"
            | "responses"
            | "callbacks"
            | "schemas"
    )
}

/// Keys whose values are data: nothing in them is prose or a reference.
pub(crate) fn holds_data(key: &str) -> bool {
    matches!(key, "enum" | "const" | "default" | "required")
}

/// A text that is the same for two values exactly when they differ in prose and order of members only.
pub(crate) fn shape(value: &Value) -> String {
    let mut out = String::new();
    write(value, Reading::Keywords, &mut out);
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The keys of an object are OpenAPI's.
    Keywords,
    /// The keys of an object are the author's.
    Names,
    /// All of it is data.
    Data,
}

impl Reading {
    /// How the value under `key` is read.
    pub(crate) fn under(self, key: &str) -> Self {
        match self {
            Self::Data => Self::Data,
            Self::Keywords if holds_data(key) => Self::Data,
            Self::Keywords if names_its_members(key) => Self::Names,
            Self::Keywords | Self::Names => Self::Keywords,
        }
    }
}

fn write(value: &Value, reading: Reading, out: &mut String) {
    match value {
        Value::Object(map) => {
            out.push('{');
            let mut members: Vec<(&String, &Value)> = map.iter().collect();
            members.sort_unstable_by_key(|(key, _)| key.as_str());
            for (key, value) in members {
                if reading == Reading::Keywords && is_prose(key) {
                    continue;
                }
                out.push_str(key);
                out.push(':');
                write(value, reading.under(key), out);
                out.push(',');
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write(item, reading, out);
                out.push(',');
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn prose_and_order_do_not_shape() {
        let a = json!({"type": "object", "description": "x", "properties": {"title": {"type": "string", "title": "T"}}});
        let b = json!({"properties": {"title": {"type": "string"}}, "type": "object", "x-y": 1});
        assert_eq!(shape(&a), shape(&b));
    }

    #[test]
    fn a_property_called_like_prose_does() {
        let with = json!({"properties": {"description": {"type": "string"}}});
        let without = json!({"properties": {}});
        assert_ne!(shape(&with), shape(&without));
        assert_ne!(
            shape(&json!({"enum": [{"title": 1}]})),
            shape(&json!({"enum": [{}]}))
        );
    }
}
