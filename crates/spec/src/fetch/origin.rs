//! Loads the other files of a fetched document.

use std::time::Instant;

use openapi_document::Loader;

use super::{Address, AddressError, Fetched, Headers, Limits, fetch};

/// Loads the other files of a document, only from the origin of the document.
///
/// The total time of its [`Limits`] applies to all files together.
///
/// ```
/// use openapi_document::Loader as _;
/// use ratio_spec::fetch::{Headers, Limits, Origin};
///
/// let address = "https://api.example/v1/api.yaml".parse()?;
/// let origin = Origin::new(&address, Headers::default(), Limits::default())?;
/// assert_eq!(origin.document(), "v1/api.yaml");
/// assert_eq!(origin.name_of("https://api.example/pet.yaml").as_deref(), Some("pet.yaml"));
/// assert_eq!(origin.name_of("https://other.example/pet.yaml"), None);
/// # Ok::<(), ratio_spec::fetch::AddressError>(())
/// ```
#[derive(Debug)]
pub struct Origin {
    address: Address,
    document: String,
    headers: Headers,
    limits: Limits,
    began: Instant,
}

impl Origin {
    /// Makes a loader for the document at `address`. `headers` are sent with each request.
    ///
    /// # Errors
    /// When the path of the address does not name a file, so that no name could be relative to it.
    pub fn new(address: &Address, headers: Headers, limits: Limits) -> Result<Self, AddressError> {
        Ok(Self {
            document: address.name()?,
            address: address.clone(),
            headers,
            limits,
            began: Instant::now(),
        })
    }

    /// The name of the document itself, for [`openapi_document::Document::read_with`].
    pub fn document(&self) -> &str {
        &self.document
    }
}

impl Loader for Origin {
    fn load(&mut self, name: &str, limit: usize) -> Result<Vec<u8>, String> {
        let address = self.address.file(name).ok_or("it is no name of a file")?;
        let left = self.limits.total.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            return Err("the time for the files of the document is used up".to_owned());
        }
        let limits = Limits {
            total: left,
            bytes: self.limits.bytes.min(limit as u64),
            ..self.limits
        };
        match fetch(&address, &self.headers, None, limits) {
            Ok(Fetched::Document { bytes, .. }) => Ok(bytes),
            Ok(Fetched::Unchanged) => Err(format!("{address} answered with no document")),
            Err(error) => Err(error.to_string()),
        }
    }

    fn name_of(&self, reference: &str) -> Option<String> {
        self.address.name_within(reference)
    }
}
