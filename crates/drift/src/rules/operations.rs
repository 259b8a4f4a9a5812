//! Operations that are added, removed or take precedence over another.

use serde_json::{Map, Value};

use crate::comparison::{Comparison, Pair};
use crate::containment::{Verdict, World};
use crate::findings::Drift;
use crate::gate::Claim;
use crate::report::{Direction, Level, Side, Touched, Witness};
use crate::rule::{Affects, Rule};
use crate::rules::departures::Departure;
use crate::rules::message;
use crate::rules::parameters::{self, Parameter};
use crate::rules::templates::Templates;
use openapi_document::view::{Operation, template_names, template_texts};

pub(crate) const RULES: &[&Rule] = &[&REMOVED, &GENERALIZED, &ADDED, &SHADOWED];

pub(crate) const REMOVED: Rule = Rule {
    id: "operation-removed",
    level: Level::Breaking,
    affects: Affects::Callers,
    explanation: "An operation is gone, so every request to it is refused.",
    mend: "Stop calling the operation.",
    readings: &[9],
};
const GENERALIZED: Rule = Rule {
    id: "operation-generalized",
    level: Level::Risky,
    affects: Affects::Callers,
    explanation: "A path is gone, and a more general path with parameters in its place answers its requests.",
    mend: "Check that the general path does the same for your requests.",
    readings: &[9],
};
const ADDED: Rule = Rule {
    id: "operation-added",
    level: Level::Additive,
    affects: Affects::Nobody,
    explanation: "An operation is new.",
    mend: "Nothing to do.",
    readings: &[9],
};
const SHADOWED: Rule = Rule {
    id: "operation-shadowed",
    level: Level::Risky,
    affects: Affects::Callers,
    explanation: "A new path without parameters receives requests that a path with parameters answered before.",
    mend: "Check which of the two paths your requests mean.",
    readings: &[9],
};

/// Reports the operations that the revision lacks for one cause.
pub(crate) fn removed<'d>(
    comparison: &mut Comparison<'d>,
    departure: &Departure<'_, 'd>,
    touched: impl Fn(&Operation<'d>) -> Touched,
) {
    let Departure {
        operations,
        title,
        successor,
    } = departure;
    let Some(first) = operations.first() else {
        return;
    };
    let mut drift = Drift::new(&REMOVED, title.clone(), title.clone())
        .base(&first.here.at)
        .flows(Direction::Request);
    if let Some(successor) = successor {
        drift = drift.revision(&successor.here.at);
    }
    let witness = Witness {
        value: request_line(first, &first.path),
        accepted_by: Side::Base,
        rejected_by: Side::Revision,
        because: "no such operation is declared".to_owned(),
        message: None,
    };
    let place = comparison
        .findings
        .of_kind(drift.witness(Some(witness)), &touched(first));
    for operation in operations {
        if !place.is_beside && comparison.wants_message(place.index) {
            // A removed operation needs no counterpart, since only the base writes the request.
            let pair = Pair {
                base: (*operation).clone(),
                revision: (*operation).clone(),
                endpoint: touched(operation).endpoint,
                calls_back: false,
            };
            if !comparison.may_show(place.index, comparison.parts_of_requests(&pair)) {
                comparison.findings.touch_at(place, touched(operation));
                continue;
            }
            let message = message::request(comparison, Side::Base, &pair, None);
            let claim = Claim {
                pair: &pair,
                accepted_by: Side::Base,
                at: "",
                is_removal: true,
                is_list: false,
                status: None,
                message: &message,
            };
            comparison.show(place.index, &claim);
        }
        comparison.findings.touch_at(place, touched(operation));
    }
}

/// Reports a removed operation whose requests are answered by `general` of the revision.
pub(crate) fn generalized(
    comparison: &mut Comparison<'_>,
    operation: &Operation<'_>,
    general: &Operation<'_>,
    touched: Touched,
) {
    let title = format!(
        "{} is gone, and {} answers its requests",
        operation.label(),
        general.label()
    );
    let drift = Drift::new(&GENERALIZED, title.clone(), title)
        .base(&operation.here.at)
        .revision(&general.here.at)
        .flows(Direction::Request);
    comparison.report(drift, touched);
}

