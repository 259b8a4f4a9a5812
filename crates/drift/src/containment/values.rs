//! The values of one document's schemas: made by the engine, checked by the independent judge.

use openapi_document::Document;
use serde_json::Value;

use super::Schemas;
use crate::options::Options;
use crate::report::{Direction, Side};

/// The values that the schemas of one document admit. Schemas are named by their JSON pointer.
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
///
/// let refusals = values.refusals(pet, Direction::Response, &json!({}))?;
/// assert_eq!(refusals[0].at, "/name");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Values<'d>(Schemas<'d>);

/// Why a schema refuses a value, and where in the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// JSON pointer into the value; of a property that is missing, where it would stand.
    pub at: String,
    /// What is wrong there.
    pub why: String,
}

impl<'d> Values<'d> {
    /// Reads the schemas of `document`.
    pub fn new(document: &'d Document) -> Self {
        Self(Schemas::new(document, document, &Options::default()))
    }

    /// A small value that the schema at `pointer` admits; nothing when none was found.
    pub fn sample(&mut self, pointer: &str, direction: Direction) -> Option<Value> {
        let id = self.0.lower_at(Side::Base, pointer, direction)?;
        self.0.sample(id)
    }

    /// A value that the schema at `pointer` admits and that holds `value` at the JSON pointer `path`, in which `*`
    /// stands for any item or name; nothing when none was found.
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

    /// Everything that the schema at `pointer` has against a value, by a validator that shares no code with the
    /// comparison; nothing when it admits the value.
    ///
    /// # Errors
    /// When there is no such schema or it cannot be read; the text says why.
    pub fn refusals(
        &mut self,
        pointer: &str,
        direction: Direction,
        value: &Value,
    ) -> Result<Vec<Refusal>, String> {
        let id = self.0.lower_at(Side::Base, pointer, direction);
        let id = id.ok_or_else(|| format!("there is no schema at {pointer}"))?;
        self.0.refusals(id, value)
    }
}
