//! Runs the whole command on documents that are designed to never end, and measures its time and memory.
//!
//! Each schema is placed in the base, in the revision, and in both with one leaf changed; in a request and in a
//! response.

pub(crate) mod child;
mod documents;

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use self::child::{Ended, Limits};
use self::documents::{Direction, Host, Hostile};
use crate::exit::{Exit, Outcome};

/// Run check-spec on documents that are made to never end, and print the time and memory of each
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The command to run; without it the `xtask` beside this binary
    #[arg(long)]
    xtask: Option<PathBuf>,
    /// Only documents whose name contains this
    #[arg(long, default_value = "")]
    only: String,
    /// CPU seconds that a run may take
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Memory that a run may take, in MiB
    #[arg(long, default_value_t = 500)]
    mebibytes: u64,
    /// Kill a run after this many CPU seconds
    #[arg(long, default_value_t = 20)]
    kill: u64,
    /// Only the documents that differ in a leaf: the slower third of all runs
    #[arg(long)]
    short: bool,
    /// Only what is small enough for a build that is not optimised: no replay, and nothing by the ten thousand
    #[arg(long)]
    small: bool,
    /// Write what each document took, in classes that do not change from run to run, to this file
    #[arg(long)]
    table: Option<PathBuf>,
    /// Address space that a run may take before it is killed, in MiB
    #[arg(long, default_value_t = 4_000)]
    address_space: u64,
    /// Measure this command alone: what the runs above start
    #[arg(last = true, hide = true)]
    command: Vec<OsString>,
}

/// The location of the hostile schema.
#[derive(Clone, Copy, Debug)]
enum Place {
    Base,
    Revision,
    Both,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Base => "base",
            Self::Revision => "revision",
            Self::Both => "both",
        })
    }
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    let limits = Limits {
        seconds: args.kill,
        mebibytes: args.address_space,
    };
    if !args.command.is_empty() {
        child::measure(&args.command, limits, &mut std::io::stderr())?;
        return Ok(Exit::Success);
    }
    let xtask = match &args.xtask {
        Some(path) => path.clone(),
        None => std::env::current_exe()?.with_file_name("xtask"),
    };
    let folder = tempfile::tempdir()?;
    let (base, revision) = (
        folder.path().join("base.json"),
        folder.path().join("revision.json"),
    );
    let (mut runs, mut wrong) = (0_usize, 0_usize);
    writeln!(
        out,
        "| document | in | as | CPU s | MiB | ended | undecided | wrong |\n|---|---|---|---|---|---|---|---|"
    )?;
    let mut classes = Vec::new();
    let all = documents::all();
    let meant = all
        .iter()
        .filter(|it| it.name.contains(&args.only) && (!args.small || it.is_small));
    for hostile in meant {
        let mut class = Class::new(hostile);
        for direction in [Direction::Request, Direction::Answer] {
            for place in [Place::Base, Place::Revision, Place::Both] {
                if args.short && !matches!(place, Place::Both) {
                    continue;
                }
                let Some((old, new)) = pair(hostile, direction, place) else {
                    continue;
                };
                File::create(&base)?.write_all(old.as_bytes())?;
                File::create(&revision)?.write_all(new.as_bytes())?;
                let mut command: Vec<&std::ffi::OsStr> = vec!["check-spec".as_ref(), "--pinned".as_ref()];
                command.extend([base.as_os_str(), "--staging".as_ref(), revision.as_os_str()]);
                command.extend(["--format", "json"].map(std::ffi::OsStr::new));
                if hostile.host == Host::Any {
                    command.extend(["--scope", "all", "--no-replay"].map(std::ffi::OsStr::new));
                }
                let ended = child::run(&xtask, &command, limits)?;
                let faults = faults(args, hostile, &ended);
                class.add(&ended, &faults);
                runs += 1;
                wrong += usize::from(!faults.is_empty());
                writeln!(
                    out,
                    "| {} | {direction} | {place} | {:.2} | {} | {} | {} | {} |",
                    hostile.name,
                    ended.cpu.as_secs_f64(),
                    ended.mebibytes,
                    ended.told(),
                    undecided(&ended.stdout),
                    faults.join(", "),
                )?;
                out.flush()?;
            }
        }
        classes.push(class);
    }
    if let Some(path) = &args.table {
        crate::files::write_whole(path, &table(args, &classes))?;
    }
    writeln!(
        out,
        "\n{wrong} of {runs} runs end otherwise than in a report within {} CPU s and {} MiB",
        args.seconds, args.mebibytes
    )?;
    Ok(if wrong > 0 { Exit::Found } else { Exit::Success })
}

