//! Where the workspace is: commands work from any of its folders.

use std::path::{Path, PathBuf};

/// The root of the workspace this command was built in.
pub(crate) fn root() -> PathBuf {
    // `xtask/` lies directly under the root; cargo sets the variable when it runs us, and the value
    // from the build serves when the binary is started by hand.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().unwrap_or(Path::new(".")).to_path_buf()
}
