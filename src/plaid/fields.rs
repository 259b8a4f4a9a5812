//! Reading a field by any of its names, from whatever an SDK or a query carries.

use serde_json::{Map, Value};

/// The fields of one payload: the outer object first, then its `metadata`, then the JSON text that some SDKs add.
///
/// `null`, `""` and `{}` are absent: the Android bridge of React Native writes them where other SDKs write nothing.
pub(super) struct Fields(Vec<Map<String, Value>>);

impl Fields {
    /// The fields of an SDK's payload.
    pub(super) fn of_payload(mut outer: Map<String, Value>) -> Self {
        let metadata = match outer.remove("metadata") {
            Some(Value::Object(metadata)) => Some(metadata),
            _ => None,
        };
        Self::with_json_text(outer, metadata, &["metadataJson", "metadataJSON"])
    }

    /// The fields of an SDK's error object.
    pub(super) fn of_error(error: Map<String, Value>) -> Self {
        Self::with_json_text(error, None, &["errorJson", "errorJSON"])
    }

    fn with_json_text(outer: Map<String, Value>, inner: Option<Map<String, Value>>, texts: &[&str]) -> Self {
        let mut fields = Self(std::iter::once(outer).chain(inner).collect());
        if let Some(Ok(Value::Object(more))) = fields.text(texts).map(|text| serde_json::from_str(&text)) {
            fields.0.push(more);
        }
        fields
    }

    /// The fields of a query, decoded once. A key that comes twice keeps its first value that is not empty.
    ///
    /// A page that writes a value it does not have writes `null` or `undefined`.
    pub(super) fn of_query(query: &str) -> Self {
        let mut map = Map::new();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            if matches!(value.as_ref(), "null" | "undefined") {
                continue;
            }
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

    /// The first present value under one of `names`.
    pub(super) fn get(&self, names: &[&str]) -> Option<&Value> {
        self.0
            .iter()
            .flat_map(|layer| names.iter().filter_map(|name| layer.get(*name)))
            .find(|value| !is_absent(value))
    }

    /// A text, a number or a truth value, as text.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        match self.get(names)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(truth.to_string()),
            _ => None,
        }
    }

    /// An open enum.
    pub(super) fn open<E: From<String>>(&self, names: &[&str]) -> Option<E> {
        self.text(names).map(E::from)
    }

    /// An object.
    pub(super) fn object(&self, names: &[&str]) -> Option<Map<String, Value>> {
        self.get(names)?.as_object().cloned()
    }

    /// A list, or the JSON text of a list, in single quotes or not.
    pub(super) fn list(&self, names: &[&str]) -> Vec<Value> {
        match self.get(names) {
            Some(Value::Array(items)) => items.clone(),
            Some(Value::String(text)) => {
                serde_json::from_str(text.trim().trim_matches('\'')).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }
}

fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}
