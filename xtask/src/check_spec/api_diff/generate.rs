//! Generating in a process of its own: on some documents the generator panics or uses up its stack, and what it cannot
//! do is a fact for the report, not the end of it.

use std::any::Any;
use std::io::{BufWriter, Write as _};
use std::panic::catch_unwind;
use std::process::{Command, Stdio};

use openapi_drift_cli::exit::{Exit, Outcome};
use openapi_drift_cli::printer::Printer;
use openapi_drift_cli::{files, write_safely};
use ratio_spec::{Pin, Source, generate, prepare, select};
use serde::{Deserialize, Serialize};

/// CPU seconds that the process takes at most: it generates from the pinned document in a tenth of one, without
/// optimisation in some.
const MOST_SECONDS: u64 = if cfg!(debug_assertions) { 60 } else { 1 };
/// Bytes of memory that it allocates at most.
const MOST_BYTES: u64 = 400 << 20;

/// The subcommand under which this program starts itself.
pub(crate) const COMMAND: &str = "generate-client";

/// What to generate from.
#[derive(Deserialize, Serialize)]
pub(crate) struct Task {
    pub(crate) pin_origin: String,
    /// The text of `pin.toml`.
    pub(crate) pin: String,
    pub(crate) origin: String,
    pub(crate) document: String,
}

/// The source that another process generates.
///
/// # Errors
/// Why nothing can be generated.
pub(crate) fn apart(task: &Task) -> Result<String, String> {
    let failed = |error: &dyn std::fmt::Display| format!("the generator cannot be run: {error}");
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let mut child = Command::new(program)
        .arg(COMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // Its panics are told as the reason.
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(&error))?;
    if let Some(stdin) = child.stdin.take() {
        let mut stdin = BufWriter::new(stdin);
        // It reads everything before it writes; when it is gone already, its end says more.
        let _ = serde_json::to_writer(&mut stdin, task).map(|()| stdin.flush());
    }
    let output = child.wait_with_output().map_err(|error| failed(&error))?;
    if !output.status.success() {
        // A panic is answered with its reason. What ends a process without one is the system, as when its stack is used
        // up by a type that holds itself without end, or at its limits.
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

/// What the other process does: reads a task, writes its outcome.
pub(crate) fn run(printer: &mut Printer) -> Outcome {
    limit_itself().map_err(anyhow::Error::from)?;
    // A document is longer in a task than alone: its quotes are escaped.
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

/// Sets the limits of this process, and lets it end with the one that started it.
#[cfg(unix)]
fn limit_itself() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    for (resource, most) in [(Resource::Cpu, MOST_SECONDS), (Resource::Data, MOST_BYTES)] {
        // A limit that is lower already stays.
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

/// Elsewhere nothing limits it.
#[cfg(not(unix))]
fn limit_itself() -> std::io::Result<()> {
    Ok(())
}

fn generated(task: Task) -> Result<String, ratio_spec::Error> {
    let pin = Pin::parse(&task.pin_origin, &task.pin)?;
    let source = Source::from_bytes(task.origin, task.document.into_bytes())?;
    generate(&prepare(&source, select(&source, &pin)?, &pin)?)
}

/// What a panic says.
fn reason(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}

/// A reason that may hold a whole schema, pretty-printed.
fn in_a_line(reason: &str) -> String {
    const LONGEST: usize = 800;
    let line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
