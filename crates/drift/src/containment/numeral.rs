//! Numerals: the texts of numbers.
//!
//! A number is written in one way, its decimal without an exponent or zeros that say nothing; it is read from every text
//! that JSON has for it.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed};
use serde_json::{Number, Value};

use super::formula::{Arena, Formula, FormulaId};
use super::literal::{Literal, Strict};
use super::number::{Num, exact};
use super::outcome::Outcome;
use super::solve::Solver;
use super::string::Strings;
use super::types::Kind;

/// Every text that JSON has for a number.
const READ: &str = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$";
/// The texts that numbers are written as.
const WRITTEN: &str = r"^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\.[0-9]*[1-9])$";
const WHOLE: &str = r"^(0|-?[1-9][0-9]*)$";
const FRACTION: &str = r"^-?(0|[1-9][0-9]*)\.[0-9]*[1-9]$";

/// Numbers of more digits than this are not written out as a language.
const LONGEST: usize = 40;
/// Texts of the language that are tried before giving up.
const ATTEMPTS: usize = 16;

/// The text of a JSON number.
pub(super) fn of(number: &Number) -> String {
    let text = exact(number).and_then(|it| spelled(&it));
    text.unwrap_or_else(|| number.to_string())
}

/// The text that a number is written as; `None` of one that has no finite decimal, or a very long one.
pub(super) fn spelled(number: &Num) -> Option<String> {
    const PLACES: u32 = 400;
    if number.is_integer() {
        return Some(number.to_integer().to_string());
    }
    let ten = BigInt::from(10);
    let mut shifted = number.abs();
    let mut places = 0;
    while !shifted.is_integer() {
        if places == PLACES {
            return None;
        }
        shifted *= BigRational::from_integer(ten.clone());
        places += 1;
    }
    let digits = shifted.to_integer().to_string();
    let places = places as usize;
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if number.is_negative() { "-" } else { "" };
    Some(format!("{sign}{whole}.{fraction}"))
}