/// The results of all runs of one document, in classes that are the same on every run.
struct Class {
    name: String,
    runs: usize,
    is_over_time: bool,
    is_over_memory: bool,
    reports: usize,
    undecided: usize,
    refused: usize,
}

impl Class {
    fn new(hostile: &Hostile) -> Self {
        Self {
            name: hostile.name.clone(),
            runs: 0,
            is_over_time: false,
            is_over_memory: false,
            reports: 0,
            undecided: 0,
            refused: 0,
        }
    }

    fn add(&mut self, ended: &Ended, faults: &[&str]) {
        self.runs += 1;
        self.is_over_time |= faults.contains(&"time");
        self.is_over_memory |= faults.contains(&"memory");
        self.reports += usize::from(matches!(ended.code, Some(0 | 1)));
        self.refused += usize::from(ended.code == Some(3));
        self.undecided += usize::from(!matches!(undecided(&ended.stdout).as_str(), "" | "0"));
    }

    fn ended(&self) -> String {
        if self.refused == self.runs {
            return "refused: nested too deep".to_owned();
        }
        let killed = self.runs - self.reports - self.refused;
        let reports = match self.undecided {
            0 => "report".to_owned(),
            open => format!("report, {open} of {} with something undecided", self.runs),
        };
        match killed {
            0 => reports,
            killed => format!("{killed} of {} ended by force", self.runs),
        }
    }
}

fn table(args: &Args, classes: &[Class]) -> String {
    let mut text = format!(
        "# Time and memory on documents made to never end\n\n\
         Written by `cargo eval hostile --table`, with an optimised build. Each document is the base, the revision, and both \
         with one leaf changed, in a request and in an answer: the whole command may take {} CPU seconds and {} MiB.\n\n\
         | document | runs | in time | in memory | ends in |\n|---|---|---|---|---|\n",
        args.seconds, args.mebibytes
    );
    let told = |is_over: bool| if is_over { "**no**" } else { "yes" };
    for it in classes {
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            it.name,
            it.runs,
            told(it.is_over_time),
            told(it.is_over_memory),
            it.ended()
        ));
    }
    text
}

/// Both documents of a run; `None` if the hostile part does not exist in this direction.
fn pair(hostile: &Hostile, direction: Direction, place: Place) -> Option<(String, String)> {
    let plain = || documents::plain(hostile.host);
    let with = |changed: bool| documents::holding(hostile, direction, changed);
    Some(match place {
        Place::Base => (with(false)?, plain()),
        Place::Revision => (plain(), with(false)?),
        Place::Both => (with(false)?, with(true)?),
    })
}

/// The faults of a run.
fn faults(args: &Args, hostile: &Hostile, ended: &Ended) -> Vec<&'static str> {
    let mut faults = Vec::new();
    if ended.cpu > Duration::from_secs_f64(args.seconds) {
        faults.push("time");
    }
    if ended.mebibytes > args.mebibytes {
        faults.push("memory");
    }
    match ended.code {
        Some(0 | 1) => {}
        Some(3) if hostile.too_deep => {}
        _ => faults.push("no report"),
    }
    faults
}

fn undecided(report: &[u8]) -> String {
    let report: Option<Value> = serde_json::from_slice(report).ok();
    let findings = report.as_ref().and_then(|it| it["findings"].as_array());
    findings.map_or_else(String::new, |findings| {
        let open = findings.iter().filter(|it| it["undecided"].is_string());
        open.count().to_string()
    })
}
