//! Values as texts: the parts into which a style splits them, and the JSON values that they can represent.

use openapi_document::{Document, Node};
use serde_json::{Map, Value};

use crate::types::{Step, Types, literal_types_at, types_at};

/// Written content, before the types of its texts are known.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// A text.
    Text(String),
    /// Items.
    List(Vec<Written>),
    /// Members, in the order in which they are written.
    Members(Vec<(String, Written)>),
    /// A JSON value, where text holds JSON.
    Json(Value),
}

/// Maximum number of readings of one text.
const MOST: usize = 64;

/// The JSON values that a text can represent under a schema, the most likely first.
pub(crate) struct Readings {
    pub(crate) values: Vec<Value>,
    /// Whether there are more readings than are listed.
    pub(crate) is_cut: bool,
}

/// The readings of written content under a schema.
pub(crate) fn readings(document: &Document, schema: Option<Node<'_>>, written: &Written) -> Readings {
    let mut reader = Reader {
        document,
        schema,
        is_cut: false,
    };
    let values = reader.read(written, &mut Vec::new());
    Readings {
        values,
        is_cut: reader.is_cut,
    }
}

struct Reader<'d> {
    document: &'d Document,
    schema: Option<Node<'d>>,
    is_cut: bool,
}

impl Reader<'_> {
    fn read(&mut self, written: &Written, way: &mut Vec<Step>) -> Vec<Value> {
        match written {
            Written::Json(value) => vec![value.clone()],
            Written::Text(text) => scalars(text, self.types(way)),
            Written::List(items) => {
                let mut lists: Vec<Vec<Value>> = vec![Vec::with_capacity(items.len())];
                for (index, item) in items.iter().enumerate() {
                    way.push(Step::Item(index));
                    let readings = self.read(item, way);
                    way.pop();
                    self.extend(&mut lists, &readings, Vec::push);
                }
                lists.into_iter().map(Value::Array).collect()
            }
            Written::Members(members) => {
                let mut objects: Vec<Map<String, Value>> = vec![Map::new()];
                for (name, member) in members {
                    way.push(Step::Property(name.clone()));
                    let readings = self.read(member, way);
                    way.pop();
                    self.extend(&mut objects, &readings, |object, value| {
                        object.insert(name.clone(), value);
                    });
                }
                objects.into_iter().map(Value::Object).collect()
            }
        }
    }

    /// Combines each partial value with each reading of its next part.
    fn extend<W: Clone>(&mut self, wholes: &mut Vec<W>, readings: &[Value], add: impl Fn(&mut W, Value)) {
        let readings = if wholes.len() * readings.len() > MOST {
            self.is_cut = true;
            &readings[..1]
        } else {
            readings
        };
        if let [only] = readings {
            for whole in wholes.iter_mut() {
                add(whole, only.clone());
            }
            return;
        }
        *wholes = wholes
            .iter()
            .flat_map(|whole| {
                readings.iter().map(|value| {
                    let mut whole = whole.clone();
                    add(&mut whole, value.clone());
                    whole
                })
            })
            .collect();
    }

    /// The types of the scalars that a text stands for. Where no scalar is meant, it stands for any by the letter.
    fn types(&self, way: &[Step]) -> Types {
        let Some(schema) = self.schema else {
            return Types::STRING;
        };
        let meant = types_at(self.document, schema, way);
        if meant.has_scalars() {
            meant
        } else {
            literal_types_at(self.document, schema, way)
        }
    }
}

/// The scalars of the given types that a text can represent, or else the text itself.
fn scalars(text: &str, types: Types) -> Vec<Value> {
    let mut found = Vec::new();
    if types.has(Types::BOOLEAN) && (text == "true" || text == "false") {
        found.push(Value::Bool(text == "true"));
    }
    if types.has(Types::NUMBER) || types.has(Types::INTEGER) {
        let is_whole = !text.contains(['.', 'e', 'E']);
        found.extend(number(text).filter(|_| types.has(Types::NUMBER) || is_whole));
    }
    if types.has(Types::STRING) || found.is_empty() {
        found.push(Value::String(text.to_owned()));
    }
    found
}

/// The number that a text is in JSON syntax, which allows neither a plus sign nor leading zeros.
fn number(text: &str) -> Option<Value> {
    let first = *text.as_bytes().first()?;
    let last = *text.as_bytes().last()?;
    if !(first == b'-' || first.is_ascii_digit()) || !last.is_ascii_digit() {
        return None;
    }
    serde_json::from_str::<serde_json::Number>(text)
        .ok()
        .map(Value::Number)
}

