//! Generates the client from the pinned document: pin → verify → select → prepare → progenitor.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, panic, process};

use ratio_spec::{Pin, Source, generate, prepare, select};

/// The argument with which this script runs itself to generate the code.
const APART: &str = "generate";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=spec");
    let told = if env::args().any(|argument| argument == APART) {
        generate_here()
    } else {
        generate_apart()
    };
    if let Err(error) = told {
        // Cargo reads the output line by line, so the message must be on one line.
        println!("cargo::error={}", error.to_string().replace(['\n', '\r'], " "));
        process::exit(1);
    }
}

/// Runs this script again in a child process to generate. On some documents the generator panics or overflows its
/// stack; this is then reported as one sentence. A backtrace would not help a user of this crate.
fn generate_apart() -> Result<(), Box<dyn Error>> {
    let status = Command::new(env::current_exe()?)
        .arg(APART)
        .stderr(Stdio::null())
        .status()?;
    match status.code() {
        Some(0) => Ok(()),
        // The child process has already printed the reason.
        Some(1) => process::exit(1),
        _ => Err(format!(
            "no client can be generated from the document: the process that generates ended without an answer ({status})"
        )
        .into()),
    }
}

fn generate_here() -> Result<(), Box<dyn Error>> {
    panic::catch_unwind(build).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("the build script gave up: {}", text.unwrap_or("no reason given")).into())
    })
}

fn build() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let pin = Pin::read(root.join("spec/pin.toml"))?;
    let source = if let Some(source) = elsewhere()? {
        let same = if source.sha256() == pin.sha256() {
            "is the pin"
        } else {
            "differs from the pin"
        };
        println!(
            "cargo::warning=built from {}, sha256 {}, which {same}",
            source.origin(),
            source.sha256()
        );
        source
    } else {
        let source = Source::read(pin.document())?;
        pin.verify(&source)?;
        source
    };
    let code = generate(&prepare(&source, select(&source, &pin)?, &pin)?)?;
    let pinned = source.sha256() == pin.sha256();
    let facts = format!(
        "\npub(crate) const PIN: crate::pin::Pin = \
         crate::pin::Pin {{ source: {:?}, retrieved: {:?}, sha256: {:?} }};\n",
        if pinned { pin.source() } else { source.origin() },
        pinned.then(|| pin.retrieved()),
        source.sha256(),
    );
    let out = Path::new(&env::var("OUT_DIR")?).join("generated.rs");
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo runs this again when it was interrupted"
    )]
    fs::write(out, code + &facts)?;
    Ok(())
}

/// The document that `RATIO_API_DOCS` names, an https URL or a file, if the feature `fetch-spec` is on.
///
/// If the document cannot be read, the build fails. It never falls back to the pin.
#[cfg(feature = "fetch-spec")]
fn elsewhere() -> Result<Option<Source>, Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=RATIO_API_DOCS");
    let Ok(from) = env::var("RATIO_API_DOCS") else {
        return Ok(None);
    };
    if from.contains(char::is_control) {
        // Cargo interprets each line that this script prints.
        return Err(
            "RATIO_API_DOCS holds a line break or another control character; name a file or an https URL"
                .into(),
        );
    }
    if from.contains("://") {
        return Ok(Some(Source::fetch(&from, ratio_spec::Limits::default())?));
    }
    println!("cargo::rerun-if-changed={from}");
    Ok(Some(Source::read(&from)?))
}

/// Without the feature `fetch-spec` the build is hermetic.
#[cfg(not(feature = "fetch-spec"))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as with the feature")]
fn elsewhere() -> Result<Option<Source>, Box<dyn Error>> {
    Ok(None)
}
