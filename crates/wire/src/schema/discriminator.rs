//! `discriminator`: the value of one property, the tag, selects the schema that applies.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::FixedState;
use openapi_document::{Document, Node, NodeId, SlotId, pointer};
use serde_json::Value;

use super::travelling::in_place;

/// Maximum number of components that are searched for one discriminator.
const MOST: usize = 10_000;
/// Maximum number of nested lists of one schema that are looked through.
const MOST_LISTS: usize = 8;

/// What was read so far about the discriminators of one document.
#[derive(Debug, Default)]
pub(super) struct Choices {
    /// The selection of each schema with a discriminator.
    selections: HashMap<NodeId, Arc<Selection>, FixedState>,
    /// What each schema says about each property with a tag. Many discriminators may select the same schemas.
    said: HashMap<String, HashMap<SlotId, Said, FixedState>>,
    heirs: Option<Heirs>,
}

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
        if let Some(known) = self.selections.get(&schema.id()) {
            return (Arc::clone(known), 0);
        }
        let mut visited = 0;
        let choices = self.choices(document, schema, property, &mut visited);
        let tags = choices.iter().enumerate();
        let by_tag = tags.flat_map(|(index, it)| it.tags.iter().map(move |tag| (tag.clone(), index)));
        let by_tag = by_tag.collect();
        let selection = Arc::new(Selection { choices, by_tag });
        self.selections.insert(schema.id(), Arc::clone(&selection));
        (selection, visited)
    }

    /// Visits the schemas that may be selected, to find the tags that select each.
    fn choices(
        &mut self,
        document: &Document,
        schema: Node<'_>,
        property: &str,
        visited: &mut usize,
    ) -> Vec<Choice> {
        // The schemas that may be selected, by name: the alternatives, or else the heirs through `allOf`.
        let named = if is_list(schema) {
            alternatives(document, schema)
        } else {
            self.heirs
                .get_or_insert_with(|| Heirs::of(document))
                .of_base(schema)
        };
        let mut found = mapped(document, schema, named);
        let said = self.said.entry(property.to_owned()).or_default();
        for choice in &mut found {
            let said = said
                .entry(choice.schema)
                .or_insert_with(|| Said::of(document, choice.schema, property, visited));
            choice.tags.retain(|tag| said.may_be(tag));
        }
        *visited += found.len();
        found.retain(|it| !it.tags.is_empty());
        found
    }
}

/// What a schema says about a property with a tag.
#[derive(Debug, Default)]
struct Said {
    is_declared: bool,
    /// The tags that it does not exclude; `None` stands for all.
    allowed: Option<HashSet<String>>,
}

impl Said {
    fn of(document: &Document, schema: SlotId, property: &str, visited: &mut usize) -> Self {
        let Some(schema) = document.stored(schema) else {
            return Self::default();
        };
        let parts = in_place(document, [schema]);
        let values = values(document, schema, property);
        *visited += parts.len() + values.len();
        let is_declared = |part: &Node<'_>| part.get("properties").and_then(|it| it.get(property)).is_some();
        let mut allowed: Option<HashSet<String>> = None;
        for list in values.into_iter().flat_map(listed) {
            *visited += list.len();
            allowed = Some(match allowed {
                Some(known) => known.into_iter().filter(|it| list.contains(&**it)).collect(),
                None => list.into_iter().map(str::to_owned).collect(),
            });
        }
        Self {
            is_declared: parts.iter().any(is_declared),
            allowed,
        }
    }

    /// Whether a tag may select the schema. A tag that its schema excludes has no effect.
    fn may_be(&self, tag: &str) -> bool {
        self.is_declared && self.allowed.as_ref().is_none_or(|it| it.contains(tag))
    }
}

/// The texts that the own keywords of a schema list: its `enum` and its `const`.
fn listed(schema: Node<'_>) -> impl Iterator<Item = HashSet<&str>> {
    let listed = schema.get("enum").filter(|it| it.is_array());
    let listed = listed.map(|it| it.items().filter_map(Node::as_str).collect());
    let only = schema.get("const").map(|it| it.as_str().into_iter().collect());
    listed.into_iter().chain(only)
}

/// The schemas that the discriminator of a schema selects.
pub(super) fn selected<'d>(document: &'d Document, schema: Node<'d>) -> Vec<Node<'d>> {
    let Some(property) = schema.get("discriminator").and_then(|it| it.text("propertyName")) else {
        return Vec::new();
    };
    let (selection, _) = Choices::default().of(document, schema, property);
    let selected = selection.choices.iter();
    selected.filter_map(|it| document.stored(it.schema)).collect()
}

/// Whether a schema has a list of alternatives.
pub(super) fn is_list(schema: Node<'_>) -> bool {
    ["oneOf", "anyOf"]
        .into_iter()
        .any(|key| schema.get(key).is_some_and(Node::is_array))
}

/// The schemas that the mapping of a discriminator selects with their tags, and the named ones that it does not select.
fn mapped(document: &Document, schema: Node<'_>, named: Vec<(Option<String>, SlotId)>) -> Vec<Choice> {
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

/// The components of a document, and those that inherit from each schema through `allOf`.
#[derive(Debug)]
struct Heirs {
    components: Vec<(String, SlotId)>,
    /// The indices of the components that inherit directly.
    children: HashMap<SlotId, Vec<usize>>,
}

impl Heirs {
    fn of(document: &Document) -> Self {
        let components = document.root().pointer("/components/schemas");
        let components = components.into_iter().flat_map(Node::members).take(MOST);
        let mut children: HashMap<SlotId, Vec<usize>> = HashMap::new();
        for (index, (_, component)) in components.clone().enumerate() {
            let mut open = vec![component];
            while let Some(schema) = open.pop() {
                let all_of = schema.get("allOf").into_iter().flat_map(Node::items);
                let only = only_entry(schema).filter(|_| schema.get("allOf").is_none());
                for part in all_of.chain(only) {
                    if let Some(parent) = document.schema_target(part) {
                        children.entry(parent.slot_id()).or_default().push(index);
                    }
                    open.push(part);
                }
            }
        }
        Self {
            components: components
                .map(|(name, it)| (name.to_owned(), it.slot_id()))
                .collect(),
            children,
        }
    }

    /// The components that inherit from a schema, directly or through others, with their names.
    fn of_base(&self, base: Node<'_>) -> Vec<(Option<String>, SlotId)> {
        let mut heirs = BTreeSet::new();
        let mut open = vec![base.slot_id()];
        while let Some(ancestor) = open.pop() {
            for &index in self.children.get(&ancestor).into_iter().flatten() {
                if self.components[index].1 != base.slot_id() && heirs.insert(index) {
                    open.push(self.components[index].1);
                }
            }
        }
        let heirs = heirs.into_iter().map(|index| &self.components[index]);
        heirs.map(|(name, id)| (Some(name.clone()), *id)).collect()
    }
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
