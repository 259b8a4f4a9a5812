//! Resolves references by pointer, `$anchor`, `$dynamicAnchor` and `$id`, within a document and between its files.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::file::File;
use crate::located::Located;
use crate::node::{Kind, Node, SlotId};
use crate::part::{Holds, Part};
use crate::pointer;
use crate::uri;
use crate::version::Version;

/// A `$ref` that cannot be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unresolved {
    /// The place of the object that holds the `$ref`, in the form of [`Located::at`].
    pub at: String,
    /// The reference as written.
    pub reference: String,
    /// The reason, worded as the end of a sentence that names the reference.
    pub why: Cow<'static, str>,
}

impl Unresolved {
    /// Makes the error for a reference at a place.
    pub fn new(
        at: impl Into<String>,
        reference: impl Into<String>,
        why: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            at: at.into(),
            reference: reference.into(),
            why: why.into(),
        }
    }
}

/// The targets of references without fragment to other files, or the reasons why they cannot be resolved. The key is
/// the name of the referring file and the reference.
pub(crate) type OtherFiles = HashMap<(String, String), Result<usize, Cow<'static, str>>>;

/// Maximum number of references that are followed while one pointer is resolved.
const MOST_HOPS: usize = 8;

/// The base URI of a document without an `$id`.
const NOWHERE: &str = "document:/";

/// A file, or a schema with an `$id`. References in it are relative to its URI.
struct Resource {
    uri: String,
    root: Place,
}

/// A node and its place, without a borrow of its document.
#[derive(Clone)]
struct Place {
    id: SlotId,
    at: Arc<str>,
}

impl Place {
    fn of(here: &Located<'_>) -> Self {
        Self {
            id: here.node.slot_id(),
            at: Arc::clone(&here.at),
        }
    }

    fn stored<'d>(&self, files: &'d [File]) -> Located<'d> {
        Located {
            node: Node::stored(files, self.id),
            at: Arc::clone(&self.at),
        }
    }
}

/// The names that a document gives to its parts.
pub(crate) struct Names {
    version: Version,
    files: usize,
    /// All resources, the files first.
    resources: Vec<Resource>,
    /// The resource of each object of keywords that does not belong to the resource of its file.
    inside: HashMap<SlotId, usize>,
    /// The resource of each URI, or `None` if the URI is given twice and is therefore ambiguous.
    by_uri: HashMap<String, Option<usize>>,
    anchors: HashMap<(usize, String), Option<Place>>,
    /// The resources that declare each `$dynamicAnchor`.
    dynamic: HashMap<String, Vec<usize>>,
    /// The `$schema` that applies to each object of keywords, its own or that of an enclosing one.
    dialects: HashMap<SlotId, String>,
    targets: RwLock<Targets>,
}

/// The targets of references that were resolved. The key is the file and the resource of the referring object, and the
/// reference: thousands of objects may refer to the same component.
type Targets = HashMap<(u32, usize), HashMap<Box<str>, Result<Place, Cow<'static, str>>>>;

/// The kind of content at a place of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    /// Keywords, or an OpenAPI object that holds schemas.
    Keywords,
    /// A map from names to objects of keywords.
    Names,
}

impl Names {
    /// Collects the names of a document. Files that contain none of the naming keywords are skipped.
    pub(crate) fn of(files: &[File], version: Version) -> Self {
        let mut names = Self {
            version,
            files: files.len(),
            resources: Vec::new(),
            inside: HashMap::new(),
            by_uri: HashMap::new(),
            anchors: HashMap::new(),
            dynamic: HashMap::new(),
            dialects: HashMap::new(),
            targets: RwLock::default(),
        };
        for file in files {
            let root = Place {
                id: Node::root(file).slot_id(),
                at: file.prefix.clone().into(),
            };
            let uri = format!("{NOWHERE}{}", file.name);
            names.by_uri.insert(uri.clone(), Some(names.resources.len()));
            names.resources.push(Resource { uri, root });
        }
        if version != Version::V3_0 {
            for index in 0..files.len() {
                names.scan(files, index);
            }
        }
        names
    }

