//! An OpenAPI document as read: its JSON, its version, and what was odd about its bytes.

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

/// How much of an untrusted document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest document, in bytes.
    pub bytes: usize,
    /// Deepest nesting of objects and arrays; at most [`Limits::DEEPEST`].
    pub depth: usize,
}

impl Limits {
    /// No document is read deeper than this, so that no stack overflows.
    pub const DEEPEST: usize = 1_000;
}

impl Default for Limits {
    /// 100 MB, 256 levels.
    fn default() -> Self {
        Self {
            bytes: 100_000_000,
            depth: 256,
        }
    }
}

/// One OpenAPI document.
pub struct Document {
    root: Value,
    version: Version,
    duplicates: Vec<String>,
}

/// Why some bytes are not a document that can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentError {
    /// The document is larger than is read.
    TooLarge {
        /// Its size.
        bytes: usize,
        /// What is read at most.
        limit: usize,
    },
    /// Objects and arrays are nested deeper than is read.
    TooDeep {
        /// The head of the JSON pointer of the place.
        at: String,
        /// How deep is read at most.
        limit: usize,
    },
    /// The bytes are not JSON; the text says where.
    NotJson(String),
    /// The bytes are not YAML; the text says where.
    NotYaml(String),
    /// The document is not OpenAPI of a version that is read here; the text says what it is.
    NotOpenApi(String),
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes, limit } => {
                write!(
                    f,
                    "too large: {bytes} bytes, of which at most {limit} are read; raise the limit to read it"
                )
            }
            Self::TooDeep { at, limit } => write!(
                f,
                "nested too deep: more than {limit} levels at {at}; raise the limit if that is meant"
            ),
            Self::NotJson(why) => write!(f, "not JSON: {why}"),
            Self::NotYaml(why) => write!(f, "not YAML: {why}"),
            Self::NotOpenApi(why) => write!(f, "not an OpenAPI 3.0 or 3.1 document: {why}"),
        }
    }
}

impl std::error::Error for DocumentError {}

impl fmt::Debug for Document {
    // A document is megabytes; what it is says more.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Document {
    /// Reads a document within the default [`Limits`].
    ///
    /// # Errors
    /// When the bytes are not JSON or YAML, exceed a limit, or are not OpenAPI 3.0 or 3.1.
    ///
    /// # Examples
    /// ```
    /// use openapi_drift::{Document, Version};
    ///
    /// let document = Document::read(br#"{"openapi": "3.0.3", "info": {}, "paths": {}}"#)?;
    /// assert_eq!(document.version(), Version::V3_0);
    ///
    /// let error = Document::read(br#"{"swagger": "2.0", "paths": {}}"#).unwrap_err();
    /// assert!(error.to_string().contains("convert it to OpenAPI 3"));
    /// # Ok::<(), openapi_drift::DocumentError>(())
    /// ```
    pub fn read(bytes: &[u8]) -> Result<Self, DocumentError> {
        Self::read_within(bytes, &Limits::default())
    }

    /// Reads a document within limits of your own.
    ///
    /// # Errors
    /// As [`Document::read`].
    pub fn read_within(bytes: &[u8], limits: &Limits) -> Result<Self, DocumentError> {
        let tree = crate::read::tree(bytes, limits)?;
        let version = version(&tree.root)?;
        Ok(Self {
            root: tree.root,
            version,
            duplicates: tree.duplicates,
        })
    }

    /// Takes a parsed document, held to the depth of the default [`Limits`].
    ///
    /// # Errors
    /// When the value is nested too deep or is not an OpenAPI 3.0 or 3.1 document; Swagger 2.0 is named as such.
    pub fn from_value(root: Value) -> Result<Self, DocumentError> {
        let limit = Limits::default().depth;
        if deeper_than(&root, limit) {
            dismantle(root);
            return Err(DocumentError::TooDeep {
                at: String::from("an unknown place"),
                limit,
            });
        }
        let version = version(&root)?;
        Ok(Self {
            root,
            version,
            duplicates: Vec::new(),
        })
    }

    /// The whole document.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// How its schemas are read.
    pub fn version(&self) -> Version {
        self.version
    }

    /// JSON pointers of keys that stood more than once in their object; the last one counts.
    pub fn duplicate_keys(&self) -> &[String] {
        &self.duplicates
    }
}

fn version(root: &Value) -> Result<Version, DocumentError> {
    let not = |why: String| Err(DocumentError::NotOpenApi(why));
    match (root.get("openapi"), root.get("swagger")) {
        (Some(Value::String(v)), _) if v == "3.0" || v.starts_with("3.0.") => Ok(Version::V3_0),
        (Some(Value::String(v)), _) if v == "3.1" || v.starts_with("3.1.") => Ok(Version::V3_1),
        // YAML reads a bare 3.0 or 3.1 as a number; what is meant is plain.
        (Some(Value::Number(v)), _) if v.as_f64() == Some(3.0) => Ok(Version::V3_0),
        (Some(Value::Number(v)), _) if v.as_f64() == Some(3.1) => Ok(Version::V3_1),
        // Read as 3.1, what 3.2 adds, such as the method QUERY, would go unseen.
        (Some(Value::String(v)), _) if v == "3.2" || v.starts_with("3.2.") => not(format!(
            "it is OpenAPI {}, of which the additions would go unseen; write it as OpenAPI 3.1",
            v.chars().take(40).collect::<String>()
        )),
        (Some(Value::String(v)), _) => not(format!(
            "`openapi` is \"{}\"",
            v.chars().take(40).collect::<String>()
        )),
        (Some(_), _) => not("`openapi` is not a string".to_owned()),
        (None, Some(_)) => not("it is Swagger 2.0; convert it to OpenAPI 3 first".to_owned()),
        (None, None) if root.is_object() => not("it has no `openapi` field".to_owned()),
        (None, None) => not("it is not an object".to_owned()),
    }
}

/// Without recursion: the value may be deeper than the stack.
fn deeper_than(root: &Value, limit: usize) -> bool {
    let mut open = vec![(root, 0)];
    while let Some((value, depth)) = open.pop() {
        let inside: &mut dyn Iterator<Item = &Value> = match value {
            Value::Array(items) => &mut items.iter(),
            Value::Object(map) => &mut map.values(),
            _ => continue,
        };
        if depth == limit {
            return true;
        }
        open.extend(inside.map(|value| (value, depth + 1)));
    }
    false
}

/// Drops a value without recursion.
fn dismantle(root: Value) {
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(map) => open.extend(map.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
}
