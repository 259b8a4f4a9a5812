//! The JSON types that a schema can accept at a place inside a value. They determine how a text may be read.
//!
//! The result is an upper bound: the schema accepts no value of a type outside it, and may refuse values of a type in
//! it. Only a schema without a type, whose keywords speak of some types, may accept others, but means these.

use openapi_document::{Document, Kind, Node, Version};
use serde_json::Value;

use crate::schema::is_name;

/// A set of JSON types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Types(u8);

impl Types {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const BOOLEAN: Self = Self(1 << 1);
    pub(crate) const INTEGER: Self = Self(1 << 2);
    /// Numbers with or without a fraction.
    pub(crate) const NUMBER: Self = Self(1 << 3 | 1 << 2);
    pub(crate) const STRING: Self = Self(1 << 4);
    pub(crate) const ARRAY: Self = Self(1 << 5);
    pub(crate) const OBJECT: Self = Self(1 << 6);
    pub(crate) const ALL: Self = Self(0x7f);

    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether some scalar that has a text is in this set.
    pub(crate) fn has_scalars(self) -> bool {
        [Self::STRING, Self::INTEGER, Self::BOOLEAN]
            .iter()
            .any(|it| self.has(*it))
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The type with a name; an unknown name does not restrict the type.
    fn named(name: &str) -> Self {
        match name {
            "null" => Self::NULL,
            "boolean" => Self::BOOLEAN,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "string" => Self::STRING,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            _ => Self::ALL,
        }
    }

    /// The types of values to which a keyword applies.
    fn of_keyword(key: &str) -> Self {
        match key {
            "minLength" | "maxLength" | "pattern" => Self::STRING,
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => Self::NUMBER,
            "items" | "prefixItems" | "minItems" | "maxItems" | "uniqueItems" | "contains" => Self::ARRAY,
            "properties"
            | "patternProperties"
            | "additionalProperties"
            | "propertyNames"
            | "minProperties"
            | "maxProperties"
            | "required"
            | "dependentRequired"
            | "dependentSchemas" => Self::OBJECT,
            _ => Self::NONE,
        }
    }

    pub(crate) fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(number) if number.as_f64().is_some_and(|it| it.fract() != 0.0) => Self::NUMBER,
            Value::Number(_) => Self::INTEGER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    fn of(value: Node<'_>) -> Self {
        match value.kind() {
            Kind::Null => Self::NULL,
            Kind::Bool(_) => Self::BOOLEAN,
            Kind::Number(number) if number.as_i64().is_some() || number.as_u64().is_some() => Self::INTEGER,
            Kind::Number(_) => Self::NUMBER,
            Kind::String(_) => Self::STRING,
            Kind::Array(_) => Self::ARRAY,
            Kind::Object(_) => Self::OBJECT,
        }
    }
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To an item, by its index.
    Item(usize),
    /// To a property, by its name.
    Property(String),
}

/// How schemas are read.
#[derive(Clone, Copy, Default)]
struct Reading {
    /// Whether a schema without a type means the types of which its keywords speak.
    is_meant: bool,
    /// Whether another schema inherits from this one, so that the alternatives of its discriminator do not apply.
    is_chosen: bool,
}

/// Maximum number of schemas that one call visits before every type counts as possible.
const MOST: usize = 2_000;
/// Maximum nesting of schemas, including references.
const DEEPEST: usize = 64;

/// The types that a schema can accept at the end of a path into its values. A schema without a type means the types of
/// which its keywords speak: see [`meant`].
pub(crate) fn types_at(document: &Document, schema: Node<'_>, way: &[Step]) -> Types {
    let reading = Reading {
        is_meant: true,
        ..Reading::default()
    };
    said((document, reading), schema, way, 0, &mut MOST.clone()).types(reading)
}

/// The same by the letter, where keywords say nothing of values of other types.
pub(crate) fn literal_types_at(document: &Document, schema: Node<'_>, way: &[Step]) -> Types {
    let reading = Reading::default();
    said((document, reading), schema, way, 0, &mut MOST.clone()).types(reading)
}

/// What a schema says of the type of a value.
#[derive(Clone, Copy)]
struct Said {
    /// The types that the schema accepts by its `type`, its values or its alternatives.
    stated: Types,
    /// The types of which its other keywords speak.
    spoken: Types,
}

impl Said {
    const NOTHING: Self = Self::stating(Types::ALL);

    const fn stating(stated: Types) -> Self {
        Self {
            stated,
            spoken: Types::NONE,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            stated: self.stated.and(other.stated),
            spoken: self.spoken.or(other.spoken),
        }
    }

