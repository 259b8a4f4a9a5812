//! Checks whether a request matches the contract, and selects the vendor's code for a violation.

use std::collections::BTreeMap;

use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use openapi_document::pointer;
use openapi_document::view::MediaName;
use openapi_wire::{Cause, Judgement, Part, Refusal, Request};
use serde_json::{Value, json};

use super::Operation;
use crate::problem::{Problem, screaming};

/// The values of a request that an operation's behaviour receives. They match the document.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) query: BTreeMap<String, String>,
    /// The body; `null` if the operation has none, or if it is optional and was not sent.
    pub(crate) body: Value,
}

/// Headers that identify the caller. They are checked first, by presence here and by value in `session`.
const CREDENTIALS: [(&str, &str); 2] = [
    ("ratio-client-id", "MISSING_CLIENT_ID"),
    ("ratio-client-secret", "MISSING_CLIENT_SECRET"),
];

impl Operation<'_> {
    /// The problem of a request without a credential that the document requires.
    pub(crate) fn missing_credential(self, headers: &HeaderMap) -> Option<Problem> {
        let (name, code) = CREDENTIALS
            .into_iter()
            .find(|(name, _)| self.requires_header(name) && !headers.contains_key(*name))?;
        Some(Problem::new(401, code, format!("the header {name} is missing")))
    }

    /// Checks everything except the credentials.
    pub(crate) fn check(self, parts: &Parts, body: &[u8]) -> Result<Checked, Problem> {
        let headers = parts.headers.iter();
        let request = Request {
            method: parts.method.to_string(),
            target: Some(
                parts
                    .uri
                    .path_and_query()
                    .map_or("/", |it| it.as_str())
                    .to_owned(),
            ),
            headers: headers
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    (name.to_string(), value)
                })
                .collect(),
            body: (!body.is_empty()).then(|| body.to_vec()),
            granted: None,
        };
        let judgement = self.judge.request(&request);
        let refusals = judgement.refusals.iter();
        // The first refusal in the order of reporting.
        let told = refusals
            .filter_map(|it| Some((rank(it)?, it)))
            .min_by_key(|it| it.0);
        if let Some((_, refusal)) = told {
            return Err(self.problem(refusal));
        }
        self.doubts(&judgement, &parts.headers)?;
        let query = parts.uri.query().unwrap_or_default();
        Ok(Checked {
            query: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            body: judgement.value(&Part::Body).cloned().unwrap_or_default(),
        })
    }

    /// Reports the parts that stay undecided. Files and similar bodies are not inspected, but JSON must be readable.
    fn doubts(self, judgement: &Judgement, headers: &HeaderMap) -> Result<(), Problem> {
        let sent = headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let is_json = sent.is_some_and(|sent| MediaName::parse(sent).is_json());
        for doubt in judgement.doubts.iter().filter(|it| it.part != Part::Security) {
            if doubt.part == Part::Body && is_json && judgement.value(&Part::Body).is_none() {
                let message = format!("the body cannot be read: {}", doubt.why);
                return Err(Problem::new(400, "INVALID_BODY", message));
            }
            tracing::warn!(
                "{}: the document leaves {} open: {}",
                self.name(),
                doubt.part,
                doubt.why
            );
        }
        Ok(())
    }

    fn problem(self, refusal: &Refusal) -> Problem {
        match &refusal.part {
            Part::Path(name) | Part::Query(name) | Part::Header(name) | Part::Cookie(name) => {
                parameter(name, refusal)
            }
            Part::ContentType => {
                let body = self.declared.request_body(self.document()).and_then(Result::ok);
                let accepted = body.map(|body| body.content()).unwrap_or_default();
                let accepted: Vec<_> = accepted.iter().map(|it| it.written).collect();
                let message = format!("the body must be sent as {}", accepted.join(" or "));
                Problem::new(415, "INVALID_BODY", message)
            }
            _ => broken(refusal),
        }
    }
}

/// The rank of a refusal in the order of reporting: headers, cookies, path, query, body. Within a body, a missing
/// property precedes a wrong one. `None` for parts that are checked elsewhere: the caller and the target.
fn rank(refusal: &Refusal) -> Option<(u8, bool)> {
    let place = match &refusal.part {
        Part::Header(name) if CREDENTIALS.iter().any(|(own, _)| own == name) => return None,
        Part::Header(_) => 0,
        Part::Cookie(_) => 1,
        Part::Path(_) => 2,
        Part::Query(_) => 3,
        Part::ContentType => 4,
        Part::Body => return Some((5, refusal.cause != Cause::Missing)),
        _ => return None,
    };
    Some((place, false))
}

