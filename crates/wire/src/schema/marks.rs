//! The parts of a value that some schema has evaluated, so that `unevaluatedProperties` and `unevaluatedItems` leave
//! them alone ([JSON Schema 2020-12, section 11](https://json-schema.org/draft/2020-12/json-schema-core#section-11)).

use std::collections::HashSet;

/// The evaluated parts of one value.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks<'v> {
    pub(super) members: HashSet<&'v str>,
    pub(super) has_all_members: bool,
    /// The number of evaluated items at the beginning of the list.
    pub(super) prefix: usize,
    /// Further evaluated items.
    pub(super) items: HashSet<usize>,
    pub(super) has_all_items: bool,
}

impl<'v> Marks<'v> {
    pub(super) fn has_member(&self, name: &str) -> bool {
        self.has_all_members || self.members.contains(name)
    }

    pub(super) fn has_item(&self, index: usize) -> bool {
        self.has_all_items || index < self.prefix || self.items.contains(&index)
    }

    pub(super) fn merge(&mut self, other: &Marks<'v>) {
        self.members.extend(&other.members);
        self.has_all_members |= other.has_all_members;
        self.prefix = self.prefix.max(other.prefix);
        self.items.extend(&other.items);
        self.has_all_items |= other.has_all_items;
    }
}
