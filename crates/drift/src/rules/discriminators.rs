//! Discriminators: a tag chooses the schema. A change of the tags is reported once, at the schema from which the chosen
//! ones inherit.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use openapi_document::{Document, Located, Node, NodeId};
use serde_json::Value;

use crate::containment::{Schemas, Verdict, World};
use crate::diff::label::{is_part, label};
use crate::diff::node::{self, Claim, Local};
use crate::diff::pair::{Both, label_of, shown};
use crate::flow::Flow;
use crate::report::{Direction, Level, Side, Witness};
use crate::rule::{Affects, Rule};
use crate::schema::alike::Alike;
use crate::schema::discriminator::{Discriminator, Tag, base_of};

pub(crate) const RULES: &[&Rule] = &[&CHANGED, &MISREAD, &OPTIONAL, &REQUEST_ADDED];

const CHANGED: Rule = Rule {
    id: "discriminator-changed",
    level: Level::Risky,
    affects: Affects::Both,
    explanation: "The property that selects an alternative changed, or one of its tags is gone, new, or selects another schema.",
    mend: "Check code that uses the tag to choose a type.",
    readings: &[5],
};
const MISREAD: Rule = Rule {
    id: "discriminator-tag-misread",
    level: Level::Breaking,
    affects: Affects::Both,
    explanation: "A tag selects another schema, which refuses the value that is sent with this tag.",
    mend: "Send the tag that selects the right schema, and read the alternative that it now selects.",
    readings: &[5],
};
pub(crate) const OPTIONAL: Rule = Rule {
    id: "discriminator-tag-optional",
    level: Level::Risky,
    affects: Affects::Both,
    explanation: "A message may come without the tag that its reader expects. OpenAPI does not say which alternative then applies.",
    mend: "Always send the tag, and handle a missing one.",
    readings: &[5],
};
const REQUEST_ADDED: Rule = Rule {
    id: "request-tag-added",
    level: Level::Additive,
    affects: Affects::Senders,
    explanation: "A request may have a tag that was unknown before.",
    mend: "Nothing to do.",
    readings: &[5],
};

/// The schemas that the same tag chooses on both sides, if they are one schema under the same or another name.
pub(crate) fn pairs<'d>(both: &Both<'_, 'd>) -> Vec<(Located<'d>, Located<'d>)> {
    let Some(tags) = Tags::of(both) else {
        return Vec::new();
    };
    let mut alike = Alike::new(both.documents.into());
    let kept = tags.old.tags.iter().filter_map(|old| {
        let new = tags.new.tag(&old.value)?;
        is_one(both, &mut alike, old, new).then(|| (old.target.clone(), new.target.clone()))
    });
    let mut seen = BTreeSet::new();
    kept.filter(|(old, new)| seen.insert((old.at.clone(), new.at.clone())))
        .collect()
}

/// The property and the tag that choose this schema of the base on both sides.
pub(crate) fn tag_of_pair<'d>(both: &Both<'_, 'd>, base: &Located<'d>) -> Option<node::Tag<'d>> {
    let tags = Tags::of(both)?;
    let chosen = tags.old.tags.iter().filter(|it| {
        let is_branch = it.branch.is_some_and(|branch| branch == base.node.id());
        it.target.at == base.at || is_branch
    });
    let mut alike = Alike::new(both.documents.into());
    let mut is_kept = |old: &Tag<'d>| {
        let new = tags.new.tag(&old.value);
        new.is_some_and(|new| is_one(both, &mut alike, old, new))
    };
    let mut kept = chosen.filter(|old| is_kept(old));
    kept.next().map(|it| (tags.old.property, it.value.clone()))
}

