//! Tags: properties that an object must have with one of a few listed texts. Two schemas that list other texts for one
//! name share no value, which shows at once what a proof would find alternative by alternative.

use std::rc::Rc;

use super::formula::{Formula, FormulaId, Text};
use super::literal::Literal;
use super::solver::Solver;

/// References, one behind the other, through which tags are looked for.
const DEEPEST: usize = 6;

/// The names that a formula asks for, each with the texts that it may have there.
pub(super) type Tags = Rc<[(Text, Rc<[Text]>)]>;

impl Solver<'_> {
    /// Whether no object is of both formulas, for a tag of theirs differs.
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

    /// The names that every object of a formula has, and what it says of the values of names.
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

    /// The texts that a formula lists, if its values are no others.
    fn tag_texts(&mut self, id: FormulaId) -> Option<Rc<[Text]>> {
        let id = self.unfolded(id);
        match self.lowering.arena.set(id)? {
            Literal::StrIn(texts) => Some(Rc::clone(texts)),
            _ => None,
        }
    }
}
