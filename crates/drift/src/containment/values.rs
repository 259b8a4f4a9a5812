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
pub struct Values<'d> {
    document: &'d Document,
    /// All schemas are told apart before the first one is asked: where none is, they are not.
    schemas: Option<Schemas<'d>>,
}

impl<'d> Values<'d> {
    /// Reads the schemas of `document`.
    pub fn new(document: &'d Document) -> Self {
        Self {
            document,
            schemas: None,
        }
    }

    fn schemas(&mut self) -> &mut Schemas<'d> {
        let document = self.document;
        self.schemas
            .get_or_insert_with(|| Schemas::new(document, document, &Options::default()))
    }

    /// A small value that the schema at `pointer` accepts; `None` if none was found.
    pub fn sample(&mut self, pointer: &str, direction: Direction) -> Option<Value> {
        let schemas = self.schemas();
        let id = schemas.lower_at(Side::Base, pointer, direction)?;
        schemas.sample(id)
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
        let schemas = self.schemas();
        let id = schemas.lower_at(Side::Base, pointer, direction)?;
        schemas.instance_with(id, path, value)
    }
}
