//! Schemas compared by the values they admit: the seam between the rules and the containment engine.

mod verdict;

use serde_json::Value;

pub(crate) use verdict::{Refutation, Verdict, World};

use crate::document::Document;
use crate::options::Options;
use crate::report::{Direction, Side};

/// A schema at its place in one of the two documents, read for one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SchemaId(u32);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    side: Side,
    pointer: String,
    direction: Direction,
}

/// The schemas of two documents, lowered once and compared as often as is asked.
pub(crate) struct Schemas<'d> {
    pinned: &'d Document,
    staging: &'d Document,
    places: Vec<Place>,
    faults: u64,
}

impl<'d> Schemas<'d> {
    pub(crate) fn new(pinned: &'d Document, staging: &'d Document, _options: &Options) -> Self {
        Self {
            pinned,
            staging,
            places: Vec::new(),
            faults: 0,
        }
    }

    /// The schema at a JSON pointer of one document, for values that travel in `direction`.
    pub(crate) fn lower(&mut self, side: Side, pointer: &str, direction: Direction) -> SchemaId {
        let place = Place {
            side,
            pointer: pointer.to_owned(),
            direction,
        };
        let index = self.places.iter().position(|it| *it == place).unwrap_or_else(|| {
            self.places.push(place);
            self.places.len() - 1
        });
        SchemaId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn raw(&self, id: SchemaId) -> Option<&'d Value> {
        let place = self.places.get(id.0 as usize)?;
        let document = match place.side {
            Side::Pin => self.pinned,
            Side::Staging => self.staging,
        };
        document.root().pointer(&place.pointer)
    }

    /// Whether every value of `source` is a value of `target`.
    pub(crate) fn contains(&mut self, source: SchemaId, target: SchemaId, _world: World) -> Verdict {
        if self.raw(source) == self.raw(target) {
            return Verdict::Proved;
        }
        Verdict::Undecided("schemas are compared by equality only".to_owned())
    }

    /// Whether a schema is proved to admit no value at all; `None` when that stayed undecided.
    pub(crate) fn is_empty(&mut self, _id: SchemaId) -> Option<bool> {
        None
    }

    /// A small value that the schema admits, checked by the independent judge.
    pub(crate) fn sample(&mut self, _id: SchemaId) -> Option<Value> {
        None
    }

    /// A value that the schema admits and that carries `value` at the JSON pointer `path`, in which `*` stands for
    /// any item or name.
    pub(crate) fn instance_with(&mut self, _id: SchemaId, _path: &str, _value: &Value) -> Option<Value> {
        None
    }

    /// What the independent judge says of a value: it shares no code with the engine.
    ///
    /// # Errors
    /// When the judge cannot read the schema; the text says why.
    pub(crate) fn accepts(&mut self, _id: SchemaId, _value: &Value) -> Result<bool, String> {
        Err("no judge is there yet".to_owned())
    }

    /// How often a witness was refused by the judge: each is a fault of the engine, and its verdict became undecided.
    pub(crate) fn faults(&self) -> u64 {
        self.faults
    }
}
