//! The address of a document, in a form that is safe to print.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// An `https` address, or an `http` address on this machine. It prints without the values of its query, which may be
/// secrets.
///
/// ```
/// use ratio_spec::fetch::Address;
///
/// let address: Address = "https://api.example/docs?token=hunter2".parse()?;
/// assert_eq!(address.to_string(), "https://api.example/docs?…");
/// assert!("http://127.0.0.1:8080/docs".parse::<Address>().is_ok());
/// assert!("http://localhost.evil.example/".parse::<Address>().is_err());
/// # Ok::<(), ratio_spec::fetch::AddressError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

/// The reason why documents cannot be fetched from an address. The address is not repeated if it may hold a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressError {
    /// It is not a URL, for this reason.
    Unreadable(String),
    /// It contains credentials.
    Credentials,
    /// It is an `http` address on another machine.
    Plain {
        /// The host name of that machine.
        host: String,
    },
    /// It has another scheme.
    Scheme(String),
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "the URL cannot be read: {why}"),
            Self::Credentials => {
                write!(f, "the URL carries credentials, which end up in logs")
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

/// The target of a redirect that is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Elsewhere {
    /// Another scheme, host or port.
    Origin(String),
    /// An address that is not HTTP.
    Scheme(String),
    /// The same origin, but with credentials that the server chose.
    Credentials,
    /// Text that is not a URL, for this reason.
    Unreadable(String),
}

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

    /// The whole address, including possible secrets. Use it for comparing and sending, not for printing.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Resolves a redirect within the same origin. Another origin may belong to another party, which must not receive
    /// the headers and is not trusted.
    ///
    /// # Errors
    /// The target, if the redirect is not followed.
    pub(super) fn redirected(&self, location: &str) -> Result<Self, Elsewhere> {
        let target = self
            .0
            .join(location)
            .map_err(|error| Elsewhere::Unreadable(error.to_string()))?;
        if !matches!(target.scheme(), "http" | "https") {
            return Err(Elsewhere::Scheme(target.scheme().to_owned()));
        }
        if target.origin() != self.0.origin() {
            return Err(Elsewhere::Origin(target.origin().ascii_serialization()));
        }
        if !target.username().is_empty() || target.password().is_some() {
            return Err(Elsewhere::Credentials);
        }
        Ok(Self(target))
    }

    /// The path of the address as the name of a file, with its percent-escapes decoded.
    ///
    /// # Errors
    /// When a segment of the path is not a valid name.
    pub(super) fn name(&self) -> Result<String, AddressError> {
        name_of(&self.0).ok_or_else(|| {
            AddressError::Unreadable("a step of its path is empty, is not UTF-8 or holds a slash".to_owned())
        })
    }

    /// Returns the name of the file to which a reference with a scheme, a host or an absolute path leads, if it has the
    /// same origin.
    pub(super) fn name_within(&self, reference: &str) -> Option<String> {
        if !reference.starts_with('/') && Url::parse(reference).is_err() {
            return None;
        }
        let target = self.0.join(reference).ok()?;
        let is_within = target.origin() == self.0.origin()
            && target.username().is_empty()
            && target.password().is_none()
            && target.query().is_none();
        name_of(&target).filter(|_| is_within)
    }

    /// Returns the address of a file of the same origin, or `None` if a segment of its name is not valid.
    pub(super) fn file(&self, name: &str) -> Option<Self> {
        let is_step = |step: &str| !matches!(step, "" | "." | "..") && !step.contains(is_no_part_of_a_step);
        if !name.split('/').all(is_step) {
            return None;
        }
        let mut url = self.0.join("/").ok()?;
        url.path_segments_mut().ok()?.clear().extend(name.split('/'));
        Some(Self(url))
    }

    /// Returns the address without possible secrets, for a file that is shared, and whether something was removed.
    pub fn without_secrets(&self) -> (String, bool) {
        let mut url = self.0.clone();
        url.set_query(None);
        url.set_fragment(None);
        let left_out = url != self.0;
        (url.into(), left_out)
    }

    /// The scheme, host and port.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.0.host().is_some_and(|host| match host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        })
    }
}

fn is_no_part_of_a_step(c: char) -> bool {
    matches!(c, '/' | '\\') || c.is_control()
}

fn name_of(url: &Url) -> Option<String> {
    let mut steps = Vec::new();
    for step in url.path_segments()? {
        let step = percent_decode_str(step).decode_utf8().ok()?;
        if step.is_empty() || step.contains(is_no_part_of_a_step) {
            return None;
        }
        steps.push(step);
    }
    Some(steps.join("/"))
}

