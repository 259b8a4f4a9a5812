//! Finds the operations whose templates match a path, segment by segment instead of one by one.

use std::borrow::Cow;
use std::collections::HashMap;

use openapi_document::view::{Operation, Operations, shape, template_texts, unescaped};

/// Maximum number of parameterized segments tried for one path. A path that needs more counts as matched by no
/// template.
const MOST_TRIED: usize = 1_000;

/// The path templates of a document that have parameters, by method and segment.
pub(crate) struct Templates<'o, 'd> {
    operations: &'o Operations<'d>,
    methods: HashMap<&'o str, usize>,
    branches: Vec<Branch<'o>>,
}

/// The possible continuations after some segments.
struct Branch<'o> {
    /// The first operation below this branch, in document order.
    first: usize,
    /// The first operation whose template ends here.
    ends: Option<usize>,
    literals: HashMap<Cow<'o, str>, usize>,
    /// The segments with parameters, by shape.
    open: HashMap<String, usize>,
    /// The same segments, each with the branch behind it.
    tried: Vec<(&'o str, usize)>,
}

impl Branch<'_> {
    fn new(first: usize) -> Self {
        Self {
            first,
            ends: None,
            literals: HashMap::new(),
            open: HashMap::new(),
            tried: Vec::new(),
        }
    }
}

impl<'o, 'd> Templates<'o, 'd> {
    /// Collects the templates of the operations whose index is meant.
    pub(crate) fn new(operations: &'o Operations<'d>, is_meant: impl Fn(usize) -> bool) -> Self {
        let mut new = Self {
            operations,
            methods: HashMap::new(),
            branches: Vec::new(),
        };
        for (index, operation) in operations.list.iter().enumerate() {
            if operation.path.contains('{') && is_meant(index) {
                new.add(index, operation);
            }
        }
        new
    }

    fn add(&mut self, index: usize, operation: &'o Operation<'d>) {
        let (methods, branches) = (&mut self.methods, &mut self.branches);
        let mut new = || {
            branches.push(Branch::new(index));
            branches.len() - 1
        };
        let mut at = *methods.entry(&operation.method).or_insert_with(&mut new);
        for segment in operation.path.split('/') {
            let next = branches.len();
            let branch = &mut branches[at];
            at = if segment.contains('{') {
                let known = *branch.open.entry(shape(segment)).or_insert(next);
                if known == next {
                    branch.tried.push((segment, next));
                }
                known
            } else {
                *branch.literals.entry(unescaped(segment)).or_insert(next)
            };
            if at == next {
                branches.push(Branch::new(index));
            }
        }
        branches[at].ends.get_or_insert(index);
    }

    /// The first operation in document order whose template has parameters and matches the path of another operation,
    /// with the same method.
    pub(crate) fn matching(&self, operation: &Operation<'_>) -> Option<&'o Operation<'d>> {
        let segments: Vec<&str> = operation.path.split('/').collect();
        let mut open = vec![(*self.methods.get(&*operation.method)?, 0)];
        let mut found: Option<usize> = None;
        let mut left = MOST_TRIED;
        while let Some((at, depth)) = open.pop() {
            let branch = &self.branches[at];
            if found.is_some_and(|found| found <= branch.first) {
                continue;
            }
            let Some(segment) = segments.get(depth) else {
                found = found.into_iter().chain(branch.ends).min();
                continue;
            };
            let tried = branch.tried.iter().take(left);
            left -= tried.len();
            let tried = tried.filter(|(template, _)| template_texts(template, segment).is_some());
            let start = open.len();
            open.extend(tried.map(|(_, next)| (*next, depth + 1)));
            open.extend(
                branch
                    .literals
                    .get(&unescaped(segment))
                    .map(|next| (*next, depth + 1)),
            );
            // The branch with the first operation is visited first, so that most others can be skipped.
            open[start..].sort_unstable_by_key(|(at, _)| std::cmp::Reverse(self.branches[*at].first));
        }
        found.map(|index| &self.operations.list[index])
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::Document;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    fn document(paths: &[String]) -> Document {
        let paths: Map<String, Value> = paths
            .iter()
            .map(|it| (it.clone(), json!({"get": {"responses": {}}})))
            .collect();
        Document::read(json!({"openapi": "3.1.0", "paths": paths}).to_string()).expect("OpenAPI")
    }

    fn path() -> impl Strategy<Value = String> {
        let segment =
            proptest::sample::select(&["a", "b", "{x}", "{y}", "{x}:a", "a{x}", "{x}-{y}", "c:a", ""][..]);
        proptest::collection::vec(segment, 1..4).prop_map(|it| format!("/{}", it.join("/")))
    }

    proptest! {
        #[test]
        fn the_first_template_that_matches_is_found(
            templates in proptest::collection::vec(path(), 0..12),
            paths in proptest::collection::vec(path(), 1..4),
        ) {
            let (one, other) = (document(&templates), document(&paths));
            let (one, other) = (Operations::of_paths(&one), Operations::of_paths(&other));
            let templates = Templates::new(&one, |_| true);
            for operation in &other.list {
                let first = one.list.iter().find(|it| {
                    it.path.contains('{') && template_texts(&it.path, &operation.path).is_some()
                });
                let found = templates.matching(operation);
                prop_assert_eq!(found.map(|it| &it.path), first.map(|it| &it.path));
            }
        }
    }

    #[test]
    fn a_path_is_matched_with_so_many_segments_at_most() {
        let templates: Vec<String> = (0..=MOST_TRIED).map(|it| format!("/{{x}}-{it}")).collect();
        let one = document(&templates);
        let one = Operations::of_paths(&one);
        let templates = Templates::new(&one, |_| true);
        let found = |path: String| {
            let other = document(&[path]);
            let other = Operations::of_paths(&other);
            templates.matching(&other.list[0]).map(|it| it.path.to_string())
        };
        let last = MOST_TRIED - 1;
        assert_eq!(found(format!("/q-{last}")), Some(format!("/{{x}}-{last}")));
        assert_eq!(found(format!("/q-{MOST_TRIED}")), None);
        assert_eq!(found("/a".repeat(100_000)), None);
    }
}
