//! Measures what the engine fails to report: edits of known level, one at a time, at every position of real
//! documents.
//!
//! All other measures judge the findings of a comparison. Here a document is edited, and the level of the edit is
//! known before. It follows from the definitions of the levels and the direction of the values, not from the engine.
//! Other parts of the document may hide an edit, such as a second declaration of the same name. A breaking edit
//! therefore counts only if a whole message shows it, which `openapi-wire` accepts under one document and refuses
//! under the other. All other edits are skipped, with the reason.

mod edit;
mod excerpt;
mod operation_edits;
mod place;
mod schema_edits;
mod shown;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context as _, anyhow};
use clap::value_parser;
use openapi_drift::{Document, Options, Side, comparable, compare};
use serde_json::Value;

use self::edit::{Edit, ShownBy, Weight};
pub(crate) use self::excerpt::value;
use self::excerpt::{Source, excerpt, sources};
pub(crate) use self::place::{Place, places};
use self::place::{Position, entangle};
use self::shown::hidden;
use crate::exit::{Exit, Outcome as Ended};
use crate::messages::{Judged, operations};
use crate::text::escape;

/// Edit documents in ways of known level, and list what the comparison places too low
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The documents
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Decides which edits are made, and in which order
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Edits that count, over all documents
    #[arg(long, default_value_t = 1_000, value_parser = value_parser!(u64).range(1..))]
    edits: u64,
    /// Only edits of this kind
    #[arg(long)]
    kind: Option<String>,
    /// Misplaced edits listed of each kind and position
    #[arg(long, default_value_t = 2)]
    listed: usize,
}

/// Minimum number of edits in one operation before the next operation.
const AT_A_TIME: u64 = 12;
/// Maximum size of an operation with its document. A larger one is skipped, because its comparisons take too long.
const LARGEST: usize = 400_000;

/// The counts of one kind at one position.
#[derive(Default)]
struct Cell {
    done: usize,
    skipped: usize,
    below: usize,
    above: usize,
}

#[derive(Default)]
struct Tally {
    cells: BTreeMap<(&'static str, Position), Cell>,
    skipped: BTreeMap<&'static str, usize>,
    listed: Vec<String>,
    done: u64,
    below: usize,
    above: usize,
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Ended {
    let mut random = fastrand::Rng::with_seed(args.seed);
    let mut tally = Tally::default();
    let mut documents = Vec::new();
    for file in &args.files {
        documents.push((file, read(file)?));
    }
    let mut turns: Vec<(usize, Source)> = Vec::new();
    for (index, (_, document)) in documents.iter().enumerate() {
        let mut own = sources(document);
        random.shuffle(&mut own);
        turns.extend(own.into_iter().map(|it| (index, it)));
    }
    // Documents alternate, so that the largest one does not get all edits.
    let mut order: Vec<(usize, usize)> = Vec::new();
    let mut seen = vec![0_usize; documents.len()];
    for (turn, (document, _)) in turns.iter().enumerate() {
        order.push((seen[*document], turn));
        seen[*document] += 1;
    }
    order.sort_unstable();
    let at_a_time = AT_A_TIME.max(2 * args.edits / (order.len() as u64).max(1));
    for (_, turn) in order {
        if tally.done >= args.edits {
            break;
        }
        let (document, source) = &turns[turn];
        let (file, document) = &documents[*document];
        let Some(base) = excerpt(document, source).filter(|it| it.to_string().len() < LARGEST) else {
            *tally
                .skipped
                .entry("the operation has no excerpt of its own")
                .or_default() += 1;
            continue;
        };
        operation(args, file, &base, at_a_time, &mut random, &mut tally)?;
    }
    told(&tally, out)?;
    Ok(if tally.below > 0 {
        Exit::Found
    } else {
        Exit::Success
    })
}

fn read(file: &Path) -> anyhow::Result<Value> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let document = Document::read(bytes).and_then(|it| comparable(&it).map(|()| it));
    let document = document.map_err(|error| anyhow!("{}: {error}", file.display()))?;
    Ok(excerpt::value(document.root()))
}

/// One edit, with the position and the operation under which it is counted.
struct Planned {
    position: Position,
    operation: Rc<str>,
    place: Option<Rc<Place>>,
    kind: &'static str,
    making: Making,
}

/// How an edit is come by. One of a schema holds much of it, and most are never made: it is built when its turn comes.
enum Making {
    Built(Edit),
    /// The edit of its place that has this index.
    OfSchema(usize),
}

impl Planned {
    fn edit(&self, base: &Value) -> Option<Cow<'_, Edit>> {
        match (&self.making, &self.place) {
            (Making::Built(edit), _) => Some(Cow::Borrowed(edit)),
            (Making::OfSchema(index), Some(place)) => {
                let edit = schema_edits::edits(base, place).into_iter().nth(*index);
                edit.map(Cow::Owned)
            }
            (Making::OfSchema(_), None) => None,
        }
    }
}

