//! Discriminators: the schema that each value of a tag selects.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use openapi_document::{Document, Located, Node, NodeId, pointer};

use super::wrapper::{reference_of, wrapped};

/// Maximum number of schemas that are searched for a discriminator.
const MOST: usize = 2_000;

/// A value of the tag, and the schema that it selects.
#[derive(Clone, Debug)]
pub(crate) struct Tag<'d> {
    pub(crate) value: Cow<'d, str>,
    pub(crate) target: Located<'d>,
    /// The alternative that refers to the schema; `None` if the schema inherits from the one with the discriminator.
    pub(crate) branch: Option<NodeId>,
}

/// The discriminator of a schema.
#[derive(Clone, Debug)]
pub(crate) struct Discriminator<'d> {
    /// The property that contains the tag.
    pub(crate) property: &'d str,
    pub(crate) tags: Vec<Tag<'d>>,
    /// The index of each tag.
    places: HashMap<Cow<'d, str>, usize>,
    /// The schema that is selected by a value that is not a tag.
    pub(crate) fallback: Option<&'d str>,
}

impl<'d> Discriminator<'d> {
    /// Reads the discriminator of a schema, if it has one.
    pub(crate) fn of(document: &'d Document, schema: Node<'d>) -> Option<Self> {
        let written = schema.get("discriminator")?;
        let property = written.text("propertyName")?;
        let mut tags = tags(document, schema);
        let carriers = Carriers::of(document, property, tags.iter().map(|it| it.target.node));
        tags.retain(|it| carriers.may_have(it.target.node, &it.value));
        let places = tags.iter().enumerate();
        let places = places.map(|(index, tag)| (tag.value.clone(), index)).collect();
        Some(Self {
            property,
            tags,
            places,
            fallback: written.text("defaultMapping"),
        })
    }

    /// The tag with a value.
    pub(crate) fn tag(&self, value: &str) -> Option<&Tag<'d>> {
        self.places.get(value).map(|index| &self.tags[*index])
    }

    /// Whether a tag selects one of the alternatives beside the discriminator.
    pub(crate) fn has_branches(&self) -> bool {
        self.tags.iter().any(|it| it.branch.is_some())
    }

    /// The schemas that are selected, each with its tags.
    pub(crate) fn targets(&self) -> Vec<(&Tag<'d>, Vec<&str>)> {
        let mut targets: Vec<(&Tag<'d>, Vec<&str>)> = Vec::new();
        let mut places: HashMap<NodeId, usize> = HashMap::new();
        for tag in &self.tags {
            let place = *places.entry(tag.target.node.id()).or_insert(targets.len());
            if place == targets.len() {
                targets.push((tag, Vec::new()));
            }
            targets[place].1.push(&tag.value);
        }
        targets
    }
}

/// Whether a discriminator has alternatives beside it.
fn has_alternatives(schema: Node<'_>) -> bool {
    ["oneOf", "anyOf"]
        .iter()
        .any(|key| schema.get(key).is_some_and(Node::is_array))
}

/// The tags of a schema's discriminator: the mapped ones, and the names of the components that no mapping selects.
fn tags<'d>(document: &'d Document, schema: Node<'d>) -> Vec<Tag<'d>> {
    let mut tags = Vec::new();
    let Some(discriminator) = schema.get("discriminator") else {
        return tags;
    };
    let mapping = discriminator.get("mapping").into_iter().flat_map(Node::members);
    for (tag, target) in mapping {
        let target = target.as_str().and_then(|it| selected(document, schema, it));
        tags.extend(target.map(|target| Tag {
            value: Cow::Borrowed(tag),
            target,
            branch: None,
        }));
    }
    // The tags of each schema, by their indices.
    let mut mapped: HashMap<NodeId, Vec<usize>> = HashMap::new();
    for (index, tag) in tags.iter().enumerate() {
        mapped.entry(tag.target.node.id()).or_default().push(index);
    }
    let mut implicit = Vec::new();
    if has_alternatives(schema) {
        for key in ["oneOf", "anyOf"] {
            for branch in schema.get(key).into_iter().flat_map(Node::items) {
                let Some((from, reference)) = reference_of(branch) else {
                    continue;
                };
                let Ok(target) = document.resolve_schema(from, reference) else {
                    continue;
                };
                let own = mapped.get(&target.node.id());
                for index in own.into_iter().flatten() {
                    tags[*index].branch = Some(branch.id());
                }
                // A list of alternatives has no tag of its own.
                let is_list = has_alternatives(target.node) && target.node.get("properties").is_none();
                if own.is_none() && !is_list {
                    implicit.push(Tag {
                        value: name_of(reference),
                        target,
                        branch: Some(branch.id()),
                    });
                }
            }
        }
    } else {
        for (name, target) in subtypes(document, schema) {
            if !mapped.contains_key(&target.node.id()) {
                implicit.push(Tag {
                    value: Cow::Borrowed(name),
                    target,
                    branch: None,
                });
            }
        }
    }
    let mut values: HashSet<Cow<'d, str>> = tags.iter().map(|it| it.value.clone()).collect();
    implicit.retain(|it| values.insert(it.value.clone()));
    tags.append(&mut implicit);
    tags
}

