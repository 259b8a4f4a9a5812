//! The state that all parts of a comparison share: the documents, the schemas, and the findings so far.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use openapi_document::{Document, Located, Node, NodeId};
use serde_json::{Map, Value};

use crate::containment::{Carrier, Schemas};
use crate::dangling::AllDangling;
use crate::diff::pair::Shapes;
use crate::findings::{Drift, Findings};
use crate::gate::passage::Passage;
use crate::options::Options;
use crate::report::{Direction, Endpoint, Level, Side, Touched};
use crate::rules::servers;
use crate::schema::alike::Alike;
use crate::unchanged::Unchanged;
use openapi_document::view::Operation;

/// One operation in both documents.
#[derive(Debug)]
pub(crate) struct Pair<'d> {
    pub(crate) base: Operation<'d>,
    pub(crate) revision: Operation<'d>,
    pub(crate) endpoint: Arc<Endpoint>,
    /// Whether the service sends the requests, as for a callback or a webhook, so that the client reads them.
    pub(crate) calls_back: bool,
}

impl<'d> Pair<'d> {
    /// The direction of the operation's requests.
    pub(crate) fn requests(&self) -> Direction {
        if self.calls_back {
            Direction::Response
        } else {
            Direction::Request
        }
    }

    /// The direction of the operation's responses.
    pub(crate) fn answers(&self) -> Direction {
        if self.calls_back {
            Direction::Request
        } else {
            Direction::Response
        }
    }

    pub(crate) fn side(&self, side: Side) -> &Operation<'d> {
        match side {
            Side::Base => &self.base,
            Side::Revision => &self.revision,
        }
    }

    pub(crate) fn label(&self) -> String {
        self.base.label()
    }

    /// This operation, at a location in its messages.
    pub(crate) fn touched_in(&self, slot: &Slot, at: impl Into<Arc<str>>) -> Touched {
        Touched {
            status: slot.status().cloned(),
            ..self.touched(None, at)
        }
    }

    pub(crate) fn touched(&self, status: Option<&str>, at: impl Into<Arc<str>>) -> Touched {
        Touched {
            status: status.map(Arc::from),
            ..Touched::new(Arc::clone(&self.endpoint), at)
        }
    }
}

/// The status of responses: the key under which they are reported, and a code that both documents describe under the
/// keys that are compared.
#[derive(Clone, Debug)]
pub(crate) struct AnswerStatus {
    pub(crate) written: Arc<str>,
    pub(crate) code: u16,
}

/// The location in the messages of an operation at which the values of a schema are sent.
#[derive(Clone, Debug)]
pub(crate) enum Slot {
    /// The body of a request.
    RequestBody {
        /// The media type in which it is sent.
        media: Arc<str>,
    },
    /// A parameter, by its location and its name.
    Parameter { location: String, name: String },
    /// The body of a response with this status.
    AnswerBody { status: AnswerStatus, media: Arc<str> },
    /// A header of a response with this status.
    AnswerHeader { status: AnswerStatus, name: String },
}

impl Slot {
    pub(crate) fn status(&self) -> Option<&Arc<str>> {
        match self {
            Self::AnswerBody { status, .. } | Self::AnswerHeader { status, .. } => Some(&status.written),
            Self::RequestBody { .. } | Self::Parameter { .. } => None,
        }
    }

    /// The media type of a body.
    pub(crate) fn media(&self) -> Option<&str> {
        match self {
            Self::RequestBody { media } | Self::AnswerBody { media, .. } => Some(media),
            Self::Parameter { .. } | Self::AnswerHeader { .. } => None,
        }
    }

    /// JSON Pointer of the slot in a message.
    pub(crate) fn at(&self) -> String {
        match self {
            Self::RequestBody { .. } | Self::AnswerBody { .. } => "/body".to_owned(),
            Self::Parameter { location, name } => parameter_at(location, name),
            Self::AnswerHeader { name, .. } => openapi_document::pointer::join("/headers", name),
        }
    }

    /// The name of the slot in a title.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::RequestBody { .. } => "the request body".to_owned(),
            Self::AnswerBody { status, .. } => format!("the body of answer {}", status.written),
            Self::Parameter { location, name } => format!("the {location} parameter `{name}`"),
            Self::AnswerHeader { status, name } => {
                format!("the header `{name}` of answer {}", status.written)
            }
        }
    }
}

