//! The API documents that the sandbox contains, and the one that it serves.

use bytes::Bytes;
use openapi_document::Format;
use openapi_wire::SharedContract;
use sha2::{Digest as _, Sha256};

use crate::random::hex;

/// Ratio's API of 2022-11-30, all 30 operations.
///
/// The file belongs to the sandbox, so that its tests stay valid when a client is built from another document.
pub const EARLIER: &str = include_str!("../documents/api-docs-2022-11-30.json");

/// Ratio's bank operations as of 2023-06-23: seven operations that no longer match an older client.
///
/// It differs from [`EARLIER`] as the vendor's API did, under the same `info.version`: a client secret, a body for link
/// tokens, other currencies, and other fields in a response.
///
/// ```
/// use ratio_sandbox::documents;
///
/// assert!(!documents::EARLIER.contains("USDC_POLYGON"));
/// assert!(documents::LATER.contains("USDC_POLYGON"));
/// ```
pub const LATER: &str = include_str!("../documents/api-docs-2023-06-23.json");

/// An OpenAPI 3 document for the sandbox to serve.
///
/// The sandbox returns its bytes unchanged at `/v1/api-docs`, and checks each request and each response by it.
#[derive(Clone)]
pub struct Document {
    origin: String,
    bytes: Bytes,
    contract: SharedContract,
}

impl Document {
    /// The API of 2022-11-30, [`EARLIER`].
    ///
    /// # Panics
    ///
    /// Never in a released crate: the text is part of it, and tested.
    pub fn earlier() -> Self {
        Self::parse(EARLIER).expect("the earlier document is an OpenAPI document")
    }

    /// The bank operations as of 2023-06-23, [`LATER`].
    ///
    /// # Panics
    ///
    /// Never in a released crate: the text is part of it, and tested.
    pub fn later() -> Self {
        Self::parse(LATER).expect("the later document is an OpenAPI document")
    }

    /// Reads a document from JSON text, or from YAML where the feature `cli` is on.
    ///
    /// [`Builder::start`](crate::Builder::start) checks whether the sandbox can serve it.
    ///
    /// # Errors
    ///
    /// When the text is not JSON, with line and column, or not OpenAPI 3.
    ///
    /// ```
    /// use ratio_sandbox::Document;
    ///
    /// assert!(Document::parse(r#"{"openapi": "3.0.0", "paths": {}}"#).is_ok());
    /// assert!(Document::parse(r#"{"openapi": "#).is_err());
    /// ```
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidDocument> {
        Self::read("the API document", text.into())
    }

    /// Reads a document from bytes. `origin` is their path or URL, for messages. The default limits of
    /// [`openapi_document::Limits`] apply.
    ///
    /// # Errors
    ///
    /// As [`Document::parse`].
    ///
    /// ```
    /// let error = ratio_sandbox::Document::read("old.json", r#"{"swagger": "2.0"}"#).unwrap_err();
    /// assert!(error.to_string().starts_with("old.json: "));
    /// ```
    pub fn read(origin: impl Into<String>, bytes: impl Into<Bytes>) -> Result<Self, InvalidDocument> {
        let (origin, bytes) = (origin.into(), bytes.into());
        let document = openapi_document::Document::read(bytes.to_vec())
            .map_err(|error| InvalidDocument(format!("{origin}: {error}")))?;
        Ok(Self {
            origin,
            bytes,
            contract: SharedContract::new(document).holding_formats(),
        })
    }

    pub(crate) fn contract(&self) -> &SharedContract {
        &self.contract
    }

    pub(crate) fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    /// The media type of its bytes: JSON or YAML.
    pub(crate) fn media(&self) -> &'static str {
        match self.contract.document().format() {
            Format::Json => "application/json",
            Format::Yaml => "application/yaml",
        }
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sha256 = hex(&Sha256::digest(&self.bytes));
        f.debug_struct("Document")
            .field("origin", &self.origin)
            .field("sha256", &sha256)
            .finish_non_exhaustive()
    }
}

impl Default for Document {
    fn default() -> Self {
        Self::earlier()
    }
}

/// The reason why a document cannot be served.
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
    use openapi_document::Node;

    use super::*;

    #[test]
    fn the_later_document_differs_under_the_same_version() {
        let (earlier, later) = (Document::earlier(), Document::later());
        let [earlier, later] = [&earlier, &later].map(|it| it.contract().document().root());
        for fact in ["/openapi", "/info/version"] {
            assert_eq!(earlier.pointer(fact), later.pointer(fact));
        }
        assert_eq!(later.pointer("/info/version").unwrap().as_str(), Some("1.0.0"));
        let operations = later.get("paths").unwrap().members().values();
        for operation in operations.flat_map(|item| item.members().values()) {
            let asks = operation.get("parameters").unwrap().items().any(|p| {
                p.text("name") == Some("ratio-client-secret")
                    && p.get("required").and_then(Node::as_bool) == Some(true)
            });
            assert!(
                asks && operation.pointer("/responses/403").is_some(),
                "{:?}",
                operation.text("summary")
            );
        }
        let wallet = |root: Node<'_>| {
            root.pointer("/components/schemas/Wallet/required")
                .unwrap()
                .to_string()
        };
        assert!(wallet(earlier).contains("network") && !wallet(later).contains("network"));
    }

    #[test]
    fn a_document_shows_where_it_came_from_and_its_digest_alone() {
        let shown = format!(
            "{:?}",
            Document::read("here.json", r#"{"openapi": "3.0.0"}"#).unwrap()
        );
        let sha256 = "12c381d0f43620051c2a3f658264d20ff1459a0e2a8de1035ce2d02e8a0f78ac";
        assert_eq!(
            shown,
            format!("Document {{ origin: \"here.json\", sha256: \"{sha256}\", .. }}")
        );
    }

    #[test]
    fn a_swagger_document_is_refused_by_name() {
        let error = Document::parse(r#"{"swagger": "2.0", "paths": {}}"#).unwrap_err();
        assert!(error.to_string().contains("Swagger 2.0"), "{error}");
    }
}