/// The tags that a schema does not exclude; `None` stands for all.
type Allowed<'d> = Option<Rc<HashSet<&'d str>>>;

/// A schema, and whether it describes the value of the property with the tag.
type Part = (NodeId, bool);

/// What a schema says about the property with the tag.
struct Said<'d> {
    is_declared: bool,
    allowed: Allowed<'d>,
    /// The schemas that apply to the same value, or describe the property. The flag is set if one applies in any case,
    /// and not as an alternative.
    parts: Vec<(Part, bool)>,
}

/// The schemas that can have the tags of a discriminator: they declare its property, and do not exclude the tag as its
/// value. Otherwise the tag selects nothing.
///
/// Thousands of schemas may inherit from each other, so each part is looked at once for all of them.
struct Carriers<'d>(HashMap<Part, Said<'d>>);

impl<'d> Carriers<'d> {
    fn of(document: &'d Document, property: &str, schemas: impl Iterator<Item = Node<'d>>) -> Self {
        let mut all = HashMap::new();
        // Each part comes after its own parts, unless they lead back to it.
        let mut order = Vec::new();
        let mut open: Vec<_> = schemas.map(|it| (it, false, false)).collect();
        while let Some((schema, is_value, is_done)) = open.pop() {
            let part = (schema.id(), is_value);
            if is_done {
                order.push(part);
                continue;
            }
            let Entry::Vacant(place) = all.entry(part) else {
                continue;
            };
            open.push((schema, is_value, true));
            let mut said = Said {
                is_declared: false,
                allowed: if is_value { listed(schema) } else { None },
                parts: Vec::new(),
            };
            let mut add = |part: Node<'d>, is_value: bool, is_certain: bool| {
                said.parts.push(((part.id(), is_value), is_certain));
                open.push((part, is_value, false));
            };
            if !is_value && let Some(value) = schema.get("properties").and_then(|it| it.get(property)) {
                add(value, true, true);
                said.is_declared = true;
            }
            let items = |key: &str| schema.get(key).into_iter().flat_map(Node::items);
            for part in document.schema_target(schema).into_iter().chain(items("allOf")) {
                add(part, is_value, true);
            }
            if !is_value {
                for part in items("oneOf").chain(items("anyOf")) {
                    add(part, false, false);
                }
            }
            place.insert(said);
        }
        let mut carriers = Self(all);
        while order.iter().filter(|part| carriers.learn(**part)).count() > 0 {}
        carriers
    }

    /// Adds what the parts of a schema say to what is known of it. Says whether anything was new.
    fn learn(&mut self, part: Part) -> bool {
        let Some(said) = self.0.get_mut(&part) else {
            return false;
        };
        let parts = std::mem::take(&mut said.parts);
        let (mut is_declared, mut allowed) = (said.is_declared, said.allowed.clone());
        let mut is_new = false;
        for (part, is_certain) in &parts {
            let Some(part) = self.0.get(part) else { continue };
            is_new |= part.is_declared && !is_declared;
            is_declared |= part.is_declared;
            is_new |= *is_certain && narrow(&mut allowed, &part.allowed);
        }
        self.0.insert(
            part,
            Said {
                is_declared,
                allowed,
                parts,
            },
        );
        is_new
    }

    fn may_have(&self, schema: Node<'d>, tag: &str) -> bool {
        let said = self.0.get(&(schema.id(), false));
        said.is_some_and(|it| it.is_declared && it.allowed.as_ref().is_none_or(|it| it.contains(tag)))
    }
}

/// The texts that the `enum` and the `const` of a schema list.
fn listed<'d>(schema: Node<'d>) -> Allowed<'d> {
    let texts =
        |values: &mut dyn Iterator<Item = Node<'d>>| Some(Rc::new(values.filter_map(Node::as_str).collect()));
    let mut allowed = schema
        .get("enum")
        .filter(|it| it.is_array())
        .and_then(|it| texts(&mut it.items()));
    if let Some(only) = schema.get("const") {
        narrow(&mut allowed, &texts(&mut std::iter::once(only)));
    }
    allowed
}

