//! The two documents of a comparison: loading their bytes, and reading them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::anyhow;
use openapi_document::{Document, Limits as ReadLimits, Loader};
use openapi_drift::comparable;
use ratio_spec::fetch::{self, Address, Fetched, Headers, Limits, Origin as RemoteFiles, redacted};
use ratio_spec::{Folder, sha256};

use crate::exit::Failure;
use crate::files;
use crate::git::{Files, Kind, Object};
use crate::location::Location;
use crate::report::Origin;
use crate::unfetched;

/// A document that was read, with its origin for the report.
pub struct Loaded {
    /// The source and the digest of the document.
    pub origin: Origin,
    /// The document, with the other files that it refers to.
    pub document: Document,
    /// The `ETag` of the server's response.
    pub etag: Option<String>,
}

/// The result of loading a location.
pub enum Arrived {
    /// A document that has not been read yet.
    New(Box<Unread>),
    /// The server says that the document has not changed since the given `ETag`.
    Unchanged,
}

/// The bytes of a document, and the loader for its references to other files.
pub struct Unread {
    /// The name of the document in the report.
    pub source: String,
    /// The bytes of its first file.
    pub bytes: Vec<u8>,
    /// The `ETag` of the server's response.
    pub etag: Option<String>,
    others: Option<Others>,
}

/// The other files of a document: the name of the document among them, and the loader for them.
struct Others {
    name: String,
    loader: Box<dyn Loader>,
}

impl Unread {
    /// Makes a document of a single file.
    pub fn alone(source: String, bytes: Vec<u8>, etag: Option<String>) -> Self {
        Self {
            source,
            bytes,
            etag,
            others: None,
        }
    }

    /// Loads a document from a local file. Its other files are in the same folder or below it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn file(path: &Path) -> Result<Self, Failure> {
        let source = path.display().to_string();
        let unread = |error: std::io::Error| Failure::unable(anyhow!("{}: {error}", redacted(&source)));
        let bytes = files::read(path, files::DOCUMENT).map_err(unread)?;
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let name = path.file_name().map(|it| it.to_string_lossy().into_owned());
        // A pipe or device has no folder that references could refer to.
        let folder = path
            .is_file()
            .then(|| Folder::new(folder.unwrap_or(Path::new("."))));
        Ok(Self {
            others: name
                .zip(folder.and_then(Result::ok))
                .map(|(name, folder)| Others {
                    name,
                    loader: Box::new(folder),
                }),
            ..Self::alone(source, bytes, None)
        })
    }
}

/// File names under which the document of a folder is searched, in this order.
const ROOTS: [&str; 6] = [
    "openapi.yaml",
    "openapi.yml",
    "openapi.json",
    "api.yaml",
    "api.yml",
    "api.json",
];

/// The headers and limits for fetching documents.
#[derive(Clone, Debug)]
pub struct Access {
    /// Headers for the server of the document. They are sent to no other server.
    pub headers: Headers,
    /// The limits of a fetch.
    pub limits: Limits,
    /// The environment variable that holds headers, for use in advice.
    pub variable: &'static str,
}

impl Access {
    /// The access for another document: the headers are removed, unless both documents come from the same server.
    #[must_use]
    pub fn of_other(&self, document: &Location, other: &Location) -> Self {
        let origin = |location: &Location| match location {
            Location::Remote(address) => url::Url::parse(address.as_str()).ok().map(|url| url.origin()),
            _ => None,
        };
        let (document, other) = (origin(document), origin(other));
        let mut access = self.clone();
        if document.is_some() && document != other {
            access.headers = Headers::default();
        }
        access
    }
}

/// Loads the bytes of a document. `etag` is the `ETag` of a known copy, for a conditional request.
///
/// # Errors
/// When the document cannot be loaded.
pub fn bring(location: &Location, access: &Access, etag: Option<&str>) -> Result<Arrived, Failure> {
    let unread = match location {
        Location::Remote(address) => match fetch::fetch(address, &access.headers, etag, access.limits) {
            Ok(Fetched::Document { bytes, etag }) => fetched(address, access, bytes, etag),
            Ok(Fetched::Unchanged) => return Ok(Arrived::Unchanged),
            Err(error) => {
                let hint = unfetched::hint(error.problem(), access.variable);
                return Err(Failure::unable(error).hint(hint));
            }
        },
        Location::Path(path) if path.is_dir() => Unread::file(&root_of(path)?)?,
        Location::Path(path) => Unread::file(path)?,
        Location::Git(object) => of_commit(object)?,
        Location::Stdin => {
            let bytes = files::read_within(std::io::stdin().lock(), files::DOCUMENT)
                .map_err(|error| Failure::unable(anyhow!("standard input: {error}")))?;
            Unread::alone("<stdin>".to_owned(), bytes, None)
        }
    };
    Ok(Arrived::New(Box::new(unread)))
}

