//! Reads a success that does not conform to the pin as far as possible, most importantly the id of the created object.
//!
//! Only the responses of once-only operations are read this way, and the activity items among which an order is
//! searched. Losing an order that Ratio accepted would mean losing money.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::id::{ActivityId, BankId};
use crate::operation::Operation;
use crate::reader;

/// The id of the object that an operation created.
pub(crate) enum Receipt {
    Activity(ActivityId),
    Bank(BankId),
}

/// Maximum number of places in one response that are repaired or left out.
const MOST_MENDED: usize = 64;

/// The property of a success that holds the created object, or `None` for an operation without a receipt.
fn envelope(operation: &Operation) -> Option<&'static str> {
    match operation.name {
        "initiate_ach" => Some("activityItem"),
        "activate_bank_link" => Some("bankAccount"),
        _ => None,
    }
}

impl Receipt {
    /// Finds the id in the body of a success, which may be incomplete.
    pub(crate) fn find(operation: &Operation, body: &[u8]) -> Option<Self> {
        let envelope = envelope(operation)?;
        let id = id(envelope, body)?;
        Some(match operation.name {
            "activate_bank_link" => Self::Bank(BankId::as_answered(id)),
            _ => Self::Activity(ActivityId::as_answered(id)),
        })
    }
}

/// Reads a success as far as possible. A deviation is repaired if its meaning is plain: a number in place of a string,
/// or a list of one item in place of the item. Any other deviation is left out.
///
/// Returns `None` if the id cannot be read.
pub(crate) fn rest<T: DeserializeOwned>(operation: &Operation, body: &[u8]) -> Option<T> {
    let envelope = envelope(operation)?;
    let id = id(envelope, body)?;
    // Read the first value only and ignore text after it. If a name is repeated, the last value counts, as in most JSON
    // parsers.
    let mut value: Value = serde_json::Deserializer::from_slice(body)
        .into_iter()
        .next()?
        .ok()?;
    unlist(&mut value);
    let read = mended(&mut value)?;
    let told = value.get(envelope).and_then(|made| made.get("id"));
    (told.and_then(Value::as_str) == Some(&*id)).then_some(read)
}

/// Reads a value, after `unlist`, as far as possible. Removes from it the parts that cannot be read.
pub(crate) fn mended<T: DeserializeOwned>(value: &mut Value) -> Option<T> {
    for _ in 0..MOST_MENDED {
        match reader::read_value(value) {
            Ok(read) => return Some(read.value),
            Err(pointer) => mend(value, &pointer)?,
        }
    }
    None
}

/// All properties except `metadata`, whose content is free and is not changed.
fn declared<V>(
    fields: impl Iterator<Item = (impl AsRef<str>, V)>,
) -> impl Iterator<Item = (impl AsRef<str>, V)> {
    fields.filter(|(name, _)| name.as_ref() != "metadata")
}

/// Removes all lists, because no property of an item is declared as a list. A list of one item becomes the item; any
/// other list becomes `null`.
pub(crate) fn unlist(value: &mut Value) {
    if let Value::Array(items) = value {
        *value = match items.pop() {
            Some(item) if items.is_empty() && !item.is_array() => item,
            _ => Value::Null,
        };
    }
    if let Value::Object(fields) = value {
        declared(fields.iter_mut()).for_each(|(_, field)| unlist(field));
    }
}

/// Repairs or removes the unreadable part at a JSON pointer. Returns `None` if that part is the whole response.
fn mend(value: &mut Value, pointer: &str) -> Option<()> {
    let (parent, name) = pointer.rsplit_once('/')?;
    let unreadable = value.pointer_mut(pointer)?;
    match unreadable {
        Value::Number(number) if is_exact(&number.to_string()) => {
            *unreadable = Value::String(number.to_string());
        }
        _ => drop(value.pointer_mut(parent)?.as_object_mut()?.remove(name)?),
    }
    Some(())
}

/// Whether the text of a parsed number equals the text in the response: an integer, or a decimal within the precision
/// of a float.
pub(crate) fn is_exact(number: &str) -> bool {
    let is_plain = number
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    is_plain && (!number.contains('.') || number.len() <= 16)
}

/// Finds the id inside the envelope, by name, even if either is wrapped in lists. The body may be incomplete.
///
/// Two ids count as none, because it is unclear which of them is meant.
fn id(envelope: &'static str, body: &[u8]) -> Option<String> {
    let mut found = Found::Nothing;
    let seed = Find {
        path: &[envelope, "id"],
        found: &mut found,
    };
    // An error later in the body does not invalidate the id that was read before it.
    let _ = seed.deserialize(&mut serde_json::Deserializer::from_slice(body));
    match found {
        Found::One(id) => Some(id),
        Found::Nothing | Found::Several => None,
    }
}

enum Found {
    Nothing,
    One(String),
    Several,
}

impl Found {
    fn add(&mut self, id: &str) {
        match self {
            Self::Nothing if !id.is_empty() => *self = Self::One(id.to_owned()),
            Self::One(known) if known != id => *self = Self::Several,
            _ => {}
        }
    }
}

/// Searches for the value at `path`, keeps it if it is a string or an integer, and skips everything else.
struct Find<'p, 'f> {
    path: &'p [&'static str],
    found: &'f mut Found,
}

