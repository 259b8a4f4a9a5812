//! The drift engine beside merely reading both documents, and beside crate `drift`: time and memory of whole runs.
//!
//! Each measurement is a process of its own, this binary once more, so that no one's memory is counted twice.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use openapi_drift::{Document, Options, compare};
use serde_json::{Map, Value};

use crate::exit::{Exit, Misuse, Outcome};

/// Compare pairs of documents with us and with others, and print the ratios
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder with `specs/NAME-old.json` and `specs/NAME-new.json`
    #[arg(long, required_unless_present = "measure")]
    dir: Option<PathBuf>,
    /// The pairs, by name; the first one is also cut to parts to see how time grows
    #[arg(long, default_values = ["stripe", "twilio"])]
    pairs: Vec<String>,
    /// How often each measurement is taken; the fastest counts
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Take one measurement of `--old` and `--new` and print it: what the runs above start
    #[arg(long, hide = true, requires_all = ["old", "new"])]
    measure: Option<Work>,
    #[arg(long, hide = true)]
    old: Option<PathBuf>,
    #[arg(long, hide = true)]
    new: Option<PathBuf>,
}

/// What a measurement does with two documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Work {
    /// Read both with `serde_json` into `Value`.
    Read,
    /// Read both and decide everything.
    Ours,
    /// Read both and compare them with crate `drift`.
    Peer,
}

/// Time and peak memory of one process.
#[derive(Clone, Copy)]
struct Measured {
    time: Duration,
    kibibytes: u64,
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    if let (Some(work), Some(old), Some(new)) = (args.measure, &args.old, &args.new) {
        return measure_here(work, old, new, out);
    }
    if cfg!(debug_assertions) {
        return Err(Misuse {
            problem: "figures of a debug build mean nothing".to_owned(),
            mend: "cargo run --release -p eval -- bench drift --dir DIR",
        }
        .into());
    }
    let specs = args.dir.clone().unwrap_or_default().join("specs");
    writeln!(
        out,
        "{:24} {:>9} {:>9} {:>9}   time          memory",
        "", "read", "ours", "drift"
    )?;
    for name in &args.pairs {
        let (old, new) = (
            specs.join(format!("{name}-old.json")),
            specs.join(format!("{name}-new.json")),
        );
        let read = fastest(Work::Read, &old, &new, args.runs)?;
        let ours = fastest(Work::Ours, &old, &new, args.runs)?;
        let peer = fastest(Work::Peer, &old, &new, args.runs).ok();
        line(out, name, read, ours, peer)?;
    }
    if let Some(name) = args.pairs.first() {
        growth(name, &specs, args.runs, out)?;
    }
    Ok(Exit::Success)
}

fn line(
    out: &mut dyn Write,
    name: &str,
    read: Measured,
    ours: Measured,
    peer: Option<Measured>,
) -> anyhow::Result<()> {
    let time = |it: Measured| format!("{:.0} ms", it.time.as_secs_f64() * 1e3);
    let peer_time = peer.map_or("fails".to_owned(), time);
    let ratio = |a: f64, b: f64| format!("{:.2}×", a / b);
    let seconds = |it: Measured| it.time.as_secs_f64();
    let beside = |peer: Measured| {
        format!(
            ", {} of drift   {} MiB, {} of drift",
            ratio(seconds(ours), seconds(peer)),
            ours.kibibytes / 1024,
            ratio(kibibytes(ours), kibibytes(peer))
        )
    };
    writeln!(
        out,
        "{name:24} {:>9} {:>9} {:>9}   {} of reading{}",
        time(read),
        time(ours),
        peer_time,
        ratio(seconds(ours), seconds(read)),
        peer.map(beside).unwrap_or_default()
    )?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
fn kibibytes(it: Measured) -> f64 {
    it.kibibytes as f64
}

/// The pair cut to an eighth, a quarter, a half and whole.
fn growth(name: &str, specs: &Path, runs: usize, out: &mut dyn Write) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut before: Option<(f64, Duration)> = None;
    for step in [8, 4, 2, 1] {
        let mut paths = Vec::new();
        let mut bytes = 0;
        for age in ["old", "new"] {
            let source = specs.join(format!("{name}-{age}.json"));
            let text = std::fs::read(&source).with_context(|| format!("cannot read {}", source.display()))?;
            let cut = serde_json::to_vec(&part(serde_json::from_slice(&text)?, step))?;
            bytes += cut.len();
            let path = folder.path().join(format!("{age}-{step}.json"));
            std::io::Write::write_all(&mut std::fs::File::create(&path)?, &cut)?;
            paths.push(path);
        }
        let ours = fastest(Work::Ours, &paths[0], &paths[1], runs)?;
        #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
        let size = bytes as f64;
        let grown = before.map_or(String::new(), |(was, time)| {
            format!(
                ": {:.2}× the time for {:.2}× the bytes",
                ours.time.as_secs_f64() / time.as_secs_f64(),
                size / was
            )
        });
        let milliseconds = ours.time.as_secs_f64() * 1e3;
        let label = format!("{name} 1/{step}");
        writeln!(out, "{label:24} {bytes:>9} bytes {milliseconds:6.0} ms{grown}")?;
        before = Some((size, ours.time));
    }
    Ok(())
}

