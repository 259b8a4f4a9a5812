//! Wallets that receive purchases.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::told;

#[derive(Clone)]
pub(crate) struct Wallet {
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) address: String,
}

impl Wallet {
    /// The wallet as JSON, with the `network` of the older document and the `type` of the later one.
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "createTime": told(self.created),
            "updateTime": told(self.created),
            "address": self.address,
            "network": "ETHEREUM",
            "type": "EVM",
            "name": "Everyday",
        })
    }
}
