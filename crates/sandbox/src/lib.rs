//! A stand-in for Ratio's staging environment and for Plaid Link.
