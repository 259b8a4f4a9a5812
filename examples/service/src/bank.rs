//! A linked bank as the service shows it.

use ratio_bank::enums::{LinkStatus, VerificationStatus};
use ratio_bank::types::BankAccount;
use serde::Serialize;

/// A linked bank. It is sent to its owner only, and has no debug output.
#[derive(Serialize)]
pub(crate) struct Bank {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The last digits of the account number.
    pub(crate) mask: String,
    pub(crate) standing: Standing,
}

impl Bank {
    /// `None` for an account without an id, since no operation can name it.
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

/// The action that is open to the owner, derived from the two statuses that Ratio gives.
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
    /// No known action: Ratio has a status that is newer than this program.
    Unknown,
}

impl Standing {
    fn of(link: Option<&LinkStatus>, verification: Option<&VerificationStatus>) -> Self {
        // The statuses are open enums, so an unknown one can be compared and never makes reading fail.
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

    /// The name in pages.
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
