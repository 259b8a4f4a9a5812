//! Loads the other files of a document from disk.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use openapi_document::Loader;

/// Loads the other files of a document from a folder.
///
/// Links are followed only within the folder. Files outside the folder and anything that is not a regular file are
/// refused.
///
/// ```
/// use openapi_document::Loader as _;
/// use ratio_spec::Folder;
///
/// let mut folder = Folder::new("src")?;
/// assert!(folder.load("prepare/mod.rs", 1_000_000).is_ok());
/// assert!(folder.load("../Cargo.toml", 1_000_000).is_err());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Folder {
    /// The canonical path without links, for checking whether a file is below it.
    root: PathBuf,
}

impl Folder {
    /// Makes a loader for the folder at `path`.
    ///
    /// # Errors
    /// When it does not exist or cannot be accessed.
    pub fn new(path: impl AsRef<Path>) -> io::Result<Self> {
        let root = path.as_ref().canonicalize()?;
        if !root.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { root })
    }
}

impl Loader for Folder {
    fn load(&mut self, name: &str, limit: usize) -> Result<Vec<u8>, String> {
        let is_below = Path::new(name)
            .components()
            .all(|step| matches!(step, Component::Normal(_)));
        if name.is_empty() || !is_below {
            return Err("it is no name of a file below the document's folder".to_owned());
        }
        let unread = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            _ => format!("it cannot be read: {error}"),
        };
        // Use the canonical path, since even an allowed name may lead elsewhere through a link.
        let path = self.root.join(name).canonicalize().map_err(unread)?;
        if !path.starts_with(&self.root) {
            return Err("a link leads out of the document's folder and is not followed".to_owned());
        }
        // Opening a pipe would wait for a writer.
        if !path.metadata().map_err(unread)?.is_file() {
            return Err("it is no regular file".to_owned());
        }
        let mut bytes = Vec::new();
        // Read one more byte to distinguish "exactly at the limit" from "over the limit", regardless of the file's
        // stated size.
        let most = (limit as u64).saturating_add(1);
        let file = File::open(path).map_err(unread)?;
        file.take(most).read_to_end(&mut bytes).map_err(unread)?;
        if bytes.len() > limit {
            return Err(format!(
                "it is larger than the {limit} bytes that are left to read"
            ));
        }
        Ok(bytes)
    }
}
