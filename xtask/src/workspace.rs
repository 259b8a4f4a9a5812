//! Finds the workspace, so that commands work from any of its folders.

use std::path::{Path, PathBuf};

/// The root of the workspace in which this command was built.
pub(crate) fn root() -> PathBuf {
    // `xtask/` is directly under the root. Cargo sets the variable when it runs this program; the value from the build
    // is used when the binary is started by hand.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().unwrap_or(Path::new(".")).to_path_buf()
}
