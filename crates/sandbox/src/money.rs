//! Exact amounts of dollars and cents.

use std::fmt;

/// An amount of US dollars in whole cents.
///
/// ```
/// use ratio_sandbox::Cents;
///
/// let amount: Cents = "49.5".parse().unwrap();
/// assert_eq!(amount.get(), 4950);
/// assert_eq!(amount.to_string(), "49.50");
/// assert!("1.005".parse::<Cents>().is_err());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cents(i64);

impl Cents {
    /// Creates an amount from a number of cents.
    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// The number of cents.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl std::ops::Add for Cents {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::ops::Neg for Cents {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl std::iter::Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self(0), |sum, next| sum + next)
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

/// The error for a text that is not an amount of dollars with at most two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidAmount;

impl fmt::Display for InvalidAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an amount in dollars; write it like 49.50")
    }
}

impl std::error::Error for InvalidAmount {}

impl std::str::FromStr for Cents {
    type Err = InvalidAmount;

    /// Parses a plain decimal: digits, and at most two more after a point. Signs and exponents are refused.
    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let plain = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(part) || part.len() > 2 || whole.len() > 15 {
            return Err(InvalidAmount);
        }
        let dollars: i64 = whole.parse().map_err(|_| InvalidAmount)?;
        let cents: i64 = format!("{part:0<2}").parse().map_err(|_| InvalidAmount)?;
        Ok(Self(dollars * 100 + cents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_amount_overflows() {
        assert_eq!(-Cents(i64::MIN), Cents(i64::MAX));
        assert_eq!(Cents(i64::MAX) + Cents(1), Cents(i64::MAX));
    }

    #[test]
    fn an_amount_is_read_exactly_or_not_at_all() {
        assert_eq!("123.45".parse(), Ok(Cents(12345)));
        assert_eq!("50".parse(), Ok(Cents(5000)));
        for bad in [
            "",
            ".5",
            "1.",
            "-1",
            "+1",
            "1e3",
            "1,000",
            "1.234",
            "١",
            "9999999999999999",
        ] {
            assert_eq!(bad.parse::<Cents>(), Err(InvalidAmount), "{bad}");
        }
    }
}
