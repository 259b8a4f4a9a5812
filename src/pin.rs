//! The document from which this crate was built.

/// The document from which this crate was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    pub(crate) source: &'static str,
    pub(crate) retrieved: Option<&'static str>,
    pub(crate) sha256: &'static str,
}

/// Returns the document from which this crate was built.
///
/// The vendor's version number does not identify the document: it stayed `1.0.0` through incompatible changes. The
/// digest does.
///
/// ```
/// let pin = ratio_bank::pin();
/// assert_eq!(pin.sha256().len(), 64);
/// println!("built from {} ({})", pin.source(), pin.sha256());
/// ```
pub fn pin() -> Pin {
    crate::generated::PIN
}

impl Pin {
    /// The address that served the document.
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// The time of retrieval, in RFC 3339, or `None` if the build itself fetched the document.
    pub fn retrieved(&self) -> Option<&'static str> {
        self.retrieved
    }

    /// The SHA-256 digest of the document, in lower-case hex.
    pub fn sha256(&self) -> &'static str {
        self.sha256
    }
}
