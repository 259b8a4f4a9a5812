//! Operations that appear, disappear or stand before another.

use serde_json::{Map, Value};

use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::gate::Claim;
use crate::report::{Direction, Level, Side, Touched, Witness};
use crate::rule::Rule;
use crate::rules::{message, parameters};
use openapi_document::view::{Operation, Operations, template_names, template_texts};

pub(crate) const RULES: &[&Rule] = &[&REMOVED, &GENERALIZED, &ADDED, &SHADOWED];

const REMOVED: Rule = Rule {
    id: "operation-removed",
    level: Level::Breaking,
    explanation: "An operation that callers use is gone: every request to it is refused.",
};
/// See reading 9 in `docs/readings.md`.
const GENERALIZED: Rule = Rule {
    id: "operation-generalized",
    level: Level::Risky,
    explanation: "A path without parameters is gone, and a path with parameters answers its requests.",
};
const ADDED: Rule = Rule {
    id: "operation-added",
    level: Level::Additive,
    explanation: "An operation is new; no old caller knows it.",
};
const SHADOWED: Rule = Rule {
    id: "operation-shadowed",
    level: Level::Risky,
    explanation: "A new path without parameters takes requests that a path with parameters answers at the pin.",
};

/// Files an operation that the revision no longer has.
pub(crate) fn removed<'d>(comparison: &mut Comparison<'d>, operation: &Operation<'d>, touched: Touched) {
    let label = operation.label();
    let drift = Drift::new(&REMOVED, label.clone(), format!("{label} is gone"))
        .base(&operation.here.at)
        .flows(Direction::Request);
    // It has no counterpart, and needs none: only the base writes the request.
    let pair = Pair {
        base: operation.clone(),
        revision: operation.clone(),
        name: None,
        calls_back: false,
    };
    let message = message::request(comparison, Side::Base, &pair, None);
    let witness = Witness {
        value: request_line(operation, &operation.path),
        accepted_by: Side::Base,
        rejected_by: Side::Revision,
        because: "staging declares no such operation".to_owned(),
        message: None,
    };
    let index = comparison.findings.of(drift.witness(Some(witness)));
    let claim = Claim {
        pair: &pair,
        accepted_by: Side::Base,
        at: "",
        is_removal: true,
        status: None,
        message: &message,
    };
    comparison.show(index, &claim);
    comparison.findings.touch(index, touched);
}

/// Files an operation of a path without parameters whose requests `general` of the revision answers.
pub(crate) fn generalized(
    comparison: &mut Comparison<'_>,
    operation: &Operation<'_>,
    general: &Operation<'_>,
    touched: Touched,
) {
    let title = format!(
        "{} is gone; {} answers its requests",
        operation.label(),
        general.label()
    );
    let drift = Drift::new(&GENERALIZED, title.clone(), title)
        .base(&operation.here.at)
        .revision(&general.here.at)
        .flows(Direction::Request);
    comparison.report(drift, touched);
}

/// The operation of the revision that answers the requests to a path without parameters: its template matches the path,
/// and its parameters take what stands there.
pub(crate) fn generalizing<'a, 'd>(
    comparison: &mut Comparison<'d>,
    list: &'a Operations<'d>,
    operation: &Operation<'d>,
    touched: &Touched,
) -> Option<&'a Operation<'d>> {
    let general = answering(list, operation)?;
    let values = template_texts(&general.path, &operation.path)?;
    let names = template_names(&general.path);
    let declared = parameters::of(comparison, Side::Revision, general, touched);
    let takes = names.iter().zip(values).all(|(name, text)| {
        let parameter = declared
            .iter()
            .find(|it| it.location == "path" && it.name == *name);
        let Some(schema) = parameter.and_then(parameters::Parameter::schema) else {
            return true;
        };
        let id = comparison
            .schemas
            .lower(Side::Revision, schema.node, Direction::Request);
        // On the wire the text of a number is a number.
        let read = serde_json::from_str::<Value>(text)
            .ok()
            .filter(|it| !it.is_object() && !it.is_array());
        let mut readings = read.into_iter().chain([Value::from(text)]);
        readings.any(|value| comparison.schemas.accepts(id, &value) == Ok(true))
    });
    takes.then_some(general)
}

/// Files an operation that is new in the revision.
pub(crate) fn added(comparison: &mut Comparison<'_>, operation: &Operation<'_>, touched: Touched) {
    let label = operation.label();
    let drift = Drift::new(&ADDED, label.clone(), format!("{label} is new")).revision(&operation.here.at);
    comparison.report(drift, touched);
}

/// Files a new operation that takes requests away from `shadowed`, which both documents have.
pub(crate) fn shadowed(
    comparison: &mut Comparison<'_>,
    operation: &Operation<'_>,
    shadowed: &Operation<'_>,
    touched: Touched,
) {
    let title = format!(
        "{} now takes a request that {} answers at the pin",
        operation.label(),
        shadowed.label()
    );
    let witness = Witness {
        value: request_line(operation, &operation.path),
        accepted_by: Side::Base,
        rejected_by: Side::Revision,
        because: "a path without parameters comes before one with them".to_owned(),
        message: None,
    };
    let drift = Drift::new(&SHADOWED, title.clone(), title)
        .base(&shadowed.here.at)
        .revision(&operation.here.at)
        .flows(Direction::Request)
        .witness(Some(witness));
    comparison.report(drift, touched);
}

fn request_line(operation: &Operation<'_>, path: &str) -> Value {
    let mut line = Map::new();
    line.insert("method".to_owned(), (*operation.method).into());
    line.insert("path".to_owned(), path.into());
    Value::Object(line)
}

/// The operation of `list` that answers requests to the path of `operation`, a path without parameters.
pub(crate) fn answering<'a, 'd>(
    list: &'a Operations<'d>,
    operation: &Operation<'d>,
) -> Option<&'a Operation<'d>> {
    if operation.path.contains('{') {
        return None;
    }
    list.list.iter().find(|other| {
        other.method == operation.method
            && other.path.contains('{')
            && template_texts(&other.path, &operation.path).is_some()
    })
}
