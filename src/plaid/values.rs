//! The enums of Plaid Link. All of them are open.
//!
//! The constants are the values on which an integration may depend. The published lists are longer and keep growing.

use crate::open_enum::open_enum;

open_enum! {
    /// The kind of an event in Link. Only the events named here are documented as stable.
    EventName {
        /// The person opened Link.
        OPEN = "OPEN",
        /// The person left without linking.
        EXIT = "EXIT",
        /// Link returned a public token.
        HANDOFF = "HANDOFF",
        /// The person chose a bank.
        SELECT_INSTITUTION = "SELECT_INSTITUTION",
        /// An error occurred; Link may continue.
        ERROR = "ERROR",
        /// Another screen is shown.
        TRANSITION_VIEW = "TRANSITION_VIEW",
        /// The person submitted the bank's credentials.
        SUBMIT_CREDENTIALS = "SUBMIT_CREDENTIALS",
        /// The bank's own login page opens.
        OPEN_OAUTH = "OPEN_OAUTH",
        /// The bank's own login page was closed.
        CLOSE_OAUTH = "CLOSE_OAUTH",
        /// The bank's own login failed.
        FAIL_OAUTH = "FAIL_OAUTH",
    }
}

open_enum! {
    /// The screen of Link that is shown.
    ViewName {
        /// Consent to share data with the app.
        CONSENT = "CONSENT",
        /// The choice of a bank.
        SELECT_INSTITUTION = "SELECT_INSTITUTION",
        /// The bank's user name and password.
        CREDENTIAL = "CREDENTIAL",
        /// The second factor.
        MFA = "MFA",
        /// The bank's own login page.
        OAUTH = "OAUTH",
        /// The choice of an account.
        SELECT_ACCOUNT = "SELECT_ACCOUNT",
        /// Success.
        CONNECTED = "CONNECTED",
        /// Something failed.
        ERROR = "ERROR",
        /// The confirmation to leave.
        EXIT = "EXIT",
        /// The loading screen.
        LOADING = "LOADING",
    }
}

open_enum! {
    /// The step at which the person left.
    ExitStatus {
        /// Security questions were open.
        REQUIRES_QUESTIONS = "requires_questions",
        /// A choice for the second factor was open.
        REQUIRES_SELECTIONS = "requires_selections",
        /// A code was requested.
        REQUIRES_CODE = "requires_code",
        /// A device had to be chosen.
        CHOOSE_DEVICE = "choose_device",
        /// Credentials were requested.
        REQUIRES_CREDENTIALS = "requires_credentials",
        /// An account had to be chosen.
        REQUIRES_ACCOUNT_SELECTION = "requires_account_selection",
        /// The bank's own login page was open.
        REQUIRES_OAUTH = "requires_oauth",
        /// The bank was not found.
        INSTITUTION_NOT_FOUND = "institution_not_found",
        /// The bank is not supported.
        INSTITUTION_NOT_SUPPORTED = "institution_not_supported",
    }
}

open_enum! {
    /// The category of an error that Link reports.
    ErrorType {
        /// The linked bank requires an action.
        ITEM_ERROR = "ITEM_ERROR",
        /// The bank has a problem.
        INSTITUTION_ERROR = "INSTITUTION_ERROR",
        /// The link token or an argument is invalid.
        INVALID_INPUT = "INVALID_INPUT",
        /// The request is malformed.
        INVALID_REQUEST = "INVALID_REQUEST",
        /// Plaid has a problem.
        API_ERROR = "API_ERROR",
        /// Too many calls.
        RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED",
        /// The bank's own login failed.
        OAUTH_ERROR = "OAUTH_ERROR",
    }
}

open_enum! {
    /// The code of an error that Link reports.
    ErrorCode {
        /// The bank did not accept the user name or password.
        INVALID_CREDENTIALS = "INVALID_CREDENTIALS",
        /// The bank did not accept the second factor.
        INVALID_MFA = "INVALID_MFA",
        /// The bank locked the login.
        ITEM_LOCKED = "ITEM_LOCKED",
        /// The bank requires the person to log in again.
        ITEM_LOGIN_REQUIRED = "ITEM_LOGIN_REQUIRED",
        /// The link token is expired or used: request a new one from Ratio.
        INVALID_LINK_TOKEN = "INVALID_LINK_TOKEN",
        /// An argument of Link is wrong, most often a redirect URI.
        INVALID_FIELD = "INVALID_FIELD",
        /// The bank cannot be reached at the moment.
        INSTITUTION_DOWN = "INSTITUTION_DOWN",
        /// The bank does not respond at the moment.
        INSTITUTION_NOT_RESPONDING = "INSTITUTION_NOT_RESPONDING",
        /// The bank has no account that can be used.
        NO_ACCOUNTS = "NO_ACCOUNTS",
        /// Plaid failed.
        INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR",
    }
}

open_enum! {
    /// The category of an account.
    AccountType {
        /// Checking, savings and similar accounts.
        DEPOSITORY = "depository",
        /// Credit cards.
        CREDIT = "credit",
        /// A loan.
        LOAN = "loan",
        /// Brokerage and retirement accounts.
        INVESTMENT = "investment",
        /// Any other category.
        OTHER = "other",
    }
}

open_enum! {
    /// The progress of the proof of an account's ownership, if it is proved by small deposits.
    VerificationStatus {
        /// The deposits are on their way and will be read automatically.
        PENDING_AUTOMATIC_VERIFICATION = "pending_automatic_verification",
        /// The person has to enter the amounts that arrived.
        PENDING_MANUAL_VERIFICATION = "pending_manual_verification",
        /// The person entered the amounts that arrived.
        MANUALLY_VERIFIED = "manually_verified",
    }
}

open_enum! {
    /// The state of a transfer that was part of Link.
    TransferStatus {
        /// The transfer is complete.
        COMPLETE = "COMPLETE",
        /// The transfer is not complete.
        INCOMPLETE = "INCOMPLETE",
    }
}
