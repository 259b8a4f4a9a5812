//! Callbacks: requests that the service sends to its callers.

use super::defect::Defect;
use crate::document::Document;
use crate::located::Located;

/// One named callback of an operation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Callback<'d> {
    /// The callback object, with references followed.
    pub here: Located<'d>,
    /// Its name.
    pub name: &'d str,
}

/// The callbacks of an operation, in document order.
pub(super) fn all<'d>(document: &'d Document, operation: &Located<'d>) -> Vec<Result<Callback<'d>, Defect>> {
    let entries = operation.entries_of("callbacks");
    entries
        .filter(|(name, _)| !name.starts_with("x-"))
        .map(|(name, here)| {
            Ok(Callback {
                here: here.follow(document)?,
                name,
            })
        })
        .collect()
}
