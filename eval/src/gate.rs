//! What the judge of messages says of the engine's proofs: each breaking finding's message is written by the document
//! that allows it, and judged under both.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use openapi_document::view::{MediaName, MediaType, Operation, Operations, Response as Answer};
use openapi_drift::{Document, Finding, Level, Options, Side, Touched, compare};
use openapi_wire::{Contract, Judgement, Part, Verdict, write_request, write_response};
use serde_json::Value;

use crate::exit::{Exit, Outcome};
use crate::text::escape;

/// Judge the messages of breaking findings under both documents, and print what is contradicted
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The document that callers were built from
    base: PathBuf,
    /// The document that is served now
    revision: PathBuf,
    /// Exit with 1 where a message is contradicted
    #[arg(long)]
    strict: bool,
}

/// What became of one finding's message.
enum Judged {
    Confirmed,
    /// Why the claim does not hold, as the judge sees it.
    Contradicted(String),
    /// Why the judge cannot tell.
    CannotTell(String),
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    let read = |path: &Path| -> anyhow::Result<Document> {
        Document::read(std::fs::read(path)?).map_err(|error| anyhow!("{}: {error}", path.display()))
    };
    let (base, revision) = (read(&args.base)?, read(&args.revision)?);
    let report = compare(&base, &revision, &Options::default());
    let (mut confirmed, mut contradicted) = (0_usize, 0_usize);
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for finding in report.findings.iter().filter(|it| it.level == Level::Breaking) {
        match judged(&base, &revision, finding) {
            Judged::Confirmed => confirmed += 1,
            Judged::Contradicted(why) => {
                contradicted += 1;
                writeln!(
                    out,
                    "contradicted {}: {}: {}",
                    finding.rule,
                    escape(&finding.title),
                    escape(&why)
                )?;
            }
            Judged::CannotTell(why) => *open.entry(why).or_default() += 1,
        }
    }
    let untold: usize = open.values().sum();
    writeln!(
        out,
        "{confirmed} confirmed, {contradicted} contradicted, {untold} cannot be told"
    )?;
    for (why, count) in open {
        writeln!(out, "  {count}: {}", escape(&why))?;
    }
    Ok(if args.strict && contradicted > 0 {
        Exit::Found
    } else {
        Exit::Success
    })
}

fn judged(base: &Document, revision: &Document, finding: &Finding) -> Judged {
    let cannot = |why: &str| Judged::CannotTell(why.to_owned());
    let Some((touched, message)) = finding
        .operations
        .iter()
        .find_map(|it| Some((it, it.message.as_deref()?)))
    else {
        return cannot("the finding has no message");
    };
    let Some(witness) = &finding.witness else {
        return cannot("the finding has no witness");
    };
    let (allowing, refusing) = match witness.accepted_by {
        Side::Base => (base, revision),
        Side::Revision => (revision, base),
    };
    let judge = |document: &Document| match message.get("status") {
        Some(status) => answer(allowing, document, touched, status, message),
        None => request(allowing, document, touched, message),
    };
    let (allowed, refused) = match (judge(allowing), judge(refusing)) {
        (Ok(allowed), Ok(refused)) => (allowed, refused),
        (Err(why), _) | (_, Err(why)) => return Judged::CannotTell(why),
    };
    match (allowed.verdict(), refused.verdict()) {
        (Verdict::Refused, _) => {
            Judged::Contradicted(format!("the allowing document refuses it: {}", told(&allowed)))
        }
        (_, Verdict::Accepted) if allowed.read == refused.read => {
            Judged::Contradicted("the refusing document accepts it".to_owned())
        }
        (_, Verdict::CannotTell) => Judged::CannotTell(refused.doubts[0].why.clone()),
        (Verdict::CannotTell, _) => Judged::CannotTell(allowed.doubts[0].why.clone()),
        (Verdict::Accepted, _) => Judged::Confirmed,
    }
}

fn told(judgement: &Judgement) -> String {
    let refusals = judgement.refusals.iter().take(2);
    let told = refusals.map(|it| format!("{} at {:?}: {}", it.part, it.pointer, it.why));
    told.collect::<Vec<_>>().join("; ")
}

/// The operation as a document has it.
fn operation<'d>(document: &'d Document, touched: &Touched) -> Result<Operation<'d>, String> {
    let paths = Operations::of_paths(document);
    let found = paths.get(&touched.method, &touched.path).cloned();
    found.ok_or_else(|| "the operation is called back, or is in one document only".to_owned())
}

fn content_type(message: &Value) -> Option<MediaName> {
    let headers = message.get("headers")?.as_object()?;
    let value = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))?
        .1;
    value.as_str().map(MediaName::parse)
}

fn entry<'d>(content: Vec<MediaType<'d>>, sent: Option<&MediaName>) -> Option<MediaType<'d>> {
    let mut content = content.into_iter();
    match sent {
        Some(sent) => content.find(|it| it.name == *sent),
        None => content.next(),
    }
}

fn request(
    writer: &Document,
    reader: &Document,
    touched: &Touched,
    message: &Value,
) -> Result<Judgement, String> {
    let own = operation(writer, touched)?;
    let values: Vec<(Part, Value)> = ["path_parameters", "query", "headers", "cookies"]
        .into_iter()
        .flat_map(|group| {
            let members = message
                .get(group)
                .and_then(Value::as_object)
                .into_iter()
                .flatten();
            members.map(move |(name, value)| {
                let part = match group {
                    "path_parameters" => Part::Path(name.clone()),
                    "query" => Part::Query(name.clone()),
                    "headers" => Part::Header(name.to_ascii_lowercase()),
                    _ => Part::Cookie(name.clone()),
                };
                (part, value.clone())
            })
        })
        .collect();
    let media_type = match (message.get("body"), own.request_body(writer)) {
        (Some(_), Some(Ok(body))) => entry(body.content(), content_type(message).as_ref()),
        _ => None,
    };
    let body = media_type.as_ref().zip(message.get("body"));
    if message.get("body").is_some() && body.is_none() {
        return Err("the body's media type is not one that the document lists".to_owned());
    }
    let request = write_request(writer, &own, &values, body).map_err(|error| error.to_string())?;
    Ok(Contract::new(reader).request(&request))
}

fn answer(
    writer: &Document,
    reader: &Document,
    touched: &Touched,
    status: &Value,
    message: &Value,
) -> Result<Judgement, String> {
    let status = status
        .as_u64()
        .and_then(|it| u16::try_from(it).ok())
        .ok_or("the status is no number")?;
    let own = operation(writer, touched)?;
    let answers: Vec<Answer<'_>> = own.responses(writer).into_iter().flatten().collect();
    let declared = Answer::declared_for(&answers, status).ok_or("the status is not declared")?;
    let media_type = message
        .get("body")
        .and_then(|_| entry(declared.content(), content_type(message).as_ref()));
    if message.get("body").is_some() && media_type.is_none() {
        return Err("the body's media type is not one that the document lists".to_owned());
    }
    let body = media_type.as_ref().zip(message.get("body"));
    let response = write_response(writer, status, body).map_err(|error| error.to_string())?;
    let read_by = operation(reader, touched)?;
    Ok(Contract::new(reader).response(&read_by, &response))
}
