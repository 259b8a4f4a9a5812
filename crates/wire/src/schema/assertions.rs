//! The keywords that judge a value by itself, without a schema for its parts.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt::Write as _;

use openapi_document::{Kind, Node};
use serde_json::{Map, Value};

use super::answer::Answer;
use super::borrowed::Keyword;
use super::equality::{Exact, canonical, is_equal, order};
use super::evaluation::{Applied, Evaluation, Level, PARTS};
use super::keywords::{Keywords, is_true};
use super::reasons::{Cut, counted, listed};

/// Number of values of an `enum` above which an index of them is kept.
const LONG: usize = 16;

/// Number of bytes of items that must be unique which count as one schema application.
const COMPARED: usize = 16;

/// The names of types, each with its bit in a [`Types`].
const TYPES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];

/// A set of types.
#[derive(Clone, Copy)]
struct Types(u8);

impl Types {
    /// The types that a schema names; `None` if one of them is unknown, because `type` then has no effect.
    fn named(keyword: Node<'_>) -> Option<Self> {
        let bit = |name: &str| TYPES.iter().position(|it| *it == name).map(|index| 1 << index);
        match keyword.kind() {
            Kind::String(name) => bit(name).map(Self),
            Kind::Array(names) => {
                let mut names = names.filter_map(Node::as_str);
                let bits = names.try_fold(0, |bits, name| Some(bits | bit(name)?))?;
                (bits != 0).then_some(Self(bits))
            }
            _ => None,
        }
    }

    fn name(name: &str) -> Self {
        Self::of(TYPES.iter().position(|it| *it == name).into_iter())
    }

    fn of(indices: impl Iterator<Item = usize>) -> Self {
        Self(indices.fold(0, |bits, index| bits | 1 << index))
    }

    /// The types of a value: an integer is a number, too.
    fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::name("null"),
            Value::Bool(_) => Self::name("boolean"),
            Value::Number(number) if Exact::of_value(number).is_integer() => {
                Self(Self::name("integer").0 | Self::name("number").0)
            }
            Value::Number(_) => Self::name("number"),
            Value::String(_) => Self::name("string"),
            Value::Array(_) => Self::name("array"),
            Value::Object(_) => Self::name("object"),
        }
    }

    fn overlap(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn write(self, out: &mut Cut, value: &Value) -> std::fmt::Result {
        let plural = if self.0.is_power_of_two() { "" } else { "s" };
        write!(out, "{value} is not of type{plural} ")?;
        let names = (0..TYPES.len()).filter(|index| self.0 & (1 << index) != 0);
        for (nth, index) in names.enumerate() {
            let comma = if nth == 0 { "" } else { ", " };
            write!(out, "{comma}\"{}\"", TYPES[index])?;
        }
        Ok(())
    }
}

/// Whether only a type that JSON does not have may be the type of a value, and nothing beside it lists the values that
/// it means.
fn is_unknown(keywords: &Keywords<'_>, value: &Value) -> bool {
    let names = keywords.kind.into_iter().flat_map(|it| it.items().chain([it]));
    let (known, unknown): (Vec<_>, Vec<_>) =
        names.filter_map(Node::as_str).partition(|it| TYPES.contains(it));
    let is_listed = keywords.constant.is_some() || keywords.listed.is_some();
    let mut known = known.into_iter().map(Types::name);
    !unknown.is_empty() && !is_listed && !known.any(|it| it.overlap(Types::of_value(value)))
}

