//! The OpenAPI version of a document.

use crate::error::ReadError;
use crate::node::{Kind, Node};

/// The OpenAPI version that decides how a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Version {
    /// OpenAPI 3.0. Schemas have their own dialect: `nullable`, boolean exclusive bounds, and no keywords beside a
    /// `$ref`.
    V3_0,
    /// OpenAPI 3.1. Schemas are JSON Schema 2020-12.
    V3_1,
    /// OpenAPI 3.2. Like 3.1, with more methods, streams of items and `$self`.
    V3_2,
    /// A single JSON Schema (2020-12) instead of an OpenAPI document.
    JsonSchema,
}

impl Version {
    /// Whether the same schema has the same meaning in both versions.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Version;
    ///
    /// assert!(Version::V3_1.reads_schemas_like(Version::V3_2));
    /// assert!(!Version::V3_0.reads_schemas_like(Version::V3_1));
    /// ```
    pub fn reads_schemas_like(self, other: Self) -> bool {
        let is_later = |it| matches!(it, Self::V3_1 | Self::V3_2);
        self == other || is_later(self) && is_later(other)
    }

    /// Reads the version that a document declares.
    pub(crate) fn of(root: Node<'_>) -> Result<Self, ReadError> {
        let not = |why: String| Err(ReadError::NotOpenApi(why));
        let is = |text: &str, version: &str| {
            text.strip_prefix(version)
                .is_some_and(|it| it.is_empty() || it.starts_with('.'))
        };
        match (root.get("openapi").map(Node::kind), root.get("swagger")) {
            (Some(Kind::String(text)), _) if is(text, "3.0") => Ok(Version::V3_0),
            (Some(Kind::String(text)), _) if is(text, "3.1") => Ok(Version::V3_1),
            (Some(Kind::String(text)), _) if is(text, "3.2") => Ok(Version::V3_2),
            // YAML reads an unquoted 3.0, 3.1 or 3.2 as a number. Accept it, since the meaning is clear.
            (Some(Kind::Number(number)), _) if number.to_string() == "3.0" => Ok(Version::V3_0),
            (Some(Kind::Number(number)), _) if number.to_string() == "3.1" => Ok(Version::V3_1),
            (Some(Kind::Number(number)), _) if number.to_string() == "3.2" => Ok(Version::V3_2),
            (Some(Kind::String(text)), _) => not(format!(
                "`openapi` is \"{}\"",
                text.chars().take(40).collect::<String>()
            )),
            (Some(_), _) => not("`openapi` is not a string".to_owned()),
            (None, Some(_)) => not("it is Swagger 2.0; convert it to OpenAPI 3 first".to_owned()),
            (None, None) if root.is_object() => not("it has no `openapi` field".to_owned()),
            (None, None) => not("it is not an object".to_owned()),
        }
    }
}