/// Every `step`-th path of a document, and the components that those reach.
fn part(mut document: Value, step: usize) -> Value {
    if step == 1 {
        return document;
    }
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        let mut names: Vec<String> = paths.keys().cloned().collect();
        names.sort();
        let kept: BTreeSet<String> = names.into_iter().step_by(step).collect();
        paths.retain(|name, _| kept.contains(name));
    }
    let mut reached = BTreeSet::new();
    let mut open = vec![&document["paths"]];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref")
                    && reached.insert(reference.clone())
                {
                    open.extend(document.pointer(reference.trim_start_matches('#')));
                }
                open.extend(map.values());
            }
            _ => {}
        }
    }
    let sections: Vec<String> = document["components"]
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .cloned()
        .collect();
    for section in sections.iter().filter(|it| *it != "securitySchemes") {
        if let Some(members) = document["components"][section].as_object_mut() {
            members.retain(|name, _| reached.contains(&format!("#/components/{section}/{name}")));
        }
    }
    document
}

fn fastest(work: Work, old: &Path, new: &Path, runs: usize) -> anyhow::Result<Measured> {
    let mut best: Option<Measured> = None;
    for _ in 0..runs.max(1) {
        let measured = measure(work, old, new)?;
        best = Some(match best {
            None => measured,
            Some(best) => Measured {
                time: best.time.min(measured.time),
                kibibytes: best.kibibytes.min(measured.kibibytes),
            },
        });
    }
    best.context("no run")
}

fn measure(work: Work, old: &Path, new: &Path) -> anyhow::Result<Measured> {
    let name = work.to_possible_value().context("no such work")?;
    let output = Command::new(std::env::current_exe()?)
        .args(["bench", "drift", "--measure", name.get_name()])
        .arg("--old")
        .arg(old)
        .arg("--new")
        .arg(new)
        .output()?;
    if !output.status.success() {
        bail!(
            "{work:?} failed: {}",
            String::from_utf8_lossy(&output.stderr)
                .lines()
                .next()
                .unwrap_or("?")
        );
    }
    let text = String::from_utf8(output.stdout)?;
    let (time, memory) = text
        .trim()
        .split_once(' ')
        .context("a measurement is two numbers")?;
    Ok(Measured {
        time: Duration::from_nanos(time.parse()?),
        kibibytes: memory.parse()?,
    })
}

/// Does the work and prints nanoseconds and the peak of resident memory in KiB.
fn measure_here(work: Work, old: &Path, new: &Path, out: &mut dyn Write) -> Outcome {
    let (old, new) = (std::fs::read(old)?, std::fs::read(new)?);
    let value = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).map_err(anyhow::Error::from);
    let start = Instant::now();
    match work {
        Work::Read => {
            std::hint::black_box((value(&old)?, value(&new)?));
        }
        Work::Ours => {
            let (old, new) = (Document::read(old), Document::read(new));
            let (old, new) = (
                old.map_err(anyhow::Error::from)?,
                new.map_err(anyhow::Error::from)?,
            );
            std::hint::black_box(compare(&old, &new, &Options::default()));
        }
        Work::Peer => {
            std::hint::black_box(drift::compare(&value(&old)?, &value(&new)?)?);
        }
    }
    let time = start.elapsed().as_nanos();
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|it| it.split_whitespace().next()).unwrap_or("0");
    writeln!(out, "{time} {peak}")?;
    Ok(Exit::Success)
}