/// JSON Pointer of a parameter in a message.
pub(crate) fn parameter_at(location: &str, name: &str) -> String {
    openapi_document::pointer::join(&format!("/{}", message_key(location)), name)
}

pub(crate) fn message_key(location: &str) -> &'static str {
    match location {
        "header" => "headers",
        "cookie" => "cookies",
        "path" => "path_parameters",
        _ => "query",
    }
}

/// Two schemas whose values are sent in the same slot of one operation.
#[derive(Clone, Debug)]
pub(crate) struct SchemaUse<'d> {
    pub(crate) pair: Rc<Pair<'d>>,
    pub(crate) slot: Slot,
    pub(crate) base: Located<'d>,
    pub(crate) revision: Located<'d>,
    pub(crate) direction: Direction,
    pub(crate) carrier: Carrier,
    /// Whether the sender always sends the value.
    pub(crate) is_given: bool,
}

pub(crate) struct Comparison<'d> {
    pub(crate) base: &'d Document,
    pub(crate) revision: &'d Document,
    pub(crate) options: &'d Options,
    pub(crate) schemas: Schemas<'d>,
    pub(crate) unchanged: Unchanged<'d>,
    pub(crate) findings: Findings,
    pub(crate) dangling: AllDangling,
    pub(crate) uses: Vec<SchemaUse<'d>>,
    /// The operations that are compared.
    pub(crate) pairs: Vec<Rc<Pair<'d>>>,
    /// The gate's result for each finding so far.
    pub(crate) passages: HashMap<usize, Passage>,
    /// The cached digests of shapes, because many operations share a parameter or a header.
    shapes: RefCell<HashMap<NodeId, Rc<str>>>,
    /// A cache of the schemas that are alike in both documents.
    alike: RefCell<Alike<'d>>,
    /// A cache of the schemas that have the same meaning in both documents.
    meant: RefCell<Alike<'d>>,
    /// The changes of each pair of lists of servers.
    pub(crate) servers: HashMap<servers::Key, Rc<[servers::Change]>>,
    /// The shapes that distinguish drifts.
    pub(crate) numbered: Rc<Shapes>,
    /// The cost of a message for each pair of operations.
    parts: RefCell<HashMap<(NodeId, NodeId), usize>>,
    /// Budget of message parts that may still be written.
    unwritten: usize,
    /// Budget of credentials that may still be compared.
    unasked: usize,
    /// Budget of calls in callbacks that may still be compared.
    uncalled: usize,
    /// Budget of parts of operations that may still be compared.
    unpaired: usize,
    /// Budget of comparisons of a server's URL with another one.
    unmatched: usize,
}

/// Maximum number of comparisons of the URL of a server with a template, for all lists of servers.
const MOST_MATCHED: usize = 4_000_000;

/// Maximum number of parameters, media types, headers and links that differ and are compared, in all operations. Many
/// operations may refer to the same ones.
const MOST_PAIRED: usize = 250_000;

/// Maximum number of expressions in the callbacks of all operations that are compared. Many operations may refer to
/// the same callbacks.
const MOST_CALLED: usize = 100_000;

/// Maximum number of credentials that are looked at to compare the security requirements of all operations.
const MOST_ASKED: usize = 4_000_000;

/// Maximum number of parameters or properties written in all messages that show findings.
const MOST_WRITTEN: usize = 1_000_000;
/// Cost of a parameter that is written, relative to a parameter that is left out.
const WRITTEN: usize = 10;
/// The number of parts that one field of a form counts as, because each is decoded and read in several ways.
pub(crate) const FIELD: usize = 8;
/// Why no message shows a finding for which the budget has no part left.
pub(crate) const UNWRITTEN: &str = "so much was written to show others that its message was not";
/// Number of values in a message that cost nothing by themselves.
const ORDINARY: usize = 1_000;
/// Length of a message, in bytes, that costs nothing, and the number of further bytes that count as one part.
const LONG_TEXT: usize = 65_536;
const TEXT: usize = 16;
/// Length of the paths, in bytes, that increases the cost of each parameter by as much again.
const PLACE: usize = 1_024;

/// Takes an amount from a budget, if so much is left.
fn take(budget: &mut usize, amount: usize) -> bool {
    let left = budget.checked_sub(amount);
    *budget = left.unwrap_or(*budget);
    left.is_some()
}

