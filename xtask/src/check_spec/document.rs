//! The two documents under comparison: where they come from, with the files beside them that they refer to.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::anyhow;
use openapi_document::Limits as Bounds;
use openapi_drift::{Document, comparable};
use ratio_spec::{Folder, Pin};
use sha2::{Digest, Sha256};

use super::report::Origin;
use super::unfetched;
use crate::exit::Failure;
use crate::files;
use ratio_spec::fetch::{self, Address, Fetched, Headers, Limits, Origin as Server, redacted};

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
        beside: Beside,
    },
    /// The server says that the document still carries the tag we know.
    Unchanged,
}

/// Where the other files of a document are to be had.
pub(crate) enum Beside {
    /// Nowhere: the document came through a pipe, or is whole by itself.
    Nowhere,
    /// In the document's folder; the name of the document there.
    Folder(String, Folder),
    /// At the server that the document came from.
    Server(Box<Server>),
}

impl Beside {
    fn file(path: &Path) -> Self {
        let folder = match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let name = path.file_name().and_then(|name| name.to_str());
        let found = name.zip(Folder::new(folder).ok());
        found.map_or(Self::Nowhere, |(name, folder)| {
            Self::Folder(name.to_owned(), folder)
        })
    }

    fn address(address: &Address, headers: &Headers, limits: Limits) -> Self {
        let server = Server::new(address, headers.clone(), limits);
        // What is relative to an address that is no name of a file is told where it is referred to.
        server.map_or(Self::Nowhere, |it| Self::Server(Box::new(it)))
    }
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
                beside: Beside::address(address, headers, limits),
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
                beside: Beside::file(path),
            })
        }
        Location::Stdin => {
            let bytes = files::read_within(std::io::stdin().lock(), files::DOCUMENT)
                .map_err(|error| Failure::unable(anyhow!("standard input: {error}")))?;
            Ok(Arrived::Bytes {
                source: "<stdin>".to_owned(),
                bytes,
                etag: None,
                beside: Beside::Nowhere,
            })
        }
    }
}

/// Reads bytes as a document, with the files beside it that it refers to.
///
/// # Errors
/// When they are not an OpenAPI document that can be compared, with the place.
pub(crate) fn load(
    source: String,
    bytes: Vec<u8>,
    etag: Option<String>,
    beside: Beside,
) -> Result<Loaded, Failure> {
    let bounds = Bounds::default();
    let read = match beside {
        Beside::Nowhere => Document::read_within(bytes.as_slice(), &bounds),
        Beside::Folder(name, mut folder) => {
            Document::read_with(bytes.as_slice(), &name, &bounds, &mut folder)
        }
        Beside::Server(mut server) => {
            let name = server.document().to_owned();
            Document::read_with(bytes.as_slice(), &name, &bounds, &mut *server)
        }
    };
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
    // The digest is of one file.
    load(source, bytes, None, Beside::Nowhere)
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

#[cfg(test)]
mod tests {
    use super::Location;

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
