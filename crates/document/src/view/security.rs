//! Security requirements: the credentials that a caller must present.

use super::defect::Defect;
use crate::document::Document;
use crate::located::Located;
use crate::node::Node;
use crate::version::Version;

/// One alternative of the security requirements. A caller must satisfy all of its schemes. Without schemes, no
/// credentials are needed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Requirement<'d> {
    /// The security requirement object.
    pub here: Located<'d>,
    /// The names of its schemes, each with the required scopes, in document order.
    pub schemes: Vec<(&'d str, Vec<&'d str>)>,
}

/// A declared security scheme.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SecurityScheme<'d> {
    /// The security scheme object, with references followed.
    pub here: Located<'d>,
    /// Its name in the document.
    pub name: &'d str,
}

impl<'d> SecurityScheme<'d> {
    /// Returns the declared scheme with this name. Since OpenAPI 3.2, a name that is not declared may be a reference to
    /// a scheme.
    ///
    /// # Errors
    /// When a reference cannot be resolved.
    pub fn named(document: &'d Document, name: &'d str) -> Option<Result<Self, Defect>> {
        let components = Located::root(document).get("components");
        let declared = components.and_then(|it| it.get("securitySchemes")?.get(name));
        let referred = || document.resolve(document.root(), name).ok();
        let here = match declared {
            Some(here) => here,
            None if document.version() == Version::V3_2 => referred()?,
            None => return None,
        };
        let here = here.follow(document).map_err(Defect::from);
        Some(here.map(|here| Self { here, name }))
    }

    /// `apiKey`, `http`, `oauth2`, `openIdConnect` or `mutualTLS`, as written.
    pub fn kind(&self) -> Option<&'d str> {
        self.here.text("type")
    }
}

/// The entries of a `security` list.
pub(super) fn all<'d>(here: &Located<'d>) -> Vec<Requirement<'d>> {
    here.items()
        .map(|here| {
            let schemes = here.node.members().map(|(name, scopes)| {
                let scopes = scopes.items().filter_map(Node::as_str);
                (name, scopes.collect())
            });
            Requirement {
                schemes: schemes.collect(),
                here,
            }
        })
        .collect()
}
