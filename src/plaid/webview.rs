//! The page that a webview opens to show Link.

use std::fmt;

use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use crate::tolerant::says_nothing;

/// Plaid's page for webviews.
pub const WEBVIEW_PAGE: &str = "https://cdn.plaid.com/link/v2/stable/link.html";

/// An address that opens Link. It carries the link token, so it does not print.
///
/// ```
/// use ratio_bank::plaid;
///
/// let page = plaid::WEBVIEW_PAGE.parse().unwrap();
/// let url = plaid::webview_url(&page, "link-sandbox-1");
/// assert_eq!(url.reveal(), "https://cdn.plaid.com/link/v2/stable/link.html?isWebview=true&token=link-sandbox-1");
/// assert_eq!(format!("{url:?}"), "WebviewUrl([redacted])");
/// ```
#[derive(Clone)]
pub struct WebviewUrl(SecretString);

impl WebviewUrl {
    /// The address itself, for the webview. The caller is responsible for keeping it safe.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for WebviewUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebviewUrl([redacted])")
    }
}

/// Returns the address that opens Link with a new token.
///
/// `page` is [`WEBVIEW_PAGE`], or a stand-in's page in tests. The token is encoded once, without the quotes that
/// Plaid's documentation shows around it.
pub fn webview_url(page: &Url, link_token: &str) -> WebviewUrl {
    link_url(page, &[("isWebview", "true"), ("token", link_token)])
}

/// Returns the address that opens Link again after the bank's own login page has redirected the person.
///
/// `link_token` is the token of the first launch, and `received` is the complete address to which the bank's page
/// redirected. That address is passed on unchanged and encoded once.
///
/// # Errors
/// When Plaid would refuse `received`. It must be an `https` address (`http` on this machine) with one
/// `oauth_state_id`, without credentials or a fragment, and different from Link's own page.
///
/// ```
/// use ratio_bank::plaid;
///
/// let page = plaid::WEBVIEW_PAGE.parse().unwrap();
/// let url = plaid::resume_url(&page, "link-sandbox-1", "https://app.example/back?oauth_state_id=9f")?;
/// assert!(url.reveal().ends_with("&receivedRedirectUri=https%3A%2F%2Fapp.example%2Fback%3Foauth_state_id%3D9f"));
/// assert!(plaid::resume_url(&page, "link-sandbox-1", "https://app.example/back").is_err());
/// # Ok::<(), plaid::InvalidRedirect>(())
/// ```
pub fn resume_url(page: &Url, link_token: &str, received: &str) -> Result<WebviewUrl, InvalidRedirect> {
    // A URL parser would correct an invalid address, but Plaid is passed the text as it was received.
    if received.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(InvalidRedirect::NotAnAddress);
    }
    let parsed = Url::parse(received).map_err(|_| InvalidRedirect::NotAnAddress)?;
    if parsed.scheme() != "https" && !(parsed.scheme() == "http" && crate::is_loopback(&parsed)) {
        return Err(InvalidRedirect::NotHttps);
    }
    if !received[parsed.scheme().len()..].starts_with("://") {
        return Err(InvalidRedirect::NotAnAddress);
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(InvalidRedirect::Credentials);
    }
    if parsed.fragment().is_some() {
        return Err(InvalidRedirect::Fragment);
    }
    if parsed.origin() == page.origin() && parsed.path() == page.path() {
        return Err(InvalidRedirect::LinkPage);
    }
    let mut ids = parsed.query_pairs().filter(|(key, _)| key == "oauth_state_id");
    match (ids.next(), ids.next()) {
        (Some((_, id)), None) if !says_nothing(&id) => {}
        (Some(_), Some(_)) => return Err(InvalidRedirect::SeveralStateIds),
        _ => return Err(InvalidRedirect::NoStateId),
    }
    Ok(link_url(
        page,
        &[
            ("isWebview", "true"),
            ("token", link_token),
            ("receivedRedirectUri", received),
        ],
    ))
}

/// The reason why an address is not a redirect from a bank's login page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidRedirect {
    /// It is not an absolute address.
    NotAnAddress,
    /// It is not `https`, and not on this machine.
    NotHttps,
    /// It holds a user name or a password.
    Credentials,
    /// It has a fragment, which no registered redirect URI has.
    Fragment,
    /// It is the page that shows Link.
    LinkPage,
    /// It has no `oauth_state_id`; on a first launch, use [`webview_url`] instead.
    NoStateId,
    /// It has more than one `oauth_state_id`.
    SeveralStateIds,
}

impl fmt::Display for InvalidRedirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAnAddress => "the received redirect is not an absolute address; pass on the whole of it",
            Self::NotHttps => "the received redirect is not https; register an https redirect URI",
            Self::Credentials => "the received redirect holds credentials; register a redirect URI without",
            Self::Fragment => "the received redirect has a fragment; pass it on as received, before a router adds to it",
            Self::LinkPage => "the received redirect is Link's own page; pass on what the bank's page redirected to",
            Self::NoStateId => {
                "the received redirect has no oauth_state_id; pass it on exactly as received, and only on a second launch"
            }
            Self::SeveralStateIds => {
                "the received redirect has more than one oauth_state_id; pass it on exactly as received"
            }
        })
    }
}

impl std::error::Error for InvalidRedirect {}

fn link_url(page: &Url, parameters: &[(&str, &str)]) -> WebviewUrl {
    let mut url = page.clone();
    url.query_pairs_mut().clear().extend_pairs(parameters);
    WebviewUrl(SecretString::from(String::from(url)))
}
