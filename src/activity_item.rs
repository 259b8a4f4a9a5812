//! The fields of an activity item as types.

use std::time::SystemTime;

use crate::ach_order::FiatAmount;
use crate::generated::types::{ActivityItem, ActivityItemFiat};
use crate::timestamp;

impl ActivityItem {
    /// The time when the activity began, or `None` if the response has no RFC 3339 time in UTC.
    ///
    /// ```
    /// use std::time::{Duration, UNIX_EPOCH};
    /// use ratio_bank::types::ActivityItem;
    ///
    /// let mut item = ActivityItem::default();
    /// item.create_time = Some("2023-11-14T22:13:20.000Z".to_owned());
    /// assert_eq!(item.created_at(), Some(UNIX_EPOCH + Duration::from_secs(1_700_000_000)));
    /// ```
    pub fn created_at(&self) -> Option<SystemTime> {
        timestamp::parse(self.create_time.as_deref()?)
    }

    /// The time when the activity last changed, or `None` if the response has no RFC 3339 time in UTC.
    pub fn updated_at(&self) -> Option<SystemTime> {
        timestamp::parse(self.update_time.as_deref()?)
    }
}

impl ActivityItemFiat {
    /// The amount, or `None` if the response has no positive amount in whole cents.
    ///
    /// ```
    /// use ratio_bank::{FiatAmount, types::ActivityItemFiat};
    ///
    /// let mut fiat = ActivityItemFiat::default();
    /// fiat.amount = Some("49.99".to_owned());
    /// assert_eq!(fiat.dollars(), FiatAmount::from_cents(4999).ok());
    /// ```
    pub fn dollars(&self) -> Option<FiatAmount> {
        self.amount.as_deref()?.parse().ok()
    }
}
