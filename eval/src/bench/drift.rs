//! Compares the drift engine with merely reading both documents, and with crate `drift`: CPU time and memory of whole
//! runs.
//!
//! Each measurement is a process of its own, which is this binary started again, so that memory is not counted twice.
//! The whole command is the `openapi-drift` next to this binary.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use openapi_drift::{Document, Options, compare};
use serde_json::{Map, Value};

use crate::exit::{Exit, Misuse, Outcome};
use crate::hostile::child;

/// Compare pairs of documents with us and with others, and print the ratios
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder with `specs/NAME-old.json` and `specs/NAME-new.json`
    #[arg(long, required_unless_present = "measure")]
    dir: Option<PathBuf>,
    /// The pairs, by name; the first one is also cut to parts to see how time grows
    #[arg(long, default_values = ["stripe", "twilio"])]
    pairs: Vec<String>,
    /// A further pair: its name and both documents; may be repeated
    #[arg(long, num_args = 3, value_names = ["NAME", "OLD", "NEW"])]
    pair: Vec<PathBuf>,
    /// The largest document that is made to see how time grows, in MB
    #[arg(long, default_value_t = 64)]
    largest: usize,
    /// Replace what stands between the markers of this file by the tables
    #[arg(long)]
    write: Option<PathBuf>,
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
    /// Read both, JSON with `serde_json` into `Value`.
    Read,
    /// Read both and decide everything.
    Ours,
    /// Read both and compare them with crate `drift`.
    Peer,
}

/// CPU time and peak memory of one process, its start included.
#[derive(Clone, Copy)]
struct Measured {
    time: Duration,
    kibibytes: u64,
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    if let (Some(work), Some(old), Some(new)) = (args.measure, &args.old, &args.new) {
        return measure_here(work, old, new);
    }
    if cfg!(debug_assertions) {
        return Err(Misuse {
            problem: "figures of a debug build mean nothing".to_owned(),
            mend: "cargo run --release -p eval -- bench drift --dir DIR",
        }
        .into());
    }
    let mut tables = Tables {
        out,
        text: String::new(),
    };
    let dir = args.dir.clone().unwrap_or_default();
    let specs = dir.join("specs");
    tables.pairs(&pairs(args, &dir)?, args.runs)?;
    if let Some(name) = args.pairs.first() {
        tables.every_format(name, &specs, args.runs)?;
        tables.parts(name, &specs, args.runs)?;
    }
    for kind in [Made::Independent, Made::Shared] {
        tables.growth(kind, args.largest)?;
    }
    if let Some(path) = &args.write {
        let document =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        crate::files::write_whole(path, &between_markers(&document, &tables.text)?)?;
    }
    Ok(Exit::Success)
}

/// Two versions of a document, and their name.
struct Pair {
    name: String,
    old: PathBuf,
    new: PathBuf,
}

/// The named pairs, followed by those of the folder `vendors`.
fn pairs(args: &Args, dir: &Path) -> anyhow::Result<Vec<Pair>> {
    let named = args.pairs.iter().map(|name| Pair {
        name: name.clone(),
        old: dir.join("specs").join(format!("{name}-old.json")),
        new: dir.join("specs").join(format!("{name}-new.json")),
    });
    let further = args.pair.chunks_exact(3).map(|it| Pair {
        name: it[0].display().to_string(),
        old: it[1].clone(),
        new: it[2].clone(),
    });
    let mut all: Vec<Pair> = named.chain(further).collect();
    let vendors = dir.join("vendors");
    if !vendors.is_dir() {
        return Ok(all);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(vendors)? {
        files.push(entry?.path());
    }
    files.sort();
    for old in files {
        let file = old.file_name().and_then(|it| it.to_str()).unwrap_or_default();
        if let Some((name, ending)) = file.split_once("-old.") {
            all.push(Pair {
                name: name.to_owned(),
                new: old.with_file_name(format!("{name}-new.{ending}")),
                old: old.clone(),
            });
        }
    }
    Ok(all)
}

const BEGIN: &str = "<!-- Written by `eval bench drift --write`. -->";
const END: &str = "<!-- End of what it writes. -->";

/// The document with the tables between its markers.
fn between_markers(document: &str, tables: &str) -> anyhow::Result<String> {
    let places = document.split_once(BEGIN);
    let places = places.and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, behind) = places.with_context(|| format!("it lacks the lines {BEGIN} and {END}"))?;
    Ok(format!("{before}{BEGIN}\n{tables}\n{END}{behind}"))
}

