//! The limits of a schema, and those that a value keeps on one side only.

use openapi_document::Number;
use serde_json::Value;

use crate::schema::ast::{Bound, Keyword};

/// The limits that all parts of a schema set together. If limits cannot be combined, the first one is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Limits<'d> {
    properties: Range,
    items: Range,
    length: Range,
    minimum: Option<(Number, bool)>,
    maximum: Option<(Number, bool)>,
    multiple_of: Option<Number>,
    pattern: Option<&'d str>,
}

/// The lowest and the highest allowed number.
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

/// Describes the limit that `value` keeps on one side only, from the revision's view: "at most 3 properties, was 5".
pub(crate) fn broken(base: &Limits<'_>, revision: &Limits<'_>, value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => counted(
            base.properties,
            revision.properties,
            members.len(),
            ["property", "properties"],
        ),
        Value::Array(items) => counted(base.items, revision.items, items.len(), ["item", "items"]),
        Value::String(text) => {
            let length = text.chars().count();
            counted(base.length, revision.length, length, ["character", "characters"])
                .or_else(|| matched(base.pattern, revision.pattern))
        }
        Value::Number(number) => {
            let value = number.as_f64()?;
            let below = |bound: &Option<(Number, bool)>| {
                bound.is_some_and(|(bound, is_excluded)| {
                    value < bound.as_f64() || is_excluded && value <= bound.as_f64()
                })
            };
            let above = |bound: &Option<(Number, bool)>| {
                bound.is_some_and(|(bound, is_excluded)| {
                    value > bound.as_f64() || is_excluded && value >= bound.as_f64()
                })
            };
            if below(&base.minimum) != below(&revision.minimum) {
                bound(base.minimum, revision.minimum, ["at least", "more than"])
            } else if above(&base.maximum) != above(&revision.maximum) {
                bound(base.maximum, revision.maximum, ["at most", "less than"])
            } else if base.multiple_of != revision.multiple_of {
                let whole = |number| format!("a multiple of {number}");
                told(base.multiple_of, revision.multiple_of, whole, |number| {
                    number.to_string()
                })
            } else {
                None
            }
        }
        Value::Null | Value::Bool(_) => None,
    }
}

fn counted(base: Range, revision: Range, count: usize, [one, many]: [&str; 2]) -> Option<String> {
    let count = count as u64;
    let below = |range: Range| range.least.is_some_and(|least| count < least);
    let above = |range: Range| range.most.is_some_and(|most| count > most);
    let counted = |n: u64| format!("{n} {}", if n == 1 { one } else { many });
    if below(base) != below(revision) {
        told(
            base.least,
            revision.least,
            |n| format!("at least {}", counted(n)),
            |n| n.to_string(),
        )
    } else if above(base) != above(revision) {
        told(
            base.most,
            revision.most,
            |n| format!("at most {}", counted(n)),
            |n| n.to_string(),
        )
    } else {
        None
    }
}

fn matched(base: Option<&str>, revision: Option<&str>) -> Option<String> {
    /// Maximum number of characters of a pattern in a title.
    const LONGEST: usize = 60;
    if base == revision {
        return None;
    }
    let shown = |pattern: &str| {
        let shown: String = pattern.chars().take(LONGEST).collect();
        let rest = if shown.len() < pattern.len() { "…" } else { "" };
        format!("`{shown}{rest}`")
    };
    told(
        base,
        revision,
        |pattern| format!("like {}", shown(pattern)),
        shown,
    )
}

/// Describes a bound with one of two words: the first for an inclusive bound, the second for an exclusive one.
fn bound(
    base: Option<(Number, bool)>,
    revision: Option<(Number, bool)>,
    [within, beyond]: [&str; 2],
) -> Option<String> {
    let whole = |(bound, is_excluded): (Number, bool)| {
        format!("{} {bound}", if is_excluded { beyond } else { within })
    };
    let is_alike = base.zip(revision).is_some_and(|(old, new)| old.1 == new.1);
    told(base, revision, whole, |it| {
        if is_alike { it.0.to_string() } else { whole(it) }
    })
}

/// Describes the change of a limit. `whole` writes a limit with its words, and `bare` without them.
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
        assert_eq!(told(&length(3), &length(3), json!("abcd")), None);
        assert_eq!(told(&length(3), &length(2), json!(1)), None);
    }
}
