//! `discriminator`: the value of one property, the tag, selects the schema that applies.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::FixedState;
use openapi_document::{Document, Node, NodeId, SlotId, pointer};
use serde_json::Value;

use super::travelling::in_place;

/// Maximum number of components that are searched for one discriminator.
const MOST: usize = 10_000;
/// Maximum number of nested lists of one schema that are looked through.
const MOST_LISTS: usize = 8;

/// The selections of each schema with a discriminator that was read so far.
#[derive(Debug, Default)]
pub(super) struct Choices(HashMap<NodeId, Arc<Selection>, FixedState>);

/// The schemas that the tags of one schema select.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) choices: Vec<Choice>,
    /// The index of the choice for each tag.
    by_tag: HashMap<String, usize>,
}

impl Selection {
    /// The schema that the tag in a property of a value selects.
    pub(super) fn chosen<'d>(
        &self,
        document: &'d Document,
        value: &Value,
        property: &str,
    ) -> Option<Node<'d>> {
        let tag = value.get(property)?.as_str()?;
        document.stored(self.choices[*self.by_tag.get(tag)?].schema)
    }
}

/// A schema and the tags that select it.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) tags: Vec<String>,
    pub(super) schema: SlotId,
}

impl Choices {
    /// The selection of a schema, and the number of schemas that were visited to find it.
    pub(super) fn of(
        &mut self,
        document: &Document,
        schema: Node<'_>,
        property: &str,
    ) -> (Arc<Selection>, usize) {
        let mut visited = 0;
        let find = || {
            let choices = choices(document, schema, property, &mut visited);
            let tags = choices.iter().enumerate();
            let by_tag = tags.flat_map(|(index, it)| it.tags.iter().map(move |tag| (tag.clone(), index)));
            let by_tag = by_tag.collect();
            Arc::new(Selection { choices, by_tag })
        };
        let selection = Arc::clone(self.0.entry(schema.id()).or_insert_with(find));
        (selection, visited)
    }
}

/// The schemas that the discriminator of a schema selects.
pub(super) fn selected<'d>(document: &'d Document, schema: Node<'d>) -> Vec<Node<'d>> {
    let property = schema.get("discriminator").and_then(|it| it.text("propertyName"));
    let choices = property.map_or_else(Vec::new, |it| choices(document, schema, it, &mut 0));
    let selected = choices.iter().filter_map(|it| document.stored(it.schema));
    selected.collect()
}

/// Whether a schema has a list of alternatives.
pub(super) fn is_list(schema: Node<'_>) -> bool {
    ["oneOf", "anyOf"]
        .into_iter()
        .any(|key| schema.get(key).is_some_and(Node::is_array))
}

fn choices(document: &Document, schema: Node<'_>, property: &str, visited: &mut usize) -> Vec<Choice> {
    // The schemas that may be selected, by name: the alternatives, or else the heirs through `allOf`.
    let named = if is_list(schema) {
        alternatives(document, schema)
    } else {
        heirs(document, schema)
    };
    let mut found: Vec<Choice> = Vec::new();
    // The index of each schema in `found`.
    let mut places: HashMap<SlotId, usize> = HashMap::new();
    let mut taken = HashSet::new();
    let listed: Option<HashSet<SlotId>> =
        is_list(schema).then(|| named.iter().map(|(_, target)| *target).collect());
    let mapping = schema.get("discriminator").and_then(|it| it.get("mapping"));
    for (tag, target) in mapping.into_iter().flat_map(Node::members) {
        let Some(target) = target.as_str().and_then(|it| target_of(document, schema, it)) else {
            continue;
        };
        taken.insert(tag.to_owned());
        if listed.as_ref().is_some_and(|listed| !listed.contains(&target)) {
            continue;
        }
        let place = *places.entry(target).or_insert(found.len());
        if place == found.len() {
            found.push(Choice {
                tags: Vec::new(),
                schema: target,
            });
        }
        found[place].tags.push(tag.to_owned());
    }
    for (name, target) in named {
        if let Some(name) = name
            && !places.contains_key(&target)
            && taken.insert(name.clone())
        {
            places.insert(target, found.len());
            found.push(Choice {
                tags: vec![name],
                schema: target,
            });
        }
    }
    for choice in &mut found {
        let Some(chosen) = document.stored(choice.schema) else {
            choice.tags.clear();
            continue;
        };
        let parts = in_place(document, [chosen]);
        let values = values(document, chosen, property);
        *visited += parts.len() + values.len();
        let is_declared = |part: &Node<'_>| part.get("properties").and_then(|it| it.get(property)).is_some();
        let has_property = parts.iter().any(is_declared);
        let may_be = |tag: &String| has_property && !values.iter().any(|value| refuses(*value, tag));
        choice.tags.retain(may_be);
    }
    *visited += found.len();
    found.retain(|it| !it.tags.is_empty());
    found
}

