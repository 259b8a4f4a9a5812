//! Looks a member of an object up.

use serde_json::{Map, Value};

/// Larger objects are asked by hash.
const FEW: usize = 12;

/// The member of an object called `key`. Schemas and operations have a handful of members and are asked for dozens:
/// looking at those few is cheaper than hashing each key that is asked for.
pub(crate) fn member<'v>(map: &'v Map<String, Value>, key: &str) -> Option<&'v Value> {
    if map.len() > FEW {
        return map.get(key);
    }
    map.iter().find(|(own, _)| *own == key).map(|(_, value)| value)
}

/// The member of a value called `key`; a value that is no object has no members.
pub(crate) fn member_of<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    member(value.as_object()?, key)
}
