//! Localization: finds the deepest pair of locations at which the drift between two schemas arises.
//!
//! Every pair of schemas for the same part of some message is the root of a graph of aligned pairs ([`graph`]). A
//! difference is reported at the pair where it arises. It is found by comparing the faces of both schemas ([`face`],
//! [`object`], [`values`], [`union`]), or from a witness if no deeper pair explains a verdict ([`by_witness`]). The
//! verdicts on values take precedence: below a proved pair, nothing counts as refused. Finally, each drift is
//! attributed to the operations that reach it ([`attribute`]).

pub(crate) mod alternative;
mod apart;
mod attribute;
mod children;
pub(crate) mod counterparts;
mod decide;
mod explain;
pub(crate) mod face;
mod graph;
pub(crate) mod label;
mod likeness;
pub(crate) mod limits;
mod name_drifts;
pub(crate) mod node;
pub(crate) mod pair;
mod paths;
mod renames;

use crate::comparison::Comparison;
use crate::report::Questions;

/// Compares all schemas that the structural rules collected.
pub(crate) fn compare(comparison: &mut Comparison<'_>) -> Questions {
    let uses = std::mem::take(&mut comparison.uses);
    let mut graph = graph::Graph::default();
    let roots: Vec<Option<node::NodeId>> = uses
        .iter()
        .map(|it| {
            if comparison.unchanged.same(it.base.node, it.revision.node) {
                return None;
            }
            graph.root(comparison, it)
        })
        .collect();
    graph.grow(comparison);
    graph.decide(comparison);
    graph.name_drifts(comparison);
    graph.tell_apart(comparison);
    graph.file_renames();
    graph.explain(comparison);
    graph.tell_swaps();
    // Attribution gets its own fuel, so that an expensive verdict does not hide the operations that it affects.
    comparison.schemas.renew_fuel();
    attribute::file(comparison, &graph, &uses, &roots);
    graph.questions(comparison)
}
