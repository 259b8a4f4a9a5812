//! The limit of all places in operations that a comparison lists.

/// Number of places that each list may have in any case.
pub(crate) const ENOUGH: usize = 100;

/// Counts the places in all lists of one kind, which are `MOST` together. Beyond it, a list with [`ENOUGH`] places only
/// counts further ones: thousands of changes that thousands of operations reach would fill gigabytes.
#[derive(Debug, Default)]
pub(crate) struct Listing<const MOST: usize> {
    listed: usize,
}

impl<const MOST: usize> Listing<MOST> {
    /// Whether a list of this length takes one more.
    pub(crate) fn takes(&self, length: usize) -> bool {
        self.listed < MOST || length < ENOUGH
    }

    pub(crate) fn add(&mut self) {
        self.listed += 1;
    }

    /// As if other lists had taken all places.
    #[cfg(test)]
    pub(crate) fn full() -> Self {
        Self { listed: MOST }
    }
}
