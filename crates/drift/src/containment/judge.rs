//! The independent judge of every witness: its own [translation](super::translation) of schemas to JSON Schema 2020-12,
//! checked by the `jsonschema` validator. It shares no code with lowering, so that one misreading cannot confirm itself;
//! only where a reference leads both are told by the document.

use std::collections::{BTreeSet, HashMap};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, ValidationError, Validator};
use openapi_document::{Kind, Node, NodeId, Version, pointer};
use serde_json::Value;

use super::reading::Reading;
use super::translation::{FOREIGN, LARGEST, Names, Subject, is_foreign, translated};
use super::validation_cost::validation_cost;
use super::values::Refusal;
use crate::instance::instance;
use crate::report::Direction;

type BuiltKey = (NodeId, Option<Direction>, Names);

/// Applications of schemas to values that one judgement may take at most.
const DEAREST: u64 = 500_000;
/// A validator gathers all that it has against a value; beyond this many applications it is not asked to.
const TELLING: u64 = 20_000;
/// Validators kept at most.
const KEPT: usize = 2_000;

/// A schema as the validator has it.
struct Built {
    schema: Value,
    validator: Validator,
}

/// Validators, kept for each schema and the names that values have at each depth.
#[derive(Default)]
pub(super) struct Judge {
    built: HashMap<BuiltKey, Result<Built, String>>,
}

impl Judge {
    /// Whether a schema admits a value.
    pub(super) fn admits(
        &mut self,
        subject: Subject<'_>,
        reading: Reading,
        value: &Value,
    ) -> Result<bool, String> {
        Ok(self.validator(subject, reading, value)?.0.is_valid(value))
    }

    /// Why a schema refuses a value; `Ok(None)` when it admits it.
    pub(super) fn refusal(
        &mut self,
        subject: Subject<'_>,
        reading: Reading,
        value: &Value,
    ) -> Result<Option<String>, String> {
        let (validator, cost) = self.validator(subject, reading, value)?;
        if validator.is_valid(value) {
            return Ok(None);
        }
        if cost > TELLING {
            return Ok(Some(
                "it is refused, after more steps than can be told".to_owned(),
            ));
        }
        Ok(validator.iter_errors(value).next().map(|error| {
            let at = error.instance_path().to_string();
            let what = told(&error);
            if at.is_empty() {
                what
            } else {
                format!("at {at}: {what}")
            }
        }))
    }

    /// Everything that a schema has against a value, in the order of the schema.
    pub(super) fn refusals(
        &mut self,
        subject: Subject<'_>,
        reading: Reading,
        value: &Value,
    ) -> Result<Vec<Refusal>, String> {
        let (validator, cost) = self.validator(subject, reading, value)?;
        if cost > TELLING {
            return Err("the schema and the value are too large to tell what is wrong".to_owned());
        }
        let refusals = validator.iter_errors(value).map(|error| {
            let mut at = error.instance_path().to_string();
            if let ValidationErrorKind::Required {
                property: Value::String(name),
            } = error.kind()
            {
                at = pointer::join(&at, name);
            }
            Refusal {
                at,
                why: told(&error),
            }
        });
        Ok(refusals.collect())
    }

    fn validator(
        &mut self,
        subject: Subject<'_>,
        reading: Reading,
        value: &Value,
    ) -> Result<(&Validator, u64), String> {
        // Properties that the value does not have cannot matter, and a validator without them is built faster.
        let mut names = Names::new();
        if subject.document.version() != Version::JsonSchema {
            collect_names(value, 0, &mut names);
        }
        let key = (subject.schema.id(), subject.direction, names);
        if self.built.len() == KEPT && !self.built.contains_key(&key) {
            self.built.clear();
        }
        let built = self
            .built
            .entry(key)
            .or_insert_with_key(|(_, _, names)| build(subject, reading, names));
        let built = built.as_ref().map_err(Clone::clone)?;
        let cost = validation_cost(&built.schema, value)?;
        if cost > DEAREST {
            return Err("the schema takes too many steps to be judged".to_owned());
        }
        Ok((&built.validator, cost))
    }
}

/// The message of the validator, cut where it repeats a long value.
fn told(error: &ValidationError<'_>) -> String {
    let what = error.to_string();
    if what.chars().count() > 160 {
        what.chars().take(160).chain(['…']).collect()
    } else {
        what
    }
}

fn collect_names(value: &Value, depth: usize, into: &mut Names) {
    if into.len() == depth {
        into.push(BTreeSet::new());
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, depth + 1, into)),
        Value::Object(map) => {
            for (name, value) in map {
                into[depth].insert(name.clone());
                collect_names(value, depth + 1, into);
            }
        }
        _ => {}
    }
}

fn build(subject: Subject<'_>, reading: Reading, names: &Names) -> Result<Built, String> {
    let schema = if subject.document.version() == Version::JsonSchema {
        if let Some(why) = unread(subject.schema) {
            return Err(why.to_owned());
        }
        instance(subject.schema)
    } else {
        translated(subject, reading, names)?
    };
    let validator = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(reading.formats)
        .build(&schema)
        .map_err(|error| {
            let text: String = error.to_string().chars().take(160).collect();
            format!("the judge cannot read the schema: {text}")
        })?;
    Ok(Built { schema, validator })
}

/// Why a whole schema is not handed to the validator, if it is not.
fn unread(schema: Node<'_>) -> Option<&'static str> {
    let mut objects = 0;
    let mut open = vec![schema];
    while let Some(node) = open.pop() {
        match node.kind() {
            Kind::Array(items) => open.extend(items),
            Kind::Object(members) => {
                objects += 1;
                if members.get("$schema").is_some_and(is_foreign) {
                    return Some(FOREIGN);
                }
                open.extend(members.values());
            }
            _ => {}
        }
    }
    (objects > LARGEST).then_some("the schema is too large for the judge")
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;

    use super::*;
    use crate::options::Nullable;

    #[test]
    fn validators_are_kept_until_they_are_too_many() {
        let reading = Reading {
            nullable: Nullable::Strict,
            formats: false,
        };
        let schemas = Document::read_schema(serde_json::json!(vec![true; KEPT + 1]).to_string()).unwrap();
        let mut judge = Judge::default();
        for (which, kept) in (0..KEPT).map(|n| (n, n + 1)).chain([(0, KEPT), (KEPT, 1)]) {
            let subject = Subject {
                document: &schemas,
                schema: schemas.root().at(which).unwrap(),
                direction: None,
            };
            assert_eq!(judge.admits(subject, reading, &Value::Null), Ok(true));
            assert_eq!(judge.built.len(), kept, "{which}");
        }
    }
}
