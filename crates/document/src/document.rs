//! An OpenAPI document as read.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use crate::error::ReadError;
use crate::file::File;
use crate::format::Format;
use crate::limits::Limits;
use crate::loader::{self, Loader};
use crate::located::Located;
use crate::location::Location;
use crate::node::Node;
use crate::reference::{self, Names, OtherFiles};
use crate::version::Version;

/// One OpenAPI document: a file, and the files that it refers to.
pub struct Document {
    files: Vec<File>,
    other_files: OtherFiles,
    version: Version,
    names: OnceLock<Names>,
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
        let file = File::read(0, "", bytes.into(), &limits.clamped())?;
        let version = Version::of(Node::root(&file))?;
        Ok(Self::of_file(file, version))
    }

    /// Reads a document and all files that it refers to, within limits for all of them together.
    ///
    /// `name` is the path of the document below the root that `loader` brings files from, such as `v1/api.yaml`. A file
    /// that cannot be had or read is no error here: whoever follows a reference to it is told why.
    ///
    /// # Errors
    /// As [`Document::read`], of the document's first file.
    pub fn read_with(
        bytes: impl Into<Vec<u8>>,
        name: &str,
        limits: &Limits,
        loader: &mut dyn Loader,
    ) -> Result<Self, ReadError> {
        let limits = limits.clamped();
        let file = File::read(0, name, bytes.into(), &limits)?;
        let version = Version::of(Node::root(&file))?;
        let mut document = Self::of_file(file, version);
        document.read_other_files(&limits, loader);
        Ok(document)
    }

    /// Reads one JSON Schema (2020-12) that stands by itself.
    ///
    /// # Errors
    /// When the bytes are not JSON (or YAML, with the feature `yaml`) or exceed a limit.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::{Document, Version};
    ///
    /// let schema = Document::read_schema("true")?;
    /// assert_eq!(schema.version(), Version::JsonSchema);
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn read_schema(bytes: impl Into<Vec<u8>>) -> Result<Self, ReadError> {
        Self::read_schema_within(bytes, &Limits::default())
    }

    /// Reads one JSON Schema (2020-12) that stands by itself, within limits of your own.
    ///
    /// # Errors
    /// As [`Document::read_schema`].
    pub fn read_schema_within(bytes: impl Into<Vec<u8>>, limits: &Limits) -> Result<Self, ReadError> {
        let file = File::read(0, "", bytes.into(), &limits.clamped())?;
        Ok(Self::of_file(file, Version::JsonSchema))
    }

    fn of_file(file: File, version: Version) -> Self {
        Self {
            files: vec![file],
            other_files: OtherFiles::new(),
            version,
            names: OnceLock::new(),
        }
    }

    /// Reads file after file, in the order in which they are referred to.
    fn read_other_files(&mut self, limits: &Limits, loader: &mut dyn Loader) {
        let mut by_name = HashMap::from([(self.files[0].name.clone(), Ok(0))]);
        let mut left = limits.bytes.saturating_sub(self.files[0].store.text.len());
        let mut at = 0;
        while at < self.files.len() {
            let base = self.files[at].name.clone();
            for target in reference::outward(&self.files[at]) {
                let name = match loader.name_of(&target) {
                    Some(name) => Ok(name),
                    None => loader::name(&base, &target).map_err(Cow::Borrowed),
                };
                let found = name.and_then(|name| {
                    let known = by_name.get(&name).cloned();
                    known.unwrap_or_else(|| {
                        let read = self.read_other(&name, limits, &mut left, loader);
                        by_name.insert(name, read.clone());
                        read
                    })
                });
                self.other_files.insert((base.clone(), target), found);
            }
            at += 1;
        }
    }

    fn read_other(
        &mut self,
        name: &str,
        limits: &Limits,
        left: &mut usize,
        loader: &mut dyn Loader,
    ) -> Result<usize, Cow<'static, str>> {
        let index = self.files.len();
        if index >= limits.files {
            return Err(format!("the document has more than {} files", limits.files).into());
        }
        let bytes = loader.load(name, *left)?;
        let limits = Limits {
            bytes: *left,
            ..*limits
        };
        let file = File::read(index, name, bytes, &limits).map_err(|error| format!("its file is {error}"))?;
        *left -= file.store.text.len().min(*left);
        self.files.push(file);
        Ok(index)
    }

    /// The whole document.
    pub fn root(&self) -> Node<'_> {
        Node::root(&self.files[0])
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

    /// The node at a place, as [`Located::at`] says it: a JSON pointer, or `file#pointer` in another file.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Document;
    ///
    /// let document = Document::read(r#"{"openapi": "3.1.0", "paths": {"/a": {"get": {}}}}"#)?;
    /// assert!(document.at("/paths/~1a/get").is_some());
    /// assert!(document.at("other.yaml#/get").is_none());
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn at(&self, place: &str) -> Option<Node<'_>> {
        let (file, pointer) = self.file_of(place)?;
        Node::root(file).pointer(pointer)
    }

    /// Where a place stands, as [`Located::at`] says it; `None` where there is no such place.
    pub fn location(&self, place: &str) -> Option<Location> {
        let (file, pointer) = self.file_of(place)?;
        file.location(pointer)
    }

    /// The file of a place, and the pointer within it.
    fn file_of<'p>(&self, place: &'p str) -> Option<(&File, &'p str)> {
        if place.is_empty() || place.starts_with('/') {
            return Some((&self.files[0], place));
        }
        let mut others = self.files.iter().skip(1);
        others.find_map(|file| Some((file, place.strip_prefix(&file.prefix)?)))
    }

    /// Whether the document is spread over several files.
    pub fn has_other_files(&self) -> bool {
        self.files.len() > 1
    }

    /// The node that a reference in the object `from` names.
    ///
    /// # Errors
    /// Why there is none, as the end of a sentence that names the reference.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Document;
    ///
    /// let document = Document::read(r#"{"openapi": "3.1.0", "components": {"schemas": {
    ///     "Pet": {"$anchor": "pet", "type": "object"}
    /// }}}"#)?;
    /// let pet = document.resolve(document.root(), "#pet").unwrap();
    /// assert_eq!(&*pet.at, "/components/schemas/Pet");
    ///
    /// let why = document.resolve(document.root(), "other.json").unwrap_err();
    /// assert_eq!(why, "it leads out of the document and is not followed");
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn resolve<'d>(&'d self, from: Node<'_>, reference: &str) -> Result<Located<'d>, Cow<'static, str>> {
        self.names()
            .resolve(&self.files, &self.other_files, from, reference)
    }

    /// Whether a `$dynamicAnchor` stands in more than one resource, so that what refers to it depends on the way that
    /// led there.
    pub fn has_dynamic_scopes(&self) -> bool {
        self.names().has_dynamic_scopes()
    }

    /// Whether a text stands anywhere in the document, prose and data included: where a keyword does not, no schema has it.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Document;
    ///
    /// let document = Document::read(r#"{"openapi": "3.1.0", "info": {"title": "nothing is read\u004fnly"}}"#)?;
    /// assert!(document.mentions("readOnly"));
    /// assert!(!document.mentions("writeOnly"));
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn mentions(&self, text: &str) -> bool {
        self.files.iter().any(|file| file.mentions(text))
    }

    /// Whether parts of the document have URIs of their own, so that the same reference at two places may lead to two.
    pub fn has_ids(&self) -> bool {
        self.names().has_ids()
    }

    /// The dialect of JSON Schema that a schema says it is written in, by the `$schema` of itself or of a schema around
    /// it, else by the document's `jsonSchemaDialect`; `None` where nothing says so, and in OpenAPI 3.0, which has one of
    /// its own.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Document;
    ///
    /// let document = Document::read(r#"{"openapi": "3.1.0", "components": {"schemas": {
    ///     "A": {"$schema": "https://json-schema.org/draft/2019-09/schema", "items": {}}, "B": {}
    /// }}}"#)?;
    /// let at = |place| document.dialect(document.at(place).unwrap());
    /// assert_eq!(at("/components/schemas/A/items"), Some("https://json-schema.org/draft/2019-09/schema"));
    /// assert_eq!(at("/components/schemas/B"), None);
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn dialect(&self, schema: Node<'_>) -> Option<&str> {
        if self.version == Version::V3_0 {
            return None;
        }
        let own = self.names().dialect(schema);
        own.or_else(|| self.root().text("jsonSchemaDialect"))
    }

    fn names(&self) -> &Names {
        self.names.get_or_init(|| Names::of(&self.files, self.version))
    }
}
