//! Exact numbers: bounds, multiples and sets, and the search for a number that satisfies them.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::rc::Rc;
use std::str::FromStr;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use serde_json::{Number, Value};

use super::fuel::{Fuel, SPENT};
use super::literal::{Literal, Strict};
use super::outcome::Outcome;

/// A number with the exact value of its text, not rounded to a float.
pub(super) type Num = BigRational;

/// Maximum exponent, as a power of ten, of the numbers that are computed with.
const LARGEST_EXPONENT: i64 = 2_000;
/// Maximum number of digits of the numbers that are computed with.
const LONGEST_MANTISSA: usize = 2_000;
/// Maximum number of bits in a common multiple.
const LONGEST: u64 = 4_096;
/// Maximum number of multiples that are tried one by one.
const CANDIDATES: usize = 4_096;
/// Maximum number of bits in a number with which computing takes no longer than with any other.
const SHORT: u64 = 256;
/// Number of multiples that are free, because the first ones usually decide.
const FREE: usize = 16;

const BEYOND: &str = "a common multiple is too long to compute with";
const UNWRITABLE: &str = "a number is too large or too fine to be written";

/// The exact value of a JSON number; `None` if it is too large to compute with.
pub(super) fn exact(number: &impl Display) -> Option<Num> {
    let text = number.to_string();
    match i64::from_str(&text) {
        Ok(n) => Some(Num::from_integer(n.into())),
        Err(_) => decimal(&text),
    }
}

/// The value of a decimal with an optional fraction and exponent.
fn decimal(text: &str) -> Option<Num> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, i64::from_str(exponent).ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    if exponent.abs() > LARGEST_EXPONENT || mantissa.len() > LONGEST_MANTISSA {
        return None;
    }
    let digits = BigInt::from_str(&format!("{whole}{fraction}")).ok()?;
    let power = i32::try_from(exponent).ok()?;
    Some(Num::from_integer(digits) * Num::from_integer(10.into()).pow(power))
}

/// The number as JSON, if `serde_json` can represent it exactly.
pub(super) fn json(number: &Num) -> Option<Value> {
    if number.is_integer() {
        let integer = number.to_integer();
        if let Ok(n) = i64::try_from(&integer) {
            return Some(n.into());
        }
        if let Ok(n) = u64::try_from(&integer) {
            return Some(n.into());
        }
    }
    let float = num_traits::ToPrimitive::to_f64(number)?;
    let value = Number::from_f64(float)?;
    (exact(&value)? == *number).then_some(Value::Number(value))
}

/// The value to which most readers round a whole number beyond the 64-bit integers. For example, they read
/// -9223372036854776000 as -2^63.
fn rounded(number: &Num, value: &Value) -> Option<Num> {
    if !number.is_integer() || value.is_i64() || value.is_u64() {
        return None;
    }
    BigRational::from_float(value.as_f64()?)
}

/// The constraints on a number.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    min: Option<(Rc<Num>, Strict)>,
    max: Option<(Rc<Num>, Strict)>,
    /// The least common multiple of all numbers of which it must be a multiple, each above zero.
    step: Option<Num>,
    /// Whether the common multiple was too long to compute with.
    beyond: bool,
    not_multiples: Vec<Rc<Num>>,
    allowed: Option<Vec<Num>>,
    excluded: BTreeSet<Num>,
}

impl Numbers {
    pub(super) fn add(&mut self, literal: &Literal) {
        match literal {
            Literal::NumMin(n, strict) => self.min = self.min.take().max(Some((Rc::clone(n), *strict))),
            Literal::NumMax(n, strict) => {
                let tighter = |(old, was): &(Rc<Num>, Strict)| (n, was) < (old, strict);
                if self.max.as_ref().is_none_or(tighter) {
                    self.max = Some((Rc::clone(n), *strict));
                }
            }
            Literal::Multiple(n) => {
                let step = match &self.step {
                    Some(old) => common_multiple(old, n),
                    None => (**n).clone(),
                };
                if step.numer().bits() + step.denom().bits() > LONGEST && self.step.is_some() {
                    self.beyond = true;
                } else {
                    self.step = Some(step);
                }
            }
            Literal::NotMultiple(n) => self.not_multiples.push(Rc::clone(n)),
            Literal::NumIn(set) => match &mut self.allowed {
                Some(allowed) => allowed.retain(|n| set.binary_search(n).is_ok()),
                None => self.allowed = Some(set.to_vec()),
            },
            Literal::NumNotIn(set) => self.excluded.extend(set.iter().cloned()),
            _ => {}
        }
    }

