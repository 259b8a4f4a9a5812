//! Compares reading documents with the usual readers: `serde_json` into `Value` for JSON, and `serde-saphyr` into
//! `Value` for YAML. A YAML document is also compared with `serde_json` reading the same document as JSON. Time is the
//! fastest of several alternating readings; memory is the size of a document after it is read.

use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use openapi_drift::Document;
use serde_json::Value;

use crate::exit::{Exit, Outcome};

/// Read documents with us and with the usual readers, and print the ratios
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The documents, JSON or YAML
    #[arg(required = true)]
    documents: Vec<PathBuf>,
    /// How often each reading is taken; the fastest counts
    #[arg(long, default_value_t = 9)]
    runs: usize,
}

pub(crate) fn run(args: &Args, out: &mut dyn Write) -> Outcome {
    writeln!(
        out,
        "{:32} {:>10} {:>8} {:>8} {:>8}   time   to JSON   held memory",
        "", "bytes", "usual", "as JSON", "ours"
    )?;
    for path in &args.documents {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        document(path, &bytes, args.runs, out)?;
    }
    Ok(Exit::Success)
}

fn document(path: &Path, bytes: &[u8], runs: usize, out: &mut dyn Write) -> anyhow::Result<()> {
    let is_json = bytes.iter().find(|it| !it.is_ascii_whitespace()) == Some(&b'{');
    let usual = || -> anyhow::Result<Value> {
        Ok(if is_json {
            serde_json::from_slice(bytes)?
        } else {
            serde_saphyr::from_str(std::str::from_utf8(bytes)?).map_err(|error| anyhow!("{error}"))?
        })
    };
    let ours = || Document::read(bytes).map_err(|error| anyhow!("{error}"));
    let json = serde_json::to_vec(&usual()?)?;
    let as_json = || {
        Ok(serde_json::from_slice::<Value>(if is_json {
            bytes
        } else {
            &json
        })?)
    };
    let (mut fastest, mut own, mut least) = (Duration::MAX, Duration::MAX, Duration::MAX);
    for _ in 0..runs.max(1) {
        fastest = fastest.min(timed(&usual)?);
        own = own.min(timed(&ours)?);
        least = least.min(timed(&as_json)?);
    }
    let held = [held(&usual)?, held(&ours)?];
    writeln!(
        out,
        "{:32} {:>10} {:>5.1} ms {:>5.1} ms {:>5.1} ms   {:.2}×  {:.2}×   {:.2}× ({:.1} to {:.1} bytes a byte)",
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .escape_debug()
            .to_string(),
        bytes.len(),
        fastest.as_secs_f64() * 1e3,
        least.as_secs_f64() * 1e3,
        own.as_secs_f64() * 1e3,
        own.as_secs_f64() / fastest.as_secs_f64(),
        own.as_secs_f64() / least.as_secs_f64(),
        ratio(held[1], held[0]),
        ratio(held[0], bytes.len() as u64),
        ratio(held[1], bytes.len() as u64),
    )?;
    Ok(())
}

/// The time of a reading, without the time to drop its result.
fn timed<T>(read: &impl Fn() -> anyhow::Result<T>) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let document = black_box(read()?);
    let time = start.elapsed();
    drop(document);
    Ok(time)
}

/// The bytes that a document holds once it is read.
fn held<T>(read: &impl Fn() -> anyhow::Result<T>) -> anyhow::Result<u64> {
    let mut document = None;
    let counted = allocation_counter::measure(|| document = Some(read()));
    document.transpose()?;
    Ok(u64::try_from(counted.bytes_current).unwrap_or_default())
}

#[expect(clippy::cast_precision_loss, reason = "two digits are printed")]
fn ratio(of: u64, to: u64) -> f64 {
    of as f64 / to.max(1) as f64
}