/// The operation of the revision that answers the requests to another path. Its template matches the path, and its
/// parameters accept the texts at their places.
pub(crate) fn generalizing<'a, 'd>(
    comparison: &mut Comparison<'d>,
    templates: &Templates<'a, 'd>,
    operation: &Operation<'d>,
    touched: &Touched,
) -> Option<&'a Operation<'d>> {
    let general = templates.matching(operation)?;
    answers(comparison, Side::Revision, general, operation, touched).then_some(general)
}

/// Whether the parameters of `general` accept the texts of the path of `operation` at their places. The template of
/// `general` matches the path.
fn answers<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    general: &Operation<'d>,
    operation: &Operation<'d>,
    touched: &Touched,
) -> bool {
    let Some(texts) = template_texts(&general.path, &operation.path) else {
        return false;
    };
    let names = template_names(&general.path);
    let sent = parameters::of(comparison, side.other(), operation, touched);
    let read = parameters::of(comparison, side, general, touched);
    let mut pieces = names.into_iter().zip(texts);
    pieces.all(|(name, text)| takes(comparison, side, &sent, named(&read, name), text))
}

fn named<'a, 'd>(list: &'a [Parameter<'d>], name: &str) -> Option<&'a Parameter<'d>> {
    list.iter().find(|it| it.location == "path" && it.name == name)
}

/// Whether a path parameter accepts a text, or each value of the parameter that stood there.
fn takes<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    sent: &[Parameter<'d>],
    read: Option<&Parameter<'d>>,
    text: &str,
) -> bool {
    let lower = |comparison: &mut Comparison<'d>, side: Side, it: &Parameter<'d>| {
        let carrier = it.writing().carrier();
        let schemas = &mut comparison.schemas;
        let schema = it.schema()?;
        Some(schemas.lower_carried(side, schema.node, Direction::Request, carrier))
    };
    let Some(read) = read.and_then(|it| lower(comparison, side, it)) else {
        return true;
    };
    let own = text.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
    match own.filter(|it| !it.contains('{')) {
        Some(own) => {
            let sent = named(sent, own).and_then(|it| lower(comparison, side.other(), it));
            sent.is_some_and(|sent| comparison.schemas.contains(sent, read, World::Closed) == Verdict::Proved)
        }
        // If the parameter is only a part of the text, the check is just whether the reader accepts any text.
        None if text.contains('{') => comparison.schemas.outside(read) == Ok(None),
        None => comparison.schemas.accepts(read, &Value::from(text)) == Ok(true),
    }
}

/// Reports an operation that is new in the revision.
pub(crate) fn added(comparison: &mut Comparison<'_>, operation: &Operation<'_>, touched: Touched) {
    let label = operation.label();
    let drift = Drift::new(&ADDED, label.clone(), format!("{label} is new")).revision(&operation.here.at);
    comparison.report(drift, touched);
}

/// Reports a new operation that takes requests away from `shadowed`, which both documents have.
pub(crate) fn shadowed(
    comparison: &mut Comparison<'_>,
    operation: &Operation<'_>,
    shadowed: &Operation<'_>,
    touched: Touched,
) {
    let title = format!(
        "{} now takes a request that {} answered",
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

/// The operation of the base that answers requests to the path of a new operation, if that path has no parameters.
pub(crate) fn answering<'a, 'd>(
    comparison: &mut Comparison<'d>,
    templates: &Templates<'a, 'd>,
    operation: &Operation<'d>,
    touched: &Touched,
) -> Option<&'a Operation<'d>> {
    if operation.path.contains('{') {
        return None;
    }
    let general = templates.matching(operation)?;
    answers(comparison, Side::Base, general, operation, touched).then_some(general)
}
