//! Numbers, exactly: bounds, multiples and sets, and a number that keeps to them.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::str::FromStr;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use serde_json::{Number, Value};

use super::lit::{Lit, Strict};
use super::outcome::Outcome;

/// A number as its text says, not as a float rounds it.
pub(super) type Num = BigRational;

/// Powers of ten beyond this are not computed with.
const LARGEST_EXPONENT: i64 = 2_000;
/// Common multiples of more bits than this are not computed with.
const LONGEST: u64 = 4_096;
/// Multiples tried one by one before giving up.
const CANDIDATES: usize = 4_096;

/// The exact value of a JSON number; `None` when it is too large to compute with.
pub(super) fn exact(number: &Number) -> Option<Num> {
    if let Some(n) = number.as_i64() {
        return Some(Num::from_integer(n.into()));
    }
    if let Some(n) = number.as_u64() {
        return Some(Num::from_integer(n.into()));
    }
    let text = number.to_string();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, i64::from_str(exponent).ok()?),
        None => (text.as_str(), 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    if exponent.abs() > LARGEST_EXPONENT || mantissa.len() > 2_000 {
        return None;
    }
    let digits = BigInt::from_str(&format!("{whole}{fraction}")).ok()?;
    let power = num_traits::pow(BigInt::from(10), usize::try_from(exponent.unsigned_abs()).ok()?);
    Some(if exponent < 0 {
        Num::new(digits, power)
    } else {
        Num::from_integer(digits * power)
    })
}

/// The number as JSON, where JSON as `serde_json` holds it can say it exactly.
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

/// A whole number beyond the integers that most readers keep, as they round it to a float: -9223372036854776000 is
/// -2^63 to them.
fn rounded(number: &Num, value: &Value) -> Option<Num> {
    if !number.is_integer() || value.is_i64() || value.is_u64() {
        return None;
    }
    BigRational::from_float(value.as_f64()?)
}

/// What is asked of a number.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    min: Option<(Rc<Num>, Strict)>,
    max: Option<(Rc<Num>, Strict)>,
    /// The least common multiple of all that it must be a multiple of.
    step: Option<Num>,
    /// The common multiple was too long to compute with.
    beyond: bool,
    not_multiples: Vec<Rc<Num>>,
    allowed: Option<Vec<Num>>,
    excluded: BTreeSet<Num>,
}

impl Numbers {
    pub(super) fn add(&mut self, lit: &Lit) {
        match lit {
            Lit::NumMin(n, strict)
                if self
                    .min
                    .as_ref()
                    .is_none_or(|(old, was)| (old, was) < (n, strict)) =>
            {
                self.min = Some((Rc::clone(n), *strict));
            }
            Lit::NumMax(n, strict) => {
                let tighter = |(old, was): &(Rc<Num>, Strict)| n < old || (n == old && *strict > *was);
                if self.max.as_ref().is_none_or(tighter) {
                    self.max = Some((Rc::clone(n), *strict));
                }
            }
            Lit::Multiple(n) => {
                let step = match &self.step {
                    Some(old) => common_multiple(old, n),
                    None => n.abs(),
                };
                if step.numer().bits() + step.denom().bits() > LONGEST && self.step.is_some() {
                    self.beyond = true;
                } else {
                    self.step = Some(step);
                }
            }
            Lit::NotMultiple(n) => self.not_multiples.push(Rc::clone(n)),
            Lit::NumIn(set) => match &mut self.allowed {
                Some(allowed) => allowed.retain(|n| set.binary_search(n).is_ok()),
                None => self.allowed = Some(set.to_vec()),
            },
            Lit::NumNotIn(set) => self.excluded.extend(set.iter().cloned()),
            _ => {}
        }
    }

    /// What copying it costs, in small operations.
    pub(super) fn size(&self) -> usize {
        4 * (self.excluded.len() + self.allowed.as_ref().map_or(0, Vec::len)) + 8
    }

    fn admits(&self, n: &Num) -> bool {
        self.min.as_ref().is_none_or(|(min, strict)| match strict {
            Strict::No => n >= min,
            Strict::Yes => n > min,
        }) && self.max.as_ref().is_none_or(|(max, strict)| match strict {
            Strict::No => n <= max,
            Strict::Yes => n < max,
        }) && self.step.as_ref().is_none_or(|step| multiple(n, step))
            && !self.not_multiples.iter().any(|step| multiple(n, step))
            && self
                .allowed
                .as_ref()
                .is_none_or(|set| set.binary_search(n).is_ok())
            && !self.excluded.contains(n)
    }

