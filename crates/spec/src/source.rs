use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use openapi_document::{Document, Node, ReadError};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{Error, ErrorKind};

/// The SHA-256 of some bytes, in hex.
///
/// ```
/// assert!(ratio_spec::sha256(b"").starts_with("e3b0c44298fc1c14"));
/// ```
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Limits on the size of a document and the time of a fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum size of a document, in bytes.
    pub bytes: u64,
    /// Maximum nesting of a document; at most [`openapi_document::Limits::DEEPEST`].
    pub depth: usize,
    /// Maximum time of a fetch, from name resolution to the last byte.
    pub time: std::time::Duration,
}

impl Default for Limits {
    /// Returns 100 MB, 128 levels and 30 seconds, which is far above the needs of real documents, but safe.
    fn default() -> Self {
        Self {
            bytes: 100_000_000,
            depth: 128,
            time: std::time::Duration::from_secs(30),
        }
    }
}

/// A document with its origin, its digest and its content.
#[derive(Debug, Clone)]
pub struct Source {
    origin: String,
    sha256: String,
    bytes: Vec<u8>,
    document: Arc<Document>,
}

impl Source {
    /// Reads a file within the default [`Limits`].
    ///
    /// # Errors
    /// When the file cannot be read, is too large, or holds neither JSON nor YAML.
    ///
    /// ```
    /// let missing = ratio_spec::Source::read("no-such-file.json").unwrap_err();
    /// assert_eq!(missing.kind(), ratio_spec::ErrorKind::Io);
    /// ```
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::read_within(path, Limits::default())
    }

    /// Reads a file within `limits`.
    ///
    /// # Errors
    /// The errors of [`Source::read`].
    ///
    /// ```
    /// let limits = ratio_spec::Limits { bytes: 10, ..Default::default() };
    /// let large = ratio_spec::Source::read_within("Cargo.toml", limits).unwrap_err();
    /// assert_eq!(large.kind(), ratio_spec::ErrorKind::Limit);
    /// ```
    pub fn read_within(path: impl AsRef<Path>, limits: Limits) -> Result<Self, Error> {
        let path = path.as_ref();
        let origin = path.display().to_string();
        let io = |error: std::io::Error| {
            Error::new(
                ErrorKind::Io,
                &origin,
                error.to_string(),
                "check the path and its permissions",
            )
        };
        let file = File::open(path).map_err(io)?;
        let mut bytes = Vec::new();
        // Read one more byte to distinguish "exactly at the limit" from "over the limit", regardless of the file's
        // stated size.
        file.take(limits.bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(io)?;
        Self::from_bytes_within(origin, bytes, limits)
    }

    /// Reads a document from bytes within the default [`Limits`]. `origin` is its path or URL for messages.
    ///
    /// # Errors
    /// When the bytes are too many, or neither JSON nor YAML.
    ///
    /// ```
    /// let source = ratio_spec::Source::from_bytes("inline", b"{}".to_vec())?;
    /// assert_eq!(&source.sha256()[..8], "44136fa3");
    /// # Ok::<(), ratio_spec::Error>(())
    /// ```
    pub fn from_bytes(origin: impl Into<String>, bytes: Vec<u8>) -> Result<Self, Error> {
        Self::from_bytes_within(origin, bytes, Limits::default())
    }

    /// Reads a document from bytes within `limits`. `origin` is its path or URL for messages.
    ///
    /// # Errors
    /// The errors of [`Source::from_bytes`].
    ///
    /// ```
    /// let limits = ratio_spec::Limits { bytes: 1, ..Default::default() };
    /// assert!(ratio_spec::Source::from_bytes_within("inline", b"{}".to_vec(), limits).is_err());
    /// ```
    pub fn from_bytes_within(
        origin: impl Into<String>,
        bytes: Vec<u8>,
        limits: Limits,
    ) -> Result<Self, Error> {
        let origin = origin.into();
        let document = document(&origin, &bytes, limits)?;
        // A page of plain text is a string in YAML.
        if !document.root().is_object() {
            return Err(Error::new(
                ErrorKind::NotOpenApi,
                origin,
                "it is not an OpenAPI document: its root is not an object",
                "check that the source is an OpenAPI document",
            ));
        }
        Ok(Self {
            origin,
            sha256: sha256(&bytes),
            bytes,
            document: Arc::new(document),
        })
    }

    /// The path or URL of its origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The SHA-256 of its bytes, 64 lower-case hex digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Its original bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns its content as a new JSON tree that can be modified.
    pub fn to_value(&self) -> Value {
        // A node serializes as its JSON value.
        serde_json::to_value(self.root()).unwrap_or_default()
    }

    pub(crate) fn root(&self) -> Node<'_> {
        self.document.root()
    }

    /// The name of a place in this document for messages: `origin#pointer`.
    pub fn place(&self, pointer: &str) -> String {
        format!("{}#{pointer}", self.origin)
    }
}

pub(crate) fn too_large(origin: &str, limits: Limits) -> Error {
    Error::new(
        ErrorKind::Limit,
        origin,
        format!("the document is larger than {} bytes", limits.bytes),
        "check that the source is an OpenAPI document",
    )
}

