//! A link in progress: the token that opens Plaid Link, and the record that lets another process finish the link.

use std::fmt;
use std::time::{Duration, SystemTime};

use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::id::{BankId, UserId};
use crate::plaid::{self, InvalidRedirect, WEBVIEW_PAGE, WebviewUrl};
use crate::secret::Secret;

/// The purpose of a link token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LinkKind {
    /// To link a bank. After Plaid's success, the link has to be activated.
    New,
    /// To repair a linked bank. After Plaid's success, no activation is needed.
    Relink,
}

/// The parts of a link in progress that may be stored: everything except its token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LinkRecord {
    /// The user who links a bank. Only this user's session can finish the link.
    pub user: UserId,
    /// The purpose of the token.
    pub kind: LinkKind,
    /// The bank to repair.
    pub bank: Option<BankId>,
    /// The latest time at which Plaid may still accept the token. Ratio does not pass on the exact time.
    pub expires_at: SystemTime,
}

impl LinkRecord {
    /// Whether Plaid no longer accepts the token at `now`.
    pub fn is_expired(&self, now: SystemTime) -> bool {
        now >= self.expires_at
    }
}

impl fmt::Debug for LinkRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkRecord")
            .field("kind", &self.kind)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A one-time token that opens Plaid Link. It cannot be printed or compared with `==`.
///
/// A link that was started in one process can be finished in another. Store [`record`](Self::record), and store
/// [`token`](Self::token) where secrets are kept. Then call [`restore`](Self::restore).
///
/// ```
/// # use std::time::{Duration, UNIX_EPOCH};
/// use ratio_bank::{LinkRecord, LinkToken};
///
/// # fn store(link: &LinkToken) -> Result<LinkToken, serde_json::Error> {
/// let (record, secret) = (serde_json::to_string(link.record())?, link.token().to_owned());
/// // … in another process
/// let record: LinkRecord = serde_json::from_str(&record)?;
/// let link = LinkToken::restore(record, secret);
/// # Ok(link) }
/// ```
#[derive(Clone)]
pub struct LinkToken {
    token: Secret,
    record: LinkRecord,
    page: Option<Url>,
}

impl LinkToken {
    pub(crate) fn new(
        token: Secret,
        user: UserId,
        bank: Option<BankId>,
        now: SystemTime,
        page: &Url,
    ) -> Self {
        // Plaid's documented lifetimes: 4 hours for a new link, 30 minutes in update mode.
        let (kind, lifetime) = match bank {
            None => (LinkKind::New, Duration::from_secs(4 * 60 * 60)),
            Some(_) => (LinkKind::Relink, Duration::from_secs(30 * 60)),
        };
        Self {
            token,
            record: LinkRecord {
                user,
                kind,
                bank,
                expires_at: now.checked_add(lifetime).unwrap_or(now),
            },
            page: Some(page.clone()),
        }
    }

    /// Makes the token from its two stored parts. It opens Plaid's own page.
    pub fn restore(record: LinkRecord, token: impl Into<String>) -> Self {
        Self {
            token: Secret::new(token),
            record,
            page: None,
        }
    }

    /// Opens Link on another page than Plaid's, such as a stand-in's page.
    #[must_use]
    pub fn on_page(mut self, page: Url) -> Self {
        self.page = Some(page);
        self
    }

    /// The token itself, for a Plaid SDK. The caller is responsible for keeping it safe.
    pub fn token(&self) -> &str {
        self.token.reveal()
    }

    /// The parts of the link that may be stored.
    pub fn record(&self) -> &LinkRecord {
        &self.record
    }

    /// The purpose of the token.
    pub fn kind(&self) -> LinkKind {
        self.record.kind
    }

    /// The latest time at which Plaid may still accept the token: 4 hours after the request for a new link, 30 minutes
    /// for a relink.
    pub fn expires_at(&self) -> SystemTime {
        self.record.expires_at
    }

    /// The address that opens Link in a webview.
    pub fn webview_url(&self) -> WebviewUrl {
        plaid::webview_url(&self.page(), self.token())
    }

    /// The address that opens Link again after the bank's own login page redirected the person to `received`.
    ///
    /// # Errors
    /// When `received` is not such an address; see [`plaid::resume_url`].
    ///
    /// ```
    /// # fn resume(link: &ratio_bank::LinkToken) {
    /// assert!(link.resume_url("https://app.example/back?oauth_state_id=9f").is_ok());
    /// assert!(link.resume_url("https://app.example/back").is_err());
    /// # }
    /// ```
    pub fn resume_url(&self, received: &str) -> Result<WebviewUrl, InvalidRedirect> {
        plaid::resume_url(&self.page(), self.token(), received)
    }

    fn page(&self) -> Url {
        self.page
            .clone()
            .unwrap_or_else(|| Url::parse(WEBVIEW_PAGE).expect("Plaid's page is a URL"))
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkToken")
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}
