//! Whether a request keeps the contract, and which of the vendor's codes says why not.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

use super::schema::Schema;
use super::{Body, Operation, Parameter, Place, Violation, is_json};
use crate::problem::{Problem, screaming};

/// A request as it came in, its path already matched.
pub(crate) struct Incoming<'a> {
    pub(crate) headers: &'a HeaderMap,
    pub(crate) query: &'a str,
    pub(crate) path: &'a [(String, String)],
    pub(crate) body: &'a [u8],
}

/// What an operation's behaviour gets to see: values that fit the document.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) query: BTreeMap<String, String>,
    /// `null` when the operation takes no body, or none was sent where none is needed.
    pub(crate) body: Value,
}

/// Headers that say who calls. They are judged before anything else, by presence here and by value in `session`.
const CREDENTIALS: [(&str, &str); 2] = [
    ("ratio-client-id", "MISSING_CLIENT_ID"),
    ("ratio-client-secret", "MISSING_CLIENT_SECRET"),
];

impl Operation {
    /// True when the document requires the header.
    pub(crate) fn requires_header(&self, name: &str) -> bool {
        self.parameters
            .iter()
            .any(|p| p.place == Place::Header && p.required && p.name == name)
    }

    /// A credential that the document requires and the request lacks.
    pub(crate) fn missing_credential(&self, headers: &HeaderMap) -> Option<Problem> {
        let (name, code) = CREDENTIALS
            .into_iter()
            .find(|(name, _)| self.requires_header(name) && !headers.contains_key(*name))?;
        Some(Problem::new(401, code, format!("the header {name} is missing")))
    }

    /// Judges everything but the credentials.
    pub(crate) fn check(&self, incoming: &Incoming<'_>) -> Result<Checked, Problem> {
        for parameter in self.parameters.iter().filter(|p| p.place == Place::Header) {
            if CREDENTIALS.iter().any(|(name, _)| *name == parameter.name) {
                continue;
            }
            let sent: Vec<_> = incoming.headers.get_all(&parameter.name).iter().collect();
            let sent: Vec<_> = sent
                .iter()
                .filter_map(|value| value.to_str().ok())
                .map(str::to_owned)
                .collect();
            parameter.check(&sent)?;
        }
        for parameter in self.parameters.iter().filter(|p| p.place == Place::Path) {
            let sent: Vec<_> = incoming
                .path
                .iter()
                .filter(|(name, _)| *name == parameter.name)
                .map(|(_, v)| v.clone())
                .collect();
            parameter.check(&sent)?;
        }
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(incoming.query.as_bytes())
            .into_owned()
            .collect();
        for parameter in self.parameters.iter().filter(|p| p.place == Place::Query) {
            let sent: Vec<_> = pairs
                .iter()
                .filter(|(name, _)| *name == parameter.name)
                .map(|(_, v)| v.clone())
                .collect();
            parameter.check(&sent)?;
        }
        let body = match &self.body {
            Some(body) => body.check(incoming)?,
            None => Value::Null,
        };
        Ok(Checked {
            query: pairs.into_iter().collect(),
            body,
        })
    }
}

impl Parameter {
    fn check(&self, sent: &[String]) -> Result<(), Problem> {
        let name = self.name.strip_prefix("ratio-").unwrap_or(&self.name);
        if sent.is_empty() {
            if !self.required {
                return Ok(());
            }
            let code = format!("MISSING_{}", screaming(name));
            return Err(Problem::new(400, code, format!("{} is missing", self.name)));
        }
        let Some(schema) = &self.schema else { return Ok(()) };
        let fits = self
            .readings(schema, sent)
            .iter()
            .any(|value| schema.violation(value).is_none());
        if fits {
            return Ok(());
        }
        Err(Problem::new(
            400,
            format!("INVALID_{}", screaming(name)),
            format!("{} does not fit the API document", self.name),
        ))
    }

