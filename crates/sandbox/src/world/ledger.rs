//! The books: the entries of every transfer sum to zero.

use crate::money::Cents;

/// One side of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The transfer that caused it.
    pub transfer: String,
    /// The account that it changes.
    pub account: Account,
    /// The amount that came in; negative if it went out.
    pub amount: Cents,
}

/// A holder of money in the stand-in's books.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Account {
    /// A user's bank account, by the bank's id.
    Bank(String),
    /// A user's wallet, by its id, in dollars' worth.
    Wallet(String),
    /// Money that was drawn and is not delivered yet.
    Clearing,
    /// Fees of Ratio and of the network.
    Fees,
    /// Amounts that were delivered and never paid.
    Losses,
}

/// The stand-in's books at one moment, for tests that check money.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let sandbox = ratio_sandbox::Sandbox::builder().start().await.unwrap();
/// let ledger = sandbox.ledger();
/// assert!(ledger.transfers().is_empty());
/// assert!(ledger.is_balanced());
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Ledger {
    pub(crate) transfers: Vec<super::ach::Transfer>,
    pub(crate) entries: Vec<Entry>,
}

impl Ledger {
    /// The purchases that the stand-in accepted, oldest first. Refused ones are not included.
    pub fn transfers(&self) -> &[super::ach::Transfer] {
        &self.transfers
    }

    /// All bookings, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The balance of an account: all amounts that came in, minus all that went out.
    pub fn balance(&self, account: &Account) -> Cents {
        self.entries
            .iter()
            .filter(|entry| entry.account == *account)
            .map(|entry| entry.amount)
            .sum()
    }

    /// Whether the bookings of every transfer sum to zero, so that no money appears or vanishes.
    pub fn is_balanced(&self) -> bool {
        let mut sums = std::collections::HashMap::<&str, Cents>::new();
        for entry in &self.entries {
            let sum = sums.entry(&entry.transfer).or_default();
            *sum = *sum + entry.amount;
        }
        sums.values().all(|sum| *sum == Cents::default())
    }
}
