//! Conclusions from the fields of a linked bank, and their values as types.

use std::time::SystemTime;

use crate::generated::enums::{LinkStatus, VerificationStatus};
use crate::generated::types::BankAccount;
use crate::timestamp;

impl BankAccount {
    /// Whether the bank can be used to buy: its link is `ACTIVE` and its verification `APPROVED`.
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

    /// Whether the bank was declined because the account holder is not the user. Waiting does not change this.
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

    /// Whether the bank requires the person to log in again. If so, request a relink.
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

    /// The time when the bank was linked, or `None` if the response has no RFC 3339 time in UTC.
    pub fn created_at(&self) -> Option<SystemTime> {
        timestamp::parse(self.create_time.as_deref()?)
    }

    /// The time when the bank last changed, or `None` if the response has no RFC 3339 time in UTC.
    pub fn updated_at(&self) -> Option<SystemTime> {
        timestamp::parse(self.update_time.as_deref()?)
    }
}
