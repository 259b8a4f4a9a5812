//! The definitions of referenced schemas. Schemas of either document that are identical, including everything they
//! refer to, share one definition, so that unchanged schemas are never compared.

use std::fmt::Write as _;

use openapi_document::{Document, Node, NodeId, Version};

use super::carrier::Carrier;
use super::formula::{DefId, FormulaId, Map, OpaqueId};
use super::reading::{At, Mode};
use crate::schema::canonical::Canonical;

/// Maximum number of rounds in which schemas are distinguished by their references.
const LONGEST_CHAIN: usize = 150;

/// The meaning of a definition.
#[derive(Clone, Copy)]
pub(super) enum Defined<'d> {
    /// A referenced schema, and how it is read.
    Schema(At<'d>),
    /// The written forms of a formula's values under a carrier.
    Texts(FormulaId, Carrier),
}

/// A formula that is computed when it is first needed.
pub(super) struct Definition<'d> {
    pub(super) of: Defined<'d>,
    pub(super) body: Option<FormulaId>,
    /// The progress of the check for a reference to itself without a step into the value.
    pub(super) check: Check,
}

/// The progress of the check of a definition for a reference to itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    Unchecked,
    /// The check is in progress.
    Open,
    /// The formula of the definition does not lead back to the definition.
    Sound,
}

