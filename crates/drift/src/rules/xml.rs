//! XML: the names, attributes and wrappers that schemas define for values that travel as XML.

use std::collections::{HashMap, VecDeque};

use openapi_document::pointer::unescape;
use openapi_document::{Located, Node};

use crate::containment::Carrier;
use crate::diff::face::Face;
use crate::diff::node::{Edge, Local, Node as Aligned, NodeId, XmlNames};
use crate::diff::pair::{Both, label_of};
use crate::report::{Level, Side};
use crate::rule::{Affects, Rule};

pub(crate) const RULES: &[&Rule] = &[&XML];

const XML: Rule = Rule {
    id: "xml-changed",
    level: Level::Risky,
    affects: Affects::Both,
    explanation: "In XML, a value is an element or attribute with another name, namespace or wrapper, so its readers do not find it.",
    mend: "Write and read the value under the new name.",
    readings: &[13],
};

/// Maximum number of names that are known for one pair of schemas. Further ones are not compared.
const MOST_NAMES: usize = 64;

/// How a schema writes its values in XML. A prefix only stands for a namespace, so it is not compared.
#[derive(PartialEq, Eq)]
struct Spelling<'d> {
    name: Option<String>,
    namespace: Option<&'d str>,
    kind: NodeType,
}

/// The kind of XML node of a value, as `nodeType` of OpenAPI 3.2 names it. Earlier versions have `attribute` and
/// `wrapped`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NodeType {
    Element,
    Attribute,
    Text,
    Cdata,
    /// A list without an element of its own, whose items are sibling elements.
    Bare,
}

impl NodeType {
    fn of(face: &Face<'_>) -> Self {
        let xml = face.annotation("xml");
        let flag = |key: &str| xml.and_then(|it| it.get(key)).and_then(Node::as_bool) == Some(true);
        let named = xml.and_then(|it| it.get("nodeType")).and_then(Node::as_str);
        match named {
            Some("attribute") => Self::Attribute,
            Some("text") => Self::Text,
            Some("cdata") => Self::Cdata,
            Some("none") => Self::Bare,
            None if flag("attribute") => Self::Attribute,
            None if !face.items.is_empty() && !flag("wrapped") => Self::Bare,
            Some(_) | None => Self::Element,
        }
    }
}

impl<'d> Spelling<'d> {
    /// The spelling of a value whose name is `used`, unless its schema has a name for it.
    fn of(face: &Face<'d>, used: Option<&str>) -> Self {
        let xml = face.annotation("xml");
        let word = |key: &str| xml.and_then(|it| it.get(key)).and_then(Node::as_str);
        let kind = NodeType::of(face);
        let named = matches!(kind, NodeType::Element | NodeType::Attribute);
        Self {
            name: word("name").or(used).filter(|_| named).map(str::to_owned),
            namespace: word("namespace").filter(|_| named),
            kind,
        }
    }

    fn told(&self) -> String {
        let what = match (self.kind, &self.name) {
            (NodeType::Attribute, Some(name)) => format!("the attribute `{name}`"),
            (NodeType::Element, Some(name)) => format!("the element `<{name}>`"),
            (NodeType::Attribute, None) => "an attribute without a documented name".to_owned(),
            (NodeType::Element, None) => "an element without a documented name".to_owned(),
            (NodeType::Text, _) => "the text of its element".to_owned(),
            (NodeType::Cdata, _) => "character data of its element".to_owned(),
            (NodeType::Bare, _) => "elements beside each other".to_owned(),
        };
        match self.namespace {
            Some(namespace) => format!("{what} of {namespace}"),
            None => what,
        }
    }
}

/// The names of the root elements of messages that are described by two schemas: those of the components to which
/// they refer.
pub(crate) fn root_names(base: &Located<'_>, revision: &Located<'_>) -> XmlNames {
    [base, revision].map(|place| {
        let (_, pointer) = unwrapped(place)?.text("$ref")?.split_once('#')?;
        let (_, name) = pointer.rsplit_once('/')?;
        Some(unescape(name).into_owned())
    })
}

/// The schema in lists of one schema, which add nothing.
fn unwrapped<'d>(place: &Located<'d>) -> Option<Located<'d>> {
    /// Maximum number of nested lists.
    const MOST: usize = 8;
    let only = |place: &Located<'d>| {
        let mut lists = ["allOf", "anyOf", "oneOf"]
            .into_iter()
            .filter_map(|key| place.get(key));
        let list = lists.next().filter(|_| place.text("$ref").is_none())?;
        let mut items = list.items();
        items.next().filter(|_| items.next().is_none())
    };
    std::iter::successors(Some(place.clone()), only).take(MOST).last()
}

/// The names of the elements by which the values of each pair are sent in XML.
///
/// A property names its element. An item has the name of its list ([OpenAPI 3.1, XML
/// Object](https://spec.openapis.org/oas/v3.1.1#xml-object)).
pub(crate) fn names(nodes: &[Aligned<'_>]) -> HashMap<NodeId, Vec<XmlNames>> {
    let mut all: HashMap<NodeId, Vec<XmlNames>> = HashMap::new();
    let mut open = VecDeque::new();
    for (id, node) in nodes.iter().enumerate() {
        open.extend(node.root_names.iter().map(|names| (id, names.clone())));
    }
    while let Some((id, names)) = open.pop_front() {
        let known = all.entry(id).or_default();
        if known.len() == MOST_NAMES || known.contains(&names) {
            continue;
        }
        known.push(names.clone());
        let node = &nodes[id];
        open.extend(
            node.edges
                .iter()
                .map(|edge| (edge.child, inside(node, edge, &names))),
        );
    }
    all
}

/// The names of the element inside an element with these names.
fn inside(node: &Aligned<'_>, edge: &Edge, names: &XmlNames) -> XmlNames {
    if edge.step.is_empty() {
        return names.clone();
    }
    if edge.items {
        let (base, revision) = &node.faces;
        let of =
            |face, used: &Option<String>| Spelling::of(face, used.as_deref()).name.or_else(|| used.clone());
        return [of(base, &names[0]), of(revision, &names[1])];
    }
    let name = unescape(edge.step.trim_start_matches('/'));
    // A map writes the names of its members.
    let name = (name != "*").then(|| name.into_owned());
    [name.clone(), name]
}

/// The drift between two schemas of values that travel as XML, as elements with these names.
pub(crate) fn compare(both: &Both<'_, '_>, names: &[XmlNames]) -> Option<Local> {
    if both.node.carrier != Carrier::Xml {
        return None;
    }
    let spelled = |names: &XmlNames| {
        let old = Spelling::of(both.base, names[0].as_deref());
        (old, Spelling::of(both.revision, names[1].as_deref()))
    };
    let (old, new) = names.iter().map(spelled).find(|(old, new)| old != new)?;
    let title = format!(
        "{} is {} in XML, no longer {}",
        label_of(both, Side::Base),
        new.told(),
        old.told()
    );
    Some(both.local(&XML, title))
}
