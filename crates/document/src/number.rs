//! Numbers of a document.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use crate::hash::{mix, text};

/// A number of a document.
///
/// A number is the decimal that is written. It is held as an integer between −2⁶³ and 2⁶⁴ − 1, or as the `f64` whose
/// shortest decimal it is, such as `0.1`. Any other number, such as `1e400`, is *exact*: most readers cannot hold it, so it
/// is kept as a decimal. Two numbers are equal if they have the same value, regardless of their spelling: `1` equals `1.0`.
///
/// # Examples
/// ```
/// use openapi_document::Document;
///
/// let document = Document::read(br#"{"openapi": "3.0.0", "x": [1, 1.0, -2.5, 18446744073709551616]}"#)?;
/// let numbers: Vec<_> = document.root().get("x").unwrap().items().filter_map(|it| it.as_number()).collect();
/// assert_eq!(numbers[0], numbers[1]);
/// assert_eq!(numbers[1].to_string(), "1.0");
/// assert_eq!(numbers[2].as_f64(), -2.5);
/// assert_eq!(numbers[3].as_exact(), Some("18446744073709551616e0"));
/// # Ok::<(), openapi_document::ReadError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Number<'d>(pub(crate) Repr<&'d str>);

/// A number, with the text of an exact one in the form that [`Decimal`] displays.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Repr<T> {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Exact(T),
}

/// The integers that every `f64` between them holds, and those beyond the 64-bit ones.
const DENSE: f64 = 9_007_199_254_740_992.0;
const BEYOND: f64 = 18_446_744_073_709_551_616.0;

impl Repr<String> {
    /// Reads a decimal; `None` if the text is none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let value: f64 = text.parse().ok()?;
        let own = Decimal::of(text);
        if value.is_finite() && own == Decimal::of(&format!("{value:e}")) {
            return Some(Self::float(value));
        }
        Some(own.whole().unwrap_or_else(|| Self::Exact(own.to_string())))
    }
}

impl<T> Repr<T> {
    /// The number whose value is the shortest decimal of an `f64`. Beyond 2⁵³, that may be another integer than the `f64`
    /// is.
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
    pub(crate) fn float(value: f64) -> Self {
        if value.fract() != 0.0 || value.abs() < DENSE || value.abs() >= BEYOND {
            return Self::Float(value);
        }
        match Decimal::of(&format!("{value:e}")).whole::<T>() {
            Some(Self::Unsigned(whole)) if i128::from(whole) != value as i128 => Self::Unsigned(whole),
            Some(Self::Signed(whole)) if i128::from(whole) != value as i128 => Self::Signed(whole),
            _ => Self::Float(value),
        }
    }
}

/// A decimal in its only form: its significant digits, and the power of ten with which they are multiplied.
#[derive(PartialEq, Eq)]
struct Decimal<'t> {
    is_negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: Cow<'t, str>,
    power: Power<'t>,
}

/// A power of ten. One that is too large to compute with stays as it is written.
#[derive(PartialEq, Eq)]
enum Power<'t> {
    Of(i128),
    Written(Cow<'t, str>),
}

impl<'t> Power<'t> {
    fn of(text: &'t str) -> Self {
        text.parse()
            .map_or_else(|_| Self::Written(text.trim_start_matches('+').into()), Self::Of)
    }

    /// The power for digits that begin or end at another place.
    fn moved(self, by: i128) -> Self {
        match self {
            Self::Of(power) => Self::Of(power.saturating_add(by)),
            Self::Written(power) if by != 0 => Self::Written(format!("{power}{by:+}").into()),
            Self::Written(power) => Self::Written(power),
        }
    }
}

impl<'t> Decimal<'t> {
    /// Reads a decimal.
    fn of(text: &'t str) -> Self {
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let unsigned = mantissa.trim_start_matches(['+', '-']);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = format!("{whole}{fraction}");
        let digits = digits.trim_start_matches('0');
        let kept = digits.trim_end_matches('0');
        if kept.is_empty() {
            return Self {
                is_negative: false,
                digits: "".into(),
                power: Power::Of(0),
            };
        }
        let moved = (digits.len() - kept.len()) as i128 - fraction.len() as i128;
        Self {
            is_negative: text.starts_with('-'),
            digits: kept.to_owned().into(),
            power: Power::of(power).moved(moved),
        }
    }

    /// Reads a decimal as it is displayed. The time does not depend on the number of its digits.
    fn displayed(text: &'t str) -> Self {
        let (mantissa, power) = text.rsplit_once('e').unwrap_or((text, "0"));
        let unsigned = mantissa.strip_prefix('-');
        Self {
            is_negative: unsigned.is_some(),
            digits: unsigned.unwrap_or(mantissa).into(),
            power: Power::of(power),
        }
    }

    /// Its value, if it is an integer that 64 bits hold.
    fn whole<T>(&self) -> Option<Repr<T>> {
        let Power::Of(power) = self.power else { return None };
        let digits: i128 = self.digits.parse().ok()?;
        let power = 10_i128.checked_pow(u32::try_from(power).ok()?)?;
        let whole = digits.checked_mul(power)?;
        if self.is_negative {
            i64::try_from(-whole).ok().map(Repr::Signed)
        } else {
            u64::try_from(whole).ok().map(Repr::Unsigned)
        }
    }

