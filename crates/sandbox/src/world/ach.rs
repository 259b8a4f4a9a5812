//! Purchases: money drawn from a bank by ACH, and crypto delivered to a wallet.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::banks::{LinkStatus, Verification};
use super::ledger::{Account, Entry};
use super::prices::{NETWORK_FEE, RATIO_FEE, bought, price};
use super::users::Kyc;
use super::{Answer, Call, Due, Outcome, World};
use crate::clock::{later, told};
use crate::money::Cents;
use crate::problem::Problem;

/// Limits of the vendor: a test payment above the first amount fails, and one of exactly the second is refused as
/// risky. The vendor does not specify the outcome of exactly 50 dollars; here it succeeds.
const SUCCEEDS_UP_TO: Cents = Cents::new(5_000);
const RISKY: Cents = Cents::new(12_345);
const TRANSACTIONS_A_DAY: usize = 4;
const INSTANT_LIMIT: Cents = Cents::new(300_000);
const STANDARD_LIMIT: Cents = Cents::new(500_000);
const DAY: Duration = Duration::from_hours(24);

/// The speed at which a purchase settles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferKind {
    /// The crypto is delivered when the money has arrived.
    Standard,
    /// The crypto is delivered at once, on credit.
    Instant,
}

/// The progress of one side of a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferStatus {
    /// On its way.
    Pending,
    /// Arrived.
    Completed,
    /// Will not arrive.
    Failed,
}

impl TransferStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}

/// A purchase that the stand-in accepted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Transfer {
    /// The activity item's id.
    pub id: String,
    /// The buyer.
    pub user: String,
    /// The bank that pays.
    pub bank: String,
    /// The wallet that receives the crypto.
    pub wallet: String,
    /// The amount, fees included.
    pub amount: Cents,
    /// The currency that was bought.
    pub currency: String,
    /// The speed.
    pub kind: TransferKind,
    /// The progress of the money.
    pub fiat: TransferStatus,
    /// The progress of the crypto.
    pub crypto: TransferStatus,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    hash: String,
    bank_told: Value,
    wallet_told: Value,
}

impl Transfer {
    pub(crate) fn json(&self) -> Value {
        let net = self.amount + -RATIO_FEE + -NETWORK_FEE;
        let price = price(&self.currency);
        let mut crypto = json!({
            "status": self.crypto.as_str(),
            "currency": self.currency,
            "wallet": self.wallet_told,
            "direction": "CREDIT",
            "amount": bought(net, price),
            "price": price.to_string(),
            // The older document has one fee, the later one has two.
            "fee": (RATIO_FEE + NETWORK_FEE).to_string(),
            "ratioFee": RATIO_FEE.to_string(),
            "networkFee": NETWORK_FEE.to_string(),
        });
        if self.crypto == TransferStatus::Completed {
            crypto["transactionHash"] = json!(self.hash);
        }
        json!({
            "id": self.id,
            "createTime": told(self.created),
            "updateTime": told(self.updated),
            "fiat": {
                "status": self.fiat.as_str(),
                "currency": "USD",
                "amount": self.amount.to_string(),
                "direction": "DEBIT",
                "fundingMethod": match self.kind {
                    TransferKind::Standard => "ACH_ORIGINATED_STANDARD",
                    TransferKind::Instant => "ACH_ORIGINATED_INSTANT",
                },
                "bankAccount": self.bank_told,
            },
            "crypto": crypto,
            "metadata": {},
        })
    }
}

