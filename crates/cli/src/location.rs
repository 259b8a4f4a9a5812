//! The locations of documents, as given on a command line.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use ratio_spec::fetch::{Address, AddressError};

use crate::git::Object;

/// The location of a document.
///
/// ```
/// use openapi_drift_cli::Location;
///
/// assert!(matches!("openapi.yaml".parse(), Ok(Location::Path(_))));
/// assert!(matches!("https://api.example/openapi.json".parse(), Ok(Location::Remote(_))));
/// assert!(matches!("main:api/openapi.yaml".parse(), Ok(Location::Git(_))));
/// assert!(matches!("-".parse(), Ok(Location::Stdin)));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Location {
    /// An `https` address, or an address on this machine.
    Remote(Address),
    /// A file, or a folder that holds a document of several files.
    Path(PathBuf),
    /// A file or folder of a commit of the git repository around the current folder.
    Git(Object),
    /// Standard input.
    Stdin,
}

impl FromStr for Location {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "-" {
            return Ok(Self::Stdin);
        }
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        // An address may have missing or reversed slashes. It must not be taken for a file name, which would be
        // printed.
        let scheme = text.trim_start().split(':').next().unwrap_or_default();
        let is_web = ["http", "https", "ws", "wss", "ftp", "file"]
            .iter()
            .any(|it| scheme.eq_ignore_ascii_case(it));
        if text.contains("://") || text.contains(':') && is_web {
            return Self::remote(text);
        }
        let path = Path::new(text);
        // A Windows drive letter is not a revision, and an existing file takes precedence over one.
        let is_drive = scheme.len() == 1 && scheme.bytes().all(|it| it.is_ascii_alphabetic());
        if is_drive || path.exists() {
            return Ok(Self::Path(path.to_owned()));
        }
        Ok(Object::parse(text).map_or_else(|| Self::Path(path.to_owned()), Self::Git))
    }
}

impl Location {
    /// Parses the address of a document.
    ///
    /// # Errors
    /// When documents cannot be fetched from this address.
    pub fn remote(text: &str) -> Result<Self, String> {
        text.parse()
            .map(Self::Remote)
            .map_err(|error: AddressError| match error {
                AddressError::Credentials => format!("{error}; pass them with --header instead"),
                other => other.to_string(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::Location;

    #[test]
    fn a_location_is_a_url_a_file_a_commits_file_or_standard_input() {
        let kind = |text: &str| match text.parse::<Location>() {
            Ok(Location::Remote(address)) => address.to_string(),
            Ok(Location::Path(path)) => format!("file {}", path.display()),
            Ok(Location::Git(object)) => format!("git {object}"),
            Ok(Location::Stdin) => "stdin".to_owned(),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(kind("https://x.example/docs"), "https://x.example/docs");
        assert_eq!(kind("docs.yaml"), "file docs.yaml");
        assert_eq!(kind("C:\\docs.yaml"), "file C:\\docs.yaml");
        assert_eq!(kind("HEAD~1:docs.yaml"), "git HEAD~1:docs.yaml");
        assert_eq!(kind("origin/main:api"), "git origin/main:api");
        assert_eq!(kind("-"), "stdin");
        assert_eq!(kind(""), "error: it is empty");
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
