//! Files of a commit, as `git` hands them out.

use std::fmt;
use std::io;
use std::process::{Command, Stdio};

use openapi_document::Loader;
use ratio_spec::fetch::redacted;

use crate::files;

/// A file or a folder of a commit: `REV:PATH`, as git itself writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    revision: String,
    path: String,
}

/// What a commit has under a path.
pub(crate) enum Kind {
    File,
    Folder,
}

impl Object {
    /// The object that `REV:PATH` names; nothing where a text is not written so.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (revision, path) = text.split_once(':')?;
        let plain = |text: &str| !text.chars().any(char::is_control);
        // Git would take a revision that begins like an option for one.
        let is_revision = !revision.is_empty() && !revision.starts_with('-') && !revision.contains(' ');
        (is_revision && plain(text)).then(|| Self {
            revision: revision.to_owned(),
            path: path.to_owned(),
        })
    }

    /// The object of the same commit at `name` below this one.
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

    /// The folder that holds it, and its name therein.
    pub(crate) fn parted(&self) -> (Self, String) {
        let (folder, name) = self.path.rsplit_once('/').unwrap_or(("", &self.path));
        let folder = Self {
            revision: self.revision.clone(),
            path: folder.to_owned(),
        };
        (folder, name.to_owned())
    }

    /// Whether it is a file or a folder.
    ///
    /// # Errors
    /// Why the repository does not tell; git's own reason where it gave one.
    pub(crate) fn kind(&self) -> Result<Kind, String> {
        match self.ask("-t", 100)?.trim_ascii() {
            b"blob" => Ok(Kind::File),
            b"tree" => Ok(Kind::Folder),
            _ => Err("it is neither a file nor a folder".to_owned()),
        }
    }

    /// The bytes of the file, at most `most`.
    ///
    /// # Errors
    /// As [`Object::kind`], and when there are more.
    pub(crate) fn bytes(&self, most: u64) -> Result<Vec<u8>, String> {
        self.ask("blob", most)
    }

    fn ask(&self, what: &str, most: u64) -> Result<Vec<u8>, String> {
        let failed = |error: io::Error| format!("git cannot be asked: {error}");
        let mut child = Command::new("git")
            .args(["cat-file", what])
            .arg(self.to_string())
            // Nobody is there to answer, and nothing is fetched that was not asked for.
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
            // Where it is gone already there is nothing to end.
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
    /// The object in a message: what may be an address without its scheme (`localhost:8080/docs?token=…`) is shown as such.
    pub(crate) fn shown(&self) -> String {
        let text = self.to_string();
        if text.contains(['@', '?', '#']) {
            redacted(&text)
        } else {
            text
        }
    }
}

/// As git writes it.
impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.revision, self.path)
    }
}

/// Brings the other files of a document from the folder of a commit.
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
    fn what_lies_below_a_folder_is_named_from_the_root_of_the_commit() {
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