/// The drifts between two discriminators. An alternative reported in `told` is not reported again for its tag.
pub(crate) fn compare<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, told: &[Local]) -> Vec<Local> {
    let (Some((old_at, old)), Some((new_at, new))) = (&both.base.discriminator, &both.revision.discriminator)
    else {
        let found = unread(both).into_iter().chain(untold(both));
        return found.chain(of_heirs(both)).collect();
    };
    if old.property != new.property {
        let title = format!(
            "{} is told apart by `{}`, was `{}`",
            called(both.documents.0, &old_at.at, old.property),
            new.property,
            old.property
        );
        return vec![both.local_at(&CHANGED, title, &old_at.at, &new_at.at, "")];
    }
    let mut changes = Changes::between(both, old, new, told);
    let mut found = Vec::new();
    let places = (old_at, new_at);
    found.extend(optional(both, (old_at, old), (new_at, new)));
    found.extend(unchosen(both, (old_at, old), (new_at, new)));
    let mut other = Vec::new();
    for (old_tag, new_tag) in std::mem::take(&mut changes.moved) {
        match misread(schemas, both, old.property, old_tag, new_tag) {
            Some(witness) => {
                let only = Changes {
                    moved: vec![(old_tag, new_tag)],
                    ..Changes::default()
                };
                let mut local = only.local(both, &MISREAD, old.property, places);
                local.drift.witness = Some(witness);
                local.claim = Claim::Refusal;
                found.push(local);
            }
            None => other.push((old_tag, new_tag)),
        }
    }
    changes.moved = other;
    if changes.is_additive(both.direction()) {
        // A component's name becomes a tag again when its mapped tag moves to another schema, so the addition is not
        // reported.
        if found.iter().any(|it| it.drift.rule.id == MISREAD.id) {
            return found;
        }
        found.push(changes.local(both, &REQUEST_ADDED, old.property, places));
    } else if !changes.is_empty() {
        found.push(changes.local(both, &CHANGED, old.property, places));
    }
    found
}

/// The drift of a tag that may be left out, although the reader requires it in the schema that it chooses.
fn optional<'d>(
    both: &Both<'_, 'd>,
    (old_at, old): (&Located<'d>, &Discriminator<'d>),
    (new_at, new): (&Located<'d>, &Discriminator<'d>),
) -> Option<Local> {
    let property = old.property;
    let (base, revision) = both.documents;
    let mut alike = Alike::new([base, revision]);
    let is_optional = |tag: &&Tag<'d>| {
        let other = new.tag(&tag.value);
        let Some(other) = other.filter(|other| is_one(both, &mut alike, tag, other)) else {
            return false;
        };
        let before = requires(base, [&tag.target, old_at], property);
        let after = requires(revision, [&other.target, new_at], property);
        let flow = both.direction().flow(before, after);
        flow.read && !flow.sent
    };
    let tags: Vec<_> = old.tags.iter().filter(is_optional).collect();
    let first = tags.first()?;
    let listed = if tags.len() == old.tags.len() {
        String::new()
    } else {
        format!(" with {}", shown(tags.iter().map(|it| it.value.as_ref())))
    };
    let title = format!(
        "the tag `{property}` of {}{listed} {}",
        called(base, &old_at.at, property),
        is_asked(both.direction())
    );
    let mut local = both.local_at(&OPTIONAL, title, &old_at.at, &new_at.at, "");
    local.drift.cause = format!("{property} {}", first.target.at);
    Some(local)
}

/// The drift of a tag that may be left out where the reader has no discriminator and requires the property.
fn unread(both: &Both<'_, '_>) -> Option<Local> {
    let (sent_at, sent) = both.sent().discriminator.as_ref()?;
    let read = both.read();
    if read.discriminator.is_some() {
        return None;
    }
    let (base, revision) = both.documents;
    let Flow {
        sent: sender,
        read: reader,
    } = both.direction().flow(base, revision);
    let property = sent.property;
    let is_optional = |it: &&Tag<'_>| !requires(sender, [&it.target, sent_at], property);
    let first = sent.tags.iter().find(is_optional)?;
    let all_ask = |list: &Vec<Located<'_>>| list.iter().all(|it| requires(reader, [it, it], property));
    if !read.required.contains(property) && !read.unions.iter().any(all_ask) {
        return None;
    }
    let title = format!(
        "the tag `{property}` of {} {}",
        called(base, &both.base.home, property),
        is_asked(both.direction())
    );
    let mut local = both.local(&OPTIONAL, title);
    local.drift.cause = format!("{property} {}", first.target.at);
    Some(local)
}

