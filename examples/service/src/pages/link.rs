//! One run through Plaid Link, with Plaid's script on the page. An app with a webview uses the API instead.

use axum::extract::{Path, State};
use axum::response::Redirect;
use maud::{Markup, html};

use super::{PageProblem, layout};
use crate::customers::Customer;
use crate::links::{self, Link};
use crate::problem::Problem;
use crate::service::Service;

/// `POST /links`: starts a run for a new bank.
pub(super) async fn begin(
    State(service): State<Service>,
    customer: Result<Customer, Problem>,
) -> Result<Redirect, PageProblem> {
    let link = service.begin_link(&customer?, None).await?;
    Ok(Redirect::to(&format!("/links/{}", link.id)))
}

/// `POST /banks/{id}/repair`: starts a run that repairs a linked bank.
pub(super) async fn begin_repair(
    State(service): State<Service>,
    customer: Result<Customer, Problem>,
    Path(bank): Path<String>,
) -> Result<Redirect, PageProblem> {
    let link = service.begin_link(&customer?, Some(&bank)).await?;
    Ok(Redirect::to(&format!("/links/{}", link.id)))
}

/// `GET /links/{id}`.
pub(super) async fn show(
    State(service): State<Service>,
    customer: Result<Customer, Problem>,
    Path(id): Path<String>,
) -> Result<Markup, PageProblem> {
    let customer = customer?;
    let link = service.links().find(&customer.id, &id).await?;
    let heading = heading(&service, &customer, &link).await;
    Ok(page(&service, &link, &heading, false))
}

/// `GET /oauth-return`: the bank's own page has returned the customer. The open run continues with the address exactly
/// as received, which the script reads from the location.
pub(super) async fn resume(
    State(service): State<Service>,
    customer: Result<Customer, Problem>,
) -> Result<Markup, PageProblem> {
    let customer = customer?;
    let link = service.links().latest_open(&customer.id).await?;
    let link = link.ok_or_else(|| Problem::not_found("no link is waiting for your bank; start again"))?;
    let heading = heading(&service, &customer, &link).await;
    Ok(page(&service, &link, &heading, true))
}

/// The purpose of the run, as the heading of its pages.
async fn heading(service: &Service, customer: &Customer, link: &Link) -> String {
    let Some(bank) = &link.repairs_bank else {
        return "Link your bank".to_owned();
    };
    // The page is shown even if the bank's name cannot be read.
    let name = service.bank_name(customer, bank).await;
    format!("Log in again at {}", name.as_deref().unwrap_or("your bank"))
}

fn page(service: &Service, link: &Link, heading: &str, returned: bool) -> Markup {
    match link.state {
        links::State::Open => {
            let content = html! {
                section data-link=(link.id) data-returned[returned] {
                    @if returned {
                        p { "Welcome back from your bank. One more moment." }
                    } @else {
                        @if link.repairs_bank.is_some() {
                            p { "Plaid Link opens here. Log in as before; we learn that it worked, never your password." }
                        } @else {
                            p { "Plaid Link opens here. Choose your bank and log in; we learn that it worked, never your password." }
                        }
                    }
                    // Disabled until the script listens, since an earlier click would be lost.
                    button type="button" disabled { "Continue" }
                    noscript { p { "Plaid Link needs JavaScript. Turn it on for this page to go on." } }
                }
                p #status role="status" {}
                p { a href="/" { "Not now" } }
            };
            layout::with_scripts(heading, &content, &[&service.plaid_script(), "/link.js"])
        }
        links::State::Connected | links::State::Finished => layout::page(
            heading,
            &html! {
                section { p { "You are done here." } p { a.button href="/" { "See your bank" } } }
            },
        ),
        links::State::Left | links::State::Failed => layout::page(
            heading,
            &html! {
                section.notice {
                    p { (ending(link)) }
                    div.actions {
                        @if let Some(bank) = &link.repairs_bank {
                            form method="post" action={ "/banks/" (bank) "/repair" } { button { "Try again" } }
                        } @else {
                            form method="post" action="/links" { button { "Try again" } }
                        }
                        a.plain href="/" { "Not now" }
                    }
                }
            },
        ),
    }
}

/// Explains to the customer how the run ended.
fn ending(link: &Link) -> &'static str {
    match (link.state, link.reason.as_deref()) {
        (_, Some("CANCELLED")) if link.repairs_bank.is_some() => {
            "You left before you had logged in. Your bank still wants a new login."
        }
        (_, Some("CANCELLED")) => "You left before your bank was linked. Nothing has changed.",
        (_, Some("INVALID_LINK_TOKEN")) => "This link had run out. A new one works.",
        (_, Some("INSTITUTION_DOWN" | "INSTITUTION_NOT_RESPONDING" | "INSTITUTION_NOT_AVAILABLE")) => {
            "Your bank does not answer at the moment. Try again later, or choose another one."
        }
        (_, Some("INVALID_CREDENTIALS" | "ITEM_LOCKED" | "INVALID_MFA")) => {
            "Your bank did not accept the login. Nothing has changed."
        }
        (_, Some("ALREADY_EXISTS_BANK" | "CONFLICT")) => {
            "A bank is linked already. Unlink it before you link another."
        }
        (links::State::Left, _) => "Plaid Link could not go on. Nothing has changed.",
        _ => "Ratio could not link this bank.",
    }
}
