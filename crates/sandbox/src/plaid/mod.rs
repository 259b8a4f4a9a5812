//! A stand-in for Plaid Link: the persona that signs in, the bank, and the outcome.

mod driver;
pub(crate) mod link_api;
mod page;

pub(crate) use page::router;

pub use driver::Plaid;
use serde::Deserialize;

/// The person who signs in at the bank, as in the vendor's test logins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Persona {
    /// `custom_ratio_good` / `pass_good`: the bank becomes ACTIVE and APPROVED.
    #[default]
    Good,
    /// `custom_ratio_bad` / `pass_bad`: verification ends as DECLINED.
    Bad,
}

impl Persona {
    /// Every persona.
    pub const ALL: [Self; 2] = [Self::Good, Self::Bad];

    /// The username at the bank.
    pub fn username(self) -> &'static str {
        match self {
            Self::Good => "custom_ratio_good",
            Self::Bad => "custom_ratio_bad",
        }
    }

    /// The password at the bank.
    pub fn password(self) -> &'static str {
        match self {
            Self::Good => "pass_good",
            Self::Bad => "pass_bad",
        }
    }

    /// The outcome of the login, for the page's list of test logins.
    pub(crate) fn outcome(self) -> &'static str {
        match self {
            Self::Good => "becomes active and approved",
            Self::Bad => "is declined by verification",
        }
    }
}

/// The password with which the bank asks any persona for a code, and the code. Both are those of Plaid's own sandbox.
const CODE_PASSWORD: &str = "mfa_device";
pub(crate) const CODE: &str = "1234";

/// A login at a bank that asks for it inside Plaid Link.
pub(crate) struct TestLogin {
    pub(crate) persona: Persona,
    pub(crate) password: &'static str,
    pub(crate) outcome: &'static str,
}

impl TestLogin {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let plain = Persona::ALL.into_iter().map(|persona| Self {
            persona,
            password: persona.password(),
            outcome: persona.outcome(),
        });
        plain.chain([Self {
            persona: Persona::Good,
            password: CODE_PASSWORD,
            outcome: "is asked for a code, which is 1234",
        }])
    }

    /// The test login with these credentials; `None` if they are wrong.
    pub(crate) fn of(username: &str, password: &str) -> Option<Self> {
        Self::all().find(|one| one.persona.username() == username && one.password == password)
    }

    /// Whether the bank asks for a code after it.
    pub(crate) fn asks_for_code(&self) -> bool {
        self.password == CODE_PASSWORD
    }
}

/// A bank that the stand-in offers, with the name of one of the vendor's test banks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Institution {
    /// Asks for name and password inside Plaid Link.
    #[default]
    Tartan,
    /// Sends the person to its own page, which returns to the redirect URI.
    PlatypusOAuth,
    /// Simulates trouble: the first login in a visit fails, and the next one works.
    Degraded,
    /// Refuses every login.
    Down,
}

impl Institution {
    /// Every bank, in the order in which the banks are offered.
    pub const ALL: [Self; 4] = [Self::Tartan, Self::PlatypusOAuth, Self::Degraded, Self::Down];

    /// The institution's id.
    pub fn id(self) -> &'static str {
        match self {
            Self::Tartan => "ins_109511",
            Self::PlatypusOAuth => "ins_127287",
            Self::Degraded => "ins_132363",
            Self::Down => "ins_132361",
        }
    }

    /// The institution's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tartan => "Tartan Bank",
            Self::PlatypusOAuth => "Platypus OAuth Bank",
            Self::Degraded => "Unhealthy Platypus Bank - Degraded",
            Self::Down => "Unhealthy Platypus Bank - Down",
        }
    }

    /// The institution with this id.
    pub(crate) fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.id() == id)
    }

    /// The kind of the institution, for the page.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Tartan => "password",
            Self::PlatypusOAuth => "oauth",
            Self::Degraded => "degraded",
            Self::Down => "down",
        }
    }

    pub(crate) fn note(self) -> &'static str {
        match self {
            Self::Tartan => "Name and password",
            Self::PlatypusOAuth => "Signs you in on a page of its own",
            Self::Degraded => "Has trouble today",
            Self::Down => "Lets nobody in today",
        }
    }
}

/// Name, mask and subtype of the account at an index behind a login. An index out of range selects the first account.
pub(crate) fn account(at: usize) -> (&'static str, &'static str, &'static str) {
    const ACCOUNTS: [(&str, &str, &str); 2] = [
        ("Everyday Checking", "0000", "checking"),
        ("Rainy Day Savings", "1111", "savings"),
    ];
    ACCOUNTS.get(at).copied().unwrap_or(ACCOUNTS[0])
}
