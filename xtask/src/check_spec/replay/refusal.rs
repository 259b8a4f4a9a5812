//! What a document has against a request or an answer, place by place: the checks of values are an independent validator's.

use openapi_drift::{Direction, Refusal};
use serde_json::Value;

use super::server::Seen;
use super::service::{Operation, Place, Service, content, essence};

/// Headers that OpenAPI leaves to other parts of a document.
const DESCRIBED_ELSEWHERE: [&str; 3] = ["accept", "content-type", "authorization"];

/// Statuses whose answers carry no body on the wire, whatever a document says.
const BODILESS: [u64; 3] = [204, 205, 304];

impl Service<'_> {
    /// Everything about a request that the service does not take, and the status it would answer with.
    ///
    /// # Errors
    /// When the document cannot be used to judge it; the text says why.
    pub(super) fn request_refusals(&mut self, request: &Seen) -> Result<(u16, Vec<Refusal>), String> {
        let (operation, captured) = match self.route(&request.method, &request.path) {
            Ok(routed) => routed,
            Err(status) => {
                let why = format!("staging has no {} {}", request.method, request.template());
                return Ok((status, vec![refusal("", why)]));
            }
        };
        let mut found = Vec::new();
        self.credentials(&operation, request, &mut found);
        let mut status = if found.is_empty() { 400 } else { 401 };
        for parameter in self.parameters(&operation) {
            self.parameter(&operation, &parameter, request, &captured, &mut found)?;
        }
        if let Some(body) = operation.place.get("requestBody") {
            let body = self.follow(body);
            if self.body(&body, request, &mut found)? {
                status = 415;
            }
        }
        Ok((status, found))
    }

    fn credentials(&self, operation: &Operation<'_>, request: &Seen, found: &mut Vec<Refusal>) {
        let Some(ways) = self.security(operation) else {
            return;
        };
        let met = |scheme: &Place<'_>| {
            let authorization = request.header("authorization").unwrap_or_default();
            let scheme_of = authorization.split(' ').next().unwrap_or_default();
            match scheme.text("type") {
                "apiKey" => {
                    let name = scheme.text("name");
                    match scheme.text("in") {
                        "header" => request.header(name).is_some(),
                        "query" => request.query(name).is_some(),
                        _ => request.cookie(name),
                    }
                }
                "http" => scheme.text("scheme").eq_ignore_ascii_case(scheme_of),
                "oauth2" | "openIdConnect" => scheme_of.eq_ignore_ascii_case("bearer"),
                _ => false,
            }
        };
        if ways.is_empty() || ways.iter().any(|way| way.iter().all(met)) {
            return;
        }
        found.push(refusal("/credentials", "no credentials that suffice are there"));
    }

    fn parameter(
        &mut self,
        operation: &Operation<'_>,
        parameter: &Place<'_>,
        request: &Seen,
        captured: &[String],
        found: &mut Vec<Refusal>,
    ) -> Result<(), String> {
        let name = parameter.text("name");
        let (group, sent) = match parameter.text("in") {
            "header" if DESCRIBED_ELSEWHERE.contains(&name.to_ascii_lowercase().as_str()) => return Ok(()),
            "header" => ("headers", request.header(name).map(str::to_owned)),
            "query" => ("query", request.query(name)),
            "path" => {
                // The client's own names for the parameters are those of the pin.
                let position = names(operation.template).position(|own| own == name);
                let value = position.and_then(|position| captured.get(position));
                let pinned = position.and_then(|position| names(&request.pinned).nth(position));
                let Some((value, name)) = value.zip(pinned) else {
                    return Ok(());
                };
                return self.text(parameter, &format!("/path_parameters/{name}"), value, found);
            }
            // The client sends no cookies.
            _ => ("cookies", None),
        };
        let at = format!("/{group}/{}", name.replace('~', "~0").replace('/', "~1"));
        match sent {
            Some(text) => self.text(parameter, &at, &text, found)?,
            None if parameter.is_true("required") => {
                let kind = parameter.text("in");
                found.push(refusal(&at, format!("the required {kind} `{name}` is missing")));
            }
            None => {}
        }
        Ok(())
    }

    /// Holds the text of a parameter to its schema: it is taken when it can be read as what is asked for.
    fn text(
        &mut self,
        parameter: &Place<'_>,
        at: &str,
        text: &str,
        found: &mut Vec<Refusal>,
    ) -> Result<(), String> {
        let Some(schema) = parameter.get("schema") else {
            return Ok(());
        };
        let as_text = self
            .values
            .refusals(&schema.at, Direction::Request, &text.into())?;
        let Some(first) = as_text.into_iter().next() else {
            return Ok(());
        };
        if let Ok(value @ (Value::Number(_) | Value::Bool(_))) = serde_json::from_str(text)
            && self
                .values
                .refusals(&schema.at, Direction::Request, &value)?
                .is_empty()
        {
            return Ok(());
        }
        found.push(refusal(at, first.why));
        Ok(())
    }

    /// Whether the media type is what is refused.
    fn body(&mut self, wanted: &Place<'_>, request: &Seen, found: &mut Vec<Refusal>) -> Result<bool, String> {
        if request.body.is_empty() {
            if wanted.is_true("required") {
                found.push(refusal("/body", "the required body is missing"));
            }
            return Ok(false);
        }
        let media = request.header("content-type").unwrap_or("application/json");
        let Some(described) = content(wanted, media) else {
            let lists_some = wanted
                .get("content")
                .is_some_and(|content| content.members().next().is_some());
            if lists_some {
                found.push(refusal(
                    "/body",
                    format!("{} is not among the media types taken", essence(media)),
                ));
            }
            return Ok(lists_some);
        };
        let (Some(schema), Ok(value)) = (described.get("schema"), serde_json::from_slice(&request.body))
        else {
            return Ok(false);
        };
        let refusals = self.values.refusals(&schema.at, Direction::Request, &value)?;
        found.extend(refusals.into_iter().map(below_body));
        Ok(false)
    }

    /// Everything about an answer `{status, headers, body}` that the document does not describe.
    ///
    /// # Errors
    /// When the document cannot be used to judge it; the text says why.
    pub(super) fn answer_refusals(
        &mut self,
        operation: &Operation<'_>,
        message: &Value,
    ) -> Result<Vec<Refusal>, String> {
        let status = message["status"].as_u64().unwrap_or_default();
        let Some(answer) = self.answer(operation, &status.to_string()) else {
            return Ok(vec![refusal("", format!("no answer {status} is declared"))]);
        };
        let mut found = Vec::new();
        for (name, header) in answer.get("headers").iter().flat_map(Place::members) {
            let header = self.follow(header);
            let at = format!("/headers/{}", name.replace('~', "~0").replace('/', "~1"));
            match header_of(message, name) {
                Some(text) => self.text(&header, &at, &text, &mut found)?,
                None if header.is_true("required") => {
                    found.push(refusal(&at, format!("the required header `{name}` is missing")));
                }
                None => {}
            }
        }
        if BODILESS.contains(&status) {
            return Ok(found);
        }
        let described = answer
            .get("content")
            .is_some_and(|content| content.members().next().is_some());
        match (message.get("body"), described) {
            (None, true) => found.push(refusal("/body", "there is no body")),
            (Some(_), false) => found.push(refusal("/body", "no body is declared")),
            (Some(body), true) => {
                let media = media_of(message);
                match content(&answer, &media) {
                    None => found.push(refusal("/body", format!("{} is not declared", essence(&media)))),
                    Some(described) => {
                        if let Some(schema) = described.get("schema") {
                            let refusals = self.values.refusals(&schema.at, Direction::Response, body)?;
                            found.extend(refusals.into_iter().map(below_body));
                        }
                    }
                }
            }
            (None, false) => {}
        }
        Ok(found)
    }
}

