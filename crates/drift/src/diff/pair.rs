//! Both faces of one aligned pair, and the construction of drifts between them.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use openapi_document::Document;
use serde_json::Value;

use crate::comparison::Comparison;
use crate::containment::{SchemaId, Schemas};
use crate::diff::face::Face;
use crate::diff::label::{is_shared, is_use_of_first, label};
use crate::diff::node::{Claim, Decision, Local, Node};
use crate::findings::Drift;
use crate::report::{Direction, Side, Witness};
use crate::rule::Rule;
use crate::schema::ast::Types;
use crate::schema::canonical::{digest, shape};

/// An aligned pair with the faces of both schemas.
pub(crate) struct Both<'n, 'd> {
    pub(crate) node: &'n Node<'d>,
    pub(crate) base: &'n Face<'d>,
    pub(crate) revision: &'n Face<'d>,
    pub(crate) documents: (&'d Document, &'d Document),
    shapes: Rc<Shapes>,
    /// The cached identities of both homes, where most drifts of a pair are located.
    homes: (OnceCell<Identity>, OnceCell<Identity>),
}

impl<'n, 'd> Both<'n, 'd> {
    pub(crate) fn of(node: &'n Node<'d>, comparison: &Comparison<'d>) -> Self {
        Self {
            node,
            base: &node.faces.0,
            revision: &node.faces.1,
            documents: (comparison.base, comparison.revision),
            shapes: Rc::clone(&comparison.numbered),
            homes: (OnceCell::new(), OnceCell::new()),
        }
    }

    pub(crate) fn direction(&self) -> Direction {
        self.node.direction
    }

    /// Whether both schemas allow values of some of these types.
    pub(crate) fn may_be(&self, types: Types) -> bool {
        let allows = |face: &Face<'_>| face.types.is_none_or(|own| !own.and(types).is_empty());
        allows(self.base) && allows(self.revision)
    }

    /// The face of the source, whose values are sent.
    pub(crate) fn sent(&self) -> &'n Face<'d> {
        self.face(self.node.sender())
    }

    /// The face of the target, which has to accept them.
    pub(crate) fn read(&self) -> &'n Face<'d> {
        self.face(self.node.reader())
    }

    pub(crate) fn face(&self, side: Side) -> &'n Face<'d> {
        match side {
            Side::Base => self.base,
            Side::Revision => self.revision,
        }
    }

    /// Whether a part of one side is behind an unresolved reference that the other side does not have.
    pub(crate) fn leads_apart(&self) -> bool {
        let references = |face: &'n Face<'d>| -> BTreeSet<&'n str> {
            face.unresolved.iter().map(|it| it.reference.as_str()).collect()
        };
        references(self.base) != references(self.revision)
    }

    /// Whether the pair is proved to be contained.
    pub(crate) fn proved(&self) -> bool {
        self.node.decision == Decision::Proved
    }

    /// A drift between the schemas as wholes.
    pub(crate) fn local(&self, rule: &'static Rule, title: String) -> Local {
        self.local_at(rule, title, &self.base.home, &self.revision.home, "")
    }

    /// A drift between two given locations, which occurs at `suffix` from here.
    pub(crate) fn local_at(
        &self,
        rule: &'static Rule,
        title: String,
        base_at: &str,
        revision_at: &str,
        suffix: &str,
    ) -> Local {
        let base_at = shared_part((self.base, base_at), (self.revision, revision_at));
        let revision_at = shared_part((self.revision, revision_at), (self.base, base_at));
        let (old, old_inline) = self.identity(Side::Base, base_at);
        let (new, new_inline) = self.identity(Side::Revision, revision_at);
        let drift = Drift::new(rule, format!("{old} {new} {suffix}"), title)
            .base(base_at)
            .revision(revision_at)
            .flows(self.direction());
        Local {
            drift,
            suffix: suffix.to_owned(),
            claim: Claim::Other,
            whole: false,
            inline: old_inline || new_inline,
        }
    }

    fn identity(&self, side: Side, at: &str) -> Identity {
        let (document, home, known) = match side {
            Side::Base => (self.documents.0, &self.base.home, &self.homes.0),
            Side::Revision => (self.documents.1, &self.revision.home, &self.homes.1),
        };
        if at == &**home {
            known.get_or_init(|| self.shapes.identity(document, at)).clone()
        } else {
            self.shapes.identity(document, at)
        }
    }

    /// A schema whose values are sent at the location of this pair.
    pub(crate) fn lower(
        &self,
        schemas: &mut Schemas<'d>,
        side: Side,
        schema: openapi_document::Node<'d>,
    ) -> SchemaId {
        schemas.lower_carried(side, schema, self.node.direction, self.node.carrier)
    }

    /// Whether `value` is not sent at some location of this pair.
    pub(crate) fn is_unsent(&self, schemas: &mut Schemas<'d>, value: &Value) -> bool {
        let mut senders = self.node.senders.iter();
        senders.any(|id| schemas.accepts(*id, value) != Ok(true))
    }

    /// The same value with a tag that selects this pair, if it has another tag or none.
    fn with_tag(&self, value: &Value) -> Option<Value> {
        let (property, tag) = self.node.tag.as_ref()?;
        let members = value.as_object()?;
        if members.get(*property).and_then(Value::as_str) == Some(tag) {
            return None;
        }
        let mut members = members.clone();
        members.insert((*property).to_owned(), Value::String(tag.clone().into_owned()));
        Some(Value::Object(members))
    }

    /// The proof that the source accepts `value` and the target refuses it, if the judge agrees.
    pub(crate) fn witness(&self, schemas: &mut Schemas<'d>, value: &Value, because: &str) -> Option<Witness> {
        let (source, target) = (self.node.source(), self.node.target());
        let mut shows = |value: &Value| {
            schemas.accepts(target, value) == Ok(false) && schemas.accepts(source, value) == Ok(true)
        };
        let value = match self.with_tag(value) {
            Some(tagged) if shows(&tagged) => tagged,
            _ if shows(value) => value.clone(),
            _ => return None,
        };
        Some(Witness {
            value,
            accepted_by: self.node.sender(),
            rejected_by: self.node.reader(),
            because: because.to_owned(),
            message: None,
        })
    }
}

