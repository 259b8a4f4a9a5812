//! Sends all messages up to a bound between small documents. If one document accepts a message and the other refuses
//! it, there must be a finding; if a finding is breaking, a message must show it.

mod generate;
mod values;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use openapi_document::view::Operations;
use openapi_drift::{Document, Level, Options, Report, Side, comparable, compare};
use serde_json::Value;

use crate::exit::{Exit, Outcome as Ended};
use crate::messages::{
    Called, Focus, Instances, Judged, Message, Outcome, Spot, candidates, messages, operations, sent,
};
use crate::mutate::{Place, places, value};
use crate::text::escape;

/// Send all messages up to a bound between two small documents, and hold the comparison's verdict to what becomes of them
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Pairs of documents to read instead of making some: lines of `{id, old, new}`, each document a text
    #[arg(long)]
    pairs: Option<PathBuf>,
    /// Decides which documents are made
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Pairs of documents to make
    #[arg(long, default_value_t = 200)]
    documents: usize,
    /// Print both documents of each example
    #[arg(long)]
    whole: bool,
}

struct Pair {
    id: String,
    base: Document,
    revision: Document,
}

/// A disagreement between the engine and the messages.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Disagreement {
    /// A message is refused or read as something else, but no finding is risky or worse.
    Silent {
        what: &'static str,
        part: String,
        said: String,
    },
    /// A breaking finding that no message within the bound shows.
    Unshown { rule: String, is_open: bool },
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Ended {
    let mut counts: BTreeMap<Disagreement, (usize, String)> = BTreeMap::new();
    let (mut pairs, mut unread, mut sendable) = (0_usize, 0_usize, 0_usize);
    let mut judge = |pair: Option<Pair>| {
        pairs += 1;
        let Some(pair) = pair else {
            unread += 1;
            return;
        };
        let (found, count) = disagreements(&pair);
        sendable += count;
        for (disagreement, example) in found {
            let entry = counts.entry(disagreement).or_insert_with(|| {
                let documents = || {
                    format!(
                        "\n      {}\n      {}",
                        value(pair.base.root()),
                        value(pair.revision.root())
                    )
                };
                let documents = if args.whole { documents() } else { String::new() };
                (0, format!("{}: {example}{documents}", pair.id))
            });
            entry.0 += 1;
        }
    };
    if let Some(path) = &args.pairs {
        read(path, &mut judge)?;
    } else {
        let mut random = fastrand::Rng::with_seed(args.seed);
        for index in 0..args.documents {
            let (base, revision) = generate::pair(&mut random);
            judge(document_pair(
                index.to_string(),
                &base.to_string(),
                &revision.to_string(),
            ));
        }
    }
    let mut silent = 0;
    for (disagreement, (count, example)) in &counts {
        let told = match disagreement {
            Disagreement::Silent { what, part, said } => {
                silent += count;
                format!("silent: {what} in {part}, and the worst finding is {said}")
            }
            Disagreement::Unshown { rule, is_open: true } => {
                format!("not shown, and some messages stay open: {rule}")
            }
            Disagreement::Unshown { rule, is_open: false } => format!("not shown within the bound: {rule}"),
        };
        writeln!(out, "{count:5} {}\n      {}", escape(&told), escape(example))?;
    }
    writeln!(
        out,
        "{pairs} pairs, of which {unread} cannot be compared; {sendable} messages sent; {silent} parts in which a \
         difference stays silent"
    )?;
    Ok(if silent > 0 { Exit::Found } else { Exit::Success })
}

fn read(path: &Path, judge: &mut dyn FnMut(Option<Pair>)) -> anyhow::Result<()> {
    let file = std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    for line in BufReader::new(file).lines() {
        let case: Value = serde_json::from_str(&line?)?;
        let text = |key: &str| case[key].as_str();
        // A document of several files is an object of texts, which is not read here.
        judge(text("old").zip(text("new")).and_then(|(old, new)| {
            document_pair(case["id"].as_str().unwrap_or_default().to_owned(), old, new)
        }));
    }
    Ok(())
}

fn document_pair(id: String, base: &str, revision: &str) -> Option<Pair> {
    let read = |text: &str| Document::read(text).ok().filter(|it| comparable(it).is_ok());
    Some(Pair {
        id,
        base: read(base)?,
        revision: read(revision)?,
    })
}

