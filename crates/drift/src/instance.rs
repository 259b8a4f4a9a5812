//! Values inside a document, such as those in `enum` and `const`, as instances of schemas.

use openapi_document::{Kind, Node, Number};
use serde_json::Value;

/// Converts a node to a value.
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

/// The numbers in these nodes that no instance can hold, because they are beyond a double.
pub(crate) fn large_numbers<'d>(nodes: impl Iterator<Item = Node<'d>>) -> impl Iterator<Item = Number> {
    let mut open: Vec<Node<'d>> = nodes.collect();
    std::iter::from_fn(move || {
        loop {
            match open.pop()?.kind() {
                Kind::Number(number) if number.is_large() => return Some(number),
                Kind::Array(items) => open.extend(items),
                Kind::Object(members) => open.extend(members.values()),
                _ => {}
            }
        }
    })
}

/// Converts a number as it is written, so that `1.0` is displayed differently from `1`.
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

    use super::{instance, large_numbers};

    #[test]
    fn a_value_is_taken_out_as_it_is_written() {
        let text = r#"{"a":[null,true,1,1.0,-2,18446744073709551615,1e+300,"x"],"b":{}}"#;
        let document = Document::read_schema(text).unwrap();
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(instance(document.root()).to_string(), value.to_string());
    }

    #[test]
    fn a_number_beyond_a_double_is_held_by_no_value() {
        for (text, is_held) in [
            ("[1, 1e308]", true),
            (r#"{"a": [{"b": 1e400}]}"#, false),
            ("-1e309", false),
        ] {
            let document = Document::read_schema(text).unwrap();
            let mut large = large_numbers(std::iter::once(document.root()));
            assert_eq!(large.next().is_none(), is_held, "{text}");
        }
    }
}