/// All definitions of a comparison.
#[derive(Default)]
pub(super) struct Definitions<'d> {
    all: Vec<Definition<'d>>,
    ids: Map<(u32, Mode), DefId>,
    texts: Map<(FormulaId, Carrier), DefId>,
    /// The class of each referenced schema.
    classes: Map<NodeId, u32>,
    next_class: u32,
    /// Whether all documents are the same, so that names defined within them are, too.
    are_alike: bool,
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

    /// Defines the written forms of a formula's values under a carrier.
    pub(super) fn define_texts(&mut self, values: FormulaId, carrier: Carrier) -> DefId {
        let next = self.next();
        let id = *self.texts.entry((values, carrier)).or_insert(next);
        if id == next {
            self.push(Defined::Texts(values, carrier));
        }
        id
    }

    /// The same definition, if it exists.
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
            check: Check::Unchecked,
        });
    }

    pub(super) fn get(&self, id: DefId) -> &Definition<'d> {
        &self.all[id.0 as usize]
    }

    pub(super) fn set_body(&mut self, id: DefId, body: FormulaId) {
        self.all[id.0 as usize].body = Some(body);
    }

    pub(super) fn set_check(&mut self, id: DefId, check: Check) {
        self.all[id.0 as usize].check = check;
    }

    /// The existing definitions of the same schema that admit every value of this one: the open reading, and the open
    /// reading with overlapping alternatives.
    pub(super) fn wider(&self, id: DefId) -> [Option<DefId>; 2] {
        let Defined::Schema(at) = self.get(id).of else {
            return [None; 2];
        };
        let (open, lenient) = (at.mode.open(), at.mode.open().taking_overlaps(true));
        let is_lenient = at.mode.takes_overlaps;
        let wider = [(open, !is_lenient), (lenient, true)];
        let Some(class) = self.classes.get(&at.node.id()) else {
            return [None; 2];
        };
        wider.map(|(mode, is_wider)| {
            let known = is_wider.then(|| self.ids.get(&(*class, mode)).copied()).flatten();
            known.filter(|it| *it != id)
        })
    }

    /// A text that two schemas share only if they have the same meaning.
    pub(super) fn identity(&mut self, at: At<'d>, document: &'d Document) -> String {
        let number = if self.are_alike { 0 } else { at.source };
        let Canonical { text, references, .. } = Canonical::of(at.node, number, document);
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

    /// Computes the classes of all referenced schemas in the documents. Schemas are first grouped by their own text,
    /// and then split by the classes of their references until nothing changes.
    pub(super) fn classify(&mut self, documents: &[&'d Document]) {
        // A name that is defined within one document has the same meaning in a copy of the document.
        self.are_alike = documents.windows(2).all(|pair| {
            let [one, other] = [pair[0], pair[1]];
            one.has_ids() && one.is_copy_of(other)
        });
        let mut targets: Vec<(usize, Node<'d>)> = Vec::new();
        let mut index: Map<NodeId, usize> = Map::default();
        for (number, document) in documents.iter().enumerate() {
            let components = document.root().pointer("/components/schemas").into_iter();
            let components = components.flat_map(|it| it.members().values());
            let whole = (document.version() == Version::JsonSchema).then_some(document.root());
            for schema in components.chain(whole) {
                // Both sides may be the same document.
                index.entry(schema.id()).or_insert_with(|| {
                    targets.push((number, schema));
                    targets.len() - 1
                });
            }
        }
        let mut contents: Map<String, u32> = Map::default();
        let mut classes: Vec<u32> = Vec::new();
        let mut edges: Vec<Vec<usize>> = Vec::new();
        let mut at = 0;
        while at < targets.len() {
            let (number, schema) = targets[at];
            let own = if self.are_alike { 0 } else { number };
            let writer = Canonical::of(schema, own, documents[number]);
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
        let count = Refinement {
            edges,
            classes: &mut classes,
        }
        .refine(contents.len());
        for ((_, schema), class) in targets.iter().zip(&classes) {
            self.classes.insert(schema.id(), *class);
        }
        self.next_class = u32::try_from(count).unwrap_or(u32::MAX);
    }
}

/// Splits classes of schemas until all schemas of a class refer to the same classes.
struct Refinement<'c> {
    /// The schemas to which each schema refers, in order.
    edges: Vec<Vec<usize>>,
    /// The class of each schema, at first by its own text.
    classes: &'c mut Vec<u32>,
}

/// A class, and the classes to which its schemas refer.
type Key = (u32, Vec<u32>);

impl Refinement<'_> {
    /// Refines the first `count` classes, and returns the final number of classes.
    fn refine(mut self, count: usize) -> usize {
        let mut next = u32::try_from(count).unwrap_or(u32::MAX);
        let circular = self.refine_upwards(&mut next);
        let mut known = None;
        for _ in 0..LONGEST_CHAIN {
            let mut keys: Map<Key, u32> = Map::default();
            let refined: Vec<u32> = circular
                .iter()
                .map(|at| {
                    let own = u32::try_from(keys.len()).unwrap_or(u32::MAX);
                    *keys.entry(self.key(*at)).or_insert(next.saturating_add(own))
                })
                .collect();
            for (at, class) in circular.iter().zip(refined) {
                self.classes[*at] = class;
            }
            next = next.saturating_add(u32::try_from(keys.len()).unwrap_or(u32::MAX));
            if known.replace(keys.len()) == Some(keys.len()) {
                return next as usize;
            }
        }
        // No real document has such long chains into a cycle. Each of the remaining schemas gets its own class.
        for at in circular {
            self.classes[at] = next;
            next = next.saturating_add(1);
        }
        next as usize
    }

    fn key(&self, at: usize) -> Key {
        let out = self.edges[at].iter().map(|to| self.classes[*to]).collect();
        (self.classes[at], out)
    }

    /// Computes the final classes of all schemas that lead into no cycle, deeper ones first. Returns the others.
    fn refine_upwards(&mut self, next: &mut u32) -> Vec<usize> {
        let mut above: Vec<Vec<usize>> = vec![Vec::new(); self.edges.len()];
        let mut open: Vec<usize> = vec![0; self.edges.len()];
        for (at, out) in self.edges.iter().enumerate() {
            open[at] = out.len();
            for to in out {
                above[*to].push(at);
            }
        }
        let mut ready: Vec<usize> = (0..open.len()).filter(|at| open[*at] == 0).collect();
        let mut keys: Map<Key, u32> = Map::default();
        while let Some(at) = ready.pop() {
            self.classes[at] = *keys.entry(self.key(at)).or_insert(*next);
            if self.classes[at] == *next {
                *next = next.saturating_add(1);
            }
            for from in std::mem::take(&mut above[at]) {
                open[from] -= 1;
                if open[from] == 0 {
                    ready.push(from);
                }
            }
        }
        (0..open.len()).filter(|at| open[*at] > 0).collect()
    }
}
