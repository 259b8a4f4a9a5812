//! Converts a value in a document, such as one of `enum` or `const`, to an instance of schemas.

use openapi_document::{Kind, Node, Number};
use serde_json::Value;

/// The value of a node.
pub(crate) fn instance(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool(value) => value.into(),
        Kind::Number(value) => number(value),
        Kind::String(text) => text.into(),
        Kind::Array(items) => items.map(instance).collect(),
        Kind::Object(members) => members.map(|(key, value)| (key, instance(value))).collect(),
    }
}

/// Converts a number as it is written, so that `1.0` stays distinct from `1` where it is shown.
fn number(number: Number) -> Value {
    let whole = || {
        let unsigned = number.as_u64().map(Value::from);
        unsigned.or_else(|| number.as_i64().map(Value::from))
    };
    let whole = number.is_written_as_integer().then(whole).flatten();
    whole.unwrap_or_else(|| number.as_f64().into())
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;
    use serde_json::Value;

    use super::instance;

    #[test]
    fn a_value_is_taken_out_as_it_is_written() {
        let text = r#"{"a":[null,true,1,1.0,-2,18446744073709551615,1e+300,"x"],"b":{}}"#;
        let document = Document::read_schema(text).unwrap();
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(instance(document.root()).to_string(), value.to_string());
    }
}
