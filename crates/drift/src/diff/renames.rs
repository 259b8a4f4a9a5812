//! Components that have other names in the revision, and references that lead to other components.

use std::sync::Arc;

use openapi_document::{Located, pointer};

use crate::comparison::Comparison;
use crate::diff::graph::Graph;
use crate::diff::node::{Claim, Local, Node, NodeId};
use crate::findings::Drift;
use crate::report::Side;
use crate::rules::by_witness;

impl<'d> Graph<'d> {
    /// Records that two locations refer to different components, at which `node` starts.
    pub(super) fn note_swap(&mut self, node: NodeId, base: &Located<'d>, revision: &Located<'d>) {
        let reference = |place: &Located<'d>| place.text("$ref").map(str::to_owned);
        if let (Some(old), Some(new)) = (reference(base), reference(revision))
            && old != new
        {
            let Node { base, revision, .. } = &self.nodes[node];
            self.swaps
                .insert((Arc::clone(&base.at), Arc::clone(&revision.at)));
        }
    }

    /// Marks each drift between two components that is behind a changed reference.
    pub(crate) fn tell_swaps(&mut self) {
        for node in &mut self.nodes {
            for Local { drift, .. } in &mut node.locals {
                let (Some(old), Some(new)) = (
                    drift.base_at.as_deref().and_then(component),
                    drift.revision_at.as_deref().and_then(component),
                ) else {
                    continue;
                };
                if self.swaps.contains(&(old.into(), new.into())) {
                    let name = |at: &str| pointer::unescape(at.rsplit('/').next().unwrap_or_default()).into();
                    drift.swap = Some((name(old), name(new)));
                }
            }
        }
    }

    /// Reports the components that have different names where a use starts.
    pub(crate) fn file_renames(&mut self) {
        for (id, local) in std::mem::take(&mut self.renames) {
            let locals = &mut self.nodes[id].locals;
            if locals.iter().all(|other| other.drift.title != local.drift.title) {
                locals.push(local);
            }
        }
    }
}

/// The component that contains a location.
fn component(at: &str) -> Option<&str> {
    let name = at.strip_prefix("/components/schemas/")?;
    let end = name.find('/').unwrap_or(name.len());
    Some(&at[..at.len() - name.len() + end])
}

/// A component that both documents use here under different names. Each name exists in one document only, or both
/// components have the same meaning.
pub(super) fn renamed<'d>(
    comparison: &Comparison<'d>,
    node: &Node<'d>,
    base: &Located<'d>,
    revision: &Located<'d>,
) -> Option<Local> {
    let (old, new) = (base.text("$ref")?, revision.text("$ref")?);
    if old == new {
        return None;
    }
    let found = |side: Side, from: &Located<'d>, reference: &str| {
        comparison
            .document(side)
            .resolve_schema(from.node, reference)
            .ok()
    };
    let (old_at, new_at) = (
        found(Side::Base, base, old)?.at,
        found(Side::Revision, revision, new)?.at,
    );
    let renamed = found(Side::Revision, revision, old).is_none() && found(Side::Base, base, new).is_none();
    if !renamed && !comparison.are_alike(base.node, revision.node) {
        return None;
    }
    let name = |reference: &str| reference.rsplit('/').next().unwrap_or_default().to_owned();
    let title = if renamed {
        format!("the component `{}` is called `{}`", name(old), name(new))
    } else {
        format!(
            "the component `{}` is used where `{}` was, and has the same meaning",
            name(new),
            name(old)
        )
    };
    let drift = Drift::new(&by_witness::RENAMED, format!("{old} {new}"), title)
        .base(&old_at)
        .revision(&new_at)
        .flows(node.direction);
    Some(Local {
        drift,
        suffix: String::new(),
        whole: false,
        inline: false,
        claim: Claim::Other,
    })
}
