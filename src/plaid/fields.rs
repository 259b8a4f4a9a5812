//! Reads fields under any of their names, from the payload of an SDK or from a query.

use serde_json::{Map, Value};

use crate::tolerant::says_nothing;

/// Plaid's own metadata as JSON text, which some SDKs add to their own fields.
const METADATA_TEXT: [&str; 3] = ["metadataJson", "metadataJSON", "metadata_json"];

/// The fields of one payload: the outer object first, then its `metadata`, then the JSON text that some SDKs add.
///
/// `null`, `""`, `{}` and `[]` count as absent: the Android bridge of React Native writes them where other SDKs omit
/// the field. Any part may be a string with the JSON of the expected value, because apps may encode parts of a payload
/// twice.
pub(super) struct Fields(Vec<Map<String, Value>>);

impl Fields {
    /// The fields of an SDK's payload.
    pub(super) fn of_payload(mut outer: Map<String, Value>) -> Self {
        let metadata = outer.get("metadata").and_then(object);
        if metadata.is_some() {
            outer.remove("metadata");
        }
        let mut fields = Self(std::iter::once(outer).chain(metadata).collect());
        fields.add_text(&METADATA_TEXT);
        fields
    }

    /// Whether there is metadata that cannot be read.
    pub(super) fn has_unread_metadata(&self) -> bool {
        self.values(&["metadata"])
            .chain(self.values(&METADATA_TEXT))
            .any(|metadata| object(metadata).is_none())
    }

    /// The fields of an SDK's error object.
    pub(super) fn of_error(error: Map<String, Value>) -> Self {
        let mut fields = Self(vec![error]);
        fields.add_text(&["errorJson", "errorJSON", "error_json"]);
        fields
    }

    /// Adds the fields of the payload that Plaid's own page made. Some SDKs pass it on as text, next to their own
    /// fields.
    fn add_text(&mut self, names: &[&str]) {
        self.0.extend(self.object(names));
    }

    /// The fields of a query, decoded once. If a key is repeated, its first value that is not absent is used.
    pub(super) fn of_query(query: &str) -> Self {
        let mut map = Map::new();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            let key = key.trim();
            match map.get_mut(key) {
                None => {
                    map.insert(key.to_owned(), Value::String(value.into_owned()));
                }
                Some(earlier) if is_absent(earlier) => *earlier = Value::String(value.into_owned()),
                Some(_) => {}
            }
        }
        Self(vec![map])
    }

    /// The present values under `names`.
    fn values(&self, names: &[&str]) -> impl Iterator<Item = &Value> {
        self.0
            .iter()
            .flat_map(|layer| names.iter().filter_map(|name| layer.get(*name)))
            .filter(|value| !is_absent(value))
    }

    /// Whether one of `names` has a value.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.values(names).next().is_some()
    }

    /// The value as text, if it is a string, a number or a boolean.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        self.values(names).find_map(|value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        })
    }

    /// The value as an open enum.
    pub(super) fn open<E: From<String>>(&self, names: &[&str]) -> Option<E> {
        self.text(names).map(E::from)
    }

    /// The value as an object.
    pub(super) fn object(&self, names: &[&str]) -> Option<Map<String, Value>> {
        self.values(names).find_map(object)
    }

    /// The objects in a list. An object in place of the list counts as its only item.
    pub(super) fn objects(&self, names: &[&str]) -> Vec<Map<String, Value>> {
        self.values(names)
            .map(|value| match decoded(value) {
                Value::Array(items) => items.iter().filter_map(object).collect(),
                Value::Object(only) => vec![only],
                _ => Vec::new(),
            })
            .find(|objects| !objects.is_empty())
            .unwrap_or_default()
    }

    /// The values of all fields whose name suggests an error.
    pub(super) fn error_likes(&self) -> impl Iterator<Item = &Value> {
        self.0
            .iter()
            .flatten()
            .filter(|(name, value)| is_error_like(name) && !is_no_error(value))
            .map(|(_, value)| value)
    }
}

/// The value as an object, which may also be given as JSON text.
pub(super) fn object(value: &Value) -> Option<Map<String, Value>> {
    match decoded(value) {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// Decodes a value that is the JSON text of an object or list. The text may be encoded up to three times, and may have
/// single quotes around it as in Plaid's documentation.
fn decoded(value: &Value) -> Value {
    let mut value = value.clone();
    for _ in 0..3 {
        let Value::String(text) = &value else { break };
        match serde_json::from_str(text.trim().trim_matches('\'')) {
            Ok(inner @ (Value::Object(_) | Value::Array(_) | Value::String(_))) => value = inner,
            _ => break,
        }
    }
    value
}

/// Whether a value counts as absent.
fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => says_nothing(text),
        Value::Object(fields) => fields.values().all(is_absent),
        Value::Array(items) => items.iter().all(is_absent),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether a field's name suggests an error: `error`, `errorCode`, `exit_error`, `err`, and the names in error objects.
fn is_error_like(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.contains("error")
        || lower.contains("exception")
        || matches!(lower.as_str(), "err" | "code" | "message" | "failure")
        || name.ends_with("Err")
        || lower.ends_with("_err")
}

/// Whether the value of an error field says that there is no error. The value may be JSON text.
fn is_no_error(value: &Value) -> bool {
    let value = decoded(value);
    let says_no = match &value {
        Value::Bool(truth) => !truth,
        Value::String(text) => text.trim().eq_ignore_ascii_case("false"),
        _ => false,
    };
    says_no || is_absent(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_said_in_a_word_is_text() {
        let payload = serde_json::json!({"a": "x", "b": 7, "c": 1.5, "d": false, "e": {"f": 1}, "g": [1]});
        let Value::Object(payload) = payload else {
            panic!("no object")
        };
        let fields = Fields::of_payload(payload);
        let text = |name| fields.text(&[name]);
        assert_eq!(
            ["a", "b", "c", "d"].map(text),
            ["x", "7", "1.5", "false"].map(|it| Some(it.to_owned()))
        );
        assert_eq!(["e", "g", "h"].map(text), [None, None, None]);
        let count = |name| fields.objects(&[name]).len();
        assert_eq!(["a", "e", "g"].map(count), [0, 1, 0]);
    }
}