/// The tables in Markdown, printed line by line.
struct Tables<'o> {
    out: &'o mut dyn Write,
    text: String,
}

impl Tables<'_> {
    fn head(&mut self, columns: &[&str]) -> anyhow::Result<()> {
        let rule = vec!["---"; columns.len()];
        self.say("")?;
        self.row(columns)?;
        self.say(&format!("|{}|", rule.join("|")))
    }

    fn row(&mut self, cells: &[impl AsRef<str>]) -> anyhow::Result<()> {
        let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
        self.say(&format!("| {} |", cells.join(" | ")))
    }

    fn say(&mut self, line: &str) -> anyhow::Result<()> {
        writeln!(self.out, "{line}")?;
        self.out.flush()?;
        self.text += line;
        self.text.push('\n');
        Ok(())
    }

    fn pairs(&mut self, pairs: &[Pair], runs: usize) -> anyhow::Result<()> {
        self.head(&[
            "pair",
            "read",
            "ours",
            "to read",
            "without changes",
            "memory",
            "to the bytes",
            "whole command, CPU",
            "`drift`",
            "ours to `drift`",
        ])?;
        for Pair { name, old, new } in pairs {
            let read = fastest(Work::Read, old, new, runs)?;
            let ours = fastest(Work::Ours, old, new, runs)?;
            let unchanged = fastest(Work::Ours, new, new, runs)?;
            let peer = fastest(Work::Peer, old, new, runs.min(2)).ok();
            let whole = whole_command(old, new, &["--format", "json"], runs)?;
            let bytes = (std::fs::metadata(old)?.len() + std::fs::metadata(new)?.len()) / 1024;
            self.row(&[
                name.clone(),
                milliseconds(read.time),
                milliseconds(ours.time),
                ratio(ours.time, read.time),
                ratio(unchanged.time, read.time),
                format!("{} MiB", ours.kibibytes / 1024),
                format!("{:.1}×", float(ours.kibibytes) / float(bytes.max(1))),
                milliseconds(whole),
                peer.map_or("fails".to_owned(), |it| milliseconds(it.time)),
                peer.map_or(String::new(), |it| ratio(ours.time, it.time)),
            ])?;
        }
        Ok(())
    }

    /// Measures the whole command with a report in each format, compared with the engine alone.
    fn every_format(&mut self, name: &str, specs: &Path, runs: usize) -> anyhow::Result<()> {
        let (old, new) = (
            specs.join(format!("{name}-old.json")),
            specs.join(format!("{name}-new.json")),
        );
        let folder = tempfile::tempdir()?;
        let reports: Vec<String> = FORMATS
            .iter()
            .map(|it| format!("{it}={}", folder.path().join(it).display()))
            .collect();
        let options: Vec<&str> = reports.iter().flat_map(|it| ["--report", it]).collect();
        let engine = fastest(Work::Ours, &old, &new, runs)?;
        let whole = whole_command(&old, &new, &options, runs)?;
        self.head(&[
            "pair",
            "engine alone",
            "whole command, every format, CPU",
            "to the engine",
        ])?;
        self.row(&[
            name.to_owned(),
            milliseconds(engine.time),
            milliseconds(whole),
            ratio(whole, engine.time),
        ])
    }

    /// Measures generated documents, each twice as large as the one before.
    fn growth(&mut self, kind: Made, largest: usize) -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        self.head(&[kind.told(), "time", "to half of it", "memory"])?;
        let mut before: Option<Duration> = None;
        for size in std::iter::successors(Some(1), |it| Some(it * 2)).take_while(|it| *it <= largest) {
            let (old, new) = (folder.path().join("old.json"), folder.path().join("new.json"));
            for (path, is_new) in [(&old, false), (&new, true)] {
                crate::files::write_whole(path, &kind.document(size << 20, is_new))?;
            }
            let ours = fastest(Work::Ours, &old, &new, 3)?;
            self.row(&[
                format!("{size} MB"),
                milliseconds(ours.time),
                before.map_or(String::new(), |it| ratio(ours.time, it)),
                format!("{} MiB", ours.kibibytes / 1024),
            ])?;
            before = Some(ours.time);
        }
        Ok(())
    }
}

