//! The interface to the generated client: it builds the request and knows the type of the response, but sends nothing.
//!
//! A generated method would send its request at once, handle declared statuses only, and put bodies into its errors.
//! The `pre` hook therefore takes the finished request and stops the method; the transport sends the request.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Waker};

use progenitor_client::{ClientHooks, OperationInfo, ResponseValue};
use reqwest::Request;
use reqwest::header::HeaderName;

use crate::generated;

/// The place where a generated method leaves its request.
#[derive(Clone, Default)]
pub(crate) struct Slot(Arc<Mutex<Option<Request>>>);

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot")
    }
}

impl ClientHooks<Slot> for generated::Client {
    async fn pre<E>(
        &self,
        request: &mut Request,
        _info: &OperationInfo,
    ) -> Result<(), progenitor_client::Error<E>> {
        let taken = std::mem::replace(request, Request::new(reqwest::Method::GET, request.url().clone()));
        *self.inner.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken);
        Err(progenitor_client::Error::Custom(String::new()))
    }
}

const API_VERSION: HeaderName = HeaderName::from_static("api-version");

/// Builds a request with a generated method, whose signature also gives the type `T` of the response. Sends nothing.
///
/// Returns `None` if the base URL or an id cannot be part of a URL.
pub(crate) fn build<T, E, F>(
    base_url: &str,
    http: &reqwest::Client,
    method: impl FnOnce(generated::Client) -> F,
) -> Option<Request>
where
    F: Future<Output = Result<ResponseValue<T>, progenitor_client::Error<E>>>,
{
    let slot = Slot::default();
    let client = generated::Client::new_with_client(base_url, http.clone(), slot.clone());
    // The hook stops the method before it waits for anything, so one poll is enough, and its result is never a
    // response. If the request cannot be built, the slot stays empty.
    let _ = pin!(method(client)).poll(&mut Context::from_waker(Waker::noop()));
    let mut request = slot.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    // The generator adds a header that Ratio does not define.
    request.headers_mut().remove(API_VERSION);
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::types;
    use crate::secret::Secret;

    fn built(base_url: &str) -> Option<Request> {
        let body = types::ActivateBankLinkRequest::new(Secret::new("public-1"));
        build(base_url, &reqwest::Client::new(), |client| async move {
            client.activate_bank_link("a/user", &body).await
        })
    }

    /// There is no runtime in this test, so sending a request would panic.
    #[test]
    fn a_request_is_built_as_the_document_says_and_is_not_sent() {
        let request = built("https://ratio.example").unwrap();
        assert_eq!(request.method(), reqwest::Method::POST);
        assert_eq!(
            request.url().as_str(),
            "https://ratio.example/v1/users/a%2Fuser/banks:activateLink"
        );
        let body = request.body().and_then(|body| body.as_bytes()).unwrap();
        assert_eq!(body, br#"{"publicToken":"public-1"}"#);
        assert!(!request.headers().contains_key("api-version"));
    }

    #[test]
    fn a_request_that_waits_is_not_printed() {
        let slot = Slot::default();
        *slot.0.lock().unwrap() = built("https://ratio.example");
        assert_eq!(format!("{slot:?}"), "Slot");
    }

    #[test]
    fn nothing_is_built_of_a_base_that_is_no_address() {
        assert!(built("no address").is_none());
    }
}