/// Takes an amount from a budget, or all that is left. It then allows nothing more, because it takes long to count even
/// what is not compared.
fn take_or_empty(budget: &mut usize, amount: usize) -> bool {
    let left = budget.checked_sub(amount);
    *budget = left.unwrap_or_default();
    left.is_some_and(|left| left > 0)
}

impl<'d> Comparison<'d> {
    pub(crate) fn new(base: &'d Document, revision: &'d Document, options: &'d Options) -> Self {
        Self {
            base,
            revision,
            options,
            schemas: Schemas::new(base, revision, options),
            unchanged: Unchanged::new(base, revision),
            findings: Findings::default(),
            dangling: AllDangling::default(),
            uses: Vec::new(),
            pairs: Vec::new(),
            passages: HashMap::new(),
            shapes: RefCell::default(),
            alike: RefCell::new(Alike::new([base, revision])),
            meant: RefCell::new(Alike::by_meaning([base, revision])),
            servers: HashMap::new(),
            numbered: Rc::default(),
            parts: RefCell::default(),
            unwritten: MOST_WRITTEN,
            unasked: MOST_ASKED,
            uncalled: MOST_CALLED,
            unpaired: MOST_PAIRED,
            unmatched: MOST_MATCHED,
        }
    }

    pub(crate) fn document(&self, side: Side) -> &'d Document {
        match side {
            Side::Base => self.base,
            Side::Revision => self.revision,
        }
    }

    /// A digest of the shape of a part of a document: its text without prose and with references resolved. Copies of
    /// the part have the same shape. Thousands of drifts may name the shape of one part, which may be long.
    pub(crate) fn shape(&self, side: Side, node: Node<'d>) -> Rc<str> {
        if let Some(known) = self.shapes.borrow().get(&node.id()) {
            return Rc::clone(known);
        }
        let digest: Rc<str> = self.numbered.digest(self.document(side), node).into();
        self.shapes.borrow_mut().insert(node.id(), Rc::clone(&digest));
        digest
    }

    fn reads_schemas_alike(&self) -> bool {
        let version = self.revision.version();
        self.base.version().reads_schemas_like(version)
    }

    /// Whether two schemas of documents of the same dialect differ at most in prose, order, and names of components.
    pub(crate) fn are_alike(&self, base: Node<'d>, revision: Node<'d>) -> bool {
        self.reads_schemas_alike() && self.alike.borrow_mut().are(base, revision)
    }

    /// Whether two schemas have the same meaning as they are written, and nothing around them gives one another.
    pub(crate) fn mean_the_same(&self, base: Node<'d>, revision: Node<'d>) -> bool {
        let documents = [self.base, self.revision];
        let [dialect, other] = documents.map(|it| it.root().get("jsonSchemaDialect"));
        dialect == other
            && !documents.iter().any(|it| it.has_dynamic_scopes())
            && self.reads_schemas_alike()
            && self.meant.borrow_mut().are(base, revision)
    }

    /// Follows references from `place`. A reference that cannot be resolved is recorded with the operation that
    /// reaches it.
    pub(crate) fn follow(
        &mut self,
        side: Side,
        place: Located<'d>,
        touched: &Touched,
    ) -> Option<Located<'d>> {
        match place.follow(self.document(side)) {
            Ok(place) => Some(place),
            Err(unresolved) => {
                self.dangling.note(side, unresolved, touched);
                None
            }
        }
    }

    /// Reports a drift for an operation without a message that proves it.
    pub(crate) fn report(&mut self, drift: Drift, touched: Touched) {
        self.findings.report(drift, touched);
    }

    /// Reports a drift for several operations, each with a number, without a message that proves it.
    pub(crate) fn report_each(
        &mut self,
        drift: Drift,
        numbers: &mut dyn Iterator<Item = usize>,
        touched: impl Fn(usize) -> Touched,
    ) {
        let Some(first) = numbers.next().map(&touched) else {
            return;
        };
        let place = self.findings.report(drift, first);
        while self.findings.lists_more(place.index)
            && let Some(number) = numbers.next()
        {
            self.findings.touch_at(place, touched(number));
        }
        self.findings.omit(place.index, numbers.count());
    }

    /// The cost of a message of an operation. Each parameter adds a share, which is larger if it may have to be
    /// written. Each media type of the body with the most media types adds one, and so does each credential that some
    /// security requirement names.
    pub(crate) fn parts_of_requests(&self, pair: &Pair<'d>) -> usize {
        let worth = |side: Side, it: Node<'d>| {
            let target = it
                .text("$ref")
                .and_then(|reference| self.document(side).resolve(it, reference).ok());
            let required = target.map_or(it, |it| it.node).get("required");
            let is_written = required.and_then(Node::as_bool) == Some(true);
            if is_written { WRITTEN } else { 1 }
        };
        let count = |side: Side| -> usize {
            let lists = pair.side(side).parameter_lists();
            lists
                .flat_map(|it| it.node.items())
                .map(|it| worth(side, it))
                .sum()
        };
        let listed = |side: Side| -> usize {
            let operation = &pair.side(side).here;
            let answers = operation.get("responses");
            let answers = answers
                .iter()
                .flat_map(Located::entries)
                .map(|(_, answer)| answer);
            let bodies = operation.get("requestBody").into_iter().chain(answers);
            let contents = bodies.filter_map(|it| it.follow(self.document(side)).ok()?.node.get("content"));
            contents.map(|it| it.members().len()).max().unwrap_or_default()
        };
        let asked = |side: Side| -> usize {
            let ways = pair.side(side).security(self.document(side));
            ways.iter().flatten().map(|it| it.schemes.len()).sum()
        };
        let key = (pair.base.here.node.id(), pair.revision.here.node.id());
        *self.parts.borrow_mut().entry(key).or_insert_with(|| {
            // The location of each parameter contains the path and is written with it.
            let lengths = pair.base.path.len() + pair.revision.path.len();
            let parameters = count(Side::Base) + count(Side::Revision);
            let others = |side: Side| listed(side) + asked(side);
            parameters * (1 + lengths / PLACE) + others(Side::Base) + others(Side::Revision)
        })
    }

    /// Whether a breaking finding still needs a message that shows it.
    pub(crate) fn wants_message(&mut self, index: usize) -> bool {
        self.findings.get_mut(index).level == Level::Breaking
            && self.passages.get(&index).is_none_or(Passage::is_wanted)
    }

    /// Whether the budget allows a message with this many parts; otherwise the finding has no message.
    pub(crate) fn may_show(&mut self, index: usize, parts: usize) -> bool {
        let may = self.may_write(parts);
        if !may {
            self.leave_open(index, UNWRITTEN);
        }
        may
    }

    /// Takes the values of a large message from the budget, which its schemas may not foretell.
    pub(crate) fn charge(&mut self, message: &Map<String, Value>) {
        fn parts(value: &Value) -> usize {
            match value {
                Value::Array(items) => 1 + items.iter().map(parts).sum::<usize>(),
                Value::Object(members) => 1 + members.values().map(parts).sum::<usize>(),
                _ => 1,
            }
        }
        let parts: usize = message.values().map(parts).sum();
        self.unwritten = self
            .unwritten
            .saturating_sub(parts.saturating_sub(ORDINARY) * WRITTEN);
    }

    /// Takes the text of a long message from the budget.
    pub(crate) fn charge_text(&mut self, length: usize) {
        let cost = length.saturating_sub(LONG_TEXT) / TEXT;
        self.unwritten = self.unwritten.saturating_sub(cost);
    }

    /// Whether the budget allows another value or message with this many parts.
    pub(crate) fn may_write(&mut self, parts: usize) -> bool {
        take(&mut self.unwritten, parts + 1)
    }

    /// Whether the budget allows this many more credentials to be compared.
    pub(crate) fn may_ask(&mut self, credentials: usize) -> bool {
        take(&mut self.unasked, credentials)
    }

    /// Whether the budget allows this many more calls in callbacks to be compared.
    pub(crate) fn may_call(&mut self, calls: usize) -> bool {
        take(&mut self.uncalled, calls)
    }

    /// Whether the budget allows this many more parts of operations to be compared.
    pub(crate) fn may_pair(&mut self, parts: usize) -> bool {
        take_or_empty(&mut self.unpaired, parts)
    }

    /// Whether the budget allows this many more comparisons of the URLs of servers.
    pub(crate) fn may_match(&mut self, comparisons: usize) -> bool {
        take_or_empty(&mut self.unmatched, comparisons)
    }

    /// Records why no message shows a finding.
    pub(crate) fn leave_open(&mut self, index: usize, why: &str) {
        self.passages.entry(index).or_default().leave_open(why);
    }
}
