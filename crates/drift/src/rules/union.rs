//! Alternatives: the branches of `oneOf` and `anyOf` without a counterpart in the other document, and their overlaps.

use std::collections::BTreeSet;
use std::rc::Rc;

use openapi_document::Located;
use serde_json::{Map, Value};

use crate::containment::{Inside, Refutation, SchemaId, Schemas, Verdict, World};
use crate::diff::alternative;
use crate::diff::counterparts::WIDEST;
use crate::diff::face::Face;
use crate::diff::node::{Claim, Letter, Local, Node as DiffNode};
use crate::diff::pair::{Both, label_of, shown};
use crate::report::{Direction, Level, Side, Witness};
use crate::rule::{Affects, Rule};
use crate::rules::credentials::listed;
use crate::rules::{by_witness, object};
use crate::schema::ast::Types;
use crate::schema::reader::Reader;

pub(crate) const RULES: &[&Rule] = &[
    &REQUEST_REFUSED,
    &REQUEST_ADDED,
    &RESPONSE_UNREADABLE,
    &by_witness::ALTERNATIVE_LOST,
    &REQUEST_OVERLAP,
    &RESPONSE_OVERLAP,
    &REQUEST_IGNORED,
    &RESPONSE_IGNORED,
];

const REQUEST_REFUSED: Rule = Rule {
    id: "request-alternative-refused",
    level: Level::Breaking,
    affects: Affects::Senders,
    explanation: "The reader no longer accepts one of the alternatives that senders may send.",
    mend: "Send another alternative.",
    readings: &[4],
};
const REQUEST_ADDED: Rule = Rule {
    id: "request-alternative-added",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A request may be an alternative that was unknown before.",
    mend: "Nothing to do.",
    readings: &[4],
};
const RESPONSE_UNREADABLE: Rule = Rule {
    id: "response-alternative-unreadable",
    level: Level::Breaking,
    affects: Affects::Readers,
    explanation: "A message may be an alternative that its readers cannot read.",
    mend: "Read the new alternative.",
    readings: &[4],
};
const REQUEST_OVERLAP: Rule = Rule {
    id: "request-alternatives-overlap",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "A value that senders may send matches several alternatives of a `oneOf`. The specification refuses such a value, but many senders send it, and many services accept it.",
    mend: "Send a value that matches only one alternative.",
    readings: &[4],
};
const RESPONSE_OVERLAP: Rule = Rule {
    id: "response-alternatives-overlap",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "A message may contain a value that matches several alternatives of a `oneOf`. The specification refuses such a value, but many services send it, and many clients read it.",
    mend: "Check which alternative your client reads.",
    readings: &[4],
};

const REQUEST_IGNORED: Rule = Rule {
    id: "request-alternative-ignored",
    level: Level::Risky,
    affects: Affects::Senders,
    explanation: "Every alternative that knows the properties of a value refuses it. Only an alternative that does not know these properties accepts the value, and it ignores them.",
    mend: "Send a value that one of the alternatives describes.",
    readings: &[4],
};
const RESPONSE_IGNORED: Rule = Rule {
    id: "response-alternative-ignored",
    level: Level::Risky,
    affects: Affects::Readers,
    explanation: "Every alternative that knows the properties of a message refuses it. Only an alternative that does not know these properties accepts the message, and it ignores them.",
    mend: "Read the new form of the message.",
    readings: &[4],
};

/// The side without alternatives, where the other side has several.
pub(crate) fn whole_side(both: &Both<'_, '_>) -> Option<Side> {
    let several = |face: &Face<'_>| matches!(face.unions.as_slice(), [list] if list.len() > 1);
    if both.base.unions.is_empty() && several(both.revision) {
        Some(Side::Base)
    } else if both.revision.unions.is_empty() && several(both.base) {
        Some(Side::Revision)
    } else {
        None
    }
}