    /// The cost of a copy, in small operations.
    pub(super) fn size(&self) -> usize {
        4 * (self.excluded.len() + self.allowed.as_ref().map_or(0, Vec::len)) + 8
    }

    fn is_within_bounds(&self, n: &Num) -> bool {
        self.min.as_ref().is_none_or(|(min, strict)| match strict {
            Strict::No => n >= min,
            Strict::Yes => n > min,
        }) && self.max.as_ref().is_none_or(|(max, strict)| match strict {
            Strict::No => n <= max,
            Strict::Yes => n < max,
        })
    }

    fn admits(&self, n: &Num) -> bool {
        self.is_within_bounds(n)
            && self.step.as_ref().is_none_or(|step| multiple(n, step))
            && !self.not_multiples.iter().any(|step| multiple(n, step))
            && self
                .allowed
                .as_ref()
                .is_none_or(|set| set.binary_search(n).is_ok())
            && !self.excluded.contains(n)
    }

    /// A number that satisfies all constraints, preferably a small one.
    pub(super) fn solve(&self, fuel: &mut Fuel) -> Outcome {
        let mut unwritable = false;
        let mut attempt = |n: &Num| {
            if !self.admits(n) {
                return None;
            }
            let holds_rounded = |value: &Value| {
                // A listed number is compared in its written form; both sides round it alike.
                self.allowed.is_some() || rounded(n, value).is_none_or(|float| self.admits(&float))
            };
            let value = json(n).filter(holds_rounded);
            unwritable |= value.is_none();
            value
        };
        let listed = match (&self.allowed, &self.min, &self.max) {
            (Some(allowed), ..) => Some(allowed.as_slice()),
            (None, Some((min, _)), Some((max, _))) if min == max => Some(std::slice::from_ref(&**min)),
            _ => None,
        };
        if let Some(listed) = listed {
            return match listed.iter().find_map(attempt) {
                Some(_) if self.beyond => Outcome::unknown(BEYOND),
                Some(value) => Outcome::sat(value),
                None => Outcome::unsat_unless(unwritable, UNWRITABLE),
            };
        }
        if let (Some((min, _)), Some((max, _))) = (&self.min, &self.max)
            && min > max
        {
            return Outcome::Unsat;
        }
        if self.beyond {
            return Outcome::unknown(BEYOND);
        }
        let mut start = Num::zero();
        if let Some((min, _)) = &self.min {
            start = start.max((**min).clone());
        }
        if let Some((max, _)) = &self.max {
            start = start.min((**max).clone());
        }
        let Some(step) = &self.step else {
            return self.solve_dense(&start, attempt, fuel);
        };
        if self.not_multiples.iter().any(|not| multiple(step, not)) {
            return Outcome::Unsat;
        }
        // Tries multiples outward from the one nearest to zero, until they exceed the bounds on both sides.
        let base = (&start / step).round();
        let longest = bits(step).max(bits(&start));
        let cost = usize::try_from(16 + 4 * bits(step) + 4 * square(longest)).unwrap_or(usize::MAX);
        for k in 0..CANDIDATES + self.excluded.len() {
            if (k >= FREE || longest > SHORT) && !fuel.work(cost) {
                return Outcome::unknown(SPENT);
            }
            let k = Num::from_integer(k.into());
            let around = [&base + &k, &base - &k].map(|n| n * step);
            if let Some(value) = around.iter().find_map(&mut attempt) {
                return Outcome::sat(value);
            }
            // The nearest multiple may be outside the bounds although the next one is not.
            if !k.is_zero() && !around.iter().any(|n| self.is_within_bounds(n)) {
                return Outcome::unsat_unless(unwritable, UNWRITABLE);
            }
        }
        Outcome::unknown("no multiple was found among the first thousands")
    }