/// Keeps only the tags that others allow as well. Says whether there were more.
fn narrow<'d>(allowed: &mut Allowed<'d>, by: &Allowed<'d>) -> bool {
    let narrower = match (&*allowed, by) {
        (_, None) => return false,
        (None, Some(by)) => Rc::clone(by),
        (Some(own), Some(by)) if Rc::ptr_eq(own, by) || own.is_subset(by) => return false,
        (Some(own), Some(by)) => Rc::new(own.intersection(by).copied().collect()),
    };
    *allowed = Some(narrower);
    true
}

/// The schema that a mapping selects, by the name of a component or by a reference.
fn selected<'d>(document: &'d Document, from: Node<'d>, target: &str) -> Option<Located<'d>> {
    let by_name = || {
        let place = pointer::join("#/components/schemas", target);
        document.resolve_schema(document.root(), &place).ok()
    };
    let is_name = !target.contains(['/', '#']);
    let named = if is_name { by_name() } else { None };
    named.or_else(|| document.resolve_schema(from, target).ok())
}

/// The name of the component that a reference leads to, or the stem of the file that is one.
fn name_of(reference: &str) -> Cow<'_, str> {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    if reference.contains('#') {
        return pointer::unescape(last);
    }
    Cow::Borrowed(last.split_once('.').map_or(last, |(stem, _)| stem))
}

/// The parts of a schema that apply in any case: those in `allOf`, or the only entry of another list.
fn parts(schema: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let all_of = schema.get("allOf");
    let only = if all_of.is_none() { wrapped(schema) } else { None };
    all_of.into_iter().flat_map(Node::items).chain(only)
}

/// The components that inherit from a schema through `allOf`, at any depth, by name.
fn subtypes<'d>(document: &'d Document, base: Node<'d>) -> Vec<(&'d str, Located<'d>)> {
    let Some(components) = document
        .resolve(document.root(), "#/components/schemas")
        .ok()
        .filter(|it| it.node.is_object())
    else {
        return Vec::new();
    };
    let mut children: HashMap<NodeId, Vec<usize>> = HashMap::new();
    let all: Vec<(&str, Located<'_>)> = components.members().collect();
    for (index, (_, component)) in all.iter().enumerate() {
        let mut open: Vec<_> = parts(component.node).collect();
        while let Some(part) = open.pop() {
            if let Some(parent) = document.schema_target(part) {
                children.entry(parent.id()).or_default().push(index);
            }
            open.extend(parts(part));
        }
    }
    let (mut open, mut found) = (vec![base.id()], BTreeSet::new());
    while let Some(parent) = open.pop() {
        for &index in children.get(&parent).into_iter().flatten() {
            if all[index].1.node.id() != base.id() && found.insert(index) {
                open.push(all[index].1.node.id());
            }
        }
    }
    found.into_iter().map(|index| all[index].clone()).collect()
}