/// The formats of a report.
const FORMATS: [&str; 7] = ["text", "json", "markdown", "github", "sarif", "junit", "html"];

/// A kind of generated document.
#[derive(Clone, Copy)]
enum Made {
    /// Each operation has its own component.
    Independent,
    /// Each operation also refers to one of a few shared components.
    Shared,
}

impl Made {
    fn told(self) -> &'static str {
        match self {
            Self::Independent => "independent components",
            Self::Shared => "shared components",
        }
    }

    /// A document of about this many bytes. Every tenth component differs in the revision.
    fn document(self, bytes: usize, is_new: bool) -> String {
        const SHARED: usize = 50;
        let (mut paths, mut schemas) = (String::new(), String::new());
        let component = |name: &str, index: usize| {
            let kind = if is_new && index.is_multiple_of(10) {
                "integer"
            } else {
                "string"
            };
            let own = (0..8).map(|it| {
                format!(
                    r#""p{it}":{{"type":"string","description":"Part {it} of it","maxLength":{}}}"#,
                    10 + it
                )
            });
            let own: Vec<String> = own.collect();
            format!(
                r#""{name}":{{"type":"object","required":["p1","kind"],"properties":{{"kind":{{"type":"{kind}"}},{}}}}}"#,
                own.join(",")
            )
        };
        if matches!(self, Self::Shared) {
            let all: Vec<String> = (0..SHARED).map(|it| component(&format!("S{it}"), it)).collect();
            schemas += &all.join(",");
        }
        for index in 0.. {
            if paths.len() + schemas.len() >= bytes {
                break;
            }
            let comma = if index > 0 { "," } else { "" };
            let content = match self {
                Self::Independent => format!(r##"{{"$ref":"#/components/schemas/C{index}"}}"##),
                Self::Shared => format!(
                    r##"{{"allOf":[{{"$ref":"#/components/schemas/C{index}"}},{{"properties":{{"shared":{{"$ref":"#/components/schemas/S{}"}}}}}}]}}"##,
                    index % SHARED
                ),
            };
            paths += &format!(
                r#"{comma}"/things{index}/{{id}}":{{"get":{{"operationId":"get{index}","parameters":[{{"name":"id","in":"path","required":true,"schema":{{"type":"string"}}}}],"responses":{{"200":{{"description":"It","content":{{"application/json":{{"schema":{content}}}}}}}}}}}}}"#
            );
            let separator = if schemas.is_empty() { "" } else { "," };
            // A change in a shared component is reported once; the operation's own component stays the same.
            let own = if matches!(self, Self::Shared) {
                index * 10 + 1
            } else {
                index
            };
            schemas += separator;
            schemas += &component(&format!("C{index}"), own);
        }
        format!(
            r#"{{"openapi":"3.0.3","info":{{"title":"Things","version":"1"}},"paths":{{{paths}}},"components":{{"schemas":{{{schemas}}}}}}}"#
        )
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1e3)
}

