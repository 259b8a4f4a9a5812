//! Checks whether a request contains the credentials that a document requires. Only their presence is checked,
//! because the document does not contain the secrets.

use openapi_document::view::{Operation, Requirement, SecurityScheme};
use openapi_document::{Document, Node};

use crate::body::pairs;
use crate::judgement::{Cause, Judgement, Part};
use crate::message::{Request, header};
use crate::percent::form_decoded;

/// The result for one security requirement or scheme.
enum Way {
    Open,
    Shut(String),
    CannotTell(String),
}

/// Judges the security requirements of an operation, one of which must be met.
pub(crate) fn judge(
    document: &Document,
    operation: &Operation<'_>,
    request: &Request,
    judgement: &mut Judgement,
) {
    let Some(ways) = operation.security(document).filter(|ways| !ways.is_empty()) else {
        return;
    };
    let mut shut = Vec::new();
    let mut open = Vec::new();
    for way in &ways {
        match requirement(document, way, request) {
            Way::Open => return,
            Way::Shut(why) => shut.push(why),
            Way::CannotTell(why) => open.push(why),
        }
    }
    match open.into_iter().next() {
        Some(why) => judgement.doubt(Part::Security, why),
        None => judgement.refuse(Part::Security, Cause::Missing, shut.join(", and ")),
    }
}

fn requirement(document: &Document, way: &Requirement<'_>, request: &Request) -> Way {
    let mut doubt = None;
    for (name, scopes) in &way.schemes {
        match scheme(document, name, scopes, request) {
            Way::Open => {}
            Way::CannotTell(why) => doubt = Some(why),
            shut @ Way::Shut(_) => return shut,
        }
    }
    doubt.map_or(Way::Open, Way::CannotTell)
}

fn scheme(document: &Document, name: &str, scopes: &[&str], request: &Request) -> Way {
    let scheme = match SecurityScheme::named(document, name) {
        Some(Ok(scheme)) => scheme,
        Some(Err(defect)) => return Way::CannotTell(defect.to_string()),
        None => return Way::CannotTell(format!("the document does not declare the scheme `{name}`")),
    };
    let shut = |what: &str| Way::Shut(format!("`{name}` wants {what}"));
    let authorization = |kind: &str| {
        header(&request.headers, "authorization").any(|value| {
            let (own, credential) = value.trim().split_once(' ').unwrap_or((value, ""));
            own.eq_ignore_ascii_case(kind) && !credential.trim().is_empty()
        })
    };
    match scheme.kind() {
        Some("apiKey") => {
            let Some(key) = scheme.here.text("name") else {
                return Way::CannotTell(format!("the scheme `{name}` does not say what its key is called"));
            };
            let is_there = match scheme.here.text("in") {
                Some("header") => header(&request.headers, key).next().is_some(),
                Some("query") => query(request).iter().any(|it| it == key),
                Some("cookie") => cookies(request).any(|it| it.0 == key),
                _ => {
                    return Way::CannotTell(format!(
                        "the scheme `{name}` does not say where its key travels"
                    ));
                }
            };
            if is_there {
                Way::Open
            } else {
                shut(&format!("the key `{key}`"))
            }
        }
        Some("http") => {
            let Some(kind) = scheme.here.text("scheme") else {
                return Way::CannotTell(format!("the scheme `{name}` does not say which it is of HTTP's"));
            };
            if authorization(kind) {
                Way::Open
            } else {
                shut(&format!("`Authorization: {kind}`"))
            }
        }
        Some("oauth2" | "openIdConnect") => {
            if !authorization("bearer") {
                return shut("a bearer token");
            }
            let Some(granted) = &request.granted else {
                return Way::Open;
            };
            let granted = granted.schemes.iter().find(|(own, _)| own == name);
            match granted {
                None => shut("a token of its own"),
                Some((_, granted)) => {
                    let lacking = scopes
                        .iter()
                        .find(|scope| !granted.iter().any(|it| it == **scope));
                    lacking.map_or(Way::Open, |scope| shut(&format!("the scope `{scope}`")))
                }
            }
        }
        // The certificate travels beside the message. Who writes the message says whether it is brought.
        Some("mutualTLS") => {
            let granted = request.granted.as_ref();
            if granted.is_some_and(|it| it.schemes.iter().any(|(own, _)| own == name)) {
                Way::Open
            } else {
                Way::CannotTell(format!(
                    "the certificate that `{name}` wants is no part of the message"
                ))
            }
        }
        _ => Way::CannotTell(format!("the scheme `{name}` has no type that is known")),
    }
}

/// The names of the query parameters or the cookies in which the document's API keys are sent.
pub(crate) fn keys_in<'d>(document: &'d Document, place: &'static str) -> impl Iterator<Item = &'d str> {
    let schemes = document.at("/components/securitySchemes");
    let schemes = schemes
        .into_iter()
        .flat_map(Node::members)
        .map(|(_, scheme)| scheme);
    schemes
        .filter(move |it| it.text("in") == Some(place))
        .filter_map(|it| it.text("name"))
}

fn query(request: &Request) -> Vec<String> {
    let target = request.target.as_deref().unwrap_or_default();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    pairs(query)
        .iter()
        .filter_map(|(name, _)| form_decoded(name))
        .collect()
}

/// The cookies of a request, still escaped.
pub(crate) fn cookies(request: &Request) -> impl Iterator<Item = (String, String)> {
    let lines = header(&request.headers, "cookie");
    lines.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    })
}
