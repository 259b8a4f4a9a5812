//! Times `cargo xtask check-spec` beyond the start of its process, with the replay of the client and the comparison of
//! the generated Rust.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::exit::{Exit, Outcome};

/// Time check-spec beyond the start of its process, as whole runs by turns
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The document that is compared with the pinned one
    staging: PathBuf,
    /// How often each command runs; the median counts
    #[arg(long, default_value_t = 21)]
    runs: usize,
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    let xtask = std::env::current_exe()?.with_file_name("xtask");
    let (mut started, mut checked) = (Vec::new(), Vec::new());
    for _ in 0..args.runs.max(1) {
        started.push(elapsed(&xtask, &["--help".as_ref()])?);
        let check = [
            "check-spec".as_ref(),
            "--staging".as_ref(),
            args.staging.as_path(),
        ];
        checked.push(elapsed(&xtask, &check)?);
    }
    let [started, checked] = [started, checked].map(median);
    writeln!(out, "| start of the process | check-spec | beyond the start |")?;
    writeln!(out, "|---|---|---|")?;
    let beyond = checked.saturating_sub(started);
    let [started, checked, beyond] = [started, checked, beyond].map(|it| it.as_millis());
    writeln!(out, "| {started} ms | {checked} ms | {beyond} ms |")?;
    Ok(Exit::Success)
}

/// The time from the start of a command to its end. Its report is thrown away.
fn elapsed(command: &Path, arguments: &[&Path]) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let status = Command::new(command)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("{} cannot be run", command.display()))?;
    match status.code() {
        // Drift is a result, too.
        Some(0 | 1) => Ok(start.elapsed()),
        code => bail!("{} ended with {code:?}", command.display()),
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_of_the_sorted_times() {
        let times = [5, 1, 3].map(Duration::from_millis);
        assert_eq!(median(times.to_vec()), Duration::from_millis(3));
    }
}