    /// Collects the names of one file.
    fn scan(&mut self, files: &[File], index: usize) {
        let root = self.resources[index].root.stored(files);
        if let Some(own) = root.text("$self").filter(|_| self.version == Version::V3_2) {
            self.rename(index, own);
        }
        let file = &files[index];
        if !["$id", "$anchor", "$dynamicAnchor", "$schema"]
            .iter()
            .any(|key| file.mentions(key))
        {
            return;
        }
        let mut open = vec![(root, index, Content::Keywords, None)];
        while let Some((here, outer, content, dialect)) = open.pop() {
            let members = match here.node.kind() {
                Kind::Object(members) => members,
                Kind::Array(_) => {
                    open.extend(here.items().map(|item| (item, outer, Content::Keywords, dialect)));
                    continue;
                }
                _ => continue,
            };
            if content == Content::Names {
                let entries = here.entries();
                open.extend(entries.map(|(_, value)| (value, outer, Content::Keywords, dialect)));
                continue;
            }
            let dialect = here.text("$schema").or(dialect);
            if let Some(dialect) = dialect {
                self.dialects.insert(here.node.slot_id(), dialect.to_owned());
            }
            let resource = match here.text("$id") {
                Some(id) => self.begin(id, &here, outer),
                None => outer,
            };
            if resource != index {
                self.inside.insert(here.node.slot_id(), resource);
            }
            for key in ["$anchor", "$dynamicAnchor"] {
                let Some(anchor) = here.text(key) else { continue };
                let name = (resource, anchor.to_owned());
                let is_new = !self.anchors.contains_key(&name);
                self.anchors.insert(name, is_new.then(|| Place::of(&here)));
                if key == "$dynamicAnchor" {
                    let declared = self.dynamic.entry(anchor.to_owned()).or_default();
                    if !declared.contains(&resource) {
                        declared.push(resource);
                    }
                }
            }
            for (key, node) in members {
                if let Some(content) = self.content(key) {
                    let at = pointer::join_place(&here.at, key, node.slot).into();
                    open.push((Located { node, at }, resource, content, dialect));
                }
            }
        }
    }

    /// The kind of content under a keyword, if it holds schemas. A value under an unknown keyword is never a schema.
    fn content(&self, key: &str) -> Option<Content> {
        match Part::Schema.under(key) {
            Some(Holds::Map(_)) => Some(Content::Names),
            Some(Holds::One(Part::Schema) | Holds::List(_)) => Some(Content::Keywords),
            _ if matches!(key, "enum" | "const" | "default" | "example" | "examples") => None,
            _ if self.version == Version::JsonSchema => None,
            _ if key == "schemas" => Some(Content::Names),
            _ => Some(Content::Keywords),
        }
    }

    /// Begins the resource of a schema with an `$id`. If its URI is given twice, it is ambiguous, so it has no target.
    fn begin(&mut self, id: &str, root: &Located<'_>, outer: usize) -> usize {
        let id = id.strip_suffix('#').unwrap_or(id);
        if let Some(own) = self
            .resources
            .iter()
            .position(|it| it.root.id == root.node.slot_id())
        {
            self.rename(own, id);
            return own;
        }
        let uri = uri::join(&self.resources[outer].uri, id);
        let next = self.resources.len();
        self.resources.push(Resource {
            uri: uri.clone(),
            root: Place::of(root),
        });
        let is_new = !self.by_uri.contains_key(&uri);
        self.by_uri.insert(uri, is_new.then_some(next));
        next
    }

    /// Gives a file the URI from its own `$self` or `$id`. It also keeps the URI by which other files refer to it.
    fn rename(&mut self, index: usize, name: &str) {
        let uri = uri::join(&self.resources[index].uri, name);
        self.resources[index].uri.clone_from(&uri);
        let known = self.by_uri.get(&uri);
        if known != Some(&Some(index)) {
            let is_new = known.is_none();
            self.by_uri.insert(uri, is_new.then_some(index));
        }
    }

    /// The resource to which an object of keywords belongs.
    pub(crate) fn resource(&self, from: Node<'_>) -> usize {
        self.inside
            .get(&from.slot_id())
            .copied()
            .unwrap_or(from.file.index as usize)
    }

    /// The `$schema` that applies to an object of keywords: its own, or that of an enclosing one.
    pub(crate) fn dialect(&self, schema: Node<'_>) -> Option<&str> {
        self.dialects.get(&schema.slot_id()).map(String::as_str)
    }

    pub(crate) fn has_dynamic_scopes(&self) -> bool {
        self.dynamic.values().any(|declared| declared.len() > 1)
    }

    /// Whether a resource declares a `$dynamicAnchor`.
    pub(crate) fn has_dynamic_anchor(&self, resource: usize) -> bool {
        self.dynamic.values().any(|declared| declared.contains(&resource))
    }

