//! Tags: properties whose values are listed texts. Two schemas whose tags of one name share no text are disjoint if one of
//! them requires the property. This replaces a proof for each pair of alternatives.

use std::rc::Rc;

use super::formula::{Formula, FormulaId, Text};
use super::literal::Literal;
use super::solver::Solver;

/// Maximum number of formulas that are searched for the tags of one formula.
const MOST: usize = 256;

/// A property whose values are listed.
pub(super) struct Tag {
    name: Text,
    /// The possible texts in order.
    texts: Rc<[Text]>,
    is_required: bool,
}

/// The tags of a formula in the order of their names.
pub(super) type Tags = Rc<[Tag]>;

impl Solver<'_> {
    /// Whether two formulas share no object because a tag differs.
    pub(super) fn are_apart(&mut self, one: FormulaId, other: FormulaId) -> bool {
        let (one, other) = (self.tags(one), self.tags(other));
        self.fuel.work(1 + (one.len() + other.len()) / 16);
        let mut others = other.iter().peekable();
        one.iter().any(|own| {
            while others.next_if(|it| it.name < own.name).is_some() {}
            let mut same = others.clone().take_while(|it| it.name == own.name);
            same.any(|it| {
                let is_required = own.is_required || it.is_required;
                is_required && !own.texts.iter().any(|text| it.texts.binary_search(text).is_ok())
            })
        })
    }

    /// The tags of a formula that a short search finds. To miss one is safe: less is then known to be disjoint.
    fn tags(&mut self, id: FormulaId) -> Tags {
        if let Some(known) = self.subsumption.tags.get(&id) {
            return Rc::clone(known);
        }
        let (mut asked, mut listed) = (Vec::new(), Vec::new());
        let mut open = vec![id];
        for _ in 0..MOST {
            let Some(id) = open.pop() else { break };
            match self.lowering.arena.get(id) {
                Formula::Literal(Literal::Has(name)) => asked.push(*name),
                Formula::Literal(Literal::Prop(name, value)) => listed.push((*name, *value)),
                Formula::And(parts) => open.extend(parts.iter().take(MOST)),
                Formula::Ref(def) => {
                    let def = *def;
                    open.push(self.body(def));
                }
                _ => {}
            }
        }
        listed.sort_unstable_by_key(|(name, _)| *name);
        let tags = listed.into_iter().filter_map(|(name, value)| {
            Some(Tag {
                name,
                texts: self.tag_texts(value)?,
                is_required: asked.contains(&name),
            })
        });
        let tags: Tags = tags.collect();
        self.subsumption.tags.insert(id, Rc::clone(&tags));
        tags
    }

    /// The texts that a formula lists, if it admits no other value.
    fn tag_texts(&mut self, id: FormulaId) -> Option<Rc<[Text]>> {
        let id = self.unfolded(id);
        match self.lowering.arena.set(id)? {
            Literal::StrIn(texts) => Some(Rc::clone(texts)),
            _ => None,
        }
    }
}
