//! Reads JSON into nodes, with `serde_json`.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::error::{Position, ReadError};
use crate::exact::{self, Exact};
use crate::limits::Limits;
use crate::number::Repr;
use crate::store::{Builder, Built, Slot, Span};

/// Reads JSON.
pub(crate) fn read(text: &str, limits: &Limits) -> Result<Built, ReadError> {
    if !exact::may_occur(text) {
        return read_with(text, &mut Exact::default(), limits);
    }
    let (mut exact, plain) = Exact::of(text);
    // The strings of the nodes are ranges of the text that is read.
    read_with(&plain, &mut exact, limits)
}

/// Reads JSON, with the numbers that `serde_json` does not hold.
fn read_with(text: &str, exact: &mut Exact, limits: &Limits) -> Result<Built, ReadError> {
    let mut state = State {
        builder: Builder::new(text),
        exact,
        stopped: None,
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    // The seed below counts the depth itself. Its limit is low enough to prevent a stack overflow.
    reader.disable_recursion_limit();
    let value = Value {
        state: &mut state,
        left: limits.depth,
    };
    match value
        .deserialize(&mut reader)
        .and_then(|root| reader.end().map(|()| root))
    {
        Ok(root) => Ok(state.builder.finish(root)),
        Err(error) => {
            let at = Position {
                line: error.line(),
                column: error.column(),
            };
            match state.stopped {
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

/// The state that all values of a file share. It is behind one reference, because each level of a document takes stack.
struct State<'l, 't> {
    builder: Builder<'t>,
    exact: &'l mut Exact,
    stopped: Option<Stopped>,
}

struct Value<'b, 'l, 't> {
    state: &'b mut State<'l, 't>,
    /// Number of levels that may still be opened.
    left: usize,
}

impl<'l, 't> Value<'_, 'l, 't> {
    fn deeper<E: serde::de::Error>(&mut self) -> Result<Value<'_, 'l, 't>, E> {
        let Some(left) = self.left.checked_sub(1) else {
            self.state.stopped = Some(Stopped::Depth);
            return Err(E::custom("nested too deep"));
        };
        Ok(Value {
            state: self.state,
            left,
        })
    }

    fn number(self, value: Repr<String>) -> Slot {
        let value = self.state.exact.next().unwrap_or(value);
        self.state.builder.number(&value)
    }

    fn again(&mut self) -> Value<'_, 'l, 't> {
        Value {
            state: self.state,
            left: self.left,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_, '_> {
    type Value = Slot;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Slot, D::Error> {
        if !self.state.builder.has_room() {
            self.state.stopped = Some(Stopped::Values);
            return Err(serde::de::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_, '_> {
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
        Ok(self.number(Repr::float(value)))
    }

    // Borrowed strings arrive here too. The builder recognizes that they are part of the file's text.
    fn visit_str<E>(self, value: &str) -> Result<Slot, E> {
        Ok(self.state.builder.string(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut access: A) -> Result<Slot, A::Error> {
        let mut inside = self.deeper()?;
        let mark = inside.state.builder.begin();
        while let Some(item) = access.next_element_seed(inside.again())? {
            inside.state.builder.push(item);
        }
        Ok(inside.state.builder.array(mark))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut access: A) -> Result<Slot, A::Error> {
        let mut inside = self.deeper()?;
        let mark = inside.state.builder.begin();
        while let Some(key) = access.next_key_seed(Key(&mut inside.state.builder))? {
            let mut member = access.next_value_seed(inside.again())?;
            member.key = key;
            inside.state.builder.push(member);
        }
        Ok(inside.state.builder.object(mark))
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
