//! Combines a document of several files into one: objects in other files become components.

use std::collections::{BTreeSet, HashMap, VecDeque};

use openapi_document::{Document, Holds, Kind, Located, Node, NodeId, Part, Unresolved};
use serde_json::{Map, Value};

/// Maximum nesting of references that are replaced with their targets.
const DEEPEST: usize = 32;

/// Combines a document of several files into one file.
///
/// The target of a reference to another file becomes a component. Its name is the last part of its place: `Pet` for
/// `pets.yaml#/definitions/Pet` or for the whole of `schemas/Pet.yaml`. If that name is taken, a number is added. Path
/// items, operations, and whole sections in another file are copied to the place of the reference, since not every
/// version has components for them. An `$id` in another file is removed, because everything that refers to it becomes a
/// component.
///
/// # Errors
/// When a reference cannot be followed, so that the result would be incomplete.
///
/// # Examples
/// ```
/// use openapi_document::{Document, Limits};
/// use ratio_spec::{Folder, bundle};
///
/// let folder = tempfile::tempdir()?;
/// # #[expect(clippy::disallowed_methods, reason = "the example's own file")]
/// std::fs::write(folder.path().join("pets.json"), r#"{"Pet": {"type": "object"}}"#)?;
/// let text = r#"{"openapi": "3.1.0", "x": 1, "components": {"schemas": {"Cat": {"allOf": [{"$ref": "pets.json#/Pet"}]}}}}"#;
/// let mut files = Folder::new(folder.path())?;
/// let document = Document::read_with(text, "api.json", &Limits::default(), &mut files)?;
///
/// let whole = bundle(&document).expect("every reference leads somewhere");
/// assert_eq!(whole["components"]["schemas"]["Cat"]["allOf"][0]["$ref"], "#/components/schemas/Pet");
/// assert_eq!(whole["components"]["schemas"]["Pet"]["type"], "object");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn bundle(document: &Document) -> Result<Value, Unresolved> {
    let mut bundle = Bundle {
        document,
        names: HashMap::new(),
        taken: HashMap::new(),
        pending: VecDeque::new(),
        written: 0,
    };
    bundle.name_components()?;
    let mut whole = bundle.part(&Located::root(document), Part::Document, 0)?;
    while let Some((section, name, place, part)) = bundle.pending.pop_front() {
        let value = bundle.part(&place, part, 0)?;
        let object = whole.as_object_mut();
        let components = object.map(|it| it.entry("components").or_insert_with(|| Map::new().into()));
        let components = components.and_then(Value::as_object_mut);
        let list = components.map(|it| it.entry(section).or_insert_with(|| Map::new().into()));
        if let Some(list) = list.and_then(Value::as_object_mut) {
            list.insert(name, value);
        }
    }
    Ok(whole)
}

/// Maximum number of nodes in the result. A small document can grow without bound when references are replaced with
/// copies.
const LARGEST: usize = 4_000_000;

/// The section of components that holds objects of this kind in every version of OpenAPI.
fn section(part: Part) -> Option<&'static str> {
    part.section()
        .filter(|_| !matches!(part, Part::PathItem | Part::MediaType))
}

/// Whether an object of this kind is data, in which a `$ref` has no meaning.
fn is_data(part: Part) -> bool {
    matches!(
        part,
        Part::SecurityRequirement | Part::Server | Part::ServerVariable
    )
}

struct Bundle<'d> {
    document: &'d Document,
    /// The names of the components in the result, by section and node.
    names: HashMap<(&'static str, NodeId), String>,
    taken: HashMap<&'static str, BTreeSet<String>>,
    /// Components that have not been written yet.
    pending: VecDeque<(&'static str, String, Located<'d>, Part)>,
    /// Number of nodes written so far.
    written: usize,
}

