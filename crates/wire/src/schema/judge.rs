//! Whether a schema takes a value, and all that it has against it.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, Validator};
use openapi_document::{Document, Node, NodeId, Version, pointer};
use serde_json::Value;

use super::Direction;
use super::cost::Costs;
use super::discriminator::{Choice, Choices};
use super::tags::Tagging;
use super::translate::{Asked, LARGEST, Met, translate, whole};
use super::travelling::{Unsent, travelling};
use crate::judgement::Cause;

/// Applications of schemas to values that one judgement may take at most.
const DEAREST: u64 = 500_000;
/// A validator gathers all that it has against a value; beyond this many applications it is not asked to.
const TELLING: u64 = 20_000;
/// Validators kept at most, and bytes of the names that they are kept under.
const KEPT: usize = 2_000;
const KEPT_BYTES: usize = 4 << 20;
/// The newest validators of a schema that are asked whether they were built for more than a value has.
const MOST_ASKED: usize = 64;
/// A validator is built for values of one depth. Once those of a schema have taken twice this many parts, and whenever they
/// have doubled since, one for values of every depth is tried: so the attempts together cost no more than the others did.
const LITTLE: usize = 2_000;
/// The most parts of such a validator.
const LARGEST_WHOLE: usize = 60_000;
/// Parts of schemas in the validators that are kept, and in all that are built for a document of no length; a byte of
/// the document is worth one more.
const KEPT_PARTS: usize = 100_000;
const MOST_PARTS: usize = 800_000;
/// Applications of schemas to values in all judgements under a document of no length; a byte of the document is worth one
/// more. The largest documents of vendors take 120,000, and one list of forty alternatives that is too long by one takes
/// thirty million.
const MOST_STEPS: u64 = 50_000_000;
/// The parts that the cheapest validator costs as much as.
const LEAST_PARTS: usize = 100;
/// Reasons told of one value at most.
pub(crate) const MOST_REASONS: usize = 100;

/// What each name of a value is worth in such applications: it is looked up, and kept with the validator.
const NAME: u64 = 16;

const TOO_MUCH: &str = "too much was judged already";

/// One thing that a schema has against a value.
pub(crate) struct Reason {
    pub(crate) pointer: String,
    pub(crate) cause: Cause,
    pub(crate) keyword: Option<String>,
    pub(crate) why: String,
}

/// A schema and its validator, which is made once a value is not too dear to be judged.
struct Built {
    costs: Costs,
    /// What the validator is made from; null afterwards.
    schema: Value,
    validator: OnceCell<Result<Validator, String>>,
}

impl Built {
    fn of(schema: Value) -> Self {
        Self {
            costs: Costs::of(&schema),
            schema,
            validator: OnceCell::new(),
        }
    }

    fn validator(&mut self, holds_formats: bool) -> Result<&Validator, String> {
        let schema = &mut self.schema;
        let made = self
            .validator
            .get_or_init(|| build(&schema.take(), holds_formats));
        made.as_ref().map_err(Clone::clone)
    }

    fn has_failed(&self) -> bool {
        self.validator.get().is_some_and(Result::is_err)
    }
}

/// How schemas are read where OpenAPI leaves it open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reading {
    /// Whether a `format` is held against a value.
    pub(crate) holds_formats: bool,
    /// Whether 3.0's `nullable` is read to the letter: beside a `type` only, and never adding to an `enum`.
    pub(crate) strict_null: bool,
    /// Whether a value may be of several alternatives of a `oneOf`.
    pub(crate) takes_overlaps: bool,
}

/// A schema, and which way its values travel.
type Key = (NodeId, Direction);

/// The validators of one schema, by what the values have that they were built for.
#[derive(Default)]
struct Kept {
    list: Vec<(Arc<Met>, Result<Built, String>)>,
    places: HashMap<Arc<Met>, usize>,
}

impl Kept {
    /// The place of a validator that judges values which have this: one that was built for more does, too.
    fn serving(&self, met: &Met) -> Option<usize> {
        let exact = self.places.get(met).copied();
        exact.or_else(|| {
            let newest = self.list.len().saturating_sub(MOST_ASKED);
            let found = self.list[newest..]
                .iter()
                .rposition(|(own, built)| built.as_ref().is_ok_and(|it| !it.has_failed()) && own.covers(met));
            found.map(|index| newest + index)
        })
    }