/// The identity of a drift's cause, and whether it is inline. The identity is the location in a component, or the
/// shape of an inline schema. An inline schema that is repeated in every operation is therefore one cause.
type Identity = (String, bool);

/// Maximum length of the texts of all shapes, in bytes. Beyond it, references in them are kept as written.
const MOST_SHAPED: usize = 64 << 20;

/// Names the shapes of parts briefly, because each drift refers to a shape, which may be as long as the part.
#[derive(Default)]
pub(crate) struct Shapes {
    /// The numbers of inline schemas, by digest.
    numbers: RefCell<HashMap<String, usize>>,
    /// The length of all texts so far, in bytes.
    written: Cell<usize>,
}

impl Shapes {
    pub(crate) fn digest(&self, document: &Document, node: openapi_document::Node<'_>) -> String {
        let written = self.written.get();
        let shape = shape(document, node, MOST_SHAPED.saturating_sub(written));
        self.written.set(written + shape.len());
        digest(&shape)
    }

    fn identity(&self, document: &Document, at: &str) -> Identity {
        if is_shared(at) {
            return (at.to_owned(), false);
        }
        let node = document.at(at);
        let shape = node.map(|node| self.digest(document, node)).unwrap_or_default();
        let mut numbers = self.numbers.borrow_mut();
        let next = numbers.len();
        let number = *numbers.entry(shape).or_insert(next);
        (format!("shape {number}"), true)
    }
}

/// The location of a drift that one side reports for the whole schema. If the other side reports it in a component
/// that is a part of both, the location is that component, because a change in a shared parent is one change.
fn shared_part<'n>((own, at): (&'n Face<'_>, &'n str), (other, other_at): (&Face<'_>, &str)) -> &'n str {
    if at != &*own.home {
        return at;
    }
    let is_within = |part: &str| {
        let rest = other_at.strip_prefix(part);
        rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let shared = own.parts.iter().filter(|part| {
        let is_other = part.at != own.home && part.at.starts_with("/components/") && is_within(&part.at);
        is_other && other.parts.iter().any(|it| it.at == part.at)
    });
    shared
        .max_by_key(|part| part.at.len())
        .map_or(at, |part| &part.at)
}

/// The label of the location, from the side that still has it. The other side is preferred if this side uses a whole
/// component where the other one has its own schema.
pub(crate) fn label_of(both: &Both<'_, '_>, side: Side) -> String {
    let base = (both.documents.0, &*both.base.home);
    let revision = (both.documents.1, &*both.revision.home);
    let (own, other) = match side {
        Side::Base => (base, revision),
        Side::Revision => (revision, base),
    };
    let called = label(own.0, own.1);
    let stars = |label: &str| label.matches('*').count();
    let is_other_asked = stars(&called) > 0 || is_use_of_first(own.1, other);
    if !is_other_asked {
        return called;
    }
    // If the other side declares a name of this side's map, the label contains that name.
    let other_called = label(other.0, other.1);
    if stars(&called) > stars(&other_called) || is_use_of_first(own.1, other) {
        other_called
    } else {
        called
    }
}

/// A few values in readable form, for a part of a line.
pub(crate) fn shown(values: impl ExactSizeIterator<Item = impl Into<Value>>) -> String {
    const MOST: usize = 8;
    const LONGEST: usize = 60;
    let total = values.len();
    let mut parts: Vec<String> = Vec::new();
    let mut length = 0;
    for value in values.take(MOST) {
        let text = match value.into() {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let part = format!("`{}`", text.chars().take(60).collect::<String>());
        length += part.chars().count() + 2;
        if length > LONGEST && !parts.is_empty() {
            break;
        }
        parts.push(part);
    }
    let more = total - parts.len();
    if more > 0 {
        parts.push(format!("{more} more"));
    }
    parts.join(", ")
}
