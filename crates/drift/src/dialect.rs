//! Dialects of JSON Schema. The dialect of OpenAPI 3.1 is read. A schema of an earlier draft is read if its keywords
//! have the same meaning there, and a schema of any other dialect is not read.
//!
//! See reading 15 in `docs/readings.md`.

use openapi_document::{Document, Node, Version};

use crate::schema::keywords::is_prose;

/// Earlier drafts of JSON Schema, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Draft {
    D4,
    D6,
    D7,
    D2019,
}

/// The dialect that a `$schema` or `jsonSchemaDialect` names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// JSON Schema 2020-12, with or without OpenAPI's additions.
    Own,
    Earlier(Draft),
    Unknown,
}

impl Dialect {
    fn named(name: &str) -> Self {
        let name = name.trim_end_matches('#');
        let name = name
            .strip_prefix("https://")
            .or_else(|| name.strip_prefix("http://"))
            .unwrap_or(name);
        match name {
            "json-schema.org/draft/2020-12/schema" => Self::Own,
            "json-schema.org/draft/2019-09/schema" => Self::Earlier(Draft::D2019),
            "json-schema.org/draft-07/schema" => Self::Earlier(Draft::D7),
            "json-schema.org/draft-06/schema" => Self::Earlier(Draft::D6),
            "json-schema.org/draft-04/schema" => Self::Earlier(Draft::D4),
            _ if is_openapi(name) => Self::Own,
            _ => Self::Unknown,
        }
    }
}

/// Whether a name is one of OpenAPI's own dialects, such as `spec.openapis.org/oas/3.1/dialect/base` or one with a
/// date.
fn is_openapi(name: &str) -> bool {
    let rest = name.strip_prefix("spec.openapis.org/oas/3.");
    let dialect = rest.and_then(|rest| {
        rest.strip_prefix("1/dialect/")
            .or_else(|| rest.strip_prefix("2/dialect/"))
    });
    dialect.is_some_and(|it| it == "base" || it.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'))
}

/// Explains why the keywords of a schema are not read: it has another dialect, or a keyword that has no meaning. The
/// text completes a sentence that names the schema.
pub(crate) fn unread(document: &Document, schema: Node<'_>) -> Option<String> {
    let shown = |name: &str| name.chars().take(80).collect::<String>();
    if let Some(name) = document.dialect(schema) {
        match Dialect::named(name) {
            Dialect::Own => {}
            Dialect::Unknown => return Some(format!("its dialect `{}` is not read", shown(name))),
            Dialect::Earlier(draft) => {
                let key = schema
                    .members()
                    .find(|(key, value)| differs(draft, schema, key, *value));
                return key
                    .map(|(key, _)| format!("its dialect `{}` reads `{key}` in its own way", shown(name)));
            }
        }
    }
    let has = |key: &str| schema.get(key).is_some();
    if schema.get("items").is_some_and(Node::is_array) && document.version() != Version::JsonSchema {
        return Some(
            "a list of `items` means nothing here; an earlier dialect has one schema for each item"
                .to_owned(),
        );
    }
    (document.version() == Version::JsonSchema && has("dependencies"))
        .then(|| "`dependencies` is of an earlier dialect, and read by some validators only".to_owned())
}

/// Whether a keyword of a schema has another meaning in a draft than in 2020-12.
fn differs(draft: Draft, schema: Node<'_>, key: &str, value: Node<'_>) -> bool {
    match key {
        "items" => value.is_array(),
        "dependencies" | "prefixItems" | "$dynamicRef" | "$dynamicAnchor" | "$recursiveRef"
        | "$recursiveAnchor" => true,
        // Up to draft 7, keywords beside a reference have no effect.
        "$ref" => draft <= Draft::D7 && schema.members().keys().any(|key| key != "$ref" && !is_prose(key)),
        "unevaluatedItems"
        | "unevaluatedProperties"
        | "dependentRequired"
        | "dependentSchemas"
        | "minContains"
        | "maxContains"
        | "$anchor" => draft <= Draft::D7,
        "if" | "then" | "else" => draft <= Draft::D6,
        "exclusiveMinimum" | "exclusiveMaximum" | "const" | "contains" | "propertyNames" | "id" => {
            draft == Draft::D4
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;

    use super::*;

    /// Explains why the schema `A` is not read.
    fn why(root: &str, schema: &str) -> Option<String> {
        let text = format!(r#"{{"openapi": "3.1.0"{root}, "components": {{"schemas": {{"A": {schema}}}}}}}"#);
        let document = Document::read(text).unwrap();
        unread(&document, document.at("/components/schemas/A").unwrap())
    }

    #[test]
    fn an_earlier_draft_is_read_where_it_means_the_same() {
        let draft = |number: &str, schema: &str| {
            let root = format!(r#", "jsonSchemaDialect": "http://json-schema.org/draft-{number}/schema#""#);
            why(&root, schema)
        };
        assert_eq!(
            draft("07", r#"{"type": "object", "properties": {}, "if": {}}"#),
            None
        );
        assert_eq!(draft("07", r##"{"$ref": "#/x", "description": "x"}"##), None);
        for (number, schema) in [
            ("07", r##"{"$ref": "#/x", "maxLength": 3}"##),
            ("07", r#"{"items": [{}]}"#),
            ("07", r#"{"dependencies": {"a": ["b"]}}"#),
            ("07", r#"{"unevaluatedProperties": false}"#),
            ("06", r#"{"if": {}}"#),
            ("04", r#"{"minimum": 1, "exclusiveMinimum": true}"#),
        ] {
            assert!(
                draft(number, schema).unwrap().contains("in its own way"),
                "{number} {schema}"
            );
        }
    }

    #[test]
    fn an_unknown_dialect_is_not_read_and_openapis_own_is() {
        let dialect = |name: &str| why("", &format!(r#"{{"$schema": "{name}", "type": "string"}}"#));
        assert_eq!(
            dialect("https://shop.example/words").as_deref(),
            Some("its dialect `https://shop.example/words` is not read")
        );
        for own in [
            "https://json-schema.org/draft/2020-12/schema",
            "https://spec.openapis.org/oas/3.1/dialect/base",
            "https://spec.openapis.org/oas/3.1/dialect/2024-11-10",
            "https://spec.openapis.org/oas/3.2/dialect/2025-09-17",
        ] {
            assert_eq!(dialect(own), None);
        }
    }

    #[test]
    fn a_list_of_items_is_a_slip() {
        assert!(why("", r#"{"type": "array", "items": [{"type": "string"}]}"#).is_some());
        assert_eq!(why("", r#"{"type": "array", "items": {"type": "string"}}"#), None);
    }
}
