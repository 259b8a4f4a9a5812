//! Open enums: the known values are constants, and a value that was added later is kept as it is.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Visitor};

/// Declares an open enum: an opaque string with one associated constant per known value.
///
/// The constants can be used as patterns, because [`Value::Known`] derives its comparison. There is no `Unknown`
/// variant to match on, so code still compiles when a value becomes known. Paths are absolute, since an enum of the
/// document may be called `Ok` or `Some`.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $name:ident {
            $( $(#[$value_meta:meta])* $constant:ident = $value:literal ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        ///
        /// The constants are patterns for `match` (for a reference, `match *value`). Cover all other values with `_`.
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name($crate::open_enum::Value);

        impl $name {
            $(
                $(#[$value_meta])*
                pub const $constant: Self = Self($crate::open_enum::Value::Known($value));
            )*

            /// The value as it is sent and received.
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// Whether the value was known when this crate was built.
            pub fn is_known(&self) -> bool {
                ::std::matches!(self.0, $crate::open_enum::Value::Known(_))
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(value: &str) -> Self {
                Self($crate::open_enum::Value::among(&[$($value),*], value))
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(value: ::std::string::String) -> Self {
                Self::from(value.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(value: &str) -> ::std::result::Result<Self, Self::Err> {
                ::std::result::Result::Ok(Self::from(value))
            }
        }

        impl ::std::cmp::PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> ::std::option::Option<::std::cmp::Ordering> {
                ::std::option::Option::Some(::std::cmp::Ord::cmp(self, other))
            }
        }

        impl ::std::cmp::Ord for $name {
            fn cmp(&self, other: &Self) -> ::std::cmp::Ordering {
                ::std::cmp::Ord::cmp(self.as_str(), other.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::open_enum::deserialize(
                    ::std::concat!(::std::stringify!($name) $(, "|", $value)*),
                    deserializer,
                )
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str($crate::open_enum::shown(self.as_str()))
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Debug::fmt($crate::open_enum::shown(self.as_str()), f)
            }
        }
    };
}

pub(crate) use open_enum;

/// The value of an open enum. Every constructor looks it up, so a known value is never `Unknown`, and two values are
/// equal exactly if their texts are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    Known(&'static str),
    Unknown(Box<str>),
}

impl Value {
    pub(crate) fn among(known: &[&'static str], value: &str) -> Self {
        match known.iter().find(|known| **known == value) {
            Some(known) => Self::Known(known),
            None => Self::Unknown(value.into()),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Known(value) => value,
            Self::Unknown(value) => value,
        }
    }
}

/// Reads an open enum. The reader of responses gets the known values by the type's name, so that it can report an
/// unknown one.
///
/// `enumeration` is the name of the enum and its values, each after a `|`.
pub(crate) fn deserialize<'de, D, T>(enumeration: &'static str, deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: for<'a> From<&'a str>,
{
    /// Reads a text without copying it.
    struct Text<T>(PhantomData<T>);

    impl<'de, T: for<'a> From<&'a str>> Visitor<'de> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
            deserializer.deserialize_str(self)
        }

        fn visit_str<E>(self, text: &str) -> Result<T, E> {
            Ok(T::from(text))
        }
    }

    deserializer.deserialize_newtype_struct(enumeration, Text(PhantomData))
}

/// Whether `enumeration` names an open enum in the form that [`deserialize`] receives.
pub(crate) fn names_values(enumeration: &str) -> bool {
    enumeration.contains('|')
}

/// Whether an enumeration, in the form that [`deserialize`] receives, has this value.
pub(crate) fn is_known(enumeration: &str, value: &str) -> bool {
    enumeration.split('|').skip(1).any(|known| known == value)
}

/// The printable form of a value: the value itself if it has up to 64 bytes of token characters, else a placeholder.
///
/// Every published value is a short token. Any other text may be personal data.
pub(crate) fn shown(value: &str) -> &str {
    let token = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if value.len() <= 64 && value.chars().all(token) {
        value
    } else {
        "(unprintable value)"
    }
}

#[cfg(test)]
mod tests {
    use crate::plaid::AccountType;

    #[test]
    fn an_unknown_value_survives_a_round_trip() {
        let unknown: AccountType = serde_json::from_str("\"HAIL\"").unwrap();
        assert!(!unknown.is_known());
        assert_eq!(serde_json::to_string(&unknown).unwrap(), "\"HAIL\"");
        let known: AccountType = serde_json::from_str("\"loan\"").unwrap();
        assert_eq!(known, AccountType::LOAN);
        assert!(known.is_known());
    }

    #[test]
    fn the_name_of_an_enumeration_is_none_of_its_values() {
        for (value, is_known) in [("a", true), ("b", true), ("Letter", false), ("", false)] {
            assert_eq!(super::is_known("Letter|a|b", value), is_known, "{value}");
        }
    }

    #[test]
    fn known_values_are_patterns_and_the_order_is_that_of_the_texts() {
        let told = |account: &Option<AccountType>| match account {
            Some(AccountType::LOAN) => "a loan",
            Some(AccountType::CREDIT | AccountType::DEPOSITORY) => "credit or deposit",
            Some(_) => "another",
            None => "none",
        };
        for (value, expected) in [
            ("loan", "a loan"),
            ("credit", "credit or deposit"),
            ("LOAN", "another"),
        ] {
            assert_eq!(told(&Some(AccountType::from(value))), expected, "{value}");
        }
        assert_eq!(told(&None), "none");
        let (first, last) = (AccountType::from("a"), AccountType::from("zebra"));
        assert!(first < AccountType::LOAN && AccountType::LOAN < last);
    }

    #[test]
    fn a_value_that_is_no_token_is_kept_but_not_shown() {
        let odd = AccountType::from("Jane Doe, 1 Main Street");
        assert_eq!(odd.as_str(), "Jane Doe, 1 Main Street");
        assert_eq!(
            format!("{odd} {odd:?}"),
            "(unprintable value) \"(unprintable value)\""
        );
        assert!(!format!("{:?}", AccountType::from("x".repeat(65))).contains("xx"));
    }
}