fn fetched(address: &Address, access: &Access, bytes: Vec<u8>, etag: Option<String>) -> Unread {
    // An address that does not name a file has no other files beside it.
    let origin = RemoteFiles::new(address, access.headers.clone(), access.limits).ok();
    Unread {
        others: origin.map(|origin| Others {
            name: origin.document().to_owned(),
            loader: Box::new(origin),
        }),
        ..Unread::alone(address.to_string(), bytes, etag)
    }
}

fn root_of(folder: &Path) -> Result<std::path::PathBuf, Failure> {
    let found = ROOTS
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file());
    found.ok_or_else(|| no_root(&folder.display().to_string()))
}

fn no_root(folder: &str) -> Failure {
    Failure::unable(anyhow!(
        "{}: the folder holds no document: none of {}",
        redacted(folder),
        ROOTS.join(", ")
    ))
    .hint("name the file that the document begins in")
}

/// Loads the document at a path in a commit.
fn of_commit(object: &Object) -> Result<Unread, Failure> {
    let unread = |why: String| {
        Failure::unable(anyhow!("{}: {why}", object.shown()))
            .hint("`REV:PATH` names a file of a commit, by its path from the root of the repository")
    };
    let (object, bytes) = match object.kind().map_err(unread)? {
        Kind::File => (object.clone(), object.bytes(files::DOCUMENT).map_err(unread)?),
        Kind::Folder => {
            let mut roots = ROOTS.iter().map(|name| object.below(name));
            let root = roots.find_map(|root| Some((root.bytes(files::DOCUMENT).ok()?, root)));
            let (bytes, root) = root.ok_or_else(|| no_root(&object.to_string()))?;
            (root, bytes)
        }
    };
    let (folder, name) = object.parted();
    Ok(Unread {
        others: Some(Others {
            name,
            loader: Box::new(Files(folder)),
        }),
        ..Unread::alone(object.to_string(), bytes, None)
    })
}

/// Reads bytes as a document, with the other files that it refers to.
///
/// # Errors
/// When the bytes are not an OpenAPI document that can be compared. The error has the position.
pub fn load(unread: Unread) -> Result<Loaded, Failure> {
    let Unread {
        source,
        bytes,
        etag,
        others,
    } = unread;
    let own = sha256(&bytes);
    let mut digests = BTreeMap::new();
    let read = match others {
        Some(Others { name, loader }) => {
            let mut loader = Digesting {
                loader,
                digests: &mut digests,
            };
            Document::read_with(bytes, &name, &ReadLimits::default(), &mut loader)
        }
        None => Document::read(bytes),
    };
    let document = read
        .and_then(|it| comparable(&it).map(|()| it))
        .map_err(|error| {
            Failure::unable(anyhow!("{source} cannot be compared: {error}"))
                .hint("check that this is the vendor's OpenAPI document, whole and in JSON or YAML")
        })?;
    Ok(Loaded {
        origin: Origin {
            sha256: digest(own, &digests),
            source,
        },
        document,
        etag,
    })
}

/// A loader that records the digest of each file that it loads.
struct Digesting<'a> {
    loader: Box<dyn Loader>,
    digests: &'a mut BTreeMap<String, String>,
}

impl Loader for Digesting<'_> {
    fn load(&mut self, name: &str, limit: usize) -> Result<Vec<u8>, String> {
        let bytes = self.loader.load(name, limit)?;
        self.digests.insert(name.to_owned(), sha256(&bytes));
        Ok(bytes)
    }

    fn name_of(&self, reference: &str) -> Option<String> {
        self.loader.name_of(reference)
    }
}

/// The digest of a document: of its single file, or of the list of all files' digests.
fn digest(own: String, others: &BTreeMap<String, String>) -> String {
    if others.is_empty() {
        return own;
    }
    let lines = others.iter().map(|(name, digest)| format!("{digest}  {name}\n"));
    sha256(format!("{own}\n{}", lines.collect::<String>()).as_bytes())
}
