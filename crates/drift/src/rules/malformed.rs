//! Parts whose type is not the one that OpenAPI requires, and unresolved references where nothing was compared. These
//! parts are not read, so their meaning is undecided.
//!
//! See readings 11 and 15 in `docs/readings.md`.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use foldhash::fast::FixedState;
use openapi_document::view::{METHODS, Operation, ParameterIn, Status, Style, same_shape};
use openapi_document::{
    Document, Holds, Kind as Json, Located, Node, NodeId, Part, Unresolved, Version, pointer,
};

use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::options::Scope;
use crate::report::{Finding, Level, Side, Touched};
use crate::rule::{Affects, Rule};
use crate::schema::ast::Types;

pub(crate) const RULES: &[&Rule] = &[&MALFORMED];

pub(crate) const MALFORMED: Rule = Rule {
    id: "part-malformed",
    level: Level::Risky,
    affects: Affects::Both,
    explanation: "A part of one document does not have the type that OpenAPI requires, or lacks something that OpenAPI requires. It is not read, so its meaning is unknown.",
    mend: "Tell the vendor, and compare the place by hand.",
    readings: &[11, 15],
};

/// The kind of part that OpenAPI expects at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Expected {
    Anything,
    Text,
    /// One of a fixed set of words.
    Word(Words),
    Flag,
    Number,
    NumberOrFlag,
    Texts,
    /// The name of a type or a list of such names.
    TypeOrTypes,
    Values,
    /// An object of this kind.
    One(Part),
    List(Part),
    Map(Part),
    MapOfText,
    MapOfTexts,
    /// A schema. A list of schemas is an error of the author that leaves the schema undecided.
    Items,
    /// The `content` of a parameter or header, which has one media type.
    SoleContent,
    /// The schema of a parameter or header that also has `content`, where a schema is not allowed.
    BesideContent,
    /// A response whose key is not a status.
    NoStatus,
}

/// A field that allows only certain words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Words {
    ParameterIn,
    Style,
    SchemeType,
    SchemeIn,
    Type,
}

impl Words {
    fn has(self, word: &str) -> bool {
        match self {
            Self::ParameterIn => ParameterIn::named(word).is_some(),
            Self::Style => Style::named(word).is_some(),
            Self::SchemeType => {
                matches!(word, "apiKey" | "http" | "oauth2" | "openIdConnect" | "mutualTLS")
            }
            Self::SchemeIn => matches!(word, "header" | "query" | "cookie"),
            Self::Type => Types::named(word).is_some(),
        }
    }
}

impl From<Holds> for Expected {
    fn from(holds: Holds) -> Self {
        match holds {
            // Examples are not read.
            Holds::Map(Part::Example) => Self::Anything,
            Holds::One(part) => Self::One(part),
            Holds::List(part) => Self::List(part),
            Holds::Map(part) => Self::Map(part),
        }
    }
}

impl Expected {
    /// What belongs under a key of this. A key that OpenAPI does not name may hold anything.
    fn under(self, key: &str) -> Self {
        match self {
            Self::Map(Part::Response | Part::Callback) if key.starts_with("x-") => Self::Anything,
            Self::Map(Part::Response) if Status::parse(key).is_none() => Self::NoStatus,
            Self::Map(part) => Self::One(part),
            Self::MapOfText => Self::Text,
            Self::MapOfTexts | Self::One(Part::SecurityRequirement) => Self::Texts,
            _ if key == "$ref" => Self::Text,
            Self::Items => Self::One(Part::Schema).under(key),
            Self::One(part) => {
                let holds = || part.under(key).map_or(Self::Anything, Self::from);
                Self::field(part, key).unwrap_or_else(holds)
            }
            _ => Self::Anything,
        }
    }

    /// The plain value that belongs under a key of an object of this kind.
    fn field(part: Part, key: &str) -> Option<Self> {
        Some(match (part, key) {
            (Part::Schema, _) => return Self::of_schema(key),
            (Part::Operation | Part::Parameter | Part::Header, "deprecated")
            | (Part::Parameter | Part::Header | Part::RequestBody, "required")
            | (Part::Parameter | Part::Header | Part::Encoding, "explode" | "allowReserved") => Self::Flag,
            (Part::Parameter, "in") => Self::Word(Words::ParameterIn),
            (Part::Parameter | Part::Header | Part::Encoding, "style") => Self::Word(Words::Style),
            (Part::SecurityScheme, "type") => Self::Word(Words::SchemeType),
            (Part::SecurityScheme, "in") => Self::Word(Words::SchemeIn),
            (Part::Operation, "operationId")
            | (Part::Parameter, "name")
            | (Part::Encoding, "contentType")
            | (Part::SecurityScheme, "name" | "scheme" | "openIdConnectUrl")
            | (Part::Server, "url")
            | (Part::ServerVariable, "default")
            | (Part::Discriminator, "propertyName") => Self::Text,
            (Part::ServerVariable, "enum") => Self::Texts,
            (Part::Discriminator, "mapping") => Self::MapOfText,
            _ => return None,
        })
    }