fn ratio(one: Duration, other: Duration) -> String {
    format!("{:.2}×", one.as_secs_f64() / other.as_secs_f64())
}

#[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
fn float(it: u64) -> f64 {
    it as f64
}

/// The least CPU time that the whole command took.
fn whole_command(old: &Path, new: &Path, options: &[&str], runs: usize) -> anyhow::Result<Duration> {
    let command = std::env::current_exe()?.with_file_name("openapi-drift");
    let mut arguments = vec![old.as_os_str(), new.as_os_str()];
    arguments.extend(options.iter().map(std::ffi::OsStr::new));
    let mut best: Option<Duration> = None;
    for _ in 0..runs.max(1) {
        let ended = child::run(&command, &arguments, LIMITS)?;
        if !matches!(ended.code, Some(0 | 1)) {
            bail!("{} ended in {}", command.display(), ended.told());
        }
        best = Some(best.map_or(ended.cpu, |it| it.min(ended.cpu)));
    }
    best.context("no run")
}

/// The limits of one run of the whole command.
const LIMITS: child::Limits = child::Limits {
    seconds: 120,
    mebibytes: 8_000,
};

impl Tables<'_> {
    /// Measures an eighth, a quarter and a half of the pair, and the whole pair.
    fn parts(&mut self, name: &str, specs: &Path, runs: usize) -> anyhow::Result<()> {
        self.head(&["part", "bytes", "time", "to the part before"])?;
        let folder = tempfile::tempdir()?;
        let mut before: Option<(f64, Duration)> = None;
        for step in [8, 4, 2, 1] {
            let mut paths = Vec::new();
            let mut bytes = 0_u64;
            for age in ["old", "new"] {
                let source = specs.join(format!("{name}-{age}.json"));
                let text =
                    std::fs::read(&source).with_context(|| format!("cannot read {}", source.display()))?;
                let cut = serde_json::to_vec(&part(serde_json::from_slice(&text)?, step))?;
                bytes += cut.len() as u64;
                let path = folder.path().join(format!("{age}-{step}.json"));
                std::io::Write::write_all(&mut std::fs::File::create(&path)?, &cut)?;
                paths.push(path);
            }
            let ours = fastest(Work::Ours, &paths[0], &paths[1], runs)?;
            let size = float(bytes);
            let grown = before.map_or(String::new(), |(was, time)| {
                format!("{} for {:.2}× the bytes", ratio(ours.time, time), size / was)
            });
            self.row(&[
                format!("{name} 1/{step}"),
                bytes.to_string(),
                milliseconds(ours.time),
                grown,
            ])?;
            before = Some((size, ours.time));
        }
        Ok(())
    }
}

/// Every `step`-th path of a document, with the components that these paths reach.
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
    let command = std::env::current_exe()?;
    let arguments = ["bench", "drift", "--measure", name.get_name(), "--old"].map(std::ffi::OsStr::new);
    let mut arguments = arguments.to_vec();
    arguments.extend([old.as_os_str(), "--new".as_ref(), new.as_os_str()]);
    let ended = child::run(&command, &arguments, LIMITS)?;
    if ended.code != Some(0) {
        bail!("{work:?} of {} ended in {}", old.display(), ended.told());
    }
    Ok(Measured {
        time: ended.cpu,
        kibibytes: ended.mebibytes * 1024,
    })
}

/// Performs the work once.
fn measure_here(work: Work, old: &Path, new: &Path) -> Outcome {
    let (old, new) = (std::fs::read(old)?, std::fs::read(new)?);
    let value = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).map_err(anyhow::Error::from);
    let is_json = |bytes: &[u8]| bytes.iter().find(|it| !it.is_ascii_whitespace()) == Some(&b'{');
    match work {
        // YAML is read by the reader of the engine.
        Work::Read if !is_json(&old) => {
            std::hint::black_box((Document::read(old)?, Document::read(new)?));
        }
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
    Ok(Exit::Success)
}