/// Compares the alternatives that only one side has.
pub(crate) fn compare<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Vec<Local> {
    let unmatched = &both.node.unmatched;
    let (only_sent, only_read) = match both.direction() {
        Direction::Request => (&unmatched.old, &unmatched.new),
        Direction::Response => (&unmatched.new, &unmatched.old),
    };
    let mut found = Vec::new();
    let mut excluded = Vec::new();
    for branch in only_sent {
        sent_only(schemas, both, branch, (&mut found, &mut excluded));
    }
    found.extend(never_sent(both, &excluded));
    for branch in only_read {
        read_only(schemas, both, branch, &mut found);
    }
    if found.is_empty() {
        found.extend(names_of_several(schemas, both));
    }
    found
}

/// The drift of an object that replaces several, or of several that replace one: the names that only the several
/// declare.
fn names_of_several<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Option<Local> {
    let whole = whole_side(both)?;
    let side = whole.other();
    let (branches, is_sent) = (both.node.unmatched.of(side), side == both.node.sender());
    let mut names: BTreeSet<&'d str> = BTreeSet::new();
    for branch in branches {
        names.extend(names_alone(schemas, both, side, branch));
    }
    if names.is_empty() {
        return None;
    }
    let (rule, does) = match (both.direction(), is_sent) {
        (Direction::Request, true) => (&object::REQUEST_LOST, "are no longer known"),
        (Direction::Request, false) => (&object::REQUEST_ADDED, "are new and optional"),
        (Direction::Response, true) => (&object::RESPONSE_ADDED, "are new"),
        (Direction::Response, false) => (&object::RESPONSE_LOST, "are gone"),
    };
    let names = shown(names.into_iter());
    let label = label_of(both, Side::Base);
    let title = format!("{label}: the names {names} of its alternatives {does}");
    Some(both.local(rule, title))
}

/// The drift of a pair whose values are refused only because several alternatives of a `oneOf` accept them.
pub(crate) fn overlap<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Option<Local> {
    let target = both.node.target_to_the_letter();
    let refutation = match &both.node.letter {
        Letter::Broken(refutation) | Letter::BrokenByName(refutation) => refutation.clone(),
        Letter::Undecided(why) => {
            let mut local = by_witness::undecided(both, why);
            local.claim = Claim::Overlap;
            return Some(local);
        }
        Letter::Unasked | Letter::Kept | Letter::Loose => return None,
    };
    if schemas.is_empty(target) == Some(true) {
        return Some(by_witness::nothing(both, both.node.reader()));
    }
    let (what, value) = (label_of(both, Side::Base), by_witness::brief(&refutation.witness));
    let (rule, title) = match both.direction() {
        Direction::Request => (
            &REQUEST_OVERLAP,
            format!("{what} takes {value} as several alternatives of its `oneOf` at once"),
        ),
        Direction::Response => (
            &RESPONSE_OVERLAP,
            format!("{what} may be {value}, several alternatives of its `oneOf` at once"),
        ),
    };
    let mut local = both.local(rule, title);
    local.claim = Claim::Overlap;
    local.drift.witness = Some(Witness {
        value: refutation.witness,
        accepted_by: both.node.sender(),
        rejected_by: both.node.reader(),
        because: refutation.because,
        message: None,
    });
    Some(local)
}

/// An alternative of the reader.
pub(crate) struct Alternative<'d> {
    /// Its location, after references.
    at: Rc<str>,
    pub(crate) id: SchemaId,
    /// The names that it declares. `None` if it accepts any name.
    known: Option<BTreeSet<&'d str>>,
}

/// The alternatives of the reader of a pair, and the names that only some of them know.
pub(crate) struct Alternatives<'d> {
    list: Vec<Alternative<'d>>,
    /// The names that some alternative declares and the schema around them does not.
    names: BTreeSet<&'d str>,
}

