//! A user's bank: linking, verification, breaking, repair and unlinking.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::links::{Login, Purpose, check_return};
use super::users::Kyc;
use super::{Answer, Call, Due, Outcome, World};
use crate::clock::told;
use crate::plaid::Persona;
use crate::problem::Problem;

pub(crate) struct Bank {
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) name: String,
    pub(crate) mask: String,
    pub(crate) login: Login,
    pub(crate) link: LinkStatus,
    pub(crate) verification: Verification,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkStatus {
    Inactive,
    Active,
    LoginRequired,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verification {
    InReview,
    Approved,
    Declined,
}

impl Bank {
    pub(crate) fn json(&self) -> Value {
        json!({
            "id": self.id,
            "createTime": told(self.created),
            "updateTime": told(self.updated),
            "name": self.name,
            "mask": self.mask,
            "linkStatus": match self.link {
                LinkStatus::Inactive => "INACTIVE",
                LinkStatus::Active => "ACTIVE",
                LinkStatus::LoginRequired => "LOGIN_REQUIRED",
            },
            "verificationStatus": match self.verification {
                Verification::InReview => "IN_REVIEW",
                Verification::Approved => "APPROVED",
                Verification::Declined => "DECLINED",
            },
        })
    }
}

fn no_bank() -> Problem {
    Problem::new(404, "NOT_FOUND_BANK", "this user has no such bank")
}

impl World {
    pub(crate) fn request_bank_link(&mut self, call: &Call) -> Outcome {
        let user = self.user_of(call)?.id.clone();
        let destination = check_return(call)?;
        let token = self.new_link(&user, Purpose::NewBank, destination, call.now);
        Answer::ok(json!({ "linkToken": token }))
    }

    pub(crate) fn activate_bank_link(&mut self, call: &Call) -> Outcome {
        let user = self.user_of(call)?;
        if !user.banks.is_empty() {
            return Err(Problem::new(
                409,
                "ALREADY_EXISTS_BANK",
                "a bank is linked already; delete it first",
            ));
        }
        let owner = user.id.clone();
        let grant = self.spend_public_token(&call.needed("publicToken")?, &owner, call.now)?;
        let bank = Bank {
            id: self.random.uuid(),
            created: call.now,
            updated: call.now,
            name: grant.account_name,
            mask: grant.account_mask,
            login: grant.login,
            link: LinkStatus::Inactive,
            verification: Verification::InReview,
        };
        let told = bank.json();
        let due = Due::BankVerdict {
            user: owner,
            bank: bank.id.clone(),
        };
        self.user_of(call)?.banks.push(bank);
        self.schedule(call.now, self.settings.verification_delay, due);
        Answer::ok(json!({ "bankAccount": told }))
    }

    pub(crate) fn request_bank_relink(&mut self, call: &Call) -> Outcome {
        let bank = self.bank_of(call)?;
        if bank.link != LinkStatus::LoginRequired {
            return Err(Problem::new(
                422,
                "INVALID_BANK_ID",
                "this bank does not need a new login",
            ));
        }
        let purpose = Purpose::Repair {
            bank: bank.id.clone(),
        };
        let destination = check_return(call)?;
        let token = self.new_link(call.param(0), purpose, destination, call.now);
        Answer::ok(json!({ "linkToken": token }))
    }

    pub(crate) fn get_bank(&mut self, call: &Call) -> Outcome {
        Answer::ok(self.bank_of(call)?.json())
    }

    pub(crate) fn delete_bank(&mut self, call: &Call) -> Outcome {
        self.bank_of(call)?;
        self.user_of(call)?.banks.retain(|bank| bank.id != call.param(1));
        Answer::no_content()
    }

    pub(crate) fn bank_of(&mut self, call: &Call) -> Result<&mut Bank, Problem> {
        let user = self.user_of(call)?;
        user.banks
            .iter_mut()
            .find(|bank| bank.id == call.param(1))
            .ok_or_else(no_bank)
    }

    /// Applies the verdict of verification, which depends on the persona that signed in at the bank.
    pub(crate) fn bank_verdict(&mut self, user: &str, bank: &str, at: Timestamp) {
        let Some(owner) = self.users.get(user) else { return };
        let Some(found) = owner.banks.iter().find(|found| found.id == bank) else {
            return;
        };
        // Only a bank of a user who passed KYC is verified.
        if owner.kyc != Kyc::Approved || found.verification != Verification::InReview {
            return;
        }
        let verdict = if found.login.persona == Persona::Bad {
            Verification::Declined
        } else {
            Verification::Approved
        };
        self.set_bank(bank, at, |found| {
            found.verification = verdict;
            if verdict == Verification::Approved && found.link == LinkStatus::Inactive {
                found.link = LinkStatus::Active;
            }
        });
    }

    /// Changes the bank with this id, and notifies the webhooks. Returns false if there is no such bank.
    pub(crate) fn set_bank(&mut self, id: &str, now: Timestamp, change: impl FnOnce(&mut Bank)) -> bool {
        let found = self.users.values_mut().find_map(|user| {
            let bank = user.banks.iter_mut().find(|bank| bank.id == id)?;
            Some((user.id.clone(), bank))
        });
        let Some((user, bank)) = found else { return false };
        let before = (bank.link, bank.verification);
        change(bank);
        if before != (bank.link, bank.verification) {
            bank.updated = now;
            let told = bank.json();
            self.announce("BANK_UPDATED", "bank.updated", &user, &told, now);
        }
        true
    }
}
