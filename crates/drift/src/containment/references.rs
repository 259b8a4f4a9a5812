//! References: the formulas of their targets, their wider readings, and the check for cycles.

use super::definitions::{Check, Defined};
use super::formula::{DefId, Formula, FormulaId, Map, Set};
use super::solver::Solver;
use crate::scc;

impl Solver<'_> {
    /// The readings of a reference that admit every value that this one admits.
    pub(super) fn wider(&self, id: FormulaId) -> [Option<FormulaId>; 2] {
        let Formula::Ref(def) = self.lowering.arena.get(id) else {
            return [None; 2];
        };
        let definitions = &self.lowering.definitions;
        let wider = match definitions.get(*def).of {
            Defined::Schema(_) => definitions.wider(*def),
            Defined::Texts(values, carrier) => {
                let texts = |it: Option<FormulaId>| definitions.known_texts(it?, carrier);
                self.wider(values).map(texts)
            }
        };
        wider.map(|it| self.lowering.arena.known_reference(it?))
    }

    /// The formula that a reference stands for.
    pub(super) fn body(&mut self, id: DefId) -> FormulaId {
        let body = self.lowered(id);
        if self.lowering.definitions.get(id).check != Check::Unchecked {
            return body;
        }
        if !self.is_circular(id) {
            return body;
        }
        let why = "a reference leads back to itself";
        let opaque = match self.lowering.definitions.get(id).of {
            Defined::Schema(at) => self.lowering.opaque_schema(at, why),
            Defined::Texts(..) => self.lowering.opaque(&format!("{id:?}"), why),
        };
        self.lowering.definitions.set_body(id, opaque);
        opaque
    }

    fn lowered(&mut self, id: DefId) -> FormulaId {
        let definition = self.lowering.definitions.get(id);
        match (definition.body, definition.of) {
            (Some(body), _) => body,
            (None, Defined::Schema(_)) => self.lowering.body(id),
            (None, Defined::Texts(values, carrier)) => {
                let body = self.texts(values, carrier);
                self.lowering.definitions.set_body(id, body);
                body
            }
        }
    }

    /// Whether a reference leads back to itself without a step into the value, so that it has no meaning. The check
    /// also marks the definitions outside of cycles that it reaches as sound.
    fn is_circular(&mut self, id: DefId) -> bool {
        self.lowering.definitions.set_check(id, Check::Open);
        let (mut met, mut references) = (Vec::new(), Vec::new());
        let mut places: Map<DefId, usize> = Map::default();
        let mut open = vec![id];
        while let Some(def) = open.pop() {
            if places.contains_key(&def) || self.lowering.definitions.get(def).check == Check::Sound {
                continue;
            }
            places.insert(def, met.len());
            met.push(def);
            references.push(self.references_in(def));
            open.extend(references.last().into_iter().flatten());
        }
        let place = |def: &DefId| places.get(def).copied();
        let children: Vec<Vec<usize>> = references
            .iter()
            .map(|all| all.iter().filter_map(place).collect())
            .collect();
        let mut is_circular = false;
        for group in scc::components(&children) {
            match *group {
                [alone] if !children[alone].contains(&alone) => {
                    self.lowering.definitions.set_check(met[alone], Check::Sound);
                }
                _ => is_circular |= group.contains(&0),
            }
        }
        self.lowering.definitions.set_check(id, Check::Sound);
        is_circular
    }

    /// The definitions that the formula of a definition refers to without a step into the value.
    fn references_in(&mut self, id: DefId) -> Vec<DefId> {
        let mut found = Vec::new();
        let mut seen: Set<FormulaId> = Set::default();
        let mut open = vec![self.lowered(id)];
        while let Some(formula) = open.pop() {
            if !seen.insert(formula) {
                continue;
            }
            self.fuel.work(1);
            match self.lowering.arena.get(formula) {
                Formula::And(parts)
                | Formula::Or(parts)
                | Formula::OneOf(parts)
                | Formula::NotOneOf(parts) => {
                    open.extend(parts.iter());
                }
                Formula::Ref(def) | Formula::NotRef(def) => found.push(*def),
                _ => {}
            }
        }
        found
    }
}
