//! The data that a webview or an app receives from Plaid Link: it is read in any form, and never printed.

use ratio_bank::PublicToken;
use ratio_bank::plaid::{LinkEvent, LinkExit, LinkSuccess, Navigation, resume_url, webview_url};
use ratio_bank::reqwest::Url;

/// Marks the text in an input that must not be printed.
const SECRET: &str = "CANARY";

pub(crate) fn navigation(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Some(read) = Navigation::parse(&text) else {
        let is_ours = text
            .trim()
            .get(..10)
            .is_some_and(|it| it.eq_ignore_ascii_case("plaidlink:"));
        assert!(!is_ours, "every address of Link is read");
        return;
    };
    let shown = format!("{read:?} {read:#?}");
    // A kind or one of Plaid's values may be printed, but never a token, an id or a name.
    assert!(
        shown.len() < 20_000 + 3 * text.len() && !shown.contains('\u{1b}'),
        "{shown}"
    );
    match read {
        Navigation::Connected(success) => {
            no_secret(&format!("{success:?}"), &text);
            let _ = PublicToken::try_from(success);
        }
        Navigation::Exit(exit) => drop((exit.is_cancelled(), exit.needs_new_link_token())),
        _ => {}
    }
    let page = Url::parse("https://cdn.plaid.example/link.html").expect("it is an address");
    let webview = webview_url(&page, &text);
    assert!(
        webview
            .reveal()
            .starts_with("https://cdn.plaid.example/link.html?"),
        "{}",
        webview.reveal()
    );
    if let Ok(resumed) = resume_url(&page, "link-token", &text) {
        assert!(
            resumed
                .reveal()
                .starts_with("https://cdn.plaid.example/link.html?")
        );
    }
}

pub(crate) fn sdk_payloads(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(success) = serde_json::from_slice::<LinkSuccess>(bytes) {
        no_secret(&format!("{success:?} {success:#?}"), &text);
        match PublicToken::try_from(success) {
            Ok(token) => no_secret(&format!("{token:?}"), &text),
            Err(error) => drop(error.to_string()),
        }
    }
    match serde_json::from_slice::<LinkExit>(bytes) {
        Ok(exit) => drop((format!("{exit:?}"), exit.is_cancelled())),
        Err(error) => no_secret(&error.to_string(), &text),
    }
    match serde_json::from_slice::<LinkEvent>(bytes) {
        Ok(event) => drop(format!("{event:?}")),
        Err(error) => no_secret(&error.to_string(), &text),
    }
}

fn no_secret(shown: &str, text: &str) {
    assert!(!shown.contains(SECRET), "{shown} is printed of {text}");
}
