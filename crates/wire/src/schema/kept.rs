//! Facts about the schemas of a document, which are kept from one judgement to the next.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;
use openapi_document::{Document, Node, SlotId};
use serde_json::Value;

use super::borrowed::Borrowed;
use super::discriminator::Choices;
use super::equality::{canonical, is_readable};
use super::travelling::Unsent;

#[derive(Default)]
pub(super) struct Kept {
    pub(super) borrowed: Borrowed,
    pub(super) choices: Choices,
    pub(super) unsent: Unsent,
    /// The targets of references, by the schema and the keyword that contain them.
    targets: HashMap<(SlotId, &'static str), Result<SlotId, String>, FixedState>,
    /// The values of long lists.
    lists: HashMap<SlotId, HashSet<String>, FixedState>,
}

impl Kept {
    /// The schema to which a reference leads.
    ///
    /// # Errors
    /// The reason why it cannot be followed.
    pub(super) fn target<'d>(
        &mut self,
        document: &'d Document,
        from: Node<'d>,
        keyword: &'static str,
        reference: &str,
    ) -> Result<Node<'d>, String> {
        let found = self.targets.entry((from.slot_id(), keyword)).or_insert_with(|| {
            let target = document.resolve_schema(from, reference);
            let told = |why| format!("its reference {reference:?} cannot be followed: {why}");
            target.map(|it| it.node.slot_id()).map_err(told)
        });
        let found = found.as_ref().map_err(Clone::clone)?;
        document
            .stored(*found)
            .ok_or_else(|| "its reference leads out of the document".to_owned())
    }

    /// Whether a long list contains a value.
    pub(super) fn lists(&mut self, list: Node<'_>, value: &Value) -> bool {
        let index = self.lists.entry(list.slot_id()).or_insert_with(|| {
            // A node is a JSON value, so this never fails.
            let values = list.items().filter(|it| is_readable(*it));
            let values = values.filter_map(|it| serde_json::to_value(it).ok());
            values.map(|it| canonical(&it)).collect()
        });
        index.contains(&canonical(value))
    }
}