/// The drift of values that are sent without a discriminator and read with one. Their property may hold texts that
/// choose no schema, or another schema than the value has.
fn untold(both: &Both<'_, '_>) -> Option<Local> {
    let (_, read) = both.read().discriminator.as_ref()?;
    let sent = both.sent();
    if sent.discriminator.is_some() {
        return None;
    }
    let documents = both.direction().flow(both.documents.0, both.documents.1);
    let (sender, reader) = (documents.sent, documents.read);
    let property = read.property;
    let is_chosen = |schema: &Located<'_>, value: &str| {
        let tag = read.tag(value);
        tag.is_some_and(|tag| {
            let node = schema
                .target(sender)
                .and_then(Result::ok)
                .map_or(schema.node, |it| it.node);
            name_in(&tag.target.at) == schema.text("$ref").map(name_in).unwrap_or_default()
                || Alike::new([sender, reader]).are(node, tag.target.node)
        })
    };
    let is_free = |schema: &&Located<'_>| {
        let mut parts = parts(sender, [schema, schema]);
        let is_object = parts.any(|it| it.get("properties").is_some());
        let values = listed(sender, schema, property);
        is_object && values.is_none_or(|all| !all.into_iter().all(|it| is_chosen(schema, it)))
    };
    let all: Vec<_> = sent.unions.iter().flatten().collect();
    all.iter().copied().find(is_free)?;
    let home = label_of(both, Side::Base);
    let is_told = match both.direction() {
        Direction::Request => "is now told apart by",
        Direction::Response => "is no longer told apart by",
    };
    let title = format!("{home} {is_told} `{property}`, and its texts need not be tags");
    let mut local = both.local(&CHANGED, title);
    property.clone_into(&mut local.drift.cause);
    Some(local)
}

/// The drift of a base schema whose heirs only one document tells apart by a discriminator.
fn of_heirs(both: &Both<'_, '_>) -> Option<Local> {
    let (place, own, face, other, is_told) = match (&both.base.discriminator, &both.revision.discriminator) {
        (Some((place, own)), None) => (place, own, both.base, both.revision, "is no longer told apart by"),
        (None, Some((place, own))) => (place, own, both.revision, both.base, "is now told apart by"),
        _ => return None,
    };
    let is_heir = |tag: &Tag<'_>| tag.branch.is_none() && tag.target.at != place.at;
    let is_base = face.unions.is_empty() && other.unions.is_empty() && !other.properties.is_empty();
    if !is_base || !own.tags.iter().any(is_heir) {
        return None;
    }
    let title = format!("{} {is_told} `{}`", label_of(both, Side::Base), own.property);
    let mut local = both.local(&CHANGED, title);
    local.drift.cause = format!("{} {}", own.property, place.at);
    Some(local)
}

/// The last segment of a pointer.
fn name_in(at: &str) -> &str {
    at.rsplit('/').next().unwrap_or(at)
}

