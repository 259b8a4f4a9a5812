//! A process with limits of its own, and what it took.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use wait4::Wait4 as _;

/// What ends a process that does not end by itself.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// CPU seconds.
    pub(super) seconds: u64,
    /// Address space.
    pub(super) mebibytes: u64,
}

/// How a process and its children ended.
pub(super) struct Ended {
    /// `None` where a signal ended it.
    pub(super) code: Option<i32>,
    pub(super) cpu: Duration,
    /// The most memory that was resident at one time.
    pub(super) mebibytes: u64,
    pub(super) stdout: Vec<u8>,
}

impl Ended {
    pub(super) fn told(&self) -> String {
        self.code
            .map_or_else(|| "killed".to_owned(), |code| format!("exit {code}"))
    }
}

/// Runs a command to its end, or to its limits: a shell sets them and becomes the command.
pub(super) fn run(command: &Path, arguments: &[&OsStr], limits: Limits) -> anyhow::Result<Ended> {
    let set = format!(
        "ulimit -t {} && ulimit -v {} && exec \"$0\" \"$@\"",
        limits.seconds,
        limits.mebibytes * 1024
    );
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(set)
        .arg(command)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{} does not start", command.display()))?;
    let mut stdout = Vec::new();
    if let Some(mut pipe) = child.stdout.take() {
        pipe.read_to_end(&mut stdout)?;
    }
    let used = child.wait4()?;
    Ok(Ended {
        code: used.status.code(),
        cpu: used.rusage.utime + used.rusage.stime,
        mebibytes: used.rusage.maxrss / (1 << 20),
        stdout,
    })
}
