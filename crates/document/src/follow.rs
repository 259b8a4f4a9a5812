//! From a document to its root, and from references to what they name.

use crate::document::Document;
use crate::located::Located;
use crate::reference::Unresolved;

impl<'d> Located<'d> {
    /// The whole document.
    pub fn root(document: &'d Document) -> Self {
        Self {
            node: document.root(),
            at: "".into(),
        }
    }

    /// What the `$ref` here names; `None` where no reference stands.
    pub fn target(&self, document: &'d Document) -> Option<Result<Self, Unresolved>> {
        let reference = self.text("$ref")?;
        let target = document.resolve(self.node, reference);
        Some(target.map_err(|why| Unresolved {
            at: self.at.to_string(),
            reference: reference.to_owned(),
            why,
        }))
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
            let reference = here.text("$ref").filter(|_| on(&here));
            match reference.and_then(|_| here.target(document)) {
                Some(target) => here = target?,
                None => return Ok(here),
            }
        }
        Err(Unresolved {
            reference: here.text("$ref").unwrap_or_default().to_owned(),
            at: here.at.to_string(),
            why: "it is a cycle of references".into(),
        })
    }
}