    /// A number that keeps to all of it, small where it can be.
    pub(super) fn solve(&self) -> Outcome {
        let mut unwritable = false;
        let mut attempt = |n: &Num| {
            if !self.admits(n) {
                return None;
            }
            let value = json(n).filter(|value| rounded(n, value).is_none_or(|float| self.admits(&float)));
            unwritable |= value.is_none();
            value
        };
        if let Some(allowed) = &self.allowed {
            if let Some(value) = allowed.iter().find_map(&mut attempt) {
                return if self.beyond {
                    Outcome::unknown("a common multiple is too long to compute with")
                } else {
                    Outcome::sat(value)
                };
            }
            return Outcome::empty_unless(unwritable, "a number is too large or too fine to be written");
        }
        let zero = Num::zero();
        let start = match (&self.min, &self.max) {
            (Some((min, _)), _) if **min > zero => (**min).clone(),
            (_, Some((max, _))) if **max < zero => (**max).clone(),
            _ => zero,
        };
        if let (Some((min, a)), Some((max, b))) = (&self.min, &self.max)
            && (min > max || (min == max && (*a == Strict::Yes || *b == Strict::Yes)))
        {
            return Outcome::Empty;
        }
        if self.beyond {
            return Outcome::unknown("a common multiple is too long to compute with");
        }
        let Some(step) = &self.step else {
            return self.solve_dense(&start, attempt);
        };
        if self.not_multiples.iter().any(|not| multiple(step, not)) {
            return Outcome::Empty;
        }
        // Multiples outward from the one nearest to zero, until they are beyond the bounds on both sides.
        let base = (&start / step).round();
        for k in 0..CANDIDATES + self.excluded.len() {
            let mut inside = false;
            for sign in [1, -1] {
                if k == 0 && sign == -1 {
                    continue;
                }
                let n = (&base + Num::from_integer(BigInt::from(k) * sign)) * step;
                let within = self.within_bounds_loosely(&n, step);
                inside |= within;
                if within && let Some(value) = attempt(&n) {
                    return Outcome::sat(value);
                }
            }
            if !inside {
                return Outcome::empty_unless(unwritable, "a number is too large or too fine to be written");
            }
        }
        Outcome::unknown("no multiple was found among the first thousands")
    }

    fn within_bounds_loosely(&self, n: &Num, step: &Num) -> bool {
        self.min.as_ref().is_none_or(|(min, _)| *n >= &**min - step)
            && self.max.as_ref().is_none_or(|(max, _)| *n <= &**max + step)
    }

    /// Without a step the numbers are dense: finitely many are excluded, and multiples are a thin set.
    fn solve_dense(&self, start: &Num, mut attempt: impl FnMut(&Num) -> Option<Value>) -> Outcome {
        if let (Some((min, _)), Some((max, _))) = (&self.min, &self.max)
            && min == max
        {
            if !self.admits(min) {
                return Outcome::Empty;
            }
            return match attempt(min) {
                Some(value) => Outcome::sat(value),
                None => Outcome::unknown("a number is too large or too fine to be written"),
            };
        }
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
            near.sort_unstable();
            near
        });
        for n in whole.chain(parts) {
            let rounded = n.round();
            if let Some(value) = attempt(&rounded).or_else(|| attempt(&n)) {
                return Outcome::sat(value);
            }
        }
        Outcome::unknown("no number was found between the bounds")
    }
}

fn multiple(n: &Num, of: &Num) -> bool {
    if of.is_zero() {
        return n.is_zero();
    }
    (n / of).is_integer()
}

fn common_multiple(a: &Num, b: &Num) -> Num {
    if a.is_zero() || b.is_zero() {
        return Num::zero();
    }
    Num::new(a.numer().lcm(b.numer()), a.denom().gcd(b.denom())).abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn number(value: &Value) -> Num {
        match value {
            Value::Number(n) => exact(n).unwrap(),
            _ => panic!("a number"),
        }
    }

    #[test]
    fn numbers_beyond_the_precision_of_floats_stay_apart() {
        assert_ne!(
            number(&json!(9_007_199_254_740_993_u64)),
            number(&json!(9_007_199_254_740_992_u64))
        );
        assert_eq!(number(&json!(1.0)), number(&json!(1)));
        assert_eq!(number(&json!(0.1)) * number(&json!(10)), number(&json!(1)));
        assert_eq!(json(&number(&json!(1e300))), Some(json!(1e300)));
    }

    #[test]
    fn a_multiple_is_found_or_proved_absent() {
        let rc = |value: Value| Rc::new(number(&value));
        let mut numbers = Numbers::default();
        numbers.add(&Lit::Multiple(rc(json!(6))));
        numbers.add(&Lit::Multiple(rc(json!(4))));
        numbers.add(&Lit::NumMin(rc(json!(1)), Strict::No));
        assert_eq!(numbers.solve(), Outcome::sat(json!(12)));
        numbers.add(&Lit::NumMax(rc(json!(11)), Strict::No));
        assert_eq!(numbers.solve(), Outcome::Empty);

        let mut odd = Numbers::default();
        odd.add(&Lit::Multiple(rc(json!(4))));
        odd.add(&Lit::NotMultiple(rc(json!(2))));
        assert_eq!(odd.solve(), Outcome::Empty);
    }

    #[test]
    fn a_number_beyond_the_integers_keeps_to_its_bounds_as_text_and_as_a_float() {
        let mut numbers = Numbers::default();
        numbers.add(&Lit::Multiple(Rc::new(number(&json!(1)))));
        numbers.add(&Lit::NumMax(Rc::new(number(&json!(i64::MIN))), Strict::Yes));
        let Outcome::Sat(value) = numbers.solve() else {
            panic!("there are numbers below every bound")
        };
        assert!(number(&value) < number(&json!(i64::MIN)), "{value}");
        assert!(value.as_f64().unwrap() < -9_223_372_036_854_775_808.0, "{value}");
    }

    #[test]
    fn between_two_bounds_there_is_a_fraction() {
        let rc = |value: Value| Rc::new(number(&value));
        let mut numbers = Numbers::default();
        numbers.add(&Lit::NumMin(rc(json!(1)), Strict::Yes));
        numbers.add(&Lit::NumMax(rc(json!(2)), Strict::Yes));
        assert!(matches!(numbers.solve(), Outcome::Sat(_)));
        numbers.add(&Lit::Multiple(rc(json!(1))));
        assert_eq!(numbers.solve(), Outcome::Empty);
    }
}
