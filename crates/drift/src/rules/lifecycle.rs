//! Deprecation and sunset. Deprecation breaks nothing and informs new callers, so it is additive. A sunset date
//! announces that something will stop working, so it is risky.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use openapi_document::{Located, Node};

use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::report::{Level, Touched};
use crate::rule::{Affects, Rule};

pub(crate) const RULES: &[&Rule] = &[&DEPRECATED, &REINSTATED, &SUNSET];

pub(crate) const DEPRECATED: Rule = Rule {
    id: "deprecated",
    level: Level::Additive,
    affects: Affects::Developers,
    explanation: "Something is marked as deprecated. It still works, but new code should not use it.",
    mend: "Plan to stop using it.",
    readings: &[14],
};
pub(crate) const REINSTATED: Rule = Rule {
    id: "reinstated",
    level: Level::Cosmetic,
    affects: Affects::Developers,
    explanation: "Something is no longer marked as deprecated, or its sunset date is later.",
    mend: "Nothing to do.",
    readings: &[14],
};
pub(crate) const SUNSET: Rule = Rule {
    id: "sunset",
    level: Level::Risky,
    affects: Affects::Callers,
    explanation: "A date is set or moved forward after which something will stop working (`x-sunset`).",
    mend: "Stop using it before this date.",
    readings: &[14],
};

/// Compares the deprecation and the sunset date of an operation.
pub(crate) fn compare<'d>(comparison: &mut Comparison<'d>, pair: &Pair<'d>) {
    let places = (&pair.base.here, &pair.revision.here);
    compare_deprecation(comparison, places, &pair.label(), pair.touched(None, ""));
}

/// Compares the deprecation and the sunset date of the thing called `what`.
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
///
/// See reading 14 in `docs/readings.md`.
pub(crate) fn sunset(
    before: Option<Node<'_>>,
    after: Option<Node<'_>>,
    what: &str,
) -> Option<(&'static Rule, String)> {
    let shown = |node: Node<'_>| {
        let text = node.as_str().map_or_else(|| node.to_string(), str::to_owned);
        text.chars().take(40).collect::<String>()
    };
    let (before, after) = match (before, after) {
        (None, None) => return None,
        (Some(before), None) => {
            let title = format!("{what} will not stop working on {} any more", shown(before));
            return Some((&REINSTATED, title));
        }
        (None, Some(after)) => {
            let says = if after.as_str().and_then(moment).is_some() {
                "will stop working on"
            } else {
                "has a sunset that is not a date:"
            };
            return Some((&SUNSET, format!("{what} {says} {}", shown(after))));
        }
        (Some(before), Some(after)) if before == after => return None,
        (Some(before), Some(after)) => (before, after),
    };
    let date = |node: Node<'_>| node.as_str().and_then(moment);
    match (date(before), date(after)) {
        (Some(was), Some(is)) if was == is => None,
        (Some(was), Some(is)) if was < is => {
            let title = format!(
                "{what} will stop working on {}, no longer on {}",
                shown(after),
                shown(before)
            );
            Some((&REINSTATED, title))
        }
        // A date that cannot be parsed may come sooner, so the change is reported.
        (_, None) => {
            let title = format!(
                "{what} has a sunset that is not a date: {}, it said {}",
                shown(after),
                shown(before)
            );
            Some((&SUNSET, title))
        }
        _ => {
            let title = format!(
                "{what} will stop working on {}, it said {}",
                shown(after),
                shown(before)
            );
            Some((&SUNSET, title))
        }
    }
}

/// The moment that a text denotes: a date (from its first second in UTC), a date and time of RFC 3339, or an HTTP date
/// as RFC 8594 has it in the header `Sunset`.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let day = || {
        let day: Date = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()
    };
    let http = || {
        let parser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
        parser.parse_timestamp(text).ok()
    };
    text.parse().ok().or_else(day).or_else(http)
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn dates_compare_in_every_form() {
        let date = |text: &str| moment(text).unwrap_or_else(|| panic!("{text} is a date"));
        assert_eq!(date("2027-12-31"), date("Fri, 31 Dec 2027 00:00:00 GMT"));
        assert_eq!(date("2027-12-31T01:00:00+01:00"), date("2027-12-31"));
        assert_eq!(
            date("2027-12-31T23:00:00-01:00"),
            date("2028-01-01T00:00:00.000Z")
        );
        assert!(date("2028-02-29") < date("2028-03-01"));
        assert!(date("2027-12-31T23:59:59Z") < date("2028-01-01"));
        assert!(date("Sun, 31 Jan 2027 00:00:00 GMT") < date("2027-12-31"));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in ["soon", "2027", "2027-13-01", "31.12.2027", "2027-12-31T25:00:00Z"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