/// The text of a scalar; `None` for null, lists and objects.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(decimal(&number.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Writes a whole number without an exponent or a fraction if it is not very long, because many readers accept only
/// digits. Other numbers stay unchanged.
fn decimal(number: &str) -> String {
    /// Maximum number of zeros that replace an exponent.
    const LONGEST: usize = 400;
    let digits = || {
        let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction = fraction.trim_end_matches('0');
        let exponent: usize = exponent.trim_start_matches('+').parse().ok()?;
        let zeros = exponent.checked_sub(fraction.len()).filter(|it| *it <= LONGEST)?;
        let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
        let digits = format!("{whole}{fraction}{}", "0".repeat(zeros));
        let digits = digits.trim_start_matches('0');
        Some(if digits.is_empty() {
            "0".to_owned()
        } else {
            format!("{sign}{digits}")
        })
    };
    digits().unwrap_or_else(|| number.to_owned())
}

/// The written form of a value; `None` if some part of it has no text.
pub(crate) fn written(value: &Value) -> Option<Written> {
    Some(match value {
        Value::Array(items) => Written::List(items.iter().map(written).collect::<Option<_>>()?),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| Some((name.clone(), written(value)?)));
            Written::Members(members.collect::<Option<_>>()?)
        }
        scalar => Written::Text(text_of(scalar)?),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(schema: &str, written: &Written) -> Vec<Value> {
        let document = Document::read_schema(schema).unwrap();
        readings(&document, Some(document.root()), written).values
    }

    fn text(text: &str) -> Written {
        Written::Text(text.to_owned())
    }

    #[test]
    fn a_text_stands_for_what_its_schema_admits_and_for_itself_where_that_is_nothing() {
        assert_eq!(read(r#"{"type": "integer"}"#, &text("5")), [json!(5)]);
        assert_eq!(read(r#"{"type": "integer"}"#, &text("5.0")), [json!("5.0")]);
        let long = "-9223372036854778000";
        assert_eq!(
            read(r#"{"type": "integer"}"#, &text(long)),
            [json!(-9_223_372_036_854_778_000.0)]
        );
        assert_eq!(read(r#"{"type": "number"}"#, &text("5.5")), [json!(5.5)]);
        assert_eq!(read(r#"{"type": "string"}"#, &text("5")), [json!("5")]);
        assert_eq!(
            read(r#"{"type": ["string", "integer"]}"#, &text("5")),
            [json!(5), json!("5")]
        );
        assert_eq!(read(r#"{"type": "boolean"}"#, &text("true")), [json!(true)]);
        assert_eq!(read(r#"{"type": "boolean"}"#, &text("1")), [json!("1")]);
        assert_eq!(read(r#"{"enum": [1, 2]}"#, &text("1")), [json!(1)]);
        assert_eq!(read(r#"{"type": "null"}"#, &text("null")), [json!("null")]);
        for odd in [
            "+5", "05", "0x5", ".5", "5.", " 5", "5 ", "1e", "--5", "Infinity", "NaN", "",
        ] {
            assert_eq!(read(r#"{"type": "number"}"#, &text(odd)), [json!(odd)]);
        }
    }

    #[test]
    fn a_whole_number_is_written_in_digits() {
        for (number, text) in [
            ("-9.2e+3", "-9200"),
            ("1E2", "100"),
            ("0e5", "0"),
            ("-0.0e1", "0"),
            ("1.50e1", "15"),
            ("1.5e0", "1.5e0"),
            ("1e-2", "1e-2"),
            ("1e999999", "1e999999"),
            ("1.5", "1.5"),
            ("7", "7"),
        ] {
            assert_eq!(decimal(number), text);
        }
    }

    #[test]
    fn texts_inside_are_read_by_the_schemas_inside() {
        let schema =
            r#"{"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}}"#;
        let list = Written::List(vec![text("1"), text("2")]);
        assert_eq!(read(schema, &list), [json!(["1", 2])]);
        let schema = r#"{"properties": {"a": {"anyOf": [{"type": "integer"}, {"type": "boolean"}]}},
            "additionalProperties": {"type": "number"}}"#;
        let members = Written::Members(vec![
            ("a".to_owned(), text("true")),
            ("b".to_owned(), text("1.5")),
        ]);
        assert_eq!(read(schema, &members), [json!({"a": true, "b": 1.5})]);
    }

    #[test]
    fn readings_are_bounded() {
        let document = Document::read_schema(r#"{"items": {"type": ["integer", "string"]}}"#).unwrap();
        let list = Written::List(vec![text("1"); 10_000]);
        let readings = readings(&document, Some(document.root()), &list);
        assert!(readings.is_cut && readings.values.len() <= MOST);
    }
}