/// Makes some edits of an excerpt. The kinds with the fewest edits so far come first.
fn operation(
    args: &Args,
    file: &Path,
    base: &Value,
    at_a_time: u64,
    random: &mut fastrand::Rng,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let document =
        Document::read(base.to_string()).map_err(|error| anyhow!("{}: {error}", file.display()))?;
    let judged = Judged::new(&document, base);
    let mut planned = Vec::new();
    let operations = operations(&document);
    let mut all: Vec<(String, Place)> = Vec::new();
    for (called, operation) in &operations {
        let places = places(&judged, *called, operation).into_iter();
        all.extend(places.map(|place| (operation.here.at.to_string(), place)));
    }
    entangle(&mut all);
    for (operation, place) in all {
        let (operation, place): (Rc<str>, Rc<Place>) = (operation.into(), Rc::new(place));
        let edits = schema_edits::edits(base, &place).into_iter().enumerate();
        planned.extend(edits.map(|(index, edit)| Planned {
            position: place.position,
            operation: Rc::clone(&operation),
            place: Some(Rc::clone(&place)),
            kind: edit.kind,
            making: Making::OfSchema(index),
        }));
    }
    for (called, operation) in operations {
        let at: Rc<str> = (&*operation.here.at).into();
        for (position, edit) in operation_edits::edits(&judged, called, &operation) {
            planned.push(Planned {
                position,
                operation: Rc::clone(&at),
                place: None,
                kind: edit.kind,
                making: Making::Built(edit),
            });
        }
    }
    planned.push(Planned {
        position: Position::Operation,
        operation: "".into(),
        place: None,
        kind: "keys-shuffled",
        making: Making::Built(Edit {
            kind: "keys-shuffled",
            changes: Vec::new(),
            least: Weight::Nothing,
            most: Some(Weight::Cosmetic),
            writer: Side::Base,
            shown_by: ShownBy::Document,
        }),
    });
    planned.retain(|it| args.kind.as_ref().is_none_or(|kind| kind == it.kind));
    random.shuffle(&mut planned);
    let tried = |it: &Planned| {
        let cell = tally.cells.get(&(it.kind, it.position));
        cell.map_or(0, |it| it.done + it.skipped / 8)
    };
    planned.sort_by_cached_key(tried);
    let mut made = 0;
    for planned in planned {
        if made >= at_a_time || tally.done >= args.edits {
            break;
        }
        let cell = tally.cells.entry((planned.kind, planned.position)).or_default();
        let Some(edit) = planned.edit(base) else {
            continue;
        };
        match made_of(&judged, &planned, &edit) {
            Made::Skipped(why) => {
                cell.skipped += 1;
                *tally.skipped.entry(why).or_default() += 1;
            }
            Made::Compared(weight, findings) => {
                made += 1;
                tally.done += 1;
                cell.done += 1;
                let is_below = weight < edit.least;
                let is_above = edit.most.is_some_and(|most| weight > most);
                cell.below += usize::from(is_below);
                cell.above += usize::from(is_above);
                tally.below += usize::from(is_below);
                tally.above += usize::from(is_above);
                let told = if is_below { cell.below } else { cell.above };
                if (is_below || is_above) && told <= args.listed {
                    tally
                        .listed
                        .push(misplaced(file, &planned, &edit, weight, &findings));
                }
            }
        }
    }
    Ok(())
}

