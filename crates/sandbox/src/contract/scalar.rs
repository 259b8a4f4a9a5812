//! Texts, numbers and booleans that match their schema: the known value if it does, or a generated one.

use openapi_document::Node;
use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Number, Value, json};

use super::parts::Parts;

/// A scalar of `kind` for schemas that apply together: the known value if they accept it, else the most plausible
/// candidate that they accept.
pub(super) fn scalar(
    known: Option<&Value>,
    kind: &str,
    parts: &Parts<'_>,
    takes: &dyn Fn(&Value) -> bool,
) -> Value {
    let known = known.and_then(|known| as_kind(known, kind));
    let is_narrowed = || NARROWING.iter().any(|keyword| parts.get(keyword).is_some());
    if let Some(known) = known.as_ref().filter(|known| !is_narrowed() || takes(known)) {
        return known.clone();
    }
    let given = ["example", "default"].iter().filter_map(|keyword| {
        let given = serde_json::to_value(parts.get(keyword)?).ok()?;
        as_kind(&given, kind)
    });
    let made_up = match kind {
        "string" => texts(known.as_ref(), parts),
        "boolean" => vec![Value::Bool(false), Value::Bool(true)],
        _ => numbers(parts),
    };
    let mut candidates: Vec<Value> = given.chain(made_up).collect();
    let at = candidates.iter().position(takes).unwrap_or(0);
    candidates.swap_remove(at)
}

/// The keywords by which a value of the right type may still be refused. Without them, no check is needed.
const NARROWING: [&str; 11] = [
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "not",
    "if",
];

/// Converts a value to the requested type: `"12.50"` is also a number.
fn as_kind(value: &Value, kind: &str) -> Option<Value> {
    match (kind, value) {
        ("string", Value::String(_)) | ("boolean", Value::Bool(_)) | ("number", Value::Number(_)) => {
            Some(value.clone())
        }
        ("string", Value::Number(number)) => Some(number.to_string().into()),
        ("string", Value::Bool(truth)) => Some(truth.to_string().into()),
        ("boolean", Value::String(text)) => text.parse().ok().map(Value::Bool),
        ("number" | "integer", Value::String(text)) => as_kind(&Value::Number(text.parse().ok()?), kind),
        ("integer", Value::Number(number)) => (number.is_i64() || number.is_u64()).then(|| value.clone()),
        _ => None,
    }
}

fn texts(known: Option<&Value>, parts: &Parts<'_>) -> Vec<Value> {
    let bound = |keyword| {
        parts
            .get(keyword)
            .and_then(Node::as_u64)
            .and_then(|n| usize::try_from(n).ok())
    };
    // A longer text would waste memory. The response is then reported as a violation of the document.
    let (least, most) = (
        bound("minLength").unwrap_or(0).min(10_000),
        bound("maxLength").unwrap_or(usize::MAX),
    );
    let fitted = |text: &str| -> Value {
        let missing = least.saturating_sub(text.chars().count());
        text.chars()
            .take(most)
            .chain(std::iter::repeat_n('x', missing))
            .collect::<String>()
            .into()
    };
    let format = parts.get("format").and_then(Node::as_str);
    let pattern = parts.get("pattern").and_then(Node::as_str);
    let mut texts: Vec<Value> = pattern
        .and_then(matching)
        .map(Value::String)
        .into_iter()
        .collect();
    texts.extend(of_format(format).map(Value::from));
    texts.extend(known.and_then(Value::as_str).map(fitted));
    texts.push(fitted("stand-in"));
    texts
}

fn of_format(format: Option<&str>) -> Option<&'static str> {
    Some(match format? {
        "date-time" => "2022-11-30T12:00:00Z",
        "date" => "2022-11-30",
        "time" => "12:00:00Z",
        "email" => "someone@example.com",
        "uuid" => "00000000-0000-4000-8000-000000000000",
        "uri" | "url" => "https://example.com/",
        "hostname" => "example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "byte" => "AA==",
        _ => return None,
    })
}

/// A short text that a pattern matches; `None` if the pattern has another dialect or needs a long text.
fn matching(pattern: &str) -> Option<String> {
    let mut text = String::new();
    write_matching(&regex_syntax::parse(pattern).ok()?, &mut text)?;
    Some(text)
}

fn write_matching(hir: &Hir, text: &mut String) -> Option<()> {
    if text.len() > 10_000 {
        return None;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(Class::Unicode(class)) => {
            // A letter or a digit reads better than the first control character of a wide class.
            let in_class = |c: &char| {
                class
                    .ranges()
                    .iter()
                    .any(|range| (range.start()..=range.end()).contains(c))
            };
            text.push(
                "aA0"
                    .chars()
                    .find(in_class)
                    .or_else(|| Some(class.ranges().first()?.start()))?,
            );
        }
        HirKind::Class(Class::Bytes(class)) => text.push(char::from(class.ranges().first()?.start())),
        HirKind::Repetition(repetition) => {
            for _ in 0..repetition.min {
                let before = text.len();
                write_matching(&repetition.sub, text)?;
                // Repeating a part that writes nothing adds no text.
                if text.len() == before {
                    break;
                }
            }
        }
        HirKind::Capture(capture) => write_matching(&capture.sub, text)?,
        HirKind::Concat(parts) => {
            for part in parts {
                write_matching(part, text)?;
            }
        }
        HirKind::Alternation(parts) => write_matching(parts.first()?, text)?,
    }
    Some(())
}

fn numbers(parts: &Parts<'_>) -> Vec<Value> {
    let bound = |keyword| Some(parts.get(keyword)?.as_number()?.as_f64());
    let least = bound("minimum").or_else(|| bound("exclusiveMinimum"));
    let most = bound("maximum").or_else(|| bound("exclusiveMaximum"));
    let steps = match (bound("multipleOf").filter(|step| *step > 0.0), least) {
        (Some(step), Some(least)) => vec![(least / step).ceil() * step, ((least / step).ceil() + 1.0) * step],
        (Some(step), None) => vec![step],
        (None, least) => [least.map(|n| n + 1.0), most.map(|n| n - 1.0)]
            .into_iter()
            .flatten()
            .collect(),
    };
    let mut numbers: Vec<Value> = [least, most].into_iter().flatten().filter_map(whole).collect();
    numbers.extend(steps.into_iter().filter_map(whole));
    numbers.extend([json!(0), json!(1)]);
    numbers
}

/// A number without an unnecessary fraction, since an integer must not be written as `7.0`.
fn whole(number: f64) -> Option<Value> {
    if number.fract() == 0.0 {
        return format!("{number:.0}").parse::<Number>().ok().map(Value::Number);
    }
    Number::from_f64(number).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use super::matching;

    #[test]
    fn a_pattern_that_repeats_nothing_or_too_much_takes_no_time() {
        assert_eq!(matching("(b?){4000000000}a{2}").as_deref(), Some("aa"));
        assert_eq!(
            matching("((b?|c){4000000000}){4000000000}x").as_deref(),
            Some("x")
        );
        assert_eq!(matching("(a{900}){900}"), None);
    }
}
