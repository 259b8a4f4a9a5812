//! Finds the workspace, so that commands work from any of its folders, and runs cargo in it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace in which this command was built.
pub(crate) fn root() -> PathBuf {
    // `xtask/` is directly under the root. Cargo sets the variable when it runs this program; the value from the build
    // is used when the binary is started by hand.
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().unwrap_or(Path::new(".")).to_path_buf()
}

/// Cargo, to be run with some arguments in the root of the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}