/// The drift of tag values that choose no schema and that the reader does not list. Where containment is not proved,
/// each schema reports its own values.
fn unchosen<'d>(
    both: &Both<'_, 'd>,
    (old_at, old): (&Located<'d>, &Discriminator<'d>),
    (new_at, new): (&Located<'d>, &Discriminator<'d>),
) -> Option<Local> {
    if !both.proved() {
        return None;
    }
    let property = old.property;
    let (base, revision) = ((both.documents.0, old), (both.documents.1, new));
    let flow = both.direction().flow(base, revision);
    let ((sender, sent), (reader, read)) = (flow.sent, flow.read);
    let mut values = BTreeSet::new();
    for tag in &sent.tags {
        let Some(other) = read.tag(&tag.value) else {
            continue;
        };
        let sends = listed(sender, &tag.target, property);
        let takes = listed(reader, &other.target, property);
        if let (Some(sends), Some(takes)) = (sends, takes) {
            let further = sends.into_iter().filter(|it| !takes.contains(it));
            values.extend(further.filter(|it| sent.tag(it).is_none()));
        }
    }
    if values.is_empty() {
        return None;
    }
    let does = match both.direction() {
        Direction::Request => "no longer takes",
        Direction::Response => "may be",
    };
    let title = format!(
        "the tag `{property}` of {} {does} {}, which chooses no schema",
        called(both.documents.0, &old_at.at, property),
        shown(values.iter().copied())
    );
    let mut local = both.local_at(&CHANGED, title, &old_at.at, &new_at.at, "");
    local.drift.cause = format!("{property} {values:?}");
    Some(local)
}

/// The phrase about a tag that may be left out although its reader requires it.
fn is_asked(direction: Direction) -> &'static str {
    match direction {
        Direction::Request => "must be sent now",
        Direction::Response => "may be missing now",
    }
}

/// Maximum number of schemas searched for a property.
const MOST_ASKED: usize = 200;

/// Whether one of the schemas requires a property, by itself or by inheritance.
fn requires<'d>(document: &'d Document, schemas: [&Located<'d>; 2], property: &str) -> bool {
    parts(document, schemas).any(|it| {
        let mut required = it.node.get("required").into_iter().flat_map(Node::items);
        required.any(|it| it.as_str() == Some(property))
    })
}

/// The texts that a schema lists for a property, by itself or by inheritance.
fn listed<'d>(document: &'d Document, schema: &Located<'d>, property: &str) -> Option<BTreeSet<&'d str>> {
    let lists = parts(document, [schema, schema]).filter_map(|it| {
        let declared = it.get("properties")?.get(property)?.follow(document).ok()?;
        let one = declared.text("const").map(|it| BTreeSet::from([it]));
        let listed = |values: Located<'d>| values.items().filter_map(|it| it.node.as_str()).collect();
        one.or_else(|| declared.get("enum").map(listed))
    });
    lists.reduce(|all: BTreeSet<&str>, own| &all & &own)
}

