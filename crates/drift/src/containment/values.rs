//! Values of the schemas of one document, built by the engine and checked by the independent judge.

use openapi_document::Document;
use serde_json::Value;

use super::Schemas;
use crate::options::Options;
use crate::report::{Direction, Side};

/// Builds values that the schemas of one document accept. Schemas are identified by their JSON Pointers.
///
/// ```
/// use openapi_drift::{Direction, Document, Values};
/// use serde_json::json;
///
/// let document = Document::read(br#"{"openapi": "3.0.3", "paths": {}, "components": {"schemas": {
///     "Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
/// }}}"#)?;
/// let mut values = Values::new(&document);
/// let pet = "/components/schemas/Pet";
/// assert_eq!(values.sample(pet, Direction::Response), Some(json!({"name": ""})));
/// # Ok::<(), openapi_drift::ReadError>(())
/// ```
pub struct Values<'d>(Schemas<'d>);

impl<'d> Values<'d> {
    /// Reads the schemas of `document`.
    pub fn new(document: &'d Document) -> Self {
        Self(Schemas::new(document, document, &Options::default()))
    }

    /// A small value that the schema at `pointer` accepts; `None` if none was found.
    pub fn sample(&mut self, pointer: &str, direction: Direction) -> Option<Value> {
        let id = self.0.lower_at(Side::Base, pointer, direction)?;
        self.0.sample(id)
    }

    /// A value that the schema at `pointer` accepts and that contains `value` at the JSON Pointer `path`, in which
    /// `*` stands for any item or name; `None` if none was found.
    pub fn carrying(
        &mut self,
        pointer: &str,
        direction: Direction,
        path: &str,
        value: &Value,
    ) -> Option<Value> {
        let id = self.0.lower_at(Side::Base, pointer, direction)?;
        self.0.instance_with(id, path, value)
    }
}
