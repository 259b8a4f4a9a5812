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

/// Converts a node for a line of text, with all digits of an exact number.
pub(crate) fn told(node: Node<'_>) -> Value {
    let exact = node.as_number().and_then(Number::as_exact);
    exact.map_or_else(|| instance(node), Value::from)
}

/// The numbers in these nodes that no instance can hold, as decimals.
pub(crate) fn exact_numbers<'d>(nodes: impl Iterator<Item = Node<'d>>) -> impl Iterator<Item = &'d str> {
    let mut open: Vec<Node<'d>> = nodes.collect();
    std::iter::from_fn(move || {
        loop {
            match open.pop()?.kind() {
                Kind::Number(number) => {
                    if let Some(decimal) = number.as_exact() {
                        return Some(decimal);
                    }
                }
                Kind::Array(items) => open.extend(items),
                Kind::Object(members) => open.extend(members.values()),
                _ => {}
            }
        }
    })
}

/// Converts a number as it is written, so that `1.0` is displayed differently from `1`.
fn number(number: Number<'_>) -> Value {
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

    use super::{exact_numbers, instance};

    #[test]
    fn a_value_is_taken_out_as_it_is_written() {
        let text = r#"{"a":[null,true,1,1.0,-2,18446744073709551615,1e+300,"x"],"b":{}}"#;
        let document = Document::read_schema(text).unwrap();
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(instance(document.root()).to_string(), value.to_string());
    }

    #[test]
    fn an_exact_number_is_held_by_no_value() {
        for (text, is_held) in [
            ("[1, 1e308]", true),
            (r#"{"a": [{"b": 1e400}]}"#, false),
            ("-1e309", false),
            ("0.1000000000000000055", false),
            ("[18446744073709551615, 0.30000000000000004]", true),
        ] {
            let document = Document::read_schema(text).unwrap();
            let mut exact = exact_numbers(std::iter::once(document.root()));
            assert_eq!(exact.next().is_none(), is_held, "{text}");
        }
    }
}
