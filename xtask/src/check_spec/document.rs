//! The documents of this repository: the pin, and the vendor's addresses.

use std::path::Path;

use anyhow::anyhow;
use openapi_drift_cli::exit::Failure;
use openapi_drift_cli::{Arrived, Loaded, Location, Unread, load};
use ratio_spec::fetch::redacted;
use ratio_spec::{Pin, sha256};

use crate::workspace;

/// The vendor's environments: names with their addresses.
const ENVIRONMENTS: [(&str, &str); 3] = [
    ("staging", "https://api.staging.ratio.me/v1/api-docs"),
    ("production", "https://api.ratio.me/v1/api-docs"),
    ("sandbox", "https://api.sandbox.ratio.me/v1/api-docs"),
];

/// Parses a location on the command line, which may be the name of an environment.
///
/// # Errors
/// When an address is invalid, or a word is neither an environment nor a file.
pub(crate) fn location(text: &str) -> Result<Location, String> {
    if let Some((_, address)) = ENVIRONMENTS.iter().find(|(name, _)| *name == text) {
        return Location::remote(address);
    }
    let location = text.parse()?;
    // A word that does not name a file is probably a mistyped environment.
    let is_word = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match &location {
        Location::Path(path) if is_word && !path.exists() => {
            let names = ENVIRONMENTS.map(|(name, _)| name);
            Err(format!(
                "there is no such file, and the environments are {}",
                names.join(", ")
            ))
        }
        _ => Ok(location),
    }
}

/// The address at which the vendor serves the pinned document: the pin's source, or staging if a saved file was pinned.
///
/// # Errors
/// When the address in `pin.toml` is invalid.
pub(crate) fn vendors(pin: &Pin) -> Result<Location, Failure> {
    let refuse = |error: String| Failure::usage(anyhow!("{}: `source`: {error}", pin.origin()));
    if pin.source().contains(':') {
        return location(pin.source()).map_err(refuse);
    }
    location(ENVIRONMENTS[0].0).map_err(refuse)
}

/// Reads the pinned document that `pin.toml` names, and checks its digest.
///
/// # Errors
/// When it is missing or its digest differs.
pub(crate) fn pinned(pin: &Pin) -> Result<Loaded, Failure> {
    let path = pin.document();
    let source = shown(&path);
    let mut unread = Unread::file(&path).map_err(|error| Failure::usage(anyhow!("{error}")))?;
    if sha256(&unread.bytes) != pin.sha256() {
        return Err(Failure::usage(anyhow!(
            "{source} is not the document that {} pins: its sha256 differs",
            shown(Path::new(pin.origin()))
        ))
        .hint("restore it from version control, or pin anew with `cargo xtask pin-spec`"));
    }
    unread.source = source;
    load(unread)
}

/// Reads a document, and shortens its name to a path relative to the repository.
///
/// # Errors
/// The errors of [`load`].
pub(crate) fn load_here(mut unread: Unread) -> Result<Loaded, Failure> {
    unread.source = shown(Path::new(&unread.source));
    load(unread)
}

/// Reads a document that was requested without an `ETag`.
///
/// # Errors
/// The errors of [`load`].
pub(crate) fn load_new(arrived: Arrived) -> Result<Loaded, Failure> {
    match arrived {
        Arrived::New(unread) => load_here(*unread),
        Arrived::Unchanged => Err(Failure::unable(anyhow!("the server answered with no document"))),
    }
}

/// A path for reports: relative to the workspace if it is inside. Annotations then find the file, and reports are the
/// same on every machine.
pub(crate) fn shown(path: &Path) -> String {
    let root = workspace::root();
    path.strip_prefix(&root).unwrap_or(path).display().to_string()
}

/// A path for error messages, redacted because it may be an address in the wrong place.
pub(crate) fn shown_safely(path: &Path) -> String {
    redacted(&shown(path))
}

#[cfg(test)]
mod tests {
    use openapi_drift_cli::Location;

    use super::location;

    #[test]
    fn an_environment_is_an_address_and_a_mistyped_one_names_all_three() {
        assert!(
            matches!(location("production"), Ok(Location::Remote(it)) if it.as_str() == "https://api.ratio.me/v1/api-docs")
        );
        assert!(matches!(location("docs.yaml"), Ok(Location::Path(_))));
        let error = location("stagin").unwrap_err();
        assert!(
            error.ends_with("the environments are staging, production, sandbox"),
            "{error}"
        );
    }
}
