//! Limits on the size of an untrusted document.

/// Limits on the size of an untrusted document. A document that exceeds them is refused.
///
/// # Examples
/// ```
/// use openapi_document::{Document, Limits, ReadError};
///
/// let limits = Limits { bytes: 8, ..Limits::default() };
/// let error = Document::read_within(br#"{"openapi": "3.0.0"}"#, &limits).unwrap_err();
/// assert!(matches!(error, ReadError::TooLarge { .. }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Maximum total size of all files of a document, in bytes; at most [`Limits::LARGEST`].
    pub bytes: usize,
    /// Maximum nesting of objects and arrays; at most [`Limits::DEEPEST`].
    pub depth: usize,
    /// Maximum number of files of a document, including the first one.
    pub files: usize,
}

impl Limits {
    /// Upper bound of the nesting limit, which prevents a stack overflow.
    pub const DEEPEST: usize = 1_000;
    /// Maximum number of values in a document, because each value takes memory, however short its text. The largest
    /// documents of known vendors have about a million values.
    pub const MOST_VALUES: usize = 8_000_000;
    /// Upper bound of the size limit, so that positions fit in 31 bits.
    pub const LARGEST: usize = (1 << 31) - 1;

    /// The same limits, reduced to their upper bounds.
    pub(crate) fn clamped(&self) -> Self {
        Self {
            bytes: self.bytes.min(Self::LARGEST),
            depth: self.depth.min(Self::DEEPEST),
            files: self.files,
        }
    }
}

impl Default for Limits {
    /// Returns the limits 100 MB, [`Limits::DEEPEST`] levels, and 1,000 files.
    fn default() -> Self {
        Self {
            bytes: 100_000_000,
            depth: Self::DEEPEST,
            files: 1_000,
        }
    }
}
