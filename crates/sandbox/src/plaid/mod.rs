//! A stand-in for Plaid Link: who signs in, at which bank, and what comes of it.

mod driver;
pub(crate) mod link_api;
mod page;

pub(crate) use page::router;

pub use driver::Plaid;
use serde::Deserialize;

/// Who signs in at the bank, after the vendor's test logins.
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

    /// The name to type at the bank.
    pub fn username(self) -> &'static str {
        match self {
            Self::Good => "custom_ratio_good",
            Self::Bad => "custom_ratio_bad",
        }
    }

    /// The password to type at the bank.
    pub fn password(self) -> &'static str {
        match self {
            Self::Good => "pass_good",
            Self::Bad => "pass_bad",
        }
    }

    /// What comes of it, for the page's list of test logins.
    pub(crate) fn outcome(self) -> &'static str {
        match self {
            Self::Good => "becomes active and approved",
            Self::Bad => "is declined by verification",
        }
    }
}

/// The password, of any persona, with which the bank asks for a code; and the code. Both are those of Plaid's own sandbox.
const CODE_PASSWORD: &str = "mfa_device";
pub(crate) const CODE: &str = "1234";

/// What may be typed at a bank that asks inside Plaid Link.
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

    /// The login that this is; `None` for a wrong one.
    pub(crate) fn of(username: &str, password: &str) -> Option<Self> {
        Self::all().find(|one| one.persona.username() == username && one.password == password)
    }

    /// Whether the bank asks for a code after it.
    pub(crate) fn asks_for_code(&self) -> bool {
        self.password == CODE_PASSWORD
    }
}

/// A bank that the stand-in offers, named as the vendor's test banks are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Institution {
    /// Asks for name and password inside Plaid Link.
    #[default]
    Tartan,
    /// Sends the person to a page of its own, which sends them back to the redirect URI.
    PlatypusOAuth,
    /// Warns of trouble: the first login in a visit fails, the next one works.
    Degraded,
    /// Lets nobody in.
    Down,
}

impl Institution {
    /// Every bank, in the order they are offered.
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

    /// The institution of an id.
    pub(crate) fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.id() == id)
    }

    /// How the page treats it.
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

/// Name, mask and subtype of the accounts behind a login. Beyond the last it is the first.
pub(crate) fn account(at: usize) -> (&'static str, &'static str, &'static str) {
    const ACCOUNTS: [(&str, &str, &str); 2] = [
        ("Everyday Checking", "0000", "checking"),
        ("Rainy Day Savings", "1111", "savings"),
    ];
    ACCOUNTS.get(at).copied().unwrap_or(ACCOUNTS[0])
}
