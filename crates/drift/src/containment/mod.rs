//! Containment of schemas: whether every value of one is a value of the other.
//!
//! A schema is lowered to a formula over the six kinds of JSON values (`lower`, `formula`). There are two proofs that
//! a schema contains another one: its literals follow from the other's literals (`subsume`), or the search (`solve`)
//! finds no value of the other that it refuses. A value that the search finds must be confirmed by an independent
//! judge, `openapi-wire`.
//!
//! The `solver` holds the state that both methods use. A search collects its assertions as constraints on one kind of
//! value (`constraints`: `array`, `object`, `string`, `number`), and builds a value that satisfies them
//! (`build_array`, `build_object`, `build_string`). If values are sent as text, the question is asked about their
//! written forms (`carrier`, `text`, `numeral`).

mod array;
mod assert;
mod build_array;
mod build_object;
mod build_string;
mod carrier;
mod constraints;
mod contains_counts;
mod definitions;
mod ecma;
mod engine;
mod evaluate;
mod format;
mod formula;
mod fuel;
mod judged;
mod literal;
mod lookaround;
mod lower;
mod memo;
mod number;
mod numeral;
mod object;
mod outcome;
mod product;
mod question;
mod reading;
mod references;
mod regex;
mod samples;
mod shrink;
mod solve;
mod solver;
mod sorted;
mod string;
mod subsume;
mod tags;
#[cfg(test)]
mod tests;
mod text;
mod types;
mod unique_items;
mod values;
mod verdict;

use std::rc::Rc;

use openapi_document::pointer::unescape;
use openapi_document::{Document, Kind, Node, NodeId};
use openapi_wire::Contract;
use serde_json::Value;

pub(crate) use carrier::{Among, Carrier, Parting, Styled, TextPlace, UNPROVEN};
pub use question::{Answer, Options, contains};
pub(crate) use subsume::Inside;
pub use values::Values;
pub use verdict::{Refutation, Verdict, World};

use self::engine::{Beside, Engine, Question};
use self::formula::{Arena, FormulaId, Map};
use self::literal::Literal;
use self::lower::Lowering;
use self::reading::Reading;
use crate::report::{Direction, Side};
use crate::schema::reader::Reader;

/// A schema at its location in one of the two documents, read for one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SchemaId(u32);

/// A condition on values beside the schemas of a question.
#[derive(Clone, Copy)]
pub(crate) struct Condition(FormulaId);

/// The schemas of two documents, which are lowered once and can be compared any number of times.
pub(crate) struct Schemas<'d> {
    documents: [&'d Document; 2],
    engine: Engine<'d>,
    places: Vec<Question<'d>>,
    ids: Map<(Side, NodeId, Direction, Carrier), SchemaId>,
    /// The first schema with each text, by document and dialect, among schemas whose meaning does not depend on their
    /// location.
    alike: Map<(Side, Node<'d>, Option<&'d str>), Node<'d>>,
    /// The readings of schemas in which a value may match several alternatives of a `oneOf`.
    lenient: Map<SchemaId, SchemaId>,
    verdicts: Map<(SchemaId, SchemaId, World), Verdict>,
    samples: Map<(SchemaId, Option<Shape>), Option<Value>>,
    /// The written form of a value that was found to have some properties or items, if any was.
    holding: Map<SchemaId, Option<Rc<Value>>>,
}

impl<'d> Schemas<'d> {
    pub(crate) fn new(base: &'d Document, revision: &'d Document, options: &crate::options::Options) -> Self {
        let reading = Reading {
            nullable: options.nullable,
            formats: false,
        };
        let documents = [base, revision];
        Self {
            documents,
            engine: Engine::new(documents, reading, options.fuel),
            places: Vec::new(),
            ids: Map::default(),
            alike: Map::default(),
            lenient: Map::default(),
            verdicts: Map::default(),
            samples: Map::default(),
            holding: Map::default(),
        }
    }

    /// The schema at a location of one document, for values that are sent in `direction`; `None` if there is nothing.
    pub(crate) fn lower_at(&mut self, side: Side, place: &str, direction: Direction) -> Option<SchemaId> {
        let schema = self.documents[side.index()].at(place)?;
        Some(self.lower(side, schema, direction))
    }

    /// A schema of one document, for values that are sent in `direction` as JSON.
    pub(crate) fn lower(&mut self, side: Side, schema: Node<'d>, direction: Direction) -> SchemaId {
        self.lower_carried(side, schema, direction, Carrier::Json)
    }

