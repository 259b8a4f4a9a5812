//! The customer's bank: its state and the possible actions.

use std::time::{Duration, UNIX_EPOCH};

use axum::Form;
use axum::extract::{Path, State};
use axum::response::Redirect;
use humantime::format_rfc3339_seconds;
use maud::{Markup, html};
use ratio_bank::{CryptoCurrency, FiatAmount};

use super::{PageProblem, layout};
use crate::bank::{Bank, Standing};
use crate::buying::Wish;
use crate::customers::Customer;
use crate::orders::{self, Order};
use crate::problem::Problem;
use crate::random;
use crate::service::Service;

/// `GET /`.
pub(super) async fn show(
    State(service): State<Service>,
    customer: Result<Customer, Problem>,
) -> Result<Markup, PageProblem> {
    let customer = customer?;
    service.finish_left_over_of(Some(&customer.id)).await;
    service.settle_unclear_orders_of(Some(&customer.id)).await;
    let banks = service.banks(&customer).await?;
    let orders = service.orders().latest(&customer.id).await?;
    let confirming = service.links().is_confirming(&customer.id).await?;
    let standing = match banks.first() {
        Some(bank) => bank.standing.name(),
        None if confirming => "confirming",
        None => "none",
    };
    let waits = matches!(standing, "checking" | "confirming");
    let content = html! {
        div data-standing=(standing) {
            @for bank in &banks { (card(bank)) }
            @if banks.is_empty() { (no_bank(confirming)) }
            @if let Some(bank) = banks.iter().find(|bank| bank.standing == Standing::Ready) { (buy_form(bank)) }
            @if !orders.is_empty() { (order_list(&orders)) }
            form method="post" action="/sign-out" { button.quiet { "Sign out" } }
        }
    };
    Ok(layout::with_scripts(
        "Your bank",
        &content,
        if waits { &["/waiting.js"] } else { &[] },
    ))
}

fn no_bank(confirming: bool) -> Markup {
    html! {
        section {
            @if confirming {
                p.standing role="status" { "Your bank is being linked …" }
                p { "You are done; Ratio still has to confirm. This page changes by itself." }
            } @else {
                p { "Link the account that you want to pay from. You log in at your bank; we never see your password." }
                form method="post" action="/links" { button { "Link a bank" } }
            }
        }
    }
}

fn card(bank: &Bank) -> Markup {
    let (class, words, advice) = match bank.standing {
        Standing::Ready => ("good", "Ready", "You can buy with this account."),
        Standing::Checking => (
            "warn",
            "Being checked …",
            "Ratio verifies the account. This takes a few seconds; the page changes by itself.",
        ),
        Standing::NeedsLogin => (
            "warn",
            "Needs a new login",
            "Your bank wants you to log in again before you can go on using it here.",
        ),
        Standing::Declined => (
            "bad",
            "Declined",
            "Ratio could not verify this account. Unlink it to try another one.",
        ),
        Standing::Unknown => (
            "warn",
            "Not ready",
            "Ratio is doing something with this account that we do not know of.",
        ),
    };
    let address = format!("/banks/{}", bank.id);
    html! {
        section {
            div.bank {
                h2 { (bank.name) }
                span.fine { "Account ending in " (bank.mask) }
            }
            p.standing.(class) role="status" { (words) }
            p { (advice) }
            div.actions {
                @if bank.standing == Standing::NeedsLogin {
                    form method="post" action={ (address) "/repair" } { button { "Log in again" } }
                }
                a.button.quiet href={ (address) "/unlink" } { "Unlink" }
            }
        }
    }
}

fn buy_form(bank: &Bank) -> Markup {
    html! {
        section {
            h2 { "Buy" }
            form method="post" action="/orders" {
                // Generated here, so that a double click or a reload names the same order.
                input type="hidden" name="orderId" value=(random::name());
                input type="hidden" name="bankId" value=(bank.id);
                div.pair {
                    div {
                        label for="amount" { "Dollars" }
                        input #amount name="amount" inputmode="decimal" required pattern="[0-9]+([.][0-9]{1,2})?"
                            title="An amount such as 25 or 25.50" value="25.00" autocomplete="off";
                    }
                    div {
                        label for="currency" { "Currency" }
                        select #currency name="currency" {
                            @for currency in CryptoCurrency::ALL { option { (currency) } }
                        }
                    }
                }
                button { "Buy" }
            }
        }
    }
}

