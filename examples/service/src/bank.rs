//! A linked bank as we show it.

use ratio_bank::enums::{LinkStatus, VerificationStatus};
use ratio_bank::types::BankAccount;
use serde::Serialize;

/// A linked bank. Goes to its owner only, and does not print.
#[derive(Serialize)]
pub(crate) struct Bank {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The last digits of the account's number.
    pub(crate) mask: String,
    pub(crate) standing: Standing,
}

impl Bank {
    /// `None` for an account without an id: nothing can be done with it.
    pub(crate) fn of(account: BankAccount) -> Option<Self> {
        let standing = Standing::of(account.link_status.as_ref(), account.verification_status.as_ref());
        Some(Self {
            id: account.id?.as_str().to_owned(),
            name: account.name.unwrap_or_else(|| "Your account".to_owned()),
            mask: account.mask.unwrap_or_default(),
            standing,
        })
    }
}

/// What the owner can do with it: the two statuses that Ratio gives, put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// Buy.
    Ready,
    /// Wait: Ratio is still verifying.
    Checking,
    /// Log in to the bank again.
    NeedsLogin,
    /// Unlink it and link another.
    Declined,
    /// Nothing that we know of: Ratio has a status that is newer than this program.
    Unknown,
}

impl Standing {
    fn of(link: Option<&LinkStatus>, verification: Option<&VerificationStatus>) -> Self {
        // The statuses are open: what is not known here is compared, and never fails to be read.
        if verification == Some(&VerificationStatus::DECLINED) {
            Self::Declined
        } else if link == Some(&LinkStatus::LOGIN_REQUIRED) {
            Self::NeedsLogin
        } else if verification == Some(&VerificationStatus::IN_REVIEW) || link == Some(&LinkStatus::INACTIVE)
        {
            Self::Checking
        } else if link == Some(&LinkStatus::ACTIVE) && verification == Some(&VerificationStatus::APPROVED) {
            Self::Ready
        } else {
            Self::Unknown
        }
    }

    /// Its name in pages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Checking => "checking",
            Self::NeedsLogin => "needs-login",
            Self::Declined => "declined",
            Self::Unknown => "unknown",
        }
    }
}
