//! Writes messages from values, as a client or server that conforms to a document would.

use std::collections::{HashMap, HashSet};

use openapi_document::Document;
use openapi_document::view::{
    Defect, Header, MediaType, Operation, Parameter, ParameterIn, Requirement, SecurityScheme, Style,
    template_names,
};
use serde_json::Value;

use crate::body;
use crate::contract::{form_of, is_ignored, plain_form, requires_authorization};
use crate::judgement::Part;
use crate::message::{Granted, Request, Response, header};
use crate::percent;
use crate::route::Template;
use crate::style::{self, CannotWrite, Form};
use crate::written::{Written, written};

/// A part that could not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteError {
    /// The part.
    pub part: Part,
    /// The reason why it cannot be written.
    pub why: CannotWrite,
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} cannot be written: {}", self.part, self.why)
    }
}

impl std::error::Error for WriteError {}

/// Writes a request to an operation. Each value has the form that the document defines for its part. The request
/// contains the credentials of the first security requirement, and optionally a body in a listed media type.
///
/// Parameters are identified by [`Part`]; a required parameter without a value is an error.
///
/// # Errors
/// If a value cannot be written in its part.
///
/// # Examples
/// ```
/// use openapi_document::Document;
/// use openapi_document::view::Operations;
/// use openapi_wire::{Part, write_request};
/// use serde_json::json;
///
/// let document = Document::read(r#"{"openapi": "3.0.3", "paths": {"/pets/{id}": {"get": {"parameters": [
///     {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
///     {"name": "tag", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}
/// ]}}}}"#)?;
/// let operations = Operations::of_paths(&document);
/// let values = [(Part::Path("id".into()), json!(7)), (Part::Query("tag".into()), json!(["a b", "c"]))];
/// let request = write_request(&document, &operations.list[0], &values, None).unwrap();
/// assert_eq!(request.target.as_deref(), Some("/pets/7?tag=a%20b&tag=c"));
/// # Ok::<(), openapi_document::ReadError>(())
/// ```
pub fn write_request<'d>(
    document: &'d Document,
    operation: &Operation<'d>,
    values: &[(Part, Value)],
    body: Option<(&MediaType<'d>, &Value)>,
) -> Result<Request, WriteError> {
    let ways = operation.security(document).unwrap_or_default();
    let way = chosen(document, operation, &ways, values);
    write_request_by(document, operation, values, body, way)
}

/// Writes a request like [`write_request`], with the credentials of the given security requirement, if any.
///
/// # Errors
/// See [`write_request`].
pub fn write_request_by<'d>(
    document: &'d Document,
    operation: &Operation<'d>,
    values: &[(Part, Value)],
    body: Option<(&MediaType<'d>, &Value)>,
    way: Option<&Requirement<'d>>,
) -> Result<Request, WriteError> {
    let mut request = Request {
        method: operation.method.to_string(),
        ..Request::default()
    };
    let template = Template::of(&operation.path);
    let parameters = operation.parameters(document);
    let mut path = template.path.to_owned();
    let mut query = vec![undeclared(&parameters, template.query.unwrap_or_default())];
    let (mut cookies, mut written) = (Vec::new(), HashSet::new());
    let in_path: HashSet<&str> = template_names(&operation.path).into_iter().collect();
    let mut texts: HashMap<&str, String> = HashMap::new();
    let mut given: HashMap<&Part, &Value> = HashMap::new();
    for (part, value) in values {
        given.entry(part).or_insert(value);
    }
    for parameter in parameters.iter().flatten() {
        let part = Part::of(parameter);
        // A parameter that the path does not contain is not sent, and ignored headers are described elsewhere.
        let is_path = parameter.place == ParameterIn::Path;
        let is_placed = !is_path || in_path.contains(parameter.name);
        if !is_placed || is_ignored(parameter) {
            continue;
        }
        let Some(value) = given.get(&part) else {
            if parameter.required {
                return Err(WriteError {
                    part,
                    why: CannotWrite::NAME,
                });
            }
            continue;
        };
        written.insert(part.clone());
        if parameter.place == ParameterIn::QueryString {
            query.push(write_query(document, parameter, value).map_err(|why| WriteError { part, why })?);
            continue;
        }
        let pairs = write_parameter(parameter, value).map_err(|why| WriteError { part, why })?;
        let text = pairs.text(parameter.place);
        match parameter.place {
            ParameterIn::Path => {
                texts.insert(parameter.name, text);
            }
            ParameterIn::Header => request.headers.push((parameter.name.to_owned(), text)),
            ParameterIn::Query | ParameterIn::QueryString => query.push(text),
            ParameterIn::Cookie => cookies.push(text),
        }
    }
    if !texts.is_empty() {
        path = filled(&path, &texts);
        query[0] = filled(&query[0], &texts);
    }
    if let Some(way) = way {
        let is_written = |part: &Part| written.contains(part);
        credentials(document, way, is_written, &mut request, &mut query, &mut cookies);
    }
    if parameters.iter().flatten().any(requires_authorization)
        && header(&request.headers, "authorization").next().is_none()
    {
        let credential = format!("Bearer {CREDENTIAL}");
        request.headers.push(("Authorization".to_owned(), credential));
    }
    query.retain(|it| !it.is_empty());
    cookies.retain(|it| !it.is_empty());
    if !cookies.is_empty() {
        request.headers.push(("Cookie".to_owned(), cookies.join("; ")));
    }
    let query = if query.is_empty() {
        String::new()
    } else {
        format!("?{}", query.join("&"))
    };
    request.target = Some(base_path(document, operation) + &percent::travelling(&path) + &query);
    request.body = write_body(document, body, &mut request.headers)?;
    Ok(request)
}