/// The schemas and all schemas that they inherit from, with references followed.
fn parts<'d>(document: &'d Document, schemas: [&Located<'d>; 2]) -> impl Iterator<Item = Located<'d>> {
    let mut seen = HashSet::new();
    let mut open: Vec<Located<'d>> = schemas.into_iter().cloned().collect();
    std::iter::from_fn(move || {
        while let Some(here) = open.pop() {
            if seen.len() == MOST_ASKED || !seen.insert(here.node.id()) {
                continue;
            }
            open.extend(here.target(document).and_then(Result::ok));
            open.extend(here.get("allOf").iter().flat_map(Located::items));
            return Some(here);
        }
        None
    })
}

/// The discriminators of both sides, which use the same property.
struct Tags<'n, 'd> {
    old: &'n Discriminator<'d>,
    new: &'n Discriminator<'d>,
}

impl<'n, 'd> Tags<'n, 'd> {
    fn of(both: &Both<'n, 'd>) -> Option<Self> {
        let (_, old) = both.base.discriminator.as_ref()?;
        let (_, new) = both.revision.discriminator.as_ref()?;
        (old.property == new.property).then_some(Self { old, new })
    }
}

/// The differences between the tags of both sides.
#[derive(Default)]
struct Changes<'n, 'd> {
    gone: Vec<&'n Tag<'d>>,
    added: Vec<&'n Tag<'d>>,
    /// Tags that choose another schema.
    moved: Vec<(&'n Tag<'d>, &'n Tag<'d>)>,
    /// Whether an unlisted tag is read as another schema.
    other_fallback: bool,
}

impl<'n, 'd> Changes<'n, 'd> {
    fn between(
        both: &Both<'_, 'd>,
        old: &'n Discriminator<'d>,
        new: &'n Discriminator<'d>,
        told: &[Local],
    ) -> Self {
        let told = |side: Side, document: &Document| -> HashSet<NodeId> {
            let places = told.iter().filter_map(|it| match side {
                Side::Base => it.drift.base_at.as_deref(),
                Side::Revision => it.drift.revision_at.as_deref(),
            });
            places.filter_map(|at| Some(document.at(at)?.id())).collect()
        };
        let told_old = told(Side::Base, both.documents.0);
        let told_new = told(Side::Revision, both.documents.1);
        let is_told = |tag: &Tag<'_>, told: &HashSet<NodeId>| tag.branch.is_some_and(|it| told.contains(&it));
        let mut alike = Alike::new(both.documents.into());
        let moved = old.tags.iter().filter_map(|old| {
            let new = new.tag(&old.value)?;
            (!is_one(both, &mut alike, old, new)).then_some((old, new))
        });
        let gone = old.tags.iter().filter(|it| new.tag(&it.value).is_none());
        let added = new.tags.iter().filter(|it| old.tag(&it.value).is_none());
        Self {
            gone: gone.filter(|it| !is_told(it, &told_old)).collect(),
            added: added.filter(|it| !is_told(it, &told_new)).collect(),
            moved: moved.collect(),
            other_fallback: old.fallback != new.fallback,
        }
    }

    fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.added.is_empty() && self.moved.is_empty() && !self.other_fallback
    }

    /// Whether a server reads more tags, and reads all others as before.
    fn is_additive(&self, direction: Direction) -> bool {
        let others = self.gone.is_empty() && self.moved.is_empty() && !self.other_fallback;
        direction == Direction::Request && others && !self.added.is_empty()
    }

    /// The drift, placed at the schema from which the chosen ones inherit if the same tags changed there.
    fn local(
        &self,
        both: &Both<'_, 'd>,
        rule: &'static Rule,
        property: &str,
        (old_at, new_at): (&Located<'d>, &Located<'d>),
    ) -> Local {
        let base = self.base(both, property);
        let (old_at, new_at) = base
            .as_ref()
            .map_or((&*old_at.at, &*new_at.at), |(old, new)| (old, new));
        let title = format!(
            "{} {}",
            called(both.documents.0, old_at, property),
            self.title(both)
        );
        let mut local = both.local_at(rule, title, old_at, new_at, "");
        // All lists of alternatives with the same tags changed for the same cause.
        local.drift.cause = format!("{property} {}", self.cause());
        local.inline = false;
        local
    }

    fn title(&self, both: &Both<'_, 'd>) -> String {
        let direction = both.direction();
        let mut parts = Vec::new();
        let list = |tags: &[&Tag<'d>]| {
            let noun = if tags.len() == 1 { "the tag" } else { "the tags" };
            format!("{noun} {}", shown(tags.iter().map(|it| it.value.as_ref())))
        };
        if !self.added.is_empty() {
            let tags = list(&self.added);
            parts.push(match direction {
                Direction::Request => format!("also takes {tags}"),
                Direction::Response => format!("may carry {tags}, not known before"),
            });
        }
        if !self.gone.is_empty() {
            let tags = list(&self.gone);
            parts.push(match direction {
                Direction::Request => format!("no longer takes {tags}"),
                Direction::Response => format!("never carries {tags} any more"),
            });
        }
        for (old, new) in &self.moved {
            let (tag, was, is) = (
                &old.value,
                label(both.documents.0, &old.target.at),
                label(both.documents.1, &new.target.at),
            );
            parts.push(format!("reads the tag `{tag}` as {is}, was {was}"));
        }
        if self.other_fallback {
            parts.push("reads a tag that is not listed as another schema".to_owned());
        }
        parts.join(" and ")
    }

    fn cause(&self) -> String {
        let mut causes = BTreeSet::new();
        for tag in &self.gone {
            causes.insert(format!("-{} {}", tag.value, tag.target.at));
        }
        for tag in &self.added {
            causes.insert(format!("+{} {}", tag.value, tag.target.at));
        }
        for (old, new) in &self.moved {
            causes.insert(format!("{} {} {}", old.value, old.target.at, new.target.at));
        }
        format!("{causes:?} {}", self.other_fallback)
    }

    /// The places of the schema from which the chosen ones inherit, if its discriminator changed in the same tags.
    fn base(&self, both: &Both<'_, 'd>, property: &str) -> Option<(Arc<str>, Arc<str>)> {
        let (old, new) = both.documents;
        let at = |document, tag: &Tag<'_>| -> Option<Arc<str>> {
            let target = Located {
                node: Document::at(document, &tag.target.at)?,
                at: Arc::clone(&tag.target.at),
            };
            Some(base_of(document, &target, property)?.at)
        };
        let moved = self.moved.iter().map(|(old, _)| *old);
        let first = self.gone.iter().copied().chain(moved).next();
        let base = match (first, self.added.first()) {
            (Some(tag), _) => at(old, tag)?,
            (None, Some(tag)) => at(new, tag)?,
            (None, None) => return None,
        };
        let (before, after) = (
            Discriminator::of(old, old.at(&base)?)?,
            Discriminator::of(new, new.at(&base)?)?,
        );
        let is_same = before.property == property
            && after.property == property
            && self.gone.iter().all(|it| after.tag(&it.value).is_none())
            && self.added.iter().all(|it| before.tag(&it.value).is_none());
        is_same.then(|| (base.clone(), base))
    }
}

