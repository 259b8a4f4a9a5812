//! The two documents under comparison: where they come from, and where their places are.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::anyhow;
use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use openapi_drift::{Document, comparable};
use ratio_spec::Pin;
use sha2::{Digest, Sha256};

use super::report::Origin;
use super::unfetched;
use crate::exit::Failure;
use crate::files;
use ratio_spec::fetch::{self, Address, Fetched, Headers, Limits, redacted};

/// Where staging's document is to be had.
#[derive(Clone, Debug)]
pub(crate) enum Location {
    Remote(Address),
    File(PathBuf),
    Stdin,
}

/// The vendor's environments, by the names that may stand for their addresses.
const ENVIRONMENTS: [(&str, &str); 3] = [
    ("staging", "https://api.staging.ratio.me/v1/api-docs"),
    ("production", "https://api.ratio.me/v1/api-docs"),
    ("sandbox", "https://api.sandbox.ratio.me/v1/api-docs"),
];

impl FromStr for Location {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let remote = |text: &str| {
            text.parse()
                .map(Self::Remote)
                .map_err(|error: fetch::AddressError| match error {
                    fetch::AddressError::Credentials => format!("{error}; pass them with --header instead"),
                    other => other.to_string(),
                })
        };
        if text == "-" {
            return Ok(Self::Stdin);
        }
        if let Some((_, address)) = ENVIRONMENTS.iter().find(|(name, _)| *name == text) {
            return remote(address);
        }
        // The slashes may be missing or turned: that is no reason to look for a file of this name, and to print it.
        let scheme = text.trim_start().split(':').next().unwrap_or_default();
        let is_web = ["http", "https", "ws", "wss", "ftp", "file"]
            .iter()
            .any(|it| scheme.eq_ignore_ascii_case(it));
        if text.contains("://") || text.contains(':') && is_web {
            remote(text)
        } else {
            Ok(Self::File(PathBuf::from(text)))
        }
    }
}

/// A document that was read, and what it is called in the report.
pub(crate) struct Loaded {
    pub(crate) origin: Origin,
    pub(crate) document: Document,
    pub(crate) bytes: Vec<u8>,
    /// The tag the server gave it.
    #[allow(dead_code, reason = "kept for the command that writes the pin")]
    pub(crate) etag: Option<String>,
}

/// What a location holds.
pub(crate) enum Arrived {
    Bytes {
        source: String,
        bytes: Vec<u8>,
        etag: Option<String>,
    },
    /// The server says that the document still carries the tag we know.
    Unchanged,
}

/// Brings the bytes of a document.
///
/// # Errors
/// When they cannot be had; `etag` is the tag of the copy at hand, for a server to compare.
pub(crate) fn bring(
    location: &Location,
    headers: &Headers,
    etag: Option<&str>,
    limits: Limits,
) -> Result<Arrived, Failure> {
    match location {
        Location::Remote(address) => match fetch::fetch(address, headers, etag, limits) {
            Ok(Fetched::Document { bytes, etag }) => Ok(Arrived::Bytes {
                source: address.to_string(),
                bytes,
                etag,
            }),
            Ok(Fetched::Unchanged) => Ok(Arrived::Unchanged),
            Err(error) => {
                let hint = unfetched::hint(error.problem());
                Err(Failure::unable(error).hint(hint))
            }
        },
        Location::File(path) => {
            let source = shown(path);
            let bytes = files::read(path, files::DOCUMENT)
                .map_err(|error| Failure::unable(anyhow!("{}: {error}", redacted(&source))))?;
            Ok(Arrived::Bytes {
                source,
                bytes,
                etag: None,
            })
        }
        Location::Stdin => {
            let bytes = files::read_within(std::io::stdin().lock(), files::DOCUMENT)
                .map_err(|error| Failure::unable(anyhow!("standard input: {error}")))?;
            Ok(Arrived::Bytes {
                source: "<stdin>".to_owned(),
                bytes,
                etag: None,
            })
        }
    }
}

/// Reads bytes as a document.
///
/// # Errors
/// When they are not an OpenAPI document that can be compared, with the place.
pub(crate) fn load(source: String, bytes: Vec<u8>, etag: Option<String>) -> Result<Loaded, Failure> {
    let read = Document::read(bytes.as_slice());
    let document = read
        .and_then(|it| comparable(&it).map(|()| it))
        .map_err(|error| {
            Failure::unable(anyhow!("{source} cannot be compared: {error}"))
                .hint("check that this is the vendor's OpenAPI document, whole and in JSON or YAML")
        })?;
    Ok(Loaded {
        origin: Origin {
            sha256: sha256(&bytes),
            source,
        },
        document,
        bytes,
        etag,
    })
}

