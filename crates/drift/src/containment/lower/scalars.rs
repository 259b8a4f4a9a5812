//! Bounds, multiples, lengths, patterns and formats.

use std::rc::Rc;

use num_traits::Signed as _;
use openapi_document::Version;

use super::Lowering;
use crate::containment::formula::FormulaId;
use crate::containment::literal::{Literal, Strict};
use crate::containment::number::{self, Num};
use crate::containment::reading::At;

impl<'d> Lowering<'d> {
    pub(super) fn numbers(&mut self, at: At<'d>, parts: &mut Vec<FormulaId>) {
        let mut push = |this: &mut Self, literal: Literal| {
            let formula = this.arena.literal(literal);
            parts.push(formula);
        };
        let mut too_large = false;
        let mut read = |key: &str| {
            let n = number::exact(&at.get(key)?.as_number()?);
            too_large |= n.is_none();
            n.map(Rc::new)
        };
        let (min, max) = (read("minimum"), read("maximum"));
        let (over, under) = (read("exclusiveMinimum"), read("exclusiveMaximum"));
        let step = read("multipleOf");
        let strict = |key: &str| if at.is_true(key) { Strict::Yes } else { Strict::No };
        if let Some(n) = min {
            push(self, Literal::NumMin(n, strict("exclusiveMinimum")));
        }
        if let Some(n) = max {
            push(self, Literal::NumMax(n, strict("exclusiveMaximum")));
        }
        if let Some(n) = over {
            push(self, Literal::NumMin(n, Strict::Yes));
        }
        if let Some(n) = under {
            push(self, Literal::NumMax(n, Strict::Yes));
        }
        let no_step = step.as_ref().is_some_and(|n| !n.is_positive());
        if let Some(n) = step
            && !no_step
        {
            push(self, Literal::Multiple(n));
        }
        let kinds = at.get("type").into_iter();
        let mut kinds = kinds.flat_map(|it| it.items().chain([it]));
        let integer = kinds.any(|it| it.as_str() == Some("integer"));
        if integer && self.version(at) != Version::JsonSchema {
            let bounds = match at.node.text("format") {
                Some("int32") => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
                Some("int64") => Some((i64::MIN, i64::MAX)),
                _ => None,
            };
            if let Some((min, max)) = bounds {
                push(
                    self,
                    Literal::NumMin(Rc::new(Num::from_integer(min.into())), Strict::No),
                );
                push(
                    self,
                    Literal::NumMax(Rc::new(Num::from_integer(max.into())), Strict::No),
                );
            }
        }
        for (is_so, why) in [
            (too_large, "a number is too large to compute with"),
            (no_step, "a `multipleOf` is not above zero"),
        ] {
            if is_so {
                let formula = self.opaque_schema(at, why);
                parts.push(formula);
            }
        }
    }

    pub(super) fn strings(&mut self, at: At<'d>, parts: &mut Vec<FormulaId>) {
        if let Some(n) = at.count("minLength") {
            parts.push(self.arena.literal(Literal::MinLen(n)));
        }
        if let Some(n) = at.count("maxLength") {
            parts.push(self.arena.literal(Literal::MaxLen(n)));
        }
        if let Some(pattern) = at.node.text("pattern") {
            let pattern = self.arena.text(pattern);
            parts.push(self.arena.literal(Literal::Pattern(pattern)));
        }
        if self.reading.formats
            && let Some(format) = at.node.text("format")
        {
            let format = self.arena.text(format);
            parts.push(self.arena.literal(Literal::Format(format)));
        }
    }
}
