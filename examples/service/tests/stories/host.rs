//! The app around a webview: it watches where Plaid Link wants to go, reads what is meant for it, and
//! tells the service.

use ratio_bank::plaid::Navigation;
use serde_json::{Value, json};

use crate::chromium::Tab;
use crate::stage::App;

/// What a run through Plaid Link came to.
pub(crate) struct Outcome {
    /// The events on the way, by name.
    pub(crate) events: Vec<String>,
    /// The last navigation, which ended it.
    pub(crate) last: Navigation,
    /// The address that ended it, to be repeated.
    pub(crate) address: String,
    /// What the service said to it.
    pub(crate) link: Value,
}

/// Feeds each `plaidlink://` navigation to the service until Link is over.
pub(crate) async fn until_over(tab: &mut Tab, app: &App, link_id: &str) -> Outcome {
    let mut events = Vec::new();
    loop {
        let address = tab.next_navigation().await;
        let Some(navigation) = Navigation::parse(&address) else {
            continue;
        };
        let link = app
            .post(
                &format!("/api/links/{link_id}/navigation"),
                json!({ "url": address }),
            )
            .await;
        match navigation {
            Navigation::Event(event) => events.push(event.name.as_str().to_owned()),
            last => {
                return Outcome {
                    events,
                    last,
                    address,
                    link,
                };
            }
        }
    }
}

/// Waits until the bank's own page sends the customer back, telling the service of what comes before.
pub(crate) async fn until_sent_back(tab: &mut Tab, app: &App, link_id: &str, redirect_uri: &str) -> String {
    loop {
        let address = tab.next_navigation().await;
        if address.starts_with(redirect_uri) {
            return address;
        }
        if Navigation::parse(&address).is_some() {
            app.post(
                &format!("/api/links/{link_id}/navigation"),
                json!({ "url": address }),
            )
            .await;
        }
    }
}
