//! The other files of a document: their names, and the trait that loads them.

use crate::uri;

/// Loads the other files of a document.
///
/// A file is named by its path relative to a root that only the loader knows, such as a folder on disk or the origin of
/// a server. References that leave the root are refused before the loader is called. A loader for a disk must also
/// refuse symbolic links that leave it.
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
    /// Returns the bytes of the file `name`, at most `limit` of them. The name is a path such as `schemas/pet.yaml`,
    /// without `.` and `..`.
    ///
    /// # Errors
    /// The reason why the file cannot be loaded, worded as the end of a sentence that names the file.
    fn load(&mut self, name: &str, limit: usize) -> Result<Vec<u8>, String>;

    /// Returns the name of the file for a reference with a scheme or a host, if the file is below the loader's root.
    /// The default implementation returns `None`.
    fn name_of(&self, reference: &str) -> Option<String> {
        let _ = reference;
        None
    }
}

/// Returns the name of the file to which a relative reference without fragment leads from the file `base`.
///
/// # Errors
/// When the reference could leave the root.
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
            // A drive letter of another operating system.
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
    fn a_path_out_of_the_folder_has_no_name() {
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
            // A percent-escaped slash at the start is a segment of its own, so the path stays below the folder.
            let named = name("api.json", hostile);
            assert!(
                named.is_err() || named.as_deref() == Ok("etc/passwd"),
                "{hostile:?} is named {named:?}"
            );
        }
        assert!(name("a/api.json", "../../x").is_err());
    }
}
