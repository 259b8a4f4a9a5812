//! Builds a string that satisfies its constraints, some of which restrict the number that the string represents.

use std::rc::Rc;

use num_bigint::BigInt;
use num_traits::One;
use serde_json::Value;

use super::formula::{Arena, Formula, FormulaId, Text};
use super::literal::{Literal, Strict};
use super::number::{Num, exact};
use super::numeral::{READ, WRITTEN, number, spelled, whole};
use super::outcome::Outcome;
use super::solver::Solver;
use super::string::Strings;
use super::types::Kind;

const WHOLE: &str = r"^(0|-?[1-9][0-9]*)$";
const FRACTION: &str = r"^-?(0|[1-9][0-9]*)\.[0-9]*[1-9]$";

/// Maximum number of texts of the language that are tried.
const ATTEMPTS: usize = 16;

/// A pattern for the texts of a formula's numbers. It may match other texts.
fn language(arena: &Arena, numbers: FormulaId) -> String {
    let (mut least, mut most): (Option<BigInt>, Option<BigInt>) = (None, None);
    let (mut is_whole, mut is_fraction) = (false, false);
    for part in arena.conjuncts(numbers) {
        match arena.get(part) {
            Formula::Literal(Literal::Multiple(step)) if step.is_integer() => is_whole = true,
            Formula::Literal(Literal::NotMultiple(step)) if step.is_one() => is_fraction = true,
            Formula::Literal(Literal::NumMin(bound, strict)) => {
                let bound =
                    bound.ceil().to_integer() + u8::from(*strict == Strict::Yes && bound.is_integer());
                least = Some(least.map_or(bound.clone(), |old| old.max(bound)));
            }
            Formula::Literal(Literal::NumMax(bound, strict)) => {
                let bound =
                    bound.floor().to_integer() - u8::from(*strict == Strict::Yes && bound.is_integer());
                most = Some(most.map_or(bound.clone(), |old| old.min(bound)));
            }
            _ => {}
        }
    }
    if !is_whole {
        return if is_fraction { FRACTION } else { WRITTEN }.to_owned();
    }
    let range = whole(least.as_ref(), most.as_ref());
    range.map_or_else(|| WHOLE.to_owned(), |range| format!("^({range})$"))
}

