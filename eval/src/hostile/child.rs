//! Runs a process with its own limits, and measures the resources that it uses.

use std::ffi::{OsStr, OsString};
use std::io::{Read as _, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};
use wait4::Wait4 as _;

use crate::text::escape;

/// The limits at which a process is killed.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// CPU time in seconds.
    pub(crate) seconds: u64,
    /// Address space in MiB.
    pub(crate) mebibytes: u64,
}

/// How a process and its children ended.
pub(crate) struct Ended {
    /// The exit code; `None` if a signal ended the process.
    pub(crate) code: Option<i32>,
    pub(crate) cpu: Duration,
    /// Maximum resident memory in MiB.
    pub(crate) mebibytes: u64,
    pub(crate) stdout: Vec<u8>,
}

impl Ended {
    pub(crate) fn told(&self) -> String {
        self.code
            .map_or_else(|| "killed".to_owned(), |code| format!("exit {code}"))
    }
}

/// Runs a command to its end or to its limits, through an intermediate process of this binary. The peak memory of a
/// process includes that of the process that started it. This process holds the documents; the intermediate one holds
/// nothing.
pub(crate) fn run(command: &Path, arguments: &[&OsStr], limits: Limits) -> anyhow::Result<Ended> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["hostile", "--kill", &limits.seconds.to_string()])
        .args(["--address-space", &limits.mebibytes.to_string(), "--"])
        .arg(command)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdout = Vec::new();
    if let Some(mut pipe) = child.stdout.take() {
        pipe.read_to_end(&mut stdout)?;
    }
    let mut told = String::new();
    if let Some(mut pipe) = child.stderr.take() {
        pipe.read_to_string(&mut told)?;
    }
    child.wait()?;
    let numbers: Option<Vec<i64>> = told.split_whitespace().map(|it| it.parse().ok()).collect();
    let [code, microseconds, bytes] = *numbers.unwrap_or_default() else {
        bail!("{} was not measured: {}", command.display(), escape(told.trim()));
    };
    Ok(Ended {
        code: i32::try_from(code).ok().filter(|code| *code >= 0),
        cpu: Duration::from_micros(u64::try_from(microseconds)?),
        mebibytes: u64::try_from(bytes)? / (1 << 20),
        stdout,
    })
}

/// Runs a command within limits, which a shell sets before it executes the command. Writes the exit code, or -1 if a
/// signal ended the process, the CPU time in microseconds, and the maximum resident memory in bytes.
pub(crate) fn measure(command: &[OsString], limits: Limits, told: &mut dyn Write) -> anyhow::Result<()> {
    let set = format!(
        "ulimit -t {} && ulimit -v {} && exec \"$0\" \"$@\"",
        limits.seconds,
        limits.mebibytes * 1024
    );
    let child = Command::new("sh")
        .arg("-c")
        .arg(set)
        .args(command)
        .stderr(Stdio::null())
        .spawn()
        .context("`sh` does not start")?;
    let used = child.wait4()?;
    let cpu = used.rusage.utime + used.rusage.stime;
    writeln!(
        told,
        "{} {} {}",
        used.status.code().unwrap_or(-1),
        cpu.as_micros(),
        used.rusage.maxrss
    )?;
    Ok(())
}
