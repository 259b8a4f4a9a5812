//! Reads the JSON of a response. Requires an object where the pin declares one, and records unknown fields and values
//! with their places.
//!
//! By default, `serde` also reads a struct from a list, in the order of its fields. It skips unknown fields, and its
//! errors do not say where they occurred. Every part of a response is therefore read through a [`Part`] that knows its
//! place. Reading a body without unknown parts needs no extra heap allocations.

use std::cell::RefCell;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::open_enum::{is_known, names_values, shown};

/// Maximum number of unknown fields, and of unknown values, that are kept of one body.
const MOST: usize = 32;

/// A value read from a body, with the unknown fields and values.
pub(crate) struct Read<T> {
    pub(crate) value: T,
    /// The places of fields that `T` does not declare.
    pub(crate) unknown_fields: Vec<String>,
    /// The places and texts of values that an open enum does not know.
    pub(crate) unknown_values: Vec<(String, String)>,
}

/// Reads `body`. The error is the JSON pointer of the part that cannot be read, never its content.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<Read<T>, String> {
    read_with(|met| {
        let mut json = serde_json::Deserializer::from_slice(body);
        let value = T::deserialize(whole(&mut json, met))?;
        json.end().map(|()| value)
    })
}

/// Reads a value that was parsed before, like `read`.
pub(crate) fn read_value<T: DeserializeOwned>(value: &serde_json::Value) -> Result<Read<T>, String> {
    read_with(|met| T::deserialize(whole(value, met)))
}

fn whole<D>(inner: D, met: &RefCell<Met>) -> Part<'_, D> {
    Part {
        inner,
        place: Place::Whole,
        met,
    }
}

fn read_with<T>(read: impl FnOnce(&RefCell<Met>) -> serde_json::Result<T>) -> Result<Read<T>, String> {
    let met = RefCell::default();
    let value = read(&met);
    let met = met.into_inner();
    match value {
        Ok(value) => Ok(Read {
            value,
            unknown_fields: met.fields,
            unknown_values: met.values,
        }),
        Err(_) => Err(met.unreadable.unwrap_or_default()),
    }
}

/// Findings while a body is read.
#[derive(Default)]
struct Met {
    fields: Vec<String>,
    values: Vec<(String, String)>,
    /// The innermost place that could not be read.
    unreadable: Option<String>,
}

/// The place of a part in the body.
#[derive(Clone, Copy)]
enum Place<'a> {
    Whole,
    Item(&'a Place<'a>, usize),
    Field(&'a Place<'a>, &'a Name),
}

impl Place<'_> {
    /// The place as a JSON pointer, in which each name has a bounded length.
    fn pointer(&self) -> String {
        match self {
            Self::Whole => String::new(),
            Self::Item(list, index) => format!("{}/{index}", list.pointer()),
            Self::Field(object, name) => format!("{}/{}", object.pointer(), name.as_str()),
        }
    }
}

/// The printable form of a field's name: up to 64 bytes of token characters, with at most four digits.
///
/// A name comes from the network: it can be as long as the response, and can be an account number.
struct Name {
    bytes: [u8; Name::LONGEST],
    length: usize,
}

impl Name {
    const LONGEST: usize = 64;
    const MOST_DIGITS: usize = 4;

    fn new(name: &str) -> Self {
        let digits = name.bytes().filter(u8::is_ascii_digit).count();
        let name = shown(if digits > Self::MOST_DIGITS { " " } else { name });
        let mut bytes = [0; Self::LONGEST];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        Self {
            bytes,
            length: name.len(),
        }
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// A `serde` deserializer, visitor or seed together with its place in the body.
struct Part<'a, T> {
    inner: T,
    place: Place<'a>,
    met: &'a RefCell<Met>,
}

impl<'a, T> Part<'a, T> {
    /// Wraps another `serde` value at the same place.
    fn with<P>(&self, inner: P) -> Part<'a, P> {
        Part {
            inner,
            place: self.place,
            met: self.met,
        }
    }