impl<'d> Alternatives<'d> {
    /// `None` where no name distinguishes the alternatives.
    pub(crate) fn of(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Option<Self> {
        let (read, side) = (both.read(), both.node.reader());
        let [branches] = read.unions.as_slice() else {
            return None;
        };
        if read.discriminator.is_some() || both.sent().discriminator.is_some() || branches.len() > WIDEST {
            return None;
        }
        let mut list = Vec::new();
        for branch in branches {
            let target = schemas.reader().follow_alone(side, branch.clone()).ok()?;
            let id = both.lower(schemas, side, branch.node);
            list.push(Alternative {
                at: target.at.as_ref().into(),
                id: schemas.taking_overlaps(id),
                known: names_of(schemas.reader(), both, side, branch),
            });
        }
        let mut names: BTreeSet<&'d str> = list.iter().flat_map(|it| &it.known).flatten().copied().collect();
        if names.is_empty() {
            return None;
        }
        names.retain(|name| !read.declares(name));
        Some(Self { list, names })
    }

    /// The alternatives other than the one of a pair.
    pub(crate) fn others<'a>(
        &'a self,
        side: Side,
        one: &'a DiffNode<'d>,
    ) -> impl Iterator<Item = &'a Alternative<'d>> + use<'a, 'd> {
        let own = &one.place(side).at;
        self.list.iter().filter(move |it| *it.at != **own)
    }

    /// Whether another alternative knows a name that this one does not know.
    pub(crate) fn is_unknown(&self, alternative: &Alternative<'d>, name: &str) -> bool {
        let known = alternative.known.as_ref();
        known.is_some_and(|known| !known.contains(name) && self.names.contains(name))
    }

    /// The names that an alternative does not know and another one does.
    pub(crate) fn unknown<'a>(
        &'a self,
        alternative: &'a Alternative<'d>,
    ) -> impl Iterator<Item = &'d str> + use<'a, 'd> {
        let known = alternative.known.as_ref();
        let names = known.map(|known| self.names.difference(known).copied());
        names.into_iter().flatten()
    }

    /// The number of names in all that the alternatives do not know.
    pub(crate) fn len_of_unknown(&self) -> usize {
        self.list.len() * self.names.len()
    }
}

/// The drift of an alternative that is refused, as `told` says, by all alternatives that know its names.
pub(crate) fn ignored(below: &Both<'_, '_>, told: &Local, is_taken: bool) -> Local {
    let rule = match below.direction() {
        Direction::Request => &REQUEST_IGNORED,
        Direction::Response => &RESPONSE_IGNORED,
    };
    let rest = if is_taken {
        "only an alternative that does not know the name takes it"
    } else {
        "by the letter of `oneOf` it was never sent"
    };
    beside(below, told, rule, rest)
}

/// The drift of an alternative that is refused, as `told` says, while another one accepts the same values.
pub(crate) fn taken_by_another(below: &Both<'_, '_>, told: &Local) -> Local {
    beside(
        below,
        told,
        &by_witness::REWRITTEN,
        "another alternative takes it",
    )
}

/// The drift of an alternative that is refused, as `told` says, and the rest of what is to be said of it.
fn beside(below: &Both<'_, '_>, told: &Local, rule: &'static Rule, rest: &str) -> Local {
    let title = format!("{}, and {rest}", told.drift.title);
    let at = |place: &Option<String>, home: &str| place.clone().unwrap_or_else(|| home.to_owned());
    let (base_at, revision_at) = (
        at(&told.drift.base_at, &below.base.home),
        at(&told.drift.revision_at, &below.revision.home),
    );
    below.local_at(rule, title, &base_at, &revision_at, &told.suffix)
}

