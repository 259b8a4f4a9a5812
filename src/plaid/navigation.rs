//! The addresses to which Link navigates a webview, in place of callbacks.

use std::borrow::Cow;
use std::fmt;

use super::fields::Fields;
use super::payload::{LinkEvent, LinkExit, LinkSuccess, MissingPublicToken};
use crate::token::PublicToken;

/// A navigation to a `plaidlink://` address. The webview must not follow it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Navigation {
    /// `plaidlink://connected`: the person linked a bank. Link has ended.
    Connected(LinkSuccess),
    /// `plaidlink://exit`: the person left. Link has ended.
    Exit(LinkExit),
    /// `plaidlink://event`: something happened in Link. Link continues.
    Event(LinkEvent),
    /// Any other host, which is not documented today. Link continues.
    Other(OtherNavigation),
}

/// A `plaidlink://` navigation of a kind that was not documented when this crate was built.
pub struct OtherNavigation {
    /// The host, which names the kind.
    pub host: String,
    /// The query, unchanged.
    pub query: String,
}

impl Navigation {
    /// Reads the address that a webview is about to open. `None` means that it is not a `plaidlink://` address.
    ///
    /// A webview can call this for every navigation. Every `plaidlink://` address can be read, even with keys without
    /// `=`, repeated keys, `+` or `%20` for a space, accounts in either form, or no query. Time and memory are
    /// proportional to the length of the address.
    ///
    /// ```
    /// use ratio_bank::plaid::{ExitStatus, Navigation};
    ///
    /// let left = Navigation::parse("plaidlink://exit?status=requires_credentials&error_code&error_message");
    /// let Some(Navigation::Exit(exit)) = left else { panic!("the person left") };
    /// assert!(exit.is_cancelled());
    /// assert_eq!(exit.status, Some(ExitStatus::REQUIRES_CREDENTIALS));
    /// ```
    pub fn parse(address: &str) -> Option<Self> {
        const SCHEME: &str = "plaidlink:";
        let address = address.trim();
        // Parse by hand, since Link may produce addresses that are not valid URLs.
        let (scheme, rest) = address.split_at_checked(SCHEME.len())?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return None;
        }
        let rest = rest.trim_start_matches('/');
        let rest = rest.split_once('#').map_or(rest, |(before, _fragment)| before);
        let ends = |c: char| matches!(c, '/' | '?' | '&') || c.is_whitespace();
        let (host, rest) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
        let host = host.to_ascii_lowercase();
        let query = match rest.trim_start().strip_prefix('&') {
            // Plaid's own example of an event: `plaidlink://event &event_name=…? error_type=…`.
            Some(swapped) => Cow::Owned(swapped.replace('?', "&")),
            None => Cow::Borrowed(rest.split_once('?').map_or("", |(_path, query)| query)),
        };
        let fields = Fields::of_query(&query);
        Some(match host.as_str() {
            "connected" => Self::Connected(LinkSuccess::read(&fields)),
            "exit" => Self::Exit(LinkExit::read(&fields)),
            "event" => Self::Event(LinkEvent::read(&fields)),
            _ => Self::Other(OtherNavigation {
                host,
                query: query.into_owned(),
            }),
        })
    }
}

impl TryFrom<Navigation> for PublicToken {
    type Error = MissingPublicToken;

    fn try_from(navigation: Navigation) -> Result<Self, Self::Error> {
        match navigation {
            Navigation::Connected(success) => success.try_into(),
            _ => Err(MissingPublicToken),
        }
    }
}

impl fmt::Debug for OtherNavigation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OtherNavigation")
            .field("host", &crate::open_enum::shown(&self.host))
            .finish_non_exhaustive()
    }
}
