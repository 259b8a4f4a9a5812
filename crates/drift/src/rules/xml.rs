//! XML: the names, attributes and wrappings that schemas give to what travels as XML.

use openapi_document::Node;
use openapi_document::pointer::unescape;

use crate::containment::Carrier;
use crate::diff::face::Face;
use crate::diff::node::Local;
use crate::diff::pair::{Both, label_of};
use crate::report::{Level, Side};
use crate::rule::Rule;

pub(crate) const RULES: &[&Rule] = &[&XML];

const XML: Rule = Rule {
    id: "xml-changed",
    level: Level::Risky,
    explanation: "A value is an element or an attribute of another name, namespace or wrapping in XML: readers do not find it.",
};

/// How a schema says that its values are written in XML. A prefix stands for a namespace and means nothing by itself.
#[derive(PartialEq, Eq)]
struct Spelling<'d> {
    name: String,
    namespace: Option<&'d str>,
    is_attribute: bool,
    is_wrapped: bool,
}

impl<'d> Spelling<'d> {
    fn of(face: &Face<'d>, at: &str) -> Self {
        let xml = face.annotation("xml");
        let word = |key: &str| xml.and_then(|it| it.get(key)).and_then(Node::as_str);
        let flag = |key: &str| xml.and_then(|it| it.get(key)).and_then(Node::as_bool) == Some(true);
        let own = at.rsplit('/').next().map(|it| unescape(it).into_owned());
        Self {
            name: word("name").map_or_else(|| own.unwrap_or_default(), str::to_owned),
            namespace: word("namespace"),
            is_attribute: flag("attribute"),
            is_wrapped: flag("wrapped"),
        }
    }

    fn told(&self) -> String {
        let what = if self.is_attribute {
            format!("the attribute `{}`", self.name)
        } else if self.is_wrapped {
            format!("elements in `<{}>`", self.name)
        } else {
            format!("the element `<{}>`", self.name)
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
    // Components may be called differently: their names are those of elements only where nothing else names them.
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
