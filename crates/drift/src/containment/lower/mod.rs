//! Lowers schemas to formulas, with one conjunct per keyword.

mod closed;
mod discriminator;
mod keywords;
mod scopes;
mod unevaluated;
mod values;

use openapi_document::{Node, NodeId};

use self::closed::{Declared, SharedSteps, Step};
use self::scopes::Scopes;
use super::carrier::{Carrier, Forms};
use super::definitions::{Defined, Definitions};
use super::formula::{Arena, DefId, FormulaId, Map};
use super::literal::Literal;
use super::reading::{At, Closing, Mode, Reading};
use super::types::Kind;
use crate::schema::ast::{Schema, Types};
use crate::schema::reader::Reader;

/// Maximum nesting of schemas without a reference. Deeper schemas become definitions, so that no stack overflows.
const DEEPEST: usize = 48;
/// Maximum number of alternatives in one list; longer lists stay undecided.
pub(super) const WIDEST: usize = 4_096;

/// Maximum number of schemas that are lowered, each once in each mode, unless the documents are so large that they have
/// [`BYTES_OF_A_SCHEMA`] for each; further ones stay undecided. Vendors' documents have at most some ten thousands.
const MOST_LOWERED: usize = 250_000;
const BYTES_OF_A_SCHEMA: usize = 64;

const UNTYPED: &str =
    "its schema has no `type`, so that a text may be a value to which its other keywords do not apply";

/// The state of lowering.
pub(super) struct Lowering<'d> {
    pub(super) arena: Arena,
    pub(super) reader: Reader<'d>,
    pub(super) reading: Reading,
    pub(super) definitions: Definitions<'d>,
    pub(super) forms: Forms,
    /// The formula of each schema in each mode, so that a schema is lowered only once.
    known: Map<(NodeId, Mode), FormulaId>,
    /// The formulas of closed schemas beside others that declare names of the same value.
    known_closed: Map<(NodeId, Mode, Declared<'d>), FormulaId>,
    shared_steps: SharedSteps<'d>,
    scopes: Scopes<'d>,
    /// Number of schemas that may still be searched for declared names.
    pub(super) searchable: usize,
    /// Number of parts of listed arrays and objects that may still be lowered.
    pub(super) listable: usize,
    /// Number of schemas that may be lowered in all.
    lowerable: usize,
}

impl<'d> Lowering<'d> {
    pub(super) fn new(reader: Reader<'d>, reading: Reading, definitions: Definitions<'d>) -> Self {
        Self {
            lowerable: MOST_LOWERED.max(reader.bytes() / BYTES_OF_A_SCHEMA),
            arena: Arena::new(),
            reader,
            reading,
            definitions,
            forms: Forms::default(),
            known: Map::default(),
            known_closed: Map::default(),
            shared_steps: SharedSteps::default(),
            scopes: Scopes::default(),
            searchable: closed::MOST_IN_ALL,
            listable: values::MOST_IN_ALL,
        }
    }

    /// The formula of a schema.
    pub(super) fn schema(&mut self, at: At<'d>) -> FormulaId {
        let at = self.plain(at);
        let at = self.entered(at);
        let schema = self.read(at);
        if schema.keywords.is_empty() {
            return Arena::TRUE;
        }
        let key = (at.node.id(), at.mode);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if at.depth > DEEPEST {
            return self.definition(at);
        }
        if self.known.len() + self.known_closed.len() >= self.lowerable {
            return self.opaque(&format!("{key:?}"), "the documents have too many schemas");
        }
        let formula = if at.mode.closing == Closing::Closed {
            self.closed(at, &schema)
        } else {
            self.conjunction(at, &schema)
        };
        self.known.insert(key, formula);
        formula
    }

    /// The formula of the value of a property or an item.
    fn inside(&mut self, at: At<'d>, step: Step<'d>, node: Node<'d>) -> FormulaId {
        let inner = self.behind_step(at, step, node);
        let formula = self.schema(inner);
        self.as_meant(inner, &[node], formula)
    }

