//! The API documents the sandbox carries, and the one it is told to speak.

use ratio_spec::Source;
use serde::de::IgnoredAny;
use serde_json::Value;

/// The document the client is built from: Ratio's API of 2022-11-30, all 30 operations.
///
/// In this crate the file is a link to `spec/api-docs.json`: one source of truth in the workspace, and `cargo package`
/// follows the link, so the published crate holds the bytes.
pub const PIN: &str = include_str!("../documents/api-docs.json");

/// Ratio's bank operations as of 2023-06-23: seven operations that an older client does not fit any more.
///
/// It differs from [`PIN`] as the vendor's API did, under the same `info.version`: a client secret, a body for link
/// tokens, other currencies, other fields in an answer.
///
/// ```
/// use ratio_sandbox::documents;
///
/// assert!(!documents::PIN.contains("USDC_POLYGON"));
/// assert!(documents::LATER.contains("USDC_POLYGON"));
/// ```
pub const LATER: &str = include_str!("../documents/api-docs-2023-06-23.json");

/// An OpenAPI 3.0 document for the sandbox to speak.
///
/// The sandbox serves its bytes at `/v1/api-docs` as they are, and holds each request and each answer to it.
#[derive(Clone)]
pub struct Document {
    source: Source,
    root: Value,
    media: &'static str,
}

impl Document {
    /// The document the client is built from, [`PIN`].
    ///
    /// # Panics
    ///
    /// Never in a released crate: the text is part of it, and tested.
    pub fn pin() -> Self {
        Self::parse(PIN).expect("the pin is JSON")
    }

    /// The bank operations as of 2023-06-23, [`LATER`].
    ///
    /// # Panics
    ///
    /// Never in a released crate: the text is part of it, and tested.
    pub fn later() -> Self {
        Self::parse(LATER).expect("the later document is JSON")
    }

    /// Reads a document from JSON text, or from YAML where the feature `cli` is on.
    ///
    /// Only its syntax is judged here; [`Builder::start`](crate::Builder::start) judges whether the sandbox can speak it.
    ///
    /// # Errors
    ///
    /// When the text is not a JSON object, with line and column.
    ///
    /// ```
    /// use ratio_sandbox::Document;
    ///
    /// assert!(Document::parse(r#"{"openapi": "3.0.0", "paths": {}}"#).is_ok());
    /// assert!(Document::parse(r#"{"openapi": "#).is_err());
    /// ```
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidDocument> {
        let source = Source::from_bytes("the API document", text.into().into_bytes());
        source
            .map(Self::from)
            .map_err(|error| InvalidDocument(error.to_string()))
    }

    pub(crate) fn root(&self) -> &Value {
        &self.root
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.source.bytes()
    }

    /// What its bytes are: JSON or YAML.
    pub(crate) fn media(&self) -> &'static str {
        self.media
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("origin", &self.source.origin())
            .field("sha256", &self.source.sha256())
            .finish_non_exhaustive()
    }
}

/// Takes a document that was read or fetched from somewhere.
impl From<Source> for Document {
    fn from(source: Source) -> Self {
        let is_json = serde_json::from_slice::<IgnoredAny>(source.bytes()).is_ok();
        Self {
            root: source.to_value(),
            source,
            media: if is_json {
                "application/json"
            } else {
                "application/yaml"
            },
        }
    }
}

impl Default for Document {
    fn default() -> Self {
        Self::pin()
    }
}

/// Why a document cannot be spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidDocument(pub(crate) String);

impl std::fmt::Display for InvalidDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidDocument {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_document_differs_under_the_same_version() {
        let (pin, later) = (Document::pin(), Document::later());
        for fact in ["/openapi", "/info/version"] {
            assert_eq!(pin.root().pointer(fact), later.root().pointer(fact));
        }
        assert_eq!(later.root()["info"]["version"], "1.0.0");
        let operations = later.root()["paths"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|item| item.as_object().unwrap());
        for (method, operation) in operations {
            let parameters = operation["parameters"].as_array().unwrap();
            let asks = parameters
                .iter()
                .any(|p| p["name"] == "ratio-client-secret" && p["required"] == true);
            assert!(
                asks && operation["responses"].get("403").is_some(),
                "{method} {}",
                operation["summary"]
            );
        }
        let wallet =
            |document: &Document| document.root()["components"]["schemas"]["Wallet"]["required"].to_string();
        assert!(wallet(&pin).contains("network") && !wallet(&later).contains("network"));
    }
}