/// The schema from which another one inherits through `allOf`, at any depth, and which has a discriminator for a
/// property.
pub(crate) fn base_of<'d>(
    document: &'d Document,
    schema: &Located<'d>,
    property: &str,
) -> Option<Located<'d>> {
    let (mut seen, mut open) = (HashSet::new(), vec![schema.clone()]);
    while let Some(place) = open.pop() {
        if seen.len() == MOST || !seen.insert(place.node.id()) {
            continue;
        }
        let written = place.says("discriminator");
        if written.and_then(|it| it.text("propertyName")) == Some(property) {
            return Some(place);
        }
        open.extend(place.target(document).and_then(Result::ok));
        open.extend(place.get("allOf").iter().flat_map(Located::items));
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Whether the tag `cat` selects this schema.
    fn selects(cat: &Value) -> bool {
        let root = json!({"openapi": "3.1.0", "components": {"schemas": {
            "Pet": {
                "oneOf": [{"$ref": "#/components/schemas/Cat"}],
                "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
            },
            "Cat": cat,
            "NameOfDogs": {"const": "dog"},
        }}});
        let document = Document::read(root.to_string()).unwrap();
        let pet = document.at("/components/schemas/Pet").unwrap();
        let discriminator = Discriminator::of(&document, pet).unwrap();
        discriminator.tags.iter().any(|tag| tag.value == "cat")
    }

    #[test]
    fn a_tag_selects_a_schema_that_declares_its_property_and_may_have_this_value() {
        let kind = |value: Value| json!({"properties": {"kind": value}});
        let dogs = || json!({"$ref": "#/components/schemas/NameOfDogs"});
        for (cat, is_selected) in [
            (kind(json!({"type": "string"})), true),
            (json!({"properties": {"name": {"type": "string"}}}), false),
            (kind(json!({"const": "cat"})), true),
            (kind(json!({"const": "dog"})), false),
            (kind(dogs()), false),
            (kind(json!({"enum": ["dog", "cat"]})), true),
            (kind(json!({"enum": ["dog", "fox"]})), false),
            (
                kind(json!({"allOf": [{"type": "string"}, {"const": "dog"}]})),
                false,
            ),
            (json!({"allOf": [kind(json!({"const": "dog"}))]}), false),
            // A part that allows more says nothing new.
            (
                kind(json!({"const": "cat", "allOf": [{"enum": ["cat", "dog"]}]})),
                true,
            ),
            // What a tag would have inside, if it were an object, is no tag.
            (kind(kind(json!({"const": "dog"}))), true),
            // An alternative need not apply.
            (
                json!({"anyOf": [kind(json!({"const": "dog"})), kind(json!({"const": "cat"}))]}),
                true,
            ),
            (
                json!({
                    "properties": {"kind": {"anyOf": [dogs(), {"const": "cat"}]}},
                    "anyOf": [kind(dogs()), {}],
                }),
                true,
            ),
        ] {
            assert_eq!(selects(&cat), is_selected, "{cat}");
        }
    }

    #[test]
    fn the_name_of_an_heir_is_a_tag_unless_another_one_is_mapped_to_it() {
        let heir = json!({"allOf": [{"$ref": "#/components/schemas/Pet"}]});
        let root = json!({"openapi": "3.1.0", "components": {"schemas": {
            "Pet": {
                "properties": {"kind": {"type": "string"}},
                "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
            },
            "Cat": heir, "Dog": heir, "Fox": heir,
        }}});
        let document = Document::read(root.to_string()).unwrap();
        let pet = document.at("/components/schemas/Pet").unwrap();
        let mut tags: Vec<_> = Discriminator::of(&document, pet).unwrap().tags;
        tags.sort_by(|one, other| one.value.cmp(&other.value));
        let tags: Vec<&str> = tags.iter().map(|tag| &*tag.value).collect();
        assert_eq!(tags, ["Dog", "Fox", "cat"]);
    }

    #[test]
    fn the_name_of_an_alternative_is_a_tag_unless_that_is_only_a_list_of_others() {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let kind = json!({"kind": {"type": "string"}});
        let cat = json!({"description": "It purrs.", "allOf": [to("Cat")]});
        let root = json!({"openapi": "3.1.0", "components": {"schemas": {
            "Pet": {"oneOf": [cat, to("List"), to("Fish")], "discriminator": {"propertyName": "kind"}},
            "Base": {"properties": kind},
            "Cat": {"allOf": [to("Base")]},
            "List": {"oneOf": [to("Cat"), to("Base")]},
            "Fish": {"properties": kind, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        }}});
        let document = Document::read(root.to_string()).unwrap();
        let pet = document.at("/components/schemas/Pet").unwrap();
        let discriminator = Discriminator::of(&document, pet).unwrap();
        let tags: Vec<&str> = discriminator.tags.iter().map(|tag| &*tag.value).collect();
        assert_eq!(tags, ["Cat", "Fish"]);
    }

    #[test]
    fn so_many_parts_are_searched_for_a_discriminator() {
        // The last part is searched first.
        let after = |others: usize, first: Value| {
            let mut parts = vec![json!({}); others];
            parts.insert(0, first);
            json!({"allOf": parts})
        };
        for (others, is_found) in [(MOST - 2, true), (MOST - 1, false)] {
            assert!(selects(&after(others, json!({"properties": {"kind": {}}}))));
            let heir = after(others, json!({"discriminator": {"propertyName": "kind"}}));
            let document = Document::read_schema(heir.to_string()).unwrap();
            let base = base_of(&document, &Located::root(&document), "kind");
            assert_eq!(base.is_some(), is_found);
        }
    }

    #[test]
    fn a_schema_inherits_from_a_discriminating_one_at_any_depth() {
        let to = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
        let root = json!({"openapi": "3.1.0", "components": {"schemas": {
            "Pet": {"discriminator": {"propertyName": "kind"}},
            "Cat": {"allOf": [{"type": "object"}, to("Pet")]},
            "Kitten": {"allOf": [{"allOf": [to("Cat")]}]},
            "Owner": {"properties": {"pet": to("Pet")}},
        }}});
        let document = Document::read(root.to_string()).unwrap();
        let all = Located::root(&document)
            .get("components")
            .unwrap()
            .get("schemas")
            .unwrap();
        let base = |name, property| {
            base_of(&document, &all.get(name).unwrap(), property).map(|it| it.at.to_string())
        };
        let pet = Some("/components/schemas/Pet".to_owned());
        assert_eq!(base("Kitten", "kind"), pet);
        assert_eq!(base("Pet", "kind"), pet);
        assert_eq!(base("Kitten", "sort"), None);
        assert_eq!(base("Owner", "kind"), None);
    }
}
