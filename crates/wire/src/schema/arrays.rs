//! The keywords for the items of arrays.

use std::fmt::Write as _;

use openapi_document::Node;
use serde_json::Value;

use super::answer::Answer;
use super::evaluation::{Applied, Evaluation};
use super::marks::Marks;
use super::reasons::Step;

impl<'d, 'v> Evaluation<'d, 'v, '_> {
    /// `prefixItems`, `items` and `contains`.
    pub(super) fn items(
        &mut self,
        it: Applied<'_, 'd, 'v>,
        items: &'v [Value],
        mut marks: Option<&mut Marks<'v>>,
    ) -> Answer {
        let keywords = it.keywords;
        let mut all = self.all();
        let prefix = keywords.prefix_items.and_then(Node::as_array);
        let prefixed = prefix.as_ref().map_or(0, ExactSizeIterator::len).min(items.len());
        // An array in `items` is the spelling of `prefixItems` in older drafts.
        let rest = keywords.items.filter(|it| !it.is_array());
        if let Some(marks) = marks.as_deref_mut() {
            marks.prefix = marks.prefix.max(prefixed);
            marks.has_all_items |= rest.is_some();
        }
        if let Some(list) = keywords.listed
            && self.is_openapi()
            && keywords.lists_items()
        {
            for (index, item) in items.iter().enumerate() {
                self.reasons.path.push(Step::Item(index));
                let answer = self.listed(list, item);
                self.reasons.path.pop();
                if all.is_settled_by(answer) {
                    return all.answer();
                }
            }
        }
        let schemas = prefix.into_iter().flatten().chain(rest.into_iter().cycle());
        for ((index, item), schema) in items.iter().enumerate().zip(schemas) {
            if all.is_settled_by(self.inside(schema, Step::Item(index), item, it.level)) {
                return all.answer();
            }
        }
        if let Some(schema) = keywords.contains {
            let _ = all.is_settled_by(self.contains(it, schema, items, marks));
        }
        all.answer()
    }

    fn contains(
        &mut self,
        it: Applied<'_, 'd, 'v>,
        schema: Node<'d>,
        items: &'v [Value],
        mut marks: Option<&mut Marks<'v>>,
    ) -> Answer {
        let least = it.keywords.min_contains.and_then(Node::as_count).unwrap_or(1);
        let most = it.keywords.max_contains.and_then(Node::as_count);
        let guarded = self.guarded(it.level);
        let (mut accepted, mut open, mut why) = (0, 0, None);
        for (index, item) in items.iter().enumerate() {
            if marks.is_none() && most.is_none_or(|most| accepted > most) && accepted >= least {
                break;
            }
            match self.quietly(|it| it.inside(schema, Step::Item(index), item, guarded)) {
                Ok(false) => continue,
                Ok(true) => accepted += 1,
                Err(undecided) => {
                    open += 1;
                    why = why.or(Some(undecided));
                }
            }
            if let Some(marks) = marks.as_deref_mut() {
                marks.items.insert(index);
            }
        }
        let is_too_many = most.is_some_and(|most| accepted > most);
        let is_refused = accepted + open < least || is_too_many;
        let is_accepted = accepted >= least && most.is_none_or(|most| accepted + open <= most);
        match why {
            Some(why) if !is_refused && !is_accepted => Err(why),
            _ => self.hold(!is_refused, "contains", |out| {
                let items = Value::from(items);
                write!(out, "None of {items} are valid under the given schema")
            }),
        }
    }
}