    /// The schema of the value of a property or an item, and how it is read there.
    fn behind_step(&mut self, at: At<'d>, step: Step<'d>, node: Node<'d>) -> At<'d> {
        let unsent = self.reader.unsent(at.source, node, at.mode.direction);
        let carrier = match step {
            Step::Item => at.mode.carrier.item(),
            Step::Property(name) => self.forms.member(at.mode.carrier, name),
        };
        at.inside(node, unsent, carrier)
    }

    /// Restricts the formula of schemas for one value to the types that they mean, if the value is sent as text and they
    /// have no `type`. Senders send nothing else. Readers may accept other types by the letter, so it stays undecided
    /// whether they do, unless such a value is written like one of the types that are meant.
    pub(super) fn as_meant(&mut self, at: At<'d>, schemas: &[Node<'d>], formula: FormulaId) -> FormulaId {
        if matches!(at.mode.carrier, Carrier::Json | Carrier::Xml) {
            return formula;
        }
        let Some(meant) = self.reader.types_meant(at.source, schemas) else {
            return formula;
        };
        let mut values = self.types(meant.types.or(Types::NULL));
        if at.mode.closing == Closing::Open {
            let others = Types::ALL.without(meant.types);
            let others = if meant.is_certain && at.mode.carrier.joins_lists() {
                self.written_apart(others)
            } else {
                self.types(others)
            };
            let perhaps = self.opaque("a text without a type", UNTYPED);
            let others = self.arena.and([others, perhaps]);
            values = self.arena.or([values, others]);
        }
        self.arena.and([formula, values])
    }

    /// The values of some types, without a list of one item that is written like a value of another type.
    fn written_apart(&mut self, types: Types) -> FormulaId {
        let all = self.types(types);
        // Conditions on items hold for values of other kinds.
        let items = [
            self.arena.literal(Literal::MinItems(2)),
            self.arena.literal(Literal::Item(0, all)),
        ];
        let parts = [
            all,
            self.arena.literal(Literal::MinItems(1)),
            self.arena.or(items),
        ];
        self.arena.and(parts)
    }

    /// The same schema without the overlap mode if it contains no `oneOf`, so that it has only one formula.
    fn plain(&mut self, at: At<'d>) -> At<'d> {
        if at.mode.takes_overlaps && !self.reader.has_alternatives(at.source, at.node) {
            at.to_the_letter()
        } else {
            at
        }
    }

    fn definition(&mut self, at: At<'d>) -> FormulaId {
        let at = self.plain(at);
        let def = self.definitions.define(At { depth: 0, ..at });
        self.arena.reference(def)
    }

    /// Lowers a referenced schema when its formula is first needed.
    pub(super) fn body(&mut self, id: DefId) -> FormulaId {
        let definition = self.definitions.get(id);
        if let Some(body) = definition.body {
            return body;
        }
        let Defined::Schema(at) = definition.of else {
            return Arena::TRUE;
        };
        let body = self.schema(at);
        self.definitions.set_body(id, body);
        body
    }

    pub(super) fn opaque(&mut self, text: &str, why: &str) -> FormulaId {
        let opaque = self.definitions.opaque(text, why);
        self.arena.opaque(opaque)
    }

    /// The opaque formula of a schema, which is only known to equal itself.
    pub(super) fn opaque_schema(&mut self, at: At<'d>, why: &str) -> FormulaId {
        let text = self
            .definitions
            .identity(at.to_the_letter(), self.reader.document(at.source));
        self.opaque(&text, why)
    }

    fn reference(&mut self, at: At<'d>, target: Option<Node<'d>>) -> FormulaId {
        match target {
            Some(target) => {
                // A reference on the way may enter a resource on which dynamic references depend.
                let is_scoped = self.reader.document(at.source).has_dynamic_scopes();
                let target = if is_scoped {
                    target
                } else {
                    self.reader.meant(at.source, target)
                };
                let at = at.beside(target);
                let mut parts = vec![self.definition(at)];
                // The closed reading checks the tags of a schema itself, and not of those to which it also refers.
                if at.mode.closing == Closing::Inner {
                    let schema = self.read(at);
                    match schema.discriminator() {
                        Some(_) if schema.has_alternatives() => parts.push(self.definition(at.open())),
                        Some(discriminator) => self.chosen(at, &schema, discriminator, &mut parts),
                        None => {}
                    }
                }
                self.arena.and(parts)
            }
            None => self.opaque_schema(at, "a reference leads out of the document or to nothing"),
        }
    }

    /// The conjunction of the formulas of a schema's keywords.
    fn conjunction(&mut self, at: At<'d>, schema: &Schema<'d>) -> FormulaId {
        let mut parts = Vec::new();
        for keyword in &schema.keywords {
            self.keyword(at, schema, keyword, &mut parts);
        }
        self.unevaluated(at, schema, &mut parts);
        if at.mode.closing != Closing::Open {
            let unsent = self.reader.names(at.mode.unsent);
            parts.extend(unsent.iter().map(|name| self.lacks_text(name)));
        }
        let formula = self.arena.and(parts);
        if schema.adds_null {
            let null = self.arena.kind(Kind::Null);
            return self.arena.or([formula, null]);
        }
        formula
    }
}
