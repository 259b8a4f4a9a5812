//! Reads and writes files. Reading is limited in size, because a path may lead to an endless device or pipe; writing is
//! atomic.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Maximum size of a document or corpus, in bytes.
pub const DOCUMENT: u64 = 100_000_000;

/// Maximum size of a configuration file, in bytes.
const CONFIGURATION: u64 = 32_000_000;

/// Reads a file of at most `most` bytes.
///
/// # Errors
/// When the file cannot be read, is larger, or is a named pipe.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    if is_named_pipe(path) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is a named pipe, which may never be written to; name a file",
        ));
    }
    let file = File::open(path)?;
    // A file of known size is read into as much memory as it needs. A pipe has no size.
    let size = file.metadata()?.len().min(most);
    read_into(Vec::with_capacity(usize::try_from(size).unwrap_or(0)), file, most)
}

/// Whether a path is a named pipe, which may stand in a folder that somebody else has made: opening it waits for a
/// writer, perhaps forever. A pipe that a shell has opened already, such as `/dev/stdin`, is none.
fn is_named_pipe(path: &Path) -> bool {
    let is_opened = ["/dev", "/proc"].iter().any(|it| path.starts_with(it));
    !is_opened && std::fs::metadata(path).is_ok_and(|it| is_pipe(it.file_type()))
}

/// Reads a configuration file as text. It may also be a pipe, such as from process substitution in a shell.
///
/// # Errors
/// When it cannot be read, is larger than 32 MB or is not UTF-8.
pub fn read_configuration(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path, CONFIGURATION)?).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("not UTF-8 text after byte {valid}"),
        )
    })
}

/// Reads at most `most` bytes until the end.
///
/// # Errors
/// When reading fails or there are more bytes.
pub fn read_within(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    read_into(Vec::new(), reader, most)
}

fn read_into(mut bytes: Vec<u8>, reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    // Read one more byte to distinguish "exactly at the limit" from "over the limit".
    reader.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!(
                "larger than {} MB, which is the most that is read",
                most / 1_000_000
            ),
        ));
    }
    Ok(bytes)
}

/// Writes bytes to a path. A regular file is replaced atomically. A pipe or device such as `/dev/stdout` cannot be
/// replaced, so the bytes are written to it. A symbolic link to a file is refused, because another user may have
/// created it to overwrite its target.
///
/// # Errors
/// When writing fails, or the path is a link to something other than a pipe or device.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if std::fs::metadata(path).is_ok_and(|it| takes_bytes(it.file_type())) {
        let mut stream = std::fs::OpenOptions::new().write(true).open(path)?;
        return stream.write_all(bytes);
    }
    if path.is_symlink() {
        let why = "it is a link, which is not followed; name the file that it leads to";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    write_atomically(path, bytes)
}

/// Whether a file of this type is a stream that passes bytes on.
#[cfg(unix)]
fn takes_bytes(kind: std::fs::FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    kind.is_char_device() || is_pipe(kind)
}

#[cfg(not(unix))]
fn takes_bytes(_: std::fs::FileType) -> bool {
    false
}

#[cfg(unix)]
fn is_pipe(kind: std::fs::FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    kind.is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: std::fs::FileType) -> bool {
    false
}

/// Replaces a file atomically: a reader sees either the old or the new bytes, even after a crash. Something that is not
/// a regular file, such as `/dev/null`, is never replaced, since this would affect all its users.
///
/// # Errors
/// When the folder cannot be written to, or the path is not a regular file.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if std::fs::metadata(path).is_ok_and(|it| !it.is_file()) {
        let why = "it is no regular file, and is not replaced by one";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        // The error of the next step would name the temporary file.
        let why = "its folder does not exist; create it first";
        return Err(io::Error::new(io::ErrorKind::NotFound, why));
    }
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    // A temporary file is readable by its owner only, but a report gets the usual permissions.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_or(0o644, |old| old.permissions().mode() & 0o777);
        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The rename is durable only after the folder is synchronized.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// A lock on a file's folder, for code that reads, changes and writes the file. It prevents lost updates by concurrent
/// runs. It is released when it is dropped, and when the process ends.
///
/// The folder is locked instead of the file, since replacing a file would discard a lock on it. Where folders cannot be
/// locked (Windows, some network drives), there is no lock.
#[derive(Debug)]
pub struct FolderLock(#[allow(dead_code, reason = "the lock ends with its file")] Option<File>);

impl FolderLock {
    /// Waits until no other run holds the lock.
    ///
    /// # Errors
    /// When locking fails.
    pub fn wait(file: &Path) -> io::Result<Self> {
        Self::held(file, File::lock)
    }

    /// Takes the lock, or returns `None` if another run holds it.
    ///
    /// # Errors
    /// When locking fails.
    pub fn now(file: &Path) -> io::Result<Option<Self>> {
        match Self::held(file, |folder| folder.try_lock().map_err(io::Error::from)) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            held => held.map(Some),
        }
    }

    /// Takes the lock with the function `lock`, if folders can be locked.
    fn held(file: &Path, lock: impl FnOnce(&File) -> io::Result<()>) -> io::Result<Self> {
        let Ok(folder) = File::open(folder_of(file)) else {
            return Ok(Self(None));
        };
        match lock(&folder) {
            Ok(()) => Ok(Self(Some(folder))),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(Self(None)),
            Err(error) => Err(error),
        }
    }
}

/// A unique path of a file, which may not exist yet, regardless of how the given path is written.
pub(crate) fn identity(file: &Path) -> PathBuf {
    let named = || Some(folder_of(file).canonicalize().ok()?.join(file.file_name()?));
    file.canonicalize()
        .ok()
        .or_else(named)
        .unwrap_or_else(|| file.to_owned())
}

/// The folder of a file, which may not exist yet.
fn folder_of(file: &Path) -> &Path {
    file.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read as _};

    use super::{FolderLock, read_within, write_atomically};

    #[test]
    fn a_folder_is_held_by_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("drift.toml");
        let held = FolderLock::wait(&file).unwrap();
        assert!(FolderLock::now(&file).unwrap().is_none());
        drop(held);
        assert!(FolderLock::now(&file).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn only_regular_files_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let _socket = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [folder.path().to_owned(), socket.clone()] {
            let error = write_atomically(&path, b"text").unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{}", path.display());
        }
        assert!(std::os::unix::net::UnixStream::connect(&socket).is_ok());
    }

    #[test]
    fn reading_stops_at_the_limit() {
        assert_eq!(read_within(io::repeat(0).take(5), 5).unwrap(), [0; 5]);
        assert_eq!(
            read_within(io::repeat(0), 5).unwrap_err().kind(),
            io::ErrorKind::FileTooLarge
        );
    }
}
