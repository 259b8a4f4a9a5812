//! XML: the names, attributes and wrappers that schemas define for values that travel as XML.

use openapi_document::Node;
use openapi_document::pointer::unescape;

use crate::containment::Carrier;
use crate::diff::face::Face;
use crate::diff::node::Local;
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

/// How a schema writes its values in XML. A prefix only stands for a namespace, so it is not compared.
#[derive(PartialEq, Eq)]
struct Spelling<'d> {
    name: String,
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
    fn of(face: &Face<'d>, at: &str) -> Self {
        let xml = face.annotation("xml");
        let word = |key: &str| xml.and_then(|it| it.get(key)).and_then(Node::as_str);
        let own = at.rsplit('/').next().map(|it| unescape(it).into_owned());
        let kind = NodeType::of(face);
        let named = matches!(kind, NodeType::Element | NodeType::Attribute);
        let name = || word("name").map_or_else(|| own.unwrap_or_default(), str::to_owned);
        Self {
            name: if named { name() } else { String::new() },
            namespace: word("namespace").filter(|_| named),
            kind,
        }
    }

    fn told(&self) -> String {
        let what = match self.kind {
            NodeType::Attribute => format!("the attribute `{}`", self.name),
            NodeType::Element => format!("the element `<{}>`", self.name),
            NodeType::Text => "the text of its element".to_owned(),
            NodeType::Cdata => "character data of its element".to_owned(),
            NodeType::Bare => "elements beside each other".to_owned(),
        };
        match self.namespace {
            Some(namespace) => format!("{what} of {namespace}"),
            None => what,
        }
    }
}

/// The drift between two schemas of values that travel as XML.
pub(crate) fn compare(both: &Both<'_, '_>) -> Option<Local> {
    if both.node.carrier != Carrier::Xml {
        return None;
    }
    let old = Spelling::of(both.base, &both.node.base.at);
    let new = Spelling::of(both.revision, &both.node.revision.at);
    // Component names may differ between documents. They name elements only where `xml` does not, so two schemas
    // without `xml` are not compared.
    let says = |face: &Face<'_>| face.annotation("xml").is_some();
    if old == new || !says(both.base) && !says(both.revision) {
        return None;
    }
    let title = format!(
        "{} is {} in XML, no longer {}",
        label_of(both, Side::Base),
        new.told(),
        old.told()
    );
    Some(both.local(&XML, title))
}
