//! The parts that are the same in both documents except for prose, which need no further comparison.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;
use openapi_document::{Document, Node, NodeId};

use crate::schema::canonical::same_words;
use crate::schema::discriminator::{Discriminator, Tag};
use crate::schema::keywords::KeyRole;

/// The section and the name of a component.
type Component<'d> = (&'d str, &'d str);

/// The components that have the same name and meaning in both documents.
pub(crate) struct Unchanged<'d> {
    components: HashSet<Component<'d>, FixedState>,
    /// Whether both documents have the same version, because the same text may mean something else in another
    /// version.
    comparable: bool,
    /// Whether the documents are equal, so that equal parts in them mean the same whatever they refer to.
    is_whole: bool,
}

impl<'d> Unchanged<'d> {
    /// Compares all components once: a component is unchanged if its text is equal and all its references are
    /// unchanged.
    pub(crate) fn new(base: &'d Document, revision: &'d Document) -> Self {
        let mut unchanged = Self {
            components: HashSet::default(),
            comparable: base.version() == revision.version(),
            is_whole: base.is_copy_of(revision),
        };
        if !unchanged.comparable {
            return unchanged;
        }
        let mut referrers: HashMap<Component<'d>, Vec<Component<'d>>, FixedState> = HashMap::default();
        let mut changed: Vec<Component<'d>> = Vec::new();
        let mut names: HashSet<Component<'d>, FixedState> = HashSet::default();
        let sections = |document: &'d Document| document.root().get("components")?.as_object();
        let (Some(old), Some(new)) = (sections(base), sections(revision)) else {
            return unchanged;
        };
        let mut places: HashMap<NodeId, Component<'d>, FixedState> = HashMap::default();
        let mut discriminating = Vec::new();
        for (section, members) in old {
            let others = new.get(section).and_then(Node::as_object);
            let (Some(members), Some(others)) = (members.as_object(), others) else {
                continue;
            };
            for (name, value) in members {
                let own = (section, name);
                names.insert(own);
                places.insert(value.id(), own);
                let mut references = Vec::new();
                let other = others.get(name);
                let is_same =
                    other.is_some_and(|other| same_words(value, other, KeyRole::Keywords, &mut references));
                let targets: Option<Vec<_>> = references.iter().map(|it| component_of(it)).collect();
                match targets.filter(|_| is_same) {
                    Some(targets) => targets
                        .into_iter()
                        .for_each(|it| referrers.entry(it).or_default().push(own)),
                    None => changed.push(own),
                }
                if let Some(other) = other.filter(|_| value.get("discriminator").is_some()) {
                    discriminating.push((own, value, other));
                }
            }
        }
        // A discriminator's tag refers to a schema, even if there is no `$ref` to it.
        for (own, value, other) in discriminating {
            let tags = (
                Discriminator::of(base, value).map_or_else(Vec::new, |it| it.tags),
                Discriminator::of(revision, other).map_or_else(Vec::new, |it| it.tags),
            );
            let told = |tags: &[Tag<'d>]| -> Vec<_> {
                tags.iter()
                    .map(|it| (it.value.clone(), it.target.at.clone()))
                    .collect()
            };
            if told(&tags.0) != told(&tags.1) {
                changed.push(own);
            }
            for tag in tags.0 {
                match places.get(&tag.target.node.id()) {
                    Some(target) => referrers.entry(*target).or_default().push(own),
                    None => changed.push(own),
                }
            }
        }
        // A component on one side only, or on neither, was not compared and may have changed.
        changed.extend(referrers.keys().copied().filter(|name| !names.contains(name)));
        let mut seen: HashSet<Component<'d>, FixedState> = changed.iter().copied().collect();
        while let Some(name) = changed.pop() {
            for &referrer in referrers.get(&name).into_iter().flatten() {
                if seen.insert(referrer) {
                    changed.push(referrer);
                }
            }
        }
        unchanged.components = names.into_iter().filter(|name| !seen.contains(name)).collect();
        unchanged
    }

    /// Whether two parts certainly have the same meaning.
    pub(crate) fn same(&self, base: Node<'d>, revision: Node<'d>) -> bool {
        self.same_read(base, revision, KeyRole::Keywords)
    }

    /// Whether two parts with keys of a known role certainly have the same meaning.
    pub(crate) fn same_read(&self, base: Node<'d>, revision: Node<'d>, role: KeyRole) -> bool {
        let mut references = Vec::new();
        // Only the components of the main file were compared.
        let is_first = |node: Node<'d>| !node.is_in_other_file();
        if self.is_whole && base == revision {
            return true;
        }
        self.comparable
            && same_words(base, revision, role, &mut references)
            && (references.is_empty() || is_first(base) && is_first(revision))
            && references
                .iter()
                .all(|reference| component_of(reference).is_some_and(|it| self.components.contains(&it)))
    }
}

/// The section and the name of the component to which a reference leads, or into which: `("schemas", "Pet")` for
/// `#/components/schemas/Pet` and for `#/components/schemas/Pet/properties/name`. Names with escapes are not supported.
fn component_of(reference: &str) -> Option<(&str, &str)> {
    let (section, rest) = reference.strip_prefix("#/components/")?.split_once('/')?;
    let name = rest.split_once('/').map_or(rest, |(name, _)| name);
    (!name.contains(['~', '%'])).then_some((section, name))
}
