//! Randomness from the operating system: names of rows, cookies, keys and nonces.

use std::fmt::Write;

/// `N` bytes that cannot be guessed.
///
/// # Panics
/// When the operating system provides no randomness, since nothing here is safe without it.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// A name of 32 hex digits (128 bits) that is safe in a URL and cannot be guessed.
pub(crate) fn name() -> String {
    bytes::<16>()
        .iter()
        .fold(String::with_capacity(32), |mut name, byte| {
            let _ = write!(name, "{byte:02x}");
            name
        })
}

/// Whether a text has the form of a [`name`].
pub(crate) fn is_name(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
