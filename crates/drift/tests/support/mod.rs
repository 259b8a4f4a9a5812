//! Compares two documents, and checks what holds for every comparison.

use openapi_drift::{Document, Finding, Level, Options, compare};

/// The findings between two documents. A document has nothing but cosmetic ones against itself.
pub(crate) fn findings(old: &Document, new: &Document) -> Vec<Finding> {
    for same in [old, new] {
        let findings = compare(same, same, &Options::default()).findings;
        assert!(
            findings.iter().all(|it| it.level == Level::Cosmetic),
            "{findings:#?}"
        );
    }
    let report = compare(old, new, &Options::default());
    assert_eq!(report.questions.internal_faults, 0);
    report.findings
}
