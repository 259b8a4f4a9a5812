//! An OpenAPI document that was read.

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
use crate::node::{Node, SlotId};
use crate::part::{Holds, Part};
use crate::reference::{self, Names, OtherFiles};
use crate::version::Version;

/// An OpenAPI document: a file, and the other files that it refers to.
pub struct Document {
    files: Vec<File>,
    other_files: OtherFiles,
    version: Version,
    names: OnceLock<Names>,
}

impl fmt::Debug for Document {
    // A document can be megabytes long, so print only its version.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl Document {
    /// Reads a document of a single file within the default [`Limits`].
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

    /// Reads a document of a single file within the given limits.
    ///
    /// # Errors
    /// The errors of [`Document::read`].
    pub fn read_within(bytes: impl Into<Vec<u8>>, limits: &Limits) -> Result<Self, ReadError> {
        let file = File::read(0, "", bytes.into(), &limits.clamped())?;
        let version = Version::of(Node::root(&file))?;
        Ok(Self::of_file(file, version))
    }

    /// Reads a document and all files that it refers to. The limits apply to all files together.
    ///
    /// `name` is the path of the document, such as `v1/api.yaml`, relative to the root from which `loader` reads files.
    /// A file that cannot be loaded or read is not an error here: resolving a reference to it returns the reason.
    ///
    /// # Errors
    /// The errors of [`Document::read`], for the document's first file.
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

    /// Reads a single JSON Schema (2020-12) that is not part of an OpenAPI document.
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

    /// Reads a single JSON Schema (2020-12) within the given limits.
    ///
    /// # Errors
    /// The errors of [`Document::read_schema`].
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

    /// Reads the other files in the order in which they are referenced.
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

