//! Matches the entries of two lists: the same algorithm for paths, media types and everything else that has names.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Indices of paired entries, and of entries in only one list, each in document order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairing {
    /// Pairs of entries, in the order of the first list.
    pub both: Vec<(usize, usize)>,
    /// Entries that are only in the first list.
    pub removed: Vec<usize>,
    /// Entries that are only in the second list.
    pub added: Vec<usize>,
}

/// Pairs two lists in rounds. The key of each round is less exact than the one before, so entries with the same
/// spelling are always paired. Entries with equal keys are paired in order.
///
/// # Examples
/// ```
/// use openapi_document::view::pair;
///
/// let exact = |it: &&str| it.to_string();
/// let vague = |it: &&str| it.to_ascii_lowercase();
/// let pairing = pair(&["a", "A", "b"], &["B", "A", "c"], &[&exact, &vague]);
/// assert_eq!(pairing.both, [(1, 1), (2, 0)]);
/// assert_eq!((pairing.removed, pairing.added), (vec![0], vec![2]));
/// ```
pub fn pair<T, K: Eq + Hash>(base: &[T], revision: &[T], rounds: &[&dyn Fn(&T) -> K]) -> Pairing {
    let mut partner: Vec<Option<usize>> = vec![None; base.len()];
    let mut is_taken = vec![false; revision.len()];
    for key in rounds {
        let mut waiting: HashMap<K, VecDeque<usize>> = HashMap::new();
        for (index, entry) in revision.iter().enumerate() {
            if !is_taken[index] {
                waiting.entry(key(entry)).or_default().push_back(index);
            }
        }
        for (index, entry) in base.iter().enumerate() {
            if partner[index].is_none()
                && let Some(other) = waiting.get_mut(&key(entry)).and_then(VecDeque::pop_front)
            {
                partner[index] = Some(other);
                is_taken[other] = true;
            }
        }
    }
    let mut pairing = Pairing::default();
    for (index, other) in partner.into_iter().enumerate() {
        match other {
            Some(other) => pairing.both.push((index, other)),
            None => pairing.removed.push(index),
        }
    }
    pairing.added = (0..revision.len()).filter(|index| !is_taken[*index]).collect();
    pairing
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::pair;

    proptest! {
        #[test]
        fn a_list_pairs_with_itself_entry_by_entry(list in proptest::collection::vec("[a-c]{1,2}", 0..12)) {
            let exact = |it: &String| it.clone();
            let vague = |it: &String| it.len().to_string();
            let pairing = pair(&list, &list, &[&exact, &vague]);
            prop_assert_eq!(pairing.both, (0..list.len()).map(|at| (at, at)).collect::<Vec<_>>());
            prop_assert!(pairing.removed.is_empty() && pairing.added.is_empty());
        }

        #[test]
        fn each_entry_is_told_once_and_the_reverse_is_the_same_pairing(
            base in proptest::collection::vec("[a-cA-C]", 0..10),
            revision in proptest::collection::vec("[a-cA-C]", 0..10),
        ) {
            let exact = |it: &String| it.clone();
            let vague = |it: &String| it.to_ascii_lowercase();
            let there = pair(&base, &revision, &[&exact, &vague]);
            let back = pair(&revision, &base, &[&exact, &vague]);
            let mut told: Vec<usize> = there.both.iter().map(|it| it.0).chain(there.removed.clone()).collect();
            told.sort_unstable();
            prop_assert_eq!(told, (0..base.len()).collect::<Vec<_>>());
            prop_assert_eq!(there.removed, back.added);
            let mut turned: Vec<_> = back.both.iter().map(|(a, b)| (*b, *a)).collect();
            turned.sort_unstable();
            prop_assert_eq!(there.both, turned);
        }
    }
}