    /// A schema of one document, for values that are sent in `direction` by a carrier.
    pub(crate) fn lower_carried(
        &mut self,
        side: Side,
        schema: Node<'d>,
        direction: Direction,
        carrier: Carrier,
    ) -> SchemaId {
        let key = (side, schema.id(), direction, carrier);
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        let first = self.alike(side, schema);
        let id = if first.id() == schema.id() {
            self.add(Question {
                source: side.index(),
                schema,
                beside: Beside::default(),
                direction: Some(direction),
                carrier,
                takes_overlaps: false,
            })
        } else {
            self.lower_carried(side, first, direction, carrier)
        };
        self.ids.insert(key, id);
        id
    }

    /// Schemas of one document that apply to the same value; at least one.
    pub(crate) fn lower_together(
        &mut self,
        side: Side,
        schemas: &[Node<'d>],
        direction: Direction,
        carrier: Carrier,
    ) -> SchemaId {
        let (first, others) = schemas.split_first().expect("at least one schema");
        if others.is_empty() {
            return self.lower_carried(side, *first, direction, carrier);
        }
        let beside = self.engine.beside(others.to_vec());
        self.add(Question {
            source: side.index(),
            schema: *first,
            beside,
            direction: Some(direction),
            carrier,
            takes_overlaps: false,
        })
    }

    fn add(&mut self, place: Question<'d>) -> SchemaId {
        let id = SchemaId(u32::try_from(self.places.len()).expect("fewer than 2^32 schemas"));
        self.places.push(place);
        id
    }

    /// The first schema with the same text, if that text has the same meaning at every location. Answers for one of
    /// these schemas then apply to all.
    fn alike(&mut self, side: Side, schema: Node<'d>) -> Node<'d> {
        let document = self.documents[side.index()];
        if document.has_ids() || !stands_alone(schema) {
            return schema;
        }
        let key = (side, schema, document.dialect(schema));
        *self.alike.entry(key).or_insert(schema)
    }

    /// The schemas of an id, as written in their document.
    pub(crate) fn written(&self, id: SchemaId) -> impl Iterator<Item = Node<'d>> {
        self.engine.schemas(self.place(id))
    }

    /// The same schema, read so that a value may match several alternatives of a `oneOf`.
    pub(crate) fn taking_overlaps(&mut self, id: SchemaId) -> SchemaId {
        if let Some(known) = self.lenient.get(&id) {
            return *known;
        }
        let place = self.place(id);
        let all: Vec<Node<'d>> = self.written(id).collect();
        let reader = self.reader();
        let lenient = if all.iter().any(|it| reader.has_alternatives(place.source, *it)) {
            self.add(Question {
                takes_overlaps: true,
                ..place
            })
        } else {
            id
        };
        self.lenient.insert(id, lenient);
        lenient
    }

    /// Renews the fuel and the budget of values for the following questions, regardless of earlier use.
    pub(crate) fn renew_fuel(&mut self) {
        self.engine.renew();
    }

    /// Whether the budget for building values is spent.
    pub(crate) fn is_spent(&self) -> bool {
        self.engine.is_spent()
    }

    /// The reason why a value could be neither built nor ruled out, since the last call.
    pub(crate) fn take_doubt(&mut self) -> Option<Rc<str>> {
        self.engine.doubt.take()
    }

    /// The reader of the schemas as they are written.
    pub(crate) fn reader(&mut self) -> &mut Reader<'d> {
        &mut self.engine.solver.lowering.reader
    }

    /// The carrier of a form, given the fields whose carriers differ from the default.
    pub(crate) fn form(&mut self, fields: Vec<(String, Carrier)>) -> Carrier {
        self.engine.form(fields)
    }

    /// The carrier of a part of a value: a property, or an item if `items` is set.
    pub(crate) fn carrier_inside(&self, carrier: Carrier, step: &str, items: bool) -> Carrier {
        self.engine.carrier_inside(carrier, step, items)
    }

