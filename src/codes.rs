//! Ratio's published error codes that bank operations can return.
//!
//! More codes may be added, and their statuses are not documented: compare [`Error::code`](crate::Error::code).
//!
//! ```
//! use ratio_bank::{Error, codes};
//!
//! fn advice(error: &Error) -> &'static str {
//!     match error.code() {
//!         Some(codes::INSUFFICIENT_BALANCE) => "the bank account holds too little",
//!         Some(codes::EXCEEDS_LIMIT_TRANSACTIONS) => "four orders a day are the most",
//!         _ => "try again later",
//!     }
//! }
//! ```

/// The person has a linked bank already; delete it before linking another.
pub const ALREADY_EXISTS_BANK: &str = "ALREADY_EXISTS_BANK";
/// The bank is not verified yet.
pub const BANK_VERIFICATION_INCOMPLETE: &str = "BANK_VERIFICATION_INCOMPLETE";
/// The amount exceeds the limit for one order.
pub const EXCEEDS_LIMIT_ACH: &str = "EXCEEDS_LIMIT_ACH";
/// The person has made too many purchases within 24 hours.
pub const EXCEEDS_LIMIT_TRANSACTIONS: &str = "EXCEEDS_LIMIT_TRANSACTIONS";
/// The session has expired.
pub const EXPIRED_AUTHORIZATION: &str = "EXPIRED_AUTHORIZATION";
/// The bank account holds too little.
pub const INSUFFICIENT_BALANCE: &str = "INSUFFICIENT_BALANCE";
/// The Android package name is malformed.
pub const INVALID_ANDROID_PACKAGE_NAME: &str = "INVALID_ANDROID_PACKAGE_NAME";
/// The session token is invalid.
pub const INVALID_AUTHORIZATION: &str = "INVALID_AUTHORIZATION";
/// The bank's id is malformed.
pub const INVALID_BANK_ID: &str = "INVALID_BANK_ID";
/// The body is malformed.
pub const INVALID_BODY: &str = "INVALID_BODY";
/// The client id is malformed.
pub const INVALID_CLIENT_ID: &str = "INVALID_CLIENT_ID";
/// The client secret is wrong.
pub const INVALID_CLIENT_SECRET: &str = "INVALID_CLIENT_SECRET";
/// The amount is malformed.
pub const INVALID_FIAT_AMOUNT: &str = "INVALID_FIAT_AMOUNT";
/// The public token is malformed, already used or too old.
pub const INVALID_PUBLIC_TOKEN: &str = "INVALID_PUBLIC_TOKEN";
/// The redirect URI is malformed.
pub const INVALID_REDIRECT_URI: &str = "INVALID_REDIRECT_URI";
/// The type of the order is malformed.
pub const INVALID_TYPE: &str = "INVALID_TYPE";
/// The user's id is malformed.
pub const INVALID_USER_ID: &str = "INVALID_USER_ID";
/// The wallet's id is malformed.
pub const INVALID_WALLET_ID: &str = "INVALID_WALLET_ID";
/// The person has to pass a second factor first.
pub const MFA_REQUIRED: &str = "MFA_REQUIRED";
/// The session token is missing.
pub const MISSING_AUTHORIZATION: &str = "MISSING_AUTHORIZATION";
/// The bank's id is missing.
pub const MISSING_BANK_ID: &str = "MISSING_BANK_ID";
/// The client id is missing.
pub const MISSING_CLIENT_ID: &str = "MISSING_CLIENT_ID";
/// The client secret is missing.
pub const MISSING_CLIENT_SECRET: &str = "MISSING_CLIENT_SECRET";
/// The amount is missing.
pub const MISSING_FIAT_AMOUNT: &str = "MISSING_FIAT_AMOUNT";
/// The public token is missing.
pub const MISSING_PUBLIC_TOKEN: &str = "MISSING_PUBLIC_TOKEN";
/// The type of the order is missing.
pub const MISSING_TYPE: &str = "MISSING_TYPE";
/// The wallet's id is missing.
pub const MISSING_WALLET_ID: &str = "MISSING_WALLET_ID";
/// There is no such bank.
pub const NOT_FOUND_BANK: &str = "NOT_FOUND_BANK";
/// There is no such client.
pub const NOT_FOUND_CLIENT: &str = "NOT_FOUND_CLIENT";
/// There is no such endpoint.
pub const NOT_FOUND_ENDPOINT: &str = "NOT_FOUND_ENDPOINT";
/// There is no such user.
pub const NOT_FOUND_USER: &str = "NOT_FOUND_USER";
/// There is no such wallet.
pub const NOT_FOUND_WALLET: &str = "NOT_FOUND_WALLET";
/// The bank requires the person to log in again.
pub const PLAID_LOGIN_ERROR: &str = "PLAID_LOGIN_ERROR";
/// The coin cannot be bought at the moment.
pub const UNAVAILABLE_CRYPTO_CURRENCY: &str = "UNAVAILABLE_CRYPTO_CURRENCY";
/// The type of the order is not offered.
pub const UNSUPPORTED_ACH_TYPE: &str = "UNSUPPORTED_ACH_TYPE";
/// The Android package name is not registered.
pub const UNSUPPORTED_ANDROID_PACKAGE_NAME: &str = "UNSUPPORTED_ANDROID_PACKAGE_NAME";
/// The bank is not supported.
pub const UNSUPPORTED_BANK: &str = "UNSUPPORTED_BANK";
/// The coin is not offered.
pub const UNSUPPORTED_CRYPTO_CURRENCY: &str = "UNSUPPORTED_CRYPTO_CURRENCY";
/// The redirect URI is not registered.
pub const UNSUPPORTED_REDIRECT_URI: &str = "UNSUPPORTED_REDIRECT_URI";
/// The person is blocked from using Ratio.
pub const USER_BLOCKED: &str = "USER_BLOCKED";
/// The person has not completed identity verification.
pub const USER_KYC_INCOMPLETE: &str = "USER_KYC_INCOMPLETE";
/// The person's risk is not assessed yet.
pub const USER_RISK_INCOMPLETE: &str = "USER_RISK_INCOMPLETE";
/// The person is under review.
pub const USER_UNDER_REVIEW: &str = "USER_UNDER_REVIEW";
