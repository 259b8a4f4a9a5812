//! Link tokens and public tokens: the beginning and the end of a visit to Plaid Link.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::banks::LinkStatus;
use super::{Call, World};
use crate::clock::later;
use crate::plaid::{Institution, Persona};
use crate::problem::Problem;

/// Plaid's lifetimes: 4 hours for a new bank, 30 minutes for a repair; 30 minutes for a public token.
const NEW_BANK_LIFE: Duration = Duration::from_hours(4);
const REPAIR_LIFE: Duration = Duration::from_mins(30);
const PUBLIC_TOKEN_LIFE: Duration = Duration::from_mins(30);

/// The purpose of a link token, and the progress of its visit.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) user: String,
    pub(crate) purpose: Purpose,
    pub(crate) expires: Timestamp,
    pub(crate) used: bool,
    /// The id of the visit, the same from opening to success.
    pub(crate) session: String,
    /// The URI to which an OAuth bank returns the person, if the request named one.
    pub(crate) redirect_uri: Option<String>,
    /// The accepted login, once there is one.
    pub(crate) login: Option<Login>,
    /// The login that still needs a code.
    pub(crate) before_code: Option<Login>,
    /// Whether a bank in trouble has already failed once in this visit.
    pub(crate) has_failed: bool,
    /// The visit to an OAuth bank for whose result this link waits.
    pub(crate) oauth: Option<OAuth>,
}

/// A login that a bank accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Login {
    pub(crate) institution: Institution,
    pub(crate) persona: Persona,
}

/// A person's visit to their bank's own page, and their decision there.
#[derive(Clone)]
pub(crate) struct OAuth {
    pub(crate) state_id: String,
    pub(crate) institution: Institution,
    /// The address to which the bank's page returns, without the state.
    pub(crate) back: String,
    /// Whether `back` is the Link page itself, since no redirect URI is known.
    pub(crate) stays: bool,
    pub(crate) webview: bool,
    /// The page that embeds the Link page, in a browser.
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
    /// Plaid calls this update mode: the same access with a new login.
    Repair {
        bank: String,
    },
}

/// The rights of a public token until it is used.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) user: String,
    pub(crate) login: Login,
    pub(crate) account_name: String,
    pub(crate) account_mask: String,
    expires: Timestamp,
    spent: bool,
    /// Whether it can activate a bank. False after a repair, since the bank keeps its access.
    activates: bool,
}

/// A visit to Plaid Link that succeeded.
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

/// The reason why a link token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkRefusal {
    /// This sandbox did not issue the token.
    Unknown,
    /// The token has expired: after 4 hours for a new bank, 30 minutes for a repair.
    Expired,
    /// A visit with the token has already succeeded.
    Used,
    /// The bank to repair no longer exists.
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

/// Reads the address to which the person returns. The vendor's documentation does not allow both kinds at once.
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

    /// The visit of a link token.
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

    /// Completes a visit: a new bank gets its public token, and a broken one works again.
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

    /// Uses up a public token. It works once, for its own user, within half an hour.
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
