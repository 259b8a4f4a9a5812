//! Schemas that are referred to. Two of them are one when they are written alike as far as references reach, in either
//! document, so that what did not change is never compared.

use std::fmt::Write as _;

use openapi_document::{Document, Node, NodeId, Version};

use super::carrier::Carrier;
use super::formula::{DefId, FormulaId, Map, OpaqueId};
use super::reading::{At, Mode};
use crate::schema::canonical::Canonical;

/// Rounds in which schemas are told apart by what they refer to.
const LONGEST_CHAIN: usize = 150;

/// The meaning of a definition.
#[derive(Clone, Copy)]
pub(super) enum Defined<'d> {
    /// A schema that is referred to, and how it is read.
    Schema(At<'d>),
    /// The written forms of a formula's values under a carrier.
    Texts(FormulaId, Carrier),
}

/// A formula that is made when it is first needed.
pub(super) struct Definition<'d> {
    pub(super) of: Defined<'d>,
    pub(super) body: Option<FormulaId>,
    /// The definition was checked for a reference to itself without a step into the value.
    pub(super) is_sound: bool,
}

/// All definitions of a comparison.
#[derive(Default)]
pub(super) struct Definitions<'d> {
    all: Vec<Definition<'d>>,
    ids: Map<(u32, Mode), DefId>,
    texts: Map<(FormulaId, Carrier), DefId>,
    /// The class of each schema that is referred to.
    classes: Map<NodeId, u32>,
    next_class: u32,
    opaque: Map<String, OpaqueId>,
    reasons: Vec<String>,
}

impl<'d> Definitions<'d> {
    pub(super) fn define(&mut self, at: At<'d>) -> DefId {
        let class = self.class(at.node);
        let next = self.next();
        let id = *self.ids.entry((class, at.mode)).or_insert(next);
        if id == next {
            self.push(Defined::Schema(at));
        }
        id
    }

    /// The written forms of a formula's values under a carrier.
    pub(super) fn define_texts(&mut self, values: FormulaId, carrier: Carrier) -> DefId {
        let next = self.next();
        let id = *self.texts.entry((values, carrier)).or_insert(next);
        if id == next {
            self.push(Defined::Texts(values, carrier));
        }
        id
    }

    /// The same, if it was ever defined.
    pub(super) fn known_texts(&self, values: FormulaId, carrier: Carrier) -> Option<DefId> {
        self.texts.get(&(values, carrier)).copied()
    }

    fn next(&self) -> DefId {
        DefId(u32::try_from(self.all.len()).expect("fewer than 2^32 schemas"))
    }

    fn push(&mut self, of: Defined<'d>) {
        self.all.push(Definition {
            of,
            body: None,
            is_sound: false,
        });
    }

    pub(super) fn get(&self, id: DefId) -> &Definition<'d> {
        &self.all[id.0 as usize]
    }

    pub(super) fn set_body(&mut self, id: DefId, body: FormulaId) {
        self.all[id.0 as usize].body = Some(body);
    }

    pub(super) fn set_sound(&mut self, id: DefId) {
        self.all[id.0 as usize].is_sound = true;
    }

    /// The readings of a definition that admit all that it admits, as far as anything refers to the schema so: the open
    /// one, and that one with alternatives that may overlap.
    pub(super) fn wider(&self, id: DefId) -> impl Iterator<Item = DefId> {
        let at = match self.get(id).of {
            Defined::Schema(at) => Some(at),
            Defined::Texts(..) => None,
        };
        let class = at.and_then(|at| self.classes.get(&at.node.id()));
        let open = at.zip(class).map(|(at, class)| (at.mode.open(), *class));
        let letter = open.filter(|(mode, _)| !mode.takes_overlaps);
        let lenient = open.map(|(mode, class)| (mode.taking_overlaps(true), class));
        let readings = letter.into_iter().chain(lenient);
        let known = readings.filter_map(|(mode, class)| self.ids.get(&(class, mode)).copied());
        known.filter(move |it| *it != id)
    }

    /// A text that two schemas share only when they mean the same.
    pub(super) fn identity(&mut self, at: At<'d>, document: &'d Document) -> String {
        let Canonical { text, references, .. } = Canonical::of(at.node, at.source, document);
        let mut text = format!("{:?} {text}", at.mode);
        for target in references {
            let _ = write!(text, " {}", self.class(target));
        }
        text
    }

    fn class(&mut self, schema: Node<'d>) -> u32 {
        *self.classes.entry(schema.id()).or_insert_with(|| {
            self.next_class += 1;
            self.next_class - 1
        })
    }

    pub(super) fn opaque(&mut self, text: &str, why: &str) -> OpaqueId {
        let next = OpaqueId(u32::try_from(self.reasons.len()).expect("fewer than 2^32 schemas"));
        let id = *self.opaque.entry(text.to_owned()).or_insert(next);
        if id == next {
            self.reasons.push(why.to_owned());
        }
        id
    }

    pub(super) fn reason(&self, id: OpaqueId) -> &str {
        &self.reasons[id.0 as usize]
    }

    /// Finds the classes of all that is referred to in the documents: first what is written alike between references,
    /// then, until nothing changes, what also refers to the like.
    pub(super) fn classify(&mut self, documents: &[&'d Document]) {
        let mut targets: Vec<(usize, Node<'d>)> = Vec::new();
        let mut index: Map<NodeId, usize> = Map::default();
        for (number, document) in documents.iter().enumerate() {
            let components = document.root().pointer("/components/schemas").into_iter();
            let components = components.flat_map(|it| it.members().values());
            let whole = (document.version() == Version::JsonSchema).then_some(document.root());
            for schema in components.chain(whole) {
                // The same document may stand on both sides.
                if schema.is_object() && !index.contains_key(&schema.id()) {
                    index.insert(schema.id(), targets.len());
                    targets.push((number, schema));
                }
            }
        }
        let mut contents: Map<String, u32> = Map::default();
        let mut classes: Vec<u32> = Vec::new();
        let mut edges: Vec<Vec<usize>> = Vec::new();
        let mut at = 0;
        while at < targets.len() {
            let (number, schema) = targets[at];
            let writer = Canonical::of(schema, number, documents[number]);
            let mut out = Vec::with_capacity(writer.references.len());
            for target in writer.references {
                out.push(*index.entry(target.id()).or_insert_with(|| {
                    targets.push((number, target));
                    targets.len() - 1
                }));
            }
            let next = u32::try_from(contents.len()).unwrap_or(u32::MAX);
            classes.push(*contents.entry(writer.text).or_insert(next));
            edges.push(out);
            at += 1;
        }
        let mut count = contents.len();
        let mut rounds = 0;
        loop {
            // Chains of references longer than any document has: what stands in it is like nothing else.
            rounds += 1;
            if rounds > LONGEST_CHAIN {
                count = targets.len();
                classes = (0..u32::try_from(count).unwrap_or(u32::MAX)).collect();
                break;
            }
            let mut keys: Map<(u32, Vec<u32>), u32> = Map::default();
            let next: Vec<u32> = (0..targets.len())
                .map(|at| {
                    let out = edges[at].iter().map(|to| classes[*to]).collect();
                    let next = u32::try_from(keys.len()).unwrap_or(u32::MAX);
                    *keys.entry((classes[at], out)).or_insert(next)
                })
                .collect();
            classes = next;
            if keys.len() == count {
                break;
            }
            count = keys.len();
        }
        for ((_, schema), class) in targets.iter().zip(&classes) {
            self.classes.insert(schema.id(), *class);
        }
        self.next_class = u32::try_from(count).unwrap_or(u32::MAX);
    }
}
