//! Equality and order of JSON values, as JSON Schema defines them: `1` equals `1.0`.

use std::cmp::Ordering;
use std::fmt::Write as _;

use openapi_document::{Kind, Node, Number};
use serde_json::Value;

/// A number whose order is exact.
#[derive(Clone, Copy)]
pub(super) enum Exact {
    Whole(i128),
    /// A number with a fraction, or one beyond the range of the whole ones.
    Float(f64),
}

/// Every `f64` beyond this is an integer that `i128` may not hold.
const WHOLE: f64 = 1e30;

impl Exact {
    fn of_node(number: Number<'_>) -> Self {
        let whole = number.as_i64().map(Into::into);
        let whole = whole.or_else(|| number.as_u64().map(Into::into));
        whole.map_or_else(|| Self::of_float(number.as_f64()), Self::Whole)
    }

    pub(super) fn of_value(number: &serde_json::Number) -> Self {
        let whole = number.as_i64().map(Into::into);
        let whole = whole.or_else(|| number.as_u64().map(Into::into));
        whole.map_or_else(
            || Self::of_float(number.as_f64().unwrap_or(f64::INFINITY)),
            Self::Whole,
        )
    }

    #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
    fn of_float(value: f64) -> Self {
        if value.fract() != 0.0 || value.abs() >= WHOLE {
            return Self::Float(value);
        }
        // The number is the decimal that is written, which may be another integer than the `f64` is.
        Self::Whole(value.to_string().parse().unwrap_or(value as i128))
    }

    pub(super) fn is_integer(self) -> bool {
        match self {
            Self::Whole(_) => true,
            Self::Float(value) => value.fract() == 0.0,
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
    pub(super) fn cmp(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(own), Self::Whole(other)) => own.cmp(&other),
            (Self::Float(own), Self::Float(other)) => own.total_cmp(&other),
            (Self::Float(_), Self::Whole(_)) => other.cmp(self).reverse(),
            (Self::Whole(_), Self::Float(other)) if other.abs() >= WHOLE => 0.0_f64.total_cmp(&other),
            (Self::Whole(own), Self::Float(other)) => own.cmp(&(other.floor() as i128)).then(Ordering::Less),
        }
    }
}

/// The order of a value and a number of the document.
pub(super) fn order(value: &serde_json::Number, number: Number<'_>) -> Ordering {
    if number.as_exact().is_some() {
        return number.cmp_written(&value.to_string()).reverse();
    }
    Exact::of_value(value).cmp(Exact::of_node(number))
}

/// Whether a value of the document is one that we can read, which holds no exact number.
pub(super) fn is_readable(node: Node<'_>) -> bool {
    match node.kind() {
        Kind::Number(number) => number.as_exact().is_none(),
        Kind::Array(mut items) => items.all(is_readable),
        Kind::Object(members) => members.values().all(is_readable),
        _ => true,
    }
}

/// Whether a value of the document equals a value.
pub(super) fn is_equal(node: Node<'_>, value: &Value) -> bool {
    match (node.kind(), value) {
        (Kind::Null, Value::Null) => true,
        (Kind::Bool(own), Value::Bool(other)) => own == *other,
        (Kind::Number(own), Value::Number(other)) => order(other, own).is_eq(),
        (Kind::String(own), Value::String(other)) => own == other,
        (Kind::Array(own), Value::Array(other)) => {
            own.len() == other.len() && own.zip(other).all(|(own, other)| is_equal(own, other))
        }
        (Kind::Object(own), Value::Object(other)) => {
            let mut all = other.iter();
            own.len() == other.len()
                && all.all(|(name, value)| own.get(name).is_some_and(|it| is_equal(it, value)))
        }
        _ => false,
    }
}

/// A text that is the same for equal values only.
pub(super) fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Number(number) => {
            // Writing to a string never fails.
            let _ = match Exact::of_value(number) {
                Exact::Whole(whole) => write!(out, "{whole}"),
                Exact::Float(float) => write!(out, "{float:?}"),
            };
        }
        Value::Array(items) => {
            out.push('[');
            for item in items {
                write_canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (name, member) in members {
                let _ = write!(out, "{name:?}:");
                write_canonical(member, out);
                out.push(',');
            }
            out.push('}');
        }
        Value::String(text) => {
            let _ = write!(out, "{text:?}");
        }
        Value::Null | Value::Bool(_) => {
            let _ = write!(out, "{value}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use openapi_document::Document;
    use serde_json::{Value, json};

    use super::{Exact, canonical, is_equal, order};

    #[test]
    fn numbers_are_equal_by_their_value() {
        let all = json!([
            0, -0.0, 1, 1.0, 1.5, -1, 9_007_199_254_740_993_u64, 9_007_199_254_740_992.0, u64::MAX,
            18_446_744_073_709_551_616.0, i64::MIN, 1e40, -1e40, "1", true, [1], [1.0], {"a": 1}, {"a": 1.0}, null
        ]);
        let document = Document::read_schema(json!({ "enum": all }).to_string()).unwrap();
        let equal: Vec<(usize, usize)> = (0..20)
            .flat_map(|own| (0..own).map(move |other| (own, other)))
            .filter(|(own, other)| {
                let node = document.root().get("enum").unwrap().at(*own).unwrap();
                let is_same = is_equal(node, &all[*other]);
                assert_eq!(
                    canonical(&all[*own]) == canonical(&all[*other]),
                    is_same,
                    "{own} {other}"
                );
                is_same
            })
            .collect();
        assert_eq!(equal, [(1, 0), (3, 2), (16, 15), (18, 17)]);
    }

    #[test]
    fn a_number_of_the_document_is_compared_with_all_its_digits() {
        let text =
            "[1e400, -1e400, 1e-400, 18446744073709551616, 0.1000000000000000055, -0.1000000000000000055]";
        let document = Document::read_schema(text).unwrap();
        for (value, signs) in [
            (json!(f64::MAX), "<>>>>>"),
            (json!(f64::MIN), "<><<<<"),
            (json!(0), "<><<<>"),
            (json!(u64::MAX), "<>><>>"),
            (json!(18_446_744_073_709_551_616.0), "<>>>>>"),
            (json!(0.1), "<>><<>"),
            (json!(-0.1), "<><<<>"),
        ] {
            let orders = document.root().items().map(|node| {
                assert!(!is_equal(node, &value));
                match order(value.as_number().unwrap(), node.as_number().unwrap()) {
                    Ordering::Less => '<',
                    Ordering::Equal => '=',
                    Ordering::Greater => '>',
                }
            });
            assert_eq!(orders.collect::<String>(), signs, "{value}");
        }
    }

    #[test]
    fn the_order_of_numbers_is_exact() {
        let sorted = json!([
            -1e40,
            i64::MIN,
            -1.5,
            -1,
            -0.5,
            0,
            0.5,
            1,
            1.5,
            2,
            9_007_199_254_740_992.0,
            9_007_199_254_740_993_u64,
            u64::MAX,
            18_446_744_073_709_551_616.0,
            1e40,
            1e41
        ]);
        let exact = |it: &Value| Exact::of_value(it.as_number().unwrap());
        let sorted = sorted.as_array().unwrap();
        for (index, own) in sorted.iter().enumerate() {
            for (other_index, other) in sorted.iter().enumerate() {
                assert_eq!(
                    exact(own).cmp(exact(other)),
                    index.cmp(&other_index),
                    "{own} {other}"
                );
            }
        }
    }
}
