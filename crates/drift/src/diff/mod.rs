//! Localisation: from two schemas to the deepest pair of places where their drift arises.
//!
//! Every pair of schemas that meets in some message is the root of a graph of aligned pairs ([`graph`]). What differs
//! is named where it arises: by the faces of both schemas ([`face`], compared in [`object`], [`values`] and
//! [`union`]), and where no deeper pair explains a verdict, by its witness ([`by_witness`]). Values have the last word:
//! below a pair that is proved, nothing counts as refused. At last each drift is attributed to the operations that reach
//! it ([`attribute`]).

pub(crate) mod alternative;
mod apart;
mod attribute;
mod decide;
mod explain;
pub(crate) mod face;
mod graph;
pub(crate) mod label;
pub(crate) mod limits;
pub(crate) mod node;
pub(crate) mod pair;

use crate::comparison::Comparison;
use crate::report::Questions;

/// Compares all schemas that the structural rules met.
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
    // That a verdict took much to reach must not hide whom it concerns.
    comparison.schemas.renew_fuel();
    attribute::file(comparison, &graph, &uses, &roots);
    graph.questions(comparison)
}
