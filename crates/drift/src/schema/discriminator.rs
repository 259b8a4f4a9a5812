//! Discriminators: the schema that each value of a tag selects.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use openapi_document::{Document, Located, Node, NodeId, pointer};

use super::wrapper::reference_of;

/// Maximum number of schemas that are searched for the property of a tag.
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
    /// The schema that is selected by a value that is not a tag.
    pub(crate) fallback: Option<&'d str>,
}

impl<'d> Discriminator<'d> {
    /// Reads the discriminator of a schema, if it has one.
    pub(crate) fn of(document: &'d Document, schema: Node<'d>) -> Option<Self> {
        let written = schema.get("discriminator")?;
        let property = written.text("propertyName")?;
        let mut tags = tags(document, schema);
        tags.retain(|it| carries(document, it.target.node, property, &it.value));
        Some(Self {
            property,
            tags,
            fallback: written.text("defaultMapping"),
        })
    }

    /// Whether a tag selects one of the alternatives beside the discriminator.
    pub(crate) fn has_branches(&self) -> bool {
        self.tags.iter().any(|it| it.branch.is_some())
    }

    /// The schemas that are selected, each with its tags.
    pub(crate) fn targets(&self) -> Vec<(&Tag<'d>, Vec<&str>)> {
        let mut targets: Vec<(&Tag<'d>, Vec<&str>)> = Vec::new();
        for tag in &self.tags {
            let known = targets
                .iter_mut()
                .find(|(it, _)| it.target.node.id() == tag.target.node.id());
            match known {
                Some((_, tags)) => tags.push(&tag.value),
                None => targets.push((tag, vec![&tag.value])),
            }
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
        let target = target.as_str().and_then(|it| mapped(document, schema, it));
        tags.extend(target.map(|target| Tag {
            value: Cow::Borrowed(tag),
            target,
            branch: None,
        }));
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
                let mut is_mapped = false;
                for tag in tags
                    .iter_mut()
                    .filter(|it| it.target.node.id() == target.node.id())
                {
                    tag.branch = Some(branch.id());
                    is_mapped = true;
                }
                // A list of alternatives has no tag of its own.
                let is_list = has_alternatives(target.node) && target.node.get("properties").is_none();
                if !is_mapped && !is_list {
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
            if tags.iter().all(|it| it.target.node.id() != target.node.id()) {
                implicit.push(Tag {
                    value: Cow::Borrowed(name),
                    target,
                    branch: None,
                });
            }
        }
    }
    for tag in implicit {
        if tags.iter().all(|it| it.value != tag.value) {
            tags.push(tag);
        }
    }
    tags
}

/// Whether a schema can have a tag: it declares the property, and does not exclude the tag as its value. Otherwise
/// the tag selects nothing.
fn carries<'d>(document: &'d Document, schema: Node<'d>, property: &str, tag: &str) -> bool {
    let mut is_declared = false;
    for part in parts(document, schema, true) {
        let Some(value) = part.get("properties").and_then(|it| it.get(property)) else {
            continue;
        };
        is_declared = true;
        for part in parts(document, value, false) {
            let listed = part.get("enum").filter(|it| it.is_array());
            let is_excluded = listed.is_some_and(|it| it.items().all(|it| it.as_str() != Some(tag)))
                || part.get("const").is_some_and(|it| it.as_str() != Some(tag));
            if is_excluded && !is_alternative(document, schema, part) {
                return false;
            }
        }
    }
    is_declared
}

/// Whether a part is reached only through alternatives, so that it need not apply.
fn is_alternative<'d>(document: &'d Document, schema: Node<'d>, part: Node<'d>) -> bool {
    let certain = parts(document, schema, false);
    let mut values = certain.iter().flat_map(|it| it.get("properties").into_iter());
    !values.any(|all| {
        let mut all = all.members().values();
        all.any(|value| {
            parts(document, value, false)
                .iter()
                .any(|it| it.id() == part.id())
        })
    })
}

/// The schemas that apply to the same value: through references and `allOf`, and optionally through alternatives.
fn parts<'d>(document: &'d Document, schema: Node<'d>, alternatives: bool) -> Vec<Node<'d>> {
    let (mut found, mut seen, mut open) = (Vec::new(), HashSet::new(), vec![schema]);
    while let Some(schema) = open.pop() {
        if found.len() == MOST || !seen.insert(schema.id()) {
            continue;
        }
        found.push(schema);
        open.extend(document.schema_target(schema));
        open.extend(schema.get("allOf").into_iter().flat_map(Node::items));
        if alternatives {
            for key in ["oneOf", "anyOf"] {
                open.extend(schema.get(key).into_iter().flat_map(Node::items));
            }
        }
    }
    found
}

/// The schema that a mapping selects, by the name of a component or by a reference.
fn mapped<'d>(document: &'d Document, from: Node<'d>, target: &str) -> Option<Located<'d>> {
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
        for part in component.node.get("allOf").into_iter().flat_map(Node::items) {
            if let Some(parent) = document.schema_target(part) {
                children.entry(parent.id()).or_default().push(index);
            }
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
    fn so_many_parts_are_searched_for_a_discriminator_and_its_property() {
        // The last part is searched first.
        let after = |others: usize, first: Value| {
            let mut parts = vec![json!({}); others];
            parts.insert(0, first);
            json!({"allOf": parts})
        };
        for (others, is_found) in [(MOST - 2, true), (MOST - 1, false)] {
            assert_eq!(
                selects(&after(others, json!({"properties": {"kind": {}}}))),
                is_found
            );
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