    /// The schema with a `$dynamicAnchor` in a resource.
    pub(crate) fn dynamic_anchor<'d>(
        &self,
        files: &'d [File],
        resource: usize,
        name: &str,
    ) -> Option<Node<'d>> {
        let place = self.anchors.get(&(resource, name.to_owned()))?.as_ref()?;
        let node = Node::stored(files, place.id);
        (node.text("$dynamicAnchor") == Some(name)).then_some(node)
    }

    pub(crate) fn has_ids(&self) -> bool {
        self.resources.len() > self.files || self.by_uri.len() > self.files
    }

    /// Returns the node to which a reference in the object `from` leads, or the reason why it cannot be resolved.
    pub(crate) fn resolve<'d>(
        &self,
        files: &'d [File],
        other_files: &OtherFiles,
        from: Node<'_>,
        reference: &str,
    ) -> Result<Located<'d>, Cow<'static, str>> {
        let referring = (from.file.index, self.resource(from));
        let stored = |it: &Result<Place, Cow<'static, str>>| match it {
            Ok(place) => Ok(place.stored(files)),
            Err(why) => Err(why.clone()),
        };
        let known = self.targets.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(target) = known.get(&referring).and_then(|it| it.get(reference)) {
            return stored(target);
        }
        drop(known);
        let target = self.resolve_after(files, other_files, from, reference, 0);
        let place = target.as_ref().map(Place::of).map_err(Cow::clone);
        let mut known = self.targets.write().unwrap_or_else(PoisonError::into_inner);
        known
            .entry(referring)
            .or_default()
            .insert(reference.into(), place);
        target
    }

    fn resolve_after<'d>(
        &self,
        files: &'d [File],
        other_files: &OtherFiles,
        from: Node<'_>,
        reference: &str,
        hops: usize,
    ) -> Result<Located<'d>, Cow<'static, str>> {
        let (target, fragment) = uri::split_fragment(reference);
        let own = self.resource(from);
        let resource = if target.is_empty() {
            own
        } else {
            let uri = uri::join(&self.resources[own].uri, target);
            match self.by_uri.get(&uri) {
                Some(Some(resource)) => *resource,
                Some(None) => return Err("its name is given twice in the document".into()),
                None => other_file(other_files, from, target)?,
            }
        };
        let fragment = uri::percent_decoded(fragment).ok_or("its percent-escapes are not UTF-8")?;
        if fragment.is_empty() || fragment.starts_with('/') {
            // Some authors put an `$id` on a component, but still write references relative to the whole document.
            let is_within_file = target.is_empty() && self.version != Version::JsonSchema;
            let file = is_within_file.then_some(from.file.index as usize);
            let mut resources = std::iter::once(resource).chain(file);
            let found = resources.find_map(|resource| {
                let root = self.resources[resource].root.stored(files);
                self.walk(files, other_files, &root, &fragment, hops)
            });
            return found.ok_or("there is nothing at the place it names".into());
        }
        match self.anchors.get(&(resource, fragment.into_owned())) {
            Some(Some(found)) => Ok(found.stored(files)),
            Some(None) => Err("its anchor is given twice in the document".into()),
            None if self.version == Version::V3_0 => Err("it names an anchor, not a place".into()),
            None => Err("there is no such anchor".into()),
        }
    }
}

impl Names {
    /// Follows a pointer. If an object lacks the next step, its `$ref` is followed: authors refer to
    /// `#/components/schemas/Pet` even if all schemas are in another file.
    fn walk<'d>(
        &self,
        files: &'d [File],
        other_files: &OtherFiles,
        root: &Located<'d>,
        pointer: &str,
        hops: usize,
    ) -> Option<Located<'d>> {
        let mut here = root.node;
        let mut at = String::from(&*root.at);
        for step in pointer::steps(pointer)? {
            here = match here.step(&step) {
                Some(node) => node,
                None if hops < MOST_HOPS => {
                    let reference = here.text("$ref")?;
                    let target = self.resolve_after(files, other_files, here, reference, hops + 1);
                    let target = target.ok()?;
                    at.clear();
                    at.push_str(&target.at);
                    target.node.step(&step)?
                }
                None => return None,
            };
            pointer::push_to_place(&mut at, &step, here.slot);
        }
        Some(Located {
            node: here,
            at: at.into(),
        })
    }
}

/// Returns the file to which a reference without fragment leads.
fn other_file(other_files: &OtherFiles, from: Node<'_>, target: &str) -> Result<usize, Cow<'static, str>> {
    let base = &from.file.name;
    match other_files.get(&(base.clone(), target.to_owned())) {
        Some(Ok(index)) => Ok(*index),
        Some(Err(why)) => Err(why.clone()),
        None => Err("it leads out of the document and is not followed".into()),
    }
}

/// The references of a file to other files, without their fragments, in document order. Examples and other data are not
/// searched.
pub(crate) fn outward(file: &File) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    // A part of a YAML document may stand at several places.
    let mut seen = vec![false; file.store.slots.len()];
    let mut open = vec![Node::root(file)];
    while let Some(node) = open.pop() {
        let is_container = matches!(node.kind(), Kind::Array(_) | Kind::Object(_));
        if !is_container || std::mem::replace(&mut seen[node.slot as usize], true) {
            continue;
        }
        let start = open.len();
        open.extend(node.items());
        for (key, value) in node.members() {
            match (key, value.as_str()) {
                ("$ref" | "$dynamicRef" | "operationRef", Some(reference)) => {
                    let (target, _) = uri::split_fragment(reference);
                    if !target.is_empty() && !found.iter().any(|it| it == target) {
                        found.push(target.to_owned());
                    }
                }
                ("enum" | "const" | "default" | "example" | "value", _) => {}
                _ => open.push(value),
            }
        }
        open[start..].reverse();
    }
    found
}
