//! The limits of a schema, and those that a value satisfies on one side only.

use openapi_document::Number;
use serde_json::Value;

use crate::report::Side;
use crate::schema::ast::{Bound, Keyword};

/// The combined limits of all parts of a schema; if limits cannot be combined, the first one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits<'d> {
    properties: Range,
    items: Range,
    length: Range,
    minimum: Option<(Number<'d>, bool)>,
    maximum: Option<(Number<'d>, bool)>,
    multiple_of: Option<Number<'d>>,
    pattern: Option<&'d str>,
}

/// A minimum and a maximum count.
#[derive(Clone, Copy, Debug, Default)]
struct Range {
    least: Option<u64>,
    most: Option<u64>,
}

impl Range {
    fn at_least(&mut self, own: u64) {
        self.least = Some(self.least.map_or(own, |known| known.max(own)));
    }

    fn at_most(&mut self, own: u64) {
        self.most = Some(self.most.map_or(own, |known| known.min(own)));
    }
}

impl<'d> Limits<'d> {
    pub(crate) fn add(&mut self, keyword: &Keyword<'d>) {
        match keyword {
            Keyword::MinProperties(n) => self.properties.at_least(*n),
            Keyword::MaxProperties(n) => self.properties.at_most(*n),
            Keyword::MinItems(n) => self.items.at_least(*n),
            Keyword::MaxItems(n) => self.items.at_most(*n),
            Keyword::MinLength(n) => self.length.at_least(*n),
            Keyword::MaxLength(n) => self.length.at_most(*n),
            // The bound of a format is reported with the format.
            Keyword::Minimum(Bound::Written(bound, is_excluded)) => {
                self.minimum.get_or_insert((*bound, *is_excluded));
            }
            Keyword::Maximum(Bound::Written(bound, is_excluded)) => {
                self.maximum.get_or_insert((*bound, *is_excluded));
            }
            Keyword::MultipleOf(number) => {
                self.multiple_of.get_or_insert(*number);
            }
            Keyword::Pattern(pattern) => {
                self.pattern.get_or_insert(pattern);
            }
            _ => {}
        }
    }
}

/// A limit that differs between the two sides.
struct Change {
    told: String,
    /// Whether the value satisfies the limit on one side only.
    is_broken: bool,
    /// The side that accepts fewer values, if this is known.
    narrower: Option<Side>,
}

impl Change {
    /// `None` if the limit is the same on both sides.
    fn new(told: Option<String>, is_broken: bool, narrower: Option<Side>) -> Option<Self> {
        told.map(|told| Self {
            told,
            is_broken,
            narrower,
        })
    }
}

/// The side that has a limit. If both have one, the revision is narrower if the order of its limit says so.
fn narrower<T: Copy>(
    base: Option<T>,
    revision: Option<T>,
    is_narrower: impl Fn(T, T) -> bool,
) -> Option<Side> {
    match (base, revision) {
        (Some(old), Some(new)) if is_narrower(new, old) => Some(Side::Revision),
        (Some(old), Some(new)) => is_narrower(old, new).then_some(Side::Base),
        (None, Some(_)) => Some(Side::Revision),
        (Some(_), None) => Some(Side::Base),
        (None, None) => None,
    }
}

/// Describes the limits of the revision that differ: first the one that `value` satisfies on one side only, then others
/// that are narrower on the same side: "at most 3 properties, was 5".
pub(crate) fn broken(base: &Limits<'_>, revision: &Limits<'_>, value: &Value) -> Option<String> {
    let mut changes: Vec<Change> = match value {
        Value::Object(members) => {
            let words = ["property", "properties"];
            counted(base.properties, revision.properties, members.len(), words)
        }
        Value::Array(items) => counted(base.items, revision.items, items.len(), ["item", "items"]),
        Value::String(text) => {
            let length = text.chars().count();
            let mut changes = counted(base.length, revision.length, length, ["character", "characters"]);
            changes.extend(matched(base.pattern, revision.pattern));
            changes
        }
        Value::Number(number) => bounded(base, revision, number.as_f64()?),
        Value::Null | Value::Bool(_) => Vec::new(),
    };
    // The value is not matched with patterns and divisors here, so these come last: they explain only what the other
    // limits do not.
    let first = changes.iter().position(|it| it.is_broken)?;
    let first = changes.remove(first);
    changes.retain(|it| first.narrower.is_some() && it.narrower == first.narrower);
    changes.insert(0, first);
    let told: Vec<String> = changes.into_iter().map(|it| it.told).collect();
    Some(told.join(", and "))
}

fn bounded(base: &Limits<'_>, revision: &Limits<'_>, value: f64) -> Vec<Change> {
    let below = |bound: &Option<(Number<'_>, bool)>| {
        bound.is_some_and(|(bound, is_excluded)| {
            value < bound.as_f64() || is_excluded && value <= bound.as_f64()
        })
    };
    let above = |bound: &Option<(Number<'_>, bool)>| {
        bound.is_some_and(|(bound, is_excluded)| {
            value > bound.as_f64() || is_excluded && value >= bound.as_f64()
        })
    };
    let least = Change::new(
        bound(base.minimum, revision.minimum, ["at least", "more than"]),
        below(&base.minimum) != below(&revision.minimum),
        narrower(base.minimum, revision.minimum, |one, other| {
            (one.0.as_f64(), one.1) > (other.0.as_f64(), other.1)
        }),
    );
    let most = Change::new(
        bound(base.maximum, revision.maximum, ["at most", "less than"]),
        above(&base.maximum) != above(&revision.maximum),
        narrower(base.maximum, revision.maximum, |one, other| {
            (one.0.as_f64(), !one.1) < (other.0.as_f64(), !other.1)
        }),
    );
    let whole = |number| format!("a multiple of {}", shortened(number));
    let divisor = Change::new(
        told(base.multiple_of, revision.multiple_of, whole, shortened),
        true,
        narrower(base.multiple_of, revision.multiple_of, |_, _| false),
    );
    least
        .into_iter()
        .chain(most)
        .chain(divisor.filter(|_| base.multiple_of != revision.multiple_of))
        .collect()
}

fn counted(base: Range, revision: Range, count: usize, [one, many]: [&str; 2]) -> Vec<Change> {
    let count = count as u64;
    let below = |range: Range| range.least.is_some_and(|least| count < least);
    let above = |range: Range| range.most.is_some_and(|most| count > most);
    let counted = |n: u64| format!("{n} {}", if n == 1 { one } else { many });
    let least = Change::new(
        told(
            base.least,
            revision.least,
            |n| format!("at least {}", counted(n)),
            |n| n.to_string(),
        ),
        below(base) != below(revision),
        narrower(base.least, revision.least, |one, other| one > other),
    );
    let most = Change::new(
        told(
            base.most,
            revision.most,
            |n| format!("at most {}", counted(n)),
            |n| n.to_string(),
        ),
        above(base) != above(revision),
        narrower(base.most, revision.most, |one, other| one < other),
    );
    least.into_iter().chain(most).collect()
}

fn matched(base: Option<&str>, revision: Option<&str>) -> Option<Change> {
    /// Maximum number of characters of a pattern in a line of text.
    const LONGEST: usize = 60;
    if base == revision {
        return None;
    }
    let shown = |pattern: &str| {
        let shown: String = pattern.chars().take(LONGEST).collect();
        let rest = if shown.len() < pattern.len() { "…" } else { "" };
        format!("`{shown}{rest}`")
    };
    let told = told(
        base,
        revision,
        |pattern| format!("like {}", shown(pattern)),
        shown,
    );
    Change::new(told, true, narrower(base, revision, |_, _| false))
}

/// Describes a bound by one of two phrases: for an inclusive bound, and for an exclusive one.
fn bound(
    base: Option<(Number<'_>, bool)>,
    revision: Option<(Number<'_>, bool)>,
    [within, beyond]: [&str; 2],
) -> Option<String> {
    let whole = |(bound, is_excluded): (Number<'_>, bool)| {
        let words = if is_excluded { beyond } else { within };
        format!("{words} {}", shortened(bound))
    };
    let is_alike = base.zip(revision).is_some_and(|(old, new)| old.1 == new.1);
    told(base, revision, whole, |it| {
        if is_alike { shortened(it.0) } else { whole(it) }
    })
}

/// A number, which may have more digits than a line of text can hold.
fn shortened(number: Number<'_>) -> String {
    const LONGEST: usize = 60;
    let text = number.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Describes a limit. The first closure writes it in full, and the second one without its words.
fn told<T: Copy>(
    old: Option<T>,
    new: Option<T>,
    whole: impl Fn(T) -> String,
    bare: impl Fn(T) -> String,
) -> Option<String> {
    match (old, new) {
        (Some(old), Some(new)) => Some(format!("{}, was {}", whole(new), bare(old))),
        (None, Some(new)) => Some(format!("{}, was without this limit", whole(new))),
        (Some(old), None) => Some(format!("no longer {}", whole(old))),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn limits(keywords: &[Keyword<'static>]) -> Limits<'static> {
        let mut limits = Limits::default();
        for keyword in keywords {
            limits.add(keyword);
        }
        limits
    }

    fn length(most: u64) -> Limits<'static> {
        limits(&[Keyword::MaxLength(most)])
    }

    #[test]
    fn a_limit_is_told_as_it_is_and_as_it_was() {
        let none = Limits::default();
        let told = |base: &Limits<'_>, revision: &Limits<'_>, value: Value| broken(base, revision, &value);
        assert_eq!(
            told(&length(5000), &length(200), json!("a".repeat(201))).as_deref(),
            Some("at most 200 characters, was 5000")
        );
        assert_eq!(
            told(&length(5), &length(1), json!("aa")).as_deref(),
            Some("at most 1 character, was 5")
        );
        assert_eq!(
            told(&none, &length(3), json!("abcd")).as_deref(),
            Some("at most 3 characters, was without this limit")
        );
        assert_eq!(
            told(&length(3), &none, json!("abcd")).as_deref(),
            Some("no longer at most 3 characters")
        );
        let items = |least| limits(&[Keyword::MinItems(least)]);
        assert_eq!(
            told(&items(1), &items(2), json!([1])).as_deref(),
            Some("at least 2 items, was 1")
        );
        let pattern = |text| limits(&[Keyword::Pattern(text)]);
        assert_eq!(
            told(&pattern("^a$"), &pattern("^b$"), json!("a")).as_deref(),
            Some("like `^b$`, was `^a$`")
        );
        let range = limits(&[Keyword::MinLength(2), Keyword::MaxLength(3)]);
        assert_eq!(
            told(&none, &range, json!("abcd")).as_deref(),
            Some(
                "at most 3 characters, was without this limit, and at least 2 characters, was without this limit"
            )
        );
        assert_eq!(
            told(&length(5), &range, json!("")).as_deref(),
            Some("at least 2 characters, was without this limit, and at most 3 characters, was 5")
        );
        assert_eq!(told(&length(3), &length(3), json!("abcd")), None);
        assert_eq!(told(&length(3), &length(2), json!(1)), None);
    }
}
