//! Open enums: the values known today are constants, and a value that is new tomorrow survives.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Visitor};

/// Declares an open enum: an opaque string with one associated constant per known value.
///
/// There is no `Unknown` variant to match on, so that a value which becomes known breaks nobody. Paths are whole, since
/// an enum of the document may be called `Ok` or `Some`.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $name:ident {
            $( $(#[$value_meta:meta])* $constant:ident = $value:literal ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(::std::borrow::Cow<'static, str>);

        impl $name {
            $(
                $(#[$value_meta])*
                pub const $constant: Self = Self(::std::borrow::Cow::Borrowed($value));
            )*

            /// The value as it travels on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Whether the value was known when this crate was built.
            pub fn is_known(&self) -> bool {
                // Known values are always borrowed: every way in looks them up.
                ::std::matches!(self.0, ::std::borrow::Cow::Borrowed(_))
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(value: &str) -> Self {
                match [$($value),*].iter().find(|known| **known == value) {
                    ::std::option::Option::Some(known) => Self(::std::borrow::Cow::Borrowed(known)),
                    ::std::option::Option::None => Self(::std::borrow::Cow::Owned(value.to_owned())),
                }
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

/// Reads an open enum, whose values are named to the reader of answers: it tells where one comes that is not known.
///
/// `enumeration` is the name of the enum and its values, each after a `|`.
pub(crate) fn deserialize<'de, D, T>(enumeration: &'static str, deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: for<'a> From<&'a str>,
{
    /// Reads a text without keeping a copy of it.
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

/// Whether a name is that of an open enum, as [`deserialize`] is told of it.
pub(crate) fn names_values(enumeration: &str) -> bool {
    enumeration.contains('|')
}

/// Whether an enumeration, as [`deserialize`] is told of it, has this value.
pub(crate) fn is_known(enumeration: &str, value: &str) -> bool {
    enumeration.split('|').skip(1).any(|known| known == value)
}

/// What of a value may be shown: the whole of it up to 64 bytes of token characters, else a stand-in.
///
/// Every published value is a short token. Anything else in its place may be somebody's data.
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
