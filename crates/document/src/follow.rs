//! From a document to its root, and from references to what they name.

use crate::document::Document;
use crate::located::Located;
use crate::reference::Unresolved;

impl<'d> Located<'d> {
    /// The whole document.
    pub fn root(document: &'d Document) -> Self {
        Self {
            node: document.root(),
            at: String::new(),
        }
    }

    /// Follows `$ref`s from here to what is no reference.
    ///
    /// # Errors
    /// When a reference leads nowhere, or in a circle.
    pub fn follow(self, document: &'d Document) -> Result<Self, Unresolved> {
        self.follow_while(document, |_| true)
    }

    /// Follows `$ref`s from here as long as `on` says so of what holds them.
    ///
    /// # Errors
    /// As [`Located::follow`].
    pub fn follow_while(
        self,
        document: &'d Document,
        on: impl Fn(&Self) -> bool,
    ) -> Result<Self, Unresolved> {
        /// Longer chains of `$ref` to `$ref` are taken for a circle; real ones have two or three links.
        const LONGEST_CHAIN: usize = 64;
        let mut here = self;
        for _ in 0..LONGEST_CHAIN {
            let Some(reference) = here.text("$ref").filter(|_| on(&here)) else {
                return Ok(here);
            };
            here = document.resolve(here.node, reference).map_err(|why| Unresolved {
                at: here.at,
                reference: reference.to_owned(),
                why,
            })?;
        }
        Err(Unresolved {
            reference: here.text("$ref").unwrap_or_default().to_owned(),
            at: here.at,
            why: "it is a cycle of references".into(),
        })
    }
}
