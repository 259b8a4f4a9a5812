//! Reads values of lenient servers that deviate from their declaration.

use serde::{Deserialize, Deserializer};

/// Reads `null` as the default, since an optional map or list may also be sent as `null`.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Whether a text stands for an absent value. Programs that print an absent value produce one of these words.
pub(crate) fn says_nothing(text: &str) -> bool {
    let text = text.trim();
    let words = ["null", "undefined", "nil", "none", "(null)", "<null>"];
    text.is_empty() || words.iter().any(|word| text.eq_ignore_ascii_case(word))
}
