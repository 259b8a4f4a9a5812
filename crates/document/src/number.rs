//! Numbers of a document.

use std::fmt;

use crate::hash::mix;

/// A number of a document.
///
/// Integers between −2⁶³ and 2⁶⁴ − 1 are exact; every other number is the `f64` nearest to it. Two numbers are equal
/// when they have the same value, however they are written: `1` is `1.0`.
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
}

impl Number {
    /// Its value, where it is a whole number that fits.
    pub fn as_u64(self) -> Option<u64> {
        u64::try_from(self.whole()?).ok()
    }

    /// Its value, where it is a whole number that fits.
    pub fn as_i64(self) -> Option<i64> {
        i64::try_from(self.whole()?).ok()
    }

    /// The `f64` nearest to its value.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the nearest value is what is asked for"
    )]
    pub fn as_f64(self) -> f64 {
        match self.0 {
            Repr::Unsigned(value) => value as f64,
            Repr::Signed(value) => value as f64,
            Repr::Float(value) => value,
        }
    }

    /// Whether it is written as an integer: without fraction and exponent.
    pub fn is_written_as_integer(self) -> bool {
        !matches!(self.0, Repr::Float(_))
    }

    /// The value of a whole number within the exact integers.
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
    fn whole(self) -> Option<i128> {
        match self.0 {
            Repr::Unsigned(value) => Some(value.into()),
            Repr::Signed(value) => Some(value.into()),
            // 2⁶⁴ and −2⁶³ are exact as `f64`.
            Repr::Float(value) => (value.fract() == 0.0
                && (-9_223_372_036_854_775_808.0..18_446_744_073_709_551_616.0).contains(&value))
            .then_some(value as i128),
        }
    }

    /// Equal numbers have equal hashes.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "any bits will do"
    )]
    pub(crate) fn hash(self) -> u64 {
        match self.whole() {
            Some(whole) => mix(whole as u64, (whole >> 64) as u64 ^ 3),
            None => mix(self.as_f64().to_bits(), 4),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self.whole(), other.whole()) {
            (Some(own), Some(other)) => own == other,
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
            // As JSON writes it; what is not finite is never read.
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
        }
    }
}