    /// The same as a version of OpenAPI has it: a flag beside a bound is of 3.0.
    fn of_version(self, version: Version) -> Self {
        match self {
            Self::NumberOrFlag if version != Version::V3_0 => Self::Number,
            other => other,
        }
    }

    fn of_schema(key: &str) -> Option<Self> {
        Some(match key {
            "type" => Self::TypeOrTypes,
            "items" => Self::Items,
            "required" => Self::Texts,
            "enum" => Self::Values,
            "dependentRequired" => Self::MapOfTexts,
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties"
            | "minContains" | "maxContains" | "minimum" | "maximum" | "multipleOf" => Self::Number,
            "exclusiveMinimum" | "exclusiveMaximum" => Self::NumberOrFlag,
            "uniqueItems" | "nullable" | "readOnly" | "writeOnly" | "deprecated" => Self::Flag,
            "pattern" | "format" | "contentEncoding" | "contentMediaType" | "$id" | "$anchor" | "$schema"
            | "$dynamicRef" | "$dynamicAnchor" => Self::Text,
            _ => return None,
        })
    }

    /// The part that each entry of a list of this kind must be.
    fn item(self) -> Self {
        match self {
            Self::List(part) => Self::One(part),
            Self::Texts => Self::Text,
            Self::TypeOrTypes => Self::Word(Words::Type),
            Self::Items => Self::One(Part::Schema),
            _ => Self::Anything,
        }
    }

    fn takes(self, node: Node<'_>) -> bool {
        match node.kind() {
            Json::String(text) => match self {
                Self::Word(words) => words.has(text),
                Self::TypeOrTypes => Words::Type.has(text),
                _ => matches!(self, Self::Anything | Self::Text),
            },
            Json::Bool(_) => matches!(
                self,
                Self::Anything | Self::Flag | Self::NumberOrFlag | Self::One(Part::Schema) | Self::Items
            ),
            Json::Number(_) => matches!(self, Self::Anything | Self::Number | Self::NumberOrFlag),
            Json::Array(_) => matches!(
                self,
                Self::Anything | Self::Texts | Self::TypeOrTypes | Self::Values | Self::Items | Self::List(_)
            ),
            Json::Object(_) => !matches!(
                self,
                Self::Text
                    | Self::Word(_)
                    | Self::Flag
                    | Self::Number
                    | Self::NumberOrFlag
                    | Self::Texts
                    | Self::TypeOrTypes
                    | Self::Values
                    | Self::List(_)
                    | Self::NoStatus
            ),
            Json::Null => self == Self::Anything,
        }
    }

    /// Whether a part is as expected and has no parts of its own to check.
    fn is_all_said_by(self, node: Node<'_>) -> bool {
        self == Self::Anything || !matches!(node.kind(), Json::Array(_) | Json::Object(_)) && self.takes(node)
    }

    fn told(self) -> &'static str {
        match self {
            Self::Anything => "anything",
            Self::Text | Self::Word(_) => "a text",
            Self::Flag => "true or false",
            Self::Number => "a number",
            Self::NumberOrFlag => "a number, or true or false",
            Self::TypeOrTypes => "a text or a list of texts",
            Self::Texts => "a list of texts",
            Self::Values | Self::List(_) => "a list",
            Self::One(Part::Schema) | Self::Items => "a schema",
            _ => "an object",
        }
    }
}

fn is_told(node: Node<'_>) -> &'static str {
    match node.kind() {
        Json::String(_) => "a text",
        Json::Bool(true) => "true",
        Json::Bool(false) => "false",
        Json::Number(_) => "a number",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
        _ => "null",
    }
}

/// A part of one document, and its expected kind.
type Typed<'d> = (Located<'d>, Expected);

/// The parts at which the walk through an operation begins.
fn roots<'d>(document: &'d Document, operation: &Operation<'d>) -> Vec<Typed<'d>> {
    let root = Located::root(document);
    let inherited = |key: &str| root.get(key).filter(|_| operation.here.says(key).is_none());
    let servers = operation.shared_servers.clone().or_else(|| inherited("servers"));
    let schemes = root.get("components").and_then(|it| it.get("securitySchemes"));
    let shared = operation.shared_parameters.iter();
    let shared = shared.map(|it| (Some(it.clone()), Expected::List(Part::Parameter)));
    let all = [
        (Some(operation.here.clone()), Expected::One(Part::Operation)),
        (servers, Expected::List(Part::Server)),
        (inherited("security"), Expected::List(Part::SecurityRequirement)),
        (schemes, Expected::Map(Part::SecurityScheme)),
    ];
    all.into_iter()
        .chain(shared)
        .filter_map(|(it, expected)| Some((it?, expected)))
        .collect()
}

