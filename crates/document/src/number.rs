//! Numbers of a document.

use std::fmt;

use crate::hash::mix;

/// A number of a document.
///
/// Integers between −2⁶³ and 2⁶⁴ − 1 are exact, and so are the first 18 digits of a number beyond the range of `f64`,
/// which most readers cannot hold; every other number is the nearest `f64`. Two numbers are equal if they
/// have the same value, regardless of their spelling: `1` equals `1.0`.
///
/// # Examples
/// ```
/// use openapi_document::Document;
///
/// let document = Document::read(br#"{"openapi": "3.0.0", "x": [1, 1.0, -2.5]}"#)?;
/// let numbers: Vec<_> = document.root().get("x").unwrap().items().filter_map(|it| it.as_number()).collect();
/// assert_eq!(numbers[0], numbers[1]);
/// assert_eq!(numbers[1].to_string(), "1.0");
/// assert_eq!(numbers[2].as_f64(), -2.5);
/// # Ok::<(), openapi_document::ReadError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Number(pub(crate) Repr);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Repr {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    /// A number beyond the range of `f64`: its digits, and the power of ten with which they are multiplied.
    Large(i64, i32),
}

impl Repr {
    /// Maximum number of digits that are kept of a large number.
    const DIGITS: usize = 18;

    /// Reads a number that is beyond the range of `f64`; `None` for all others.
    pub(crate) fn large(text: &str) -> Option<Self> {
        if !text.parse::<f64>().ok()?.is_infinite() {
            return None;
        }
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let unsigned = mantissa.trim_start_matches(['+', '-']);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = format!("{whole}{fraction}");
        let digits = digits.trim_start_matches('0');
        let kept = digits.get(..Self::DIGITS).unwrap_or(digits).trim_end_matches('0');
        let mantissa: i64 = kept.parse().ok()?;
        // A longer exponent is as good as the largest one.
        let power = power.parse().unwrap_or(i64::from(i32::MAX));
        let moved = i64::try_from(digits.len() - kept.len()).ok()? - i64::try_from(fraction.len()).ok()?;
        let power = i32::try_from(power.saturating_add(moved)).unwrap_or(i32::MAX);
        let is_negative = text.starts_with('-');
        Some(Self::Large(if is_negative { -mantissa } else { mantissa }, power))
    }
}

impl Number {
    /// Its value as an integer, if it is one and fits.
    pub fn as_u64(self) -> Option<u64> {
        u64::try_from(self.whole()?).ok()
    }

    /// Its value as an integer, if it is one and fits.
    pub fn as_i64(self) -> Option<i64> {
        i64::try_from(self.whole()?).ok()
    }

    /// The finite `f64` nearest to its value.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the nearest value is what is asked for"
    )]
    pub fn as_f64(self) -> f64 {
        match self.0 {
            Repr::Unsigned(value) => value as f64,
            Repr::Signed(value) => value as f64,
            Repr::Float(value) => value,
            Repr::Large(digits, _) if digits < 0 => f64::MIN,
            Repr::Large(..) => f64::MAX,
        }
    }

    /// Whether it is beyond the range of `f64`, so that most readers cannot hold it.
    pub fn is_large(self) -> bool {
        matches!(self.0, Repr::Large(..))
    }

    /// Whether it is written as an integer, without a fraction or an exponent.
    pub fn is_written_as_integer(self) -> bool {
        matches!(self.0, Repr::Unsigned(_) | Repr::Signed(_))
    }

    /// The value, if it is an integer in the exact range.
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
    fn whole(self) -> Option<i128> {
        match self.0 {
            Repr::Unsigned(value) => Some(value.into()),
            Repr::Signed(value) => Some(value.into()),
            // 2⁶⁴ and −2⁶³ are exact as `f64`.
            Repr::Float(value) => (value.fract() == 0.0
                && (-9_223_372_036_854_775_808.0..18_446_744_073_709_551_616.0).contains(&value))
            .then_some(value as i128),
            Repr::Large(..) => None,
        }
    }

    /// A hash that is the same for equal numbers.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "any bits will do"
    )]
    pub(crate) fn hash(self) -> u64 {
        match (self.whole(), self.0) {
            (Some(whole), _) => mix(whole as u64, (whole >> 64) as u64 ^ 3),
            (None, Repr::Large(digits, power)) => mix(digits as u64, power as u64 ^ 5),
            (None, _) => mix(self.as_f64().to_bits(), 4),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self.whole(), other.whole()) {
            (Some(own), Some(whole)) => own == whole,
            (None, None) if self.is_large() || other.is_large() => match (self.0, other.0) {
                (Repr::Large(own, power), Repr::Large(other, of)) => (own, power) == (other, of),
                _ => false,
            },
            (None, None) => self.as_f64().to_bits() == other.as_f64().to_bits(),
            _ => false,
        }
    }
}

impl Eq for Number {}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Repr::Unsigned(value) => value.fmt(f),
            Repr::Signed(value) => value.fmt(f),
            Repr::Large(digits, power) => write!(f, "{digits}e{power}"),
            // Format the number as JSON does. Numbers that are not finite are never read.
            Repr::Float(value) => match serde_json::Number::from_f64(value) {
                Some(number) => number.fmt(f),
                None => f.write_str("null"),
            },
        }
    }
}

impl serde::Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Repr::Unsigned(value) => serializer.serialize_u64(value),
            Repr::Signed(value) => serializer.serialize_i64(value),
            Repr::Float(value) => serializer.serialize_f64(value),
            Repr::Large(..) => serializer.serialize_f64(self.as_f64()),
        }
    }
}
