//! Operations that appear, disappear or stand before another.

use serde_json::{Map, Value};

use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::gate::Claim;
use crate::report::{Direction, Level, Side, Touched, Witness};
use crate::rule::Rule;
use crate::rules::message;
use openapi_document::view::{Operation, Operations};

pub(crate) const RULES: &[&Rule] = &[&REMOVED, &ADDED, &SHADOWED];

const REMOVED: Rule = Rule {
    id: "operation-removed",
    level: Level::Breaking,
    explanation: "An operation that callers use is gone: every request to it is refused.",
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
        other.method == operation.method && other.path.contains('{') && matches(&other.path, &operation.path)
    })
}

/// Whether a template matches a path, segment by segment; a parameter takes at least one character and no slash.
fn matches(template: &str, path: &str) -> bool {
    let (mut templates, mut segments) = (template.split('/'), path.split('/'));
    loop {
        match (templates.next(), segments.next()) {
            (None, None) => return true,
            (Some(template), Some(segment)) if segment_matches(template, segment) => {}
            _ => return false,
        }
    }
}

fn segment_matches(template: &str, segment: &str) -> bool {
    let Some((before, rest)) = template.split_once('{') else {
        return template == segment;
    };
    let Some((_, after)) = rest.split_once('}') else {
        return template == segment;
    };
    let Some(tail) = segment.strip_prefix(before) else {
        return false;
    };
    // Each parameter ends at the first place where what follows it can begin.
    (1..=tail.len())
        .filter(|&end| tail.is_char_boundary(end))
        .any(|end| segment_matches(after, &tail[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_matches_paths_of_its_form() {
        assert!(matches("/users/{id}", "/users/me"));
        assert!(matches("/users/{id}:lock", "/users/me:lock"));
        assert!(!matches("/users/{id}:lock", "/users/me"));
        assert!(!matches("/users/{id}", "/users/me/banks"));
        assert!(!matches("/users/{id}", "/users/"));
    }
}