/// The parts of one document that are not read, by place.
#[derive(Default)]
struct Unread<'d> {
    malformed: BTreeMap<Arc<str>, Typed<'d>>,
    unresolved: BTreeMap<Arc<str>, (Node<'d>, Unresolved)>,
}

impl Unread<'_> {
    /// The parts that the other document does not also leave unread at the same place, without those that are known
    /// already.
    fn beyond(&self, other: &Self, is_known: impl Fn(&str) -> bool) -> Self {
        let malformed = self.malformed.iter().filter(|(at, (here, expected))| {
            let twin = other.malformed.get(*at);
            !is_known(at) && twin.is_none_or(|(it, its)| it.node != here.node || its != expected)
        });
        let unresolved = self.unresolved.iter().filter(|(at, (here, _))| {
            let twin = other.unresolved.get(*at);
            !is_known(at) && twin.is_none_or(|(it, _)| it != here)
        });
        Self {
            malformed: malformed.map(|(at, it)| (at.clone(), it.clone())).collect(),
            unresolved: unresolved.map(|(at, it)| (at.clone(), it.clone())).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.malformed.is_empty() && self.unresolved.is_empty()
    }
}

/// The parts of a parameter or header that are not read: a `schema` beside `content`, and a `content` with several
/// media types.
fn ill_described<'d>(here: &Located<'d>, expected: Expected) -> impl Iterator<Item = Typed<'d>> + use<'d> {
    let is_described = matches!(expected, Expected::One(Part::Parameter | Part::Header));
    let content = here.get("content").filter(|_| is_described);
    let count = content.as_ref().map_or(0, |it| it.node.members().len());
    let beside = here.get("schema").filter(|_| count > 0);
    let several = content.filter(|_| count > 1);
    let beside = beside.map(|it| (it, Expected::BesideContent));
    beside
        .into_iter()
        .chain(several.map(|it| (it, Expected::SoleContent)))
}

/// Adds the unread parts of the given parts and of the targets of their references, without those visited before.
fn find<'d>(
    document: &'d Document,
    mut open: Vec<Typed<'d>>,
    visited: &mut HashSet<(NodeId, Expected), FixedState>,
    found: &mut Unread<'d>,
) {
    while let Some((here, expected)) = open.pop() {
        if expected == Expected::Anything || !visited.insert((here.node.id(), expected)) {
            continue;
        }
        if !expected.takes(here.node) {
            found.malformed.insert(here.at.clone(), (here, expected));
            continue;
        }
        match here.node.kind() {
            Json::Object(_) => {
                // A reference may also stand for a whole section.
                let refers = here.text("$ref").is_some();
                match here.target(document) {
                    Some(Ok(target)) => open.push((target, expected)),
                    Some(Err(unresolved)) => {
                        found.unresolved.insert(here.at.clone(), (here.node, unresolved));
                    }
                    None => {}
                }
                let unread = ill_described(&here, expected).map(|it| (it.0.at.clone(), it));
                found.malformed.extend(unread);
                for (key, node) in here.node.members().filter(|(key, _)| !(refers && *key == "$ref")) {
                    let expected = expected.under(key).of_version(document.version());
                    // Most members are plain values of the right type, whose pointers are not needed.
                    if !expected.is_all_said_by(node) {
                        let at = pointer::join(&here.at, key).into();
                        open.push((Located { node, at }, expected));
                    }
                }
            }
            Json::Array(_) => {
                let expected = expected.item();
                for (index, node) in here.node.items().enumerate() {
                    if !expected.is_all_said_by(node) {
                        let at = format!("{}/{index}", here.at).into();
                        open.push((Located { node, at }, expected));
                    }
                }
            }
            _ => {}
        }
    }
}

