//! Sets and multimaps that are copied far more often than they grow. Each one uses a single block of memory.

/// A set as a sorted list.
#[derive(Clone, Debug)]
pub(super) struct SortedSet<T>(Vec<T>);

impl<T> Default for SortedSet<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy + Ord> SortedSet<T> {
    /// Adds an element. Returns `false` if it was present already.
    pub(super) fn insert(&mut self, element: T) -> bool {
        let Err(place) = self.0.binary_search(&element) else {
            return false;
        };
        self.0.insert(place, element);
        true
    }

    pub(super) fn contains(&self, element: T) -> bool {
        self.0.binary_search(&element).is_ok()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = T> {
        self.0.iter().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// The values of each key, in the order of insertion.
#[derive(Clone, Debug)]
pub(super) struct MultiMap<K, V> {
    pairs: Vec<(K, V)>,
    keys: usize,
}

impl<K, V> Default for MultiMap<K, V> {
    fn default() -> Self {
        Self {
            pairs: Vec::new(),
            keys: 0,
        }
    }
}

impl<K: Copy + Ord, V: Copy> MultiMap<K, V> {
    pub(super) fn push(&mut self, key: K, value: V) {
        let place = self.pairs.partition_point(|(it, _)| *it <= key);
        self.keys += usize::from(place == 0 || self.pairs[place - 1].0 != key);
        self.pairs.insert(place, (key, value));
    }

    /// The values of a key.
    pub(super) fn of(&self, key: K) -> impl Iterator<Item = V> {
        let first = self.pairs.partition_point(|(it, _)| *it < key);
        let own = self.pairs[first..].iter().take_while(move |(it, _)| *it == key);
        own.map(|(_, value)| *value)
    }

    /// Each key once, in ascending order.
    pub(super) fn keys(&self) -> impl Iterator<Item = K> {
        let chunks = self.pairs.chunk_by(|(one, _), (other, _)| one == other);
        chunks.map(|chunk| chunk[0].0)
    }

    /// The number of keys.
    pub(super) fn len(&self) -> usize {
        self.keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_each_element_once_and_in_order() {
        let mut set = SortedSet::default();
        assert!([3, 1, 2].into_iter().all(|it| set.insert(it)));
        assert!(!set.insert(2));
        assert_eq!(set.iter().collect::<Vec<_>>(), [1, 2, 3]);
        assert!(set.contains(3) && !set.contains(4));
        assert_eq!(set.len(), 3);
    }

    #[test]
    fn the_values_of_a_key_keep_their_order() {
        let mut map = MultiMap::default();
        for (key, value) in [(2, 'a'), (1, 'b'), (2, 'c'), (3, 'd'), (2, 'b')] {
            map.push(key, value);
        }
        assert_eq!(map.of(2).collect::<String>(), "acb");
        assert_eq!(map.of(4).collect::<String>(), "");
        assert_eq!(map.keys().collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(map.len(), 3);
    }
}