    /// The values a text can stand for: a query does not say whether `7` is a number.
    fn readings(&self, schema: &Schema, sent: &[String]) -> Vec<Value> {
        let raw = super::resolve(schema.document(), schema.raw()).unwrap_or(&Value::Null);
        if raw.get("type").is_some_and(|kind| kind == "array") {
            let texts: Vec<&str> = if self.explode {
                sent.iter().map(String::as_str).collect()
            } else {
                sent.iter().flat_map(|text| text.split(',')).collect()
            };
            return vec![
                texts.iter().map(|text| Value::from(*text)).collect(),
                texts.iter().map(|t| scalar(t)).collect(),
            ];
        }
        match sent {
            [one] => vec![Value::from(one.as_str()), scalar(one)],
            // Given twice where one is meant.
            _ => Vec::new(),
        }
    }
}

/// A number, a boolean or null, if the text is one.
fn scalar(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::Null)) => value,
        _ => Value::from(text),
    }
}

impl Body {
    fn check(&self, incoming: &Incoming<'_>) -> Result<Value, Problem> {
        let invalid = |message: &str| Problem::new(400, "INVALID_BODY", message);
        if incoming.body.is_empty() {
            return if self.required {
                Err(invalid("a body is required"))
            } else {
                Ok(Value::Null)
            };
        }
        let sent = incoming
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = sent
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let Some((_, schema)) = self.content.iter().find(|(media, _)| admits(media, &essence)) else {
            let accepted: Vec<_> = self.content.iter().map(|(media, _)| media.as_str()).collect();
            return Err(Problem::new(
                415,
                "INVALID_BODY",
                format!("the body must be sent as {}", accepted.join(" or ")),
            ));
        };
        if !is_json(&essence) {
            return Ok(Value::Null);
        }
        let value: Value = serde_json::from_slice(incoming.body).map_err(|error| {
            invalid(&format!(
                "the body is not JSON: line {}, column {}",
                error.line(),
                error.column()
            ))
        })?;
        match schema.as_ref().and_then(|schema| schema.violation(&value)) {
            Some(violation) => Err(broken(&violation)),
            None => Ok(value),
        }
    }
}

fn admits(media: &str, essence: &str) -> bool {
    let media = media.split(';').next().unwrap_or_default().trim();
    match media.strip_suffix("/*") {
        Some("*") => true,
        Some(kind) => essence.split('/').next() == Some(kind),
        None => media == essence,
    }
}

/// The code for a body that breaks its schema: `MISSING_PUBLIC_TOKEN`, `INVALID_FIAT_AMOUNT`, `INVALID_BODY`.
fn broken(violation: &Violation) -> Problem {
    let data = json!({"path": violation.pointer, "reason": violation.reason});
    if let Some(name) = &violation.missing {
        let code = format!("MISSING_{}", screaming(name));
        return Problem::new(400, code, format!("{name} is missing")).with(data);
    }
    // The innermost name: in `/events/0` that is `events`.
    let name = violation
        .pointer
        .rsplit('/')
        .find(|part| !part.is_empty() && part.parse::<usize>().is_err());
    let code = match (name, violation.keyword.as_str()) {
        (None, _) => "INVALID_BODY".to_owned(),
        // The vendor has a code of its own for a currency it does not sell.
        (Some("cryptoCurrency"), "enum") => "UNSUPPORTED_CRYPTO_CURRENCY".to_owned(),
        (Some(name), _) => format!("INVALID_{}", screaming(name)),
    };
    Problem::new(
        400,
        code,
        format!("{} {}", name.unwrap_or("the body"), violation.reason),
    )
    .with(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Document;
    use crate::contract::{Contract, Route};

    fn refusal(method: &str, path: &str, content_type: &str, body: &str) -> (u16, String) {
        let contract = Contract::read(&Document::pin()).unwrap();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let Route::Operation(operation, found) = contract.route(method, path) else {
            panic!("no such operation")
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        let incoming = Incoming {
            headers: &headers,
            query,
            path: &found,
            body: body.as_bytes(),
        };
        let problem = operation.check(&incoming).expect_err("this breaks the contract");
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
}
