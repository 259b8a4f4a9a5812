//! Decides whether a schema accepts a value, and collects the reasons against it.

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

/// Maximum number of schema applications in one judgement.
const DEAREST: u64 = 500_000;
/// Maximum number of schema applications in a judgement that reports all reasons. A costlier one reports a single
/// general reason.
const TELLING: u64 = 20_000;
/// Maximum number of cached validators, and maximum number of bytes in the names under which they are cached.
const KEPT: usize = 2_000;
const KEPT_BYTES: usize = 4 << 20;
/// Maximum number of validators of a schema, newest first, that are checked for suitability for a value.
const MOST_ASKED: usize = 64;
/// Validators are specialized to the names in a value. Once the validators of a schema have taken twice this many
/// parts, and whenever that number has doubled, one validator for all names is tried. These attempts together thus
/// cost no more than the specialized validators.
const LITTLE: usize = 2_000;
/// Maximum number of parts in a validator for all names.
const LARGEST_WHOLE: usize = 60_000;
/// Maximum number of schema parts in the cached validators, and in all validators that are ever built for a document.
/// The second limit grows by one for each byte of the document.
const KEPT_PARTS: usize = 100_000;
const MOST_PARTS: usize = 800_000;
/// Maximum number of schema applications in all judgements under a document. It grows by one for each byte of the
/// document. The largest documents of vendors take 120,000; one extreme list of forty alternatives takes thirty
/// million.
const MOST_STEPS: u64 = 50_000_000;
/// The fixed cost of building a validator, in parts.
const LEAST_PARTS: usize = 100;
/// Maximum number of reasons reported for one value.
pub(crate) const MOST_REASONS: usize = 100;

/// The cost of looking up and caching one name of a value, in schema applications.
const NAME: u64 = 16;

const TOO_MUCH: &str = "too much was judged already";

/// One objection of a schema to a value.
pub(crate) struct Reason {
    pub(crate) pointer: String,
    pub(crate) cause: Cause,
    pub(crate) keyword: Option<String>,
    pub(crate) why: String,
}

/// A schema and its validator, which is built only if the cost of judging a value is acceptable.
struct Built {
    costs: Costs,
    /// The schema from which the validator is built; null afterwards.
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

/// A schema, and the direction in which its values are sent.
type Key = (NodeId, Direction);

/// The validators of one schema, by the names in the values that they were built for.
#[derive(Default)]
struct Kept {
    list: Vec<(Arc<Met>, Result<Built, String>)>,
    places: HashMap<Arc<Met>, usize>,
}

impl Kept {
    /// The index of a validator for values with these names. A validator that was built for more names is suitable,
    /// too.
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

/// The parts in all validators of one schema that were built, cached or not.
#[derive(Default)]
struct Spent {
    parts: usize,
    /// The number of parts when a validator for all names was last tried.
    tried: usize,
}

/// Caches validators by schema and by the names in a value.
#[derive(Default)]
pub(crate) struct Judge {
    built: HashMap<Key, Kept>,
    spent: HashMap<Key, Spent>,
    choices: Choices,
    pub(crate) reading: Reading,
    /// The number of validators in `built`, and the bytes of the names that they were built for.
    kept: usize,
    bytes: usize,
    /// The parts in the validators of `built`, and in all validators that were ever built.
    parts: usize,
    all_parts: usize,
    /// The schema applications in all judgements so far.
    steps: u64,
    unsent: Unsent,
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
        let value = travelling(document, schema, direction, value, &mut self.unsent);
        let (validator, _) = self.validator(document, schema, direction, &value)?;
        Ok(validator.is_valid(&value))
    }

    /// The schemas that the tags of a schema select.
    pub(super) fn choices(&mut self, document: &Document, schema: Node<'_>, property: &str) -> Arc<[Choice]> {
        self.choices.of(document, schema, property)
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

    /// Returns the validator of a schema for a value, and the cost of running it.
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

    /// Builds a validator of a schema for values with these names, and returns its index among those of the schema.
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

    /// Caches a validator, and returns its index among those of the schema.
    fn hold(&mut self, key: Key, met: Met, parts: usize, built: Result<Built, String>) -> usize {
        self.kept += 1;
        self.bytes += met.bytes();
        self.parts += parts + LEAST_PARTS;
        self.built.entry(key).or_default().push(met, built)
    }

    /// Builds a validator, and returns it with the number of its parts.
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

/// The number of JSON values in a schema.
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
        // The value may be a secret, so the reason contains only the keyword.
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

/// The validator's message, truncated if it is long.
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
                // The validator resolves references in no fixed order, so it may name a different one each time.
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
        // A validator that was built for more names also serves values with fewer names.
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