impl World {
    pub(crate) fn initiate_ach(&mut self, call: &Call) -> Outcome {
        let (id, hash) = (self.random.uuid(), format!("0x{}", self.random.hex(32)));
        let currency = call.needed("cryptoCurrency")?;
        let amount = call.needed("fiatAmount")?.parse::<Cents>();
        let amount = amount
            .ok()
            .filter(|amount| *amount > RATIO_FEE + NETWORK_FEE)
            .ok_or_else(|| {
                let message = format!(
                    "fiatAmount must be dollars like 49.50, more than the fees of {}",
                    RATIO_FEE + NETWORK_FEE
                );
                Problem::new(400, "INVALID_FIAT_AMOUNT", message)
            })?;
        let kind = match call.needed("type")?.as_str() {
            "STANDARD" => TransferKind::Standard,
            "INSTANT" => TransferKind::Instant,
            _ => {
                return Err(Problem::new(
                    400,
                    "UNSUPPORTED_ACH_TYPE",
                    "type must be STANDARD or INSTANT",
                ));
            }
        };
        let wallet_id = call.needed("walletId")?;
        let user = self.user_of(call)?;
        let (user_id, kyc) = (user.id.clone(), user.kyc);
        let wallet_told = user
            .wallets
            .iter()
            .find(|wallet| wallet.id == wallet_id)
            .map(super::wallets::Wallet::json);
        let bank = self.bank_of(call)?;
        let (link, verification, bank_told) = (bank.link, bank.verification, bank.json());
        let wallet_told = wallet_told
            .ok_or_else(|| Problem::new(404, "NOT_FOUND_WALLET", "this user has no such wallet"))?;
        if kyc != Kyc::Approved {
            return Err(Problem::new(
                422,
                "USER_KYC_INCOMPLETE",
                "the user has not passed KYC",
            ));
        }
        if link == LinkStatus::LoginRequired {
            let message = "the bank asks for a new login; request a relink and repair it in Plaid Link";
            return Err(Problem::new(422, "PLAID_LOGIN_ERROR", message));
        }
        if link != LinkStatus::Active || verification != Verification::Approved {
            return Err(Problem::new(
                422,
                "BANK_VERIFICATION_INCOMPLETE",
                "the bank is not ACTIVE and APPROVED",
            ));
        }
        self.check_limits(&user_id, kind, amount, call.now)?;

        let mut transfer = Transfer {
            id,
            user: user_id,
            bank: call.param(1).to_owned(),
            wallet: wallet_id,
            amount,
            currency,
            kind,
            fiat: TransferStatus::Pending,
            crypto: TransferStatus::Pending,
            created: call.now,
            updated: call.now,
            hash,
            bank_told,
            wallet_told,
        };
        if amount == RISKY {
            // The request was accepted, but the payment is refused before any money moves.
            transfer.fiat = TransferStatus::Failed;
            transfer.crypto = TransferStatus::Failed;
        } else {
            self.book(
                &transfer,
                &[
                    (Account::Bank(transfer.bank.clone()), -amount),
                    (Account::Clearing, amount),
                ],
            );
            let delay = self.settings.settlement_delay;
            self.schedule(
                call.now,
                delay,
                Due::Settlement {
                    transfer: transfer.id.clone(),
                },
            );
        }
        let told = transfer.json();
        self.transfers.push(transfer);
        Answer::accepted(json!({ "activityItem": told }))
    }

    /// Checks the limits of a rolling day over the accepted purchases of a user: their number, and the sum of each
    /// kind.
    fn check_limits(
        &self,
        user: &str,
        kind: TransferKind,
        amount: Cents,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let recent = || {
            self.transfers
                .iter()
                .filter(|t| t.user == user && later(t.created, DAY) > now)
        };
        if recent().count() >= TRANSACTIONS_A_DAY {
            let message = format!("no more than {TRANSACTIONS_A_DAY} transactions in 24 hours");
            return Err(Problem::new(422, "EXCEEDS_LIMIT_TRANSACTIONS", message));
        }
        let limit = match kind {
            TransferKind::Standard => STANDARD_LIMIT,
            TransferKind::Instant => INSTANT_LIMIT,
        };
        let sum: Cents = recent().filter(|t| t.kind == kind).map(|t| t.amount).sum();
        if sum + amount > limit {
            return Err(Problem::new(
                422,
                "EXCEEDS_LIMIT_ACH",
                format!("no more than {limit} dollars of this type in 24 hours"),
            ));
        }
        Ok(())
    }

    /// Settles a purchase with the outcome that its amount determines.
    pub(crate) fn settle_transfer(&mut self, id: &str, at: Timestamp) {
        let Some(transfer) = self.transfers.iter_mut().find(|transfer| transfer.id == id) else {
            return;
        };
        let paid = transfer.amount <= SUCCEEDS_UP_TO;
        let delivered = paid || transfer.kind == TransferKind::Instant;
        let status = |good| {
            if good {
                TransferStatus::Completed
            } else {
                TransferStatus::Failed
            }
        };
        transfer.fiat = status(paid);
        transfer.crypto = status(delivered);
        transfer.updated = at;
        let transfer = transfer.clone();
        let (amount, fees) = (transfer.amount, RATIO_FEE + NETWORK_FEE);
        if delivered {
            let wallet = Account::Wallet(transfer.wallet.clone());
            self.book(
                &transfer,
                &[
                    (Account::Clearing, -amount),
                    (wallet, amount + -fees),
                    (Account::Fees, fees),
                ],
            );
        }
        if !paid {
            // The bank takes its money back: out of clearing, or out of losses if the crypto was already delivered.
            let from = if delivered {
                Account::Losses
            } else {
                Account::Clearing
            };
            self.book(
                &transfer,
                &[(Account::Bank(transfer.bank.clone()), amount), (from, -amount)],
            );
        }
        self.announce(
            "ACTIVITY_UPDATED",
            "activity.updated",
            &transfer.user,
            &transfer.json(),
            at,
        );
    }

    fn book(&mut self, transfer: &Transfer, sides: &[(Account, Cents)]) {
        let entry = |(account, amount): &(Account, Cents)| Entry {
            transfer: transfer.id.clone(),
            account: account.clone(),
            amount: *amount,
        };
        self.ledger.extend(sides.iter().map(entry));
    }
}
