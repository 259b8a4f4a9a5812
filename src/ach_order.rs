//! An order to buy coins with money from a bank.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::generated::types::InitiateAchRequest;
pub use crate::generated::types::{
    InitiateAchRequestCryptoCurrency as CryptoCurrency, InitiateAchRequestType as AchKind,
};
use crate::id::WalletId;

/// An amount of US dollars, in whole cents: from 0.01 to 999,999,999.99.
///
/// It is sent as a decimal text, and is never converted to a float.
///
/// ```
/// use ratio_bank::FiatAmount;
///
/// assert_eq!(FiatAmount::from_cents(4999)?.to_string(), "49.99");
/// assert_eq!("49.9".parse::<FiatAmount>()?, FiatAmount::from_cents(4990)?);
/// for wrong in ["", "0", "0.00", "-1", "1e3", "1,000", "1.999", " 1", "1.", ".5", "$5"] {
///     assert!(wrong.parse::<FiatAmount>().is_err(), "{wrong}");
/// }
/// # Ok::<(), ratio_bank::InvalidAmount>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiatAmount {
    cents: u64,
}

/// The error for a text or number that is not a valid amount of dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidAmount;

impl fmt::Display for InvalidAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an amount of dollars; write digits with at most two after a point, from 0.01 to 999999999.99")
    }
}

impl std::error::Error for InvalidAmount {}

impl FiatAmount {
    /// Makes an amount from cents.
    ///
    /// # Errors
    /// When the amount is zero or more than 999,999,999.99 dollars.
    ///
    /// ```
    /// assert!(ratio_bank::FiatAmount::from_cents(0).is_err());
    /// assert_eq!(ratio_bank::FiatAmount::from_cents(5)?.to_string(), "0.05");
    /// # Ok::<(), ratio_bank::InvalidAmount>(())
    /// ```
    ///
    /// A float is not accepted:
    ///
    /// ```compile_fail,E0308
    /// ratio_bank::FiatAmount::from_cents(49.99)?;
    /// # Ok::<(), ratio_bank::InvalidAmount>(())
    /// ```
    pub fn from_cents(cents: u64) -> Result<Self, InvalidAmount> {
        if (1..=99_999_999_999).contains(&cents) {
            Ok(Self { cents })
        } else {
            Err(InvalidAmount)
        }
    }

    /// The amount in cents.
    pub fn cents(self) -> u64 {
        self.cents
    }
}

impl FromStr for FiatAmount {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let digits = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
        };
        let (dollars, cents) = match text.split_once('.') {
            Some((dollars, cents)) if digits(cents, 2) => (dollars, format!("{cents:0<2}")),
            Some(_) => return Err(InvalidAmount),
            None => (text, "00".to_owned()),
        };
        if !digits(dollars, 9) {
            return Err(InvalidAmount);
        }
        Self::from_cents(format!("{dollars}{cents}").parse().map_err(|_| InvalidAmount)?)
    }
}

impl fmt::Display for FiatAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.cents / 100, self.cents % 100)
    }
}

/// Writes the amount as a decimal text.
impl Serialize for FiatAmount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Reads a decimal text only. A JSON number is refused, because it may have been a float before.
impl<'de> Deserialize<'de> for FiatAmount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer).map_err(|_| D::Error::custom(InvalidAmount))?;
        text.parse().map_err(D::Error::custom)
    }
}

/// The amount is private to the person and the bank, so it does not print.
impl fmt::Debug for FiatAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FiatAmount([redacted])")
    }
}

/// An order to buy coins, for [`initiate_ach`](crate::Session::initiate_ach).
///
/// ```
/// use ratio_bank::{AchKind, AchOrder, CryptoCurrency, WalletId};
///
/// let order = AchOrder::new(
///     "49.99".parse()?,
///     CryptoCurrency::Eth,
///     WalletId::new("4f9b2c1e")?,
///     AchKind::Standard,
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AchOrder {
    /// The dollars to spend.
    pub amount: FiatAmount,
    /// The currency to buy.
    pub currency: CryptoCurrency,
    /// The wallet that receives the coins.
    pub wallet: WalletId,
    /// The speed of the transfer.
    pub kind: AchKind,
}

impl AchOrder {
    /// Makes an order for coins worth `amount` dollars, sent to `wallet`.
    ///
    /// ```
    /// use ratio_bank::{AchKind, AchOrder, CryptoCurrency, FiatAmount, WalletId};
    ///
    /// let (dollars, wallet) = (FiatAmount::from_cents(2000)?, WalletId::new("4f9b2c1e")?);
    /// let order = AchOrder::new(dollars, CryptoCurrency::Eth, wallet, AchKind::Instant);
    /// assert_eq!(order.amount.to_string(), "20.00");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(amount: FiatAmount, currency: CryptoCurrency, wallet: WalletId, kind: AchKind) -> Self {
        Self {
            amount,
            currency,
            wallet,
            kind,
        }
    }

    pub(crate) fn body(&self) -> InitiateAchRequest {
        InitiateAchRequest {
            fiat_amount: self.amount.to_string(),
            crypto_currency: self.currency,
            wallet_id: self.wallet.clone(),
            type_: self.kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_amount_survives_its_text(cents in 1_u64..=99_999_999_999) {
            let amount = FiatAmount::from_cents(cents).unwrap();
            prop_assert_eq!(amount.to_string().parse::<FiatAmount>().unwrap(), amount);
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = text.parse::<FiatAmount>();
        }
    }

    #[test]
    fn an_amount_is_text_in_json_and_never_a_number() {
        let amount: FiatAmount = serde_json::from_str("\"49.9\"").unwrap();
        assert_eq!(serde_json::to_string(&amount).unwrap(), "\"49.90\"");
        for wrong in ["49.9", "49", "\"1e3\"", "null", "\"\"", "{\"cents\":1}"] {
            let error = serde_json::from_str::<FiatAmount>(wrong).unwrap_err();
            assert!(!error.to_string().contains("49"), "{error}");
        }
    }

    #[test]
    fn an_amount_has_up_to_nine_digits_before_its_point() {
        for (text, cents) in [("999999999.99", 99_999_999_999), ("000000001", 100)] {
            assert_eq!(text.parse::<FiatAmount>().unwrap().cents(), cents);
        }
        for text in ["1000000000", "0000000001", "0000000001.00"] {
            assert!(text.parse::<FiatAmount>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_order_is_text_on_the_wire() {
        let order = AchOrder::new(
            "49.9".parse().unwrap(),
            CryptoCurrency::Matic,
            WalletId::new("w-1").unwrap(),
            AchKind::Instant,
        );
        assert_eq!(
            serde_json::to_value(order.body()).unwrap(),
            serde_json::json!({"fiatAmount": "49.90", "cryptoCurrency": "MATIC", "walletId": "w-1", "type": "INSTANT"})
        );
    }
}
