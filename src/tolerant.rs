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

/// Whether a text stands for nothing. Code that prints a value it does not have prints one of these words.
pub(crate) fn says_nothing(text: &str) -> bool {
    let text = text.trim();
    let words = ["null", "undefined", "nil", "none", "(null)", "<null>"];
    text.is_empty() || words.iter().any(|word| text.eq_ignore_ascii_case(word))
}
