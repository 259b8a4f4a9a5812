//! Replaces the document and `pin.toml` so that both always match, even if the process is interrupted.
//!
//! Two files cannot be renamed atomically together. `pin.toml` is therefore authoritative: it names the document and
//! its digest, it is replaced atomically, and it only ever names a complete, existing file.

use std::io;
use std::path::Path;

use toml_edit::{DocumentMut, value};

use openapi_drift_cli::files::{self, FolderLock, write_atomically};

/// The name of the document next to `pin.toml`.
pub(super) const DOCUMENT: &str = "api-docs.json";

/// The new pin.
pub(super) struct NewPin<'a> {
    pub(super) document: &'a [u8],
    pub(super) source: &'a str,
    pub(super) retrieved: &'a str,
    pub(super) sha256: &'a str,
    pub(super) etag: Option<&'a str>,
}

impl NewPin<'_> {
    /// Writes the document and `pin.toml`. `after` is called with the number of each completed step, and may stop the
    /// process.
    ///
    /// # Errors
    /// When a file cannot be written. The pin is then either the old or the new one.
    pub(super) fn commit(
        &self,
        pin_toml: &Path,
        after: &mut dyn FnMut(u8) -> io::Result<()>,
    ) -> io::Result<()> {
        let folder = pin_toml
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let Some(_alone) = FolderLock::now(pin_toml)? else {
            return Err(io::Error::other("another pin-spec is at work here"));
        };
        let text = files::read_configuration(pin_toml)?;
        // Use a separate name, so that the old document stays intact for the old pin.
        let passing = format!("api-docs.{}.json", &self.sha256[..12]);
        write_atomically(&folder.join(&passing), self.document)?;
        after(1)?;
        write_atomically(pin_toml, self.named(&text, &passing)?.as_bytes())?;
        after(2)?;
        // From here on, the new pin is valid. The remaining steps only give the document its usual name.
        write_atomically(&folder.join(DOCUMENT), self.document)?;
        after(3)?;
        write_atomically(pin_toml, self.named(&text, DOCUMENT)?.as_bytes())?;
        after(4)?;
        remove_passing(folder)?;
        after(5)
    }

    /// The text of `pin.toml` with this document under `file`. The rest is unchanged, including comments.
    fn named(&self, text: &str, file: &str) -> io::Result<String> {
        let mut toml: DocumentMut = text.parse().map_err(io::Error::other)?;
        let table = &mut toml["document"];
        for (key, text) in [
            ("file", file),
            ("source", self.source),
            ("retrieved", self.retrieved),
            ("sha256", self.sha256),
        ] {
            set(table, key, text);
        }
        match self.etag {
            Some(etag) => set(table, "etag", etag),
            None => drop(table.as_table_mut().and_then(|table| table.remove("etag"))),
        }
        Ok(toml.to_string())
    }
}

/// Removes documents with temporary names, including those of runs that were killed.
fn remove_passing(folder: &Path) -> io::Result<()> {
    for file in std::fs::read_dir(folder)? {
        let name = file?.file_name();
        let digest = name
            .to_str()
            .and_then(|name| name.strip_prefix("api-docs.")?.strip_suffix(".json"));
        if digest.is_some_and(|it| it.len() == 12 && it.bytes().all(|b| b.is_ascii_hexdigit())) {
            std::fs::remove_file(folder.join(name))?;
        }
    }
    Ok(())
}