    /// Solves the constraints without a step. The numbers are then dense: excluded numbers are finitely many, and
    /// excluded multiples are sparse.
    fn solve_dense(
        &self,
        start: &Num,
        mut attempt: impl FnMut(&Num) -> Option<Value>,
        fuel: &mut Fuel,
    ) -> Outcome {
        let whole = (0..(self.excluded.len() + 4).min(CANDIDATES)).flat_map(|k| {
            let offset = Num::from_integer(k.into());
            [start - &offset, start + &offset]
        });
        let parts = (1..64_u32).flat_map(|k| {
            let fraction = Num::new(BigInt::one(), BigInt::from(2).pow(k));
            let mut near = vec![start - &fraction, start + &fraction];
            if let (Some((min, _)), Some((max, _))) = (&self.min, &self.max) {
                near.push(&**min + (&**max - &**min) * &fraction);
            }
            near
        });
        // Beside a large number, only these can be written.
        let scaled = (0..16_u32).flat_map(|k| {
            let part = start.abs() / Num::from_integer(BigInt::from(10).pow(k));
            [start - &part, start + &part]
        });
        let bits = bits(start);
        let cost = usize::try_from(16 + square(bits)).unwrap_or(usize::MAX);
        for n in whole.chain(parts).chain(scaled) {
            if bits > SHORT && !fuel.work(cost) {
                return Outcome::unknown(SPENT);
            }
            let rounded = n.round();
            if let Some(value) = attempt(&rounded).or_else(|| attempt(&n)) {
                return Outcome::sat(value);
            }
        }
        Outcome::unknown("no number was found between the bounds")
    }
}

/// The number of bits of a fraction.
fn bits(n: &Num) -> u64 {
    n.numer().bits() + n.denom().bits()
}

/// The cost that a long number adds to each candidate, in small operations. Fractions are reduced and compared several
/// times, which takes longer with the square of their length.
fn square(bits: u64) -> u64 {
    if bits > SHORT { bits * bits / 256 } else { 0 }
}

fn multiple(n: &Num, of: &Num) -> bool {
    (n / of).is_integer()
}

