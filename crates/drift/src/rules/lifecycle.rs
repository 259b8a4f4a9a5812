//! Deprecation and sunset. Nothing fails when a thing is marked as deprecated, so that is additive: it is news for
//! whoever builds next. A sunset date is a promise that it will fail, so that is risky.

use openapi_document::{Located, Node};

use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::report::{Level, Touched};
use crate::rule::Rule;

pub(crate) const RULES: &[&Rule] = &[&DEPRECATED, &REINSTATED, &SUNSET];

pub(crate) const DEPRECATED: Rule = Rule {
    id: "deprecated",
    level: Level::Additive,
    explanation: "Something is marked as deprecated: it works, and new code should not use it.",
};
pub(crate) const REINSTATED: Rule = Rule {
    id: "reinstated",
    level: Level::Cosmetic,
    explanation: "Something is no longer marked as deprecated, or its sunset is put off.",
};
pub(crate) const SUNSET: Rule = Rule {
    id: "sunset",
    level: Level::Risky,
    explanation: "A date is set, or brought forward, after which something will stop working (`x-sunset`).",
};

/// Compares what both documents say about the future of an operation.
pub(crate) fn compare<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>) {
    let places = (&pair.base.here, &pair.revision.here);
    compare_deprecation(comparison, places, &pair.label(), pair.touched(None, ""));
}

/// Compares what both documents say about the future of the thing called `what`.
pub(crate) fn compare_deprecation<'d>(
    comparison: &mut Comparison<'d>,
    (old, new): (&Located<'d>, &Located<'d>),
    what: &str,
    touched: Touched,
) {
    let rule = match (old.is_true("deprecated"), new.is_true("deprecated")) {
        (false, true) => Some((&DEPRECATED, "is deprecated")),
        (true, false) => Some((&REINSTATED, "is no longer deprecated")),
        _ => None,
    };
    if let Some((rule, does)) = rule {
        let drift = Drift::new(rule, what, format!("{what} {does}"))
            .base(&old.at)
            .revision(&new.at);
        comparison.report(drift, touched.clone());
    }
    let date = |place: &Located<'d>| place.node.get(crate::schema::keywords::SUNSET);
    if let Some((rule, title)) = sunset(date(old), date(new), what) {
        let drift = Drift::new(rule, what, title).base(&old.at).revision(&new.at);
        comparison.report(drift, touched);
    }
}

/// The drift between two sunset dates of the thing called `what`.
pub(crate) fn sunset(
    before: Option<Node<'_>>,
    after: Option<Node<'_>>,
    what: &str,
) -> Option<(&'static Rule, String)> {
    let shown = |date: &str| date.chars().take(40).collect::<String>();
    if before == after {
        return None;
    }
    match (before.and_then(Node::as_str), after.and_then(Node::as_str)) {
        // Dates as written compare as dates when they are ISO 8601, which is what the convention asks for.
        (before, Some(after)) if before.is_none_or(|before| after < before || !is_date(before)) => {
            let title = format!("{what} will stop working on {}", shown(after));
            Some((&SUNSET, title))
        }
        (Some(before), _) => {
            let title = format!("{what} will not stop working on {} any more", shown(before));
            Some((&REINSTATED, title))
        }
        _ => None,
    }
}

fn is_date(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}
