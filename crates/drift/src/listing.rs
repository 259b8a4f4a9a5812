//! The limit of all places in operations that a comparison lists.

/// Number of places that each list may have even if others have taken all.
pub(crate) const ENOUGH: usize = 100;

/// Length that a place counts at least, in bytes.
const PLACE: usize = 16;

/// Length of a place, in bytes, beyond which it counts [`WEIGHT`] times. Nobody reads many places that are this deep.
const LONG: usize = 1_024;
const WEIGHT: usize = 4;

/// Measures the places in all lists of one kind, which have `MOST` bytes together. Beyond it, a list with [`ENOUGH`]
/// places only counts further ones, and beyond twice that any list with a place: thousands of changes that thousands of
/// operations reach would fill gigabytes.
#[derive(Debug, Default)]
pub(crate) struct Listing<const MOST: usize> {
    /// The length of the places so far, in bytes.
    listed: usize,
}

impl<const MOST: usize> Listing<MOST> {
    /// Whether a list of this length takes one more.
    pub(crate) fn takes(&self, length: usize) -> bool {
        self.listed < MOST || length < ENOUGH && self.listed < 2 * MOST || length == 0
    }

    pub(crate) fn add(&mut self, at: &str) {
        let weight = if at.len() > LONG { WEIGHT } else { 1 };
        self.listed += at.len().max(PLACE) * weight;
    }

    /// As if other lists had taken all places.
    #[cfg(test)]
    pub(crate) fn full() -> Self {
        Self { listed: MOST }
    }
}