impl<'d> Bundle<'d> {
    /// Registers the document's own components. If one of them is only a reference to another file, its target gets the
    /// name of that component.
    fn name_components(&mut self) -> Result<(), Unresolved> {
        let Some(components) = Located::root(self.document).get("components") else {
            return Ok(());
        };
        for (name, list) in components.follow(self.document)?.entries() {
            let Some(section) = Part::of_section(name).and_then(section) else {
                continue;
            };
            let mut members: Vec<_> = Vec::new();
            let list = list.follow(self.document)?;
            members.extend(list.entries());
            for (name, member) in members {
                self.taken.entry(section).or_default().insert(name.to_owned());
                self.names.insert((section, member.node.id()), name.to_owned());
                if let Some(target) = self.moved(&member)? {
                    self.names
                        .entry((section, target.node.id()))
                        .or_insert_with(|| name.to_owned());
                }
            }
        }
        Ok(())
    }

    /// The target of an object that consists only of a reference to another file.
    fn moved(&self, here: &Located<'d>) -> Result<Option<Located<'d>>, Unresolved> {
        if here.node.members().len() != 1 {
            return Ok(None);
        }
        let target = here.target(self.document).transpose()?;
        Ok(target.filter(|it| it.node.is_in_other_file()))
    }

    fn part(&mut self, here: &Located<'d>, part: Part, depth: usize) -> Result<Value, Unresolved> {
        if is_data(part) || !here.node.is_object() {
            return self.data(here);
        }
        self.spend(here, 1)?;
        if part == Part::Discriminator {
            return Ok(self.discriminator(here));
        }
        let mut out = Map::new();
        if let Some(target) = here.target(self.document) {
            let target = match target {
                Ok(target) => target,
                // Keep an unresolvable reference within the first file as it is.
                Err(_) if !here.node.is_in_other_file() && is_local(here) => return self.data(here),
                Err(unresolved) => return Err(unresolved),
            };
            let is_kept = !target.node.is_in_other_file();
            match section(part) {
                _ if is_kept && !here.node.is_in_other_file() => {
                    out.insert("$ref".to_owned(), here.text("$ref").into());
                }
                _ if is_kept => {
                    out.insert("$ref".to_owned(), fragment(&target.at).into());
                }
                Some(section) if !self.is_named_here(section, here, &target) => {
                    out.insert("$ref".to_owned(), self.component(section, &target, part).into());
                }
                // Copy the target: this is the component that only refers to it, or there is no section for this kind.
                _ => return self.written_out(here, &target, part, depth),
            }
        }
        for (key, child) in here.entries() {
            let is_own_name = key == "$id" && part == Part::Schema && here.node.is_in_other_file();
            if is_own_name || key == "$ref" && out.contains_key("$ref") {
                continue;
            }
            out.insert(key.to_owned(), self.held(&child, part.under(key), depth)?);
        }
        Ok(out.into())
    }

    fn held(&mut self, here: &Located<'d>, holds: Option<Holds>, depth: usize) -> Result<Value, Unresolved> {
        match (holds, here.node.kind()) {
            (Some(Holds::One(part)), _) => self.part(here, part, depth),
            (Some(Holds::Map(part)), Kind::Object(_)) => {
                let mut out = Map::new();
                if let Some(target) = here.target(self.document) {
                    let target = deeper(here, target?, depth)?;
                    if let Value::Object(members) = self.held(&target, holds, depth + 1)? {
                        out.extend(members);
                    }
                }
                for (name, child) in here.entries() {
                    if name != "$ref" || !child.node.is_string() {
                        out.insert(name.to_owned(), self.part(&child, part, depth)?);
                    }
                }
                Ok(out.into())
            }
            (Some(Holds::List(part)), Kind::Array(_)) => {
                let items = here.items().map(|item| self.part(&item, part, depth));
                items.collect()
            }
            _ => self.data(here),
        }
    }

    /// Copies data without references.
    fn data(&mut self, here: &Located<'d>) -> Result<Value, Unresolved> {
        let mut open = vec![here.node];
        while let Some(node) = open.pop() {
            self.spend(here, 1)?;
            open.extend(node.items());
            open.extend(node.members().values());
        }
        Ok(value(here.node))
    }

    fn spend(&mut self, here: &Located<'d>, nodes: usize) -> Result<(), Unresolved> {
        self.written += nodes;
        if self.written <= LARGEST {
            return Ok(());
        }
        let reference = here.text("$ref").unwrap_or_default();
        let why = "written out, the document is too large";
        Err(Unresolved::new(&*here.at, reference, why))
    }

    /// Whether `here` is the component under which the target is registered, so that a reference would refer to itself.
    fn is_named_here(&self, section: &'static str, here: &Located<'d>, target: &Located<'d>) -> bool {
        let own = self.names.get(&(section, here.node.id()));
        own.is_some() && own == self.names.get(&(section, target.node.id()))
    }

    fn written_out(
        &mut self,
        here: &Located<'d>,
        target: &Located<'d>,
        part: Part,
        depth: usize,
    ) -> Result<Value, Unresolved> {
        let target = deeper(here, target.clone(), depth)?;
        let mut out = self.part(&target, part, depth + 1)?;
        if let Value::Object(out) = &mut out {
            for (key, child) in here.entries().filter(|(key, _)| *key != "$ref") {
                out.insert(key.to_owned(), self.held(&child, part.under(key), depth)?);
            }
        }
        Ok(out)
    }

    /// Registers a target in another file as a component, and returns a reference to it.
    fn component(&mut self, section: &'static str, target: &Located<'d>, part: Part) -> String {
        let key = (section, target.node.id());
        if let Some(name) = self.names.get(&key) {
            return reference(section, name);
        }
        let taken = self.taken.entry(section).or_default();
        let wanted = wanted_name(&target.at);
        let numbered = (2..).map(|number| format!("{wanted}_{number}"));
        let mut names = std::iter::once(wanted.clone()).chain(numbered);
        let name = names.find(|name| !taken.contains(name)).unwrap_or(wanted);
        taken.insert(name.clone());
        self.names.insert(key, name.clone());
        self.pending
            .push_back((section, name.clone(), target.clone(), part));
        reference(section, &name)
    }

    /// Replaces the targets of a discriminator, which are also references, although they are not marked as such.
    fn discriminator(&mut self, here: &Located<'d>) -> Value {
        let mut out = value(here.node);
        let mapping = here.entries_of("mapping").collect::<Vec<_>>();
        let fallback = here.get("defaultMapping").map(|it| ("", it));
        for (tag, child) in mapping.into_iter().chain(fallback) {
            let named = child.node.as_str().filter(|name| name.contains(['/', '#', '.']));
            let target = named.and_then(|name| self.document.resolve(here.node, name).ok());
            let Some(target) = target.filter(|it| it.node.is_in_other_file()) else {
                continue;
            };
            let name = self.component("schemas", &target, Part::Schema);
            if tag.is_empty() {
                out["defaultMapping"] = name.into();
            } else {
                out["mapping"][tag] = name.into();
            }
        }
        out
    }
}

/// Counts one more level of copied references, and fails at the limit.
fn deeper<'d>(here: &Located<'d>, target: Located<'d>, depth: usize) -> Result<Located<'d>, Unresolved> {
    if depth < DEEPEST {
        return Ok(target);
    }
    let reference = here.text("$ref").unwrap_or_default();
    Err(Unresolved::new(
        &*here.at,
        reference,
        "it is a cycle of references",
    ))
}

fn is_local(here: &Located<'_>) -> bool {
    here.text("$ref").is_some_and(|it| it.starts_with('#'))
}

fn value(node: Node<'_>) -> Value {
    serde_json::to_value(node).unwrap_or_default()
}

fn reference(section: &str, name: &str) -> String {
    fragment(&openapi_document::pointer::join(
        &format!("/components/{section}"),
        name,
    ))
}

/// A reference to a place in the same file.
fn fragment(pointer: &str) -> String {
    format!("#{}", pointer.replace('%', "%25"))
}

/// The preferred name of a component for a place in another file, with the characters that OpenAPI allows.
fn wanted_name(at: &str) -> String {
    let (file, pointer) = at.split_once('#').unwrap_or((at, ""));
    let stem = file.rsplit('/').next().unwrap_or(file);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let name = pointer.rsplit_once('/').map_or(stem, |(_, name)| name);
    let name: String = openapi_document::pointer::unescape(name)
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
                c
            } else {
                '_'
            }
        })
        .collect();
    if name.is_empty() { "part".to_owned() } else { name }
}
