//! Generates clients in a separate process. On some documents the generator panics or overflows its stack, and the
//! report should state that instead of being aborted.

use std::any::Any;
use std::io::{BufWriter, Write as _};
use std::process::{Command, Stdio};
use std::thread;

use openapi_drift_cli::exit::{Exit, Outcome};
use openapi_drift_cli::printer::Printer;
use openapi_drift_cli::{files, write_safely};
use ratio_spec::{Pin, Source, generate, prepare, select};
use serde::{Deserialize, Serialize};

use super::items::{Items, public_items};

/// Maximum CPU time of the process, in seconds. Two clients take a tenth of a second, or several seconds without
/// optimization.
const MOST_SECONDS: u64 = if cfg!(debug_assertions) { 60 } else { 1 };
/// Maximum memory that the process may allocate, in bytes.
const MOST_BYTES: u64 = 400 << 20;
/// The stack of each thread that generates, in bytes: as much as a main thread has.
const STACK: usize = 8 << 20;

/// The subcommand with which this program starts itself.
pub(crate) const COMMAND: &str = "generate-client";

/// A document of which a client is generated. The process takes a list of them.
#[derive(Deserialize, Serialize)]
pub(crate) struct Task {
    pub(crate) pin_origin: String,
    /// The text of `pin.toml`.
    pub(crate) pin: String,
    pub(crate) origin: String,
    pub(crate) document: String,
}

/// Generates a client from each document in another process, and returns their public items.
///
/// All documents share one process, so that its limits hold for all of them together.
///
/// # Errors
/// The reason why nothing can be generated from one of the documents.
pub(crate) fn apart(tasks: &[Task]) -> Result<Vec<Items>, String> {
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
        let _ = serde_json::to_writer(&mut stdin, tasks).map(|()| stdin.flush());
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
    let answer: Result<Vec<Items>, String> =
        serde_json::from_slice(&output.stdout).map_err(|error| failed(&error))?;
    answer
}

/// The main function of the process: reads the tasks and writes their result.
pub(crate) fn run(printer: &mut Printer) -> Outcome {
    limit_itself().map_err(anyhow::Error::from)?;
    // Two documents, and a document is longer inside a task, because its quotes are escaped.
    let most = files::DOCUMENT.saturating_mul(16);
    let tasks = files::read_within(std::io::stdin().lock(), most)?;
    let tasks: Vec<Task> = serde_json::from_slice(&tasks).map_err(anyhow::Error::from)?;
    let threads = tasks
        .into_iter()
        .map(|task| thread::Builder::new().stack_size(STACK).spawn(|| items(task)));
    // All threads run before the first one is awaited.
    let threads: Vec<_> = threads.collect::<Result<_, _>>().map_err(anyhow::Error::from)?;
    let answers = threads.into_iter().map(|thread| match thread.join() {
        Ok(items) => items.map_err(|error| in_a_line(&error)),
        Err(panic) => Err(in_a_line(&format!("ratio-spec gave up: {}", reason(&*panic)))),
    });
    let answer: Result<Vec<Items>, String> = answers.collect();
    write_safely(&answer, printer.out())?;
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

/// Generates a client, and lists its public items.
fn items(task: Task) -> Result<Items, String> {
    let source = generated(task).map_err(|error| error.to_string())?;
    public_items(&source).map_err(|error| error.to_string())
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
