//! Parts of an operation that are not compared, because both documents have so many of them.

use crate::comparison::{Comparison, Pair};
use crate::findings::Drift;
use crate::rules::by_witness;

/// Why a part of an operation is not compared.
const UNCOMPARED: &str = "so many others were compared";

/// Reports that a part of an operation, at `at`, was not compared. The title says what there is so much of.
pub(crate) fn tell(comparison: &mut Comparison<'_>, pair: &Pair<'_>, at: &str, title: &str) {
    let drift = Drift::new(&by_witness::UNDECIDED, title, title);
    let drift = drift.base(&pair.base.here.at).revision(&pair.revision.here.at);
    comparison.report(drift.undecided(UNCOMPARED), pair.touched(None, at));
}
