//! Judges a request against its operation: the parameters, each in its location, and the body.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use openapi_document::Node;
use openapi_document::view::{Operation, Parameter, ParameterIn, Style, template_names};

use super::Contract;
use super::forms::{form_of, is_ignored, joined_header, plain_form, requires_authorization};
use crate::judgement::{Cause, Judgement, Part};
use crate::message::{Request, header};
use crate::schema::{Direction, has_further, property_names};
use crate::style::{self, PairsByName, Raw};
use crate::types::{Types, types_at};
use crate::{body, percent, security};

impl<'d> Contract<'d> {
    /// Judges everything but the target. `texts` are the texts of the path parameters, or `None` if the operation was
    /// not found by its path.
    pub(super) fn judge_request(
        &self,
        operation: &Operation<'d>,
        request: &Request,
        texts: Option<&[(String, String)]>,
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        security::judge(self.document, operation, request, judgement);
        let target = request.target.as_deref().unwrap_or_default();
        let whole = target.split_once('?').map_or("", |(_, query)| query);
        let whole = whole.split('#').next().unwrap_or_default();
        let query = PairsByName::new(body::pairs(whole));
        let cookies = PairsByName::new(security::cookies(request));
        let parameters = operation.parameters(self.document);
        let known: Vec<&Parameter<'d>> = parameters.iter().flatten().collect();
        let map = self.map_in_query(&known, &query);
        // They are found only when they are needed, since parameters may be many and their schemas deep.
        let (in_query, in_cookies) = (OnceCell::new(), OnceCell::new());
        let in_path: HashSet<&str> = template_names(&operation.path).into_iter().collect();
        let mut in_target: HashMap<&str, &str> = HashMap::new();
        for (name, text) in texts.unwrap_or_default() {
            in_target.entry(name).or_insert(text);
        }
        for parameter in &parameters {
            let parameter = match parameter {
                Ok(parameter) => parameter,
                Err(defect) => {
                    judgement.doubt(Part::Target, defect.to_string());
                    continue;
                }
            };
            let is_ignored = is_ignored(parameter);
            if requires_authorization(parameter) && header(&request.headers, parameter.name).next().is_none()
            {
                judgement.refuse(
                    Part::Security,
                    Cause::Missing,
                    "the header `Authorization` is a required parameter",
                );
            }
            let is_path = parameter.place == ParameterIn::Path;
            // A path parameter that the path template does not contain is never sent.
            let is_unplaced = is_path && !in_path.contains(parameter.name);
            if is_ignored || is_unplaced || (is_path && texts.is_none()) {
                continue;
            }
            if parameter.place == ParameterIn::QueryString {
                self.judge_query(parameter, whole, direction, judgement);
                continue;
            }
            let is_header = parameter.place == ParameterIn::Header;
            let joined = is_header
                .then(|| joined_header(&request.headers, parameter.name))
                .flatten();
            let raw = match parameter.place {
                ParameterIn::Path => in_target.get(parameter.name).map(|text| Raw::Segment(text)),
                ParameterIn::Header => joined.as_deref().map(Raw::Header),
                ParameterIn::Query | ParameterIn::QueryString => Some(Raw::Pairs(&query)),
                ParameterIn::Cookie => Some(Raw::Pairs(&cookies)),
            };
            let unused = || -> &[String] {
                match parameter.place {
                    ParameterIn::Query => {
                        in_query.get_or_init(|| self.unused(&known, ParameterIn::Query, &query))
                    }
                    ParameterIn::Cookie => {
                        in_cookies.get_or_init(|| self.unused(&known, ParameterIn::Cookie, &cookies))
                    }
                    _ => &[],
                }
            };
            let is_map = parameter.place == ParameterIn::Query && map == Some(parameter.name);
            let further = if is_map { unused() } else { &[] };
            let refused = judgement.refusals.len();
            self.judge_parameter(parameter, (raw, further), direction, judgement);
            let is_refused = judgement.refusals.len() > refused;
            if is_refused && !is_map && self.may_have_further(parameter) && !unused().is_empty() {
                judgement.refusals.truncate(refused);
                judgement.doubt(
                    Part::of(parameter),
                    "which of the other pairs are its members is not said",
                );
            }
        }
        self.judge_request_body(operation, request, direction, judgement);
    }

