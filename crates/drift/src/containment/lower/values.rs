//! `enum` and `const`: the formula of listed values.

use openapi_document::Node;
use serde_json::Value;

use super::{Lowering, WIDEST};
use crate::containment::formula::{Arena, FormulaId};
use crate::containment::literal::Literal;
use crate::containment::number;
use crate::containment::reading::At;
use crate::containment::sorted::distinct;
use crate::containment::types::{Kind, Kinds};
use crate::instance::{exact_numbers, instance};

/// Maximum nesting of a listed value.
const DEEPEST_VALUE: usize = 64;
/// Maximum number of parts of all listed arrays and objects, because the formula of each part takes half a kilobyte.
pub(super) const MOST_IN_ALL: usize = 250_000;

const UNHELD: &str = "most readers round a number that it lists";

impl<'d> Lowering<'d> {
    /// The formula of exactly the values that a schema lists.
    pub(super) fn listed(&mut self, at: At<'d>, values: impl Iterator<Item = Node<'d>> + Clone) -> FormulaId {
        let composite = values.clone().filter(|it| it.is_array() || it.is_object());
        let parts: usize = composite.clone().map(|it| parts(it, self.listable)).sum();
        if composite.count() > WIDEST || parts > self.listable {
            return self.opaque_schema(at, "it lists too many values");
        }
        self.listable -= parts;
        let values: Vec<Value> = values.map(instance).collect();
        self.values(&values)
    }

    /// The conditions of being one of the listed values.
    pub(super) fn only(
        &mut self,
        at: At<'d>,
        values: impl Iterator<Item = Node<'d>> + Clone,
    ) -> impl Iterator<Item = FormulaId> {
        let exact = self.exact(values.clone());
        exact.into_iter().chain([self.listed(at, values)])
    }

    /// The opaque formula of the listed values with numbers that no value of ours holds. It equals that of the same values
    /// only.
    fn exact(&mut self, values: impl Iterator<Item = Node<'d>>) -> Option<FormulaId> {
        let exact = values.filter(|it| exact_numbers(std::iter::once(*it)).next().is_some());
        let mut exact: Vec<String> = exact.map(|it| it.to_string()).collect();
        exact.sort_unstable();
        (!exact.is_empty()).then(|| self.opaque(&format!("values {}", exact.join(" ")), UNHELD))
    }

    /// The formula of exactly these values.
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
        let (texts, numbers) = (distinct(texts), distinct(numbers));
        if !texts.is_empty() {
            parts.push(self.arena.literal(Literal::StrIn(texts.into())));
        }
        if kinds.has(Kind::Number) {
            parts.push(self.arena.literal(Literal::NumIn(numbers.into())));
        }
        let scalar = self.arena.and(parts);
        self.arena.or(composite.into_iter().chain([scalar]))
    }

    /// The formula of exactly this value.
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

/// The number of values in a value, including itself, counted up to a limit.
fn parts(value: Node<'_>, most: usize) -> usize {
    let (mut open, mut count) = (vec![value], 0);
    while let Some(value) = open.pop()
        && count <= most
    {
        count += 1;
        open.extend(value.items());
        open.extend(value.members().map(|(_, it)| it));
    }
    count
}
