//! Identifiers that become part of a path, and must not change which endpoint the path names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The reason why a text is not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidId {
    /// It is empty.
    Empty,
    /// It has more than 128 characters.
    TooLong,
    /// It has a character other than letters, digits, `-` and `_`, which could lead to another endpoint.
    Character,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the id is empty; pass the id that Ratio gave",
            Self::TooLong => "the id has more than 128 characters; pass the id that Ratio gave",
            Self::Character => {
                "the id has a character other than letters, digits, `-` and `_`; pass the id that Ratio gave, undecorated"
            }
        })
    }
}

impl std::error::Error for InvalidId {}

/// Colons start a verb, dots go up in the path, and percent signs can encode both. With them, ids such as
/// `x:requestLink` and `..` would reach other endpoints.
fn check(id: &str) -> Result<(), InvalidId> {
    if id.is_empty() {
        Err(InvalidId::Empty)
    } else if id.len() > 128 {
        Err(InvalidId::TooLong)
    } else if id
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    {
        Ok(())
    } else {
        Err(InvalidId::Character)
    }
}

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        ///
        /// It identifies a person or their property, so `Debug` does not print it.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Makes an id from the text that Ratio gave: 1 to 128 letters, digits, `-` and `_`.
            ///
            /// # Errors
            /// When the text is empty, is too long, or has a character that could lead to another endpoint.
            ///
            /// ```
            #[doc = concat!("use ratio_bank::", stringify!($name), ";")]
            ///
            #[doc = concat!("assert!(", stringify!($name), "::new(\"4f9b2c1e-0000-4000-8000-2d7a\").is_ok());")]
            #[doc = concat!("assert!(", stringify!($name), "::new(\"x:requestLink\").is_err());")]
            #[doc = concat!("assert!(", stringify!($name), "::new(\"..\").is_err());")]
            /// ```
            pub fn new(id: impl Into<String>) -> Result<Self, InvalidId> {
                let id = id.into();
                check(&id).map(|()| Self(id))
            }

            /// The id itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Makes an id from a response without checking it.
            #[allow(dead_code, reason = "most ids are read as part of an answer")]
            pub(crate) fn as_answered(id: String) -> Self {
                Self(id)
            }

            /// Returns the id for use in a path, after checking it. Ids in responses are not checked when they are
            /// read, so that an unusual id does not make the response unreadable.
            #[allow(dead_code, reason = "not every id is part of a path")]
            pub(crate) fn in_path(&self) -> Result<&str, InvalidId> {
                check(&self.0).map(|()| self.0.as_str())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(id: &str) -> Result<Self, InvalidId> {
                Self::new(id)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(id: String) -> Result<Self, InvalidId> {
                Self::new(id)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

id! {
    /// A person at Ratio.
    UserId
}
id! {
    /// A linked bank account.
    BankId
}
id! {
    /// A wallet that receives coins.
    WalletId
}
id! {
    /// An activity item, for example an order that Ratio accepted.
    ActivityId
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_could_reach_another_endpoint_is_no_id() {
        for (id, why) in [
            ("", InvalidId::Empty),
            ("..", InvalidId::Character),
            (".", InvalidId::Character),
            ("%2e%2e", InvalidId::Character),
            ("x:requestLink", InvalidId::Character),
            ("a/b", InvalidId::Character),
            ("a?b", InvalidId::Character),
            ("a\\b", InvalidId::Character),
            ("a#b", InvalidId::Character),
            ("a;b", InvalidId::Character),
            ("a b", InvalidId::Character),
            (" a", InvalidId::Character),
            ("a\n", InvalidId::Character),
            ("a\0", InvalidId::Character),
            ("a\u{7f}", InvalidId::Character),
            ("a@b", InvalidId::Character),
            ("%3a", InvalidId::Character),
            ("ä", InvalidId::Character),
            ("\u{ff0e}\u{ff0e}", InvalidId::Character),
            ("\u{202e}a", InvalidId::Character),
        ] {
            assert_eq!(UserId::new(id), Err(why), "{id}");
        }
        assert_eq!(BankId::new("x".repeat(129)), Err(InvalidId::TooLong));
        assert!(BankId::new("x".repeat(128)).is_ok());
    }

    #[test]
    fn an_odd_id_in_an_answer_is_kept_and_refused_in_a_path() {
        let id: BankId = serde_json::from_str("\"x:requestLink\"").unwrap();
        assert_eq!(id.as_str(), "x:requestLink");
        assert_eq!(id.in_path(), Err(InvalidId::Character));
    }

    #[test]
    fn every_way_to_make_an_id_checks_it() {
        assert_eq!("b-1".parse::<BankId>().unwrap().as_ref(), "b-1");
        assert_eq!("..".parse::<BankId>(), Err(InvalidId::Character));
        assert_eq!(WalletId::try_from(String::new()), Err(InvalidId::Empty));
    }

    proptest! {
        #[test]
        fn an_accepted_id_stays_one_segment_of_the_path(id in ".*") {
            if let Ok(id) = UserId::new(id) {
                let url = reqwest::Url::parse(&format!("https://h/v1/users/{}/banks", id.as_str())).unwrap();
                prop_assert_eq!(url.path(), format!("/v1/users/{}/banks", id.as_str()));
            }
        }
    }
}
