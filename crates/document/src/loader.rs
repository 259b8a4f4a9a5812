//! Other files of a document: their names, and who brings them.

use crate::uri;

/// Brings the other files of a document.
///
/// A file is named by its path below a root that only the loader knows: the folder of the document on a disk, the origin
/// of a server. What leaves that root is refused before the loader is asked; a loader on a disk refuses links that lead
/// out of it as well.
///
/// # Examples
/// ```
/// use std::collections::HashMap;
/// use openapi_document::{Document, Limits, Loader};
///
/// struct Memory(HashMap<&'static str, &'static str>);
///
/// impl Loader for Memory {
///     fn load(&mut self, name: &str, limit: usize) -> Result<Vec<u8>, String> {
///         let text = self.0.get(name).ok_or("there is no such file")?;
///         if text.len() > limit {
///             return Err("it is too large".to_owned());
///         }
///         Ok(text.as_bytes().to_vec())
///     }
/// }
///
/// let mut files = Memory(HashMap::from([("pets.json", r#"{"Pet": {"type": "object"}}"#)]));
/// let text = r#"{"openapi": "3.1.0", "components": {"schemas": {"A": {"$ref": "pets.json#/Pet"}}}}"#;
/// let document = Document::read_with(text, "api.json", &Limits::default(), &mut files)?;
///
/// let reference = document.root().pointer("/components/schemas/A").unwrap();
/// let pet = document.resolve(reference, "pets.json#/Pet").unwrap();
/// assert_eq!(pet.location().to_string(), "pets.json#/Pet");
/// # Ok::<(), openapi_document::ReadError>(())
/// ```
pub trait Loader {
    /// The bytes of the file `name`, a path such as `schemas/pet.yaml` without `.` and `..`; at most `limit` of them.
    ///
    /// # Errors
    /// Why the file cannot be had, as the end of a sentence that names it.
    fn load(&mut self, name: &str, limit: usize) -> Result<Vec<u8>, String>;

    /// The name of the file that a reference with a scheme or a host means, where the loader knows it to be below its
    /// root; by default none is.
    fn name_of(&self, reference: &str) -> Option<String> {
        let _ = reference;
        None
    }
}

/// The name of the file that a relative reference without fragment means, seen from the file `base`.
///
/// # Errors
/// When it could lead out of the root.
pub(crate) fn name(base: &str, reference: &str) -> Result<String, &'static str> {
    if uri::is_absolute(reference) {
        return Err("it names another host or scheme, which is not followed");
    }
    if reference.starts_with('/') {
        return Err("it is an absolute path, which is not followed");
    }
    let decoded = uri::percent_decoded(reference).ok_or("its percent-escapes are not UTF-8")?;
    if decoded.contains(['\\', '\0', '?']) || decoded.chars().any(char::is_control) {
        return Err("it is no name of a file");
    }
    let mut steps: Vec<&str> = base.split('/').collect();
    steps.pop();
    for step in decoded.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps
                    .pop()
                    .ok_or("it leads out of the document's folder and is not followed")?;
            }
            // A drive of another system.
            step if step.contains(':') => return Err("it is no name of a file"),
            step => steps.push(step),
        }
    }
    if steps.is_empty() || decoded.ends_with('/') {
        return Err("it is no name of a file");
    }
    Ok(steps.join("/"))
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_name_is_relative_to_the_file_that_refers() {
        assert_eq!(name("api.json", "pets.json").unwrap(), "pets.json");
        assert_eq!(name("a/b/api.json", "../c/./d.yaml").unwrap(), "a/c/d.yaml");
        assert_eq!(name("a/api.json", "b%20c.json").unwrap(), "a/b c.json");
    }

    #[test]
    fn what_leads_out_has_no_name() {
        for hostile in [
            "/etc/passwd",
            "../up.json",
            "a/../../up.json",
            "%2e%2e/up.json",
            "..%2Fup.json",
            "%2Fetc/passwd",
            "..\\up.json",
            "C:/x",
            "C:\\x",
            "a/C:/x",
            "file:///etc/passwd",
            "file:x.json",
            "http://host/x.json",
            "//host/x.json",
            "\\\\host\\x",
            "a\0b",
            "a%00b",
            "a\nb",
            "a.json?x",
            "%ff",
            "",
            ".",
            "a/",
        ] {
            // A percent-escaped slash at the start is a step of its own, and leads below the folder at most.
            let named = name("api.json", hostile);
            assert!(
                named.is_err() || named.as_deref() == Ok("etc/passwd"),
                "{hostile:?} is named {named:?}"
            );
        }
        assert!(name("a/api.json", "../../x").is_err());
    }
}
