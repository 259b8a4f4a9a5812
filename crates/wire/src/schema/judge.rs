//! Decides whether a schema accepts a value, and collects the reasons against it.

use std::borrow::Cow;
use std::sync::Arc;

use openapi_document::{Document, Node};
use serde_json::Value;

use super::Direction;
use super::answer::TOO_MUCH;
use super::discriminator::Selection;
use super::evaluation::Evaluation;
use super::kept::Kept;
use super::reasons::Reason;
use super::references::CIRCLE;
use super::tags::Tagging;
use super::travelling::travelling;
use crate::judgement::Cause;

/// Maximum number of schema applications in one judgement.
const DEAREST: u64 = 500_000;
/// Maximum number of schema applications that collect the reasons against a value. If they take more, a single general
/// reason is reported.
const TELLING: u64 = 20_000;
/// Maximum number of schema applications in all judgements under a document. It grows by one for each byte of the
/// document.
const MOST_STEPS: u64 = 2_000_000;

/// How schemas are read where OpenAPI allows several readings.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reading {
    /// Whether `format` is checked.
    pub(crate) holds_formats: bool,
    /// Whether the `nullable` of OpenAPI 3.0 applies only beside a `type`, and never adds null to an `enum`.
    pub(crate) strict_null: bool,
    /// Whether a value may match several alternatives of a `oneOf`.
    pub(crate) takes_overlaps: bool,
}

/// Judges the values of one document.
#[derive(Default)]
pub(crate) struct Judge {
    kept: Kept,
    pub(crate) reading: Reading,
    /// The schema applications in all judgements so far.
    steps: u64,
    /// Whether the document mentions a discriminator; `None` until this is needed.
    has_tags: Option<bool>,
}

impl Judge {
    /// Creates a judge with a reading of schemas.
    pub(crate) fn by(reading: Reading) -> Self {
        Self {
            reading,
            ..Self::default()
        }
    }

    /// Whether a schema accepts a value.
    ///
    /// # Errors
    /// The reason why the judge cannot decide.
    pub(crate) fn admits(
        &mut self,
        document: &Document,
        schema: Node<'_>,
        direction: Direction,
        value: &Value,
    ) -> Result<bool, String> {
        let value = travelling(document, schema, direction, value, &mut self.kept.unsent);
        self.judged(document, direction, |it| it.whole(schema, &value))
    }

    /// The schemas that the tags of a schema select.
    pub(super) fn selection(
        &mut self,
        document: &Document,
        schema: Node<'_>,
        property: &str,
    ) -> Arc<Selection> {
        self.kept.choices.of(document, schema, property).0
    }

