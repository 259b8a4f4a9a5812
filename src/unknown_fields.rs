//! Reading that notices whether any field was passed over, without remembering where it was.
//!
//! Every answer is read this way. Only one that holds a surprise is read again to find its place, which takes a copy of
//! every field's name.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Reads the JSON in `body`, and tells whether it has a field that `T` does not.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<(T, bool)> {
    let passed_over = Cell::new(false);
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = T::deserialize(Noticing {
        inner: &mut json,
        passed_over: &passed_over,
    })?;
    json.end()?;
    Ok((value, passed_over.get()))
}

/// Something of `serde`'s whose parts are noticed as well.
struct Noticing<'a, T> {
    inner: T,
    passed_over: &'a Cell<bool>,
}

impl<'a, T> Noticing<'a, T> {
    fn part<P>(&self, inner: P) -> Noticing<'a, P> {
        Noticing {
            inner,
            passed_over: self.passed_over,
        }
    }
}

/// Passes on what has fields or parts with fields, noticed.
macro_rules! notice {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            let visitor = self.part(visitor);
            self.inner.$method($($argument,)* visitor)
        })*
    };
}

/// Passes on what has no fields, or none that could be passed over.
macro_rules! pass_on {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($argument,)* visitor)
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Noticing<'_, D> {
    type Error = D::Error;

    notice! {
        deserialize_option()
        deserialize_newtype_struct(name: &'static str)
        deserialize_seq()
        deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
    }

    pass_on! {
        deserialize_any()
        deserialize_bool()
        deserialize_i8()
        deserialize_i16()
        deserialize_i32()
        deserialize_i64()
        deserialize_u8()
        deserialize_u16()
        deserialize_u32()
        deserialize_u64()
        deserialize_f32()
        deserialize_f64()
        deserialize_char()
        deserialize_str()
        deserialize_string()
        deserialize_bytes()
        deserialize_byte_buf()
        deserialize_unit()
        deserialize_unit_struct(name: &'static str)
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.passed_over.set(true);
        self.inner.deserialize_ignored_any(visitor)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Noticing<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        let value = self.part(value);
        self.inner.visit_some(value)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        let value = self.part(value);
        self.inner.visit_newtype_struct(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        let items = self.part(items);
        self.inner.visit_seq(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        let fields = self.part(fields);
        self.inner.visit_map(fields)
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Noticing<'_, A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        let seed = self.part(seed);
        self.inner.next_element_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Noticing<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.inner.next_key_seed(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        let seed = self.part(seed);
        self.inner.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Noticing<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let deserializer = self.part(deserializer);
        self.inner.deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::read;
    use crate::generated::types::{ActivateBankLinkResponse, InitiateAchResponse, User};

    #[test]
    fn only_a_field_that_is_not_declared_is_passed_over() {
        for (body, surprise) in [
            ("{}", false),
            (r#"{"bankAccount":null}"#, false),
            (r#"{"bankAccount":{"id":"b","linkStatus":"NEW"}}"#, false),
            (r#"{"more":null}"#, true),
            (r#"{"bankAccount":{"id":"b","iban":{}}}"#, true),
        ] {
            assert_eq!(
                read::<ActivateBankLinkResponse>(body.as_bytes()).unwrap().1,
                surprise,
                "{body}"
            );
        }
        for (body, surprise) in [
            (r#"{"connectedBankAccounts":[{"id":"a"},{"id":"b"}]}"#, false),
            (r#"{"connectedBankAccounts":null}"#, false),
            (
                r#"{"connectedBankAccounts":[{"id":"a"},{"id":"b","iban":1}]}"#,
                true,
            ),
        ] {
            assert_eq!(read::<User>(body.as_bytes()).unwrap().1, surprise, "{body}");
        }
        let free = r#"{"activityItem":{"metadata":{"anything":{"goes":[1,{}]}}}}"#;
        assert!(!read::<InitiateAchResponse>(free.as_bytes()).unwrap().1);
        assert!(read::<User>(b"{} trailing").is_err());
    }

    proptest! {
        #[test]
        fn it_reads_what_is_read_plainly(body in r#"(\{|\}|\[|\]|,|:|null|1|"id"|"kyc"|"connectedBankAccounts"|"x"){0,12}"#) {
            let noticed = read::<User>(body.as_bytes());
            let plainly = serde_json::from_str::<User>(&body);
            let value = |user: &User| serde_json::to_value(user).unwrap_or(Value::Null);
            match (noticed, plainly) {
                (Ok((noticed, _)), Ok(plainly)) => prop_assert_eq!(value(&noticed), value(&plainly)),
                (Err(noticed), Err(plainly)) => prop_assert_eq!(noticed.to_string(), plainly.to_string()),
                (noticed, plainly) => prop_assert!(false, "{} {}", noticed.is_ok(), plainly.is_ok()),
            }
        }
    }
}