impl<'de> DeserializeSeed<'de> for Find<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Find<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(name) = fields.next_key::<String>()? {
            match self.path.split_first() {
                Some((step, path)) if *step == name => fields.next_value_seed(Find {
                    path,
                    found: self.found,
                })?,
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items
            .next_element_seed(Find {
                path: self.path,
                found: self.found,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        if self.path.is_empty() {
            self.found.add(text);
        }
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::generated::operations::{GET_USER, INITIATE_ACH};
    use crate::generated::types::InitiateAchResponse;

    fn found(body: &str) -> Option<String> {
        match Receipt::find(&INITIATE_ACH, body.as_bytes())? {
            Receipt::Activity(id) => Some(id.as_str().to_owned()),
            Receipt::Bank(_) => None,
        }
    }

    fn read(body: &str) -> Option<InitiateAchResponse> {
        rest(&INITIATE_ACH, body.as_bytes())
    }

    #[test]
    fn an_id_is_found_in_as_much_of_an_answer_as_came() {
        let body = r#"{"more":[{"id":"x"}],"activityItem":{"fiat":{"id":"y"},"id":"i-1","createTime":"t"}}"#;
        let end = body.find(r#""createTime""#).unwrap();
        for length in 0..body.len() {
            let told = found(&body[..length]);
            assert!(told.is_none() || told.as_deref() == Some("i-1"), "{length}");
            assert!(told.is_some() || length < end, "{length}");
        }
    }

    #[test]
    fn an_id_stands_in_its_envelope_and_there_is_one() {
        for (body, id) in [
            (
                r#"{"activityItem":{"id":"i-1"},"activityItem":{"id":"i-1"}}"#,
                Some("i-1"),
            ),
            (
                r#"{"activityItem":{"id":"i-1"},"activityItem":{"id":"i-2"}}"#,
                None,
            ),
            (r#"{"activityItem":{"id":"i-1","id":"i-2"}}"#, None),
            (r#"{"activityItem":[{"id":"i-1"}]}"#, Some("i-1")),
            (r#"[{"activityItem":{"id":"i-1"}}]"#, Some("i-1")),
            (r#"{"activityItem":[{"id":"i-1"},{"id":"i-2"}]}"#, None),
            (r#"{"activityItem":{"id":4711}}"#, Some("4711")),
            (r#"{"activityItem":{"id":-4711}}"#, Some("-4711")),
            (r#"{"activityItem":{"id":-1.5}}"#, None),
            (r#"{"activityItem":{"id":""}}"#, None),
            (r#"{"activityItem":{"id":null}}"#, None),
            (r#"{"activityItem":{"id":{"id":"i-1"}}}"#, None),
            (r#"{"activityItem":"i-1"}"#, None),
            (r#"{"id":"i-1"}"#, None),
            ("<html>", None),
            ("", None),
        ] {
            assert_eq!(found(body).as_deref(), id, "{body}");
        }
        assert!(Receipt::find(&GET_USER, br#"{"activityItem":{"id":"i-1"}}"#).is_none());
    }

    #[test]
    fn what_is_plain_is_mended_and_what_is_not_is_left_out() {
        let item = |body: &str| read(body).and_then(|read| read.activity_item).unwrap();
        let wallet = item(
            r#"{"activityItem":{"id":"i-1","crypto":{"amount":"1","wallet":{"id":"w","address":"a"}},"fiat":{"amount":"5"}}}"#,
        );
        let crypto = wallet.crypto.unwrap();
        assert!(crypto.wallet.is_none() && crypto.amount.as_deref() == Some("1"));
        assert_eq!(wallet.fiat.unwrap().amount.as_deref(), Some("5"));

        for (amount, told) in [
            ("49.99", Some("49.99")),
            ("5", Some("5")),
            ("1e300", None),
            ("0.12345678901234567890", None),
            ("true", None),
            ("[\"5\"]", Some("5")),
            ("[5]", Some("5")),
            ("[5,6]", None),
            ("{\"cents\":5}", None),
        ] {
            let item = item(&format!(
                r#"{{"activityItem":{{"id":"i-1","fiat":{{"amount":{amount},"status":"PENDING"}}}}}}"#
            ));
            let fiat = item.fiat.unwrap();
            assert_eq!(fiat.amount.as_deref(), told, "{amount}");
            assert!(fiat.status.is_some(), "{amount}");
        }
    }

    #[test]
    fn a_list_is_never_read_by_position() {
        for fiat in [
            r#"["COMPLETED"]"#,
            r#"["5",null,"USD"]"#,
            "[]",
            "[[{}]]",
            &format!("{}{}", "[".repeat(100), "]".repeat(100)),
        ] {
            let read = read(&format!(
                r#"{{"activityItem":{{"id":"i-1","fiat":{fiat},"createTime":"t"}}}}"#
            ));
            let item = read.unwrap().activity_item.unwrap();
            assert!(item.fiat.is_none() && item.create_time.is_some(), "{fiat}");
        }
        assert!(read(r#"{"activityItem":["t",null,null,"i-1"]}"#).is_none());
    }

    #[test]
    fn more_faults_than_are_mended_cost_the_rest_and_not_the_id() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let body = format!(r#"{{"activityItem":{{"id":"i-1","fiat":{deep}}}}}"#);
        assert!(read(&body).is_none());
        assert_eq!(found(&body).as_deref(), Some("i-1"));
    }

    proptest! {
        #[test]
        fn whatever_is_read_has_the_id_that_was_told(body in r#"(\{|\}|\[|\]|,|:|null|1|"id"|"activityItem"|"fiat"|"crypto"|"x"){0,14}"#) {
            if let Some(read) = read(&body) {
                let id = read.activity_item.and_then(|item| item.id).map(|id| id.as_str().to_owned());
                prop_assert!(id.is_some());
                prop_assert_eq!(id, found(&body));
            }
        }
    }
}