    fn judge_parameter(
        &self,
        parameter: &Parameter<'d>,
        (raw, further): (Option<Raw<'_>>, &[String]),
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let part = Part::of(parameter);
        let schema = parameter.schema();
        let (form, mut names) = if parameter.content().is_some() {
            // A value in a media type is written as a single text.
            (plain_form(parameter), Vec::new())
        } else {
            let names = schema.as_ref().map(|it| property_names(self.document, it.node));
            (form_of(parameter), names.unwrap_or_default())
        };
        names.extend_from_slice(further);
        let found = match raw.map(|raw| style::read(&form, &raw, &names)) {
            None => Vec::new(),
            Some(Some(found)) => found,
            Some(None) => {
                judgement.refuse(part, Cause::Malformed, "its text is not written in its style");
                return;
            }
        };
        if found.is_empty() {
            if parameter.required {
                judgement.refuse(part, Cause::Missing, "it is required");
            }
            return;
        }
        match parameter.content() {
            Some(content) => self.judge_content(part, &content, &found, direction, judgement),
            None => self.judge_texts(part, schema.as_ref(), &found, direction, judgement),
        }
    }

    /// The query parameter that is an exploded map, whose members are the pairs that no declaration uses. `None` if
    /// there are several such maps, because the owner of a name is then unknown.
    fn map_in_query(&self, parameters: &[&Parameter<'d>], query: &PairsByName) -> Option<&'d str> {
        query.iter().next()?;
        let parameters = parameters.iter().filter(|it| it.place == ParameterIn::Query);
        let mut maps = parameters.filter(|it| {
            let schema = it.schema().filter(|_| it.style == Style::Form && is_apart(it));
            schema.is_some_and(|it| has_further(self.document, it.node))
        });
        let (Some(map), None) = (maps.next(), maps.next()) else {
            return None;
        };
        Some(map.name)
    }

    /// Whether a parameter may be an object with members that it does not name, in pairs of their own.
    fn may_have_further(&self, parameter: &Parameter<'d>) -> bool {
        let schema = parameter.schema().filter(|_| is_apart(parameter));
        schema.is_some_and(|it| {
            let is_closed = it.node.get("additionalProperties").and_then(Node::as_bool) == Some(false);
            !is_closed && types_at(self.document, it.node, &[]).has(Types::OBJECT)
        })
    }

    /// The names in the query or in the cookies that no declaration uses.
    fn unused(&self, parameters: &[&Parameter<'d>], place: ParameterIn, pairs: &PairsByName) -> Vec<String> {
        let parameters = || parameters.iter().filter(|it| it.place == place);
        if pairs.iter().next().is_none() {
            return Vec::new();
        }
        let of_keys = if place == ParameterIn::Cookie {
            "cookie"
        } else {
            "query"
        };
        let mut used: HashSet<String> = security::keys_in(self.document, of_keys)
            .map(str::to_owned)
            .collect();
        for parameter in parameters() {
            used.insert(parameter.name.to_owned());
            let schema = parameter.schema();
            used.extend(
                schema
                    .into_iter()
                    .flat_map(|it| property_names(self.document, it.node)),
            );
        }
        let is_used = |name: &str| {
            // In `a[b]`, the text before the bracket is the name of the object.
            let object = name.split('[').next().unwrap_or_default();
            used.contains(name) || used.contains(object)
        };
        let names = pairs.iter().filter_map(|(name, _)| name);
        names.filter(|name| !is_used(name)).map(str::to_owned).collect()
    }

    /// Judges the query as a whole, which is written like a body of its media type (OpenAPI 3.2).
    fn judge_query(
        &self,
        parameter: &Parameter<'d>,
        query: &str,
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let part = Part::of(parameter);
        let query = &self.without_keys(parameter, query);
        if query.is_empty() {
            if parameter.required {
                judgement.refuse(part, Cause::Missing, "it is required");
            }
            return;
        }
        let media_type = parameter.content().map(|it| it.followed(self.document));
        let media_type = match media_type {
            Some(Ok(media_type)) => media_type,
            Some(Err(defect)) => return judgement.doubt(part, defect.to_string()),
            None => return judgement.doubt(part, "it says no media type"),
        };
        let is_form = media_type.name.essence() == "application/x-www-form-urlencoded";
        // A form contains its own escapes; any other text is escaped as a whole.
        let text = if is_form {
            Some(query.to_owned())
        } else {
            percent::decoded(query)
        };
        let Some(text) = text else {
            return judgement.refuse(part, Cause::Malformed, "its escapes are no UTF-8");
        };
        self.judge_held(
            part,
            &media_type,
            &media_type.name,
            text.as_bytes(),
            direction,
            judgement,
        );
    }

    /// A whole query without the keys of security schemes, unless the value itself declares their names.
    fn without_keys(&self, parameter: &Parameter<'d>, query: &str) -> String {
        let schema = parameter.schema().or_else(|| parameter.content()?.schema());
        let declared = schema.map_or_else(Vec::new, |it| property_names(self.document, it.node));
        let keys: HashSet<&str> = security::keys_in(self.document, "query")
            .filter(|key| !declared.iter().any(|it| it == key))
            .collect();
        let is_key = |pair: &&str| {
            let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
            percent::decoded(name).is_some_and(|it| keys.contains(&*it))
        };
        let pairs: Vec<&str> = query.split('&').filter(|pair| !is_key(pair)).collect();
        pairs.join("&")
    }

    fn judge_request_body(
        &self,
        operation: &Operation<'d>,
        request: &Request,
        direction: Direction,
        judgement: &mut Judgement,
    ) {
        let declared = match operation.request_body(self.document) {
            None => return,
            Some(Ok(declared)) => declared,
            Some(Err(defect)) => return judgement.doubt(Part::Body, defect.to_string()),
        };
        let Some(bytes) = &request.body else {
            if declared.required() {
                judgement.refuse(Part::Body, Cause::Missing, "a body is required");
            }
            return;
        };
        let sent = header(&request.headers, "content-type").next();
        self.judge_body(&declared.content(), sent, bytes, direction, judgement);
    }
}

/// Whether the members of an object are pairs of their own.
fn is_apart(parameter: &Parameter<'_>) -> bool {
    parameter.explode && parameter.style != Style::DeepObject && parameter.content().is_none()
}
