//! The claims of a session token that show its age. They are read but not verified: the token came over TLS, and Ratio
//! verifies it.

use std::cmp::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The times when a JWT was issued and when it expires, in seconds since 1970, possibly with a fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Claims {
    iat: Option<f64>,
    exp: Option<f64>,
}

impl Claims {
    /// Returns the claims of a token, or `None` for an opaque one.
    pub(crate) fn of(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else {
            return None;
        };
        let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
        let payload: Map<String, Value> = serde_json::from_slice(&payload).ok()?;
        let seconds = |name: &str| payload.get(name).and_then(Value::as_f64);
        let claims = Self {
            iat: seconds("iat"),
            exp: seconds("exp"),
        };
        (claims.iat.is_some() || claims.exp.is_some()).then_some(claims)
    }

    /// Compares the age of two tokens, if their claims allow it.
    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        [(self.iat, other.iat), (self.exp, other.exp)]
            .into_iter()
            .filter_map(|(mine, theirs)| mine?.partial_cmp(&theirs?))
            .find(|order| order.is_ne())
    }

    /// The time when the token expires.
    pub(crate) fn expires_at(self) -> Option<SystemTime> {
        let since = Duration::try_from_secs_f64(self.exp?).ok()?;
        UNIX_EPOCH.checked_add(since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(payload: &str) -> String {
        format!("h.{}.s", URL_SAFE_NO_PAD.encode(payload))
    }

    #[test]
    fn claims_are_compared_where_both_tokens_have_them() {
        let claims = |iat, exp| Claims { iat, exp };
        for (new, old, order) in [
            (
                claims(Some(2.5), None),
                claims(Some(2.0), Some(9.0)),
                Some(Ordering::Greater),
            ),
            (
                claims(None, Some(9.0)),
                claims(Some(2.0), Some(8.0)),
                Some(Ordering::Greater),
            ),
            (
                claims(Some(2.0), Some(7.0)),
                claims(Some(2.0), Some(8.0)),
                Some(Ordering::Less),
            ),
            (claims(Some(2.0), None), claims(None, Some(8.0)), None),
            (claims(Some(2.0), Some(8.0)), claims(Some(2.0), Some(8.0)), None),
        ] {
            assert_eq!(new.compare(old), order, "{new:?} {old:?}");
        }
    }

    #[test]
    fn a_token_that_is_no_jwt_has_no_claims() {
        for opaque in ["", "a", "a.b", "a.b.c", "a.e30.c", "a.b.c.d", "..", "h.!!.s"] {
            assert_eq!(Claims::of(opaque), None, "{opaque}");
        }
        for payload in ["[7,307]", "7", r#"{"iat":"7"}"#, r#"{"exp":1e999}"#, "{"] {
            assert_eq!(Claims::of(&jwt(payload)), None, "{payload}");
        }
        let read = Claims {
            iat: Some(7.0),
            exp: None,
        };
        assert_eq!(Claims::of(&jwt(r#"{"iat":7,"exp":"soon"}"#)), Some(read));
    }

    #[test]
    fn an_end_that_no_clock_can_say_is_none() {
        let ends = |payload: &str| Claims::of(&jwt(payload)).and_then(Claims::expires_at);
        let expected = UNIX_EPOCH + Duration::from_millis(307_500);
        assert_eq!(ends(r#"{"exp":307.5}"#), Some(expected));
        for payload in [r#"{"exp":-1}"#, r#"{"exp":1e300}"#, r#"{"iat":1}"#] {
            assert_eq!(ends(payload), None, "{payload}");
        }
    }
}