fn order_list(orders: &[Order]) -> Markup {
    html! {
        section {
            h2 { "Your orders" }
            ul.orders { @for order in orders { li { (row(order)) } } }
        }
    }
}

fn row(order: &Order) -> Markup {
    let (class, words) = match order.state {
        orders::State::Sending => ("", "On its way"),
        orders::State::Accepted => ("good", "Accepted"),
        orders::State::Refused => ("bad", "Refused"),
        orders::State::Unclear => ("warn", "Unclear"),
        orders::State::Absent => ("bad", "Not found"),
    };
    let placed_at = format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(order.placed_at.unsigned_abs()));
    let placed_at = placed_at.to_string();
    html! {
        div.order {
            span { "$" (dollars(&order.amount)) " of " (order.currency) }
            strong.(class) { (words) }
        }
        time.fine datetime=(placed_at) { (placed_at[..16].replace('T', " ")) " UTC" }
        @if let Some(explanation) = explanation(order) { p { (explanation) } }
        @if matches!(order.state, orders::State::Unclear | orders::State::Absent) {
            p.fine { "Order " code { (order.id) } }
        }
    }
}

/// Formats an amount with its cents, as is usual for dollars.
fn dollars(amount: &str) -> String {
    let cents = amount.parse().map(FiatAmount::cents);
    cents.map_or_else(
        |_| amount.to_owned(),
        |cents| format!("{}.{:02}", cents / 100, cents % 100),
    )
}

/// Explains to the customer an order that did not simply succeed.
fn explanation(order: &Order) -> Option<String> {
    let unclear = "No answer came, so we do not know whether money moves.";
    Some(match (order.state, order.reason.as_deref()) {
        (orders::State::Refused, code) => format!("No money moves: {}.", why(code)),
        (orders::State::Unclear, None) => {
            format!(
                "{unclear} We are looking for it, for about an hour, and will not send it again: wait before you buy anew."
            )
        }
        (orders::State::Unclear, Some("AMBIGUOUS")) => {
            format!(
                "{unclear} Ratio has more than one that may be it. Ask us before you buy anew, and tell us the number below."
            )
        }
        (orders::State::Unclear, Some(_)) => {
            format!(
                "{unclear} We could not look for it. Ask us before you buy anew, and tell us the number below."
            )
        }
        (orders::State::Absent, _) => {
            "No answer came, and Ratio does not have it: as far as we can tell, no money moves.".to_owned()
        }
        _ => return None,
    })
}

/// Explains Ratio's codes to the customer.
fn why(code: Option<&str>) -> &str {
    match code {
        Some("EXCEEDS_LIMIT_ACH" | "EXCEEDS_LIMIT_TRANSACTIONS") => "over your limit",
        Some("INSUFFICIENT_BALANCE") => "not enough money in the account",
        Some("PLAID_LOGIN_ERROR") => "your bank wants a new login",
        Some("BANK_VERIFICATION_INCOMPLETE") => "the account is not verified yet",
        Some("USER_BLOCKED" | "USER_UNDER_REVIEW") => "your account is under review",
        Some(code) => code,
        None => "Ratio gave no reason",
    }
}

/// `POST /orders`.
pub(super) async fn buy(
    State(service): State<Service>,
    customer: Result<Customer, Problem>,
    Form(wish): Form<Wish>,
) -> Result<Redirect, PageProblem> {
    service.buy(&customer?, &wish).await?;
    Ok(Redirect::to("/"))
}

/// `GET /banks/{id}/unlink`: asks for confirmation first.
pub(super) async fn ask_to_unlink(
    State(service): State<Service>,
    customer: Result<Customer, Problem>,
    Path(id): Path<String>,
) -> Result<Markup, PageProblem> {
    let name = service.bank_name(&customer?, &id).await?;
    let content = html! {
        section.notice {
            p { "You will not be able to buy with " (name) " until you link it again. Orders that were accepted go on." }
            div.actions {
                form method="post" action={ "/banks/" (id) "/unlink" } { button.bad { "Unlink it" } }
                a.plain href="/" { "Keep it" }
            }
        }
    };
    Ok(layout::page(&format!("Unlink {name}?"), &content))
}

/// `POST /banks/{id}/unlink`.
pub(super) async fn unlink(
    State(service): State<Service>,
    customer: Result<Customer, Problem>,
    Path(id): Path<String>,
) -> Result<Redirect, PageProblem> {
    service.unlink(&customer?, &id).await?;
    Ok(Redirect::to("/"))
}