/// The number that a text is as JSON writes it.
pub(super) fn number(text: &str) -> Option<Number> {
    let first = *text.as_bytes().first()?;
    let last = *text.as_bytes().last()?;
    if !(first == b'-' || first.is_ascii_digit()) || !last.is_ascii_digit() {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// The whole numbers between two bounds as a pattern, without anchors; `None` when their digits are too many.
fn whole(least: Option<&BigInt>, most: Option<&BigInt>) -> Option<String> {
    let mut alternatives = Vec::new();
    if least.is_none_or(Signed::is_negative) {
        // Without their sign the numbers below zero run the other way.
        let from = most.filter(|it| it.is_negative()).map_or(BigInt::one(), |it| -it);
        let to = least.map(|it| -it);
        let below = natural(&from, to.as_ref())?;
        alternatives.extend(below.into_iter().map(|it| format!("-{it}")));
    }
    if most.is_none_or(|it| !it.is_negative()) {
        let from = least.filter(|it| it.is_positive()).cloned().unwrap_or_default();
        alternatives.extend(natural(&from, most)?);
    }
    Some(alternatives.join("|"))
}

/// The numbers from one that is not below zero to another, as alternatives.
fn natural(from: &BigInt, to: Option<&BigInt>) -> Option<Vec<String>> {
    if to.is_some_and(|to| to < from) {
        return Some(Vec::new());
    }
    let (first, last) = (from.to_string(), to.map(ToString::to_string));
    let longest = last.as_ref().map_or(first.len(), String::len);
    if longest > LONGEST {
        return None;
    }
    let mut found = Vec::new();
    for length in first.len()..=longest {
        let lowest = if length == first.len() {
            first.clone()
        } else {
            format!("1{}", "0".repeat(length - 1))
        };
        let nines = || "9".repeat(length);
        let highest = last.clone().filter(|it| it.len() == length).unwrap_or_else(nines);
        found.extend(alike(lowest.as_bytes(), highest.as_bytes()));
    }
    if last.is_none() {
        found.push(format!("[1-9][0-9]{{{longest},}}"));
    }
    Some(found)
}

/// The digits between two of the same number.
fn alike(least: &[u8], most: &[u8]) -> Vec<String> {
    let (Some((low, least)), Some((high, most))) = (least.split_first(), most.split_first()) else {
        return vec![String::new()];
    };
    let after = |digit: u8, rest: Vec<String>| {
        let digit = char::from(digit);
        rest.into_iter().map(move |it| format!("{digit}{it}"))
    };
    if low == high {
        return after(*low, alike(least, most)).collect();
    }
    let (nines, zeros) = (vec![b'9'; least.len()], vec![b'0'; least.len()]);
    let mut found: Vec<String> = after(*low, alike(least, &nines)).collect();
    if high - low > 1 {
        let (from, to) = (char::from(low + 1), char::from(high - 1));
        found.push(format!("[{from}-{to}][0-9]{{{}}}", least.len()));
    }
    found.extend(after(*high, alike(&zeros, most)));
    found
}

/// The texts of the numbers of a formula as a pattern, and whether it has no others.
struct Language {
    pattern: String,
    is_exact: bool,
}

fn language(arena: &Arena, numbers: FormulaId) -> Language {
    let parts = match arena.get(numbers) {
        Formula::And(parts) => parts.to_vec(),
        _ => vec![numbers],
    };
    let (mut least, mut most): (Option<BigInt>, Option<BigInt>) = (None, None);
    let (mut is_whole, mut is_fraction, mut is_bounded, mut is_exact) = (false, false, false, true);
    let one = |step: &Num| step.is_one();
    for part in parts {
        match arena.get(part) {
            Formula::Kinds(_) => {}
            Formula::Literal(Literal::Multiple(step)) if step.is_integer() => {
                is_whole = true;
                is_exact &= one(step);
            }
            Formula::Literal(Literal::NotMultiple(step)) if one(step) => is_fraction = true,
            Formula::Literal(Literal::NumMin(bound, strict)) => {
                let bound =
                    bound.ceil().to_integer() + u8::from(*strict == Strict::Yes && bound.is_integer());
                least = Some(least.map_or(bound.clone(), |old| old.max(bound)));
                is_bounded = true;
            }
            Formula::Literal(Literal::NumMax(bound, strict)) => {
                let bound =
                    bound.floor().to_integer() - u8::from(*strict == Strict::Yes && bound.is_integer());
                most = Some(most.map_or(bound.clone(), |old| old.min(bound)));
                is_bounded = true;
            }
            _ => is_exact = false,
        }
    }
    let exactly = |pattern: &str, is_exact| Language {
        pattern: pattern.to_owned(),
        is_exact,
    };
    if !is_whole {
        let pattern = if is_fraction { FRACTION } else { WRITTEN };
        return exactly(pattern, is_exact && !is_bounded);
    }
    match whole(least.as_ref(), most.as_ref()) {
        Some(range) => exactly(&format!("^({range})$"), is_exact && !is_fraction),
        None => exactly(WHOLE, is_exact && !is_bounded && !is_fraction),
    }
}

impl Solver<'_> {
    /// The shortest string that keeps to everything, numerals included.
    pub(super) fn solve_string(&mut self, strings: &Strings) -> Outcome {
        if !strings.speaks_of_numbers() {
            return self.plain(strings);
        }
        if let Some(listed) = strings.listed() {
            return self.solve_listed(strings, listed);
        }
        let mut outcome = Outcome::Unsat;
        if strings.spelled.is_empty() {
            // A text of no number is none that any of them reads.
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

    /// Whether texts remain that are read as numbers and that no number is written as: `1.0`, `1e2`.
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

    fn solve_listed(&mut self, strings: &Strings, listed: Vec<super::formula::Text>) -> Outcome {
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

    /// The numbers whose texts are wanted.
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

    /// The text of a number that is wanted, as numbers are written.
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
            let value = std::rc::Rc::new(Value::String(text));
            return match outcome {
                Outcome::Unknown { why, .. } => Outcome::Unknown {
                    why,
                    candidate: Some(value),
                },
                _ => Outcome::Sat(value),
            };
        }
        if strings.admits_every_numeral() {
            return Outcome::unknown("a number has no text that was found");
        }
        let language = language(&self.lowering.arena, numbers);
        let mut regular = strings.without_numbers();
        let pattern = self.arena().text(&language.pattern);
        regular.add(&Literal::Pattern(pattern));
        for _ in 0..ATTEMPTS {
            let found = self.plain(&regular);
            let Outcome::Sat(value) = &found else {
                return found;
            };
            let text = value.as_str().unwrap_or_default().to_owned();
            let is_one = language.is_exact
                || number(&text).and_then(|it| self.is_of(&Value::Number(it), numbers)) == Some(true);
            if is_one {
                return found;
            }
            let text = self.arena().text(&text);
            if !regular.add(&Literal::StrNotIn([text].as_slice().into())) || self.fuel.is_spent() {
                break;
            }
        }
        Outcome::unknown("which numbers have a text of that form is not known")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::regex::Automaton;
    use super::*;

    fn written(value: &Value) -> String {
        of(value.as_number().expect("a number"))
    }

    #[test]
    fn a_number_is_written_in_one_way() {
        for (value, text) in [
            (json!(0), "0"),
            (json!(-7), "-7"),
            (json!(1.5), "1.5"),
            (json!(-0.25), "-0.25"),
            (json!(2.0), "2"),
            (json!(1e3), "1000"),
            (json!(1e-7), "0.0000001"),
            (json!(u64::MAX), "18446744073709551615"),
        ] {
            assert_eq!(written(&value), text);
            let pattern = Automaton::new(WRITTEN).expect("a pattern");
            assert!(pattern.is_match(text), "{text}");
        }
    }

    #[test]
    fn numbers_are_read_as_json_has_them() {
        let pattern = Automaton::new(READ).expect("a pattern");
        for text in ["0", "-0", "1.50", "1e5", "-2.5E-3"] {
            assert!(pattern.is_match(text) && number(text).is_some(), "{text}");
        }
        for text in ["", "-", "+1", "01", ".5", "1.", "0x1", " 1", "1 ", "1e", "NaN"] {
            assert!(!pattern.is_match(text) && number(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whole_numbers_between_bounds_are_a_language(
            least in prop::option::of(-1200..1200_i64),
            most in prop::option::of(-1200..1200_i64),
            number in -13_000..13_000_i64,
        ) {
            let bounds = [least, most].map(|it| it.map(BigInt::from));
            let range = whole(bounds[0].as_ref(), bounds[1].as_ref()).expect("few digits");
            let pattern = Automaton::new(&format!("^({range})$")).expect("a pattern");
            let is_within = least.is_none_or(|it| it <= number) && most.is_none_or(|it| number <= it);
            prop_assert_eq!(pattern.is_match(&number.to_string()), is_within, "{}", range);
        }
    }
}
