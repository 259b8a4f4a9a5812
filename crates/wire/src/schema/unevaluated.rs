//! `unevaluatedProperties` and `unevaluatedItems`.

use std::fmt::Display;

use openapi_document::Node;
use serde_json::Value;

use super::answer::Answer;
use super::evaluation::{Applied, Evaluation, Level};
use super::marks::Marks;
use super::reasons::{Step, unexpected};

impl<'d, 'v> Evaluation<'d, 'v, '_> {
    /// Applies the schema of the keyword to all parts of the value that `marks` does not contain, and marks them.
    pub(super) fn unevaluated(
        &mut self,
        schema: Node<'d>,
        it: Applied<'_, 'd, 'v>,
        marks: &mut Marks<'v>,
    ) -> Answer {
        match it.value {
            Value::Object(members) => {
                let rest = members.iter().filter(|(name, _)| !marks.has_member(name));
                let rest = rest.map(|(name, member)| (Step::Member(name), member, name));
                let names = ["unevaluatedProperties", "Unevaluated properties"];
                let answer = self.rest(schema, it.level, names, rest);
                marks.has_all_members = true;
                answer
            }
            Value::Array(items) => {
                let rest = items.iter().enumerate();
                let rest = rest.filter(|(index, _)| !marks.has_item(*index));
                let rest = rest.map(|(index, item)| (Step::Item(index), item, item));
                let names = ["unevaluatedItems", "Unevaluated items"];
                let answer = self.rest(schema, it.level, names, rest);
                marks.has_all_items = true;
                answer
            }
            _ => Ok(true),
        }
    }

    /// Applies a schema to parts of the value, each with its name for a reason.
    fn rest(
        &mut self,
        schema: Node<'d>,
        level: Level,
        [keyword, what]: [&'static str; 2],
        parts: impl Iterator<Item = (Step<'v>, &'v Value, impl Display)>,
    ) -> Answer {
        let mut all = self.all();
        let mut extra = Vec::new();
        for (step, part, name) in parts {
            match self.quietly(|it| it.inside(schema, step, part, level)) {
                Ok(false) => extra.push(name),
                answer => {
                    let _ = all.is_settled_by(answer);
                }
            }
        }
        let _ = all.is_settled_by(self.hold(extra.is_empty(), keyword, |out| unexpected(out, what, &extra)));
        all.answer()
    }
}
