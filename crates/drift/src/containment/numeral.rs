//! Numerals: the texts of numbers.
//!
//! A number has one canonical text: its decimal form without an exponent or redundant zeros. It is read from every
//! text that JSON allows for it.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed};
use serde_json::Number;

use super::number::{Num, exact};

/// The texts that JSON allows for numbers.
pub(super) const READ: &str = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$";
/// The canonical texts of numbers.
pub(super) const WRITTEN: &str = r"^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\.[0-9]*[1-9])$";

/// Maximum number of digits in a bound that is turned into a pattern.
const LONGEST: usize = 40;

/// The canonical text of a JSON number, or else the text that it has.
pub(super) fn of(number: &Number) -> String {
    let text = exact(number).and_then(|it| spelled(&it));
    text.unwrap_or_else(|| number.to_string())
}

/// The canonical text of a number; `None` if its decimal form is infinite or very long.
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

/// The number that a text is in JSON syntax.
pub(super) fn number(text: &str) -> Option<Number> {
    let first = *text.as_bytes().first()?;
    let last = *text.as_bytes().last()?;
    if !(first == b'-' || first.is_ascii_digit()) || !last.is_ascii_digit() {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// The whole numbers between two bounds as a pattern without anchors; `None` if they have too many digits.
pub(super) fn whole(least: Option<&BigInt>, most: Option<&BigInt>) -> Option<String> {
    let mut alternatives = Vec::new();
    if least.is_none_or(Signed::is_negative) {
        // The bounds of negative numbers are reversed if they are compared without their signs.
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

/// The numbers from a non-negative one up to another, as alternatives.
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

/// The digit strings between two of the same length.
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
    // Otherwise, each digit would double the alternatives.
    if (*low, *high) == (b'0', b'9') && least == zeros && most == nines {
        return vec![format!("[0-9]{{{}}}", least.len() + 1)];
    }
    let mut found: Vec<String> = after(*low, alike(least, &nines)).collect();
    if high - low > 1 {
        let (from, to) = (char::from(low + 1), char::from(high - 1));
        found.push(format!("[{from}-{to}][0-9]{{{}}}", least.len()));
    }
    found.extend(after(*high, alike(&zeros, most)));
    found
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

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
            assert_eq!(pattern.matches(text), Some(true), "{text}");
        }
    }

    #[test]
    fn bounds_of_so_many_digits_are_a_pattern() {
        let digits = |count: u32| BigInt::from(10).pow(count - 1);
        let longest = whole(Some(&-digits(40)), Some(&digits(40))).expect("a pattern");
        assert!(longest.len() < 10_000, "{}", longest.len());
        for beyond in [digits(41), digits(60)] {
            assert_eq!(whole(Some(&beyond), None), None);
        }
    }

    #[test]
    fn numbers_are_read_as_json_has_them() {
        let pattern = Automaton::new(READ).expect("a pattern");
        for text in ["0", "-0", "1.50", "1e5", "-2.5E-3"] {
            assert!(
                pattern.matches(text) == Some(true) && number(text).is_some(),
                "{text}"
            );
        }
        for text in ["", "-", "+1", "01", ".5", "1.", "0x1", " 1", "1 ", "1e", "NaN"] {
            assert!(
                pattern.matches(text) == Some(false) && number(text).is_none(),
                "{text}"
            );
        }
    }

    #[test]
    fn whole_numbers_between_bounds_are_a_language() {
        let bounds = [
            -120, -100, -99, -25, -10, -9, -1, 0, 1, 7, 9, 10, 25, 99, 100, 101, 250, 999,
        ];
        let bounds = || bounds.into_iter().map(Some).chain([None]);
        for (least, most) in bounds().flat_map(|least| bounds().map(move |most| (least, most))) {
            let [from, to] = [least, most].map(|it| it.map(BigInt::from));
            let range = whole(from.as_ref(), to.as_ref()).expect("few digits");
            let pattern = Automaton::new(&format!("^({range})$")).expect("a pattern");
            for number in -130..1_100_i64 {
                let is_within = least.is_none_or(|it| it <= number) && most.is_none_or(|it| number <= it);
                assert_eq!(
                    pattern.matches(&number.to_string()),
                    Some(is_within),
                    "{number}: {range}"
                );
            }
        }
    }
}