    fn meet(&self, meet: impl FnOnce(&mut Met, &Place<'a>)) {
        meet(&mut self.met.borrow_mut(), &self.place);
    }
}

/// Forwards calls to the inner deserializer. For types with parts within, wraps the visitor so that it knows the place
/// too.
macro_rules! read {
    ($($method:ident($($argument:ident: $type:ty),*) as $inner:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            let visitor = self.with(visitor);
            self.inner.$inner(visitor)
        })*
    };
    (whole: $($method:ident($($argument:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($argument,)* visitor)
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Part<'_, D> {
    type Error = D::Error;

    read! {
        deserialize_option() as deserialize_option
        deserialize_seq() as deserialize_seq
        deserialize_map() as deserialize_map
        // Read a struct from an object only, never from a list in the order of its fields.
        deserialize_struct(_name: &'static str, _fields: &'static [&'static str]) as deserialize_map
    }

    // Values of these types have no parts, or only undeclared ones.
    read! { whole:
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

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = self.with(visitor);
        if names_values(name) {
            self.inner.deserialize_str(OpenValue {
                enumeration: name,
                visitor,
            })
        } else {
            self.inner.deserialize_newtype_struct(name, visitor)
        }
    }

    /// `serde` calls this only for a field that is not declared.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.meet(|met, place| {
            if met.fields.len() < MOST {
                met.fields.push(place.pointer());
            }
        });
        self.inner.deserialize_ignored_any(visitor)
    }
}

/// Reads the text of an open enum.
struct OpenValue<'a, V> {
    enumeration: &'static str,
    visitor: Part<'a, V>,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for OpenValue<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.inner.expecting(f)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<V::Value, E> {
        if !is_known(self.enumeration, text) {
            self.visitor.meet(|met, place| {
                if met.values.len() < MOST {
                    met.values.push((place.pointer(), shown(text).to_owned()));
                }
            });
        }
        self.visitor
            .inner
            .visit_newtype_struct(StrDeserializer::new(text))
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Part<'_, V> {
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
        let value = self.with(value);
        self.inner.visit_some(value)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<V::Value, D::Error> {
        let value = self.with(value);
        self.inner.visit_newtype_struct(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        let items = Items {
            read: 0,
            items: self.with(items),
        };
        self.inner.visit_seq(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<V::Value, A::Error> {
        let fields = Fields {
            name: Name::new(""),
            fields: self.with(fields),
        };
        self.inner.visit_map(fields)
    }
}

/// The items of a list.
struct Items<'a, A> {
    read: usize,
    items: Part<'a, A>,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<'_, A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        let seed = Part {
            inner: seed,
            place: Place::Item(&self.items.place, self.read),
            met: self.items.met,
        };
        self.read += 1;
        self.items.inner.next_element_seed(seed)
    }
}

/// The fields of an object.
struct Fields<'a, A> {
    /// The field whose value is read next.
    name: Name,
    fields: Part<'a, A>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.fields.inner.next_key_seed(NameOf {
            name: &mut self.name,
            inner: seed,
        })
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.fields.inner.next_value_seed(Part {
            inner: seed,
            place: Place::Field(&self.fields.place, &self.name),
            met: self.fields.met,
        })
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Part<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let Self { inner, place, met } = self;
        let part = Part {
            inner: deserializer,
            place,
            met,
        };
        let value = inner.deserialize(part);
        if value.is_err() {
            // The innermost part fails first, so the first recorded place is kept.
            let unreadable = &mut met.borrow_mut().unreadable;
            unreadable.get_or_insert_with(|| place.pointer());
        }
        value
    }
}