    fn place(&self, id: SchemaId) -> Question<'d> {
        self.places[id.0 as usize]
    }

    /// Whether every value of `source` is a value of `target`.
    pub(crate) fn contains(&mut self, source: SchemaId, target: SchemaId, world: World) -> Verdict {
        if let Some(verdict) = self.verdicts.get(&(source, target, world)) {
            return verdict.clone();
        }
        let verdict = self
            .engine
            .contains(self.place(source), self.place(target), world);
        self.verdicts.insert((source, target, world), verdict.clone());
        verdict
    }

    /// The same with little fuel; `None` if more fuel may decide the question.
    pub(crate) fn contains_soon(
        &mut self,
        source: SchemaId,
        target: SchemaId,
        world: World,
    ) -> Option<Verdict> {
        if let Some(verdict) = self.verdicts.get(&(source, target, world)) {
            return Some(verdict.clone());
        }
        let (from, to) = (self.place(source), self.place(target));
        let verdict = self.engine.contains_soon(from, to, world)?;
        self.verdicts.insert((source, target, world), verdict.clone());
        Some(verdict)
    }

    /// The refutation by a value, if the judge confirms that the source accepts it and the target refuses it.
    pub(crate) fn refuted_by(
        &mut self,
        source: SchemaId,
        target: SchemaId,
        value: &Value,
    ) -> Option<Refutation> {
        let (source, target) = (self.place(source), self.place(target));
        self.engine.refuted_by(source, target, value)
    }

    /// Whether a schema is proved to accept no value at all; `None` if this is undecided.
    pub(crate) fn is_empty(&mut self, id: SchemaId) -> Option<bool> {
        self.engine.is_empty(self.place(id))
    }

    /// A small value that the schema accepts, checked by the independent judge.
    pub(crate) fn sample(&mut self, id: SchemaId) -> Option<Value> {
        if let Some(known) = self.samples.get(&(id, None)) {
            return known.clone();
        }
        let sample = self.engine.sample(self.place(id), |_| Arena::TRUE);
        self.samples.insert((id, None), sample.clone());
        sample
    }

    /// A small object that the schema accepts and that lacks a property.
    pub(crate) fn sample_without(&mut self, id: SchemaId, name: &str) -> Option<Value> {
        self.engine.sample(self.place(id), |lowering| {
            let arena = &mut lowering.arena;
            let name = arena.text(name);
            let parts = [
                arena.literal(Literal::Lacks(name)),
                arena.kind(types::Kind::Object),
            ];
            arena.and(parts)
        })
    }

    /// Whether structure proves that the target contains the source (closed world) if this holds for all `given`
    /// pairs.
    pub(crate) fn subsumes(&mut self, pair: (SchemaId, SchemaId), given: &[(SchemaId, SchemaId)]) -> bool {
        if self.means_the_same(pair) {
            return true;
        }
        let given: Vec<_> = given
            .iter()
            .filter(|it| **it != pair)
            .map(|it| self.formulas(*it))
            .collect();
        let pair = self.formulas(pair);
        self.engine.solver.subsumes(pair, &given)
    }

    /// Whether both schemas have the same formula and therefore accept the same values.
    fn means_the_same(&mut self, (source, target): (SchemaId, SchemaId)) -> bool {
        let (source, mut target) = (self.place(source), self.place(target));
        target.takes_overlaps = false;
        self.engine.formula(source, World::Open) == self.engine.formula(target, World::Open)
    }

    /// Records that the target contains the source in the closed world.
    pub(crate) fn note_proved(&mut self, pair: (SchemaId, SchemaId)) {
        let pair = self.formulas(pair);
        self.engine.solver.note_proved(pair);
    }

    /// Whether a refutation of the inner pair is also a refutation of the outer pair around it.
    pub(crate) fn lifts(
        &mut self,
        outer: (SchemaId, SchemaId),
        inside: Inside<'_>,
        inner: (SchemaId, SchemaId),
    ) -> bool {
        let pairs = (self.formulas(outer), self.formulas(inner));
        self.engine.solver.lifts(pairs.0, inside, pairs.1) && self.can_hold(outer.0, inside)
    }

    /// Whether some value of the schema has the property or the item.
    pub(crate) fn can_hold(&mut self, id: SchemaId, inside: Inside<'_>) -> bool {
        // The first value that is found has all declared names if possible, so that one search answers for all of them.
        if let Inside::Property(name) = inside
            && self.is_held(id, name)
        {
            return true;
        }
        let (kind, holds) = match inside {
            Inside::Itself => return true,
            Inside::Item(index) => (types::Kind::Array, Literal::MinItems(index.saturating_add(1))),
            Inside::Property(name) => {
                let name = self.engine.solver.arena().text(name);
                (types::Kind::Object, Literal::Has(name))
            }
        };
        let found = self.engine.value_with(self.place(id), |lowering| {
            let arena = &mut lowering.arena;
            let parts = [arena.kind(kind), arena.literal(holds)];
            arena.and(parts)
        });
        let is_found = found.is_some();
        // A value with one name often has others, as where all of them are required.
        let known = self.holding.entry(id).or_default();
        if known.is_none() {
            *known = found;
        }
        is_found
    }

    /// Whether a value of the schema that was found has a property. The first one is found here.
    fn is_held(&mut self, id: SchemaId, name: &str) -> bool {
        if !self.holding.contains_key(&id) {
            let found = self.holding_all(id);
            self.holding.insert(id, found);
        }
        let known = self.holding.get(&id).and_then(Option::as_ref);
        known.is_some_and(|value| value.get(name).is_some())
    }

    /// The written form of an object of the schema that has all names that it declares, if it is easily found.
    fn holding_all(&mut self, id: SchemaId) -> Option<Rc<Value>> {
        let question = self.place(id);
        let formula = self.engine.values(question, World::Closed);
        let names = self.engine.solver.declared_names(formula);
        if names.is_empty() {
            return None;
        }
        self.engine.soon(|engine| {
            engine.value_with(question, |lowering| {
                let arena = &mut lowering.arena;
                let mut parts = vec![arena.kind(types::Kind::Object)];
                parts.extend(names.into_iter().map(|name| arena.literal(Literal::Has(name))));
                arena.and(parts)
            })
        })
    }

    /// Whether the schema refuses every object that has this property.
    pub(crate) fn never_holds(&mut self, id: SchemaId, name: &str) -> bool {
        if self.is_held(id, name) {
            return false;
        }
        self.engine.has_none(self.place(id), |lowering| {
            let arena = &mut lowering.arena;
            let name = arena.text(name);
            let parts = [arena.kind(types::Kind::Object), arena.literal(Literal::Has(name))];
            arena.and(parts)
        })
    }

    /// Whether the schema refuses every object.
    pub(crate) fn takes_no_object(&mut self, id: SchemaId) -> bool {
        self.engine
            .has_none(self.place(id), |it| it.arena.kind(types::Kind::Object))
    }

    /// Whether every object of `source` is a value of `target` if its producer also emits undeclared names, except
    /// for the listed ones. Objects further inside contain only declared names.
    pub(crate) fn contains_further(
        &mut self,
        source: SchemaId,
        target: SchemaId,
        except: &[&str],
    ) -> Verdict {
        let (source, target) = (self.place(source), self.place(target));
        self.engine.contains_further(source, target, except)
    }

    /// A value of `source` beyond the limits that some parts of the schema of `target` set. Values must be sent as JSON.
    pub(crate) fn beyond_limits(
        &mut self,
        source: SchemaId,
        target: SchemaId,
        parts: &[openapi_document::Node<'d>],
    ) -> Option<Refutation> {
        let (source, target) = (self.place(source), self.place(target));
        self.engine.beyond_limits(source, target, parts)
    }

    fn formulas(&mut self, (source, target): (SchemaId, SchemaId)) -> (FormulaId, FormulaId) {
        let (source, target) = (self.place(source), self.place(target));
        (
            self.engine.sent(source, target, World::Closed),
            self.engine.formula(target, World::Open),
        )
    }

    /// The verdict of the search alone, in the closed world.
    #[cfg(test)]
    pub(crate) fn search(&mut self, source: SchemaId, target: SchemaId) -> Verdict {
        let pair = self.formulas((source, target));
        self.engine.search(self.place(source), self.place(target), pair)
    }

    /// A value that the schema accepts and that contains `value` at the JSON Pointer `path`, in which `*` stands for
    /// any item or name.
    pub(crate) fn instance_with(&mut self, id: SchemaId, path: &str, value: &Value) -> Option<Value> {
        let steps = path.split('/').skip(1).map(|step| Inward::to(unescape(step)));
        self.instance_along(id, &steps.collect::<Vec<_>>(), value)
    }

    /// The same at the end of some steps.
    pub(crate) fn instance_along(&mut self, id: SchemaId, way: &[Inward], value: &Value) -> Option<Value> {
        self.engine
            .sample(self.place(id), |lowering| carries_value(lowering, way, value))
    }

    /// The same, for a value that the target refuses.
    pub(crate) fn refused_instance_along(
        &mut self,
        (id, target): (SchemaId, SchemaId),
        way: &[Inward],
        value: &Value,
    ) -> Option<Value> {
        self.engine
            .sample_outside(self.place(id), self.place(target), |lowering| {
                carries_value(lowering, way, value)
            })
    }

    /// The same with any value that is sent under the first schema of `inside` and refused by the second. Values must
    /// be sent as JSON.
    pub(crate) fn instance_along_with_any(
        &mut self,
        id: SchemaId,
        way: &[Inward],
        inside: (SchemaId, SchemaId),
    ) -> Option<Value> {
        if self.place(inside.0).carrier != Carrier::Json {
            return None;
        }
        let (sent, taken) = self.formulas(inside);
        self.engine.sample(self.place(id), |lowering| {
            let refused = lowering.arena.not(taken);
            let apart = lowering.arena.and([sent, refused]);
            carries(lowering, way, apart)
        })
    }

    /// A small value of the schema, in which `value` takes the place of a part. Whether the schema accepts it is not
    /// checked.
    pub(crate) fn with_part(&mut self, id: SchemaId, inside: Inside<'_>, value: Value) -> Option<Value> {
        match inside {
            Inside::Itself => Some(value),
            Inside::Item(index) => {
                let mut list = self.sample_of(id, Shape::List(index.checked_add(1)?))?;
                *list.get_mut(usize::try_from(index).ok()?)? = value;
                Some(list)
            }
            Inside::Property(name) => {
                let mut object = self.sample_of(id, Shape::Object)?;
                object.as_object_mut()?.insert(name.to_owned(), value);
                Some(object)
            }
        }
    }

    /// The value that the schema reads from the written form of `value`, if it accepts that.
    pub(crate) fn as_sent(&mut self, id: SchemaId, value: &Value) -> Option<Value> {
        self.engine.as_sent(self.place(id), value)
    }

    /// The condition that a schema refuses an object, unless the object has one of the names.
    pub(crate) fn refusing_unless<'n>(
        &mut self,
        id: SchemaId,
        names: impl Iterator<Item = &'n str>,
    ) -> Condition {
        let taken = self.engine.formula(self.place(id), World::Open);
        let lowering = &mut self.engine.solver.lowering;
        let lacks: Vec<_> = names.map(|name| lowering.lacks_text(name)).collect();
        let knowing = lowering.arena.and(lacks.into_iter().chain([taken]));
        Condition(lowering.arena.not(knowing))
    }

    /// An object that the producer of `source` emits as JSON, that the target refuses, and that satisfies the
    /// conditions. The judge has not confirmed it. `None` if little fuel does not suffice.
    pub(crate) fn refused_apart(
        &mut self,
        (source, target): (SchemaId, SchemaId),
        conditions: impl Iterator<Item = Condition>,
    ) -> Option<Value> {
        let conditions = conditions.map(|it| it.0).collect();
        self.engine
            .sample_apart(self.place(source), self.place(target), conditions)
    }

    /// A value of a shape that the schema accepts and that has a written form.
    pub(crate) fn sample_of(&mut self, id: SchemaId, shape: Shape) -> Option<Value> {
        if let Some(known) = self.samples.get(&(id, Some(shape))) {
            if let Some(value) = known {
                self.engine.pay_for_copy(value);
            }
            return known.clone();
        }
        let sample = self.engine.sample(self.place(id), |lowering| {
            let arena = &mut lowering.arena;
            let (kinds, size) = match shape {
                Shape::String => (types::Kind::String.only(), Arena::TRUE),
                Shape::Number => (
                    types::Kind::Number.only().or(types::Kind::Bool.only()),
                    Arena::TRUE,
                ),
                Shape::List(least) => (types::Kind::Array.only(), arena.literal(Literal::MinItems(least))),
                Shape::Object => (types::Kind::Object.only(), Arena::TRUE),
                Shape::Members => (types::Kind::Object.only(), arena.literal(Literal::MinProps(1))),
            };
            let parts = [arena.kinds(kinds), size];
            arena.and(parts)
        });
        self.samples.insert((id, Some(shape)), sample.clone());
        sample
    }

    /// A list of items of which the one schema admits each and that the other refuses, though it admits such items.
    pub(crate) fn refused_list(&mut self, items: [SchemaId; 2], whole: SchemaId) -> Option<Value> {
        let items = items.map(|it| self.place(it));
        let whole = self.place(whole);
        self.engine.refused_list(items, whole)
    }

    /// A value that the schema refuses and that its carrier can write, if there is any.
    ///
    /// # Errors
    /// If this is undecided; the text contains the reason.
    pub(crate) fn outside(&mut self, id: SchemaId) -> Result<Option<Value>, String> {
        self.engine.outside(self.place(id))
    }

    /// The text of a value under a carrier, if the value is written as a single text.
    pub(crate) fn text_of(&self, carrier: Carrier, value: &Value) -> Option<String> {
        match carrier::written(&self.engine.solver.lowering.forms, carrier, value)? {
            Value::String(text) => Some(text),
            written => carrier::joined(carrier, &written),
        }
    }

    /// Whether the independent judge, which shares no code with the engine, accepts a value in one of the readings of
    /// its written form.
    ///
    /// # Errors
    /// If the judge cannot decide; the text contains the reason.
    pub(crate) fn accepts(&mut self, id: SchemaId, value: &Value) -> Result<bool, String> {
        self.engine.admits(self.place(id), value)
    }

    /// The independent judges of the two documents.
    pub(crate) fn contracts(&self) -> &[Contract<'d>; 2] {
        self.engine.judges()
    }

    /// The number of witnesses that the judge refused. Each is a fault of the engine, and its verdict became
    /// undecided.
    pub(crate) fn faults(&self) -> u64 {
        self.engine.faults()
    }
}