/// The names of a template's parameters, in order.
pub(super) fn names(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// The media type of a message, JSON unless it says otherwise.
pub(super) fn media_of(message: &Value) -> String {
    header_of(message, "content-type").unwrap_or_else(|| "application/json".to_owned())
}

fn header_of(message: &Value, name: &str) -> Option<String> {
    let headers = message.get("headers")?.as_object()?;
    let (_, value) = headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name))?;
    Some(plain(value))
}

/// A value as a header writes it.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether what is said about one place of a message concerns another: they are the same, or one holds the other.
pub(super) fn concerns(said_of: &str, at: &str) -> bool {
    if at.is_empty() {
        return matches!(said_of, "" | "/credentials");
    }
    said_of
        .split('/')
        .zip(at.split('/'))
        .all(|(own, other)| own == other || own == "*" || other == "*")
}

fn refusal(at: &str, why: impl Into<String>) -> Refusal {
    Refusal {
        at: at.to_owned(),
        why: why.into(),
    }
}

fn below_body(mut refusal: Refusal) -> Refusal {
    refusal.at.insert_str(0, "/body");
    refusal
}

#[cfg(test)]
mod tests {
    use super::concerns;

    #[test]
    fn what_is_said_of_a_place_concerns_what_it_holds_and_what_holds_it() {
        assert!(concerns("/body/a/b", "/body/a"));
        assert!(concerns("/body", "/body/a"));
        assert!(concerns("", "/body/a"));
        assert!(concerns("/body/lines/0/sku", "/body/lines/*/sku"));
        assert!(!concerns("/body/ab", "/body/a"));
        assert!(!concerns("/headers/x", ""));
        assert!(concerns("/credentials", ""));
    }
}
