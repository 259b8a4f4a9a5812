//! The keywords of OpenAPI's schemas, and the keys of the objects around them, by the role of their content.

use openapi_document::Node;

/// An extension that callers rely on: a date after which something stops working.
pub(crate) const SUNSET: &str = "x-sunset";

/// An extension that callers rely on: the values of an enum that may be extended.
pub(crate) const EXTENSIBLE_ENUM: &str = "x-extensible-enum";

/// The role of the content under a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Text for people, which does not affect messages.
    Prose,
    /// A statement that restricts no value.
    Annotation,
    /// Data, which contains no keywords.
    Data,
    /// Members whose names the author chose.
    Names,
    /// More keywords, or a plain value.
    Keywords,
}

/// The role of an OpenAPI key.
pub(crate) fn role(key: &str) -> Role {
    match key {
        "description" | "summary" | "title" | "example" | "examples" | "externalDocs" | "$comment"
        | "tags" => Role::Prose,
        SUNSET | EXTENSIBLE_ENUM | "xml" | "deprecated" | "discriminator" | "default" | "$schema" => {
            Role::Annotation
        }
        key if key.starts_with("x-") => Role::Prose,
        "enum" | "const" | "required" => Role::Data,
        "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas"
        | "dependentRequired" | "mapping" | "headers" | "content" | "responses" | "callbacks"
        | "encoding" | "variables" | "schemas" => Role::Names,
        _ => Role::Keywords,
    }
}

/// Whether a key does not affect messages.
pub(crate) fn is_prose(key: &str) -> bool {
    role(key) == Role::Prose
}

/// Whether a key says the same as its absence: it is prose, or it has the value that applies without it.
pub(crate) fn says_nothing(key: &str, value: Node<'_>) -> bool {
    match key {
        "nullable" | "uniqueItems" | "readOnly" | "writeOnly" | "deprecated" | "exclusiveMinimum"
        | "exclusiveMaximum" | "allowEmptyValue" | "allowReserved" => value.as_bool() == Some(false),
        "minLength" | "minItems" | "minProperties" => value.as_count() == Some(0),
        "required" => value.as_bool() == Some(false) || value.as_array().is_some_and(|it| it.is_empty()),
        _ => is_prose(key),
    }
}

/// Whether the order of the values under a key has no meaning.
pub(crate) fn is_set(key: &str) -> bool {
    matches!(key, "type" | "enum" | "required")
}

/// The values of such a key. A single type is a list of one.
pub(crate) fn set<'d>(key: &str, value: Node<'d>) -> Option<Vec<Node<'d>>> {
    match value.as_array() {
        Some(values) if is_set(key) => Some(values.collect()),
        None if key == "type" => Some(vec![value]),
        _ => None,
    }
}

/// Whether a keyword restricts no value.
pub(crate) fn refuses_nothing(key: &str) -> bool {
    matches!(role(key), Role::Prose | Role::Annotation)
}

/// The role of the keys of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyRole {
    /// The keys are defined by OpenAPI.
    Keywords,
    /// The keys are chosen by the author.
    Names,
    /// The object and everything in it is data.
    Data,
}

impl KeyRole {
    /// The role of the keys in the value under `key`.
    pub(crate) fn under(self, key: &str) -> Self {
        match self {
            Self::Data => Self::Data,
            Self::Names => Self::Keywords,
            Self::Keywords => match role(key) {
                Role::Data => Self::Data,
                // These are data that restrict nothing.
                _ if matches!(key, "default" | EXTENSIBLE_ENUM) => Self::Data,
                Role::Names => Self::Names,
                _ => Self::Keywords,
            },
        }
    }
}
