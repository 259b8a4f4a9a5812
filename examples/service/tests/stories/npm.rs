//! Programs of others, as npm has them.

use std::env;
use std::path::Path;

/// A file of a package under `tests/npm`; `None` when it was not installed, which is an error where CI runs.
pub(crate) fn file(path: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/npm");
    let text = std::fs::read_to_string(folder.join("node_modules").join(path)).ok();
    if text.is_none() {
        let why = format!(
            "no {path} (npm ci --ignore-scripts --prefix {})",
            folder.display()
        );
        assert!(env::var_os("CI").is_none(), "{why}");
        eprintln!("skipped: {why}");
    }
    text
}