/// The disagreements between the report and the messages of a pair, each with an example, and the number of messages
/// that were sent.
fn disagreements(pair: &Pair) -> (Vec<(Disagreement, String)>, usize) {
    let report = compare(&pair.base, &pair.revision, &Options::default());
    let values = [value(pair.base.root()), value(pair.revision.root())];
    let base = Judged::new(&pair.base, &values[0]);
    let revision = Judged::new(&pair.revision, &values[1]);
    let mut shown: BTreeMap<(&'static str, String), String> = BTreeMap::new();
    let (mut count, mut is_open) = (0, false);
    for (writer, reader, side) in [(&base, &revision, Side::Base), (&revision, &base, Side::Revision)] {
        for (called, operation) in operations(writer.document) {
            let sends_request = (called == Called::Path) == (side == Side::Base);
            let read_by = reader.operation(&operation.here.at).or_else(|| {
                let paths = Operations::of_paths(reader.document);
                let found = paths.get(&operation.method, &operation.path).cloned();
                found.filter(|_| called == Called::Path).map(|it| (called, it))
            });
            if read_by.is_none() && (called != Called::Path || !sends_request) {
                continue;
            }
            let read_by = read_by.as_ref().map(|(called, operation)| (*called, operation));
            let mut send = |message: &Message, part: &str| {
                let outcome = sent(writer, (called, &operation), reader, read_by, message);
                count += usize::from(outcome != Outcome::Unsendable);
                is_open |= outcome == Outcome::Open;
                let what = match outcome {
                    Outcome::Refused => "a message is refused",
                    Outcome::ReadOtherwise => "a message is read otherwise",
                    _ => return,
                };
                let told = || format!("{} {}", operation.label(), told(message));
                shown.entry((what, part.to_owned())).or_insert_with(told);
            };
            for message in messages(writer, called, &operation, sends_request, None) {
                send(&message, "the whole");
            }
            for place in places(writer, called, &operation) {
                if place.way.is_empty() && (place.writer == side) {
                    let instances = Instances::new(writer.value, sends_request);
                    let schema = writer.value.pointer(&place.at).unwrap_or(&Value::Null);
                    let all = values::values(instances, schema)
                        .into_iter()
                        .chain(candidates(instances, schema));
                    for value in all {
                        let focus = Focus {
                            spot: &place.spot,
                            way: &[],
                            value: &value,
                        };
                        for message in messages(writer, called, &operation, sends_request, Some(focus)) {
                            send(&message, part(&place));
                        }
                    }
                }
            }
        }
    }
    (disagreed(&report, &shown, is_open), count)
}

fn disagreed(
    report: &Report,
    shown: &BTreeMap<(&'static str, String), String>,
    is_open: bool,
) -> Vec<(Disagreement, String)> {
    let is_noticed = report.verdict.is_some_and(|it| it <= Level::Risky);
    if !is_noticed {
        let said = report
            .findings
            .first()
            .map_or_else(|| "none".to_owned(), |it| it.rule.clone());
        let silent = shown.iter().map(|((what, part), example)| {
            let (part, said) = (part.clone(), said.clone());
            (Disagreement::Silent { what, part, said }, example.clone())
        });
        return silent.collect();
    }
    if !shown.is_empty() {
        return Vec::new();
    }
    let breaking = report.findings.iter().filter(|it| it.level == Level::Breaking);
    breaking
        .map(|it| {
            (
                Disagreement::Unshown {
                    rule: it.rule.clone(),
                    is_open,
                },
                it.title.clone(),
            )
        })
        .collect()
}

fn part(place: &Place) -> &'static str {
    match &place.spot {
        Spot::Parameter(_) => "a parameter",
        Spot::Body { .. } => "a body",
        Spot::Answer { .. } => "an answer",
        Spot::AnswerHeader { .. } => "a header of an answer",
    }
}

fn told(message: &Message) -> String {
    let (line, headers, body) = match message {
        Message::Request(it) => (it.target.clone().unwrap_or_default(), &it.headers, &it.body),
        Message::Response(it) => (it.status.to_string(), &it.headers, &it.body),
    };
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let body = body
        .as_ref()
        .map(|it| String::from_utf8_lossy(it).chars().take(200).collect::<String>());
    format!("{line} [{}] {}", headers.join(", "), body.unwrap_or_default())
}