    /// Adds the missing tags of discriminators to a value, in the `nth` possible way. `None` if no tag is missing, or
    /// if there are fewer ways.
    pub(crate) fn tagged<'d>(
        &mut self,
        document: &'d Document,
        schema: Node<'d>,
        direction: Direction,
        value: &Value,
        nth: usize,
    ) -> Option<Value> {
        let is_said = self
            .has_tags
            .get_or_insert_with(|| document.mentions("discriminator"));
        if !*is_said {
            return None;
        }
        let mut tagging = Tagging {
            judge: self,
            document,
            direction,
            skip: nth,
            is_next: false,
        };
        let completed = tagging.completed(vec![schema], value);
        completed.filter(|_| tagging.is_next)
    }

    /// All reasons of a schema against a value, or none if it accepts the value. The reasons contain the value if
    /// `quoted`.
    ///
    /// # Errors
    /// The reason why the judge cannot decide.
    pub(crate) fn refusals(
        &mut self,
        document: &Document,
        schema: Node<'_>,
        direction: Direction,
        value: &Value,
        quoted: bool,
    ) -> Result<Vec<Reason>, String> {
        let value = travelling(document, schema, direction, value, &mut self.kept.unsent);
        self.judged(document, direction, |it| {
            if it.whole(schema, &value)? {
                return Ok(Vec::new());
            }
            let steps = std::mem::replace(&mut it.steps, TELLING);
            it.is_exhausted = false;
            it.reasons.told = Some(Vec::new());
            it.reasons.are_quoted = quoted;
            let _ = it.whole(schema, &value);
            it.steps = steps.saturating_sub(TELLING - it.steps);
            let told = it.reasons.told.take();
            let told = told.filter(|told| !it.is_exhausted && !told.is_empty());
            Ok(told.unwrap_or_else(|| {
                vec![Reason {
                    pointer: String::new(),
                    cause: Cause::Schema,
                    keyword: None,
                    why: "its schema refuses it, after more steps than can be told".to_owned(),
                }]
            }))
        })
    }

    /// Judges within the limits of one judgement and of the document.
    fn judged<'d, 'v, T>(
        &mut self,
        document: &'d Document,
        direction: Direction,
        judge: impl FnOnce(&mut Evaluation<'d, 'v, '_>) -> Result<T, Cow<'static, str>>,
    ) -> Result<T, String> {
        let left = (MOST_STEPS + document.text().len() as u64).saturating_sub(self.steps);
        if left == 0 {
            return Err(TOO_MUCH.to_owned());
        }
        let most = left.min(DEAREST);
        let mut evaluation = Evaluation::new(document, direction, self.reading, &mut self.kept, most);
        let answer = judge(&mut evaluation);
        self.steps += most - evaluation.steps + 1;
        // Validators follow such a reference forever, so it has no meaning, whatever stands beside it.
        if evaluation.is_circular {
            return Err(CIRCLE.to_owned());
        }
        let is_last = evaluation.is_exhausted && most < DEAREST;
        answer.map_err(|why| {
            if is_last {
                TOO_MUCH.to_owned()
            } else {
                why.into_owned()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn all_judgements_together_take_so_many_steps() {
        let document = Document::read_schema(r#"{"items": {}}"#).unwrap();
        let mut judge = Judge {
            steps: MOST_STEPS - 1_000_000,
            ..Judge::default()
        };
        let long = Value::Array(vec![Value::Null; 400_000]);
        let mut admits = || judge.admits(&document, document.root(), Direction::Request, &long);
        let judged: Vec<_> = (0..5).map(|_| admits()).collect();
        assert_eq!(judged[..2], [Ok(true), Ok(true)]);
        assert_eq!(judged[2..], vec![Err(TOO_MUCH.to_owned()); 3]);
    }

    #[test]
    fn a_schema_that_is_reached_on_many_ways_is_applied_once() {
        let steps = |levels: usize, schema: fn(&Value) -> Value, value: &Value| {
            let mut definitions = serde_json::Map::new();
            for level in 0..levels {
                let next = json!({"$ref": format!("#/$defs/{}", level + 1)});
                definitions.insert(level.to_string(), schema(&next));
            }
            definitions.insert(
                levels.to_string(),
                json!({"properties": {"a": {"type": "string"}}}),
            );
            let document = json!({"$ref": "#/$defs/0", "$defs": definitions});
            let document = Document::read_schema(document.to_string()).unwrap();
            let mut judge = Judge::default();
            let answer = judge.admits(&document, document.root(), Direction::Request, value);
            assert_eq!(answer, Ok(true));
            judge.steps
        };
        for (schema, value) in [
            (
                (|next| json!({"oneOf": [next, {"not": next}]})) as fn(&Value) -> Value,
                json!({"a": 1}),
            ),
            (
                |next| json!({"anyOf": [next, next], "unevaluatedProperties": false}),
                json!({"a": "b"}),
            ),
        ] {
            assert!(steps(60, schema, &value) < 7 * steps(10, schema, &value));
        }
    }

    #[test]
    fn a_value_is_quoted_only_where_it_may_be_and_cut_where_it_is_long() {
        let document = Document::read_schema(r#"{"type": "integer"}"#).unwrap();
        let why = |value: &str, quoted| {
            let value = Value::from(value);
            let reasons =
                Judge::default().refusals(&document, document.root(), Direction::Request, &value, quoted);
            reasons.unwrap()[0].why.clone()
        };
        assert_eq!(why("hunter2", false), "its schema refuses it by `type`");
        assert_eq!(why("hunter2", true), "\"hunter2\" is not of type \"integer\"");
        assert_eq!(why(&"é".repeat(1000), true), format!("\"{}…", "é".repeat(159)));
    }
}
