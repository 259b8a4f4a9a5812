//! Navigation from a document to its root, and from references to their targets.

use crate::document::Document;
use crate::located::Located;
use crate::part::Holds;
use crate::reference::Unresolved;
use crate::version::Version;

impl<'d> Located<'d> {
    /// The root of the document.
    pub fn root(document: &'d Document) -> Self {
        Self {
            node: document.root(),
            at: "".into(),
        }
    }

    /// Returns the target of the `$ref` of this object, or `None` if it has none. A `$dynamicRef` is one if its target
    /// does not depend on the way to it. Where OpenAPI expects one kind of object, a reference to another kind is
    /// unresolved.
    pub fn target(&self, document: &'d Document) -> Option<Result<Self, Unresolved>> {
        let dynamic = || {
            self.text("$dynamicRef")
                .filter(|_| !document.has_dynamic_scopes())
        };
        let reference = self.text("$ref").or_else(dynamic)?;
        let target = document.resolve(self.node, reference);
        let own = || Holds::at(&self.at).filter(|_| document.version() != Version::JsonSchema);
        let target = target.and_then(|target| match own().and_then(|it| it.refuses(&target.at)) {
            Some(why) => Err(why.into()),
            None => Ok(target),
        });
        Some(target.map_err(|why| Unresolved {
            at: self.at.to_string(),
            reference: reference.to_owned(),
            why,
        }))
    }

    /// Follows `$ref`s until an object without one.
    ///
    /// # Errors
    /// When a reference cannot be resolved, or the references form a cycle.
    pub fn follow(self, document: &'d Document) -> Result<Self, Unresolved> {
        self.follow_while(document, |_| true)
    }

    /// Follows `$ref`s as long as `on` returns true for the object that holds them.
    ///
    /// # Errors
    /// The errors of [`Located::follow`].
    pub fn follow_while(
        self,
        document: &'d Document,
        on: impl Fn(&Self) -> bool,
    ) -> Result<Self, Unresolved> {
        /// Maximum length of a chain of `$ref`s; a longer one counts as a cycle. Real chains have two or three links.
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