/// Whether each member of an object is declared and accepted by some alternative, or declared beside all of them.
pub(crate) fn is_made_of_alternatives<'d>(
    schemas: &mut Schemas<'d>,
    both: &Both<'_, 'd>,
    side: Side,
    value: &Value,
) -> bool {
    let face = both.face(side);
    let Some(members) = value.as_object() else {
        return true;
    };
    let mut left: Vec<&String> = members.keys().filter(|name| !face.declares(name)).collect();
    for branch in face.unions.iter().flatten() {
        let reader = schemas.reader();
        let own = Face::of(reader, side, branch, both.direction());
        let mut known = object::branch_names(reader, side, &own);
        known.extend(own.all_names());
        let declares = |name: &str| known.contains(name) || face.declares(name);
        let part: Map<String, Value> = members
            .iter()
            .filter(|(name, _)| declares(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let id = both.lower(schemas, side, branch.node);
        if schemas.accepts(id, &Value::Object(part)) == Ok(true) {
            left.retain(|name| !known.contains(name.as_str()));
        }
    }
    left.is_empty()
}

/// Compares a branch that only the sender has. Another branch of the reader may accept it.
fn sent_only<'d, 'b>(
    schemas: &mut Schemas<'d>,
    both: &Both<'_, 'd>,
    branch: &'b Located<'d>,
    (found, excluded): (&mut Vec<Local>, &mut Vec<&'b Located<'d>>),
) {
    if both.node.place(both.node.sender()).at == branch.at {
        return;
    }
    let id = both.lower(schemas, both.node.sender(), branch.node);
    let verdict = schemas.contains(id, both.node.target(), World::Closed);
    if both.proved() {
        // A tag selects one alternative.
        let has_tags = both.sent().discriminator.is_some() || both.read().discriminator.is_some();
        // The schemas around the alternative may refuse its values, too.
        let is_excluded = matches!(verdict, Verdict::Refuted(_)) && !has_tags && {
            let sent = schemas.taking_overlaps(both.node.source());
            matches!(
                schemas.contains(sent, both.node.target(), World::Closed),
                Verdict::Refuted(_)
            )
        };
        if is_excluded {
            excluded.push(branch);
        } else {
            let told = unknown(schemas, both, branch);
            found.extend(told.or_else(|| not_meant(schemas.reader(), both, branch)));
        }
        return;
    }
    let Verdict::Refuted(refutation) = verdict else {
        return;
    };
    // If only one alternative may match, a value of the alternative is not always a value of the whole.
    let witness = both.witness(schemas, &refutation.witness, &refutation.because);
    if witness.is_none() {
        return;
    }
    let (what, named) = (label_of(both, Side::Base), alternative::label(branch));
    let (rule, title) = match both.direction() {
        Direction::Request => (&REQUEST_REFUSED, format!("{what} no longer takes {named}")),
        Direction::Response if opens_list(schemas.reader(), both, branch, &refutation.witness) => (
            &by_witness::RESPONSE_ENUM_OPENED,
            format!("{what} may be other than the listed values"),
        ),
        Direction::Response => (
            &RESPONSE_UNREADABLE,
            format!("{what} may be {named}, which callers cannot read"),
        ),
    };
    let (base_at, revision_at) = match both.direction() {
        Direction::Request => (&branch.at, &both.revision.home),
        Direction::Response => (&both.base.home, &branch.at),
    };
    let mut local = both.local_at(rule, title, base_at, revision_at, "");
    local.drift.witness = witness;
    local.claim = Claim::Refusal;
    found.push(local);
}

/// Whether an alternative only adds values of a type that the reader lists, as any text beside listed texts.
fn opens_list<'d>(reader: &mut Reader<'d>, both: &Both<'_, 'd>, branch: &Located<'d>, value: &Value) -> bool {
    let face = Face::of(reader, both.node.sender(), branch, both.direction());
    let is_of_type = face
        .types
        .is_some_and(|types| by_witness::types_of(value).has(types));
    is_of_type && !face.nullable && by_witness::is_outside_enum(both.read(), value)
}

/// The drift of branches that only the sender has and the reader refuses, although by the letter of the sender's `oneOf`
/// their values are never sent, because another branch accepts them, too.
fn never_sent(both: &Both<'_, '_>, branches: &[&Located<'_>]) -> Option<Local> {
    let first = branches.first()?;
    let what = label_of(both, Side::Base);
    let named = listed(branches.iter().map(|it| alternative::label(it)), " or ");
    let rest = "and by the letter of `oneOf` that never comes, because another alternative takes it";
    Some(match both.direction() {
        Direction::Request => {
            let title = format!("{what} no longer takes {named}, {rest}");
            both.local_at(&REQUEST_OVERLAP, title, &first.at, &both.revision.home, "")
        }
        Direction::Response => {
            let title = format!("{what} may be {named}, which callers cannot read, {rest}");
            both.local_at(&RESPONSE_OVERLAP, title, &both.base.home, &first.at, "")
        }
    })
}

/// Whether a drift is about values that several alternatives accept, or that no alternative with their names does.
pub(crate) fn is_of_overlap(local: &Local) -> bool {
    let rules = [
        &REQUEST_OVERLAP,
        &RESPONSE_OVERLAP,
        &REQUEST_IGNORED,
        &RESPONSE_IGNORED,
    ];
    rules.contains(&local.drift.rule)
}

/// The drift of a schema whose reader refuses a value that several alternatives of the sender's `oneOf` accept, so that
/// by the letter it is never sent.
pub(crate) fn refused_overlap(both: &Both<'_, '_>, refutation: &Refutation) -> Local {
    let (what, value) = (label_of(both, Side::Base), by_witness::brief_part(refutation));
    let rest = "and by the letter of `oneOf` that never comes, because several alternatives take it";
    let (rule, title) = match both.direction() {
        Direction::Request => (
            &REQUEST_OVERLAP,
            format!("{what} no longer takes {value}, {rest}"),
        ),
        Direction::Response => (
            &RESPONSE_OVERLAP,
            format!("{what} may be {value}, which callers cannot read, {rest}"),
        ),
    };
    both.local(rule, title)
}

/// The drift of a branch that only the sender has, without any object, where the reader means an object.
fn not_meant<'d>(reader: &mut Reader<'d>, both: &Both<'_, 'd>, branch: &Located<'d>) -> Option<Local> {
    let face = Face::of(reader, both.node.sender(), branch, both.direction());
    let has_no_object = face.types.is_some_and(|types| !types.has(Types::OBJECT));
    if !has_no_object || !both.read().means_object() {
        return None;
    }
    let (what, named) = (label_of(both, Side::Base), alternative::label(branch));
    let title = format!("{what} may be {named}, and its reader means an object");
    Some(match both.direction() {
        Direction::Request => {
            both.local_at(&object::REQUEST_MEANT, title, &branch.at, &both.revision.home, "")
        }
        Direction::Response => both.local_at(&object::RESPONSE_MEANT, title, &both.base.home, &branch.at, ""),
    })
}

/// The drift of a branch that only the sender has, and that only alternatives without its names accept.
fn unknown<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, branch: &Located<'d>) -> Option<Local> {
    // If one object replaces several, their names are reported together.
    if both.read().unions.is_empty() {
        return None;
    }
    let names = names_alone(schemas, both, both.node.sender(), branch);
    let names = (!names.is_empty()).then(|| shown(names.into_iter()))?;
    let (rule, does, knows) = match both.direction() {
        Direction::Request => (&REQUEST_IGNORED, "is no longer known", "nothing"),
        Direction::Response => (&RESPONSE_IGNORED, "is new", "nothing of the base"),
    };
    let title = format!(
        "{} in {} {does}, and {knows} reads {names}",
        alternative::label(branch),
        label_of(both, Side::Base)
    );
    let (base_at, revision_at) = match both.direction() {
        Direction::Request => (&branch.at, &both.revision.home),
        Direction::Response => (&both.base.home, &branch.at),
    };
    Some(both.local_at(rule, title, base_at, revision_at, ""))
}

