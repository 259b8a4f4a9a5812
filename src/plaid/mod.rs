//! Plaid Link from an app's point of view: the page that it opens, and the results that come back.
//!
//! A webview opens [`webview_url`] and passes every address that it navigates to through [`Navigation::parse`]:
//!
//! ```
//! use ratio_bank::plaid::Navigation;
//!
//! let navigation = Navigation::parse("plaidlink://connected?public_token=public-sandbox-1&institution_id=ins_1");
//! let Some(Navigation::Connected(success)) = navigation else { panic!("Link has connected a bank") };
//! assert!(success.public_token.is_some());
//!
//! // Anything else is the webview's own business.
//! assert!(Navigation::parse("https://example.com/").is_none());
//! ```
//!
//! An app with a Plaid SDK (React Native, iOS, Android, web) sends the JSON of the SDK to its backend. The JSON can be
//! read as the same types: [`LinkSuccess`], [`LinkExit`] and [`LinkEvent`].
//!
//! ```
//! use ratio_bank::{PublicToken, plaid::LinkSuccess};
//!
//! let from_react_native = r#"{"publicToken": "public-sandbox-1", "metadata": {"linkSessionId": "s", "accounts": []}}"#;
//! let success: LinkSuccess = serde_json::from_str(from_react_native)?;
//! let token: PublicToken = success.try_into()?;   // or hand `success` to `Session::activate_bank_link`
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Sources: Plaid's documentation of Link in webviews, of OAuth and of update mode, and the public SDKs. All enums are
//! open. Values that identify a person, an account or a session are never printed.

mod fields;
mod navigation;
mod payload;
mod values;
mod webview;

pub use navigation::{Navigation, OtherNavigation};
pub use payload::{Account, Institution, LinkError, LinkEvent, LinkExit, LinkSuccess, MissingPublicToken};
pub use values::{
    AccountType, ErrorCode, ErrorType, EventName, ExitStatus, TransferStatus, VerificationStatus, ViewName,
};
pub use webview::{InvalidRedirect, WEBVIEW_PAGE, WebviewUrl, resume_url, webview_url};
