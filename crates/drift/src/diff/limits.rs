//! The limits of a schema, and those that a value satisfies on one side only.

use openapi_document::Number;
use serde_json::Value;

use crate::report::Side;
use crate::schema::ast::{Bound, Keyword};

/// The combined limits of all parts of a schema; if limits cannot be combined, the first one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Limits<'d> {
    properties: Range,
    items: Range,
    length: Range,
    minimum: Option<(Number<'d>, bool)>,
    maximum: Option<(Number<'d>, bool)>,
    multiple_of: Option<Number<'d>>,
    pattern: Option<&'d str>,
    format: Option<Format>,
    has_distinct_items: bool,
    /// How many items match the schema of `contains`.
    contained: Range,
}

/// The format of an integer, which has as many values below zero as not.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Format {
    name: &'static str,
    least: f64,
}

impl Format {
    /// The format with a least value.
    fn of(least: i64) -> Self {
        match i32::try_from(least) {
            Ok(least) => Self {
                name: "int32",
                least: least.into(),
            },
            Err(_) => Self {
                name: "int64",
                least: -(2.0_f64.powi(63)),
            },
        }
    }
}

/// A minimum and a maximum count.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
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
            Keyword::Minimum(Bound::Written(bound, is_excluded)) => {
                self.minimum.get_or_insert((*bound, *is_excluded));
            }
            Keyword::Maximum(Bound::Written(bound, is_excluded)) => {
                self.maximum.get_or_insert((*bound, *is_excluded));
            }
            Keyword::Minimum(Bound::OfFormat(bound)) => self.format = Some(Format::of(*bound)),
            Keyword::UniqueItems => self.has_distinct_items = true,
            Keyword::Contains(_, least, most) => {
                self.contained.at_least(*least);
                if let Some(most) = most {
                    self.contained.at_most(*most);
                }
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
        Value::Array(items) => listed(base, revision, items),
        Value::String(text) => {
            let length = text.chars().count();
            let mut changes = counted(base.length, revision.length, length, ["character", "characters"]);
            changes.extend(matched(base.pattern, revision.pattern));
            changes
        }
        Value::Number(number) => bounded(base, revision, number.as_f64()?),
        Value::Null | Value::Bool(_) => Vec::new(),
    };
    // The value is not matched with patterns, divisors and the schema of `contains` here, so these come last: they explain
    // only what the other limits do not.
    let first = changes.iter().position(|it| it.is_broken)?;
    let first = changes.remove(first);
    changes.retain(|it| first.narrower.is_some() && it.narrower == first.narrower);
    changes.insert(0, first);
    let told: Vec<String> = changes.into_iter().map(|it| it.told).collect();
    Some(told.join(", and "))
}

fn listed(base: &Limits<'_>, revision: &Limits<'_>, items: &[Value]) -> Vec<Change> {
    let mut changes = counted(base.items, revision.items, items.len(), ["item", "items"]);
    let is_distinct = |limits: &Limits<'_>| limits.has_distinct_items.then_some(());
    let (old, new) = (is_distinct(base), is_distinct(revision));
    if old != new {
        let words = |()| "distinct items".to_owned();
        let has_twins = (1..items.len()).any(|index| items[..index].contains(&items[index]));
        let side = narrower(old, new, |(), ()| false);
        changes.extend(Change::new(told(old, new, words, words), has_twins, side));
    }
    if base.contained != revision.contained {
        let words = [
            "item that `contains` describes",
            "items that `contains` describes",
        ];
        let mut counts = counted(base.contained, revision.contained, 0, words);
        for count in &mut counts {
            count.is_broken = true;
        }
        changes.extend(counts);
    }
    changes
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
    let beyond = |format: Option<Format>| format.is_some_and(|it| value < it.least || -value <= it.least);
    let called = |it: Format| format!("`{}`", it.name);
    let format = Change::new(
        told(
            base.format,
            revision.format,
            |it| format!("an {}", called(it)),
            called,
        ),
        beyond(base.format) != beyond(revision.format),
        narrower(base.format, revision.format, |one, other| one.least > other.least),
    );
    least
        .into_iter()
        .chain(most)
        .chain(format.filter(|_| base.format != revision.format))
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
        let distinct = limits(&[Keyword::UniqueItems]);
        assert_eq!(
            told(&none, &distinct, json!([1, 1])).as_deref(),
            Some("distinct items, was without this limit")
        );
        assert_eq!(told(&none, &distinct, json!([1, 2])), None);
        let format = |least: i64| limits(&[Keyword::Minimum(Bound::OfFormat(least))]);
        let (short, long) = (format(i32::MIN.into()), format(i64::MIN));
        assert_eq!(
            told(&short, &long, json!(2_147_483_648_u64)).as_deref(),
            Some("an `int64`, was `int32`")
        );
        assert_eq!(
            told(&long, &none, json!(1e19)).as_deref(),
            Some("no longer an `int64`")
        );
        assert_eq!(told(&short, &long, json!(1)), None);
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
