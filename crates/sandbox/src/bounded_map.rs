//! A map of limited size, so that repeated requests cannot make the stand-in grow without end.

use std::collections::{HashMap, VecDeque};

/// Maximum number of values: enough for any test, with little memory.
pub(crate) const MOST: usize = 20_000;

/// The latest values of a kind by name, at most [`MOST`]. A name is never inserted twice.
pub(crate) struct BoundedMap<V> {
    kept: HashMap<String, V>,
    /// The names, oldest first. A name that was removed stays until its turn.
    order: VecDeque<String>,
}

impl<V> Default for BoundedMap<V> {
    fn default() -> Self {
        Self {
            kept: HashMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<V> BoundedMap<V> {
    pub(crate) fn insert(&mut self, name: String, value: V) {
        self.order.push_back(name.clone());
        self.kept.insert(name, value);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.kept.remove(&oldest);
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&V> {
        self.kept.get(name)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        self.kept.get_mut(name)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&String, &mut V)> {
        self.kept.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten() {
        let mut map = BoundedMap::default();
        for n in 0..=MOST {
            map.insert(n.to_string(), n);
        }
        assert_eq!((map.get("0"), map.get("1")), (None, Some(&1)));
        assert_eq!((map.kept.len(), map.order.len()), (MOST, MOST));
    }
}