/// The printable form of a text that should be an address: without credentials, query and fragment.
///
/// ```
/// assert_eq!(ratio_spec::fetch::redacted("https://me:hunter2@api.example/docs"), "https://api.example/docs");
/// ```
pub fn redacted(text: &str) -> String {
    let Some(url) = Url::parse(text).ok().filter(Url::has_host) else {
        return redacted_unread(text);
    };
    // A path with an `@` may be the rest of a password.
    let path = url.path().rsplit('@').next().unwrap_or_default();
    let cut = if path.len() < url.path().len() { "…@" } else { "" };
    let more = if url.query().is_some() || url.fragment().is_some() {
        "?…"
    } else {
        ""
    };
    format!("{}://{}{cut}{path}{more}", url.scheme(), authority(&url))
}

/// Redacts text that cannot be parsed as a URL. Text before an `@`, after a `?`, or in place of a port may be a secret.
fn redacted_unread(text: &str) -> String {
    let (scheme, rest) = text.find("://").map_or(("", text), |at| text.split_at(at + 3));
    let start = rest
        .rfind('@')
        .filter(|at| !scheme.is_empty() || rest[..*at].contains(':'));
    let (hidden, rest) = start.map_or(("", rest), |at| ("…", &rest[at..]));
    let (rest, more) = rest.find(['?', '#']).map_or((rest, ""), |at| (&rest[..at], "?…"));
    let (host, path) = rest.split_at(rest.find(['/', '\\']).unwrap_or(rest.len()));
    let (host, port) = match host.split_once(':') {
        Some((host, port)) if !port.bytes().all(|byte| byte.is_ascii_digit()) => (host, ":…"),
        _ => (host, ""),
    };
    format!("{scheme}{hidden}{host}{port}{path}{more}")
}

/// The host and port.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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
    use super::{Address, AddressError, Elsewhere, redacted};

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
        assert_eq!(format!("{address:?}"), "https://api.example.com/docs?…");
        let error = "https://me:hunter2@api.example.com/docs"
            .parse::<Address>()
            .unwrap_err();
        assert_eq!(error, AddressError::Credentials);
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn an_address_is_written_down_without_what_may_be_a_secret() {
        for (text, written, is_cut) in [
            ("https://api.example/docs", "https://api.example/docs", false),
            (
                "https://api.example/docs?token=hunter2",
                "https://api.example/docs",
                true,
            ),
            (
                "https://api.example/docs#hunter2",
                "https://api.example/docs",
                true,
            ),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(address.without_secrets(), (written.to_owned(), is_cut));
        }
    }

    #[test]
    fn an_invalid_address_is_shown_without_possible_secrets() {
        for (text, shown) in [
            ("https://me:hunter2@api.example/docs", "https://api.example/docs"),
            (
                "https:me:hunter2@api.example:1/docs",
                "https://api.example:1/docs",
            ),
            ("HTTPS:\\\\me:hunter2@api.example", "https://api.example/"),
            (
                "https://hunter2@api.example/?hunter2#hunter2",
                "https://api.example/?…",
            ),
            ("https://api.example/docs?hunter2", "https://api.example/docs?…"),
            ("https://api.example/docs#hunter2", "https://api.example/docs?…"),
            (
                "https://me:hun/ter2@api.example:99999/",
                "https://…@api.example:99999/",
            ),
            ("https://me:1/hunter2@api.example/", "https://me:1…@api.example/"),
            ("https://me:hunter2/docs?hunter2", "https://me:…/docs?…"),
            ("https://me:hunter2", "https://me:…"),
            ("https:me:hunter2", "https:…"),
            ("me:hunter2", "me:…"),
            ("api.example/docs?token=hunter2", "api.example/docs?…"),
            ("me:hunter2@api.example/docs", "…@api.example/docs"),
            ("docs@2.json", "docs@2.json"),
        ] {
            assert_eq!(redacted(text), shown);
        }
    }

    #[test]
    fn a_redirect_stays_within_the_origin_or_says_where_it_leads() {
        let from: Address = "https://api.example/docs".parse().unwrap();
        let leads = |location: &str| from.redirected(location).map(|it| it.to_string());
        assert_eq!(leads("/new"), Ok("https://api.example/new".to_owned()));
        let origin = |text: &str| Err(Elsewhere::Origin(text.to_owned()));
        assert_eq!(leads("https://other.example/x"), origin("https://other.example"));
        assert_eq!(leads("http://api.example/x"), origin("http://api.example"));
        assert_eq!(
            leads("https://a:b@other.example/"),
            origin("https://other.example")
        );
        let scheme = |text: &str| Err(Elsewhere::Scheme(text.to_owned()));
        assert_eq!(leads("file:///etc/passwd"), scheme("file"));
        assert_eq!(leads("blob:https://api.example/x"), scheme("blob"));
        for credentials in ["me:hunter2", "me", ":hunter2"] {
            let leads = leads(&format!("https://{credentials}@api.example/"));
            assert_eq!(leads, Err(Elsewhere::Credentials), "{credentials}");
        }
        assert!(matches!(leads("https://[x"), Err(Elsewhere::Unreadable(_))));
    }
}