    /// The root of the document's first file.
    pub fn root(&self) -> Node<'_> {
        Node::root(&self.files[0])
    }

    /// The version that decides how the document is read.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The format of its first file.
    pub fn format(&self) -> Format {
        self.files[0].format
    }

    /// The text of its first file, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.files[0].store.text
    }

    /// JSON pointers of the keys that occur more than once in their object. The last occurrence counts.
    pub fn duplicate_keys(&self) -> Vec<String> {
        self.files[0].duplicate_keys()
    }

    /// Returns the node at a place in the form of [`Located::at`]: a JSON pointer, or `file#pointer` in another file.
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

    /// Returns the node at a storage position. A position that is not from this document has no meaning here: the result
    /// is then any node, or `None`.
    ///
    /// ```
    /// use openapi_document::Document;
    ///
    /// let document = Document::read(r#"{"openapi": "3.1.0", "paths": {}}"#)?;
    /// let paths = document.at("/paths").unwrap();
    /// assert_eq!(document.stored(paths.slot_id()).unwrap().id(), paths.id());
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn stored(&self, id: SlotId) -> Option<Node<'_>> {
        Node::find(&self.files, id)
    }

    /// Returns the location of a place in the form of [`Located::at`], or `None` if there is no such place.
    pub fn location(&self, place: &str) -> Option<Location> {
        let (file, pointer) = self.file_of(place)?;
        file.location(pointer)
    }

    /// The file of a place, and the JSON pointer within it.
    fn file_of<'p>(&self, place: &'p str) -> Option<(&File, &'p str)> {
        if place.is_empty() || place.starts_with('/') {
            return Some((&self.files[0], place));
        }
        let mut others = self.files.iter().skip(1);
        others.find_map(|file| Some((file, place.strip_prefix(&file.prefix)?)))
    }

    /// Whether the document consists of several files.
    pub fn has_other_files(&self) -> bool {
        self.files.len() > 1
    }

    /// Whether both documents are a single file each, with the same content, read in the same version.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Document;
    ///
    /// let [json, yaml] = [r#"{"openapi": "3.1.0"}"#, "openapi: 3.1.0"].map(|text| Document::read(text).unwrap());
    /// assert!(json.is_copy_of(&yaml));
    /// ```
    pub fn is_copy_of(&self, other: &Self) -> bool {
        let are_single = !self.has_other_files() && !other.has_other_files();
        are_single && self.version == other.version && self.root() == other.root()
    }

    /// Returns the node to which a reference in the object `from` leads.
    ///
    /// # Errors
    /// The reason why the reference cannot be resolved, worded as the end of a sentence that names the reference.
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

    /// The schema that a reference in a schema names.
    ///
    /// # Errors
    /// As [`Document::resolve`], and where another part of OpenAPI stands at the place that it names.
    ///
    /// # Examples
    /// ```
    /// use openapi_document::Document;
    ///
    /// let document = Document::read(r#"{"openapi": "3.0.3", "components": {
    ///     "schemas": {"Pet": {"type": "object"}}, "parameters": {"Owner": {"name": "owner", "in": "query"}}
    /// }}"#)?;
    /// let pet = document.resolve_schema(document.root(), "#/components/schemas/Pet").unwrap();
    /// assert_eq!(&*pet.at, "/components/schemas/Pet");
    ///
    /// let why = document.resolve_schema(document.root(), "#/components/parameters/Owner").unwrap_err();
    /// assert_eq!(why, "it leads to a parameter where a schema belongs");
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn resolve_schema<'d>(
        &'d self,
        from: Node<'_>,
        reference: &str,
    ) -> Result<Located<'d>, Cow<'static, str>> {
        let target = self.resolve(from, reference)?;
        let is_openapi = self.version != Version::JsonSchema;
        match Holds::One(Part::Schema)
            .refuses(&target.at)
            .filter(|_| is_openapi)
        {
            Some(why) => Err(why.into()),
            None => Ok(target),
        }
    }

    /// The schema to which the `$ref` of a schema leads, or `None` without one or if it cannot be resolved.
    pub fn schema_target<'d>(&'d self, schema: Node<'_>) -> Option<Node<'d>> {
        let target = self.resolve_schema(schema, schema.text("$ref")?);
        target.ok().map(|it| it.node)
    }

    /// Whether a `$dynamicAnchor` occurs in more than one resource, so that the target of a reference to it depends on
    /// the path of evaluation.
    pub fn has_dynamic_scopes(&self) -> bool {
        self.names().has_dynamic_scopes()
    }

    /// The number of the schema resource (JSON Schema 2020-12, section 4.3.5) to which a schema belongs: a file, or a
    /// schema with an `$id` and all that it contains.
    pub fn resource(&self, schema: Node<'_>) -> usize {
        self.names().resource(schema)
    }

    /// Whether a schema resource declares a `$dynamicAnchor`, so that references met later may lead into it.
    pub fn has_dynamic_anchor(&self, resource: usize) -> bool {
        self.names().has_dynamic_anchor(resource)
    }

    /// The schema with a `$dynamicAnchor` in a schema resource.
    ///
    /// ```
    /// use openapi_document::Document;
    ///
    /// let document = Document::read_schema(r#"{"$defs": {"a": {"$dynamicAnchor": "item"}}}"#)?;
    /// let anchored = document.dynamic_anchor(document.resource(document.root()), "item");
    /// assert_eq!(anchored, document.at("/$defs/a"));
    /// # Ok::<(), openapi_document::ReadError>(())
    /// ```
    pub fn dynamic_anchor(&self, resource: usize, name: &str) -> Option<Node<'_>> {
        self.names().dynamic_anchor(&self.files, resource, name)
    }

    /// Whether a text occurs anywhere in the document, including prose and data. If a keyword does not occur, then no
    /// schema uses it.
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

    /// Whether parts of the document have URIs of their own, so that the same reference in two places may have two
    /// targets.
    pub fn has_ids(&self) -> bool {
        self.names().has_ids()
    }

    /// Returns the JSON Schema dialect of a schema: the `$schema` of the schema or of an enclosing one, else the
    /// document's `jsonSchemaDialect`. Returns `None` if neither is given, and in OpenAPI 3.0, which has its own
    /// dialect.
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