    fn push(&mut self, met: Met, built: Result<Built, String>) -> usize {
        let (met, index) = (Arc::new(met), self.list.len());
        self.places.insert(Arc::clone(&met), index);
        self.list.push((met, built));
        index
    }
}

/// The parts from which validators of one schema were built, kept or not.
#[derive(Default)]
struct Spent {
    parts: usize,
    /// How many they were when one was tried that judges every value.
    tried: usize,
}

/// Validators, kept for each schema and what values have.
#[derive(Default)]
pub(crate) struct Judge {
    built: HashMap<Key, Kept>,
    spent: HashMap<Key, Spent>,
    choices: Choices,
    pub(crate) reading: Reading,
    /// The number of validators in `built`, and the bytes of the names that they were built for.
    kept: usize,
    bytes: usize,
    /// The parts of the schemas that validators were built from: those of `built`, and all.
    parts: usize,
    all_parts: usize,
    /// Applications of schemas to values in all judgements.
    steps: u64,
    unsent: Unsent,
    /// Whether the document speaks of a discriminator, once that was asked.
    has_tags: Option<bool>,
}

impl Judge {
    /// A judge that reads schemas this way.
    pub(crate) fn by(reading: Reading) -> Self {
        Self {
            reading,
            ..Self::default()
        }
    }

    /// Whether a schema takes a value.
    ///
    /// # Errors
    /// Why nobody can tell.
    pub(crate) fn admits(
        &mut self,
        document: &Document,
        schema: Node<'_>,
        direction: Direction,
        value: &Value,
    ) -> Result<bool, String> {
        let value = travelling(document, schema, direction, value, &mut self.unsent);
        let (validator, _) = self.validator(document, schema, direction, &value)?;
        Ok(validator.is_valid(&value))
    }

    /// What the tags of a schema choose.
    pub(super) fn choices(&mut self, document: &Document, schema: Node<'_>, property: &str) -> Arc<[Choice]> {
        self.choices.of(document, schema, property)
    }

    /// A value with the tags that it leaves out, the `nth` time otherwise; `None` where it leaves out none, and where it was
    /// completed in every way.
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

    /// All that a schema has against a value; nothing when it takes it. Reasons repeat the value where it may be `quoted`.
    ///
    /// # Errors
    /// Why nobody can tell.
    pub(crate) fn refusals(
        &mut self,
        document: &Document,
        schema: Node<'_>,
        direction: Direction,
        value: &Value,
        quoted: bool,
    ) -> Result<Vec<Reason>, String> {
        let value = travelling(document, schema, direction, value, &mut self.unsent);
        let (validator, cost) = self.validator(document, schema, direction, &value)?;
        if validator.is_valid(&value) {
            return Ok(Vec::new());
        }
        if cost > TELLING {
            return Ok(vec![Reason {
                pointer: String::new(),
                cause: Cause::Schema,
                keyword: None,
                why: "its schema refuses it, after more steps than can be told".to_owned(),
            }]);
        }
        Ok(validator
            .iter_errors(&value)
            .take(MOST_REASONS)
            .map(|it| {
                let reason = reason(&it);
                let why = if quoted { quoting(&it) } else { reason.why };
                Reason { why, ..reason }
            })
            .collect())
    }

    /// The validator of a schema for a value, and what it costs to ask it.
    fn validator(
        &mut self,
        document: &Document,
        schema: Node<'_>,
        direction: Direction,
        value: &Value,
    ) -> Result<(&Validator, u64), String> {
        let most = MOST_STEPS + document.text().len() as u64;
        if self.steps > most {
            return Err(TOO_MUCH.to_owned());
        }
        let by_itself = document.version() == Version::JsonSchema;
        let met = if by_itself { Met::default() } else { Met::of(value) };
        self.steps += NAME * met.len() as u64;
        let key = (schema.id(), direction);
        let index = match self.built.get(&key).and_then(|kept| kept.serving(&met)) {
            Some(index) => index,
            None => self.keep(document, schema, direction, met)?,
        };
        let Some((_, built)) = self.built.get_mut(&key).and_then(|kept| kept.list.get_mut(index)) else {
            return Err(TOO_MUCH.to_owned());
        };
        let built = built.as_mut().map_err(|why| why.clone())?;
        let cost = built.costs.for_value(value)?;
        if cost > DEAREST {
            return Err("its schema takes too many steps to be judged".to_owned());
        }
        self.steps += cost;
        if self.steps > most {
            return Err(TOO_MUCH.to_owned());
        }
        let validator = built.validator(self.reading.holds_formats)?;
        Ok((validator, cost))
    }

