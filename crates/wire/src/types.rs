//! The JSON types that a schema can accept at a place inside a value. They determine how a text may be read.
//!
//! The result is an upper bound: the schema accepts no value of a type outside it, and may refuse values of a type in
//! it. Only a schema that declares properties without a type may accept others, but means objects.

use openapi_document::{Document, Kind, Node, Version};

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
pub(crate) enum Step {
    Item(usize),
    Property(String),
}

/// How schemas are read.
#[derive(Clone, Copy, Default)]
struct Reading {
    /// Whether properties without a type mean objects.
    is_meant: bool,
    /// Whether another schema inherits from this one, so that the alternatives of its discriminator do not apply.
    is_chosen: bool,
}

/// Maximum number of schemas that one call visits before every type counts as possible.
const MOST: usize = 2_000;
/// Maximum nesting of schemas, including references.
const DEEPEST: usize = 64;

/// The types that a schema can accept at the end of a path into its values. Where it declares properties without a type,
/// objects are meant, unless something else is said of the value.
pub(crate) fn types_at(document: &Document, schema: Node<'_>, way: &[Step]) -> Types {
    let meant = Reading {
        is_meant: true,
        ..Reading::default()
    };
    match types((document, meant), schema, way, 0, &mut MOST.clone()) {
        Types::NONE => literal_types_at(document, schema, way),
        meant => meant,
    }
}

/// The same by the letter, where properties without a type say nothing of other values.
pub(crate) fn literal_types_at(document: &Document, schema: Node<'_>, way: &[Step]) -> Types {
    types((document, Reading::default()), schema, way, 0, &mut MOST.clone())
}

fn types(
    (document, reading): (&Document, Reading),
    schema: Node<'_>,
    way: &[Step],
    depth: usize,
    left: &mut usize,
) -> Types {
    let Some(rest) = left.checked_sub(1).filter(|_| depth < DEEPEST) else {
        return Types::ALL;
    };
    *left = rest;
    if schema.as_bool() == Some(false) {
        return Types::NONE;
    }
    let mut found = Types::ALL;
    if let Some(reference) = schema.text("$ref") {
        if let Ok(target) = document.resolve_schema(schema, reference) {
            found = types((document, reading), target.node, way, depth + 1, left);
        }
        if document.version() == Version::V3_0 {
            return found;
        }
    }
    found = found.and(match way.split_first() {
        None => own(document, schema, reading.is_meant),
        Some((step, rest)) => match child(schema, step) {
            Child::Schema(child) => {
                let inside = Reading {
                    is_chosen: false,
                    ..reading
                };
                types((document, inside), child, rest, depth + 1, left)
            }
            Child::Values(values) if rest.is_empty() => {
                values.items().map(Types::of).fold(Types::NONE, Types::or)
            }
            Child::Values(_) | Child::Any => Types::ALL,
        },
    });
    let inherited = Reading {
        is_chosen: reading.is_chosen || !is_name(schema),
        ..reading
    };
    for part in schema.get("allOf").into_iter().flat_map(Node::items) {
        found = found.and(types((document, inherited), part, way, depth + 1, left));
    }
    if reading.is_chosen && schema.get("discriminator").is_some() {
        return found;
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(parts) = schema.get(key).and_then(Node::as_array) {
            let mut any = Types::NONE;
            for part in parts {
                any = any.or(types((document, reading), part, way, depth + 1, left));
            }
            found = found.and(any);
        }
    }
    found
}

/// The types that the keywords of one schema allow for the value itself.
fn own(document: &Document, schema: Node<'_>, is_meant: bool) -> Types {
    let mut found = match schema.get("type").map(Node::kind) {
        Some(Kind::String(name)) => Types::named(name),
        Some(Kind::Array(names)) => {
            let names = names.filter_map(Node::as_str);
            names.map(Types::named).fold(Types::NONE, Types::or)
        }
        _ if is_meant
            && schema
                .get("properties")
                .is_some_and(|it| !it.members().is_empty()) =>
        {
            Types::OBJECT
        }
        _ => Types::ALL,
    };
    if document.version() == Version::V3_0 && schema.get("nullable").and_then(Node::as_bool) == Some(true) {
        found = found.or(Types::NULL);
    }
    let is_list = found == Types::ARRAY;
    if let Some(values) = schema.get("enum").filter(|_| !is_list) {
        let values = values.items().map(Types::of).fold(Types::NONE, Types::or);
        found = found.and(values.or(found.and(Types::NULL)));
    }
    match schema.get("const") {
        Some(value) => found.and(Types::of(value)),
        None => found,
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
