//! Callbacks and webhooks: requests that the service sends. There, we must be able to read whatever the revision may send.

use crate::comparison::Comparison;
use crate::findings::Drift;
use crate::report::{Direction, Level, Touched};
use crate::rule::Rule;
use openapi_document::view::Operation;

pub(crate) const RULES: &[&Rule] = &[&LOST, &ADDED];

const LOST: Rule = Rule {
    id: "callback-lost",
    level: Level::Risky,
    explanation: "A callback or webhook that we may wait for is gone.",
};
const ADDED: Rule = Rule {
    id: "callback-added",
    level: Level::Additive,
    explanation: "A callback or webhook is new; whoever subscribes to it learns of it.",
};

/// Files a call that the service no longer makes.
pub(crate) fn removed(comparison: &mut Comparison<'_>, operation: &Operation<'_>, touched: Touched) {
    let title = format!("the service no longer calls {}", operation.label());
    let drift = Drift::new(&LOST, title.clone(), title)
        .base(&operation.here.at)
        .flows(Direction::Response);
    comparison.report(drift, touched);
}

/// Files a call that the service makes anew.
pub(crate) fn added(comparison: &mut Comparison<'_>, operation: &Operation<'_>, touched: Touched) {
    let title = format!("the service also calls {}", operation.label());
    let drift = Drift::new(&ADDED, title.clone(), title)
        .revision(&operation.here.at)
        .flows(Direction::Response);
    comparison.report(drift, touched);
}