/// The pinned document as `pin.toml` names it, checked against its digest.
///
/// # Errors
/// When it is missing or is not what was pinned.
pub(crate) fn pinned(pin: &Pin) -> Result<Loaded, Failure> {
    let path = pin.document();
    let source = shown(&path);
    let bytes =
        files::read(&path, files::DOCUMENT).map_err(|error| Failure::usage(anyhow!("{source}: {error}")))?;
    if sha256(&bytes) != pin.sha256() {
        return Err(Failure::usage(anyhow!(
            "{source} is not the document that {} pins: its sha256 differs",
            shown(Path::new(pin.origin()))
        ))
        .hint("restore it from version control, or pin anew with `cargo xtask pin-spec`"));
    }
    load(source, bytes, None)
}

/// Hex SHA-256 of some bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// A path as reports print it: relative to the workspace where it lies inside, so that annotations
/// find the file and two machines print the same.
pub(crate) fn shown(path: &Path) -> String {
    let root = crate::workspace::root();
    path.strip_prefix(&root).unwrap_or(path).display().to_string()
}

/// The lines on which places of a JSON text begin, counted from one.
pub(crate) struct Lines(HashMap<String, usize>);

impl Lines {
    /// Looks the pointers up in `text`; one that is not JSON has no lines.
    pub(crate) fn find<'p>(text: &[u8], pointers: impl Iterator<Item = &'p str>) -> Self {
        let mut lines = HashMap::new();
        let parsed = std::str::from_utf8(text).ok().and_then(|text| {
            let parsed = jsonc_parser::parse_to_ast(
                text,
                &jsonc_parser::CollectOptions::default(),
                &jsonc_parser::ParseOptions::default(),
            );
            Some((text, parsed.ok()?.value?))
        });
        if let Some((text, root)) = parsed {
            let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
            for pointer in pointers {
                if let Some(start) = locate(&root, pointer) {
                    lines.insert(pointer.to_owned(), ends.partition_point(|end| *end < start) + 1);
                }
            }
        }
        Self(lines)
    }

    pub(crate) fn of(&self, pointer: &str) -> Option<usize> {
        self.0.get(pointer).copied()
    }
}

/// Where a place begins: at its key, if it has one.
fn locate(root: &ast::Value<'_>, pointer: &str) -> Option<usize> {
    let mut value = root;
    let mut start = value.start();
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        match value {
            ast::Value::Object(object) => {
                let property = object
                    .properties
                    .iter()
                    .find(|property| property.name.as_str() == step)?;
                (start, value) = (property.range.start, &property.value);
            }
            ast::Value::Array(array) => {
                value = array.elements.get(step.parse::<usize>().ok()?)?;
                start = value.start();
            }
            _ => return None,
        }
    }
    Some(start)
}

#[cfg(test)]
mod tests {
    use super::{Lines, Location};

    #[test]
    fn a_place_is_found_on_the_line_of_its_key() {
        let text = b"{\n  \"paths\": {\n    \"/a\": {\n      \"x\": [1,\n 2]\n    }\n  }\n}";
        let pointers = ["/paths/~1a", "/paths/~1a/x/1", "/paths/~1b", ""];
        let lines = Lines::find(text, pointers.into_iter());
        assert_eq!(
            pointers.map(|pointer| lines.of(pointer)),
            [Some(3), Some(5), None, Some(1)]
        );
    }

    #[test]
    fn a_location_is_an_environment_a_url_a_file_or_standard_input() {
        let kind = |text: &str| match text.parse::<Location>() {
            Ok(Location::Remote(address)) => address.to_string(),
            Ok(Location::File(path)) => format!("file {}", path.display()),
            Ok(Location::Stdin) => "stdin".to_owned(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(kind("production"), "https://api.ratio.me/v1/api-docs");
        assert_eq!(kind("https://x.example/docs"), "https://x.example/docs");
        assert_eq!(kind("docs.yaml"), "file docs.yaml");
        assert_eq!(kind("-"), "stdin");
        assert!(kind("http://x.example/docs").starts_with("error: plain http"));
        for credentials in [
            "https:me:hunter2@x.example",
            "HTTPS:/\\me:hunter2@x.example",
            " https:me:hunter2@x",
        ] {
            let refused = kind(credentials);
            assert!(
                refused.starts_with("error: ") && !refused.contains("hunter2"),
                "{refused}"
            );
        }
    }
}
