//! The unresolved references that a comparison meets, and the operations that reach them.

use std::collections::BTreeMap;

use openapi_document::Unresolved;

use crate::listing::Listing;
use crate::report::{Side, Touched};

/// Maximum length of the places in operations that all references list, in bytes.
const MOST_LISTED: usize = 4 << 20;

/// A `$ref` that cannot be resolved, and the operations that reach it.
#[derive(Debug)]
pub(crate) struct Dangling {
    pub(crate) side: Side,
    pub(crate) unresolved: Unresolved,
    pub(crate) touched: Vec<Touched>,
    /// The number of further places that reach it.
    pub(crate) unlisted: usize,
}

/// All unresolved references of a comparison.
#[derive(Debug, Default)]
pub(crate) struct AllDangling {
    /// The index of each reference, by the document and the place that contain it.
    by_place: BTreeMap<(Side, String), usize>,
    list: Vec<Dangling>,
    listing: Listing<MOST_LISTED>,
}

impl AllDangling {
    /// Adds a place that reaches a reference. Returns the index of the reference.
    pub(crate) fn note(&mut self, side: Side, unresolved: Unresolved, touched: &Touched) -> usize {
        let next = self.list.len();
        let key = (side, unresolved.at.clone());
        let index = *self.by_place.entry(key).or_insert(next);
        if index == next {
            self.list.push(Dangling {
                side,
                unresolved,
                touched: Vec::new(),
                unlisted: 0,
            });
        }
        if !self.lists_more(index) {
            self.omit(index);
        } else if self.list[index].touched.last() != Some(touched) {
            self.list[index].touched.push(touched.clone());
            self.listing.add(&touched.at);
        }
        index
    }

    /// Whether a reference lists further places.
    pub(crate) fn lists_more(&self, index: usize) -> bool {
        self.listing.takes(self.list[index].touched.len())
    }

    /// Counts a place that a reference does not list.
    pub(crate) fn omit(&mut self, index: usize) {
        self.list[index].unlisted += 1;
    }

    /// Whether a reference was met at a place of one document.
    pub(crate) fn has(&self, side: Side, at: &str) -> bool {
        self.by_place.contains_key(&(side, at.to_owned()))
    }

    /// Whether the content of the operation at a location may be behind an unresolved reference on this side that the
    /// other side does not have. A reference that both sides have stands for the same content. Both sides must have
    /// been followed before this is called.
    pub(crate) fn may_hide(&self, side: Side, touched: &Touched) -> bool {
        let noted = |on: Side| {
            self.list
                .iter()
                .filter(move |it| it.side == on)
                .filter(|it| it.unlisted > 0 || it.touched.iter().any(|it| it.is_at(touched)))
                .map(|it| it.unresolved.reference.as_str())
        };
        noted(side).any(|reference| !noted(side.other()).any(|it| it == reference))
    }

    /// All references, ordered by document and place.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = &Dangling> {
        self.by_place.values().map(|index| &self.list[*index])
    }
}

#[cfg(test)]
mod tests {
    use openapi_document::{Document, Located};

    use super::*;
    use crate::listing::ENOUGH;

    #[test]
    fn places_that_are_not_listed_are_counted_and_may_hide_anything() {
        let touched = |path: usize| Touched::body_of(&format!("/{path}"));
        let document = Document::read(br##"{"openapi": "3.0.0", "x": {"$ref": "#/gone"}}"##).unwrap();
        let holder = Located::root(&document).get("x").unwrap();
        let unresolved = || holder.target(&document).unwrap().unwrap_err();
        let mut all = AllDangling {
            listing: Listing::full(),
            ..AllDangling::default()
        };
        for path in 0..ENOUGH {
            all.note(Side::Base, unresolved(), &touched(path));
        }
        assert!(!all.may_hide(Side::Base, &touched(ENOUGH)));
        all.note(Side::Base, unresolved(), &touched(ENOUGH));
        let dangling: Vec<&Dangling> = all.in_order().collect();
        assert_eq!((dangling[0].touched.len(), dangling[0].unlisted), (ENOUGH, 1));
        assert!(all.may_hide(Side::Base, &touched(ENOUGH)));
    }
}
