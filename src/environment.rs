//! The environments of Ratio and their addresses.

use std::borrow::Cow;

use reqwest::Url;

use crate::error::{Error, ErrorKind};
use crate::is_loopback;

/// The environment of Ratio that a client talks to.
///
/// ```
/// use ratio_bank::Environment;
///
/// let stand_in = Environment::at("http://127.0.0.1:8080")?;
/// assert!(Environment::at("http://ratio.example").is_err(), "https only, this machine excepted");
/// # Ok::<(), ratio_bank::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Environment {
    /// Production, with real people and real money: `https://api.ratio.me`.
    Production,
    /// Staging, which serves the pinned document: `https://api.staging.ratio.me`.
    Staging,
    /// The sandbox, since 2023-06: `https://api.sandbox.ratio.me`.
    Sandbox,
    /// Another address, such as a stand-in on this machine.
    At(BaseUrl),
}

/// An address that was checked by [`Environment::at`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl Environment {
    /// Makes an environment from the address of another server that implements Ratio's API.
    ///
    /// # Errors
    /// When it is not an absolute `https` address (`http` on this machine), or has credentials, a query or a fragment.
    ///
    /// ```
    /// use ratio_bank::Environment;
    ///
    /// assert!(Environment::at("https://gateway.example/ratio").is_ok());
    /// assert!(Environment::at("https://user:word@gateway.example").is_err());
    /// ```
    pub fn at(base_url: &str) -> Result<Self, Error> {
        let refuse = |problem: &str| {
            Error::new(
                ErrorKind::InvalidInput,
                format!("the base URL {problem}; write `https://host`"),
            )
        };
        let url = Url::parse(base_url).map_err(|_| refuse("is not an absolute URL"))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(refuse("is neither https nor on this machine"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refuse("holds credentials"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("has a query or fragment"));
        }
        Ok(Self::At(BaseUrl(url.as_str().trim_end_matches('/').to_owned())))
    }

    /// Whether the address is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        Url::parse(&self.base_url()).is_ok_and(|url| is_loopback(&url))
    }

    /// The address, without a slash at its end.
    pub(crate) fn base_url(&self) -> Cow<'_, str> {
        match self {
            Self::Production => "https://api.ratio.me".into(),
            Self::Staging => "https://api.staging.ratio.me".into(),
            Self::Sandbox => "https://api.sandbox.ratio.me".into(),
            Self::At(BaseUrl(url)) => url.as_str().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_https_address_or_this_machine_is_taken() {
        for refused in [
            "api.ratio.me",
            "http://api.ratio.me",
            "ftp://127.0.0.1",
            "https://user:word@api.ratio.me",
            "https://api.ratio.me/?a",
            "https://api.ratio.me/#a",
        ] {
            assert!(Environment::at(refused).is_err(), "{refused}");
        }
        assert_eq!(
            Environment::at("https://proxy.example/ratio/")
                .unwrap()
                .base_url(),
            "https://proxy.example/ratio"
        );
        assert_eq!(
            Environment::at("http://127.0.0.1:1").unwrap().base_url(),
            "http://127.0.0.1:1"
        );
    }
}