/// The label of a schema with a discriminator. A schema without a name is described by the property of its tag.
fn called(document: &Document, at: &str, property: &str) -> String {
    if is_part(document, at) {
        format!("what `{property}` tells apart")
    } else {
        label(document, at)
    }
}

/// Whether both tags choose the same schema: its name is the same, or only its name differs. Thousands of tags may choose
/// the same schemas, so `alike` keeps what was compared.
fn is_one<'d>(both: &Both<'_, 'd>, alike: &mut Alike<'d>, old: &Tag<'d>, new: &Tag<'d>) -> bool {
    let (base, revision) = both.documents;
    let (before, after) = (&old.target, &new.target);
    before.at == after.at
        || revision.at(&before.at).is_none() && base.at(&after.at).is_none()
        || alike.are(before.node, after.node)
}

/// A witness that is sent with a tag, and that the schema of this tag on the other side refuses.
fn misread<'d>(
    schemas: &mut Schemas<'d>,
    both: &Both<'_, 'd>,
    property: &str,
    old: &Tag<'d>,
    new: &Tag<'d>,
) -> Option<Witness> {
    let (sent, read) = match both.direction() {
        Direction::Request => (old, new),
        Direction::Response => (new, old),
    };
    let source = both.lower(schemas, both.node.sender(), sent.target.node);
    let target = both.lower(schemas, both.node.reader(), read.target.node);
    let Verdict::Refuted(refutation) = schemas.contains(source, target, World::Closed) else {
        return None;
    };
    let mut value = refutation.witness;
    value.as_object_mut()?.insert(
        property.to_owned(),
        Value::String(sent.value.clone().into_owned()),
    );
    let reader = match both.node.reader() {
        Side::Base => both.documents.0,
        Side::Revision => both.documents.1,
    };
    let because = format!(
        "the tag `{}` chooses {}",
        sent.value,
        label(reader, &read.target.at)
    );
    both.witness(schemas, &value, &because)
}