impl Solver<'_> {
    /// The shortest string that satisfies all constraints, including those on numbers.
    pub(super) fn solve_string(&mut self, strings: &Strings) -> Outcome {
        if !strings.speaks_of_numbers() {
            return self.plain(strings);
        }
        if let Some(listed) = strings.listed() {
            return self.solve_listed(strings, listed);
        }
        let mut outcome = Outcome::Unsat;
        if strings.spelled.is_empty() {
            // A text that is not a number satisfies all constraints on numbers here.
            let mut free = strings.without_numbers();
            let read = self.arena().text(READ);
            free.add(&Literal::NotPattern(read));
            outcome = self.plain(&free);
            if matches!(outcome, Outcome::Sat(_)) {
                return outcome;
            }
        }
        outcome = outcome.or(self.solve_numerals(strings));
        if outcome == Outcome::Unsat && strings.spelled.is_empty() {
            return self.solve_odd_numerals(strings);
        }
        outcome
    }

    /// Whether texts remain that are read as numbers but are not the canonical text of any number: `1.0`, `1e2`.
    fn solve_odd_numerals(&mut self, strings: &Strings) -> Outcome {
        let numbers = self.numbers(strings);
        if self.solve(&[numbers]) == Outcome::Unsat {
            return Outcome::Unsat;
        }
        let mut odd = strings.without_numbers();
        let (read, written) = (self.arena().text(READ), self.arena().text(WRITTEN));
        if !odd.add(&Literal::Pattern(read)) || !odd.add(&Literal::NotPattern(written)) {
            return Outcome::Unsat;
        }
        match self.plain(&odd) {
            Outcome::Sat(candidate) => Outcome::Unknown {
                why: "numbers may be spelled in more than one way".into(),
                candidate: Some(candidate),
            },
            outcome => outcome,
        }
    }

    fn plain(&mut self, strings: &Strings) -> Outcome {
        strings.solve(&self.lowering.arena, &mut self.patterns, &mut self.fuel)
    }

    fn solve_listed(&mut self, strings: &Strings, listed: Vec<Text>) -> Outcome {
        let numbers = self.numbers(strings);
        let mut end = Outcome::Unsat;
        for text in listed {
            let mut one = strings.without_numbers();
            if !one.add(&Literal::StrIn([text].as_slice().into())) {
                continue;
            }
            let spelling = self.lowering.arena.str(text).to_string();
            let known = match number(&spelling) {
                Some(number) => self.is_of(&Value::Number(number), numbers),
                None => Some(strings.spelled.is_empty()),
            };
            end = end.or(match known {
                Some(true) => self.plain(&one),
                Some(false) => Outcome::Unsat,
                None => Outcome::unknown("a number is too large to compute with"),
            });
            if matches!(end, Outcome::Sat(_)) {
                break;
            }
        }
        end
    }

    /// The numbers that satisfy the constraints.
    fn numbers(&mut self, strings: &Strings) -> FormulaId {
        let (spelled, unspelled) = (strings.spelled.clone(), strings.unspelled.clone());
        let arena = self.arena();
        let mut parts = vec![arena.kind(Kind::Number)];
        parts.extend(spelled);
        parts.extend(unspelled.into_iter().map(|it| arena.not(it)));
        arena.and(parts)
    }

    fn is_of(&mut self, value: &Value, formula: FormulaId) -> Option<bool> {
        let value = self.lowering.value(value);
        match self.solve(&[value, formula]) {
            Outcome::Sat(_) => Some(true),
            Outcome::Unsat => Some(false),
            Outcome::Unknown { .. } => None,
        }
    }

    /// The canonical text of a number that satisfies the constraints.
    fn solve_numerals(&mut self, strings: &Strings) -> Outcome {
        let excluded: Vec<Num> = strings.excluded_numerals(&self.lowering.arena);
        let numbers = self.numbers(strings);
        let others = self.arena().literal(Literal::NumNotIn(excluded.into()));
        let outcome = self.solve(&[numbers, others]);
        let found = match &outcome {
            Outcome::Unsat => return Outcome::Unsat,
            Outcome::Sat(value)
            | Outcome::Unknown {
                candidate: Some(value),
                ..
            } => Some(value),
            Outcome::Unknown { .. } => None,
        };
        let text = found
            .and_then(|it| it.as_number().and_then(exact))
            .and_then(|it| spelled(&it));
        if let Some(text) = text
            && strings.is_kept_by(&text, &self.lowering.arena, &mut self.patterns, &mut self.fuel)
                == Some(true)
        {
            let value = Rc::new(Value::String(text));
            return match outcome {
                Outcome::Unknown { why, .. } => Outcome::Unknown {
                    why,
                    candidate: Some(value),
                },
                _ => Outcome::Sat(value),
            };
        }
        let language = language(&self.lowering.arena, numbers);
        let mut regular = strings.without_numbers();
        let pattern = self.arena().text(&language);
        regular.add(&Literal::Pattern(pattern));
        for _ in 0..ATTEMPTS {
            let found = self.plain(&regular);
            let Outcome::Sat(value) = &found else {
                return found;
            };
            let text = value.as_str().unwrap_or_default().to_owned();
            let number = number(&text).map(Value::Number);
            if number.and_then(|it| self.is_of(&it, numbers)) == Some(true) {
                return found;
            }
            let text = self.arena().text(&text);
            regular.add(&Literal::StrNotIn([text].as_slice().into()));
        }
        Outcome::unknown("which numbers have a text of that form is not known")
    }
}