fn misplaced(file: &Path, planned: &Planned, edit: &Edit, weight: Weight, findings: &str) -> String {
    let (side, wanted) = match edit.most {
        Some(most) if weight > most => ("above", most),
        _ => ("below", edit.least),
    };
    let at = planned.place.as_ref().map_or_else(
        || edit.changes.last().map_or("", |it| it.0.as_str()),
        |place| place.at.as_str(),
    );
    escape(&format!(
        "{side} {} at {} in {}: {}, wanted {} {}\n    {} {at}\n    {findings}",
        edit.kind,
        planned.position.name(),
        file.file_name().unwrap_or_default().to_string_lossy(),
        weight.name(),
        if side == "above" { "at most" } else { "at least" },
        wanted.name(),
        planned.operation,
    ))
}

enum Made {
    Skipped(&'static str),
    Compared(Weight, String),
}

/// Makes an edit, and compares both documents.
fn made_of(base: &Judged<'_>, planned: &Planned, edit: &Edit) -> Made {
    let edited = if edit.kind == "keys-shuffled" {
        Some(reversed(base.value))
    } else {
        edit.applied(base.value)
    };
    let Some(edited) = edited else {
        return Made::Skipped("the edit has no place");
    };
    if edited == *base.value && edit.kind != "keys-shuffled" {
        return Made::Skipped("the edit changes nothing");
    }
    let Ok(revision) = Document::read(edited.to_string()) else {
        return Made::Skipped("the edited document cannot be read");
    };
    let place = planned.place.as_deref();
    if let Some(why) = hidden(
        base,
        &Judged::new(&revision, &edited),
        &planned.operation,
        place,
        edit,
    ) {
        return Made::Skipped(why);
    }
    let report = compare(base.document, &revision, &Options::default());
    let findings: Vec<String> = report
        .findings
        .iter()
        .take(3)
        .map(|it| {
            let undecided = it.undecided.as_deref().map(|why| format!(" (undecided: {why})"));
            format!("{}: {}{}", it.rule, it.title, undecided.unwrap_or_default())
        })
        .collect();
    Made::Compared(Weight::of(report.verdict), findings.join(" | "))
}

/// The document with the members of all objects in reverse order.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .rev()
            .map(|(key, value)| (key.clone(), reversed(value)))
            .collect(),
        Value::Array(items) => items.iter().map(reversed).collect(),
        scalar => scalar.clone(),
    }
}

fn told(tally: &Tally, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(
        out,
        "edits by kind and position: compared/skipped, then ↓ placed too low and ↑ too high"
    )?;
    let used: Vec<Position> = Position::ALL
        .into_iter()
        .filter(|position| tally.cells.keys().any(|it| it.1 == *position))
        .collect();
    let mut kinds: Vec<&str> = tally.cells.keys().map(|it| it.0).collect();
    kinds.dedup();
    for kind in kinds {
        write!(out, "{kind:30}")?;
        for position in &used {
            if let Some(cell) = tally.cells.get(&(kind, *position)) {
                write!(out, "  {} {}/{}", position.name(), cell.done, cell.skipped)?;
                for (mark, count) in [('↓', cell.below), ('↑', cell.above)] {
                    if count > 0 {
                        write!(out, " {mark}{count}")?;
                    }
                }
            }
        }
        writeln!(out)?;
    }
    for line in &tally.listed {
        writeln!(out, "{line}")?;
    }
    for (why, count) in &tally.skipped {
        writeln!(out, "skipped {count}: {why}")?;
    }
    writeln!(
        out,
        "{} edits compared: {} placed too low, {} too high",
        tally.done, tally.below, tally.above
    )?;
    Ok(())
}
