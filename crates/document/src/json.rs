//! Reads JSON into nodes, with `serde_json`.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::error::{Position, ReadError};
use crate::large::Large;
use crate::limits::Limits;
use crate::number::Repr;
use crate::store::{Builder, Built, Slot, Span};

/// The beginning of the message with which `serde_json` refuses a number beyond the range of `f64`.
const OUT_OF_RANGE: &str = "number out of range";

/// Reads JSON.
pub(crate) fn read(text: &str, limits: &Limits) -> Result<Built, ReadError> {
    match read_with(text, &mut Large::default(), limits) {
        Err(ReadError::NotJson { why, .. }) if why.starts_with(OUT_OF_RANGE) => {
            let (mut large, plain) = Large::of(text);
            read_with(&plain, &mut large, limits)
        }
        result => result,
    }
}

/// Reads JSON, with the values of the numbers that are out of range.
fn read_with(text: &str, large: &mut Large, limits: &Limits) -> Result<Built, ReadError> {
    let mut builder = Builder::new(text);
    let mut reader = serde_json::Deserializer::from_str(text);
    // The seed below counts the depth itself. Its limit is low enough to prevent a stack overflow.
    reader.disable_recursion_limit();
    let mut stopped = None;
    let value = Value {
        builder: &mut builder,
        large,
        stopped: &mut stopped,
        left: limits.depth,
    };
    match value
        .deserialize(&mut reader)
        .and_then(|root| reader.end().map(|()| root))
    {
        Ok(root) => Ok(builder.finish(root)),
        Err(error) => {
            let at = Position {
                line: error.line(),
                column: error.column(),
            };
            match stopped {
                Some(Stopped::Depth) => {
                    let limit = limits.depth;
                    return Err(ReadError::TooDeep { at, limit });
                }
                Some(Stopped::Values) => return Err(ReadError::TooMany { at }),
                None => {}
            }
            let mut why = error.to_string();
            // Remove the position that `serde_json` adds at the end of its message.
            if let Some(rest) = why.strip_suffix(&format!(" at {at}")) {
                why.truncate(rest.len());
            }
            Err(ReadError::NotJson { why, at: Some(at) })
        }
    }
}

/// The limit that ended the reading.
enum Stopped {
    Depth,
    Values,
}

struct Value<'b, 't> {
    builder: &'b mut Builder<'t>,
    large: &'b mut Large,
    stopped: &'b mut Option<Stopped>,
    /// Number of levels that may still be opened.
    left: usize,
}

impl<'t> Value<'_, 't> {
    fn deeper<E: serde::de::Error>(&mut self) -> Result<Value<'_, 't>, E> {
        let Some(left) = self.left.checked_sub(1) else {
            *self.stopped = Some(Stopped::Depth);
            return Err(E::custom("nested too deep"));
        };
        Ok(Value {
            builder: self.builder,
            large: self.large,
            stopped: self.stopped,
            left,
        })
    }

    fn number(self, value: Repr) -> Slot {
        Builder::number(self.large.next().unwrap_or(value))
    }

    fn again(&mut self) -> Value<'_, 't> {
        Value {
            builder: self.builder,
            large: self.large,
            stopped: self.stopped,
            left: self.left,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = Slot;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Slot, D::Error> {
        if !self.builder.has_room() {
            *self.stopped = Some(Stopped::Values);
            return Err(serde::de::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = Slot;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Slot, E> {
        Ok(Builder::null())
    }

    fn visit_bool<E>(self, value: bool) -> Result<Slot, E> {
        Ok(Builder::bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Slot, E> {
        Ok(self.number(Repr::Unsigned(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Slot, E> {
        Ok(self.number(Repr::Signed(value)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Slot, E> {
        Ok(self.number(Repr::Float(value)))
    }

    // Borrowed strings arrive here too. The builder recognizes that they are part of the file's text.
    fn visit_str<E>(self, value: &str) -> Result<Slot, E> {
        Ok(self.builder.string(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Slot, A::Error> {
        let mut inside = self.deeper()?;
        let mark = inside.builder.begin();
        while let Some(item) = access.next_element_seed(inside.again())? {
            inside.builder.push(item);
        }
        Ok(inside.builder.array(mark))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut access: A) -> Result<Slot, A::Error> {
        let mut inside = self.deeper()?;
        let mark = inside.builder.begin();
        while let Some(key) = access.next_key_seed(Key(inside.builder))? {
            let mut member = access.next_value_seed(inside.again())?;
            member.key = key;
            inside.builder.push(member);
        }
        Ok(inside.builder.object(mark))
    }
}

struct Key<'b, 't>(&'b mut Builder<'t>);

impl<'de> DeserializeSeed<'de> for Key<'_, '_> {
    type Value = Span;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Span, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_, '_> {
    type Value = Span;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Span, E> {
        Ok(self.0.span(key))
    }
}
