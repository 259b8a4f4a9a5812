//! The scopes on which the target of a `$dynamicRef` depends.

use std::collections::HashMap;

/// The dynamic scopes of a document in which several schema resources declare the same `$dynamicAnchor` ([JSON Schema
/// 2020-12, section 7.1](https://json-schema.org/draft/2020-12/json-schema-core#section-7.1)). In any other document,
/// the empty scope is the only one.
#[derive(Default)]
pub(super) struct Scopes {
    /// The resources in the order in which they were entered first, for each scope except the empty one.
    list: Vec<Vec<usize>>,
    numbers: HashMap<Vec<usize>, usize>,
}

impl Scopes {
    pub(super) fn resources(&self, scope: usize) -> &[usize] {
        scope.checked_sub(1).map_or(&[], |index| &self.list[index])
    }

    /// The scope after a resource is entered.
    pub(super) fn entered(&mut self, scope: usize, resource: usize) -> usize {
        let resources = self.resources(scope);
        if resources.contains(&resource) {
            return scope;
        }
        let resources = [resources, &[resource]].concat();
        *self.numbers.entry(resources).or_insert_with_key(|resources| {
            self.list.push(resources.clone());
            self.list.len()
        })
    }
}