    /// The finite `f64` nearest to it, for which its first digits are enough.
    fn nearest(&self) -> f64 {
        let first = self.digits.get(..Self::FIRST).unwrap_or(&self.digits);
        let power = match &self.power {
            Power::Of(power) => power.saturating_add((self.digits.len() - first.len()) as i128),
            Power::Written(power) if power.starts_with('-') => i128::MIN,
            Power::Written(_) => i128::MAX,
        };
        let value = format!("{first}e{power}").parse::<f64>().unwrap_or_default();
        let value = value.min(f64::MAX);
        if self.is_negative { -value } else { value }
    }

    const FIRST: usize = 40;

    fn cmp(&self, other: &Self) -> Ordering {
        // The numbers of one sign are ordered by the power of ten just above them, then by their digits.
        let above = |it: &Self| match &it.power {
            _ if it.digits.is_empty() => i128::MIN,
            Power::Of(power) => power.saturating_add(it.digits.len() as i128),
            Power::Written(power) if power.starts_with('-') => i128::MIN + 1,
            Power::Written(_) => i128::MAX,
        };
        let absolute = || {
            above(self)
                .cmp(&above(other))
                .then(self.digits.cmp(&other.digits))
        };
        match (self.is_negative, other.is_negative) {
            (false, false) => absolute(),
            (true, true) => absolute().reverse(),
            (own, other) => other.cmp(&own),
        }
    }
}

impl fmt::Display for Decimal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative { "-" } else { "" };
        match &self.power {
            Power::Of(power) => write!(f, "{sign}{}e{power}", self.digits),
            Power::Written(power) => write!(f, "{sign}{}e{power}", self.digits),
        }
    }
}

impl<'d> Number<'d> {
    /// Its value as an integer, if it is one and fits.
    pub fn as_u64(self) -> Option<u64> {
        u64::try_from(self.whole()?).ok()
    }

    /// Its value as a count, if it is an integer that is not negative. Nothing has as many parts as `u64::MAX`, which
    /// stands for every greater count.
    pub fn as_count(self) -> Option<u64> {
        let is_whole = match self.0 {
            Repr::Float(value) => value.fract() == 0.0,
            Repr::Exact(text) => !text.contains("e-"),
            _ => true,
        };
        let is_beyond = || is_whole && self.cmp_written("18446744073709551615").is_gt();
        self.as_u64().or_else(|| is_beyond().then_some(u64::MAX))
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
            Repr::Exact(text) => Decimal::displayed(text).nearest(),
        }
    }

    /// Its decimal, if it is exact, so that most readers cannot hold it: its sign, its significant digits, and the power
    /// of ten with which they are multiplied, such as `-15e399`. Equal numbers have the same decimal.
    pub fn as_exact(self) -> Option<&'d str> {
        match self.0 {
            Repr::Exact(text) => Some(text),
            _ => None,
        }
    }

    /// The order of its value and that of a JSON number within the range of `f64`, as it is written.
    pub fn cmp_written(self, written: &str) -> Ordering {
        match self.0 {
            Repr::Exact(text) => Decimal::displayed(text).cmp(&Decimal::of(written)),
            _ => Decimal::of(&self.to_string()).cmp(&Decimal::of(written)),
        }
    }

    /// Whether it is written as an integer, without a fraction or an exponent. So counts every integer of 64 bits that no
    /// `f64` holds.
    pub fn is_written_as_integer(self) -> bool {
        matches!(self.0, Repr::Unsigned(_) | Repr::Signed(_))
    }

    /// The value, if it is an integer in the exact range.
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked before")]
    fn whole(self) -> Option<i128> {
        match self.0 {
            Repr::Unsigned(value) => Some(value.into()),
            Repr::Signed(value) => Some(value.into()),
            // The shortest decimals of 2⁶⁴ and −2⁶³ are other integers.
            Repr::Float(value) => {
                (value.fract() == 0.0 && value > -9_223_372_036_854_775_808.0 && value < BEYOND)
                    .then_some(value as i128)
            }
            Repr::Exact(_) => None,
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
            (None, Repr::Exact(decimal)) => mix(text(decimal), 5),
            (None, _) => mix(self.as_f64().to_bits(), 4),
        }
    }
}

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.whole(), other.whole()) {
            (Some(own), Some(whole)) => own == whole,
            (None, None) if self.as_exact().or(other.as_exact()).is_some() => {
                self.as_exact() == other.as_exact()
            }
            (None, None) => self.as_f64().to_bits() == other.as_f64().to_bits(),
            _ => false,
        }
    }
}

impl Eq for Number<'_> {}

impl fmt::Display for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Repr::Unsigned(value) => value.fmt(f),
            Repr::Signed(value) => value.fmt(f),
            Repr::Exact(text) => f.write_str(text.strip_suffix("e0").unwrap_or(text)),
            // Format the number as JSON does. Numbers that are not finite are never read.
            Repr::Float(value) => match serde_json::Number::from_f64(value) {
                Some(number) => number.fmt(f),
                None => f.write_str("null"),
            },
        }
    }
}

/// Serializes an exact number as the nearest `f64`.
impl serde::Serialize for Number<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Repr::Unsigned(value) => serializer.serialize_u64(value),
            Repr::Signed(value) => serializer.serialize_i64(value),
            Repr::Float(value) => serializer.serialize_f64(value),
            Repr::Exact(_) => serializer.serialize_f64(self.as_f64()),
        }
    }
}
