//! Link tokens and public tokens: the two ends of a visit to Plaid Link.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::banks::LinkStatus;
use super::{Call, World};
use crate::clock::later;
use crate::plaid::{Institution, Persona};
use crate::problem::Problem;

/// Plaid's figures: 4 hours for a new bank, 30 minutes for a repair; 30 minutes for a public token.
const NEW_BANK_LIFE: Duration = Duration::from_hours(4);
const REPAIR_LIFE: Duration = Duration::from_mins(30);
const PUBLIC_TOKEN_LIFE: Duration = Duration::from_mins(30);

/// What a link token was asked for, and how far its visit is.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) user: String,
    pub(crate) purpose: Purpose,
    pub(crate) expires: Timestamp,
    pub(crate) used: bool,
    /// Names the visit, the same from opening to success.
    pub(crate) session: String,
    /// Where an OAuth bank sends the person back to, if that was said.
    pub(crate) redirect_uri: Option<String>,
    /// Who has signed in where, once someone has.
    pub(crate) login: Option<Login>,
    /// Who has to tell a code before they have.
    pub(crate) before_code: Option<Login>,
    /// Whether a bank in trouble has failed this visit once already.
    pub(crate) has_failed: bool,
    /// The visit to an OAuth bank that this link is waiting to hear from.
    pub(crate) oauth: Option<OAuth>,
}

/// A login that a bank accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Login {
    pub(crate) institution: Institution,
    pub(crate) persona: Persona,
}

/// A person sent to their bank's own page, and what they decided there.
#[derive(Clone)]
pub(crate) struct OAuth {
    pub(crate) state_id: String,
    pub(crate) institution: Institution,
    /// Where the bank's page sends them back to, without the state.
    pub(crate) back: String,
    /// Whether `back` is the Link page itself: no redirect URI is known.
    pub(crate) stays: bool,
    pub(crate) webview: bool,
    /// The page around the Link page, in a browser.
    pub(crate) host: Option<String>,
    pub(crate) decision: Option<Decision>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed(Persona),
    Denied,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    NewBank,
    /// Plaid calls it update mode: same access, new login.
    Repair {
        bank: String,
    },
}

/// What a public token stands for until it is spent.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) user: String,
    pub(crate) login: Login,
    pub(crate) account_name: String,
    pub(crate) account_mask: String,
    expires: Timestamp,
    spent: bool,
    /// False after a repair: the bank keeps its access, so there is nothing to activate.
    activates: bool,
}

/// A visit to Plaid Link that ended well.
pub(crate) struct Connected {
    pub(crate) public_token: String,
    pub(crate) account: Account,
}

pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) mask: String,
    pub(crate) subtype: &'static str,
}

/// Why a link token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkRefusal {
    /// Nobody gave out this token here.
    Unknown,
    /// It has run out: 4 hours for a new bank, 30 minutes for a repair.
    Expired,
    /// A visit with it has ended well already.
    Used,
    /// The bank it was to repair is gone.
    BankGone,
}

impl std::fmt::Display for LinkRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unknown => "this sandbox gave out no such link token",
            Self::Expired => "the link token has expired; request a new one",
            Self::Used => "the link token has been used; request a new one",
            Self::BankGone => "the bank that this link token repairs has been deleted",
        })
    }
}

impl std::error::Error for LinkRefusal {}

