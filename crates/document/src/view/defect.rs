//! The reasons why a part of a document cannot be read.

use std::fmt;

use crate::located::Located;
use crate::reference::Unresolved;

/// The reason why a part of a document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Defect {
    /// A reference on the path to the part cannot be resolved.
    Unresolved(Unresolved),
    /// The part does not conform to OpenAPI.
    Malformed {
        /// The JSON pointer of the part.
        at: String,
        /// The problem, worded as the end of a sentence that names the part.
        why: &'static str,
    },
}

impl Defect {
    pub(super) fn malformed(here: &Located<'_>, why: &'static str) -> Self {
        Self::Malformed {
            at: here.at.to_string(),
            why,
        }
    }

    /// The JSON pointer of the part that cannot be read, or of the reference to it.
    pub fn at(&self) -> &str {
        match self {
            Self::Unresolved(unresolved) => &unresolved.at,
            Self::Malformed { at, .. } => at,
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unresolved(unresolved) => write!(
                f,
                "{}: the reference {:?} cannot be followed: {}",
                unresolved.at, unresolved.reference, unresolved.why
            ),
            Self::Malformed { at, why } => write!(f, "{at}: {why}"),
        }
    }
}

impl std::error::Error for Defect {}

impl From<Unresolved> for Defect {
    fn from(unresolved: Unresolved) -> Self {
        Self::Unresolved(unresolved)
    }
}
