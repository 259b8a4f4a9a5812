//! Deprecation and sunset. Nothing fails when a thing is marked as deprecated, so that is additive: it is news for
//! whoever builds next. A sunset date is a promise that it will fail, so that is risky.

use serde_json::Value;

use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::place::Place;
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
    explanation: "Something is no longer marked as deprecated.",
};
const SUNSET: Rule = Rule {
    id: "sunset",
    level: Level::Risky,
    explanation: "A date is set, or brought forward, after which something will stop working (`x-sunset`).",
};

/// Compares what both documents say about the future of an operation.
pub(crate) fn compare<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>) {
    let places = (&pair.pinned.operation, &pair.staging.operation);
    compare_deprecation(comparison, places, &pair.label(), pair.touched(None, ""));
}

/// Compares what both documents say about the future of the thing called `what`.
pub(crate) fn compare_deprecation<'d>(
    comparison: &mut Comparison<'d>,
    (old, new): (&Place<'d>, &Place<'d>),
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
            .pinned(&old.at)
            .staging(&new.at);
        comparison.report(drift, touched.clone());
    }
    // Dates as written compare as dates when they are ISO 8601, which is what the convention asks for.
    let date = |place: &Place<'d>| place.value.get("x-sunset").and_then(Value::as_str);
    if let Some(after) = date(new)
        && date(old).is_none_or(|before| after < before)
    {
        let title = format!(
            "{what} will stop working on {}",
            after.chars().take(40).collect::<String>()
        );
        let drift = Drift::new(&SUNSET, what, title).pinned(&old.at).staging(&new.at);
        comparison.report(drift, touched);
    }
}
