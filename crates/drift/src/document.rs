//! An OpenAPI document as read: its JSON, its version, and where a local `$ref` leads.

use std::fmt;

use serde_json::Value;

/// The OpenAPI version that decides how a schema is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// OpenAPI 3.0: schemas are an own dialect (`nullable`, boolean exclusives, `$ref` alone counts).
    V3_0,
    /// OpenAPI 3.1: schemas are JSON Schema 2020-12.
    V3_1,
}

/// One OpenAPI document.
#[derive(Debug)]
pub struct Document {
    root: Value,
    version: Version,
}

/// Why some bytes are not a document that can be compared.
#[derive(Debug)]
#[non_exhaustive]
pub enum DocumentError {
    /// The bytes are not JSON; the text says where.
    NotJson(String),
    /// The JSON is not an OpenAPI document of a version that is read here; the text says what it is.
    NotOpenApi(String),
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(why) => write!(f, "not JSON: {why}"),
            Self::NotOpenApi(why) => write!(f, "not an OpenAPI 3.0 or 3.1 document: {why}"),
        }
    }
}

impl std::error::Error for DocumentError {}

impl Document {
    /// Takes a parsed document.
    ///
    /// # Errors
    /// When the value is not an OpenAPI 3.0 or 3.1 document; Swagger 2.0 is named as such.
    pub fn from_value(root: Value) -> Result<Self, DocumentError> {
        let version = match (root.get("openapi"), root.get("swagger")) {
            (Some(Value::String(v)), _) if v == "3.0" || v.starts_with("3.0.") => Version::V3_0,
            (Some(Value::String(v)), _) if v == "3.1" || v.starts_with("3.1.") => Version::V3_1,
            (Some(other), _) => return Err(DocumentError::NotOpenApi(format!("`openapi` is {other}"))),
            (None, Some(v)) => {
                return Err(DocumentError::NotOpenApi(format!(
                    "it is Swagger {v}; convert it to OpenAPI 3 first"
                )));
            }
            (None, None) => return Err(DocumentError::NotOpenApi("it has no `openapi` field".to_owned())),
        };
        Ok(Self { root, version })
    }

    /// The whole document.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// How its schemas are read.
    pub fn version(&self) -> Version {
        self.version
    }
}