/// The names that an alternative of one side declares and nothing on the other side does.
///
/// The revision's names are none where an alternative of the base accepts any name: callers may have met them before.
fn names_alone<'d>(
    schemas: &mut Schemas<'d>,
    both: &Both<'_, 'd>,
    side: Side,
    branch: &Located<'d>,
) -> BTreeSet<&'d str> {
    let (own, other) = (both.face(side), both.face(side.other()));
    if own.discriminator.is_some() || other.discriminator.is_some() {
        return BTreeSet::new();
    }
    let mut names = names_of(schemas.reader(), both, side, branch).unwrap_or_default();
    names.retain(|name| {
        let is_known = other.declares(name) || other.required.contains(name);
        !is_known && !both.node.is_beside(side.other(), name)
    });
    for place in other.unions.iter().flatten() {
        match names_of(schemas.reader(), both, side.other(), place) {
            Some(known) => names.retain(|name| !known.contains(name)),
            None if side == Side::Revision => return BTreeSet::new(),
            None => lose_further(schemas, both, (branch, place), &mut names),
        }
    }
    names
}

/// Leaves the names of an alternative of the base that the schemas for further names of an alternative of the revision
/// do not declare. They declare a name if they apply to it and accept what it holds.
fn lose_further<'d>(
    schemas: &mut Schemas<'d>,
    both: &Both<'_, 'd>,
    (branch, place): (&Located<'d>, &Located<'d>),
    names: &mut BTreeSet<&'d str>,
) {
    if !Face::of(schemas.reader(), Side::Revision, place, both.direction()).declares_further() {
        return;
    }
    let (own, further) = (
        both.lower(schemas, Side::Base, branch.node),
        both.lower(schemas, Side::Revision, place.node),
    );
    if schemas.contains(own, further, World::Closed) == Verdict::Proved {
        names.retain(|name| !schemas.can_hold(further, Inside::Property(name)));
    }
}