impl<'d, 'v> Evaluation<'d, 'v, '_> {
    /// The keywords that contain no schema. A malformed keyword has no effect.
    pub(super) fn assertions(&mut self, it: Applied<'_, 'd, 'v>, is_nullable: bool) -> Answer {
        let Applied { keywords, value, .. } = it;
        let mut all = self.all();
        if let Some(types) = keywords.kind.and_then(Types::named) {
            let types = if is_nullable {
                Types(types.0 | Types::name("null").0)
            } else {
                types
            };
            let is_held = types.overlap(Types::of_value(value));
            if all.is_settled_by(self.hold(is_held, "type", |out| types.write(out, value))) {
                return all.answer();
            }
        } else if is_unknown(keywords, value) {
            // The author means some of the values, or all. Values that are listed beside the type are meant.
            let _ = all.is_settled_by(Err("a `type` is none that JSON knows".into()));
        }
        if let Some(constant) = keywords.constant {
            let is_held = is_equal(constant, value);
            if all.is_settled_by(self.hold(is_held, "const", |out| write!(out, "{constant} was expected"))) {
                return all.answer();
            }
        }
        if let Some(list) = keywords.listed.filter(|it| it.is_array())
            && !(self.is_openapi() && keywords.lists_items())
            && all.is_settled_by(self.listed(list, value))
        {
            return all.answer();
        }
        let _ = all.is_settled_by(match value {
            Value::Number(number) => self.number(it, number),
            Value::String(text) => self.string(it, text),
            Value::Array(items) => self.array(it, items),
            Value::Object(members) => self.object(it, members),
            Value::Null | Value::Bool(_) => Ok(true),
        });
        all.answer()
    }

    /// `enum`.
    pub(super) fn listed(&mut self, list: Node<'d>, value: &'v Value) -> Answer {
        let mut values = list.items();
        let is_held = if values.len() > LONG {
            self.kept.lists(list, value)
        } else {
            values.any(|it| is_equal(it, value))
        };
        self.hold(is_held, "enum", |out| {
            write!(out, "{value} is not one of ")?;
            listed(out, list.items())
        })
    }

    fn number(&mut self, it: Applied<'_, 'd, 'v>, number: &serde_json::Number) -> Answer {
        let Applied { keywords, value, .. } = it;
        let mut all = self.all();
        let own = Exact::of_value(number);
        let limit = |keyword: Option<Node<'d>>| Some((keyword?, keyword?.as_number()?));
        // OpenAPI 3.0 and old drafts mark a limit as exclusive by a flag.
        let (lower, exclusive_lower) = (limit(keywords.minimum), limit(keywords.exclusive_minimum));
        let (upper, exclusive_upper) = (limit(keywords.maximum), limit(keywords.exclusive_maximum));
        let (lower, exclusive_lower) = match lower {
            Some(_) if is_true(keywords.exclusive_minimum) => (None, lower),
            _ => (lower, exclusive_lower),
        };
        let (upper, exclusive_upper) = match upper {
            Some(_) if is_true(keywords.exclusive_maximum) => (None, upper),
            _ => (upper, exclusive_upper),
        };
        let is_held: [fn(Ordering) -> bool; 4] =
            [Ordering::is_ge, Ordering::is_le, Ordering::is_gt, Ordering::is_lt];
        let limits = [
            ("minimum", lower, "less than the minimum"),
            ("maximum", upper, "greater than the maximum"),
            (
                "exclusiveMinimum",
                exclusive_lower,
                "less than or equal to the minimum",
            ),
            (
                "exclusiveMaximum",
                exclusive_upper,
                "greater than or equal to the maximum",
            ),
        ];
        for ((keyword, limit, told), is_held) in limits.into_iter().zip(is_held) {
            let Some((written, limit)) = limit else { continue };
            let is_held = is_held(order(number, limit));
            let answer = self.hold(is_held, keyword, |out| {
                write!(out, "{value} is {told} of {written}")
            });
            if all.is_settled_by(answer) {
                return all.answer();
            }
        }
        if let Some(divisor) = keywords.multiple_of.and_then(Node::as_number)
            && divisor.cmp_written("0").is_gt()
        {
            let written = divisor.to_string();
            let answer = match divisor.as_exact() {
                Some(_) => Err("the judge cannot divide by a number that no double holds".into()),
                None => self.kept.borrowed.accepts(Keyword::MultipleOf, &written, value),
            };
            let answer = answer.and_then(|is_held| {
                self.hold(is_held, "multipleOf", |out| {
                    write!(out, "{value} is not a multiple of {written}")
                })
            });
            if all.is_settled_by(answer) {
                return all.answer();
            }
        }
        let range = match keywords.format.and_then(Node::as_str) {
            Some("int32") => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
            Some("int64") => Some((i64::MIN, i64::MAX)),
            _ => None,
        };
        if let Some((least, most)) = range
            && self.is_openapi()
            && keywords.names_type("integer")
        {
            for (keyword, limit, beyond, told) in [
                ("minimum", least, Ordering::Less, "less than the minimum"),
                ("maximum", most, Ordering::Greater, "greater than the maximum"),
            ] {
                let is_held = own.cmp(Exact::Whole(limit.into())) != beyond;
                let answer = self.hold(is_held, keyword, |out| {
                    write!(out, "{value} is {told} of {limit}")
                });
                let _ = all.is_settled_by(answer);
            }
        }
        all.answer()
    }

    fn string(&mut self, it: Applied<'_, 'd, 'v>, text: &str) -> Answer {
        let Applied { keywords, value, .. } = it;
        let mut all = self.all();
        let limits = [
            ("minLength", keywords.min_length, "is shorter"),
            ("maxLength", keywords.max_length, "is longer"),
        ];
        let length = || text.chars().count();
        if all.is_settled_by(self.count(limits, length, ["character", "characters"], value)) {
            return all.answer();
        }
        if let Some(pattern) = keywords.pattern.and_then(Node::as_str) {
            let answer = self.kept.borrowed.accepts(Keyword::Pattern, pattern, value);
            let answer = answer.and_then(|is_held| {
                self.hold(is_held, "pattern", |out| {
                    write!(out, "{value} does not match \"{pattern}\"")
                })
            });
            if all.is_settled_by(answer) {
                return all.answer();
            }
        }
        if let Some(format) = keywords
            .format
            .and_then(Node::as_str)
            .filter(|_| self.reading.holds_formats)
        {
            let answer = self.kept.borrowed.accepts(Keyword::Format, format, value);
            let answer = answer.and_then(|is_held| {
                self.hold(is_held, "format", |out| {
                    write!(out, "{value} is not a \"{format}\"")
                })
            });
            let _ = all.is_settled_by(answer);
        }
        all.answer()
    }

    fn array(&mut self, it: Applied<'_, 'd, 'v>, items: &[Value]) -> Answer {
        let Applied { keywords, value, .. } = it;
        let mut all = self.all();
        let limits = [
            ("minItems", keywords.min_items, "has less"),
            ("maxItems", keywords.max_items, "has more"),
        ];
        if all.is_settled_by(self.count(limits, || items.len(), ["item", "items"], value)) {
            return all.answer();
        }
        if is_true(keywords.unique_items) {
            let mut seen = HashSet::new();
            let mut bytes = 0;
            let is_held = items.iter().all(|item| {
                let text = canonical(item);
                bytes += text.len();
                seen.insert(text)
            });
            let answer = self.spend(bytes / COMPARED).and_then(|()| {
                self.hold(is_held, "uniqueItems", |out| {
                    write!(out, "{value} has non-unique elements")
                })
            });
            let _ = all.is_settled_by(answer);
        }
        all.answer()
    }

    fn object(&mut self, it: Applied<'_, 'd, 'v>, members: &Map<String, Value>) -> Answer {
        let Applied { keywords, value, .. } = it;
        let mut all = self.all();
        let limits = [
            ("minProperties", keywords.min_properties, "has less"),
            ("maxProperties", keywords.max_properties, "has more"),
        ];
        if all.is_settled_by(self.count(limits, || members.len(), ["property", "properties"], value)) {
            return all.answer();
        }
        if let Some(names) = keywords.required.filter(|it| it.is_array())
            && all.is_settled_by(self.required(names, members, it.level))
        {
            return all.answer();
        }
        for dependents in [keywords.dependent_required, self.older(keywords)] {
            let Some(dependents) = dependents.and_then(Node::as_object) else {
                continue;
            };
            for names in members.keys().filter_map(|name| dependents.get(name)) {
                if all.is_settled_by(self.required(names, members, it.level)) {
                    return all.answer();
                }
            }
        }
        all.answer()
    }

    /// The least and the most of what a value has: each with its keyword, its limit, and the words for a value beyond it.
    fn count(
        &mut self,
        [least, most]: [(&'static str, Option<Node<'d>>, &str); 2],
        count: impl Fn() -> usize,
        [one, many]: [&str; 2],
        value: &'v Value,
    ) -> Answer {
        let mut all = self.all();
        for ((keyword, limit, told), beyond) in [(least, Ordering::Less), (most, Ordering::Greater)] {
            let Some(limit) = limit.and_then(Node::as_count) else {
                continue;
            };
            let is_held = (count() as u64).cmp(&limit) != beyond;
            let answer = self.hold(is_held, keyword, |out| {
                write!(out, "{value} {told} than ")?;
                counted(out, limit, one, many)
            });
            if all.is_settled_by(answer) {
                break;
            }
        }
        all.answer()
    }

    /// Whether an object has all names of a list, except those that are not sent.
    fn required(&mut self, names: Node<'d>, members: &Map<String, Value>, level: Level) -> Answer {
        let mut missing = Vec::new();
        for (index, name) in names.items().filter_map(Node::as_str).enumerate() {
            if index % PARTS == PARTS - 1 {
                self.spend(1)?;
            }
            let is_unsent = || self.kept.unsent.contains(level.unsent, name);
            if !members.contains_key(name) && !is_unsent() {
                missing.push(name);
                if !self.reasons.is_open() {
                    break;
                }
            }
        }
        missing.sort_unstable();
        missing.dedup();
        for name in &missing {
            self.reasons.add_missing(name);
        }
        Ok(missing.is_empty())
    }
}