    /// Builds a validator of a schema for values that have this, and returns its place among those of the schema.
    fn keep(
        &mut self,
        document: &Document,
        schema: Node<'_>,
        direction: Direction,
        met: Met,
    ) -> Result<usize, String> {
        let key = (schema.id(), direction);
        if self.kept >= KEPT || self.bytes > KEPT_BYTES || self.parts > KEPT_PARTS {
            self.built.clear();
            (self.kept, self.bytes, self.parts) = (0, 0, 0);
        }
        let spent = self.spent.entry(key).or_default();
        if spent.parts >= 2 * spent.tried.max(LITTLE) {
            spent.tried = spent.parts;
            let (whole, most) = (met.whole(), LARGEST.min(spent.parts / 2));
            let asked = Asked {
                direction,
                met: &whole,
                most,
            };
            let (parts, mut built) = self.build(document, schema, &asked)?;
            let is_made = built
                .as_mut()
                .is_ok_and(|it| it.validator(self.reading.holds_formats).is_ok());
            if is_made && parts <= LARGEST_WHOLE {
                return Ok(self.hold(key, whole, parts, built));
            }
        }
        let asked = Asked {
            direction,
            met: &met,
            most: LARGEST,
        };
        let (parts, built) = self.build(document, schema, &asked)?;
        self.spent.entry(key).or_default().parts += parts + LEAST_PARTS;
        Ok(self.hold(key, met, parts, built))
    }

    /// Keeps a validator, and returns its place among those of the schema.
    fn hold(&mut self, key: Key, met: Met, parts: usize, built: Result<Built, String>) -> usize {
        self.kept += 1;
        self.bytes += met.bytes();
        self.parts += parts + LEAST_PARTS;
        self.built.entry(key).or_default().push(met, built)
    }

    /// Builds a validator, and tells the parts of what it was built from.
    fn build(
        &mut self,
        document: &Document,
        schema: Node<'_>,
        asked: &Asked<'_>,
    ) -> Result<(usize, Result<Built, String>), String> {
        if self.all_parts > MOST_PARTS + document.text().len() {
            return Err(TOO_MUCH.to_owned());
        }
        let (reading, unsent, choices) = (self.reading, &mut self.unsent, &mut self.choices);
        let translated = if document.version() == Version::JsonSchema {
            whole(schema)
        } else {
            translate(document, schema, asked, reading, unsent, choices)
        };
        let parts = translated.as_ref().map_or(0, parts_of);
        self.all_parts += parts + LEAST_PARTS;
        Ok((parts, translated.map(Built::of)))
    }
}

/// The values that a schema is written of.
fn parts_of(schema: &Value) -> usize {
    let (mut open, mut count) = (vec![schema], 0);
    while let Some(value) = open.pop() {
        count += 1;
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    count
}

fn reason(error: &jsonschema::ValidationError<'_>) -> Reason {
    let at = error.instance_path().to_string();
    let keyword = error.kind().keyword();
    match error.kind() {
        ValidationErrorKind::Required {
            property: Value::String(name),
        } => Reason {
            pointer: pointer::join(&at, name),
            cause: Cause::Missing,
            keyword: Some(keyword.to_owned()),
            why: "it is required".to_owned(),
        },
        // The value itself may be a secret, so that only the keyword is told.
        kind => Reason {
            pointer: at,
            cause: match kind {
                ValidationErrorKind::OneOfMultipleValid { .. } => Cause::Ambiguous,
                _ => Cause::Schema,
            },
            keyword: Some(keyword.to_owned()),
            why: format!("its schema refuses it by `{keyword}`"),
        },
    }
}

/// The message of the validator, cut where it repeats a long value.
fn quoting(error: &jsonschema::ValidationError<'_>) -> String {
    const LONGEST: usize = 160;
    let why = error.to_string();
    match why.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &why[..end]),
        None => why,
    }
}