/// The names that an alternative declares. `None` if it accepts any name: it is an object that lists none, or it has a
/// schema for further names.
fn names_of<'d>(
    reader: &mut Reader<'d>,
    both: &Both<'_, 'd>,
    side: Side,
    branch: &Located<'d>,
) -> Option<BTreeSet<&'d str>> {
    let face = Face::of(reader, side, branch, both.direction());
    let mut names = object::branch_names(reader, side, &face);
    names.extend(face.all_names());
    let is_open = face.types.is_none_or(|types| types.has(Types::OBJECT)) && face.values.is_none();
    let takes_any = is_open && (names.is_empty() && !face.lists_names || face.declares_further());
    (!takes_any).then_some(names)
}

/// Compares a branch that only the reader has. It is new, unless the sender's values already cover it.
fn read_only<'d>(
    schemas: &mut Schemas<'d>,
    both: &Both<'_, 'd>,
    branch: &Located<'d>,
    found: &mut Vec<Local>,
) {
    if both.node.place(both.node.reader()).at == branch.at {
        return;
    }
    let id = both.lower(schemas, both.node.reader(), branch.node);
    let (source, target) = (both.node.source(), both.node.target_to_the_letter());
    let news = match schemas.contains(id, source, World::Closed) {
        Verdict::Proved => false,
        Verdict::Refuted(it) if schemas.accepts(target, &it.witness) == Ok(true) => true,
        // If only one alternative may match, a value of this alternative is not always a value of the whole.
        _ => schemas.contains(target, source, World::Closed) != Verdict::Proved,
    };
    // An open alternative of the sender allows names that the sender never sends.
    let is_known = |schemas: &mut Schemas<'d>| {
        both.sent().unions.is_empty() || names_alone(schemas, both, both.node.reader(), branch).is_empty()
    };
    let has_lost_names = !is_known(schemas);
    if !news && !has_lost_names {
        return;
    }
    if both.direction() == Direction::Response && is_condition_met(schemas, both, branch) {
        return;
    }
    let (what, named) = (label_of(both, Side::Base), alternative::label(branch));
    let (rule, title) = match both.direction() {
        Direction::Request => (&REQUEST_ADDED, format!("{what} also takes {named}")),
        Direction::Response => (
            &by_witness::ALTERNATIVE_LOST,
            format!("{what} is never {named} any more"),
        ),
    };
    let (base_at, revision_at) = match both.direction() {
        Direction::Request => (&both.base.home, &branch.at),
        Direction::Response => (&branch.at, &both.revision.home),
    };
    let local = both.local_at(rule, title, base_at, revision_at, "");
    // A name that nothing sends any more is gone, even where another value of the pair above replaces the alternative.
    found.push(if has_lost_names { local } else { local.widening() });
}

/// Whether an alternative only requires names that are declared beside it, and the sender may send them. Fewer such
/// values are sent then, but still some.
fn is_condition_met<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, branch: &Located<'d>) -> bool {
    let face = Face::of(schemas.reader(), both.node.reader(), branch, both.direction());
    let asks_only = face.properties.is_empty() && face.values.is_none() && face.unions.is_empty();
    asks_only
        && !face.required.is_empty()
        && face
            .required
            .iter()
            .all(|name| schemas.can_hold(both.node.source(), Inside::Property(name)))
}
