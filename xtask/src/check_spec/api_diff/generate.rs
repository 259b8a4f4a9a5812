//! Generates a client in a separate process. On some documents the generator panics or overflows its stack, and the
//! report should state that instead of being aborted.

use std::any::Any;
use std::io::{BufWriter, Write as _};
use std::panic::catch_unwind;
use std::process::{Command, Stdio};

use openapi_drift_cli::exit::{Exit, Outcome};
use openapi_drift_cli::printer::Printer;
use openapi_drift_cli::{files, write_safely};
use ratio_spec::{Pin, Source, generate, prepare, select};
use serde::{Deserialize, Serialize};

/// Maximum CPU time of the process, in seconds. The pinned document takes a tenth of a second, or several seconds
/// without optimization.
const MOST_SECONDS: u64 = if cfg!(debug_assertions) { 60 } else { 1 };
/// Maximum memory that the process may allocate, in bytes.
const MOST_BYTES: u64 = 400 << 20;

/// The subcommand with which this program starts itself.
pub(crate) const COMMAND: &str = "generate-client";

/// The input of the process.
#[derive(Deserialize, Serialize)]
pub(crate) struct Task {
    pub(crate) pin_origin: String,
    /// The text of `pin.toml`.
    pub(crate) pin: String,
    pub(crate) origin: String,
    pub(crate) document: String,
}

/// Generates the source in another process.
///
/// # Errors
/// The reason why nothing can be generated.
pub(crate) fn apart(task: &Task) -> Result<String, String> {
    let failed = |error: &dyn std::fmt::Display| format!("the generator cannot be run: {error}");
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let mut child = Command::new(program)
        .arg(COMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // The process reports its panics as the reason.
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(&error))?;
    if let Some(stdin) = child.stdin.take() {
        let mut stdin = BufWriter::new(stdin);
        // The process reads everything before it writes. If it has already ended, its exit status explains more than
        // this error.
        let _ = serde_json::to_writer(&mut stdin, task).map(|()| stdin.flush());
    }
    let output = child.wait_with_output().map_err(|error| failed(&error))?;
    if !output.status.success() {
        // A panic is reported with its reason. Without one, the system ended the process, for example because a
        // recursive type caused a stack overflow, or because it reached its limits.
        return Err(format!(
            "the process that generates ended without an answer ({}); it may take {MOST_SECONDS} s and {} MiB",
            output.status,
            MOST_BYTES >> 20
        ));
    }
    let answer: Result<String, String> =
        serde_json::from_slice(&output.stdout).map_err(|error| failed(&error))?;
    answer
}

/// The main function of the process: reads a task and writes its result.
pub(crate) fn run(printer: &mut Printer) -> Outcome {
    limit_itself().map_err(anyhow::Error::from)?;
    // A document is longer inside a task, because its quotes are escaped.
    let most = files::DOCUMENT.saturating_mul(8);
    let task = files::read_within(std::io::stdin().lock(), most)?;
    let task: Task = serde_json::from_slice(&task).map_err(anyhow::Error::from)?;
    let outcome = match catch_unwind(|| generated(task)) {
        Ok(generated) => generated.map_err(|error| in_a_line(&error.to_string())),
        Err(panic) => Err(in_a_line(&format!("ratio-spec gave up: {}", reason(&*panic)))),
    };
    write_safely(&outcome, printer.out())?;
    Ok(Exit::Success)
}

/// Sets the limits of this process, and ends it together with the process that started it.
#[cfg(unix)]
fn limit_itself() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    for (resource, most) in [(Resource::Cpu, MOST_SECONDS), (Resource::Data, MOST_BYTES)] {
        // Keep a limit that is already lower.
        let most = getrlimit(resource).maximum.map_or(most, |known| known.min(most));
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    Ok(())
}

/// On other systems there are no limits.
#[cfg(not(unix))]
fn limit_itself() -> std::io::Result<()> {
    Ok(())
}

fn generated(task: Task) -> Result<String, ratio_spec::Error> {
    let pin = Pin::parse(&task.pin_origin, &task.pin)?;
    let source = Source::from_bytes(task.origin, task.document.into_bytes())?;
    generate(&prepare(&source, select(&source, &pin)?, &pin)?)
}

/// The message of a panic.
fn reason(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}

/// Puts a reason on one line and shortens it, since it may contain a whole pretty-printed schema.
fn in_a_line(reason: &str) -> String {
    const LONGEST: usize = 800;
    let line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