/// Maximum number of parts in a schema that are checked for references. A larger schema is assumed to have some.
const MOST_PARTS: usize = 64;

/// Whether a schema contains no references, and no names to which other schemas can refer.
fn stands_alone(schema: Node<'_>) -> bool {
    let (mut open, mut parts) = (vec![schema], 0);
    while let Some(node) = open.pop() {
        parts += 1;
        let mut members = node.members();
        if parts > MOST_PARTS || members.any(|(key, _)| key.starts_with('$') || key == "discriminator") {
            return false;
        }
        match node.kind() {
            Kind::Array(items) => open.extend(items.take(MOST_PARTS)),
            Kind::Object(members) => open.extend(members.values().take(MOST_PARTS)),
            _ => {}
        }
    }
    true
}

/// The shape of a value, as far as it affects how the value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// A string.
    String,
    /// A number or a boolean.
    Number,
    /// A list of at least this many items.
    List(u64),
    /// An object.
    Object,
    /// An object with at least one member.
    Members,
}

/// A step into an object or a list, and the tags that the object has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Inward {
    /// A name or an index; `*` stands for any.
    pub(crate) step: String,
    /// The properties with their texts.
    pub(crate) tags: Vec<(String, String)>,
}

impl Inward {
    pub(crate) fn to(step: impl Into<String>) -> Self {
        Self {
            step: step.into(),
            tags: Vec::new(),
        }
    }
}