/// The least common multiple of two positive numbers.
fn common_multiple(a: &Num, b: &Num) -> Num {
    Num::new(a.numer().lcm(b.numer()), a.denom().gcd(b.denom()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn n(text: &str) -> Num {
        decimal(text).unwrap_or_else(|| panic!("{text} is a number to compute with"))
    }

    fn two_to_the(power: i32) -> Num {
        n("2").pow(power)
    }

    fn min(text: &str) -> Literal {
        Literal::NumMin(Rc::new(n(text)), Strict::No)
    }

    fn over(text: &str) -> Literal {
        Literal::NumMin(Rc::new(n(text)), Strict::Yes)
    }

    fn max(text: &str) -> Literal {
        Literal::NumMax(Rc::new(n(text)), Strict::No)
    }

    fn under(text: &str) -> Literal {
        Literal::NumMax(Rc::new(n(text)), Strict::Yes)
    }

    fn step(text: &str) -> Literal {
        Literal::Multiple(Rc::new(n(text)))
    }

    fn no_step(text: &str) -> Literal {
        Literal::NotMultiple(Rc::new(n(text)))
    }

    fn set(texts: &str) -> Rc<[Num]> {
        texts.split_whitespace().map(n).collect()
    }

    fn of(texts: &str) -> Literal {
        Literal::NumIn(set(texts))
    }

    fn none_of(texts: &str) -> Literal {
        Literal::NumNotIn(set(texts))
    }

    /// The outcome as a text.
    fn solve(literals: impl IntoIterator<Item = Literal>) -> String {
        let mut numbers = Numbers::default();
        for literal in literals {
            numbers.add(&literal);
        }
        match numbers.solve(&mut Fuel::new(1_000_000, 1)) {
            Outcome::Sat(value) => value.to_string(),
            Outcome::Unsat => "none".to_owned(),
            Outcome::Unknown { why, .. } => why.to_string(),
        }
    }

    #[test]
    fn a_decimal_is_read_exactly() {
        for (text, numerator, denominator) in [
            ("0", 0, 1),
            ("-7", -7, 1),
            ("1.5", 3, 2),
            ("-0.25", -1, 4),
            ("1.5e3", 1500, 1),
            ("1E+2", 100, 1),
            ("25e-3", 1, 40),
            ("9007199254740993", 9_007_199_254_740_993_i64, 1),
        ] {
            let meant = Num::new(BigInt::from(numerator), BigInt::from(denominator));
            assert_eq!(n(text), meant, "{text}");
        }
        let number = |value: Value| exact(value.as_number().unwrap());
        assert_eq!(number(json!(u64::MAX)), Some(n("18446744073709551615")));
        assert_eq!(number(json!(i64::MIN)), Some(n("-9223372036854775808")));
        assert_eq!(number(json!(1.0)), Some(n("1")));
        assert_eq!(number(json!(0.1)), Some(n("0.1")));
    }

    #[test]
    fn a_number_too_large_to_compute_with_is_not_read() {
        let nines = |count| "9".repeat(count);
        for text in ["1e2000", "1e-2000", "0.1e2001", "0.1e-1999", &nines(2_000)] {
            assert!(decimal(text).is_some(), "{text}");
        }
        for text in ["1e2001", "1e-2001", "0.1e2002", "0.1e-2000", &nines(2_001)] {
            assert!(decimal(text).is_none(), "{text}");
        }
        for text in [
            "",
            "-",
            "x",
            "1ex",
            "1e99999999999999999999",
            "1.1e-9223372036854775808",
        ] {
            assert!(decimal(text).is_none(), "{text}");
        }
    }

    #[test]
    fn only_what_json_can_say_exactly_is_written() {
        for text in [
            "0",
            "-9223372036854775808",
            "18446744073709551615",
            "0.1",
            "-2.5",
            "1e+300",
        ] {
            assert_eq!(json(&n(text)).unwrap().to_string(), text);
        }
        for text in [
            "18446744073709551616",
            "1e400",
            "0.1000000000000000000001",
            "1e-400",
        ] {
            assert_eq!(json(&n(text)), None, "{text}");
        }
        assert_eq!(json(&Num::new(1.into(), 3.into())), None);
    }

    #[test]
    fn bounds() {
        for (literals, found) in [
            (vec![], "0"),
            (vec![min("3")], "3"),
            (vec![over("3")], "4"),
            (vec![max("-3")], "-3"),
            (vec![under("-3")], "-4"),
            (vec![over("0")], "1"),
            (vec![under("0")], "-1"),
            (vec![min("-2"), max("5")], "0"),
            (vec![min("0"), under("1")], "0"),
            // A whole number is preferred to a nearer one.
            (vec![min("0.5")], "1"),
            (vec![min("0.5"), under("1")], "0.5"),
            (vec![over("0"), under("1")], "0.5"),
            (vec![over("0"), under("0.1")], "0.05"),
            (vec![over("-0.1"), under("0"), none_of("-0.05")], "-0.075"),
            (vec![over("0.1"), under("0.2")], "0.15"),
            (vec![over("7"), under("7.01")], "7.005"),
            // The tighter of two bounds applies, in any order.
            (vec![min("1"), min("3")], "3"),
            (vec![min("3"), min("1")], "3"),
            (vec![max("-1"), max("-3")], "-3"),
            (vec![max("-3"), max("-1")], "-3"),
            (vec![min("1"), over("1")], "2"),
            (vec![over("1"), min("1")], "2"),
            (vec![max("-1"), under("-1")], "-2"),
            (vec![under("-1"), max("-1")], "-2"),
            (vec![under("-1"), max("-2")], "-2"),
            // The bounds leave one number, or none.
            (vec![min("1"), max("1")], "1"),
            (vec![min("1"), under("1")], "none"),
            (vec![over("1"), max("1")], "none"),
            (vec![min("2"), max("1")], "none"),
            (vec![min("1"), max("1"), none_of("1")], "none"),
            (vec![min("1"), max("1"), step("2")], "none"),
            (vec![min("1e400"), max("1e400")], UNWRITABLE),
            (vec![min("1e400")], "no number was found between the bounds"),
            (vec![over("1e300")], "2e+300"),
            (vec![over("1e300"), max("1.5e300")], "1.25e+300"),
            (vec![under("-1e20")], "-2e+20"),
        ] {
            assert_eq!(solve(literals.clone()), found, "{literals:?}");
        }
    }

    #[test]
    fn lists() {
        for (literals, found) in [
            (vec![of("1 2 3"), of("2 3 4")], "2"),
            (vec![of("1 2"), none_of("1")], "2"),
            (vec![none_of("1"), of("1 2")], "2"),
            (vec![of("1 2"), min("3")], "none"),
            (vec![of("1 2"), max("0")], "none"),
            (vec![of("1 2"), step("2")], "2"),
            (vec![of("1 2"), no_step("1")], "none"),
            (vec![of("1 2"), min("2"), max("2")], "2"),
            (vec![of("1e400")], UNWRITABLE),
            (vec![of("5 1e400")], "5"),
            (vec![none_of("0 1")], "-1"),
            (vec![none_of("-1 0 1 2")], "-2"),
            (vec![min("0"), none_of("0 1 2 3 4 5 6")], "7"),
            (vec![step("1"), min("0"), none_of("0 1 2 3 4 5 6")], "7"),
        ] {
            assert_eq!(solve(literals.clone()), found, "{literals:?}");
        }
    }

    #[test]
    fn multiples() {
        for (literals, found) in [
            (vec![step("3")], "0"),
            (vec![step("3"), min("1")], "3"),
            (vec![step("3"), max("-1")], "-3"),
            (vec![step("3"), over("3")], "6"),
            (vec![step("3"), under("-3")], "-6"),
            (vec![step("6"), step("4"), min("1")], "12"),
            (vec![step("0.1"), step("0.25"), min("0.1")], "0.5"),
            // The multiple nearest to a bound may be on either side of it.
            (vec![step("1"), min("1.4"), max("2")], "2"),
            (vec![step("1"), min("1.6"), max("2")], "2"),
            (vec![step("1"), max("-1.4"), min("-2")], "-2"),
            (vec![step("1"), min("1.4"), max("1.9")], "none"),
            (vec![step("1"), min("1.6"), max("1.9")], "none"),
            (vec![step("1"), min("1.6"), under("2")], "none"),
            (vec![step("3"), over("-3"), under("3"), none_of("0")], "none"),
            (vec![step("3"), over("-3"), max("3"), none_of("0")], "3"),
            (vec![step("3"), min("-3"), under("3"), none_of("0")], "-3"),
            (vec![step("3"), min("-9"), max("0"), none_of("-3 0")], "-6"),
            // Numbers that must not be multiples.
            (vec![step("4"), no_step("2")], "none"),
            (vec![step("2"), no_step("4")], "2"),
            (vec![step("4"), no_step("8"), min("5")], "12"),
            (vec![no_step("1")], "-0.5"),
            // Four whole numbers on each side are tried before fractions.
            (vec![min("26"), no_step("2"), no_step("3"), no_step("5")], "29"),
            (vec![min("25"), no_step("2"), no_step("3"), no_step("5")], "25.5"),
            // As floats these are no longer multiples, except for those that are read as integers.
            (vec![step("1e23"), min("1e22"), max("1e23")], UNWRITABLE),
            (vec![step("9007199254740993"), min("1")], "9007199254740993"),
            (vec![step("9007199254740993"), max("-1")], "-9007199254740993"),
            (
                vec![step("18446744073709551615"), min("1")],
                "18446744073709551615",
            ),
            (vec![step("0.1"), min("0.1")], "0.1"),
            (vec![step("1e400"), min("1"), max("1e400")], UNWRITABLE),
        ] {
            assert_eq!(solve(literals.clone()), found, "{literals:?}");
        }
        let below = solve([step("1"), under("-9223372036854775808")]);
        assert!(
            below.parse::<f64>().unwrap() < -9_223_372_036_854_775_808.0,
            "{below}"
        );
        assert!(n(&below) < n("-9223372036854775808"), "{below}");
    }

    #[test]
    fn common_multiples_are_so_long() {
        let long = |power| Literal::Multiple(Rc::new(two_to_the(power)));
        assert_eq!(solve([step("2"), long(4_094)]), "0");
        assert_eq!(solve([step("2"), long(4_095)]), BEYOND);
        assert_eq!(solve([long(5_000)]), "0");
        assert_eq!(solve([step("2"), long(4_095), of("0")]), BEYOND);
        assert_eq!(solve([step("2"), long(4_095), of("1")]), "none");
        assert_eq!(solve([step("2"), long(4_095), min("2"), max("1")]), "none");
    }

    #[test]
    fn multiples_are_tried_so_far_from_the_bounds() {
        // None of the multiples of 1/4097 between 0 and 1 can be written.
        let part = Rc::new(Num::new(1.into(), 4_097.into()));
        let above = [
            Literal::Multiple(Rc::clone(&part)),
            Literal::NumMin(part, Strict::No),
        ];
        let beyond = "no multiple was found among the first thousands";
        assert_eq!(solve(above.clone()), beyond);
        assert_eq!(solve(above.into_iter().chain([none_of("7")])), "1");
    }
}
