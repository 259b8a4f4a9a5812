//! The keywords of OpenAPI's schemas, and the keys of the objects around them, by what stands under each.

/// An extension that is a promise to callers: a date after which something stops working.
pub(crate) const SUNSET: &str = "x-sunset";

/// An extension that callers lean on: the values of an enum that may get more.
pub(crate) const EXTENSIBLE_ENUM: &str = "x-extensible-enum";

/// What stands under a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Words for people: nothing that travels depends on it.
    Prose,
    /// A statement that refuses no value.
    Annotation,
    /// Data, in which nothing is a keyword.
    Data,
    /// Members that are named by the author.
    Names,
    /// More keywords, or a plain value.
    Keywords,
}

/// The role of a key of OpenAPI.
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

/// Whether a key says nothing about what travels.
pub(crate) fn is_prose(key: &str) -> bool {
    role(key) == Role::Prose
}

/// Whether a keyword refuses no value.
pub(crate) fn refuses_nothing(key: &str) -> bool {
    matches!(role(key), Role::Prose | Role::Annotation)
}

/// The role that the keys of an object play.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyRole {
    /// The keys of an object are OpenAPI's.
    Keywords,
    /// The keys of an object are the author's.
    Names,
    /// The object is data, and so is all in it.
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
                // These are data that refuse nothing.
                _ if matches!(key, "default" | EXTENSIBLE_ENUM) => Self::Data,
                Role::Names => Self::Names,
                _ => Self::Keywords,
            },
        }
    }
}
