//! An OpenAPI document as the service it describes: which operation takes a request, which answers it gives.

use openapi_document::Node;
use openapi_drift::{Document, Values};

use crate::check_spec::api_diff::nameless;

/// A document and the values of its schemas.
pub(super) struct Service<'d> {
    pub(super) root: Node<'d>,
    pub(super) values: Values<'d>,
}

/// A place of a document, references followed.
#[derive(Clone)]
pub(super) struct Place<'d> {
    pub(super) at: String,
    pub(super) value: Node<'d>,
}

/// An operation, with what it shares with others on its path.
#[derive(Clone)]
pub(super) struct Operation<'d> {
    pub(super) template: &'d str,
    pub(super) place: Place<'d>,
    shared: Option<Place<'d>>,
}

/// References followed in a row; more of them are a circle.
const LONGEST_CHAIN: usize = 32;

impl<'d> Place<'d> {
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        Some(Self {
            at: format!("{}/{}", self.at, key.replace('~', "~0").replace('/', "~1")),
            value,
        })
    }

    pub(super) fn members(&self) -> impl Iterator<Item = (&'d str, Self)> + use<'_, 'd> {
        let members = self.value.members();
        members.filter_map(|(key, _)| Some((key, self.get(key)?)))
    }

    pub(super) fn items(&self) -> impl Iterator<Item = Self> + use<'_, 'd> {
        let items = self.value.items().enumerate();
        items.map(|(index, value)| Self {
            at: format!("{}/{index}", self.at),
            value,
        })
    }

    pub(super) fn is_true(&self, key: &str) -> bool {
        self.value.get(key).and_then(Node::as_bool) == Some(true)
    }

    pub(super) fn text(&self, key: &str) -> &'d str {
        self.value.text(key).unwrap_or_default()
    }
}

impl<'d> Service<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        Self {
            root: document.root(),
            values: Values::new(document),
        }
    }

    pub(super) fn at(&self, pointer: &str) -> Option<Place<'d>> {
        let value = self.root.pointer(pointer)?;
        Some(self.follow(Place {
            at: pointer.to_owned(),
            value,
        }))
    }

    /// Where a reference leads; what leads nowhere stays where it is.
    pub(super) fn follow(&self, mut place: Place<'d>) -> Place<'d> {
        for _ in 0..LONGEST_CHAIN {
            let target = place.value.text("$ref");
            let Some(pointer) = target.and_then(|target| target.strip_prefix('#')) else {
                break;
            };
            let pointer = percent_decoded(pointer);
            let Some(value) = self.root.pointer(&pointer) else {
                break;
            };
            place = Place { at: pointer, value };
        }
        place
    }

    /// The operation at a template, whatever its parameters are called.
    pub(super) fn operation(&self, method: &str, template: &str) -> Option<Operation<'d>> {
        let wanted = nameless(template);
        self.operations(method)
            .find(|operation| nameless(operation.template) == wanted)
    }

    /// The operation that takes a request, and what stands in its path for the parameters.
    ///
    /// # Errors
    /// When there is none: 404, or 405 where only the method is not known.
    pub(super) fn route(&self, method: &str, path: &str) -> Result<(Operation<'d>, Vec<String>), u16> {
        let found = self
            .operations(method)
            .filter_map(|operation| Some((captured(operation.template, path)?, operation)))
            // What is written out comes before what a parameter takes.
            .min_by_key(|(captured, operation)| {
                (captured.len(), std::cmp::Reverse(operation.template.len()))
            });
        if let Some((captured, operation)) = found {
            return Ok((operation, captured));
        }
        let mut paths = self.root.get("paths").into_iter().flat_map(Node::members);
        let known = paths.any(|(template, _)| captured(template, path).is_some());
        Err(if known { 405 } else { 404 })
    }

    fn operations(&self, method: &str) -> impl Iterator<Item = Operation<'d>> {
        let method = method.to_ascii_lowercase();
        let paths = self.at("/paths");
        let items: Vec<_> = paths.iter().flat_map(Place::members).collect();
        items.into_iter().filter_map(move |(template, item)| {
            let item = self.follow(item);
            Some(Operation {
                template,
                place: item.get(&method)?,
                shared: item.get("parameters"),
            })
        })
    }

    /// The parameters of an operation; its own come before those of its path.
    pub(super) fn parameters(&self, operation: &Operation<'d>) -> Vec<Place<'d>> {
        let mut list: Vec<Place<'d>> = Vec::new();
        let own = operation.place.get("parameters");
        for parameter in own.iter().chain(&operation.shared).flat_map(Place::items) {
            let parameter = self.follow(parameter);
            let same = |it: &Place<'d>| {
                (it.text("in"), it.text("name")) == (parameter.text("in"), parameter.text("name"))
            };
            if !list.iter().any(same) {
                list.push(parameter);
            }
        }
        list
    }

    /// The ways in: each is met when all of its schemes are. Nothing when anyone may call.
    pub(super) fn security(&self, operation: &Operation<'d>) -> Option<Vec<Vec<Place<'d>>>> {
        let ways = operation
            .place
            .get("security")
            .or_else(|| self.at("")?.get("security"))?;
        let schemes = self.at("/components/securitySchemes");
        Some(
            ways.items()
                .map(|way| {
                    way.members()
                        .filter_map(|(name, _)| Some(self.follow(schemes.as_ref()?.get(name)?)))
                        .collect()
                })
                .collect(),
        )
    }

    /// The answer that describes a status: itself, its range, or the default.
    pub(super) fn answer(&self, operation: &Operation<'d>, status: &str) -> Option<Place<'d>> {
        let answers = operation.place.get("responses")?;
        let range = status
            .get(..1)
            .filter(|_| status != "default")
            .map(|class| format!("{class}XX"));
        let named = |name: &str| {
            let mut members = answers.members();
            members.find_map(|(key, answer)| key.eq_ignore_ascii_case(name).then_some(answer))
        };
        let found = named(status)
            .or_else(|| named(&range?))
            .or_else(|| named("default"));
        found.map(|answer| self.follow(answer))
    }
}

/// The content that describes a body of this media type, of an answer or of a request.
pub(super) fn content<'d>(holder: &Place<'d>, media: &str) -> Option<Place<'d>> {
    let content = holder.get("content")?;
    let wanted = essence(media);
    let (kind, subtype) = wanted.split_once('/')?;
    let suffix = subtype.rsplit_once('+').map(|(_, suffix)| suffix);
    // The narrowest counts.
    let ranges = [
        wanted.clone(),
        suffix.map_or_else(String::new, |suffix| format!("{kind}/{suffix}")),
        format!("{kind}/*"),
        "*/*".to_owned(),
    ];
    ranges.iter().find_map(|range| {
        let mut members = content.members();
        members.find_map(|(key, place)| (essence(key) == *range).then_some(place))
    })
}

