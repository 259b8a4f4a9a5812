//! `readOnly` and `writeOnly`. A property that is not sent in a direction is removed before the value is judged, so
//! that it has no effect, even in closed objects. What one of several alternatives hides is removed before this
//! alternative is judged, since the name may be sent where another one is chosen.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::FixedState;
use openapi_document::{Document, Node, NodeId, SlotId, Version};
use serde_json::Value;

use super::Direction;

/// Maximum number of schemas that are visited for one value.
const MOST: usize = 2_000;

/// Maximum number of schemas that are kept as applying to the same value as others.
const KEPT: usize = 1_000_000;

/// Number of names that are looked up in a schema at the cost of one visited schema.
const LOOKED_UP: usize = 8;

/// Maximum nesting of alternatives that decide separately what is sent.
const DEEPEST: usize = 24;

/// The schemas that apply to the same value as these, through references and in-place applicators.
pub(super) fn in_place<'d>(
    document: &'d Document,
    schemas: impl IntoIterator<Item = Node<'d>>,
) -> Vec<Node<'d>> {
    conjuncts(document, schemas, false).0
}

/// The schemas that apply to the same value as these, and the lists of alternatives beside them, if these are kept
/// `apart`.
fn conjuncts<'d>(
    document: &'d Document,
    schemas: impl IntoIterator<Item = Node<'d>>,
    apart: bool,
) -> (Vec<Node<'d>>, Vec<Vec<Node<'d>>>) {
    let (mut found, mut alternatives) = (Vec::new(), Vec::new());
    let mut seen: HashSet<NodeId, FixedState> = HashSet::default();
    let mut open: Vec<Node<'d>> = schemas.into_iter().collect();
    while let Some(schema) = open.pop() {
        if found.len() == MOST || !schema.is_object() || !seen.insert(schema.id()) {
            continue;
        }
        found.push(schema);
        open.extend(document.schema_target(schema));
        if document.version() == Version::V3_0 && schema.text("$ref").is_some() {
            continue;
        }
        for key in ["allOf", "anyOf", "oneOf"] {
            let parts = schema.get(key).into_iter().flat_map(Node::items);
            if apart && key != "allOf" && parts.clone().count() > 1 {
                alternatives.push(parts.collect());
            } else {
                open.extend(parts);
            }
        }
        for key in ["then", "else"] {
            open.extend(schema.get(key));
        }
        let dependent = schema.get("dependentSchemas").into_iter();
        open.extend(dependent.flat_map(|it| it.members().values().collect::<Vec<_>>()));
    }
    (found, alternatives)
}

/// The names of properties that are not sent: an index into the sets of [`Unsent`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Names(usize);

/// Caches which properties of a document are not sent.
#[derive(Default)]
pub(super) struct Unsent {
    /// The distinct sets of names except the empty one, and the index of each.
    sets: Vec<Arc<BTreeSet<String>>>,
    numbers: HashMap<Arc<BTreeSet<String>>, Names>,
    of: HashMap<(NodeId, Direction), Names, FixedState>,
    /// What each alternative says of the names in its value.
    said: HashMap<(NodeId, Direction), Arc<Said>, FixedState>,
    /// The schemas that apply to the same value as each of these, and their number.
    conjuncts: HashMap<NodeId, Box<[SlotId]>, FixedState>,
    kept: usize,
    /// The number of schemas and values that were visited for the last value.
    visited: usize,
    /// Whether the document mentions the keyword of a direction.
    is_said: HashMap<Direction, bool>,
    /// Whether a schema itself declares such a property.
    declares: HashMap<(NodeId, Direction), bool, FixedState>,
}

impl Unsent {
    fn is_said(&mut self, document: &Document, direction: Direction) -> bool {
        let is_said = self.is_said.entry(direction);
        *is_said.or_insert_with(|| document.mentions(direction.unsent()))
    }

    /// The names of the properties that are not sent, as declared by this schema or by others that apply to the same
    /// value.
    pub(super) fn of(&mut self, document: &Document, schema: Node<'_>, direction: Direction) -> Names {
        if !self.is_said(document, direction) {
            return Names::default();
        }
        let key = (schema.id(), direction);
        if let Some(known) = self.of.get(&key) {
            return *known;
        }
        let names = self.hidden(document, &[schema], direction);
        let number = self.intern(names);
        self.of.insert(key, number);
        number
    }

    /// The names of both sets.
    pub(super) fn both(&mut self, one: Names, other: Names) -> Names {
        if one == other || other == Names::default() {
            return one;
        }
        let sets = [one, other].into_iter().filter_map(|it| self.set(it));
        let names = sets.flatten().cloned().collect();
        self.intern(names)
    }

