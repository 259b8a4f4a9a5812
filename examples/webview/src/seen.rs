//! What a navigation of the webview means to the app around it.

use ratio_bank::plaid::Navigation;

/// A navigation that is the app's business. The webview itself never follows it.
pub(crate) enum Seen {
    /// Plaid Link tells the app something.
    Plaid(Box<Navigation>),
    /// The bank's own page sends the person back, to this address.
    Returned(String),
}

impl Seen {
    /// `None` for a page that the webview is to open.
    pub(crate) fn read(address: &str, redirect_uri: &str) -> Option<Self> {
        if let Some(navigation) = Navigation::parse(address) {
            return Some(Self::Plaid(Box::new(navigation)));
        }
        let rest = address.strip_prefix(redirect_uri)?;
        // Not `https://app.example/oauth-return-of-somebody-else`.
        rest.starts_with('?').then(|| Self::Returned(address.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plaid_and_the_redirect_uri_are_the_apps_business_and_nothing_else_is() {
        let read = |address| Seen::read(address, "https://app.example/back");
        assert!(matches!(
            read("plaidlink://connected?public_token=public-sandbox-1"),
            Some(Seen::Plaid(navigation)) if matches!(*navigation, Navigation::Connected(_))
        ));
        assert!(matches!(
            read("https://app.example/back?oauth_state_id=1"),
            Some(Seen::Returned(address)) if address == "https://app.example/back?oauth_state_id=1"
        ));
        for others in [
            "https://app.example/backyard?oauth_state_id=1",
            "https://bank.example/",
            "about:blank",
        ] {
            assert!(read(others).is_none(), "{others}");
        }
    }
}
