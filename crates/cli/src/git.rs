//! Reads files of a commit through the command `git`.

use std::fmt;
use std::io;
use std::process::{Command, Stdio};

use openapi_document::Loader;
use ratio_spec::fetch::redacted;

use crate::files;

/// A file or a folder of a commit: `REV:PATH`, in the syntax of git.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    revision: String,
    path: String,
}

/// The kind of object at a path of a commit.
pub(crate) enum Kind {
    File,
    Folder,
}

impl Object {
    /// Parses `REV:PATH`, or returns `None` if the text does not have this form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (revision, path) = text.split_once(':')?;
        let plain = |text: &str| !text.chars().any(char::is_control);
        // Git would read a revision that begins with `-` as an option.
        let is_revision = !revision.is_empty() && !revision.starts_with('-') && !revision.contains(' ');
        (is_revision && plain(text)).then(|| Self {
            revision: revision.to_owned(),
            path: path.to_owned(),
        })
    }

    /// The object at `name` below this one, in the same commit.
    pub(crate) fn below(&self, name: &str) -> Self {
        let path = match self.path.trim_end_matches('/') {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        };
        Self {
            revision: self.revision.clone(),
            path,
        }
    }

    /// The folder that contains the object, and the object's name in it.
    pub(crate) fn parted(&self) -> (Self, String) {
        let (folder, name) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        let folder = Self {
            revision: self.revision.clone(),
            path: folder.to_owned(),
        };
        (folder, name.to_owned())
    }

    /// Determines whether the object is a file or a folder.
    ///
    /// # Errors
    /// The reason why this is unknown: git's own message if there is one.
    pub(crate) fn kind(&self) -> Result<Kind, String> {
        match self.ask("-t", 100)?.trim_ascii() {
            b"blob" => Ok(Kind::File),
            b"tree" => Ok(Kind::Folder),
            _ => Err("it is neither a file nor a folder".to_owned()),
        }
    }

    /// Returns the bytes of the file, at most `most`.
    ///
    /// # Errors
    /// The errors of [`Object::kind`], and when the file is larger.
    pub(crate) fn bytes(&self, most: u64) -> Result<Vec<u8>, String> {
        self.ask("blob", most)
    }

    fn ask(&self, what: &str, most: u64) -> Result<Vec<u8>, String> {
        let failed = |error: io::Error| format!("git cannot be asked: {error}");
        let mut child = Command::new("git")
            .args(["cat-file", what])
            .arg(self.to_string())
            // No prompt can be answered here, and git must not fetch missing objects on its own.
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let read = child
            .stdout
            .take()
            .map_or_else(|| Ok(Vec::new()), |out| files::read_within(out, most));
        if read.is_err() {
            // Killing fails only if the process has already ended.
            let _ = child.kill();
        }
        let output = child.wait_with_output().map_err(failed)?;
        let bytes = read.map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(bytes);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let reason = said.lines().next().unwrap_or("git says no more");
        Err(reason.trim_start_matches("fatal: ").to_owned())
    }
}

impl Object {
    /// The object for use in a message. If the text may be an address without a scheme (`localhost:8080/docs?token=…`),
    /// its secrets are removed.
    pub(crate) fn shown(&self) -> String {
        let text = self.to_string();
        if text.contains(['@', '?', '#']) {
            redacted(&text)
        } else {
            text
        }
    }
}

/// Displays in the syntax of git.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.revision, self.path)
    }
}

/// Loads the other files of a document from a folder of a commit.
pub(crate) struct Files(pub(crate) Object);

impl Loader for Files {
    fn load(&mut self, name: &str, limit: usize) -> Result<Vec<u8>, String> {
        if name.is_empty() || name.split('/').any(|step| matches!(step, "" | "." | "..")) {
            return Err("it is no name of a file below the document's folder".to_owned());
        }
        self.0.below(name).bytes(limit as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::Object;

    #[test]
    fn an_object_is_a_revision_and_a_path_and_never_an_option() {
        for (text, shown) in [
            ("HEAD:api.yaml", Some("HEAD:api.yaml")),
            ("v1.0:", Some("v1.0:")),
            ("@{u}:./api.yaml", Some("@{u}:./api.yaml")),
            ("--upload-pack=x:y", None),
            (":api.yaml", None),
            ("a b:c", None),
            ("api.yaml", None),
            ("HEAD:a\nb", None),
        ] {
            assert_eq!(
                Object::parse(text).map(|it| it.to_string()).as_deref(),
                shown,
                "{text}"
            );
        }
    }

    #[test]
    fn files_in_a_folder_are_named_from_the_root_of_the_commit() {
        let below = |text: &str| Object::parse(text).unwrap().below("pets.yaml").to_string();
        assert_eq!(below("HEAD:"), "HEAD:pets.yaml");
        assert_eq!(below("HEAD:api/"), "HEAD:api/pets.yaml");
        let (folder, name) = Object::parse("HEAD:api/v1/openapi.yaml").unwrap().parted();
        assert_eq!(
            (folder.to_string().as_str(), name.as_str()),
            ("HEAD:api/v1", "openapi.yaml")
        );
    }
}
