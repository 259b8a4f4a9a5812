//! Users and what is known about who they are.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::banks::Bank;
use super::wallets::Wallet;
use super::{Answer, Call, Outcome, World, full};
use crate::bounded_map::MOST;
use crate::clock::told;
use crate::problem::Problem;

/// How far the check of a user's identity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Kyc {
    /// Nothing was handed in yet.
    NotStarted,
    /// Handed in, being looked at.
    InReview,
    /// Passed: this user's bank can be verified, and they may buy.
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
    pub(crate) profile: Profile,
    pub(crate) kyc: Kyc,
    pub(crate) banks: Vec<Bank>,
    pub(crate) wallets: Vec<Wallet>,
    pub(crate) flags: Vec<String>,
}

/// What a person says of themselves.
#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) first_name: String,
    pub(crate) middle_name: Option<String>,
    pub(crate) last_name: String,
    pub(crate) email: String,
    pub(crate) country: String,
    pub(crate) phone: String,
    pub(crate) nationality: Option<String>,
    pub(crate) occupation: Option<String>,
}

impl Profile {
    /// Someone who does not exist, with a telephone number reserved for fiction.
    pub(crate) fn fictional() -> Self {
        Self {
            first_name: "Ada".to_owned(),
            middle_name: None,
            last_name: "Example".to_owned(),
            email: "ada@example.com".to_owned(),
            country: "US".to_owned(),
            phone: "+12025550123".to_owned(),
            nationality: Some("US".to_owned()),
            occupation: Some("Engineer".to_owned()),
        }
    }
}

impl User {
    pub(crate) fn new(id: String, profile: Profile, kyc: Kyc, now: Timestamp) -> Self {
        Self {
            id,
            created: now,
            updated: now,
            profile,
            kyc,
            banks: vec![],
            wallets: vec![],
            flags: vec![],
        }
    }

    pub(crate) fn json(&self) -> Value {
        let profile = &self.profile;
        let status = self.kyc.as_str();
        let mut user = json!({
            "id": self.id,
            "createTime": told(self.created),
            "updateTime": told(self.updated),
            "firstName": profile.first_name,
            "lastName": profile.last_name,
            "email": profile.email,
            "country": profile.country,
            "phone": profile.phone,
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
        // By the letter of the later document no list is valid here; an absent one is.
        if !self.flags.is_empty() {
            user["flags"] = json!(self.flags);
        }
        let optional = [
            ("middleName", &profile.middle_name),
            ("nationality", &profile.nationality),
            ("occupation", &profile.occupation),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                user[name] = json!(value);
            }
        }
        user
    }

    pub(crate) fn mask(&self) -> Value {
        json!({
            "id": self.id,
            "createTime": told(self.created),
            "updateTime": told(self.updated),
            "phoneMask": phone_mask(&self.profile.phone),
            "preferredMfaMethod": "OTP_SMS",
        })
    }
}

/// The last four digits behind stars.
pub(crate) fn phone_mask(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    format!(
        "***{}",
        digits[digits.len().saturating_sub(4)..]
            .iter()
            .collect::<String>()
    )
}

impl World {
    pub(crate) fn get_user(&mut self, call: &Call) -> Outcome {
        Answer::ok(self.user_of(call)?.json())
    }

    pub(crate) fn create_user(&mut self, call: &Call) -> Outcome {
        let signed_in = call.signed_in.clone().unwrap_or_default();
        if self.users.contains_key(&signed_in) {
            return Err(Problem::new(
                409,
                "ALREADY_EXISTS_USER",
                "this session already has a user",
            ));
        }
        if self.users.len() >= MOST {
            return Err(full("users"));
        }
        let terms = call.body.get("acceptedTerms");
        if terms.is_some_and(|terms| terms != "true" && terms != true) {
            return Err(Problem::new(
                400,
                "INVALID_ACCEPTED_TERMS",
                "acceptedTerms must be \"true\"",
            ));
        }
        let profile = Profile {
            first_name: call.needed("firstName")?,
            middle_name: call.text("middleName"),
            last_name: call.needed("lastName")?,
            email: call.needed("email")?,
            country: call.needed("country")?,
            phone: call.needed("phone")?,
            nationality: None,
            occupation: None,
        };
        let id = self.random.uuid();
        let user = User::new(id.clone(), profile, Kyc::NotStarted, call.now);
        let told = user.json();
        self.users.insert(id.clone(), user);
        self.sessions.hand_over(&signed_in, &id);
        self.logins.hand_over(&signed_in, &id);
        Answer::created(told)
    }

    pub(crate) fn submit_kyc(&mut self, call: &Call) -> Outcome {
        let now = call.now;
        let user = self.user_of(call)?;
        if user.kyc != Kyc::NotStarted {
            return Err(Problem::new(
                409,
                "ALREADY_EXISTS_KYC",
                "the check of this user has been submitted before",
            ));
        }
        user.profile.nationality = call.text("nationality");
        user.profile.occupation = call.text("occupation");
        // There is no one to review it here, so it passes at once.
        user.kyc = Kyc::Approved;
        user.updated = now;
        let (id, told) = (user.id.clone(), user.json());
        self.kyc_decided(&id, now);
        Answer::ok(told)
    }

    /// What follows from a change of a user's KYC state: banks that waited for it get their verdict.
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

    pub(crate) fn request_idv(&mut self, call: &Call) -> Outcome {
        let base = call.base.clone();
        let user = self.user_of(call)?;
        if user.kyc == Kyc::NotStarted {
            return Err(Problem::new(
                422,
                "USER_KYC_INCOMPLETE",
                "submit the user's KYC first",
            ));
        }
        Answer::ok(json!({"status": user.kyc.as_str(), "url": format!("{base}/idv/{}", user.id)}))
    }
}
