//! Whether a request keeps the contract, and which of the vendor's codes says why not.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

use super::reading::{Reading, scalar};
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
        let owned = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        let headers = incoming.headers.iter();
        let headers: Vec<_> = headers
            .filter_map(|(name, value)| Some(owned((name.as_str(), value.to_str().ok()?))))
            .collect();
        let cookies = headers.iter().filter(|(name, _)| name == header::COOKIE.as_str());
        let cookies: Vec<_> = cookies
            .flat_map(|(_, text)| text.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .map(owned)
            .collect();
        let query: Vec<(String, String)> = url::form_urlencoded::parse(incoming.query.as_bytes())
            .into_owned()
            .collect();
        for (place, sent) in [
            (Place::Header, headers.as_slice()),
            (Place::Cookie, &cookies),
            (Place::Path, incoming.path),
            (Place::Query, &query),
        ] {
            for parameter in self.parameters.iter().filter(|p| p.place == place) {
                // Who calls has been judged already, by codes of its own.
                if !CREDENTIALS.iter().any(|(name, _)| *name == parameter.name) {
                    parameter.check(sent)?;
                }
            }
        }
        let body = match &self.body {
            Some(body) => body.check(incoming)?,
            None => Value::Null,
        };
        Ok(Checked {
            query: query.into_iter().collect(),
            body,
        })
    }
}

impl Parameter {
    /// Judges what was sent at this parameter's place, as pairs of names and texts.
    fn check(&self, pairs: &[(String, String)]) -> Result<(), Problem> {
        let name = self.name.strip_prefix("ratio-").unwrap_or(&self.name);
        let readings = self.readings(pairs);
        if readings.is_empty() {
            if !self.required {
                return Ok(());
            }
            let code = format!("MISSING_{}", screaming(name));
            return Err(Problem::new(400, code, format!("{} is missing", self.name)));
        }
        let Some(schema) = &self.schema else { return Ok(()) };
        if readings.iter().any(|value| schema.violation(value).is_none()) {
            return Ok(());
        }
        Err(Problem::new(
            400,
            format!("INVALID_{}", screaming(name)),
            format!("{} does not fit the API document", self.name),
        ))
    }

    /// The values that what was sent can stand for; none when nothing was.
    fn readings(&self, pairs: &[(String, String)]) -> Vec<Value> {
        let named = pairs.iter().filter(|(name, _)| *name == self.name);
        let texts: Vec<&str> = named.map(|(_, text)| text.as_str()).collect();
        let Some(schema) = &self.schema else {
            return texts.into_iter().map(Value::from).collect();
        };
        let reading = Reading::of(schema.document());
        let kinds = reading.kinds(schema.raw());
        let split = || texts.iter().flat_map(|text| text.split(self.separator));
        if kinds.contains(&"array") && !texts.is_empty() {
            let all = if self.explode {
                texts.iter().copied().map(Value::from).collect()
            } else {
                split().map(Value::from).collect()
            };
            return vec![reading.typed(schema.raw(), Value::Array(all))];
        }
        if kinds.contains(&"object") {
            let parts = self.parts(&reading, schema, pairs, &split().collect::<Vec<_>>());
            return if parts.is_empty() {
                Vec::new()
            } else {
                vec![reading.object(schema.raw(), &parts)]
            };
        }
        match texts.as_slice() {
            [] => Vec::new(),
            [one] => vec![reading.typed(schema.raw(), Value::from(*one)), scalar(one)],
            // Given twice where one is meant: a list, which no schema of one value admits.
            all => vec![all.iter().map(|text| Value::from(*text)).collect()],
        }
    }

    /// The pairs that an object travels as: `filter[a]=1`, `a=1` on their own, or `filter=a,1`.
    fn parts(
        &self,
        reading: &Reading<'_>,
        schema: &Schema,
        pairs: &[(String, String)],
        split: &[&str],
    ) -> Vec<(String, String)> {
        if self.deep {
            let inside = |name: &String| {
                name.strip_prefix(&self.name)
                    .is_some_and(|rest| rest.starts_with('['))
            };
            let pairs = pairs.iter().filter(|(name, _)| inside(name));
            return pairs
                .map(|(name, text)| (name[self.name.len() + 1..].to_owned(), text.clone()))
                .collect();
        }
        if self.explode {
            let declared = |name: &str| {
                reading
                    .part(schema.raw(), &|part| part.get("properties")?.get(name))
                    .is_some()
            };
            return pairs.iter().filter(|(name, _)| declared(name)).cloned().collect();
        }
        split
            .chunks_exact(2)
            .map(|pair| (pair[0].to_owned(), pair[1].to_owned()))
            .collect()
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
        let value = if is_json(&essence) {
            serde_json::from_slice(incoming.body).map_err(|error| {
                invalid(&format!(
                    "the body is not JSON: line {}, column {}",
                    error.line(),
                    error.column()
                ))
            })?
        } else if let Some(schema) = schema
            .as_ref()
            .filter(|_| essence == "application/x-www-form-urlencoded")
        {
            let pairs: Vec<_> = url::form_urlencoded::parse(incoming.body).into_owned().collect();
            Reading::of(schema.document()).object(schema.raw(), &pairs)
        } else {
            // Files and the like are asked for and not looked into.
            return Ok(Value::Null);
        };
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
        let contract = Contract::read(&Document::parse(document).unwrap()).unwrap();
        let Route::Operation(operation, path) = contract.route("GET", "/x") else {
            panic!("no such operation")
        };
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        let checked = operation.check(&Incoming {
            headers: &headers,
            query,
            path: &path,
            body: b"",
        });
        checked.map(drop).map_err(|problem| problem.code.into_owned())
    }

    #[test]
    fn parameters_are_read_in_the_style_that_the_document_gives_them() {
        let fine = "filter[least]=7&size=3&from=7&ids=1|2&tags=1&tags=b";
        assert_eq!(searched(fine, "a=b; theme=dark"), Ok(()));
        for (query, cookie, code) in [
            ("size=3", "theme=dark", "MISSING_FILTER"),
            ("filter[least]=many", "theme=dark", "INVALID_FILTER"),
            ("filter[least]=7&size=many", "theme=dark", "INVALID_PAGE"),
            ("filter[least]=7&ids=1|b", "theme=dark", "INVALID_IDS"),
            (
                "filter[least]=7&tags=a&tags=b&tags=c",
                "theme=dark",
                "INVALID_TAGS",
            ),
            ("filter[least]=7", "theme=blue", "INVALID_THEME"),
            ("filter[least]=7", "them=dark", "MISSING_THEME"),
        ] {
            assert_eq!(searched(query, cookie), Err(code.to_owned()), "{query}");
        }
    }

    #[test]
    fn a_form_is_held_to_its_schema() {
        let document = r#"{"openapi": "3.0.0", "paths": {"/x": {"post": {"requestBody": {"content": {
            "application/x-www-form-urlencoded": {"schema": {"type": "object", "required": ["amount"],
                "properties": {"amount": {"type": "integer"}}}}}}}}}}"#;
        let contract = Contract::read(&Document::parse(document).unwrap()).unwrap();
        let Route::Operation(operation, path) = contract.route("POST", "/x") else {
            panic!("no such operation")
        };
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            "application/x-www-form-urlencoded".parse().unwrap(),
        );
        let sent = |body: &'static str| {
            let body = body.as_bytes();
            let checked = operation.check(&Incoming {
                headers: &headers,
                query: "",
                path: &path,
                body,
            });
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
}
