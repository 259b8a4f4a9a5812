//! Where the money is: every transfer books entries that sum to zero.

use crate::money::Cents;

/// One side of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The transfer that caused it.
    pub transfer: String,
    /// Whose money it is.
    pub account: Account,
    /// What came in; negative when it went out.
    pub amount: Cents,
}

/// Who holds money in the stand-in's books.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Account {
    /// A user's bank account, by the bank's id.
    Bank(String),
    /// A user's wallet, by its id, in dollars' worth.
    Wallet(String),
    /// What was drawn and is not delivered yet.
    Clearing,
    /// What Ratio and the chain keep.
    Fees,
    /// What was delivered and never paid.
    Losses,
}

/// The stand-in's books at one moment: for tests that count money.
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
    /// The purchases the stand-in accepted, oldest first. A refused one is not among them.
    pub fn transfers(&self) -> &[super::ach::Transfer] {
        &self.transfers
    }

    /// All bookings, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What an account holds: all that came in, less all that went out.
    pub fn balance(&self, account: &Account) -> Cents {
        self.entries
            .iter()
            .filter(|entry| entry.account == *account)
            .map(|entry| entry.amount)
            .sum()
    }

    /// Whether every transfer's bookings sum to zero: money neither appears nor vanishes.
    pub fn is_balanced(&self) -> bool {
        let mut sums = std::collections::HashMap::<&str, Cents>::new();
        for entry in &self.entries {
            let sum = sums.entry(&entry.transfer).or_default();
            *sum = *sum + entry.amount;
        }
        sums.values().all(|sum| *sum == Cents::default())
    }
}
