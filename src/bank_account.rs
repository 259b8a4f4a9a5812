//! What the fields of a linked bank say together, and as types.

use std::time::SystemTime;

use crate::generated::enums::{LinkStatus, VerificationStatus};
use crate::generated::types::BankAccount;
use crate::timestamp;

impl BankAccount {
    /// Whether the bank can be bought with: its link is `ACTIVE` and its verification `APPROVED`.
    ///
    /// ```
    /// use ratio_bank::{enums::{LinkStatus, VerificationStatus}, types::BankAccount};
    ///
    /// let mut bank = BankAccount::default();
    /// bank.link_status = Some(LinkStatus::ACTIVE);
    /// assert!(!bank.is_ready());
    /// bank.verification_status = Some(VerificationStatus::APPROVED);
    /// assert!(bank.is_ready());
    /// ```
    pub fn is_ready(&self) -> bool {
        self.link_status == Some(LinkStatus::ACTIVE)
            && self.verification_status == Some(VerificationStatus::APPROVED)
    }

    /// Whether the bank was declined: the account holder is not the user, and waiting changes nothing.
    ///
    /// ```
    /// use ratio_bank::{enums::VerificationStatus, types::BankAccount};
    ///
    /// let mut bank = BankAccount::default();
    /// bank.verification_status = Some(VerificationStatus::DECLINED);
    /// assert!(bank.is_declined());
    /// ```
    pub fn is_declined(&self) -> bool {
        self.verification_status == Some(VerificationStatus::DECLINED)
    }

    /// Whether the bank wants the person to log in again: ask for a relink.
    ///
    /// ```
    /// use ratio_bank::{enums::LinkStatus, types::BankAccount};
    ///
    /// let mut bank = BankAccount::default();
    /// bank.link_status = Some(LinkStatus::LOGIN_REQUIRED);
    /// assert!(bank.is_login_required());
    /// ```
    pub fn is_login_required(&self) -> bool {
        self.link_status == Some(LinkStatus::LOGIN_REQUIRED)
    }

    /// When the bank was linked; nothing where the answer has no time in RFC 3339 and UTC.
    pub fn created_at(&self) -> Option<SystemTime> {
        timestamp::parse(self.create_time.as_deref()?)
    }

    /// When the bank last changed; nothing where the answer has no time in RFC 3339 and UTC.
    pub fn updated_at(&self) -> Option<SystemTime> {
        timestamp::parse(self.update_time.as_deref()?)
    }
}
