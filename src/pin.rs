//! Which document this crate was built from.

/// The document that this crate was built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    pub(crate) source: &'static str,
    pub(crate) retrieved: Option<&'static str>,
    pub(crate) sha256: &'static str,
}

/// Tells which document this crate was built from.
///
/// The vendor's own version number says nothing: it stayed `1.0.0` through incompatible changes. The digest does.
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
    /// Where the document was served.
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// When it was retrieved, in RFC 3339; nothing when the build fetched it itself.
    pub fn retrieved(&self) -> Option<&'static str> {
        self.retrieved
    }

    /// The SHA-256 of its bytes, in lower-case hex.
    pub fn sha256(&self) -> &'static str {
        self.sha256
    }
}
