//! Schemas compared by the values they allow: the seam between the structural rules and containment.

use serde_json::Value;

use crate::document::Document;
use crate::report::{Direction, Level, Witness};

/// One drift between two schemas, at the deepest pair of places where it arises.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    /// Id of the rule, kebab-case.
    pub(crate) rule: &'static str,
    pub(crate) level: Level,
    /// One sentence that names what changed.
    pub(crate) title: String,
    /// JSON pointers of the two schemas; they point into the component that is at fault.
    pub(crate) pinned_at: String,
    pub(crate) staging_at: String,
    /// Where in the compared value the drift is met: a JSON pointer with `*` for any item or name.
    pub(crate) path: String,
    pub(crate) witness: Option<Witness>,
    /// Why no verdict was reached, when none was.
    pub(crate) undecided: Option<String>,
    /// A whole value of the compared root that contains the witness at `path`, for replay.
    pub(crate) whole: Option<Value>,
}

/// The schemas of two documents, lowered once and compared as often as is asked.
pub(crate) struct Schemas<'d> {
    pinned: &'d Document,
    staging: &'d Document,
}

impl<'d> Schemas<'d> {
    pub(crate) fn new(pinned: &'d Document, staging: &'d Document) -> Self {
        Self { pinned, staging }
    }

    /// All that callers could notice between the schema at `pinned_at` in the pin and the one at
    /// `staging_at` in staging, when values flow in `direction`.
    pub(crate) fn differences(
        &mut self,
        pinned_at: &str,
        staging_at: &str,
        direction: Direction,
    ) -> Vec<Difference> {
        let (pin, staging) = (
            self.pinned.root().pointer(pinned_at),
            self.staging.root().pointer(staging_at),
        );
        if pin == staging {
            return Vec::new();
        }
        vec![Difference {
            rule: "schema-undecided",
            level: Level::Risky,
            title: format!("the {direction:?} schema differs"),
            pinned_at: pinned_at.to_owned(),
            staging_at: staging_at.to_owned(),
            path: String::new(),
            witness: None,
            undecided: Some("schemas are compared by equality only".to_owned()),
            whole: None,
        }]
    }
}