/// Sets a value and keeps the white space around it.
fn set(table: &mut toml_edit::Item, key: &str, text: &str) {
    let mut new = value(text);
    if let (Some(old), Some(new)) = (
        table.get(key).and_then(toml_edit::Item::as_value),
        new.as_value_mut(),
    ) {
        *new.decor_mut() = old.decor().clone();
    }
    table[key] = new;
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use ratio_spec::{Pin, Source};

    use super::{DOCUMENT, NewPin};
    use openapi_drift_cli::files::write_atomically;
    use ratio_spec::sha256;

    const OLD: &[u8] = br#"{"openapi": "3.0.0", "info": {"version": "old"}}"#;
    const NEW: &[u8] = br#"{"openapi": "3.0.0", "info": {"version": "new"}}"#;

    fn pinned(folder: &Path) {
        let toml = format!(
            "# kept\n[document]\nfile      = \"{DOCUMENT}\"\nsource    = \"https://a.example/\"\nretrieved = \"2022-11-30T00:00:00Z\"\n\
             sha256    = \"{}\"\netag = \"x\"\n\n[[operation]]\nmethod = \"GET\"\npath = \"/a\"\nname = \"a\"\n",
            sha256(OLD)
        );
        write_atomically(&folder.join(DOCUMENT), OLD).unwrap();
        write_atomically(&folder.join("pin.toml"), toml.as_bytes()).unwrap();
    }

    /// The document from which a build script would generate now.
    fn held(folder: &Path) -> Vec<u8> {
        let pin = Pin::read(folder.join("pin.toml")).unwrap();
        let source = Source::read(pin.document()).unwrap();
        pin.verify(&source).unwrap();
        source.bytes().to_vec()
    }

    fn files(folder: &Path) -> Vec<std::ffi::OsString> {
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        files.sort();
        files
    }

    fn next<'a>(document: &'a [u8], sha256: &'a str) -> NewPin<'a> {
        NewPin {
            document,
            source: "https://a.example/",
            retrieved: "2026-11-24T00:00:00Z",
            sha256,
            etag: None,
        }
    }

    /// If a run was killed and the next one pins another document, no files of the first run remain.
    #[test]
    fn a_later_document_clears_away_what_a_killed_run_left() {
        let folder = tempfile::tempdir().unwrap();
        let (folder, pin) = (folder.path(), folder.path().join("pin.toml"));
        pinned(folder);
        let digest = sha256(b"{}");
        let killed = next(b"{}", &digest).commit(&pin, &mut |_| Err(io::Error::other("killed")));
        assert!(killed.is_err());
        assert_eq!(files(folder).len(), 3);

        let digest = sha256(NEW);
        next(NEW, &digest).commit(&pin, &mut |_| Ok(())).unwrap();
        assert_eq!(held(folder), NEW);
        assert_eq!(files(folder), [DOCUMENT, "pin.toml"]);
    }

    #[test]
    fn two_runs_do_not_mix_their_documents() {
        let folder = tempfile::tempdir().unwrap();
        let (folder, pin) = (folder.path(), folder.path().join("pin.toml"));
        pinned(folder);
        let (one, two) = (sha256(NEW), sha256(b"{}"));
        let mut refused = 0;
        next(NEW, &one)
            .commit(&pin, &mut |_| {
                // At each step of the first run, a second one tries to start.
                let error = next(b"{}", &two).commit(&pin, &mut |_| Ok(())).unwrap_err();
                assert_eq!(error.to_string(), "another pin-spec is at work here");
                refused += 1;
                Ok(())
            })
            .unwrap();
        assert_eq!(refused, 5);
        assert_eq!(held(folder), NEW);
    }

    #[test]
    fn whichever_step_is_the_last_the_pin_is_the_old_one_or_the_new_one() {
        let digest = sha256(NEW);
        let next = next(NEW, &digest);
        for last in 1..=5 {
            let folder = tempfile::tempdir().unwrap();
            let folder = folder.path();
            pinned(folder);
            let stopped = next.commit(&folder.join("pin.toml"), &mut |step| {
                if step == last {
                    Err(io::Error::other("killed"))
                } else {
                    Ok(())
                }
            });
            assert!(stopped.is_err());
            assert_eq!(
                held(folder),
                if last < 2 { OLD } else { NEW },
                "after step {last}"
            );

            next.commit(&folder.join("pin.toml"), &mut |_| Ok(())).unwrap();
            assert_eq!(held(folder), NEW, "mended after step {last}");
            assert_eq!(files(folder), [DOCUMENT, "pin.toml"], "mended after step {last}");
            let toml = std::fs::read_to_string(folder.join("pin.toml")).unwrap();
            assert!(
                toml.starts_with("# kept\n[document]\nfile      = ") && !toml.contains("etag"),
                "{toml}"
            );
        }
    }
}
