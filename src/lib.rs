//! Link a user's bank to Ratio through Plaid.
