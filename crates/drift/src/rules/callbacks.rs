//! Callbacks and webhooks: requests that the service sends. Their receiver must be able to read whatever the revision
//! may send.

use openapi_document::Located;

use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::report::{Direction, Level, Side, Touched};
use crate::rule::{Affects, Rule};
use crate::rules::uncompared;
use openapi_document::view::Operation;

pub(crate) const RULES: &[&Rule] = &[&LOST, &ADDED, &NESTED];

const LOST: Rule = Rule {
    id: "callback-lost",
    level: Level::Risky,
    affects: Affects::Receivers,
    explanation: "A webhook or callback that receivers may wait for is gone.",
    mend: "Do not rely on this call any more.",
    readings: &[8],
};
const ADDED: Rule = Rule {
    id: "callback-added",
    level: Level::Additive,
    affects: Affects::Receivers,
    explanation: "A webhook or callback is new. Only services that subscribe to it receive it.",
    mend: "Nothing to do.",
    readings: &[8],
};

const NESTED: Rule = Rule {
    id: "callback-of-a-call-changed",
    level: Level::Risky,
    affects: Affects::Receivers,
    explanation: "The callbacks inside a webhook or callback differ. They are calls to the vendor's service and are not compared.",
    mend: "Compare them by hand if you make these calls.",
    readings: &[8],
};

/// Reports that the callbacks of a call by the service differ.
pub(crate) fn nested<'d>(
    comparison: &mut Comparison<'d>,
    pair: &Pair<'d>,
    base: Option<&Located<'d>>,
    revision: Option<&Located<'d>>,
) {
    let shape = |side: Side, place: Option<&Located<'d>>| place.map(|it| comparison.shape(side, it.node));
    if shape(Side::Base, base) == shape(Side::Revision, revision) {
        return;
    }
    let title = format!("the callbacks of {} differ", pair.label());
    let mut drift = Drift::new(&NESTED, title.clone(), title)
        .flows(pair.answers())
        .undecided("callbacks of what the service calls are not compared");
    (drift.base_at, drift.revision_at) = (
        base.map(|it| it.at.to_string()),
        revision.map(|it| it.at.to_string()),
    );
    comparison.report(drift, pair.touched(None, ""));
}

/// Reports a call that the service no longer makes.
pub(crate) fn removed(comparison: &mut Comparison<'_>, operation: &Operation<'_>, touched: Touched) {
    let title = format!("the service no longer calls {}", operation.label());
    let drift = Drift::new(&LOST, title.clone(), title)
        .base(&operation.here.at)
        .flows(Direction::Response);
    comparison.report(drift, touched);
}

/// Reports a call that the service did not make before.
pub(crate) fn added(comparison: &mut Comparison<'_>, operation: &Operation<'_>, touched: Touched) {
    let title = format!("the service also calls {}", operation.label());
    let drift = Drift::new(&ADDED, title.clone(), title)
        .revision(&operation.here.at)
        .flows(Direction::Response);
    comparison.report(drift, touched);
}

/// Reports that the callbacks of an operation are too many to be compared.
pub(crate) fn leave_open(comparison: &mut Comparison<'_>, pair: &Pair<'_>) {
    let title = "so many callbacks are declared that these were not compared";
    uncompared::tell(comparison, pair, "/callbacks", title);
}

/// The destination of a callback's calls, in normal form. An expression may be written with or without braces, and
/// header names have no case.
///
/// See reading 8 in `docs/readings.md`.
pub(crate) fn target(expression: &str) -> String {
    let expression = expression.trim();
    let whole = if expression.starts_with('$') {
        format!("{{{expression}}}")
    } else {
        expression.to_owned()
    };
    let mut target = String::with_capacity(whole.len());
    let mut rest = whole.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((inside, tail)) = after.split_once('}') else {
            break;
        };
        let is_header = inside.contains(".header.");
        let inside = if is_header {
            inside.to_ascii_lowercase()
        } else {
            inside.to_owned()
        };
        target.push_str(before);
        target.push('{');
        target.push_str(&inside);
        target.push('}');
        rest = tail;
    }
    target + rest
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn a_target_is_the_same_in_braces_and_bare() {
        assert_eq!(target("$request.body#/Url"), target("{$request.body#/Url}"));
        assert_eq!(
            target("https://h/{$request.header.X-To}?a={$url}"),
            target("https://h/{$request.header.x-to}?a={$url}")
        );
        assert_ne!(target("{$request.body#/Url}"), target("{$request.body#/url}"));
    }
}
