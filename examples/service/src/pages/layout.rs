//! The frame of every page.

use maud::{DOCTYPE, Markup, html};

/// A page with a heading and its contents.
pub(super) fn page(heading: &str, content: &Markup) -> Markup {
    with_scripts(heading, content, &[])
}

/// A page with scripts, which run after the page is parsed.
pub(super) fn with_scripts(heading: &str, content: &Markup, scripts: &[&str]) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (heading) " · Example service" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/style.css";
                @for script in scripts {
                    script src=(script) defer {}
                }
            }
            body {
                header { a href="/" { "Example service" } }
                main {
                    h1 { (heading) }
                    (content)
                }
                footer { "An example of using " code { "ratio-bank" } ". Not a product; no one's brand." }
            }
        }
    }
}
