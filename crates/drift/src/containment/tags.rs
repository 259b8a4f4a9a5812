//! Tags: required properties whose values are listed texts. Two schemas whose tags of one name share no text are disjoint.
//! This replaces a proof for each pair of alternatives.

use std::rc::Rc;

use super::formula::{Formula, FormulaId, Text};
use super::literal::Literal;
use super::solver::Solver;

/// Maximum length of a chain of references that is followed to find tags.
const DEEPEST: usize = 6;

/// The tag names of a formula, each with its possible texts in order.
pub(super) type Tags = Rc<[(Text, Rc<[Text]>)]>;

impl Solver<'_> {
    /// Whether two formulas share no object because a tag differs.
    pub(super) fn are_apart(&mut self, one: FormulaId, other: FormulaId) -> bool {
        let one = self.tags(one);
        if one.is_empty() {
            return false;
        }
        let other = self.tags(other);
        one.iter().any(|(name, texts)| {
            let mut same = other.iter().filter(|(own, _)| own == name);
            same.any(|(_, others)| !texts.iter().any(|it| others.binary_search(it).is_ok()))
        })
    }

    /// The tags of a formula.
    fn tags(&mut self, id: FormulaId) -> Tags {
        if let Some(known) = self.subsumption.tags.get(&id) {
            return Rc::clone(known);
        }
        let mut found = Vec::new();
        let (mut asked, mut listed) = (Vec::new(), Vec::new());
        self.gather(id, DEEPEST, &mut asked, &mut listed);
        for (name, value) in listed {
            if asked.contains(&name)
                && let Some(texts) = self.tag_texts(value)
            {
                found.push((name, texts));
            }
        }
        let tags: Tags = found.into();
        self.subsumption.tags.insert(id, Rc::clone(&tags));
        tags
    }

    /// Collects the required names of a formula, and its conditions on the values of properties.
    fn gather(
        &mut self,
        id: FormulaId,
        depth: usize,
        asked: &mut Vec<Text>,
        listed: &mut Vec<(Text, FormulaId)>,
    ) {
        match self.lowering.arena.get(id) {
            Formula::Literal(Literal::Has(name)) => asked.push(*name),
            Formula::Literal(Literal::Prop(name, value)) => listed.push((*name, *value)),
            Formula::And(parts) => {
                let parts = Rc::clone(parts);
                for part in parts.iter() {
                    self.gather(*part, depth, asked, listed);
                }
            }
            Formula::Ref(def) if depth > 0 => {
                let def = *def;
                let body = self.body(def);
                self.gather(body, depth - 1, asked, listed);
            }
            _ => {}
        }
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
