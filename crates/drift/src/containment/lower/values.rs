//! `type`, `enum` and `const`: which kinds, and which values of them.

use std::rc::Rc;

use openapi_document::{Node, Version};
use serde_json::Value;

use super::{Lowering, WIDEST};
use crate::containment::formula::{Arena, FormulaId};
use crate::containment::literal::Literal;
use crate::containment::number::{self, Num};
use crate::containment::reading::At;
use crate::containment::types::{Kind, Kinds};
use crate::instance::instance;

/// Values nested deeper than this are not read.
const DEEPEST_VALUE: usize = 64;

impl<'d> Lowering<'d> {
    pub(super) fn kinds_and_values(&mut self, at: At<'d>, parts: &mut Vec<FormulaId>) {
        let listed = at.get("type");
        let names = listed.into_iter().flat_map(|it| it.items().chain([it]));
        let mut names: Vec<&str> = names.filter_map(Node::as_str).collect();
        let typed = !names.is_empty() || listed.is_some_and(Node::is_array);
        let nullable = self.version(at) == Version::V3_0 && at.is_true("nullable");
        if typed && nullable {
            names.push("null");
        }
        if typed {
            let mut formulas = Vec::new();
            for name in &names {
                let kind = match *name {
                    "null" => Kind::Null,
                    "boolean" => Kind::Bool,
                    "number" | "integer" => Kind::Number,
                    "string" => Kind::String,
                    "array" => Kind::Array,
                    "object" => Kind::Object,
                    unknown => {
                        let why = "a `type` is none that JSON knows";
                        let formula = self.opaque(&format!("type {unknown}"), why);
                        formulas.push(formula);
                        continue;
                    }
                };
                let mut formula = self.arena.kind(kind);
                if *name == "integer" && !names.contains(&"number") {
                    let whole = self
                        .arena
                        .literal(Literal::Multiple(Rc::new(Num::from_integer(1.into()))));
                    formula = self.arena.and([formula, whole]);
                }
                formulas.push(formula);
            }
            let formula = self.arena.or(formulas);
            parts.push(formula);
        }
        if let Some(value) = at.get("const") {
            let formula = self.value(&instance(value));
            parts.push(formula);
        }
        if let Some(values) = at.get("enum").and_then(Node::as_array) {
            let slip = names.contains(&"array")
                && names.iter().all(|it| matches!(*it, "array" | "null"))
                && !values.is_empty()
                && values.clone().all(|value| !value.is_array() && !value.is_null())
                && self.version(at) != Version::JsonSchema;
            let composite = values.clone().filter(|it| it.is_array() || it.is_object());
            let formula = if composite.count() > WIDEST {
                self.opaque_schema(at, "it lists too many values")
            } else {
                self.values(&values.map(instance).collect::<Vec<_>>())
            };
            // An `enum` put on an array was meant for its items.
            parts.push(if slip {
                self.arena.literal(Literal::Rest(0, formula))
            } else {
                formula
            });
        }
    }

    /// Exactly these values.
    fn values(&mut self, values: &[Value]) -> FormulaId {
        let (mut kinds, mut texts, mut numbers) = (Kinds::NONE, Vec::new(), Vec::new());
        let (mut yes, mut no) = (false, false);
        let mut composite = Vec::new();
        for value in values {
            kinds = kinds.or(Kind::of(value).only());
            match value {
                Value::Null => {}
                Value::Bool(b) => {
                    yes |= *b;
                    no |= !*b;
                }
                Value::String(text) => texts.push(self.arena.text(text)),
                Value::Number(n) => match number::exact(n) {
                    Some(n) => numbers.push(n),
                    None => {
                        composite.push(self.opaque(&n.to_string(), "a number is too large to compute with"));
                    }
                },
                Value::Array(_) | Value::Object(_) => composite.push(self.value(value)),
            }
        }
        let scalar = kinds.and(Kind::Array.only().or(Kind::Object.only()).not());
        let mut parts = vec![self.arena.kinds(scalar)];
        if yes != no {
            parts.push(self.arena.literal(Literal::Bool(yes)));
        }
        texts.sort_unstable();
        texts.dedup();
        if !texts.is_empty() {
            parts.push(self.arena.literal(Literal::StrIn(texts.into())));
        }
        numbers.sort_unstable();
        numbers.dedup();
        if kinds.has(Kind::Number) {
            parts.push(self.arena.literal(Literal::NumIn(numbers.into())));
        }
        let scalar = self.arena.and(parts);
        self.arena.or(composite.into_iter().chain([scalar]))
    }

    /// Exactly this value.
    pub(in crate::containment) fn value(&mut self, value: &Value) -> FormulaId {
        self.value_at(value, 0)
    }

    fn value_at(&mut self, value: &Value, depth: usize) -> FormulaId {
        if depth > DEEPEST_VALUE {
            return self.opaque(&value.to_string(), "a value is nested too deep");
        }
        match value {
            Value::Array(items) => {
                let mut parts = vec![
                    self.arena.kind(Kind::Array),
                    self.arena.literal(Literal::MinItems(items.len() as u64)),
                    self.arena.literal(Literal::MaxItems(items.len() as u64)),
                ];
                for (index, item) in items.iter().enumerate() {
                    let item = self.value_at(item, depth + 1);
                    parts.push(self.arena.literal(Literal::Item(index as u64, item)));
                }
                self.arena.and(parts)
            }
            Value::Object(map) => {
                let mut parts = vec![self.arena.kind(Kind::Object)];
                let mut names = Vec::new();
                for (name, value) in map {
                    let name = self.arena.text(name);
                    let value = self.value_at(value, depth + 1);
                    names.push(name);
                    parts.push(self.arena.literal(Literal::Has(name)));
                    parts.push(self.arena.literal(Literal::Prop(name, value)));
                }
                let others = self.names_except(names, &[]);
                parts.push(self.arena.literal(Literal::Names(others, Arena::FALSE)));
                self.arena.and(parts)
            }
            scalar => self.values(std::slice::from_ref(scalar)),
        }
    }
}
