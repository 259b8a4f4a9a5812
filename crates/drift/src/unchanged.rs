//! The parts that are the same in both documents but for prose: they are never compared again.

use std::collections::{HashMap, HashSet};

use openapi_document::{Document, Node};

use crate::schema::canonical::same_words;
use crate::schema::keywords::KeyRole;

/// Which components mean the same in both documents under the same name.
pub(crate) struct Unchanged<'d> {
    components: HashSet<&'d str>,
    /// The same words mean the same only where both are read as the same version.
    comparable: bool,
}

impl<'d> Unchanged<'d> {
    /// Compares all components once: equal text, and all they refer to unchanged.
    pub(crate) fn new(base: &'d Document, revision: &'d Document) -> Self {
        let mut unchanged = Self {
            components: HashSet::new(),
            comparable: base.version() == revision.version(),
        };
        if !unchanged.comparable {
            return unchanged;
        }
        let mut referrers: HashMap<&'d str, Vec<&'d str>> = HashMap::new();
        let mut changed: Vec<&'d str> = Vec::new();
        let mut names: HashSet<&'d str> = HashSet::new();
        let sections = |document: &'d Document| document.root().get("components")?.as_object();
        let (Some(old), Some(new)) = (sections(base), sections(revision)) else {
            return unchanged;
        };
        // Names are kept as references are written, so that a look-up needs no new text.
        let mut written: HashMap<(&str, &str), &'d str> = HashMap::new();
        let mut pending = Vec::new();
        for (section, members) in old {
            let others = new.get(section).and_then(Node::as_object);
            let (Some(members), Some(others)) = (members.as_object(), others) else {
                continue;
            };
            for (name, value) in members {
                let mut references = Vec::new();
                let same = others
                    .get(name)
                    .is_some_and(|other| same_words(value, other, KeyRole::Keywords, &mut references));
                pending.push((section, name, same, references));
            }
        }
        for (_, _, _, references) in &pending {
            for reference in references {
                if let Some(place) = component_of(reference) {
                    written.entry(place).or_insert(reference);
                }
            }
        }
        for (section, name, same, references) in &pending {
            let Some(&own) = written.get(&(section, name)) else {
                continue;
            };
            names.insert(own);
            let mut sound = *same;
            for reference in references {
                match component_of(reference).and_then(|place| written.get(&place)) {
                    Some(&other) => referrers.entry(other).or_default().push(own),
                    None => sound = false,
                }
            }
            if !sound {
                changed.push(own);
            }
        }
        // A component that exists on one side only, or nowhere, was not compared and may have changed.
        changed.extend(referrers.keys().copied().filter(|name| !names.contains(name)));
        let mut seen: HashSet<&str> = changed.iter().copied().collect();
        while let Some(name) = changed.pop() {
            for &referrer in referrers.get(name).into_iter().flatten() {
                if seen.insert(referrer) {
                    changed.push(referrer);
                }
            }
        }
        unchanged.components = names.into_iter().filter(|name| !seen.contains(name)).collect();
        unchanged
    }

    /// Whether two parts certainly mean the same.
    pub(crate) fn same(&self, base: Node<'d>, revision: Node<'d>) -> bool {
        self.same_read(base, revision, KeyRole::Keywords)
    }

    /// Whether two parts whose keys have a known role certainly mean the same.
    pub(crate) fn same_read(&self, base: Node<'d>, revision: Node<'d>, role: KeyRole) -> bool {
        let mut references = Vec::new();
        // The components that were compared are those of the first file.
        let is_first = |node: Node<'d>| !node.is_in_other_file();
        self.comparable
            && same_words(base, revision, role, &mut references)
            && (references.is_empty() || is_first(base) && is_first(revision))
            && references
                .iter()
                .all(|reference| self.components.contains(reference))
    }
}

/// `("schemas", "Pet")` of `#/components/schemas/Pet`; plain names only, which is nearly all of them.
fn component_of(reference: &str) -> Option<(&str, &str)> {
    let (section, name) = reference.strip_prefix("#/components/")?.split_once('/')?;
    (!name.contains(['/', '~', '%'])).then_some((section, name))
}