    fn types(self, reading: Reading) -> Types {
        if self.stated == Types::ALL && reading.is_meant {
            meant(self.spoken)
        } else {
            self.stated
        }
    }
}

/// The types that a schema means if it states none and its keywords speak of some. Under keywords of strings, a text is
/// no list, and may be any scalar. Under keywords of objects, it is an object, or no value at all. Under keywords of
/// numbers or lists, it may be a string, to which they do not apply.
fn meant(spoken: Types) -> Types {
    if spoken.has(Types::STRING) {
        spoken.or(Types::NUMBER).or(Types::BOOLEAN)
    } else if spoken == Types::OBJECT {
        spoken
    } else {
        Types::ALL
    }
}

fn said(
    (document, reading): (&Document, Reading),
    schema: Node<'_>,
    way: &[Step],
    depth: usize,
    left: &mut usize,
) -> Said {
    let Some(rest) = left.checked_sub(1).filter(|_| depth < DEEPEST) else {
        return Said::NOTHING;
    };
    *left = rest;
    if schema.as_bool() == Some(false) {
        return Said::stating(Types::NONE);
    }
    let mut found = Said::NOTHING;
    if let Some(reference) = schema.text("$ref") {
        if let Ok(target) = document.resolve_schema(schema, reference) {
            found = said((document, reading), target.node, way, depth + 1, left);
        }
        if document.version() == Version::V3_0 {
            return found;
        }
    }
    found = found.and(match way.split_first() {
        None => own(document, schema),
        Some((step, rest)) => match child(schema, step) {
            Child::Schema(child) => {
                let inside = Reading {
                    is_chosen: false,
                    ..reading
                };
                said((document, inside), child, rest, depth + 1, left)
            }
            Child::Values(values) if rest.is_empty() => {
                Said::stating(values.items().map(Types::of).fold(Types::NONE, Types::or))
            }
            Child::Values(_) | Child::Any => Said::NOTHING,
        },
    });
    let inherited = Reading {
        is_chosen: reading.is_chosen || !is_name(schema),
        ..reading
    };
    for part in schema.get("allOf").into_iter().flat_map(Node::items) {
        found = found.and(said((document, inherited), part, way, depth + 1, left));
    }
    if reading.is_chosen && schema.get("discriminator").is_some() {
        return found;
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(parts) = schema.get(key).and_then(Node::as_array) {
            let mut any = Types::NONE;
            for part in parts {
                any = any.or(said((document, reading), part, way, depth + 1, left).types(reading));
            }
            found = found.and(Said::stating(any));
        }
    }
    found
}

/// What the keywords of one schema say of the value itself.
fn own(document: &Document, schema: Node<'_>) -> Said {
    let mut stated = match schema.get("type").map(Node::kind) {
        Some(Kind::String(name)) => Types::named(name),
        Some(Kind::Array(names)) => {
            let names = names.filter_map(Node::as_str);
            names.map(Types::named).fold(Types::NONE, Types::or)
        }
        _ => Types::ALL,
    };
    if document.version() == Version::V3_0 && schema.get("nullable").and_then(Node::as_bool) == Some(true) {
        stated = stated.or(Types::NULL);
    }
    let is_list = stated == Types::ARRAY;
    if let Some(values) = schema.get("enum").filter(|_| !is_list) {
        let values = values.items().map(Types::of).fold(Types::NONE, Types::or);
        stated = stated.and(values.or(stated.and(Types::NULL)));
    }
    if let Some(value) = schema.get("const") {
        stated = stated.and(Types::of(value));
    }
    let keywords = schema.members().filter(|(key, value)| restricts(key, *value));
    let spoken = keywords.map(|(key, _)| Types::of_keyword(key));
    Said {
        stated,
        spoken: spoken.fold(Types::NONE, Types::or),
    }
}

/// Whether a keyword has a value with which it restricts some values.
fn restricts(key: &str, value: Node<'_>) -> bool {
    match key {
        "minLength" | "minItems" | "minProperties" => value.as_count() != Some(0),
        "properties" | "patternProperties" => !value.members().is_empty(),
        "required" => !value.items().is_empty(),
        "additionalProperties" | "items" => value.as_bool() == Some(false) || !value.members().is_empty(),
        "uniqueItems" => value.as_bool() == Some(true),
        _ => true,
    }
}

enum Child<'d> {
    Schema(Node<'d>),
    /// One of these values: an `enum` beside `type: array` is meant for the items.
    Values(Node<'d>),
    Any,
}

fn child<'d>(schema: Node<'d>, step: &Step) -> Child<'d> {
    let found = match step {
        Step::Property(name) => {
            let declared = schema.get("properties").and_then(|it| it.get(name));
            let is_patterned = schema.get("patternProperties").is_some();
            declared.or_else(|| schema.get("additionalProperties").filter(|_| !is_patterned))
        }
        Step::Item(index) => {
            let prefix = schema.get("prefixItems");
            let own = prefix.and_then(|it| it.at(*index));
            if own.is_none()
                && let Some(values) = schema.get("enum").filter(|it| !it.items().any(Node::is_array))
            {
                return Child::Values(values);
            }
            own.or_else(|| schema.get("items").filter(|it| !it.is_array()))
        }
    };
    found.map_or(Child::Any, Child::Schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(version: &str, schema: &str, way: &[Step]) -> Types {
        let text = format!(
            r#"{{"openapi": "{version}", "components": {{"schemas": {{"S": {schema}, "N": {{"type": "number"}}}}}}}}"#
        );
        let document = Document::read(text).unwrap();
        let schema = document.root().pointer("/components/schemas/S").unwrap();
        types_at(&document, schema, way)
    }

    #[test]
    fn types_meet_in_all_of_and_add_up_in_any_of() {
        let of = |schema| at("3.1.0", schema, &[]);
        assert_eq!(
            of(r#"{"allOf": [{"type": ["string", "integer"]}, {"type": "number"}]}"#),
            Types::INTEGER
        );
        assert_eq!(
            of(r#"{"oneOf": [{"type": "string"}, {"const": 1.5}]}"#),
            Types::STRING.or(Types::NUMBER)
        );
        assert_eq!(
            of(r##"{"$ref": "#/components/schemas/N", "type": "integer"}"##),
            Types::INTEGER
        );
        assert_eq!(of(r##"{"$ref": "#/components/schemas/S"}"##), Types::ALL);
        // One that inherits from a schema with a discriminator is none of its alternatives.
        assert_eq!(
            of(r#"{"allOf": [{"discriminator": {}, "oneOf": [{"type": "object"}]}, {"type": "integer"}]}"#),
            Types::INTEGER
        );
        assert_eq!(
            of(r#"{"allOf": [{"discriminator": {}, "oneOf": [{"type": "object"}]}]}"#),
            Types::OBJECT
        );
        assert_eq!(of("false"), Types::NONE);
        assert_eq!(of(r#"{"type": "file"}"#), Types::ALL);
    }

    #[test]
    fn a_version_reads_its_own_keywords() {
        let schema = r##"{"$ref": "#/components/schemas/N", "type": "integer"}"##;
        assert_eq!(at("3.0.0", schema, &[]), Types::NUMBER);
        let nullable = r#"{"type": "string", "nullable": true, "enum": ["a"]}"#;
        assert_eq!(at("3.0.0", nullable, &[]), Types::STRING.or(Types::NULL));
        assert_eq!(at("3.1.0", nullable, &[]), Types::STRING);
    }

    #[test]
    fn schemas_are_looked_into_so_deep() {
        let nested = |key: &str, times: usize| {
            (0..times).fold(r#"{"type": "integer"}"#.to_owned(), |inner, _| {
                format!(r#"{{"{key}": [{inner}]}}"#)
            })
        };
        for key in ["allOf", "anyOf", "oneOf"] {
            assert_eq!(
                at("3.1.0", &nested(key, DEEPEST - 1), &[]),
                Types::INTEGER,
                "{key}"
            );
            assert_eq!(at("3.1.0", &nested(key, DEEPEST), &[]), Types::ALL, "{key}");
        }
        let list = |times: usize| {
            let schema = (0..times).fold(r#"{"type": "integer"}"#.to_owned(), |inner, _| {
                format!(r#"{{"items": {inner}}}"#)
            });
            at("3.1.0", &schema, &vec![Step::Item(0); times])
        };
        assert_eq!((list(DEEPEST - 1), list(DEEPEST)), (Types::INTEGER, Types::ALL));
        let wide = |count: usize| {
            let parts = vec!["{}"; count - 1].join(",");
            at(
                "3.1.0",
                &format!(
                    r#"{{"allOf": [{parts}{comma}{{"type": "integer"}}]}}"#,
                    comma = if count > 1 { "," } else { "" }
                ),
                &[],
            )
        };
        assert_eq!((wide(MOST - 1), wide(MOST)), (Types::INTEGER, Types::ALL));
    }

    #[test]
    fn an_enum_on_a_list_is_that_of_its_items() {
        let schema = r#"{"type": "array", "enum": [1, "a"], "items": {}}"#;
        assert_eq!(at("3.0.0", schema, &[]), Types::ARRAY);
        assert_eq!(
            at("3.0.0", schema, &[Step::Item(3)]),
            Types::INTEGER.or(Types::STRING)
        );
        let inside = [Step::Item(3), Step::Property("x".to_owned())];
        assert_eq!(at("3.0.0", schema, &inside), Types::ALL);
    }
}