fn parameter(name: &str, refusal: &Refusal) -> Problem {
    let spelled = screaming(name.strip_prefix("ratio-").unwrap_or(name));
    // A property that is missing inside the parameter does not mean that the parameter is missing.
    if refusal.cause == Cause::Missing && refusal.pointer.is_empty() {
        return Problem::new(400, format!("MISSING_{spelled}"), format!("{name} is missing"));
    }
    let message = format!("{name} does not fit the API document");
    Problem::new(400, format!("INVALID_{spelled}"), message)
}

/// The problem of a body that violates its schema, with a code such as `MISSING_PUBLIC_TOKEN`, `INVALID_FIAT_AMOUNT` or
/// `INVALID_BODY`.
fn broken(refusal: &Refusal) -> Problem {
    let data = json!({"path": refusal.pointer, "reason": refusal.why});
    // The innermost name: `events` in `/events/0`.
    let mut names = refusal.pointer.rsplit('/').filter(|part| !part.is_empty());
    let is_missing = refusal.cause == Cause::Missing;
    let name = if is_missing {
        names.next()
    } else {
        names.find(|part| part.parse::<usize>().is_err())
    };
    let name = name.map(pointer::unescape);
    let Some(name) = name else {
        return Problem::new(400, "INVALID_BODY", format!("the body: {}", refusal.why)).with(data);
    };
    let code = match refusal.keyword.as_deref() {
        _ if is_missing => format!("MISSING_{}", screaming(&name)),
        // The vendor has its own code for a currency that it does not sell.
        Some("enum") if name == "cryptoCurrency" => "UNSUPPORTED_CRYPTO_CURRENCY".to_owned(),
        _ => format!("INVALID_{}", screaming(&name)),
    };
    Problem::new(400, code, format!("{name}: {}", refusal.why)).with(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;
    use crate::contract::{Contract, Route};

    /// Checks a request with these headers by the document.
    fn checked(
        document: &Document,
        (method, target): (&str, &str),
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Checked, Problem> {
        let mut request = axum::http::Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let contract = Contract::of(document);
        let Route::Operation(operation, _) = contract.route(method, parts.uri.path()) else {
            panic!("no such operation")
        };
        operation.check(&parts, body.as_bytes())
    }

    fn refusal(method: &str, target: &str, content_type: &str, body: &str) -> (u16, String) {
        let headers = [("content-type", content_type)];
        let problem = checked(&Document::earlier(), (method, target), &headers, body)
            .expect_err("this breaks the contract");
        (problem.status, problem.code.into_owned())
    }

    #[test]
    fn a_broken_body_is_named_by_the_vendors_codes() {
        let activate = |body| refusal("POST", "/v1/users/u/banks:activateLink", "application/json", body).1;
        assert_eq!(activate("{}"), "MISSING_PUBLIC_TOKEN");
        assert_eq!(activate(r#"{"publicToken": 1}"#), "INVALID_PUBLIC_TOKEN");
        assert_eq!(activate("[]"), "INVALID_BODY");
        assert_eq!(activate("{"), "INVALID_BODY");
        assert_eq!(activate(""), "INVALID_BODY");
        assert_eq!(activate(&"[".repeat(10_000)), "INVALID_BODY");
    }

    #[test]
    fn a_currency_that_is_not_sold_has_a_code_of_its_own() {
        let body = r#"{"fiatAmount": "1", "cryptoCurrency": "DOGE", "walletId": "w", "type": "STANDARD"}"#;
        let found = refusal(
            "POST",
            "/v1/users/u/banks/b/ach",
            "application/json; charset=utf-8",
            body,
        );
        assert_eq!(found, (400, "UNSUPPORTED_CRYPTO_CURRENCY".to_owned()));
    }

    #[test]
    fn another_content_type_is_refused() {
        let found = refusal("POST", "/v1/users/u/banks:activateLink", "text/plain", "{}");
        assert_eq!(found, (415, "INVALID_BODY".to_owned()));
    }

    fn searched(query: &str, cookie: &str) -> Result<(), String> {
        let document = r#"{"openapi": "3.0.0", "paths": {"/x": {"get": {"parameters": [
            {"name": "filter", "in": "query", "style": "deepObject", "required": true, "schema":
                {"type": "object", "properties": {"least": {"type": "integer"}}}},
            {"name": "page", "in": "query", "schema":
                {"type": "object", "properties": {"size": {"type": "integer"}, "from": {"type": "string"}}}},
            {"name": "ids", "in": "query", "style": "pipeDelimited", "schema":
                {"type": "array", "items": {"type": "integer"}}},
            {"name": "tags", "in": "query", "schema":
                {"allOf": [{"type": "array", "items": {"type": "string"}, "maxItems": 2}]}},
            {"name": "theme", "in": "cookie", "required": true, "schema": {"enum": ["light", "dark"]}}
        ]}}}}"#;
        let document = Document::parse(document).unwrap();
        let target = format!("/x?{query}");
        let checked = checked(&document, ("GET", &target), &[("cookie", cookie)], "");
        checked.map(drop).map_err(|problem| problem.code.into_owned())
    }

    #[test]
    fn parameters_are_read_in_the_style_that_the_document_gives_them() {
        let fine = "filter%5Bleast%5D=7&size=3&from=7&ids=1%7C2&tags=1&tags=b";
        assert_eq!(searched(fine, "a=b; theme=dark"), Ok(()));
        for (query, cookie, code) in [
            ("size=3", "theme=dark", "MISSING_FILTER"),
            ("filter%5Bleast%5D=many", "theme=dark", "INVALID_FILTER"),
            ("filter%5Bleast%5D=7&size=many", "theme=dark", "INVALID_PAGE"),
            ("filter%5Bleast%5D=7&ids=1%7Cb", "theme=dark", "INVALID_IDS"),
            (
                "filter%5Bleast%5D=7&tags=a&tags=b&tags=c",
                "theme=dark",
                "INVALID_TAGS",
            ),
            ("filter%5Bleast%5D=7", "theme=blue", "INVALID_THEME"),
            ("filter%5Bleast%5D=7", "them=dark", "MISSING_THEME"),
        ] {
            assert_eq!(searched(query, cookie), Err(code.to_owned()), "{query}");
        }
    }

    #[test]
    fn a_form_is_held_to_its_schema() {
        let document = r#"{"openapi": "3.0.0", "paths": {"/x": {"post": {"requestBody": {"content": {
            "application/x-www-form-urlencoded": {"schema": {"type": "object", "required": ["amount"],
                "properties": {"amount": {"type": "integer"}}}}}}}}}}"#;
        let document = Document::parse(document).unwrap();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let sent = |body: &str| {
            let checked = checked(&document, ("POST", "/x"), &headers, body);
            checked
                .map(|checked| checked.body)
                .map_err(|problem| problem.code.into_owned())
        };
        assert_eq!(sent("amount=7"), Ok(json!({"amount": 7})));
        assert_eq!(sent("amount=many"), Err("INVALID_AMOUNT".to_owned()));
        assert_eq!(sent("sum=7"), Err("MISSING_AMOUNT".to_owned()));
    }

    #[test]
    fn a_query_outside_its_enum_is_refused() {
        let found = refusal(
            "GET",
            "/v1/crypto/prices?includeNetworkFees=perhaps",
            "application/json",
            "",
        );
        assert_eq!(found, (400, "INVALID_INCLUDE_NETWORK_FEES".to_owned()));
    }

    #[test]
    fn a_path_in_any_style_is_held_to_its_schema() {
        for (style, fine, wrong) in [("label", ".7", ".x"), ("matrix", ";id=7", ";id=x")] {
            let document = json!({"openapi": "3.0.0", "paths": {"/x/{id}": {"get": {"parameters": [
                {"name": "id", "in": "path", "style": style, "schema": {"type": "integer"}},
            ]}}}});
            let document = Document::parse(document.to_string()).unwrap();
            let code = |text: &str| {
                let target = format!("/x/{text}");
                let checked = checked(&document, ("GET", &target), &[], "");
                checked.err().map(|problem| problem.code.into_owned())
            };
            assert_eq!(code(fine), None, "{style}");
            assert_eq!(code(wrong).as_deref(), Some("INVALID_ID"), "{style}");
        }
    }

    #[test]
    fn a_format_counts() {
        let document = r#"{"openapi": "3.0.0", "paths": {"/x": {"get": {"parameters": [
            {"name": "since", "in": "query", "schema": {"type": "string", "format": "date-time"}}]}}}}"#;
        let document = Document::parse(document).unwrap();
        let is_taken = |target| checked(&document, ("GET", target), &[], "").is_ok();
        assert!(is_taken("/x?since=2022-11-30T12:00:00Z"));
        assert!(!is_taken("/x?since=yesterday"));
    }

    #[test]
    fn a_refusal_repeats_no_value() {
        for (content_type, body) in [
            ("application/json", r#"{"publicToken": ["hunter2"]}"#),
            ("application/json", r#"["hunter2"]"#),
            ("application/json", "hunter2"),
            ("text/hunter2", "hunter2"),
        ] {
            let headers = [("content-type", content_type)];
            let target = ("POST", "/v1/users/u/banks:activateLink");
            let problem = checked(&Document::earlier(), target, &headers, body).expect_err(body);
            assert!(!format!("{problem:?}").contains("hunter2"), "{problem:?}");
        }
    }
}
