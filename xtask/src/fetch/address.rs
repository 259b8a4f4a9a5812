//! Where a document may be fetched from, in a form that is safe to print.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// An https address, or plain http to this very machine; it prints without query values, which may be secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(Url);

/// Why a text is not an address to fetch from. The text itself is not repeated where it may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AddressError {
    Unreadable(String),
    Credentials,
    Plain { host: String },
    Scheme(String),
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "the URL cannot be read: {why}"),
            Self::Credentials => {
                write!(
                    f,
                    "the URL carries credentials, which end up in logs; pass them with --header instead"
                )
            }
            Self::Plain { host } => {
                write!(
                    f,
                    "plain http to `{host}` can be changed on its way; use https (http is for loopback only)"
                )
            }
            Self::Scheme(scheme) => write!(f, "`{scheme}:` is not fetched; use an https URL or a file"),
        }
    }
}

impl std::error::Error for AddressError {}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::new(Url::parse(text).map_err(|error| AddressError::Unreadable(error.to_string()))?)
    }
}

impl Address {
    fn new(url: Url) -> Result<Self, AddressError> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Credentials);
        }
        let address = Self(url);
        match address.0.scheme() {
            "https" => Ok(address),
            "http" if address.is_loopback() => Ok(address),
            "http" => Err(AddressError::Plain {
                host: address.0.host_str().unwrap_or_default().to_owned(),
            }),
            other => Err(AddressError::Scheme(other.to_owned())),
        }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// Resolves a `Location` without judging it: a target that may not be fetched is still named in the error.
    pub(crate) fn join(&self, location: &str) -> Result<Self, url::ParseError> {
        self.0.join(location).map(Self)
    }

    /// Whether both name the same scheme, host and port.
    pub(crate) fn same_origin(&self, other: &Self) -> bool {
        self.0.origin() == other.0.origin() && self.0.username().is_empty() && self.0.password().is_none()
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    pub(crate) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.0.path())?;
        if self.0.query().is_some() {
            f.write_str("?…")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Address, AddressError};

    #[test]
    fn only_https_and_loopback_are_fetched_from() {
        for good in [
            "https://api.example.com/v1/api-docs",
            "http://127.0.0.1:8080/x",
            "http://localhost",
            "http://[::1]:1/",
        ] {
            assert!(good.parse::<Address>().is_ok(), "{good}");
        }
        for bad in [
            "http://api.example.com",
            "http://localhost.example.com",
            "ftp://x/",
            "file:///etc/passwd",
            "//x",
            "",
        ] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }

    #[test]
    fn no_secret_is_printed() {
        let address: Address = "https://api.example.com/docs?token=hunter2#hunter2"
            .parse()
            .unwrap();
        assert_eq!(address.to_string(), "https://api.example.com/docs?…");
        let error = "https://me:hunter2@api.example.com/docs"
            .parse::<Address>()
            .unwrap_err();
        assert_eq!(error, AddressError::Credentials);
        assert!(!error.to_string().contains("hunter2"));
    }
}
