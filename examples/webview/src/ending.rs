//! How it ended, as the window shows it.

use ratio_bank::Error;
use ratio_bank::plaid::LinkExit;
use ratio_bank::types::BankAccount;

/// The last page of the window.
pub(crate) struct Ending {
    pub(crate) heading: &'static str,
    pub(crate) words: String,
}

impl Ending {
    /// The person is done in Plaid Link; Ratio has not answered yet.
    pub(crate) fn not_yet() -> Self {
        Self {
            heading: "One moment …",
            words: "Ratio is checking the account.".to_owned(),
        }
    }

    /// What Ratio said of the bank.
    pub(crate) fn of_bank(outcome: Result<BankAccount, Error>) -> Self {
        match outcome {
            Ok(bank) => Self {
                heading: "Your bank is linked",
                words: format!(
                    "You can pay from {}, ending in {}.",
                    bank.name.as_deref().unwrap_or("your account"),
                    bank.mask.as_deref().unwrap_or("unknown digits"),
                ),
            },
            Err(error) => Self {
                heading: "Your bank could not be linked",
                words: format!("{error}."),
            },
        }
    }

    /// What Plaid Link said when the person left.
    pub(crate) fn of_exit(exit: &LinkExit) -> Self {
        let told = exit
            .error
            .as_ref()
            .and_then(|error| error.display_message.clone());
        Self {
            heading: "No bank was linked",
            words: told.unwrap_or_else(|| "You left before the end. Nothing has changed.".to_owned()),
        }
    }

    /// The page, in the reader's own light or dark.
    pub(crate) fn html(&self) -> String {
        format!(
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=color-scheme content='light dark'>\
             <title>{heading}</title>\
             <style>body{{font:1rem/1.5 system-ui,sans-serif;margin:2.5rem 1.5rem;max-width:27rem}}h1{{font-size:1.45rem}}</style>\
             <h1>{heading}</h1><p role=status>{words}</p><p>You can close this window.</p></html>",
            heading = self.heading,
            words = escaped(&self.words),
        )
    }
}

/// A bank's name comes from outside.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_stays_text() {
        let page = Ending {
            heading: "Done",
            words: "<script>1 & 2</script>".to_owned(),
        }
        .html();
        assert!(page.contains("&lt;script&gt;1 &amp; 2&lt;/script&gt;"), "{page}");
    }
}
