//! How much of an untrusted document is read.

/// How much of an untrusted document is read before it is refused.
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
    /// Largest size, in bytes, of all files of a document together; at most [`Limits::LARGEST`].
    pub bytes: usize,
    /// Deepest nesting of objects and arrays; at most [`Limits::DEEPEST`].
    pub depth: usize,
    /// Most files that a document may consist of, the first one included.
    pub files: usize,
}

impl Limits {
    /// No document is read deeper than this, so that no stack overflows.
    pub const DEEPEST: usize = 1_000;
    /// No document is read of more values than this, for each takes memory however short it is written. The
    /// largest documents of known vendors have about a million.
    pub const MOST_VALUES: usize = 8_000_000;
    /// No document is read that is larger than this, so that positions fit in 31 bits.
    pub const LARGEST: usize = (1 << 31) - 1;

    /// The same limits, none of them beyond what can be read at all.
    pub(crate) fn clamped(&self) -> Self {
        Self {
            bytes: self.bytes.min(Self::LARGEST),
            depth: self.depth.min(Self::DEEPEST),
            files: self.files,
        }
    }
}

impl Default for Limits {
    /// 100 MB, [`Limits::DEEPEST`] levels, 1,000 files.
    fn default() -> Self {
        Self {
            bytes: 100_000_000,
            depth: Self::DEEPEST,
            files: 1_000,
        }
    }
}
