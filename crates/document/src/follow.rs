//! From a document to its root, and from references to what they name.

use crate::document::Document;
use crate::located::Located;
use crate::part::Part;
use crate::reference::Unresolved;
use crate::version::Version;

impl<'d> Located<'d> {
    /// The whole document.
    pub fn root(document: &'d Document) -> Self {
        Self {
            node: document.root(),
            at: String::new(),
        }
    }

    /// What the `$ref` here names; `None` where no reference stands. Where OpenAPI has one part, no other can stand for it.
    pub fn target(&self, document: &'d Document) -> Option<Result<Self, Unresolved>> {
        let reference = self.text("$ref")?;
        let target = document.resolve(self.node, reference);
        let part = || Part::at(&self.at).filter(|_| document.version() != Version::JsonSchema);
        let target = target.and_then(|target| match part().and_then(|it| it.refuses(&target.at)) {
            Some(why) => Err(why.into()),
            None => Ok(target),
        });
        Some(target.map_err(|why| Unresolved {
            at: self.at.clone(),
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
            at: here.at,
            why: "it is a cycle of references".into(),
        })
    }
}