/// The path of an operation's first server as it stands in a target, where it precedes the path of the operation.
pub fn base_path(document: &Document, operation: &Operation<'_>) -> String {
    let servers = operation.servers(document);
    servers
        .first()
        .map_or_else(String::new, |it| percent::travelling(&it.base_path()))
}

/// Replaces the parameters of a template by the given texts.
fn filled(template: &str, texts: &HashMap<&str, String>) -> String {
    let mut parts = template.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let own = part
            .split_once('}')
            .and_then(|(name, rest)| Some((texts.get(name)?, rest)));
        if let Some((text, rest)) = own {
            out.push_str(text);
            out.push_str(rest);
        } else {
            out.push('{');
            out.push_str(part);
        }
    }
    out
}

/// The query of the operation's path, without the pairs that are also declared as query parameters. These are written
/// only once, as parameters.
fn undeclared(parameters: &[Result<Parameter<'_>, Defect>], query: &str) -> String {
    let is_declared = |name: &str| {
        let mut parameters = parameters.iter().flatten();
        parameters.any(|it| it.place == ParameterIn::Query && it.name == name)
    };
    let pairs = query.split('&').filter(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        !(pair.contains('{') && is_declared(name))
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// Writes the query as a whole, like a body of its media type (OpenAPI 3.2).
fn write_query(document: &Document, parameter: &Parameter<'_>, value: &Value) -> Result<String, CannotWrite> {
    let media_type = parameter.content().ok_or(CannotWrite::NAME)?;
    let (bytes, _) = body::write(document, &media_type, value)?;
    let text = String::from_utf8(bytes).map_err(|_| CannotWrite::UNKNOWN)?;
    let is_form = media_type.name.essence() == "application/x-www-form-urlencoded";
    Ok(if is_form { text } else { percent::encoded(&text) })
}

fn write_parameter(parameter: &Parameter<'_>, value: &Value) -> Result<style::Pairs, CannotWrite> {
    match parameter.content() {
        Some(content) if content.name.is_json() => {
            let text = Written::Text(value.to_string());
            style::write(parameter.place, &plain_form(parameter), &text)
        }
        Some(_) => Err(CannotWrite::UNKNOWN),
        None => {
            let value = written(value).ok_or(CannotWrite::NULL)?;
            style::write(parameter.place, &form_of(parameter), &value)
        }
    }
}

/// Writes a body, and adds its header.
fn write_body(
    document: &Document,
    body: Option<(&MediaType<'_>, &Value)>,
    headers: &mut Vec<(String, String)>,
) -> Result<Option<Vec<u8>>, WriteError> {
    let Some((media_type, value)) = body else {
        return Ok(None);
    };
    let part = Part::Body;
    let (bytes, content_type) =
        body::write(document, media_type, value).map_err(|why| WriteError { part, why })?;
    headers.push(("Content-Type".to_owned(), content_type));
    Ok(Some(bytes))
}

/// Writes a response with a body in one media type.
///
/// # Errors
/// If the value cannot be written in the media type.
pub fn write_response(
    document: &Document,
    status: u16,
    body: Option<(&MediaType<'_>, &Value)>,
) -> Result<Response, WriteError> {
    let mut response = Response {
        status,
        ..Response::default()
    };
    response.body = write_body(document, body, &mut response.headers)?;
    Ok(response)
}

/// Writes the value of a response header.
///
/// # Errors
/// If the value cannot be written in the header.
///
/// # Examples
/// ```
/// use openapi_document::Document;
/// use openapi_document::view::Operations;
/// use openapi_wire::write_header;
/// use serde_json::json;
///
/// let document = Document::read(r#"{"openapi": "3.0.3", "paths": {"/pets": {"get": {"responses": {"200": {
///     "headers": {"X-Tags": {"schema": {"type": "array", "items": {"type": "string"}}}}
/// }}}}}}"#)?;
/// let operations = Operations::of_paths(&document);
/// let response = operations.list[0].responses(&document).remove(0).unwrap();
/// let header = response.headers(&document).remove(0).unwrap();
/// assert_eq!(write_header(&header, &json!(["a", "b"])).unwrap(), "a,b");
/// # Ok::<(), openapi_document::ReadError>(())
/// ```
pub fn write_header(header: &Header<'_>, value: &Value) -> Result<String, WriteError> {
    let pairs = match header.content() {
        Some(content) if content.name.is_json() => return Ok(value.to_string()),
        Some(_) => Err(CannotWrite::UNKNOWN),
        None => written(value).ok_or(CannotWrite::NULL).and_then(|value| {
            let form = Form {
                name: header.name,
                style: Style::Simple,
                explode: header.explode(),
                allow_reserved: false,
            };
            style::write(ParameterIn::Header, &form, &value)
        }),
    };
    let part = || Part::Header(header.name.to_ascii_lowercase());
    pairs
        .map(|it| it.text(ParameterIn::Header))
        .map_err(|why| WriteError { part: part(), why })
}

/// The placeholder for a secret.
const CREDENTIAL: &str = "credential";

/// The location and the text of a credential.
struct Carried<'d> {
    place: ParameterIn,
    name: &'d str,
    text: String,
}

/// The location of a scheme's credential; `None` if the message does not contain it.
fn carried<'d>(document: &'d Document, name: &'d str) -> Option<Carried<'d>> {
    let scheme = SecurityScheme::named(document, name)?.ok()?;
    let authorization = |kind: &str| Carried {
        place: ParameterIn::Header,
        name: "Authorization",
        text: format!("{kind} {CREDENTIAL}"),
    };
    match scheme.kind()? {
        "apiKey" => Some(Carried {
            place: match scheme.here.text("in")? {
                "header" => ParameterIn::Header,
                "query" => ParameterIn::Query,
                "cookie" => ParameterIn::Cookie,
                _ => return None,
            },
            name: scheme.here.text("name")?,
            text: CREDENTIAL.to_owned(),
        }),
        "http" => Some(authorization(scheme.here.text("scheme").unwrap_or_default())),
        "oauth2" | "openIdConnect" => Some(authorization("Bearer")),
        _ => None,
    }
}

impl Carried<'_> {
    fn part(&self) -> Part {
        match self.place {
            ParameterIn::Cookie => Part::Cookie(self.name.to_owned()),
            ParameterIn::Header => Part::Header(self.name.to_ascii_lowercase()),
            _ => Part::Query(self.name.to_owned()),
        }
    }
}

/// The first security requirement without a parameter that the values leave out, because such a parameter is absent
/// on purpose; otherwise the first one.
fn chosen<'w, 'd>(
    document: &'d Document,
    operation: &Operation<'d>,
    ways: &'w [Requirement<'d>],
    values: &[(Part, Value)],
) -> Option<&'w Requirement<'d>> {
    if ways.len() < 2 {
        return ways.first();
    }
    let given: HashSet<&Part> = values.iter().map(|(part, _)| part).collect();
    let parameters = operation.parameters(document);
    let declared = parameters.iter().flatten().filter(|it| !is_ignored(it));
    let left_out: HashSet<Part> = declared
        .map(Part::of)
        .filter(|part| !given.contains(part))
        .collect();
    let brings_none = |way: &&Requirement<'d>| {
        let mut carried = way.schemes.iter().filter_map(|(name, _)| carried(document, name));
        !carried.any(|it| left_out.contains(&it.part()))
    };
    ways.iter().find(brings_none).or(ways.first())
}

/// Adds a placeholder for each credential of a security requirement, unless a parameter already contains it.
fn credentials<'d>(
    document: &'d Document,
    way: &Requirement<'d>,
    is_written: impl Fn(&Part) -> bool,
    request: &mut Request,
    query: &mut Vec<String>,
    cookies: &mut Vec<String>,
) {
    let mut granted = Granted::default();
    for (name, scopes) in &way.schemes {
        let scopes = scopes.iter().map(|it| (*it).to_owned()).collect();
        granted.schemes.push(((*name).to_owned(), scopes));
        let credential = carried(document, name).filter(|it| !is_written(&it.part()));
        let Some(Carried { place, name, text }) = credential else {
            continue;
        };
        match place {
            ParameterIn::Header => push_new(&mut request.headers, (name.to_owned(), text)),
            ParameterIn::Cookie => push_new(cookies, format!("{name}={text}")),
            _ => push_new(query, format!("{name}={text}")),
        }
    }
    request.granted = Some(granted);
}

/// Adds an item once, because two schemes may use the same credential.
fn push_new<T: PartialEq>(to: &mut Vec<T>, item: T) {
    if !to.contains(&item) {
        to.push(item);
    }
}
