//! An OpenAPI document as read.

use std::fmt;

use crate::error::ReadError;
use crate::file::{File, Format};
use crate::limits::Limits;
use crate::location::Location;
use crate::node::{Kind, Node};

/// The OpenAPI version that decides how a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Version {
    /// OpenAPI 3.0: schemas are an own dialect (`nullable`, boolean exclusives, `$ref` alone counts).
    V3_0,
    /// OpenAPI 3.1: schemas are JSON Schema 2020-12.
    V3_1,
    /// OpenAPI 3.2: as 3.1, with more methods, streams of items and `$self`.
    V3_2,
}

/// One OpenAPI document: a file, and the files that it refers to.
pub struct Document {
    pub(crate) files: Vec<File>,
    version: Version,
}

impl fmt::Debug for Document {
    // A document is megabytes; what it is says more.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Document {
    /// Reads a document of one file within the default [`Limits`].
    ///
    /// # Errors
    /// When the bytes are not JSON (or YAML, with the feature `yaml`), exceed a limit, or are not OpenAPI 3.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::{Document, Version};
    ///
    /// let document = Document::read(br#"{"openapi": "3.0.3", "info": {}, "paths": {}}"#)?;
    /// assert_eq!(document.version(), Version::V3_0);
    ///
    /// let error = Document::read(br#"{"swagger": "2.0", "paths": {}}"#).unwrap_err();
    /// assert!(error.to_string().contains("convert it to OpenAPI 3"));
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn read(bytes: impl Into<Vec<u8>>) -> Result<Self, ReadError> {
        Self::read_within(bytes, &Limits::default())
    }

    /// Reads a document of one file within limits of your own.
    ///
    /// # Errors
    /// As [`Document::read`].
    pub fn read_within(bytes: impl Into<Vec<u8>>, limits: &Limits) -> Result<Self, ReadError> {
        let file = File::read(0, bytes.into(), &limits.clamped())?;
        let root = Node {
            file: &file,
            slot: file.store.root(),
        };
        let version = version(root)?;
        Ok(Self {
            files: vec![file],
            version,
        })
    }

    /// The whole document.
    pub fn root(&self) -> Node<'_> {
        let file = &self.files[0];
        Node {
            file,
            slot: file.store.root(),
        }
    }

    /// How it is read.
    pub fn version(&self) -> Version {
        self.version
    }

    /// What its first file is written in.
    pub fn format(&self) -> Format {
        self.files[0].format
    }

    /// The text of its first file, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.files[0].store.text
    }

    /// JSON pointers of keys that stood more than once in their object; the last one counts.
    pub fn duplicate_keys(&self) -> Vec<String> {
        self.files[0].duplicate_keys()
    }

    /// Where the place of a pointer stands in the first file; `None` where there is no such place.
    pub fn location(&self, pointer: &str) -> Option<Location> {
        let (line, column) = self.files[0].position(pointer)?;
        Some(Location {
            file: None,
            pointer: pointer.to_owned(),
            line,
            column,
        })
    }
}

fn version(root: Node<'_>) -> Result<Version, ReadError> {
    let not = |why: String| Err(ReadError::NotOpenApi(why));
    let is = |text: &str, version: &str| {
        text.strip_prefix(version)
            .is_some_and(|it| it.is_empty() || it.starts_with('.'))
    };
    match (root.get("openapi").map(Node::kind), root.get("swagger")) {
        (Some(Kind::String(text)), _) if is(text, "3.0") => Ok(Version::V3_0),
        (Some(Kind::String(text)), _) if is(text, "3.1") => Ok(Version::V3_1),
        (Some(Kind::String(text)), _) if is(text, "3.2") => Ok(Version::V3_2),
        // YAML reads a bare 3.0, 3.1 or 3.2 as a number; what is meant is plain.
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
