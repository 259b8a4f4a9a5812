//! Sets and multimaps that are copied far more often than they grow. Copies share one block of memory; each copy has a
//! second one for its own additions.

use std::rc::Rc;

/// The values in order, each once. Equal sets have equal lists, which can be searched by halving.
pub(super) fn distinct<T: Ord>(values: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// Maximum number of own elements. Each insertion moves those behind it, so a longer list is merged with the shared one.
const MOST_OWN: usize = 512;

/// A set as sorted lists.
#[derive(Clone, Debug)]
pub(super) struct SortedSet<T>(MultiMap<T, ()>);

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self(MultiMap::default())
    }
}

impl<T: Copy + Ord> SortedSet<T> {
    /// Adds an element. Returns `false` if it was present already.
    pub(super) fn insert(&mut self, element: T) -> bool {
        let is_new = !self.contains(element);
        if is_new {
            self.0.push(element, ());
        }
        is_new
    }

    pub(super) fn contains(&self, element: T) -> bool {
        self.0.of(element).next().is_some()
    }

    /// The elements, smaller ones first.
    pub(super) fn iter(&self) -> impl Iterator<Item = T> {
        self.0.keys()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Lets copies from now on share the elements.
    pub(super) fn share(&mut self) {
        self.0.share();
    }

    #[cfg(test)]
    pub(super) fn is_shared(&self) -> bool {
        self.0.is_shared()
    }
}

/// The values of each key, in the order of insertion.
#[derive(Clone, Debug)]
pub(super) struct MultiMap<K, V> {
    shared: Option<Rc<[(K, V)]>>,
    /// The pairs that came after the shared ones.
    own: Vec<(K, V)>,
    keys: usize,
}

impl<K, V> Default for MultiMap<K, V> {
    fn default() -> Self {
        Self {
            shared: None,
            own: Vec::new(),
            keys: 0,
        }
    }
}

impl<K: Copy + Ord, V: Copy> MultiMap<K, V> {
    pub(super) fn push(&mut self, key: K, value: V) {
        if self.own.len() >= MOST_OWN {
            self.share();
        }
        let place = self.own.partition_point(|(it, _)| *it <= key);
        let is_new = (place == 0 || self.own[place - 1].0 != key)
            && self.shared().binary_search_by_key(&key, |(it, _)| *it).is_err();
        self.keys += usize::from(is_new);
        self.own.insert(place, (key, value));
    }

    /// The values of a key.
    pub(super) fn of(&self, key: K) -> impl Iterator<Item = V> {
        let of = move |pairs: &'_ [(K, V)]| pairs.partition_point(|(it, _)| *it < key);
        let (shared, own) = (self.shared(), self.own.as_slice());
        let all = shared[of(shared)..].iter().take_while(move |(it, _)| *it == key);
        let all = all.chain(own[of(own)..].iter().take_while(move |(it, _)| *it == key));
        all.map(|(_, value)| *value)
    }

    /// Each key once, in ascending order.
    pub(super) fn keys(&self) -> impl Iterator<Item = K> {
        let mut last = None;
        let keys = merged(self.shared(), &self.own).map(|(key, _)| *key);
        keys.filter(move |key| last.replace(*key) != Some(*key))
    }

    /// The largest key.
    pub(super) fn last_key(&self) -> Option<K> {
        let lasts = [self.shared().last(), self.own.last()];
        lasts.into_iter().flatten().map(|(key, _)| *key).max()
    }

    /// The number of keys.
    pub(super) fn len(&self) -> usize {
        self.keys
    }

    /// Lets copies from now on share the pairs.
    pub(super) fn share(&mut self) {
        self.shared = Some(merged(self.shared(), &self.own).copied().collect());
        self.own = Vec::new();
    }

    #[cfg(test)]
    pub(super) fn is_shared(&self) -> bool {
        self.own.is_empty()
    }

    fn shared(&self) -> &[(K, V)] {
        self.shared.as_deref().unwrap_or_default()
    }
}

/// Both lists of pairs, which are sorted by key, as one; of equal keys, that of the first list comes first.
fn merged<'l, K: Ord, V>(first: &'l [(K, V)], second: &'l [(K, V)]) -> impl Iterator<Item = &'l (K, V)> {
    let (mut first, mut second) = (first.iter().peekable(), second.iter().peekable());
    std::iter::from_fn(move || {
        let is_second = match (first.peek(), second.peek()) {
            (Some((one, _)), Some((other, _))) => other < one,
            (first, _) => first.is_none(),
        };
        if is_second { second.next() } else { first.next() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinct_values_are_in_order() {
        assert_eq!(distinct([3, 1, 3, 2, 1]), [1, 2, 3]);
    }

    #[test]
    fn a_set_holds_each_element_once_and_in_order() {
        for shared_after in 0..5 {
            let mut set = SortedSet::default();
            for (index, it) in [3, 1, 4, 2].into_iter().enumerate() {
                if index == shared_after {
                    set.share();
                }
                assert!(set.insert(it));
            }
            let copy = set.clone();
            assert!(!set.insert(2) && !set.insert(3) && set.insert(0));
            assert_eq!(set.iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
            assert!(set.contains(3) && !set.contains(5));
            assert_eq!(set.len(), 5);
            assert_eq!(copy.iter().collect::<Vec<_>>(), [1, 2, 3, 4]);
        }
    }

    #[test]
    fn the_values_of_a_key_keep_their_order() {
        for shared_after in 0..6 {
            let mut map = MultiMap::default();
            let pairs = [(2, 'a'), (1, 'b'), (2, 'c'), (3, 'd'), (2, 'b')];
            for (index, (key, value)) in pairs.into_iter().enumerate() {
                if index >= shared_after {
                    map.share();
                }
                map.push(key, value);
            }
            assert_eq!(map.of(2).collect::<String>(), "acb");
            assert_eq!(map.of(4).collect::<String>(), "");
            assert_eq!(map.keys().collect::<Vec<_>>(), [1, 2, 3]);
            assert_eq!(map.len(), 3);
            assert_eq!(map.last_key(), Some(3));
        }
    }

    #[test]
    fn long_lists_are_merged_and_stay_in_order() {
        let many = 3 * MOST_OWN;
        let (mut set, mut map) = (SortedSet::default(), MultiMap::default());
        for it in (0..many).rev() {
            assert!(set.insert(it));
            map.push(it / 2, it);
        }
        assert!(!set.insert(0) && !set.insert(many - 1));
        assert!(set.iter().eq(0..many));
        assert_eq!((map.len(), map.keys().count()), (many / 2, many / 2));
        assert!(map.of(0).eq([1, 0]) && map.own.len() <= MOST_OWN);
    }
}
