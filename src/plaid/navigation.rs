//! The addresses that Link navigates a webview to, instead of calling back.

use std::borrow::Cow;
use std::fmt;

use super::fields::Fields;
use super::payload::{LinkEvent, LinkExit, LinkSuccess, MissingPublicToken};
use crate::token::PublicToken;

/// One navigation to `plaidlink://`. The webview must not follow it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Navigation {
    /// `plaidlink://connected`: the person linked a bank. Link is over.
    Connected(LinkSuccess),
    /// `plaidlink://exit`: the person left. Link is over.
    Exit(LinkExit),
    /// `plaidlink://event`: something happened on the way. Link goes on.
    Event(LinkEvent),
    /// Any other host: not documented today. Link goes on.
    Other(OtherNavigation),
}

/// A `plaidlink://` navigation of a kind that was not documented when this crate was built.
pub struct OtherNavigation {
    /// The part that names the kind.
    pub host: String,
    /// The query, as it was sent.
    pub query: String,
}

impl Navigation {
    /// Reads the address that a webview is about to open; `None` means that it is not Plaid's and not for us.
    ///
    /// A webview can ask about every navigation. Every `plaidlink://` address is read, however odd: keys without `=`,
    /// keys that come twice, `+` or `%20` for a space, accounts in either shape, no query at all. It takes time and memory
    /// in proportion to the address.
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
        // By hand rather than by an URL parser: what is not a proper URL here is still an answer from Link.
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
