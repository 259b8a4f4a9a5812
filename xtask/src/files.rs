//! Files read within a limit: a name may lead to a device or a pipe that never ends.

use std::io::{self, Read};
use std::path::Path;

/// The largest document or corpus that is read, in bytes.
pub(crate) const DOCUMENT: u64 = 100_000_000;

/// The largest configuration file that is read, in bytes.
pub(crate) const CONFIGURATION: u64 = 32_000_000;

/// Reads a file of at most `most` bytes.
///
/// # Errors
/// When it cannot be read or is larger.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    read_within(std::fs::File::open(path)?, most)
}

/// Reads a file of at most `most` bytes of text.
///
/// # Errors
/// When it cannot be read, is larger or is not UTF-8.
pub(crate) fn read_text(path: &Path, most: u64) -> io::Result<String> {
    String::from_utf8(read(path, most)?).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("not UTF-8 text after byte {valid}"),
        )
    })
}

/// Reads at most `most` bytes to the end.
///
/// # Errors
/// When they cannot be read or are more.
pub(crate) fn read_within(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more tells "exactly at the limit" from "over it".
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

#[cfg(test)]
mod tests {
    use std::io::{self, Read as _};

    use super::read_within;

    #[test]
    fn what_never_ends_is_given_up_at_the_limit() {
        assert_eq!(read_within(io::repeat(0).take(5), 5).unwrap(), [0; 5]);
        assert_eq!(
            read_within(io::repeat(0), 5).unwrap_err().kind(),
            io::ErrorKind::FileTooLarge
        );
    }
}