/// A media type without its parameters, in small letters.
pub(super) fn essence(media: &str) -> String {
    let essence = media.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// What stands in a path for each parameter of a template; nothing when the path is not of its form.
fn captured(template: &str, path: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let (mut templates, mut segments) = (template.split('/'), path.split('/'));
    loop {
        match (templates.next(), segments.next()) {
            (None, None) => return Some(values),
            (Some(template), Some(segment)) => segment_captured(template, segment, &mut values)?,
            _ => return None,
        }
    }
}

/// Each parameter ends at the first place where what follows it can begin, and takes at least one character.
fn segment_captured(template: &str, segment: &str, values: &mut Vec<String>) -> Option<()> {
    let split = template.split_once('{');
    let Some((before, (_, after))) = split.and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    else {
        return (template == segment).then_some(());
    };
    let tail = segment.strip_prefix(before)?;
    let known = values.len();
    for end in (1..=tail.len()).filter(|&end| tail.is_char_boundary(end)) {
        values.push(percent_decoded(&tail[..end]));
        if segment_captured(after, &tail[end..], values).is_some() {
            return Some(());
        }
        values.truncate(known);
    }
    None
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = tail
            .get(..2)
            .filter(|_| first == b'%')
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use openapi_drift::Document;

    use super::{Service, captured};

    #[test]
    fn a_path_gives_the_values_of_its_template() {
        let values = |template, path| captured(template, path).map(|values| values.join(" "));
        assert_eq!(
            values("/u/{id}/banks/{b}:link", "/u/a%20b/banks/c:link").as_deref(),
            Some("a b c")
        );
        assert_eq!(values("/u/{id}/banks:link", "/u/a/banks/c:link"), None);
        assert_eq!(values("/u/{id}", "/u/"), None);
        assert_eq!(values("/u/me", "/u/me").as_deref(), Some(""));
    }

    #[test]
    fn a_request_reaches_what_is_written_out_before_what_a_parameter_takes() {
        let document = Document::read(
            br##"{"openapi": "3.0.0", "paths": {"/u/{id}": {"get": {"operationId": "one"}}, "/u/me": {"$ref": "#/x"}},
            "x": {"get": {"operationId": "me"}}}"##,
        )
        .unwrap();
        let service = Service::new(&document);
        let id = |method, path| {
            let routed = service.route(method, path);
            routed.map(|(operation, _)| operation.place.text("operationId"))
        };
        assert_eq!(id("GET", "/u/me"), Ok("me"));
        assert_eq!(id("GET", "/u/you"), Ok("one"));
        assert_eq!(id("PUT", "/u/you"), Err(405));
        assert_eq!(id("GET", "/v"), Err(404));
    }
}