fn build(schema: &Value, holds_formats: bool) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(holds_formats)
        .build(schema)
        .map_err(|error| {
            let why = match error.kind() {
                // The validator looks references up in no order, so that it names another one each time.
                ValidationErrorKind::Referencing(_) => {
                    "a reference leads to nothing that it reads".to_owned()
                }
                _ => error.to_string().chars().take(160).collect(),
            };
            format!("the judge cannot read its schema: {why}")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_references_to_nowhere_the_same_is_said_each_time() {
        let names = (0..20).map(|n| {
            (
                n.to_string(),
                serde_json::json!({"$ref": format!("elsewhere{n}")}),
            )
        });
        let schema = serde_json::json!({"properties": Value::Object(names.collect())});
        let said: std::collections::BTreeSet<String> =
            (0..20).map(|_| build(&schema, false).unwrap_err()).collect();
        let expected = "the judge cannot read its schema: a reference leads to nothing that it reads";
        assert_eq!(said.iter().collect::<Vec<_>>(), [expected]);
    }

    #[test]
    fn a_validator_is_kept_under_the_names_that_a_value_has() {
        let value = serde_json::json!({"ab": [{"c": 1}, {"c": 2, "é": 3}], "d": "ef"});
        assert_eq!(Met::of(&value).bytes(), 6);
        assert_eq!(Met::of(&Value::Null).bytes(), 0);
        let document =
            Document::read(r#"{"openapi": "3.1.0", "components": {"schemas": {"S": {}}}}"#).unwrap();
        let schema = document.at("/components/schemas/S").unwrap();
        let mut judge = Judge::default();
        for value in [
            serde_json::json!({"a": 1}),
            serde_json::json!({"b": 1}),
            serde_json::json!({"a": 2}),
        ] {
            judge
                .admits(&document, schema, Direction::Request, &value)
                .unwrap();
        }
        assert_eq!((judge.kept, judge.bytes), (2, 2));
        // What was built for more names serves for fewer.
        for value in [
            serde_json::json!({"a": 1, "c": {"a": 1}}),
            serde_json::json!({"c": {}}),
            serde_json::json!([]),
        ] {
            judge
                .admits(&document, schema, Direction::Request, &value)
                .unwrap();
        }
        assert_eq!((judge.kept, judge.bytes), (3, 5));
    }

    #[test]
    fn a_schema_of_which_many_values_are_judged_gets_one_validator_for_all() {
        let properties: serde_json::Map<String, Value> = (0..200)
            .map(|it| (format!("p{it}"), serde_json::json!({"type": "integer"})))
            .collect();
        let document = serde_json::json!({
            "openapi": "3.1.0",
            "components": {"schemas": {"S": {"properties": properties}}},
        });
        let document = Document::read(document.to_string()).unwrap();
        let schema = document.at("/components/schemas/S").unwrap();
        let mut judge = Judge::default();
        for it in 0..200 {
            for (value, is_meant) in [(Value::from(1), true), (Value::from("1"), false)] {
                let value = Value::Object([(format!("p{it}"), value)].into_iter().collect());
                let admits = judge.admits(&document, schema, Direction::Request, &value);
                assert_eq!(admits, Ok(is_meant), "p{it}");
            }
        }
        assert!(judge.kept < 100, "{} were built", judge.kept);
    }

    #[test]
    fn all_judgements_together_take_so_many_steps() {
        let document =
            Document::read(r#"{"openapi": "3.1.0", "components": {"schemas": {"S": {"items": {}}}}}"#)
                .unwrap();
        let schema = document.at("/components/schemas/S").unwrap();
        let mut judge = Judge {
            steps: MOST_STEPS - 1_000_000,
            ..Judge::default()
        };
        let long = Value::Array(vec![Value::Null; 400_000]);
        let mut judged = (0..10).map(|_| judge.admits(&document, schema, Direction::Request, &long));
        assert_eq!(judged.next(), Some(Ok(true)));
        assert_eq!(judged.last(), Some(Err(TOO_MUCH.to_owned())));
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