/// The formula of values that contain `value` at the end of the steps.
fn carries_value(lowering: &mut Lowering<'_>, way: &[Inward], value: &Value) -> FormulaId {
    let value = lowering.value(value);
    carries(lowering, way, value)
}

/// The formula of values that contain a value of `innermost` at the end of the steps; no value if the steps are too
/// many for a search.
fn carries(lowering: &mut Lowering<'_>, way: &[Inward], innermost: FormulaId) -> FormulaId {
    if way.len() > solver::DEEPEST {
        return Arena::FALSE;
    }
    let Some((Inward { step, tags }, rest)) = way.split_first() else {
        return innermost;
    };
    let inside = carries(lowering, rest, innermost);
    let tags = tags
        .iter()
        .map(|(property, tag)| lowering.holds_one_of(property, &[tag]));
    let tags: Vec<_> = tags.collect();
    let arena = &mut lowering.arena;
    let name = arena.text(step);
    let in_object = if step == "*" {
        vec![arena.literal(Literal::SomeName(Arena::TRUE, inside))]
    } else {
        vec![
            arena.literal(Literal::Has(name)),
            arena.literal(Literal::Prop(name, inside)),
        ]
    };
    let in_array = match step.parse() {
        Ok(index) => vec![
            arena.literal(Literal::MinItems(u64::saturating_add(index, 1))),
            arena.literal(Literal::Item(index, inside)),
        ],
        Err(_) if step == "*" => vec![arena.literal(Literal::AtLeast(0, inside, 1))],
        Err(_) => vec![Arena::FALSE],
    };
    let object = arena.kind(types::Kind::Object);
    let array = arena.kind(types::Kind::Array);
    let in_object = arena.and(in_object.into_iter().chain(tags).chain([object]));
    let in_array = arena.and(in_array.into_iter().chain([array]));
    arena.or([in_object, in_array])
}