/// Keeps the name of the field that is being read. In JSON, every name is a string.
struct NameOf<'a, T> {
    name: &'a mut Name,
    inner: T,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for NameOf<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(NameOf {
            name: self.name,
            inner: deserializer,
        })
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for NameOf<'_, D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_str(NameOf {
            name: self.name,
            inner: visitor,
        })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for NameOf<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<V::Value, E> {
        *self.name = Name::new(name);
        self.inner.visit_str(name)
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, name: &'de str) -> Result<V::Value, E> {
        *self.name = Name::new(name);
        self.inner.visit_borrowed_str(name)
    }

    fn visit_string<E: serde::de::Error>(self, name: String) -> Result<V::Value, E> {
        *self.name = Name::new(&name);
        self.inner.visit_string(name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::generated::types::{
        ActivateBankLinkResponse, InitiateAchResponse, RequestBankLinkResponse, User,
    };

    #[test]
    fn unknown_fields_and_values_are_told_by_their_place() {
        let body =
            br#"{"bankAccount":{"id":"b","name":"FROZEN","linkStatus":"FROZEN","iban":"DE00"},"more":{}}"#;
        let read: Read<ActivateBankLinkResponse> = read(body).unwrap();
        assert_eq!(read.unknown_fields, ["/bankAccount/iban", "/more"]);
        assert_eq!(
            read.unknown_values,
            [("/bankAccount/linkStatus".to_owned(), "FROZEN".to_owned())]
        );
        assert_eq!(
            read.value.bank_account.unwrap().link_status.unwrap().as_str(),
            "FROZEN"
        );
    }

    #[test]
    fn only_a_field_that_is_not_declared_is_told() {
        let fields = |body: &str| read::<User>(body.as_bytes()).unwrap().unknown_fields;
        for body in [
            "{}",
            r#"{"connectedBankAccounts":null,"id":null}"#,
            r#"{"connectedBankAccounts":[{"id":"a"},{"id":"b","linkStatus":"NEW"}]}"#,
        ] {
            assert!(fields(body).is_empty(), "{body}");
        }
        assert_eq!(fields(r#"{"more":null}"#), ["/more"]);
        let second = r#"{"connectedBankAccounts":[{"id":"a"},{"iban":1}]}"#;
        assert_eq!(fields(second), ["/connectedBankAccounts/1/iban"]);
        let free = r#"{"activityItem":{"metadata":{"anything":{"goes":[1,{}]}}}}"#;
        let free = read::<InitiateAchResponse>(free.as_bytes()).unwrap();
        assert!(free.unknown_fields.is_empty());
        assert_eq!(
            free.value.activity_item.unwrap().metadata["anything"]["goes"][0],
            1
        );
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_place_alone() {
        let place = |body: &str| read::<User>(body.as_bytes()).err().unwrap();
        for (body, at) in [
            (
                r#"{"connectedBankAccounts":[{"id":"b"},{"id":{"secret":"x"}}]}"#,
                "/connectedBankAccounts/1/id",
            ),
            (
                r#"{"connectedBankAccounts":[{"linkStatus":7}]}"#,
                "/connectedBankAccounts/0/linkStatus",
            ),
            (r#"{"connectedBankAccounts":{}}"#, "/connectedBankAccounts"),
            (r#"{"id":"a","id":"b"}"#, ""),
            ("{} trailing", ""),
            ("", ""),
            ("null", ""),
            (r#"{"id":"a""#, ""),
        ] {
            assert_eq!(place(body), at, "{body}");
        }
    }

    #[test]
    fn a_list_is_no_object_in_the_order_of_its_fields() {
        let link = |body: &str| read::<RequestBankLinkResponse>(body.as_bytes()).map(drop);
        assert_eq!(link(r#"["t"]"#), Err(String::new()));
        assert_eq!(link(r#"{"linkToken":"t"}"#), Ok(()));
        let bank = |body: &str| read::<ActivateBankLinkResponse>(body.as_bytes()).map(drop);
        assert_eq!(bank(r#"{"bankAccount":["b"]}"#), Err("/bankAccount".to_owned()));
        assert_eq!(bank("[null]"), Err(String::new()));
        let user = |body: &str| read::<User>(body.as_bytes()).map(drop);
        let first = "/connectedBankAccounts/0".to_owned();
        assert_eq!(user(r#"{"connectedBankAccounts":[[]]}"#), Err(first));
    }

    #[test]
    fn a_link_token_that_says_nothing_is_none() {
        for token in [r#""""#, r#""  ""#, r#""null""#, "null"] {
            let body = format!(r#"{{"linkToken":{token}}}"#);
            let place = read::<RequestBankLinkResponse>(body.as_bytes()).err();
            assert_eq!(place.as_deref(), Some("/linkToken"), "{token}");
        }
    }

    #[test]
    fn names_and_values_that_may_be_somebodys_are_not_told() {
        for name in [
            "Jane Doe",
            "DE89370400440532013000",
            "4f9b2c1e-0000-4000-8000-2d7a00000000",
            "\u{202e}iban",
            "",
            "a/b",
            &"x".repeat(65),
        ] {
            let body = format!(r#"{{"{name}":1}}"#);
            let told = read::<User>(body.as_bytes()).unwrap().unknown_fields;
            let expected = if name.is_empty() {
                "/"
            } else {
                "/(unprintable value)"
            };
            assert_eq!(told, [expected], "{name}");
        }
        for name in ["iban", "address_line_1", "sha256", &"x".repeat(64)] {
            let body = format!(r#"{{"{name}":1}}"#);
            let told = read::<User>(body.as_bytes()).unwrap().unknown_fields;
            assert_eq!(told, [format!("/{name}")]);
        }
        let body = br#"{"bankAccount":{"linkStatus":"Jane Doe"}}"#;
        let read: Read<ActivateBankLinkResponse> = read(body).unwrap();
        assert_eq!(read.unknown_values[0].1, "(unprintable value)");
    }

    #[test]
    fn a_flood_of_surprises_is_cut() {
        let fields: String = (0..1000).map(|n| format!(r#""f{n}":1,"#)).collect();
        let banks = vec![r#"{"linkStatus":"NEW"}"#; 1000].join(",");
        let body = format!(r#"{{{fields}"connectedBankAccounts":[{banks}]}}"#);
        let read = read::<User>(body.as_bytes()).unwrap();
        assert_eq!(
            (read.unknown_fields.len(), read.unknown_values.len()),
            (MOST, MOST)
        );
        assert_eq!(read.value.connected_bank_accounts.len(), 1000);
    }

    /// The library `serde_ignored` is not used because it allocates the place of each part on the heap, even without
    /// unknown fields.
    #[test]
    fn a_body_without_a_surprise_is_read_with_the_allocations_of_its_values_alone() {
        fn counts<T: DeserializeOwned>(body: &str) -> [u64; 2] {
            let ours = allocation_counter::measure(|| assert!(read::<T>(body.as_bytes()).is_ok()));
            let plain = allocation_counter::measure(|| assert!(serde_json::from_str::<T>(body).is_ok()));
            [ours.count_total, plain.count_total]
        }

        let bank = r#"{"id":"b","createTime":"t","updateTime":"t","name":"n","mask":"0","linkStatus":"ACTIVE","verificationStatus":"APPROVED"}"#;
        let user = format!(
            r#"{{"id":"u","phone":"1","connectedBankAccounts":[{}]}}"#,
            [bank; 20].join(",")
        );
        let item = r#"{"activityItem":{"id":"i","fiat":{"amount":"1","status":"PENDING"},"crypto":{"currency":"ETH"}}}"#;
        for [ours, plain] in [counts::<User>(&user), counts::<InitiateAchResponse>(item)] {
            assert_eq!(ours, plain);
            assert!(plain > 0);
        }
    }

    proptest! {
        #[test]
        fn it_reads_what_is_read_without_it_but_lists_for_objects(
            body in r#"(\{|\}|,|:|null|1|"id"|"kyc"|"connectedBankAccounts"|"x"){0,12}"#
        ) {
            let ours = read::<User>(body.as_bytes());
            let plain = serde_json::from_str::<User>(&body);
            let value = |user: &User| serde_json::to_value(user).unwrap_or(Value::Null);
            match (ours, plain) {
                (Ok(ours), Ok(plain)) => prop_assert_eq!(value(&ours.value), value(&plain)),
                (ours, plain) => prop_assert!(ours.is_err() && plain.is_err()),
            }
        }
    }
}
