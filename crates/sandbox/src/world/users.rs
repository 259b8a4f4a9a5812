//! Users and the state of their identity checks.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::banks::Bank;
use super::wallets::Wallet;
use super::{Answer, Call, Outcome, World};
use crate::clock::told;

/// The state of a user's identity check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Kyc {
    /// Nothing was submitted yet.
    NotStarted,
    /// Submitted, and being checked.
    InReview,
    /// Passed: the user's bank can be verified, and the user may buy.
    Approved,
    /// Failed.
    Declined,
}

impl Kyc {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::NotStarted => "NOT_STARTED",
            Self::InReview => "IN_REVIEW",
            Self::Approved => "APPROVED",
            Self::Declined => "DECLINED",
        }
    }
}

pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) kyc: Kyc,
    pub(crate) banks: Vec<Bank>,
    pub(crate) wallets: Vec<Wallet>,
    pub(crate) flags: Vec<String>,
}

impl User {
    pub(crate) fn new(id: String, kyc: Kyc, now: Timestamp) -> Self {
        Self {
            id,
            created: now,
            updated: now,
            kyc,
            banks: vec![],
            wallets: vec![],
            flags: vec![],
        }
    }

    /// The user as JSON. Every user is the same fictional person, with a telephone number reserved for fiction.
    pub(crate) fn json(&self) -> Value {
        let status = self.kyc.as_str();
        let mut user = json!({
            "id": self.id,
            "createTime": told(self.created),
            "updateTime": told(self.updated),
            "firstName": "Ada",
            "lastName": "Example",
            "email": "ada@example.com",
            "country": "US",
            "phone": "+12025550123",
            "nationality": "US",
            "occupation": "Engineer",
            "preferredMfaMethod": "OTP_SMS",
            "kyc": {
                "createTime": told(self.created),
                "updateTime": told(self.updated),
                "status": status,
                "addressResult": status,
                "dobResult": status,
                "fraudResult": status,
                "idvResult": status,
            },
            "connectedBankAccounts": self.banks.iter().map(Bank::json).collect::<Vec<_>>(),
        });
        // By the letter of the later document, no list is valid here, but the field may be absent.
        if !self.flags.is_empty() {
            user["flags"] = json!(self.flags);
        }
        user
    }
}

impl World {
    pub(crate) fn get_user(&mut self, call: &Call) -> Outcome {
        Answer::ok(self.user_of(call)?.json())
    }

    /// Handles a change of a user's KYC state: banks that waited for it get their verdict.
    pub(crate) fn kyc_decided(&mut self, id: &str, now: Timestamp) {
        let Some(user) = self.users.get(id) else { return };
        let waiting: Vec<_> = user.banks.iter().map(|bank| bank.id.clone()).collect();
        let told = user.json();
        let delay = self.settings.verification_delay;
        for bank in waiting {
            self.schedule(
                now,
                delay,
                super::Due::BankVerdict {
                    user: id.to_owned(),
                    bank,
                },
            );
        }
        self.announce("KYC_UPDATED", "kyc.updated", id, &told, now);
    }
}
