//! `cargo eval corpus`: the drift engine measured on documents and questions collected elsewhere.

mod cases;
mod containment;
mod pairs;

use std::io::Write;
use std::path::PathBuf;

use crate::exit::{Exit, Misuse, Outcome};
use crate::text::escape;

/// Run the drift engine over a folder of collected cases and print its figures
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder with `containment/*.jsonl`, `cases.jsonl` and `specs/*-old.json`, `specs/*-new.json`; parts that are missing are skipped
    #[arg(long)]
    dir: PathBuf,
    /// Run this part alone
    #[arg(long)]
    only: Option<Part>,
    /// Write a table of every disagreement with the peer's verdicts here
    #[arg(long)]
    disagreements: Option<PathBuf>,
    /// How often each pair of real documents is compared, to see that the report stays the same
    #[arg(long, default_value_t = 2)]
    runs: usize,
}

/// What the folder holds.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    Containment,
    Cases,
    Pairs,
}

/// Errors that a part of the corpus found. Any of them makes the command fail.
pub(crate) type Complaints = Vec<String>;

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    if !args.dir.is_dir() {
        return Err(Misuse {
            problem: format!("{} is not a folder", args.dir.display()),
            mend: "name the folder that holds the collected cases with `--dir`",
        }
        .into());
    }
    let mut complaints = Complaints::new();
    let runs = |part| args.only.is_none_or(|only| only == part);
    if runs(Part::Containment) {
        complaints.extend(containment::run(&args.dir, out)?);
    }
    if runs(Part::Cases) {
        complaints.extend(cases::run(&args.dir, args.disagreements.as_deref(), out)?);
    }
    if runs(Part::Pairs) {
        complaints.extend(pairs::run(&args.dir, args.runs, out)?);
    }
    // The figures come first if both go to the same terminal.
    out.flush()?;
    for complaint in &complaints {
        eprintln!("warning: {}", escape(complaint));
    }
    Ok(if complaints.is_empty() {
        Exit::Success
    } else {
        Exit::Found
    })
}