/// Reads where the person is to return to. Both at once is a mistake by the vendor's prose.
pub(crate) fn check_return(call: &Call) -> Result<Option<String>, Problem> {
    let uri = call.text("redirectUri");
    let package = call.text("androidPackageName");
    if uri.is_some() && package.is_some() {
        return Err(Problem::new(
            400,
            "INVALID_BODY",
            "send redirectUri or androidPackageName, not both",
        ));
    }
    if let Some(package) = package
        && (!package.contains('.')
            || !package
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._".contains(c)))
    {
        return Err(Problem::new(
            400,
            "INVALID_ANDROID_PACKAGE_NAME",
            "androidPackageName is no package name",
        ));
    }
    if let Some(uri) = &uri {
        let invalid = |why: &str| Problem::new(400, "INVALID_REDIRECT_URI", format!("redirectUri {why}"));
        let url = Url::parse(uri).map_err(|_| invalid("is no URI"))?;
        let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
            return Err(invalid("must be https"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("must not have a query or a fragment"));
        }
    }
    Ok(uri)
}

impl World {
    pub(crate) fn new_link(
        &mut self,
        user: &str,
        purpose: Purpose,
        back: Option<String>,
        now: Timestamp,
    ) -> String {
        let token = format!("link-sandbox-{}", self.random.uuid());
        let life = if purpose == Purpose::NewBank {
            NEW_BANK_LIFE
        } else {
            REPAIR_LIFE
        };
        let link = Link {
            user: user.to_owned(),
            purpose,
            expires: later(now, life),
            used: false,
            session: self.random.uuid(),
            redirect_uri: back.or_else(|| self.settings.redirect_uri.clone()),
            login: None,
            before_code: None,
            has_failed: false,
            oauth: None,
        };
        self.links.insert(token.clone(), link);
        token
    }

    /// The visit a link token opens.
    pub(crate) fn link(&mut self, token: &str, now: Timestamp) -> Result<&mut Link, LinkRefusal> {
        let link = self.links.get(token).ok_or(LinkRefusal::Unknown)?;
        if link.used {
            return Err(LinkRefusal::Used);
        }
        if link.expires <= now {
            return Err(LinkRefusal::Expired);
        }
        if let Purpose::Repair { bank } = &link.purpose {
            let there = self
                .users
                .get(&link.user)
                .is_some_and(|user| user.banks.iter().any(|b| b.id == *bank));
            if !there {
                return Err(LinkRefusal::BankGone);
            }
        }
        self.links.get_mut(token).ok_or(LinkRefusal::Unknown)
    }

    /// Ends a visit well: a new bank gets its public token, a broken one works again.
    pub(crate) fn connect(
        &mut self,
        token: &str,
        login: Login,
        account: usize,
        now: Timestamp,
    ) -> Result<Connected, LinkRefusal> {
        let link = self.link(token, now)?;
        link.used = true;
        let (user, purpose) = (link.user.clone(), link.purpose.clone());
        let (name, mask, subtype) = crate::plaid::account(account);
        let account = Account {
            id: self.random.uuid(),
            name: name.to_owned(),
            mask: mask.to_owned(),
            subtype,
        };
        let public_token = format!("public-sandbox-{}", self.random.uuid());
        let grant = Grant {
            user,
            login,
            account_name: account.name.clone(),
            account_mask: account.mask.clone(),
            expires: later(now, PUBLIC_TOKEN_LIFE),
            spent: false,
            activates: purpose == Purpose::NewBank,
        };
        self.public_tokens.insert(public_token.clone(), grant);
        if let Purpose::Repair { bank } = purpose {
            self.set_bank(&bank, now, |bank| bank.link = LinkStatus::Active);
        }
        Ok(Connected {
            public_token,
            account,
        })
    }

    /// Uses up a public token: it works once, for its own user, within half an hour.
    pub(crate) fn spend_public_token(
        &mut self,
        token: &str,
        user: &str,
        now: Timestamp,
    ) -> Result<Grant, Problem> {
        let refuse = |why: &str| {
            Err(Problem::new(
                400,
                "INVALID_PUBLIC_TOKEN",
                format!("the public token {why}"),
            ))
        };
        match self.public_tokens.get_mut(token) {
            Some(grant) if grant.user != user => refuse("is unknown"),
            None => refuse("is unknown"),
            Some(grant) if !grant.activates => refuse("comes from a repair, which needs no activation"),
            Some(grant) if grant.spent => refuse("has been used"),
            Some(grant) if grant.expires <= now => refuse("has expired"),
            Some(grant) => {
                grant.spent = true;
                Ok(grant.clone())
            }
        }
    }
}