/// Reads the bytes without checking the type of their root.
fn document(origin: &str, bytes: &[u8], limits: Limits) -> Result<Document, Error> {
    let within = openapi_document::Limits {
        bytes: usize::try_from(limits.bytes).unwrap_or(usize::MAX),
        depth: limits.depth,
        ..Default::default()
    };
    Document::read_schema_within(bytes, &within).map_err(|error| {
        let place = error.position().map_or_else(
            || origin.to_owned(),
            |at| format!("{origin}:{}:{}", at.line, at.column),
        );
        let (kind, problem) = match error {
            ReadError::TooLarge { .. } => return too_large(origin, limits),
            ReadError::TooDeep { limit, .. } => (
                ErrorKind::Limit,
                format!("the document is nested deeper than {limit} levels"),
            ),
            ReadError::TooMany { .. } => (
                ErrorKind::Limit,
                "the document has more values than are read".to_owned(),
            ),
            ReadError::TooRepetitive { .. } => (
                ErrorKind::Limit,
                "what the aliases of the document repeat is more than is read".to_owned(),
            ),
            ReadError::NotJson { why, .. } => (ErrorKind::Syntax, format!("not JSON: {why}")),
            ReadError::NotYaml { why, .. } => (ErrorKind::Syntax, format!("neither JSON nor YAML: {why}")),
            other => (ErrorKind::NotOpenApi, other.to_string()),
        };
        let mend = match kind {
            ErrorKind::Limit => "check that the source is an OpenAPI document",
            _ if place != origin => "mend the document at this place",
            _ => "check that the source is an OpenAPI document in JSON or YAML",
        };
        Error::new(kind, place, problem, mend)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(bytes: &[u8]) -> Error {
        Source::from_bytes("doc", bytes.to_vec()).unwrap_err()
    }

    #[test]
    fn broken_json_is_named_with_its_line_and_column() {
        let error = error(b"{\n  \"openapi\": oops\n}");
        assert_eq!(error.kind(), ErrorKind::Syntax);
        assert_eq!(error.place(), "doc:2:14");
    }

    #[test]
    fn deep_nesting_is_refused_without_a_stack_overflow() {
        let error = error(&[b"[".repeat(10_000), b"]".repeat(10_000)].concat());
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    }

    #[test]
    fn a_document_over_the_size_limit_is_refused() {
        let error = error(&vec![b' '; 101_000_000]);
        assert_eq!(error.kind(), ErrorKind::Limit, "{error}");
    }

    #[test]
    fn bytes_that_are_not_text_and_an_empty_file_are_named() {
        assert_eq!(error(&[0xff, 0xfe]).kind(), ErrorKind::Syntax);
        assert_eq!(error(b"").kind(), ErrorKind::Syntax);
    }

    #[test]
    fn a_document_is_an_object() {
        assert_eq!(error(b"[1]").kind(), ErrorKind::NotOpenApi);
        assert_ne!(error(b"<html><body>Busy</body></html>").kind(), ErrorKind::Io);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_document() {
        assert!(Source::from_bytes("doc", "\u{feff}{}".into()).is_ok());
    }

    #[cfg(feature = "yaml")]
    mod yaml {
        use std::fmt::Write as _;

        use super::*;

        #[test]
        fn yaml_reads_to_the_same_value_as_json() {
            let yaml = Source::from_bytes("a", b"openapi: 3.0.0\nx: [1, no]\n'200': {}\n".to_vec()).unwrap();
            let json =
                Source::from_bytes("b", br#"{"openapi":"3.0.0","x":[1,"no"],"200":{}}"#.to_vec()).unwrap();
            assert_eq!(yaml.to_value(), json.to_value());
        }

        #[test]
        fn an_unquoted_status_is_a_key_all_the_same() {
            let yaml =
                Source::from_bytes("a", b"responses:\n  200:\n    description: ok\n".to_vec()).unwrap();
            assert!(
                yaml.root().pointer("/responses/200").is_some(),
                "{:?}",
                yaml.root()
            );
        }

        #[test]
        fn deep_yaml_and_an_alias_bomb_are_refused() {
            let deep = "a:\n".to_owned() + &format!("  {}{}", "[".repeat(10_000), "]".repeat(10_000));
            assert_eq!(
                error(deep.as_bytes()).kind(),
                ErrorKind::Limit,
                "{}",
                error(deep.as_bytes())
            );
            let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
            for n in 1..12 {
                let m = n - 1;
                let _ = writeln!(
                    bomb,
                    "a{n}: &a{n} [*a{m},*a{m},*a{m},*a{m},*a{m},*a{m},*a{m},*a{m},*a{m}]"
                );
            }
            let refused = error(bomb.as_bytes());
            assert_eq!(refused.kind(), ErrorKind::Limit, "{refused}");
        }

        #[test]
        fn text_that_is_neither_is_named_with_its_place() {
            let refused = error(b"a: b: c\n");
            assert_eq!(refused.kind(), ErrorKind::Syntax, "{refused}");
            assert!(refused.place().starts_with("doc:1"), "{refused}");
        }
    }
}
