//! Request headers that may hold secrets: they can be sent, but not printed.

use std::fmt;
use std::str::FromStr;

use ureq::http::header::{HeaderName, HeaderValue};

/// Headers for the server of the document. They are sent to no other server.
#[derive(Clone, Default)]
pub struct Headers(Vec<Header>);

/// One `Name: value`.
///
/// ```
/// let header: ratio_spec::fetch::Header = "Authorization: Bearer hunter2".parse()?;
/// assert_eq!(format!("{header:?}"), "authorization: …");
/// # Ok::<(), ratio_spec::fetch::HeaderError>(())
/// ```
#[derive(Clone)]
pub struct Header {
    name: HeaderName,
    value: HeaderValue,
}

/// The reason why a text is not a header. Text that may be the header's value is not repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderError {
    /// There is no colon between name and value.
    NoColon,
    /// The text before the colon is not a valid name.
    Name,
    /// The value of the header with this name has characters that cannot be sent.
    Value(String),
    /// The environment variable is not valid text.
    NotText,
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoColon => write!(f, "a header is written `Name: value`"),
            Self::Name => write!(f, "what stands before the colon is not a header name"),
            Self::NotText => write!(f, "it is not UTF-8 text"),
            Self::Value(name) => write!(
                f,
                "the value of header `{name}` holds characters that cannot be sent"
            ),
        }
    }
}

impl std::error::Error for HeaderError {}

impl FromStr for Header {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, HeaderError> {
        let (name, value) = text.split_once(':').ok_or(HeaderError::NoColon)?;
        // Do not trim line breaks: text before one may be a value whose name is missing.
        let name = name.trim_matches([' ', '\t']);
        let parsed = HeaderName::from_str(name).map_err(|_| HeaderError::Name)?;
        let mut value =
            HeaderValue::from_str(value.trim()).map_err(|_| HeaderError::Value(name.to_owned()))?;
        value.set_sensitive(true);
        Ok(Self { name: parsed, value })
    }
}

/// Prints only the name, because the value may be a secret.
impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: …", self.name)
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.0).finish()
    }
}

impl Headers {
    /// Combines the headers of a command line with those of an environment variable, which has one header per line.
    ///
    /// # Errors
    /// When a line of `environment` is not a header.
    ///
    /// ```
    /// use ratio_spec::fetch::Headers;
    ///
    /// let headers = Headers::new(vec!["X-One: 1".parse()?], Some("X-Two: 2\n"))?;
    /// assert_eq!(format!("{headers:?}"), "[x-one: …, x-two: …]");
    /// # Ok::<(), ratio_spec::fetch::HeaderError>(())
    /// ```
    pub fn new(command_line: Vec<Header>, environment: Option<&str>) -> Result<Self, HeaderError> {
        let mut headers = command_line;
        for line in environment
            .unwrap_or_default()
            .lines()
            .filter(|line| !line.trim().is_empty())
        {
            headers.push(line.parse()?);
        }
        Ok(Self(headers))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().map(|header| (&header.name, &header.value))
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, HeaderError, Headers};

    #[test]
    fn an_invalid_header_is_reported_without_its_value() {
        for (text, told) in [
            ("hunter2", "a header is written `Name: value`"),
            ("hunter 2: x", "what stands before the colon is not a header name"),
            (
                "X-Key: hunter\u{1}2",
                "the value of header `X-Key` holds characters that cannot be sent",
            ),
        ] {
            assert_eq!(text.parse::<Header>().unwrap_err().to_string(), told);
        }
        assert_eq!(HeaderError::NotText.to_string(), "it is not UTF-8 text");
    }

    #[test]
    fn a_header_does_not_print_its_value() {
        let headers = Headers::new(
            vec!["Authorization: Bearer hunter2".parse().unwrap()],
            Some("\nX-Api-Key: hunter2\n\n"),
        )
        .unwrap();
        assert_eq!(headers.iter().count(), 2);
        assert_eq!(format!("{headers:?}"), "[authorization: …, x-api-key: …]");
        for (name, value) in headers.iter() {
            assert!(!format!("{name:?}{value:?}").contains("hunter2"));
        }
    }

    #[test]
    fn a_refused_header_does_not_print_its_value() {
        for (text, error) in [
            ("hunter2", HeaderError::NoColon),
            ("hunter2 b: x", HeaderError::Name),
            ("hunter2\n: x", HeaderError::Name),
            ("hunter2\n\n: x\u{7f}", HeaderError::Name),
            ("X-Key: hunter2\u{7f}", HeaderError::Value("X-Key".to_owned())),
        ] {
            let met = text.parse::<Header>().unwrap_err();
            assert_eq!(met, error);
            assert!(!met.to_string().contains("hunter2"));
        }
    }
}