    fn intern(&mut self, names: BTreeSet<String>) -> Names {
        if names.is_empty() {
            return Names::default();
        }
        let names = Arc::new(names);
        let next = Names(self.sets.len() + 1);
        let number = *self.numbers.entry(Arc::clone(&names)).or_insert(next);
        if number == next {
            self.sets.push(names);
        }
        number
    }

    fn set(&self, names: Names) -> Option<&BTreeSet<String>> {
        let set = names.0.checked_sub(1).and_then(|index| self.sets.get(index));
        set.map(Arc::as_ref)
    }

    /// Whether a set contains a name.
    pub(super) fn contains(&self, names: Names, name: &str) -> bool {
        self.set(names).is_some_and(|set| set.contains(name))
    }

    /// The number of schemas and values that were visited for the last value.
    pub(super) fn visited(&self) -> usize {
        self.visited
    }

    /// The same for several schemas; `None` if there are no such names. The names of one schema are kept.
    fn all_hidden(
        &mut self,
        document: &Document,
        schemas: &[Node<'_>],
        direction: Direction,
    ) -> Option<Arc<BTreeSet<String>>> {
        if let [schema] = schemas {
            self.visited += 1;
            let names = self.of(document, *schema, direction);
            let index = names.0.checked_sub(1)?;
            return self.sets.get(index).cloned();
        }
        Some(Arc::new(self.hidden(document, schemas, direction)))
    }

    /// The schemas that apply to the same value as these, apart from alternatives. Those of one schema are kept.
    fn conjuncts<'d>(&mut self, document: &'d Document, schemas: Vec<Node<'d>>) -> Vec<Node<'d>> {
        let alone = match *schemas {
            [schema] => Some(schema.id()),
            _ => None,
        };
        if let Some(known) = alone.and_then(|it| self.conjuncts.get(&it)) {
            self.visited += 1;
            return known.iter().filter_map(|it| document.stored(*it)).collect();
        }
        let (found, _) = conjuncts(document, schemas, true);
        self.visited += found.len();
        if let Some(alone) = alone
            && self.kept + found.len() <= KEPT
        {
            self.kept += found.len();
            self.conjuncts
                .insert(alone, found.iter().map(|it| it.slot_id()).collect());
        }
        found
    }

    /// The names that are not sent in a value to which these schemas apply.
    fn hidden(
        &mut self,
        document: &Document,
        schemas: &[Node<'_>],
        direction: Direction,
    ) -> BTreeSet<String> {
        let all = in_place(document, schemas.iter().copied());
        self.visited += all.len();
        if !all.iter().any(|it| self.declares(document, *it, direction)) {
            return BTreeSet::new();
        }
        let said = self.say(document, schemas, direction, 0);
        said.hidden.into_iter().chain(said.perhaps_hidden).collect()
    }

    /// What schemas for one value say of the names in it.
    fn say(&mut self, document: &Document, schemas: &[Node<'_>], direction: Direction, depth: usize) -> Said {
        let (conjuncts, alternatives) = conjuncts(document, schemas.iter().copied(), depth < DEEPEST);
        self.visited += conjuncts.len();
        let mut said = Said::default();
        let mut required = HashSet::new();
        for schema in conjuncts {
            let declares = self.declares(document, schema, direction);
            for (name, property) in schema.get("properties").into_iter().flat_map(Node::members) {
                let is_hidden = declares && says(document, property, direction.unsent());
                let names = if is_hidden {
                    &mut said.hidden
                } else {
                    &mut said.sent
                };
                names.insert(name.to_owned());
            }
            let names = schema.get("required").into_iter().flat_map(Node::items);
            required.extend(names.filter_map(Node::as_str));
        }
        for list in alternatives {
            let all: Vec<_> = list
                .into_iter()
                .map(|it| {
                    let key = (it.id(), direction);
                    if let Some(known) = self.said.get(&key) {
                        return Arc::clone(known);
                    }
                    // An alternative of itself says nothing more.
                    self.said.insert(key, Arc::default());
                    let said = Arc::new(self.say(document, &[it], direction, depth + 1));
                    self.said.insert(key, Arc::clone(&said));
                    said
                })
                .collect();
            let is_sent = |name: &String| all.iter().any(|it| it.sent.contains(name));
            for name in all.iter().flat_map(|it| it.hidden.union(&it.perhaps_hidden)) {
                let is_always_hidden = all.iter().all(|it| it.hidden.contains(name));
                // What is required beside the alternatives could otherwise be left out in none of them.
                if is_always_hidden || required.contains(name.as_str()) {
                    said.hidden.insert(name.clone());
                } else if !is_sent(name) {
                    said.perhaps_hidden.insert(name.clone());
                }
            }
            said.sent
                .extend(all.iter().flat_map(|it| it.sent.iter().cloned()));
        }
        said.sent.retain(|it| !said.hidden.contains(it));
        said.perhaps_hidden
            .retain(|it| !said.hidden.contains(it) && !said.sent.contains(it));
        said
    }

    /// Whether a schema itself declares a property that is not sent.
    fn declares(&mut self, document: &Document, schema: Node<'_>, direction: Direction) -> bool {
        let flag = direction.unsent();
        let declares = self.declares.entry((schema.id(), direction));
        *declares.or_insert_with(|| {
            let mut properties = schema.get("properties").into_iter().flat_map(Node::members);
            properties.any(|(_, property)| says(document, property, flag))
        })
    }
}

/// What schemas say of the names in a value.
#[derive(Default)]
struct Said {
    hidden: BTreeSet<String>,
    /// The names that some alternatives hide and none declares.
    perhaps_hidden: BTreeSet<String>,
    sent: BTreeSet<String>,
}

/// Whether a property's schema has a flag, by itself or through `$ref` and `allOf`. One of several alternatives does
/// not count, because it may not apply.
fn says(document: &Document, property: Node<'_>, flag: &str) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![property];
    while let Some(schema) = open.pop() {
        if seen.len() == MOST || !seen.insert(schema.id()) {
            continue;
        }
        if schema.get(flag).and_then(Node::as_bool) == Some(true) {
            return true;
        }
        open.extend(document.schema_target(schema));
        open.extend(schema.get("allOf").into_iter().flat_map(Node::items));
        for alternatives in ["anyOf", "oneOf"].into_iter().filter_map(|key| schema.get(key)) {
            open.extend(alternatives.items().filter(|_| alternatives.items().len() == 1));
        }
    }
    false
}

/// Removes the properties that are not sent from a value. The values of a standalone JSON Schema are never sent.
pub(super) fn travelling<'v>(
    document: &Document,
    schema: Node<'_>,
    direction: Direction,
    value: &'v Value,
    unsent: &mut Unsent,
) -> Cow<'v, Value> {
    if document.version() == Version::JsonSchema || !unsent.is_said(document, direction) {
        return Cow::Borrowed(value);
    }
    unsent.visited = 0;
    match strip(document, vec![schema], direction, value, unsent) {
        Some(value) => Cow::Owned(value),
        None => Cow::Borrowed(value),
    }
}

/// The value without the properties that are not sent; `None` if nothing changes.
fn strip<'d>(
    document: &'d Document,
    schemas: Vec<Node<'d>>,
    direction: Direction,
    value: &Value,
    known: &mut Unsent,
) -> Option<Value> {
    match value {
        Value::Object(members) if !schemas.is_empty() => {
            let unsent = known.all_hidden(document, &schemas, direction);
            let schemas = known.conjuncts(document, schemas);
            known.visited += members.len() + members.len().saturating_mul(schemas.len()) / LOOKED_UP;
            let mut kept = None;
            for (name, value) in members {
                if unsent.as_ref().is_some_and(|it| it.contains(name)) {
                    kept.get_or_insert_with(|| members.clone()).remove(name);
                    continue;
                }
                let inside = schemas.iter().filter_map(|schema| {
                    let declared = schema.get("properties").and_then(|it| it.get(name));
                    declared.or_else(|| schema.get("additionalProperties"))
                });
                if let Some(value) = strip(document, inside.collect(), direction, value, known) {
                    kept.get_or_insert_with(|| members.clone())
                        .insert(name.clone(), value);
                }
            }
            kept.map(Value::Object)
        }
        Value::Array(items) if !schemas.is_empty() => {
            let schemas = known.conjuncts(document, schemas);
            known.visited += items.len() + items.len().saturating_mul(schemas.len()) / LOOKED_UP;
            let mut kept = None;
            for (index, value) in items.iter().enumerate() {
                let inside = schemas.iter().filter_map(|schema| {
                    let prefix = schema.get("prefixItems").and_then(|it| it.at(index));
                    prefix.or_else(|| schema.get("items"))
                });
                if let Some(value) = strip(document, inside.collect(), direction, value, known) {
                    kept.get_or_insert_with(|| items.clone())[index] = value;
                }
            }
            kept.map(Value::Array)
        }
        _ => None,
    }
}
