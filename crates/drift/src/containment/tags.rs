//! Tags: properties that an object must have with one of a few listed texts. Two schemas that list other texts for one
//! name share no value, which shows at once what a proof would find alternative by alternative.

use std::rc::Rc;

use super::formula::{Formula, FormulaId, Text};
use super::literal::Literal;
use super::solver::Solver;

/// Formulas that are looked at for the tags of one, at most.
const MOST: usize = 256;

/// The names that a formula asks for, each with the texts that it may have there.
pub(super) type Tags = Rc<[(Text, Rc<[Text]>)]>;

impl Solver<'_> {
    /// Whether no object is of both formulas, for a tag of theirs differs.
    pub(super) fn are_apart(&mut self, one: FormulaId, other: FormulaId) -> bool {
        self.fuel.work(1);
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

    /// The tags of a formula, as far as it says them within little.
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
        listed.retain(|(name, _)| asked.contains(name));
        let tags = listed
            .into_iter()
            .filter_map(|(name, value)| Some((name, self.tag_texts(value)?)));
        let tags: Tags = tags.collect();
        self.subsumption.tags.insert(id, Rc::clone(&tags));
        tags
    }

    /// The texts that a formula lists, if its values are no others.
    fn tag_texts(&mut self, id: FormulaId) -> Option<Rc<[Text]>> {
        let id = self.unfolded(id);
        match self.lowering.arena.set(id)? {
            Literal::StrIn(texts) => Some(Rc::clone(texts)),
            _ => None,
        }
    }
}
