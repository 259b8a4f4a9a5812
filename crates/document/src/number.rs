//! Numbers of a document.

use std::fmt;

use crate::hash::mix;

/// A number of a document.
///
/// Integers between −2⁶³ and 2⁶⁴ − 1 are exact; every other number is the nearest `f64`. Two numbers are equal if they
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

    /// Whether it is written as an integer, without a fraction or an exponent.
    pub fn is_written_as_integer(self) -> bool {
        !matches!(self.0, Repr::Float(_))
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
        }
    }

    /// A hash that is the same for equal numbers.
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
        }
    }
}