/// Reports each malformed part that only one document has, with the operations that reach it. Also notes the unresolved
/// references that the comparison of both documents did not meet.
pub(crate) fn report(comparison: &mut Comparison<'_>) {
    let pairs: Vec<Rc<Pair<'_>>> = std::mem::take(&mut comparison.pairs);
    let unread = [Side::Base, Side::Revision].map(|side| {
        let document = comparison.document(side);
        let (mut visited, mut all) = (HashSet::default(), Unread::default());
        for pair in &pairs {
            find(document, roots(document, pair.side(side)), &mut visited, &mut all);
        }
        all
    });
    for side in [Side::Base, Side::Revision] {
        in_place_of_operations(comparison, side);
        let document = comparison.document(side);
        let other = &unread[side.other().index()];
        let is_known = |at: &str| comparison.dangling.contains_key(&(side, at.to_owned()));
        let all = unread[side.index()].beyond(other, is_known);
        if all.is_empty() {
            continue;
        }
        for pair in &pairs {
            let mut own = Unread::default();
            find(
                document,
                roots(document, pair.side(side)),
                &mut HashSet::default(),
                &mut own,
            );
            let touched = pair.touched(None, "");
            for (at, (here, expected)) in own.malformed {
                if all.malformed.contains_key(&at) {
                    file(comparison, side, &here, expected, touched.clone());
                }
            }
            for (at, (_, unresolved)) in own.unresolved {
                if all.unresolved.contains_key(&at) {
                    comparison.note_dangling(side, unresolved, &touched);
                }
            }
        }
    }
}

/// Reports other values in place of a path item, its operations or all paths, since the intended operations are
/// unknown.
fn in_place_of_operations(comparison: &mut Comparison<'_>, side: Side) {
    let (document, other) = (comparison.document(side), comparison.document(side.other()));
    let is_wrong =
        |it: &Located<'_>| !Expected::One(Part::PathItem).takes(it.node) && other.at(&it.at) != Some(it.node);
    let touched = |method: &str, path: &str| Touched {
        method: method.into(),
        path: path.into(),
        name: None,
        status: None,
        at: "".into(),
        message: None,
    };
    let Some(paths) = Located::root(document).get("paths") else {
        return;
    };
    if is_wrong(&paths) {
        file(
            comparison,
            side,
            &paths,
            Expected::One(Part::PathItem),
            touched("*", "*"),
        );
    }
    for (path, item) in paths.members() {
        let is_compared = match &comparison.options.scope {
            Scope::All => true,
            Scope::Operations(list) => list.iter().any(|it| same_shape(&it.path, path)),
        };
        // A reference may stand for all paths.
        if !is_compared || path == "$ref" {
            continue;
        }
        if is_wrong(&item) {
            file(
                comparison,
                side,
                &item,
                Expected::One(Part::PathItem),
                touched("*", path),
            );
        }
        for method in METHODS {
            if let Some(operation) = item.get(method).filter(is_wrong) {
                let method = method.to_ascii_uppercase();
                file(
                    comparison,
                    side,
                    &operation,
                    Expected::One(Part::Operation),
                    touched(&method, path),
                );
            }
        }
    }
}

fn file(
    comparison: &mut Comparison<'_>,
    side: Side,
    here: &Located<'_>,
    expected: Expected,
    touched: Touched,
) {
    let at = &here.at;
    let why = match (expected, here.node.kind()) {
        (Expected::Word(_) | Expected::TypeOrTypes, Json::String(_)) => {
            "it is no word that OpenAPI has there, and is not read".to_owned()
        }
        (Expected::SoleContent, _) => {
            "it lists several media types where one belongs, and the first is read".to_owned()
        }
        (Expected::BesideContent, _) => {
            "it stands beside `content`, which alone says how it is written, and is not read".to_owned()
        }
        (Expected::Number, Json::Bool(_)) if is_exclusion(at) => format!(
            "it is {} where OpenAPI has a number, and is read as OpenAPI 3.0 has it",
            is_told(here.node)
        ),
        (Expected::NoStatus, _) => {
            "its key is no status, no range such as `4XX` and not `default`, and it is not read".to_owned()
        }
        _ => format!(
            "it is {} where OpenAPI has {}, and is not read",
            is_told(here.node),
            expected.told()
        ),
    };
    comparison.report(unread(side, at, why), touched);
}

/// Whether a pointer ends in a keyword that is a flag in OpenAPI 3.0 and a number in later versions.
fn is_exclusion(at: &str) -> bool {
    at.ends_with("/exclusiveMinimum") || at.ends_with("/exclusiveMaximum")
}

/// The schema of a finding about such a flag in a later version. Whether the schema takes the bound itself is then open.
pub(crate) fn open_bound(finding: &Finding) -> Option<&str> {
    let at = finding.base_at.as_ref().or(finding.revision_at.as_ref())?;
    let at = Some(at).filter(|at| finding.rule == MALFORMED.id && is_exclusion(at))?;
    at.rsplit_once('/').map(|(schema, _)| schema)
}

/// The drift of a body that one document does not describe, since it lists no media type.
pub(crate) fn without_media_type(side: Side, body: &Located<'_>) -> Drift {
    let why = "it lists no media type, so that nothing is known of the body".to_owned();
    unread(side, &body.at, why)
}

fn unread(side: Side, at: &str, why: String) -> Drift {
    Drift::new(&MALFORMED, at, format!("`{at}`: {why}"))
        .undecided(why)
        .on(side, at)
}
