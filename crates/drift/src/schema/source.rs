//! The document that schemas come from: its dialect, how it is read, and where its references lead.

use std::borrow::Cow;

use serde_json::{Map as JsonMap, Value};

use super::formula::Map;
use crate::options::Nullable;
use crate::pointer;
use crate::report::Direction;

/// The language that schemas are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Dialect {
    /// Siblings of `$ref` are ignored, `nullable` counts. Keywords of later versions are read as they are meant.
    OpenApi30,
    /// JSON Schema 2020-12 with OpenAPI's `readOnly`, `writeOnly` and integer formats.
    OpenApi31,
    /// JSON Schema 2020-12.
    JsonSchema,
}

/// The choices where a document leaves its meaning open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    pub(super) nullable: Nullable,
    /// Whether `format` refuses strings. It is an annotation in OpenAPI.
    pub(super) formats: bool,
}

/// Which values a schema stands for at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Closing {
    /// The schema stands for every value that it admits (open world).
    Open,
    /// Closed world: a producer emits only declared properties, here and further in.
    Closed,
    /// Closed world further in; another schema closes the object here.
    Inner,
}

/// How a schema is read at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Mode {
    pub(super) direction: Option<Direction>,
    pub(super) closing: Closing,
}

impl Mode {
    pub(super) fn closing(self, closing: Closing) -> Self {
        Self { closing, ..self }
    }

    /// The mode for the value of a property or an item.
    pub(super) fn inside(self) -> Self {
        self.closing(match self.closing {
            Closing::Open => Closing::Open,
            Closing::Closed | Closing::Inner => Closing::Closed,
        })
    }

    pub(super) fn open(self) -> Self {
        self.closing(Closing::Open)
    }
}

/// The base URI of a document without an `$id`.
const NOWHERE: &str = "document:/";

/// A schema with an `$id`, or the whole document: the references in it are relative to it.
struct Resource<'d> {
    uri: String,
    root: &'d Value,
}

/// One document.
pub(super) struct Source<'d> {
    pub(super) root: &'d Value,
    pub(super) dialect: Dialect,
    /// The document first.
    resources: Vec<Resource<'d>>,
    /// The resource of each object of keywords, by its address; left out where there is only one.
    inside: Map<usize, usize>,
    /// `None` where a name is given twice, so that it leads nowhere.
    by_uri: Map<String, Option<usize>>,
    anchors: Map<(usize, &'d str), Option<&'d Value>>,
    /// A `$dynamicAnchor` stands in more than one resource, so that a reference to it depends on the way there.
    pub(super) depends_on_the_way: bool,
}

/// What holds schemas at one place of a document.
#[derive(Clone, Copy)]
enum Holder {
    /// Keywords, or OpenAPI objects that hold schemas.
    Object,
    /// Any names, each with a schema.
    Named,
}

impl<'d> Source<'d> {
    pub(super) fn new(root: &'d Value, dialect: Dialect) -> Self {
        let mut source = Self {
            root,
            dialect,
            resources: vec![Resource {
                uri: NOWHERE.to_owned(),
                root,
            }],
            inside: Map::default(),
            by_uri: Map::default(),
            anchors: Map::default(),
            depends_on_the_way: false,
        };
        if dialect != Dialect::OpenApi30 {
            source.scan();
        }
        source
    }

    fn scan(&mut self) {
        let mut dynamic: Map<&str, usize> = Map::default();
        let mut open = vec![(self.root, 0, Holder::Object)];
        while let Some((value, outer, place)) = open.pop() {
            let map = match value {
                Value::Object(map) => map,
                Value::Array(items) => {
                    open.extend(items.iter().map(|item| (item, outer, Holder::Object)));
                    continue;
                }
                _ => continue,
            };
            if matches!(place, Holder::Named) {
                open.extend(map.iter().map(|(_, value)| (value, outer, Holder::Object)));
                continue;
            }
            let resource = match map.get("$id") {
                Some(Value::String(id)) => self.begin(id, value, outer),
                _ => outer,
            };
            self.inside.insert(address(map), resource);
            for key in ["$anchor", "$dynamicAnchor"] {
                if let Some(Value::String(anchor)) = map.get(key) {
                    let is_new = !self.anchors.contains_key(&(resource, anchor.as_str()));
                    self.anchors.insert((resource, anchor), is_new.then_some(value));
                    if key == "$dynamicAnchor" {
                        self.depends_on_the_way |= *dynamic.entry(anchor).or_insert(resource) != resource;
                    }
                }
            }
            for (key, value) in map {
                if let Some(place) = self.holds(key) {
                    open.push((value, resource, place));
                }
            }
        }
        if self.resources.len() == 1 {
            self.inside = Map::default();
        }
    }

    /// Whether schemas stand under a keyword. A value under an unknown keyword is no schema, whatever it looks like.
    fn holds(&self, key: &str) -> Option<Holder> {
        match key {
            "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions" => {
                Some(Holder::Named)
            }
            "enum" | "const" | "default" | "example" | "examples" => None,
            "allOf"
            | "anyOf"
            | "oneOf"
            | "not"
            | "if"
            | "then"
            | "else"
            | "items"
            | "prefixItems"
            | "contains"
            | "additionalProperties"
            | "propertyNames"
            | "unevaluatedItems"
            | "unevaluatedProperties" => Some(Holder::Object),
            _ if self.dialect == Dialect::JsonSchema => None,
            "schemas" => Some(Holder::Named),
            _ => Some(Holder::Object),
        }
    }

    /// The resource that a schema with an `$id` begins; where it cannot be named, nothing can refer to it.
    fn begin(&mut self, id: &str, root: &'d Value, outer: usize) -> usize {
        let id = id.strip_suffix('#').unwrap_or(id);
        let uri = joined(&self.resources[outer].uri, id).unwrap_or_else(|| format!("{NOWHERE}{id:?}"));
        let next = if std::ptr::eq(root, self.root) {
            self.resources[0].uri.clone_from(&uri);
            0
        } else {
            self.resources.push(Resource {
                uri: uri.clone(),
                root,
            });
            self.resources.len() - 1
        };
        let is_new = !self.by_uri.contains_key(&uri);
        self.by_uri.insert(uri, is_new.then_some(next));
        next
    }

    /// Whether references are relative to names that the document gives.
    pub(super) fn has_ids(&self) -> bool {
        !self.by_uri.is_empty()
    }

    /// The schema that a reference in an object of keywords names; `None` when it is not in this document.
    pub(super) fn resolve(&self, reference: &str, from: &JsonMap<String, Value>) -> Option<&'d Value> {
        let own = if self.resources.len() == 1 {
            0
        } else {
            *self.inside.get(&address(from))?
        };
        let (uri, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let resource = if uri.is_empty() {
            own
        } else {
            (*self.by_uri.get(&joined(&self.resources[own].uri, uri)?)?)?
        };
        let fragment = percent_decoded(fragment)?;
        if fragment.is_empty() || fragment.starts_with('/') {
            return pointer::find(self.resources[resource].root, &fragment);
        }
        *self.anchors.get(&(resource, &*fragment))?
    }
}

fn address(map: &JsonMap<String, Value>) -> usize {
    std::ptr::from_ref(map) as usize
}

fn joined(base: &str, reference: &str) -> Option<String> {
    let base = fluent_uri::Iri::parse(base).ok()?;
    let reference = fluent_uri::IriRef::parse(reference).ok()?;
    Some(reference.resolve_against(&base).ok()?.normalize().into_string())
}

fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(escaped) if byte == b'%' => {
                bytes.push(escaped);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}
