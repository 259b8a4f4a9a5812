//! The JSON API for apps.
//!
//! | request | answer |
//! |---|---|
//! | `POST /api/sign-in` `{userId, sessionToken, walletId}` | 204 and a cookie |
//! | `GET /api/banks` | the customer's banks as Ratio knows them |
//! | `GET /api/updates` | a number that grows when Ratio's webhook reports a change |
//! | `POST /api/links` `{}` or `{"repairsBank": id}` | a run through Plaid Link: webview address, link token |
//! | `GET /api/links/{id}` | the state of the run |
//! | `POST /api/links/{id}/navigation` `{url}` | reports a webview's `plaidlink://` navigation |
//! | `POST /api/links/{id}/success` | an SDK's success, as the SDK wrote it |
//! | `POST /api/links/{id}/exit` | an SDK's exit, as the SDK wrote it |
//! | `POST /api/links/{id}/oauth-return` `{url}` | the webview address that resumes Link after the bank's own page |
//! | `POST /api/orders` `{orderId, bankId, amount, currency}` | a purchase, placed once per `orderId` |

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use axum_extra::extract::cookie::CookieJar;
use ratio_bank::plaid::{LinkExit, LinkSuccess, Navigation};
use serde::{Deserialize, Serialize};

use crate::bank::Bank;
use crate::buying::Wish;
use crate::config::Credentials;
use crate::cookie;
use crate::customers::Customer;
use crate::linking::Report;
use crate::links::{self, Link};
use crate::orders::{self, Order};
use crate::problem::Problem;
use crate::sent::Sent;
use crate::service::Service;

pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .route("/api/sign-in", post(sign_in))
        .route("/api/banks", get(banks))
        .route("/api/updates", get(updates))
        .route("/api/links", post(begin))
        .route("/api/links/{id}", get(link))
        .route("/api/links/{id}/navigation", post(navigation))
        .route("/api/links/{id}/success", post(success))
        .route("/api/links/{id}/exit", post(exit))
        .route("/api/links/{id}/oauth-return", post(oauth_return))
        .route("/api/orders", post(order))
}

async fn sign_in(
    State(service): State<Service>,
    jar: CookieJar,
    Sent(credentials): Sent<Credentials>,
) -> Result<(StatusCode, CookieJar), Problem> {
    let value = service.sign_in(&credentials).await?;
    Ok((StatusCode::NO_CONTENT, cookie::set(&service, jar, value)))
}

#[derive(Serialize)]
struct Banks {
    banks: Vec<Bank>,
}

async fn banks(State(service): State<Service>, customer: Customer) -> Result<Json<Banks>, Problem> {
    Ok(Json(Banks {
        banks: service.banks(&customer).await?,
    }))
}

#[derive(Serialize)]
struct Updates {
    version: i64,
}

async fn updates(State(service): State<Service>, customer: Customer) -> Result<Json<Updates>, Problem> {
    Ok(Json(Updates {
        version: service.bank_updates().version(&customer.ratio_user_id).await?,
    }))
}

/// The state of a run and, while it is open, the ways to open Plaid Link.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LinkView {
    id: String,
    state: links::State,
    #[serde(skip_serializing_if = "Option::is_none")]
    repairs_bank: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opens: Option<Opens>,
}

/// Two ways to open Plaid Link. Both work for anyone who has them, so they are sent to the customer only.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Opens {
    webview_url: String,
    link_token: String,
}

impl LinkView {
    async fn of(service: &Service, link: Link) -> Result<Json<Self>, Problem> {
        let opens = if link.state == links::State::Open {
            let in_flight = service.in_flight(&link).await?;
            Some(Opens {
                webview_url: in_flight.webview_url().reveal().to_owned(),
                link_token: in_flight.token().to_owned(),
            })
        } else {
            None
        };
        Ok(Json(Self {
            id: link.id,
            state: link.state,
            repairs_bank: link.repairs_bank,
            reason: link.reason,
            opens,
        }))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Begin {
    repairs_bank: Option<String>,
}

async fn begin(
    State(service): State<Service>,
    customer: Customer,
    Sent(begin): Sent<Begin>,
) -> Result<(StatusCode, Json<LinkView>), Problem> {
    let link = service
        .begin_link(&customer, begin.repairs_bank.as_deref())
        .await?;
    Ok((StatusCode::CREATED, LinkView::of(&service, link).await?))
}

async fn link(
    State(service): State<Service>,
    customer: Customer,
    Path(id): Path<String>,
) -> Result<Json<LinkView>, Problem> {
    let link = service.links().find(&customer.id, &id).await?;
    LinkView::of(&service, link).await
}

#[derive(Deserialize)]
struct Address {
    url: String,
}

async fn navigation(
    State(service): State<Service>,
    customer: Customer,
    Path(id): Path<String>,
    Sent(Address { url }): Sent<Address>,
) -> Result<Json<LinkView>, Problem> {
    let navigation =
        Navigation::parse(&url).ok_or_else(|| Problem::bad_request("this is not a plaidlink:// address"))?;
    take_in(&service, &customer, &id, navigation.into()).await
}

async fn success(
    State(service): State<Service>,
    customer: Customer,
    Path(id): Path<String>,
    Sent(success): Sent<LinkSuccess>,
) -> Result<Json<LinkView>, Problem> {
    take_in(&service, &customer, &id, Report::Connected(success)).await
}

async fn exit(
    State(service): State<Service>,
    customer: Customer,
    Path(id): Path<String>,
    Sent(exit): Sent<LinkExit>,
) -> Result<Json<LinkView>, Problem> {
    take_in(&service, &customer, &id, Report::Left(exit)).await
}

async fn take_in(
    service: &Service,
    customer: &Customer,
    id: &str,
    report: Report,
) -> Result<Json<LinkView>, Problem> {
    let link = service.links().find(&customer.id, id).await?;
    let link = service.report(&link, report).await?;
    LinkView::of(service, link).await
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resume {
    webview_url: String,
}

async fn oauth_return(
    State(service): State<Service>,
    customer: Customer,
    Path(id): Path<String>,
    Sent(Address { url }): Sent<Address>,
) -> Result<Json<Resume>, Problem> {
    let link = service.links().find(&customer.id, &id).await?;
    let resumed = service
        .in_flight(&link)
        .await?
        .resume_url(&url)
        .map_err(Problem::bad_request)?;
    Ok(Json(Resume {
        webview_url: resumed.reveal().to_owned(),
    }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OrderView {
    order_id: String,
    state: orders::State,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<Order> for OrderView {
    fn from(order: Order) -> Self {
        Self {
            order_id: order.id,
            state: order.state,
            reason: order.reason,
        }
    }
}

async fn order(
    State(service): State<Service>,
    customer: Customer,
    Sent(wish): Sent<Wish>,
) -> Result<Json<OrderView>, Problem> {
    Ok(Json(service.buy(&customer, &wish).await?.into()))
}