/// The alternatives with their names. An alternative that is itself only a list of alternatives has
/// no tag.
fn alternatives(document: &Document, schema: Node<'_>) -> Vec<(Option<String>, SlotId)> {
    let lists = ["oneOf", "anyOf"].into_iter().filter_map(|key| schema.get(key));
    let mut found = Vec::new();
    for branch in lists.flat_map(Node::items) {
        let branch = unwrapped(branch);
        let Some(reference) = branch.text("$ref") else {
            continue;
        };
        if let Ok(target) = document.resolve_schema(branch, reference) {
            let has_name = !is_list(target.node) || target.node.get("properties").is_some();
            let (file, place) = reference.split_once('#').unwrap_or((reference, ""));
            let name = if let Some((_, name)) = place.rsplit_once('/') {
                pointer::unescape(name).into_owned()
            } else {
                // A file that contains one schema is named without its extension.
                let name = file.rsplit('/').next().unwrap_or(file);
                name.split('.').next().unwrap_or(name).to_owned()
            };
            found.push((has_name.then_some(name), target.node.slot_id()));
        }
    }
    found
}

/// The schema that stands alone in lists of one schema.
fn unwrapped(schema: Node<'_>) -> Node<'_> {
    let mut schema = schema;
    for _ in 0..MOST_LISTS {
        let Some(only) = only_entry(schema) else { break };
        schema = only;
    }
    schema
}

/// The only entry of a list, if a schema consists of that list.
fn only_entry(schema: Node<'_>) -> Option<Node<'_>> {
    let says = |key: &str| !matches!(key, "title" | "description");
    let mut members = schema.members().filter(|(key, _)| says(key));
    let (Some(("allOf" | "anyOf" | "oneOf", list)), None) = (members.next(), members.next()) else {
        return None;
    };
    let mut items = list.items();
    let (only, None) = (items.next()?, items.next()) else {
        return None;
    };
    Some(only)
}

/// The components that inherit from a schema, directly or through others.
fn heirs(document: &Document, base: Node<'_>) -> Vec<(Option<String>, SlotId)> {
    let components = document.root().pointer("/components/schemas");
    let components = components.into_iter().flat_map(Node::members).take(MOST);
    let mut children: HashMap<SlotId, Vec<SlotId>> = HashMap::new();
    for component in components.clone().map(|(_, component)| component) {
        let mut open = vec![component];
        while let Some(schema) = open.pop() {
            let all_of = schema.get("allOf").into_iter().flat_map(Node::items);
            let only = only_entry(schema).filter(|_| schema.get("allOf").is_none());
            for part in all_of.chain(only) {
                if let Some(parent) = document.schema_target(part) {
                    let own = children.entry(parent.slot_id()).or_default();
                    own.push(component.slot_id());
                }
                open.push(part);
            }
        }
    }
    let mut heirs = HashSet::new();
    let mut open = vec![base.slot_id()];
    while let Some(ancestor) = open.pop() {
        let own = children.get(&ancestor).into_iter().flatten();
        open.extend(own.copied().filter(|heir| heirs.insert(*heir)));
    }
    heirs.remove(&base.slot_id());
    components
        .map(|(name, component)| (name, component.slot_id()))
        .filter(|(_, id)| heirs.contains(id))
        .map(|(name, id)| (Some(name.to_owned()), id))
        .collect()
}

/// A mapping's target, which is the name of a component or a reference.
fn target_of(document: &Document, from: Node<'_>, target: &str) -> Option<SlotId> {
    let component = document
        .at("/components/schemas")
        .filter(|_| !target.contains(['/', '#']))
        .and_then(|it| it.get(target));
    let target = component.or_else(|| Some(document.resolve_schema(from, target).ok()?.node))?;
    Some(target.slot_id())
}

/// The schemas that a value of the property must satisfy in every value of a schema.
fn values<'d>(document: &'d Document, schema: Node<'d>, property: &str) -> Vec<Node<'d>> {
    let certain = required_parts(document, schema).into_iter();
    let values = certain.filter_map(|part| part.get("properties")?.get(property));
    values.flat_map(|value| required_parts(document, value)).collect()
}

/// Whether the own keywords of a schema exclude a tag. A tag that its schema excludes has no effect.
fn refuses(schema: Node<'_>, tag: &str) -> bool {
    let listed = schema.get("enum").filter(|it| it.is_array());
    listed.is_some_and(|it| it.items().all(|it| it.as_str() != Some(tag)))
        || schema.get("const").is_some_and(|it| it.as_str() != Some(tag))
}

/// The schema and the schemas that it includes through `$ref` and `allOf`, without alternatives.
fn required_parts<'d>(document: &'d Document, schema: Node<'d>) -> Vec<Node<'d>> {
    let (mut found, mut next): (Vec<Node<'d>>, _) = (vec![schema], 0);
    let mut seen = HashSet::from([schema.id()]);
    while let Some(part) = found.get(next).copied().filter(|_| found.len() < MOST) {
        next += 1;
        let parts = part.get("allOf").into_iter().flat_map(Node::items);
        let more = parts.chain(document.schema_target(part));
        found.extend(more.filter(|part| seen.insert(part.id())));
    }
    found
}
