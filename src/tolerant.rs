//! Reading what a lenient server sends in place of what it declared.

use serde::{Deserialize, Deserializer};

/// Reads `null` as the default: a map or list that may be absent may be `null` too.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}
