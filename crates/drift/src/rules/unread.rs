//! Finds the parts of a document that are not read, and which operations reach them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::Arc;

use foldhash::fast::FixedState;
use openapi_document::view::Operation;
use openapi_document::{Document, Kind as Json, Located, Node, NodeId, Part, Unresolved, pointer};

use super::expected::Expected;

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
pub(super) struct Unread<'d> {
    pub(super) malformed: BTreeMap<Arc<str>, Typed<'d>>,
    pub(super) unresolved: BTreeMap<Arc<str>, (Node<'d>, Unresolved)>,
}

impl<'d> Unread<'d> {
    fn add(&mut self, found: Found<'d>) {
        match found {
            Found::Malformed(here, expected) => {
                self.malformed.insert(here.at.clone(), (here, expected));
            }
            Found::Unresolved(here, unresolved) => {
                self.unresolved.insert(here.at.clone(), (here.node, unresolved));
            }
        }
    }

    /// The parts that the other document does not also leave unread at the same place, without those that are known
    /// already. The order of lists does not count.
    pub(super) fn beyond(&self, other: &Self, is_known: impl Fn(&str) -> bool) -> Self {
        Self {
            malformed: without_twins(
                &self.malformed,
                &other.malformed,
                &is_known,
                |(one, its), (other, others)| one.node == other.node && its == others,
            ),
            unresolved: without_twins(&self.unresolved, &other.unresolved, &is_known, |one, other| {
                one.0 == other.0
            }),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.malformed.is_empty() && self.unresolved.is_empty()
    }
}

/// The parts of a document without an equal one of the other document at the same place in any order of lists.
fn without_twins<T: Clone>(
    own: &BTreeMap<Arc<str>, T>,
    other: &BTreeMap<Arc<str>, T>,
    is_known: impl Fn(&str) -> bool,
    are_equal: impl Fn(&T, &T) -> bool,
) -> BTreeMap<Arc<str>, T> {
    let mut others: HashMap<String, Vec<&T>> = HashMap::new();
    for (at, it) in other {
        others.entry(unnumbered(at)).or_default().push(it);
    }
    let mut has_twin = |at: &str, it: &T| {
        let Some(others) = others.get_mut(&unnumbered(at)) else {
            return false;
        };
        let twin = others.iter().position(|other| are_equal(it, other));
        twin.map(|index| others.swap_remove(index)).is_some()
    };
    own.iter()
        .filter(|(at, it)| !is_known(at) && !has_twin(at, it))
        .map(|(at, it)| (at.clone(), it.clone()))
        .collect()
}

/// A place without the numbers of items in lists whose order has no meaning.
fn unnumbered(at: &str) -> String {
    const LISTS: &[&str] = &[
        "parameters",
        "security",
        "servers",
        "tags",
        "required",
        "enum",
        "allOf",
        "anyOf",
        "oneOf",
    ];
    let mut before = "";
    let steps = at.split('/').map(|step| {
        let holder = std::mem::replace(&mut before, step);
        let is_number = !step.is_empty() && step.bytes().all(|it| it.is_ascii_digit());
        if is_number && LISTS.contains(&holder) {
            "*"
        } else {
            step
        }
    });
    steps.collect::<Vec<_>>().join("/")
}

/// A part that is not read.
pub(super) enum Found<'d> {
    Malformed(Located<'d>, Expected),
    Unresolved(Located<'d>, Unresolved),
}

/// The number of a visit.
type Visit = u32;

/// A walk through the parts of one document that its operations reach. Each part is visited once.
pub(super) struct Walk<'d> {
    document: &'d Document,
    visits: HashMap<(NodeId, Expected), Visit, FixedState>,
    /// The visits to the targets of references, so that each is resolved once.
    targets: HashMap<(&'d str, Expected), Visit, FixedState>,
    /// Each visit after another from which it is reached, if they are wanted.
    links: Option<Vec<(Visit, Visit)>>,
    found: Vec<(Visit, Found<'d>)>,
}

/// A part that is to be looked at.
struct Stop<'d> {
    visit: Visit,
    node: Node<'d>,
    expected: Expected,
    /// The length of the path to the part around it.
    depth: usize,
    step: Step<'d>,
}

/// One step of a path. Places are made of paths only where they are needed, since nearly all parts are as expected.
enum Step<'d> {
    /// A part at which the walk begins, or the target of a reference.
    Start(Arc<str>),
    Key(&'d str),
    Index(usize),
}

fn place(path: &[Step<'_>]) -> Arc<str> {
    let start = path.iter().rposition(|step| matches!(step, Step::Start(_)));
    let mut at = String::new();
    for step in &path[start.unwrap_or(0)..] {
        match step {
            Step::Start(start) => at.push_str(start),
            Step::Key(key) => pointer::push(&mut at, key),
            Step::Index(index) => {
                let _ = write!(at, "/{index}");
            }
        }
    }
    at.into()
}

impl<'d> Walk<'d> {
    fn new(document: &'d Document) -> Self {
        Self {
            document,
            visits: HashMap::default(),
            targets: HashMap::default(),
            links: None,
            found: Vec::new(),
        }
    }

    /// All unread parts that these operations reach.
    pub(super) fn all<'o>(
        document: &'d Document,
        operations: impl Iterator<Item = &'o Operation<'d>>,
    ) -> Unread<'d>
    where
        'd: 'o,
    {
        let mut walk = Self::new(document);
        for operation in operations {
            walk.operation(operation);
        }
        let mut all = Unread::default();
        walk.found.into_iter().for_each(|(_, found)| all.add(found));
        all
    }

    /// Calls `met` with each of the `wanted` parts and the numbers of the operations that reach it.
    pub(super) fn each<'o>(
        document: &'d Document,
        operations: impl Iterator<Item = &'o Operation<'d>>,
        wanted: &Unread<'d>,
        mut met: impl FnMut(&Found<'d>, &mut dyn Iterator<Item = usize>),
    ) where
        'd: 'o,
    {
        let mut walk = Self {
            links: Some(Vec::new()),
            ..Self::new(document)
        };
        let begun: Vec<Vec<Visit>> = operations.map(|it| walk.operation(it)).collect();
        walk.found.retain(|(_, found)| match found {
            Found::Malformed(here, _) => wanted.malformed.contains_key(&here.at),
            Found::Unresolved(here, _) => wanted.unresolved.contains_key(&here.at),
        });
        let mut links = walk.links.unwrap_or_default();
        links.sort_unstable();
        let mut leads = vec![0_u64; walk.visits.len()];
        for some in walk.found.chunks(64) {
            leads.fill(0);
            mark(some, &links, &mut leads);
            let reached = |begun: &[Visit]| begun.iter().fold(0, |to, it| to | leads[*it as usize]);
            let reached: Vec<u64> = begun.iter().map(|it| reached(it)).collect();
            for (bit, (_, found)) in some.iter().enumerate() {
                let own = reached.iter().enumerate();
                let mut own = own
                    .filter(|(_, to)| *to >> bit & 1 == 1)
                    .map(|(number, _)| number);
                met(found, &mut own);
            }
        }
    }

    /// Visits everything that an operation reaches. Returns the visits at which its walk begins.
    fn operation(&mut self, operation: &Operation<'d>) -> Vec<Visit> {
        let roots = roots(self.document, operation).into_iter();
        roots.map(|(here, expected)| self.part(here, expected)).collect()
    }

    /// Visits a part, the parts below it and the targets of their references, without those visited before.
    fn part(&mut self, here: Located<'d>, expected: Expected) -> Visit {
        let (mut path, mut open) = (Vec::new(), Vec::new());
        let start = Step::Start(here.at);
        let first = self.reach(None, (here.node, expected), &path, start, &mut open);
        while let Some(stop) = open.pop() {
            path.truncate(stop.depth);
            path.push(stop.step);
            self.look((stop.visit, stop.node, stop.expected), &path, &mut open);
        }
        first
    }

    /// Notes that a part is reached, and opens it if it was not reached before.
    fn reach(
        &mut self,
        from: Option<Visit>,
        (node, expected): (Node<'d>, Expected),
        path: &[Step<'d>],
        step: Step<'d>,
        open: &mut Vec<Stop<'d>>,
    ) -> Visit {
        let next = Visit::try_from(self.visits.len()).unwrap_or(Visit::MAX);
        let visit = *self.visits.entry((node.id(), expected)).or_insert(next);
        self.link(from, visit);
        if visit == next {
            open.push(Stop {
                visit,
                node,
                expected,
                depth: path.len(),
                step,
            });
        }
        visit
    }

    fn link(&mut self, from: Option<Visit>, to: Visit) {
        if let (Some(links), Some(from)) = (&mut self.links, from) {
            links.push((to, from));
        }
    }

    fn look(
        &mut self,
        (visit, node, expected): (Visit, Node<'d>, Expected),
        path: &[Step<'d>],
        open: &mut Vec<Stop<'d>>,
    ) {
        if !expected.takes(node) {
            let here = Located {
                node,
                at: place(path),
            };
            return self.found.push((visit, Found::Malformed(here, expected)));
        }
        match node.kind() {
            Json::Object(members) => {
                // A reference may also stand for a whole section.
                let reference = node.text("$ref");
                if let Some(reference) = reference {
                    self.follow(reference, (visit, node, expected), path, open);
                }
                if matches!(expected, Expected::One(Part::Parameter | Part::Header)) {
                    self.description(visit, node, path);
                }
                for (key, node) in members.filter(|(key, _)| reference.is_none() || *key != "$ref") {
                    let expected = expected.under(key).of_version(self.document.version());
                    // Most members are plain values of the right type.
                    if !expected.is_all_said_by(node) {
                        self.reach(Some(visit), (node, expected), path, Step::Key(key), open);
                    }
                }
            }
            Json::Array(items) => {
                let expected = expected.item();
                for (index, node) in items.enumerate() {
                    if !expected.is_all_said_by(node) {
                        self.reach(Some(visit), (node, expected), path, Step::Index(index), open);
                    }
                }
            }
            _ => {}
        }
    }

    fn follow(
        &mut self,
        reference: &'d str,
        (visit, node, expected): (Visit, Node<'d>, Expected),
        path: &[Step<'d>],
        open: &mut Vec<Stop<'d>>,
    ) {
        // In another file, or below an `$id`, the same text may lead elsewhere.
        let is_common = !node.is_in_other_file() && !self.document.has_ids();
        let key = Some((reference, expected)).filter(|_| is_common);
        if let Some(target) = key.and_then(|key| self.targets.get(&key)) {
            return self.link(Some(visit), *target);
        }
        let here = Located {
            node,
            at: place(path),
        };
        match here.target(self.document) {
            Some(Ok(target)) => {
                let start = Step::Start(target.at);
                let target = self.reach(Some(visit), (target.node, expected), path, start, open);
                self.targets.extend(key.map(|key| (key, target)));
            }
            Some(Err(unresolved)) => self.found.push((visit, Found::Unresolved(here, unresolved))),
            None => {}
        }
    }

    /// Notes what is not read of the description of a parameter or header: a `schema` beside `content`, and a `content`
    /// with several media types.
    fn description(&mut self, visit: Visit, node: Node<'d>, path: &[Step<'d>]) {
        let count = node.get("content").map_or(0, |it| it.members().len());
        let keys = [
            ("schema", Expected::BesideContent, 0),
            ("content", Expected::SoleContent, 1),
        ];
        for (key, expected, most) in keys {
            if count > most
                && let Some(node) = node.get(key)
            {
                let at = pointer::join(&place(path), key).into();
                let found = Found::Malformed(Located { node, at }, expected);
                self.found.push((visit, found));
            }
        }
    }
}

/// Marks the visits that lead to some unread parts: each bit stands for one of them.
fn mark(some: &[(Visit, Found<'_>)], links: &[(Visit, Visit)], leads: &mut [u64]) {
    for (bit, (visit, _)) in some.iter().enumerate() {
        leads[*visit as usize] |= 1 << bit;
    }
    // A visit waits once, however many parts it turns out to lead to, and those nearest to the parts come first.
    let mut waits = vec![false; leads.len()];
    let mut open: VecDeque<Visit> = some.iter().map(|(visit, _)| *visit).collect();
    while let Some(visit) = open.pop_front() {
        waits[visit as usize] = false;
        let to = leads[visit as usize];
        let above = &links[links.partition_point(|(own, _)| *own < visit)..];
        for (_, from) in above.iter().take_while(|(own, _)| *own == visit) {
            let known = &mut leads[*from as usize];
            if *known | to != *known {
                *known |= to;
                if !std::mem::replace(&mut waits[*from as usize], true) {
                    open.push_back(*from);
                }
            }
        }
    }
}
